/*
 * fake-gateways.c: gateways, their tests and their bills at the engine's double
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-online-private.h"
#include "till-clock.h"

#define N_FACTS 5

static TillGateway *
make_gateway (TillMethod method)
{
  static const char *const keys[N_FACTS] = {
    "merchant", "app", "platform-key", "clock-offset-s", "last-answer"
  };
  static const char *const wechat_values[N_FACTS] = {
    "1900000109", "wx8888888888888888", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1, 2026-12-30", "1",
    "2026-11-24 09:30:21"
  };
  static const char *const alipay_values[N_FACTS] = {
    "2088000000000001", "2021000000000001", "", "412", "2026-11-24 09:30:21"
  };
  const gboolean wechat = method == TILL_METHOD_WECHAT;
  TillGateway *gateway = till_gateway_new ();

  gateway->method = method;
  gateway->configured = !fake_engine_script.no_gateways;
  gateway->usable = gateway->configured && !fake_engine_script.silent_gateway;
  gateway->keys = g_new0 (char *, N_FACTS + 1);
  gateway->values = g_new0 (char *, N_FACTS + 1);
  gateway->good = g_new0 (gboolean, N_FACTS + 1);
  if (fake_engine_script.no_gateways)
    {
      gateway->fault = g_strdup_printf ("%s is not set", wechat ? "wechat.mchid" : "alipay.app-id");
      return gateway;
    }

  if (fake_engine_script.silent_gateway)
    gateway->fault = g_strdup ("Connection refused");
  gateway->last_answer_ms = till_clock_now_ms () - 4000;
  gateway->last_notice_ms = wechat ? till_clock_now_ms () - 3600000 : 0;
  for (guint i = 0; i < N_FACTS; i++)
    {
      gateway->keys[i] = g_strdup (keys[i]);
      gateway->values[i] = g_strdup (wechat ? wechat_values[i] : alipay_values[i]);
      gateway->good[i] = wechat || (i != 2 && i != 3);
    }
  return gateway;
}

void
till_engine_list_gateways_async (TillEngine         *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_gateway_unref);

  g_ptr_array_add (list, make_gateway (TILL_METHOD_WECHAT));
  g_ptr_array_add (list, make_gateway (TILL_METHOD_ALIPAY));
  g_task_return_pointer (task, list, (GDestroyNotify)g_ptr_array_unref);
}

GPtrArray *
till_engine_list_gateways_finish (TillEngine   *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Each question finds the test a step further: code, paid, going back, back. */
static TillGatewayTest *
make_test (FakeOnline *online,
           TillMethod  method)
{
  TillGatewayTest *test = till_gateway_test_new ();

  test->method = method;
  test->attempt_no = g_strdup ("20261124T093500001_test01");
  test->expires_ms = till_clock_now_ms () + 15 * 60000;
  test->trade_state = TILL_TRADE_STATE_NONE;
  if (online->test_step >= 1)
    {
      test->code_url = g_strdup ("weixin://wxpay/bizpayurl?pr=TEST0001");
      test->trade_state = TILL_TRADE_STATE_WAITING;
    }
  if (online->test_step >= 2)
    {
      test->trade_state = TILL_TRADE_STATE_PAID;
      test->refund_state = TILL_REFUND_STATE_PROCESSING;
    }
  if (online->test_step >= 3)
    {
      test->refund_state = TILL_REFUND_STATE_DONE;
      test->noticed = TRUE;
    }
  return test;
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
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  self->online->test_step = attempt_no == NULL ? 0 : self->online->test_step + 1;
  g_task_return_pointer (task, make_test (self->online, method), (GDestroyNotify)till_gateway_test_unref);
}

TillGatewayTest *
till_engine_test_gateway_finish (TillEngine   *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static TillDifference *
make_difference (guint i,
                 int   day)
{
  const gint64 noon_ms = till_clock_day_start_ms (day) + 43200000;
  TillDifference *difference = g_new0 (TillDifference, 1);

  difference->id = day * G_GINT64_CONSTANT (10) + i;
  difference->kind = (TillDifferenceKind)i;
  difference->attempt_no = g_strdup_printf ("%dT1200%02u007_0a1b2c", day, i);
  difference->txn = g_strdup_printf ("42000012342026112312345%05u", i);
  difference->place = g_strdup_printf ("A/A10%u", i);
  difference->order_id = i == TILL_DIFFERENCE_KIND_ONLY_THEIRS ? NULL : g_strdup ("T20261124000003");
  difference->ours = i == TILL_DIFFERENCE_KIND_ONLY_THEIRS ? 0 : 10000;
  difference->theirs = i == TILL_DIFFERENCE_KIND_ONLY_OURS ? 0
                       : i == TILL_DIFFERENCE_KIND_AMOUNT ? 9990 : 10000;
  difference->ours_ms = difference->ours != 0 ? noon_ms : 0;
  difference->theirs_ms = difference->theirs != 0 ? noon_ms + 2000 : 0;
  difference->state = g_strdup (i == TILL_DIFFERENCE_KIND_REFUND ? "PROCESSING" : "SUCCESS");
  if (i == TILL_DIFFERENCE_KIND_REFUND)
    difference->refund_no = g_strdup_printf ("T20261123%06uR1", i);
  return difference;
}

static TillReconciliation *
make_match (TillMethod method,
            int        day,
            gboolean   differs)
{
  TillReconciliation *match = till_reconciliation_new ();

  match->id = day * G_GINT64_CONSTANT (10) + method;
  match->method = method;
  match->day = day;
  match->run_ms = till_clock_now_ms ();
  match->operator_name = g_strdup ("王芳");
  match->n_ours = 128;
  match->n_theirs = 128;
  match->n_equal = differs ? 124 : 128;
  match->ours = 2560000;
  match->theirs = differs ? 2559990 : 2560000;
  match->ours_refunded = match->theirs_refunded = 10000;
  match->fee_e5 = 15300000;
  match->differences = g_ptr_array_new_with_free_func ((GDestroyNotify)till_difference_free);
  for (guint i = 1; differs && i <= TILL_DIFFERENCE_KIND_DAY; i++)
    g_ptr_array_add (match->differences, make_difference (i, day));
  match->n_open = match->differences->len;
  return match;
}

static guint
find_match (FakeOnline *online,
            gint64      id)
{
  for (guint i = 0; i < online->matches->len; i++)
    if (((TillReconciliation *)online->matches->pdata[i])->id == id)
      return i;

  return G_MAXUINT;
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
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TillReconciliation *match = make_match (method, day, method == TILL_METHOD_WECHAT);
  const guint i = find_match (self->online, match->id);

  fake_engine_script.n_matches++;
  fake_engine_script.last_day = day;
  if (fake_engine_script.no_bill && path == NULL)
    {
      till_reconciliation_unref (match);
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_STALE, "no bill yet");
      return;
    }

  if (i != G_MAXUINT)
    g_ptr_array_remove_index (self->online->matches, i);
  g_ptr_array_insert (self->online->matches, 0, match);
  g_task_return_pointer (task, till_reconciliation_ref (match),
                         (GDestroyNotify)till_reconciliation_unref);
}

TillReconciliation *
till_engine_reconcile_finish (TillEngine   *self,
                              GAsyncResult *result,
                              GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_list_reconciliations_async (TillEngine         *self,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_reconciliation_unref);

  for (guint i = 0; i < self->online->matches->len; i++)
    g_ptr_array_add (list, till_reconciliation_ref (self->online->matches->pdata[i]));
  g_task_return_pointer (task, list, (GDestroyNotify)g_ptr_array_unref);
}

GPtrArray *
till_engine_list_reconciliations_finish (TillEngine   *self,
                                         GAsyncResult *result,
                                         GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_get_reconciliation_async (TillEngine         *self,
                                      gint64              id,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  const guint i = find_match (self->online, id);

  if (i == G_MAXUINT)
    g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "no such match");
  else
    g_task_return_pointer (task, till_reconciliation_ref (self->online->matches->pdata[i]),
                           (GDestroyNotify)till_reconciliation_unref);
}

TillReconciliation *
till_engine_get_reconciliation_finish (TillEngine   *self,
                                       GAsyncResult *result,
                                       GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
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
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  const int day = (int)(difference_id / 10);
  TillReconciliation *match = make_match (TILL_METHOD_WECHAT, day, TRUE);
  const guint at = find_match (self->online, match->id);
  TillReconciliation *old = self->online->matches->pdata[at];

  fake_engine_script.n_acts++;
  fake_engine_script.last_act = action;
  match->n_open = 0;
  for (guint i = 0; i < match->differences->len; i++)
    {
      const TillDifference *before = old->differences->pdata[i];
      TillDifference *difference = match->differences->pdata[i];

      difference->action = before->action;
      difference->outcome = g_strdup (before->outcome);
      difference->decided_by = g_strdup (before->decided_by);
      if (difference->id == difference_id)
        {
          difference->action = action;
          g_free (difference->outcome);
          difference->outcome = g_strdup (reason != NULL ? reason : "the gateway says: paid");
          difference->decided_by = g_strdup ("王芳");
        }
      if (difference->action == TILL_DIFFERENCE_ACTION_NONE)
        match->n_open++;
    }
  till_reconciliation_unref (old);
  self->online->matches->pdata[at] = match;
  g_task_return_pointer (task, till_reconciliation_ref (match),
                         (GDestroyNotify)till_reconciliation_unref);
}

TillReconciliation *
till_engine_act_on_difference_finish (TillEngine   *self,
                                      GAsyncResult *result,
                                      GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
