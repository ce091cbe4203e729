/*
 * bench-readings.c: how large the readings are and how fast they come back (P9, P10, P11)
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loads 50, 500 and 5,000 meter-years (with --long also 50,000) through the product's own
 * functions in the order in which days end, and beside them a plain table in the order of arrival,
 * in one run. It reports figures and ratios; it fails only when a sum is wrong.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "till-clock.h"
#include "till-db.h"
#include "till-load.h"
#include "till-readings.h"

#define FIRST_DAY 20250101
#define DAYS 365
#define SLOTS TILL_READINGS_SLOTS_A_DAY
#define BASE_METERS 50
#define COLUMNS 1000
#define FETCHES 21
#define RUNS 5
#define METERS_A_COMMIT 500
#define MONTH 202505

static const TillDbSchema schema = {
  .resource_prefix = "/org/tillwatt/Till/sql/readings",
  .version = 1,
  .application_id = 0x54697252,
};

static gboolean in_json;
static gboolean is_long;
static int scale_max;
static char *folder;
static TillRegisters *years[BASE_METERS]; /* of one meter-year each */
static GString *json;

static void
check (gboolean good,
       GError  *error)
{
  if (good)
    return;

  g_printerr ("bench-readings: %s\n", error != NULL ? error->message : "wrong");
  exit (1);
}

static void
tell (const char *id,
      const char *what,
      gint64      scale,
      double      value,
      const char *unit)
{
  if (in_json)
    g_string_append_printf (json, "%s{\"id\":\"%s\",\"what\":\"%s\",\"scale\":%" G_GINT64_FORMAT
                            ",\"value\":%.4f,\"unit\":\"%s\"}", json->len > 0 ? ",\n " : "",
                            id, what, scale, value, unit);
  else
    g_print ("%-4s %-52s %7" G_GINT64_FORMAT "  %12.3f %s\n", id, what, scale, value, unit);
}

static char *
make_path (const char *name,
           int         scale)
{
  g_autofree char *file = g_strdup_printf ("%s-%d.db", name, scale);

  return g_build_filename (folder, file, NULL);
}

static void
remove_file (const char *path)
{
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *shm = g_strconcat (path, "-shm", NULL);

  g_unlink (path);
  g_unlink (wal);
  g_unlink (shm);
}

static double
size_of (const char *path)
{
  GStatBuf info;

  check (g_stat (path, &info) == 0, NULL);
  return (double)info.st_size;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (double *values,
        guint   n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

/* Fifty shops of their own; the others are those with other registers. */
static void
make_years (void)
{
  for (int i = 0; i < BASE_METERS; i++)
    {
      TillLoad load;

      years[i] = g_new (TillRegisters, DAYS * SLOTS);
      till_load_init (&load, i, till_clock_day_start_ms (FIRST_DAY));
      for (int k = 0; k < DAYS * SLOTS; k++, till_load_next (&load))
        years[i][k] = load.now;
    }
}

static TillRegisters
get_slot (gint64 meter_id,
          int    at)
{
  TillRegisters slot = years[meter_id % BASE_METERS][at];
  const gint64 more = meter_id / BASE_METERS * 77000;

  slot.total_ckwh += more;
  slot.period_ckwh[TILL_PERIOD_FLAT] += more;
  return slot;
}

static void
load_packed (const char *path,
             int         n_meters)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReadings) readings = till_readings_open (path, FALSE, &error);

  check (readings != NULL, error);
  for (int day = 0; day < DAYS; day++)
    for (int first = 1; first <= n_meters; first += METERS_A_COMMIT)
      {
        check (till_readings_begin (readings, &error), error);
        for (int meter = first; meter < first + METERS_A_COMMIT && meter <= n_meters; meter++)
          {
            TillRegisters slots[SLOTS];

            for (int i = 0; i < SLOTS; i++)
              slots[i] = get_slot (meter, day * SLOTS + i);
            check (till_readings_add_many (readings, meter, slots, SLOTS, &error), error);
          }
        check (till_readings_commit (readings, &error), error);
      }
}

/* What most programs do: a row a reading as it comes, and an index. */
static void
load_plain (const char *path,
            int         n_meters)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillDb) db = till_db_open (path, &schema, &error);

  check (db != NULL, error);
  check (till_db_run (db, &error,
                      "CREATE TABLE plain (meter_id INTEGER, at_ms INTEGER, total INTEGER, "
                      "sharp INTEGER, peak INTEGER, flat INTEGER, valley INTEGER, deep INTEGER, "
                      "power_max_w INTEGER)", ""), error);
  check (till_db_run (db, &error, "CREATE INDEX plain_index ON plain (meter_id, at_ms)", ""), error);

  for (int i = 0; i < DAYS * SLOTS; i++)
    {
      if (i % 8 == 0)
        check (till_db_begin (db, &error), error);
      for (int meter = 1; meter <= n_meters; meter++)
        {
          const TillRegisters slot = get_slot (meter, i);

          check (till_db_run (db, &error,
                              "INSERT INTO plain VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                              "diiiiiiii", meter, slot.at_ms, slot.total_ckwh, slot.period_ckwh[0],
                              slot.period_ckwh[1], slot.period_ckwh[2], slot.period_ckwh[3],
                              slot.period_ckwh[4], slot.power_max_w), error);
        }
      if (i % 8 == 7)
        check (till_db_commit (db, &error), error);
    }
}

static void
fetch_plain (TillDb *db,
             gint64  meter_id,
             gint64  from_ms,
             gint64  to_ms,
             GArray *slots)
{
  g_autoptr(GError) error = NULL;
  TillStmt *stmt = till_db_query (db, &error,
                                  "SELECT at_ms, total, sharp, peak, flat, valley, deep, power_max_w "
                                  "FROM plain WHERE meter_id = $1 AND at_ms >= $2 AND at_ms < $3 "
                                  "ORDER BY at_ms", "iii", meter_id, from_ms, to_ms);
  int rc;

  check (stmt != NULL, error);
  while ((rc = till_stmt_step (stmt, &error)) == 1)
    {
      TillRegisters slot = { .at_ms = till_stmt_get_int (stmt, 0) };

      slot.total_ckwh = till_stmt_get_int (stmt, 1);
      for (int p = 0; p < TILL_N_PERIODS; p++)
        slot.period_ckwh[p] = till_stmt_get_int (stmt, p + 2);
      slot.power_max_w = till_stmt_get_int (stmt, 7);
      g_array_append_val (slots, slot);
    }
  check (rc == 0, error);
}

/* The least and the greatest use of each pixel column, as a chart draws it. */
static gint64
decimate (GArray *slots)
{
  static gint64 columns[COLUMNS][2];
  const guint a_column = MAX (slots->len / COLUMNS, 1);
  gint64 sum = 0;

  for (guint c = 0; c < COLUMNS && (c + 1) * a_column < slots->len; c++)
    {
      columns[c][0] = G_MAXINT64;
      columns[c][1] = 0;
      for (guint i = c * a_column; i < (c + 1) * a_column; i++)
        {
          const gint64 use = g_array_index (slots, TillRegisters, i + 1).total_ckwh -
                             g_array_index (slots, TillRegisters, i).total_ckwh;

          columns[c][0] = MIN (columns[c][0], use);
          columns[c][1] = MAX (columns[c][1], use);
        }
      sum += columns[c][1];
    }

  return sum;
}

static void
check_year (GArray *slots,
            gint64  meter_id)
{
  check (slots->len == DAYS * SLOTS, NULL);
  for (guint i = 0; i < slots->len; i++)
    {
      const TillRegisters expected = get_slot (meter_id, (int)i);

      check (g_array_index (slots, TillRegisters, i).at_ms == expected.at_ms &&
             g_array_index (slots, TillRegisters, i).total_ckwh == expected.total_ckwh &&
             g_array_index (slots, TillRegisters, i).power_max_w == expected.power_max_w, NULL);
    }
}

/* Fetches a year of some meters; %NULL @readings: from the plain table. Returns the median of the
 * first fetch of each, and by @again_ms that of all later ones. */
static double
fetch_years (TillReadings *readings,
             TillDb       *plain,
             int           n_meters,
             double       *again_ms)
{
  const gint64 from_ms = till_clock_day_start_ms (FIRST_DAY);
  const gint64 to_ms = from_ms + DAYS * SLOTS * (gint64)TILL_READINGS_SLOT_MS;
  g_autoptr(GArray) slots = g_array_sized_new (FALSE, FALSE, sizeof (TillRegisters), DAYS * SLOTS + SLOTS);
  g_autoptr(GError) error = NULL;
  double first[FETCHES];
  double again[FETCHES * RUNS];

  /* The array is touched once before, as the chart's is. */
  g_array_set_size (slots, DAYS * SLOTS + SLOTS);
  memset (slots->data, 1, slots->len * sizeof (TillRegisters));

  for (int f = 0; f < FETCHES; f++)
    for (int run = 0; run <= RUNS; run++)
      {
        const gint64 meter_id = 1 + (gint64)f * (n_meters - 1) / (FETCHES - 1);
        const gint64 began_us = g_get_monotonic_time ();
        double took_ms;

        g_array_set_size (slots, 0);
        if (readings != NULL)
          check (till_readings_list_slots (readings, meter_id, from_ms, to_ms, slots, &error), error);
        else
          fetch_plain (plain, meter_id, from_ms, to_ms, slots);
        check (decimate (slots) > 0, NULL);
        took_ms = (double)(g_get_monotonic_time () - began_us) / 1000;

        if (run == 0)
          {
            first[f] = took_ms;
            check_year (slots, meter_id);
          }
        else
          {
            again[f * RUNS + run - 1] = took_ms;
          }
      }

  *again_ms = median (again, FETCHES * RUNS);
  return median (first, FETCHES);
}

/* P11 on a file that is loaded: the month rows beside GROUP BY over the day rows, and equal to it.
 * */
static void
bench_month (const char *path,
             int         n_meters)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReadings) readings = till_readings_open (path, TRUE, &error);
  g_autoptr(TillDb) db = till_db_open_reader (path, &schema, NULL);
  g_autoptr(GArray) uses = g_array_new (FALSE, FALSE, sizeof (TillUse));
  double rolled[RUNS];
  double grouped[RUNS];

  check (readings != NULL && db != NULL, error);
  for (int run = 0; run < RUNS; run++)
    {
      gint64 began_us = g_get_monotonic_time ();
      TillStmt *stmt;
      guint n = 0;

      g_array_set_size (uses, 0);
      check (till_readings_list_month (readings, MONTH, uses, &error), error);
      rolled[run] = (double)(g_get_monotonic_time () - began_us) / 1000;
      check (uses->len == (guint)n_meters, NULL);

      began_us = g_get_monotonic_time ();
      stmt = till_db_query (db, &error,
                            "SELECT meter_id, SUM (total), SUM (sharp), SUM (peak), SUM (flat), "
                            "SUM (valley), SUM (deep), MAX (power_max_w), SUM (n_slots) FROM day_use "
                            "WHERE site = 1 AND day BETWEEN $1 AND $2 GROUP BY meter_id",
                            "dd", MONTH * 100, MONTH * 100 + 99);
      check (stmt != NULL, error);
      while (till_stmt_step (stmt, &error) == 1)
        {
          const TillUse *use = &g_array_index (uses, TillUse, n);

          check (use->meter_id == till_stmt_get_int (stmt, 0) &&
                 use->total_ckwh == till_stmt_get_int (stmt, 1) &&
                 use->period_ckwh[TILL_PERIOD_SHARP] == till_stmt_get_int (stmt, 2) &&
                 use->period_ckwh[TILL_PERIOD_PEAK] == till_stmt_get_int (stmt, 3) &&
                 use->period_ckwh[TILL_PERIOD_FLAT] == till_stmt_get_int (stmt, 4) &&
                 use->period_ckwh[TILL_PERIOD_VALLEY] == till_stmt_get_int (stmt, 5) &&
                 use->period_ckwh[TILL_PERIOD_DEEP] == till_stmt_get_int (stmt, 6) &&
                 use->power_max_w == till_stmt_get_int (stmt, 7) &&
                 use->n_slots == till_stmt_get_int (stmt, 8), NULL);
          n++;
        }
      check (n == uses->len && error == NULL, error);
      grouped[run] = (double)(g_get_monotonic_time () - began_us) / 1000;
    }

  tell ("P11", "month of all meters, month rows", n_meters, median (rolled, RUNS), "ms");
  tell ("P11", "month of all meters, GROUP BY day rows, equal", n_meters, median (grouped, RUNS), "ms");
  tell ("P11", "GROUP BY / month rows", n_meters,
        median (grouped, RUNS) / median (rolled, RUNS), "x");
}

/* P11 for many meters: one slot a day is enough for day and month rows. */
static void
bench_month_of_many (int n_meters)
{
  g_autofree char *path = make_path ("months", n_meters);
  g_autoptr(GError) error = NULL;

  {
    g_autoptr(TillReadings) readings = till_readings_open (path, FALSE, &error);

    check (readings != NULL, error);
    for (int day = 119; day < 153; day++)
      for (int first = 1; first <= n_meters; first += METERS_A_COMMIT)
        {
          check (till_readings_begin (readings, &error), error);
          for (int meter = first; meter < first + METERS_A_COMMIT && meter <= n_meters; meter++)
            {
              const TillRegisters slot = get_slot (meter, day * SLOTS);

              check (till_readings_add (readings, meter, &slot, &error), error);
            }
          check (till_readings_commit (readings, &error), error);
        }
  }

  bench_month (path, n_meters);
  remove_file (path);
}

/* The way slots come in life: one by one, all meters every quarter of an hour, packed at night. */
static void
bench_arrival (void)
{
  g_autofree char *path = make_path ("arrival", 1);
  g_autoptr(GError) error = NULL;
  const int days = 20;
  double added_s = 0;
  double packed_s = 0;

  {
    g_autoptr(TillReadings) readings = till_readings_open (path, FALSE, &error);

    check (readings != NULL, error);
    for (int i = 0; i < days * SLOTS; i++)
      {
        gint64 began_us = g_get_monotonic_time ();

        check (till_readings_begin (readings, &error), error);
        for (int meter = 1; meter <= BASE_METERS; meter++)
          {
            const TillRegisters slot = get_slot (meter, i);

            check (till_readings_add (readings, meter, &slot, &error), error);
          }
        check (till_readings_commit (readings, &error), error);
        added_s += (double)(g_get_monotonic_time () - began_us) / 1e6;

        began_us = g_get_monotonic_time ();
        if (i % SLOTS == SLOTS - 1)
          check (till_readings_pack (readings,
                                     get_slot (1, i).at_ms + TILL_READINGS_SLOT_MS, &error), error);
        packed_s += (double)(g_get_monotonic_time () - began_us) / 1e6;
      }
  }

  tell ("P9", "slots one by one: store and mend the sums, a slot", days, added_s * 1e6 /
        (days * SLOTS * BASE_METERS), "us");
  tell ("P9", "pack a day of a meter", days, packed_s * 1e6 / (days * BASE_METERS), "us");
  tell ("P9", "file after so many days of it", days,
        size_of (path) / (days * SLOTS * BASE_METERS), "B/reading");
  remove_file (path);
}

/* The same in a plain table. One of 1,750 million rows does not fit beside the rest. */
static void
bench_plain (int    scale,
             int    n_meters,
             double n_readings,
             double packed_ms)
{
  g_autofree char *plain = make_path ("plain", scale);
  g_autoptr(GError) error = NULL;
  g_autoptr(TillDb) db = NULL;
  double first_ms;
  double again_ms;

  if (scale > 100)
    return;

  load_plain (plain, n_meters);
  db = till_db_open_reader (plain, &schema, &error);
  check (db != NULL, error);
  tell ("P9", "plain table and index in order of arrival", scale, size_of (plain) / n_readings,
        "B/reading");
  first_ms = fetch_years (NULL, db, n_meters, &again_ms);
  tell ("P10", "plain table, meter-year, first", scale, first_ms, "ms");
  tell ("P10", "plain table, meter-year, again", scale, again_ms, "ms");
  tell ("P10", "plain / packed, again", scale, again_ms / packed_ms, "x");
  remove_file (plain);
}

static void
bench_scale (int     scale,
             double *fetch_ms)
{
  const int n_meters = BASE_METERS * scale;
  const double n_readings = (double)n_meters * DAYS * SLOTS;
  g_autofree char *path = make_path ("packed", scale);
  g_autoptr(GError) error = NULL;
  gint64 began_us = g_get_monotonic_time ();
  gint64 blobs = 0;
  double again_ms;
  double first_ms;

  load_packed (path, n_meters);
  tell ("P9", "load by days, sums kept", scale,
        (double)(g_get_monotonic_time () - began_us) / (n_meters * DAYS), "us/meter-day");
  tell ("P9", "whole file with power, day and month rows", scale, size_of (path) / n_readings,
        "B/reading");

  {
    g_autoptr(TillDb) db = till_db_open_reader (path, &schema, &error);
    g_autoptr(TillReadings) readings = till_readings_open (path, TRUE, &error);

    check (db != NULL && readings != NULL, error);
    check (till_db_get_int (db, &blobs, &error, "SELECT SUM (LENGTH (slots)) FROM packed_day", ""),
           error);
    tell ("P9", "packed days alone", scale, (double)blobs / n_readings, "B/reading");
    first_ms = fetch_years (readings, NULL, n_meters, &again_ms);
  }

  tell ("P10", "meter-year, fetch and decimate, first", scale, first_ms, "ms");
  tell ("P10", "meter-year, fetch and decimate, again", scale, again_ms, "ms");
  if (*fetch_ms > 0)
    tell ("P10", "growth against scale 1", scale, again_ms / *fetch_ms, "x");
  else
    *fetch_ms = again_ms;

  if (scale == 10 || scale == 100)
    bench_month (path, n_meters);

  if (scale <= 10 || is_long)
    bench_plain (scale, n_meters, n_readings, again_ms);

  remove_file (path);
}

int
main (int   argc,
      char *argv[])
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &in_json, "Print JSON", NULL },
    { "long", 0, 0, G_OPTION_ARG_NONE, &is_long, "Also 50,000 meter-years (20 GB, an hour)", NULL },
    { "scale", 0, 0, G_OPTION_ARG_INT, &scale_max, "Largest multiple of 50 meter-years", "N" },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("- how large and fast the readings are");
  g_autoptr(GError) error = NULL;
  const char *base = g_getenv ("TILLWATT_BENCH_DIR");
  double fetch_ms = 0;

  g_option_context_add_main_entries (context, entries, NULL);
  check (g_option_context_parse (context, &argc, &argv, &error), error);
  if (scale_max == 0)
    scale_max = is_long ? 1000 : 100;

  folder = g_build_filename (base != NULL ? base : g_get_tmp_dir (), "bench-readings-XXXXXX", NULL);
  check (g_mkdtemp (folder) != NULL, NULL);
  json = g_string_new (NULL);

  make_years ();
  bench_arrival ();
  for (int scale = 1; scale <= scale_max; scale *= 10)
    bench_scale (scale, &fetch_ms);
  if (scale_max >= 100)
    bench_month_of_many (50000);

  if (in_json)
    g_print ("{\"bench\":\"readings\",\"figures\":[\n %s\n]}\n", json->str);

  for (int i = 0; i < BASE_METERS; i++)
    g_free (years[i]);
  g_string_free (json, TRUE);
  g_rmdir (folder);
  g_free (folder);
  return 0;
}
