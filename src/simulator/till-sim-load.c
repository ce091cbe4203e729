/*
 * till-sim-load.c: what a shop takes from the grid in the course of its days
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include "till-sim-load.h"

typedef struct
{
  const char *name;
  guint16     weekend_permille; /* how much more it takes on Saturday and Sunday */
  guint16     hour_permille[24];
} ShopKind;

/* Of the shop's peak, at the full hour; between two hours the load follows a straight line. */
static const ShopKind kinds[TILL_SIM_N_SHOP_KINDS] = {
  { "restaurant", 1180,
    { 110, 100, 100, 100, 100, 110, 130, 180, 250, 420, 620, 880,
      960, 820, 520, 450, 520, 820, 980, 940, 760, 520, 260, 130 } },
  { "clothes", 1250,
    { 60, 60, 60, 60, 60, 60, 60, 70, 120, 420, 760, 800,
      820, 820, 840, 850, 860, 880, 920, 940, 900, 740, 180, 70 } },
  { "office", 260,
    { 70, 70, 70, 70, 70, 80, 110, 300, 720, 880, 900, 860,
      640, 800, 900, 900, 880, 760, 420, 260, 190, 140, 90, 80 } },
  { "cold-store", 1030,
    { 560, 550, 540, 540, 540, 550, 570, 600, 640, 690, 740, 790,
      830, 860, 880, 890, 880, 850, 800, 750, 700, 660, 620, 590 } },
  { "cinema", 1350,
    { 240, 90, 80, 80, 80, 80, 80, 90, 140, 320, 520, 600,
      620, 660, 680, 660, 680, 780, 920, 980, 990, 960, 820, 460 } },
  { "supermarket", 1150,
    { 260, 250, 250, 250, 250, 260, 320, 520, 760, 840, 880, 900,
      900, 880, 870, 870, 890, 930, 970, 960, 900, 720, 420, 290 } },
};

/**
 * till_sim_mix:
 * @seed: any number
 * @value: any number
 *
 * Splitmix64: the simulator's only source of chance, so that a seed gives the same site again.
 *
 * Returns: a number that looks random and depends on nothing but the two
 */
guint64
till_sim_mix (guint64 seed,
              guint64 value)
{
  guint64 z = seed + (value + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/**
 * till_sim_mix_text:
 * @seed: any number
 * @text: any text
 *
 * Returns: a number that looks random and depends on nothing but the two
 */
guint64
till_sim_mix_text (guint64     seed,
                   const char *text)
{
  guint64 result = seed;

  for (const char *p = text; *p != '\0'; p++)
    result = till_sim_mix (result, (guint8) * p);
  return result;
}

/**
 * till_sim_shop_kind_of:
 * @name: the tenant's name
 *
 * Returns: what kind of shop it is, below %TILL_SIM_N_SHOP_KINDS; always the same for one name
 */
guint
till_sim_shop_kind_of (const char *name)
{
  return (guint)(till_sim_mix_text (7, name) % TILL_SIM_N_SHOP_KINDS);
}

/**
 * till_sim_shop_kind_get_name:
 * @kind: below %TILL_SIM_N_SHOP_KINDS
 *
 * Returns: its name
 */
const char *
till_sim_shop_kind_get_name (guint kind)
{
  g_return_val_if_fail (kind < TILL_SIM_N_SHOP_KINDS, NULL);

  return kinds[kind].name;
}

/**
 * till_sim_load_get_w:
 * @shop_kind: below %TILL_SIM_N_SHOP_KINDS
 * @peak_w: what the shop takes at most on a working day, watts
 * @seed: the shop's own seed
 * @minute: minutes since 1970, Asia/Shanghai
 *
 * The load is constant within a minute and depends on nothing but the arguments, so a meter can be
 * brought forward in steps of any length with the same result.
 *
 * Returns: watts, not negative
 */
gint64
till_sim_load_get_w (guint   shop_kind,
                     gint64  peak_w,
                     guint64 seed,
                     gint64  minute)
{
  g_return_val_if_fail (shop_kind < TILL_SIM_N_SHOP_KINDS, 0);

  const ShopKind *kind = &kinds[shop_kind];
  const gint64 day = minute / 1440;
  const int hour = (int)(minute / 60 % 24);
  const int within = (int)(minute % 60);
  const int weekday = (int)((day + 4) % 7);
  const gint64 shape = kind->hour_permille[hour] * (60 - within) +
                       kind->hour_permille[(hour + 1) % 24] * within;
  const gint64 noise = 930 + (gint64)(till_sim_mix (seed, (guint64)minute) % 141);
  const gint64 day_noise = 950 + (gint64)(till_sim_mix (seed ^ 1, (guint64)day) % 101);
  gint64 w = peak_w * shape / 60 / 1000 * noise / 1000 * day_noise / 1000;

  if (weekday == 0 || weekday == 6)
    w = w * kind->weekend_permille / 1000;
  return w;
}
