/*
 * till-pace.c: how long things take on a line, and how long to wait for whom
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <string.h>

#include "till-pace.h"

/* A meter that always answers alike is still given this much more than it needs: a device server or
 * the machine itself may stumble for some tens of milliseconds. */
#define FLOOR_US 60000

/* The turnaround gap grows when several meters that had just answered do not, within a window of
 * exchanges, and shrinks slowly while all goes well. */
#define WINDOW 32
#define WINDOW_FAULTS 3
#define GAP_STEP_US 5000
#define GAP_DECAY_US 250
#define GAP_MAX_US 100000

#define FAST_BAUD 19200
#define FAST_SILENCE_US 1750

/**
 * till_pace_init:
 * @self: (out): what to fill
 * @config: the settings of the line, with defaults filled in
 */
void
till_pace_init (TillPace             *self,
                const TillLineConfig *config)
{
  const gint64 bits = 1 + 8 + (config->parity == 'N' ? 0 : 1) + config->stop_bits;

  *self = (TillPace){ 0 };
  self->character_ns = bits * G_GINT64_CONSTANT (1000000000) / config->baud;
  self->silence_us = config->baud > FAST_BAUD ? FAST_SILENCE_US
                                              : (self->character_ns * 7 / 2 + 999) / 1000;
  self->cap_us = config->timeout_ms * G_GINT64_CONSTANT (1000);
}

/**
 * till_pace_wire_us:
 * @self: the pace of a line
 * @characters: how many characters
 *
 * Returns: how long they take on the wire, in microseconds
 */
gint64
till_pace_wire_us (const TillPace *self,
                   gsize           characters)
{
  return (self->character_ns * (gint64)characters + 999) / 1000;
}

static gint64
learned_us (const TillPace      *self,
            const TillPaceMeter *meter)
{
  const gint64 mean = meter->mean_us;
  gint64 wait = MAX (mean + 4 * (gint64)meter->deviation_us, mean + FLOOR_US);

  /* One that has just missed may have become slower: it gets twice the time before it is given
   * up. */
  if (meter->misses == 1)
    wait *= 2;

  return MIN (wait, self->cap_us);
}

/**
 * till_pace_allowance_us:
 * @self: the pace of a line
 * @unit: who is asked
 * @wait: how patient to be
 *
 * Returns: how long the reply may take beyond the time of its characters on the wire
 */
gint64
till_pace_allowance_us (const TillPace *self,
                        guint8          unit,
                        TillPaceWait    wait)
{
  const TillPaceMeter *meter = &self->meters[unit];
  gint64 longest = 0;

  if (wait == TILL_PACE_WAIT_FULL)
    return self->cap_us;

  if (meter->known)
    return learned_us (self, meter);

  if (wait == TILL_PACE_WAIT_LEARNED)
    return self->cap_us;

  for (guint i = 0; i < G_N_ELEMENTS (self->meters); i++)
    if (self->meters[i].known && self->meters[i].misses == 0)
      longest = MAX (longest, learned_us (self, &self->meters[i]));

  return longest > 0 ? longest : self->cap_us;
}

static void
learn_latency (TillPaceMeter *meter,
               gint64         latency_us)
{
  const gint32 latency = (gint32)CLAMP (latency_us, 0, 60 * G_USEC_PER_SEC);
  const gint32 off = latency - meter->mean_us;

  if (!meter->known)
    {
      meter->known = TRUE;
      meter->mean_us = latency;
      meter->deviation_us = latency / 4;
      return;
    }

  meter->mean_us += off / 8;
  meter->deviation_us += (ABS (off) - meter->deviation_us) / 4;
}

static void
count_exchange (TillPace *self)
{
  if (++self->window < WINDOW)
    return;

  if (self->faults >= WINDOW_FAULTS)
    self->gap_us = MIN (self->gap_us + GAP_STEP_US, GAP_MAX_US);
  else if (self->faults == 0)
    self->gap_us = MAX (self->gap_us - GAP_DECAY_US, 0);

  self->window = 0;
  self->faults = 0;
}

/**
 * till_pace_learn:
 * @self: the pace of a line
 * @unit: who answered in time
 * @latency_us: how long the answer took beyond its characters on the wire
 */
void
till_pace_learn (TillPace *self,
                 guint8    unit,
                 gint64    latency_us)
{
  learn_latency (&self->meters[unit], latency_us);
  self->meters[unit].misses = 0;
  count_exchange (self);
}

/**
 * till_pace_learn_late:
 * @self: the pace of a line
 * @unit: whose answer came after it had been given up
 * @latency_us: how long it took
 *
 * A slow meter is learned from its late replies, or it would be given up for ever.
 */
void
till_pace_learn_late (TillPace *self,
                      guint8    unit,
                      gint64    latency_us)
{
  TillPaceMeter *meter = &self->meters[unit];

  learn_latency (meter, latency_us);
  meter->mean_us = MAX (meter->mean_us, (gint32)MIN (latency_us, G_MAXINT32));
}

/**
 * till_pace_miss:
 * @self: the pace of a line
 * @unit: who did not answer, or not well
 *
 * Only a meter that had answered the last time counts towards the gap: a dead one says nothing
 * about the line.
 */
void
till_pace_miss (TillPace *self,
                guint8    unit)
{
  TillPaceMeter *meter = &self->meters[unit];

  if (meter->known && meter->misses == 0)
    self->faults++;

  if (meter->misses < G_MAXUINT8)
    meter->misses++;

  count_exchange (self);
}
