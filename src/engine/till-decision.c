/*
 * till-decision.c: a person decides about a purchase in REVIEW
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-clock.h"
#include "till-decision-private.h"
#include "till-delivery-private.h"
#include "till-refund-private.h"
#include "till-store-intents.h"
#include "till-store-orders.h"
#include "till-store-people.h"

static TillIntent *
head_of (TillCoreMeter *meter)
{
  return meter->purchases.head != NULL ? meter->purchases.head->data : NULL;
}

typedef struct
{
  TillCore    *core;
  GTask       *task;
  gint64       intent_id;
  gint64       meter_id;
  gint64       new_intent_id;
  TillDecision decision;
  char        *reason;
  gint64       operator_id;
  TillReading  reading;
} Decide;

static void
decide_free (Decide *self)
{
  g_object_unref (self->task);
  g_free (self->reason);
  g_free (self);
}

static gboolean
decide_credited (Decide           *self,
                 const TillIntent *intent,
                 GError          **error)
{
  TillBooks *books = self->core->books;

  return till_store_settle_intent (books, intent->id, TILL_INTENT_STATE_REVIEW,
                                   TILL_INTENT_STATE_CONFIRMED, &self->reading, self->reason,
                                   error) &&
         till_store_move_order (books, intent->order_id, TILL_ORDER_STATE_REVIEW,
                                TILL_ORDER_STATE_CREDITED, till_clock_now_ms (), NULL, error) &&
         till_delivery_post (self->core, intent, &self->reading, "decision", self->operator_id,
                             error);
}

static gboolean
decide_resend (Decide           *self,
               const TillIntent *intent,
               GError          **error)
{
  TillBooks *books = self->core->books;
  const TillIntentTerms terms = {
    .kind = TILL_INTENT_KIND_PURCHASE, .meter_id = intent->meter_id,
    .operator_id = self->operator_id, .order_id = intent->order_id, .reason = self->reason,
    .amount = intent->amount,
  };

  return till_store_settle_intent (books, intent->id, TILL_INTENT_STATE_REVIEW,
                                   TILL_INTENT_STATE_BURNT, &self->reading, self->reason, error) &&
         till_store_move_order (books, intent->order_id, TILL_ORDER_STATE_REVIEW,
                                TILL_ORDER_STATE_PAID, till_clock_now_ms (), NULL, error) &&
         till_ledger_add_mark (books, intent->meter_id, "decision", 0, &self->reading, error) &&
         till_store_add_intent (books, &terms, &self->new_intent_id, error);
}

static gboolean
decide_return (Decide           *self,
               const TillIntent *intent,
               GError          **error)
{
  TillBooks *books = self->core->books;
  g_autoptr(TillOrder) order = till_store_get_order (books, intent->order_id, error);
  g_autofree char *ref = g_strconcat ("return/", intent->order_id, NULL);
  const TillEntry entry = {
    ref, "return", till_clock_now_ms (), self->operator_id, intent->order_id, NULL, self->reason,
  };

  if (order == NULL)
    return FALSE;

  /* What came through a gateway goes back through it. */
  const gboolean online = order->attempt_no != NULL;
  const TillLeg legs[] = {
    { TILL_LEDGER_WAY, order->account_id, intent->meter_id, intent->amount },
    { online ? TILL_LEDGER_REFUND : till_ledger_of_method (order->method),
      online ? order->account_id : 0, 0, -intent->amount },
  };

  return till_store_settle_intent (books, intent->id, TILL_INTENT_STATE_REVIEW,
                                   TILL_INTENT_STATE_BURNT, &self->reading, self->reason, error) &&
         till_store_move_order (books, intent->order_id, TILL_ORDER_STATE_REVIEW,
                                TILL_ORDER_STATE_REFUNDED, till_clock_now_ms (), self->reason,
                                error) &&
         till_ledger_add_mark (books, intent->meter_id, "decision", 0, &self->reading, error) &&
         till_ledger_post (books, &entry, legs, G_N_ELEMENTS (legs), NULL, error) &&
         (!online || till_refund_write_return (self->core, order, self->operator_id, self->reason,
                                               error));
}

/* “Credited” says that the meter has given back, “return” that it has not. */
static gboolean
decide_refund (Decide           *self,
               const TillIntent *intent,
               GError          **error)
{
  if (self->decision != TILL_DECISION_RESEND)
    return till_withdrawal_write_decision (self->core, intent,
                                           self->decision == TILL_DECISION_CREDITED,
                                           &self->reading, self->reason, error);

  g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                       "a refund is not sent again; end it, and begin a new one");
  return FALSE;
}

static gboolean
write_decision (TillBooks *books,
                gpointer   data,
                GError   **error)
{
  static const char *const names[] = { "decide credited", "decide resend", "decide return" };
  Decide *self = data;
  g_autoptr(TillIntent) intent = till_store_get_intent (books, self->intent_id, error);
  g_autoptr(TillOperator) person = NULL;

  if (intent == NULL)
    return FALSE;

  person = till_store_get_operator (books, self->operator_id, error);
  if (person == NULL)
    return FALSE;

  if (person->role != TILL_ROLE_SENIOR && person->role != TILL_ROLE_ADMIN)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                   "%s may not decide on a purchase; ask a senior clerk", person->display_name);
      return FALSE;
    }

  if (intent->kind == TILL_INTENT_KIND_REFUND)
    return decide_refund (self, intent, error) &&
           till_audit_add (books, person->name, names[self->decision], intent->order_id,
                           self->reason, error);

  if (self->decision == TILL_DECISION_CREDITED ? !decide_credited (self, intent, error)
      : self->decision == TILL_DECISION_RESEND ? !decide_resend (self, intent, error)
                                               : !decide_return (self, intent, error))
    return FALSE;

  return till_audit_add (books, person->name, names[self->decision], intent->order_id,
                         self->reason, error);
}

static void
on_decision_written (TillBooks    *books,
                     gpointer      data,
                     const GError *error)
{
  Decide *self = data;
  TillCoreMeter *meter = till_core_get_meter (self->core, self->meter_id, NULL);
  GError *local_error = NULL;
  TillIntent *intent;

  if (error != NULL)
    {
      g_task_return_error (self->task, g_error_copy (error));
      return;
    }

  if (meter != NULL && head_of (meter) != NULL && head_of (meter)->id == self->intent_id)
    {
      till_delivery_refresh (self->core, meter);
      till_delivery_take_mark (self->core, meter);
    }

  till_refund_go_on (self->core);
  if (self->new_intent_id != 0)
    till_delivery_add (self->core, self->new_intent_id);
  till_core_emit_conditions (self->core);

  intent = till_store_get_intent (books, self->intent_id, &local_error);
  if (intent != NULL)
    g_task_return_pointer (self->task, intent, (GDestroyNotify)till_intent_unref);
  else
    g_task_return_error (self->task, local_error);
}

static TillCoreMeter *
get_reviewed (TillCore *core,
              gint64    intent_id,
              GError  **error)
{
  g_autoptr(TillIntent) intent = till_store_get_intent (core->books, intent_id, error);
  TillCoreMeter *meter;

  if (intent == NULL)
    return NULL;

  meter = till_core_get_meter (core, intent->meter_id, error);
  if (meter == NULL)
    return NULL;

  if (intent->state != TILL_INTENT_STATE_REVIEW || head_of (meter) == NULL ||
      head_of (meter)->id != intent_id)
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                           "this purchase is not waiting for a decision any more");
      return NULL;
    }

  if (!till_core_is_fresh (meter))
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_STALE,
                   "meter %s was not read within the last minute; decide when it answers",
                   meter->setup->meter_no);
      return NULL;
    }

  return meter;
}

/**
 * till_decision_make:
 * @core: the core
 * @intent_id: a purchase in REVIEW
 * @decision: what becomes of it
 * @reason: why, in the words of the person; not empty
 * @operator_id: who decides; a senior clerk or an administrator
 * @task: returns the #TillIntent when the decision is durable
 *
 * Ends a REVIEW by the decision of a person who has seen both sides. What the meter shows now is
 * kept as the new agreement between meter and books.
 */
void
till_decision_make (TillCore    *core,
                    gint64       intent_id,
                    TillDecision decision,
                    const char  *reason,
                    gint64       operator_id,
                    GTask       *task)
{
  GError *error = NULL;
  TillCoreMeter *meter = get_reviewed (core, intent_id, &error);
  Decide *self;

  if (meter != NULL && (reason == NULL || *reason == '\0'))
    error = g_error_new_literal (TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                                 "say why you decide so");

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  self = g_new0 (Decide, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->intent_id = intent_id;
  self->meter_id = meter->setup->id;
  self->decision = decision;
  self->reason = g_strdup (reason);
  self->operator_id = operator_id;
  self->reading = meter->reading;
  till_books_write (core->books, write_decision, on_decision_written, self,
                    (GDestroyNotify)decide_free);
}
