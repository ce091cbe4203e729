/*
 * till-readings-slots.c: the slots in the file: rows of the open day, blobs of the others
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-pack.h"
#include "till-readings-private.h"

/* Meter-days packed in one transaction. */
#define PACK_BATCH 512

#define MARK_ESTIMATED 1
#define MARK_RESTART 2

/* To the caller a damaged blob is a damaged file. */
gboolean
till_readings_unpack (gint64         meter_id,
                      int            day,
                      TillStmt      *stmt,
                      int            column,
                      TillRegisters *slots,
                      guint         *n_slots,
                      GError       **error)
{
  g_autoptr(GError) local_error = NULL;
  gsize size;
  const guint8 *data = till_stmt_get_blob (stmt, column, &size);

  if (till_pack_unpack (meter_id, day, data, size, slots, n_slots, &local_error))
    return TRUE;

  g_set_error_literal (error, TILL_DB_ERROR,
                       g_error_matches (local_error, TILL_PACK_ERROR, TILL_PACK_ERROR_NEWER)
                       ? TILL_DB_ERROR_NEWER : TILL_DB_ERROR_CORRUPT,
                       local_error->message);
  return FALSE;
}

/* From the columns at_ms, total, five periods, power_max_w, marks. */
void
till_readings_get_slot (TillStmt      *stmt,
                        TillRegisters *slot)
{
  const gint64 marks = till_stmt_get_int (stmt, TILL_N_PERIODS + 3);

  slot->at_ms = till_stmt_get_int (stmt, 0);
  slot->total_ckwh = till_stmt_get_int (stmt, 1);
  for (int p = 0; p < TILL_N_PERIODS; p++)
    slot->period_ckwh[p] = till_stmt_get_int (stmt, p + 2);
  slot->power_max_w = till_stmt_get_int (stmt, TILL_N_PERIODS + 2);
  slot->estimated = (marks & MARK_ESTIMATED) != 0;
  slot->restart = (marks & MARK_RESTART) != 0;
}

/* With @lost, a day that cannot be unpacked is not an error but an empty day and lost. */
static gboolean
load_packed (TillReadings *self,
             gint64        meter_id,
             int           day,
             TillDaySlots *into,
             gboolean     *lost,
             GError      **error)
{
  TillStmt *stmt = till_db_query (self->db, error,
                                  "SELECT slots FROM packed_day "
                                  "WHERE site = $1 AND meter_id = $2 AND day = $3",
                                  "did", TILL_READINGS_SITE, meter_id, day);
  int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;
  gboolean good = rc >= 0;

  into->n = 0;
  into->packed = rc == 1;
  if (rc == 1)
    {
      good = till_readings_unpack (meter_id, day, stmt, 0, into->slots, &into->n,
                                   lost != NULL ? NULL : error);
      till_stmt_reset (stmt);
    }

  if (lost != NULL && rc == 1)
    {
      *lost = !good;
      return TRUE;
    }

  return good;
}

static gboolean
load_open (TillReadings *self,
           gint64        meter_id,
           int           day,
           TillDaySlots *into,
           GError      **error)
{
  const gint64 start_ms = till_clock_day_start_ms (day);
  TillStmt *stmt = till_db_query (self->db, error,
                                  "SELECT at_ms, total, sharp, peak, flat, valley, deep, "
                                  "power_max_w, marks FROM open_slot "
                                  "WHERE site = $1 AND meter_id = $2 AND at_ms >= $3 "
                                  "AND at_ms < $4 ORDER BY at_ms",
                                  "diii", TILL_READINGS_SITE, meter_id, start_ms,
                                  start_ms + TILL_READINGS_DAY_MS);
  int rc;

  if (stmt == NULL)
    return FALSE;

  into->n = 0;
  into->packed = FALSE;
  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      g_assert (into->n < TILL_READINGS_SLOTS_A_DAY);
      till_readings_get_slot (stmt, &into->slots[into->n++]);
    }

  return rc == 0;
}

/* All slots of a day, wherever they are; none when it is @lost. */
gboolean
till_readings_load_day (TillReadings *self,
                        gint64        meter_id,
                        int           day,
                        TillDaySlots *into,
                        gboolean     *lost,
                        GError      **error)
{
  *lost = FALSE;
  if (!load_packed (self, meter_id, day, into, lost, error))
    return FALSE;

  return into->packed || load_open (self, meter_id, day, into, error);
}

static gboolean
store_packed (TillReadings        *self,
              gint64               meter_id,
              int                  day,
              const TillRegisters *slots,
              guint                n_slots,
              GError             **error)
{
  TillDaySlots back;
  TillStmt *stmt;

  till_pack_day (meter_id, day, slots, n_slots, self->blob);

  /* The rows go when the blob is in, so it has to be proved readable first. */
  if (!till_pack_unpack (meter_id, day, self->blob->data, self->blob->len,
                         back.slots, &back.n, NULL) ||
      back.n != n_slots)
    g_error ("day %d of meter %" G_GINT64_FORMAT " does not come back from its packing",
             day, meter_id);
  for (guint i = 0; i < n_slots; i++)
    if (memcmp (&back.slots[i], &slots[i], G_STRUCT_OFFSET (TillRegisters, estimated)) != 0)
      g_error ("day %d of meter %" G_GINT64_FORMAT " comes back changed from its packing",
               day, meter_id);

  stmt = till_db_query (self->db, error,
                        "INSERT INTO packed_day (site, meter_id, day, slots) "
                        "VALUES ($1, $2, $3, $4) ON CONFLICT (site, meter_id, day) "
                        "DO UPDATE SET slots = excluded.slots",
                        "did", TILL_READINGS_SITE, meter_id, day);
  if (stmt == NULL)
    return FALSE;

  till_stmt_bind_blob (stmt, 4, self->blob->data, self->blob->len);
  return till_stmt_step (stmt, error) == 0;
}

static gboolean
is_in_range (gint64 register_ckwh)
{
  return register_ckwh >= -TILL_READINGS_REGISTER_MAX &&
         register_ckwh <= TILL_READINGS_REGISTER_MAX;
}

gboolean
till_readings_check_slot (const TillRegisters *slot,
                          GError             **error)
{
  gboolean good = slot->at_ms >= 0 && slot->at_ms % TILL_READINGS_SLOT_MS == 0 &&
                  slot->at_ms < till_clock_day_start_ms (99990101) && slot->power_max_w >= -1 &&
                  slot->power_max_w <= TILL_READINGS_REGISTER_MAX &&
                  is_in_range (slot->total_ckwh);

  for (int p = 0; p < TILL_N_PERIODS; p++)
    good = good && is_in_range (slot->period_ckwh[p]);

  if (!good)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                 "the slot at %" G_GINT64_FORMAT " ms (total %" G_GINT64_FORMAT " × 0.01 kWh, "
                 "%" G_GINT64_FORMAT " W) cannot be stored: it must begin at a quarter of an hour, "
                 "its registers be within 10^15 and its power -1 or more",
                 slot->at_ms, slot->total_ckwh, slot->power_max_w);

  return good;
}

/* A measured slot takes the place of an estimated one; otherwise the first stays. */
static gboolean
is_better (const TillRegisters *newer,
           const TillRegisters *older)
{
  return older->estimated && !newer->estimated;
}

/* Puts slots into a day. Returns whether that changed anything. */
static gboolean
merge_slots (TillDaySlots        *day,
             const TillRegisters *slots,
             guint                n_slots)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < n_slots; i++)
    {
      guint at = day->n;

      while (at > 0 && day->slots[at - 1].at_ms >= slots[i].at_ms)
        at--;

      if (at < day->n && day->slots[at].at_ms == slots[i].at_ms)
        {
          if (!is_better (&slots[i], &day->slots[at]))
            continue;
        }
      else
        {
          memmove (&day->slots[at + 1], &day->slots[at], (day->n - at) * sizeof *slots);
          day->n++;
        }

      day->slots[at] = slots[i];
      changed = TRUE;
    }

  return changed;
}

static gboolean
add_open (TillReadings        *self,
          gint64               meter_id,
          const TillRegisters *slot,
          gboolean            *changed,
          GError             **error)
{
  const int marks = (slot->estimated ? MARK_ESTIMATED : 0) | (slot->restart ? MARK_RESTART : 0);

  if (!till_db_run (self->db, error,
                    "INSERT INTO open_slot (site, meter_id, at_ms, total, sharp, peak, flat, "
                    "valley, deep, power_max_w, marks) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                    "ON CONFLICT (site, meter_id, at_ms) DO UPDATE SET total = excluded.total, "
                    "sharp = excluded.sharp, peak = excluded.peak, flat = excluded.flat, "
                    "valley = excluded.valley, deep = excluded.deep, "
                    "power_max_w = excluded.power_max_w, marks = excluded.marks "
                    "WHERE open_slot.marks % 2 = 1 AND excluded.marks % 2 = 0",
                    "diiiiiiiiid", TILL_READINGS_SITE, meter_id, slot->at_ms, slot->total_ckwh,
                    slot->period_ckwh[0], slot->period_ckwh[1], slot->period_ckwh[2],
                    slot->period_ckwh[3], slot->period_ckwh[4], slot->power_max_w, marks))
    return FALSE;

  *changed = *changed || till_db_get_changes (self->db) > 0;
  return TRUE;
}

/* Slots of one day. A day that is packed is opened and packed again; a whole day that nothing is
 * known of yet is packed at once. */
gboolean
till_readings_add_to_day (TillReadings        *self,
                          gint64               meter_id,
                          int                  day,
                          const TillRegisters *slots,
                          guint                n_slots,
                          GError             **error)
{
  gboolean changed = FALSE;
  TillDaySlots known;

  if (!load_packed (self, meter_id, day, &known, NULL, error))
    return FALSE;

  if (!known.packed && n_slots == TILL_READINGS_SLOTS_A_DAY)
    {
      if (!load_open (self, meter_id, day, &known, error))
        return FALSE;
      known.packed = known.n == 0;
    }

  if (known.packed)
    {
      changed = merge_slots (&known, slots, n_slots);
      if (changed && !store_packed (self, meter_id, day, known.slots, known.n, error))
        return FALSE;
    }
  else
    {
      for (guint i = 0; i < n_slots; i++)
        if (!add_open (self, meter_id, &slots[i], &changed, error))
          return FALSE;
    }

  if (!changed)
    return TRUE;

  /* The slot of midnight closes the day before. */
  for (guint i = 0; i < n_slots; i++)
    if (slots[i].at_ms == till_clock_day_start_ms (day))
      till_readings_touch (self->touched, meter_id, till_clock_day_of (slots[i].at_ms - 1));
  till_readings_touch (self->touched, meter_id, day);

  return TRUE;
}

/* Packs the day of a meter that begins at @start_ms: its rows become a blob. */
static gboolean
pack_day (TillReadings *self,
          gint64        meter_id,
          int           day,
          GError      **error)
{
  const gint64 start_ms = till_clock_day_start_ms (day);
  TillDaySlots slots;

  return load_open (self, meter_id, day, &slots, error) &&
         store_packed (self, meter_id, day, slots.slots, slots.n, error) &&
         till_db_run (self->db, error,
                      "DELETE FROM open_slot "
                      "WHERE site = $1 AND meter_id = $2 AND at_ms >= $3 AND at_ms < $4",
                      "diii", TILL_READINGS_SITE, meter_id, start_ms,
                      start_ms + TILL_READINGS_DAY_MS);
}

/* Packs some days from (@meter_id, @from_ms) on, and moves these on; @meter_id is 0 at the end. */
gboolean
till_readings_pack_some (TillReadings *self,
                         gint64        today_ms,
                         gint64       *meter_id,
                         gint64       *from_ms,
                         GError      **error)
{
  guint n = 0;

  while (n < PACK_BATCH)
    {
      TillStmt *stmt = till_db_query (self->db, error,
                                      "SELECT meter_id, at_ms FROM open_slot "
                                      "WHERE site = $1 AND (meter_id, at_ms) >= ($2, $3) "
                                      "ORDER BY meter_id, at_ms LIMIT 1",
                                      "dii", TILL_READINGS_SITE, *meter_id, *from_ms);
      const int rc = stmt != NULL ? till_stmt_step (stmt, error) : -1;

      if (rc < 0)
        return FALSE;

      if (rc == 0)
        {
          *meter_id = 0;
          return TRUE;
        }

      const gint64 at_ms = till_stmt_get_int (stmt, 1);

      *meter_id = till_stmt_get_int (stmt, 0);
      till_stmt_reset (stmt);

      if (at_ms >= today_ms)
        {
          *meter_id += 1;
          *from_ms = 0;
          continue;
        }

      if (!pack_day (self, *meter_id, till_clock_day_of (at_ms), error))
        return FALSE;
      *from_ms = till_clock_day_start_ms (till_clock_day_of (at_ms)) + TILL_READINGS_DAY_MS;
      n++;
    }

  return TRUE;
}

gboolean
till_readings_append_packed (TillReadings *self,
                             gint64        meter_id,
                             gint64        from_ms,
                             gint64        to_ms,
                             GArray       *slots,
                             GError      **error)
{
  TillStmt *stmt = till_db_query (self->db, error,
                                  "SELECT day, slots FROM packed_day "
                                  "WHERE site = $1 AND meter_id = $2 AND day BETWEEN $3 AND $4 "
                                  "ORDER BY day",
                                  "didd", TILL_READINGS_SITE, meter_id, till_clock_day_of (from_ms),
                                  till_clock_day_of (to_ms - 1));
  int rc = -1;

  while (stmt != NULL && (rc = till_stmt_step (stmt, error)) == 1)
    {
      const guint n_before = slots->len;
      guint first = 0;
      guint n = 0;

      /* Straight into the array of the caller: a year is 35,040 slots. */
      g_array_set_size (slots, n_before + TILL_READINGS_SLOTS_A_DAY);

      TillRegisters *into = &g_array_index (slots, TillRegisters, n_before);

      if (!till_readings_unpack (meter_id, (int)till_stmt_get_int (stmt, 0), stmt, 1, into, &n,
                                 error))
        {
          till_stmt_reset (stmt);
          return FALSE;
        }

      while (n > 0 && into[n - 1].at_ms >= to_ms)
        n--;
      while (first < n && into[first].at_ms < from_ms)
        first++;
      if (first > 0)
        memmove (into, into + first, (n - first) * sizeof *into);
      g_array_set_size (slots, n_before + n - first);
    }

  return rc == 0;
}

gboolean
till_readings_append_open (TillReadings *self,
                           gint64        meter_id,
                           gint64        from_ms,
                           gint64        to_ms,
                           GArray       *slots,
                           GError      **error)
{
  TillStmt *stmt = till_db_query (self->db, error,
                                  "SELECT at_ms, total, sharp, peak, flat, valley, deep, "
                                  "power_max_w, marks FROM open_slot "
                                  "WHERE site = $1 AND meter_id = $2 AND at_ms >= $3 "
                                  "AND at_ms < $4 ORDER BY at_ms",
                                  "diii", TILL_READINGS_SITE, meter_id, from_ms, to_ms);
  int rc = -1;

  while (stmt != NULL && (rc = till_stmt_step (stmt, error)) == 1)
    {
      g_array_set_size (slots, slots->len + 1);
      till_readings_get_slot (stmt, &g_array_index (slots, TillRegisters, slots->len - 1));
    }

  return rc == 0;
}
