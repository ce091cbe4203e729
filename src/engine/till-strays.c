/*
 * till-strays.c: payments in suspense, and what a person decides about them
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-cashier-private.h"
#include "till-clock.h"
#include "till-delivery-private.h"
#include "till-id.h"
#include "till-payments-private.h"
#include "till-refund-private.h"
#include "till-store-orders.h"
#include "till-store-people.h"

typedef struct
{
  TillCore        *core;
  GTask           *task;
  TillStrayVerdict verdict;
  char            *reason;
  char            *order_id;  /* of the recharge it becomes */
  gint64           intent_id;
} Decide;

static void
decide_free (Decide *self)
{
  g_object_unref (self->task);
  g_free (self->reason);
  g_free (self->order_id);
  g_free (self);
}

/**
 * till_strays_emit:
 * @core: the core
 * @stray_id: a payment in suspense with news
 *
 * Tells the outside.
 */
void
till_strays_emit (TillCore *core,
                  gint64    stray_id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillStray) stray = till_store_get_stray (core->books, stray_id, &error);

  if (stray == NULL)
    g_warning ("%s", error->message);
  else if (core->events->stray != NULL)
    core->events->stray (stray, core->events_data);

  till_core_emit_conditions (core);
}

/**
 * till_strays_add_conditions:
 * @core: the core
 * @list: (element-type TillCondition): a line is appended when payments wait for a decision
 */
void
till_strays_add_conditions (TillCore  *core,
                            GPtrArray *list)
{
  TillCondition *condition;
  guint n_open = 0;

  if (!till_store_count_strays (core->books, &n_open, NULL) || n_open == 0)
    return;

  condition = till_condition_new ();
  condition->kind = TILL_CONDITION_STRAY_OPEN;
  condition->count = n_open;
  condition->message = g_strdup ("online payments wait for a decision");
  g_ptr_array_add (list, condition);
}

static gboolean
check_quote (Decide          *self,
             const TillStray *stray,
             GError         **error)
{
  g_autoptr(TillQuote) quote = till_cashier_quote (self->core, self->verdict.account_id,
                                                   self->verdict.meter_id, stray->amount, error);

  if (quote == NULL)
    return FALSE;
  if (quote->allowed)
    return TRUE;

  g_set_error_literal (error, TILL_RULE_ERROR, quote->code, quote->refusal);
  return FALSE;
}

/* Sold as a recharge of its own: the money goes from suspense on its way to the meter. */
static gboolean
credit (Decide             *self,
        const TillStray    *stray,
        const TillOperator *person,
        GError            **error)
{
  TillBooks *books = self->core->books;
  const gint64 now_ms = till_clock_now_ms ();
  g_autofree char *key = g_strdup_printf ("stray-%" G_GINT64_FORMAT, stray->id);
  g_autoptr(GBytes) raw = stray->raw != NULL ? g_bytes_new (stray->raw, strlen (stray->raw)) : NULL;
  gint64 meter_id = self->verdict.meter_id;
  TillOrderTerms terms;
  TillSettlement settlement;

  if (!till_cashier_find_meter (self->core, self->verdict.account_id, &meter_id, error) ||
      !check_quote (self, stray, error))
    return FALSE;

  self->order_id = till_id_new_order (now_ms);
  terms = (TillOrderTerms) {
    self->order_id, key, self->verdict.account_id, meter_id, stray->amount, stray->method,
    person->id, now_ms,
  };
  settlement = (TillSettlement) {
    .order_id = self->order_id, .account_id = terms.account_id, .meter_id = meter_id,
    .amount = stray->amount, .method = stray->method, .txn = stray->txn, .raw = raw,
    .operator_id = person->id, .operator_name = person->name, .at_ms = now_ms,
    .from_suspense = TRUE,
  };

  return till_store_add_order (books, &terms, TILL_ORDER_STATE_NEW, error) &&
         till_settle (self->core, &settlement, &self->intent_id, error) &&
         till_store_move_stray (books, stray->id, TILL_STRAY_STATE_OPEN,
                                TILL_STRAY_STATE_CREDITED, person->id, self->reason,
                                self->order_id, error);
}

static gboolean
dismiss (Decide             *self,
         const TillStray    *stray,
         const TillOperator *person,
         GError            **error)
{
  if (!stray->booked)
    return till_store_move_stray (self->core->books, stray->id, TILL_STRAY_STATE_OPEN,
                                  TILL_STRAY_STATE_DISMISSED, person->id, self->reason, NULL,
                                  error);

  g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                       "this is our money: credit it to a tenant or give it back");
  return FALSE;
}

static gboolean
check_person (const TillOperator *person,
              GError            **error)
{
  if (person->role == TILL_ROLE_SENIOR || person->role == TILL_ROLE_ADMIN)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
               "%s may not decide on a payment; ask a senior clerk", person->display_name);
  return FALSE;
}

static gboolean
write_decision (TillBooks *books,
                gpointer   data,
                GError   **error)
{
  Decide *self = data;
  g_autoptr(TillOperator) person = till_store_get_operator (books, self->verdict.operator_id,
                                                            error);
  g_autoptr(TillStray) stray = NULL;

  if (person == NULL || !check_person (person, error))
    return FALSE;

  stray = till_store_get_stray (books, self->verdict.stray_id, error);
  if (stray == NULL)
    return FALSE;

  if (stray->state != TILL_STRAY_STATE_OPEN)
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                           "this payment does not wait for a decision any more");
      return FALSE;
    }

  if (!stray->booked && self->verdict.decision == TILL_STRAY_DECISION_CREDIT)
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                           "this was paid to somebody else and cannot be credited");
      return FALSE;
    }

  if (self->verdict.decision == TILL_STRAY_DECISION_CREDIT
      ? !credit (self, stray, person, error) : !dismiss (self, stray, person, error))
    return FALSE;

  return till_audit_add (books, person->name,
                         self->verdict.decision == TILL_STRAY_DECISION_CREDIT
                         ? "suspense credited" : "suspense dismissed", stray->txn, self->reason,
                         error);
}

static void
on_decided (TillBooks    *books,
            gpointer      data,
            const GError *error)
{
  Decide *self = data;
  GError *local = NULL;
  TillStray *stray;

  if (error != NULL)
    {
      g_task_return_error (self->task, g_error_copy (error));
      return;
    }

  if (self->intent_id != 0)
    till_delivery_add (self->core, self->intent_id);
  if (self->order_id != NULL)
    till_core_emit_order (self->core, self->order_id);
  till_strays_emit (self->core, self->verdict.stray_id);

  stray = till_store_get_stray (books, self->verdict.stray_id, &local);
  if (stray != NULL)
    g_task_return_pointer (self->task, stray, (GDestroyNotify)till_stray_unref);
  else
    g_task_return_error (self->task, local);
}

/**
 * till_strays_decide:
 * @core: the core
 * @verdict: what becomes of a payment in suspense; a reason is needed
 * @task: returns the #TillStray when it is durable
 *
 * A senior clerk or an administrator decides.
 */
void
till_strays_decide (TillCore               *core,
                    const TillStrayVerdict *verdict,
                    GTask                  *task)
{
  Decide *self;

  if (verdict->reason == NULL || *verdict->reason == '\0')
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                               "say why you decide so");
      return;
    }

  if (verdict->decision == TILL_STRAY_DECISION_REFUND)
    {
      till_refund_stray (core, verdict->stray_id, verdict->operator_id, verdict->reason, task);
      return;
    }

  self = g_new0 (Decide, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->verdict = *verdict;
  self->reason = g_strdup (verdict->reason);
  till_books_write (core->books, write_decision, on_decided, self, (GDestroyNotify)decide_free);
}
