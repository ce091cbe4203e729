/*
 * till-reading.h: what one look at a meter said, in units that no profile changes
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-money.h"
#include "till-types.h"

G_BEGIN_DECLS

/**
 * TillReadingField:
 *
 * Which members of a #TillReading hold something. A member whose bit is not set is 0.
 */
typedef enum
{
  TILL_READING_DEVICE_TYPE = 1 << 0,
  TILL_READING_VOLTAGE = 1 << 1,
  TILL_READING_CURRENT = 1 << 2,
  TILL_READING_POWER = 1 << 3,
  TILL_READING_REACTIVE = 1 << 4,
  TILL_READING_POWER_FACTOR = 1 << 5,
  TILL_READING_RATIOS = 1 << 6,
  TILL_READING_ENERGY = 1 << 7,
  TILL_READING_PERIOD_ENERGY = 1 << 8,
  TILL_READING_DEEP_ENERGY = 1 << 9,
  TILL_READING_REMAINING = 1 << 10,
  TILL_READING_PURCHASE_COUNT = 1 << 11,
  TILL_READING_STATUS = 1 << 12,
  TILL_READING_CLOCK = 1 << 13,
  TILL_READING_METER_NO = 1 << 14,
  TILL_READING_PRICES = 1 << 15,
  TILL_READING_LIMITS = 1 << 16,
  TILL_READING_TOTAL_BOUGHT = 1 << 17,
  TILL_READING_RUN_WORD = 1 << 18,
  TILL_READING_BASE_ENERGY = 1 << 19,
  TILL_READING_OVERLOAD = 1 << 20,
  TILL_READING_FREQUENCY = 1 << 21,
} TillReadingField;

/**
 * TillMeterFlag:
 *
 * The status words of DTSY1352 (meters.md 2), as flags. The relay is closed when all three of its
 * phases are; a single-phase meter has only L1 and its profile sets all three.
 */
typedef enum
{
  TILL_METER_FLAG_FAULT = 1 << 0,
  TILL_METER_FLAG_RELAY_L1 = 1 << 1,
  TILL_METER_FLAG_RELAY_L2 = 1 << 2,
  TILL_METER_FLAG_RELAY_L3 = 1 << 3,
  TILL_METER_FLAG_FORCED = 1 << 4,        /* force control is active */
  TILL_METER_FLAG_FORCED_CLOSED = 1 << 5, /* … and its position is closed: keep power */
  TILL_METER_FLAG_OVER_LIMIT = 1 << 6,
  TILL_METER_FLAG_ARREARS = 1 << 7,
  TILL_METER_FLAG_ALARM_1 = 1 << 8,
  TILL_METER_FLAG_ALARM_2 = 1 << 9,
  TILL_METER_FLAG_PREPAYMENT = 1 << 10, /* cost control is on */
  TILL_METER_FLAG_LOAD_CONTROL = 1 << 11,
  TILL_METER_FLAG_TIME_CONTROL = 1 << 12,
} TillMeterFlag;

#define TILL_METER_FLAG_RELAY \
  (TILL_METER_FLAG_RELAY_L1 | TILL_METER_FLAG_RELAY_L2 | TILL_METER_FLAG_RELAY_L3)

/**
 * TillForce:
 *
 * The forced state of a meter: {0,0} automatic, {1,1} tripped, {1,0} power kept (meters.md 4).
 */
typedef enum
{
  TILL_FORCE_NONE,
  TILL_FORCE_TRIP,
  TILL_FORCE_KEEP,
} TillForce;

/**
 * TillReading:
 *
 * One look at a meter. A plain value: copied, never shared. Energies, powers and currents are
 * primary (ratios applied). Energy is in 0.01 kWh, money in fen, prices in 1e-6 yuan/kWh.
 */
typedef struct
{
  gint64    meter_id;
  gint64    at_ms;        /* wall clock, UTC, when the reply was complete */
  gint64    monotonic_us; /* g_get_monotonic_time() at the same instant */
  guint32   fields;       /* TillReadingField */

  guint16   device_type;
  gint32    voltage_dv[3]; /* 0.1 V */
  gint64    current_ma[3];
  gint64    power_w[4]; /* a, b, c, sum */
  gint64    reactive_var[4];
  gint32    power_factor_milli[4];
  gint32    frequency_chz; /* 0.01 Hz */
  gint32    pt;
  gint32    ct;

  gint64    energy_ckwh;
  gint64    period_energy_ckwh[TILL_N_PERIODS];
  gint64    base_energy_ckwh;

  TillMoney remaining;
  TillMoney total_bought;
  guint32   purchase_count;
  guint32   flags; /* TillMeterFlag */
  guint16   overload_trips;
  guint16   overload_trips_allowed;

  gint64    clock_ms; /* the meter's own clock, as UTC */
  char      meter_no[16];
  guint16   run_word;

  gint64    price_uyuan[TILL_N_PERIODS];
  TillMoney alarm_1;
  TillMoney alarm_2;
  TillMoney overdraft;
} TillReading;

void      till_reading_merge (TillReading       *into,
                              const TillReading *newer);
gboolean  till_reading_is_closed (const TillReading *self);
TillForce till_reading_get_force (const TillReading *self);

G_END_DECLS
