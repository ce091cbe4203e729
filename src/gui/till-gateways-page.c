/*
 * till-gateways-page.c: whether online payments work, and what is missing
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-error-text.h"
#include "till-focus.h"
#include "till-gateway-card.h"
#include "till-gateways-page.h"

/* While somebody looks, the facts are asked for so often. */
#define REFRESH_S 5

/**
 * TillGatewaysPage:
 *
 * A card for each gateway, side by side. Looks again while it is in sight.
 */
struct _TillGatewaysPage
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  gboolean   loading;
  guint      refresh_id;

  GtkWidget *scroller;
  GtkBox    *cards;
};

G_DEFINE_FINAL_TYPE (TillGatewaysPage, till_gateways_page, GTK_TYPE_WIDGET)

static void
on_listed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(TillGatewaysPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_engine_list_gateways_finish (TILL_ENGINE (source), result,
                                                                &error);
  GtkWidget *child;

  self->loading = FALSE;
  if (self->desk == NULL)
    return;
  if (list == NULL)
    {
      till_desk_say (self->desk, till_error_text (error));
      return;
    }

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->cards))) != NULL)
    gtk_box_remove (self->cards, child);
  for (guint i = 0; i < list->len; i++)
    gtk_box_append (self->cards, till_gateway_card_new (self->desk, list->pdata[i]));
}

static void
load (TillGatewaysPage *self)
{
  if (self->loading || self->desk == NULL || till_desk_get_operator (self->desk) == NULL)
    return;

  self->loading = TRUE;
  till_engine_list_gateways_async (till_desk_get_engine (self->desk), NULL, on_listed_cb,
                                   g_object_ref (self));
}

/* Whoever works on a card, with the keyboard or a text marked, keeps it as it is. */
static gboolean
on_refresh_cb (gpointer user_data)
{
  TillGatewaysPage *self = user_data;

  if (!till_focus_is_inside (GTK_WIDGET (self->cards)))
    load (self);

  return G_SOURCE_CONTINUE;
}

static void
on_map_cb (TillGatewaysPage *self)
{
  load (self);
  if (self->refresh_id == 0)
    self->refresh_id = g_timeout_add_seconds (REFRESH_S, on_refresh_cb, self);
}

static void
on_unmap_cb (TillGatewaysPage *self)
{
  g_clear_handle_id (&self->refresh_id, g_source_remove);
}

static void
on_refresh_clicked_cb (TillGatewaysPage *self)
{
  load (self);
}

static void
till_gateways_page_dispose (GObject *object)
{
  TillGatewaysPage *self = TILL_GATEWAYS_PAGE (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_gateways_page_parent_class)->dispose (object);
}

static void
till_gateways_page_class_init (TillGatewaysPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_gateways_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/gateways-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TillGatewaysPage, cards);
  gtk_widget_class_bind_template_callback (widget_class, on_map_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_unmap_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_refresh_clicked_cb);
}

static void
till_gateways_page_init (TillGatewaysPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_gateways_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 */
void
till_gateways_page_set_desk (TillGatewaysPage *self,
                             TillDesk         *desk)
{
  g_return_if_fail (TILL_IS_GATEWAYS_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
}
