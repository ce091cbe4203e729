/*
 * till-desk-view.c: what is seen after signing in: header, bars and pages
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-condition-bars.h"
#include "till-desk-view.h"
#include "till-meters-page.h"
#include "till-online-page.h"
#include "till-orders-page.h"
#include "till-review-page.h"

/**
 * TillDeskView:
 *
 * The pages of a desk. It is made after the first frame of the window, for nobody sees it before
 * signing in.
 */
struct _TillDeskView
{
  GtkWidget         parent_instance;

  TillDesk         *desk;

  GtkWidget        *box;
  GtkWidget        *person;
  AdwViewStack     *pages;
  GtkWidget        *bars;
  GtkWidget        *counter_page;
  GtkWidget        *meters_page;
  GtkWidget        *review_page;
  GtkWidget        *orders_page;
  GtkWidget        *online_page;
  AdwViewStackPage *review_stack_page;
};

G_DEFINE_FINAL_TYPE (TillDeskView, till_desk_view, GTK_TYPE_WIDGET)

static void
on_conditions_changed_cb (TillDeskView *self,
                          GPtrArray    *conditions)
{
  guint n_reviews = 0;

  for (guint i = 0; conditions != NULL && i < conditions->len; i++)
    {
      const TillCondition *condition = conditions->pdata[i];

      if (condition->kind == TILL_CONDITION_REVIEW_OPEN
          || condition->kind == TILL_CONDITION_STRAY_OPEN
          || condition->kind == TILL_CONDITION_REFUND_STUCK)
        n_reviews += condition->count;
    }

  adw_view_stack_page_set_badge_number (self->review_stack_page, n_reviews);
  adw_view_stack_page_set_needs_attention (self->review_stack_page, n_reviews > 0);
}

static void
on_meter_chosen_cb (TillDeskView *self,
                    gint64        account_id,
                    gint64        meter_id)
{
  till_desk_view_set_page (self, "counter");
  till_counter_page_choose (TILL_COUNTER_PAGE (self->counter_page), account_id, meter_id);
}

static void
on_operator_changed_cb (TillDeskView *self)
{
  TillOperator *person = till_desk_get_operator (self->desk);

  if (person == NULL)
    {
      till_counter_page_clear (TILL_COUNTER_PAGE (self->counter_page));
      return;
    }

  gtk_button_set_label (GTK_BUTTON (self->person), person->display_name);
  adw_view_stack_set_visible_child_name (self->pages, "counter");
}

static void
till_desk_view_dispose (GObject *object)
{
  TillDeskView *self = TILL_DESK_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_desk_view_parent_class)->dispose (object);
}

static void
till_desk_view_class_init (TillDeskViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_desk_view_dispose;

  g_type_ensure (TILL_TYPE_CONDITION_BARS);
  g_type_ensure (TILL_TYPE_COUNTER_PAGE);
  g_type_ensure (TILL_TYPE_METERS_PAGE);
  g_type_ensure (TILL_TYPE_ONLINE_PAGE);
  g_type_ensure (TILL_TYPE_ORDERS_PAGE);
  g_type_ensure (TILL_TYPE_REVIEW_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/desk-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, box);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, person);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, pages);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, bars);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, counter_page);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, meters_page);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, review_page);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, orders_page);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, online_page);
  gtk_widget_class_bind_template_child (widget_class, TillDeskView, review_stack_page);
  gtk_widget_class_bind_template_callback (widget_class, on_meter_chosen_cb);
}

static void
till_desk_view_init (TillDeskView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_desk_view_new:
 * @desk: the desk
 * @print: its receipts
 *
 * Returns: (transfer floating): the pages of @desk
 */
GtkWidget *
till_desk_view_new (TillDesk  *desk,
                    TillPrint *print)
{
  TillDeskView *self = g_object_new (TILL_TYPE_DESK_VIEW, NULL);
  TillEngine *engine = till_desk_get_engine (desk);

  self->desk = g_object_ref (desk);
  till_condition_bars_set_desk (TILL_CONDITION_BARS (self->bars), desk);
  till_counter_page_set_desk (TILL_COUNTER_PAGE (self->counter_page), desk, print);
  till_meters_page_set_desk (TILL_METERS_PAGE (self->meters_page), desk);
  till_review_page_set_desk (TILL_REVIEW_PAGE (self->review_page), desk);
  till_orders_page_set_desk (TILL_ORDERS_PAGE (self->orders_page), desk, print);
  till_online_page_set_desk (TILL_ONLINE_PAGE (self->online_page), desk, print);
  g_signal_connect_object (desk, "operator-changed", G_CALLBACK (on_operator_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "conditions-changed", G_CALLBACK (on_conditions_changed_cb),
                           self, G_CONNECT_SWAPPED);
  on_conditions_changed_cb (self, till_engine_get_conditions (engine));
  on_operator_changed_cb (self);

  return GTK_WIDGET (self);
}

TillCounterPage *
till_desk_view_get_counter (TillDeskView *self)
{
  g_return_val_if_fail (TILL_IS_DESK_VIEW (self), NULL);

  return TILL_COUNTER_PAGE (self->counter_page);
}

/**
 * till_desk_view_set_page:
 * @self: the pages
 * @name: `counter`, `meters`, `review`, `orders`, `online`, or `reconcile` or `gateways` of it
 *
 * Shows a page; a name that there is not changes nothing.
 */
void
till_desk_view_set_page (TillDeskView *self,
                         const char   *name)
{
  g_return_if_fail (TILL_IS_DESK_VIEW (self));

  if (g_str_equal (name, "reconcile") || g_str_equal (name, "gateways"))
    {
      till_online_page_set_page (TILL_ONLINE_PAGE (self->online_page), name);
      name = "online";
    }

  if (adw_view_stack_get_child_by_name (self->pages, name) != NULL)
    adw_view_stack_set_visible_child_name (self->pages, name);
}

/**
 * till_desk_view_show_order:
 * @self: the pages
 * @number: of a receipt or an order
 *
 * Shows this sale among the orders.
 */
void
till_desk_view_show_order (TillDeskView *self,
                           const char   *number)
{
  g_return_if_fail (TILL_IS_DESK_VIEW (self));

  till_desk_view_set_page (self, "orders");
  till_orders_page_find (TILL_ORDERS_PAGE (self->orders_page), number);
}

const char *
till_desk_view_get_page (TillDeskView *self)
{
  g_return_val_if_fail (TILL_IS_DESK_VIEW (self), NULL);

  return adw_view_stack_get_visible_child_name (self->pages);
}
