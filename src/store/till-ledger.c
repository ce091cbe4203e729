/*
 * till-ledger.c: the journal
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-id.h"
#include "till-ledger.h"

/**
 * till_ledger_of_method:
 * @method: how a tenant pays
 *
 * Returns: (transfer none): the ledger that the money comes into
 */
const char *
till_ledger_of_method (TillMethod method)
{
  switch (method)
    {
    case TILL_METHOD_CASH:
      return TILL_LEDGER_CASH;
    case TILL_METHOD_POS:
      return TILL_LEDGER_POS;
    case TILL_METHOD_TRANSFER:
      return TILL_LEDGER_BANK;
    case TILL_METHOD_WECHAT:
      return TILL_LEDGER_WECHAT;
    case TILL_METHOD_ALIPAY:
      return TILL_LEDGER_ALIPAY;
    default:
      g_assert_not_reached ();
    }
}

/* Everything an entry says, in one line, for the chain. The legs follow in their order. */
static GString *
entry_text (gint64      site,
            const char *ref,
            const char *kind,
            gint64      at_ms,
            gint64      operator_id,
            const char *order_id,
            const char *receipt_no,
            const char *memo)
{
  GString *text = g_string_new (NULL);

  till_books_append_int (text, site);
  till_books_append_text (text, ref);
  till_books_append_text (text, kind);
  till_books_append_int (text, at_ms);
  till_books_append_int (text, operator_id);
  till_books_append_text (text, order_id);
  till_books_append_text (text, receipt_no);
  till_books_append_text (text, memo != NULL ? memo : "");

  return text;
}

static void
append_leg (GString    *text,
            gint64      number,
            gint64      site,
            const char *ledger,
            gint64      account_id,
            gint64      meter_id,
            TillMoney   fen)
{
  till_books_append_int (text, number);
  till_books_append_int (text, site);
  till_books_append_text (text, ledger);
  till_books_append_int (text, account_id);
  till_books_append_int (text, meter_id);
  till_books_append_int (text, fen);
}

static gboolean
last_digest (TillBooks *books,
             char     **digest,
             GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT digest FROM entry ORDER BY id DESC LIMIT 1", "");
  int rc;

  if (stmt == NULL || (rc = till_stmt_step (stmt, error)) < 0)
    return FALSE;

  *digest = g_strdup (rc == 1 ? till_stmt_get_text (stmt, 0) : "");
  till_stmt_reset (stmt);
  return TRUE;
}

static gboolean
insert_entry (TillBooks       *books,
              const TillEntry *entry,
              const char      *text,
              gint64          *entry_id,
              GError         **error)
{
  g_autofree char *previous = NULL;
  g_autofree char *digest = NULL;

  if (!last_digest (books, &previous, error))
    return FALSE;

  digest = till_books_sign (books, previous, text);

  return till_db_get_int (till_books_get_db (books), entry_id, error,
                          "INSERT INTO entry (site, ref, kind, at_ms, day, operator_id, order_id, "
                          "receipt_no, memo, digest) "
                          "VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
                          "ssidissss", entry->ref, entry->kind, entry->at_ms,
                          till_clock_day_of (entry->at_ms), entry->operator_id, entry->order_id,
                          entry->receipt_no, entry->memo != NULL ? entry->memo : "", digest);
}

static gboolean
insert_leg (TillBooks     *books,
            gint64         entry_id,
            int            number,
            const TillLeg *leg,
            GError       **error)
{
  TillDb *db = till_books_get_db (books);

  return till_db_run (db, error,
                      "INSERT INTO leg (entry_id, leg, site, ledger, account_id, meter_id, fen) "
                      "VALUES ($1, $2, 1, $3, $4, $5, $6)", "idsiii",
                      entry_id, number, leg->ledger, leg->account_id, leg->meter_id, leg->fen) &&
         till_db_run (db, error,
                      "INSERT INTO balance (site, ledger, account_id, meter_id, fen) "
                      "VALUES (1, $1, $2, $3, $4) "
                      "ON CONFLICT (site, ledger, account_id, meter_id) "
                      "DO UPDATE SET fen = balance.fen + excluded.fen", "siii",
                      leg->ledger, leg->account_id, leg->meter_id, leg->fen);
}

/**
 * till_ledger_post:
 * @books: the books, in a transaction
 * @entry: what the entry is about
 * @legs: two legs or more that add up to nothing, none of them zero
 * @n_legs: how many
 * @entry_id: (out) (optional): the number of the entry
 * @error: return location for a #GError
 *
 * Adds an entry to the journal, chained to the one before under the key of the site. Legs that do
 * not add up are a fault of the program and end it.
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when the same
 *   fact was posted already) otherwise
 */
gboolean
till_ledger_post (TillBooks       *books,
                  const TillEntry *entry,
                  const TillLeg   *legs,
                  gsize            n_legs,
                  gint64          *entry_id,
                  GError         **error)
{
  g_autoptr(GString) text = NULL;
  gboolean balanced = TRUE;
  TillMoney sum = 0;
  gint64 id = 0;

  text = entry_text (TILL_SITE, entry->ref, entry->kind, entry->at_ms, entry->operator_id,
                     entry->order_id, entry->receipt_no, entry->memo);

  for (gsize i = 0; i < n_legs; i++)
    {
      append_leg (text, (gint64)i, TILL_SITE, legs[i].ledger, legs[i].account_id,
                  legs[i].meter_id, legs[i].fen);
      balanced = balanced && !__builtin_add_overflow (sum, legs[i].fen, &sum);
    }

  if (n_legs < 2 || !balanced || sum != 0)
    g_error ("entry “%s” does not balance", entry->ref);

  if (!insert_entry (books, entry, text->str, &id, error))
    return FALSE;

  for (gsize i = 0; i < n_legs; i++)
    if (!insert_leg (books, id, (int)i, &legs[i], error))
      return FALSE;

  if (entry_id != NULL)
    *entry_id = id;
  return TRUE;
}

/**
 * till_ledger_get_balance:
 * @books: the books
 * @ledger: one of the ledgers
 * @account_id: of which tenant, 0 for none
 * @meter_id: of which meter, 0 for none
 * @fen: (out): debit less credit, 0 when nothing was posted
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @fen was set, %FALSE with @error set otherwise
 */
gboolean
till_ledger_get_balance (TillBooks  *books,
                         const char *ledger,
                         gint64      account_id,
                         gint64      meter_id,
                         TillMoney  *fen,
                         GError    **error)
{
  *fen = 0;

  return till_db_get_int (till_books_get_db (books), fen, error,
                          "SELECT fen FROM balance WHERE site = 1 AND ledger = $1 "
                          "AND account_id = $2 AND meter_id = $3", "sii",
                          ledger, account_id, meter_id);
}

/**
 * till_ledger_get_sum:
 * @books: the books
 * @ledger: one of the ledgers
 * @fen: (out): debit less credit of all tenants and meters
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @fen was set, %FALSE with @error set otherwise
 */
gboolean
till_ledger_get_sum (TillBooks  *books,
                     const char *ledger,
                     TillMoney  *fen,
                     GError    **error)
{
  *fen = 0;

  return till_db_get_int (till_books_get_db (books), fen, error,
                          "SELECT COALESCE (SUM (fen), 0) FROM balance "
                          "WHERE site = 1 AND ledger = $1", "s", ledger);
}

/**
 * till_ledger_add_mark:
 * @books: the books, in a transaction
 * @meter_id: of which meter
 * @kind: what was booked
 * @entry_id: the entry it belongs to, 0 for none
 * @reading: the registers
 * @error: return location for a #GError
 *
 * Keeps the registers that a booking was made by. Charges never depend on the readings file.
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_RULE_ERROR_UNKNOWN when there is
 *   no such meter) otherwise
 */
gboolean
till_ledger_add_mark (TillBooks         *books,
                      gint64             meter_id,
                      const char        *kind,
                      gint64             entry_id,
                      const TillReading *reading,
                      GError           **error)
{
  const gint64 *period = reading->period_energy_ckwh;
  TillDb *db = till_books_get_db (books);

  if (!till_db_run (db, error,
                    "INSERT INTO mark (site, meter_id, epoch, kind, at_ms, entry_id, remaining, "
                    "purchase_count, energy, energy_sharp, energy_peak, energy_flat, "
                    "energy_valley, energy_deep) "
                    "SELECT 1, id, epoch, $2, $3, NULLIF ($4, 0), $5, $6, $7, $8, $9, $10, $11, "
                    "$12 FROM meter WHERE id = $1", "isiiiiiiiiii",
                    meter_id, kind, reading->at_ms, entry_id, reading->remaining,
                    (gint64)reading->purchase_count, reading->energy_ckwh,
                    period[TILL_PERIOD_SHARP], period[TILL_PERIOD_PEAK],
                    period[TILL_PERIOD_FLAT], period[TILL_PERIOD_VALLEY],
                    period[TILL_PERIOD_DEEP]))
    return FALSE;

  if (till_db_get_changes (db) == 1)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
               "there is no meter number %" G_GINT64_FORMAT, meter_id);
  return FALSE;
}

/**
 * till_ledger_get_mark:
 * @books: the books
 * @meter_id: of which meter
 * @mark: (out): the last mark of the meter's present epoch
 * @found: (out): whether there is one, that is, whether the meter is in the books
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_ledger_get_mark (TillBooks *books,
                      gint64     meter_id,
                      TillMark  *mark,
                      gboolean  *found,
                      GError   **error)
{
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT k.at_ms, k.remaining, k.purchase_count, k.energy, k.energy_sharp, "
                        "k.energy_peak, k.energy_flat, k.energy_valley, k.energy_deep "
                        "FROM mark k JOIN meter m ON m.id = k.meter_id AND m.epoch = k.epoch "
                        "WHERE k.meter_id = $1 ORDER BY k.id DESC LIMIT 1", "i", meter_id);

  if (stmt == NULL || (rc = till_stmt_step (stmt, error)) < 0)
    return FALSE;

  *found = rc == 1;
  if (*found)
    {
      mark->at_ms = till_stmt_get_int (stmt, 0);
      mark->remaining = till_stmt_get_int (stmt, 1);
      mark->purchase_count = (guint32)till_stmt_get_int (stmt, 2);
      mark->energy_ckwh = till_stmt_get_int (stmt, 3);
      for (int p = 0; p < TILL_N_PERIODS; p++)
        mark->period_energy_ckwh[p] = till_stmt_get_int (stmt, 4 + p);
    }

  till_stmt_reset (stmt);
  return TRUE;
}

/* Appends the legs of an entry to its text and tells whether they add up to nothing. */
static gboolean
read_legs (TillBooks *books,
           gint64     entry_id,
           GString   *text,
           gboolean  *balanced,
           GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT leg, site, ledger, account_id, meter_id, fen FROM leg "
                                  "WHERE entry_id = $1 ORDER BY leg", "i", entry_id);
  TillMoney sum = 0;
  int rc;

  if (stmt == NULL)
    return FALSE;

  *balanced = TRUE;
  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      const TillMoney fen = till_stmt_get_int (stmt, 5);

      append_leg (text, till_stmt_get_int (stmt, 0), till_stmt_get_int (stmt, 1),
                  till_stmt_get_text (stmt, 2), till_stmt_get_int (stmt, 3),
                  till_stmt_get_int (stmt, 4), fen);
      /* A leg that somebody changed can be as big as it likes. */
      *balanced = *balanced && !__builtin_add_overflow (sum, fen, &sum);
    }

  *balanced = *balanced && sum == 0;
  return rc == 0;
}

static gboolean
verify_chain (TillBooks *books,
              GPtrArray *faults,
              GError   **error)
{
  g_autofree char *previous = g_strdup ("");
  gint64 expected = 1;
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT id, ref, kind, at_ms, operator_id, order_id, receipt_no, memo, "
                        "digest, day, site FROM entry ORDER BY id", "");
  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      const gint64 id = till_stmt_get_int (stmt, 0);
      g_autofree char *digest = NULL;
      g_autoptr(GString) text = NULL;
      gboolean balanced;

      text = entry_text (till_stmt_get_int (stmt, 10), till_stmt_get_text (stmt, 1),
                         till_stmt_get_text (stmt, 2), till_stmt_get_int (stmt, 3),
                         till_stmt_get_int (stmt, 4), till_stmt_get_text (stmt, 5),
                         till_stmt_get_text (stmt, 6), till_stmt_get_text (stmt, 7));
      if (!read_legs (books, id, text, &balanced, error))
        {
          till_stmt_reset (stmt);
          return FALSE;
        }

      digest = till_books_sign (books, previous, text->str);
      if (id != expected || !balanced ||
          g_strcmp0 (digest, till_stmt_get_text (stmt, 8)) != 0 ||
          till_clock_day_of (till_stmt_get_int (stmt, 3)) != till_stmt_get_int (stmt, 9))
        {
          g_ptr_array_add (faults,
                           g_strdup_printf ("journal entry %" G_GINT64_FORMAT " (%s) was changed, "
                                            "or one before it is missing", id,
                                            till_stmt_get_text (stmt, 1)));
          till_stmt_reset (stmt);
          return TRUE;
        }

      expected = id + 1;
      g_free (previous);
      previous = g_steal_pointer (&digest);
    }

  return rc == 0;
}

/* What must never be found. Each row is a fault, told by its first column. */
static const struct
{
  const char *what;
  const char *sql;
} checks[] = {
  { "kept balance is not the sum of its legs",
    "SELECT b.ledger || ' ' || b.account_id || ' ' || b.meter_id FROM balance b "
    "WHERE b.fen <> (SELECT COALESCE (SUM (l.fen), 0) FROM leg l WHERE l.site = b.site "
    "AND l.ledger = b.ledger AND l.account_id = b.account_id AND l.meter_id = b.meter_id)" },
  { "leg without a kept balance",
    "SELECT l.entry_id FROM leg l LEFT JOIN balance b ON b.site = l.site "
    "AND b.ledger = l.ledger AND b.account_id = l.account_id AND b.meter_id = l.meter_id "
    "WHERE b.ledger IS NULL" },
  { "leg without an entry",
    "SELECT l.entry_id FROM leg l LEFT JOIN entry e ON e.id = l.entry_id WHERE e.id IS NULL" },
  { "credited payment is not what was ordered",
    "SELECT p.channel || ' ' || p.txn FROM payment p LEFT JOIN orders o ON o.site = p.site "
    "AND o.id = p.order_id WHERE p.credited = 1 AND (o.id IS NULL OR o.fen <> p.fen "
    "OR o.method <> p.channel)" },
  { "paid order without its entry in the journal",
    "SELECT o.id FROM orders o LEFT JOIN entry e ON e.site = o.site "
    "AND e.ref = 'settle/' || o.id LEFT JOIN leg l ON l.entry_id = e.id AND l.leg = 0 "
    "WHERE o.state NOT IN ('new', 'expired') AND (l.fen IS NULL OR l.fen <> o.fen)" },
  { "paid order without a payment that credits it",
    "SELECT o.id FROM orders o LEFT JOIN payment p ON p.site = o.site AND p.order_id = o.id "
    "AND p.credited = 1 WHERE o.state NOT IN ('new', 'expired') AND p.txn IS NULL" },
  { "paid order without a command to its meter",
    "SELECT o.id FROM orders o LEFT JOIN intent i ON i.site = o.site AND i.order_id = o.id "
    "AND i.kind = 'purchase' WHERE o.meter_id IS NOT NULL "
    "AND o.state NOT IN ('new', 'expired') AND i.id IS NULL" },
  { "journal entry of an order that is missing",
    "SELECT e.ref FROM entry e LEFT JOIN orders o ON o.site = e.site AND o.id = e.order_id "
    "WHERE e.order_id IS NOT NULL AND o.id IS NULL" },
  { "commands are missing; there should be as many as",
    "SELECT MAX (id) FROM intent HAVING COUNT(*) <> MAX (id)" },
  { "marks are missing; there should be as many as",
    "SELECT MAX (id) FROM mark HAVING COUNT(*) <> MAX (id)" },
  { "paid order without a receipt",
    "SELECT o.id FROM orders o LEFT JOIN receipt r ON r.site = o.site AND r.order_id = o.id "
    "WHERE o.state NOT IN ('new', 'expired') AND r.order_id IS NULL" },
  { "credited order whose delivery is not in the journal",
    "SELECT o.id FROM orders o LEFT JOIN entry e ON e.site = o.site "
    "AND e.ref = 'deliver/' || o.id WHERE o.state = 'credited' AND e.id IS NULL" },
  { "confirmed purchase whose order is not credited",
    "SELECT i.order_id FROM intent i JOIN orders o ON o.site = i.site AND o.id = i.order_id "
    "WHERE i.kind = 'purchase' AND i.state = 'confirmed' "
    "AND o.state NOT IN ('credited', 'refunded')" },
  { "purchase that is not what was ordered",
    "SELECT i.order_id FROM intent i LEFT JOIN orders o ON o.site = i.site "
    "AND o.id = i.order_id WHERE i.kind = 'purchase' AND (o.id IS NULL OR o.fen <> i.fen "
    "OR o.meter_id <> i.meter_id)" },
  { "receipt numbers have a gap in year",
    "SELECT year FROM receipt GROUP BY site, year HAVING COUNT(*) <> MAX (number)" },
  { "receipt counter is not at the last receipt of year",
    "SELECT c.year FROM receipt_counter c WHERE c.last_number <> (SELECT COALESCE "
    "(MAX (r.number), 0) FROM receipt r WHERE r.site = c.site AND r.year = c.year)" },
};

/* Runs a query that must give no rows; each row is a fault, told by its first column. */
static gboolean
expect_no_rows (TillBooks  *books,
                const char *sql,
                const char *what,
                GPtrArray  *faults,
                GError    **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error, sql, "");
  int rc;

  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (faults, g_strdup_printf ("%s: %s", what, till_stmt_get_text (stmt, 0)));

  return rc == 0;
}

/* Holds each receipt against the number that stands in the chained entry of its order. */
static gboolean
verify_receipts (TillBooks *books,
                 GPtrArray *faults,
                 GError   **error)
{
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT r.year, r.number, e.receipt_no, r.order_id FROM receipt r "
                        "LEFT JOIN entry e ON e.site = r.site AND e.ref = 'settle/' || r.order_id "
                        "ORDER BY r.year, r.number", "");
  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      const gint64 year = till_stmt_get_int (stmt, 0);
      const gint64 number = till_stmt_get_int (stmt, 1);
      const char *text = till_stmt_get_text (stmt, 2);
      gint64 entry_number = 0;
      int entry_year = 0;

      if (text == NULL || !till_id_parse_receipt (text, &entry_year, &entry_number) ||
          entry_year != year || entry_number != number)
        g_ptr_array_add (faults,
                         g_strdup_printf ("receipt %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                                          " for order %s is not in the journal", number, year,
                                          till_stmt_get_text (stmt, 3)));
    }

  return rc == 0;
}

/**
 * till_ledger_verify:
 * @books: the books
 * @faults: (element-type utf8): sentences are appended here
 * @error: return location for a #GError
 *
 * Checks that the chain of the journal holds, that every entry balances, that the kept balances are
 * the sums of the legs, that orders, payments, deliveries and journal agree to the fen, and that
 * the receipt numbers have no gap. Rows cut off at the end of a table leave no trace in the file.
 *
 * Returns: %TRUE when the books could be read, %FALSE with @error set otherwise
 */
gboolean
till_ledger_verify (TillBooks *books,
                    GPtrArray *faults,
                    GError   **error)
{
  if (!verify_chain (books, faults, error) || !verify_receipts (books, faults, error))
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!expect_no_rows (books, checks[i].sql, checks[i].what, faults, error))
      return FALSE;

  return TRUE;
}
