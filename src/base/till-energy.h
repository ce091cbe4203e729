/*
 * till-energy.h: energy in whole hundredths of a kWh, and what it costs
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-money.h"

G_BEGIN_DECLS

/* Ten thousand million kWh and a thousand yuan a kWh: beyond them a figure is a fault, not a
 * fact. */
#define TILL_ENERGY_MAX_CKWH (G_GINT64_CONSTANT (1000000000000))
#define TILL_PRICE_MAX_UYUAN (G_GINT64_CONSTANT (1000000000))

/**
 * TillStep:
 * @TILL_STEP_FORWARD: the register stood still or went on, by no more than it could have
 * @TILL_STEP_ROLLED_OVER: it passed its largest figure and began again
 * @TILL_STEP_BACKWARDS: it shows less than before and did not roll over: reset or exchanged
 * @TILL_STEP_IMPLAUSIBLE: it went further than the shop can have used, or cannot show that figure
 *
 * What a register did between two looks at it.
 */
typedef enum
{
  TILL_STEP_FORWARD,
  TILL_STEP_ROLLED_OVER,
  TILL_STEP_BACKWARDS,
  TILL_STEP_IMPLAUSIBLE,
} TillStep;

char     *till_energy_format (gint64 ckwh) G_GNUC_WARN_UNUSED_RESULT;
TillStep  till_energy_difference (gint64  before_ckwh,
                                  gint64  after_ckwh,
                                  gint64  modulo_ckwh,
                                  gint64  possible_ckwh,
                                  gint64 *used_ckwh);
TillMoney till_energy_cost (gint64  ckwh,
                            gint64  price_uyuan,
                            gint64 *remainder);

G_END_DECLS
