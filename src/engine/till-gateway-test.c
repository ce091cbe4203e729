/*
 * till-gateway-test.c: an order of 0.01 yuan that is given back
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-clock.h"
#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-store-people.h"

#define TEST_FEN 1

typedef struct
{
  TillCore  *core;
  GTask     *task;
  TillMethod method;
  gint64     operator_id;
  char      *no;
} Test;

static void
test_free (Test *self)
{
  g_object_unref (self->task);
  g_free (self->no);
  g_free (self);
}

static TillTradeState
trade_state_of (TillAttemptState state)
{
  switch (state)
    {
    case TILL_ATTEMPT_STATE_PAID:
      return TILL_TRADE_STATE_PAID;
    case TILL_ATTEMPT_STATE_CLOSED:
    case TILL_ATTEMPT_STATE_FAILED:
      return TILL_TRADE_STATE_CLOSED;
    case TILL_ATTEMPT_STATE_CREATING:
    case TILL_ATTEMPT_STATE_NONE:
      return TILL_TRADE_STATE_NONE;
    case TILL_ATTEMPT_STATE_WAITING:
    case TILL_ATTEMPT_STATE_CLOSING:
    default:
      return TILL_TRADE_STATE_WAITING;
    }
}

/* How far the money has gone back, from the payment in suspense that a test is. */
static gboolean
fill_refund (TillCore        *core,
             TillGatewayTest *test,
             GError         **error)
{
  gint64 n_refunded = 0;
  gint64 n_refunding = 0;
  TillDb *db = till_books_get_db (core->books);

  if (!till_db_get_int (db, &n_refunded, error,
                        "SELECT COUNT(*) FROM stray WHERE site = 1 AND attempt_no = $1 "
                        "AND state = 'refunded'", "s", test->attempt_no) ||
      !till_db_get_int (db, &n_refunding, error,
                        "SELECT COUNT(*) FROM stray WHERE site = 1 AND attempt_no = $1 "
                        "AND state = 'refunding'", "s", test->attempt_no))
    return FALSE;

  if (n_refunded > 0)
    test->refund_state = TILL_REFUND_STATE_DONE;
  else if (n_refunding > 0)
    test->refund_state = TILL_REFUND_STATE_PROCESSING;
  return TRUE;
}

static void
return_test (TillCore   *core,
             const char *no,
             GTask      *task)
{
  g_autoptr(TillGatewayTest) test = till_gateway_test_new ();
  g_autoptr(TillAttempt) attempt = NULL;
  GError *error = NULL;

  if (till_store_find_attempt (core->books, no, &attempt, &error) && attempt == NULL)
    error = g_error_new (TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "there is no test %s", no);

  if (attempt != NULL)
    {
      test->method = attempt->method;
      test->attempt_no = g_strdup (attempt->no);
      test->code_url = g_strdup (attempt->code);
      test->expires_ms = attempt->expires_ms;
      test->trade_state = trade_state_of (attempt->state);
      test->noticed = attempt->noticed_ms != 0;
      test->message = g_strdup (attempt->message);
    }

  if (error == NULL && fill_refund (core, test, &error))
    g_task_return_pointer (task, g_steal_pointer (&test), (GDestroyNotify)till_gateway_test_unref);
  else
    g_task_return_error (task, error);
}

static gboolean
write_test (TillBooks *books,
            gpointer   data,
            GError   **error)
{
  Test *self = data;
  g_autoptr(TillOperator) person = till_store_get_operator (books, self->operator_id, error);

  if (person == NULL)
    return FALSE;

  if (person->role != TILL_ROLE_ADMIN && person->role != TILL_ROLE_SENIOR)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                   "%s may not test a gateway; ask a senior clerk", person->display_name);
      return FALSE;
    }

  self->no = till_payments_add_attempt (self->core, NULL, self->method, TEST_FEN,
                                        till_clock_now_ms (), error);
  return self->no != NULL && till_audit_add (books, person->name, "gateway test", self->no,
                                             till_enum_to_nick (TILL_TYPE_METHOD, self->method),
                                             error);
}

static void
on_test_written (TillBooks    *books,
                 gpointer      data,
                 const GError *error)
{
  Test *self = data;

  if (error != NULL)
    {
      g_task_return_error (self->task, g_error_copy (error));
      return;
    }

  till_payments_begin (self->core, self->no);
  return_test (self->core, self->no, self->task);
}

/**
 * till_gateway_test:
 * @core: the core
 * @method: WECHAT or ALIPAY
 * @attempt_no: (nullable): a test that was begun; %NULL begins one
 * @operator_id: who
 * @task: returns the #TillGatewayTest as it is now
 *
 * A code of 0.01 yuan; when it is paid, the money is given back at once.
 */
void
till_gateway_test (TillCore   *core,
                   TillMethod  method,
                   const char *attempt_no,
                   gint64      operator_id,
                   GTask      *task)
{
  GError *error = NULL;
  Test *self;

  if (attempt_no != NULL)
    {
      return_test (core, attempt_no, task);
      return;
    }

  if (till_gateways_get (core, method, &error) == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  self = g_new0 (Test, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->method = method;
  self->operator_id = operator_id;
  till_books_write (core->books, write_test, on_test_written, self, (GDestroyNotify)test_free);
}
