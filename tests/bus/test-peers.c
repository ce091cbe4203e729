/*
 * test-peers.c: lines against servers that others wrote, and against our simulator
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "line-fixture.h"

static void
assert_read (LineFixture *f,
             guint16      address,
             guint16      count)
{
  const TillRequest request = { TILL_REQUEST_KIND_READ, address, count };
  TillJob *job = till_job_new (2, TILL_JOB_PRIORITY_PERSON);

  job->retry_free = TRUE;
  till_job_add (job, &request);
  line_fixture_run (f, job);
  g_assert_no_error (job->error);

  for (guint i = 0; i < count; i++)
    g_assert_cmpuint (job->requests[0].values[i], ==, address + i);
}

/* What pymodbus makes of our frames, and we of its. */
static void
talk (LineFixture *f)
{
  TillJob *job;
  const TillRequest back = { TILL_REQUEST_KIND_READ, 0x0057, 2 };
  const TillRequest beyond = { TILL_REQUEST_KIND_READ, 0x4000, 2 };

  assert_read (f, 0x0200, 48);
  assert_read (f, 0x0043, 3);
  assert_read (f, 0x0000, 123);
  g_assert_no_error (line_fixture_write (f, 2, TILL_REQUEST_KIND_WRITE, 0x0057)->error);

  job = till_job_new (2, TILL_JOB_PRIORITY_PERSON);
  till_job_add (job, &back);
  line_fixture_run (f, job);
  g_assert_no_error (job->error);
  g_assert_cmpuint (job->requests[0].values[0], ==, 1);
  g_assert_cmpuint (job->requests[0].values[1], ==, 1);

  job = till_job_new (2, TILL_JOB_PRIORITY_PERSON);
  till_job_add (job, &beyond);
  line_fixture_run (f, job);
  g_assert_error (job->error, TILL_BUS_ERROR, TILL_BUS_ERROR_EXCEPTION);
  assert_read (f, 0x0200, 48);
}

static void
wait_up (LineFixture *f)
{
  /* The server says that it is ready before it listens; the line tries again by itself. */
  while (f->n_states == 0 || f->state != TILL_LINE_STATE_UP)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_pymodbus_socket (gconstpointer data)
{
  const TillLineKind kind = GPOINTER_TO_INT (data);
  g_autofree char *port = g_strdup_printf ("%u", line_fixture_free_port ());
  const TillLineConfig config = { .kind = kind, .timeout_ms = 3000 };
  LineFixture f = { 0 };

  f.address = g_strdup_printf ("127.0.0.1:%s", port);
  f.peer = line_fixture_spawn ("peer-pymodbus.py", kind == TILL_LINE_KIND_RTU_TCP ? "rtu" : "tcp",
                               port, NULL);
  line_fixture_open (&f, &config);
  wait_up (&f);
  talk (&f);
  line_fixture_clear (&f);
}

static void
test_pymodbus_tty (void)
{
  g_autofree char *dir = g_dir_make_tmp ("till-tty-XXXXXX", NULL);
  g_autofree char *near = g_build_filename (dir, "near", NULL);
  g_autofree char *far = g_build_filename (dir, "far", NULL);
  g_autofree char *a = g_strdup_printf ("pty,raw,echo=0,link=%s", near);
  g_autofree char *b = g_strdup_printf ("pty,raw,echo=0,link=%s", far);
  g_autoptr(GSubprocess) socat = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "socat", a, b, NULL);
  const TillLineConfig config = { .kind = TILL_LINE_KIND_TTY, .address = near, .timeout_ms = 3000 };
  LineFixture f = { 0 };

  g_assert_nonnull (socat);

  while (!g_file_test (near, G_FILE_TEST_EXISTS) || !g_file_test (far, G_FILE_TEST_EXISTS))
    g_usleep (1000);

  f.peer = line_fixture_spawn ("peer-pymodbus.py", "serial", far, NULL);
  line_fixture_open (&f, &config);
  wait_up (&f);
  talk (&f);
  line_fixture_clear (&f);
  g_subprocess_send_signal (socat, SIGTERM);
  g_subprocess_wait (socat, NULL, NULL);
  g_rmdir (dir);
}

/* Starts our simulator with one meter of each profile that it knows. */
static GSubprocess *
spawn_simulator (guint16     port,
                 const char *site)
{
  static const char *const profiles[] = { "dtsy1352", "ddsy1352", "dtsd1352", "adl400" };
  g_autoptr(GString) text = g_string_new ("line,line_kind,address,profile,meter_no,ct\n");
  g_autoptr(GError) error = NULL;
  g_autoptr(GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;
  GSubprocess *peer;

  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    g_string_append_printf (text, "127.0.0.1:%u,rtu-tcp,%u,%s,20260000000%u,%u\n", port, i + 1,
                            profiles[i], i + 1, 10 * (i + 1));

  g_assert_true (g_file_set_contents (site, text->str, -1, NULL));
  peer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, g_getenv ("TILLWATT_SIMULATOR"),
                           "--site", site, "--no-timing", "--die-with-parent", NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (peer));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_assert_nonnull (line);
  return peer;
}

static TillJob *
run_plan (LineFixture *f,
          guint8 unit,
          const TillProfile *profile,
          guint ( *plan )(const TillProfile *, TillRequest *))
{
  TillRequest requests[TILL_JOB_REQUESTS_MAX];
  const guint n = plan (profile, requests);
  TillJob *job = till_job_new (unit, TILL_JOB_PRIORITY_PERSON);

  for (guint i = 0; i < n; i++)
    till_job_add (job, &requests[i]);

  job->profile = profile;
  job->meter_id = unit;
  line_fixture_run (f, job);
  g_assert_no_error (job->error);
  return job;
}

/* A sale, a trip and the clock of a simulated DTSY1352, by the profile's commands. */
static void
command_dtsy (LineFixture *f)
{
  const TillProfile *profile = till_profile_get ("dtsy1352", NULL);
  TillReading before = run_plan (f, 1, profile, till_profile_plan_state)->reading;
  TillReading after;
  TillJob *job = till_job_new (1, TILL_JOB_PRIORITY_COMMAND);
  TillRequest request;

  g_assert_true (till_profile_make_purchase (profile, 10000, (guint16)(before.purchase_count + 1),
                                             &request, NULL));
  till_job_add (job, &request);
  g_assert_true (till_profile_make_force (profile, TILL_FORCE_TRIP, &request, NULL));
  till_job_add (job, &request);
  g_assert_true (till_profile_make_clock (profile, before.clock_ms, &request, NULL));
  till_job_add (job, &request);
  line_fixture_run (f, job);
  g_assert_no_error (job->error);
  g_assert_true (job->sent);

  after = run_plan (f, 1, profile, till_profile_plan_state)->reading;
  g_assert_cmpuint (after.purchase_count, ==, before.purchase_count + 1);
  g_assert_cmpint (after.remaining, >, before.remaining + 9000);
  g_assert_cmpint (after.remaining, <=, before.remaining + 10000);
  g_assert_cmpint (till_reading_get_force (&after), ==, TILL_FORCE_TRIP);
  g_assert_false (till_reading_is_closed (&after));
}

static void
test_simulator (void)
{
  static const char *const profiles[] = { "dtsy1352", "ddsy1352", "dtsd1352", "adl400" };
  g_autofree char *dir = g_dir_make_tmp ("till-sim-XXXXXX", NULL);
  g_autofree char *site = g_build_filename (dir, "site.csv", NULL);
  const guint16 port = line_fixture_free_port ();
  const TillLineConfig config = { .kind = TILL_LINE_KIND_RTU_TCP };
  LineFixture f = { 0 };

  f.address = g_strdup_printf ("127.0.0.1:%u", port);
  f.peer = spawn_simulator (port, site);
  line_fixture_open (&f, &config);

  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      const TillProfile *profile = till_profile_get (profiles[i], NULL);
      const TillReading *r = &run_plan (&f, (guint8)(i + 1), profile, till_profile_plan_state)->reading;
      gint64 sum = 0;

      g_assert_true (r->fields & TILL_READING_ENERGY);
      g_assert_cmpint (r->voltage_dv[0], >, 1800);
      g_assert_cmpint (r->voltage_dv[0], <, 2700);

      for (int p = 0; p < TILL_N_PERIODS; p++)
        sum += r->period_energy_ckwh[p];

      /* Each register is rounded down by itself, before the ratio. */
      g_assert_cmpint (ABS (r->energy_ckwh - sum), <=, 5 * 10 * MAX (r->ct, 1));

      if (i < 3)
        g_assert_cmpint (r->ct, ==, 10 * (i + 1));

      if (till_profile_get_features (profile) & TILL_PROFILE_FEATURE_IDENTITY)
        {
          g_autofree char *meter_no = g_strdup_printf ("20260000000%u", i + 1);

          g_assert_cmpstr (run_plan (&f, (guint8)(i + 1), profile,
                                     till_profile_plan_identity)->reading.meter_no, ==, meter_no);
          r = &run_plan (&f, (guint8)(i + 1), profile, till_profile_plan_parameters)->reading;
          g_assert_cmpint (r->price_uyuan[TILL_PERIOD_FLAT], >, 100000);
          g_assert_cmpint (r->price_uyuan[TILL_PERIOD_FLAT], <, 5000000);
        }
    }

  command_dtsy (&f);
  line_fixture_clear (&f);
  g_unlink (site);
  g_rmdir (dir);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/bus/peers/pymodbus-rtu-tcp", GINT_TO_POINTER (TILL_LINE_KIND_RTU_TCP),
                        test_pymodbus_socket);
  g_test_add_data_func ("/bus/peers/pymodbus-tcp", GINT_TO_POINTER (TILL_LINE_KIND_MODBUS_TCP),
                        test_pymodbus_socket);
  g_test_add_func ("/bus/peers/pymodbus-tty", test_pymodbus_tty);
  g_test_add_func ("/bus/peers/simulator", test_simulator);

  return g_test_run ();
}
