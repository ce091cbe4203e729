/*
 * till-application.c: the program with a window
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <signal.h>

#include <adwaita.h>
#include <glib-unix.h>
#include <glib/gi18n.h>

#include "till-application.h"
#include "till-desk.h"
#include "till-error-text.h"
#include "till-window.h"

#define RESOURCE_PATH "/org/tillwatt/Till"

/* A window that is not painted, because it is minimized or behind a locked screen, holds the engine
 * up no longer than this. */
#define ENGINE_AT_LATEST_MS 500

/* What lives for as long as the program has a window. */
typedef struct
{
  GApplication *app;
  TillEngine   *engine;
  TillDesk     *desk;
  gboolean      exit_after_startup;
  gboolean      painted;
  gboolean      started; /* the engine was told to start: it has to be stopped */
  guint         start_id;
  int           status;
} Startup;

static void
about_action (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  adw_show_about_window (window,
                         "application-name", _("Tillwatt"),
                         "application-icon", APP_ID,
                         "version", PACKAGE_VERSION,
                         "developer-name", _("The Tillwatt authors"),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         "comments", _("Sells electricity to the tenants of a mall in advance, "
                                       "and brings each amount to its meter exactly once."),
                         NULL);
}

static void
quit_action (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  if (window != NULL)
    gtk_window_close (window);
}

static void
colours_action (GSimpleAction *action,
                GVariant      *state,
                gpointer       user_data)
{
  const char *wanted = g_variant_get_string (state, NULL);
  AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;

  if (g_str_equal (wanted, "light"))
    scheme = ADW_COLOR_SCHEME_FORCE_LIGHT;
  else if (g_str_equal (wanted, "dark"))
    scheme = ADW_COLOR_SCHEME_FORCE_DARK;

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
  g_simple_action_set_state (action, state);
}

static const GActionEntry actions[] = {
  { "about", about_action },
  { "quit", quit_action },
  { "colours", NULL, "s", "'system'", colours_action },
};

static const struct
{
  const char *action;
  const char *keys[4];
} accelerators[] = {
  { "win.search", { "<Control>f", "F2", NULL } },
  { "win.page::counter", { "<Alt>1", NULL } },
  { "win.page::meters", { "<Alt>2", NULL } },
  { "win.page::review", { "<Alt>3", NULL } },
  { "win.page::orders", { "<Alt>4", NULL } },
  { "win.page::online", { "<Alt>5", NULL } },
  { "win.amount(100)", { "F3", NULL } },
  { "win.amount(200)", { "F4", NULL } },
  { "win.amount(500)", { "F11", NULL } },
  { "win.amount(1000)", { "F12", NULL } },
  { "win.method::cash", { "F5", NULL } },
  { "win.method::pos", { "F6", NULL } },
  { "win.method::transfer", { "F7", NULL } },
  { "win.pay-code", { "F8", NULL } },
  { "win.customer", { "<Shift>F8", NULL } },
  { "win.reprint", { "F9", NULL } },
  { "win.lock", { "<Control>l", NULL } },
  { "win.show-help-overlay", { "<Control>question", "F1", NULL } },
  { "app.quit", { "<Control>q", NULL } },
};

static void
on_fault_closed_cb (AdwMessageDialog *dialog,
                    const char       *response,
                    GApplication     *app)
{
  g_application_quit (app);
}

/* Without its books there is nothing this program could do: it says why and ends. */
static void
show_fault (GApplication *app,
            const GError *error)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (app));
  g_autofree char *text = g_strdup_printf ("%s\n\n%s", till_error_text (error), error->message);
  GtkWidget *dialog = adw_message_dialog_new (window, _("Tillwatt cannot start"), text);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("Close"));
  g_signal_connect (dialog, "response", G_CALLBACK (on_fault_closed_cb), app);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* For a script: one line of JSON for each thing that there is to wait for. */
static void
tell (const Startup *startup,
      const char    *event)
{
  if (startup->exit_after_startup)
    g_print ("{\"event\":\"%s\",\"monotonic_us\":%" G_GINT64_FORMAT "}\n", event,
             g_get_monotonic_time ());
}

static void
leave_when_ready (const Startup *startup)
{
  if (startup->exit_after_startup && startup->painted
      && till_engine_get_site (startup->engine) != NULL)
    g_application_quit (startup->app);
}

static void
on_engine_started_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  Startup *startup = user_data;
  g_autoptr(GError) error = NULL;

  if (till_engine_start_finish (TILL_ENGINE (source), result, &error))
    {
      tell (startup, "ready");
      leave_when_ready (startup);
      return;
    }

  g_message ("%s", error->message);
  startup->status = 1;
  if (startup->exit_after_startup)
    g_application_quit (startup->app);
  else if (g_application_get_default () != NULL)
    show_fault (startup->app, error);
}

/* The engine takes up its calls in their order, so whoever signs in before the books are open just
 * waits. */
static void
start_engine (Startup *startup)
{
  g_clear_handle_id (&startup->start_id, g_source_remove);
  if (startup->started)
    return;

  startup->started = TRUE;
  till_engine_start_async (startup->engine, NULL, on_engine_started_cb, startup);
}

static gboolean
on_start_due (gpointer user_data)
{
  Startup *startup = user_data;

  startup->start_id = 0;
  start_engine (startup);
  return G_SOURCE_REMOVE;
}

/* Only the first process of a folder comes here; another one raises its window. */
static void
on_startup_cb (GtkApplication *app,
               Startup        *startup)
{
  g_action_map_add_action_entries (G_ACTION_MAP (app), actions, G_N_ELEMENTS (actions), app);
  for (gsize i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (app, accelerators[i].action,
                                           (const char *const *)accelerators[i].keys);
}

/* The window stands: the machine is the engine's too from here on. The window's icon comes only now
 * because a lookup reads the whole icon theme. */
static void
on_first_frame_cb (GdkFrameClock *clock,
                   Startup       *startup)
{
  g_signal_handlers_disconnect_by_func (clock, on_first_frame_cb, startup);
  startup->painted = TRUE;
  tell (startup, "first-frame");
  start_engine (startup);
  gtk_window_set_default_icon_name (APP_ID);
  leave_when_ready (startup);
}

static void
on_activate_cb (GtkApplication *app,
                Startup        *startup)
{
  GtkWindow *window = gtk_application_get_active_window (app);
  GdkSurface *surface;

  if (window != NULL)
    {
      gtk_window_present (window);
      return;
    }

  window = GTK_WINDOW (till_window_new (app, startup->desk));
  gtk_window_present (window);
  startup->start_id = g_timeout_add (ENGINE_AT_LATEST_MS, on_start_due, startup);
  surface = gtk_native_get_surface (GTK_NATIVE (window));
  g_signal_connect (gdk_surface_get_frame_clock (surface), "after-paint",
                    G_CALLBACK (on_first_frame_cb), startup);
}

/* Another folder is another desk: it must not raise the window of the first one. */
static char *
make_application_id (const char *data_dir)
{
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "tillwatt", NULL);
  g_autofree char *hash = NULL;

  if (g_str_equal (own, data_dir))
    return g_strdup (APP_ID);

  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, data_dir, -1);
  return g_strdup_printf ("%s.d%.8s", APP_ID, hash);
}

/* The end of the session, or of the machine: as if the window was closed. */
static gboolean
on_terminate (gpointer user_data)
{
  g_application_quit (user_data);
  return G_SOURCE_CONTINUE;
}

/**
 * till_application_run:
 * @engine: the engine, not started yet
 * @data_dir: the data folder; receipts are kept in its folder `receipts`
 * @demo: whether all of it is simulated
 * @exit_after_startup: whether to leave when the first frame has been painted and the engine runs
 *
 * Shows the window until it is closed; starts the engine when the first frame has been painted, and
 * stops it. Called in the main thread, once; the locale and the text domain have been set before.
 *
 * Returns: the exit code of the program
 */
int
till_application_run (TillEngine *engine,
                      const char *data_dir,
                      gboolean    demo,
                      gboolean    exit_after_startup)
{
  g_autofree char *id = make_application_id (data_dir);
  g_autoptr(AdwApplication) app = adw_application_new (id, G_APPLICATION_DEFAULT_FLAGS);
  Startup startup = {
    .app = G_APPLICATION (app), .engine = engine, .exit_after_startup = exit_after_startup,
  };
  guint terminate_id;
  int status;

  g_return_val_if_fail (TILL_IS_ENGINE (engine), 1);
  g_return_val_if_fail (data_dir != NULL, 1);

  startup.desk = till_desk_new (engine, data_dir, demo);
  g_application_set_resource_base_path (G_APPLICATION (app), RESOURCE_PATH);
  g_signal_connect (app, "startup", G_CALLBACK (on_startup_cb), &startup);
  g_signal_connect (app, "activate", G_CALLBACK (on_activate_cb), &startup);
  terminate_id = g_unix_signal_add (SIGTERM, on_terminate, app);
  status = g_application_run (G_APPLICATION (app), 0, NULL);
  g_source_remove (terminate_id);
  g_clear_handle_id (&startup.start_id, g_source_remove);

  if (startup.started)
    till_engine_stop (engine);
  g_object_unref (startup.desk);

  return status != 0 ? status : startup.status;
}
