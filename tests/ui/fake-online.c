/*
 * fake-online.c: payments through a gateway at the engine's double
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-engine-private.h"
#include "fake-online-private.h"
#include "till-clock.h"

#define CODE_LIFE_MS (15 * 60 * 1000)

FakeOnline *
fake_online_new (void)
{
  FakeOnline *online = g_new0 (FakeOnline, 1);

  online->payments = g_ptr_array_new_with_free_func ((GDestroyNotify)till_payment_unref);
  online->strays = g_ptr_array_new_with_free_func ((GDestroyNotify)till_stray_unref);
  online->refunds = g_ptr_array_new_with_free_func ((GDestroyNotify)till_refund_unref);
  online->matches = g_ptr_array_new_with_free_func ((GDestroyNotify)till_reconciliation_unref);
  return online;
}

void
fake_online_free (FakeOnline *online)
{
  g_ptr_array_unref (online->payments);
  g_ptr_array_unref (online->strays);
  g_ptr_array_unref (online->refunds);
  g_ptr_array_unref (online->matches);
  till_gateway_test_unref (online->test);
  g_free (online);
}

gboolean
fake_online_is_online (const TillOrder *order)
{
  return order->method == TILL_METHOD_WECHAT || order->method == TILL_METHOD_ALIPAY;
}

static const char *
raw_of (TillMethod method)
{
  if (method == TILL_METHOD_WECHAT)
    return "{\"amount\":{\"currency\":\"CNY\",\"payer_currency\":\"CNY\",\"payer_total\":10000,"
           "\"total\":10000},\"appid\":\"wx8888888888888888\",\"attach\":\"\",\"bank_type\":\"OTHERS\","
           "\"mchid\":\"1900000109\",\"out_trade_no\":\"20261124T093005007_0a1b2c\","
           "\"payer\":{\"openid\":\"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\"},\"promotion_detail\":[],"
           "\"success_time\":\"2026-11-24T09:30:21+08:00\",\"trade_state\":\"SUCCESS\","
           "\"trade_state_desc\":\"支付成功\",\"trade_type\":\"NATIVE\","
           "\"transaction_id\":\"4200001234202611240987654321\"}";

  return "gmt_create=2026-11-24+09%3A30%3A11&charset=utf-8&seller_email=mall%40example.com"
         "&subject=%E7%94%B5%E8%B4%B9%E5%85%85%E5%80%BC+A%2FA102&buyer_id=2088002383000000"
         "&notify_id=2026112400222093021000001441&total_amount=200.00&trade_status=TRADE_SUCCESS"
         "&out_trade_no=20261124T093011010_0a1b2d&trade_no=2026112422001412340987654321"
         "&app_id=2021000000000001&seller_id=2088000000000001&sign_type=RSA2&sign=kPbQIjX%2Bxyz%3D";
}

static void
add_payment (TillEngine      *self,
             const TillOrder *order)
{
  TillPayment *payment = till_payment_new ();

  payment->method = order->method;
  payment->txn = order->method == TILL_METHOD_WECHAT
                 ? g_strdup_printf ("4200001234202611249%09u", self->online->payments->len)
                 : g_strdup_printf ("2026112422001412349%09u", self->online->payments->len);
  payment->order_id = g_strdup (order->id);
  payment->amount = order->amount;
  payment->received_ms = order->paid_ms;
  payment->credited = TRUE;
  payment->raw = g_strdup (raw_of (order->method));
  g_ptr_array_add (self->online->payments, payment);
}

static TillOrder *
copy_newest (TillEngine *self,
             const char *order_id)
{
  const guint i = fake_engine_find_order (self, order_id);

  g_assert_cmpuint (i, !=, G_MAXUINT);
  return fake_engine_copy_order (self->orders->pdata[i]);
}

/* The gateway has answered with a code, or has refused. */
static gboolean
answer_code (gpointer data)
{
  FakeStep *step = data;
  TillOrder *order = copy_newest (step->self, step->order->id);

  if (order->attempt_state != TILL_ATTEMPT_STATE_CREATING)
    {
      till_order_unref (order);
      return G_SOURCE_REMOVE;
    }

  if (fake_engine_script.refuse_codes)
    {
      order->attempt_state = TILL_ATTEMPT_STATE_FAILED;
      order->state = TILL_ORDER_STATE_EXPIRED;
      order->message = g_strdup ("NO_AUTH: the merchant may not do this");
    }
  else
    {
      order->attempt_state = TILL_ATTEMPT_STATE_WAITING;
      order->code_url = order->method == TILL_METHOD_WECHAT
                        ? g_strdup ("weixin://wxpay/bizpayurl?pr=NwY5Mz9zzTILLWATT")
                        : g_strdup ("https://qr.alipay.com/bax00112233445566demo");
    }
  fake_engine_take_order (step->self, order);
  return G_SOURCE_REMOVE;
}

/* Makes a new order one that waits for a payment; %FALSE when it is paid at the desk. */
gboolean
fake_online_begin (TillEngine *self,
                   TillOrder  *order)
{
  if (!fake_online_is_online (order))
    return FALSE;

  order->state = TILL_ORDER_STATE_NEW;
  order->attempt_state = TILL_ATTEMPT_STATE_CREATING;
  order->attempt_no = g_strdup_printf ("%s1", order->id);
  order->expires_ms = order->created_ms + CODE_LIFE_MS;
  order->paid_ms = 0;
  g_clear_pointer (&order->receipt_no, g_free);
  if (!fake_engine_script.silent_gateway)
    fake_engine_schedule (self, answer_code, order, NULL);
  return TRUE;
}

void
fake_online_pay (TillEngine *self,
                 const char *order_id)
{
  TillOrder *order = copy_newest (self, order_id);

  order->state = TILL_ORDER_STATE_PAID;
  order->attempt_state = TILL_ATTEMPT_STATE_PAID;
  order->paid_ms = till_clock_now_ms ();
  order->receipt_no = g_strdup_printf ("R2026-%06u", 1201 + fake_engine_find_order (self, order_id));
  add_payment (self, order);
  fake_engine_take_order (self, order);
  fake_engine_schedule (self, fake_engine_credit_order, order, NULL);
}

static void
close_order (TillEngine *self,
             const char *order_id)
{
  TillOrder *order = copy_newest (self, order_id);

  order->state = TILL_ORDER_STATE_EXPIRED;
  order->attempt_state = TILL_ATTEMPT_STATE_CLOSED;
  fake_engine_take_order (self, order);
}

void
fake_online_expire (TillEngine *self,
                    const char *order_id)
{
  close_order (self, order_id);
}

static gboolean
end_closing (gpointer data)
{
  FakeStep *step = data;

  if (fake_engine_script.faster_payer)
    fake_online_pay (step->self, step->order->id);
  else
    close_order (step->self, step->order->id);
  return G_SOURCE_REMOVE;
}

void
till_engine_cancel_order_async (TillEngine         *self,
                                const char         *order_id,
                                gint64              operator_id,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup (order_id);
  TillOrder *order = copy_newest (self, id);

  fake_engine_script.n_cancels++;
  if (order->state == TILL_ORDER_STATE_NEW)
    {
      order->attempt_state = TILL_ATTEMPT_STATE_CLOSING;
      fake_engine_take_order (self, order);
      fake_engine_schedule (self, end_closing, order, NULL);
    }
  else
    {
      till_order_unref (order);
    }

  g_task_return_pointer (task, copy_newest (self, id), (GDestroyNotify)till_order_unref);
}

TillOrder *
till_engine_cancel_order_finish (TillEngine   *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_check_order_async (TillEngine         *self,
                               const char         *order_id,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  fake_engine_script.n_checks++;
  if (fake_engine_script.silent_gateway)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the gateway does not answer");
  else
    g_task_return_pointer (task, copy_newest (self, order_id), (GDestroyNotify)till_order_unref);
}

TillOrder *
till_engine_check_order_finish (TillEngine   *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_pretend_payment_async (TillEngine         *self,
                                   const char         *order_id,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup (order_id);

  fake_online_pay (self, id);
  g_task_return_boolean (task, TRUE);
}

gboolean
till_engine_pretend_payment_finish (TillEngine   *self,
                                    GAsyncResult *result,
                                    GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
till_engine_list_payments_async (TillEngine         *self,
                                 const char         *order_id,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_payment_unref);

  for (guint i = 0; i < self->online->payments->len; i++)
    {
      TillPayment *payment = self->online->payments->pdata[i];

      if (g_str_equal (payment->order_id, order_id))
        g_ptr_array_add (list, till_payment_ref (payment));
    }
  g_task_return_pointer (task, list, (GDestroyNotify)g_ptr_array_unref);
}

GPtrArray *
till_engine_list_payments_finish (TillEngine   *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Online orders in every state there is, the newest of them waiting for its customer. */
void
fake_online_add_history (TillEngine *self)
{
  static const struct
  {
    TillOrderState   state;
    TillAttemptState attempt;
  } cases[] = {
    { TILL_ORDER_STATE_CREDITED, TILL_ATTEMPT_STATE_PAID },
    { TILL_ORDER_STATE_EXPIRED, TILL_ATTEMPT_STATE_CLOSED },
    { TILL_ORDER_STATE_EXPIRED, TILL_ATTEMPT_STATE_FAILED },
    { TILL_ORDER_STATE_REVIEW, TILL_ATTEMPT_STATE_PAID },
    { TILL_ORDER_STATE_REFUNDED, TILL_ATTEMPT_STATE_PAID },
    { TILL_ORDER_STATE_PAID, TILL_ATTEMPT_STATE_PAID },
    { TILL_ORDER_STATE_CREDITED, TILL_ATTEMPT_STATE_PAID },
    { TILL_ORDER_STATE_NEW, TILL_ATTEMPT_STATE_WAITING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const TillAccount *account = self->site->accounts->pdata[(i * 5) % self->site->accounts->len];
      const gint64 at_ms = till_clock_now_ms () - (G_N_ELEMENTS (cases) - i) * 300000;
      TillOrder *order = fake_engine_add_order (self, account->id, account->id + 100000,
                                                (i + 1) * 5000,
                                                i % 2 == 0 ? TILL_METHOD_WECHAT : TILL_METHOD_ALIPAY,
                                                cases[i].state, at_ms);

      order->attempt_state = cases[i].attempt;
      order->attempt_no = g_strdup_printf ("%s1", order->id);
      order->expires_ms = at_ms + CODE_LIFE_MS;
      if (cases[i].attempt == TILL_ATTEMPT_STATE_PAID)
        {
          order->paid_ms = at_ms + 21000;
          order->credited_ms = order->credited_ms != 0 ? at_ms + 23000 : 0;
          order->refunded = cases[i].state == TILL_ORDER_STATE_REFUNDED ? order->amount : 0;
          add_payment (self, order);
          continue;
        }

      order->paid_ms = 0;
      order->operator_name = (g_free (order->operator_name), g_strdup ("王芳"));
      g_clear_pointer (&order->receipt_no, g_free);
      if (cases[i].attempt == TILL_ATTEMPT_STATE_WAITING)
        order->code_url = g_strdup ("https://qr.alipay.com/bax00112233445566demo");
    }
}
