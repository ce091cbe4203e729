/*
 * till-books-kit.c: a small site with books to write in, and ways to look at them
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "till-audit.h"
#include "till-books-kit.h"
#include "till-clock.h"
#include "till-ledger.h"
#include "till-store-intents.h"
#include "till-store-orders.h"
#include "till-store-people.h"
#include "till-store-site.h"

static gboolean
write_site (TillBooks *books,
            gpointer   data,
            GError   **error)
{
  const TillLineSetup line = { .kind = TILL_LINE_KIND_RTU_TCP, .address = (char *)"127.0.0.1:4001",
                               .baud = 9600, .parity = 'N', .stop_bits = 1 };
  TillKit *kit = data;
  gint64 building = 0, floor = 0, line_id = 0;

  if (!till_store_add_operator (books, "amy", "Amy", TILL_ROLE_SENIOR, "!", &kit->operator_id,
                                error) ||
      !till_store_put_place (books, 0, TILL_PLACE_KIND_BUILDING, "A", 0, &building, error) ||
      !till_store_put_place (books, building, TILL_PLACE_KIND_FLOOR, "1F", 0, &floor, error) ||
      !till_store_put_line (books, &line, &line_id, error))
    return FALSE;

  for (int i = 0; i < TILL_KIT_METERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("10%d", i);
      g_autofree char *meter_no = g_strdup_printf ("2601%08d", i);
      TillMeterSetup meter = { .line_id = line_id, .meter_no = meter_no,
                               .profile = (char *)"dtsy1352", .unit = (guint8)(i + 1) };
      gint64 shop = 0;

      if (!till_store_put_place (books, floor, TILL_PLACE_KIND_SHOP, name, 0, &shop, error) ||
          !till_store_put_account (books, shop, name, NULL, TILL_BALANCE_MODE_METER,
                                   &kit->account_ids[i], error))
        return FALSE;

      meter.account_id = kit->account_ids[i];
      if (!till_store_add_meter (books, &meter, shop, "", &kit->meter_ids[i], error))
        return FALSE;
    }

  return TRUE;
}

char *
till_kit_make_dir (void)
{
  g_autoptr(GError) error = NULL;
  char *dir = g_dir_make_tmp ("till-books-XXXXXX", &error);

  g_assert_no_error (error);
  return dir;
}

/**
 * till_kit_set_up:
 * @kit: to be filled
 * @data: not looked at
 *
 * Makes books in a folder of their own, with four shops, their meters, and a clerk.
 */
void
till_kit_set_up (TillKit      *kit,
                 gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  kit->dir = till_kit_make_dir ();
  kit->books = till_books_open (kit->dir, TRUE, &error);
  g_assert_no_error (error);
  till_books_write_now (kit->books, write_site, kit, &error);
  g_assert_no_error (error);
}

void
till_kit_tear_down (TillKit      *kit,
                    gconstpointer data)
{
  g_clear_pointer (&kit->books, till_books_close);
  till_kit_remove_dir (kit->dir);
  g_clear_pointer (&kit->dir, g_free);
  till_clock_set_for_test (0);
}

void
till_kit_reopen (TillKit *kit)
{
  g_autoptr(GError) error = NULL;

  g_clear_pointer (&kit->books, till_books_close);
  kit->books = till_books_open (kit->dir, FALSE, &error);
  g_assert_no_error (error);
}

void
till_kit_remove_dir (const char *dir)
{
  g_autoptr(GDir) list = g_dir_open (dir, 0, NULL);
  const char *name;

  while (list != NULL && (name = g_dir_read_name (list)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      g_unlink (path);
    }

  g_rmdir (dir);
}

/**
 * till_kit_copy:
 * @dir: a folder with books, perhaps open
 *
 * Copies what would be left if every process died now: all files but the shared memory.
 *
 * Returns: (transfer full): a new folder
 */
char *
till_kit_copy (const char *dir)
{
  char *to_dir = till_kit_make_dir ();
  g_autoptr(GDir) list = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (list)) != NULL)
    {
      g_autofree char *from = g_build_filename (dir, name, NULL);
      g_autofree char *to = g_build_filename (to_dir, name, NULL);
      g_autofree char *octets = NULL;
      gsize size;

      if (g_str_has_suffix (name, "-shm"))
        continue;

      g_assert_true (g_file_get_contents (from, &octets, &size, NULL));
      g_assert_true (g_file_set_contents_full (to, octets, (gssize)size, G_FILE_SET_CONTENTS_NONE,
                                               0600, NULL));
    }

  return to_dir;
}

char *
till_kit_order_id (guint number)
{
  return g_strdup_printf ("order-%06u", number);
}

static gboolean
sell (TillBooks         *books,
      const TillKitSale *sale,
      const char        *id,
      GError           **error)
{
  const TillKit *kit = sale->kit;
  const guint shop = sale->number % TILL_KIT_METERS;
  const gint64 now_ms = till_clock_now_ms ();
  const TillOrderTerms order = { id, id, kit->account_ids[shop], kit->meter_ids[shop], sale->amount,
                                 TILL_METHOD_CASH, kit->operator_id, now_ms };
  const TillIntentTerms intent = { .kind = TILL_INTENT_KIND_PURCHASE,
                                   .meter_id = kit->meter_ids[shop],
                                   .operator_id = kit->operator_id, .order_id = id,
                                   .amount = sale->amount };
  const TillLeg legs[] = {
    { TILL_LEDGER_CASH, 0, 0, sale->amount },
    { TILL_LEDGER_WAY, kit->account_ids[shop], kit->meter_ids[shop], -sale->amount },
  };
  g_autofree char *ref = g_strconcat ("settle/", id, NULL);
  g_autofree char *receipt = NULL;
  TillEntry entry = { ref, "settle", now_ms, kit->operator_id, id, NULL, NULL };
  gint64 intent_id = 0;

  if (!till_store_add_order (books, &order, TILL_ORDER_STATE_NEW, error) ||
      !till_store_add_payment (books, TILL_METHOD_CASH, id, id, sale->amount, now_ms, TRUE, NULL,
                               error) ||
      !till_store_move_order (books, id, TILL_ORDER_STATE_NEW, TILL_ORDER_STATE_PAID, now_ms, NULL,
                              error))
    return FALSE;

  receipt = till_store_take_receipt_no (books, id, now_ms, error);
  entry.receipt_no = receipt;

  return receipt != NULL &&
         till_ledger_post (books, &entry, legs, G_N_ELEMENTS (legs), NULL, error) &&
         till_store_add_intent (books, &intent, &intent_id, error) &&
         till_audit_add (books, "Amy", "sell", id, receipt, error);
}

/**
 * till_kit_sell:
 * @books: the books, in a transaction
 * @sale: a #TillKitSale
 * @error: return location for a #GError
 *
 * Writes all that the engine writes when money was taken for a shop with a meter.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_kit_sell (TillBooks *books,
               gpointer   sale,
               GError   **error)
{
  g_autofree char *id = till_kit_order_id (((TillKitSale *)sale)->number);

  return sell (books, sale, id, error);
}

/**
 * till_kit_deliver:
 * @books: the books, in a transaction
 * @sale: a #TillKitSale that was sold
 * @error: return location for a #GError
 *
 * Writes all that the engine writes when a meter was sent, and has confirmed, a purchase.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_kit_deliver (TillBooks *books,
                  gpointer   sale,
                  GError   **error)
{
  const TillKitSale *self = sale;
  const TillKit *kit = self->kit;
  const guint shop = self->number % TILL_KIT_METERS;
  const gint64 now_ms = till_clock_now_ms ();
  g_autofree char *id = till_kit_order_id (self->number);
  g_autofree char *ref = g_strconcat ("deliver/", id, NULL);
  const TillEntry entry = { ref, "deliver", now_ms, kit->operator_id, id, NULL, NULL };
  const TillLeg legs[] = {
    { TILL_LEDGER_WAY, kit->account_ids[shop], kit->meter_ids[shop], self->amount },
    { TILL_LEDGER_METER, kit->account_ids[shop], kit->meter_ids[shop], -self->amount },
  };
  TillDb *db = till_books_get_db (books);
  TillReading reading = { .meter_id = kit->meter_ids[shop], .at_ms = now_ms,
                          .fields = TILL_READING_REMAINING, .energy_ckwh = self->number };
  gint64 count = 0, intent_id = 0, entry_id = 0;

  if (!till_db_get_int (db, &count, error, "SELECT COALESCE (MAX (count_new), 0) FROM intent "
                        "WHERE meter_id = $1", "i", reading.meter_id) ||
      !till_db_get_int (db, &intent_id, error, "SELECT id FROM intent WHERE order_id = $1", "s", id))
    return FALSE;

  reading.purchase_count = (guint32)count;
  if (!till_store_mark_sending (books, intent_id, &reading, (guint32)count + 1, error))
    return FALSE;

  reading.purchase_count++;
  reading.remaining = self->amount;

  return till_store_settle_intent (books, intent_id, TILL_INTENT_STATE_SENDING,
                                   TILL_INTENT_STATE_CONFIRMED, &reading, NULL, error) &&
         till_store_move_order (books, id, TILL_ORDER_STATE_PAID, TILL_ORDER_STATE_CREDITED, now_ms,
                                NULL, error) &&
         till_ledger_post (books, &entry, legs, G_N_ELEMENTS (legs), &entry_id, error) &&
         till_ledger_add_mark (books, reading.meter_id, "purchase", entry_id, &reading, error);
}

/**
 * till_kit_get_int:
 * @books: the books
 * @sql: a query, a string literal
 *
 * Returns: the first column of its first row, -1 when there is none
 */
gint64
till_kit_get_int (TillBooks  *books,
                  const char *sql)
{
  g_autoptr(GError) error = NULL;
  gint64 value = -1;

  till_db_get_int (till_books_get_db (books), &value, &error, sql, "");
  g_assert_no_error (error);

  return value;
}

/**
 * till_kit_run:
 * @path: a file of books that nobody has open
 * @sql: statements
 *
 * Does what a stranger with a database tool does, past the program.
 */
void
till_kit_run (const char *path,
              const char *sql)
{
  sqlite3 *handle = NULL;

  g_assert_cmpint (sqlite3_open_v2 (path, &handle, SQLITE_OPEN_READWRITE, "unix"), ==, SQLITE_OK);
  if (sqlite3_exec (handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (handle));
  sqlite3_close (handle);
}

/**
 * till_kit_count_faults:
 * @books: the books
 * @show: whether to print them
 *
 * Returns: how many faults the journal and the audit trail have; books that cannot be read have one
 */
guint
till_kit_count_faults (TillBooks *books,
                       gboolean   show)
{
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;

  if (!till_ledger_verify (books, faults, &error) || !till_audit_verify (books, faults, &error))
    g_ptr_array_add (faults, g_strdup (error->message));

  for (guint i = 0; show && i < faults->len; i++)
    g_test_message ("%s", (const char *)g_ptr_array_index (faults, i));

  return faults->len;
}

void
till_kit_assert_sound (TillBooks *books)
{
  g_autoptr(GError) error = NULL;

  till_db_check (till_books_get_db (books), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (till_kit_count_faults (books, TRUE), ==, 0);
  g_assert_cmpint (till_kit_get_int (books, "SELECT COALESCE (SUM (fen), 0) FROM leg"), ==, 0);
  g_assert_cmpint (till_kit_get_int (books, "SELECT COALESCE (SUM (fen), 0) FROM balance"), ==, 0);
}
