/*
 * till-readings-sums.c: what the slots add up to, by day and by month
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-readings-private.h"

static int
compare_touched (gconstpointer a,
                 gconstpointer b)
{
  const TillTouched *x = a;
  const TillTouched *y = b;

  if (x->meter_id != y->meter_id)
    return x->meter_id < y->meter_id ? -1 : 1;

  return (x->day > y->day) - (x->day < y->day);
}

void
till_readings_touch (GArray *array,
                     gint64  meter_id,
                     int     day)
{
  const TillTouched touched = { meter_id, day };

  /* Slots mostly come in order, so this alone keeps the array short. */
  if (array->len == 0 ||
      compare_touched (&g_array_index (array, TillTouched, array->len - 1), &touched) != 0)
    g_array_append_val (array, touched);
}

static void
sort_touched (GArray *array)
{
  guint n = 0;

  g_array_sort (array, compare_touched);
  for (guint i = 0; i < array->len; i++)
    if (n == 0 || compare_touched (&g_array_index (array, TillTouched, n - 1),
                                   &g_array_index (array, TillTouched, i)) != 0)
      g_array_index (array, TillTouched, n++) = g_array_index (array, TillTouched, i);
  g_array_set_size (array, n);
}

/* The last slot before @day. Not @found when there is none, @lost when it cannot be read. */
static gboolean
find_before (TillReadings  *self,
             gint64         meter_id,
             int            day,
             TillRegisters *slot,
             gboolean      *found,
             gboolean      *lost,
             GError       **error)
{
  TillStmt *open = till_db_query (self->db, error,
                                  "SELECT at_ms, total, sharp, peak, flat, valley, deep, "
                                  "power_max_w, marks FROM open_slot "
                                  "WHERE site = $1 AND meter_id = $2 AND at_ms < $3 "
                                  "ORDER BY at_ms DESC LIMIT 1",
                                  "dii", TILL_READINGS_SITE, meter_id,
                                  till_clock_day_start_ms (day));
  int rc = open != NULL ? till_stmt_step (open, error) : -1;
  int open_day = 0;

  if (rc < 0)
    return FALSE;

  *found = rc == 1;
  *lost = FALSE;
  if (*found)
    {
      till_readings_get_slot (open, slot);
      till_stmt_reset (open);
      open_day = till_clock_day_of (slot->at_ms);
    }

  TillStmt *packed = till_db_query (self->db, error,
                                    "SELECT day, slots FROM packed_day "
                                    "WHERE site = $1 AND meter_id = $2 AND day < $3 AND day > $4 "
                                    "ORDER BY day DESC LIMIT 1",
                                    "didd", TILL_READINGS_SITE, meter_id, day, open_day);

  rc = packed != NULL ? till_stmt_step (packed, error) : -1;
  if (rc == 1)
    {
      TillDaySlots last;

      *lost = !till_readings_unpack (meter_id, (int)till_stmt_get_int (packed, 0), packed, 1,
                                     last.slots, &last.n, NULL);
      *found = !*lost;
      if (*found)
        *slot = last.slots[last.n - 1];
      till_stmt_reset (packed);
    }

  return rc >= 0;
}

/* Adds what was used from @before to @after. Where a register goes backwards, nothing was. */
static void
count_use (TillUse             *use,
           const TillRegisters *before,
           const TillRegisters *after)
{
  gboolean backwards = after->restart || after->total_ckwh < before->total_ckwh;

  for (int p = 0; p < TILL_N_PERIODS; p++)
    backwards = backwards || after->period_ckwh[p] < before->period_ckwh[p];

  use->power_max_w = MAX (use->power_max_w, after->power_max_w);
  use->estimated = use->estimated || before->estimated || after->estimated;

  if (backwards)
    {
      use->n_restarts++;
      return;
    }

  use->total_ckwh += after->total_ckwh - before->total_ckwh;
  for (int p = 0; p < TILL_N_PERIODS; p++)
    use->period_ckwh[p] += after->period_ckwh[p] - before->period_ckwh[p];
}

static gboolean
store_day_use (TillReadings  *self,
               const TillUse *use,
               GError       **error)
{
  return till_db_run (self->db, error,
                      "INSERT INTO day_use (site, meter_id, day, total, sharp, peak, flat, valley, "
                      "deep, power_max_w, n_slots, estimated, n_restarts) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
                      "ON CONFLICT (site, meter_id, day) DO UPDATE SET total = excluded.total, "
                      "sharp = excluded.sharp, peak = excluded.peak, flat = excluded.flat, "
                      "valley = excluded.valley, deep = excluded.deep, "
                      "power_max_w = excluded.power_max_w, n_slots = excluded.n_slots, "
                      "estimated = excluded.estimated, n_restarts = excluded.n_restarts",
                      "didiiiiiiiddd", TILL_READINGS_SITE, use->meter_id, use->day, use->total_ckwh,
                      use->period_ckwh[0], use->period_ckwh[1], use->period_ckwh[2],
                      use->period_ckwh[3], use->period_ckwh[4], use->power_max_w,
                      (int)use->n_slots, use->estimated ? 1 : 0, (int)use->n_restarts);
}

/* Reckons a day from its slots, the last one before it and the first of the next day. */
static gboolean
mend_day (TillReadings *self,
          gint64        meter_id,
          int           day,
          GError      **error)
{
  const int next_day = till_clock_day_next (day);
  TillUse use = { .meter_id = meter_id, .day = day, .power_max_w = -1 };
  gboolean found = FALSE;
  gboolean lost = FALSE;
  gboolean next_lost;
  TillRegisters before;
  TillDaySlots slots, next;

  if (!till_readings_load_day (self, meter_id, day, &slots, &lost, error) ||
      !till_readings_load_day (self, meter_id, next_day, &next, &next_lost, error))
    return FALSE;

  const gboolean closed = next.n > 0 && next.slots[0].at_ms == till_clock_day_start_ms (next_day);

  /* A day beside the touched one may be damaged: its sums stay as they were reckoned in time. */
  if (lost || (slots.n == 0 && !closed))
    return TRUE;

  if ((slots.n == 0 || slots.slots[0].at_ms > till_clock_day_start_ms (day)) &&
      !find_before (self, meter_id, day, &before, &found, &lost, error))
    return FALSE;

  /* The very first slot of a meter, at midnight, tells nothing of the day before. */
  if (slots.n == 0 && !found && !lost)
    return TRUE;

  use.n_slots = slots.n;
  use.n_restarts = lost ? 1 : 0;
  for (guint i = 0; i < slots.n + (closed ? 1 : 0); i++)
    {
      const TillRegisters *slot = i < slots.n ? &slots.slots[i] : &next.slots[0];

      if (found)
        count_use (&use, &before, slot);
      else if (slot->at_ms > till_clock_day_start_ms (day))
        use.power_max_w = MAX (use.power_max_w, slot->power_max_w);
      use.estimated = use.estimated || slot->estimated;
      before = *slot;
      found = TRUE;
    }

  return store_day_use (self, &use, error);
}

static gboolean
mend_month (TillReadings *self,
            gint64        meter_id,
            int           month,
            GError      **error)
{
  return till_db_run (self->db, error,
                      "INSERT INTO month_use (site, month, meter_id, total, sharp, peak, flat, "
                      "valley, deep, power_max_w, n_slots, estimated, n_restarts) "
                      "SELECT $1, $3, $2, CAST (SUM (total) AS BIGINT), "
                      "CAST (SUM (sharp) AS BIGINT), "
                      "CAST (SUM (peak) AS BIGINT), CAST (SUM (flat) AS BIGINT), "
                      "CAST (SUM (valley) AS BIGINT), CAST (SUM (deep) AS BIGINT), "
                      "MAX (power_max_w), CAST (SUM (n_slots) AS BIGINT), MAX (estimated), "
                      "CAST (SUM (n_restarts) AS BIGINT) FROM day_use "
                      "WHERE site = $1 AND meter_id = $2 AND day BETWEEN $4 AND $5 "
                      "GROUP BY site, meter_id "
                      "ON CONFLICT (site, month, meter_id) DO UPDATE SET total = excluded.total, "
                      "sharp = excluded.sharp, peak = excluded.peak, flat = excluded.flat, "
                      "valley = excluded.valley, deep = excluded.deep, "
                      "power_max_w = excluded.power_max_w, n_slots = excluded.n_slots, "
                      "estimated = excluded.estimated, n_restarts = excluded.n_restarts",
                      "diddd", TILL_READINGS_SITE, meter_id, month, month * 100, month * 100 + 99);
}

/* The first day after @day that has slots, 0 for none. */
static gboolean
find_day_after (TillReadings *self,
                gint64        meter_id,
                int           day,
                int          *found,
                GError      **error)
{
  gint64 open_ms = 0;
  gint64 packed = 0;

  if (!till_db_get_int (self->db, &open_ms, error,
                        "SELECT at_ms FROM open_slot "
                        "WHERE site = $1 AND meter_id = $2 AND at_ms >= $3 ORDER BY at_ms LIMIT 1",
                        "dii", TILL_READINGS_SITE, meter_id,
                        till_clock_day_start_ms (till_clock_day_next (day))) ||
      !till_db_get_int (self->db, &packed, error,
                        "SELECT day FROM packed_day "
                        "WHERE site = $1 AND meter_id = $2 AND day > $3 ORDER BY day LIMIT 1",
                        "did", TILL_READINGS_SITE, meter_id, day))
    return FALSE;

  *found = open_ms != 0 ? till_clock_day_of (open_ms) : 0;
  if (packed != 0 && (*found == 0 || packed < *found))
    *found = (int)packed;

  return TRUE;
}

/* The days whose sums hang on the slots of a touched day: it, and the days in which the use after
 * its last slot is seen. (The day that its first slot closes was touched with that slot.) */
static gboolean
list_hanging (TillReadings      *self,
              const TillTouched *touched,
              GArray            *days,
              GError           **error)
{
  int after = 0;

  till_readings_touch (days, touched->meter_id, touched->day);

  if (!find_day_after (self, touched->meter_id, touched->day, &after, error))
    return FALSE;

  if (after != 0)
    {
      till_readings_touch (days, touched->meter_id,
                           till_clock_day_of (till_clock_day_start_ms (after) - 1));
      till_readings_touch (days, touched->meter_id, after);
    }

  return TRUE;
}

gboolean
till_readings_mend (TillReadings *self,
                    GError      **error)
{
  g_autoptr(GArray) days = g_array_new (FALSE, FALSE, sizeof (TillTouched));
  g_autoptr(GArray) months = g_array_new (FALSE, FALSE, sizeof (TillTouched));

  sort_touched (self->touched);
  for (guint i = 0; i < self->touched->len; i++)
    if (!list_hanging (self, &g_array_index (self->touched, TillTouched, i), days, error))
      return FALSE;

  sort_touched (days);
  for (guint i = 0; i < days->len; i++)
    {
      const TillTouched *day = &g_array_index (days, TillTouched, i);

      if (!mend_day (self, day->meter_id, day->day, error))
        return FALSE;
      till_readings_touch (months, day->meter_id, day->day / 100);
    }

  for (guint i = 0; i < months->len; i++)
    {
      const TillTouched *month = &g_array_index (months, TillTouched, i);

      if (!mend_month (self, month->meter_id, month->day, error))
        return FALSE;
    }

  g_array_set_size (self->touched, 0);
  return TRUE;
}
