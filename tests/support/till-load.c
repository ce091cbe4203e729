/*
 * till-load.c: a shop's load as a meter counts it, for tests and benchmarks
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "till-clock.h"
#include "till-load.h"

#define STEPS_A_SLOT 15
#define STEP_S 60

/* The period of each half hour of a day. */
static const char time_table[] = "DDDDVVVVVVVVVVVVFFFFPPPPPPFFFFPPPPPPPPSSSSPPPPFF";

static guint64
next_random (TillLoad *self,
             guint64   below)
{
  self->random ^= self->random << 13;
  self->random ^= self->random >> 7;
  self->random ^= self->random << 17;

  return (self->random >> 11) % below;
}

static TillPeriod
period_at (gint64 second_of_day)
{
  switch (time_table[second_of_day / 1800])
    {
    case 'S':
      return TILL_PERIOD_SHARP;
    case 'P':
      return TILL_PERIOD_PEAK;
    case 'V':
      return TILL_PERIOD_VALLEY;
    case 'D':
      return TILL_PERIOD_DEEP;
    default:
      return TILL_PERIOD_FLAT;
    }
}

/* What is drawn in a minute, in W. */
static gint64
load_at (TillLoad *self,
         gint64    at_ms,
         gint64    second_of_day)
{
  const gboolean weekend = till_clock_weekday_of (at_ms) % 6 == 0;
  gint64 power_w = self->base_w + (next_random (self, 3) == 0 ? self->base_w / 2 : 0);

  self->wander_milli += (gint64)next_random (self, 61) - 30;
  self->wander_milli = CLAMP (self->wander_milli, 600, 1400);

  if (second_of_day >= 10 * 3600 && second_of_day < 22 * 3600)
    power_w += self->open_w * self->wander_milli / 1000 * (weekend ? 13 : 10) / 10;

  return power_w + (gint64)next_random (self, (guint64)(power_w / 5 + 1));
}

/**
 * till_load_init:
 * @self: a load to begin
 * @meter_id: which meter; each has a size of its own, and every tenth has transformers
 * @start_ms: when its first slot begins
 *
 * Begins with the first slot.
 */
void
till_load_init (TillLoad *self,
                gint64    meter_id,
                gint64    start_ms)
{
  *self = (TillLoad) {
    .random = (guint64)(meter_id + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) | 1,
    .wander_milli = 1000,
    .ratio = meter_id % 10 == 0 ? 30 : 1,
  };

  self->base_w = (gint64)next_random (self, 500) + 100;
  self->open_w = (gint64)next_random (self, 9000) + 1000;
  if (self->ratio > 1)
    {
      self->base_w *= 10;
      self->open_w *= 10;
    }

  self->now.at_ms = start_ms;
  self->now.power_max_w = -1;
  for (int p = 0; p < TILL_N_PERIODS; p++)
    {
      self->now.period_ckwh[p] = (gint64)next_random (self, 2000000) * self->ratio;
      self->now.total_ckwh += self->now.period_ckwh[p];
    }
}

/* A register that a test has put anywhere rolls over like the real ones. */
static void
add (gint64 *sum_ckwh,
     gint64  step_ckwh)
{
  *sum_ckwh = (gint64)((guint64)*sum_ckwh + (guint64)step_ckwh);
}

/**
 * till_load_next:
 * @self: a load
 *
 * Moves on by a slot.
 */
void
till_load_next (TillLoad *self)
{
  /* The look at the meter comes a little after the slot begins, so a switch falls within a slot. */
  const gint64 late_ms = (gint64)next_random (self, 20) * 1000;
  gint64 greatest_w = 0;

  for (int i = 0; i < STEPS_A_SLOT; i++)
    {
      const gint64 at_ms = self->now.at_ms + late_ms + i * STEP_S * 1000;
      const gint64 second = (at_ms / 1000 + 8 * 3600) % 86400;
      const gint64 power_w = load_at (self, at_ms, second);
      const gint64 unit_mwh = 10000 * self->ratio;

      self->rest_mwh += power_w * STEP_S * 1000 / 3600;
      add (&self->now.period_ckwh[period_at (second)], self->rest_mwh / unit_mwh * self->ratio);
      add (&self->now.total_ckwh, self->rest_mwh / unit_mwh * self->ratio);
      self->rest_mwh %= unit_mwh;
      greatest_w = MAX (greatest_w, power_w / self->ratio * self->ratio);
    }

  self->now.at_ms += TILL_READINGS_SLOT_MS;
  self->now.power_max_w = greatest_w;
}
