/*
 * till-payment-panel.c: a code on the counter's screen, from the gateway to the meter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-codes.h"
#include "till-error-text.h"
#include "till-focus.h"
#include "till-marks-online.h"
#include "till-payment-panel.h"
#include "till-qr-image.h"
#include "till-words-online.h"
#include "till-words.h"

/* A paid code stays green for so long when nobody goes on; longer until the meter has it. */
#define PAID_MS 8000
#define PAID_MOST_MS 20000

/**
 * TillPaymentPanel:
 *
 * Shows the code that TillCodes says is shown, and what may be done about it. It follows the order
 * by itself: nobody has to press anything for it to turn green. Giving up asks nothing, for it is
 * safe: whoever was faster has paid, and then it says so.
 */
struct _TillPaymentPanel
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  TillCodes *codes;
  TillOrder *order;      /* (nullable) as far as it is known to have come */
  gboolean   given_up;   /* by the clerk, here */
  gboolean   checking;
  gint64     paid_ms;    /* when it was seen to be paid */
  gint64     settled_ms; /* when the meter had it */

  GtkWidget *box;
  GtkWidget *gateway_icon;
  GtkLabel  *gateway;
  GtkLabel  *left;
  GtkWidget *left_bar;
  GtkLabel  *who;
  GtkLabel  *amount;
  GtkStack  *stack;
  GtkWidget *qr;
  GtkImage  *end_icon;
  GtkLabel  *end_text;
  GtkWidget *state_box;
  GtkImage  *state_icon;
  GtkLabel  *state;
  GtkLabel  *advice;
  GtkLabel  *notice;
  GtkWidget *check_button;
  GtkWidget *again_button;
  GtkWidget *cancel_button;
  GtkWidget *leave_button;
  GtkWidget *pretend_button;
};

enum
{
  AGAIN,
  LEAVE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillPaymentPanel, till_payment_panel, GTK_TYPE_WIDGET)

static gboolean
is_waiting (TillPaymentPanel *self)
{
  return self->order != NULL && self->order->state == TILL_ORDER_STATE_NEW;
}

static gboolean
is_paid (TillPaymentPanel *self)
{
  return self->order != NULL && self->order->state != TILL_ORDER_STATE_NEW
         && self->order->state != TILL_ORDER_STATE_EXPIRED;
}

static void
show_notice (TillPaymentPanel *self,
             const char       *text)
{
  gtk_label_set_text (self->notice, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->notice), text != NULL);
}

static void
show_left (TillPaymentPanel *self)
{
  const TillOrder *order = self->order;
  const gboolean counts = is_waiting (self) && order->attempt_state != TILL_ATTEMPT_STATE_CLOSING;
  const gint64 left_ms = counts ? MAX (order->expires_ms - till_clock_now_ms (), 0) : 0;
  const gint64 whole_ms = counts ? MAX (order->expires_ms - order->created_ms, 1) : 1;
  g_autofree char *text = counts ? till_words_left (left_ms) : g_strdup ("");

  gtk_label_set_text (self->left, text);
  gtk_widget_set_visible (self->left_bar, counts);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->left_bar),
                                 CLAMP ((double)left_ms / (double)whole_ms, 0, 1));
}

static char *
describe_end (const TillOrder *order)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (!order->has_balances)
    return g_strdup ("");

  before = till_words_money (order->balance_before);
  after = till_words_money (order->balance_after);
  return g_strdup_printf ("%s → %s", before, after);
}

/* The place of the code: the code itself, a wait, or how it ended. */
static void
show_picture (TillPaymentPanel *self)
{
  const TillOrder *order = self->order;
  const char *classes[] = { till_words_code_class (order), "end-icon", NULL };
  g_autofree char *amount = till_words_money (order->amount);
  g_autofree char *label = NULL;
  g_autofree char *end = NULL;

  if (is_waiting (self) && order->attempt_state == TILL_ATTEMPT_STATE_WAITING)
    {
      label = g_strdup_printf (_("Payment code: %s by %s"), amount,
                               till_words_method (order->method));
      till_qr_image_set_code (TILL_QR_IMAGE (self->qr), order->code_url, label);
      gtk_stack_set_visible_child_name (self->stack, "code");
      return;
    }
  if (is_waiting (self))
    {
      gtk_stack_set_visible_child_name (self->stack, "wait");
      return;
    }

  end = describe_end (order);
  gtk_image_set_from_icon_name (self->end_icon, is_paid (self) ? "emblem-ok-symbolic"
                                                               : till_words_code_icon (order));
  gtk_widget_set_css_classes (GTK_WIDGET (self->end_icon), classes);
  gtk_label_set_text (self->end_text, end);
  gtk_stack_set_visible_child_name (self->stack, "end");
}

static void
show_buttons (TillPaymentPanel *self)
{
  const TillAttemptState attempt = self->order->attempt_state;
  const gboolean scannable = is_waiting (self) && attempt == TILL_ATTEMPT_STATE_WAITING;
  const gboolean ended = self->order->state == TILL_ORDER_STATE_EXPIRED;

  gtk_widget_set_visible (self->check_button, scannable);
  gtk_widget_set_sensitive (self->check_button, !self->checking);
  gtk_widget_set_visible (self->again_button, ended);
  gtk_widget_set_visible (self->cancel_button,
                          is_waiting (self) && attempt != TILL_ATTEMPT_STATE_CLOSING);
  gtk_widget_set_visible (self->pretend_button, scannable && till_desk_is_demo (self->desk));
}

static void
show_order (TillPaymentPanel *self)
{
  const TillOrder *order = self->order;
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk),
                                                  order->account_id);
  const char *classes[] = { till_words_code_class (order), NULL };
  g_autofree char *amount = till_words_money (order->amount);
  g_autofree char *state = till_words_code (order);
  g_autofree char *advice = till_words_code_advice (order);
  g_autofree char *who = NULL;

  if (node != NULL)
    who = g_strdup_printf ("%s  %s", till_node_get_title (node), till_node_get_subtitle (node));
  till_marks_online_set_gateway (GTK_IMAGE (self->gateway_icon), order->method);
  till_marks_online_set_class (GTK_WIDGET (self->gateway), order->method);
  gtk_label_set_text (self->gateway, till_words_method (order->method));
  gtk_label_set_text (self->who, who != NULL ? who : "—");
  gtk_label_set_text (self->amount, amount);
  gtk_image_set_from_icon_name (self->state_icon, till_words_code_icon (order));
  gtk_label_set_text (self->state, state);
  gtk_widget_set_css_classes (self->state_box, classes);
  gtk_label_set_text (self->advice, advice);
  if (is_paid (self))
    gtk_widget_add_css_class (self->box, "paid");
  else
    gtk_widget_remove_css_class (self->box, "paid");

  show_picture (self);
  show_buttons (self);
  show_left (self);
}

/* Where Enter is safe: it asks once more, or begins anew. */
static void
focus_default (TillPaymentPanel *self)
{
  if (gtk_widget_get_visible (self->check_button))
    gtk_widget_grab_focus (self->check_button);
  else if (gtk_widget_get_visible (self->again_button))
    gtk_widget_grab_focus (self->again_button);
  else
    gtk_widget_grab_focus (self->leave_button);
}

static void
take_order (TillPaymentPanel *self,
            TillOrder        *order)
{
  const gboolean focused = till_focus_is_inside (GTK_WIDGET (self));
  const TillAttemptState before = self->order->attempt_state;

  till_order_ref (order);
  till_order_unref (self->order);
  self->order = order;
  if (is_paid (self) && self->paid_ms == 0)
    self->paid_ms = till_clock_now_ms ();
  if (order->state == TILL_ORDER_STATE_CREDITED && self->settled_ms == 0)
    self->settled_ms = till_clock_now_ms ();
  if (before != order->attempt_state)
    show_notice (self, NULL);
  show_order (self);
  if (focused && before != order->attempt_state)
    focus_default (self);
}

static void
on_shown_changed_cb (TillPaymentPanel *self)
{
  TillOrder *order = till_codes_get_shown (self->codes);

  if (self->order == NULL || order == NULL || !g_str_equal (order->id, self->order->id))
    return;

  take_order (self, order);
  if (order->state == TILL_ORDER_STATE_EXPIRED && self->given_up)
    g_signal_emit (self, signals[AGAIN], 0);
}

static void
on_tick_cb (TillPaymentPanel *self)
{
  const gint64 now_ms = till_clock_now_ms ();

  if (self->order == NULL)
    return;

  show_left (self);
  if ((self->settled_ms != 0 && now_ms - self->settled_ms > PAID_MS)
      || (self->paid_ms != 0 && now_ms - self->paid_ms > PAID_MOST_MS))
    g_signal_emit (self, signals[LEAVE], 0, FALSE);
}

static void
on_check_done_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(TillPaymentPanel) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = till_engine_check_order_finish (TILL_ENGINE (source), result,
                                                               &error);
  g_autofree char *text = NULL;

  self->checking = FALSE;
  if (self->desk == NULL || self->order == NULL)
    return;

  show_buttons (self);
  if (order == NULL)
    show_notice (self, till_error_text (error));
  else if (g_str_equal (order->id, self->order->id) && order->state == TILL_ORDER_STATE_NEW)
    {
      text = g_strdup_printf (_("%s says: not paid yet."), till_words_method (order->method));
      show_notice (self, text);
    }
}

static void
on_check_clicked_cb (TillPaymentPanel *self)
{
  if (self->checking || !is_waiting (self))
    return;

  self->checking = TRUE;
  show_notice (self, _("Asking…"));
  till_engine_check_order_async (till_desk_get_engine (self->desk), self->order->id, NULL,
                                 on_check_done_cb, g_object_ref (self));
}

static void
on_cancel_done_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(TillPaymentPanel) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = till_engine_cancel_order_finish (TILL_ENGINE (source), result,
                                                                &error);

  if (self->desk == NULL || order != NULL || self->order == NULL)
    return;

  self->given_up = FALSE;
  show_notice (self, till_error_text (error));
}

static void
on_cancel_clicked_cb (TillPaymentPanel *self)
{
  if (!is_waiting (self) || self->given_up)
    return;

  self->given_up = TRUE;
  till_engine_cancel_order_async (till_desk_get_engine (self->desk), self->order->id,
                                  till_desk_get_operator_id (self->desk), NULL,
                                  on_cancel_done_cb, g_object_ref (self));
}

static void
on_again_clicked_cb (TillPaymentPanel *self)
{
  g_signal_emit (self, signals[AGAIN], 0);
}

static void
on_leave_clicked_cb (TillPaymentPanel *self)
{
  g_signal_emit (self, signals[LEAVE], 0, TRUE);
}

static void
on_pretend_done_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(TillPaymentPanel) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!till_engine_pretend_payment_finish (TILL_ENGINE (source), result, &error)
      && self->desk != NULL)
    show_notice (self, till_error_text (error));
}

static void
on_pretend_clicked_cb (TillPaymentPanel *self)
{
  if (is_waiting (self))
    till_engine_pretend_payment_async (till_desk_get_engine (self->desk), self->order->id, NULL,
                                       on_pretend_done_cb, g_object_ref (self));
}

static void
till_payment_panel_dispose (GObject *object)
{
  TillPaymentPanel *self = TILL_PAYMENT_PANEL (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->order, till_order_unref);
  g_clear_object (&self->codes);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_payment_panel_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, box);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, gateway_icon);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, gateway);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, left);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, left_bar);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, who);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, amount);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, stack);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, qr);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, end_icon);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, end_text);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, state_box);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, state_icon);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, state);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, advice);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, notice);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, check_button);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, again_button);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, leave_button);
  gtk_widget_class_bind_template_child (widget_class, TillPaymentPanel, pretend_button);
}

static void
till_payment_panel_class_init (TillPaymentPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_payment_panel_dispose;

  /**
   * TillPaymentPanel::again:
   * @self: the panel
   *
   * This code has come to nothing: the clerk wants to sell the same to the same tenant.
   */
  signals[AGAIN] =
    g_signal_new ("again", TILL_TYPE_PAYMENT_PANEL, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * TillPaymentPanel::leave:
   * @self: the panel
   * @wanted: whether the clerk wants to; otherwise the time is over
   *
   * The code, if it waits, goes on waiting out of sight.
   */
  signals[LEAVE] =
    g_signal_new ("leave", TILL_TYPE_PAYMENT_PANEL, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);

  g_type_ensure (TILL_TYPE_QR_IMAGE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/payment-panel.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_check_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_again_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_leave_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_pretend_clicked_cb);
}

static void
till_payment_panel_init (TillPaymentPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_payment_panel_set_desk:
 * @self: the panel
 * @desk: the desk, once
 */
void
till_payment_panel_set_desk (TillPaymentPanel *self,
                             TillDesk         *desk)
{
  g_return_if_fail (TILL_IS_PAYMENT_PANEL (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  self->codes = g_object_ref (till_desk_get_codes (desk));
  g_signal_connect_object (self->codes, "shown-changed", G_CALLBACK (on_shown_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->codes, "tick", G_CALLBACK (on_tick_cb), self, G_CONNECT_SWAPPED);
}

/**
 * till_payment_panel_open:
 * @self: the panel
 * @order: an online sale
 *
 * Shows its code here and to the customer.
 */
void
till_payment_panel_open (TillPaymentPanel *self,
                         TillOrder        *order)
{
  TillOrder *newest;

  g_return_if_fail (TILL_IS_PAYMENT_PANEL (self));

  till_codes_add (self->codes, order);
  newest = till_codes_get_order (self->codes, order->id);
  till_order_ref (newest);
  till_order_unref (self->order);
  self->order = newest;
  self->given_up = newest->attempt_state == TILL_ATTEMPT_STATE_CLOSING;
  self->paid_ms = is_paid (self) ? till_clock_now_ms () : 0;
  self->settled_ms = 0;
  show_notice (self, NULL);
  show_order (self);
  till_codes_show (self->codes, newest->id);
  focus_default (self);
}

/**
 * till_payment_panel_close:
 * @self: the panel
 *
 * Shows nothing any more. What waits goes on waiting.
 */
void
till_payment_panel_close (TillPaymentPanel *self)
{
  g_return_if_fail (TILL_IS_PAYMENT_PANEL (self));

  if (self->order == NULL)
    return;

  g_clear_pointer (&self->order, till_order_unref);
  till_qr_image_set_code (TILL_QR_IMAGE (self->qr), NULL, NULL);
  till_codes_show (self->codes, NULL);
}

/**
 * till_payment_panel_get_order:
 * @self: the panel
 *
 * Returns: (nullable) (transfer none): what it shows
 */
TillOrder *
till_payment_panel_get_order (TillPaymentPanel *self)
{
  g_return_val_if_fail (TILL_IS_PAYMENT_PANEL (self), NULL);

  return self->order;
}

/**
 * till_payment_panel_back:
 * @self: the panel
 *
 * What Esc does: gives up what can still be paid, and leaves what has ended.
 */
void
till_payment_panel_back (TillPaymentPanel *self)
{
  g_return_if_fail (TILL_IS_PAYMENT_PANEL (self));

  if (is_waiting (self) && !self->given_up)
    on_cancel_clicked_cb (self);
  else if (self->order != NULL && self->order->state == TILL_ORDER_STATE_EXPIRED)
    g_signal_emit (self, signals[AGAIN], 0);
  else
    g_signal_emit (self, signals[LEAVE], 0, TRUE);
}
