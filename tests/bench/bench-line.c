/*
 * bench-line.c: what a line makes of its wire, beside what the wire allows and what others make of it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * usage: bench-line [--json] [--seconds N] share|dead|fresh|command|cpu …
 *
 * The figures are ratios, taken in one run: a report, never a test with a limit. The simulator paces
 * the wire and is a process of its own.
 */

#include "config.h"

#include <arpa/inet.h>
#include <modbus/modbus.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench-sim.h"
#include "till-line.h"

#define REGISTERS 48
#define READ_US (bench_sim_exchange_us (8, 5 + 2 * REGISTERS))
#define WRITE_US (bench_sim_exchange_us (13, 8))

static gboolean json;
static int seconds = 20;

typedef struct
{
  BenchSim   sim;
  guint      n_lines;
  guint      n_units;
  TillLine **lines;
  gint64    *last_good_us; /* by meter */
  guint64    n_good;
  guint64    n_bad;
  GArray    *ages;
  GArray    *latencies;
  gboolean   sampling;
} Bench;

static void
on_reading (TillLine          *line,
            gint64             meter_id,
            const TillReading *reading,
            const GError      *error,
            gpointer           user_data)
{
  Bench *bench = user_data;

  if (error != NULL)
    {
      bench->n_bad++;
      return;
    }

  bench->n_good++;
  bench->last_good_us[meter_id - 1] = reading->monotonic_us;
}

static void
on_job (TillLine *line,
        TillJob  *job,
        gpointer  user_data)
{
  Bench *bench = user_data;
  const gint64 latency_us = job->ended_us - job->queued_us;

  if (job->error != NULL)
    g_printerr ("%s\n", job->error->message);
  else
    g_array_append_val (bench->latencies, latency_us);

  till_job_free (job);
}

static gboolean
on_time_cb (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
run_for (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, on_time_cb, &over);

  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
open_bench (Bench *bench,
            guint  n_lines,
            guint  n_units)
{
  *bench = (Bench){ .n_lines = n_lines, .n_units = n_units };
  bench_sim_start (&bench->sim, n_lines, n_units);
  bench->last_good_us = g_new0 (gint64, n_lines * n_units);
  bench->ages = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench->latencies = g_array_new (FALSE, FALSE, sizeof (gint64));
}

static void
start_lines (Bench *bench)
{
  static const TillLineCallbacks callbacks = { on_reading, on_job, NULL };
  const TillProfile *profile = till_profile_get ("dtsy1352", NULL);
  g_autofree TillLineMeter *meters = g_new0 (TillLineMeter, bench->n_units);

  bench->lines = g_new0 (TillLine *, bench->n_lines);

  for (guint l = 0; l < bench->n_lines; l++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.1:%u", bench->sim.ports[l]);
      const TillLineConfig config = { .id = l + 1, .kind = TILL_LINE_KIND_RTU_TCP,
                                      .address = address, .baud = BENCH_BAUD };

      for (guint u = 0; u < bench->n_units; u++)
        meters[u] = (TillLineMeter){ .meter_id = l * bench->n_units + u + 1, .unit = (guint8)(u + 1),
                                     .profile = profile }
      ;

      bench->lines[l] = till_line_new (&config, NULL, &callbacks, bench);
      till_line_set_meters (bench->lines[l], meters, bench->n_units);
      till_line_start (bench->lines[l]);
    }
}

static void
stop_lines (Bench *bench)
{
  for (guint l = 0; l < bench->n_lines; l++)
    till_line_free (bench->lines[l]);

  g_clear_pointer (&bench->lines, g_free);
}

static void
close_bench (Bench *bench)
{
  if (bench->lines != NULL)
    stop_lines (bench);

  bench_sim_stop (&bench->sim);
  g_free (bench->last_good_us);
  g_array_unref (bench->ages);
  g_array_unref (bench->latencies);
}

/* Waits until every line has gone its round once or twice. */
static void
warm_up (Bench *bench,
         guint  rounds)
{
  for (guint l = 0; l < bench->n_lines; l++)
    {
      TillLineStats stats;

      do
        {
          run_for (20);
          till_line_get_stats (bench->lines[l], &stats);
        }
      while (stats.rounds < rounds);
    }
}

typedef struct
{
  guint16  port;
  guint    n_units;
  guint    timeout_ms;
  gboolean silence; /* keeps 3.5 characters of it, as the standard has it */
  gint64   until_us;
  guint64  n_good;
  GThread *thread;
} Peer;

/* The peer: libmodbus as its documentation has it, one thread a line. */
static gpointer
peer_thread (gpointer data)
{
  Peer *peer = data;
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (peer->port) };
  const int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  modbus_t *modbus = modbus_new_rtu ("/dev/null", BENCH_BAUD, 'N', 8, 1);
  guint16 values[REGISTERS];

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);

  if (connect (fd, (struct sockaddr *)&address, sizeof address) != 0)
    g_error ("the peer cannot connect");

  modbus_set_socket (modbus, fd);
  modbus_set_response_timeout (modbus, peer->timeout_ms / 1000, peer->timeout_ms % 1000 * 1000);

  for (guint unit = 1; g_get_monotonic_time () < peer->until_us; unit = unit % peer->n_units + 1)
    {
      modbus_set_slave (modbus, (int)unit);

      if (peer->silence)
        g_usleep (35 * G_USEC_PER_SEC / BENCH_BAUD);

      peer->n_good += modbus_read_registers (modbus, 0x0200, REGISTERS, values) == REGISTERS;
    }

  modbus_close (modbus);
  modbus_free (modbus);
  return NULL;
}

static guint64
run_peers (Bench   *bench,
           gboolean silence,
           int      for_seconds)
{
  g_autofree Peer *peers = g_new0 (Peer, bench->n_lines);
  guint64 n_good = 0;

  for (guint l = 0; l < bench->n_lines; l++)
    {
      peers[l] = (Peer){ .port = bench->sim.ports[l], .n_units = bench->n_units, .timeout_ms = 500,
                         .silence = silence,
                         .until_us = g_get_monotonic_time () + for_seconds * G_USEC_PER_SEC };
      peers[l].thread = g_thread_new ("peer", peer_thread, &peers[l]);
    }

  for (guint l = 0; l < bench->n_lines; l++)
    {
      g_thread_join (peers[l].thread);
      n_good += peers[l].n_good;
    }

  return n_good;
}

static gint
compare_times (gconstpointer a,
               gconstpointer b)
{
  const gint64 x = *(const gint64 *)a;
  const gint64 y = *(const gint64 *)b;

  return x < y ? -1 : x > y;
}

static gdouble
percentile (GArray *times,
            guint   percent)
{
  if (times->len == 0)
    return 0;

  g_array_sort (times, compare_times);
  return (gdouble)g_array_index (times, gint64, MIN (times->len - 1, times->len * percent / 100));
}

static void
G_GNUC_PRINTF (4, 5)
report (const char *name,
        gdouble ratio,
        const char *goal,
        const char *format,
        ...)
{
  g_autofree char *details = NULL;
  va_list args;

  va_start (args, format);
  details = g_strdup_vprintf (format, args);
  va_end (args);

  if (json)
    g_print ("{\"bench\":\"%s\",\"ratio\":%.4f,\"goal\":\"%s\",%s}\n", name, ratio, goal, details);
  else
    g_print ("%-8s ratio %.4f (goal %s)  %s\n", name, ratio, goal, details);
}

/* Both ends are ends of exchanges, so nothing is counted in part. */
static gdouble
share_of (const BenchSimStats *from,
          const BenchSimStats *to)
{
  return (gdouble)(to->busy_us - from->busy_us) / (gdouble)(to->last_us - from->last_us);
}

/* P1: the share of the time that the wire is busy, as the simulator counts it. */
static void
bench_share (void)
{
  BenchSimStats stats[4];
  Bench bench;

  open_bench (&bench, 1, 30);
  start_lines (&bench);
  warm_up (&bench, 1);
  bench_sim_get_stats (&bench.sim, &stats[0]);
  run_for ((guint)seconds * 1000);
  bench_sim_get_stats (&bench.sim, &stats[1]);
  stop_lines (&bench);

  run_peers (&bench, FALSE, 1);
  bench_sim_get_stats (&bench.sim, &stats[2]);
  run_peers (&bench, FALSE, seconds);
  bench_sim_get_stats (&bench.sim, &stats[3]);

  report ("share", share_of (&stats[0], &stats[1]), ">= 0.99",
          "\"replies\":%" G_GINT64_FORMAT ",\"early\":%" G_GINT64_FORMAT
          ",\"libmodbus_share\":%.4f,\"libmodbus_early\":%" G_GINT64_FORMAT,
          stats[1].replies - stats[0].replies, stats[1].early - stats[0].early,
          share_of (&stats[2], &stats[3]), stats[3].early - stats[2].early);
  close_bench (&bench);
}

/* P2: three of thirty are dead. What counts is what the living get of the line's time. */
static void
bench_dead (void)
{
  Bench bench;
  TillLineStats stats;
  guint64 n_good;
  guint64 n_peer;
  gint64 began_us;
  gdouble elapsed_us;

  open_bench (&bench, 1, 30);

  for (guint unit = 5; unit <= 25; unit += 10)
    bench_sim_silence (&bench.sim, 0, unit);

  start_lines (&bench);

  do
    {
      run_for (20);
      till_line_get_stats (bench.lines[0], &stats);
    }
  while (stats.n_dead < 3);

  n_good = bench.n_good;
  began_us = g_get_monotonic_time ();
  run_for ((guint)seconds * 2000);
  elapsed_us = (gdouble)(g_get_monotonic_time () - began_us);
  n_good = bench.n_good - n_good;
  stop_lines (&bench);
  n_peer = run_peers (&bench, FALSE, seconds);

  report ("dead", (gdouble)n_good * (gdouble)READ_US / elapsed_us, ">= 0.95",
          "\"reads\":%" G_GUINT64_FORMAT ",\"libmodbus_500ms\":%.4f", n_good,
          (gdouble)n_peer * (gdouble)READ_US / (seconds * 1e6));
  close_bench (&bench);
}

static gboolean
on_sample_cb (gpointer user_data)
{
  Bench *bench = user_data;
  const gint64 now = g_get_monotonic_time ();

  for (guint i = 0; bench->sampling && i < bench->n_lines * bench->n_units; i++)
    {
      const gint64 age = now - bench->last_good_us[i];

      g_array_append_val (bench->ages, age);
    }

  return G_SOURCE_CONTINUE;
}

/* P3: how old the state of a meter is, sampled, against one round of the wire. */
static void
bench_fresh (void)
{
  const guint sizes[] = { 1, 16 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("fresh-%u", sizes[i]);
      Bench bench;
      gdouble p99;
      guint source;

      open_bench (&bench, sizes[i], 32);
      start_lines (&bench);
      warm_up (&bench, 1);
      bench.sampling = TRUE;
      source = g_timeout_add (53, on_sample_cb, &bench);
      run_for ((guint)seconds * 1000);
      g_source_remove (source);
      p99 = percentile (bench.ages, 99);
      report (name, p99 / (32.0 * (gdouble)READ_US), "<= 1.2",
              "\"p99_s\":%.3f,\"p50_s\":%.3f,\"wire_round_s\":%.3f,\"late\":%" G_GUINT64_FORMAT,
              p99 / 1e6, percentile (bench.ages, 50) / 1e6, 32.0 * (gdouble)READ_US / 1e6,
              bench.n_bad);
      close_bench (&bench);
    }
}

/* P4: from the submission of a trip to its confirmation, under full polling. */
static void
bench_command (void)
{
  const TillProfile *profile = till_profile_get ("dtsy1352", NULL);
  const gint64 until_us = g_get_monotonic_time () + (2 * seconds + 5) * G_USEC_PER_SEC;
  Bench bench;
  TillRequest request;

  open_bench (&bench, 1, 30);
  start_lines (&bench);
  warm_up (&bench, 1);

  while (g_get_monotonic_time () < until_us)
    {
      TillJob *job = till_job_new ((guint8)(1 + g_random_int_range (0, 30)), TILL_JOB_PRIORITY_COMMAND);

      till_profile_make_force (profile, TILL_FORCE_NONE, &request, NULL);
      till_job_add (job, &request);

      if (!till_line_submit (bench.lines[0], job, NULL))
        till_job_free (job);

      run_for ((guint)g_random_int_range (250, 450));
    }

  report ("command", percentile (bench.latencies, 99) / (gdouble)(READ_US + WRITE_US), "<= 1.05",
          "\"n\":%u,\"p99_ms\":%.1f,\"p50_ms\":%.1f,\"limit_ms\":%.1f,\"round_of_a_fifo_ms\":%.1f",
          bench.latencies->len, percentile (bench.latencies, 99) / 1e3,
          percentile (bench.latencies, 50) / 1e3, (gdouble)(READ_US + WRITE_US) / 1e3,
          30.0 * (gdouble)READ_US / 1e3);
  close_bench (&bench);
}

static gdouble
cpu_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (gdouble)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (gdouble)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* P5: CPU of 64 lines with decoding and delivery, beside as many bare libmodbus loops. */
static void
bench_cpu (void)
{
  Bench bench;
  guint64 n_ours;
  guint64 n_peer;
  guint64 n_polite;
  gdouble ours;
  gdouble peer;
  gdouble polite;

  open_bench (&bench, 64, 30);
  start_lines (&bench);
  run_for (2000);
  n_ours = bench.n_good;
  ours = cpu_ms ();
  run_for ((guint)seconds * 1000);
  ours = cpu_ms () - ours;
  n_ours = bench.n_good - n_ours;
  stop_lines (&bench);

  peer = cpu_ms ();
  n_peer = run_peers (&bench, FALSE, seconds);
  peer = (cpu_ms () - peer) * 1000.0 / (gdouble)n_peer;
  polite = cpu_ms ();
  n_polite = run_peers (&bench, TRUE, seconds);
  polite = (cpu_ms () - polite) * 1000.0 / (gdouble)n_polite;
  ours *= 1000.0 / (gdouble)n_ours;

  report ("cpu", ours / peer, "<= 1.5",
          "\"beside_a_loop_that_keeps_the_silence\":%.4f,\"ms_per_1000\":%.1f,"
          "\"libmodbus_ms_per_1000\":%.1f,\"libmodbus_with_silence_ms_per_1000\":%.1f,"
          "\"reads\":%" G_GUINT64_FORMAT ",\"libmodbus_reads\":%" G_GUINT64_FORMAT,
          ours / polite, ours, peer, polite, n_ours, n_peer);
  close_bench (&bench);
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *name;
    void        (*run)(void);
  } benches[] = {
    { "share", bench_share },
    { "dead", bench_dead },
    { "fresh", bench_fresh },
    { "command", bench_command },
    { "cpu", bench_cpu },
  };
  int found = 0;

  for (int i = 1; i < argc; i++)
    {
      if (strcmp (argv[i], "--json") == 0)
        json = TRUE;
      else if (strcmp (argv[i], "--seconds") == 0 && i + 1 < argc)
        {
          seconds = atoi (argv[++i]);
          seconds = MAX (seconds, 1);
        }

      for (gsize k = 0; k < G_N_ELEMENTS (benches); k++)
        if (strcmp (argv[i], benches[k].name) == 0)
          {
            benches[k].run ();
            found++;
          }
    }

  if (found == 0)
    {
      g_printerr ("usage: bench-line [--json] [--seconds N] share|dead|fresh|command|cpu …\n");
      return 2;
    }

  return 0;
}
