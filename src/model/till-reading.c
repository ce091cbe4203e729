/*
 * till-reading.c: what one look at a meter said
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-model"

#include "config.h"

#include <string.h>

#include "till-reading.h"

typedef struct
{
  guint32 field;
  gsize   offset;
  gsize   size;
} Member;

#define MEMBER(bit, name) \
  { TILL_READING_ ## bit, G_STRUCT_OFFSET (TillReading, name), sizeof (((TillReading *)0)->name) }

static const Member members[] = {
  MEMBER (DEVICE_TYPE, device_type),
  MEMBER (VOLTAGE, voltage_dv),
  MEMBER (CURRENT, current_ma),
  MEMBER (POWER, power_w),
  MEMBER (REACTIVE, reactive_var),
  MEMBER (POWER_FACTOR, power_factor_milli),
  MEMBER (FREQUENCY, frequency_chz),
  MEMBER (RATIOS, pt),
  MEMBER (RATIOS, ct),
  MEMBER (ENERGY, energy_ckwh),
  MEMBER (BASE_ENERGY, base_energy_ckwh),
  MEMBER (REMAINING, remaining),
  MEMBER (TOTAL_BOUGHT, total_bought),
  MEMBER (PURCHASE_COUNT, purchase_count),
  MEMBER (STATUS, flags),
  MEMBER (OVERLOAD, overload_trips),
  MEMBER (OVERLOAD, overload_trips_allowed),
  MEMBER (CLOCK, clock_ms),
  MEMBER (METER_NO, meter_no),
  MEMBER (RUN_WORD, run_word),
  MEMBER (PRICES, price_uyuan),
  MEMBER (LIMITS, alarm_1),
  MEMBER (LIMITS, alarm_2),
  MEMBER (LIMITS, overdraft),
};

/**
 * till_reading_merge:
 * @into: what is known so far
 * @newer: a later look at the same meter, with some or all of the fields
 *
 * Takes over every field that @newer has, and its times.
 */
void
till_reading_merge (TillReading       *into,
                    const TillReading *newer)
{
  g_return_if_fail (into != NULL && newer != NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (newer->fields & members[i].field)
      memcpy ((char *)into + members[i].offset, (const char *)newer + members[i].offset,
              members[i].size);

  for (int p = 0; p < TILL_N_PERIODS; p++)
    if (newer->fields & (p == TILL_PERIOD_DEEP ? TILL_READING_DEEP_ENERGY
                                               : TILL_READING_PERIOD_ENERGY))
      into->period_energy_ckwh[p] = newer->period_energy_ckwh[p];

  into->meter_id = newer->meter_id;
  into->at_ms = newer->at_ms;
  into->monotonic_us = newer->monotonic_us;
  into->fields |= newer->fields;
}

/**
 * till_reading_is_closed:
 * @self: a reading with %TILL_READING_STATUS
 *
 * Returns: whether all phases of the relay are closed, that is, the shop has power
 */
gboolean
till_reading_is_closed (const TillReading *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->flags & TILL_METER_FLAG_RELAY) == TILL_METER_FLAG_RELAY;
}

/**
 * till_reading_get_force:
 * @self: a reading with %TILL_READING_STATUS
 *
 * Returns: the forced state the meter is in
 */
TillForce
till_reading_get_force (const TillReading *self)
{
  g_return_val_if_fail (self != NULL, TILL_FORCE_NONE);

  if (!(self->flags & TILL_METER_FLAG_FORCED))
    return TILL_FORCE_NONE;

  return self->flags & TILL_METER_FLAG_FORCED_CLOSED ? TILL_FORCE_KEEP : TILL_FORCE_TRIP;
}
