/*
 * till-sim-control.c: words that tell the simulator what to do
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "till-clock.h"
#include "till-sim-control.h"
#include "till-sim-describe.h"

#define CLIENTS_MAX 64
#define COMMAND_MAX 4096
#define SCRIPT_MAX 10000

struct _TillSimControl
{
  TillSim   *sim;
  char      *path;
  int        listener;
  guint      source;
  GPtrArray *clients; /* of Client */
};

typedef struct
{
  TillSimControl *control;
  int             fd;
  guint           source;
  GString        *input;
} Client;

typedef struct
{
  TillSim *sim;
  char    *command;
} Scheduled;

/* Does a command: appends the members of the answer, or sets the error. */
typedef gboolean (*CommandFunc) (TillSim *sim,
                                 char   **words,
                                 GString *out,
                                 GError **error);

/* What “set” can set to a plain number. */
static const struct
{
  const char *name;
  gsize       offset;
  gint64      least;
  gint64      most;
} settings[] = {
#define SETTING(name, member, least, most) { name, offsetof (TillSimMemory, member), least, most }
  SETTING ("remaining_fen", remaining_fen, G_MININT32, G_MAXINT32),
  SETTING ("count", count, 0, 65535),
  SETTING ("total_fen", total_fen, 0, G_MAXUINT32),
  SETTING ("prepay", prepay, 0, 1),
  SETTING ("silent", silent, 0, 1),
  SETTING ("latency_ms", latency_ms, -1, 600000),
  SETTING ("load_w", load_w, -1, 32767),
  SETTING ("drift_ppm", drift_ppm, -100000, 100000),
  SETTING ("hoard_fen", hoard_fen, 0, G_MAXINT32),
  SETTING ("overdraft_fen", overdraft_fen, 0, G_MAXINT32),
  SETTING ("alarm1_fen", alarm_fen[0], 0, G_MAXINT32),
  SETTING ("alarm2_fen", alarm_fen[1], 0, G_MAXINT32),
  SETTING ("price_sharp", price[0], 0, 10000000),
  SETTING ("price_peak", price[1], 0, 10000000),
  SETTING ("price_flat", price[2], 0, 10000000),
  SETTING ("price_valley", price[3], 0, 10000000),
  SETTING ("ct", ct, 1, 9999),
  SETTING ("pt", pt, 1, 9999),
  SETTING ("max_registers", max_registers, 1, 125),
  SETTING ("rollover_ckwh", rollover_ckwh, 1000, G_GINT64_CONSTANT (4294967296)),
  SETTING ("base_ckwh", base_ckwh, 0, G_MAXUINT32),
  SETTING ("overload_trips", overload_trips, 0, 65535),
#undef SETTING
};

static TillSimLine *
find_line (TillSim    *sim,
           const char *name)
{
  for (guint i = 0; i < sim->lines->len; i++)
    {
      TillSimLine *line = g_ptr_array_index (sim->lines, i);

      if (g_str_equal (till_sim_line_get_info (line)->name, name))
        return line;
    }
  return NULL;
}

static TillSimMeter *
get_meter (TillSim    *sim,
           const char *name,
           GError    **error)
{
  TillSimMeter *meter = g_hash_table_lookup (sim->by_number, name);

  if (meter == NULL)
    g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                 "there is no meter “%s”; “meters” lists them", name);
  return meter;
}

static TillSimLine *
get_line (TillSim    *sim,
          const char *name,
          GError    **error)
{
  TillSimLine *line = find_line (sim, name);

  if (line == NULL)
    g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                 "there is no line “%s”; “lines” lists them", name);
  return line;
}

/* A line, a meter, or “all”, for which both stay NULL. */
static gboolean
get_subject (TillSim                *sim,
             const char             *name,
             const TillSimLineInfo **info,
             const TillSimMeter    **meter,
             GError                **error)
{
  TillSimLine *line = find_line (sim, name);

  *info = line != NULL ? till_sim_line_get_info (line) : NULL;
  *meter = line == NULL ? g_hash_table_lookup (sim->by_number, name) : NULL;
  if (*info != NULL || *meter != NULL || g_str_equal (name, "all"))
    return TRUE;
  g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
               "“%s” is no line, no meter and not “all”", name);
  return FALSE;
}

static gboolean
get_number (const char *word,
            gint64      least,
            gint64      most,
            gint64     *value,
            GError    **error)
{
  if (g_ascii_string_to_signed (word, 10, least, most, value, NULL))
    return TRUE;
  g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
               "“%s” is not a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, word, least,
               most);
  return FALSE;
}

static gboolean
run_meter (TillSim *sim,
           char   **words,
           GString *out,
           GError **error)
{
  TillSimMeter *meter = get_meter (sim, words[1], error);

  if (meter == NULL)
    return FALSE;
  g_string_append_c (out, ',');
  till_sim_describe_meter (sim, meter, TRUE, out);
  return TRUE;
}

static gboolean
run_meters (TillSim *sim,
            char   **words,
            GString *out,
            GError **error)
{
  g_string_append (out, ",\"meters\":[");
  for (guint i = 0; i < sim->site->meters->len; i++)
    {
      g_string_append (out, i == 0 ? "{" : ",{");
      till_sim_describe_meter (sim, g_ptr_array_index (sim->site->meters, i), FALSE, out);
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
  return TRUE;
}

static gboolean
run_lines (TillSim *sim,
           char   **words,
           GString *out,
           GError **error)
{
  g_string_append (out, ",\"lines\":");
  till_sim_describe_lines (sim, out);
  return TRUE;
}

static gboolean
set_rule (TillSimMeter *meter,
          const char   *value,
          GError      **error)
{
  int rule;

  if (!till_enum_from_nick (TILL_TYPE_COUNT_RULE, value, &rule) || rule == TILL_COUNT_RULE_UNKNOWN)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                   "“%s” is no count rule; take guarded or add-only", value);
      return FALSE;
    }
  meter->memory.count_rule = rule;
  return TRUE;
}

/* Another meter is put in the place of this one. */
static gboolean
swap_meter (TillSim      *sim,
            TillSimMeter *meter,
            const char   *meter_no,
            GError      **error)
{
  if (g_hash_table_contains (sim->by_number, meter_no))
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                   "meter number “%s” is taken; give the new meter another", meter_no);
      return FALSE;
    }
  till_sim_meter_set_number (meter, meter_no);
  till_sim_meter_reset (meter);
  till_sim_index (sim);
  return TRUE;
}

static gboolean
set_number (TillSimMeter *meter,
            const char   *key,
            const char   *word,
            GError      **error)
{
  gint64 value;

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (key, settings[i].name))
      {
        if (!get_number (word, settings[i].least, settings[i].most, &value, error))
          return FALSE;
        *(gint64 *)((char *)&meter->memory + settings[i].offset) = value;
        if (g_str_equal (key, "remaining_fen"))
          meter->memory.cost_rest = 0;
        return TRUE;
      }
  g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
               "“%s” cannot be set; docs/simulator.md lists what can", key);
  return FALSE;
}

static gboolean
set_meter (TillSim      *sim,
           TillSimMeter *meter,
           const char   *key,
           const char   *word,
           GError      **error)
{
  gint64 value;

  if (g_str_equal (key, "count_rule"))
    return set_rule (meter, word, error);
  if (g_str_equal (key, "swap"))
    return swap_meter (sim, meter, word, error);
  if (g_str_equal (key, "reset"))
    {
      till_sim_meter_reset (meter);
      return TRUE;
    }
  if (g_str_equal (key, "energy_ckwh"))
    {
      if (!get_number (word, 0, G_GINT64_CONSTANT (4294967295), &value, error))
        return FALSE;
      till_sim_meter_set_energy (meter, value);
      return TRUE;
    }
  if (g_str_equal (key, "clock_offset_s"))
    {
      if (!get_number (word, -1000000000, 1000000000, &value, error))
        return FALSE;
      meter->memory.offset_ms = value * 1000;
      return TRUE;
    }
  if (g_str_equal (key, "encrypted"))
    {
      if (!get_number (word, 0, 1, &value, error))
        return FALSE;
      meter->memory.run_word &= ~TILL_SIM_RUN_ENCRYPTED;
      meter->memory.run_word |= value * TILL_SIM_RUN_ENCRYPTED;
      return TRUE;
    }
  return set_number (meter, key, word, error);
}

static gboolean
run_set (TillSim *sim,
         char   **words,
         GString *out,
         GError **error)
{
  TillSimLine *line = find_line (sim, words[1]);
  const char *word = words[3] != NULL ? words[3] : "1";
  TillSimMeter *meter;
  gint64 value;

  if (line != NULL && g_str_equal (words[2], "displace"))
    {
      if (!get_number (word, 0, 1, &value, error))
        return FALSE;
      till_sim_line_set_displace (line, value != 0);
      return TRUE;
    }

  if (g_str_equal (words[1], "all") && !g_str_equal (words[2], "swap"))
    {
      for (guint i = 0; i < sim->site->meters->len; i++)
        {
          meter = g_ptr_array_index (sim->site->meters, i);
          till_sim_meter_advance (meter, till_sim_now_ms (sim));
          if (!set_meter (sim, meter, words[2], word, error))
            return FALSE;
        }
      return till_sim_save (sim);
    }

  meter = get_meter (sim, words[1], error);
  if (meter == NULL)
    return FALSE;
  till_sim_meter_advance (meter, till_sim_now_ms (sim));
  if (!set_meter (sim, meter, words[2], word, error))
    return FALSE;
  till_sim_keep (sim, meter, FALSE);
  return TRUE;
}

static gboolean
run_fault (TillSim *sim,
           char   **words,
           GString *out,
           GError **error)
{
  TillSimFault fault;
  const TillSimLineInfo *line;
  const TillSimMeter *meter;

  if (!get_subject (sim, words[1], &line, &meter, error) ||
      !till_sim_fault_parse (words + 2, &fault, error))
    return FALSE;
  fault.line = line;
  fault.meter = meter;
  if (!till_sim_faults_add (sim->faults, &fault, error))
    return FALSE;
  g_string_append_printf (out, ",\"faults\":%u", till_sim_faults_get_n (sim->faults));
  return TRUE;
}

/* random p=PERMILLE kinds=A,B,… [more keys]: one rule a kind, which share the permille. */
static gboolean
run_random (TillSim *sim,
            char   **words,
            GString *out,
            GError **error)
{
  g_autoptr(GPtrArray) rest = g_ptr_array_new ();
  g_auto(GStrv) kinds = NULL;

  for (int i = 1; words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], "kinds=") && kinds == NULL)
      kinds = g_strsplit (words[i] + 6, ",", 32);
    else
      g_ptr_array_add (rest, words[i]);
  g_ptr_array_add (rest, NULL);
  if (kinds == NULL || kinds[0] == NULL)
    {
      g_set_error_literal (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                           "random needs kinds=A,B,… and p=PERMILLE");
      return FALSE;
    }

  for (int i = 0; kinds[i] != NULL; i++)
    {
      g_autoptr(GPtrArray) rule = g_ptr_array_new ();
      TillSimFault fault;

      g_ptr_array_add (rule, kinds[i]);
      for (guint k = 0; k < rest->len; k++)
        g_ptr_array_add (rule, rest->pdata[k]);
      if (!till_sim_fault_parse ((char **)rule->pdata, &fault, error))
        return FALSE;
      fault.count = -1;
      fault.permille = MAX (1, fault.permille / g_strv_length (kinds));
      if (!till_sim_faults_add (sim->faults, &fault, error))
        return FALSE;
    }
  g_string_append_printf (out, ",\"faults\":%u", till_sim_faults_get_n (sim->faults));
  return TRUE;
}

static gboolean
run_clear (TillSim *sim,
           char   **words,
           GString *out,
           GError **error)
{
  const TillSimLineInfo *line;
  const TillSimMeter *meter;

  if (!get_subject (sim, words[1], &line, &meter, error))
    return FALSE;
  g_string_append_printf (out, ",\"cleared\":%u", till_sim_faults_clear (sim->faults, line, meter));
  return TRUE;
}

static gboolean
run_restart (TillSim *sim,
             char   **words,
             GString *out,
             GError **error)
{
  TillSimLine *line = get_line (sim, words[1], error);
  char *fault_words[8] = { (char *)"restart" };
  TillSimFault fault;

  for (int i = 2; words[i] != NULL && i < 8; i++)
    fault_words[i - 1] = words[i];
  if (line == NULL || !till_sim_fault_parse (fault_words, &fault, error))
    return FALSE;
  till_sim_line_restart (line, fault.late_ms, fault.down_ms);
  return TRUE;
}

static gboolean
run_stats (TillSim *sim,
           char   **words,
           GString *out,
           GError **error)
{
  TillSimLine *line;

  if (words[1] != NULL)
    {
      line = get_line (sim, words[1], error);
      if (line == NULL)
        return FALSE;
      g_string_append (out, ",\"stats\":");
      till_sim_describe_stats (line, out);
      return TRUE;
    }
  g_string_append (out, ",\"lines\":[");
  for (guint i = 0; i < sim->lines->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      till_sim_describe_stats (g_ptr_array_index (sim->lines, i), out);
    }
  g_string_append_c (out, ']');
  return TRUE;
}

static gboolean
run_reset_stats (TillSim *sim,
                 char   **words,
                 GString *out,
                 GError **error)
{
  TillSimLine *only = words[1] != NULL ? get_line (sim, words[1], error) : NULL;

  if (words[1] != NULL && only == NULL)
    return FALSE;
  for (guint i = 0; i < sim->lines->len; i++)
    if (only == NULL || only == g_ptr_array_index (sim->lines, i))
      till_sim_line_reset_stats (g_ptr_array_index (sim->lines, i));
  return TRUE;
}

static gboolean
run_stamp (TillSim *sim,
           char   **words,
           GString *out,
           GError **error)
{
  const gint64 now_ms = till_sim_now_ms (sim);
  g_autofree char *text = till_clock_format_iso (now_ms);

  g_string_append_printf (out, ",\"monotonic_us\":%" G_GINT64_FORMAT ",\"sim_ms\":%"
                          G_GINT64_FORMAT ",\"sim\":\"%s\",\"speed_permille\":%" G_GINT64_FORMAT,
                          g_get_monotonic_time (), now_ms, text, sim->speed_permille);
  return TRUE;
}

static gboolean
run_save (TillSim *sim,
          char   **words,
          GString *out,
          GError **error)
{
  if (till_sim_save (sim))
    return TRUE;
  g_set_error_literal (error, TILL_SIM_ERROR, TILL_SIM_ERROR_STATE, "the state cannot be written");
  return FALSE;
}

static gboolean
run_shutdown (TillSim *sim,
              char   **words,
              GString *out,
              GError **error)
{
  g_main_loop_quit (sim->loop);
  return TRUE;
}

static const struct
{
  const char *name;
  guint       least; /* words behind the name */
  guint       most;
  CommandFunc run;
  const char *usage;
} commands[] = {
  { "meter", 1, 1, run_meter, "meter NO" },
  { "meters", 0, 0, run_meters, "meters" },
  { "lines", 0, 0, run_lines, "lines" },
  { "set", 2, 3, run_set, "set NO|LINE|all KEY VALUE" },
  { "fault", 2, 20, run_fault, "fault LINE|NO|all KIND [key=value …]" },
  { "random", 1, 20, run_random, "random p=PERMILLE kinds=A,B,… [key=value …]" },
  { "clear", 1, 1, run_clear, "clear LINE|NO|all" },
  { "restart-line", 1, 3, run_restart, "restart-line LINE [late_ms=N] [down_ms=N]" },
  { "stats", 0, 1, run_stats, "stats [LINE]" },
  { "reset-stats", 0, 1, run_reset_stats, "reset-stats [LINE]" },
  { "stamp", 0, 0, run_stamp, "stamp" },
  { "save", 0, 0, run_save, "save" },
  { "shutdown", 0, 0, run_shutdown, "shutdown" },
};

static gboolean
run_words (TillSim *sim,
           char   **words,
           GString *out,
           GError **error)
{
  const guint n = g_strv_length (words);

  for (gsize i = 0; n > 0 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (words[0], commands[i].name))
      {
        if (n - 1 >= commands[i].least && n - 1 <= commands[i].most)
          return commands[i].run (sim, words, out, error);
        g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND, "say “%s”", commands[i].usage);
        return FALSE;
      }
  g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
               "“%s” is no command; commands are meter, meters, lines, set, fault, random, clear, "
               "restart-line, stats, reset-stats, stamp, save, shutdown", n > 0 ? words[0] : "");
  return FALSE;
}

static char **
split_words (const char *command)
{
  g_auto(GStrv) raw = g_strsplit_set (command, " \t\r\n", -1);
  GStrvBuilder *builder = g_strv_builder_new ();
  char **words;

  for (int i = 0; raw[i] != NULL; i++)
    if (*raw[i] != '\0')
      g_strv_builder_add (builder, raw[i]);
  words = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return words;
}

/**
 * till_sim_control_run:
 * @sim: the site
 * @command: the words of one command
 *
 * Does a command.
 *
 * Returns: (transfer full): the answer, one line of JSON without its end
 */
char *
till_sim_control_run (TillSim    *sim,
                      const char *command)
{
  g_auto(GStrv) words = split_words (command);
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new ("{\"ok\":true");
  g_autofree char *text = NULL;

  if (run_words (sim, words, out, &error))
    {
      g_string_append_c (out, '}');
      return g_string_free (g_steal_pointer (&out), FALSE);
    }
  text = till_sim_json_quote (error != NULL ? error->message : "the state cannot be written");
  return g_strdup_printf ("{\"ok\":false,\"error\":%s}", text);
}

static gboolean
on_scheduled_cb (gpointer user_data)
{
  Scheduled *scheduled = user_data;
  g_autofree char *answer = till_sim_control_run (scheduled->sim, scheduled->command);

  if (g_str_has_prefix (answer, "{\"ok\":false"))
    g_printerr ("tillwatt-simulator: %s: %s\n", scheduled->command, answer);
  return G_SOURCE_REMOVE;
}

static void
free_scheduled (gpointer data)
{
  Scheduled *scheduled = data;

  g_free (scheduled->command);
  g_free (scheduled);
}

/* “AT_SECONDS command …”; the seconds may have three places behind the point. */
static gboolean
schedule (TillSim    *sim,
          const char *line,
          GError    **error)
{
  g_auto(GStrv) words = split_words (line);
  char *point = words[0] != NULL ? strchr (words[0], '.') : NULL;
  gint64 seconds;
  gint64 thousandths = 0;
  Scheduled *scheduled;

  if (point != NULL)
    {
      g_autofree char *places = g_strdup_printf ("%s000", point + 1);

      places[3] = '\0';
      *point = '\0';
      if (!get_number (places, 0, 999, &thousandths, error))
        return FALSE;
    }
  if (!get_number (words[0], 0, 2000000, &seconds, error))
    return FALSE;
  if (words[1] == NULL)
    {
      g_set_error_literal (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND, "there is no command");
      return FALSE;
    }

  scheduled = g_new0 (Scheduled, 1);
  scheduled->sim = sim;
  scheduled->command = g_strjoinv (" ", words + 1);
  g_timeout_add_full (G_PRIORITY_DEFAULT, (guint)(seconds * 1000 + thousandths), on_scheduled_cb,
                      scheduled, free_scheduled);
  return TRUE;
}

/**
 * till_sim_control_run_script:
 * @sim: the site
 * @path: a text file: lines of “AT_SECONDS command …”; “#” begins a remark
 * @error: return location for a #GError
 *
 * Lets the commands of a script be done at their times, counted from now.
 *
 * Returns: %TRUE, or %FALSE with @error set, naming the line
 */
gboolean
till_sim_control_run_script (TillSim    *sim,
                             const char *path,
                             GError    **error)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", SCRIPT_MAX);
  for (int i = 0; lines[i] != NULL; i++)
    {
      g_strstrip (lines[i]);
      if (lines[i][0] == '\0' || lines[i][0] == '#')
        continue;
      if (!schedule (sim, lines[i], error))
        {
          g_prefix_error (error, "%s, line %d: ", path, i + 1);
          return FALSE;
        }
    }
  return TRUE;
}

static void
free_client (gpointer data)
{
  Client *client = data;

  g_clear_handle_id (&client->source, g_source_remove);
  close (client->fd);
  g_string_free (client->input, TRUE);
  g_free (client);
}

/* An answer can be larger than the socket's buffer: the client is waited for, but not for ever. */
static gboolean
send_all (int         fd,
          const char *bytes,
          gsize       length)
{
  while (length > 0)
    {
      const gssize n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      bytes += n;
      length -= (gsize)n;
    }
  return TRUE;
}

/* Runs the whole lines that have come. Returns FALSE when the client must go. */
static gboolean
run_input (Client *client)
{
  char *end;

  while ((end = memchr (client->input->str, '\n', client->input->len)) != NULL)
    {
      g_autofree char *command = g_strndup (client->input->str, (gsize)(end - client->input->str));
      g_autofree char *answer = till_sim_control_run (client->control->sim, command);
      g_autofree char *line = g_strconcat (answer, "\n", NULL);

      g_string_erase (client->input, 0, end + 1 - client->input->str);
      if (!send_all (client->fd, line, strlen (line)))
        return FALSE;
    }
  return client->input->len <= COMMAND_MAX;
}

static gboolean
on_client_cb (int          fd,
              GIOCondition condition,
              gpointer     user_data)
{
  Client *client = user_data;
  char bytes[1024];
  const gssize n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      g_string_append_len (client->input, bytes, n);
      if (run_input (client))
        return G_SOURCE_CONTINUE;
    }
  client->source = 0;
  g_ptr_array_remove_fast (client->control->clients, client);
  return G_SOURCE_REMOVE;
}

static gboolean
on_connect_cb (int          fd,
               GIOCondition condition,
               gpointer     user_data)
{
  TillSimControl *self = user_data;
  const struct timeval limit = { .tv_sec = 5 };
  const int peer = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
  Client *client;

  if (peer < 0)
    return G_SOURCE_CONTINUE;
  if (self->clients->len >= CLIENTS_MAX)
    {
      close (peer);
      return G_SOURCE_CONTINUE;
    }
  setsockopt (peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  client = g_new0 (Client, 1);
  client->control = self;
  client->fd = peer;
  client->input = g_string_new (NULL);
  client->source = g_unix_fd_add (peer, G_IO_IN | G_IO_HUP | G_IO_ERR, on_client_cb, client);
  g_ptr_array_add (self->clients, client);
  return G_SOURCE_CONTINUE;
}

/**
 * till_sim_control_open:
 * @sim: the site; outlives the control
 * @path: where the socket shall be; a socket that is there is replaced
 * @error: return location for a #GError
 *
 * Takes commands on a UNIX stream socket that only our own user may use: a command a line, a line
 * of JSON for an answer.
 *
 * Returns: (transfer full) (nullable): the control, or %NULL with %TILL_SIM_ERROR_COMMAND set
 */
TillSimControl *
till_sim_control_open (TillSim    *sim,
                       const char *path,
                       GError    **error)
{
  g_autoptr(TillSimControl) self = g_new0 (TillSimControl, 1);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct stat there;
  mode_t mask;
  gboolean good;

  self->sim = sim;
  self->listener = -1;
  self->clients = g_ptr_array_new_with_free_func (free_client);
  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                   "--control “%s” is too long for a socket; take a shorter path", path);
      return NULL;
    }

  if (lstat (path, &there) == 0 && S_ISSOCK (there.st_mode))
    g_unlink (path);
  self->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  mask = umask (0077);
  good = self->listener >= 0 &&
         bind (self->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
         listen (self->listener, 16) == 0;
  umask (mask);
  if (!good)
    {
      const int code = errno;

      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                   "--control “%s” cannot be made: %s", path, g_strerror (code));
      return NULL;
    }
  self->path = g_strdup (path);
  self->source = g_unix_fd_add (self->listener, G_IO_IN, on_connect_cb, self);
  return g_steal_pointer (&self);
}

/**
 * till_sim_control_free:
 * @self: (nullable) (transfer full): a control; its socket is taken away
 */
void
till_sim_control_free (TillSimControl *self)
{
  if (self == NULL)
    return;

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_pointer (&self->clients, g_ptr_array_unref);
  if (self->listener >= 0)
    close (self->listener);
  if (self->path != NULL)
    g_unlink (self->path);
  g_free (self->path);
  g_free (self);
}
