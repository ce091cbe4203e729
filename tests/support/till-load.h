/*
 * till-load.h: a shop's load as a meter counts it, for tests and benchmarks
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-readings.h"

G_BEGIN_DECLS

/**
 * TillLoad:
 *
 * A made-up shop of a mall: open from ten to ten, a refrigerator at night, the load wandering by day,
 * weekends busier; the energy counted by a time-table of eight switches a day, a few seconds late at
 * each. Whole numbers and its own random numbers, so that it is the same everywhere.
 */
typedef struct
{
  guint64       random;
  gint64        base_w;
  gint64        open_w;
  gint64        wander_milli; /* of the load, around 1000 */
  gint64        rest_mwh;     /* counted by the meter but below 0.01 kWh, by period */
  gint64        ratio;        /* of the transformers: all registers are multiples of it */
  TillRegisters now;
} TillLoad;

void till_load_init (TillLoad *self,
                     gint64    meter_id,
                     gint64    start_ms);
void till_load_next (TillLoad *self);

G_END_DECLS
