/*
 * till-sim.c: the simulated site as a whole: its time, its meters, its faults, its file
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include "till-clock.h"
#include "till-sim.h"

/**
 * till_sim_now_ms:
 * @self: the site
 *
 * Returns: the simulated time, UTC milliseconds; it never goes back
 */
gint64
till_sim_now_ms (TillSim *self)
{
  const gint64 passed_us = g_get_monotonic_time () - self->start_us;

  return self->start_ms + passed_us / 1000 * self->speed_permille / 1000;
}

/**
 * till_sim_set_start:
 * @self: the site, its store open if it has one
 * @now_ms: the simulated instant to begin at when there is no state
 *
 * Sets the simulated time. With a state it goes on from there: at the simulation's speed for as
 * long as the last picture can be old, and at the pace of the wall beyond it, so that a week off at
 * thousandfold speed is not twenty years. The meters themselves live on for that first stretch
 * only, which brings them past anything anybody can have read from them before a kill; for the rest
 * of the time they had no power.
 */
void
till_sim_set_start (TillSim *self,
                    gint64   now_ms)
{
  const gint64 saved_ms = self->store != NULL ? till_sim_store_get_saved_ms (self->store) : 0;
  gint64 gap_ms;
  gint64 fast_ms;

  self->start_us = g_get_monotonic_time ();
  self->start_ms = now_ms;
  if (saved_ms == 0)
    return;

  gap_ms = MAX (0, till_clock_now_ms () - till_sim_store_get_saved_wall_ms (self->store));
  fast_ms = MIN (gap_ms, TILL_SIM_SAVE_MS + 5000);
  self->start_ms = saved_ms + fast_ms * self->speed_permille / 1000;
  for (guint i = 0; i < self->site->meters->len; i++)
    till_sim_meter_advance (g_ptr_array_index (self->site->meters, i), self->start_ms);
  self->start_ms += gap_ms - fast_ms;
  for (guint i = 0; i < self->site->meters->len; i++)
    {
      TillSimMeter *meter = g_ptr_array_index (self->site->meters, i);

      meter->memory.at_ms = MAX (meter->memory.at_ms, self->start_ms);
    }
}

/**
 * till_sim_index:
 * @self: the site
 *
 * Makes the index of meter numbers anew, after a number changed.
 */
void
till_sim_index (TillSim *self)
{
  g_hash_table_remove_all (self->by_number);
  for (guint i = 0; i < self->site->meters->len; i++)
    {
      TillSimMeter *meter = g_ptr_array_index (self->site->meters, i);

      g_hash_table_insert (self->by_number, meter->meter_no, meter);
    }
}

/**
 * till_sim_keep:
 * @self: the site
 * @meter: a meter that has just changed
 * @purchase: whether the last of its purchases is new
 *
 * Keeps what a meter must not forget. When that fails the simulator ends: a meter that loses money
 * is worse than none.
 */
void
till_sim_keep (TillSim      *self,
               TillSimMeter *meter,
               gboolean      purchase)
{
  g_autoptr(GError) error = NULL;

  if (self->store == NULL || till_sim_store_note (self->store, meter, purchase, &error))
    return;

  g_printerr ("tillwatt-simulator: %s\n", error->message);
  self->failed = TRUE;
  g_main_loop_quit (self->loop);
}

/**
 * till_sim_sweep:
 * @self: the site
 *
 * Brings the next few of the meters to the present, so that none falls so far behind that a look at
 * it takes long, and no one step of this takes long either. Called twice a second it is through in
 * twenty.
 */
void
till_sim_sweep (TillSim *self)
{
  const gint64 now_ms = till_sim_now_ms (self);
  const guint n = self->site->meters->len;

  for (guint i = 0; i < n / 40 + 1; i++)
    {
      self->swept = (self->swept + 1) % n;
      till_sim_meter_advance (g_ptr_array_index (self->site->meters, self->swept), now_ms);
    }
}

/**
 * till_sim_save:
 * @self: the site
 *
 * Writes the picture of all meters, each as it was when it was last looked at: what follows from
 * the time alone follows after the next start too. A failure is printed; the journal still holds
 * what matters.
 *
 * Returns: whether it was written, %TRUE when there is nothing to write to
 */
gboolean
till_sim_save (TillSim *self)
{
  g_autoptr(GError) error = NULL;

  if (self->store == NULL)
    return TRUE;
  if (till_sim_store_save (self->store, till_sim_now_ms (self), till_clock_now_ms (), &error))
    return TRUE;
  g_printerr ("tillwatt-simulator: %s\n", error->message);
  return FALSE;
}
