/*
 * till-review-card.c: both sides of one purchase that could not be settled
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-error-text.h"
#include "till-reason-dialog.h"
#include "till-review-card.h"
#include "till-words.h"

/**
 * TillReviewCard:
 *
 * What the books say beside what the meter says now, what does not fit, and the ways out: three of
 * a purchase, and two of an amount that was to be taken back, which is never sent again.
 */
struct _TillReviewCard
{
  GtkWidget   parent_instance;

  TillDesk   *desk;
  TillIntent *intent;
  TillNode   *node; /* (nullable) of the meter */

  GtkWidget  *box;
  GtkLabel   *title;
  GtkLabel   *amount;
  GtkLabel   *story;
  GtkLabel   *books_count;
  GtkLabel   *books_balance;
  GtkLabel   *books_energy;
  GtkLabel   *books_time;
  GtkLabel   *meter_count;
  GtkLabel   *meter_balance;
  GtkLabel   *meter_energy;
  GtkLabel   *meter_time;
  GtkWidget  *read_button;
  GtkWidget  *decisions;
  GtkWidget  *resend_button;
  GtkWidget  *credited_button;
  GtkWidget  *return_button;
};

typedef struct
{
  TillReviewCard *card;
  TillDecision    decision;
} Question;

G_DEFINE_FINAL_TYPE (TillReviewCard, till_review_card, GTK_TYPE_WIDGET)

static void
question_free (Question *question)
{
  g_object_unref (question->card);
  g_free (question);
}

static gboolean
is_withdrawal (TillReviewCard *self)
{
  return self->intent->kind == TILL_INTENT_KIND_REFUND;
}

static const char *
get_withdrawal_consequences (TillDecision decision)
{
  return decision == TILL_DECISION_CREDITED
         ? _("The amount is settled as taken back and the money goes to the payer. If the meter "
             "still has it, the tenant gets it twice.")
         : _("The refund ends and no money goes back. If the meter has given the amount back, the "
             "tenant has lost it: then settle it as taken back.");
}

static const char *
get_heading (TillDecision decision,
             gboolean     withdrawal)
{
  if (withdrawal)
    return decision == TILL_DECISION_CREDITED ? _("The meter has given it back?")
                                              : _("End this refund?");

  switch (decision)
    {
    case TILL_DECISION_CREDITED:
      return _("The meter has it?");
    case TILL_DECISION_RESEND:
      return _("Send it to the meter once more?");
    case TILL_DECISION_RETURN:
    default:
      return _("Give the money back?");
    }
}

static const char *
get_consequences (TillDecision decision)
{
  switch (decision)
    {
    case TILL_DECISION_CREDITED:
      return _("The purchase is settled as delivered. Nothing is sent to the meter. If the meter "
               "does not have it, the tenant has paid for nothing.");
    case TILL_DECISION_RESEND:
      return _("The old purchase is given up for good and the amount is sent anew. If the meter "
               "has it already, the tenant gets it twice.");
    case TILL_DECISION_RETURN:
    default:
      return _("The purchase is given up for good and the amount is owed to the tenant. If the "
               "meter has it already, the tenant keeps both.");
    }
}

static const char *
get_action (TillDecision decision,
            gboolean     withdrawal)
{
  if (withdrawal)
    return decision == TILL_DECISION_CREDITED ? _("Settle as taken back") : _("End the refund");

  switch (decision)
    {
    case TILL_DECISION_CREDITED:
      return _("Settle as delivered");
    case TILL_DECISION_RESEND:
      return _("Send once more");
    case TILL_DECISION_RETURN:
    default:
      return _("Give the money back");
    }
}

static void
set_owned (GtkLabel *label,
           char     *text)
{
  gtk_label_set_text (label, text);
  g_free (text);
}

static void
show_meter (TillReviewCard *self)
{
  TillMeterState *state = self->node != NULL ? till_node_get_state (self->node) : NULL;
  const TillReading *reading = state != NULL ? &state->reading : NULL;
  const guint32 fields = reading != NULL ? reading->fields : 0;
  g_autofree char *story = till_words_review (self->intent, state);

  gtk_label_set_text (self->story, story);
  set_owned (self->meter_count, (fields & TILL_READING_PURCHASE_COUNT) != 0
             ? g_strdup_printf ("%u", reading->purchase_count) : g_strdup ("—"));
  set_owned (self->meter_balance, (fields & TILL_READING_REMAINING) != 0
             ? till_words_money (reading->remaining) : g_strdup ("—"));
  set_owned (self->meter_energy, (fields & TILL_READING_ENERGY) != 0
             ? till_words_energy (reading->energy_ckwh) : g_strdup ("—"));
  set_owned (self->meter_time, till_words_age (state != NULL ? state->last_contact_ms : 0,
                                               till_clock_now_ms ()));
}

static void
show_books (TillReviewCard *self)
{
  const TillIntent *intent = self->intent;
  const gint64 now_ms = till_clock_now_ms ();

  set_owned (self->title, till_site_model_describe_meter (till_desk_get_model (self->desk),
                                                          intent->meter_id));
  set_owned (self->amount, till_words_money (is_withdrawal (self) ? -intent->amount
                                                                  : intent->amount));
  set_owned (self->books_count, is_withdrawal (self)
             ? g_strdup_printf ("%u", intent->count_before)
             : g_strdup_printf ("%u → %u", intent->count_before, intent->count_new));
  set_owned (self->books_balance, till_words_money (intent->balance_before));
  set_owned (self->books_energy, till_words_energy (intent->energy_before_ckwh));
  set_owned (self->books_time, till_words_moment (intent->before_ms, now_ms));
}

static void
on_read_done_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(TillReviewCard) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillMeterState) state = till_engine_read_meter_finish (TILL_ENGINE (source), result,
                                                                   &error);

  if (self->desk == NULL)
    return;

  gtk_widget_set_sensitive (self->read_button, TRUE);
  if (state == NULL)
    till_desk_say (self->desk, till_error_text (error));
}

static void
on_read_clicked_cb (TillReviewCard *self)
{
  gtk_widget_set_sensitive (self->read_button, FALSE);
  till_engine_read_meter_async (till_desk_get_engine (self->desk), self->intent->meter_id, NULL,
                                on_read_done_cb, g_object_ref (self));
}

static void
on_decided_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(TillReasonDialog) dialog = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillIntent) intent = till_engine_decide_finish (TILL_ENGINE (source), result, &error);

  if (intent != NULL)
    gtk_window_destroy (GTK_WINDOW (dialog));
  else
    till_reason_dialog_set_failed (dialog, till_error_text (error));
}

static void
on_confirmed_cb (TillReasonDialog *dialog,
                 const char       *reason,
                 gint64            until_ms,
                 Question         *question)
{
  TillReviewCard *self = question->card;

  till_reason_dialog_set_busy (dialog);
  till_engine_decide_async (till_desk_get_engine (self->desk), self->intent->id,
                            question->decision, reason, till_desk_get_operator_id (self->desk),
                            NULL, on_decided_cb, g_object_ref (dialog));
}

static void
on_credited_clicked_cb (TillReviewCard *self)
{
  till_review_card_ask (self, TILL_DECISION_CREDITED);
}

static void
on_resend_clicked_cb (TillReviewCard *self)
{
  till_review_card_ask (self, TILL_DECISION_RESEND);
}

static void
on_return_clicked_cb (TillReviewCard *self)
{
  till_review_card_ask (self, TILL_DECISION_RETURN);
}

static void
till_review_card_dispose (GObject *object)
{
  TillReviewCard *self = TILL_REVIEW_CARD (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->intent, till_intent_unref);
  g_clear_object (&self->node);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_review_card_parent_class)->dispose (object);
}

static void
till_review_card_class_init (TillReviewCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_review_card_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/review-card.ui");
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, box);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, title);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, amount);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, story);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, books_count);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, books_balance);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, books_energy);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, books_time);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, meter_count);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, meter_balance);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, meter_energy);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, meter_time);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, read_button);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, decisions);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, resend_button);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, credited_button);
  gtk_widget_class_bind_template_child (widget_class, TillReviewCard, return_button);
  gtk_widget_class_bind_template_callback (widget_class, on_read_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_credited_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_resend_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_return_clicked_cb);
}

static void
till_review_card_init (TillReviewCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_review_card_new:
 * @desk: the desk
 * @intent: a purchase in REVIEW
 *
 * Returns: (transfer floating): a card for it
 */
GtkWidget *
till_review_card_new (TillDesk   *desk,
                      TillIntent *intent)
{
  TillReviewCard *self = g_object_new (TILL_TYPE_REVIEW_CARD, NULL);
  TillNode *node = till_site_model_get_meter_node (till_desk_get_model (desk), intent->meter_id);

  self->desk = g_object_ref (desk);
  self->intent = till_intent_ref (intent);
  if (node != NULL)
    {
      self->node = g_object_ref (node);
      g_signal_connect_object (node, "notify::summary", G_CALLBACK (show_meter), self,
                               G_CONNECT_SWAPPED);
    }
  if (is_withdrawal (self))
    {
      gtk_button_set_label (GTK_BUTTON (self->credited_button), _("The meter has given it back…"));
      gtk_button_set_label (GTK_BUTTON (self->return_button), _("End the refund…"));
      gtk_widget_set_visible (self->resend_button, FALSE);
    }
  show_books (self);
  show_meter (self);
  gtk_widget_set_sensitive (self->decisions, till_desk_may_decide (desk));

  return GTK_WIDGET (self);
}

/**
 * till_review_card_ask:
 * @self: a card
 * @decision: what is about to be decided
 *
 * Asks for a reason, and decides when it is given.
 *
 * Returns: (transfer none): the dialog, presented
 */
GtkWidget *
till_review_card_ask (TillReviewCard *self,
                      TillDecision    decision)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autofree char *subject = NULL;
  Question *question;
  GtkWidget *dialog;
  const char *action;

  g_return_val_if_fail (TILL_IS_REVIEW_CARD (self), NULL);

  subject = g_strdup_printf ("%s · %s", gtk_label_get_text (self->title),
                             gtk_label_get_text (self->amount));
  dialog = till_reason_dialog_new (get_heading (decision, is_withdrawal (self)), subject,
                                   is_withdrawal (self) ? get_withdrawal_consequences (decision)
                                                        : get_consequences (decision));
  question = g_new0 (Question, 1);
  question->card = g_object_ref (self);
  question->decision = decision;
  action = get_action (decision, is_withdrawal (self));
  till_reason_dialog_set_action (TILL_REASON_DIALOG (dialog), action, TRUE);
  g_signal_connect_data (dialog, "confirmed", G_CALLBACK (on_confirmed_cb), question,
                         (GClosureNotify)question_free, 0);
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (root));
  gtk_window_present (GTK_WINDOW (dialog));

  return dialog;
}
