/*
 * till-energy.c: energy in whole hundredths of a kWh, and what it costs
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include "till-energy.h"
#include "till-group-private.h"

/* A hundredth of a kWh at a millionth of a yuan is 1e-8 yuan; so many of them make a fen. */
#define UNITS_PER_FEN 1000000

/**
 * till_energy_format:
 * @ckwh: energy in 0.01 kWh, any sign
 *
 * Returns: (transfer full): kWh with two decimals and grouped thousands, `1,234.56`, in every
 *   locale
 */
char *
till_energy_format (gint64 ckwh)
{
  return till_group_format_hundredths (ckwh);
}

/**
 * till_energy_difference:
 * @before_ckwh: the register at the earlier look, 0.01 kWh, not negative
 * @after_ckwh: the register at the later look, 0.01 kWh, not negative
 * @modulo_ckwh: where the register begins again at 0; 0 when it never does
 * @possible_ckwh: the most that can have been used in between
 * @used_ckwh: (out): what was used; set only for a step forward or a roll-over
 *
 * Judges the step of a register. A roll-over is believed only when the use it would mean is
 * possible; a smaller figure is a fall otherwise.
 *
 * Returns: what the register did
 */
TillStep
till_energy_difference (gint64  before_ckwh,
                        gint64  after_ckwh,
                        gint64  modulo_ckwh,
                        gint64  possible_ckwh,
                        gint64 *used_ckwh)
{
  g_return_val_if_fail (used_ckwh != NULL, TILL_STEP_IMPLAUSIBLE);

  if (before_ckwh < 0 || after_ckwh < 0 || modulo_ckwh < 0)
    return TILL_STEP_IMPLAUSIBLE;
  if (modulo_ckwh > 0 && (before_ckwh >= modulo_ckwh || after_ckwh >= modulo_ckwh))
    return TILL_STEP_IMPLAUSIBLE;

  if (after_ckwh >= before_ckwh)
    {
      if (after_ckwh - before_ckwh > possible_ckwh)
        return TILL_STEP_IMPLAUSIBLE;

      *used_ckwh = after_ckwh - before_ckwh;
      return TILL_STEP_FORWARD;
    }

  if (modulo_ckwh == 0 || modulo_ckwh - before_ckwh + after_ckwh > possible_ckwh)
    return TILL_STEP_BACKWARDS;

  *used_ckwh = modulo_ckwh - before_ckwh + after_ckwh;
  return TILL_STEP_ROLLED_OVER;
}

/**
 * till_energy_cost:
 * @ckwh: energy in 0.01 kWh, within ±%TILL_ENERGY_MAX_CKWH; negative for a correction
 * @price_uyuan: price in 1e-6 yuan/kWh, 0 to %TILL_PRICE_MAX_UYUAN
 * @remainder: (inout): what earlier settlements left below a fen, 0 to 999,999 millionths of a fen;
 *   begins at 0 and belongs to one account
 *
 * Reckons what energy costs. What does not make a whole fen is carried in @remainder, always
 * rounding towards less, so that the days of a month add up to the month to the fen, corrections
 * included.
 *
 * Returns: the cost in whole fen
 */
TillMoney
till_energy_cost (gint64  ckwh,
                  gint64  price_uyuan,
                  gint64 *remainder)
{
  g_assert (remainder != NULL && *remainder >= 0 && *remainder < UNITS_PER_FEN);
  g_assert (ckwh >= -TILL_ENERGY_MAX_CKWH && ckwh <= TILL_ENERGY_MAX_CKWH);
  g_assert (price_uyuan >= 0 && price_uyuan <= TILL_PRICE_MAX_UYUAN);

  const __int128 units = (__int128)ckwh * price_uyuan + *remainder;
  __int128 fen = units / UNITS_PER_FEN;

  /* C rounds a quotient towards 0; the remainder must never be negative. */
  if (fen * UNITS_PER_FEN > units)
    fen--;

  *remainder = (gint64)(units - fen * UNITS_PER_FEN);
  return (TillMoney)fen;
}
