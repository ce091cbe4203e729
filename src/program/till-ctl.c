/*
 * till-ctl.c: the black-box interface on the command line
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-program"

#include "config.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "till-ctl.h"
#include "till-engine.h"
#include "till-folder.h"

#define PASSWORD_VARIABLE "TILLWATT_PASSWORD"
#define NEW_PASSWORD_VARIABLE "TILLWATT_NEW_PASSWORD"

#define EXIT_USAGE 2

typedef struct
{
  char      *data_dir;
  char      *operator_name; /* (nullable) */
  char      *password;
  GPtrArray *words; /* ends with NULL */
} Ctl;

static void
ctl_clear (Ctl *self)
{
  if (self->password != NULL)
    explicit_bzero (self->password, strlen (self->password));

  g_free (self->data_dir);
  g_free (self->operator_name);
  g_free (self->password);
  g_clear_pointer (&self->words, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ctl, ctl_clear)

static void
print_error (const char *sentence)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, sentence);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);
  printf ("%s\n", line);
}

/* The password from the environment, or asked for on the terminal without showing it. */
static char *
get_password (void)
{
  const char *given = g_getenv (PASSWORD_VARIABLE);
  struct termios shown;
  struct termios hidden;
  char line[256] = "";

  if (given != NULL)
    return g_strdup (given);
  if (!isatty (STDIN_FILENO) || tcgetattr (STDIN_FILENO, &shown) != 0)
    return g_strdup ("");

  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t)ECHO;
  fputs ("Password: ", stderr);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
  if (fgets (line, sizeof line, stdin) == NULL)
    line[0] = '\0';
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  fputs ("\n", stderr);
  line[strcspn (line, "\r\n")] = '\0';

  return g_strdup (line);
}

static gboolean
parse (Ctl  *self,
       int   argc,
       char *argv[])
{
  self->words = g_ptr_array_new ();

  for (int i = 0; i < argc; i++)
    {
      const gboolean is_dir = strcmp (argv[i], "--data-dir") == 0;
      const gboolean is_operator = strcmp (argv[i], "--operator") == 0;

      if (!is_dir && !is_operator)
        {
          g_ptr_array_add (self->words, argv[i]);
          continue;
        }

      if (i + 1 == argc)
        return FALSE;
      if (is_dir)
        {
          g_free (self->data_dir);
          self->data_dir = g_strdup (argv[++i]);
        }
      else
        {
          g_free (self->operator_name);
          self->operator_name = g_strdup (argv[++i]);
        }
    }

  g_ptr_array_add (self->words, NULL);
  if (self->data_dir == NULL)
    self->data_dir = till_folder_default (FALSE);
  self->password = get_password ();

  return TRUE;
}

/*
 * Through the running instance
 */

static void
add_member (JsonBuilder *builder,
            const char  *name,
            const char  *value)
{
  if (value == NULL)
    return;

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static char *
make_call (const Ctl *self)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autofree char *directory = g_get_current_dir ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "arguments");
  json_builder_begin_array (builder);
  for (guint i = 0; i + 1 < self->words->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (self->words, i));
  json_builder_end_array (builder);
  add_member (builder, "directory", directory);
  add_member (builder, "operator", self->operator_name);
  add_member (builder, "password", self->password);
  add_member (builder, "new_password", g_getenv (NEW_PASSWORD_VARIABLE));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);

  return g_strconcat (line, "\n", NULL);
}

static GSocketConnection *
connect_to_instance (const Ctl *self)
{
  g_autoptr(GSocketAddress) address = till_folder_control_address (self->data_dir, NULL);
  g_autoptr(GSocketClient) client = g_socket_client_new ();

  if (address == NULL)
    return NULL;

  return g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
}

static int
call_instance (const Ctl         *self,
               GSocketConnection *connection)
{
  g_autofree char *call = make_call (self);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr(GDataInputStream) input = NULL;
  int exit_code = 1;
  gboolean ended = FALSE;
  char *line;

  input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_output_stream_write_all (output, call, strlen (call), NULL, NULL, NULL);

  while ((line = g_data_input_stream_read_line (input, NULL, NULL, NULL)) != NULL)
    {
      ended = sscanf (line, "{\"exit\":%d}", &exit_code) == 1;
      if (!ended)
        printf ("%s\n", line);
      g_free (line);
    }

  if (!ended)
    print_error ("the running program ended before it answered; look with “order list” whether it "
                 "was done, or call again with the same --key");
  return exit_code;
}

/*
 * Without one: the books are opened here
 */

typedef struct
{
  const Ctl *ctl;
  GMainLoop *loop;
  int        exit_code;
} Alone;

static void
on_verb_done_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Alone *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = till_engine_verb_finish (TILL_ENGINE (source), result,
                                                     &self->exit_code, &error);

  if (output != NULL)
    fputs (output, stdout);
  else
    print_error (error->message);

  g_main_loop_quit (self->loop);
}

static void
on_started_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Alone *self = user_data;
  g_autoptr(GError) error = NULL;

  if (till_engine_start_finish (TILL_ENGINE (source), result, &error))
    {
      till_engine_verb_async (TILL_ENGINE (source),
                              (const char *const *)self->ctl->words->pdata,
                              self->ctl->operator_name, self->ctl->password,
                              g_getenv (NEW_PASSWORD_VARIABLE), NULL, on_verb_done_cb, self);
      return;
    }

  print_error (error->message);
  g_main_loop_quit (self->loop);
}

static gboolean
has_books (const Ctl *self)
{
  g_autofree char *path = g_build_filename (self->data_dir, "books.db", NULL);
  g_autofree char *sentence = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS) ||
      g_strcmp0 (g_ptr_array_index (self->words, 0), "init") == 0)
    return TRUE;

  sentence = g_strdup_printf ("there are no books in %s; make them with “tillwatt ctl "
                              "--data-dir %s init”", self->data_dir, self->data_dir);
  print_error (sentence);
  return FALSE;
}

static int
run_alone (const Ctl *self)
{
  Alone alone = { self, NULL, 1 };
  g_autoptr(TillEngine) engine = NULL;

  if (!has_books (self))
    return 1;

  alone.loop = g_main_loop_new (NULL, FALSE);
  engine = till_engine_new (self->data_dir, TILL_ENGINE_FLAGS_OFFLINE);
  till_engine_start_async (engine, NULL, on_started_cb, &alone);
  g_main_loop_run (alone.loop);
  till_engine_stop (engine);
  g_main_loop_unref (alone.loop);

  return alone.exit_code;
}

/**
 * till_ctl_run:
 * @argc: how many words
 * @argv: the words after `ctl`
 *
 * Runs one verb: through the instance that owns the data folder when there is one, else on the
 * books themselves.
 *
 * Returns: the exit code: 0 done, 1 refused or failed, 2 usage
 */
int
till_ctl_run (int   argc,
              char *argv[])
{
  g_auto(Ctl) self = { 0 };
  g_autoptr(GSocketConnection) connection = NULL;

  if (!parse (&self, argc, argv))
    {
      print_error ("--data-dir takes a folder and --operator a name");
      return EXIT_USAGE;
    }

  connection = connect_to_instance (&self);
  return connection != NULL ? call_instance (&self, connection) : run_alone (&self);
}
