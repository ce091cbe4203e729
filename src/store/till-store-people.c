/*
 * till-store-people.c: operators and settings
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-store-people.h"

/**
 * till_store_add_operator:
 * @books: the books, in a transaction
 * @name: what the person signs in with
 * @display_name: what stands on receipts
 * @role: what the person may do
 * @password_hash: an argon2id string; "!" for one who never signs in
 * @id: (out): the person's number
 * @error: return location for a #GError
 *
 * Returns: %TRUE when added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when the name is taken)
 *   otherwise
 */
gboolean
till_store_add_operator (TillBooks  *books,
                         const char *name,
                         const char *display_name,
                         TillRole    role,
                         const char *password_hash,
                         gint64     *id,
                         GError    **error)
{
  return till_db_get_int (till_books_get_db (books), id, error,
                          "INSERT INTO operator (site, name, display_name, role, password_hash, "
                          "active, created_ms) VALUES (1, $1, $2, $3, $4, 1, $5) RETURNING id",
                          "ssssi", name, display_name, till_enum_to_nick (TILL_TYPE_ROLE, role),
                          password_hash, till_clock_now_ms ());
}

static TillOperator *
operator_from_row (TillStmt *stmt)
{
  TillOperator *person = till_operator_new ();
  int role = TILL_ROLE_CLERK;

  person->id = till_stmt_get_int (stmt, 0);
  person->name = g_strdup (till_stmt_get_text (stmt, 1));
  person->display_name = g_strdup (till_stmt_get_text (stmt, 2));
  till_enum_from_nick (TILL_TYPE_ROLE, till_stmt_get_text (stmt, 3), &role);
  person->role = (TillRole)role;

  return person;
}

/**
 * till_store_find_operator:
 * @books: the books
 * @name: what the person signs in with
 * @person: (out) (transfer full) (nullable): the person, %NULL when there is none
 * @password_hash: (out) (transfer full) (optional): the kept hash
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_find_operator (TillBooks     *books,
                          const char    *name,
                          TillOperator **person,
                          char         **password_hash,
                          GError       **error)
{
  TillStmt *stmt;
  int rc;

  *person = NULL;
  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT id, name, display_name, role, password_hash FROM operator "
                        "WHERE site = 1 AND name = $1 AND active = 1", "s", name);
  if (stmt == NULL || (rc = till_stmt_step (stmt, error)) < 0)
    return FALSE;

  if (rc == 1)
    {
      *person = operator_from_row (stmt);
      if (password_hash != NULL)
        *password_hash = g_strdup (till_stmt_get_text (stmt, 4));
    }

  till_stmt_reset (stmt);
  return TRUE;
}

/**
 * till_store_get_operator:
 * @books: the books
 * @id: a person's number
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the person, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN)
 */
TillOperator *
till_store_get_operator (TillBooks *books,
                         gint64     id,
                         GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT id, name, display_name, role FROM operator "
                                  "WHERE id = $1 AND active = 1", "i", id);
  const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;
  TillOperator *person = NULL;

  if (rc == 1)
    {
      person = operator_from_row (stmt);
      till_stmt_reset (stmt);
    }
  else if (rc == 0)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                   "there is no operator number %" G_GINT64_FORMAT, id);
    }

  return person;
}

/**
 * till_store_list_operators:
 * @books: the books
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillOperator): all who may sign in; or %NULL with @error
 *   set
 */
GPtrArray *
till_store_list_operators (TillBooks *books,
                           GError   **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_operator_unref);
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT id, name, display_name, role FROM operator "
                                  "WHERE site = 1 AND active = 1 AND password_hash <> '!' "
                                  "ORDER BY id", "");
  int rc;

  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_ptr_array_add (list, operator_from_row (stmt));

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

gboolean
till_store_set_setting (TillBooks  *books,
                        const char *key,
                        const char *value,
                        GError    **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO setting (site, key, value) VALUES (1, $1, $2) "
                      "ON CONFLICT (site, key) DO UPDATE SET value = excluded.value", "ss",
                      key, value);
}

/**
 * till_store_load_settings:
 * @books: the books
 * @values: (element-type utf8 utf8): filled with what was set; owns its keys and values
 * @error: return location for a #GError
 *
 * Returns: %TRUE when they were read, %FALSE with @error set otherwise
 */
gboolean
till_store_load_settings (TillBooks  *books,
                          GHashTable *values,
                          GError    **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT key, value FROM setting WHERE site = 1", "");
  int rc;

  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    g_hash_table_replace (values, g_strdup (till_stmt_get_text (stmt, 0)),
                          g_strdup (till_stmt_get_text (stmt, 1)));

  return rc == 0;
}
