/*
 * till-refund-dialog.c: money is given back: asked for, and watched
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-refund-dialog.h"
#include "till-words-online.h"
#include "till-words.h"

/* Shorter than this is no reason that an auditor could follow. */
#define REASON_CHARS_MIN 2

/**
 * TillRefundDialog:
 *
 * How much of a sale, and why; then the two steps as they happen, the meter first and the money
 * second. It may be closed at any time: what was begun goes on by itself.
 */
struct _TillRefundDialog
{
  AdwWindow   parent_instance;

  TillDesk   *desk;
  TillOrder  *order;
  TillRefund *refund; /* (nullable) once it was begun */
  gboolean    busy;

  GtkStack   *stack;
  GtkLabel   *subject;
  GtkLabel   *consequences;
  GtkWidget  *amount_entry;
  GtkWidget  *reason_entry;
  GtkLabel   *problem;
  GtkWidget  *action_button;
  GtkLabel   *steps_title;
  GtkWidget  *meter_spinner;
  GtkImage   *meter_icon;
  GtkLabel   *meter_step;
  GtkWidget  *money_spinner;
  GtkImage   *money_icon;
  GtkLabel   *money_step;
  GtkLabel   *advice;
};

G_DEFINE_FINAL_TYPE (TillRefundDialog, till_refund_dialog, ADW_TYPE_WINDOW)

static void
show_problem (TillRefundDialog *self,
              const char       *text)
{
  gtk_label_set_text (self->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), text != NULL);
}

static void
show_step (GtkWidget  *spinner,
           GtkImage   *icon,
           gboolean    working,
           const char *icon_name,
           const char *style)
{
  const char *classes[] = { style, NULL };

  gtk_widget_set_visible (spinner, working);
  gtk_widget_set_visible (GTK_WIDGET (icon), !working);
  gtk_image_set_from_icon_name (icon, icon_name);
  gtk_widget_set_css_classes (GTK_WIDGET (icon), classes);
}

static void
show_money_step (TillRefundDialog *self)
{
  const TillRefund *refund = self->refund;
  const gboolean online = till_words_is_online (refund->method);
  g_autofree char *amount = till_words_money (refund->amount);
  g_autofree char *text = NULL;

  if (refund->step == TILL_REFUND_STEP_DONE && !online)
    text = g_strdup_printf (_("Pay %s out to the tenant now, against a signature"), amount);
  else if (refund->step == TILL_REFUND_STEP_DONE)
    text = g_strdup_printf (_("The payer has %s"), amount);
  else if (online)
    text = g_strdup_printf (_("%s gives the payer the money"), till_words_method (refund->method));
  else
    text = g_strdup (_("The money is paid out here"));

  gtk_label_set_text (self->money_step, text);
  if (refund->step == TILL_REFUND_STEP_DONE)
    show_step (self->money_spinner, self->money_icon, FALSE, "emblem-ok-symbolic", "success");
  else
    show_step (self->money_spinner, self->money_icon, refund->step == TILL_REFUND_STEP_MONEY,
               "content-loading-symbolic", "dim-label");
}

static void
show_refund (TillRefundDialog *self)
{
  const TillRefund *refund = self->refund;
  const gboolean stuck = refund->step == TILL_REFUND_STEP_REVIEW;
  const gboolean off_meter = refund->step == TILL_REFUND_STEP_MONEY
                             || refund->step == TILL_REFUND_STEP_DONE
                             || (stuck && refund->gateway_state != TILL_REFUND_STATE_NONE);
  g_autofree char *title = till_words_refund (refund);
  g_autofree char *advice = NULL;

  gtk_label_set_text (self->steps_title, title);
  gtk_label_set_text (self->meter_step, off_meter ? _("The meter has given it back")
                                                  : _("The meter gives it back"));
  if (refund->step == TILL_REFUND_STEP_FAILED)
    show_step (self->meter_spinner, self->meter_icon, FALSE, "process-stop-symbolic", "error");
  else if (stuck && !off_meter)
    show_step (self->meter_spinner, self->meter_icon, FALSE, "dialog-warning-symbolic", "warning");
  else
    show_step (self->meter_spinner, self->meter_icon, !off_meter, "emblem-ok-symbolic", "success");
  show_money_step (self);
  if (stuck && off_meter)
    show_step (self->money_spinner, self->money_icon, FALSE, "dialog-warning-symbolic", "warning");

  advice = g_strdup_printf ("%s%s%s", till_words_refund_advice (refund),
                            refund->message != NULL ? "\n" : "",
                            refund->message != NULL ? refund->message : "");
  gtk_label_set_text (self->advice, g_strstrip (advice));
  gtk_widget_set_visible (GTK_WIDGET (self->advice), *advice != '\0');
}

static void
take_refund (TillRefundDialog *self,
             TillRefund       *refund)
{
  till_refund_ref (refund);
  till_refund_unref (self->refund);
  self->refund = refund;
  show_refund (self);
}

static void
on_refund_changed_cb (TillRefundDialog *self,
                      TillRefund       *refund)
{
  if (self->refund != NULL && g_str_equal (self->refund->refund_no, refund->refund_no))
    take_refund (self, refund);
}

static void
on_refunded_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(TillRefundDialog) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillRefund) refund = till_engine_refund_finish (TILL_ENGINE (source), result, &error);

  self->busy = FALSE;
  if (self->desk == NULL)
    return;

  gtk_widget_set_sensitive (self->action_button, TRUE);
  if (refund == NULL)
    {
      /* How much is unused only the engine knows, and says so with the figure. */
      show_problem (self, g_error_matches (error, TILL_RULE_ERROR, TILL_RULE_ERROR_LIMIT)
                    ? _("So much is not unused on the meter any more. Leave the amount empty to "
                        "give back all that is.") : till_error_text (error));
      return;
    }

  gtk_stack_set_visible_child_name (self->stack, "steps");
  take_refund (self, refund);
}

static gboolean
read_amount (TillRefundDialog *self,
             TillMoney        *amount)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->amount_entry));
  g_autoptr(GError) error = NULL;

  *amount = 0;
  if (*text == '\0')
    return TRUE;
  if (!till_money_parse_sale (text, amount, &error))
    show_problem (self, till_error_text (error));
  else if (*amount > self->order->amount - self->order->refunded)
    show_problem (self, _("This is more than was paid. Leave the amount empty to give back all "
                          "that is unused."));
  else
    return TRUE;

  gtk_widget_grab_focus (self->amount_entry);
  return FALSE;
}

static void
on_action_clicked_cb (TillRefundDialog *self)
{
  g_autofree char *reason = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->reason_entry)));
  TillMoney amount;

  if (self->busy || !read_amount (self, &amount))
    return;

  if (g_utf8_strlen (g_strstrip (reason), -1) < REASON_CHARS_MIN)
    {
      show_problem (self, _("Give a reason. It is kept with the record."));
      gtk_widget_grab_focus (self->reason_entry);
      return;
    }

  self->busy = TRUE;
  show_problem (self, NULL);
  gtk_widget_set_sensitive (self->action_button, FALSE);
  till_engine_refund_async (till_desk_get_engine (self->desk), self->order->id, amount, reason,
                            till_desk_get_operator_id (self->desk), NULL, on_refunded_cb,
                            g_object_ref (self));
}

static void
on_changed_cb (TillRefundDialog *self)
{
  show_problem (self, NULL);
}

static void
till_refund_dialog_dispose (GObject *object)
{
  TillRefundDialog *self = TILL_REFUND_DIALOG (object);

  g_clear_pointer (&self->order, till_order_unref);
  g_clear_pointer (&self->refund, till_refund_unref);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_refund_dialog_parent_class)->dispose (object);
}

static void
till_refund_dialog_class_init (TillRefundDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_refund_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/refund-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, subject);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, consequences);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, amount_entry);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, reason_entry);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, action_button);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, steps_title);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, meter_spinner);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, meter_icon);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, meter_step);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, money_spinner);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, money_icon);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, money_step);
  gtk_widget_class_bind_template_child (widget_class, TillRefundDialog, advice);
  gtk_widget_class_bind_template_callback (widget_class, on_action_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
}

static void
till_refund_dialog_init (TillRefundDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_refund_dialog_new:
 * @desk: the desk
 * @order: a sale that has arrived
 *
 * Returns: (transfer floating): a modal window that asks how much of it goes back, and why
 */
GtkWidget *
till_refund_dialog_new (TillDesk  *desk,
                        TillOrder *order)
{
  TillRefundDialog *self = g_object_new (TILL_TYPE_REFUND_DIALOG, NULL);
  g_autofree char *who = till_site_model_describe_meter (till_desk_get_model (desk),
                                                         order->meter_id);
  g_autofree char *most = till_words_money (order->amount - order->refunded);
  g_autofree char *subject = g_strdup_printf ("%s\n%s · %s", who, order->receipt_no,
                                              till_words_method (order->method));
  g_autofree char *hint = g_strdup_printf (_("All that is unused, at most %s"), most);

  self->desk = g_object_ref (desk);
  self->order = till_order_ref (order);
  gtk_label_set_text (self->subject, subject);
  gtk_label_set_text (self->consequences, till_words_is_online (order->method)
                      ? _("First the amount is taken back from the meter, then the money goes the "
                          "way it came. Until then nothing is sold on this meter.")
                      : _("First the amount is taken back from the meter, then you pay it out. "
                          "Until then nothing is sold on this meter."));
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->amount_entry), hint);
  g_signal_connect_object (till_desk_get_engine (desk), "refund-changed",
                           G_CALLBACK (on_refund_changed_cb), self, G_CONNECT_SWAPPED);

  return GTK_WIDGET (self);
}
