/*
 * till-profile-planner.c: which blocks to read, for the fewest bytes on the wire
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include "till-profile-private.h"

/* What one more exchange costs besides its registers, in characters: 8 asked, 5 around the answer,
 * two silences, and the latency of the meter (30 ms are 29 characters at 9600 baud). */
#define EXCHANGE_CHARACTERS 49
#define RANGES_MAX (TILL_PROFILE_REGISTERS_MAX + TILL_PROFILE_STATUS_MAX)

typedef struct
{
  guint first;
  guint end; /* one after the last */
} Range;

static gint
compare_ranges (gconstpointer a,
                gconstpointer b)
{
  const Range *x = a;
  const Range *y = b;

  return x->first < y->first ? -1 : x->first > y->first;
}

static gboolean
is_in_fixed (const TillProfilePlan *fixed,
             guint                  first,
             guint                  end)
{
  for (guint i = 0; i < fixed->n_blocks; i++)
    if (first >= fixed->blocks[i].address &&
        end <= (guint)fixed->blocks[i].address + fixed->blocks[i].count)
      return TRUE;

  return FALSE;
}

/* The wanted ranges outside the blocks that the file asks for, sorted. */
static guint
collect (const TillProfile *self,
         TillPlan           plan,
         Range             *ranges)
{
  const TillProfilePlan *fixed = &self->fixed[plan];
  guint n = 0;

  for (guint i = 0; i < self->n_registers; i++)
    {
      const TillProfileRegister *r = &self->registers[i];

      if (r->plan == plan && !is_in_fixed (fixed, r->address, (guint)r->address + r->count))
        ranges[n++] = (Range){ r->address, (guint)r->address + r->count }
      ;
    }

  for (guint i = 0; i < self->n_status; i++)
    {
      const TillProfileStatus *s = &self->status[i];

      if (s->plan == plan && !is_in_fixed (fixed, s->address, s->address + 1U))
        ranges[n++] = (Range){ s->address, s->address + 1U }
      ;
    }

  qsort (ranges, n, sizeof *ranges, compare_ranges);
  return n;
}

/* best[i] is the least cost of reading the ranges from i on; next[i] where the block after the one
 * that begins at i begins. Blocks are runs of sorted ranges, so this is all there is to try. */
static void
partition (const TillProfile *self,
           const Range       *ranges,
           guint              n,
           guint             *next)
{
  guint best[RANGES_MAX + 1] = { 0 };

  for (guint i = n; i-- > 0;)
    {
      guint end = 0;

      best[i] = G_MAXUINT;

      for (guint k = i; k < n; k++)
        {
          end = MAX (end, ranges[k].end);

          if (end - ranges[i].first > self->max_block && k > i)
            break;

          const guint cost = EXCHANGE_CHARACTERS + 2 * (end - ranges[i].first) + best[k + 1];

          if (cost < best[i])
            {
              best[i] = cost;
              next[i] = k + 1;
            }
        }
    }
}

static gboolean
has_count (const TillProfile *self,
           const void        *except,
           guint              count)
{
  for (guint p = 0; p < TILL_PROFILE_PLANS; p++)
    for (guint i = 0; i < self->plans[p].n_blocks; i++)
      if (&self->plans[p].blocks[i] != except && self->plans[p].blocks[i].count == count)
        return TRUE;

  return FALSE;
}

static gboolean
is_known (const TillProfile *self,
          guint              address)
{
  for (guint i = 0; i < self->n_registers; i++)
    if (address >= self->registers[i].address &&
        address < (guint)self->registers[i].address + self->registers[i].count)
      return TRUE;

  return FALSE;
}

/* A read reply carries no register address: when two blocks of one meter differ in length, the late
 * reply to one cannot pass for the other. A block grows only over registers the file names. */
static void
tell_apart (TillProfile      *self,
            TillProfileBlock *block)
{
  guint count = block->count;

  while (has_count (self, block, count) && count < self->max_block &&
         is_known (self, (guint)block->address + count))
    count++;

  if (!has_count (self, block, count))
    block->count = (guint16)count;
}

/**
 * till_profile_make_plan:
 * @self: a profile whose registers are all there
 * @plan: which of its plans
 *
 * Packs the registers of a plan into blocks: first those the file asks for, then the cheapest cover
 * of the rest. Registers near one another are read in one block, with the gap between them, when
 * that is cheaper than another exchange.
 *
 * Returns: %FALSE when it takes more than %TILL_JOB_REQUESTS_MAX blocks
 */
gboolean
till_profile_make_plan (TillProfile *self,
                        TillPlan     plan)
{
  TillProfilePlan *made = &self->plans[plan];
  Range ranges[RANGES_MAX];
  guint next[RANGES_MAX];
  const guint n = collect (self, plan, ranges);

  partition (self, ranges, n, next);
  *made = self->fixed[plan];

  for (guint i = 0; i < n; i = next[i])
    {
      guint end = 0;

      if (made->n_blocks == TILL_JOB_REQUESTS_MAX)
        return FALSE;

      for (guint k = i; k < next[i]; k++)
        end = MAX (end, ranges[k].end);

      made->blocks[made->n_blocks] =
        (TillProfileBlock){ (guint16)ranges[i].first, (guint16)(end - ranges[i].first) };
      made->n_blocks++;
      tell_apart (self, &made->blocks[made->n_blocks - 1]);
    }

  return TRUE;
}

static guint
fill_requests (const TillProfile *self,
               TillPlan           plan,
               TillRequest       *requests)
{
  const TillProfilePlan *made = &self->plans[plan];

  for (guint i = 0; i < made->n_blocks; i++)
    {
      requests[i].kind = TILL_REQUEST_KIND_READ;
      requests[i].address = made->blocks[i].address;
      requests[i].count = made->blocks[i].count;
    }

  return made->n_blocks;
}

/**
 * till_profile_plan_state:
 * @self: a profile
 * @requests: (out): room for %TILL_JOB_REQUESTS_MAX requests
 *
 * Returns: how many reads the cycle does for one look at a meter
 */
guint
till_profile_plan_state (const TillProfile *self,
                         TillRequest       *requests)
{
  return fill_requests (self, TILL_PLAN_STATE, requests);
}

/**
 * till_profile_plan_identity:
 * @self: a profile
 * @requests: (out): room for %TILL_JOB_REQUESTS_MAX requests
 *
 * Returns: how many reads tell the number of a meter; 0 when it cannot be read
 */
guint
till_profile_plan_identity (const TillProfile *self,
                            TillRequest       *requests)
{
  return fill_requests (self, TILL_PLAN_IDENTITY, requests);
}

/**
 * till_profile_plan_parameters:
 * @self: a profile
 * @requests: (out): room for %TILL_JOB_REQUESTS_MAX requests
 *
 * Returns: how many reads fetch what changes seldom: prices, limits, the run word; may be 0
 */
guint
till_profile_plan_parameters (const TillProfile *self,
                              TillRequest       *requests)
{
  return fill_requests (self, TILL_PLAN_PARAMETERS, requests);
}
