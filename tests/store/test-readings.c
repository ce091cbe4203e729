#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "till-clock.h"
#include "till-db.h"
#include "till-load.h"
#include "till-readings.h"

#define FIRST_DAY 20261125
#define N_DAYS 40
#define SLOTS TILL_READINGS_SLOTS_A_DAY
#define METERS 3
#define METER 1
#define HISTORIES 100

/* The file itself, for planting faults in it. */
static const TillDbSchema schema = {
  .resource_prefix = "/org/tillwatt/Till/sql/readings",
  .version = 1,
  .application_id = 0x54697252,
};

typedef struct
{
  char         *folder;
  char         *path;
  TillReadings *readings;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  f->folder = g_dir_make_tmp ("till-readings-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "readings.db", NULL);
  f->readings = till_readings_open (f->path, FALSE, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  static const char *const ends[] = { "", "-wal", "-shm" };

  till_readings_close (f->readings);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *name = g_strconcat (f->path, ends[i], NULL);

      g_unlink (name);
    }
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->path);
  g_free (f->folder);
}

static gboolean
is_one_in (int n)
{
  return g_test_rand_int_range (0, n) == 0;
}

static void
add (Fixture             *f,
     gint64               meter_id,
     const TillRegisters *slot)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (till_readings_add (f->readings, meter_id, slot, &error));
  g_assert_no_error (error);
}

static void
pack (Fixture *f,
      gint64   now_ms)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (till_readings_pack (f->readings, now_ms, &error));
  g_assert_no_error (error);
}

/* How many rows a table has, in a connection of its own. */
static gint64
count (Fixture    *f,
       const char *sql)
{
  g_autoptr(TillDb) db = till_db_open_reader (f->path, &schema, NULL);
  gint64 n = -1;

  g_assert_true (till_db_get_int (db, &n, NULL, sql, ""));
  return n;
}

/* A history with gaps of all lengths, restarts and registers that go backwards. */
static GArray *
make_history (gint64   meter_id,
              int      n_days,
              gboolean faults)
{
  GArray *raw = g_array_new (FALSE, TRUE, sizeof (TillRegisters));
  int gap = 0;
  TillLoad load;

  till_load_init (&load, meter_id, till_clock_day_start_ms (FIRST_DAY));
  for (int i = 0; i < n_days * SLOTS; i++, till_load_next (&load))
    {
      TillRegisters slot = load.now;

      if (faults && gap == 0 && is_one_in (60))
        gap = is_one_in (5) ? g_test_rand_int_range (1, 4 * SLOTS) : g_test_rand_int_range (1, 8);
      if (gap > 0)
        {
          gap--;
          continue;
        }

      slot.estimated = faults && is_one_in (100);
      slot.restart = faults && is_one_in (700);
      if (faults && is_one_in (700))
        {
          load.now.total_ckwh = slot.total_ckwh = 12;
          load.now.period_ckwh[2] = slot.period_ckwh[2] = 7;
        }
      g_array_append_val (raw, slot);
    }

  return raw;
}

static const TillRegisters *
get (GArray *raw,
     guint   i)
{
  return &g_array_index (raw, TillRegisters, i);
}

/*
 * What a meter used by day (or by month, with @of_day 100), worked out from the raw slots in
 * another way than the product does: every pair of neighbours gives its use to the day in which it
 * is seen.
 */
static GHashTable *
reckon (GArray *raw,
        int     of_day)
{
  GHashTable *uses = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  for (guint i = 0; i < raw->len; i++)
    {
      const TillRegisters *slot = get (raw, i);

      for (int part = 0; part < 2; part++)
        {
          const int day = till_clock_day_of (slot->at_ms - part) / of_day;
          TillUse *use = g_hash_table_lookup (uses, GINT_TO_POINTER (day));
          const TillRegisters *before = i > 0 ? get (raw, i - 1) : NULL;
          gboolean backwards;

          if (part == 1 && before == NULL &&
              slot->at_ms == till_clock_day_start_ms (till_clock_day_of (slot->at_ms)))
            continue;

          if (use == NULL)
            {
              use = g_new0 (TillUse, 1);
              use->day = day;
              use->power_max_w = -1;
              g_hash_table_insert (uses, GINT_TO_POINTER (day), use);
            }

          use->estimated |= slot->estimated;
          if (part == 0)
            {
              use->n_slots++;
              continue;
            }

          use->power_max_w = MAX (use->power_max_w, slot->power_max_w);
          if (before == NULL)
            continue;

          use->estimated |= before->estimated;
          backwards = slot->restart || slot->total_ckwh < before->total_ckwh;
          for (int p = 0; p < TILL_N_PERIODS; p++)
            backwards |= slot->period_ckwh[p] < before->period_ckwh[p];
          use->n_restarts += backwards;
          if (backwards)
            continue;
          use->total_ckwh += slot->total_ckwh - before->total_ckwh;
          for (int p = 0; p < TILL_N_PERIODS; p++)
            use->period_ckwh[p] += slot->period_ckwh[p] - before->period_ckwh[p];
        }
    }

  return uses;
}

static void
assert_same_use (const TillUse *a,
                 const TillUse *b)
{
  g_test_message ("day %d", a->day);
  g_assert_nonnull (b);
  g_assert_cmpint (a->total_ckwh, ==, b->total_ckwh);
  for (int p = 0; p < TILL_N_PERIODS; p++)
    g_assert_cmpint (a->period_ckwh[p], ==, b->period_ckwh[p]);
  g_assert_cmpint (a->power_max_w, ==, b->power_max_w);
  g_assert_cmpuint (a->n_slots, ==, b->n_slots);
  g_assert_cmpuint (a->n_restarts, ==, b->n_restarts);
  g_assert_cmpint (a->estimated, ==, b->estimated);
}

static void
assert_slots (TillReadings *readings,
              gint64        meter_id,
              GArray       *raw,
              gint64        from_ms,
              gint64        to_ms)
{
  g_autoptr(GArray) slots = g_array_new (FALSE, FALSE, sizeof (TillRegisters));
  g_autoptr(GError) error = NULL;
  guint n = 0;

  g_assert_true (till_readings_list_slots (readings, meter_id, from_ms, to_ms, slots, &error));
  g_assert_no_error (error);

  for (guint i = 0; i < raw->len; i++)
    if (get (raw, i)->at_ms >= from_ms && get (raw, i)->at_ms < to_ms)
      {
        g_assert_cmpuint (n, <, slots->len);
        g_assert_cmpmem (get (raw, i), sizeof (TillRegisters), get (slots, n), sizeof (TillRegisters));
        n++;
      }
  g_assert_cmpuint (slots->len, ==, n);
}

/* The days, the months and the slots of the file against the raw ones. */
static void
assert_history (TillReadings *readings,
                gint64        meter_id,
                GArray       *raw)
{
  g_autoptr(GArray) days = g_array_new (FALSE, FALSE, sizeof (TillUse));
  g_autoptr(GHashTable) by_day = reckon (raw, 1);
  g_autoptr(GHashTable) by_month = reckon (raw, 100);
  g_autoptr(GError) error = NULL;
  GHashTableIter iter;
  gpointer value;

  assert_slots (readings, meter_id, raw, 0, G_MAXINT64 / 2000);
  for (int i = 0; i < 10; i++)
    {
      const gint64 from_ms = get (raw, (guint)g_test_rand_int_range (0, (int)raw->len))->at_ms;

      assert_slots (readings, meter_id, raw, from_ms,
                    from_ms + g_test_rand_int_range (0, G_MAXINT32));
    }

  g_assert_true (till_readings_list_days (readings, meter_id, 0, 99991231, days, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (days->len, ==, g_hash_table_size (by_day));
  for (guint i = 0; i < days->len; i++)
    {
      const TillUse *use = &g_array_index (days, TillUse, i);

      assert_same_use (use, g_hash_table_lookup (by_day, GINT_TO_POINTER (use->day)));
    }

  g_hash_table_iter_init (&iter, by_month);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      g_autoptr(GArray) months = g_array_new (FALSE, FALSE, sizeof (TillUse));
      guint n_found = 0;

      g_assert_true (till_readings_list_month (readings, ((TillUse *)value)->day, months, &error));
      for (guint i = 0; i < months->len; i++)
        if (g_array_index (months, TillUse, i).meter_id == meter_id)
          {
            assert_same_use (&g_array_index (months, TillUse, i), value);
            n_found++;
          }
      g_assert_cmpuint (n_found, ==, 1);
    }
}

static void
shuffle (GArray *array,
         int     reach)
{
  for (guint i = 0; i < array->len; i++)
    {
      const guint wanted = i + (guint)g_test_rand_int_range (0, reach);
      const guint other = MIN (wanted, array->len - 1);
      const TillRegisters kept = *get (array, i);

      g_array_index (array, TillRegisters, i) = *get (array, other);
      g_array_index (array, TillRegisters, other) = kept;
    }
}

static void
add_history (Fixture *f,
             gint64   meter_id,
             GArray  *raw)
{
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < raw->len;)
    {
      const guint wanted = (guint)g_test_rand_int_range (1, 150);
      const guint n = MIN (wanted, raw->len - i);

      g_assert_true (till_readings_begin (f->readings, &error));
      if (is_one_in (2))
        g_assert_true (till_readings_add_many (f->readings, meter_id, get (raw, i), n, &error));
      else
        for (guint k = 0; k < n; k++)
          add (f, meter_id, get (raw, i + k));
      g_assert_true (till_readings_commit (f->readings, &error));
      g_assert_no_error (error);
      i += n;

      if (is_one_in (5) && i < raw->len)
        pack (f, get (raw, i)->at_ms);
    }
}

/* Any history, in any order, packed at any time, in batches of any size. */
static void
test_history (Fixture      *f,
              gconstpointer data)
{
  for (int i = 0; i < HISTORIES; i++)
    {
      const gint64 meter_id = i + 1;
      const int reach[] = { 1, 8, 200, 1000000 };
      g_autoptr(GArray) raw = make_history (meter_id, g_test_rand_int_range (1, N_DAYS), i % 4 > 0);
      g_autoptr(GArray) mixed = g_array_copy (raw);

      if (raw->len == 0)
        continue;

      shuffle (mixed, reach[i % 4 == 0 ? 0 : g_test_rand_int_range (0, 4)]);
      add_history (f, meter_id, mixed);
      assert_history (f->readings, meter_id, raw);
      pack (f, till_clock_day_start_ms (20270301));
      assert_history (f->readings, meter_id, raw);

      /* Everything once more changes nothing. */
      add_history (f, meter_id, raw);
      assert_history (f->readings, meter_id, raw);
    }
}

/* Without restarts the sum of everything is the difference of the registers: nothing is lost in
 * gaps. */
static void
test_nothing_lost (Fixture      *f,
                   gconstpointer data)
{
  g_autoptr(GArray) whole = make_history (METER, N_DAYS, FALSE);
  g_autoptr(GArray) raw = g_array_new (FALSE, FALSE, sizeof (TillRegisters));
  g_autoptr(GArray) days = g_array_new (FALSE, FALSE, sizeof (TillUse));
  gint64 total = 0;

  for (guint i = 0; i < whole->len; i++)
    if (is_one_in (40) || i == 0 || i == whole->len - 1)
      g_array_append_val (raw, g_array_index (whole, TillRegisters, i));

  add_history (f, METER, raw);
  g_assert_true (till_readings_list_days (f->readings, METER, 0, 99991231, days, NULL));
  for (guint i = 0; i < days->len; i++)
    total += g_array_index (days, TillUse, i).total_ckwh;

  g_assert_cmpint (total, ==, get (raw, raw->len - 1)->total_ckwh - get (raw, 0)->total_ckwh);
  g_assert_cmpint (total, >, 0);
}

static void
test_pack (Fixture      *f,
           gconstpointer data)
{
  g_autoptr(GArray) raw = make_history (METER, 3, FALSE);
  const gint64 noon_ms = till_clock_day_start_ms (20261127) + 12 * 3600 * 1000;

  for (guint meter = 0; meter < METERS; meter++)
    for (guint i = 0; i < raw->len; i++)
      add (f, METER + meter, get (raw, i));

  /* The day that runs stays open, whatever the time zone of the machine calls it. */
  pack (f, noon_ms);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM packed_day"), ==, METERS * 2);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM open_slot"), ==, METERS * SLOTS);
  pack (f, noon_ms);
  pack (f, till_clock_day_start_ms (20261128) - 1);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM packed_day"), ==, METERS * 2);
  pack (f, till_clock_day_start_ms (20261128));
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM packed_day"), ==, METERS * 3);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM open_slot"), ==, 0);

  for (guint meter = 0; meter < METERS; meter++)
    assert_history (f->readings, METER + meter, raw);
}

/* More meter-days than go into one transaction. */
static void
test_pack_many (Fixture      *f,
                gconstpointer data)
{
  TillRegisters slot = { .at_ms = till_clock_day_start_ms (FIRST_DAY), .power_max_w = -1 };

  g_assert_true (till_readings_begin (f->readings, NULL));
  for (gint64 meter = 1; meter <= 1300; meter++)
    add (f, meter, &slot);
  g_assert_true (till_readings_commit (f->readings, NULL));

  pack (f, slot.at_ms + 86400 * 1000);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM packed_day"), ==, 1300);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM open_slot"), ==, 0);
}

static void
test_first_stays (Fixture      *f,
                  gconstpointer data)
{
  g_autoptr(GArray) slots = g_array_new (FALSE, FALSE, sizeof (TillRegisters));
  const gint64 start_ms = till_clock_day_start_ms (FIRST_DAY);
  TillRegisters slot = { .at_ms = start_ms, .total_ckwh = 5, .estimated = TRUE };

  for (int packed = 0; packed < 2; packed++)
    {
      slot.at_ms = start_ms + packed * TILL_READINGS_SLOT_MS;
      slot.total_ckwh = 5;
      slot.estimated = TRUE;
      add (f, METER, &slot);
      slot.total_ckwh = 6; /* estimated too: the first stays */
      add (f, METER, &slot);
      slot.total_ckwh = 7; /* measured: takes its place */
      slot.estimated = FALSE;
      add (f, METER, &slot);
      slot.total_ckwh = 8;
      add (f, METER, &slot);
      slot.total_ckwh = 9;
      slot.estimated = TRUE;
      add (f, METER, &slot);

      g_array_set_size (slots, 0);
      g_assert_true (till_readings_list_slots (f->readings, METER, slot.at_ms, slot.at_ms + 1, slots,
                                               NULL));
      g_assert_cmpuint (slots->len, ==, 1);
      g_assert_cmpint (get (slots, 0)->total_ckwh, ==, 7);
      g_assert_false (get (slots, 0)->estimated);

      pack (f, start_ms + 86400 * 1000);
    }
}

static void
test_bad_slots (Fixture      *f,
                gconstpointer data)
{
  const gint64 start_ms = till_clock_day_start_ms (FIRST_DAY);
  const TillRegisters cases[] = {
    { .at_ms = start_ms + 1 },
    { .at_ms = -TILL_READINGS_SLOT_MS },
    { .at_ms = G_MAXINT64 / TILL_READINGS_SLOT_MS * TILL_READINGS_SLOT_MS },
    { .at_ms = start_ms, .power_max_w = -2 },
    { .at_ms = start_ms, .power_max_w = G_MAXINT64 },
    { .at_ms = start_ms, .total_ckwh = TILL_READINGS_REGISTER_MAX + 1 },
    { .at_ms = start_ms, .total_ckwh = G_MININT64 },
    { .at_ms = start_ms, .period_ckwh = { 0, 0, 0, 0, -TILL_READINGS_REGISTER_MAX - 1 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const TillRegisters two[] = { { .at_ms = start_ms }, cases[i] };
      g_autoptr(GError) error = NULL;

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_false (till_readings_add_many (f->readings, METER, two, 2, &error));
      g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
    }

  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM open_slot"), ==, 0);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM day_use"), ==, 0);
}

static void
test_rollback (Fixture      *f,
               gconstpointer data)
{
  g_autoptr(GArray) raw = make_history (METER, 2, FALSE);
  g_autoptr(GArray) days = g_array_new (FALSE, FALSE, sizeof (TillUse));

  g_assert_true (till_readings_begin (f->readings, NULL));
  g_assert_true (till_readings_add_many (f->readings, METER, get (raw, 0), raw->len, NULL));

  /* Within the transaction the sums are there already. */
  g_assert_true (till_readings_list_days (f->readings, METER, 0, 99991231, days, NULL));
  g_assert_cmpuint (days->len, ==, 2);
  till_readings_rollback (f->readings);

  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM packed_day"), ==, 0);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM day_use"), ==, 0);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM month_use"), ==, 0);

  g_assert_true (till_readings_add_many (f->readings, METER, get (raw, 0), raw->len, NULL));
  assert_history (f->readings, METER, raw);
}

/* A damaged day is told by name, and harms neither the other days nor what comes in today. */
static void
test_damaged (Fixture      *f,
              gconstpointer data)
{
  g_autoptr(GArray) raw = make_history (METER, 4, FALSE);
  g_autoptr(GArray) slots = g_array_new (FALSE, FALSE, sizeof (TillRegisters));
  g_autoptr(GArray) days = g_array_new (FALSE, FALSE, sizeof (TillUse));
  g_autoptr(GError) error = NULL;
  const gint64 day_ms = 86400 * 1000;
  const gint64 start_ms = till_clock_day_start_ms (FIRST_DAY);
  TillRegisters late = *get (raw, SLOTS + 5);

  g_assert_true (till_readings_add_many (f->readings, METER, get (raw, 0), 2 * SLOTS, NULL));
  {
    g_autoptr(TillDb) db = till_db_open (f->path, &schema, NULL);

    g_assert_true (till_db_run (db, &error,
                                "UPDATE packed_day SET slots = CAST (substr (slots, 1, 40) || "
                                "X'00' || substr (slots, 42) AS BLOB) WHERE day = 20261126", ""));
    g_assert_cmpint (till_db_get_changes (db), ==, 1);
  }

  g_assert_false (till_readings_list_slots (f->readings, METER, start_ms, start_ms + 9 * day_ms, slots,
                                            &error));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "20261126"));
  g_assert_cmpuint (slots->len, ==, 0);
  g_clear_error (&error);
  assert_slots (f->readings, METER, raw, start_ms, start_ms + day_ms);

  g_assert_false (till_readings_add (f->readings, METER, &late, &error));
  g_assert_error (error, TILL_DB_ERROR, TILL_DB_ERROR_CORRUPT);

  /* The next days, first without the slot of midnight, whose neighbour is lost. */
  g_assert_true (till_readings_add_many (f->readings, METER, get (raw, 2 * SLOTS + 1),
                                         2 * SLOTS - 1, NULL));
  g_assert_true (till_readings_list_days (f->readings, METER, 20261127, 20261128, days, NULL));
  g_assert_cmpuint (days->len, ==, 2);
  g_assert_cmpuint (g_array_index (days, TillUse, 0).n_restarts, ==, 1);
  g_assert_cmpint (g_array_index (days, TillUse, 0).total_ckwh, ==,
                   get (raw, 3 * SLOTS)->total_ckwh - get (raw, 2 * SLOTS + 1)->total_ckwh);
  add (f, METER, get (raw, 2 * SLOTS));
}

static void
test_reader (Fixture      *f,
             gconstpointer data)
{
  g_autoptr(GArray) raw = make_history (METER, 3, FALSE);
  g_autoptr(GError) error = NULL;
  TillReadings *reader = till_readings_open (f->path, TRUE, &error);

  g_assert_no_error (error);
  g_assert_true (till_readings_add_many (f->readings, METER, get (raw, 0), 2 * SLOTS + 9, NULL));
  g_array_set_size (raw, 2 * SLOTS + 9);
  assert_history (reader, METER, raw);
  g_assert_false (till_readings_add (reader, METER, get (raw, 0), &error));
  g_assert_nonnull (error);
  till_readings_close (reader);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  /* A day of the machine that is none of Shanghai's, to find whoever asks the machine. */
  g_setenv ("TZ", "America/New_York", TRUE);

  g_test_init (&argc, &argv, NULL);
  ADD ("/readings/history", test_history);
  ADD ("/readings/nothing-lost", test_nothing_lost);
  ADD ("/readings/pack", test_pack);
  ADD ("/readings/pack/many", test_pack_many);
  ADD ("/readings/first-stays", test_first_stays);
  ADD ("/readings/bad-slots", test_bad_slots);
  ADD ("/readings/rollback", test_rollback);
  ADD ("/readings/damaged", test_damaged);
  ADD ("/readings/reader", test_reader);

  return g_test_run ();
}
