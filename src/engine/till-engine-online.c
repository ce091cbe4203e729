/*
 * till-engine-online.c: payments through a gateway, behind the engine's door
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-demo-private.h"
#include "till-engine-private.h"
#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-reconcile-private.h"
#include "till-refund-private.h"
#include "till-store-orders.h"
#include "till-store-refunds.h"

/* Defines a finish function that hands on a record. */
#define DEFINE_FINISH(Type, name) \
  Type * \
  till_engine_ ## name ## _finish (TillEngine   *self, \
                                   GAsyncResult *result, \
                                   GError      **error) \
  { \
    return till_engine_call_finish (self, result, error); \
  }

/*
 * Orders
 */

static void
run_cancel (GTask   *task,
            gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_payments_cancel (core, call->text, call->operator_id, task);
}

void
till_engine_cancel_order_async (TillEngine         *self,
                                const char         *order_id,
                                gint64              operator_id,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (order_id);
  call->operator_id = operator_id;
  till_engine_call_async (self, run_cancel, call, (GDestroyNotify)till_order_unref, cancellable,
                          callback, user_data);
}

DEFINE_FINISH (TillOrder, cancel_order)

static void
run_check (GTask   *task,
           gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_payments_check (core, call->text, task);
}

void
till_engine_check_order_async (TillEngine         *self,
                               const char         *order_id,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (order_id);
  till_engine_call_async (self, run_check, call, (GDestroyNotify)till_order_unref, cancellable,
                          callback, user_data);
}

DEFINE_FINISH (TillOrder, check_order)

static void
run_pretend (GTask   *task,
             gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;
  g_autoptr(TillOrder) order = core != NULL
    ? till_store_get_order (core->books, call->text, &error) : NULL;

  if (core == NULL)
    return;

  if (order == NULL)
    g_task_return_error (task, error);
  else if (!core->demo || order->code_url == NULL)
    g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                             "only the demonstration has a customer who pays at a click");
  else
    till_demo_pay (order->code_url, task);
}

void
till_engine_pretend_payment_async (TillEngine         *self,
                                   const char         *order_id,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (order_id);
  till_engine_call_async (self, run_pretend, call, g_free, cancellable, callback, user_data);
}

gboolean
till_engine_pretend_payment_finish (TillEngine   *self,
                                    GAsyncResult *result,
                                    GError      **error)
{
  g_autofree char *answer = till_engine_call_finish (self, result, error);

  return answer != NULL;
}

static void
run_list_payments (GTask   *task,
                   gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_store_list_payments (core->books, call->text, &error),
                               (GDestroyNotify)g_ptr_array_unref, error);
}

void
till_engine_list_payments_async (TillEngine         *self,
                                 const char         *order_id,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (order_id);
  till_engine_call_async (self, run_list_payments, call, (GDestroyNotify)g_ptr_array_unref,
                          cancellable, callback, user_data);
}

DEFINE_FINISH (GPtrArray, list_payments)

/*
 * Payments in suspense
 */

static void
run_list_strays (GTask   *task,
                 gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_store_list_strays (core->books, call->flag, &error),
                               (GDestroyNotify)g_ptr_array_unref, error);
}

void
till_engine_list_strays_async (TillEngine         *self,
                               gboolean            all,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->flag = all;
  till_engine_call_async (self, run_list_strays, call, (GDestroyNotify)g_ptr_array_unref,
                          cancellable, callback, user_data);
}

DEFINE_FINISH (GPtrArray, list_strays)

static void
run_decide_stray (GTask   *task,
                  gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core == NULL)
    return;

  call->verdict.reason = call->reason;
  till_strays_decide (core, &call->verdict, task);
}

void
till_engine_decide_stray_async (TillEngine             *self,
                                const TillStrayVerdict *verdict,
                                GCancellable           *cancellable,
                                GAsyncReadyCallback     callback,
                                gpointer                user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->verdict = *verdict;
  call->reason = g_strdup (verdict->reason);
  till_engine_call_async (self, run_decide_stray, call, (GDestroyNotify)till_stray_unref,
                          cancellable, callback, user_data);
}

DEFINE_FINISH (TillStray, decide_stray)

/*
 * Refunds
 */

static void
run_refund (GTask   *task,
            gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_refund_order (core, call->text, call->amount, call->reason, call->operator_id, task);
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
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (order_id);
  call->amount = amount;
  call->reason = g_strdup (reason);
  call->operator_id = operator_id;
  till_engine_call_async (self, run_refund, call, (GDestroyNotify)till_refund_unref, cancellable,
                          callback, user_data);
}

DEFINE_FINISH (TillRefund, refund)

static void
run_list_refunds (GTask   *task,
                  gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_store_list_refunds (core->books, call->text, &error),
                               (GDestroyNotify)g_ptr_array_unref, error);
}

void
till_engine_list_refunds_async (TillEngine         *self,
                                const char         *order_id,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (order_id);
  till_engine_call_async (self, run_list_refunds, call, (GDestroyNotify)g_ptr_array_unref,
                          cancellable, callback, user_data);
}

DEFINE_FINISH (GPtrArray, list_refunds)

/*
 * Diagnostics
 */

static void
run_list_gateways (GTask   *task,
                   gpointer data)
{
  TillCore *core = till_engine_call_core (data, task);

  if (core != NULL)
    g_task_return_pointer (task, till_gateways_list (core), (GDestroyNotify)g_ptr_array_unref);
}

void
till_engine_list_gateways_async (TillEngine         *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  till_engine_call_async (self, run_list_gateways, till_engine_call_new (self),
                          (GDestroyNotify)g_ptr_array_unref, cancellable, callback, user_data);
}

DEFINE_FINISH (GPtrArray, list_gateways)

static void
run_test_gateway (GTask   *task,
                  gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_gateway_test (core, call->method, call->text, call->operator_id, task);
}

void
till_engine_test_gateway_async (TillEngine         *self,
                                TillMethod          method,
                                const char         *attempt_no,
                                gint64              operator_id,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->method = method;
  call->text = g_strdup (attempt_no);
  call->operator_id = operator_id;
  till_engine_call_async (self, run_test_gateway, call, (GDestroyNotify)till_gateway_test_unref,
                          cancellable, callback, user_data);
}

DEFINE_FINISH (TillGatewayTest, test_gateway)

/*
 * Daily reconciliation
 */

static void
run_reconcile (GTask   *task,
               gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_reconcile_day (core, call->method, call->day, call->text, call->operator_id, task);
}

void
till_engine_reconcile_async (TillEngine         *self,
                             TillMethod          method,
                             int                 day,
                             const char         *path,
                             gint64              operator_id,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->method = method;
  call->day = day;
  call->text = g_strdup (path);
  call->operator_id = operator_id;
  till_engine_call_async (self, run_reconcile, call, (GDestroyNotify)till_reconciliation_unref,
                          cancellable, callback, user_data);
}

DEFINE_FINISH (TillReconciliation, reconcile)

static void
run_list_reconciliations (GTask   *task,
                          gpointer data)
{
  TillCore *core = till_engine_call_core (data, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_reconcile_list (core, &error),
                               (GDestroyNotify)g_ptr_array_unref, error);
}

void
till_engine_list_reconciliations_async (TillEngine         *self,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data)
{
  till_engine_call_async (self, run_list_reconciliations, till_engine_call_new (self),
                          (GDestroyNotify)g_ptr_array_unref, cancellable, callback, user_data);
}

DEFINE_FINISH (GPtrArray, list_reconciliations)

static void
run_get_reconciliation (GTask   *task,
                        gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_reconcile_get (core, call->id, &error),
                               (GDestroyNotify)till_reconciliation_unref, error);
}

void
till_engine_get_reconciliation_async (TillEngine         *self,
                                      gint64              id,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->id = id;
  till_engine_call_async (self, run_get_reconciliation, call,
                          (GDestroyNotify)till_reconciliation_unref, cancellable, callback,
                          user_data);
}

DEFINE_FINISH (TillReconciliation, get_reconciliation)

static void
run_act (GTask   *task,
         gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_reconcile_act (core, call->id, call->action, call->reason, call->operator_id, task);
}

void
till_engine_act_on_difference_async (TillEngine          *self,
                                     gint64               difference_id,
                                     TillDifferenceAction action,
                                     const char          *reason,
                                     gint64               operator_id,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->id = difference_id;
  call->action = action;
  call->reason = g_strdup (reason);
  call->operator_id = operator_id;
  till_engine_call_async (self, run_act, call, (GDestroyNotify)till_reconciliation_unref,
                          cancellable, callback, user_data);
}

DEFINE_FINISH (TillReconciliation, act_on_difference)
