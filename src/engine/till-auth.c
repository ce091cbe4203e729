/*
 * till-auth.c: passwords
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <argon2.h>
#include <string.h>
#include <sys/random.h>

#include "till-audit.h"
#include "till-auth-private.h"
#include "till-store-people.h"

/* argon2id with 19 MiB, two passes: 45 ms here; run in a small pool, never in the engine's thread.
   */
#define PASSES 2
#define MEMORY_KIB (19 * 1024)
#define LANES 1
#define SALT_SIZE 16
#define HASH_SIZE 32
#define ENCODED_SIZE 128
#define POOL_THREADS 2
#define NAME_MAX_LENGTH 32

typedef struct
{
  TillCore     *core;
  GTask        *task; /* of the caller */
  char         *by;
  char         *name;
  char         *display_name;
  char         *password;
  char         *hash; /* (nullable) in: what to verify against; out: what was made */
  TillRole      role;
  TillOperator *person; /* (nullable) */
  gboolean      good;
} Auth;

static void
auth_free (Auth *self)
{
  if (self->password != NULL)
    explicit_bzero (self->password, strlen (self->password));

  g_clear_object (&self->task);
  g_clear_pointer (&self->person, till_operator_unref);
  g_free (self->by);
  g_free (self->name);
  g_free (self->display_name);
  g_free (self->password);
  g_free (self->hash);
  g_free (self);
}

/* Runs in a thread of the pool. */
static void
reckon (gpointer data,
        gpointer user_data)
{
  g_autoptr(GTask) task = data;
  Auth *self = g_task_get_task_data (task);
  guint8 salt[SALT_SIZE];
  char encoded[ENCODED_SIZE];

  if (self->hash != NULL)
    {
      self->good = argon2id_verify (self->hash, self->password, strlen (self->password)) ==
                   ARGON2_OK;
    }
  else if (getrandom (salt, sizeof salt, 0) == sizeof salt &&
           argon2id_hash_encoded (PASSES, MEMORY_KIB, LANES, self->password,
                                  strlen (self->password), salt, sizeof salt, HASH_SIZE, encoded,
                                  sizeof encoded) == ARGON2_OK)
    {
      self->hash = g_strdup (encoded);
      self->good = TRUE;
    }

  g_task_return_boolean (task, self->good);
}

/* Has a password reckoned in the pool; @done is called in the engine's thread. */
static void
reckon_async (Auth               *self,
              GAsyncReadyCallback done)
{
  static GThreadPool *pool;
  static gsize made;
  GTask *task = g_task_new (NULL, NULL, done, NULL);

  if (g_once_init_enter (&made))
    {
      pool = g_thread_pool_new (reckon, NULL, POOL_THREADS, FALSE, NULL);
      g_once_init_leave (&made, 1);
    }

  g_task_set_task_data (task, self, (GDestroyNotify)auth_free);
  g_thread_pool_push (pool, task, NULL);
}

static gboolean
write_sign_in (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Auth *self = data;

  return till_audit_add (books, self->name, self->good ? "sign in" : "sign in refused", self->name,
                         "", error);
}

static void
on_sign_in_reckoned_cb (GObject      *source,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  Auth *self = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), NULL);
  self->good = self->good && self->person != NULL;

  if (!till_books_write_now (self->core->books, write_sign_in, self, &error))
    g_task_return_error (self->task, g_steal_pointer (&error));
  else if (self->good)
    g_task_return_pointer (self->task, g_steal_pointer (&self->person),
                           (GDestroyNotify)till_operator_unref);
  else
    g_task_return_new_error (self->task, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                             "the name or the password is wrong");
}

/**
 * till_auth_sign_in:
 * @core: the core
 * @name: who
 * @password: with what
 * @task: returns a #TillOperator
 *
 * Checks a password. A name that there is not takes as long as one that there is.
 */
void
till_auth_sign_in (TillCore   *core,
                   const char *name,
                   const char *password,
                   GTask      *task)
{
  /* The hash of nobody, so that the time tells nothing. */
  static const char *const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  Auth *self = g_new0 (Auth, 1);
  GError *error = NULL;

  self->core = core;
  self->task = g_object_ref (task);
  self->name = g_strndup (name, NAME_MAX_LENGTH);
  self->password = g_strndup (password, TILL_AUTH_PASSWORD_MAX + 1);

  if (!till_store_find_operator (core->books, self->name, &self->person, &self->hash, &error))
    {
      auth_free (self);
      g_task_return_error (task, error);
      return;
    }

  if (self->person == NULL || strcmp (self->hash, "!") == 0)
    {
      g_clear_pointer (&self->person, till_operator_unref);
      g_free (self->hash);
      self->hash = g_strdup (nobody);
    }

  reckon_async (self, on_sign_in_reckoned_cb);
}

static gboolean
write_operator (TillBooks *books,
                gpointer   data,
                GError   **error)
{
  Auth *self = data;
  gint64 id = 0;

  if (!till_store_add_operator (books, self->name, self->display_name, self->role, self->hash, &id,
                                error))
    {
      if (g_error_matches (*error, TILL_DB_ERROR, TILL_DB_ERROR_UNIQUE))
        {
          g_clear_error (error);
          g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE,
                       "there is an operator “%s” already", self->name);
        }
      return FALSE;
    }

  self->person = till_store_get_operator (books, id, error);
  return self->person != NULL &&
         till_audit_add (books, self->by, "operator add", self->name,
                         till_enum_to_nick (TILL_TYPE_ROLE, self->role), error);
}

static void
on_operator_reckoned_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  Auth *self = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), NULL);

  if (!self->good)
    g_task_return_new_error (self->task, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                             "there is not memory enough to keep a password");
  else if (!till_books_write_now (self->core->books, write_operator, self, &error))
    g_task_return_error (self->task, g_steal_pointer (&error));
  else
    g_task_return_pointer (self->task, g_steal_pointer (&self->person),
                           (GDestroyNotify)till_operator_unref);
}

/**
 * till_auth_add_operator:
 * @core: the core
 * @by: who adds
 * @name: what the person signs in with: letters, digits, - and _
 * @display_name: what stands on receipts
 * @role: what the person may do
 * @password: with what
 * @task: returns a #TillOperator
 *
 * Adds an operator.
 */
void
till_auth_add_operator (TillCore   *core,
                        const char *by,
                        const char *name,
                        const char *display_name,
                        TillRole    role,
                        const char *password,
                        GTask      *task)
{
  Auth *self;

  if (!g_regex_match_simple ("^[A-Za-z0-9_-]{1,32}$", name, 0, 0))
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                               "a name is 1 to 32 letters, digits, - or _, not “%s”", name);
      return;
    }

  if (password == NULL || strlen (password) < TILL_AUTH_PASSWORD_MIN ||
      strlen (password) > TILL_AUTH_PASSWORD_MAX)
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                               "a password has %d to %d octets; put it into TILLWATT_PASSWORD",
                               TILL_AUTH_PASSWORD_MIN, TILL_AUTH_PASSWORD_MAX);
      return;
    }

  self = g_new0 (Auth, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->by = g_strdup (by);
  self->name = g_strdup (name);
  self->display_name = g_strdup (display_name != NULL && *display_name != '\0' ? display_name
                                                                                : name);
  self->password = g_strdup (password);
  self->role = role;
  reckon_async (self, on_operator_reckoned_cb);
}
