/*
 * till-books.h: the file of the books: its key, its writer with group commit
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-db.h"

G_BEGIN_DECLS

/* The site a row belongs to; one file holds one site today (architecture.md 4). */
#define TILL_SITE 1

/* The newest script of data/sql/books-*.sql. */
#define TILL_BOOKS_VERSION 4

#define TILL_BOOKS_KEY_SIZE 32

typedef struct _TillBooks TillBooks;

/**
 * TillBooksFunc:
 * @books: the books, in a transaction
 * @data: what was handed to till_books_write()
 * @error: return location for a #GError
 *
 * Writes one business fact. Called in the thread of the books. When it fails, all that it wrote is
 * undone, and nothing of what others wrote in the same group.
 *
 * Returns: %TRUE to keep it, %FALSE with @error set to undo it
 */
typedef gboolean (*TillBooksFunc) (TillBooks *books,
                                   gpointer   data,
                                   GError   **error);

/**
 * TillBooksDone:
 * @books: the books
 * @data: what was handed to till_books_write()
 * @error: (nullable): %NULL when the fact is durable
 *
 * Called in the thread of the books, after the COMMIT of the group.
 */
typedef void (*TillBooksDone) (TillBooks    *books,
                               gpointer      data,
                               const GError *error);

TillBooks    *till_books_open (const char *data_dir,
                               gboolean    create,
                               GError    **error);
void          till_books_close (TillBooks *self);
TillDb       *till_books_get_db (TillBooks *self);
const guint8 *till_books_get_key (TillBooks *self);
gboolean      till_books_has_fault (TillBooks *self);
void          till_books_write (TillBooks     *self,
                                TillBooksFunc  func,
                                TillBooksDone  done,
                                gpointer       data,
                                GDestroyNotify destroy);
gboolean      till_books_write_now (TillBooks    *self,
                                    TillBooksFunc func,
                                    gpointer      data,
                                    GError      **error);
void          till_books_flush (TillBooks *self);
const char   *till_books_get_path (TillBooks *self);
gboolean      till_books_backup (const char   *books_path,
                                 const guint8 *key,
                                 const char   *part,
                                 const char   *path,
                                 GError      **error);
void          till_books_append_text (GString    *row,
                                      const char *text);
void          till_books_append_int (GString *row,
                                     gint64   value);
char         *till_books_sign (TillBooks  *self,
                               const char *previous,
                               const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillBooks, till_books_close)

G_END_DECLS
