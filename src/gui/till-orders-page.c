/*
 * till-orders-page.c: the sales of some days, and any sale by its number
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-columns.h"
#include "till-error-text.h"
#include "till-order-detail.h"
#include "till-order-item.h"
#include "till-orders-page.h"
#include "till-words-online.h"
#include "till-words.h"

/* A busy day has fewer sales than this; older ones are found by their number. */
#define N_ORDERS_MAX 500

/* What was paid and is not on the meter by now is late. */
#define LATE_MS (2 * 60 * 1000)

#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

/* The rows of the choice of days, and of states, in the template. */
enum
{
  PERIOD_TODAY,
  PERIOD_YESTERDAY,
  PERIOD_WEEK,
  PERIOD_MONTH,
};

enum
{
  STATE_ANY,
  STATE_WAITING,
  STATE_ON_ITS_WAY,
  STATE_LATE,
  STATE_CREDITED,
  STATE_REVIEW,
  STATE_REFUNDED,
  STATE_NEVER_PAID,
};

/**
 * TillOrdersPage:
 *
 * A table of sales, newest first, with the details of the selected one beside it. Rows follow
 * order-changed by property; only a new sale is put in. Days are asked of the engine, ways of
 * paying and states are chosen from among those that were listed.
 */
struct _TillOrdersPage
{
  GtkWidget           parent_instance;

  TillDesk           *desk;
  GListStore         *orders; /* of TillOrderItem */
  GHashTable         *items; /* number of an order → TillOrderItem in orders */
  GtkFilter          *filter;
  GListModel         *shown; /* those of orders that are in sight */
  GtkSingleSelection *selection;
  gboolean            filtered; /* a number stands in the entry */
  gboolean            stale; /* load when the page is next seen */

  GtkWidget          *box;
  GtkWidget          *number_entry;
  GtkLabel           *total;
  GtkStack           *stack;
  GtkColumnView      *view;
  GtkDropDown        *period_drop;
  GtkDropDown        *method_drop;
  GtkDropDown        *state_drop;
  GtkWidget          *detail;
};

G_DEFINE_FINAL_TYPE (TillOrdersPage, till_orders_page, GTK_TYPE_WIDGET)

static TillOrder *
order_of (GObject *item)
{
  return till_order_item_get_order (TILL_ORDER_ITEM (item));
}

static void
show_time (GtkWidget *cell,
           GObject   *item,
           gpointer   user_data)
{
  TillOrder *order = order_of (item);
  g_autofree char *text = till_words_moment (order->paid_ms != 0 ? order->paid_ms
                                                                 : order->created_ms,
                                             till_clock_now_ms ());

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
show_number (GtkWidget *cell,
             GObject   *item,
             gpointer   user_data)
{
  TillOrder *order = order_of (item);

  gtk_label_set_text (GTK_LABEL (cell), order->receipt_no != NULL ? order->receipt_no : "—");
}

static void
show_who (GtkWidget *cell,
          GObject   *item,
          gpointer   user_data)
{
  TillOrdersPage *self = user_data;
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk),
                                                  order_of (item)->account_id);
  g_autofree char *text = NULL;

  if (node != NULL)
    text = g_strdup_printf ("%s  %s", till_node_get_title (node), till_node_get_subtitle (node));
  gtk_label_set_text (GTK_LABEL (cell), text != NULL ? text : "—");
}

static void
show_amount (GtkWidget *cell,
             GObject   *item,
             gpointer   user_data)
{
  g_autofree char *text = till_words_money (order_of (item)->amount);

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
show_method (GtkWidget *cell,
             GObject   *item,
             gpointer   user_data)
{
  gtk_label_set_text (GTK_LABEL (cell), till_words_method (order_of (item)->method));
}

static void
show_state (GtkWidget *cell,
            GObject   *item,
            gpointer   user_data)
{
  const TillOrder *order = order_of (item);
  const gboolean by_code = till_words_is_online (order->method) && order->paid_ms == 0;

  till_columns_set_state (cell, by_code ? till_words_code_icon (order)
                                        : till_words_order_icon (order->state),
                          till_words_sale_state (order),
                          by_code ? till_words_code_class (order)
                                  : till_words_order_class (order->state));
}

static void
show_clerk (GtkWidget *cell,
            GObject   *item,
            gpointer   user_data)
{
  TillOrder *order = order_of (item);

  gtk_label_set_text (GTK_LABEL (cell), order->operator_name != NULL ? order->operator_name : "—");
}

static gboolean
has_state (const TillOrder *order,
           guint            state)
{
  const gboolean on_its_way = order->state == TILL_ORDER_STATE_PAID;

  switch (state)
    {
    case STATE_WAITING:
      return order->state == TILL_ORDER_STATE_NEW;
    case STATE_ON_ITS_WAY:
      return on_its_way;
    case STATE_LATE:
      return on_its_way && till_clock_now_ms () - order->paid_ms > LATE_MS;
    case STATE_CREDITED:
      return order->state == TILL_ORDER_STATE_CREDITED;
    case STATE_REVIEW:
      return order->state == TILL_ORDER_STATE_REVIEW || order->state == TILL_ORDER_STATE_REFUSED;
    case STATE_REFUNDED:
      return order->refunded > 0 || order->state == TILL_ORDER_STATE_REFUNDED;
    case STATE_NEVER_PAID:
      return order->state == TILL_ORDER_STATE_EXPIRED;
    case STATE_ANY:
    default:
      return TRUE;
    }
}

static gboolean
is_wanted (gpointer item,
           gpointer user_data)
{
  TillOrdersPage *self = user_data;
  const TillOrder *order = order_of (item);
  const guint method = gtk_drop_down_get_selected (self->method_drop);

  if (self->filtered)
    return TRUE;

  return (method == 0 || order->method == method - 1)
         && has_state (order, gtk_drop_down_get_selected (self->state_drop));
}

static void
show_details (TillOrdersPage *self)
{
  GObject *item = gtk_single_selection_get_selected_item (self->selection);

  till_order_detail_show (TILL_ORDER_DETAIL (self->detail), item != NULL ? order_of (item) : NULL);
}

static void
show_total (TillOrdersPage *self)
{
  const guint n = g_list_model_get_n_items (self->shown);
  g_autofree char *sum_text = NULL;
  g_autofree char *text = NULL;
  TillMoney sum = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GObject) item = g_list_model_get_item (self->shown, i);
      TillOrder *order = order_of (item);

      if (order->paid_ms != 0 && order->state != TILL_ORDER_STATE_REFUNDED)
        sum += order->amount - order->refunded;
    }

  sum_text = till_words_money (sum);
  text = g_strdup_printf (ngettext ("%u sale, %s", "%u sales, %s", n), n, sum_text);
  gtk_label_set_text (self->total, text);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "table" : "empty");
}

static void
put_order (TillOrdersPage *self,
           TillOrder      *order,
           gboolean        first)
{
  g_autoptr(TillOrderItem) item = till_order_item_new (order);

  if (first)
    g_list_store_insert (self->orders, 0, item);
  else
    g_list_store_append (self->orders, item);
  g_hash_table_insert (self->items, g_strdup (order->id), item);
}

static void
on_orders_listed_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(TillOrdersPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) orders = till_engine_list_orders_finish (TILL_ENGINE (source), result,
                                                                &error);

  if (self->desk == NULL)
    return;
  if (orders == NULL)
    {
      till_desk_say (self->desk, till_error_text (error));
      return;
    }

  g_list_store_remove_all (self->orders);
  g_hash_table_remove_all (self->items);
  for (guint i = 0; i < orders->len; i++)
    put_order (self, orders->pdata[i], FALSE);
  if (self->filtered && orders->len == 1)
    gtk_single_selection_set_selected (self->selection, 0);
  show_total (self);
  show_details (self);
}

static void
set_period (TillOrdersPage  *self,
            TillOrderFilter *filter)
{
  const gint64 today_ms = till_clock_day_start_ms (till_clock_day_of (till_clock_now_ms ()));

  switch (gtk_drop_down_get_selected (self->period_drop))
    {
    case PERIOD_YESTERDAY:
      filter->from_ms = today_ms - DAY_MS;
      filter->to_ms = today_ms;
      break;
    case PERIOD_WEEK:
      filter->from_ms = today_ms - 6 * DAY_MS;
      break;
    case PERIOD_MONTH:
      filter->from_ms = today_ms - 30 * DAY_MS;
      break;
    case PERIOD_TODAY:
    default:
      filter->from_ms = today_ms;
      break;
    }
}

static void
load (TillOrdersPage *self)
{
  g_autofree char *number = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->number_entry)));
  TillOrderFilter filter = { .limit = N_ORDERS_MAX };

  self->stale = FALSE;
  self->filtered = *g_strstrip (number) != '\0';
  if (self->filtered)
    filter.order_or_receipt = number;
  else
    set_period (self, &filter);

  till_engine_list_orders_async (till_desk_get_engine (self->desk), &filter, NULL,
                                 on_orders_listed_cb, g_object_ref (self));
}

static void
on_number_activate_cb (TillOrdersPage *self)
{
  load (self);
}

static void
on_number_changed_cb (TillOrdersPage *self)
{
  if (self->filtered && *gtk_editable_get_text (GTK_EDITABLE (self->number_entry)) == '\0')
    load (self);
}

static void
on_map_cb (TillOrdersPage *self)
{
  if (self->stale && till_desk_get_operator (self->desk) != NULL)
    load (self);
}

static void
on_period_selected_cb (TillOrdersPage *self)
{
  if (self->desk != NULL)
    load (self);
}

static void
on_filter_selected_cb (TillOrdersPage *self)
{
  if (self->filter == NULL)
    return;

  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  show_total (self);
}

static void
on_order_changed_cb (TillOrdersPage *self,
                     TillOrder      *order)
{
  TillOrderItem *item = g_hash_table_lookup (self->items, order->id);

  if (item != NULL)
    till_order_item_set_order (item, order);
  else if (!self->filtered && !self->stale
           && gtk_drop_down_get_selected (self->period_drop) != PERIOD_YESTERDAY)
    put_order (self, order, TRUE);
  else
    return;

  /* A row that does not fit the choice any more goes; without a choice nothing is sorted out. */
  if (gtk_drop_down_get_selected (self->state_drop) != STATE_ANY)
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);

  show_total (self);
  show_details (self);
}

static void
on_operator_changed_cb (TillOrdersPage *self)
{
  self->stale = TRUE;
}

static void
append_columns (TillOrdersPage *self)
{
  till_columns_append (self->view, _("Time"), TILL_CELL_TEXT, 90, show_time, self);
  till_columns_append (self->view, _("Receipt"), TILL_CELL_TEXT, 140, show_number, self);
  till_columns_append (self->view, _("Tenant"), TILL_CELL_TEXT, 0, show_who, self);
  till_columns_append (self->view, _("Amount"), TILL_CELL_NUMBER, 120, show_amount, self);
  till_columns_append (self->view, _("Paid by"), TILL_CELL_TEXT, 120, show_method, self);
  till_columns_append (self->view, _("State"), TILL_CELL_STATE, 210, show_state, self);
  till_columns_append (self->view, _("Clerk"), TILL_CELL_TEXT, 90, show_clerk, self);
}

static void
till_orders_page_dispose (GObject *object)
{
  TillOrdersPage *self = TILL_ORDERS_PAGE (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->orders);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_orders_page_parent_class)->dispose (object);
}

static void
till_orders_page_finalize (GObject *object)
{
  g_hash_table_unref (TILL_ORDERS_PAGE (object)->items);

  G_OBJECT_CLASS (till_orders_page_parent_class)->finalize (object);
}

static void
till_orders_page_class_init (TillOrdersPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_orders_page_dispose;
  object_class->finalize = till_orders_page_finalize;

  g_type_ensure (TILL_TYPE_ORDER_DETAIL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/orders-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, box);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, number_entry);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, total);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, view);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, period_drop);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, method_drop);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, state_drop);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersPage, detail);
  gtk_widget_class_bind_template_callback (widget_class, on_number_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_number_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_period_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_map_cb);
}

static void
till_orders_page_init (TillOrdersPage *self)
{
  self->stale = TRUE;
  self->orders = g_list_store_new (TILL_TYPE_ORDER_ITEM);
  self->items = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_wanted, self, NULL));
  self->shown = G_LIST_MODEL (gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->orders)),
                                                         g_object_ref (self->filter)));
  self->selection = gtk_single_selection_new (g_object_ref (self->shown));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (show_details),
                           self, G_CONNECT_SWAPPED);
  append_columns (self);
}

/**
 * till_orders_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 * @print: where receipts go
 */
void
till_orders_page_set_desk (TillOrdersPage *self,
                           TillDesk       *desk,
                           TillPrint      *print)
{
  g_return_if_fail (TILL_IS_ORDERS_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  till_order_detail_set_desk (TILL_ORDER_DETAIL (self->detail), desk, print);
  g_signal_connect_object (till_desk_get_engine (desk), "order-changed",
                           G_CALLBACK (on_order_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (desk, "operator-changed", G_CALLBACK (on_operator_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * till_orders_page_find:
 * @self: the page
 * @number: of a receipt or an order
 *
 * Lists this sale only, whenever it was made, in whatever state it is, and selects it.
 */
void
till_orders_page_find (TillOrdersPage *self,
                       const char     *number)
{
  g_return_if_fail (TILL_IS_ORDERS_PAGE (self));

  gtk_drop_down_set_selected (self->method_drop, 0);
  gtk_drop_down_set_selected (self->state_drop, STATE_ANY);
  gtk_editable_set_text (GTK_EDITABLE (self->number_entry), number);
  load (self);
}

/**
 * till_orders_page_get_n_orders:
 * @self: the page
 *
 * Returns: how many sales are listed
 */
guint
till_orders_page_get_n_orders (TillOrdersPage *self)
{
  g_return_val_if_fail (TILL_IS_ORDERS_PAGE (self), 0);

  return g_list_model_get_n_items (self->shown);
}
