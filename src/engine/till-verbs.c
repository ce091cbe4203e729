/*
 * till-verbs.c: the words of ctl
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-auth-private.h"
#include "till-clock.h"
#include "till-verb-private.h"

#define DEFAULT_OPERATOR "admin"

static const char *const usage =
  "usage: tillwatt ctl [--data-dir DIR] [--operator NAME] VERB … with VERB one of: init · "
  "config get [KEY] · config set KEY VALUE · import FILE.csv · operator list · "
  "operator add NAME [--role ROLE] [--display TEXT] · tenant list · tenant show TENANT · "
  "meter list · meter show METER · meter read METER · "
  "recharge TENANT AMOUNT --method cash|pos|transfer|wechat|alipay [--key KEY] "
  "[--meter METER] [--wait SECONDS] · order list · order show ORDER · order cancel ORDER · "
  "order check ORDER · refund ORDER [AMOUNT] --reason TEXT [--wait SECONDS] · refund list · "
  "stray list [all] · stray credit NUMBER --reason TEXT --tenant TENANT [--meter METER] · "
  "stray refund|dismiss NUMBER --reason TEXT · gateway list · "
  "reconcile wechat|alipay YYYYMMDD [FILE] · reconcile query|explain NUMBER [--reason TEXT] · "
  "trip METER --reason TEXT · "
  "auto METER [--reason TEXT] · keep METER --reason TEXT --until TIME · review list · "
  "review decide COMMAND credited|resend|return --reason TEXT · status · backup FILE · verify";

static const struct
{
  const char *word;
  void        (*run) (TillVerb *self);
  guint       n_words_min;
  guint       n_words_max;
} verbs[] = {
  { "init", NULL, 1, 1 },
  { "config", till_verb_config, 2, 4 },
  { "import", till_verb_import, 2, 2 },
  { "operator", till_verb_operator, 2, 3 },
  { "tenant", till_verb_tenant, 2, 3 },
  { "meter", till_verb_meter, 2, 3 },
  { "recharge", till_verb_recharge, 3, 3 },
  { "order", till_verb_order, 2, 3 },
  { "refund", till_verb_refund, 2, 3 },
  { "stray", till_verb_stray, 2, 3 },
  { "gateway", till_verb_gateway, 2, 2 },
  { "reconcile", till_verb_reconcile, 3, 4 },
  { "trip", till_verb_command, 2, 2 },
  { "auto", till_verb_command, 2, 2 },
  { "keep", till_verb_command, 2, 2 },
  { "review", till_verb_review, 2, 4 },
  { "status", till_verb_status, 1, 1 },
  { "backup", till_verb_backup, 2, 2 },
  { "verify", till_verb_verify, 1, 1 },
};

static const char *const option_names[] = {
  "role", "display", "method", "key", "meter", "wait",
  "reason", "until", "from", "to", "tenant", NULL,
};

void
till_verb_result_free (TillVerbResult *self)
{
  g_free (self->output);
  g_free (self);
}

void
till_verb_free (TillVerb *self)
{
  if (self->password != NULL)
    explicit_bzero (self->password, strlen (self->password));

  g_clear_object (&self->task);
  g_strfreev (self->arguments);
  g_hash_table_unref (self->options);
  g_free (self->new_password);
  g_free (self->directory);
  g_free (self->operator_name);
  g_free (self->password);
  g_clear_pointer (&self->person, till_operator_unref);
  g_string_free (self->output, TRUE);
  g_free (self->subject);
  g_free (self);
}

const char *
till_verb_option (TillVerb   *self,
                  const char *name)
{
  return g_hash_table_lookup (self->options, name);
}

/* A path as the caller of ctl means it. */
char *
till_verb_path (TillVerb   *self,
                const char *path)
{
  return g_canonicalize_filename (path, self->directory);
}

/**
 * till_verb_print:
 * @self: a verb
 * @builder: a whole object; left empty
 *
 * Adds a line of JSON to the answer.
 */
void
till_verb_print (TillVerb    *self,
                 JsonBuilder *builder)
{
  g_autoptr(JsonNode) root = json_builder_get_root (builder);
  g_autofree char *line = json_to_string (root, FALSE);

  g_string_append (self->output, line);
  g_string_append_c (self->output, '\n');
  json_builder_reset (builder);
}

/**
 * till_verb_end:
 * @self: (transfer full): a verb
 * @exit_code: 0, 1 or 2
 *
 * Answers with what was printed.
 */
void
till_verb_end (TillVerb *self,
               int       exit_code)
{
  TillVerbResult *result = g_new0 (TillVerbResult, 1);

  result->output = g_strdup (self->output->str);
  result->exit_code = exit_code;
  g_task_return_pointer (self->task, result, (GDestroyNotify)till_verb_result_free);
  till_verb_free (self);
}

static void
print_error (TillVerb   *self,
             const char *sentence)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  till_verb_put_text (builder, "error", sentence);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

/**
 * till_verb_fail:
 * @self: (transfer full): a verb
 * @error: why
 *
 * Answers with a sentence and exit code 1.
 */
void
till_verb_fail (TillVerb     *self,
                const GError *error)
{
  print_error (self, error->message);
  till_verb_end (self, 1);
}

/**
 * till_verb_usage:
 * @self: (transfer full): a verb
 * @sentence: what is wrong with its words
 *
 * Answers with a sentence and exit code 2.
 */
void
till_verb_usage (TillVerb   *self,
                 const char *sentence)
{
  print_error (self, sentence);
  till_verb_end (self, 2);
}

void
till_verb_put_text (JsonBuilder *builder,
                    const char  *name,
                    const char  *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
till_verb_put_int (JsonBuilder *builder,
                   const char  *name,
                   gint64       value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
till_verb_put_bool (JsonBuilder *builder,
                    const char  *name,
                    gboolean     value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

/* Money twice: in fen for programs (NAME_fen), in yuan for people (NAME). */
void
till_verb_put_yuan (JsonBuilder *builder,
                    const char  *name,
                    TillMoney    value)
{
  g_autofree char *fen_name = g_strconcat (name, "_fen", NULL);
  g_autofree char *text = till_money_format (value);

  till_verb_put_text (builder, name, text);
  till_verb_put_int (builder, fen_name, value);
}

void
till_verb_put_time (JsonBuilder *builder,
                    const char  *name,
                    gint64       at_ms)
{
  g_autofree char *text = at_ms != 0 ? till_clock_format_iso (at_ms) : NULL;

  till_verb_put_text (builder, name, text);
}

/*
 * init: the first operator
 */

static void
on_admin_added_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  self->person = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->person == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  json_builder_begin_object (builder);
  till_verb_put_text (builder, "data_dir", self->core->data_dir);
  till_verb_put_text (builder, "operator", self->person->name);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
  till_verb_end (self, 0);
}

static void
run_init (TillVerb *self)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, on_admin_added_cb, self);
  g_autoptr(GError) error = NULL;
  gint64 n = 0;

  if (!till_db_get_int (till_books_get_db (self->core->books), &n, &error,
                        "SELECT COUNT(*) FROM operator WHERE site = 1 AND name <> $1", "s",
                        TILL_CORE_SYSTEM_OPERATOR))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  if (n > 0)
    g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE,
                             "%s is set up already; sign in with --operator",
                             self->core->data_dir);
  else
    till_auth_add_operator (self->core, TILL_CORE_SYSTEM_OPERATOR, DEFAULT_OPERATOR,
                            DEFAULT_OPERATOR, TILL_ROLE_ADMIN, self->password, task);
}

/*
 * The way of a verb: words, person, deed
 */

static gboolean
parse (TillVerb *self)
{
  for (guint i = 0; self->arguments[i] != NULL; i++)
    {
      const char *word = self->arguments[i];

      if (!g_str_has_prefix (word, "--"))
        {
          if (self->n_words == TILL_VERB_WORDS_MAX)
            return FALSE;
          self->words[self->n_words++] = word;
        }
      else if (g_strv_contains (option_names, word + 2) && self->arguments[i + 1] != NULL)
        {
          g_hash_table_replace (self->options, (gpointer)(word + 2), self->arguments[++i]);
        }
      else
        {
          return FALSE;
        }
    }

  return self->n_words > 0;
}

static gssize
find_verb (const TillVerb *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].word, self->words[0]) == 0 && self->n_words >= verbs[i].n_words_min &&
        self->n_words <= verbs[i].n_words_max)
      return (gssize)i;

  return -1;
}

static void
on_signed_in_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;

  self->person = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->person == NULL)
    till_verb_fail (self, error);
  else
    verbs[find_verb (self)].run (self);
}

/**
 * till_verbs_run:
 * @core: the core
 * @arguments: the words after `ctl` and its own options
 * @directory: where the caller stands, for relative paths
 * @operator_name: (nullable): who asks; %NULL for `admin`
 * @password: (nullable): with what
 * @new_password: (nullable): of an operator that is added; %NULL for the same as @password
 * @task: returns a #TillVerbResult
 *
 * Runs one verb of the black-box interface as a person who is signed in for it.
 */
void
till_verbs_run (TillCore          *core,
                const char *const *arguments,
                const char        *directory,
                const char        *operator_name,
                const char        *password,
                const char        *new_password,
                GTask             *task)
{
  TillVerb *self = g_new0 (TillVerb, 1);
  g_autoptr(GTask) sign_in = NULL;
  gssize verb;

  self->core = core;
  self->task = g_object_ref (task);
  self->arguments = g_strdupv ((char **)arguments);
  self->options = g_hash_table_new (g_str_hash, g_str_equal);
  self->directory = g_strdup (directory);
  self->operator_name = g_strdup (operator_name != NULL ? operator_name : DEFAULT_OPERATOR);
  self->password = g_strdup (password != NULL ? password : "");
  self->new_password = g_strdup (new_password);
  self->output = g_string_new (NULL);

  verb = parse (self) ? find_verb (self) : -1;
  if (verb < 0)
    {
      till_verb_usage (self, usage);
      return;
    }

  if (verbs[verb].run == NULL)
    {
      run_init (self);
      return;
    }

  sign_in = g_task_new (NULL, NULL, on_signed_in_cb, self);
  till_auth_sign_in (core, self->operator_name, self->password, sign_in);
}
