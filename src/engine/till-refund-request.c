/*
 * till-refund-request.c: what may be given back, and who says so
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-audit.h"
#include "till-clock.h"
#include "till-delivery-private.h"
#include "till-refund-private.h"
#include "till-store-intents.h"
#include "till-store-online.h"
#include "till-store-orders.h"
#include "till-store-people.h"
#include "till-store-refunds.h"

static gboolean
is_online (TillMethod method)
{
  return method == TILL_METHOD_WECHAT || method == TILL_METHOD_ALIPAY;
}

typedef struct
{
  TillCore *core;
  GTask    *task; /* (nullable) */
  char     *order_id;
  gint64    stray_id;
  TillMoney amount;
  char     *reason;
  gint64    operator_id;
  char     *no;
  gint64    intent_id;
} Request;

static void
request_free (Request *self)
{
  g_clear_object (&self->task);
  g_free (self->order_id);
  g_free (self->reason);
  g_free (self->no);
  g_free (self);
}

static TillOperator *
get_person (TillCore *core,
            gint64    operator_id,
            GError  **error)
{
  g_autoptr(TillOperator) person = till_store_get_operator (core->books, operator_id, error);

  if (person == NULL)
    return NULL;

  if (person->role == TILL_ROLE_SENIOR || person->role == TILL_ROLE_ADMIN)
    return g_steal_pointer (&person);

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
               "%s may not give money back; ask a senior clerk", person->display_name);
  return NULL;
}

/* What of the sale can still be given back; what the meter, or the ledger, holds is the end. */
static gboolean
find_most (Request         *self,
           const TillOrder *order,
           TillMoney       *most,
           GError         **error)
{
  TillCoreMeter *meter;
  TillMoney held = 0;

  if (order->meter_id == 0)
    {
      if (!till_ledger_get_balance (self->core->books, TILL_LEDGER_SERVER, order->account_id, 0,
                                    &held, error))
        return FALSE;

      *most = MIN (order->amount - order->refunded, -held);
      return TRUE;
    }

  meter = till_core_get_meter (self->core, order->meter_id, error);
  if (meter == NULL)
    return FALSE;

  if (!(meter->reading.fields & TILL_READING_REMAINING) || !till_core_is_fresh (meter))
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_STALE,
                   "meter %s was not read within the last minute; give back when it answers",
                   meter->setup->meter_no);
      return FALSE;
    }

  *most = MIN (order->amount - order->refunded, meter->reading.remaining);
  return TRUE;
}

static gboolean
check_amount (Request         *self,
              const TillOrder *order,
              GError         **error)
{
  TillMoney most = 0;
  g_autofree char *text = NULL;

  if (order->state != TILL_ORDER_STATE_CREDITED)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                   "order %s is “%s”: only what has arrived can be given back; decide about "
                   "anything else on the review page", order->id,
                   till_enum_to_nick (TILL_TYPE_ORDER_STATE, order->state));
      return FALSE;
    }

  if (!find_most (self, order, &most, error))
    return FALSE;

  if (self->amount == 0)
    self->amount = most;
  if (self->amount > 0 && self->amount <= most)
    return TRUE;

  text = till_money_format (MAX (most, 0));
  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_LIMIT,
               "at most %s yuan of this sale are unused and can be given back", text);
  return FALSE;
}

static gboolean
post_server_taken (Request         *self,
                   const TillOrder *order,
                   GError         **error)
{
  g_autofree char *ref = g_strconcat ("refund-taken/", self->no, NULL);
  const TillEntry entry = {
    ref, "refund-taken", till_clock_now_ms (), self->operator_id, order->id, NULL, self->reason,
  };
  const TillLeg legs[] = {
    { TILL_LEDGER_SERVER, order->account_id, 0, self->amount },
    { TILL_LEDGER_REFUND, order->account_id, 0, -self->amount },
  };

  return till_ledger_post (self->core->books, &entry, legs, G_N_ELEMENTS (legs), NULL, error);
}

static gboolean
add_row (Request         *self,
         const TillOrder *order,
         TillRefundStep   step,
         GError         **error)
{
  const TillRefundTermsRow terms = {
    .no = self->no, .order_id = order->id, .intent_id = self->intent_id,
    .account_id = order->account_id, .meter_id = order->meter_id, .method = order->method,
    .attempt_no = order->attempt_no, .total = order->amount, .amount = self->amount,
    .reason = self->reason, .operator_id = self->operator_id,
    .created_ms = till_clock_now_ms (), .step = step,
  };

  return till_store_add_refund (self->core->books, &terms, error);
}

/* The recharge that a payment in suspense became was paid under the number of that payment. */
static gboolean
find_source (Request   *self,
             TillOrder *order,
             GError   **error)
{
  TillStmt *stmt;
  int rc;

  if (!is_online (order->method) || order->attempt_no != NULL)
    return TRUE;

  stmt = till_db_query (till_books_get_db (self->core->books), error,
                        "SELECT attempt_no FROM stray WHERE site = 1 AND new_order_id = $1", "s",
                        order->id);
  rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;
  if (rc == 1)
    order->attempt_no = g_strdup (till_stmt_get_text (stmt, 0));
  if (stmt != NULL)
    till_stmt_reset (stmt);

  return rc >= 0;
}

static gboolean
write_request (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Request *self = data;
  g_autoptr(TillOperator) person = get_person (self->core, self->operator_id, error);
  g_autoptr(TillOrder) order = NULL;
  g_autoptr(TillRefund) refund = NULL;
  g_autofree char *amount = NULL;
  TillMoney sum = 0;
  guint n = 0;

  if (person == NULL)
    return FALSE;

  order = till_store_get_order (books, self->order_id, error);
  if (order == NULL || !check_amount (self, order, error) || !find_source (self, order, error) ||
      !till_store_sum_refunds (books, order->id, &sum, &n, error))
    return FALSE;

  self->no = g_strdup_printf ("%sR%u", order->id, n + 1);
  amount = till_money_format (self->amount);
  if (!till_audit_add (books, person->name, "refund", self->no, amount, error))
    return FALSE;

  if (order->meter_id != 0)
    {
      const TillIntentTerms terms = {
        .kind = TILL_INTENT_KIND_REFUND, .meter_id = order->meter_id,
        .operator_id = self->operator_id, .order_id = order->id, .reason = self->reason,
        .amount = self->amount,
      };

      return till_store_add_intent (books, &terms, &self->intent_id, error) &&
             add_row (self, order, TILL_REFUND_STEP_METER, error);
    }

  if (!post_server_taken (self, order, error) ||
      !add_row (self, order, TILL_REFUND_STEP_MONEY, error))
    return FALSE;

  refund = till_store_get_refund (books, self->no, error);
  return refund != NULL &&
         till_refund_write_money (self->core, refund, TILL_REFUND_STEP_MONEY, error);
}

static void
on_requested (TillBooks    *books,
              gpointer      data,
              const GError *error)
{
  Request *self = data;
  GError *local = NULL;
  TillRefund *refund;

  if (error != NULL)
    {
      g_task_return_error (self->task, g_error_copy (error));
      return;
    }

  if (self->intent_id != 0)
    till_delivery_add (self->core, self->intent_id);
  till_refund_go_on (self->core);
  till_refund_emit (self->core, self->no);

  refund = till_store_get_refund (books, self->no, &local);
  if (refund != NULL)
    g_task_return_pointer (self->task, refund, (GDestroyNotify)till_refund_unref);
  else
    g_task_return_error (self->task, local);
}

/**
 * till_refund_order:
 * @core: the core
 * @order_id: a sale that has arrived
 * @amount: how much of it, 0 for all that is unused
 * @reason: why; not empty
 * @operator_id: who; a senior clerk or an administrator
 * @task: returns the #TillRefund when it is durable
 *
 * Gives back what of a sale is unused. A meter gives it back first, and sells nothing meanwhile.
 */
void
till_refund_order (TillCore   *core,
                   const char *order_id,
                   TillMoney   amount,
                   const char *reason,
                   gint64      operator_id,
                   GTask      *task)
{
  Request *self;

  if (reason == NULL || *reason == '\0' || amount < 0)
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                               "say why the money goes back, and how much");
      return;
    }

  self = g_new0 (Request, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->order_id = g_strdup (order_id);
  self->amount = amount;
  self->reason = g_strdup (reason);
  self->operator_id = operator_id;
  till_books_write (core->books, write_request, on_requested, self, (GDestroyNotify)request_free);
}

/**
 * till_refund_write_return:
 * @core: the core; its books are in a transaction
 * @order: an online sale in REVIEW that is not on the meter
 * @operator_id: who decided
 * @reason: why
 * @error: return location for a #GError
 *
 * Has the money of a purchase that a person gave up go back through its gateway.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_refund_write_return (TillCore        *core,
                          const TillOrder *order,
                          gint64           operator_id,
                          const char      *reason,
                          GError         **error)
{
  g_autofree char *no = g_strconcat (order->id, "R0", NULL);
  Request request = {
    .core = core, .no = no, .amount = order->amount, .reason = (char *)reason,
    .operator_id = operator_id,
  };

  return add_row (&request, order, TILL_REFUND_STEP_MONEY, error);
}

/*
 * Payments in suspense
 */

static gboolean
write_stray_request (TillBooks *books,
                     gpointer   data,
                     GError   **error)
{
  Request *self = data;
  g_autoptr(TillOperator) person = get_person (self->core, self->operator_id, error);
  g_autoptr(TillStray) stray = NULL;

  if (person == NULL)
    return FALSE;

  stray = till_store_get_stray (books, self->stray_id, error);
  if (stray == NULL)
    return FALSE;

  if (!stray->booked)
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                           "this was paid to somebody else; there is nothing of ours to give back");
      return FALSE;
    }

  self->no = g_strdup_printf ("S%" G_GINT64_FORMAT "_%s", stray->id, stray->attempt_no);
  if (strlen (self->no) > 64)
    self->no[64] = '\0';

  const TillRefundTermsRow terms = {
    .no = self->no, .stray_id = stray->id, .account_id = stray->account_id,
    .method = stray->method, .attempt_no = stray->attempt_no, .total = stray->amount,
    .amount = stray->amount, .reason = self->reason, .operator_id = self->operator_id,
    .created_ms = till_clock_now_ms (), .step = TILL_REFUND_STEP_MONEY,
  };

  return till_store_move_stray (books, stray->id, TILL_STRAY_STATE_OPEN,
                                TILL_STRAY_STATE_REFUNDING, person->id, self->reason, NULL,
                                error) &&
         till_store_add_refund (books, &terms, error) &&
         till_audit_add (books, person->name, "suspense refunded", stray->txn, self->reason, error);
}

static void
on_stray_requested (TillBooks    *books,
                    gpointer      data,
                    const GError *error)
{
  Request *self = data;
  GError *local = NULL;
  TillStray *stray;

  if (error == NULL)
    {
      till_refund_go_on (self->core);
      till_refund_emit (self->core, self->no);
    }
  else
    g_message ("payment in suspense %" G_GINT64_FORMAT ": %s", self->stray_id, error->message);

  if (self->task == NULL)
    return;

  stray = error == NULL ? till_store_get_stray (books, self->stray_id, &local) : NULL;
  if (stray != NULL)
    g_task_return_pointer (self->task, stray, (GDestroyNotify)till_stray_unref);
  else
    g_task_return_error (self->task, error != NULL ? g_error_copy (error) : local);
}

/**
 * till_refund_stray:
 * @core: the core
 * @stray_id: a payment in suspense
 * @operator_id: who decided
 * @reason: why
 * @task: (nullable): returns the #TillStray when it is durable
 *
 * Gives a payment back that pays for nothing.
 */
void
till_refund_stray (TillCore   *core,
                   gint64      stray_id,
                   gint64      operator_id,
                   const char *reason,
                   GTask      *task)
{
  Request *self = g_new0 (Request, 1);

  self->core = core;
  self->task = task != NULL ? g_object_ref (task) : NULL;
  self->stray_id = stray_id;
  self->operator_id = operator_id;
  self->reason = g_strdup (reason);
  till_books_write (core->books, write_stray_request, on_stray_requested, self,
                    (GDestroyNotify)request_free);
}
