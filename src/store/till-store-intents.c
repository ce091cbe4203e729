/*
 * till-store-intents.c: what meters are told, and how far it has come
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-store-intents.h"

#define INTENT_COLUMNS \
  "SELECT i.id, i.kind, i.state, i.meter_id, i.order_id, i.created_ms, i.settled_ms, " \
  "p.display_name, i.reason, i.until_ms, i.tries, i.unknown, i.message, i.fen, i.count_before, " \
  "i.count_new, i.balance_before, i.energy_before, i.before_ms " \
  "FROM intent i JOIN operator p ON p.id = i.operator_id "

/**
 * till_store_add_intent:
 * @books: the books, in a transaction
 * @terms: what the meter is to be told
 * @id: (out): its number
 * @error: return location for a #GError
 *
 * Adds a pending intent. Nothing is told to a meter but by way of one.
 *
 * Returns: %TRUE when it was added, %FALSE with @error set otherwise
 */
gboolean
till_store_add_intent (TillBooks             *books,
                       const TillIntentTerms *terms,
                       gint64                *id,
                       GError               **error)
{
  return till_db_get_int (till_books_get_db (books), id, error,
                          "INSERT INTO intent (site, kind, state, meter_id, order_id, operator_id, "
                          "reason, until_ms, created_ms, fen) "
                          "VALUES (1, $1, 'pending', $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                          "sisisiii", till_enum_to_nick (TILL_TYPE_INTENT_KIND, terms->kind),
                          terms->meter_id, terms->order_id, terms->operator_id,
                          terms->reason != NULL ? terms->reason : "", terms->until_ms,
                          till_clock_now_ms (), terms->amount);
}

static TillIntent *
intent_from_row (TillStmt *stmt)
{
  TillIntent *intent = till_intent_new ();
  int value = 0;

  intent->id = till_stmt_get_int (stmt, 0);
  till_enum_from_nick (TILL_TYPE_INTENT_KIND, till_stmt_get_text (stmt, 1), &value);
  intent->kind = (TillIntentKind)value;
  till_enum_from_nick (TILL_TYPE_INTENT_STATE, till_stmt_get_text (stmt, 2), &value);
  intent->state = (TillIntentState)value;
  intent->meter_id = till_stmt_get_int (stmt, 3);
  intent->order_id = g_strdup (till_stmt_get_text (stmt, 4));
  intent->created_ms = till_stmt_get_int (stmt, 5);
  intent->settled_ms = till_stmt_get_int (stmt, 6);
  intent->operator_name = g_strdup (till_stmt_get_text (stmt, 7));
  intent->reason = g_strdup (till_stmt_get_text (stmt, 8));
  intent->until_ms = till_stmt_get_int (stmt, 9);
  intent->tries = (guint)till_stmt_get_int (stmt, 10);
  intent->unknown = till_stmt_get_int (stmt, 11) != 0;
  intent->message = g_strdup (till_stmt_get_text (stmt, 12));
  intent->amount = till_stmt_get_int (stmt, 13);
  intent->count_before = (guint32)till_stmt_get_int (stmt, 14);
  intent->count_new = (guint32)till_stmt_get_int (stmt, 15);
  intent->balance_before = till_stmt_get_int (stmt, 16);
  intent->energy_before_ckwh = till_stmt_get_int (stmt, 17);
  intent->before_ms = till_stmt_get_int (stmt, 18);

  return intent;
}

/**
 * till_store_get_intent:
 * @books: the books
 * @id: an intent's number
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the intent, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN)
 */
TillIntent *
till_store_get_intent (TillBooks *books,
                       gint64     id,
                       GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  INTENT_COLUMNS "WHERE i.id = $1", "i", id);
  TillIntent *intent = NULL;
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;

  if (rc == 1)
    {
      intent = intent_from_row (stmt);
      till_stmt_reset (stmt);
    }
  else if (rc == 0)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                   "there is no command number %" G_GINT64_FORMAT, id);
    }

  return intent;
}

static GPtrArray *
list_all (TillStmt *stmt,
          GError  **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_intent_unref);
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, intent_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_list_open:
 * @books: the books
 * @reviews_only: only those in REVIEW
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillIntent): what is not settled, oldest first; or %NULL
 *   with
 *   @error set
 */
GPtrArray *
till_store_list_open (TillBooks *books,
                      gboolean   reviews_only,
                      GError   **error)
{
  return list_all (till_db_query (till_books_get_db (books), error,
                                  INTENT_COLUMNS
                                  "WHERE i.site = 1 AND i.state IN "
                                  "('pending', 'sending', 'review') "
                                  "AND ($1 = 0 OR i.state = 'review') ORDER BY i.id", "d",
                                  reviews_only), error);
}

/**
 * till_store_list_kept:
 * @books: the books
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillIntent): of each meter the last relay command that was
 *   confirmed, when it is keep power; or %NULL with @error set
 */
GPtrArray *
till_store_list_kept (TillBooks *books,
                      GError   **error)
{
  return list_all (till_db_query (till_books_get_db (books), error,
                                  INTENT_COLUMNS
                                  "WHERE i.site = 1 AND i.kind = 'keep' AND i.state = 'confirmed' "
                                  "AND i.id = (SELECT MAX (j.id) FROM intent j "
                                  "WHERE j.meter_id = i.meter_id AND j.state = 'confirmed' "
                                  "AND j.kind IN ('trip', 'auto', 'keep')) ORDER BY i.id", ""),
                   error);
}

/**
 * till_store_get_delivered:
 * @books: the books
 * @meter_id: a meter
 * @fen: (out): the sum of all purchases that were confirmed on it, less what it gave back
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @fen was set, %FALSE with @error set otherwise
 */
gboolean
till_store_get_delivered (TillBooks *books,
                          gint64     meter_id,
                          TillMoney *fen,
                          GError   **error)
{
  *fen = 0;

  return till_db_get_int (till_books_get_db (books), fen, error,
                          "SELECT COALESCE (SUM (CASE kind WHEN 'refund' THEN -fen ELSE fen END), "
                          "0) FROM intent WHERE meter_id = $1 AND kind IN ('purchase', 'refund') "
                          "AND state = 'confirmed'", "i", meter_id);
}

static gboolean
expect_one (TillBooks *books,
            gint64     id,
            GError   **error)
{
  if (till_db_get_changes (till_books_get_db (books)) == 1)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
               "command %" G_GINT64_FORMAT " was moved by somebody else", id);
  return FALSE;
}

/**
 * till_store_mark_sending:
 * @books: the books, in a transaction
 * @id: a pending intent
 * @before: the meter just before, read on a clean line
 * @count_new: the purchase count it will have, 0 for a command that is no purchase
 * @error: return location for a #GError
 *
 * Keeps what was seen, before the first byte goes out. The unique index refuses a count that
 * another purchase of this meter uses.
 *
 * Returns: %TRUE when it is “sending” now, %FALSE with @error set otherwise
 */
gboolean
till_store_mark_sending (TillBooks         *books,
                         gint64             id,
                         const TillReading *before,
                         guint32            count_new,
                         GError           **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE intent SET state = 'sending', sent_ms = $2, tries = tries + 1, "
                      "epoch = (SELECT m.epoch FROM meter m WHERE m.id = intent.meter_id), "
                      "meter_no = $3, count_before = $4, count_new = NULLIF ($5, 0), "
                      "balance_before = $6, energy_before = $7, before_ms = $8, unknown = 0, "
                      "message = NULL WHERE id = $1 AND state = 'pending'", "iisiiiii",
                      id, till_clock_now_ms (), before->meter_no, (gint64)before->purchase_count,
                      (gint64)count_new, before->remaining, before->energy_ckwh, before->at_ms) &&
         expect_one (books, id, error);
}

/**
 * till_store_mark_unknown:
 * @books: the books, in a transaction
 * @id: an open intent
 * @message: what went wrong
 * @error: return location for a #GError
 *
 * Notes a fault. A sending intent is “unknown” from now on, until the meter was read.
 *
 * Returns: %TRUE when it was noted, %FALSE with @error set otherwise
 */
gboolean
till_store_mark_unknown (TillBooks  *books,
                         gint64      id,
                         const char *message,
                         GError    **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE intent SET unknown = CASE WHEN state = 'sending' THEN 1 ELSE 0 END, "
                      "message = $2 WHERE id = $1 AND state IN ('pending', 'sending')", "is",
                      id, message);
}

gboolean
till_store_mark_resent (TillBooks *books,
                        gint64     id,
                        GError   **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE intent SET tries = tries + 1, unknown = 0 "
                      "WHERE id = $1 AND state = 'sending'", "i", id) &&
         expect_one (books, id, error);
}

/**
 * till_store_settle_intent:
 * @books: the books, in a transaction
 * @id: an intent
 * @from: the state it must be in
 * @to: how it ended
 * @after: (nullable): the meter as it was read back
 * @message: (nullable): why, when it did not end well
 * @error: return location for a #GError
 *
 * Compare and set: an intent ends once.
 *
 * Returns: %TRUE when it was settled, %FALSE with @error set otherwise
 */
gboolean
till_store_settle_intent (TillBooks         *books,
                          gint64             id,
                          TillIntentState    from,
                          TillIntentState    to,
                          const TillReading *after,
                          const char        *message,
                          GError           **error)
{
  const gboolean has_balance = after != NULL && after->fields & TILL_READING_REMAINING;

  return till_db_run (till_books_get_db (books), error,
                      "UPDATE intent SET state = $3, settled_ms = $4, unknown = 0, message = $5, "
                      "balance_after = CASE WHEN $6 = 1 THEN $7 ELSE balance_after END, "
                      "after_ms = CASE WHEN $6 = 1 THEN $8 ELSE after_ms END "
                      "WHERE id = $1 AND state = $2", "issisdii", id,
                      till_enum_to_nick (TILL_TYPE_INTENT_STATE, from),
                      till_enum_to_nick (TILL_TYPE_INTENT_STATE, to), till_clock_now_ms (), message,
                      has_balance, has_balance ? after->remaining : 0,
                      has_balance ? after->at_ms : 0) &&
         expect_one (books, id, error);
}
