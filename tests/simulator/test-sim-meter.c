/*
 * test-sim-meter.c: a simulated meter without a wire
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-sim-frame.h"
#include "till-sim-load.h"
#include "till-sim-registers.h"

#define DAY_MS (G_GINT64_CONSTANT (86400000))
#define HOUR_MS (G_GINT64_CONSTANT (3600000))

static gint64
midnight (void)
{
  return till_clock_from_civil (2026, 11, 24, 0, 0, 0);
}

static TillSimMeter *
make_meter (TillSimModel model)
{
  TillSimMeter *meter = till_sim_meter_new (model, 7, "202411000123", "shop", 42, midnight ());

  till_sim_meter_reset (meter);
  meter->memory.remaining_fen = 100000;
  meter->memory.count = 5;
  meter->memory.load_w = 3600;
  return meter;
}

static const guint8 *
ask (TillSimMeter *meter,
     const guint8 *frame,
     gsize         length)
{
  static TillSimAnswer answer;

  till_sim_meter_answer (meter, frame, length, &answer);
  return answer.length > 0 ? answer.bytes : NULL;
}

static guint16
read_one (TillSimMeter *meter,
          guint16       address)
{
  const guint8 frame[] = { 7, 3, address >> 8, address & 0xff, 0, 1 };
  const guint8 *reply = ask (meter, frame, sizeof frame);

  g_assert_nonnull (reply);
  g_assert_cmpint (reply[1], ==, 3);
  return (guint16)(reply[3] << 8 | reply[4]);
}

static guint32
read_two (TillSimMeter *meter,
          guint16       address)
{
  return (guint32)read_one (meter, address) << 16 | read_one (meter, address + 1);
}

static int
write_two (TillSimMeter *meter,
           guint16       address,
           guint16       first,
           guint16       second)
{
  const guint8 frame[] = { 7, 16, address >> 8, address & 0xff, 0, 2, 4, first >> 8, first & 0xff,
                           second >> 8, second & 0xff };
  const guint8 *reply = ask (meter, frame, sizeof frame);

  return reply[1] == 16 ? 0 : reply[2];
}

static void
buy (TillSimMeter *meter,
     guint32       fen,
     guint16       count)
{
  const guint8 frame[] = { 7, 0x20, 1, 0, 0, 4, 8, fen >> 24, fen >> 16 & 0xff, fen >> 8 & 0xff,
                           fen & 0xff, count >> 8, count & 0xff, 0, 0 };
  TillSimAnswer answer;

  till_sim_meter_answer (meter, frame, sizeof frame, &answer);
  g_assert_cmpuint (answer.length, ==, 13);
  g_assert_true (answer.changed);
  g_assert_true (answer.purchase);
}

static void
test_purchase_guarded (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  buy (meter, 5000, 6);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 105000);
  g_assert_cmpint (meter->memory.count, ==, 6);

  /* The same once more, one that skips a number, one from the past: nothing happens. */
  buy (meter, 5000, 6);
  buy (meter, 5000, 8);
  buy (meter, 5000, 1);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 105000);
  g_assert_cmpint (meter->memory.count, ==, 6);
  g_assert_cmpint (meter->memory.bought_fen, ==, 5000);
  g_assert_cmpint (meter->memory.rejected, ==, 3);
  g_assert_cmpuint (meter->purchases->len, ==, 4);

  g_assert_cmpuint (read_two (meter, 0x021f), ==, 105000);
  g_assert_cmpuint (read_one (meter, 0x0221), ==, 6);
  g_assert_cmpuint (read_one (meter, 0x0401), ==, 6);
  g_assert_cmpuint (read_two (meter, 0x0412), ==, 5000);
  g_assert_cmpuint (read_two (meter, 0x0414), ==, 105000);
}

static void
test_purchase_add_only (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  meter->memory.count_rule = TILL_COUNT_RULE_ADD_ONLY;
  buy (meter, 5000, 6);
  buy (meter, 5000, 6);
  buy (meter, 1, 900);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 110001);
  g_assert_cmpint (meter->memory.count, ==, 900);
  g_assert_cmpint (meter->memory.rejected, ==, 0);
}

static void
test_purchase_count_wraps (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  meter->memory.count = 65535;
  buy (meter, 100, 0);
  g_assert_cmpint (meter->memory.count, ==, 0);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 100100);
}

static void
test_purchase_refused (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  meter->memory.run_word |= TILL_SIM_RUN_ENCRYPTED;
  buy (meter, 5000, 6);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 100000);
  meter->memory.run_word &= ~TILL_SIM_RUN_ENCRYPTED;
  meter->memory.hoard_fen = 104999;
  buy (meter, 5000, 6);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 100000);
  g_assert_cmpint (meter->memory.count, ==, 5);
  meter->memory.hoard_fen = 105000;
  buy (meter, 5000, 6);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 105000);
}

/* 3.6 kW for a day is 8640 units of 0.01 kWh; the default table splits it by whole hours. */
static void
test_energy_of_a_day (void)
{
  g_autoptr(TillSimMeter) once = make_meter (TILL_SIM_MODEL_DTSY1352);
  g_autoptr(TillSimMeter) often = make_meter (TILL_SIM_MODEL_DTSY1352);
  const int hours[] = { 2, 6, 8, 8, 0 };
  const gint64 price[] = { 13500, 11500, 8000, 4200, 4200 };
  gint64 at_ms = midnight ();
  gint64 cost = 0;

  till_sim_meter_advance (once, midnight () + DAY_MS);
  for (guint i = 0; at_ms < midnight () + DAY_MS; i++)
    {
      at_ms = MIN (at_ms + 1 + (gint64)(till_sim_mix (9, i) % 700000), midnight () + DAY_MS);
      till_sim_meter_advance (often, at_ms);
    }

  for (int i = 0; i < TILL_N_PERIODS; i++)
    {
      g_assert_cmpint (till_sim_meter_get_energy_ckwh (once, i), ==, hours[i] * 360);
      /* 3.6 kWh an hour; a price of 10000 is one yuan, 100 fen. */
      cost += hours[i] * 36 * price[i];
    }
  g_assert_cmpint (till_sim_meter_get_energy_ckwh (once, -1), ==, 8640);
  g_assert_cmpint (100000 - once->memory.remaining_fen, ==, cost / 1000);
  g_assert_cmpint (once->memory.cost_rest, ==, cost % 1000 * 360000000);
  g_assert_cmpmem (&once->memory, sizeof once->memory, &often->memory, sizeof often->memory);
  g_assert_cmpuint (read_two (once, 0x0215), ==, 8640);
  g_assert_cmpuint (read_two (once, 0x0217), ==, 720);
  g_assert_cmpuint (read_two (once, 0x0219), ==, 2160);
  g_assert_cmpuint (read_two (once, 0x021b), ==, 2880);
  g_assert_cmpuint (read_two (once, 0x021d), ==, 2880);
}

/* The shop's own load, ratios, a clock that is off and drifts: the same however the time is cut. */
static void
cut_time (gint64   remaining_fen,
          gboolean is_closed)
{
  g_autoptr(TillSimMeter) once = make_meter (TILL_SIM_MODEL_DTSY1352);
  g_autoptr(TillSimMeter) often = make_meter (TILL_SIM_MODEL_DTSY1352);
  TillSimMeter *meters[] = { once, often };
  gint64 at_ms = midnight ();

  for (int i = 0; i < 2; i++)
    {
      meters[i]->memory.load_w = -1;
      meters[i]->memory.offset_ms = -83123;
      meters[i]->memory.remaining_fen = remaining_fen;
      till_sim_meter_set_ratios (meters[i], 30, 1);
    }
  till_sim_meter_advance (once, midnight () + 3 * DAY_MS);
  for (guint i = 0; at_ms < midnight () + 3 * DAY_MS; i++)
    {
      at_ms = MIN (at_ms + 1 + (gint64)(till_sim_mix (8, i) % 900000), midnight () + 3 * DAY_MS);
      till_sim_meter_advance (often, at_ms);
    }
  g_assert_true (till_sim_meter_is_closed (once) == is_closed);
  g_assert_cmpmem (&once->memory, sizeof once->memory, &often->memory, sizeof often->memory);
}

static void
test_cutting_time (void)
{
  cut_time (100000000, TRUE);
  cut_time (9000, FALSE);
  cut_time (70001, FALSE);
}

static void
test_own_clock_decides (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  /* At midnight by the sun it is 18:00 for this meter, which is sharp for two hours. */
  meter->memory.offset_ms = 18 * HOUR_MS;
  till_sim_meter_advance (meter, midnight () + 3 * HOUR_MS);
  g_assert_cmpint (till_sim_meter_get_energy_ckwh (meter, TILL_PERIOD_SHARP), ==, 720);
  g_assert_cmpint (till_sim_meter_get_energy_ckwh (meter, TILL_PERIOD_PEAK), ==, 360);
}

static void
test_drift (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  meter->memory.drift_ppm = 100;
  till_sim_meter_advance (meter, midnight () + DAY_MS);
  g_assert_cmpint (meter->memory.offset_ms, ==, 8640);
}

static void
test_ratios (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  /* The registers stay secondary, the money is primary. 00:00 to 01:00 is valley, 0.42 yuan. */
  till_sim_meter_set_ratios (meter, 40, 2);
  till_sim_meter_advance (meter, midnight () + HOUR_MS);
  g_assert_cmpint (till_sim_meter_get_energy_ckwh (meter, -1), ==, 360);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 100000 - 36 * 80 * 42 / 10);
  g_assert_cmpuint (read_one (meter, 0x0213), ==, 2);
  g_assert_cmpuint (read_one (meter, 0x0214), ==, 40);
}

static void
test_trip_at_arrears (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  /* Valley: 3.6 kW cost 1.512 yuan an hour; 100 fen last 2381 s and a bit, by the millisecond. */
  meter->memory.remaining_fen = 100;
  till_sim_meter_advance (meter, midnight () + 2380 * 1000);
  g_assert_true (till_sim_meter_is_closed (meter));
  g_assert_cmphex (read_one (meter, 0x0224) & 0xe020, ==, 0xe000);
  till_sim_meter_advance (meter, midnight () + 2381 * 1000);
  g_assert_false (till_sim_meter_is_closed (meter));
  g_assert_cmpint (meter->memory.remaining_fen, ==, 0);
  g_assert_cmphex (read_one (meter, 0x0224) & 0xe020, ==, 0x0020);
  g_assert_cmphex (read_one (meter, 0x0225) & 0x0f, ==, 0x08);

  /* Nothing more is used, and money brings the power back. */
  till_sim_meter_advance (meter, midnight () + DAY_MS);
  g_assert_cmpint (meter->memory.remaining_fen, ==, 0);
  buy (meter, 5000, 6);
  g_assert_true (till_sim_meter_is_closed (meter));

  /* With an overdraft it goes on below zero. */
  meter->memory.remaining_fen = 10;
  meter->memory.overdraft_fen = 500;
  till_sim_meter_advance (meter, midnight () + 3 * DAY_MS);
  g_assert_cmpint (meter->memory.remaining_fen, ==, -500);
  g_assert_cmpint ((gint32)read_two (meter, 0x021f), ==, -500);
  g_assert_false (till_sim_meter_is_closed (meter));
}

static void
test_force (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  /* Trip: a purchase does not reclose it. */
  g_assert_cmpint (write_two (meter, 0x0057, 1, 1), ==, 0);
  g_assert_cmphex (read_one (meter, 0x0224) & 0xe00f, ==, 0x0008);
  buy (meter, 5000, 6);
  g_assert_cmphex (read_one (meter, 0x0224) & 0xe00f, ==, 0x0008);

  /* Keep power: closed whatever the balance is, and the debt grows. */
  meter->memory.remaining_fen = 1;
  g_assert_cmpint (write_two (meter, 0x0057, 1, 0), ==, 0);
  g_assert_cmphex (read_one (meter, 0x0224) & 0xe00f, ==, 0xe00f);
  till_sim_meter_advance (meter, midnight () + 5 * HOUR_MS);
  g_assert_cmpint (meter->memory.remaining_fen, <, -700);
  g_assert_true (till_sim_meter_is_closed (meter));

  /* Automatic: the arrears count again. */
  g_assert_cmpint (write_two (meter, 0x0057, 0, 0), ==, 0);
  g_assert_cmphex (read_one (meter, 0x0224) & 0xe02f, ==, 0x0020);
  g_assert_cmpint (write_two (meter, 0x0057, 0, 1), ==, TILL_SIM_EXCEPTION_VALUE);
  g_assert_cmpint (write_two (meter, 0x0057, 2, 0), ==, TILL_SIM_EXCEPTION_VALUE);
}

static void
test_single_phase (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DDSY1352);

  g_assert_cmpuint (read_one (meter, 0x0200), ==, 7);
  g_assert_cmphex (read_one (meter, 0x0224) & 0xe000, ==, 0x2000);
  g_assert_cmpuint (read_one (meter, 0x000d), ==, 3600);
  g_assert_cmpuint (read_one (meter, 0x0207), ==, 3600);
  g_assert_cmpuint (read_one (meter, 0x0208), ==, 0);
  g_assert_cmpuint (read_one (meter, 0x0202), ==, 0);
}

static void
test_rollover (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);

  till_sim_meter_set_energy (meter, 99999990);
  till_sim_meter_advance (meter, midnight () + HOUR_MS);
  g_assert_cmpuint (read_two (meter, 0x0215), ==, 350);
}

static void
test_exceptions (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);
  g_autoptr(TillSimMeter) plain = make_meter (TILL_SIM_MODEL_DTSD1352);
  const guint8 read_nothing[] = { 7, 3, 2, 0, 0, 0 };
  const guint8 read_much[] = { 7, 3, 2, 0, 0, 126 };
  const guint8 read_nowhere[] = { 7, 3, 0x12, 0x34, 0, 1 };
  const guint8 read_over_end[] = { 7, 3, 2, 47, 0, 2 };
  const guint8 write_six[] = { 7, 6, 0, 0x57, 0, 1 };
  const guint8 write_status[] = { 7, 16, 2, 0, 0, 1, 2, 0, 1 };
  const guint8 bad_bytes[] = { 7, 16, 0, 0x57, 0, 2, 3, 0, 1, 0 };
  const guint8 buy_plain[] = { 7, 0x20, 1, 0, 0, 4, 8, 0, 0, 1, 0, 0, 6, 0, 0 };
  const guint8 factory[] = { 7, 0x98, 1, 2, 3, 4 };

  g_assert_cmpint (ask (meter, read_nothing, 6)[2], ==, TILL_SIM_EXCEPTION_VALUE);
  g_assert_cmpint (ask (meter, read_much, 6)[2], ==, TILL_SIM_EXCEPTION_VALUE);
  g_assert_cmpint (ask (meter, read_nowhere, 6)[2], ==, TILL_SIM_EXCEPTION_ADDRESS);
  g_assert_cmpint (ask (meter, read_over_end, 6)[2], ==, TILL_SIM_EXCEPTION_ADDRESS);
  g_assert_cmpint (ask (meter, write_six, 6)[2], ==, TILL_SIM_EXCEPTION_FUNCTION);
  g_assert_cmpint (ask (meter, write_six, 6)[1], ==, 0x86);
  g_assert_cmpint (ask (meter, write_status, sizeof write_status)[2], ==,
                   TILL_SIM_EXCEPTION_ADDRESS);
  g_assert_cmpint (ask (meter, bad_bytes, sizeof bad_bytes)[2], ==, TILL_SIM_EXCEPTION_VALUE);
  g_assert_cmpint (ask (plain, buy_plain, sizeof buy_plain)[2], ==, TILL_SIM_EXCEPTION_FUNCTION);
  g_assert_null (ask (meter, factory, sizeof factory));
  meter->memory.max_registers = 14;
  g_assert_cmpint (ask (meter, (const guint8[]){ 7, 3, 2, 0, 0, 15 }, 6)[2], ==,
                   TILL_SIM_EXCEPTION_VALUE);
}

static void
test_parameters (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);
  guint8 frame[67] = { 7, 0x20, 2, 0, 0, 30, 60 };
  guint8 *data = frame + 7;

  /* Groups without a flag stay as they are. */
  data[1] = 0;
  data[3] = 0xff;
  data[2] = 1;
  data[4] = 0xff;
  data[5] = 0xff;
  data[6] = 0x9c; /* -100 fen */
  data[46] = 1;
  data[49] = 2; /* overdraft 512 fen */
  data[29] = 1;
  data[33] = 1;
  data[37] = 2;
  data[41] = 3;
  data[45] = 4;
  g_assert_cmpint (ask (meter, frame, sizeof frame)[1], ==, 0x20);
  g_assert_cmpint (meter->memory.remaining_fen, ==, -100);
  g_assert_cmpint (meter->memory.count, ==, 5);
  g_assert_cmpint (meter->memory.prepay, ==, 1);
  g_assert_cmpuint (read_two (meter, 0x040e), ==, 512);
  g_assert_cmpuint (read_two (meter, 0x0402), ==, 1);
  g_assert_cmpuint (read_two (meter, 0x0408), ==, 4);
  g_assert_cmpuint (read_two (meter, 0x040a), ==, 5000);
}

static void
test_clock_and_number (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);
  const guint8 clock[] = { 7, 0x20, 3, 0x54, 0, 5, 10, 5, 30, 9, 2, 3, 2, 27, 0, 0, 0 };

  g_assert_cmphex (read_one (meter, 0x0228), ==, 0x1a0b);
  g_assert_cmphex (read_one (meter, 0x0229), ==, 0x1802);
  g_assert_cmpint (ask (meter, clock, sizeof clock)[1], ==, 0x20);
  g_assert_cmpint (till_sim_meter_get_clock_ms (meter), ==,
                   till_clock_from_civil (2027, 2, 3, 9, 30, 5));
  g_assert_cmphex (read_one (meter, 0x0228), ==, 0x1b02);
  g_assert_cmphex (read_one (meter, 0x0229), ==, 0x0303);
  g_assert_cmphex (read_one (meter, 0x022a), ==, 0x091e);
  g_assert_cmphex (read_one (meter, 0x022b), ==, 0x0500);
  g_assert_cmphex (read_one (meter, 0x0043), ==, 0x2024);
  g_assert_cmphex (read_one (meter, 0x0044), ==, 0x1100);
  g_assert_cmphex (read_one (meter, 0x0045), ==, 0x0123);
}

static void
test_day_table (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);
  guint8 frame[7 + 42] = { 7, 16, 0x20, 0, 0, 21, 42, 5, 0, 0, 1, 30, 0 };

  /* Deep valley for half an hour, then sharp for the rest of the day; the year has two tables. */
  g_assert_cmpint (ask (meter, frame, sizeof frame)[1], ==, 16);
  till_sim_meter_advance (meter, midnight () + HOUR_MS);
  g_assert_cmpint (till_sim_meter_get_energy_ckwh (meter, TILL_PERIOD_DEEP), ==, 180);
  g_assert_cmpint (till_sim_meter_get_energy_ckwh (meter, TILL_PERIOD_SHARP), ==, 180);
  g_assert_cmpuint (read_two (meter, 0x5030), ==, 180);
  g_assert_cmphex (read_one (meter, 0x2000), ==, 0x0500);
  frame[7] = 6;
  g_assert_cmpint (ask (meter, frame, sizeof frame)[2], ==, TILL_SIM_EXCEPTION_VALUE);
}

static void
test_plain_maps (void)
{
  g_autoptr(TillSimMeter) plain = make_meter (TILL_SIM_MODEL_DTSD1352);
  g_autoptr(TillSimMeter) adl400 = make_meter (TILL_SIM_MODEL_ADL400);
  g_autoptr(TillSimMeter) adw300 = make_meter (TILL_SIM_MODEL_ADW300);

  till_sim_meter_advance (plain, midnight () + DAY_MS);
  g_assert_cmpuint (read_two (plain, 0x0000), ==, 8640);
  g_assert_cmpuint (read_two (plain, 0x0002), ==, 720);
  g_assert_cmpuint (read_two (plain, 0x000a), ==, 8640);
  g_assert_cmpuint (read_one (plain, 0x006a), ==, 3600);
  till_sim_meter_set_ratios (adl400, 10, 1);
  till_sim_meter_advance (adl400, midnight () + DAY_MS);
  g_assert_cmpuint (read_two (adl400, 0x0842), ==, 8640);
  g_assert_cmphex (read_two (adl400, 0x081a), ==, 0x42100000); /* 36 kW */
  till_sim_meter_advance (adw300, midnight () + DAY_MS);
  g_assert_cmpuint (read_two (adw300, 0x0024), ==, 8640);
}

static void
test_live_adds_up (void)
{
  g_autoptr(TillSimMeter) meter = make_meter (TILL_SIM_MODEL_DTSY1352);
  TillSimLive live;

  meter->memory.load_w = -1;
  for (int i = 0; i < 2000; i++)
    {
      till_sim_meter_advance (meter, midnight () + i * 37 * G_GINT64_CONSTANT (60000));
      meter->memory.remaining_fen = 100000;
      till_sim_meter_get_live (meter, &live);
      g_assert_cmpint (live.power_w[0] + live.power_w[1] + live.power_w[2], ==, live.power_w[3]);
      for (int k = 0; k < 3; k++)
        {
          g_assert_cmpint (live.power_w[k], >=, 0);
          g_assert_cmpint (live.voltage_dv[k], >=, 2200);
          g_assert_cmpint (live.voltage_dv[k], <=, 2350);
          g_assert_cmpint (live.factor_milli[k], >=, 850);
          g_assert_cmpint (live.factor_milli[k], <=, 1000);
        }
    }
}

static void
test_float_bits (void)
{
  g_assert_cmphex (till_sim_float_bits (0, 10), ==, 0);
  g_assert_cmphex (till_sim_float_bits (1, 1), ==, 0x3f800000);
  g_assert_cmphex (till_sim_float_bits (-5, 2), ==, 0xc0200000);
  g_assert_cmphex (till_sim_float_bits (1, 10), ==, 0x3dcccccd);
  g_assert_cmphex (till_sim_float_bits (1, 3), ==, 0x3eaaaaab);
  g_assert_cmphex (till_sim_float_bits (16777217, 1), ==, 0x4b800001);
  g_assert_cmphex (till_sim_float_bits (2301, 10), ==, 0x4366199a);
}

static void
test_frames (void)
{
  guint8 frame[16] = { 1, 3, 0, 0, 0, 10 };
  const guint8 mbap[] = { 0, 1, 0, 0, 0, 6, 1, 3, 2, 0, 0, 48 };

  g_assert_cmpuint (till_sim_frame_close (frame, 6), ==, 8);
  g_assert_cmphex (frame[6], ==, 0xc5);
  g_assert_cmphex (frame[7], ==, 0xcd);
  g_assert_cmpuint (till_sim_frame_get_length (frame, 1), ==, 0);
  g_assert_cmpuint (till_sim_frame_get_length (frame, 2), ==, 8);
  g_assert_cmpuint (till_sim_frame_get_length ((const guint8[]){ 1, 16, 0, 0x57, 0, 2 }, 6), ==, 0);
  g_assert_cmpuint (till_sim_frame_get_length ((const guint8[]){ 1, 16, 0, 0x57, 0, 2, 4 }, 7), ==,
                    13);
  g_assert_cmpuint (till_sim_frame_get_length ((const guint8[]){ 1, 0x98, 0, 0 }, 4), ==, 0);
  g_assert_cmpint (till_sim_mbap_get_length (mbap, 5), ==, 0);
  g_assert_cmpint (till_sim_mbap_get_length (mbap, 12), ==, 12);
  g_assert_cmpint (till_sim_mbap_get_length ((const guint8[]){ 0, 1, 1, 0, 0, 6 }, 6), ==, -1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/meter/purchase-guarded", test_purchase_guarded);
  g_test_add_func ("/meter/purchase-add-only", test_purchase_add_only);
  g_test_add_func ("/meter/purchase-count-wraps", test_purchase_count_wraps);
  g_test_add_func ("/meter/purchase-refused", test_purchase_refused);
  g_test_add_func ("/meter/energy-of-a-day", test_energy_of_a_day);
  g_test_add_func ("/meter/cutting-time", test_cutting_time);
  g_test_add_func ("/meter/own-clock-decides", test_own_clock_decides);
  g_test_add_func ("/meter/drift", test_drift);
  g_test_add_func ("/meter/ratios", test_ratios);
  g_test_add_func ("/meter/trip-at-arrears", test_trip_at_arrears);
  g_test_add_func ("/meter/force", test_force);
  g_test_add_func ("/meter/single-phase", test_single_phase);
  g_test_add_func ("/meter/rollover", test_rollover);
  g_test_add_func ("/meter/exceptions", test_exceptions);
  g_test_add_func ("/meter/parameters", test_parameters);
  g_test_add_func ("/meter/clock-and-number", test_clock_and_number);
  g_test_add_func ("/meter/day-table", test_day_table);
  g_test_add_func ("/meter/plain-maps", test_plain_maps);
  g_test_add_func ("/meter/live-adds-up", test_live_adds_up);
  g_test_add_func ("/meter/float-bits", test_float_bits);
  g_test_add_func ("/meter/frames", test_frames);
  return g_test_run ();
}
