/*
 * till-store-reconcile.c: the daily match with the gateways' bills, as it is kept
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-store-reconcile.h"

#define LIST_MAX 400

/* Payments that paid an order, payments in suspense, and refunds that are done. */
#define FACTS \
  "SELECT a.no, p.txn, NULL AS refund_no, p.order_id, p.fen, p.received_ms AS at_ms, p.channel " \
  "FROM payment p LEFT JOIN attempt a ON a.site = p.site AND a.order_id = p.order_id " \
  "AND a.state = 'paid' WHERE p.site = 1 AND NOT EXISTS (SELECT 1 FROM stray s " \
  "WHERE s.site = p.site AND s.channel = p.channel AND s.txn = p.txn) " \
  "UNION ALL SELECT s.attempt_no, s.txn, NULL, COALESCE (s.new_order_id, s.order_id), s.fen, " \
  "s.received_ms, s.channel FROM stray s WHERE s.site = 1 AND s.booked = 1 " \
  "UNION ALL SELECT f.attempt_no, '', f.no, f.order_id, f.fen, f.done_ms, f.channel " \
  "FROM refund f WHERE f.site = 1 AND f.step = 'done'"

#define MATCH_COLUMNS \
  "SELECT r.id, r.channel, r.day, r.run_ms, p.display_name, r.n_ours, r.n_theirs, r.n_equal, " \
  "r.ours, r.theirs, r.ours_refunded, r.theirs_refunded, r.fee_e5, (SELECT COUNT(*) " \
  "FROM difference d WHERE d.reconciliation_id = r.id AND d.stands = 1 AND d.action = 'none') " \
  "FROM reconciliation r JOIN operator p ON p.id = r.operator_id "

void
till_gateway_fact_free (TillGatewayFact *self)
{
  if (self == NULL)
    return;

  g_free (self->attempt_no);
  g_free (self->txn);
  g_free (self->refund_no);
  g_free (self->order_id);
  g_free (self);
}

static TillGatewayFact *
fact_from_row (TillStmt *stmt)
{
  TillGatewayFact *fact = g_new0 (TillGatewayFact, 1);

  fact->attempt_no = g_strdup (till_stmt_get_text (stmt, 0));
  fact->txn = g_strdup (till_stmt_get_text (stmt, 1));
  fact->refund_no = g_strdup (till_stmt_get_text (stmt, 2));
  fact->order_id = g_strdup (till_stmt_get_text (stmt, 3));
  fact->amount = till_stmt_get_int (stmt, 4);
  fact->at_ms = till_stmt_get_int (stmt, 5);
  return fact;
}

/**
 * till_store_list_gateway_facts:
 * @books: the books
 * @method: WECHAT or ALIPAY
 * @from_ms: the first instant
 * @to_ms: the instant after the last
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillGatewayFact): what the books have of that time; or
 *   %NULL with @error set
 */
GPtrArray *
till_store_list_gateway_facts (TillBooks *books,
                               TillMethod method,
                               gint64     from_ms,
                               gint64     to_ms,
                               GError   **error)
{
  g_autoptr(GPtrArray) list =
    g_ptr_array_new_with_free_func ((GDestroyNotify)till_gateway_fact_free);
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT * FROM (" FACTS ") WHERE channel = $1 AND at_ms >= $2 "
                                  "AND at_ms < $3 ORDER BY at_ms", "sii",
                                  till_enum_to_nick (TILL_TYPE_METHOD, method), from_ms, to_ms);
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, fact_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_find_gateway_fact:
 * @books: the books
 * @method: WECHAT or ALIPAY
 * @txn: the gateway's number of a payment
 * @refund_no: (nullable): our number of a refund of it
 * @fact: (out) (transfer full) (nullable): what the books have of it, %NULL for nothing
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_find_gateway_fact (TillBooks        *books,
                              TillMethod        method,
                              const char       *txn,
                              const char       *refund_no,
                              TillGatewayFact **fact,
                              GError          **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT * FROM (" FACTS ") WHERE channel = $1 "
                                  "AND (($3 IS NULL AND refund_no IS NULL AND txn = $2) "
                                  "OR refund_no = $3) LIMIT 1", "sss",
                                  till_enum_to_nick (TILL_TYPE_METHOD, method), txn, refund_no);
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;

  *fact = rc == 1 ? fact_from_row (stmt) : NULL;
  if (stmt != NULL)
    till_stmt_reset (stmt);
  return rc >= 0;
}

static gboolean
put_difference (TillBooks            *books,
                gint64                match_id,
                const TillDifference *d,
                GError              **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO difference (reconciliation_id, kind, attempt_no, refund_no, "
                      "txn, order_id, ours, theirs, ours_ms, theirs_ms, bill_state) VALUES ($1, "
                      "$2, $3, COALESCE ($4, ''), COALESCE ($5, ''), $6, $7, $8, $9, $10, $11) "
                      "ON CONFLICT (reconciliation_id, kind, attempt_no, refund_no, txn) "
                      "DO UPDATE SET stands = 1, ours = excluded.ours, theirs = excluded.theirs, "
                      "bill_state = excluded.bill_state", "isssssiiiis",
                      match_id, till_enum_to_nick (TILL_TYPE_DIFFERENCE_KIND, d->kind),
                      d->attempt_no != NULL ? d->attempt_no : "", d->refund_no, d->txn,
                      d->order_id, d->ours, d->theirs, d->ours_ms, d->theirs_ms, d->state);
}

/**
 * till_store_put_reconciliation:
 * @books: the books, in a transaction
 * @match: the match of a day; its id is set
 * @operator_id: who ran it
 * @error: return location for a #GError
 *
 * Keeps a match. One that was kept of that day is replaced; what was done about a difference stays
 * with it, and a difference that is no more stays as one that does not stand.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_store_put_reconciliation (TillBooks          *books,
                               TillReconciliation *match,
                               gint64              operator_id,
                               GError            **error)
{
  TillDb *db = till_books_get_db (books);

  if (!till_db_get_int (db, &match->id, error,
                        "INSERT INTO reconciliation (site, channel, day, run_ms, operator_id, "
                        "n_ours, n_theirs, n_equal, ours, theirs, ours_refunded, "
                        "theirs_refunded, fee_e5) VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, "
                        "$10, $11, $12) ON CONFLICT (site, channel, day) DO UPDATE SET "
                        "run_ms = excluded.run_ms, operator_id = excluded.operator_id, "
                        "n_ours = excluded.n_ours, n_theirs = excluded.n_theirs, "
                        "n_equal = excluded.n_equal, ours = excluded.ours, "
                        "theirs = excluded.theirs, ours_refunded = excluded.ours_refunded, "
                        "theirs_refunded = excluded.theirs_refunded, fee_e5 = excluded.fee_e5 "
                        "RETURNING id", "sdiidddiiiii",
                        till_enum_to_nick (TILL_TYPE_METHOD, match->method), match->day,
                        match->run_ms, operator_id, (int)match->n_ours, (int)match->n_theirs,
                        (int)match->n_equal, match->ours, match->theirs, match->ours_refunded,
                        match->theirs_refunded, match->fee_e5) ||
      !till_db_run (db, error, "UPDATE difference SET stands = 0 WHERE reconciliation_id = $1", "i",
                    match->id))
    return FALSE;

  for (guint i = 0; i < match->differences->len; i++)
    if (!put_difference (books, match->id, g_ptr_array_index (match->differences, i), error))
      return FALSE;

  return TRUE;
}

static TillReconciliation *
match_from_row (TillStmt *stmt)
{
  TillReconciliation *match = till_reconciliation_new ();
  int value = TILL_METHOD_WECHAT;

  match->id = till_stmt_get_int (stmt, 0);
  till_enum_from_nick (TILL_TYPE_METHOD, till_stmt_get_text (stmt, 1), &value);
  match->method = (TillMethod)value;
  match->day = (int)till_stmt_get_int (stmt, 2);
  match->run_ms = till_stmt_get_int (stmt, 3);
  match->operator_name = g_strdup (till_stmt_get_text (stmt, 4));
  match->n_ours = (guint)till_stmt_get_int (stmt, 5);
  match->n_theirs = (guint)till_stmt_get_int (stmt, 6);
  match->n_equal = (guint)till_stmt_get_int (stmt, 7);
  match->ours = till_stmt_get_int (stmt, 8);
  match->theirs = till_stmt_get_int (stmt, 9);
  match->ours_refunded = till_stmt_get_int (stmt, 10);
  match->theirs_refunded = till_stmt_get_int (stmt, 11);
  match->fee_e5 = till_stmt_get_int (stmt, 12);
  match->n_open = (guint)till_stmt_get_int (stmt, 13);
  match->differences = g_ptr_array_new_with_free_func ((GDestroyNotify)till_difference_free);
  return match;
}

static TillDifference *
difference_from_row (TillStmt *stmt)
{
  TillDifference *d = g_new0 (TillDifference, 1);
  int value = 0;

  d->id = till_stmt_get_int (stmt, 0);
  till_enum_from_nick (TILL_TYPE_DIFFERENCE_KIND, till_stmt_get_text (stmt, 1), &value);
  d->kind = (TillDifferenceKind)value;
  d->attempt_no = g_strdup (till_stmt_get_text (stmt, 2));
  d->refund_no = g_strdup (till_stmt_get_text (stmt, 3));
  d->txn = g_strdup (till_stmt_get_text (stmt, 4));
  d->order_id = g_strdup (till_stmt_get_text (stmt, 5));
  d->ours = till_stmt_get_int (stmt, 6);
  d->theirs = till_stmt_get_int (stmt, 7);
  d->ours_ms = till_stmt_get_int (stmt, 8);
  d->theirs_ms = till_stmt_get_int (stmt, 9);
  d->state = g_strdup (till_stmt_get_text (stmt, 10));
  value = 0;
  till_enum_from_nick (TILL_TYPE_DIFFERENCE_ACTION, till_stmt_get_text (stmt, 11), &value);
  d->action = (TillDifferenceAction)value;
  d->outcome = g_strdup (till_stmt_get_text (stmt, 12));
  d->decided_by = g_strdup (till_stmt_get_text (stmt, 13));
  d->place = g_strdup (till_stmt_get_text (stmt, 14));
  return d;
}

static gboolean
load_differences (TillBooks          *books,
                  TillReconciliation *match,
                  GError            **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT d.id, d.kind, d.attempt_no, NULLIF (d.refund_no, ''), "
                                  "NULLIF (d.txn, ''), d.order_id, d.ours, d.theirs, d.ours_ms, "
                                  "d.theirs_ms, d.bill_state, d.action, d.outcome, "
                                  "p.display_name, s.name FROM difference d "
                                  "LEFT JOIN operator p ON p.id = d.operator_id "
                                  "LEFT JOIN orders o ON o.site = 1 AND o.id = d.order_id "
                                  "LEFT JOIN account c ON c.id = o.account_id "
                                  "LEFT JOIN place s ON s.id = c.shop_id "
                                  "WHERE d.reconciliation_id = $1 AND d.stands = 1 "
                                  "ORDER BY d.id", "i", match->id);
  int rc;

  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (match->differences, difference_from_row (stmt));

  return rc == 0;
}

/**
 * till_store_get_reconciliation:
 * @books: the books
 * @id: its number
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the match with its differences, or %NULL with @error set
 */
TillReconciliation *
till_store_get_reconciliation (TillBooks *books,
                               gint64     id,
                               GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  MATCH_COLUMNS "WHERE r.id = $1", "i", id);
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;
  g_autoptr(TillReconciliation) match = rc == 1 ? match_from_row (stmt) : NULL;

  if (stmt != NULL)
    till_stmt_reset (stmt);
  if (rc == 0)
    g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "no such match is kept");

  return match != NULL && load_differences (books, match, error) ? g_steal_pointer (&match) : NULL;
}

/**
 * till_store_list_reconciliations:
 * @books: the books
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillReconciliation): without differences, the newest day
 *   first; or %NULL with @error set
 */
GPtrArray *
till_store_list_reconciliations (TillBooks *books,
                                 GError   **error)
{
  g_autoptr(GPtrArray) list =
    g_ptr_array_new_with_free_func ((GDestroyNotify)till_reconciliation_unref);
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  MATCH_COLUMNS "WHERE r.site = 1 ORDER BY r.day DESC, r.channel "
                                  "LIMIT $1", "d", LIST_MAX);
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, match_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_find_difference:
 * @books: the books
 * @difference_id: a difference
 * @match_id: (out): the match it is of
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it is there, %FALSE with @error set (%TILL_RULE_ERROR_UNKNOWN) otherwise
 */
gboolean
till_store_find_difference (TillBooks *books,
                            gint64     difference_id,
                            gint64    *match_id,
                            GError   **error)
{
  *match_id = 0;
  if (!till_db_get_int (till_books_get_db (books), match_id, error,
                        "SELECT COALESCE (MAX (reconciliation_id), 0) FROM difference "
                        "WHERE id = $1", "i", difference_id))
    return FALSE;

  if (*match_id != 0)
    return TRUE;

  g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                       "there is no such difference");
  return FALSE;
}

/**
 * till_store_act_on_difference:
 * @books: the books, in a transaction
 * @id: a difference
 * @action: what was done
 * @outcome: what came of it
 * @operator_id: who did it
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_store_act_on_difference (TillBooks           *books,
                              gint64               id,
                              TillDifferenceAction action,
                              const char          *outcome,
                              gint64               operator_id,
                              GError             **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE difference SET action = $2, outcome = $3, operator_id = $4 "
                      "WHERE id = $1", "issi", id,
                      till_enum_to_nick (TILL_TYPE_DIFFERENCE_ACTION, action), outcome,
                      operator_id);
}
