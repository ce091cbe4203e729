/*
 * main.c: tillwatt-simulator, a site of meters that only look real
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib-unix.h>

#include "till-clock.h"
#include "till-sim-control.h"
#include "till-sim-describe.h"
#include "till-sim-gateway.h"

/* Nobody can do anything about a wrong word on the command line but who wrote it. */
#define EXIT_USAGE 2

typedef struct
{
  char    *site;
  gint64   seed;
  char    *speed;
  char    *start;
  char    *state;
  char    *faults;
  char    *control;
  char    *count_rule;
  char    *bind;
  char    *registration;
  gint     turnaround_ms;
  gboolean baud_timing;
  gboolean no_timing;
  gboolean die_with_parent;
  char    *gateway;
} Options;

/* Who started us, as long as it lived when main() began. */
static pid_t parent_pid;

static Options options = { .seed = 1, .turnaround_ms = -1 };

static const GOptionEntry entries[] = {
  { "site", 0, 0, G_OPTION_ARG_FILENAME, &options.site, "The import file of the site", "FILE.csv" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &options.seed, "Where chance comes from [1]", "N" },
  { "speed", 0, 0, G_OPTION_ARG_STRING, &options.speed, "Meter time runs so much faster [1]", "X" },
  { "start", 0, 0, G_OPTION_ARG_STRING, &options.start, "Meter time at the start [now]", "TIME" },
  { "state", 0, 0, G_OPTION_ARG_FILENAME, &options.state, "Keep the meters' memory here", "FILE" },
  { "faults", 0, 0, G_OPTION_ARG_FILENAME, &options.faults, "Do the commands of a script", "FILE" },
  { "control", 0, 0, G_OPTION_ARG_FILENAME, &options.control, "Take commands here", "SOCKET" },
  { "count-rule", 0, 0, G_OPTION_ARG_STRING, &options.count_rule,
    "What meters do with a repeated purchase count [guarded]", "guarded|add-only" },
  { "baud-timing", 0, 0, G_OPTION_ARG_NONE, &options.baud_timing,
    "The wire takes its time [so it is]", NULL },
  { "no-timing", 0, 0, G_OPTION_ARG_NONE, &options.no_timing, "The wire takes no time", NULL },
  { "turnaround", 0, 0, G_OPTION_ARG_INT, &options.turnaround_ms,
    "Every meter thinks so long [each its own, 10 to 50]", "MS" },
  { "die-with-parent", 0, 0, G_OPTION_ARG_NONE, &options.die_with_parent,
    "End when the parent process does", NULL },
  { "bind", 0, 0, G_OPTION_ARG_STRING, &options.bind, "Listen on this address [127.0.0.1]",
    "ADDRESS" },
  { "gateway", 0, 0, G_OPTION_ARG_FILENAME, &options.gateway,
    "Play WeChat Pay and Alipay, with keys in this folder", "DIR" },
  { "registration", 0, 0, G_OPTION_ARG_STRING, &options.registration,
    "What a device server that dials says first [TILLWATT]", "TEXT" },
  { NULL },
};

/* “12”, “0.5”, “1440”: thousandths of it, from 0.001 to 100000. */
static gboolean
parse_speed (const char *text,
             gint64     *permille)
{
  const char *point = strchr (text, '.');
  g_autofree char *whole = g_strndup (text, strcspn (text, "."));
  g_autofree char *places = g_strconcat (point != NULL ? point + 1 : "", "000", NULL);
  guint64 units;
  guint64 parts;

  if (strlen (places) > 6)
    return FALSE;
  places[3] = '\0';
  if (!g_ascii_string_to_unsigned (whole, 10, 0, 100000, &units, NULL) ||
      !g_ascii_string_to_unsigned (places, 10, 0, 999, &parts, NULL) || units + parts == 0)
    return FALSE;
  *permille = (gint64)(units * 1000 + parts);
  return TRUE;
}

/* Looks at the options as a whole. Returns a sentence when they are wrong. */
static const char *
check_options (TillSim       *sim,
               gint64        *start_ms,
               TillCountRule *rule)
{
  int value = TILL_COUNT_RULE_GUARDED;

  *start_ms = till_clock_now_ms ();
  sim->speed_permille = 1000;
  if (options.site == NULL)
    return "--site FILE.csv is needed: which meters there are";
  if (options.speed != NULL && !parse_speed (options.speed, &sim->speed_permille))
    return "--speed is a number from 0.001 to 100000";
  if (options.start != NULL && !till_clock_parse (options.start, start_ms, NULL))
    return "--start is a time like 2026-11-24 09:30";
  if (options.count_rule != NULL &&
      (!till_enum_from_nick (TILL_TYPE_COUNT_RULE, options.count_rule, &value) ||
       value == TILL_COUNT_RULE_UNKNOWN))
    return "--count-rule is guarded or add-only";
  if (options.baud_timing && options.no_timing)
    return "--baud-timing and --no-timing exclude one another";
  if (options.turnaround_ms < -1 || options.turnaround_ms > 60000)
    return "--turnaround is a number of milliseconds up to 60000";
  if (options.registration != NULL && strlen (options.registration) > 40)
    return "--registration is at most 40 bytes";

  *rule = (TillCountRule)value;
  sim->timing = !options.no_timing;
  sim->turnaround_ms = options.turnaround_ms;
  sim->bind = options.bind != NULL ? options.bind : "127.0.0.1";
  sim->registration = options.registration != NULL ? options.registration : "TILLWATT";
  return NULL;
}

static gboolean
on_signal_cb (gpointer user_data)
{
  TillSim *sim = user_data;

  g_main_loop_quit (sim->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_save_cb (gpointer user_data)
{
  TillSim *sim = user_data;

  till_sim_save (sim);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_sweep_cb (gpointer user_data)
{
  till_sim_sweep (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_parent_cb (gpointer user_data)
{
  TillSim *sim = user_data;

  if (getppid () != parent_pid)
    g_main_loop_quit (sim->loop);
  return G_SOURCE_CONTINUE;
}

static void
follow_parent (TillSim *sim)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  /* The parent may have died before the kernel was told. */
  if (getppid () != parent_pid || parent_pid == 1)
    raise (SIGTERM);
  g_timeout_add_seconds (2, on_parent_cb, sim);
}

static gboolean
open_site (TillSim      *sim,
           gint64        start_ms,
           TillCountRule rule,
           GError      **error)
{
  sim->site = till_sim_site_load (options.site, (guint64)options.seed, start_ms, error);
  if (sim->site == NULL)
    return FALSE;
  for (guint i = 0; i < sim->site->meters->len; i++)
    ((TillSimMeter *)g_ptr_array_index (sim->site->meters, i))->memory.count_rule = rule;

  if (options.state != NULL)
    {
      sim->store = till_sim_store_open (options.state, sim->site, error);
      if (sim->store == NULL)
        return FALSE;
    }
  till_sim_set_start (sim, start_ms);
  till_sim_index (sim);
  if (sim->store != NULL &&
      !till_sim_store_save (sim->store, till_sim_now_ms (sim), till_clock_now_ms (), error))
    return FALSE;

  for (guint i = 0; i < sim->site->lines->len; i++)
    {
      TillSimLine *line = till_sim_line_new (sim, g_ptr_array_index (sim->site->lines, i));

      g_ptr_array_add (sim->lines, line);
      if (!till_sim_line_open (line, error))
        return FALSE;
    }
  return options.faults == NULL || till_sim_control_run_script (sim, options.faults, error);
}

static void
say_ready (TillSim        *sim,
           TillSimGateway *gateway)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autofree char *control = options.control != NULL ? till_sim_json_quote (options.control)
                                                     : g_strdup ("null");

  g_string_append_printf (out, "{\"event\":\"ready\",\"pid\":%d,\"lines\":", (int)getpid ());
  till_sim_describe_lines (sim, out);
  g_string_append_printf (out, ",\"meters\":%u,\"control\":%s,\"gateway\":%u}\n",
                          sim->site->meters->len, control,
                          gateway != NULL ? till_sim_gateway_get_port (gateway) : 0);
  fputs (out->str, stdout);
  fflush (stdout);
}

static int
run (TillSim      *sim,
     gint64        start_ms,
     TillCountRule rule)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillSimControl) control = NULL;
  g_autoptr(TillSimGateway) gateway = NULL;

  if (open_site (sim, start_ms, rule, &error) && options.control != NULL)
    control = till_sim_control_open (sim, options.control, &error);
  if (error == NULL && options.gateway != NULL)
    gateway = till_sim_gateway_open (options.gateway, 0, &error);
  if (error != NULL)
    {
      g_printerr ("tillwatt-simulator: %s\n", error->message);
      return EXIT_FAILURE;
    }

  g_unix_signal_add (SIGTERM, on_signal_cb, sim);
  g_unix_signal_add (SIGINT, on_signal_cb, sim);
  g_timeout_add (TILL_SIM_SAVE_MS, on_save_cb, sim);
  g_timeout_add (500, on_sweep_cb, sim);
  if (options.die_with_parent)
    follow_parent (sim);
  say_ready (sim, gateway);
  g_main_loop_run (sim->loop);
  return till_sim_save (sim) && !sim->failed ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A line takes three descriptors, and a mall has many lines. */
static void
raise_file_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) context = g_option_context_new ("– a site of simulated meters");
  g_autoptr(GError) error = NULL;
  TillCountRule rule = TILL_COUNT_RULE_GUARDED;
  TillSim sim = { 0 };
  const char *wrong;
  gint64 start_ms;
  int status;

  parent_pid = getppid ();
  signal (SIGPIPE, SIG_IGN);
  raise_file_limit ();
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("tillwatt-simulator: %s; see --help\n", error->message);
      return EXIT_USAGE;
    }
  wrong = argc > 1 ? "there are words that are no option; see --help"
                   : check_options (&sim, &start_ms, &rule);
  if (wrong != NULL)
    {
      g_printerr ("tillwatt-simulator: %s\n", wrong);
      return EXIT_USAGE;
    }

  sim.loop = g_main_loop_new (NULL, FALSE);
  sim.by_number = g_hash_table_new (g_str_hash, g_str_equal);
  sim.lines = g_ptr_array_new_with_free_func ((GDestroyNotify)till_sim_line_free);
  sim.faults = till_sim_faults_new ((guint64)options.seed);
  status = run (&sim, start_ms, rule);

  g_clear_pointer (&sim.lines, g_ptr_array_unref);
  g_clear_pointer (&sim.store, till_sim_store_free);
  g_clear_pointer (&sim.faults, till_sim_faults_free);
  g_clear_pointer (&sim.by_number, g_hash_table_unref);
  g_clear_pointer (&sim.site, till_sim_site_free);
  g_main_loop_unref (sim.loop);
  return status;
}
