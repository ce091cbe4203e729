/*
 * till-store-orders.c: orders, payments and receipts
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-id.h"
#include "till-store-orders.h"

#define LIST_MAX 200

#define ORDER_COLUMNS \
  "SELECT o.id, o.account_id, o.meter_id, o.fen, o.method, o.state, o.created_ms, o.paid_ms, " \
  "o.credited_ms, o.message, p.display_name, r.year, r.number, i.balance_before, " \
  "i.balance_after, (SELECT COUNT(*) FROM receipt_copy c WHERE c.site = o.site " \
  "AND c.order_id = o.id), (SELECT COUNT(*) FROM intent x WHERE x.meter_id = o.meter_id " \
  "AND x.kind = 'purchase' AND x.state IN ('pending', 'sending', 'review') AND x.id < i.id), " \
  "a.no, a.state, a.code, a.expires_ms, a.message, (SELECT SUM (f.fen) FROM refund f " \
  "WHERE f.site = o.site AND f.order_id = o.id AND f.step <> 'failed') " \
  "FROM orders o JOIN operator p ON p.id = o.operator_id " \
  "LEFT JOIN receipt r ON r.site = o.site AND r.order_id = o.id " \
  "LEFT JOIN intent i ON i.site = o.site AND i.order_id = o.id AND i.kind = 'purchase' " \
  "AND i.state <> 'burnt' " \
  "LEFT JOIN attempt a ON a.site = o.site AND a.no = (SELECT MAX (b.no) FROM attempt b " \
  "WHERE b.site = o.site AND b.order_id = o.id) "

/**
 * till_store_add_order:
 * @books: the books, in a transaction
 * @terms: what is sold
 * @state: %TILL_ORDER_STATE_NEW, or %TILL_ORDER_STATE_PAID for a sale at the desk
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when the id or
 *   the key was used before) otherwise
 */
gboolean
till_store_add_order (TillBooks            *books,
                      const TillOrderTerms *terms,
                      TillOrderState        state,
                      GError              **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO orders (site, id, key, account_id, meter_id, fen, method, "
                      "operator_id, created_ms, state, paid_ms) "
                      "VALUES (1, $1, $2, $3, NULLIF ($4, 0), $5, $6, $7, $8, $9, "
                      "CASE WHEN $9 = 'paid' THEN $8 END)", "ssiiisiis",
                      terms->id, terms->key, terms->account_id, terms->meter_id, terms->amount,
                      till_enum_to_nick (TILL_TYPE_METHOD, terms->method), terms->operator_id,
                      terms->created_ms, till_enum_to_nick (TILL_TYPE_ORDER_STATE, state));
}

static void
fill_attempt (TillOrder *order,
              TillStmt  *stmt)
{
  int value = TILL_ATTEMPT_STATE_NONE;

  if (till_stmt_is_null (stmt, 17))
    return;

  order->attempt_no = g_strdup (till_stmt_get_text (stmt, 17));
  till_enum_from_nick (TILL_TYPE_ATTEMPT_STATE, till_stmt_get_text (stmt, 18), &value);
  order->attempt_state = (TillAttemptState)value;
  order->code_url = g_strdup (till_stmt_get_text (stmt, 19));
  order->expires_ms = till_stmt_get_int (stmt, 20);
  if (order->message == NULL)
    order->message = g_strdup (till_stmt_get_text (stmt, 21));
}

static TillOrder *
order_from_row (TillStmt *stmt)
{
  TillOrder *order = till_order_new ();
  int value = 0;

  order->id = g_strdup (till_stmt_get_text (stmt, 0));
  order->account_id = till_stmt_get_int (stmt, 1);
  order->meter_id = till_stmt_get_int (stmt, 2);
  order->amount = till_stmt_get_int (stmt, 3);
  till_enum_from_nick (TILL_TYPE_METHOD, till_stmt_get_text (stmt, 4), &value);
  order->method = (TillMethod)value;
  till_enum_from_nick (TILL_TYPE_ORDER_STATE, till_stmt_get_text (stmt, 5), &value);
  order->state = (TillOrderState)value;
  order->created_ms = till_stmt_get_int (stmt, 6);
  order->paid_ms = till_stmt_get_int (stmt, 7);
  order->credited_ms = till_stmt_get_int (stmt, 8);
  order->message = g_strdup (till_stmt_get_text (stmt, 9));
  order->operator_name = g_strdup (till_stmt_get_text (stmt, 10));
  if (!till_stmt_is_null (stmt, 11))
    order->receipt_no = till_id_format_receipt ((int)till_stmt_get_int (stmt, 11),
                                                till_stmt_get_int (stmt, 12));
  order->has_balances = !till_stmt_is_null (stmt, 14);
  if (order->has_balances)
    {
      order->balance_before = till_stmt_get_int (stmt, 13);
      order->balance_after = till_stmt_get_int (stmt, 14);
    }
  order->n_prints = (guint)till_stmt_get_int (stmt, 15);
  order->n_ahead = (guint)till_stmt_get_int (stmt, 16);
  order->refunded = till_stmt_get_int (stmt, 22);
  fill_attempt (order, stmt);

  return order;
}

static gboolean
get_one (TillStmt   *stmt,
         TillOrder **order,
         GError    **error)
{
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;

  *order = NULL;
  if (rc < 0)
    return FALSE;

  if (rc == 1)
    *order = order_from_row (stmt);

  till_stmt_reset (stmt);
  return TRUE;
}

/**
 * till_store_find_order_key:
 * @books: the books
 * @key: the caller's key of a sale
 * @order: (out) (transfer full) (nullable): the sale that was made under it, %NULL for none
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_find_order_key (TillBooks  *books,
                           const char *key,
                           TillOrder **order,
                           GError    **error)
{
  return get_one (till_db_query (till_books_get_db (books), error,
                                 ORDER_COLUMNS "WHERE o.site = 1 AND o.key = $1", "s", key),
                  order, error);
}

/**
 * till_store_get_order:
 * @books: the books
 * @id: an order's id
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the order, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN)
 */
TillOrder *
till_store_get_order (TillBooks  *books,
                      const char *id,
                      GError    **error)
{
  TillOrder *order;

  if (!get_one (till_db_query (till_books_get_db (books), error,
                               ORDER_COLUMNS "WHERE o.site = 1 AND o.id = $1", "s", id),
                &order, error))
    return NULL;

  if (order == NULL)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "there is no order “%s”", id);

  return order;
}

/**
 * till_store_list_orders:
 * @books: the books
 * @query: which ones; 0 and %NULL do not filter
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillOrder): the newest first, 200 at most; or %NULL with
 *   @error set
 */
GPtrArray *
till_store_list_orders (TillBooks            *books,
                        const TillOrderQuery *query,
                        GError              **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_order_unref);
  const guint limit = query->limit == 0 ? LIST_MAX : MIN (query->limit, LIST_MAX);
  int year = 0;
  gint64 number = 0;
  TillStmt *stmt;
  int rc;

  if (query->order_or_receipt != NULL)
    till_id_parse_receipt (query->order_or_receipt, &year, &number);

  stmt = till_db_query (till_books_get_db (books), error,
                        ORDER_COLUMNS
                        "WHERE o.site = 1 AND ($1 = 0 OR o.account_id = $1) "
                        "AND ($2 = 0 OR o.operator_id = $2) AND o.created_ms >= $3 "
                        "AND ($4 = 0 OR o.created_ms < $4) "
                        "AND ($5 IS NULL OR o.id = $5 OR (r.year = $6 AND r.number = $7)) "
                        "ORDER BY o.created_ms DESC, o.id DESC LIMIT $8", "iiiisdii",
                        query->account_id, query->operator_id, query->from_ms, query->to_ms,
                        query->order_or_receipt, year, number, (gint64)limit);
  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, order_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_move_order:
 * @books: the books, in a transaction
 * @id: an order's id
 * @from: the state it must be in
 * @to: the state it goes to
 * @at_ms: when
 * @message: (nullable): why, for REVIEW and REFUSED
 * @error: return location for a #GError
 *
 * Compare and set: an order that somebody else moved meanwhile is not moved again.
 *
 * Returns: %TRUE when it was moved, %FALSE with @error set (%TILL_RULE_ERROR_CLOSED when it was
 *   not in
 *   @from) otherwise
 */
gboolean
till_store_move_order (TillBooks     *books,
                       const char    *id,
                       TillOrderState from,
                       TillOrderState to,
                       gint64         at_ms,
                       const char    *message,
                       GError       **error)
{
  TillDb *db = till_books_get_db (books);
  const char *from_nick = till_enum_to_nick (TILL_TYPE_ORDER_STATE, from);
  const char *to_nick = till_enum_to_nick (TILL_TYPE_ORDER_STATE, to);

  if (!till_db_run (db, error,
                    "UPDATE orders SET state = $3, message = $5, "
                    "credited_ms = CASE WHEN $3 = 'credited' THEN $4 ELSE credited_ms END, "
                    "paid_ms = CASE WHEN $3 = 'paid' THEN COALESCE (paid_ms, $4) ELSE paid_ms END "
                    "WHERE site = 1 AND id = $1 AND state = $2", "sssis",
                    id, from_nick, to_nick, at_ms, message))
    return FALSE;

  if (till_db_get_changes (db) == 1)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED, "order %s is not “%s” any more", id,
               from_nick);
  return FALSE;
}

/**
 * till_store_add_payment:
 * @books: the books, in a transaction
 * @channel: the way the money came
 * @txn: the number of the transaction in that channel
 * @order_id: which order it names
 * @amount: how much
 * @received_ms: when
 * @credited: whether it pays the order (a second payment of an order does not)
 * @raw: (nullable): the octets that prove it
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when this
 *   transaction is known already) otherwise
 */
gboolean
till_store_add_payment (TillBooks  *books,
                        TillMethod  channel,
                        const char *txn,
                        const char *order_id,
                        TillMoney   amount,
                        gint64      received_ms,
                        gboolean    credited,
                        GBytes     *raw,
                        GError    **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO payment (site, channel, txn, order_id, fen, received_ms, "
                      "credited, raw) VALUES (1, $1, $2, $3, $4, $5, $6, $7)", "sssiidb",
                      till_enum_to_nick (TILL_TYPE_METHOD, channel), txn, order_id, amount,
                      received_ms, credited, raw);
}

/**
 * till_store_take_receipt_no:
 * @books: the books, in a transaction
 * @order_id: the order the receipt is for
 * @at_ms: when it was paid
 * @error: return location for a #GError
 *
 * Takes the next number of the year. The counter is moved in the transaction of the sale, so there
 * is no gap and none is given twice.
 *
 * Returns: (transfer full): the number, or %NULL with @error set
 */
char *
till_store_take_receipt_no (TillBooks  *books,
                            const char *order_id,
                            gint64      at_ms,
                            GError    **error)
{
  TillDb *db = till_books_get_db (books);
  const int year = till_clock_year_of (at_ms);
  gint64 number = 0;

  if (!till_db_get_int (db, &number, error,
                        "INSERT INTO receipt_counter (site, year, last_number) VALUES (1, $1, 1) "
                        "ON CONFLICT (site, year) "
                        "DO UPDATE SET last_number = receipt_counter.last_number + 1 "
                        "RETURNING last_number", "d", year) ||
      !till_db_run (db, error,
                    "INSERT INTO receipt (site, year, number, order_id, at_ms) "
                    "VALUES (1, $1, $2, $3, $4)", "disi", year, number, order_id, at_ms))
    return NULL;

  return till_id_format_receipt (year, number);
}

/**
 * till_store_add_copy:
 * @books: the books, in a transaction
 * @order_id: the order of the receipt
 * @operator_id: who prints
 * @copy: (out): 0 for the original, n for the n-th reprint
 * @error: return location for a #GError
 *
 * Counts a copy of a receipt before it is printed.
 *
 * Returns: %TRUE when it was counted, %FALSE with @error set otherwise
 */
gboolean
till_store_add_copy (TillBooks  *books,
                     const char *order_id,
                     gint64      operator_id,
                     guint      *copy,
                     GError    **error)
{
  gint64 number = 0;

  if (!till_db_get_int (till_books_get_db (books), &number, error,
                        "INSERT INTO receipt_copy (site, order_id, copy, at_ms, operator_id) "
                        "SELECT 1, $1, COUNT(*), $2, $3 FROM receipt_copy "
                        "WHERE site = 1 AND order_id = $1 RETURNING copy", "sii",
                        order_id, till_clock_now_ms (), operator_id))
    return FALSE;

  *copy = (guint)number;
  return TRUE;
}
