/*
 * till-store-online.c: attempts to pay through a gateway, and payments in suspense
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-store-online.h"

#define STRAYS_MAX 500

#define ATTEMPT_COLUMNS \
  "SELECT no, order_id, channel, kind, fen, created_ms, expires_ms, state, code, noticed_ms, " \
  "message FROM attempt "

#define STRAY_COLUMNS \
  "SELECT s.id, s.channel, s.txn, s.attempt_no, s.order_id, o.account_id, o.meter_id, s.fen, " \
  "o.fen, s.payer, s.received_ms, s.reason, s.booked, s.state, p.display_name, s.message, s.raw " \
  "FROM stray s LEFT JOIN orders o ON o.site = s.site AND o.id = s.order_id " \
  "LEFT JOIN operator p ON p.id = s.operator_id "

void
till_attempt_free (TillAttempt *self)
{
  if (self == NULL)
    return;

  g_free (self->no);
  g_free (self->order_id);
  g_free (self->code);
  g_free (self->message);
  g_free (self);
}

/**
 * till_store_add_attempt:
 * @books: the books, in a transaction
 * @attempt: its terms; it begins as CREATING
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when the number
 *   was used before, or the order has an attempt that lives) otherwise
 */
gboolean
till_store_add_attempt (TillBooks         *books,
                        const TillAttempt *attempt,
                        GError           **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO attempt (site, no, order_id, channel, kind, fen, created_ms, "
                      "expires_ms, state) VALUES (1, $1, $2, $3, $4, $5, $6, $7, 'creating')",
                      "ssssiii", attempt->no, attempt->order_id,
                      till_enum_to_nick (TILL_TYPE_METHOD, attempt->method),
                      till_enum_to_nick (TILL_TYPE_TRADE_KIND, attempt->kind), attempt->amount,
                      attempt->created_ms, attempt->expires_ms);
}

static int
parse_nick (GType       type,
            const char *nick)
{
  int value = 0;

  if (!till_enum_from_nick (type, nick, &value))
    g_warning ("“%s” in the books is not a %s", nick, g_type_name (type));

  return value;
}

static TillAttempt *
attempt_from_row (TillStmt *stmt)
{
  TillAttempt *attempt = g_new0 (TillAttempt, 1);

  attempt->no = g_strdup (till_stmt_get_text (stmt, 0));
  attempt->order_id = g_strdup (till_stmt_get_text (stmt, 1));
  attempt->method = (TillMethod)parse_nick (TILL_TYPE_METHOD, till_stmt_get_text (stmt, 2));
  attempt->kind = (TillTradeKind)parse_nick (TILL_TYPE_TRADE_KIND, till_stmt_get_text (stmt, 3));
  attempt->amount = till_stmt_get_int (stmt, 4);
  attempt->created_ms = till_stmt_get_int (stmt, 5);
  attempt->expires_ms = till_stmt_get_int (stmt, 6);
  attempt->state = (TillAttemptState)parse_nick (TILL_TYPE_ATTEMPT_STATE,
                                                 till_stmt_get_text (stmt, 7));
  attempt->code = g_strdup (till_stmt_get_text (stmt, 8));
  attempt->noticed_ms = till_stmt_get_int (stmt, 9);
  attempt->message = g_strdup (till_stmt_get_text (stmt, 10));

  return attempt;
}

static gboolean
take_attempt (TillStmt     *stmt,
              TillAttempt **attempt,
              GError      **error)
{
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;

  *attempt = NULL;
  if (rc < 0)
    return FALSE;

  if (rc == 1)
    *attempt = attempt_from_row (stmt);

  till_stmt_reset (stmt);
  return TRUE;
}

/**
 * till_store_find_attempt:
 * @books: the books
 * @no: a number at a gateway
 * @attempt: (out) (transfer full) (nullable): the attempt of that number, %NULL for none
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_find_attempt (TillBooks    *books,
                         const char   *no,
                         TillAttempt **attempt,
                         GError      **error)
{
  return take_attempt (till_db_query (till_books_get_db (books), error,
                                      ATTEMPT_COLUMNS "WHERE site = 1 AND no = $1", "s", no),
                       attempt, error);
}

/**
 * till_store_find_attempt_of_order:
 * @books: the books
 * @order_id: an order's id
 * @attempt: (out) (transfer full) (nullable): its last attempt, %NULL for none
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_find_attempt_of_order (TillBooks    *books,
                                  const char   *order_id,
                                  TillAttempt **attempt,
                                  GError      **error)
{
  return take_attempt (till_db_query (till_books_get_db (books), error,
                                      ATTEMPT_COLUMNS "WHERE site = 1 AND order_id = $1 "
                                      "ORDER BY no DESC LIMIT 1", "s", order_id),
                       attempt, error);
}

/**
 * till_store_list_open_attempts:
 * @books: the books
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillAttempt): all that may still be paid, oldest first; or
 *   %NULL with @error set
 */
GPtrArray *
till_store_list_open_attempts (TillBooks *books,
                               GError   **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_attempt_free);
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  ATTEMPT_COLUMNS "WHERE site = 1 "
                                  "AND state IN ('creating', 'waiting', 'closing') ORDER BY no",
                                  "");
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, attempt_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_set_attempt_code:
 * @books: the books, in a transaction
 * @no: an attempt
 * @code: what the payer scans, or opens
 * @error: return location for a #GError
 *
 * The gateway has made the trade: CREATING becomes WAITING. An attempt that went further meanwhile
 * keeps its state.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_store_set_attempt_code (TillBooks  *books,
                             const char *no,
                             const char *code,
                             GError    **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE attempt SET code = $2, message = NULL, state = CASE WHEN "
                      "state = 'creating' THEN 'waiting' ELSE state END "
                      "WHERE site = 1 AND no = $1", "ss", no, code);
}

/**
 * till_store_move_attempt:
 * @books: the books, in a transaction
 * @no: an attempt
 * @to: the state it goes to: CLOSING, PAID, CLOSED or FAILED; or its own, to note @message
 * @message: (nullable): the last fault
 * @error: return location for a #GError
 *
 * Moves an attempt that may still be paid.
 *
 * Returns: %TRUE when it was moved, %FALSE with @error set (%TILL_RULE_ERROR_CLOSED when it had
 *   ended before) otherwise
 */
gboolean
till_store_move_attempt (TillBooks       *books,
                         const char      *no,
                         TillAttemptState to,
                         const char      *message,
                         GError         **error)
{
  TillDb *db = till_books_get_db (books);

  if (!till_db_run (db, error,
                    "UPDATE attempt SET state = $2, message = $3 WHERE site = 1 AND no = $1 "
                    "AND state IN ('creating', 'waiting', 'closing')", "sss", no,
                    till_enum_to_nick (TILL_TYPE_ATTEMPT_STATE, to), message))
    return FALSE;

  if (till_db_get_changes (db) == 1)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED, "attempt %s has ended already", no);
  return FALSE;
}

/**
 * till_store_note_attempt:
 * @books: the books, in a transaction
 * @no: an attempt
 * @noticed_ms: when a notice of it came
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_store_note_attempt (TillBooks  *books,
                         const char *no,
                         gint64      noticed_ms,
                         GError    **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE attempt SET noticed_ms = COALESCE (noticed_ms, $2) "
                      "WHERE site = 1 AND no = $1", "si", no, noticed_ms);
}

/**
 * till_store_has_payment:
 * @books: the books
 * @method: a gateway
 * @txn: its number of a payment
 * @found: (out): whether that payment is in the books, credited or in suspense
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_has_payment (TillBooks  *books,
                        TillMethod  method,
                        const char *txn,
                        gboolean   *found,
                        GError    **error)
{
  gint64 n = 0;

  if (!till_db_get_int (till_books_get_db (books), &n, error,
                        "SELECT (SELECT COUNT(*) FROM payment WHERE site = 1 AND channel = $1 "
                        "AND txn = $2) + (SELECT COUNT(*) FROM stray WHERE site = 1 "
                        "AND channel = $1 AND txn = $2)", "ss",
                        till_enum_to_nick (TILL_TYPE_METHOD, method), txn))
    return FALSE;

  *found = n > 0;
  return TRUE;
}

static char *
get_raw_text (TillStmt *stmt,
              int       column)
{
  gsize size = 0;
  const char *data = till_stmt_get_blob (stmt, column, &size);

  return data != NULL && g_utf8_validate_len (data, size, NULL) ? g_strndup (data, size) : NULL;
}

/**
 * till_store_list_payments:
 * @books: the books
 * @order_id: an order's id
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillPayment): the payments that name the order, the oldest
 *   first; or %NULL with @error set
 */
GPtrArray *
till_store_list_payments (TillBooks  *books,
                          const char *order_id,
                          GError    **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_payment_unref);
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT channel, txn, order_id, fen, received_ms, credited, raw "
                                  "FROM payment WHERE site = 1 AND order_id = $1 "
                                  "ORDER BY received_ms, txn", "s", order_id);
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      TillPayment *payment = till_payment_new ();

      payment->method = (TillMethod)parse_nick (TILL_TYPE_METHOD, till_stmt_get_text (stmt, 0));
      payment->txn = g_strdup (till_stmt_get_text (stmt, 1));
      payment->order_id = g_strdup (till_stmt_get_text (stmt, 2));
      payment->amount = till_stmt_get_int (stmt, 3);
      payment->received_ms = till_stmt_get_int (stmt, 4);
      payment->credited = till_stmt_get_int (stmt, 5) != 0;
      payment->raw = get_raw_text (stmt, 6);
      g_ptr_array_add (list, payment);
    }

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_add_stray:
 * @books: the books, in a transaction
 * @terms: what came, and why it is not credited
 * @id: (out): its number
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when it is known
 *   already) otherwise
 */
gboolean
till_store_add_stray (TillBooks            *books,
                      const TillStrayTerms *terms,
                      gint64               *id,
                      GError              **error)
{
  const TillTrade *trade = terms->trade;

  return till_db_get_int (till_books_get_db (books), id, error,
                          "INSERT INTO stray (site, channel, txn, attempt_no, order_id, fen, "
                          "payer, received_ms, reason, booked, raw, state) "
                          "VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open') "
                          "RETURNING id", "ssssisisdb",
                          till_enum_to_nick (TILL_TYPE_METHOD, trade->method), trade->txn,
                          trade->attempt_no, terms->order_id, trade->amount, trade->payer,
                          terms->received_ms,
                          till_enum_to_nick (TILL_TYPE_STRAY_REASON, terms->reason),
                          terms->booked, trade->raw);
}

static TillStray *
stray_from_row (TillStmt *stmt)
{
  TillStray *stray = till_stray_new ();

  stray->id = till_stmt_get_int (stmt, 0);
  stray->method = (TillMethod)parse_nick (TILL_TYPE_METHOD, till_stmt_get_text (stmt, 1));
  stray->txn = g_strdup (till_stmt_get_text (stmt, 2));
  stray->attempt_no = g_strdup (till_stmt_get_text (stmt, 3));
  stray->order_id = g_strdup (till_stmt_get_text (stmt, 4));
  stray->account_id = till_stmt_get_int (stmt, 5);
  stray->meter_id = till_stmt_get_int (stmt, 6);
  stray->amount = till_stmt_get_int (stmt, 7);
  stray->order_amount = till_stmt_get_int (stmt, 8);
  stray->payer = g_strdup (till_stmt_get_text (stmt, 9));
  stray->received_ms = till_stmt_get_int (stmt, 10);
  stray->reason = (TillStrayReason)parse_nick (TILL_TYPE_STRAY_REASON,
                                               till_stmt_get_text (stmt, 11));
  stray->booked = till_stmt_get_int (stmt, 12) != 0;
  stray->state = (TillStrayState)parse_nick (TILL_TYPE_STRAY_STATE, till_stmt_get_text (stmt, 13));
  stray->decided_by = g_strdup (till_stmt_get_text (stmt, 14));
  stray->message = g_strdup (till_stmt_get_text (stmt, 15));
  stray->raw = get_raw_text (stmt, 16);

  return stray;
}

/**
 * till_store_get_stray:
 * @books: the books
 * @id: its number
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the payment, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN)
 */
TillStray *
till_store_get_stray (TillBooks *books,
                      gint64     id,
                      GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  STRAY_COLUMNS "WHERE s.site = 1 AND s.id = $1", "i", id);
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;
  TillStray *stray = NULL;

  if (rc == 1)
    stray = stray_from_row (stmt);
  else if (rc == 0)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                 "there is no payment in suspense number %" G_GINT64_FORMAT, id);

  if (stmt != NULL)
    till_stmt_reset (stmt);
  return stray;
}

/**
 * till_store_list_strays:
 * @books: the books
 * @all: whether those that were decided are wanted, too
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillStray): the newest first; or %NULL with @error set
 */
GPtrArray *
till_store_list_strays (TillBooks *books,
                        gboolean   all,
                        GError   **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_stray_unref);
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  STRAY_COLUMNS "WHERE s.site = 1 AND ($1 = 1 "
                                  "OR s.state IN ('open', 'refunding')) "
                                  "ORDER BY s.id DESC LIMIT $2", "dd", all, STRAYS_MAX);
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, stray_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_count_strays:
 * @books: the books
 * @n_open: (out): how many payments wait for a decision
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_count_strays (TillBooks *books,
                         guint     *n_open,
                         GError   **error)
{
  gint64 n = 0;

  if (!till_db_get_int (till_books_get_db (books), &n, error,
                        "SELECT COUNT(*) FROM stray WHERE site = 1 AND state = 'open'", ""))
    return FALSE;

  *n_open = (guint)n;
  return TRUE;
}

/**
 * till_store_move_stray:
 * @books: the books, in a transaction
 * @id: its number
 * @from: the state it must be in
 * @to: the state it goes to
 * @operator_id: who decided, 0 to leave it
 * @message: (nullable): in the words of that person, or the last fault
 * @new_order_id: (nullable): the recharge it became
 * @error: return location for a #GError
 *
 * Compare and set.
 *
 * Returns: %TRUE when it was moved, %FALSE with @error set (%TILL_RULE_ERROR_CLOSED when it was not
 *   in @from) otherwise
 */
gboolean
till_store_move_stray (TillBooks     *books,
                       gint64         id,
                       TillStrayState from,
                       TillStrayState to,
                       gint64         operator_id,
                       const char    *message,
                       const char    *new_order_id,
                       GError       **error)
{
  TillDb *db = till_books_get_db (books);

  if (!till_db_run (db, error,
                    "UPDATE stray SET state = $3, operator_id = COALESCE (NULLIF ($4, 0), "
                    "operator_id), decided_ms = $5, message = COALESCE ($6, message), "
                    "new_order_id = COALESCE ($7, new_order_id) "
                    "WHERE site = 1 AND id = $1 AND state = $2", "issiiss", id,
                    till_enum_to_nick (TILL_TYPE_STRAY_STATE, from),
                    till_enum_to_nick (TILL_TYPE_STRAY_STATE, to), operator_id,
                    till_clock_now_ms (), message, new_order_id))
    return FALSE;

  if (till_db_get_changes (db) == 1)
    return TRUE;

  g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                       "this payment does not wait for a decision any more");
  return FALSE;
}
