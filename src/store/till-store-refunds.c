/*
 * till-store-refunds.c: refunds, and how far they have come
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-store-refunds.h"

#define LIST_MAX 500

#define REFUND_COLUMNS \
  "SELECT f.no, f.order_id, f.stray_id, f.account_id, f.meter_id, f.channel, f.fen, f.step, " \
  "f.gateway_state, f.reason, p.display_name, f.created_ms, f.done_ms, f.message " \
  "FROM refund f JOIN operator p ON p.id = f.operator_id "

/**
 * till_store_add_refund:
 * @books: the books, in a transaction
 * @terms: what is given back
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when the number
 *   is there already) otherwise
 */
gboolean
till_store_add_refund (TillBooks                *books,
                       const TillRefundTermsRow *terms,
                       GError                  **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO refund (site, no, order_id, stray_id, intent_id, account_id, "
                      "meter_id, channel, attempt_no, total_fen, fen, reason, operator_id, "
                      "created_ms, step) VALUES (1, $1, $2, NULLIF ($3, 0), NULLIF ($4, 0), $5, "
                      "$6, $7, $8, $9, $10, $11, $12, $13, $14)", "ssiiiissiisiis",
                      terms->no, terms->order_id, terms->stray_id, terms->intent_id,
                      terms->account_id, terms->meter_id,
                      till_enum_to_nick (TILL_TYPE_METHOD, terms->method), terms->attempt_no,
                      terms->total, terms->amount, terms->reason, terms->operator_id,
                      terms->created_ms, till_enum_to_nick (TILL_TYPE_REFUND_STEP, terms->step));
}

static TillRefund *
refund_from_row (TillStmt *stmt)
{
  TillRefund *refund = till_refund_new ();
  int value = 0;

  refund->refund_no = g_strdup (till_stmt_get_text (stmt, 0));
  refund->order_id = g_strdup (till_stmt_get_text (stmt, 1));
  refund->stray_id = till_stmt_get_int (stmt, 2);
  refund->account_id = till_stmt_get_int (stmt, 3);
  refund->meter_id = till_stmt_get_int (stmt, 4);
  till_enum_from_nick (TILL_TYPE_METHOD, till_stmt_get_text (stmt, 5), &value);
  refund->method = (TillMethod)value;
  refund->amount = till_stmt_get_int (stmt, 6);
  till_enum_from_nick (TILL_TYPE_REFUND_STEP, till_stmt_get_text (stmt, 7), &value);
  refund->step = (TillRefundStep)value;
  till_enum_from_nick (TILL_TYPE_REFUND_STATE, till_stmt_get_text (stmt, 8), &value);
  refund->gateway_state = (TillRefundState)value;
  refund->reason = g_strdup (till_stmt_get_text (stmt, 9));
  refund->operator_name = g_strdup (till_stmt_get_text (stmt, 10));
  refund->created_ms = till_stmt_get_int (stmt, 11);
  refund->done_ms = till_stmt_get_int (stmt, 12);
  refund->message = g_strdup (till_stmt_get_text (stmt, 13));

  return refund;
}

static gboolean
take_one (TillStmt    *stmt,
          TillRefund **refund,
          GError     **error)
{
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;

  *refund = NULL;
  if (rc < 0)
    return FALSE;

  if (rc == 1)
    *refund = refund_from_row (stmt);

  till_stmt_reset (stmt);
  return TRUE;
}

/**
 * till_store_get_refund:
 * @books: the books
 * @no: its number
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the refund, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN)
 */
TillRefund *
till_store_get_refund (TillBooks  *books,
                       const char *no,
                       GError    **error)
{
  TillRefund *refund;

  if (!take_one (till_db_query (till_books_get_db (books), error,
                                REFUND_COLUMNS "WHERE f.site = 1 AND f.no = $1", "s", no),
                 &refund, error))
    return NULL;

  if (refund == NULL)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "there is no refund “%s”", no);

  return refund;
}

/**
 * till_store_find_refund_of_intent:
 * @books: the books
 * @intent_id: a command to a meter
 * @refund: (out) (transfer full) (nullable): the refund it is part of
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_find_refund_of_intent (TillBooks   *books,
                                  gint64       intent_id,
                                  TillRefund **refund,
                                  GError     **error)
{
  return take_one (till_db_query (till_books_get_db (books), error,
                                  REFUND_COLUMNS "WHERE f.intent_id = $1", "i", intent_id),
                   refund, error);
}

/**
 * till_store_list_refunds:
 * @books: the books
 * @order_id: (nullable): an order; %NULL for all that have not ended
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillRefund): the newest first; or %NULL with @error set
 */
GPtrArray *
till_store_list_refunds (TillBooks  *books,
                         const char *order_id,
                         GError    **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_refund_unref);
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  REFUND_COLUMNS "WHERE f.site = 1 AND (f.order_id = $1 "
                                  "OR ($1 IS NULL AND f.step IN ('meter', 'money', 'review'))) "
                                  "ORDER BY f.created_ms DESC, f.no DESC LIMIT $2", "sd",
                                  order_id, LIST_MAX);
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, refund_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_sum_refunds:
 * @books: the books
 * @order_id: an order
 * @fen: (out): what of it is given back, or on its way back
 * @n: (out): how many refunds there ever were of it
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_sum_refunds (TillBooks  *books,
                        const char *order_id,
                        TillMoney  *fen,
                        guint      *n,
                        GError    **error)
{
  TillDb *db = till_books_get_db (books);
  gint64 count = 0;

  if (!till_db_get_int (db, fen, error,
                        "SELECT COALESCE (SUM (fen), 0) FROM refund WHERE site = 1 "
                        "AND order_id = $1 AND step <> 'failed'", "s", order_id) ||
      !till_db_get_int (db, &count, error,
                        "SELECT COUNT(*) FROM refund WHERE site = 1 AND order_id = $1", "s",
                        order_id))
    return FALSE;

  *n = (guint)count;
  return TRUE;
}

/**
 * till_store_get_refund_source:
 * @books: the books
 * @no: a refund
 * @attempt_no: (out) (transfer full) (nullable): the number of the payment at the gateway
 * @total: (out): what was paid
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_get_refund_source (TillBooks  *books,
                              const char *no,
                              char      **attempt_no,
                              TillMoney  *total,
                              GError    **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT attempt_no, total_fen FROM refund WHERE site = 1 "
                                  "AND no = $1", "s", no);
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;

  if (rc == 1)
    {
      *attempt_no = g_strdup (till_stmt_get_text (stmt, 0));
      *total = till_stmt_get_int (stmt, 1);
    }
  else if (rc == 0)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "there is no refund “%s”", no);

  if (stmt != NULL)
    till_stmt_reset (stmt);
  return rc == 1;
}

/**
 * till_store_move_refund:
 * @books: the books, in a transaction
 * @no: a refund
 * @from: the step it must be at
 * @to: the step it goes to; its own to note the other two
 * @gateway_state: as the gateway says
 * @message: (nullable): the last fault
 * @error: return location for a #GError
 *
 * Compare and set.
 *
 * Returns: %TRUE when it was moved, %FALSE with @error set (%TILL_RULE_ERROR_CLOSED when it was not
 *   at @from) otherwise
 */
gboolean
till_store_move_refund (TillBooks      *books,
                        const char     *no,
                        TillRefundStep  from,
                        TillRefundStep  to,
                        TillRefundState gateway_state,
                        const char     *message,
                        GError        **error)
{
  TillDb *db = till_books_get_db (books);

  if (!till_db_run (db, error,
                    "UPDATE refund SET step = $3, gateway_state = $4, message = $5, done_ms = "
                    "CASE WHEN $3 = 'done' THEN $6 ELSE done_ms END "
                    "WHERE site = 1 AND no = $1 AND step = $2", "sssssi", no,
                    till_enum_to_nick (TILL_TYPE_REFUND_STEP, from),
                    till_enum_to_nick (TILL_TYPE_REFUND_STEP, to),
                    till_enum_to_nick (TILL_TYPE_REFUND_STATE, gateway_state), message,
                    till_clock_now_ms ()))
    return FALSE;

  if (till_db_get_changes (db) == 1)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED, "refund %s has gone further", no);
  return FALSE;
}
