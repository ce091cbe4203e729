/*
 * till-demo.c: the simulator that plays the meters of the demo
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>

#include "till-demo-private.h"
#include "till-http.h"

#define SITE_FILE "demo-site.csv"
#define STATE_FILE "demo-meters.state"
#define CONTROL_FILE "simulator.sock"
#define LOG_FILE "simulator.log"
#define GATEWAY_DIR "demo-gateway"
#define GATEWAY_SETTINGS "settings.ini"
#define SIMULATOR "tillwatt-simulator"

/* Below the ports the kernel gives to clients, so that nobody gets one of ours by chance. */
#define PORT_FIRST 20000
#define PORT_END 32000
#define PORT_STEP 16

#define READY_LINE_MAX 65536
#define STOP_MS 5000
#define KILL_MS 2000
#define LOG_SHOWN_BYTES 600

struct _TillDemo
{
  GSubprocess  *process;
  GCancellable *watch;
  char         *log_path;
  TillDemoGone  gone;
  gpointer      user_data;
};

G_DEFINE_QUARK (till_demo_error, till_demo_error)

static gboolean
is_port_free (GInetAddress *loopback,
              guint16       port,
              GPtrArray    *held)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                            G_SOCKET_PROTOCOL_TCP, NULL);

  if (socket == NULL || !g_socket_bind (socket, address, TRUE, NULL) ||
      !g_socket_listen (socket, NULL))
    return FALSE;

  /* Held until the whole run is known to be free. */
  g_ptr_array_add (held, g_steal_pointer (&socket));
  return TRUE;
}

static gboolean
is_run_free (guint16 first_port)
{
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GPtrArray) held = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint16 i = 0; i < TILL_DEMO_N_LINES; i++)
    if (!is_port_free (loopback, (guint16)(first_port + i), held))
      return FALSE;

  return TRUE;
}

/* Each folder begins to look at a place of its own, so that two demos seldom meet. */
static gboolean
find_ports (const char *data_dir,
            guint16    *first_port,
            GError    **error)
{
  const guint n = (PORT_END - PORT_FIRST) / PORT_STEP;
  const guint from = g_str_hash (data_dir) % n;

  for (guint i = 0; i < n; i++)
    {
      const guint16 port = (guint16)(PORT_FIRST + (from + i) % n * PORT_STEP);

      if (is_run_free (port))
        {
          *first_port = port;
          return TRUE;
        }
    }

  g_set_error (error, TILL_DEMO_ERROR, TILL_DEMO_ERROR_NO_PORTS,
               "no %d free ports in a row between %d and %d for the demo's lines; end other demos",
               TILL_DEMO_N_LINES, PORT_FIRST, PORT_END);
  return FALSE;
}

/**
 * till_demo_ensure:
 * @data_dir: the folder of the demo, which is there
 * @csv_path: (out) (transfer full): the path of its table
 * @error: return location for a #GError
 *
 * Makes the table of the demo on the first start, with ports that are free now. Later starts keep
 * it, for the books hold its lines.
 *
 * Returns: %TRUE when the table is there, %FALSE with @error set otherwise
 */
gboolean
till_demo_ensure (const char *data_dir,
                  char      **csv_path,
                  GError    **error)
{
  g_autofree char *path = NULL;
  g_autofree char *csv = NULL;
  guint16 port = 0;

  g_return_val_if_fail (data_dir != NULL && csv_path != NULL, FALSE);

  path = g_build_filename (data_dir, SITE_FILE, NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      if (!find_ports (data_dir, &port, error))
        return FALSE;

      csv = till_demo_make_csv (port);
      if (!g_file_set_contents_full (path, csv, -1,
                                     G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                     0600, error))
        return FALSE;
    }

  *csv_path = g_steal_pointer (&path);
  return TRUE;
}

/* Beside this program, in its build tree, in libexec, or anywhere the user keeps programs. */
static char *
find_simulator (GError **error)
{
  static const char *const places[] = {
    ".", "simulator", "../simulator", "../src/simulator", "../../src/simulator", "../libexec",
    "../libexec/tillwatt",
  };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = self != NULL ? g_path_get_dirname (self) : NULL;
  char *found;

  for (gsize i = 0; dir != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (dir, places[i], SIMULATOR, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_canonicalize_filename (path, NULL);
    }

  found = g_find_program_in_path (SIMULATOR);
  if (found == NULL)
    g_set_error (error, TILL_DEMO_ERROR, TILL_DEMO_ERROR_NO_SIMULATOR,
                 "“%s” is neither beside this program nor in PATH; install Tillwatt anew, whole",
                 SIMULATOR);

  return found;
}

/* The end of what the simulator complained about, in one line. */
static char *
read_complaint (const char *log_path)
{
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  gsize length = 0;

  if (!g_file_get_contents (log_path, &text, &length, NULL) || length == 0)
    return g_strdup ("it said nothing");

  valid = g_utf8_make_valid (text + (length > LOG_SHOWN_BYTES ? length - LOG_SHOWN_BYTES : 0), -1);
  return g_strdelimit (g_strdup (g_strstrip (valid)), "\n", ' ');
}

static void
set_ended (GError  **error,
           TillDemo *self)
{
  g_autofree char *complaint = read_complaint (self->log_path);

  if (g_subprocess_get_identifier (self->process) == NULL &&
      g_subprocess_get_if_signaled (self->process))
    g_set_error (error, TILL_DEMO_ERROR, TILL_DEMO_ERROR_ENDED,
                 "the simulator of the demo was killed by signal %d (%s); start the demo again",
                 g_subprocess_get_term_sig (self->process), complaint);
  else
    g_set_error (error, TILL_DEMO_ERROR, TILL_DEMO_ERROR_ENDED,
                 "the simulator of the demo ended (%s); when a port is taken, end the program that "
                 "holds it and start again, or take another folder with --data-dir", complaint);
}

static GSubprocess *
spawn (const char *data_dir,
       const char *log_path,
       GError    **error)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autofree char *program = find_simulator (error);
  g_autofree char *site = g_build_filename (data_dir, SITE_FILE, NULL);
  g_autofree char *state = g_build_filename (data_dir, STATE_FILE, NULL);
  g_autofree char *control = g_build_filename (data_dir, CONTROL_FILE, NULL);
  g_autofree char *gateway = g_build_filename (data_dir, GATEWAY_DIR, NULL);

  if (program == NULL)
    return NULL;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_set_stderr_file_path (launcher, log_path);
  return g_subprocess_launcher_spawn (launcher, error, program, "--site", site, "--state", state,
                                      "--control", control, "--gateway", gateway,
                                      "--die-with-parent", "--count-rule", "guarded", NULL);
}

static void
on_stopped_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  gboolean *ended = user_data;

  *ended = g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

/* Waits in a context of its own, so that nothing else of the caller happens meanwhile. */
static gboolean
wait_ended (GSubprocess *process,
            guint        timeout_ms)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GCancellable) late = g_cancellable_new ();
  g_autoptr(GSource) timeout = g_timeout_source_new (timeout_ms);
  gboolean ended = FALSE;

  g_main_context_push_thread_default (context);
  g_source_set_callback (timeout, on_timeout_cb, late, NULL);
  g_source_attach (timeout, context);
  g_subprocess_wait_async (process, late, on_stopped_cb, &ended);

  while (!ended && !g_cancellable_is_cancelled (late))
    g_main_context_iteration (context, TRUE);

  /* The answer to a cancelled wait is still under way, and points at this frame. */
  while (g_main_context_iteration (context, FALSE))
    ;

  g_source_destroy (timeout);
  g_main_context_pop_thread_default (context);
  return ended;
}

static gboolean
is_ready_line (const GString *line)
{
  return strstr (line->str, "\"event\":\"ready\"") != NULL;
}

/* Reads until the first line is whole. Waits with poll(): the caller's context must not turn. */
static gboolean
wait_ready (TillDemo *self,
            gint64    timeout_ms,
            GError  **error)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (self->process);
  const int fd = g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (stream));
  const gint64 until_us = g_get_monotonic_time () + timeout_ms * 1000;
  g_autoptr(GString) line = g_string_new (NULL);

  while (line->len < READY_LINE_MAX && strchr (line->str, '\n') == NULL)
    {
      const gint64 left_us = until_us - g_get_monotonic_time ();
      struct pollfd waiting = { .fd = fd, .events = POLLIN };
      char bytes[1024];
      gssize n;

      if (left_us <= 0)
        {
          g_set_error (error, TILL_DEMO_ERROR, TILL_DEMO_ERROR_NOT_READY,
                       "the simulator of the demo was not ready within %" G_GINT64_FORMAT
                       " ms; start again when this computer is less busy", timeout_ms);
          return FALSE;
        }

      if (poll (&waiting, 1, (int)(left_us / 1000) + 1) <= 0)
        continue;

      n = read (fd, bytes, sizeof bytes);
      if (n < 0 && errno == EINTR)
        continue;

      if (n <= 0)
        {
          /* Its end of the pipe closes before all it said is sure to be in the log. */
          wait_ended (self->process, STOP_MS);
          set_ended (error, self);
          return FALSE;
        }

      g_string_append_len (line, bytes, n);
    }

  if (is_ready_line (line))
    return TRUE;

  g_set_error (error, TILL_DEMO_ERROR, TILL_DEMO_ERROR_NOT_READY,
               "“%s” says something else than that it is ready; install Tillwatt anew, whole",
               SIMULATOR);
  return FALSE;
}

static void
on_process_ended_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) local = NULL;
  TillDemo *self = user_data;

  /* Stopped: @self may be gone. */
  if (!g_subprocess_wait_finish (G_SUBPROCESS (source), result, &local))
    return;

  set_ended (&error, self);
  if (self->gone != NULL)
    self->gone (error, self->user_data);
}

/**
 * till_demo_start:
 * @data_dir: the folder of the demo, with its table (till_demo_ensure())
 * @timeout_ms: how long to wait for it to be ready, 1 to 600000
 * @gone: (nullable): called when it ends by itself later
 * @user_data: handed to @gone
 * @error: return location for a #GError
 *
 * Starts the simulator and waits until its meters can be asked. The simulator ends with the THREAD
 * that called this, so that it never outlives the program; call it in a thread that stays. That
 * thread's default context has to run for @gone to be called.
 *
 * Returns: (transfer full): the demo, to be stopped with till_demo_stop(); %NULL with @error set
 *   (%TILL_DEMO_ERROR_ENDED when a port is taken, with the port in the message)
 */
TillDemo *
till_demo_start (const char  *data_dir,
                 gint64       timeout_ms,
                 TillDemoGone gone,
                 gpointer     user_data,
                 GError     **error)
{
  g_autoptr(TillDemo) self = g_new0 (TillDemo, 1);

  g_return_val_if_fail (data_dir != NULL, NULL);
  g_return_val_if_fail (timeout_ms >= 1 && timeout_ms <= 600000, NULL);

  self->log_path = g_build_filename (data_dir, LOG_FILE, NULL);
  self->gone = gone;
  self->user_data = user_data;
  self->process = spawn (data_dir, self->log_path, error);

  if (self->process == NULL || !wait_ready (self, timeout_ms, error))
    return NULL;

  /* It has said all it says; what came after would fill the pipe with nobody reading. */
  g_input_stream_close (g_subprocess_get_stdout_pipe (self->process), NULL, NULL);

  self->watch = g_cancellable_new ();
  g_subprocess_wait_async (self->process, self->watch, on_process_ended_cb, self);
  return g_steal_pointer (&self);
}

/**
 * till_demo_get_pid:
 * @self: a demo
 *
 * Returns: the process id of the simulator, 0 when it has ended
 */
gint64
till_demo_get_pid (TillDemo *self)
{
  const char *text;

  g_return_val_if_fail (self != NULL, 0);

  text = g_subprocess_get_identifier (self->process);
  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

/**
 * till_demo_stop:
 * @self: (transfer full) (nullable): a demo
 *
 * Ends the simulator, which keeps its meters for the next start, and waits for that, seven seconds
 * at most. Called in the thread of till_demo_start().
 */
void
till_demo_stop (TillDemo *self)
{
  if (self == NULL)
    return;

  if (self->watch != NULL)
    g_cancellable_cancel (self->watch);

  if (self->process != NULL && g_subprocess_get_identifier (self->process) != NULL)
    {
      g_subprocess_send_signal (self->process, SIGTERM);
      if (!wait_ended (self->process, STOP_MS))
        {
          g_warning ("the simulator of the demo did not end when asked and was killed");
          g_subprocess_force_exit (self->process);
          wait_ended (self->process, KILL_MS);
        }
    }

  g_clear_object (&self->watch);
  g_clear_object (&self->process);
  g_free (self->log_path);
  g_free (self);
}

/**
 * till_demo_configure:
 * @data_dir: the folder of the demo, its simulator started
 * @config: the settings, of which those of the gateways are set, for this run only
 * @error: return location for a #GError
 *
 * Has the demo use the simulated gateways.
 *
 * Returns: %TRUE when they were set, %FALSE with @error set otherwise
 */
gboolean
till_demo_configure (const char *data_dir,
                     TillConfig *config,
                     GError    **error)
{
  g_autofree char *path = g_build_filename (data_dir, GATEWAY_DIR, GATEWAY_SETTINGS, NULL);
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_auto(GStrv) keys = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error))
    return FALSE;

  keys = g_key_file_get_keys (file, "settings", NULL, error);
  for (char **key = keys; key != NULL && *key != NULL; key++)
    {
      g_autofree char *value = g_key_file_get_string (file, "settings", *key, error);

      if (value == NULL || !till_config_set (config, *key, value, error))
        return FALSE;
    }

  return keys != NULL;
}

static void
on_paid_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(TillHttpReply) reply = till_http_call_finish (result, &error);

  till_http_free (g_object_steal_data (G_OBJECT (task), "http"));
  if (reply == NULL)
    g_task_return_error (task, error);
  else if (reply->status >= 300)
    g_task_return_new_error (task, TILL_NET_ERROR, TILL_NET_ERROR_REFUSED,
                             "the simulated gateway says %u", reply->status);
  else
    g_task_return_pointer (task, g_strdup ("paid"), g_free);
}

/**
 * till_demo_pay:
 * @url: the code of an order at the simulated gateway
 * @task: returns a word when it is paid
 *
 * Pays like the phone of a customer would.
 */
void
till_demo_pay (const char *url,
               GTask      *task)
{
  TillHttp *http = till_http_new ();
  const TillHttpCall call = { .method = "POST", .url = url };

  g_object_set_data (G_OBJECT (task), "http", http);
  till_http_call_async (http, &call, NULL, on_paid_cb, g_object_ref (task));
}
