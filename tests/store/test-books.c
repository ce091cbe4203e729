/*
 * test-books.c: the file of the books: its key, its groups, and what it says when the disk fails
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "till-books-kit.h"
#include "till-fault-vfs.h"

/* A fact of these tests: a setting of its own, and perhaps a fault. */
typedef struct
{
  const char *key;
  gboolean    fails;
  gboolean    written;
  guint       n_done;
  guint       n_freed;
  GError     *error;
  gint64      serial;  /* as another connection sees it when the fact is said to be done */
  TillDb     *reader;  /* (nullable) */
  GString    *order;   /* (nullable): the keys in the order they were written and done */
} Fact;

static gboolean
write_setting (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Fact *fact = data;

  if (fact->order != NULL)
    g_string_append_printf (fact->order, "%s ", fact->key);

  if (!till_db_run (till_books_get_db (books), error,
                    "INSERT INTO setting (site, key, value) VALUES (1, $1, 'x')", "s", fact->key))
    return FALSE;

  fact->written = TRUE;
  if (!fact->fails)
    return TRUE;

  g_set_error_literal (error, TILL_DB_ERROR, TILL_DB_ERROR_FAILED, "this fact fails");
  return FALSE;
}

static void
on_done (TillBooks    *books,
         gpointer      data,
         const GError *error)
{
  Fact *fact = data;

  fact->n_done++;
  fact->error = error != NULL ? g_error_copy (error) : NULL;
  if (fact->order != NULL)
    g_string_append_printf (fact->order, "%s! ", fact->key);
  if (fact->reader != NULL)
    g_assert_true (till_db_get_int (fact->reader, &fact->serial, NULL,
                                    "SELECT commit_serial FROM meta", ""));
}

static void
on_freed (gpointer data)
{
  Fact *fact = data;

  g_assert_cmpuint (fact->n_done, ==, 1);
  fact->n_freed++;
}

static gboolean
has_setting (TillBooks  *books,
             const char *key)
{
  g_autoptr(GError) error = NULL;
  gint64 n = -1;

  till_db_get_int (till_books_get_db (books), &n, &error,
                   "SELECT COUNT(*) FROM setting WHERE key = $1", "s", key);
  g_assert_no_error (error);

  return n == 1;
}

static gint64
get_serial (TillBooks *books)
{
  return till_kit_get_int (books, "SELECT commit_serial FROM meta");
}

static void
assert_sentence (GError    **error,
                 const char *pattern)
{
  g_assert_nonnull (*error);
  if (!g_pattern_match_simple (pattern, (*error)->message))
    g_error ("“%s” is not like “%s”", (*error)->message, pattern);
  g_clear_error (error);
}

/*
 * Opening
 */

static void
test_no_books (void)
{
  g_autofree char *dir = till_kit_make_dir ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) list = NULL;

  g_assert_null (till_books_open (dir, FALSE, &error));
  assert_sentence (&error, "there are no books in *; make them with “tillwatt ctl init”");

  /* Asking made nothing. */
  list = g_dir_open (dir, 0, NULL);
  g_assert_null (g_dir_read_name (list));
  till_kit_remove_dir (dir);
}

static void
test_no_folder (void)
{
  g_autofree char *dir = till_kit_make_dir ();
  g_autofree char *below = g_build_filename (dir, "not", "there", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (till_books_open (below, TRUE, &error));
  g_assert_nonnull (error);
  till_kit_remove_dir (dir);
}

static void
test_private (void)
{
  g_autofree char *dir = till_kit_make_dir ();
  g_autoptr(GError) error = NULL;
  TillBooks *books;
  const char *name;
  GDir *list;
  guint n = 0;

  umask (022);
  books = till_books_open (dir, TRUE, &error);
  g_assert_no_error (error);

  list = g_dir_open (dir, 0, NULL);
  while ((name = g_dir_read_name (list)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      GStatBuf status;

      g_assert_cmpint (g_stat (path, &status), ==, 0);
      g_assert_cmphex (status.st_mode & 0777, ==, 0600);
      if (g_str_equal (name, "site.key"))
        g_assert_cmpint (status.st_size, ==, TILL_BOOKS_KEY_SIZE);
      n++;
    }
  g_dir_close (list);

  /* The key, the books, their log and its index. */
  g_assert_cmpuint (n, ==, 4);
  till_books_close (books);
  till_kit_remove_dir (dir);
}

static void
test_key (TillKit      *kit,
          gconstpointer data)
{
  g_autofree char *path = g_build_filename (kit->dir, "site.key", NULL);
  g_autofree char *octets = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &octets, NULL, NULL));
  g_assert_cmpmem (octets, TILL_BOOKS_KEY_SIZE, till_books_get_key (kit->books),
                   TILL_BOOKS_KEY_SIZE);
  till_kit_reopen (kit);
  g_assert_cmpmem (octets, TILL_BOOKS_KEY_SIZE, till_books_get_key (kit->books),
                   TILL_BOOKS_KEY_SIZE);
  g_clear_pointer (&kit->books, till_books_close);

  g_assert_true (g_file_set_contents (path, octets, TILL_BOOKS_KEY_SIZE - 1, NULL));
  g_assert_null (till_books_open (kit->dir, TRUE, &error));
  assert_sentence (&error, "* is not a key of 32 octets; bring it back from the backup");

  /* Books without their key never get another one: nothing that was signed would fit it. */
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (till_books_open (kit->dir, FALSE, &error));
  assert_sentence (&error, "the key of the books is missing; bring it back from the backup: *");
  g_assert_null (till_books_open (kit->dir, TRUE, &error));
  assert_sentence (&error, "the key of the books is missing; bring it back from the backup: *");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_keys_differ (TillKit      *kit,
                  gconstpointer data)
{
  TillKit other = { NULL };
  g_autofree char *mine = till_books_sign (kit->books, "", "text");
  g_autofree char *again = till_books_sign (kit->books, "", "text");
  g_autofree char *after = till_books_sign (kit->books, mine, "text");
  g_autofree char *theirs = NULL;

  till_kit_set_up (&other, NULL);
  theirs = till_books_sign (other.books, "", "text");
  g_assert_cmpstr (mine, ==, again);
  g_assert_cmpstr (mine, !=, after);
  g_assert_cmpstr (mine, !=, theirs);
  g_assert_cmpuint (strlen (mine), ==, 64);
  till_kit_tear_down (&other, NULL);
}

/*
 * Groups
 */

static void
test_group (TillKit      *kit,
            gconstpointer data)
{
  static const TillDbSchema schema = {
    "/org/tillwatt/Till/sql/books", TILL_BOOKS_VERSION, 0x54696c6c, TRUE,
  };
  g_autofree char *path = g_build_filename (kit->dir, "books.db", NULL);
  g_autoptr(TillDb) reader = till_db_open_reader (path, &schema, NULL);
  g_autoptr(GString) order = g_string_new (NULL);
  const gint64 serial = get_serial (kit->books);
  Fact facts[] = {
    { "a", .reader = reader, .order = order },
    { "b", .reader = reader, .order = order, .fails = TRUE },
    { "a", .reader = reader, .order = order }, /* there already: refused by the schema */
    { "c", .reader = reader, .order = order },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    till_books_write (kit->books, write_setting, on_done, &facts[i], on_freed);

  /* Nothing is written before the context has its turn, and then all of it is, in one group. */
  g_assert_cmpuint (order->len, ==, 0);
  while (facts[3].n_done == 0)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpstr (order->str, ==, "a b a c a! b! a! c! ");
  g_assert_no_error (facts[0].error);
  g_assert_error (facts[1].error, TILL_DB_ERROR, TILL_DB_ERROR_FAILED);
  g_assert_error (facts[2].error, TILL_DB_ERROR, TILL_DB_ERROR_UNIQUE);
  g_assert_no_error (facts[3].error);
  g_assert_true (has_setting (kit->books, "a"));
  g_assert_true (facts[1].written);
  g_assert_false (has_setting (kit->books, "b"));
  g_assert_true (has_setting (kit->books, "c"));

  /* Each was told after the COMMIT, which moved the serial by one. */
  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      g_assert_cmpint (facts[i].serial, ==, serial + 1);
      g_assert_cmpuint (facts[i].n_freed, ==, 1);
      g_clear_error (&facts[i].error);
    }
  g_assert_cmpint (get_serial (kit->books), ==, serial + 1);
}

static void
test_many_groups (TillKit      *kit,
                  gconstpointer data)
{
  const gint64 serial = get_serial (kit->books);
  g_autofree Fact *facts = g_new0 (Fact, 600);
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < 600; i++)
    {
      facts[i].key = g_strdup_printf ("key-%u", i);
      g_ptr_array_add (keys, (gpointer)facts[i].key);
      till_books_write (kit->books, write_setting, on_done, &facts[i], on_freed);
    }

  /* Closing writes what waits; groups are of 256 at most. */
  till_kit_reopen (kit);
  for (guint i = 0; i < 600; i++)
    {
      g_assert_cmpuint (facts[i].n_freed, ==, 1);
      g_assert_no_error (facts[i].error);
      g_assert_true (has_setting (kit->books, facts[i].key));
    }
  g_assert_cmpint (get_serial (kit->books), ==, serial + 3);
}

static void
on_done_write_more (TillBooks    *books,
                    gpointer      data,
                    const GError *error)
{
  Fact *facts = data;
  g_autoptr(GError) local_error = NULL;

  on_done (books, facts, error);
  till_books_write (books, write_setting, on_done, &facts[1], NULL);
  g_assert_true (till_books_write_now (books, write_setting, &facts[2], &local_error));
  g_assert_cmpuint (facts[1].n_done, ==, 1);
}

static void
test_write_from_done (TillKit      *kit,
                      gconstpointer data)
{
  Fact facts[] = { { "a" }, { "b" }, { "c" } };

  till_books_write (kit->books, write_setting, on_done_write_more, facts, NULL);
  till_books_flush (kit->books);
  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    g_assert_true (has_setting (kit->books, facts[i].key));
}

static void
test_write_now (TillKit      *kit,
                gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  Fact before = { "before" }, now = { "now" }, fails = { "fails", .fails = TRUE };

  /* What waited goes first. */
  till_books_write (kit->books, write_setting, on_done, &before, NULL);
  g_assert_true (till_books_write_now (kit->books, write_setting, &now, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (before.n_done, ==, 1);
  g_assert_false (till_books_write_now (kit->books, write_setting, &fails, &error));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_FAILED);
  g_assert_false (has_setting (kit->books, "fails"));
}

/* Money: every COMMIT is flushed. A kill cannot show that, so the flushes are counted. */
static void
test_flushes (TillKit      *kit,
              gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      const TillKitSale sale = { kit, i, 100 };
      const guint syncs = till_fault_get_syncs ();

      g_assert_true (till_books_write_now (kit->books, till_kit_sell, (gpointer)&sale, NULL));
      g_assert_cmpuint (till_fault_get_syncs (), >, syncs);
    }
}

/*
 * Faults of the disk
 */

/* After a whole rollback SQLite takes what follows as transactions of their own. */
static gboolean
write_too_much (TillBooks *books,
                gpointer   data,
                GError   **error)
{
  TillDb *db = till_books_get_db (books);
  gint64 pages = 0;

  return till_db_get_int (db, &pages, error, "PRAGMA max_page_count = 1", "") &&
         till_db_run (db, error, "INSERT INTO setting (site, key, value) "
                      "VALUES (1, 'big', hex (zeroblob (100000)))", "");
}

static void
test_rolled_back_whole (TillKit      *kit,
                        gconstpointer data)
{
  const gint64 serial = get_serial (kit->books);
  Fact facts[] = { { "before" }, { "big" }, { "after" } };
  gint64 pages;

  till_books_write (kit->books, write_setting, on_done, &facts[0], NULL);
  till_books_write (kit->books, write_too_much, on_done, &facts[1], NULL);
  till_books_write (kit->books, write_setting, on_done, &facts[2], NULL);
  till_books_flush (kit->books);

  g_assert_true (till_db_get_int (till_books_get_db (kit->books), &pages, NULL,
                                  "PRAGMA max_page_count = 1000000", ""));
  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      g_assert_error (facts[i].error, TILL_DB_ERROR, TILL_DB_ERROR_DISK);
      g_assert_false (has_setting (kit->books, facts[i].key));
      g_clear_error (&facts[i].error);
    }
  g_assert_cmpint (get_serial (kit->books), ==, serial);

  /* And the books go on. */
  g_assert_true (till_books_write_now (kit->books, write_setting, &facts[2], NULL));
}

typedef struct
{
  guint    ops;
  int      rc;
  gboolean lasting;
  gboolean has_reader;
} Sweep;

/* Opens what is in a folder and tells whether the three facts are there: all, or none. */
static gboolean
look (const char *dir)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillBooks) books = till_books_open (dir, FALSE, &error);
  gboolean there;

  g_assert_no_error (error);
  till_kit_assert_sound (books);
  there = has_setting (books, "a");
  g_assert_true (has_setting (books, "b") == there);
  g_assert_true (has_setting (books, "c") == there);

  return there;
}

/*
 * Writes three facts while the n-th write or flush fails. What the books say of them has to be so, now,
 * and in the files as they would be found after a crash, in which a log that SQLite takes for shorter
 * than it is would be read to its end.
 */
static gboolean
sweep_once (const Sweep *sweep,
            int          n,
            guint       *n_unknown)
{
  static const TillDbSchema schema = {
    "/org/tillwatt/Till/sql/books", TILL_BOOKS_VERSION, 0x54696c6c, TRUE,
  };
  Fact facts[] = { { "a" }, { "b" }, { "c" } };
  g_autofree char *left = NULL;
  g_autofree char *path = NULL;
  g_autoptr(TillDb) reader = NULL;
  TillKit kit = { NULL };
  gboolean unknown, done, hit;

  till_kit_set_up (&kit, NULL);
  path = g_build_filename (kit.dir, "books.db", NULL);
  if (sweep->has_reader)
    {
      gint64 version;

      reader = till_db_open_reader (path, &schema, NULL);
      g_assert_true (till_db_get_int (reader, &version, NULL, "SELECT COUNT(*) FROM meta", ""));
    }

  till_fault_arm (sweep->ops, n, sweep->rc, sweep->lasting);
  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    till_books_write (kit.books, write_setting, on_done, &facts[i], NULL);
  till_books_flush (kit.books);
  hit = till_fault_get_hits () > 0;
  till_fault_disarm ();

  done = facts[0].error == NULL;
  unknown = g_error_matches (facts[0].error, TILL_DB_ERROR, TILL_DB_ERROR_UNKNOWN_OUTCOME);
  *n_unknown += unknown;
  g_assert_true (!unknown || till_books_has_fault (kit.books));

  left = till_kit_copy (kit.dir);
  g_assert_true (unknown || look (left) == done);
  g_clear_pointer (&kit.books, till_books_close);
  g_clear_pointer (&reader, till_db_close);
  g_assert_true (unknown || look (kit.dir) == done);

  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    g_clear_error (&facts[i].error);
  till_kit_remove_dir (left);
  till_kit_tear_down (&kit, NULL);
  till_fault_forget ();

  return hit;
}

static void
test_sweep (gconstpointer data)
{
  const Sweep *sweep = data;
  guint n_unknown = 0;
  int n = 0;

  while (sweep_once (sweep, ++n, &n_unknown))
    g_assert_cmpint (n, <, 500);

  g_test_message ("%d places, %u of them left open", n - 1, n_unknown);
  g_assert_cmpint (n, >, 1);

  /* A disk that is sound again leaves no question open. */
  if (!sweep->lasting)
    g_assert_cmpuint (n_unknown, ==, 0);
}

static void
test_broken (TillKit      *kit,
             gconstpointer data)
{
  static const char *const keys[] = { "a", "b", "c" };
  Fact last = { "d" };
  GError *error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      Fact fact = { keys[i] };

      g_assert_false (till_books_has_fault (kit->books));
      till_fault_arm (TILL_FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, FALSE);
      g_assert_false (till_books_write_now (kit->books, write_setting, &fact, &error));
      g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK);
      assert_sentence (&error, "the disk is full or failed, and nothing was changed; *");
    }

  /* The disk is sound, but nobody trusts it any more. */
  till_fault_disarm ();
  g_assert_true (till_books_has_fault (kit->books));
  g_assert_false (till_books_write_now (kit->books, write_setting, &last, &error));
  assert_sentence (&error, "*nothing is written until the program is started again on a sound disk");
  g_assert_false (last.written);

  /* Looking is still allowed; the next start writes again. */
  g_assert_false (has_setting (kit->books, "a"));
  till_kit_reopen (kit);
  g_assert_true (till_books_write_now (kit->books, write_setting, &last, &error));
  till_kit_assert_sound (kit->books);
}

/* The file cannot even be opened again: what asks it gets an error, not a crash. */
static void
test_gone (TillKit      *kit,
           gconstpointer data)
{
  g_autofree char *path = g_build_filename (kit->dir, "books.db", NULL);
  g_autofree char *away = g_build_filename (kit->dir, "away", NULL);
  Fact fact = { "a" }, waiting = { "b" };
  GError *error = NULL;
  gint64 n;

  g_assert_cmpint (g_rename (path, away), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  till_fault_arm (TILL_FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, FALSE);
  g_assert_false (till_books_write_now (kit->books, write_setting, &fact, &error));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_UNKNOWN_OUTCOME);
  assert_sentence (&error, "*look before doing it once more");
  g_assert_true (till_books_has_fault (kit->books));

  g_assert_false (till_db_get_int (till_books_get_db (kit->books), &n, &error,
                                   "SELECT COUNT(*) FROM setting", ""));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK);
  g_clear_error (&error);

  /* What still waits at the end is told, too. */
  till_books_write (kit->books, write_setting, on_done, &waiting, on_freed);
  g_clear_pointer (&kit->books, till_books_close);
  g_assert_cmpuint (waiting.n_freed, ==, 1);
  g_assert_error (waiting.error, TILL_DB_ERROR, TILL_DB_ERROR_DISK);
  g_clear_error (&waiting.error);
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

/* Makes a site elsewhere, where there is room, and brings its books to @dir. */
static void
bring_books (TillKit    *kit,
             const char *dir)
{
  static const char *const names[] = { "books.db", "site.key" };

  till_kit_set_up (kit, NULL);
  g_clear_pointer (&kit->books, till_books_close);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (kit->dir, names[i], NULL);
      g_autofree char *to = g_build_filename (dir, names[i], NULL);
      g_autofree char *octets = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (from, &octets, &size, NULL));
      g_assert_true (g_file_set_contents (to, octets, (gssize)size, NULL));
    }

  till_kit_remove_dir (kit->dir);
  g_free (kit->dir);
  kit->dir = g_strdup (dir);
}

/* Sells on a disk of 2 MB until it is full, makes room, and sells on. */
static void
fill (const char *dir)
{
  g_autofree char *ballast = g_build_filename (dir, "ballast", NULL);
  g_autofree char *octets = g_malloc0 (300000);
  TillKitSale sale = { NULL, 0, 100 };
  TillKit kit = { NULL };
  GError *error = NULL;

  g_assert_true (g_file_set_contents (ballast, octets, 300000, NULL));
  bring_books (&kit, dir);
  sale.kit = &kit;
  kit.books = till_books_open (dir, FALSE, &error);
  g_assert_no_error (error);

  while (till_books_write_now (kit.books, till_kit_sell, &sale, &error))
    g_assert_cmpuint (++sale.number, <, 100000);

  g_test_message ("full after %u sales: %s", sale.number, error->message);
  g_assert_cmpuint (sale.number, >, 5);
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK);
  assert_sentence (&error, "*nothing was changed*");
  g_assert_false (till_books_has_fault (kit.books));
  g_assert_cmpint (till_kit_get_int (kit.books, "SELECT COUNT(*) FROM orders"), ==, sale.number);

  /* With room, the very sale that was refused goes through. */
  g_assert_cmpint (g_unlink (ballast), ==, 0);
  g_assert_true (till_books_write_now (kit.books, till_kit_sell, &sale, &error));
  till_kit_assert_sound (kit.books);
  g_clear_pointer (&kit.books, till_books_close);
  g_free (kit.dir);
}

static void
test_disk_full (void)
{
  g_autofree char *dir = till_kit_make_dir ();

  if (mount ("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700") != 0)
    {
      g_test_skip_printf ("cannot mount a small disk: %s", g_strerror (errno));
      till_kit_remove_dir (dir);
      return;
    }

  fill (dir);
  g_assert_cmpint (umount2 (dir, MNT_DETACH), ==, 0);
  till_kit_remove_dir (dir);
}

int
main (int   argc,
      char *argv[])
{
  static const Sweep sweeps[] = {
    { TILL_FAULT_SYNC, SQLITE_IOERR_FSYNC, FALSE, FALSE },
    { TILL_FAULT_SYNC, SQLITE_IOERR_FSYNC, FALSE, TRUE },
    { TILL_FAULT_SYNC, SQLITE_IOERR_FSYNC, TRUE, FALSE },
    { TILL_FAULT_SYNC, SQLITE_IOERR_FSYNC, TRUE, TRUE },
    { TILL_FAULT_WRITE, SQLITE_IOERR_WRITE, FALSE, FALSE },
    { TILL_FAULT_WRITE, SQLITE_IOERR_WRITE, FALSE, TRUE },
    { TILL_FAULT_WRITE, SQLITE_IOERR_WRITE, TRUE, FALSE },
    { TILL_FAULT_WRITE, SQLITE_FULL, FALSE, TRUE },
    { TILL_FAULT_WRITE, SQLITE_FULL, TRUE, FALSE },
    { TILL_FAULT_WRITE | TILL_FAULT_SYNC, SQLITE_IOERR, TRUE, TRUE },
  };

  g_test_init (&argc, &argv, NULL);
  till_fault_install ();

  /* The books warn of every fault of the disk, and here are many. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);

  g_test_add_func ("/books/no-books", test_no_books);
  g_test_add_func ("/books/no-folder", test_no_folder);
  g_test_add_func ("/books/private", test_private);
  g_test_add ("/books/key", TillKit, NULL, till_kit_set_up, test_key, till_kit_tear_down);
  g_test_add ("/books/keys-differ", TillKit, NULL, till_kit_set_up, test_keys_differ,
              till_kit_tear_down);
  g_test_add ("/books/group", TillKit, NULL, till_kit_set_up, test_group, till_kit_tear_down);
  g_test_add ("/books/many-groups", TillKit, NULL, till_kit_set_up, test_many_groups,
              till_kit_tear_down);
  g_test_add ("/books/write-from-done", TillKit, NULL, till_kit_set_up, test_write_from_done,
              till_kit_tear_down);
  g_test_add ("/books/write-now", TillKit, NULL, till_kit_set_up, test_write_now,
              till_kit_tear_down);
  g_test_add ("/books/flushes", TillKit, NULL, till_kit_set_up, test_flushes, till_kit_tear_down);
  g_test_add ("/books/rolled-back-whole", TillKit, NULL, till_kit_set_up, test_rolled_back_whole,
              till_kit_tear_down);
  g_test_add ("/books/broken", TillKit, NULL, till_kit_set_up, test_broken, till_kit_tear_down);
  g_test_add ("/books/gone", TillKit, NULL, till_kit_set_up, test_gone, till_kit_tear_down);
  g_test_add_func ("/books/disk-full", test_disk_full);

  for (gsize i = 0; i < G_N_ELEMENTS (sweeps); i++)
    {
      g_autofree char *path = NULL;

      path = g_strdup_printf ("/books/sweep/%s%s%s%s/%d",
                              sweeps[i].ops & TILL_FAULT_WRITE ? "write" : "",
                              sweeps[i].ops & TILL_FAULT_SYNC ? "sync" : "",
                              sweeps[i].lasting ? "-lasting" : "-once",
                              sweeps[i].has_reader ? "-reader" : "", sweeps[i].rc);
      g_test_add_data_func (path, &sweeps[i], test_sweep);
    }

  return g_test_run ();
}
