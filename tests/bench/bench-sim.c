/*
 * bench-sim.c: a paced simulator in a process of its own, and what it counted
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <unistd.h>

#include "bench-sim.h"

static JsonObject *
parse (JsonParser *parser,
       const char *text)
{
  g_autoptr(GError) error = NULL;

  if (text == NULL || !json_parser_load_from_data (parser, text, -1, &error))
    g_error ("the simulator said “%s”: %s", text, error != NULL ? error->message : "nothing");

  return json_node_get_object (json_parser_get_root (parser));
}

static char *
meter_no_of (guint line,
             guint unit)
{
  return g_strdup_printf ("2026%04u%04u", line, unit);
}

static void
write_site (BenchSim   *self,
            const char *path)
{
  g_autoptr(GString) text = g_string_new ("line,line_kind,address,profile,meter_no,ct,baud\n");
  g_autoptr(GError) error = NULL;

  /* The name of a line is its address; a name of its own for each keeps them apart. */
  for (guint l = 0; l < self->n_lines; l++)
    for (guint u = 1; u <= self->n_units; u++)
      {
        g_autofree char *meter_no = meter_no_of (l, u);

        g_string_append_printf (text, "127.0.0.1:%u,rtu-tcp,%u,dtsy1352,%s,1,%d\n",
                                self->ports[l], u, meter_no, BENCH_BAUD);
      }

  if (!g_file_set_contents (path, text->str, -1, &error))
    g_error ("%s", error->message);
}

/* Ports that are free just now; the simulator is started right after. */
static void
choose_ports (BenchSim *self)
{
  g_autoptr(GPtrArray) listeners = g_ptr_array_new_with_free_func (g_object_unref);

  self->ports = g_new0 (guint16, self->n_lines);

  for (guint i = 0; i < self->n_lines; i++)
    {
      GSocketListener *listener = g_socket_listener_new ();

      g_ptr_array_add (listeners, listener);
      self->ports[i] = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
    }
}

static char *
find_simulator (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = g_path_get_dirname (self);

  return g_build_filename (dir, "..", "..", "src", "simulator", "tillwatt-simulator", NULL);
}

void
bench_sim_start (BenchSim *self,
                 guint     n_lines,
                 guint     n_units)
{
  g_autofree char *program = find_simulator ();
  g_autofree char *turnaround = g_strdup_printf ("%d", BENCH_TURNAROUND_MS);
  g_autofree char *site = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *line = NULL;
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GDataInputStream) out = NULL;
  g_autoptr(GError) error = NULL;

  *self = (BenchSim){ .n_lines = n_lines, .n_units = n_units };
  self->dir = g_dir_make_tmp ("till-bench-XXXXXX", NULL);
  site = g_build_filename (self->dir, "site.csv", NULL);
  socket = g_build_filename (self->dir, "control", NULL);
  choose_ports (self);
  write_site (self, site);
  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--site", site,
                                    "--control", socket, "--turnaround", turnaround,
                                    "--die-with-parent", NULL);

  if (self->process == NULL)
    g_error ("%s", error->message);

  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (out), FALSE);
  line = g_data_input_stream_read_line (out, NULL, NULL, NULL);

  if (line == NULL)
    g_error ("the simulator did not start");

  address = g_unix_socket_address_new (socket);
  self->control = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);

  if (self->control == NULL)
    g_error ("%s", error->message);

  self->answers = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (self->control)));
}

static char *
command (BenchSim   *self,
         const char *words)
{
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (self->control));
  g_autofree char *line = g_strdup_printf ("%s\n", words);
  g_autoptr(GError) error = NULL;

  if (!g_output_stream_write_all (out, line, strlen (line), NULL, NULL, &error))
    g_error ("%s", error->message);

  return g_data_input_stream_read_line (self->answers, NULL, NULL, NULL);
}

void
bench_sim_silence (BenchSim *self,
                   guint     line,
                   guint     unit)
{
  g_autofree char *meter_no = meter_no_of (line, unit);
  g_autofree char *words = g_strdup_printf ("set %s silent 1", meter_no);
  g_autofree char *answer = command (self, words);

  if (!g_str_has_prefix (answer, "{\"ok\":true"))
    g_error ("%s", answer);
}

void
bench_sim_get_stats (BenchSim      *self,
                     BenchSimStats *stats)
{
  g_autofree char *answer = command (self, "stats");
  g_autoptr(JsonParser) parser = json_parser_new ();
  JsonArray *lines = json_object_get_array_member (parse (parser, answer), "lines");

  *stats = (BenchSimStats){ 0 };

  for (guint i = 0; i < json_array_get_length (lines); i++)
    {
      JsonObject *line = json_array_get_object_element (lines, i);

      stats->busy_us += json_object_get_int_member (line, "busy_us");
      stats->last_us += json_object_get_int_member (line, "last_us");
      stats->replies += json_object_get_int_member (line, "replies");
      stats->early += json_object_get_int_member (line, "early");
      stats->frames += json_object_get_int_member (line, "frames");
    }
}

void
bench_sim_stop (BenchSim *self)
{
  g_autofree char *site = g_build_filename (self->dir, "site.csv", NULL);
  g_autofree char *socket = g_build_filename (self->dir, "control", NULL);

  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
  g_clear_object (&self->answers);
  g_clear_object (&self->control);
  g_unlink (site);
  g_unlink (socket);
  g_rmdir (self->dir);
  g_free (self->dir);
  g_free (self->ports);
}

/* T(n) of performance.md 1.1 at 9600 8N1: characters, turnaround, and one silence. */
gint64
bench_sim_exchange_us (gsize request,
                       gsize reply)
{
  const gint64 characters = (gint64)(request + reply) * 10 * 1000000 / BENCH_BAUD;

  return characters + BENCH_TURNAROUND_MS * 1000 + 35 * 1000000 / BENCH_BAUD;
}
