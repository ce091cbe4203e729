/*
 * till-order-detail.c: all about one sale: both sides, its payments, its refunds
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
#include "till-proof-view.h"
#include "till-refund-dialog.h"
#include "till-words-online.h"
#include "till-words.h"

/**
 * TillOrderDetail:
 *
 * The selected sale. What the books say stands at once; the payments with their proofs and the
 * refunds are asked for, and again whenever the sale or a refund of it goes a step further.
 */
struct _TillOrderDetail
{
  GtkWidget     parent_instance;

  TillDesk     *desk;
  TillPrint    *print;
  TillOrder    *order;       /* (nullable) */
  GCancellable *cancellable; /* of the questions about order */

  GtkWidget    *scroller;
  GtkLabel     *number;
  GtkWidget    *state;
  GtkLabel     *amount;
  GtkLabel     *capital;
  GtkLabel     *text;
  GtkWidget    *online_box;
  GtkLabel     *attempt_no;
  GtkLabel     *txn;
  GtkBox       *timeline;
  GtkWidget    *payments_box;
  GtkBox       *payments;
  GtkWidget    *refunds_box;
  GtkBox       *refunds;
  GtkWidget    *reprint_button;
  GtkWidget    *check_button;
  GtkWidget    *refund_button;
  GtkLabel     *refund_why;
};

G_DEFINE_FINAL_TYPE (TillOrderDetail, till_order_detail, GTK_TYPE_WIDGET)

static void
clear_box (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

static GtkWidget *
make_label (const char *text,
            const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "numeric");
  if (style != NULL)
    gtk_widget_add_css_class (label, style);

  return label;
}

/* An icon, what happened, and when. */
static void
add_event (TillOrderDetail *self,
           const char      *icon,
           const char      *what,
           gint64           at_ms,
           const char      *style)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = make_label (what, NULL);
  g_autofree char *when = at_ms != 0 ? till_words_moment (at_ms, till_clock_now_ms ())
                                     : g_strdup ("");

  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (row), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), make_label (when, "dim-label"));
  gtk_widget_add_css_class (row, style);
  gtk_box_append (self->timeline, row);
}

static void
show_timeline (TillOrderDetail *self)
{
  const TillOrder *order = self->order;

  clear_box (self->timeline);
  add_event (self, "till-cash-symbolic", _("Begun"), order->created_ms, "dim-label");
  if (till_words_is_online (order->method)
      && (order->state == TILL_ORDER_STATE_NEW || order->state == TILL_ORDER_STATE_EXPIRED))
    add_event (self, till_words_code_icon (order), till_words_sale_state (order),
               order->attempt_state == TILL_ATTEMPT_STATE_WAITING ? 0 : order->expires_ms,
               till_words_code_class (order));
  if (order->paid_ms != 0)
    add_event (self, "emblem-ok-symbolic", _("Paid"), order->paid_ms, "success");
  if (order->credited_ms != 0)
    add_event (self, "till-meter-symbolic", _("On the meter"), order->credited_ms, "success");
  else if (order->paid_ms != 0)
    add_event (self, till_words_order_icon (order->state), till_words_order_state (order->state),
               0, till_words_order_class (order->state));
  if (order->refunded != 0 && order->state == TILL_ORDER_STATE_REFUNDED)
    add_event (self, "edit-undo-symbolic", _("Given back"), 0, "dim-label");
}

static char *
describe_balances (const TillOrder *order)
{
  g_autofree char *before = till_words_money (order->balance_before);
  g_autofree char *after = till_words_money (order->balance_after);

  if (!order->has_balances)
    return g_strdup (_("Not yet confirmed by the meter"));

  return g_strdup_printf (_("Before %s, after %s"), before, after);
}

static char *
describe_order (TillOrderDetail *self)
{
  const TillOrder *order = self->order;
  g_autofree char *who = till_site_model_describe_meter (till_desk_get_model (self->desk),
                                                         order->meter_id);
  g_autofree char *time = till_clock_format (order->paid_ms != 0 ? order->paid_ms
                                                                 : order->created_ms);
  g_autofree char *balances = describe_balances (order);

  return g_strdup_printf (_("%s\n%s, %s\n%s\nOrder %s\nPrinted %u times%s%s"), who, time,
                          till_words_method (order->method), balances, order->id, order->n_prints,
                          order->message != NULL ? "\n" : "",
                          order->message != NULL ? order->message : "");
}

/* Why nothing of this sale can be given back from here, or %NULL. */
static const char *
find_refund_obstacle (TillOrderDetail *self)
{
  const TillOrder *order = self->order;

  if (order->state == TILL_ORDER_STATE_REFUNDED || order->refunded >= order->amount)
    return _("All of it was given back.");
  if (order->paid_ms == 0)
    return _("Nothing was paid.");
  if (order->state == TILL_ORDER_STATE_REVIEW || order->state == TILL_ORDER_STATE_REFUSED)
    return _("Decide about it on the Review page first.");
  if (order->state != TILL_ORDER_STATE_CREDITED)
    return _("It can be given back when the meter has it.");
  if (!till_desk_may_decide (self->desk))
    return _("Only a senior clerk or the administrator gives money back. Ask one of them to "
             "sign in.");

  return NULL;
}

static void
show_order (TillOrderDetail *self)
{
  const TillOrder *order = self->order;
  const gboolean online = till_words_is_online (order->method);
  const char *obstacle = find_refund_obstacle (self);
  g_autofree char *amount = till_words_money (order->amount);
  g_autofree char *capital = order->amount > 0 ? till_money_to_capital (order->amount)
                                               : g_strdup ("");
  g_autofree char *text = describe_order (self);
  const gboolean unpaid = order->state == TILL_ORDER_STATE_NEW
                          || order->state == TILL_ORDER_STATE_EXPIRED;

  gtk_label_set_text (self->number, order->receipt_no != NULL ? order->receipt_no : "—");
  gtk_label_set_text (self->amount, amount);
  gtk_label_set_text (self->capital, capital);
  gtk_label_set_text (self->text, text);
  till_columns_set_state (self->state,
                          online && unpaid ? till_words_code_icon (order)
                                           : till_words_order_icon (order->state),
                          till_words_sale_state (order),
                          online && unpaid ? till_words_code_class (order)
                                           : till_words_order_class (order->state));
  gtk_widget_set_visible (self->online_box, online);
  gtk_label_set_text (self->attempt_no, order->attempt_no != NULL ? order->attempt_no : "—");
  gtk_widget_set_sensitive (self->reprint_button, order->receipt_no != NULL);
  gtk_widget_set_visible (self->check_button, online && order->state == TILL_ORDER_STATE_NEW);
  gtk_widget_set_sensitive (self->refund_button, obstacle == NULL);
  gtk_label_set_text (self->refund_why, obstacle != NULL ? obstacle : "");
  gtk_widget_set_visible (GTK_WIDGET (self->refund_why), obstacle != NULL);
  show_timeline (self);
}

static void
add_payment (TillOrderDetail   *self,
             const TillPayment *payment)
{
  g_autofree char *amount = till_words_money (payment->amount);
  g_autofree char *when = till_clock_format (payment->received_ms);
  g_autofree char *title = g_strdup_printf ("%s  %s\n%s\n%s", amount,
                                            till_words_method (payment->method), when,
                                            payment->credited ? _("It paid this sale")
                                                              : _("In suspense: see Review"));

  gtk_box_append (self->payments, till_proof_view_new (title, payment->raw));
}

static void
on_payments_listed_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr(TillOrderDetail) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_engine_list_payments_finish (TILL_ENGINE (source), result,
                                                                &error);

  if (self->desk == NULL || list == NULL)
    return;

  clear_box (self->payments);
  for (guint i = 0; i < list->len; i++)
    add_payment (self, list->pdata[i]);
  gtk_widget_set_visible (self->payments_box, list->len > 0);
  gtk_label_set_text (self->txn, list->len > 0 ? ((TillPayment *)list->pdata[0])->txn : "—");
}

static void
add_refund (TillOrderDetail  *self,
            const TillRefund *refund)
{
  g_autofree char *amount = till_words_money (refund->amount);
  g_autofree char *state = till_words_refund (refund);
  g_autofree char *when = till_words_moment (refund->created_ms, till_clock_now_ms ());
  g_autofree char *head = g_strdup_printf ("%s  %s", amount, state);
  g_autofree char *text = g_strdup_printf ("%s · %s · %s\n%s", when, refund->operator_name,
                                           refund->reason, refund->refund_no);
  const char *style = refund->step == TILL_REFUND_STEP_REVIEW ? "warning"
                      : refund->step == TILL_REFUND_STEP_DONE ? "success"
                      : refund->step == TILL_REFUND_STEP_FAILED ? "error" : "accent";

  gtk_box_append (self->refunds, make_label (head, style));
  gtk_box_append (self->refunds, make_label (text, "dim-label"));
}

static void
on_refunds_listed_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr(TillOrderDetail) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_engine_list_refunds_finish (TILL_ENGINE (source), result,
                                                               &error);

  if (self->desk == NULL || list == NULL)
    return;

  clear_box (self->refunds);
  for (guint i = 0; i < list->len; i++)
    add_refund (self, list->pdata[i]);
  gtk_widget_set_visible (self->refunds_box, list->len > 0);
}

static void
load (TillOrderDetail *self)
{
  TillEngine *engine = till_desk_get_engine (self->desk);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (till_words_is_online (self->order->method))
    till_engine_list_payments_async (engine, self->order->id, self->cancellable,
                                     on_payments_listed_cb, g_object_ref (self));
  till_engine_list_refunds_async (engine, self->order->id, self->cancellable, on_refunds_listed_cb,
                                  g_object_ref (self));
}

static void
on_refund_changed_cb (TillOrderDetail *self,
                      TillRefund      *refund)
{
  if (self->order != NULL && g_strcmp0 (refund->order_id, self->order->id) == 0)
    load (self);
}

static void
on_operator_changed_cb (TillOrderDetail *self)
{
  if (self->order != NULL)
    show_order (self);
}

static void
on_reprint_clicked_cb (TillOrderDetail *self)
{
  if (self->order != NULL)
    till_print_receipt (self->print, self->order->id);
}

static void
on_check_done_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(TillOrderDetail) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = till_engine_check_order_finish (TILL_ENGINE (source), result,
                                                               &error);

  if (self->desk == NULL)
    return;

  gtk_widget_set_sensitive (self->check_button, TRUE);
  if (order == NULL)
    till_desk_say (self->desk, till_error_text (error));
  else if (order->state == TILL_ORDER_STATE_NEW)
    till_desk_say (self->desk, _("The gateway says: not paid yet."));
}

static void
on_check_clicked_cb (TillOrderDetail *self)
{
  gtk_widget_set_sensitive (self->check_button, FALSE);
  till_engine_check_order_async (till_desk_get_engine (self->desk), self->order->id, NULL,
                                 on_check_done_cb, g_object_ref (self));
}

static void
on_refund_clicked_cb (TillOrderDetail *self)
{
  GtkWidget *dialog = till_refund_dialog_new (self->desk, self->order);

  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
till_order_detail_dispose (GObject *object)
{
  TillOrderDetail *self = TILL_ORDER_DETAIL (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_pointer (&self->order, till_order_unref);
  g_clear_object (&self->print);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_order_detail_parent_class)->dispose (object);
}

static void
till_order_detail_class_init (TillOrderDetailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_order_detail_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/order-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, scroller);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, number);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, state);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, amount);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, capital);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, text);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, online_box);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, attempt_no);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, txn);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, timeline);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, payments_box);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, payments);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, refunds_box);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, refunds);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, reprint_button);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, check_button);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, refund_button);
  gtk_widget_class_bind_template_child (widget_class, TillOrderDetail, refund_why);
  gtk_widget_class_bind_template_callback (widget_class, on_reprint_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_check_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_refund_clicked_cb);
}

static void
till_order_detail_init (TillOrderDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_order_detail_set_desk:
 * @self: the details
 * @desk: the desk, once
 * @print: where receipts go
 */
void
till_order_detail_set_desk (TillOrderDetail *self,
                            TillDesk        *desk,
                            TillPrint       *print)
{
  g_return_if_fail (TILL_IS_ORDER_DETAIL (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  self->print = g_object_ref (print);
  g_signal_connect_object (till_desk_get_engine (desk), "refund-changed",
                           G_CALLBACK (on_refund_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (desk, "operator-changed", G_CALLBACK (on_operator_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * till_order_detail_show:
 * @self: the details
 * @order: (nullable): a sale, or a newer record of the one that is shown; %NULL for none
 */
void
till_order_detail_show (TillOrderDetail *self,
                        TillOrder       *order)
{
  const gboolean same = order != NULL && self->order != NULL
                        && g_str_equal (order->id, self->order->id);

  g_return_if_fail (TILL_IS_ORDER_DETAIL (self));

  gtk_widget_set_visible (GTK_WIDGET (self), order != NULL);
  if (order == self->order)
    return;

  if (order != NULL)
    till_order_ref (order);
  till_order_unref (self->order);
  self->order = order;
  if (order == NULL)
    return;

  if (!same)
    {
      clear_box (self->payments);
      clear_box (self->refunds);
      gtk_widget_set_visible (self->payments_box, FALSE);
      gtk_widget_set_visible (self->refunds_box, FALSE);
      gtk_label_set_text (self->txn, "—");
    }
  show_order (self);
  load (self);
}
