/*
 * till-db.c: the seam to the database
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

#include "till-db.h"

/*
 * No other file of the product knows SQLite. The statements are such as PostgreSQL would take too:
 * parameters are $1, $2, … and are bound by name. One thread owns a connection, and only one
 * connection of a file writes and checkpoints (SQLite 3.40.1 has the WAL-reset bug).
 */

#define BUSY_TIMEOUT_MS 5000
#define PARAMETERS_MAX 40

struct _TillDb
{
  sqlite3    *handle;
  char       *path;
  GThread    *owner;      /* the only thread that may use this connection */
  GHashTable *statements; /* SQL text (static) → TillStmt */
};

struct _TillStmt
{
  TillDb       *db;
  sqlite3_stmt *handle;
};

G_DEFINE_QUARK (till_db_error, till_db_error)

static TillDbError
error_from_sqlite (int rc)
{
  if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
    return TILL_DB_ERROR_UNIQUE;

  switch (rc & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return TILL_DB_ERROR_BUSY;
    case SQLITE_CONSTRAINT:
      return TILL_DB_ERROR_CONSTRAINT;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return TILL_DB_ERROR_DISK;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return TILL_DB_ERROR_CORRUPT;
    default:
      return TILL_DB_ERROR_FAILED;
    }
}

static void
set_error (TillDb     *self,
           const char *doing,
           GError    **error)
{
  g_set_error (error, TILL_DB_ERROR, error_from_sqlite (sqlite3_extended_errcode (self->handle)),
               "%s: %s", doing, sqlite3_errmsg (self->handle));
}

static gboolean
exec (TillDb     *self,
      const char *sql,
      GError    **error)
{
  g_assert (self->owner == g_thread_self ());

  if (sqlite3_exec (self->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;

  set_error (self, sql, error);
  return FALSE;
}

static void
stmt_free (TillStmt *self)
{
  sqlite3_finalize (self->handle);
  g_free (self);
}

static int
get_pragma (TillDb     *self,
            const char *sql)
{
  sqlite3_stmt *stmt = NULL;
  int value = -1;

  if (sqlite3_prepare_v2 (self->handle, sql, -1, &stmt, NULL) == SQLITE_OK &&
      sqlite3_step (stmt) == SQLITE_ROW)
    value = sqlite3_column_int (stmt, 0);

  sqlite3_finalize (stmt);
  return value;
}

/* Applies one numbered script and moves user_version, both or neither. */
static gboolean
migrate_to (TillDb             *self,
            const TillDbSchema *schema,
            int                 version,
            GError            **error)
{
  g_autofree char *path = g_strdup_printf ("%s/%03d.sql", schema->resource_prefix, version);
  g_autofree char *stamp = g_strdup_printf ("PRAGMA user_version = %d", version);
  g_autoptr(GBytes) script = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  if (script == NULL || !till_db_begin (self, error))
    return FALSE;

  if (exec (self, g_bytes_get_data (script, NULL), error) &&
      exec (self, stamp, error) &&
      till_db_commit (self, error))
    {
      g_debug ("%s: schema is now at version %d", self->path, version);
      return TRUE;
    }

  till_db_rollback (self);
  return FALSE;
}

static gboolean
check_not_newer (TillDb             *self,
                 const TillDbSchema *schema,
                 GError            **error)
{
  const int version = till_db_get_version (self);

  if (version <= schema->version)
    return TRUE;

  g_set_error (error, TILL_DB_ERROR, TILL_DB_ERROR_NEWER,
               "%s was written by a newer program (schema %d, this one knows %d); "
               "install that version again", self->path, version, schema->version);
  return FALSE;
}

/* Brings an old file up to date, after a copy of it was put beside it. */
static gboolean
migrate (TillDb             *self,
         const TillDbSchema *schema,
         GError            **error)
{
  int version = till_db_get_version (self);

  if (!check_not_newer (self, schema, error))
    return FALSE;

  if (version > 0 && version < schema->version)
    {
      g_autofree char *copy = g_strdup_printf ("%s.before-%03d", self->path, schema->version);

      g_unlink (copy);
      if (!till_db_backup (self, copy, error))
        return FALSE;
    }

  while (version < schema->version)
    if (!migrate_to (self, schema, ++version, error))
      return FALSE;

  return TRUE;
}

static TillDb *
open_handle (const char *path,
             int         flags,
             GError    **error)
{
  g_autoptr(TillDb) self = g_new0 (TillDb, 1);

  self->owner = g_thread_self ();
  self->path = g_strdup (path);
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)stmt_free);

  if (sqlite3_open_v2 (path, &self->handle, flags, NULL) != SQLITE_OK)
    {
      set_error (self, path, error);
      return NULL;
    }

  sqlite3_extended_result_codes (self->handle, TRUE);
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);

  return g_steal_pointer (&self);
}

/**
 * till_db_open:
 * @path: where the file is; made when it is not there
 * @schema: what it has to look like
 * @error: return location for a #GError
 *
 * Opens the one writing connection of a file, for the calling thread, and brings its schema up to
 * date.
 *
 * Returns: (transfer full): the connection, or %NULL with @error set (%TILL_DB_ERROR_NEWER,
 *   %TILL_DB_ERROR_CORRUPT, %TILL_DB_ERROR_DISK …)
 */
TillDb *
till_db_open (const char         *path,
              const TillDbSchema *schema,
              GError            **error)
{
  g_return_val_if_fail (path != NULL && schema != NULL, NULL);

  g_autoptr(TillDb) self = open_handle (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
  g_autofree char *application_id = NULL;

  if (self == NULL)
    return NULL;

  application_id = g_strdup_printf ("PRAGMA application_id = %u", schema->application_id);

  if (!exec (self, "PRAGMA journal_mode = WAL", error) ||
      !exec (self, schema->full_sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
             error) ||
      !exec (self, "PRAGMA foreign_keys = ON", error) ||
      /* Without it, INSERT OR REPLACE would delete rows past the triggers that keep them. */
      !exec (self, "PRAGMA recursive_triggers = ON", error) ||
      !exec (self, "PRAGMA trusted_schema = OFF", error) ||
      !migrate (self, schema, error))
    return NULL;

  if (get_pragma (self, "PRAGMA application_id") != (int)schema->application_id &&
      !exec (self, application_id, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * till_db_open_reader:
 * @path: where the file is
 * @schema: what it has to look like
 * @error: return location for a #GError
 *
 * Opens a connection for the calling thread that can read only and never checkpoints.
 *
 * Returns: (transfer full): the connection, or %NULL with @error set
 */
TillDb *
till_db_open_reader (const char         *path,
                     const TillDbSchema *schema,
                     GError            **error)
{
  g_return_val_if_fail (path != NULL && schema != NULL, NULL);

  g_autoptr(TillDb) self = open_handle (path, SQLITE_OPEN_READONLY, error);

  if (self == NULL ||
      !exec (self, "PRAGMA query_only = ON", error) ||
      !exec (self, "PRAGMA wal_autocheckpoint = 0", error) ||
      !check_not_newer (self, schema, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * till_db_close:
 * @self: (transfer full) (nullable): a connection
 *
 * Finalizes every statement and closes the file. An open transaction is rolled back.
 */
void
till_db_close (TillDb *self)
{
  if (self == NULL)
    return;

  g_assert (self->owner == g_thread_self ());

  g_clear_pointer (&self->statements, g_hash_table_unref);
  g_clear_pointer (&self->handle, sqlite3_close);
  g_free (self->path);
  g_free (self);
}

/**
 * till_db_get_version:
 * @self: a connection
 *
 * Returns: the version of the schema, 0 for an empty file, -1 when it cannot be read
 */
int
till_db_get_version (TillDb *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return get_pragma (self, "PRAGMA user_version");
}

/**
 * till_db_get_path:
 * @self: a connection
 *
 * Returns: (transfer none): where its file is
 */
const char *
till_db_get_path (TillDb *self)
{
  return self->path;
}

/**
 * till_db_statement:
 * @self: a connection
 * @sql: one statement; a string literal, whose address is the key of the cache
 * @error: return location for a #GError
 *
 * Looks up @sql, preparing it the first time. It comes back reset and with nothing bound, so a
 * statement must not be used again before its rows were read. A connection that could not be opened
 * again after a fault of the disk is %NULL, and is answered with %TILL_DB_ERROR_DISK.
 *
 * Returns: (transfer none): the statement, or %NULL with @error set
 */
TillStmt *
till_db_statement (TillDb     *self,
                   const char *sql,
                   GError    **error)
{
  TillStmt *stmt;

  if (self == NULL)
    {
      g_set_error_literal (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK,
                           "the file could not be opened again after a fault of the disk; start "
                           "the program again on a sound disk");
      return NULL;
    }

  g_assert (self->owner == g_thread_self ());

  stmt = g_hash_table_lookup (self->statements, sql);

  if (stmt != NULL)
    {
      sqlite3_reset (stmt->handle);
      sqlite3_clear_bindings (stmt->handle);
      return stmt;
    }

  stmt = g_new0 (TillStmt, 1);
  stmt->db = self;

  if (sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                          &stmt->handle, NULL) != SQLITE_OK)
    {
      set_error (self, sql, error);
      g_free (stmt);
      return NULL;
    }

  g_hash_table_insert (self->statements, (gpointer)sql, stmt);
  return stmt;
}

static int
parameter_index (TillStmt *self,
                 int       number)
{
  char name[8];
  int index;

  g_assert (number >= 1 && number <= PARAMETERS_MAX);
  g_snprintf (name, sizeof name, "$%d", number);
  index = sqlite3_bind_parameter_index (self->handle, name);
  g_assert (index > 0);

  return index;
}

/**
 * till_stmt_bind_int:
 * @self: a statement
 * @number: n of the parameter $n
 * @value: its value
 */
void
till_stmt_bind_int (TillStmt *self,
                    int       number,
                    gint64    value)
{
  sqlite3_bind_int64 (self->handle, parameter_index (self, number), value);
}

/**
 * till_stmt_bind_text:
 * @self: a statement
 * @number: n of the parameter $n
 * @text: (nullable): its value, copied; %NULL is NULL
 */
void
till_stmt_bind_text (TillStmt   *self,
                     int         number,
                     const char *text)
{
  sqlite3_bind_text (self->handle, parameter_index (self, number), text, -1, SQLITE_TRANSIENT);
}

/**
 * till_stmt_bind_blob:
 * @self: a statement
 * @number: n of the parameter $n
 * @data: octets, copied
 * @size: how many
 */
void
till_stmt_bind_blob (TillStmt     *self,
                     int           number,
                     gconstpointer data,
                     gsize         size)
{
  sqlite3_bind_blob64 (self->handle, parameter_index (self, number), data, size, SQLITE_TRANSIENT);
}

/**
 * till_stmt_bind_null:
 * @self: a statement
 * @number: n of the parameter $n
 */
void
till_stmt_bind_null (TillStmt *self,
                     int       number)
{
  sqlite3_bind_null (self->handle, parameter_index (self, number));
}

/* Binds $1, $2, … from the arguments: i gint64, d int, s text, b GBytes; %NULL is NULL. */
static void
bind_arguments (TillStmt   *self,
                const char *types,
                va_list     arguments)
{
  for (int n = 1; types[n - 1] != '\0'; n++)
    switch (types[n - 1])
      {
      case 'i':
        till_stmt_bind_int (self, n, va_arg (arguments, gint64));
        break;
      case 'd':
        till_stmt_bind_int (self, n, va_arg (arguments, int));
        break;
      case 's':
        till_stmt_bind_text (self, n, va_arg (arguments, const char *));
        break;
      case 'b':
        {
          GBytes *bytes = va_arg (arguments, GBytes *);

          if (bytes == NULL)
            till_stmt_bind_null (self, n);
          else
            till_stmt_bind_blob (self, n, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
          break;
        }
      default:
        g_assert_not_reached ();
      }
}

/**
 * till_db_query:
 * @self: a connection
 * @error: return location for a #GError
 * @sql: one statement, a string literal
 * @types: a letter for each of $1, $2, …: `i` gint64, `d` int, `s` text, `b` GBytes
 * @...: the values
 *
 * Prepares and binds. The rows are then read with till_stmt_step().
 *
 * Returns: (transfer none): the statement, or %NULL with @error set
 */
TillStmt *
till_db_query (TillDb     *self,
               GError    **error,
               const char *sql,
               const char *types,
               ...)
{
  TillStmt *stmt = till_db_statement (self, sql, error);
  va_list arguments;

  if (stmt == NULL)
    return NULL;

  va_start (arguments, types);
  bind_arguments (stmt, types, arguments);
  va_end (arguments);

  return stmt;
}

/**
 * till_stmt_step:
 * @self: a statement
 * @error: return location for a #GError
 *
 * Moves to the next row. At the end, and after a fault, the statement is reset.
 *
 * Returns: 1 for a row, 0 at the end, -1 with @error set
 */
int
till_stmt_step (TillStmt *self,
                GError  **error)
{
  int rc;

  g_assert (self->db->owner == g_thread_self ());

  rc = sqlite3_step (self->handle);

  if (rc == SQLITE_ROW)
    return 1;

  if (rc != SQLITE_DONE)
    set_error (self->db, sqlite3_sql (self->handle), error);

  sqlite3_reset (self->handle);
  return rc == SQLITE_DONE ? 0 : -1;
}

/**
 * till_stmt_reset:
 * @self: a statement whose remaining rows are not wanted
 */
void
till_stmt_reset (TillStmt *self)
{
  sqlite3_reset (self->handle);
}

gint64
till_stmt_get_int (TillStmt *self,
                   int       column)
{
  return sqlite3_column_int64 (self->handle, column);
}

/**
 * till_stmt_get_text:
 * @self: a statement on a row
 * @column: from 0
 *
 * Returns: (nullable) (transfer none): the text, until the next step; %NULL for NULL
 */
const char *
till_stmt_get_text (TillStmt *self,
                    int       column)
{
  return (const char *)sqlite3_column_text (self->handle, column);
}

/**
 * till_stmt_get_blob:
 * @self: a statement on a row
 * @column: from 0
 * @size: (out): how many octets
 *
 * Returns: (nullable) (transfer none): the octets, until the next step
 */
gconstpointer
till_stmt_get_blob (TillStmt *self,
                    int       column,
                    gsize    *size)
{
  gconstpointer data = sqlite3_column_blob (self->handle, column);

  *size = (gsize)sqlite3_column_bytes (self->handle, column);
  return data;
}

gboolean
till_stmt_is_null (TillStmt *self,
                   int       column)
{
  return sqlite3_column_type (self->handle, column) == SQLITE_NULL;
}

/* Runs a bound statement to its end; rows it gives are passed over. */
static gboolean
run_to_end (TillStmt *self,
            GError  **error)
{
  int rc;

  while ((rc = till_stmt_step (self, error)) == 1)
    ;

  return rc == 0;
}

/**
 * till_db_run:
 * @self: a connection
 * @error: return location for a #GError
 * @sql: one statement that is not asked for rows, a string literal
 * @types: as for till_db_query()
 * @...: the values
 *
 * Returns: %TRUE when it was done, %FALSE with @error set otherwise
 */
gboolean
till_db_run (TillDb     *self,
             GError    **error,
             const char *sql,
             const char *types,
             ...)
{
  TillStmt *stmt = till_db_statement (self, sql, error);
  va_list arguments;

  if (stmt == NULL)
    return FALSE;

  va_start (arguments, types);
  bind_arguments (stmt, types, arguments);
  va_end (arguments);

  return run_to_end (stmt, error);
}

/**
 * till_db_get_int:
 * @self: a connection
 * @value: (out): the first column of the first row; left alone when there is no row
 * @error: return location for a #GError
 * @sql: one statement, a string literal
 * @types: as for till_db_query()
 * @...: the values
 *
 * Returns: %TRUE when it was done, with a row or without, %FALSE with @error set otherwise
 */
gboolean
till_db_get_int (TillDb     *self,
                 gint64     *value,
                 GError    **error,
                 const char *sql,
                 const char *types,
                 ...)
{
  TillStmt *stmt = till_db_statement (self, sql, error);
  va_list arguments;
  int rc;

  if (stmt == NULL)
    return FALSE;

  va_start (arguments, types);
  bind_arguments (stmt, types, arguments);
  va_end (arguments);

  rc = till_stmt_step (stmt, error);
  if (rc == 1)
    {
      *value = till_stmt_get_int (stmt, 0);
      /* A statement that writes and RETURNs has to be run to its end. */
      return run_to_end (stmt, error);
    }

  return rc == 0;
}

/**
 * till_db_get_changes:
 * @self: a connection
 *
 * Returns: how many rows the last statement inserted, changed or deleted
 */
gint64
till_db_get_changes (TillDb *self)
{
  return sqlite3_changes64 (self->handle);
}

/**
 * till_db_begin:
 * @self: a connection
 * @error: return location for a #GError
 *
 * Begins a transaction that may write (it waits for other writers of the file, if there are any).
 *
 * Returns: %TRUE when it began, %FALSE with @error set otherwise
 */
gboolean
till_db_begin (TillDb  *self,
               GError **error)
{
  return exec (self, "BEGIN IMMEDIATE", error);
}

/**
 * till_db_commit:
 * @self: a connection in a transaction
 * @error: return location for a #GError
 *
 * Ends the transaction. A COMMIT that failed on the way to the disk is an unknown outcome: close
 * the connection, open it again, and look.
 *
 * Returns: %TRUE when it is durable, %FALSE with @error set (%TILL_DB_ERROR_UNKNOWN_OUTCOME when it
 *   may be durable) otherwise
 */
gboolean
till_db_commit (TillDb  *self,
                GError **error)
{
  g_autoptr(GError) local_error = NULL;

  if (exec (self, "COMMIT", &local_error))
    return TRUE;

  if (g_error_matches (local_error, TILL_DB_ERROR, TILL_DB_ERROR_DISK))
    local_error->code = TILL_DB_ERROR_UNKNOWN_OUTCOME;

  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/**
 * till_db_rollback:
 * @self: a connection
 *
 * Undoes the open transaction, if there is one.
 */
void
till_db_rollback (TillDb *self)
{
  g_autoptr(GError) error = NULL;

  if (sqlite3_get_autocommit (self->handle))
    return;

  if (!exec (self, "ROLLBACK", &error))
    g_critical ("cannot roll back: %s", error->message);
}

/**
 * till_db_savepoint:
 * @self: a connection in a transaction
 * @error: return location for a #GError
 *
 * Begins a part of the transaction that can be undone alone.
 *
 * Returns: %TRUE when it began, %FALSE with @error set otherwise
 */
gboolean
till_db_savepoint (TillDb  *self,
                   GError **error)
{
  return exec (self, "SAVEPOINT part", error);
}

gboolean
till_db_release (TillDb  *self,
                 GError **error)
{
  return exec (self, "RELEASE part", error);
}

/**
 * till_db_rollback_to:
 * @self: a connection in a part of a transaction
 *
 * Undoes the part begun last.
 *
 * Returns: %FALSE when the transaction as a whole is gone: a full or faulty disk makes SQLite roll
 *   all of it back, and what is written after that would be durable at once
 */
gboolean
till_db_rollback_to (TillDb *self)
{
  g_autoptr(GError) error = NULL;

  if (sqlite3_get_autocommit (self->handle))
    return FALSE;

  if (exec (self, "ROLLBACK TO part", &error) && exec (self, "RELEASE part", &error))
    return TRUE;

  g_warning ("cannot roll a part back: %s", error->message);
  return FALSE;
}

/**
 * till_db_checkpoint:
 * @self: a connection
 * @error: return location for a #GError
 *
 * Brings everything that was committed out of the log into the file, and flushes the file.
 *
 * Returns: %TRUE when all of it is there, %FALSE with @error set (%TILL_DB_ERROR_BUSY when a reader
 *   was in the way for seconds) otherwise
 */
gboolean
till_db_checkpoint (TillDb  *self,
                    GError **error)
{
  gint64 busy = 1;

  if (!till_db_get_int (self, &busy, error, "PRAGMA wal_checkpoint (FULL)", ""))
    return FALSE;

  if (busy == 0)
    return TRUE;

  g_set_error (error, TILL_DB_ERROR, TILL_DB_ERROR_BUSY,
               "%s: a reader keeps the log from being brought into the file", self->path);
  return FALSE;
}

/**
 * till_db_backup:
 * @self: a connection
 * @path: where the copy goes; there must be no file yet
 * @error: return location for a #GError
 *
 * Writes a whole, consistent copy in one step, while the connection stays open.
 *
 * Returns: %TRUE when the copy is there, %FALSE with @error set otherwise
 */
gboolean
till_db_backup (TillDb     *self,
                const char *path,
                GError    **error)
{
  const gboolean reads_only = get_pragma (self, "PRAGMA query_only") == 1;
  gboolean good;

  g_return_val_if_fail (path != NULL, FALSE);

  /* The promise not to write holds for the copy, too, unless it is lifted. */
  if (reads_only && !exec (self, "PRAGMA query_only = OFF", error))
    return FALSE;

  good = till_db_run (self, error, "VACUUM INTO $1", "s", path);

  return (!reads_only || exec (self, "PRAGMA query_only = ON", good ? error : NULL)) && good;
}

/**
 * till_db_check:
 * @self: a connection
 * @error: return location for a #GError
 *
 * Has SQLite look through the whole file.
 *
 * Returns: %TRUE when it is sound, %FALSE with @error set (%TILL_DB_ERROR_CORRUPT) otherwise
 */
gboolean
till_db_check (TillDb  *self,
               GError **error)
{
  TillStmt *stmt = till_db_query (self, error, "PRAGMA integrity_check", "");
  gboolean sound;

  if (stmt == NULL || till_stmt_step (stmt, error) != 1)
    return FALSE;

  sound = g_strcmp0 (till_stmt_get_text (stmt, 0), "ok") == 0;
  if (!sound)
    g_set_error (error, TILL_DB_ERROR, TILL_DB_ERROR_CORRUPT, "%s is damaged: %s; restore a backup",
                 self->path, till_stmt_get_text (stmt, 0));

  till_stmt_reset (stmt);
  return sound;
}
