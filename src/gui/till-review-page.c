/*
 * till-review-page.c: purchases that a person has to decide about
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-review-card.h"
#include "till-review-page.h"

/* With more than this the fault lies elsewhere; the rest come up as these are decided. */
#define N_CARDS_MAX 50

/**
 * TillReviewPage:
 *
 * One card for each purchase in REVIEW. Loaded when the page is seen and whenever a purchase
 * changes.
 */
struct _TillReviewPage
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  guint      n_reviews;
  gboolean   loading;
  gboolean   again; /* something changed while it was loading */

  GtkStack  *stack;
  GtkWidget *not_allowed;
  GtkBox    *cards;
};

G_DEFINE_FINAL_TYPE (TillReviewPage, till_review_page, GTK_TYPE_WIDGET)

static void load (TillReviewPage *self);

static void
clear_cards (TillReviewPage *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->cards))) != NULL)
    gtk_box_remove (self->cards, child);
}

static void
on_reviews_listed_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr(TillReviewPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) reviews = till_engine_list_reviews_finish (TILL_ENGINE (source), result,
                                                                  &error);

  self->loading = FALSE;
  if (self->desk == NULL)
    return;
  if (reviews == NULL)
    {
      till_desk_say (self->desk, till_error_text (error));
      return;
    }

  clear_cards (self);
  self->n_reviews = reviews->len;
  for (guint i = 0; i < MIN (reviews->len, N_CARDS_MAX); i++)
    gtk_box_append (self->cards, till_review_card_new (self->desk, reviews->pdata[i]));
  gtk_stack_set_visible_child_name (self->stack, reviews->len > 0 ? "cards" : "empty");

  if (self->again)
    load (self);
}

static void
load (TillReviewPage *self)
{
  self->again = self->loading;
  if (self->loading)
    return;

  self->loading = TRUE;
  gtk_widget_set_visible (self->not_allowed, !till_desk_may_decide (self->desk));
  till_engine_list_reviews_async (till_desk_get_engine (self->desk), NULL, on_reviews_listed_cb,
                                  g_object_ref (self));
}

static void
on_map_cb (TillReviewPage *self)
{
  if (self->desk != NULL && till_desk_get_operator (self->desk) != NULL)
    load (self);
}

static void
on_intent_changed_cb (TillReviewPage *self,
                      TillIntent     *intent)
{
  if (intent->kind == TILL_INTENT_KIND_PURCHASE && gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

static void
till_review_page_dispose (GObject *object)
{
  TillReviewPage *self = TILL_REVIEW_PAGE (object);

  if (self->stack != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->stack));
  self->stack = NULL;
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_review_page_parent_class)->dispose (object);
}

static void
till_review_page_class_init (TillReviewPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_review_page_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/review-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, not_allowed);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, cards);
  gtk_widget_class_bind_template_callback (widget_class, on_map_cb);
}

static void
till_review_page_init (TillReviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_review_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 */
void
till_review_page_set_desk (TillReviewPage *self,
                           TillDesk       *desk)
{
  g_return_if_fail (TILL_IS_REVIEW_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  g_signal_connect_object (till_desk_get_engine (desk), "intent-changed",
                           G_CALLBACK (on_intent_changed_cb), self, G_CONNECT_SWAPPED);
}

/**
 * till_review_page_get_n_reviews:
 * @self: the page
 *
 * Returns: how many purchases waited for a decision when the page last looked
 */
guint
till_review_page_get_n_reviews (TillReviewPage *self)
{
  g_return_val_if_fail (TILL_IS_REVIEW_PAGE (self), 0);

  return self->n_reviews;
}
