/*
 * till-tenant-card.c: all about one tenant, the remaining amount first
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-meter-panel.h"
#include "till-tenant-card.h"
#include "till-words.h"

/* Ages are counted in seconds for a minute only, but a clerk watches just then. */
#define REFRESH_S 1

/**
 * TillTenantCard:
 *
 * What the clerk tells the tenant, and under it every meter. Follows the row of the shop, and the
 * clock, for an old number has to look old.
 */
struct _TillTenantCard
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  gint64     account_id; /* 0 for nobody */
  TillNode  *node;       /* (nullable) of the shop */
  GPtrArray *panels;     /* of TillMeterPanel, children of panel_box */
  guint      refresh_id;

  GtkStack  *stack;
  GtkLabel  *title;
  GtkLabel  *subtitle;
  GtkLabel  *phone;
  GtkWidget *marks;
  GtkLabel  *remaining_caption;
  GtkLabel  *remaining;
  GtkLabel  *age;
  GtkLabel  *on_its_way;
  GtkLabel  *today_energy;
  GtkLabel  *today_cost;
  GtkBox    *panel_box;
  GtkWidget *scroller;
};

G_DEFINE_FINAL_TYPE (TillTenantCard, till_tenant_card, GTK_TYPE_WIDGET)

/* Sums over the meters of a tenant; a sum with an unknown part is unknown. */
typedef struct
{
  TillMoney on_its_way;
  gint64    today_ckwh;
  TillMoney today_cost;
  gint64    oldest_contact_ms;
  guint     n_meters;
} Sums;

static void
add_state (Sums                 *sums,
           const TillMeterState *state)
{
  const gboolean first = sums->n_meters++ == 0;

  if (state == NULL)
    {
      sums->today_ckwh = -1;
      sums->today_cost = -1;
      sums->oldest_contact_ms = 0;
      return;
    }

  sums->on_its_way += state->on_its_way;
  sums->today_ckwh = sums->today_ckwh < 0 || state->today_ckwh < 0
                     ? -1 : sums->today_ckwh + state->today_ckwh;
  sums->today_cost = sums->today_cost < 0 || state->today_cost < 0
                     ? -1 : sums->today_cost + state->today_cost;
  sums->oldest_contact_ms = first ? state->last_contact_ms
                                  : MIN (sums->oldest_contact_ms, state->last_contact_ms);
}

static Sums
sum_meters (TillTenantCard *self)
{
  TillSiteModel *model = till_desk_get_model (self->desk);
  GPtrArray *meters = till_site_model_get_meters_of_account (model, self->account_id);
  Sums sums = { 0 };

  for (guint i = 0; i < meters->len; i++)
    {
      const TillMeter *meter = meters->pdata[i];

      add_state (&sums, till_engine_get_state (till_desk_get_engine (self->desk), meter->id));
    }

  if (meters->len == 0)
    sums.today_ckwh = sums.today_cost = -1;

  return sums;
}

static void
set_class (GtkLabel   *label,
           const char *name,
           gboolean    wanted)
{
  if (wanted)
    gtk_widget_add_css_class (GTK_WIDGET (label), name);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label), name);
}

static void
show_remaining (TillTenantCard *self,
                guint           n_meters)
{
  const guint marks = till_node_get_marks (self->node);
  TillMoney remaining = 0;
  const gboolean known = till_node_get_remaining (self->node, &remaining);
  g_autofree char *text = known ? till_words_money (remaining) : g_strdup ("—");

  gtk_label_set_text (self->remaining, text);
  gtk_label_set_text (self->remaining_caption,
                      n_meters > 1 ? _("Remaining (the lowest of its meters)") : _("Remaining"));
  set_class (self->remaining, "error", known && (marks & TILL_MARK_ARREARS) != 0);
  set_class (self->remaining, "warning", known && (marks & TILL_MARK_LOW) != 0);
  set_class (self->remaining, "dim-label",
             !known || (marks & (TILL_MARK_SILENT | TILL_MARK_WAITING | TILL_MARK_STRANGER)) != 0);
}

static void
show_sum (GtkLabel *label,
          gboolean  known,
          char     *text)
{
  gtk_label_set_text (label, known ? text : "—");
  g_free (text);
}

static void
refresh (TillTenantCard *self)
{
  const Sums sums = sum_meters (self);
  g_autofree char *age = till_words_age (sums.oldest_contact_ms, till_clock_now_ms ());
  g_autofree char *age_text = g_strdup_printf (_("Read %s"), age);

  show_remaining (self, sums.n_meters);
  till_mark_box_set_marks (TILL_MARK_BOX (self->marks), till_node_get_marks (self->node));
  gtk_label_set_text (self->age, age_text);
  show_sum (self->on_its_way, sums.on_its_way > 0, till_words_money (sums.on_its_way));
  show_sum (self->today_energy, sums.today_ckwh >= 0, till_words_energy (sums.today_ckwh));
  show_sum (self->today_cost, sums.today_cost >= 0, till_words_money (sums.today_cost));
}

static gboolean
on_refresh_cb (gpointer user_data)
{
  TillTenantCard *self = user_data;

  if (self->node != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      refresh (self);
      for (guint i = 0; i < self->panels->len; i++)
        till_meter_panel_refresh (self->panels->pdata[i]);
    }

  return G_SOURCE_CONTINUE;
}

static void
forget_node (TillTenantCard *self)
{
  if (self->node != NULL)
    g_signal_handlers_disconnect_by_func (self->node, refresh, self);
  g_clear_object (&self->node);

  for (guint i = 0; i < self->panels->len; i++)
    gtk_box_remove (self->panel_box, self->panels->pdata[i]);
  g_ptr_array_set_size (self->panels, 0);
}

static void
fill_panels (TillTenantCard *self)
{
  TillSiteModel *model = till_desk_get_model (self->desk);
  GPtrArray *meters = till_site_model_get_meters_of_account (model, self->account_id);

  for (guint i = 0; i < meters->len; i++)
    {
      const TillMeter *meter = meters->pdata[i];
      TillNode *node = till_site_model_get_meter_node (model, meter->id);
      GtkWidget *panel = till_meter_panel_new (self->desk, node);

      gtk_box_append (self->panel_box, panel);
      g_ptr_array_add (self->panels, panel);
    }
}

static void
on_reset_cb (TillTenantCard *self)
{
  till_tenant_card_show (self, self->account_id);
}

static void
till_tenant_card_dispose (GObject *object)
{
  TillTenantCard *self = TILL_TENANT_CARD (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  if (self->stack != NULL)
    forget_node (self);
  if (self->stack != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->stack));
  self->stack = NULL;
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_tenant_card_parent_class)->dispose (object);
}

static void
till_tenant_card_finalize (GObject *object)
{
  g_ptr_array_unref (TILL_TENANT_CARD (object)->panels);

  G_OBJECT_CLASS (till_tenant_card_parent_class)->finalize (object);
}

static void
till_tenant_card_class_init (TillTenantCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_tenant_card_dispose;
  object_class->finalize = till_tenant_card_finalize;

  g_type_ensure (TILL_TYPE_MARK_BOX);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/tenant-card.ui");
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, stack);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, scroller);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, title);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, subtitle);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, phone);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, marks);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, remaining_caption);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, remaining);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, age);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, on_its_way);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, today_energy);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, today_cost);
  gtk_widget_class_bind_template_child (widget_class, TillTenantCard, panel_box);
}

static void
till_tenant_card_init (TillTenantCard *self)
{
  self->panels = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->refresh_id = g_timeout_add_seconds (REFRESH_S, on_refresh_cb, self);
}

/**
 * till_tenant_card_set_desk:
 * @self: the card
 * @desk: the desk, once
 */
void
till_tenant_card_set_desk (TillTenantCard *self,
                           TillDesk       *desk)
{
  g_return_if_fail (TILL_IS_TENANT_CARD (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  g_signal_connect_object (till_desk_get_model (desk), "reset", G_CALLBACK (on_reset_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * till_tenant_card_show:
 * @self: the card
 * @account_id: number of an account, 0 for nobody
 *
 * Shows this tenant from now on.
 */
void
till_tenant_card_show (TillTenantCard *self,
                       gint64          account_id)
{
  TillSiteModel *model = till_desk_get_model (self->desk);
  TillNode *node = till_site_model_get_shop_node (model, account_id);
  GtkAdjustment *top;
  g_autofree char *where = NULL;
  g_autofree char *phone = NULL;

  g_return_if_fail (TILL_IS_TENANT_CARD (self));

  forget_node (self);
  self->account_id = node != NULL ? account_id : 0;
  gtk_stack_set_visible_child_name (self->stack, node != NULL ? "tenant" : "nobody");
  if (node == NULL)
    return;

  self->node = g_object_ref (node);
  g_signal_connect_swapped (node, "notify::summary", G_CALLBACK (refresh), self);

  where = till_site_model_describe_place (model, till_node_get_place (node)->id);
  phone = till_words_phone (till_node_get_account (node)->phone);
  gtk_label_set_text (self->title, till_node_get_subtitle (node));
  gtk_label_set_text (self->subtitle, where);
  gtk_label_set_text (self->phone, phone);
  fill_panels (self);
  refresh (self);
  top = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));
  gtk_adjustment_set_value (top, 0);
}

gint64
till_tenant_card_get_account_id (TillTenantCard *self)
{
  g_return_val_if_fail (TILL_IS_TENANT_CARD (self), 0);

  return self->account_id;
}
