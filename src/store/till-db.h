/*
 * till-db.h: the seam to the database: one connection, its statements, its transactions
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TillDb TillDb;
typedef struct _TillStmt TillStmt;

#define TILL_DB_ERROR (till_db_error_quark ())
GQuark till_db_error_quark (void);

/**
 * TillDbError:
 * @TILL_DB_ERROR_FAILED: anything not named below
 * @TILL_DB_ERROR_BUSY: another process holds the file
 * @TILL_DB_ERROR_UNIQUE: such a row is there already
 * @TILL_DB_ERROR_CONSTRAINT: the data break another rule of the schema
 * @TILL_DB_ERROR_DISK: the disk is full, read-only or faulty
 * @TILL_DB_ERROR_CORRUPT: the file is damaged or is no database
 * @TILL_DB_ERROR_NEWER: a later version of the program wrote the file
 * @TILL_DB_ERROR_UNKNOWN_OUTCOME: a COMMIT failed; it may or may not be in the file
 *
 * What can go wrong with the database.
 */
typedef enum
{
  TILL_DB_ERROR_FAILED,
  TILL_DB_ERROR_BUSY,
  TILL_DB_ERROR_UNIQUE,
  TILL_DB_ERROR_CONSTRAINT,
  TILL_DB_ERROR_DISK,
  TILL_DB_ERROR_CORRUPT,
  TILL_DB_ERROR_NEWER,
  TILL_DB_ERROR_UNKNOWN_OUTCOME,
} TillDbError;

/**
 * TillDbSchema:
 *
 * What a file has to look like. The scripts are resources `<prefix>/001.sql` to `<prefix>/NNN.sql`.
 */
typedef struct
{
  const char *resource_prefix;
  int         version;
  guint32     application_id;
  gboolean    full_sync; /* money: every COMMIT survives a power cut */
} TillDbSchema;

TillDb       *till_db_open (const char         *path,
                            const TillDbSchema *schema,
                            GError            **error);
TillDb       *till_db_open_reader (const char         *path,
                                   const TillDbSchema *schema,
                                   GError            **error);
void          till_db_close (TillDb *self);
int           till_db_get_version (TillDb *self);
const char   *till_db_get_path (TillDb *self);

TillStmt     *till_db_statement (TillDb     *self,
                                 const char *sql,
                                 GError    **error);
TillStmt     *till_db_query (TillDb     *self,
                             GError    **error,
                             const char *sql,
                             const char *types,
                             ...);
gboolean      till_db_run (TillDb     *self,
                           GError    **error,
                           const char *sql,
                           const char *types,
                           ...);
gboolean      till_db_get_int (TillDb     *self,
                               gint64     *value,
                               GError    **error,
                               const char *sql,
                               const char *types,
                               ...);
gint64        till_db_get_changes (TillDb *self);

void          till_stmt_bind_int (TillStmt *self,
                                  int       number,
                                  gint64    value);
void          till_stmt_bind_text (TillStmt   *self,
                                   int         number,
                                   const char *text);
void          till_stmt_bind_blob (TillStmt     *self,
                                   int           number,
                                   gconstpointer data,
                                   gsize         size);
void          till_stmt_bind_null (TillStmt *self,
                                   int       number);
int           till_stmt_step (TillStmt *self,
                              GError  **error);
void          till_stmt_reset (TillStmt *self);
gint64        till_stmt_get_int (TillStmt *self,
                                 int       column);
const char   *till_stmt_get_text (TillStmt *self,
                                  int       column);
gconstpointer till_stmt_get_blob (TillStmt *self,
                                  int       column,
                                  gsize    *size);
gboolean      till_stmt_is_null (TillStmt *self,
                                 int       column);

gboolean      till_db_begin (TillDb  *self,
                             GError **error);
gboolean      till_db_commit (TillDb  *self,
                              GError **error);
void          till_db_rollback (TillDb *self);
gboolean      till_db_savepoint (TillDb  *self,
                                 GError **error);
gboolean      till_db_release (TillDb  *self,
                               GError **error);
gboolean      till_db_rollback_to (TillDb *self);

gboolean      till_db_checkpoint (TillDb  *self,
                                  GError **error);
gboolean      till_db_backup (TillDb     *self,
                              const char *path,
                              GError    **error);
gboolean      till_db_check (TillDb  *self,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillDb, till_db_close)

G_END_DECLS
