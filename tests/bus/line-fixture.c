/*
 * line-fixture.c: a line, a peer in a process of its own, and what the line said
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "line-fixture.h"

/* Starts a peer and waits until it says “ready PORT”. */
GSubprocess *
line_fixture_spawn (const char *script,
                    const char *first,
                    const char *second,
                    char      **port)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "bus", script, NULL);
  g_autoptr(GDataInputStream) lines = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *line = NULL;
  GSubprocess *peer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/usr/bin/python3",
                                        path, first, second, NULL);

  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (peer));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (line != NULL && g_str_has_prefix (line, "ready "));

  if (port != NULL)
    *port = g_strdup (line + strlen ("ready "));

  return peer;
}

static void
on_reading (TillLine          *line,
            gint64             meter_id,
            const TillReading *reading,
            const GError      *error,
            gpointer           user_data)
{
  LineFixture *self = user_data;

  g_assert_true ((reading == NULL) != (error == NULL));

  if (error != NULL)
    {
      g_clear_error (&self->last_error);
      self->last_error = g_error_copy (error);
      self->n_errors++;
      return;
    }

  self->last_reading = *reading;
  self->n_readings++;
}

static void
on_job (TillLine *line,
        TillJob  *job,
        gpointer  user_data)
{
  LineFixture *self = user_data;

  g_clear_pointer (&self->job, till_job_free);
  self->job = job;
  self->n_jobs++;
}

static void
on_state (TillLine     *line,
          TillLineState state,
          const char   *message,
          gpointer      user_data)
{
  LineFixture *self = user_data;

  g_free (self->message);
  self->message = g_strdup (message);
  self->state = state;
  self->n_states++;
}

/* Makes and starts a line; @config->address may be %NULL for the peer's. */
void
line_fixture_open (LineFixture          *self,
                   const TillLineConfig *config)
{
  static const TillLineCallbacks callbacks = { on_reading, on_job, on_state };
  TillLineConfig own = *config;

  if (own.address == NULL)
    own.address = self->address;

  own.id = 1;
  self->line = till_line_new (&own, NULL, &callbacks, self);
  till_line_start (self->line);
}

/* Hands a job in and waits for it. The result belongs to the fixture. */
TillJob *
line_fixture_run (LineFixture *self,
                  TillJob     *job)
{
  const guint n_jobs = self->n_jobs;
  g_autoptr(GError) error = NULL;

  till_line_submit (self->line, job, &error);
  g_assert_no_error (error);

  while (self->n_jobs == n_jobs)
    g_main_context_iteration (NULL, TRUE);

  g_assert_true (self->job == job);
  g_assert_true (job->error != NULL || job->n_done == job->n_requests);
  g_test_message ("unit %u 0x%04x:%u → %s", job->unit, job->requests[0].address,
                  job->requests[0].count, job->error != NULL ? job->error->message : "good");
  return job;
}

/* Reads, and counts what is believed although it is wrong. */
TillJob *
line_fixture_read (LineFixture *self,
                   guint8       unit,
                   guint16      address,
                   guint16      count)
{
  const TillRequest request = { TILL_REQUEST_KIND_READ, address, count };
  TillJob *job = till_job_new (unit, TILL_JOB_PRIORITY_PERSON);

  till_job_add (job, &request);
  line_fixture_run (self, job);

  for (guint i = 0; job->error == NULL && i < count; i++)
    self->wrong += job->requests[0].values[i] != (guint16)(address + i + 256 * unit);

  g_assert_false (job->sent);
  return job;
}

TillJob *
line_fixture_write (LineFixture    *self,
                    guint8          unit,
                    TillRequestKind kind,
                    guint16         address)
{
  const TillRequest request = { kind, address, 2, { 1, 1 } };
  TillJob *job = till_job_new (unit, TILL_JOB_PRIORITY_COMMAND);

  till_job_add (job, &request);
  return line_fixture_run (self, job);
}

void
line_fixture_wait_state (LineFixture  *self,
                         TillLineState state)
{
  while (self->n_states == 0 || self->state != state)
    g_main_context_iteration (NULL, TRUE);
}

/* Stops the line; the peer stays. */
void
line_fixture_close (LineFixture *self)
{
  g_clear_pointer (&self->line, till_line_free);
}

void
line_fixture_clear (LineFixture *self)
{
  line_fixture_close (self);

  if (self->peer != NULL)
    {
      g_subprocess_force_exit (self->peer);
      g_subprocess_wait (self->peer, NULL, NULL);
    }

  g_clear_object (&self->peer);
  g_clear_pointer (&self->job, till_job_free);
  g_clear_error (&self->last_error);
  g_free (self->address);
  g_free (self->message);
}

/* A port that nobody listens on at this moment. */
guint16
line_fixture_free_port (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  g_assert_cmpuint (port, !=, 0);
  return port;
}
