/*
 * test-ledger.c: the journal and the audit trail: what they refuse, and what they find
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "till-audit.h"
#include "till-books-kit.h"
#include "till-clock.h"
#include "till-fault-vfs.h"
#include "till-ledger.h"
#include "till-store-intents.h"
#include "till-store-orders.h"

#define N_PLACES 400
#define N_SALES 40

typedef struct
{
  const TillKit *kit;
  const char    *ref;
  const TillLeg *legs;
  gsize          n_legs;
  gint64         id;
} Post;

static gboolean
post (TillBooks *books,
      gpointer   data,
      GError   **error)
{
  Post *self = data;
  const TillEntry entry = { self->ref, "test", till_clock_now_ms (), self->kit->operator_id,
                            NULL, NULL, "why" };

  return till_ledger_post (books, &entry, self->legs, self->n_legs, &self->id, error);
}

static TillMoney
balance_of (TillKit    *kit,
            const char *ledger,
            int         shop)
{
  g_autoptr(GError) error = NULL;
  TillMoney fen = -1;

  g_assert_true (till_ledger_get_balance (kit->books, ledger,
                                          shop < 0 ? 0 : kit->account_ids[shop],
                                          shop < 0 ? 0 : kit->meter_ids[shop], &fen, &error));
  g_assert_no_error (error);
  return fen;
}

static void
test_post (TillKit      *kit,
           gconstpointer data)
{
  const TillLeg legs[] = {
    { TILL_LEDGER_CASH, 0, 0, 500 },
    { TILL_LEDGER_POS, 0, 0, 250 },
    { TILL_LEDGER_WAY, kit->account_ids[0], kit->meter_ids[0], -750 },
  };
  const TillLeg zero[] = { { TILL_LEDGER_CASH, 0, 0, 0 }, { TILL_LEDGER_POS, 0, 0, 0 } };
  Post first = { kit, "one", legs, 3, 0 }, second = { kit, "two", legs, 3, 0 };
  Post nothing = { kit, "three", zero, 2, 0 };
  g_autoptr(GError) error = NULL;
  TillMoney sum = -1;

  g_assert_cmpint (balance_of (kit, TILL_LEDGER_CASH, -1), ==, 0);
  g_assert_true (till_books_write_now (kit->books, post, &first, &error));
  g_assert_true (till_books_write_now (kit->books, post, &second, &error));
  g_assert_cmpint (first.id, ==, 1);
  g_assert_cmpint (second.id, ==, 2);
  g_assert_cmpint (balance_of (kit, TILL_LEDGER_CASH, -1), ==, 1000);
  g_assert_cmpint (balance_of (kit, TILL_LEDGER_WAY, 0), ==, -1500);
  g_assert_cmpint (balance_of (kit, TILL_LEDGER_WAY, 1), ==, 0);
  g_assert_true (till_ledger_get_sum (kit->books, TILL_LEDGER_WAY, &sum, &error));
  g_assert_cmpint (sum, ==, -1500);
  g_assert_true (till_ledger_get_sum (kit->books, "none", &sum, &error));
  g_assert_cmpint (sum, ==, 0);

  /* The same fact twice, and legs of nothing. */
  g_assert_false (till_books_write_now (kit->books, post, &first, &error));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_UNIQUE);
  g_clear_error (&error);
  g_assert_false (till_books_write_now (kit->books, post, &nothing, &error));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_CONSTRAINT);
  g_assert_cmpint (balance_of (kit, TILL_LEDGER_CASH, -1), ==, 1000);
  g_assert_cmpint (till_kit_get_int (kit->books, "SELECT COUNT(*) FROM entry"), ==, 2);
  till_kit_assert_sound (kit->books);
}

/* Legs that do not add up end the program; a sum that runs over must not come out as nothing. */
static void
test_unbalanced (gconstpointer data)
{
  static const TillLeg cases[][3] = {
    { { TILL_LEDGER_CASH, 0, 0, 100 }, { TILL_LEDGER_POS, 0, 0, -99 } },
    { { TILL_LEDGER_CASH, 0, 0, G_MAXINT64 }, { TILL_LEDGER_POS, 0, 0, G_MAXINT64 },
      { TILL_LEDGER_BANK, 0, 0, 2 } },
    { { TILL_LEDGER_CASH, 0, 0, 0 } },
  };
  static const gsize n_legs[] = { 2, 3, 1 };
  const int which = GPOINTER_TO_INT (data);

  if (g_test_subprocess ())
    {
      TillKit kit = { NULL };
      Post unbalanced = { &kit, "one", cases[which], n_legs[which], 0 };

      till_kit_set_up (&kit, NULL);
      till_kit_remove_dir (kit.dir);
      till_books_write_now (kit.books, post, &unbalanced, NULL);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*entry *one* does not balance*");
}

static void
test_methods (void)
{
  static const char *const ledgers[] = { TILL_LEDGER_CASH, TILL_LEDGER_POS, TILL_LEDGER_BANK,
                                         TILL_LEDGER_WECHAT, TILL_LEDGER_ALIPAY };

  for (int method = TILL_METHOD_CASH; method <= TILL_METHOD_ALIPAY; method++)
    g_assert_cmpstr (till_ledger_of_method ((TillMethod)method), ==, ledgers[method]);
}

typedef struct
{
  gint64      meter_id;
  TillReading reading;
} AddMark;

static gboolean
add_mark (TillBooks *books,
          gpointer   data,
          GError   **error)
{
  AddMark *self = data;

  return till_ledger_add_mark (books, self->meter_id, "test", 0, &self->reading, error);
}

static gboolean
start_epoch (TillBooks *books,
             gpointer   data,
             GError   **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE meter SET epoch = epoch + 1 WHERE id = $1", "i", *(gint64 *)data);
}

static void
test_marks (TillKit      *kit,
            gconstpointer data)
{
  AddMark add = { kit->meter_ids[1], { .at_ms = 5, .remaining = -7, .purchase_count = 4000000000u,
                                       .energy_ckwh = 15, .period_energy_ckwh = { 1, 2, 3, 4, 5 } } };
  g_autoptr(GError) error = NULL;
  gboolean found = TRUE;
  TillMark mark = { 0 };

  g_assert_true (till_ledger_get_mark (kit->books, add.meter_id, &mark, &found, &error));
  g_assert_false (found);

  for (int i = 0; i < 3; i++)
    {
      add.reading.at_ms++;
      g_assert_true (till_books_write_now (kit->books, add_mark, &add, &error));
    }

  g_assert_true (till_ledger_get_mark (kit->books, add.meter_id, &mark, &found, &error));
  g_assert_true (found);
  g_assert_cmpint (mark.at_ms, ==, 8);
  g_assert_cmpint (mark.remaining, ==, -7);
  g_assert_cmpuint (mark.purchase_count, ==, 4000000000u);
  g_assert_cmpint (mark.energy_ckwh, ==, 15);
  for (int p = 0; p < TILL_N_PERIODS; p++)
    g_assert_cmpint (mark.period_energy_ckwh[p], ==, p + 1);

  /* The marks of a meter that was changed for another one do not count for the new one. */
  g_assert_true (till_books_write_now (kit->books, start_epoch, &add.meter_id, &error));
  g_assert_true (till_ledger_get_mark (kit->books, add.meter_id, &mark, &found, &error));
  g_assert_false (found);

  add.meter_id = 4711;
  g_assert_false (till_books_write_now (kit->books, add_mark, &add, &error));
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN);
}

/* Makes a history: sales, most of them delivered. */
static void
make_history (TillKit *kit,
              guint    n_sales)
{
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < n_sales; i++)
    {
      TillKitSale sale = { kit, i, 100 + i };

      till_books_write_now (kit->books, till_kit_sell, &sale, &error);
      g_assert_no_error (error);
      if (i % 5 != 4)
        till_books_write_now (kit->books, till_kit_deliver, &sale, &error);
      g_assert_no_error (error);
    }
}

static gboolean
add_copy (TillBooks *books,
          gpointer   data,
          GError   **error)
{
  TillKit *kit = data;
  guint copy = 99;

  return till_store_add_copy (books, "order-000001", kit->operator_id, &copy, error);
}

/* What a program that went wrong could try; none of it may get past the schema. */
static const char *const statements[] = {
  "UPDATE entry SET memo = 'x' WHERE id = 2",
  "UPDATE entry SET digest = 'x'",
  "DELETE FROM entry WHERE id = 2",
  "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE id = 2",
  "REPLACE INTO entry (id, site, ref, kind, at_ms, day, operator_id, digest) "
  "SELECT 99, site, ref, kind, at_ms, day, operator_id, digest FROM entry WHERE id = 2",
  "UPDATE leg SET fen = fen + 1 WHERE entry_id = 2",
  "DELETE FROM leg WHERE entry_id = 2",
  "REPLACE INTO leg SELECT entry_id, leg, site, ledger, account_id, meter_id, fen + 1 FROM leg",
  "UPDATE payment SET fen = 1",
  "UPDATE payment SET credited = 0",
  "DELETE FROM payment",
  "REPLACE INTO payment SELECT site, channel, txn, order_id, 1, received_ms, credited, raw "
  "FROM payment",
  "UPDATE receipt SET number = number + 1000",
  "DELETE FROM receipt WHERE number = 2",
  "REPLACE INTO receipt SELECT site, year, number, order_id, 0 FROM receipt",
  "UPDATE receipt_copy SET copy = 7",
  "DELETE FROM receipt_copy",
  "REPLACE INTO receipt_copy SELECT site, order_id, copy, 0, operator_id FROM receipt_copy",
  "UPDATE audit SET detail = 'x' WHERE seq = 2",
  "DELETE FROM audit WHERE seq = 2",
  "REPLACE INTO audit SELECT seq, site, 0, operator, action, subject, detail, digest FROM audit",
  "UPDATE mark SET energy = 0",
  "DELETE FROM mark",
  "REPLACE INTO mark SELECT * FROM mark",
  "UPDATE orders SET fen = 1",
  "UPDATE orders SET id = 'x' WHERE id = 'order-000001'",
  "UPDATE orders SET key = 'x' WHERE id = 'order-000001'",
  "UPDATE orders SET account_id = 1",
  "UPDATE orders SET meter_id = NULL",
  "UPDATE orders SET method = 'pos'",
  "UPDATE orders SET operator_id = 1",
  "UPDATE orders SET created_ms = 0",
  "DELETE FROM orders",
  "REPLACE INTO orders SELECT * FROM orders",
  "UPDATE intent SET fen = 1",
  "UPDATE intent SET kind = 'trip'",
  "UPDATE intent SET meter_id = 1",
  "UPDATE intent SET order_id = NULL",
  "UPDATE intent SET operator_id = 1",
  "UPDATE intent SET reason = 'x'",
  "UPDATE intent SET until_ms = 1",
  "UPDATE intent SET created_ms = 0",
  "DELETE FROM intent",
  "REPLACE INTO intent SELECT * FROM intent",
};

static void
test_immutable (TillKit      *kit,
                gconstpointer data)
{
  TillDb *db = till_books_get_db (kit->books);

  make_history (kit, 6);
  g_assert_true (till_books_write_now (kit->books, add_copy, kit, NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_autoptr(GError) error = NULL;

      if (till_db_run (db, &error, statements[i], ""))
        g_error ("allowed: %s", statements[i]);
      if (!g_error_matches (error, TILL_DB_ERROR, TILL_DB_ERROR_CONSTRAINT) ||
          !(g_str_has_suffix (error->message, "never changed") ||
            strstr (error->message, "never deleted") != NULL))
        g_error ("%s: %s", statements[i], error->message);
    }

  till_kit_assert_sound (kit->books);
}

/*
 * Tampering
 */

/* Everything the chains and verify answer for. */
static const struct
{
  const char *table;
  const char *text_columns;
  const char *int_columns;
} targets[] = {
  { "entry", "ref kind order_id receipt_no memo digest", "site at_ms day operator_id" },
  { "leg", "ledger", "entry_id leg site account_id meter_id fen" },
  { "balance", "ledger", "site account_id meter_id fen" },
  { "audit", "operator action subject detail digest", "site at_ms seq" },
  { "orders", "", "fen" },
  { "payment", "order_id", "fen credited" },
  { "receipt", "order_id", "year number" },
  { "intent", "", "fen" },
  { "mark", "", "" },
};

static const char drop_triggers[] =
  "DROP TRIGGER entry_is_final; DROP TRIGGER entry_is_kept; DROP TRIGGER leg_is_final;"
  "DROP TRIGGER leg_is_kept; DROP TRIGGER audit_is_final; DROP TRIGGER audit_is_kept;"
  "DROP TRIGGER orders_keep_their_terms; DROP TRIGGER orders_are_kept;"
  "DROP TRIGGER payment_is_final; DROP TRIGGER payment_is_kept; DROP TRIGGER receipt_is_final;"
  "DROP TRIGGER receipt_is_kept; DROP TRIGGER intent_is_kept; DROP TRIGGER intent_keeps_its_terms;"
  "DROP TRIGGER mark_is_kept; PRAGMA ignore_check_constraints = ON;";

static char *
pick (const char *words)
{
  g_auto(GStrv) list = g_strsplit (words, " ", -1);

  return g_strdup (list[g_test_rand_int_range (0, (gint32)g_strv_length (list))]);
}

/*
 * One change at a random place, somewhere but in the last rows: rows cut off at the end leave no trace
 * in the file, and are found by an anchor outside of it, which is another matter.
 */
static char *
make_change (void)
{
  const int which = g_test_rand_int_range (0, G_N_ELEMENTS (targets));
  const char *table = targets[which].table;
  g_autofree char *column = NULL;
  g_autofree char *where = NULL;
  const int offset = g_test_rand_int_range (0, N_SALES / 2);
  const int kind = g_test_rand_int_range (0, 3);

  if (g_str_equal (table, "leg"))
    where = g_strdup_printf ("(entry_id, leg) = (SELECT entry_id, leg FROM leg LIMIT 1 OFFSET %d)",
                             offset);
  else if (g_str_equal (table, "balance"))
    where = g_strdup_printf ("(ledger, account_id, meter_id) = (SELECT ledger, account_id, meter_id "
                             "FROM balance LIMIT 1 OFFSET %d)", offset % 9);
  else if (g_str_equal (table, "receipt"))
    where = g_strdup_printf ("number = %d", offset + 1);
  else
    where = g_strdup_printf ("rowid = (SELECT rowid FROM %s ORDER BY rowid LIMIT 1 OFFSET %d)", table,
                             offset);

  if (kind == 0 || *targets[which].int_columns == '\0')
    return g_strdup_printf ("DELETE FROM %s WHERE %s", table, where);

  if (kind == 1 && *targets[which].text_columns != '\0')
    {
      column = pick (targets[which].text_columns);
      /* Another letter somewhere in it; a letter where there was nothing. */
      return g_strdup_printf ("UPDATE OR REPLACE %s SET %s = CASE WHEN COALESCE (%s, '') = '' THEN 'x' "
                              "ELSE substr (%s, 1, %d %% length (%s)) || '~' || "
                              "substr (%s, %d %% length (%s) + 2) END WHERE %s",
                              table, column, column, column, offset, column, column, offset, column,
                              where);
    }

  column = pick (targets[which].int_columns);
  if (g_str_equal (column, "credited"))
    return g_strdup_printf ("UPDATE payment SET credited = 0 WHERE %s", where);

  return g_strdup_printf ("UPDATE OR REPLACE %s SET %s = %s + %d WHERE %s", table, column, column,
                          g_test_rand_bit () ? 1 : g_test_rand_int_range (1, 1 << 30), where);
}

static void
test_tamper (TillKit      *kit,
             gconstpointer data)
{
  guint n_missed = 0;

  make_history (kit, N_SALES);
  till_kit_assert_sound (kit->books);
  g_clear_pointer (&kit->books, till_books_close);

  for (guint i = 0; i < N_PLACES; i++)
    {
      g_autofree char *dir = till_kit_copy (kit->dir);
      g_autofree char *copy = g_build_filename (dir, "books.db", NULL);
      g_autofree char *change = make_change ();
      g_autofree char *sql = g_strconcat (drop_triggers, change, NULL);
      g_autoptr(TillBooks) books = NULL;

      till_kit_run (copy, sql);
      books = till_books_open (dir, FALSE, NULL);
      if (till_kit_count_faults (books, FALSE) == 0)
        {
          g_test_message ("missed: %s", change);
          n_missed++;
        }
      g_clear_pointer (&books, till_books_close);
      till_kit_remove_dir (dir);
      till_fault_forget ();
    }

  g_assert_cmpuint (n_missed, ==, 0);

  /* The untouched one is still sound: it was not the copying that was found. */
  till_kit_reopen (kit);
  till_kit_assert_sound (kit->books);
}

/* A stranger without the key cannot write rows that fit, nor move words from one field to the next. */
static void
test_forged (TillKit      *kit,
             gconstpointer data)
{
  static const char *const changes[] = {
    "UPDATE entry SET receipt_no = '' WHERE id = 2",
    "UPDATE entry SET memo = kind, kind = '' WHERE id = 2",
    "UPDATE audit SET action = action || subject, subject = '' WHERE seq = 3",
    "UPDATE audit SET detail = 'x' WHERE seq = 0",
    "UPDATE leg SET fen = fen + 9223372036854775000 WHERE entry_id = 3 AND leg = 0",
    "UPDATE leg SET fen = fen * 2 WHERE entry_id = 3",
    "UPDATE leg SET fen = -fen; UPDATE balance SET fen = -fen",
    "UPDATE entry SET digest = (SELECT digest FROM entry WHERE id = 2) WHERE id = 3",
    "DELETE FROM entry WHERE id = 1; DELETE FROM leg WHERE entry_id = 1",
    "DELETE FROM audit WHERE seq = 1",
    "UPDATE receipt SET number = CASE number WHEN 2 THEN 99 ELSE 2 END WHERE number IN (2, 3);"
    "UPDATE receipt SET number = 3 WHERE number = 99",
    "UPDATE entry SET id = id + 100 WHERE id > 5; UPDATE leg SET entry_id = entry_id + 100 "
    "WHERE entry_id > 5",
  };

  make_history (kit, 10);
  g_clear_pointer (&kit->books, till_books_close);

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *dir = till_kit_copy (kit->dir);
      g_autofree char *copy = g_build_filename (dir, "books.db", NULL);
      g_autofree char *sql = g_strconcat (drop_triggers, changes[i], NULL);
      g_autoptr(TillBooks) books = NULL;
      /* One that changes no row: what is sound is not called a fault. */
      const gboolean touches = strstr (changes[i], "seq = 0") == NULL;

      till_kit_run (copy, sql);
      books = till_books_open (dir, FALSE, NULL);
      if ((till_kit_count_faults (books, FALSE) > 0) != touches)
        g_error ("%s: %s", touches ? "missed" : "made up", changes[i]);
      g_clear_pointer (&books, till_books_close);
      till_kit_remove_dir (dir);
      till_fault_forget ();
    }
}

/* Letters changed in the file itself, behind the back of SQLite. */
static void
test_bytes (TillKit      *kit,
            gconstpointer data)
{
  g_autofree char *path = g_build_filename (kit->dir, "books.db", NULL);
  g_autofree char *octets = NULL;
  gsize size, n = 0;

  make_history (kit, 20);
  g_clear_pointer (&kit->books, till_books_close);
  g_assert_true (g_file_get_contents (path, &octets, &size, NULL));

  for (gsize at = 0; at + 16 < size && n < 100; at++)
    {
      const gsize into = at + (gsize)g_test_rand_int_range (0, 19);
      const char old = octets[into];
      g_autoptr(TillBooks) books = NULL;
      g_autoptr(GError) error = NULL;

      if (memcmp (octets + at, "settle/order-0000", 17) != 0)
        continue;

      octets[into] = '~';
      g_assert_true (g_file_set_contents (path, octets, (gssize)size, NULL));
      octets[into] = old;
      books = till_books_open (kit->dir, FALSE, NULL);
      g_assert_true (till_kit_count_faults (books, FALSE) > 0 ||
                     !till_db_check (till_books_get_db (books), &error));
      g_clear_pointer (&books, till_books_close);
      n++;
    }

  /* Each stands in its row and in an index. */
  g_assert_cmpuint (n, >=, 40);
}

/*
 * Random histories
 */

typedef struct
{
  TillKitSale sale;
  gboolean    fails;
  int         what; /* 0 sell, 1 deliver, 2 give back */
} Step;

static gboolean
give_back (TillBooks         *books,
           const TillKitSale *sale,
           GError           **error)
{
  const TillKit *kit = sale->kit;
  const guint shop = sale->number % TILL_KIT_METERS;
  const gint64 now_ms = till_clock_now_ms ();
  g_autofree char *id = till_kit_order_id (sale->number);
  g_autofree char *ref = g_strconcat ("return/", id, NULL);
  const TillEntry entry = { ref, "return", now_ms, kit->operator_id, id, NULL, "a test" };
  const TillLeg legs[] = {
    { TILL_LEDGER_WAY, kit->account_ids[shop], kit->meter_ids[shop], sale->amount },
    { TILL_LEDGER_CASH, 0, 0, -sale->amount },
  };
  gint64 intent_id = 0;

  return till_db_get_int (till_books_get_db (books), &intent_id, error,
                          "SELECT id FROM intent WHERE order_id = $1", "s", id) &&
         till_store_settle_intent (books, intent_id, TILL_INTENT_STATE_PENDING,
                                   TILL_INTENT_STATE_BURNT, NULL, "a test", error) &&
         till_store_move_order (books, id, TILL_ORDER_STATE_PAID, TILL_ORDER_STATE_REFUNDED, now_ms,
                                "a test", error) &&
         till_ledger_post (books, &entry, legs, G_N_ELEMENTS (legs), NULL, error);
}

static gboolean
do_step (TillBooks *books,
         gpointer   data,
         GError   **error)
{
  Step *step = data;

  if (!(step->what == 0 ? till_kit_sell (books, &step->sale, error)
        : step->what == 1 ? till_kit_deliver (books, &step->sale, error)
        : give_back (books, &step->sale, error)))
    return FALSE;

  if (!step->fails)
    return TRUE;

  g_set_error_literal (error, TILL_DB_ERROR, TILL_DB_ERROR_FAILED, "fails after all was written");
  return FALSE;
}

static void
on_step_done (TillBooks    *books,
              gpointer      data,
              const GError *error)
{
  const Step *step = data;

  g_assert_true ((error != NULL) == step->fails);
}

static void
test_histories (TillKit      *kit,
                gconstpointer data)
{
  TillMoney way[TILL_KIT_METERS] = { 0 }, meter[TILL_KIT_METERS] = { 0 }, cash = 0;
  g_autoptr(GArray) open = g_array_new (FALSE, FALSE, sizeof (TillKitSale));
  guint n_sold = 0;

  for (guint i = 0; i < 1500; i++)
    {
      Step *step = g_new0 (Step, 1);
      guint shop, which = 0;

      step->fails = g_test_rand_int_range (0, 5) == 0;
      step->what = open->len == 0 ? 0 : g_test_rand_int_range (0, 3);
      if (step->what == 0)
        {
          step->sale = (TillKitSale) { kit, n_sold, g_test_rand_int_range (1, 999999999) };
        }
      else
        {
          which = (guint)g_test_rand_int_range (0, (gint32)open->len);
          step->sale = g_array_index (open, TillKitSale, which);
        }

      shop = step->sale.number % TILL_KIT_METERS;
      if (!step->fails && step->what == 0)
        {
          cash += step->sale.amount;
          way[shop] -= step->sale.amount;
          g_array_append_val (open, step->sale);
          n_sold++;
        }
      else if (!step->fails)
        {
          way[shop] += step->sale.amount;
          *(step->what == 1 ? &meter[shop] : &cash) -= step->sale.amount;
          g_array_remove_index (open, which);
        }

      till_books_write (kit->books, do_step, on_step_done, step, g_free);
      if (g_test_rand_int_range (0, 10) == 0)
        till_books_flush (kit->books);
      if (i % 100 == 99)
        {
          till_books_flush (kit->books);
          till_kit_assert_sound (kit->books);
          g_assert_cmpint (balance_of (kit, TILL_LEDGER_CASH, -1), ==, cash);
          for (shop = 0; shop < TILL_KIT_METERS; shop++)
            {
              g_assert_cmpint (balance_of (kit, TILL_LEDGER_WAY, (int)shop), ==, way[shop]);
              g_assert_cmpint (balance_of (kit, TILL_LEDGER_METER, (int)shop), ==, meter[shop]);
            }
        }
    }

  g_assert_cmpint (till_kit_get_int (kit->books, "SELECT MAX (number) FROM receipt"), ==, n_sold);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  /* Only for its speed: nothing here needs the real disk to be flushed. */
  till_fault_install ();

  g_test_add ("/ledger/post", TillKit, NULL, till_kit_set_up, test_post, till_kit_tear_down);
  g_test_add_data_func ("/ledger/unbalanced/sum", GINT_TO_POINTER (0), test_unbalanced);
  g_test_add_data_func ("/ledger/unbalanced/overflow", GINT_TO_POINTER (1), test_unbalanced);
  g_test_add_data_func ("/ledger/unbalanced/one-leg", GINT_TO_POINTER (2), test_unbalanced);
  g_test_add_func ("/ledger/methods", test_methods);
  g_test_add ("/ledger/marks", TillKit, NULL, till_kit_set_up, test_marks, till_kit_tear_down);
  g_test_add ("/ledger/immutable", TillKit, NULL, till_kit_set_up, test_immutable,
              till_kit_tear_down);
  g_test_add ("/ledger/tamper", TillKit, NULL, till_kit_set_up, test_tamper, till_kit_tear_down);
  g_test_add ("/ledger/forged", TillKit, NULL, till_kit_set_up, test_forged, till_kit_tear_down);
  g_test_add ("/ledger/bytes", TillKit, NULL, till_kit_set_up, test_bytes, till_kit_tear_down);
  g_test_add ("/ledger/histories", TillKit, NULL, till_kit_set_up, test_histories,
              till_kit_tear_down);

  return g_test_run ();
}
