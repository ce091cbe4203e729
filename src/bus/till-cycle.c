/*
 * till-cycle.c: whose turn it is on a line
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include "till-cycle.h"

#define MISSES_TO_DIE 2
#define PROBE_FIRST_US G_GINT64_CONSTANT (5000000)
#define PROBE_LAST_US G_GINT64_CONSTANT (300000000)
/* Most probes wait no longer than the living need; one in so many waits for a slow one. */
#define FULL_PROBE_EVERY 4
/* The living keep all but one part in so many of the line's time. */
#define PROBE_SHARE 40

typedef struct
{
  TillLineMeter meter;
  guint         misses; /* in a row */
  guint         probes; /* since it died */
  gint64        probe_us;
  guint64       round;  /* the last round it had its turn in */
} Entry;

struct _TillCycle
{
  GArray  *entries; /* of Entry */
  gint64   interval_us;
  guint64  round;  /* the present one, from 1 */
  guint64  rounds; /* done */
  gint64   began_us;
  gint64   round_us;
  gint64   probe_began_us;
  gint64   probe_next_us; /* of all the dead together */
  guint    n_asked;       /* in this round */
  gboolean probed;  /* in this round */
  gboolean resting; /* the round is over; the next begins at @began_us + @interval_us */
};

/**
 * till_cycle_new:
 * @interval_us: a round begins at most this often; 0 for one after the other
 *
 * Returns: (transfer full): a cycle without meters
 */
TillCycle *
till_cycle_new (gint64 interval_us)
{
  TillCycle *self = g_new0 (TillCycle, 1);

  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  self->interval_us = interval_us;
  self->resting = TRUE;
  self->began_us = -interval_us;
  return self;
}

/**
 * till_cycle_free:
 * @self: (transfer full) (nullable): a cycle
 */
void
till_cycle_free (TillCycle *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->entries);
  g_free (self);
}

static Entry *
entry_at (TillCycle *self,
          gsize      index)
{
  return &g_array_index (self->entries, Entry, index);
}

static gboolean
is_dead (const Entry *entry)
{
  return entry->misses >= MISSES_TO_DIE;
}

/**
 * till_cycle_set_meters:
 * @self: a cycle
 * @meters: (array length=n_meters): the meters, in the order they are asked
 * @n_meters: how many
 *
 * What is known of a meter that stays is kept.
 */
void
till_cycle_set_meters (TillCycle           *self,
                       const TillLineMeter *meters,
                       gsize                n_meters)
{
  g_autoptr(GArray) old = g_steal_pointer (&self->entries);

  self->entries = g_array_sized_new (FALSE, TRUE, sizeof (Entry), (guint)n_meters);

  for (gsize i = 0; i < n_meters; i++)
    {
      Entry entry = { .meter = meters[i] };

      for (guint k = 0; k < old->len; k++)
        {
          const Entry *was = &g_array_index (old, Entry, k);

          if (was->meter.meter_id == meters[i].meter_id && was->meter.unit == meters[i].unit)
            {
              entry = *was;
              entry.meter = meters[i];
            }
        }

      g_array_append_val (self->entries, entry);
    }
}

gsize
till_cycle_get_n_meters (TillCycle *self)
{
  return self->entries->len;
}

const TillLineMeter *
till_cycle_get_meter (TillCycle *self,
                      gsize      index)
{
  return &entry_at (self, index)->meter;
}

/**
 * till_cycle_find:
 * @self: a cycle
 * @meter_id: a meter
 *
 * Returns: (nullable): the meter, when it is on this line
 */
const TillLineMeter *
till_cycle_find (TillCycle *self,
                 gint64     meter_id)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (entry_at (self, i)->meter.meter_id == meter_id)
      return &entry_at (self, i)->meter;

  return NULL;
}

guint
till_cycle_get_n_dead (TillCycle *self)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    n += is_dead (entry_at (self, i));

  return n;
}

/* The next living meter of this round that may be asked now. One that owes a reply is passed over:
 * it comes back later in the round, or in the next. */
static gboolean
next_living (TillCycle         *self,
             gint64             now_us,
             TillCycleReadyFunc ready,
             gpointer           user_data,
             TillCycleTurn     *turn)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = entry_at (self, i);

      if (is_dead (entry) || entry->round == self->round)
        continue;

      const gint64 ready_us = ready (entry->meter.unit, user_data);

      if (ready_us <= now_us)
        {
          entry->round = self->round;
          *turn = (TillCycleTurn){ .meter = &entry->meter, .index = i };
          return TRUE;
        }

      turn->wait_until_us = MIN (turn->wait_until_us, ready_us);
    }

  return FALSE;
}

static gboolean
next_dead (TillCycle         *self,
           gint64             now_us,
           TillCycleReadyFunc ready,
           gpointer           user_data,
           TillCycleTurn     *turn)
{
  const gboolean living = till_cycle_get_n_dead (self) < self->entries->len;
  const gint64 floor_us = living ? self->probe_next_us : 0;
  Entry *best = NULL;
  guint index = 0;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = entry_at (self, i);

      if (!is_dead (entry))
        continue;

      const gint64 due_us = MAX (MAX (entry->probe_us, floor_us),
                                 ready (entry->meter.unit, user_data));

      turn->wait_until_us = MIN (turn->wait_until_us, MAX (due_us, now_us + 1));

      if (due_us <= now_us && (best == NULL || entry->probe_us < best->probe_us))
        {
          best = entry;
          index = i;
        }
    }

  if (best == NULL || self->probed)
    return FALSE;

  self->probed = TRUE;
  self->probe_began_us = now_us;
  *turn = (TillCycleTurn){ .meter = &best->meter, .index = index, .probe = TRUE,
                           .full_probe = best->probes % FULL_PROBE_EVERY == FULL_PROBE_EVERY - 1 };
  return TRUE;
}

static void
begin_round (TillCycle *self,
             gint64     now_us)
{
  self->round++;
  self->began_us = now_us;
  self->n_asked = 0;
  self->probed = FALSE;
  self->resting = FALSE;
}

/**
 * till_cycle_next:
 * @self: a cycle
 * @now_us: monotonic time
 * @ready: tells when a unit may be asked
 * @user_data: for @ready
 * @turn: (out): what to do
 *
 * Says whose turn it is. The one it names has had its turn in this round from now on.
 */
void
till_cycle_next (TillCycle         *self,
                 gint64             now_us,
                 TillCycleReadyFunc ready,
                 gpointer           user_data,
                 TillCycleTurn     *turn)
{
  /* Two passes: the end of this round, and the beginning of the next. */
  for (guint pass = 0; pass < 2; pass++)
    {
      *turn = (TillCycleTurn){ .wait_until_us = G_MAXINT64 };

      if (self->entries->len == 0)
        return;

      if (self->resting)
        {
          if (now_us < self->began_us + self->interval_us)
            {
              turn->wait_until_us = self->began_us + self->interval_us;
              return;
            }

          begin_round (self, now_us);
        }

      if (next_living (self, now_us, ready, user_data, turn) ||
          next_dead (self, now_us, ready, user_data, turn))
        {
          self->n_asked++;
          return;
        }

      /* Nobody could be asked at all: this is no round, wait for the first that can be. */
      if (self->n_asked == 0)
        return;

      self->round_us = now_us - self->began_us;
      self->rounds++;
      self->resting = TRUE;
    }
}

/**
 * till_cycle_report:
 * @self: a cycle
 * @index: the index of a turn
 * @answered: whether the meter answered, be it with a refusal
 * @now_us: monotonic time
 *
 * Two misses in a row and a meter is dead; one answer and it lives.
 */
void
till_cycle_report (TillCycle *self,
                   guint      index,
                   gboolean   answered,
                   gint64     now_us)
{
  Entry *entry;

  if (index >= self->entries->len)
    return;

  entry = entry_at (self, index);

  if (answered)
    {
      entry->misses = 0;
      entry->probes = 0;
      return;
    }

  if (is_dead (entry))
    {
      entry->probes++;
      self->probe_next_us = now_us + PROBE_SHARE * (now_us - self->probe_began_us);
    }
  else
    entry->misses++;

  if (is_dead (entry))
    entry->probe_us = now_us + MIN (PROBE_FIRST_US << MIN (entry->probes, 16), PROBE_LAST_US);
}

/**
 * till_cycle_revive:
 * @self: a cycle
 * @now_us: monotonic time
 *
 * After the line itself came back: the dead may live again, and are probed one a round.
 */
void
till_cycle_revive (TillCycle *self,
                   gint64     now_us)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      entry_at (self, i)->probe_us = MIN (entry_at (self, i)->probe_us, now_us);
      entry_at (self, i)->probes = 0;
    }
}

guint64
till_cycle_get_rounds (TillCycle *self)
{
  return self->rounds;
}

/**
 * till_cycle_get_round_us:
 * @self: a cycle
 *
 * Returns: how long the last whole round took, without the pause behind it
 */
gint64
till_cycle_get_round_us (TillCycle *self)
{
  return self->round_us;
}
