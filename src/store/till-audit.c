/*
 * till-audit.c: who did what when, in a chain
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-audit.h"
#include "till-clock.h"

/* All that a row says, for the chain. */
static GString *
row_text (gint64      site,
          gint64      at_ms,
          const char *operator_name,
          const char *action,
          const char *subject,
          const char *detail)
{
  GString *text = g_string_new (NULL);

  till_books_append_int (text, site);
  till_books_append_int (text, at_ms);
  till_books_append_text (text, operator_name);
  till_books_append_text (text, action);
  till_books_append_text (text, subject);
  till_books_append_text (text, detail);

  return text;
}

static gboolean
last_digest (TillBooks *books,
             char     **digest,
             GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT digest FROM audit ORDER BY seq DESC LIMIT 1", "");
  int rc;

  if (stmt == NULL || (rc = till_stmt_step (stmt, error)) < 0)
    return FALSE;

  *digest = g_strdup (rc == 1 ? till_stmt_get_text (stmt, 0) : "");
  till_stmt_reset (stmt);
  return TRUE;
}

/**
 * till_audit_add:
 * @books: the books, in a transaction
 * @operator_name: who
 * @action: what, one word or two
 * @subject: to which thing
 * @detail: before, after, why; in words or JSON; never a secret
 * @error: return location for a #GError
 *
 * Adds a row to the trail, chained to the row before under the key of the site.
 *
 * Returns: %TRUE when it was added, %FALSE with @error set otherwise
 */
gboolean
till_audit_add (TillBooks  *books,
                const char *operator_name,
                const char *action,
                const char *subject,
                const char *detail,
                GError    **error)
{
  const gint64 now_ms = till_clock_now_ms ();
  g_autoptr(GString) text = row_text (TILL_SITE, now_ms, operator_name, action, subject, detail);
  g_autofree char *previous = NULL;
  g_autofree char *digest = NULL;

  if (!last_digest (books, &previous, error))
    return FALSE;

  digest = till_books_sign (books, previous, text->str);

  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO audit (site, at_ms, operator, action, subject, detail, digest) "
                      "VALUES (1, $1, $2, $3, $4, $5, $6)", "isssss",
                      now_ms, operator_name, action, subject, detail, digest);
}

/**
 * till_audit_verify:
 * @books: the books
 * @faults: (element-type utf8): sentences are appended here, a few at most
 * @error: return location for a #GError
 *
 * Goes along the chain. The first row that does not fit is named.
 *
 * Returns: %TRUE when the trail could be read, %FALSE with @error set otherwise
 */
gboolean
till_audit_verify (TillBooks *books,
                   GPtrArray *faults,
                   GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT seq, site, at_ms, operator, action, subject, detail, "
                                  "digest "
                                  "FROM audit ORDER BY seq", "");
  g_autofree char *previous = g_strdup ("");
  gint64 expected = 1;
  int rc;

  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      g_autoptr(GString) text =
        row_text (till_stmt_get_int (stmt, 1), till_stmt_get_int (stmt, 2),
                  till_stmt_get_text (stmt, 3), till_stmt_get_text (stmt, 4),
                  till_stmt_get_text (stmt, 5), till_stmt_get_text (stmt, 6));
      g_autofree char *digest = till_books_sign (books, previous, text->str);
      const gint64 seq = till_stmt_get_int (stmt, 0);

      if (seq != expected || g_strcmp0 (digest, till_stmt_get_text (stmt, 7)) != 0)
        {
          g_ptr_array_add (faults, g_strdup_printf ("audit row %" G_GINT64_FORMAT
                                                    " was changed, or one before it is missing",
                                                    seq));
          till_stmt_reset (stmt);
          return TRUE;
        }

      expected = seq + 1;
      g_free (previous);
      previous = g_steal_pointer (&digest);
    }

  return rc == 0;
}
