/*
 * fake-refunds.c: payments in suspense and refunds at the engine's double
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-online-private.h"
#include "till-clock.h"

static TillStray *
copy_stray (const TillStray *from)
{
  TillStray *stray = till_stray_new ();

  *stray = *from;
  stray->txn = g_strdup (from->txn);
  stray->attempt_no = g_strdup (from->attempt_no);
  stray->order_id = g_strdup (from->order_id);
  stray->payer = g_strdup (from->payer);
  stray->decided_by = g_strdup (from->decided_by);
  stray->message = g_strdup (from->message);
  stray->raw = g_strdup (from->raw);
  return stray;
}

static TillRefund *
copy_refund (const TillRefund *from)
{
  TillRefund *refund = till_refund_new ();

  *refund = *from;
  refund->refund_no = g_strdup (from->refund_no);
  refund->order_id = g_strdup (from->order_id);
  refund->reason = g_strdup (from->reason);
  refund->operator_name = g_strdup (from->operator_name);
  refund->message = g_strdup (from->message);
  return refund;
}

/* One payment in suspense for each reason there is. */
void
fake_online_add_strays (TillEngine *self)
{
  for (guint i = 0; i <= TILL_STRAY_REASON_ACCOUNT_CLOSED; i++)
    {
      const TillAccount *account = self->site->accounts->pdata[i];
      TillStray *stray = till_stray_new ();

      stray->id = i + 1;
      stray->method = i % 2 == 0 ? TILL_METHOD_WECHAT : TILL_METHOD_ALIPAY;
      stray->txn = g_strdup_printf ("42000012342026112498765%05u", i);
      stray->attempt_no = g_strdup_printf ("20261124T0930%02u007_0a1b2c", i);
      stray->reason = (TillStrayReason)i;
      stray->amount = 10000 + i * 100;
      stray->received_ms = till_clock_now_ms () - (i + 1) * 600000;
      stray->payer = g_strdup (i % 2 == 0 ? "oUpF8uMu****" : "138****1234");
      stray->booked = i != TILL_STRAY_REASON_MERCHANT && i != TILL_STRAY_REASON_CURRENCY;
      stray->raw = g_strdup ("{\"out_trade_no\":\"20261124T093000007_0a1b2c\",\"trade_state\":\"SUCCESS\"}");
      if (i != TILL_STRAY_REASON_UNKNOWN_ORDER)
        {
          stray->order_id = g_strdup_printf ("T20261124%06u", i);
          stray->order_amount = i == TILL_STRAY_REASON_AMOUNT ? 20000 : stray->amount;
          stray->account_id = account->id;
          stray->meter_id = account->id + 100000;
        }
      g_ptr_array_add (self->online->strays, stray);
    }
}

void
till_engine_list_strays_async (TillEngine         *self,
                               gboolean            all,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_stray_unref);

  for (guint i = 0; i < self->online->strays->len; i++)
    {
      TillStray *stray = self->online->strays->pdata[i];

      if (all || stray->state == TILL_STRAY_STATE_OPEN)
        g_ptr_array_add (list, till_stray_ref (stray));
    }
  g_task_return_pointer (task, list, (GDestroyNotify)g_ptr_array_unref);
}

GPtrArray *
till_engine_list_strays_finish (TillEngine   *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static TillStrayState
state_after (TillStrayDecision decision)
{
  switch (decision)
    {
    case TILL_STRAY_DECISION_CREDIT:
      return TILL_STRAY_STATE_CREDITED;
    case TILL_STRAY_DECISION_REFUND:
      return TILL_STRAY_STATE_REFUNDING;
    case TILL_STRAY_DECISION_DISMISS:
    default:
      return TILL_STRAY_STATE_DISMISSED;
    }
}

void
till_engine_decide_stray_async (TillEngine             *self,
                                const TillStrayVerdict *verdict,
                                GCancellable           *cancellable,
                                GAsyncReadyCallback     callback,
                                gpointer                user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TillStray *stray = NULL;

  g_assert_cmpint (verdict->stray_id, >, 0);
  g_assert_cmpint (verdict->stray_id, <=, self->online->strays->len);
  stray = copy_stray (self->online->strays->pdata[verdict->stray_id - 1]);
  if (stray->state != TILL_STRAY_STATE_OPEN)
    {
      till_stray_unref (stray);
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED, "decided already");
      return;
    }

  fake_engine_script.n_verdicts++;
  fake_engine_script.last_verdict = verdict->decision;
  fake_engine_script.last_account = verdict->account_id;
  stray->state = state_after (verdict->decision);
  stray->decided_by = g_strdup ("王芳");
  stray->message = g_strdup (verdict->reason);
  till_stray_unref (self->online->strays->pdata[verdict->stray_id - 1]);
  self->online->strays->pdata[verdict->stray_id - 1] = till_stray_ref (stray);
  fake_engine_emit (self, FAKE_STRAY_CHANGED, stray);
  g_task_return_pointer (task, stray, (GDestroyNotify)till_stray_unref);
}

TillStray *
till_engine_decide_stray_finish (TillEngine   *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
take_refund (TillEngine *self,
             guint       i,
             TillRefund *refund)
{
  till_refund_unref (self->online->refunds->pdata[i]);
  self->online->refunds->pdata[i] = refund;
  fake_engine_emit (self, FAKE_REFUND_CHANGED, refund);
}

static TillRefundStep
step_after (const TillRefund *refund)
{
  const gboolean at_desk = refund->method < TILL_METHOD_WECHAT;

  if (fake_engine_script.stuck_refunds)
    return TILL_REFUND_STEP_REVIEW;
  if (refund->step == TILL_REFUND_STEP_METER && !at_desk)
    return TILL_REFUND_STEP_MONEY;

  return TILL_REFUND_STEP_DONE;
}

/* Meter first, money second. */
static gboolean
go_on (gpointer data)
{
  FakeStep *step = data;

  for (guint i = 0; i < step->self->online->refunds->len; i++)
    {
      TillRefund *refund = step->self->online->refunds->pdata[i];
      TillRefund *next;

      if (g_strcmp0 (refund->order_id, step->order->id) != 0
          || refund->step > TILL_REFUND_STEP_MONEY)
        continue;

      next = copy_refund (refund);
      next->step = step_after (refund);
      next->gateway_state = next->step == TILL_REFUND_STEP_MONEY ? TILL_REFUND_STATE_PROCESSING
                                                                 : TILL_REFUND_STATE_DONE;
      next->done_ms = next->step == TILL_REFUND_STEP_DONE ? till_clock_now_ms () : 0;
      if (next->step == TILL_REFUND_STEP_REVIEW)
        next->message = g_strdup ("the meter holds less than was asked back");
      take_refund (step->self, i, next);
      if (next->step == TILL_REFUND_STEP_MONEY)
        fake_engine_schedule (step->self, go_on, step->order, NULL);
      if (next->step == TILL_REFUND_STEP_DONE)
        {
          TillOrder *order = fake_engine_copy_order (step->order);

          order->refunded += next->amount;
          if (order->refunded >= order->amount)
            order->state = TILL_ORDER_STATE_REFUNDED;
          fake_engine_take_order (step->self, order);
        }
    }
  return G_SOURCE_REMOVE;
}

static TillRefund *
add_refund (TillEngine *self,
            TillOrder  *order,
            TillMoney   amount,
            const char *reason)
{
  TillRefund *refund = till_refund_new ();

  refund->refund_no = g_strdup_printf ("%sR%u", order->id, self->online->refunds->len + 1);
  refund->order_id = g_strdup (order->id);
  refund->account_id = order->account_id;
  refund->meter_id = order->meter_id;
  refund->method = order->method;
  refund->amount = amount;
  refund->reason = g_strdup (reason);
  refund->operator_name = g_strdup ("王芳");
  refund->created_ms = till_clock_now_ms ();
  g_ptr_array_add (self->online->refunds, refund);
  return refund;
}

void
fake_online_add_stuck_refund (TillEngine *self)
{
  TillOrder *order = self->orders->pdata[3];
  TillRefund *refund = add_refund (self, order, order->amount, "租户退租");

  refund->method = TILL_METHOD_WECHAT;
  refund->step = TILL_REFUND_STEP_REVIEW;
  refund->gateway_state = TILL_REFUND_STATE_ABNORMAL;
  refund->message = g_strdup ("the refund is stuck at the gateway: the payer’s account cannot take it; "
                              "act on the merchant’s page");
}

void
till_engine_refund_async (TillEngine         *self,
                          const char         *order_id,
                          TillMoney           amount,
                          const char         *reason,
                          gint64              operator_id,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TillOrder *order = self->orders->pdata[fake_engine_find_order (self, order_id)];
  const TillMoney most = order->amount - order->refunded;
  TillRefund *refund;

  if (fake_engine_script.refuse_refunds || amount > most)
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_LIMIT, "not so much is unused");
      return;
    }

  refund = add_refund (self, order, amount != 0 ? amount : most, reason);
  fake_engine_script.n_refunds++;
  fake_engine_script.last_refund = refund->amount;
  fake_engine_schedule (self, go_on, order, NULL);
  fake_engine_emit (self, FAKE_REFUND_CHANGED, refund);
  g_task_return_pointer (task, till_refund_ref (refund), (GDestroyNotify)till_refund_unref);
}

TillRefund *
till_engine_refund_finish (TillEngine   *self,
                           GAsyncResult *result,
                           GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_list_refunds_async (TillEngine         *self,
                                const char         *order_id,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_refund_unref);

  for (guint i = self->online->refunds->len; i > 0; i--)
    {
      TillRefund *refund = self->online->refunds->pdata[i - 1];

      if (order_id != NULL ? g_strcmp0 (refund->order_id, order_id) == 0
                           : refund->step != TILL_REFUND_STEP_DONE)
        g_ptr_array_add (list, till_refund_ref (refund));
    }
  g_task_return_pointer (task, list, (GDestroyNotify)g_ptr_array_unref);
}

GPtrArray *
till_engine_list_refunds_finish (TillEngine   *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
