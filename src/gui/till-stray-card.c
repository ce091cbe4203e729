/*
 * till-stray-card.c: a payment in suspense, and what may become of it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-credit-dialog.h"
#include "till-error-text.h"
#include "till-marks-online.h"
#include "till-proof-view.h"
#include "till-reason-dialog.h"
#include "till-stray-card.h"
#include "till-words-online.h"
#include "till-words.h"

/**
 * TillStrayCard:
 *
 * What came beside what was expected, why it was not credited by itself and what to do about it.
 * Of the three ways out only those are offered that the books allow: our money is credited or given
 * back, what is not ours is dismissed.
 */
struct _TillStrayCard
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  TillStray *stray;

  GtkWidget *box;
  GtkWidget *gateway_icon;
  GtkLabel  *title;
  GtkLabel  *amount;
  GtkLabel  *reason;
  GtkLabel  *advice;
  GtkLabel  *came_amount;
  GtkLabel  *came_time;
  GtkLabel  *came_txn;
  GtkLabel  *came_payer;
  GtkLabel  *order_amount;
  GtkLabel  *order_number;
  GtkLabel  *order_attempt;
  GtkLabel  *order_shop;
  GtkBox    *proof;
  GtkWidget *decisions;
  GtkWidget *credit_button;
  GtkWidget *refund_button;
  GtkWidget *dismiss_button;
  GtkLabel  *decided;
};

typedef struct
{
  TillDesk         *desk;
  gint64            stray_id;
  TillStrayDecision decision;
} Question;

G_DEFINE_FINAL_TYPE (TillStrayCard, till_stray_card, GTK_TYPE_WIDGET)

static void
question_free (Question *question)
{
  g_object_unref (question->desk);
  g_free (question);
}

static void
set_owned (GtkLabel *label,
           char     *text)
{
  gtk_label_set_text (label, text);
  g_free (text);
}

static const char *
or_dash (const char *text)
{
  return text != NULL && *text != '\0' ? text : "—";
}

static char *
describe_shop (TillStrayCard *self)
{
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk),
                                                  self->stray->account_id);

  return node != NULL ? g_strdup_printf ("%s  %s", till_node_get_title (node),
                                         till_node_get_subtitle (node)) : g_strdup ("—");
}

static char *
describe_decision (const TillStray *stray)
{
  const char *who = or_dash (stray->decided_by);
  const char *why = or_dash (stray->message);

  switch (stray->state)
    {
    case TILL_STRAY_STATE_CREDITED:
      return g_strdup_printf (_("Credited by %s: %s"), who, why);
    case TILL_STRAY_STATE_REFUNDING:
      return g_strdup_printf (_("On its way back to the payer, by %s: %s"), who, why);
    case TILL_STRAY_STATE_REFUNDED:
      return g_strdup_printf (_("Given back, by %s: %s"), who, why);
    case TILL_STRAY_STATE_DISMISSED:
      return g_strdup_printf (_("Dismissed by %s: %s"), who, why);
    case TILL_STRAY_STATE_OPEN:
    default:
      return NULL;
    }
}

static void
show_sides (TillStrayCard *self)
{
  const TillStray *stray = self->stray;
  g_autofree char *shop = describe_shop (self);

  gtk_label_set_text (self->order_shop, shop);
  set_owned (self->came_amount, till_words_money (stray->amount));
  set_owned (self->came_time, till_words_moment (stray->received_ms, till_clock_now_ms ()));
  gtk_label_set_text (self->came_txn, or_dash (stray->txn));
  gtk_label_set_text (self->came_payer, or_dash (stray->payer));
  set_owned (self->order_amount, stray->order_amount != 0 ? till_words_money (stray->order_amount)
                                                          : g_strdup ("—"));
  gtk_label_set_text (self->order_number, or_dash (stray->order_id));
  gtk_label_set_text (self->order_attempt, or_dash (stray->attempt_no));
}

static void
show_decisions (TillStrayCard *self)
{
  const TillStray *stray = self->stray;
  const gboolean open = stray->state == TILL_STRAY_STATE_OPEN;
  g_autofree char *decided = describe_decision (stray);

  gtk_widget_set_visible (self->decisions, open);
  gtk_widget_set_sensitive (self->decisions, till_desk_may_decide (self->desk));
  gtk_widget_set_visible (self->credit_button, stray->booked);
  gtk_widget_set_visible (self->refund_button, stray->booked);
  gtk_widget_set_visible (self->dismiss_button, !stray->booked);
  gtk_widget_set_visible (GTK_WIDGET (self->advice), open);
  gtk_label_set_text (self->decided, decided != NULL ? decided : "");
  gtk_widget_set_visible (GTK_WIDGET (self->decided), decided != NULL);
}

static void
show_stray (TillStrayCard *self)
{
  const TillStray *stray = self->stray;
  g_autofree char *amount = till_words_money (stray->amount);

  till_marks_online_set_gateway (GTK_IMAGE (self->gateway_icon), stray->method);
  gtk_label_set_text (self->title, till_words_method (stray->method));
  gtk_label_set_text (self->amount, amount);
  gtk_label_set_text (self->reason, till_words_stray_reason (stray->reason));
  gtk_label_set_text (self->advice, till_words_stray_advice (stray->reason));
  if (stray->raw != NULL)
    gtk_box_append (self->proof, till_proof_view_new ("", stray->raw));
  show_sides (self);
  show_decisions (self);
}

static void
on_decided_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(TillReasonDialog) dialog = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillStray) stray = till_engine_decide_stray_finish (TILL_ENGINE (source), result,
                                                                &error);

  if (stray != NULL)
    gtk_window_destroy (GTK_WINDOW (dialog));
  else
    till_reason_dialog_set_failed (dialog, g_error_matches (error, TILL_RULE_ERROR,
                                                            TILL_RULE_ERROR_CLOSED)
                                   ? _("It was decided already.") : till_error_text (error));
}

static void
on_confirmed_cb (TillReasonDialog *dialog,
                 const char       *reason,
                 gint64            until_ms,
                 Question         *question)
{
  const TillStrayVerdict verdict = {
    .stray_id = question->stray_id,
    .decision = question->decision,
    .reason = reason,
    .operator_id = till_desk_get_operator_id (question->desk),
  };

  till_reason_dialog_set_busy (dialog);
  till_engine_decide_stray_async (till_desk_get_engine (question->desk), &verdict, NULL,
                                  on_decided_cb, g_object_ref (dialog));
}

static void
on_credit_clicked_cb (TillStrayCard *self)
{
  till_stray_card_ask (self, TILL_STRAY_DECISION_CREDIT);
}

static void
on_refund_clicked_cb (TillStrayCard *self)
{
  till_stray_card_ask (self, TILL_STRAY_DECISION_REFUND);
}

static void
on_dismiss_clicked_cb (TillStrayCard *self)
{
  till_stray_card_ask (self, TILL_STRAY_DECISION_DISMISS);
}

static void
till_stray_card_dispose (GObject *object)
{
  TillStrayCard *self = TILL_STRAY_CARD (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->stray, till_stray_unref);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_stray_card_parent_class)->dispose (object);
}

static void
till_stray_card_class_init (TillStrayCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_stray_card_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/stray-card.ui");
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, box);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, gateway_icon);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, title);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, amount);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, reason);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, advice);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, came_amount);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, came_time);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, came_txn);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, came_payer);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, order_amount);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, order_number);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, order_attempt);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, order_shop);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, proof);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, decisions);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, credit_button);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, refund_button);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, dismiss_button);
  gtk_widget_class_bind_template_child (widget_class, TillStrayCard, decided);
  gtk_widget_class_bind_template_callback (widget_class, on_credit_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_refund_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_dismiss_clicked_cb);
}

static void
till_stray_card_init (TillStrayCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_stray_card_new:
 * @desk: the desk
 * @stray: a payment in suspense
 *
 * Returns: (transfer floating): a card for it
 */
GtkWidget *
till_stray_card_new (TillDesk  *desk,
                     TillStray *stray)
{
  TillStrayCard *self = g_object_new (TILL_TYPE_STRAY_CARD, NULL);

  self->desk = g_object_ref (desk);
  self->stray = till_stray_ref (stray);
  show_stray (self);

  return GTK_WIDGET (self);
}

TillStray *
till_stray_card_get_stray (TillStrayCard *self)
{
  g_return_val_if_fail (TILL_IS_STRAY_CARD (self), NULL);

  return self->stray;
}

static GtkWidget *
make_dialog (TillStrayCard    *self,
             TillStrayDecision decision)
{
  const gboolean refund = decision == TILL_STRAY_DECISION_REFUND;
  g_autofree char *subject = g_strdup_printf ("%s · %s", gtk_label_get_text (self->title),
                                              gtk_label_get_text (self->amount));
  Question *question;
  GtkWidget *dialog;

  if (decision == TILL_STRAY_DECISION_CREDIT)
    return till_credit_dialog_new (self->desk, self->stray);

  dialog = till_reason_dialog_new (refund ? _("Give this payment back?")
                                          : _("Dismiss this payment?"), subject,
                                   refund ? _("All of it goes back the way it came. Nothing was "
                                              "credited for it, so no meter is touched.")
                                          : _("It is not in our books, and nothing is booked. Only "
                                              "the record of it stays."));
  till_reason_dialog_set_action (TILL_REASON_DIALOG (dialog), refund ? _("Give back")
                                                                     : _("Dismiss"), TRUE);
  question = g_new0 (Question, 1);
  question->desk = g_object_ref (self->desk);
  question->stray_id = self->stray->id;
  question->decision = decision;
  g_signal_connect_data (dialog, "confirmed", G_CALLBACK (on_confirmed_cb), question,
                         (GClosureNotify)question_free, 0);
  return dialog;
}

/**
 * till_stray_card_ask:
 * @self: a card
 * @decision: what is about to be decided
 *
 * Asks for what is needed, and decides when it is given.
 *
 * Returns: (transfer none): the dialog, presented
 */
GtkWidget *
till_stray_card_ask (TillStrayCard    *self,
                     TillStrayDecision decision)
{
  GtkWidget *dialog;

  g_return_val_if_fail (TILL_IS_STRAY_CARD (self), NULL);

  dialog = make_dialog (self, decision);
  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));

  return dialog;
}
