/*
 * test-db.c: the seam to the database
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "till-books.h"

static const TillDbSchema schema = {
  "/org/tillwatt/Till/sql/books", TILL_BOOKS_VERSION, 0x54696c6c, TRUE,
};

typedef struct
{
  char   *dir;
  char   *path;
  TillDb *db;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fixture->dir = g_dir_make_tmp ("till-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->dir, "books.db", NULL);
  fixture->db = till_db_open (fixture->path, &schema, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr(GDir) dir = g_dir_open (fixture->dir, 0, NULL);
  const char *name;

  g_clear_pointer (&fixture->db, till_db_close);

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

      g_unlink (path);
    }

  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->path);
}

static void
test_fresh (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  gint64 mode = -1;

  g_assert_cmpint (till_db_get_version (fixture->db), ==, TILL_BOOKS_VERSION);
  g_assert_true (till_db_get_int (fixture->db, &mode, &error, "PRAGMA synchronous", ""));
  g_assert_no_error (error);
  g_assert_cmpint (mode, ==, 2);
  g_assert_true (till_db_check (fixture->db, &error));
  g_assert_no_error (error);
}

/* Every table, index and trigger with its text, one a line. */
static char *
dump_schema (TillDb *db)
{
  g_autoptr(GError) error = NULL;
  GString *text = g_string_new (NULL);
  TillStmt *stmt = till_db_query (db, &error, "SELECT type, name, COALESCE (sql, '') FROM "
                                  "sqlite_schema ORDER BY type, name", "");

  g_assert_no_error (error);
  while (till_stmt_step (stmt, &error) == 1)
    g_string_append_printf (text, "%s %s %s\n", till_stmt_get_text (stmt, 0),
                            till_stmt_get_text (stmt, 1), till_stmt_get_text (stmt, 2));
  g_assert_no_error (error);

  return g_string_free (text, FALSE);
}

/* A file of any older version, opened by this one, is as a fresh file is, and a copy of what it was
 * lies beside it. */
static void
test_migrate (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *fresh = dump_schema (fixture->db);

  for (int version = 1; version < TILL_BOOKS_VERSION; version++)
    {
      const TillDbSchema old = { schema.resource_prefix, version, schema.application_id, TRUE };
      g_autofree char *path = g_strdup_printf ("%s-%d", fixture->path, version);
      g_autofree char *copy = g_strdup_printf ("%s.before-%03d", path, TILL_BOOKS_VERSION);
      g_autofree char *migrated = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(TillDb) db = till_db_open (path, &old, &error);

      g_assert_no_error (error);
      g_assert_cmpint (till_db_get_version (db), ==, version);
      g_clear_pointer (&db, till_db_close);

      db = till_db_open (path, &schema, &error);
      g_assert_no_error (error);
      migrated = dump_schema (db);
      g_assert_cmpstr (migrated, ==, fresh);
      g_clear_pointer (&db, till_db_close);

      db = till_db_open (copy, &old, &error);
      g_assert_no_error (error);
      g_assert_cmpint (till_db_get_version (db), ==, version);
    }
}

static void
test_newer (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (till_db_run (fixture->db, &error, "PRAGMA user_version = 99", ""));
  g_assert_no_error (error);
  g_clear_pointer (&fixture->db, till_db_close);

  fixture->db = till_db_open (fixture->path, &schema, &error);
  g_assert_null (fixture->db);
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_NEWER);
}

static void
test_bind (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("a\0b", 3);
  TillStmt *stmt;
  gsize size;

  /* PostgreSQL numbers parameters by their digits, SQLite by first appearance: both mean $2 here. */
  stmt = till_db_query (fixture->db, &error, "SELECT $2, $1, $3, $4", "isbd",
                        G_GINT64_CONSTANT (-5), "二", bytes, 7);
  g_assert_no_error (error);
  g_assert_cmpint (till_stmt_step (stmt, &error), ==, 1);
  g_assert_cmpstr (till_stmt_get_text (stmt, 0), ==, "二");
  g_assert_cmpint (till_stmt_get_int (stmt, 1), ==, -5);
  g_assert_nonnull (till_stmt_get_blob (stmt, 2, &size));
  g_assert_cmpint (size, ==, 3);
  g_assert_cmpint (till_stmt_get_int (stmt, 3), ==, 7);
  g_assert_cmpint (till_stmt_step (stmt, &error), ==, 0);
}

static void
test_constraint (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  static const char *const sql = "INSERT INTO setting (site, key, value) VALUES (1, $1, $2)";

  g_assert_true (till_db_run (fixture->db, &error, sql, "ss", "a", "1"));
  g_assert_false (till_db_run (fixture->db, &error, sql, "ss", "a", "2"));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_UNIQUE);
  g_clear_error (&error);
  g_assert_false (till_db_run (fixture->db, &error, sql, "ss", "b", NULL));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_CONSTRAINT);
}

static void
test_savepoint (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  static const char *const sql = "INSERT INTO setting (site, key, value) VALUES (1, $1, 'x')";
  gint64 n = -1;

  g_assert_true (till_db_begin (fixture->db, &error));
  g_assert_true (till_db_run (fixture->db, &error, sql, "s", "kept"));
  g_assert_true (till_db_savepoint (fixture->db, &error));
  g_assert_true (till_db_run (fixture->db, &error, sql, "s", "dropped"));
  till_db_rollback_to (fixture->db);
  g_assert_true (till_db_commit (fixture->db, &error));
  g_assert_true (till_db_get_int (fixture->db, &n, &error, "SELECT COUNT(*) FROM setting", ""));
  g_assert_cmpint (n, ==, 1);
}

static void
test_reader (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillDb) reader = till_db_open_reader (fixture->path, &schema, &error);

  g_assert_no_error (error);
  g_assert_false (till_db_run (reader, &error,
                               "INSERT INTO setting (site, key, value) VALUES (1, 'a', 'b')", ""));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK);
}

static void
test_backup (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = g_build_filename (fixture->dir, "copy.db", NULL);
  g_autoptr(TillDb) other = NULL;

  g_assert_true (till_db_backup (fixture->db, copy, &error));
  g_assert_no_error (error);
  other = till_db_open (copy, &schema, &error);
  g_assert_no_error (error);
  g_assert_false (till_db_backup (fixture->db, copy, &error));
  g_assert_nonnull (error);
}

static void
test_not_a_database (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->dir, "text.db", NULL);
  g_autoptr(TillDb) db = NULL;

  g_assert_true (g_file_set_contents (path, "this is not a database, not at all, no", -1, &error));
  db = till_db_open (path, &schema, &error);
  g_assert_null (db);
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_CORRUPT);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/db/fresh", Fixture, NULL, set_up, test_fresh, tear_down);
  g_test_add ("/db/migrate", Fixture, NULL, set_up, test_migrate, tear_down);
  g_test_add ("/db/newer", Fixture, NULL, set_up, test_newer, tear_down);
  g_test_add ("/db/bind", Fixture, NULL, set_up, test_bind, tear_down);
  g_test_add ("/db/constraint", Fixture, NULL, set_up, test_constraint, tear_down);
  g_test_add ("/db/savepoint", Fixture, NULL, set_up, test_savepoint, tear_down);
  g_test_add ("/db/reader", Fixture, NULL, set_up, test_reader, tear_down);
  g_test_add ("/db/backup", Fixture, NULL, set_up, test_backup, tear_down);
  g_test_add ("/db/not-a-database", Fixture, NULL, set_up, test_not_a_database, tear_down);

  return g_test_run ();
}
