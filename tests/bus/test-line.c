/*
 * test-line.c: a line and a peer with every fault that is known of such lines
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "line-fixture.h"

/* The peer is late by 400 ms: later than the timeout, earlier than late_ms. */
#define TIMEOUT_MS 200
#define LATE_MS 700

static const TillLineConfig rtu = {
  .kind = TILL_LINE_KIND_RTU_TCP, .timeout_ms = TIMEOUT_MS, .late_ms = LATE_MS,
};

static void
begin (LineFixture *f,
       const char  *kind)
{
  g_autofree char *port = NULL;

  *f = (LineFixture){ 0 };
  f->peer = line_fixture_spawn ("peer-fault.py", kind, NULL, &port);
  f->address = g_strdup_printf ("127.0.0.1:%s", port);
}

static void
end (LineFixture *f)
{
  line_fixture_clear (f);
  g_assert_cmpuint (f->wrong, ==, 0);
}

static void
assert_bus_error (TillJob     *job,
                  TillBusError code)
{
  g_assert_error (job->error, TILL_BUS_ERROR, (int)code);
}

/* After one late reply, plain libmodbus is one behind for ever. */
static void
test_late_same (void)
{
  LineFixture f;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  assert_bus_error (line_fixture_read (&f, 1, 0x1000, 4), TILL_BUS_ERROR_TIMEOUT);

  /* Asked at once, this one would be waiting just when the late reply comes. */
  assert_bus_error (line_fixture_read (&f, 1, 0x6000, 4), TILL_BUS_ERROR_TIMEOUT);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0200, 4)->error);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0400, 4)->error);
  end (&f);
}

/* Another unit is asked at once, and a late reply that comes in between does not disturb it. */
static void
test_late_other (void)
{
  LineFixture f;
  TillLineStats stats;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  assert_bus_error (line_fixture_read (&f, 1, 0x1000, 4), TILL_BUS_ERROR_TIMEOUT);
  g_assert_no_error (line_fixture_read (&f, 2, 0x0200, 4)->error);

  /* This one is waited for long enough that the late reply of unit 1 comes first. */
  assert_bus_error (line_fixture_read (&f, 3, 0x6000, 4), TILL_BUS_ERROR_TIMEOUT);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0200, 4)->error);
  g_assert_no_error (line_fixture_read (&f, 2, 0x0300, 4)->error);
  till_line_get_stats (f.line, &stats);
  g_assert_cmpuint (stats.stray_bytes, ==, 13);
  g_assert_cmpuint (stats.garbled + stats.mismatches, ==, 0);
  end (&f);
}

/* The echo of a late write must not pass for the success of the next. */
static void
test_late_write (void)
{
  LineFixture f;
  TillJob *job;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  job = line_fixture_write (&f, 1, TILL_REQUEST_KIND_WRITE, 0x1001);
  assert_bus_error (job, TILL_BUS_ERROR_TIMEOUT);
  g_assert_true (job->sent);
  job = line_fixture_write (&f, 1, TILL_REQUEST_KIND_WRITE, 0x6001);
  assert_bus_error (job, TILL_BUS_ERROR_TIMEOUT);
  job = line_fixture_write (&f, 1, TILL_REQUEST_KIND_WRITE, 0x0222);
  g_assert_no_error (job->error);
  g_assert_true (job->sent);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
  end (&f);
}

static void
test_kinds (void)
{
  static const struct
  {
    guint16      address;
    TillBusError code;
  } cases[] = {
    { 0x2000, TILL_BUS_ERROR_MISMATCH },
    { 0x3000, TILL_BUS_ERROR_GARBLED },
    { 0x4000, TILL_BUS_ERROR_GARBLED },
    { 0x5000, TILL_BUS_ERROR_GARBLED },
    { 0x6000, TILL_BUS_ERROR_TIMEOUT },
    { 0x7000, TILL_BUS_ERROR_DISCONNECTED },
    { 0x8000, TILL_BUS_ERROR_GARBLED },
    { 0x9000, TILL_BUS_ERROR_GARBLED },
    { 0xa000, TILL_BUS_ERROR_GARBLED },
    { 0xb000, TILL_BUS_ERROR_EXCEPTION },
    { 0xc000, TILL_BUS_ERROR_GARBLED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LineFixture f;
      guint64 connection;

      begin (&f, "rtu");
      line_fixture_open (&f, &rtu);
      g_test_message ("fault 0x%04x", cases[i].address);
      assert_bus_error (line_fixture_read (&f, 1, cases[i].address, 4), cases[i].code);
      connection = f.job->connection;
      g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
      g_assert_cmpint (f.job->connection != connection, ==,
                       cases[i].code == TILL_BUS_ERROR_DISCONNECTED);
      g_assert_no_error (line_fixture_read (&f, 1, 0x0310, 4)->error);
      end (&f);
    }
}

/* The same with the header of Modbus TCP, whose transaction number libmodbus leaves at 0. */
static void
test_tcp_kinds (void)
{
  static const struct
  {
    guint16      address;
    TillBusError code;
  } cases[] = {
    { 0x1000, TILL_BUS_ERROR_TIMEOUT },
    { 0x2000, TILL_BUS_ERROR_MISMATCH },
    { 0x3000, TILL_BUS_ERROR_MISMATCH },
    { 0x4000, TILL_BUS_ERROR_MISMATCH },
    { 0x5000, TILL_BUS_ERROR_MISMATCH },
    { 0x6000, TILL_BUS_ERROR_TIMEOUT },
  };
  TillLineConfig config = rtu;

  config.kind = TILL_LINE_KIND_MODBUS_TCP;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LineFixture f;

      begin (&f, "tcp");
      line_fixture_open (&f, &config);
      g_test_message ("fault 0x%04x", cases[i].address);
      assert_bus_error (line_fixture_read (&f, 1, cases[i].address, 4), cases[i].code);
      g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
      g_assert_no_error (line_fixture_read (&f, 1, 0x0310, 4)->error);
      g_assert_no_error (line_fixture_write (&f, 1, TILL_REQUEST_KIND_WRITE, 0x0222)->error);
      g_assert_no_error (line_fixture_write (&f, 1, TILL_REQUEST_KIND_VENDOR, 0x0100)->error);
      end (&f);
    }
}

static void
test_vendor (void)
{
  static const struct
  {
    guint16 address;
    int     code; /* -1: good */
  } cases[] = {
    { 0x0100, -1 },
    { 0xf100, -1 }, /* four octets longer than usual */
    { 0x3100, TILL_BUS_ERROR_GARBLED },
    { 0x6100, TILL_BUS_ERROR_TIMEOUT },
    { 0x8100, TILL_BUS_ERROR_GARBLED },
    { 0xa100, TILL_BUS_ERROR_GARBLED },
    { 0x2100, TILL_BUS_ERROR_MISMATCH },
    { 0xb100, TILL_BUS_ERROR_EXCEPTION },
    { 0x7100, TILL_BUS_ERROR_DISCONNECTED },
  };
  LineFixture f;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TillJob *job = line_fixture_write (&f, 1, TILL_REQUEST_KIND_VENDOR, cases[i].address);

      if (cases[i].code < 0)
        g_assert_no_error (job->error);
      else
        g_assert_error (job->error, TILL_BUS_ERROR, cases[i].code);

      /* Whatever came back: the bytes may have done their work. */
      g_assert_true (job->sent);
      g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
    }

  end (&f);
}

/* The device server is there, but nothing comes through: the line finds out and connects anew. */
static void
test_half_open (void)
{
  const TillProfile *profile = till_profile_get ("generic", NULL);
  const TillLineMeter meters[] = { { .meter_id = 1, .unit = 1, .profile = profile },
                                   { .meter_id = 2, .unit = 2, .profile = profile } };
  LineFixture f;
  TillLineStats stats;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
  assert_bus_error (line_fixture_read (&f, 1, 0xd000, 4), TILL_BUS_ERROR_TIMEOUT);
  till_line_set_meters (f.line, meters, 2);

  while (f.n_readings < 4)
    g_main_context_iteration (NULL, TRUE);

  till_line_get_stats (f.line, &stats);
  g_assert_cmpuint (stats.reconnects, ==, 1);
  g_assert_cmpint (f.last_reading.energy_ckwh, ==,
                   ((gint64)256 * f.last_reading.meter_id << 16) + 256 * f.last_reading.meter_id + 1);
  end (&f);
}

/* A stop ends a wait of minutes; what was not begun was not sent. */
static void
test_cancel (void)
{
  const TillRequest silence = { TILL_REQUEST_KIND_READ, 0x6000, 4 };
  const TillRequest trip = { TILL_REQUEST_KIND_WRITE, 0x0057, 2, { 1, 1 } };
  TillLineConfig config = rtu;
  LineFixture f;

  config.timeout_ms = 300000;
  begin (&f, "rtu");
  line_fixture_open (&f, &config);
  line_fixture_wait_state (&f, TILL_LINE_STATE_UP);

  for (guint i = 0; i < 3; i++)
    {
      TillJob *job = till_job_new (1, TILL_JOB_PRIORITY_COMMAND);

      till_job_add (job, i == 0 ? &silence : &trip);
      g_assert_true (till_line_submit (f.line, job, NULL));
    }

  till_line_stop (f.line, 50);
  g_assert_cmpuint (f.n_jobs, ==, 3);
  g_assert_error (f.job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (f.job->sent);
  g_assert_cmpuint (f.job->n_done, ==, 0);
  end (&f);
}

/* Commands that are in the queue are finished; what a person waits for is not begun. */
static void
test_drain (void)
{
  const TillRequest trip = { TILL_REQUEST_KIND_WRITE, 0x0057, 2, { 1, 1 } };
  LineFixture f;
  TillJob *job;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  line_fixture_wait_state (&f, TILL_LINE_STATE_UP);

  for (guint i = 0; i < 20; i++)
    {
      job = till_job_new (1, TILL_JOB_PRIORITY_COMMAND);
      till_job_add (job, &trip);
      g_assert_true (till_line_submit (f.line, job, NULL));
    }

  till_line_stop (f.line, 60000);
  g_assert_cmpuint (f.n_jobs, ==, 20);
  g_assert_no_error (f.job->error);
  g_assert_true (f.job->sent);

  job = till_job_new (1, TILL_JOB_PRIORITY_COMMAND);
  till_job_add (job, &trip);
  g_assert_false (till_line_submit (f.line, job, NULL));
  till_job_free (job);
  end (&f);
}

static void
count_freed (gpointer tag)
{
  (*(guint *)tag)++;
}

static void
test_full_queue (void)
{
  const TillRequest read = { TILL_REQUEST_KIND_READ, 0x0300, 4 };
  static const TillLineCallbacks nobody;
  TillLineConfig config = rtu;
  g_autoptr(TillLine) line = NULL;
  guint freed = 0;
  guint taken = 0;

  config.address = "127.0.0.1:1";
  line = till_line_new (&config, NULL, &nobody, NULL);

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr(GError) error = NULL;
      TillJob *job = till_job_new (1, TILL_JOB_PRIORITY_COMMAND);

      till_job_add (job, &read);
      job->tag = &freed;
      job->tag_destroy = count_freed;

      if (till_line_submit (line, job, &error))
        taken++;
      else
        {
          g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED);
          till_job_free (job);
        }
    }

  g_assert_cmpuint (taken, ==, 256);
  till_line_stop (line, 0);
  g_assert_cmpuint (freed, ==, 300);
}

static void
test_unsound (void)
{
  static const TillLineCallbacks nobody;
  const TillRequest bad[] = {
    { TILL_REQUEST_KIND_READ, 0x0300, 0 },
    { TILL_REQUEST_KIND_READ, 0x0300, 124 },
    { TILL_REQUEST_KIND_READ, 0xffff, 2 },
  };
  TillLineConfig config = rtu;
  g_autoptr(TillLine) line = NULL;

  config.address = "127.0.0.1:1";
  line = till_line_new (&config, NULL, &nobody, NULL);

  for (gsize i = 0; i <= G_N_ELEMENTS (bad) + 2; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(TillJob) job = till_job_new (i == 4 ? 0 : i == 5 ? 248 : 1, TILL_JOB_PRIORITY_PERSON);
      const TillRequest good = { TILL_REQUEST_KIND_READ, 0x0300, 4 };

      if (i != 3)
        till_job_add (job, i < 3 ? &bad[i] : &good);

      g_assert_false (till_line_submit (line, job, &error));
      g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED);
    }
}

/* A relay or money command that follows a fault begins on a new connection; without a fault it
 * does not, and never in the middle of a job. */
static void
test_clean_link (void)
{
  static const guint16 faults[] = { 0x3000, 0x6000, 0x9000 };
  const TillRequest trip = { TILL_REQUEST_KIND_WRITE, 0x0057, 2, { 1, 1 } };
  LineFixture f;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      guint64 before;
      guint64 after;

      for (guint k = 0; k < 3; k++)
        {
          TillJob *job = till_job_new (1, TILL_JOB_PRIORITY_COMMAND);

          if (k == 1)
            g_assert_nonnull (line_fixture_read (&f, 1, faults[i], 4)->error);

          before = f.job != NULL ? f.job->connection : 1;
          job->clean_link = TRUE;
          till_job_add (job, &trip);
          till_job_add (job, &trip);
          line_fixture_run (&f, job);
          g_assert_no_error (job->error);
          after = job->connection;
          g_assert_cmpuint (after, ==, k == 1 ? before + 1 : before);
        }
    }

  end (&f);
}

/* The second exchange of a job fails: the first was done, and the third is not begun. */
static void
test_job_order (void)
{
  const TillRequest requests[] = { { TILL_REQUEST_KIND_READ, 0x0300, 4 },
                                   { TILL_REQUEST_KIND_READ, 0xb000, 4 },
                                   { TILL_REQUEST_KIND_WRITE, 0x0057, 2, { 1, 1 } } };
  TillJob *job = till_job_new (1, TILL_JOB_PRIORITY_COMMAND);
  LineFixture f;

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    till_job_add (job, &requests[i]);

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  line_fixture_run (&f, job);
  assert_bus_error (job, TILL_BUS_ERROR_EXCEPTION);
  g_assert_cmpuint (job->n_done, ==, 1);
  g_assert_false (job->sent);
  g_assert_cmpuint (job->requests[0].values[0], ==, 0x0400);
  g_assert_cmpint (job->queued_us, <=, job->began_us);
  g_assert_cmpint (job->began_us, <=, job->ended_us);
  end (&f);
}

/* A read that may be repeated is, once; one that may not is not. */
static void
test_retry_free (void)
{
  const TillRequest once = { TILL_REQUEST_KIND_READ, 0xe000, 4 };
  const TillRequest always = { TILL_REQUEST_KIND_READ, 0x3000, 4 };
  LineFixture f;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);

  for (guint i = 0; i < 2; i++)
    {
      TillJob *job = till_job_new (1, TILL_JOB_PRIORITY_PERSON);

      job->retry_free = TRUE;
      till_job_add (job, i == 0 ? &once : &always);
      line_fixture_run (&f, job);

      if (i == 0)
        g_assert_no_error (job->error);
      else
        assert_bus_error (job, TILL_BUS_ERROR_GARBLED);
    }

  end (&f);
}

/* The line is down: its meters are told by error, jobs come back unsent; it comes back by itself. */
static void
test_refused (void)
{
  const TillProfile *profile = till_profile_get ("generic", NULL);
  const TillLineMeter meters[] = { { .meter_id = 7, .unit = 1, .profile = profile } };
  g_autofree char *port = g_strdup_printf ("%u", line_fixture_free_port ());
  LineFixture f = { 0 };
  TillJob *job;

  f.address = g_strdup_printf ("127.0.0.1:%s", port);
  line_fixture_open (&f, &rtu);
  till_line_set_meters (f.line, meters, 1);
  line_fixture_wait_state (&f, TILL_LINE_STATE_DOWN);
  g_test_message ("%s", f.message);

  while (f.n_errors == 0)
    g_main_context_iteration (NULL, TRUE);

  g_assert_error (f.last_error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED);
  job = line_fixture_write (&f, 1, TILL_REQUEST_KIND_VENDOR, 0x0100);
  assert_bus_error (job, TILL_BUS_ERROR_DISCONNECTED);
  g_assert_false (job->sent);

  f.peer = line_fixture_spawn ("peer-fault.py", "rtu", port, NULL);
  line_fixture_wait_state (&f, TILL_LINE_STATE_UP);

  while (f.n_readings == 0)
    g_main_context_iteration (NULL, TRUE);

  end (&f);
}

/* The peer closes an idle connection. The next command goes over a new one without ado. */
static void
test_idle_close (void)
{
  LineFixture f;
  TillJob *job;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
  g_subprocess_force_exit (f.peer);
  g_subprocess_wait (f.peer, NULL, NULL);
  g_clear_object (&f.peer);
  f.peer = line_fixture_spawn ("peer-fault.py", "rtu", strrchr (f.address, ':') + 1, NULL);

  job = line_fixture_write (&f, 1, TILL_REQUEST_KIND_VENDOR, 0x0100);
  g_assert_no_error (job->error);
  g_assert_true (job->sent);
  g_assert_cmpuint (job->connection, ==, 2);
  end (&f);
}

/* The device dials us and registers; one that says something else is turned away. */
static void
test_listen (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *port = g_strdup_printf ("%u", line_fixture_free_port ());
      g_autofree char *dial = g_strdup_printf ("dial:%s:%s", port, i == 0 ? "gate-3" : "gate-4");
      TillLineConfig config = rtu;
      LineFixture f = { 0 };

      f.peer = line_fixture_spawn ("peer-fault.py", dial, NULL, NULL);
      config.kind = TILL_LINE_KIND_RTU_TCP_LISTEN;
      config.address = port;
      config.registration = "gate-3";
      line_fixture_open (&f, &config);

      if (i == 0)
        {
          line_fixture_wait_state (&f, TILL_LINE_STATE_UP);
          g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
          assert_bus_error (line_fixture_read (&f, 1, 0x7000, 4), TILL_BUS_ERROR_DISCONNECTED);
          g_assert_no_error (line_fixture_read (&f, 1, 0x0310, 4)->error);
        }
      else
        {
          line_fixture_wait_state (&f, TILL_LINE_STATE_DOWN);
          g_assert_nonnull (strstr (f.message, "did not register"));
        }

      end (&f);
    }
}

/* Over a pty pair, as over a local adapter. */
static void
test_tty (void)
{
  g_autofree char *dir = g_dir_make_tmp ("till-tty-XXXXXX", NULL);
  g_autofree char *near = g_build_filename (dir, "near", NULL);
  g_autofree char *far = g_build_filename (dir, "far", NULL);
  g_autofree char *a = g_strdup_printf ("pty,raw,echo=0,link=%s", near);
  g_autofree char *b = g_strdup_printf ("pty,raw,echo=0,link=%s", far);
  g_autofree char *where = g_strdup_printf ("pty:%s", far);
  g_autoptr(GSubprocess) socat = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "socat", a, b, NULL);
  TillLineConfig config = rtu;
  LineFixture f = { 0 };

  g_assert_nonnull (socat);

  while (!g_file_test (near, G_FILE_TEST_EXISTS) || !g_file_test (far, G_FILE_TEST_EXISTS))
    g_usleep (1000);

  f.peer = line_fixture_spawn ("peer-fault.py", where, NULL, NULL);
  config.kind = TILL_LINE_KIND_TTY;
  config.address = near;
  line_fixture_open (&f, &config);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 48)->error);
  assert_bus_error (line_fixture_read (&f, 1, 0x1000, 4), TILL_BUS_ERROR_TIMEOUT);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0200, 4)->error);
  assert_bus_error (line_fixture_read (&f, 1, 0x3000, 4), TILL_BUS_ERROR_GARBLED);
  g_assert_no_error (line_fixture_read (&f, 1, 0x0300, 4)->error);
  g_assert_no_error (line_fixture_write (&f, 1, TILL_REQUEST_KIND_WRITE, 0x0057)->error);
  g_assert_no_error (line_fixture_write (&f, 1, TILL_REQUEST_KIND_VENDOR, 0x0100)->error);
  end (&f);
  g_subprocess_send_signal (socat, SIGTERM);
  g_subprocess_wait (socat, NULL, NULL);
  rmdir (dir);
}

/* An engine that does not look for a while finds the newest reading of each meter, not all. */
static void
test_coalesced (void)
{
  const TillProfile *profile = till_profile_get ("generic", NULL);
  const TillLineMeter meters[] = { { .meter_id = 1, .unit = 1, .profile = profile },
                                   { .meter_id = 2, .unit = 2, .profile = profile } };
  LineFixture f;
  TillLineStats stats;

  begin (&f, "rtu");
  line_fixture_open (&f, &rtu);
  till_line_set_meters (f.line, meters, 2);

  do
    {
      g_usleep (1000);
      till_line_get_stats (f.line, &stats);
    }
  while (stats.rounds < 20);

  /* Nothing was dispatched so far; one heap holds one reading a meter. */
  while (f.n_readings == 0)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpuint (f.n_readings, <=, 4);
  g_assert_cmpuint (f.n_errors, ==, 0);
  end (&f);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bus/line/late-same", test_late_same);
  g_test_add_func ("/bus/line/late-other", test_late_other);
  g_test_add_func ("/bus/line/late-write", test_late_write);
  g_test_add_func ("/bus/line/kinds", test_kinds);
  g_test_add_func ("/bus/line/tcp-kinds", test_tcp_kinds);
  g_test_add_func ("/bus/line/vendor", test_vendor);
  g_test_add_func ("/bus/line/half-open", test_half_open);
  g_test_add_func ("/bus/line/cancel", test_cancel);
  g_test_add_func ("/bus/line/drain", test_drain);
  g_test_add_func ("/bus/line/full-queue", test_full_queue);
  g_test_add_func ("/bus/line/unsound", test_unsound);
  g_test_add_func ("/bus/line/clean-link", test_clean_link);
  g_test_add_func ("/bus/line/job-order", test_job_order);
  g_test_add_func ("/bus/line/retry-free", test_retry_free);
  g_test_add_func ("/bus/line/refused", test_refused);
  g_test_add_func ("/bus/line/idle-close", test_idle_close);
  g_test_add_func ("/bus/line/listen", test_listen);
  g_test_add_func ("/bus/line/tty", test_tty);
  g_test_add_func ("/bus/line/coalesced", test_coalesced);

  return g_test_run ();
}
