/*
 * till-verbs-do.c: the verbs that change something
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "till-audit.h"
#include "till-auth-private.h"
#include "till-cashier-private.h"
#include "till-clock.h"
#include "till-decision-private.h"
#include "till-gateways-private.h"
#include "till-id.h"
#include "till-import-private.h"
#include "till-poller-private.h"
#include "till-store-intents.h"
#include "till-store-orders.h"
#include "till-store-people.h"
#include "till-switcher-private.h"
#include "till-verb-private.h"

#define WAIT_STEP_MS 50
#define WAIT_MAX_S 3600
#define CODE_US (15 * G_USEC_PER_SEC)
#define IMPORT_BYTES_MAX (64 * 1024 * 1024)

/**
 * till_verb_parse_wait:
 * @self: a verb
 * @error: return location for a #GError
 *
 * Reads --wait.
 *
 * Returns: %TRUE when it can be read, %FALSE with @error set otherwise
 */
gboolean
till_verb_parse_wait (TillVerb *self,
                      GError  **error)
{
  const char *text = till_verb_option (self, "wait");
  guint64 seconds = 0;

  if (text != NULL &&
      !g_ascii_string_to_unsigned (text, 10, 0, WAIT_MAX_S, &seconds, NULL))
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                   "--wait takes seconds from 0 to %d, not “%s”", WAIT_MAX_S, text);
      return FALSE;
    }

  self->wait_until_us = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
  self->code_until_us = g_get_monotonic_time () + CODE_US;
  return TRUE;
}

/**
 * till_verb_wait_for:
 * @self: a verb
 * @check: called now and every little while, until it says %G_SOURCE_REMOVE
 */
void
till_verb_wait_for (TillVerb   *self,
                    GSourceFunc check)
{
  g_autoptr(GSource) source = NULL;

  if (check (self) == G_SOURCE_REMOVE)
    return;

  source = g_timeout_source_new (WAIT_STEP_MS);
  g_source_set_callback (source, check, self, NULL);
  g_source_attach (source, self->core->context);
}

/**
 * till_verb_must_wait:
 * @self: a verb
 *
 * Returns: whether --wait is not over yet
 */
gboolean
till_verb_must_wait (const TillVerb *self)
{
  return !self->core->offline && !self->core->stopping &&
         g_get_monotonic_time () < self->wait_until_us;
}

/*
 * recharge
 */

static gboolean
check_order_done (gpointer user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = till_store_get_order (self->core->books, self->subject, &error);
  g_autoptr(JsonBuilder) builder = NULL;

  if (order == NULL)
    {
      till_verb_fail (self, error);
      return G_SOURCE_REMOVE;
    }

  /* Of an online payment the code is worth a moment, whatever else is waited for. */
  if (order->attempt_state == TILL_ATTEMPT_STATE_CREATING && !self->core->offline &&
      g_get_monotonic_time () < self->code_until_us)
    return G_SOURCE_CONTINUE;

  if ((order->state == TILL_ORDER_STATE_PAID || order->state == TILL_ORDER_STATE_NEW) &&
      till_verb_must_wait (self))
    return G_SOURCE_CONTINUE;

  builder = json_builder_new ();
  json_builder_begin_object (builder);
  till_verb_put_order (builder, self->core, order);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
  till_verb_end (self, 0);

  return G_SOURCE_REMOVE;
}

static void
on_sold_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = g_task_propagate_pointer (G_TASK (result), &error);

  if (order == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  self->subject = g_strdup (order->id);
  till_verb_wait_for (self, check_order_done);
}

static gboolean
fill_sale (TillVerb *self,
           TillSale *sale,
           GError  **error)
{
  const TillAccount *account = till_core_find_account (self->core, self->words[1], error);
  const char *method = till_verb_option (self, "method");
  const char *meter_no = till_verb_option (self, "meter");
  const TillMeter *meter = NULL;
  int value = TILL_METHOD_CASH;

  if (account == NULL || !till_money_parse_sale (self->words[2], &sale->amount, error) ||
      !till_verb_parse_wait (self, error))
    return FALSE;

  if (meter_no != NULL)
    {
      meter = till_core_find_meter (self->core, meter_no, error);
      if (meter == NULL)
        return FALSE;
    }

  if (method == NULL || !till_enum_from_nick (TILL_TYPE_METHOD, method, &value))
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                           "say how it is paid: --method cash, pos, transfer, wechat or alipay");
      return FALSE;
    }

  sale->account_id = account->id;
  sale->meter_id = meter != NULL ? meter->id : 0;
  sale->method = (TillMethod)value;
  sale->operator_id = self->person->id;
  return TRUE;
}

void
till_verb_recharge (TillVerb *self)
{
  g_autofree char *key = g_strdup (till_verb_option (self, "key"));
  g_autoptr(GTask) task = NULL;
  g_autoptr(GError) error = NULL;
  TillSale sale = { 0 };

  if (!fill_sale (self, &sale, &error))
    {
      till_verb_fail (self, error);
      return;
    }

  if (key == NULL)
    key = till_id_new_key ();
  sale.key = key;
  task = g_task_new (NULL, NULL, on_sold_cb, self);
  till_cashier_sell (self->core, &sale, task);
}

/*
 * trip, auto, keep
 */

static void
put_intent (JsonBuilder      *builder,
            TillCore         *core,
            const TillIntent *intent)
{
  const TillMeter *meter = till_site_get_meter (core->site, intent->meter_id);

  till_verb_put_int (builder, "command", intent->id);
  till_verb_put_text (builder, "kind", till_enum_to_nick (TILL_TYPE_INTENT_KIND, intent->kind));
  till_verb_put_text (builder, "meter", meter != NULL ? meter->meter_no : NULL);
  till_verb_put_text (builder, "state",
                      till_enum_to_nick (TILL_TYPE_INTENT_STATE, intent->state));
  till_verb_put_bool (builder, "unknown", intent->unknown);
  if (intent->kind == TILL_INTENT_KIND_PURCHASE)
    {
      till_verb_put_text (builder, "order", intent->order_id);
      till_verb_put_yuan (builder, "amount", intent->amount);
      till_verb_put_int (builder, "count_before", intent->count_before);
      till_verb_put_int (builder, "count_new", intent->count_new);
      till_verb_put_yuan (builder, "balance_before", intent->balance_before);
    }
  till_verb_put_text (builder, "reason", intent->reason);
  if (intent->message != NULL)
    till_verb_put_text (builder, "message", intent->message);
}

static void
print_intent (TillVerb         *self,
              const TillIntent *intent)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_intent (builder, self->core, intent);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

static gboolean
check_command_done (gpointer user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillIntent) intent = till_store_get_intent (self->core->books, self->subject_id,
                                                        &error);

  if (intent == NULL)
    {
      till_verb_fail (self, error);
      return G_SOURCE_REMOVE;
    }

  if ((intent->state == TILL_INTENT_STATE_PENDING || intent->state == TILL_INTENT_STATE_SENDING) &&
      till_verb_must_wait (self))
    return G_SOURCE_CONTINUE;

  print_intent (self, intent);
  till_verb_end (self, intent->state == TILL_INTENT_STATE_REFUSED ||
                 intent->state == TILL_INTENT_STATE_BURNT ? 1 : 0);
  return G_SOURCE_REMOVE;
}

static void
on_commanded_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillIntent) intent = g_task_propagate_pointer (G_TASK (result), &error);

  if (intent == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  self->subject_id = intent->id;
  till_verb_wait_for (self, check_command_done);
}

static gboolean
fill_command (TillVerb    *self,
              TillCommand *command,
              GError     **error)
{
  const TillMeter *meter = till_core_find_meter (self->core, self->words[1], error);
  const char *until = till_verb_option (self, "until");
  int kind = TILL_INTENT_KIND_AUTO;

  if (meter == NULL || !till_verb_parse_wait (self, error) ||
      (until != NULL && !till_clock_parse (until, &command->until_ms, error)))
    return FALSE;

  till_enum_from_nick (TILL_TYPE_INTENT_KIND, self->words[0], &kind);
  if (kind == TILL_INTENT_KIND_KEEP && until == NULL)
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                           "say until when: keep METER --reason TEXT --until “2026-11-24 18:30”");
      return FALSE;
    }

  command->meter_id = meter->id;
  command->kind = (TillIntentKind)kind;
  command->reason = till_verb_option (self, "reason");
  command->operator_id = self->person->id;
  return TRUE;
}

void
till_verb_command (TillVerb *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GTask) task = NULL;
  TillCommand command = { 0 };

  if (!fill_command (self, &command, &error))
    {
      till_verb_fail (self, error);
      return;
    }

  task = g_task_new (NULL, NULL, on_commanded_cb, self);
  till_switcher_command (self->core, &command, task);
}

/*
 * review
 */

static void
on_decided_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillIntent) intent = g_task_propagate_pointer (G_TASK (result), &error);

  if (intent == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_intent (self, intent);
  till_verb_end (self, 0);
}

static void
list_reviews (TillVerb *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_store_list_open (self->core->books, TRUE, &error);

  if (list == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  for (guint i = 0; i < list->len; i++)
    print_intent (self, g_ptr_array_index (list, i));
  till_verb_end (self, 0);
}

void
till_verb_review (TillVerb *self)
{
  static const char *const words[] = { "credited", "resend", "return", NULL };
  g_autoptr(GTask) task = NULL;
  gint64 id = 0;
  int decision = 0;

  if (strcmp (self->words[1], "list") == 0 && self->n_words == 2)
    {
      list_reviews (self);
      return;
    }

  if (strcmp (self->words[1], "decide") != 0 || self->n_words != 4 ||
      !g_ascii_string_to_signed (self->words[2], 10, 1, G_MAXINT64, &id, NULL) ||
      !g_strv_contains (words, self->words[3]))
    {
      till_verb_usage (self, "review list or review decide COMMAND credited|resend|return "
                       "--reason TEXT");
      return;
    }

  while (strcmp (words[decision], self->words[3]) != 0)
    decision++;

  task = g_task_new (NULL, NULL, on_decided_cb, self);
  till_decision_make (self->core, id, (TillDecision)decision, till_verb_option (self, "reason"),
                      self->person->id, task);
}

/*
 * operator
 */

static void
print_person (TillVerb           *self,
              const TillOperator *person)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  till_verb_put_text (builder, "operator", person->name);
  till_verb_put_text (builder, "display", person->display_name);
  till_verb_put_text (builder, "role", till_enum_to_nick (TILL_TYPE_ROLE, person->role));
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

static void
on_operator_added_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOperator) person = g_task_propagate_pointer (G_TASK (result), &error);

  if (person == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_person (self, person);
  till_verb_end (self, 0);
}

static void
list_operators (TillVerb *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) names = till_store_list_operators (self->core->books, &error);

  if (names == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  for (guint i = 0; i < names->len; i++)
    print_person (self, g_ptr_array_index (names, i));
  till_verb_end (self, 0);
}

void
till_verb_operator (TillVerb *self)
{
  const char *word = till_verb_option (self, "role");
  g_autoptr(GTask) task = NULL;
  int role = TILL_ROLE_CLERK;

  if (strcmp (self->words[1], "list") == 0 && self->n_words == 2)
    {
      list_operators (self);
      return;
    }

  if (strcmp (self->words[1], "add") != 0 || self->n_words != 3 ||
      (word != NULL && !till_enum_from_nick (TILL_TYPE_ROLE, word, &role)))
    {
      till_verb_usage (self, "operator list or operator add NAME [--role clerk|senior|energy|admin|"
                       "auditor|installer] [--display TEXT]");
      return;
    }

  task = g_task_new (NULL, NULL, on_operator_added_cb, self);
  if (self->person->role != TILL_ROLE_ADMIN)
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                               "only an administrator adds operators");
      return;
    }

  /* The new one begins with the password of the call when no other is given. */
  till_auth_add_operator (self->core, self->person->name, self->words[2],
                          till_verb_option (self, "display"), (TillRole)role,
                          self->new_password != NULL ? self->new_password : self->password, task);
}

/*
 * config
 */

static void
print_setting (TillVerb   *self,
               const char *key)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  till_verb_put_text (builder, "key", key);
  till_verb_put_text (builder, "value", till_config_get (self->core->config, key));
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

static gboolean
write_setting (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  TillVerb *self = data;
  const char *key = self->words[2];
  const char *value = self->words[3] != NULL ? self->words[3] : "";
  g_autofree char *detail = g_strdup_printf ("%s → %s",
                                             till_config_get (self->core->config, key), value);

  return till_store_set_setting (books, key, value, error) &&
         till_audit_add (books, self->person->name, "config set", key, detail, error);
}

static void
set_setting (TillVerb *self)
{
  const char *key = self->words[2];
  const char *value = self->words[3] != NULL ? self->words[3] : "";
  g_autoptr(GError) error = NULL;

  if (self->person->role != TILL_ROLE_ADMIN && self->person->role != TILL_ROLE_INSTALLER)
    g_set_error_literal (&error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                         "only an administrator or installer changes settings");
  else if (till_config_check (key, value, &error) &&
           till_books_write_now (self->core->books, write_setting, self, &error))
    {
      if (till_config_set (self->core->config, key, value, &error))
        till_gateways_reload (self->core);
    }

  if (error != NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_setting (self, key);
  till_verb_end (self, 0);
}

void
till_verb_config (TillVerb *self)
{
  g_auto(GStrv) keys = till_config_list_keys ();

  if (strcmp (self->words[1], "set") == 0 && self->n_words >= 3)
    {
      set_setting (self);
    }
  else if (strcmp (self->words[1], "get") == 0 && self->n_words == 2)
    {
      for (guint i = 0; keys[i] != NULL; i++)
        print_setting (self, keys[i]);
      till_verb_end (self, 0);
    }
  else if (strcmp (self->words[1], "get") == 0 && self->n_words == 3)
    {
      if (till_config_get (self->core->config, self->words[2]) == NULL)
        {
          g_autoptr(GError) error = NULL;

          till_config_check (self->words[2], "", &error);
          till_verb_fail (self, error);
          return;
        }
      print_setting (self, self->words[2]);
      till_verb_end (self, 0);
    }
  else
    {
      till_verb_usage (self, "config get [KEY] or config set KEY VALUE");
    }
}

/*
 * import
 */

static void
print_import (TillVerb               *self,
              const TillImportResult *result)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  for (guint i = 0; result->faults != NULL && i < result->faults->len; i++)
    {
      json_builder_begin_object (builder);
      till_verb_put_text (builder, "fault", g_ptr_array_index (result->faults, i));
      json_builder_end_object (builder);
      till_verb_print (self, builder);
    }

  for (guint i = 0; result->warnings != NULL && i < result->warnings->len; i++)
    {
      json_builder_begin_object (builder);
      till_verb_put_text (builder, "warning", g_ptr_array_index (result->warnings, i));
      json_builder_end_object (builder);
      till_verb_print (self, builder);
    }

  json_builder_begin_object (builder);
  till_verb_put_int (builder, "rows", result->n_rows);
  till_verb_put_int (builder, "meters_added", result->n_meters_added);
  till_verb_put_int (builder, "unchanged", result->n_unchanged);
  till_verb_put_int (builder, "accounts", result->n_accounts);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

static GBytes *
read_file (TillVerb   *self,
           const char *name,
           GError    **error)
{
  g_autofree char *path = till_verb_path (self, name);
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  if (file == NULL)
    return NULL;

  if (g_mapped_file_get_length (file) > IMPORT_BYTES_MAX)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_LIMIT,
                   "%s is larger than %d MiB; import it in parts", path,
                   IMPORT_BYTES_MAX / (1024 * 1024));
      return NULL;
    }

  return g_bytes_new (g_mapped_file_get_contents (file), g_mapped_file_get_length (file));
}

/* New meters need lines: all of them are stopped, the site is read again, and all are started. */
static gboolean
reload (TillCore *core,
        GError  **error)
{
  const gboolean running = core->tick != NULL;

  if (running)
    till_poller_stop (core, 2000);

  return till_core_load (core, error) && (!running || till_poller_start (core, error));
}

void
till_verb_import (TillVerb *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_auto(TillImportResult) result = { 0 };
  gboolean good;

  if (self->person->role != TILL_ROLE_ADMIN && self->person->role != TILL_ROLE_INSTALLER)
    g_set_error_literal (&error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                         "only an administrator or installer imports a site");
  else
    bytes = read_file (self, self->words[1], &error);

  if (bytes == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  good = till_import_run (self->core->books, self->person->name, bytes, &result, &error) &&
         reload (self->core, &error);

  print_import (self, &result);
  if (good)
    till_verb_end (self, 0);
  else
    till_verb_fail (self, error);
}

/*
 * backup
 */

typedef struct
{
  char  *books_path;
  guint8 key[TILL_BOOKS_KEY_SIZE];
  char  *part;
  char  *path;
} Copy;

static void
copy_free (Copy *copy)
{
  g_free (copy->books_path);
  g_free (copy->part);
  g_free (copy->path);
  g_free (copy);
}

/* Runs in a thread of GLib's pool: a large file takes its time, and the clerk does not wait. */
static void
make_copy (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  const Copy *copy = task_data;
  GError *error = NULL;

  if (till_books_backup (copy->books_path, copy->key, copy->part, copy->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_copied_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  TillVerb *self = user_data;
  const Copy *copy = g_task_get_task_data (G_TASK (result));
  g_autoptr(JsonBuilder) builder = NULL;
  g_autoptr(GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      till_verb_fail (self, error);
      return;
    }

  builder = json_builder_new ();
  json_builder_begin_object (builder);
  till_verb_put_text (builder, "backup", copy->path);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
  till_verb_end (self, 0);
}

void
till_verb_backup (TillVerb *self)
{
  g_autofree char *path = till_verb_path (self, self->words[1]);
  g_autoptr(GError) error = NULL;
  g_autoptr(GTask) task = NULL;
  Copy *copy;

  if (self->person->role == TILL_ROLE_CLERK || self->person->role == TILL_ROLE_ENERGY)
    g_set_error (&error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                 "%s may not copy the books", self->person->display_name);
  else if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (&error, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE,
                 "%s is there already; name a new file", path);

  if (error != NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  till_books_flush (self->core->books);
  copy = g_new0 (Copy, 1);
  copy->books_path = g_strdup (till_books_get_path (self->core->books));
  memcpy (copy->key, till_books_get_key (self->core->books), sizeof copy->key);
  copy->part = g_strconcat (path, ".part", NULL);
  copy->path = g_steal_pointer (&path);

  task = g_task_new (NULL, NULL, on_copied_cb, self);
  g_task_set_task_data (task, copy, (GDestroyNotify)copy_free);
  g_task_run_in_thread (task, make_copy);
}
