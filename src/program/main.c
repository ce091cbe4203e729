/*
 * main.c: the program: a window, a service without one, or one verb
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-program"

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "till-application.h"
#include "till-ctl.h"
#include "till-engine.h"
#include "till-folder.h"

typedef struct
{
  char    *data_dir;
  gboolean demo;
  gboolean headless;
  gboolean exit_after_startup;
  gint     for_seconds;
} Options;

typedef struct
{
  GMainLoop     *loop;
  const Options *options;
  int            exit_code;
} Service;

static gboolean
on_quit (gpointer user_data)
{
  Service *self = user_data;

  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static void
on_started_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Service *self = user_data;
  g_autoptr(GError) error = NULL;
  const char *uri;

  if (!till_engine_start_finish (TILL_ENGINE (source), result, &error))
    {
      g_printerr ("tillwatt: %s\n", error->message);
      self->exit_code = 1;
      g_main_loop_quit (self->loop);
      return;
    }

  uri = till_engine_get_portal_uri (TILL_ENGINE (source));
  printf ("{\"event\":\"ready\",\"portal\":%s%s%s,\"pid\":%d}\n", *uri != '\0' ? "\"" : "",
          *uri != '\0' ? uri : "null", *uri != '\0' ? "\"" : "", (int)getpid ());
  fflush (stdout);

  if (self->options->exit_after_startup)
    g_main_loop_quit (self->loop);
}

static int
run_headless (TillEngine    *engine,
              const Options *options)
{
  Service self = { g_main_loop_new (NULL, FALSE), options, 0 };

  g_unix_signal_add (SIGTERM, on_quit, &self);
  g_unix_signal_add (SIGINT, on_quit, &self);
  if (options->for_seconds > 0)
    g_timeout_add_seconds ((guint)options->for_seconds, on_quit, &self);

  till_engine_start_async (engine, NULL, on_started_cb, &self);
  g_main_loop_run (self.loop);
  till_engine_stop (engine);
  g_main_loop_unref (self.loop);

  return self.exit_code;
}

static gboolean
on_window_over (gpointer user_data)
{
  GApplication *app = g_application_get_default ();

  if (app != NULL)
    g_application_quit (app);
  return G_SOURCE_REMOVE;
}

static gboolean
parse (Options *options,
       int     *argc,
       char  ***argv)
{
  const GOptionEntry entries[] = {
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->data_dir,
      N_("Folder of the site"), N_("DIR") },
    { "demo", 0, 0, G_OPTION_ARG_NONE, &options->demo,
      N_("A simulated site, in a folder of its own"), NULL },
    { "headless", 0, 0, G_OPTION_ARG_NONE, &options->headless,
      N_("Without a window"), NULL },
    { "for", 0, 0, G_OPTION_ARG_INT, &options->for_seconds,
      N_("End after so many seconds"), N_("SECONDS") },
    { "exit-after-startup", 0, 0, G_OPTION_ARG_NONE, &options->exit_after_startup,
      N_("End as soon as everything runs"), NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new (_("– sells electricity in advance"));
  g_autoptr(GError) error = NULL;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _("“tillwatt ctl VERB …” does one thing on the command "
                                           "line; “tillwatt ctl” lists the verbs."));
  if (g_option_context_parse (context, argc, argv, &error) && *argc == 1)
    return TRUE;

  g_printerr ("tillwatt: %s\n", error != NULL ? error->message : _("too many words; see --help"));
  return FALSE;
}

/* The catalogues lie in the build tree while the program runs from there. */
static void
bind_translations (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *here = self != NULL ? g_path_get_dirname (self) : g_strdup (".");
  g_autofree char *built = g_build_filename (here, "..", "po", NULL);

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, g_file_test (built, G_FILE_TEST_IS_DIR) ? built : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(TillEngine) engine = NULL;
  g_autofree char *data_dir = NULL;
  Options options = { 0 };

  /* Keys are in the memory of this process: no core file of it. */
  prctl (PR_SET_DUMPABLE, 0);
  signal (SIGPIPE, SIG_IGN);
  bind_translations ();

  if (argc > 1 && strcmp (argv[1], "ctl") == 0)
    return till_ctl_run (argc - 2, argv + 2);

  if (!parse (&options, &argc, &argv))
    return 2;

  data_dir = options.data_dir != NULL ? g_canonicalize_filename (options.data_dir, NULL)
                                      : till_folder_default (options.demo);
  g_free (options.data_dir);
  engine = till_engine_new (data_dir,
                            options.demo ? TILL_ENGINE_FLAGS_DEMO : TILL_ENGINE_FLAGS_NONE);

  if (options.headless)
    return run_headless (engine, &options);

  if (options.for_seconds > 0)
    g_timeout_add_seconds ((guint)options.for_seconds, on_window_over, NULL);

  return till_application_run (engine, data_dir, options.demo, options.exit_after_startup);
}
