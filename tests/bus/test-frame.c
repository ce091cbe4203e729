/*
 * test-frame.c: frames by hand, the pace and the cycle without a wire
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "till-cycle.h"
#include "till-frame.h"
#include "till-pace.h"

/* Frames that stand in the Modbus documents and in the logs of other programs. */
static void
test_crc (void)
{
  static const guint8 read[] = { 0x01, 0x03, 0x02, 0x00, 0x00, 0x30, 0x44, 0x66 };
  static const guint8 known[] = { 0x01, 0x04, 0x02, 0xff, 0xff, 0xb8, 0x80 };

  g_assert_true (till_frame_has_good_crc (read, sizeof read));
  g_assert_true (till_frame_has_good_crc (known, sizeof known));

  for (guint i = 0; i < 8 * sizeof read; i++)
    {
      guint8 bad[sizeof read];

      memcpy (bad, read, sizeof read);
      bad[i / 8] ^= 1 << i % 8;
      g_assert_false (till_frame_has_good_crc (bad, sizeof bad));
    }

  g_assert_false (till_frame_has_good_crc (read, 3));
}

static void
assert_bytes (guint8             unit,
              const TillRequest *request,
              const char        *hex)
{
  guint8 bytes[TILL_FRAME_MAX];
  g_autofree char *text = till_frame_to_hex (bytes, till_frame_build (unit, request, bytes));

  g_assert_cmpstr (text, ==, hex);
}

static void
test_build (void)
{
  const TillRequest read = { TILL_REQUEST_KIND_READ, 0x0200, 48 };
  const TillRequest trip = { TILL_REQUEST_KIND_WRITE, 0x0057, 2, { 1, 1 } };
  const TillRequest purchase = { TILL_REQUEST_KIND_VENDOR, 0x0100, 4, { 1, 0x2345, 18, 0 } };
  guint8 bytes[TILL_FRAME_MAX + TILL_FRAME_MBAP];
  g_autofree char *text = NULL;

  assert_bytes (1, &read, "01 03 02 00 00 30");
  assert_bytes (247, &trip, "f7 10 00 57 00 02 04 00 01 00 01");
  assert_bytes (9, &purchase, "09 20 01 00 00 04 08 00 01 23 45 00 12 00 00");
  g_assert_cmpuint (till_frame_request_length (&read), ==, 8);
  g_assert_cmpuint (till_frame_request_length (&trip), ==, 13);
  g_assert_cmpuint (till_frame_reply_length (&read), ==, 101);
  g_assert_cmpuint (till_frame_reply_length (&trip), ==, 8);

  text = till_frame_to_hex (bytes, till_frame_build_tcp (0x1234, 1, &read, bytes));
  g_assert_cmpstr (text, ==, "12 34 00 00 00 06 01 03 02 00 00 30");
}

/* There is no way to send the factory codes of the maker: no request says them. */
static void
test_no_other_function (void)
{
  for (int kind = 0; kind <= TILL_REQUEST_KIND_VENDOR; kind++)
    {
      const TillRequest request = { (TillRequestKind)kind, 0, 1 };
      const guint8 function = till_frame_get_function (&request);

      g_assert_true (function == 0x03 || function == 0x10 || function == 0x20);
    }

  if (g_test_subprocess ())
    {
      const TillRequest request = { (TillRequestKind)0x98, 0, 1 };

      till_frame_get_function (&request);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*cannot be sent*");
}

static void
test_check (void)
{
  const TillRequest read = { TILL_REQUEST_KIND_READ, 0x0200, 2 };
  const TillRequest trip = { TILL_REQUEST_KIND_WRITE, 0x0057, 2, { 1, 1 } };
  const TillRequest vendor = { TILL_REQUEST_KIND_VENDOR, 0x0100, 4 };
  static const struct
  {
    int    request; /* 0 read, 1 trip, 2 vendor */
    guint8 bytes[8];
    gsize  length;
    int    code; /* -1: good */
  } cases[] = {
    { 0, { 1, 3, 4, 0, 1, 0, 2 }, 7, -1 },
    { 0, { 2, 3, 4, 0, 1, 0, 2 }, 7, TILL_BUS_ERROR_MISMATCH },
    { 0, { 1, 4, 4, 0, 1, 0, 2 }, 7, TILL_BUS_ERROR_MISMATCH },
    { 0, { 1, 3, 2, 0, 1 }, 5, TILL_BUS_ERROR_MISMATCH },
    { 0, { 1, 3, 4, 0, 1, 0 }, 6, TILL_BUS_ERROR_MISMATCH },
    { 0, { 1, 3, 2, 0, 1, 0, 2 }, 7, TILL_BUS_ERROR_MISMATCH },
    { 0, { 1, 0x83, 2 }, 3, TILL_BUS_ERROR_EXCEPTION },
    { 0, { 1, 0x90, 2 }, 3, TILL_BUS_ERROR_MISMATCH },
    { 0, { 1, 0x83, 2, 0 }, 4, TILL_BUS_ERROR_MISMATCH },
    { 0, { 1, 3 }, 2, TILL_BUS_ERROR_MISMATCH },
    { 1, { 1, 0x10, 0, 0x57, 0, 2 }, 6, -1 },
    { 1, { 1, 0x10, 0, 0x58, 0, 2 }, 6, TILL_BUS_ERROR_MISMATCH },
    { 1, { 1, 0x10, 0, 0x57, 0, 1 }, 6, TILL_BUS_ERROR_MISMATCH },
    { 1, { 1, 0x10, 0, 0x57, 0, 2, 0 }, 7, TILL_BUS_ERROR_MISMATCH },
    { 2, { 1, 0x20, 9, 9, 9 }, 5, -1 },
    { 2, { 1, 0xa0, 3 }, 3, TILL_BUS_ERROR_EXCEPTION },
    { 2, { 3, 0x20, 9 }, 3, TILL_BUS_ERROR_MISMATCH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const TillRequest *request = cases[i].request == 0 ? &read
                                   : cases[i].request == 1 ? &trip : &vendor;
      g_autoptr(GError) error = NULL;

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (till_frame_check (1, request, cases[i].bytes, cases[i].length, &error), ==,
                       cases[i].code < 0);

      if (cases[i].code < 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, TILL_BUS_ERROR, cases[i].code);
    }
}

static void
test_pace (void)
{
  const TillLineConfig config = { .baud = 9600, .parity = 'N', .stop_bits = 1, .timeout_ms = 1000 };
  const TillLineConfig fast = { .baud = 115200, .parity = 'E', .stop_bits = 1, .timeout_ms = 1000 };
  TillPace pace;

  till_pace_init (&pace, &fast);
  g_assert_cmpint (pace.silence_us, ==, 1750);
  till_pace_init (&pace, &config);
  g_assert_cmpint (pace.silence_us, ==, 3646);
  g_assert_cmpint (till_pace_wire_us (&pace, 109), ==, 113542);

  /* Unknown: the cap. Known: the mean, and at least 60 ms more. A miss: twice that. */
  g_assert_cmpint (till_pace_allowance_us (&pace, 1, TILL_PACE_WAIT_LEARNED), ==, 1000000);

  for (guint i = 0; i < 50; i++)
    till_pace_learn (&pace, 1, 30000);

  g_assert_cmpint (till_pace_allowance_us (&pace, 1, TILL_PACE_WAIT_LEARNED), ==, 90000);
  g_assert_cmpint (till_pace_allowance_us (&pace, 1, TILL_PACE_WAIT_FULL), ==, 1000000);
  g_assert_cmpint (till_pace_allowance_us (&pace, 2, TILL_PACE_WAIT_PROBE), ==, 90000);
  till_pace_miss (&pace, 1);
  g_assert_cmpint (till_pace_allowance_us (&pace, 1, TILL_PACE_WAIT_LEARNED), ==, 180000);

  /* A late reply tells how slow it is, and the cap holds. */
  till_pace_learn_late (&pace, 1, 700000);
  g_assert_cmpint (till_pace_allowance_us (&pace, 1, TILL_PACE_WAIT_LEARNED), ==, 1000000);
}

/* The gap grows only when several living meters fail, and goes away again. */
static void
test_gap (void)
{
  const TillLineConfig config = { .baud = 9600, .parity = 'N', .stop_bits = 1, .timeout_ms = 1000 };
  TillPace pace;

  till_pace_init (&pace, &config);

  for (guint i = 0; i < 320; i++)
    till_pace_miss (&pace, 9);

  g_assert_cmpint (pace.gap_us, ==, 0);

  for (guint i = 0; i < 320; i++)
    {
      till_pace_learn (&pace, 1, 30000);

      if (i % 4 == 0)
        till_pace_miss (&pace, 1);
    }

  g_assert_cmpint (pace.gap_us, >=, 20000);

  for (guint i = 0; i < 100000; i++)
    till_pace_learn (&pace, 1, 30000);

  g_assert_cmpint (pace.gap_us, ==, 0);
}

static gint64
always_ready (guint8   unit,
              gpointer user_data)
{
  return 0;
}

static void
fill_cycle (TillCycle *cycle,
            guint      n)
{
  g_autofree TillLineMeter *meters = g_new0 (TillLineMeter, n);

  for (guint i = 0; i < n; i++)
    meters[i] = (TillLineMeter){ .meter_id = i + 1, .unit = (guint8)(i + 1) }
  ;

  till_cycle_set_meters (cycle, meters, n);
}

/* One of @every is dead. An hour of line time: the living are asked in turn, one dead one a round at
 * most, and the dead take no more than their share of the time. */
static void
test_cycle_dead (gconstpointer data)
{
  const guint every = GPOINTER_TO_UINT (data);
  g_autoptr(TillCycle) cycle = till_cycle_new (0);
  const gint64 hour_us = G_GINT64_CONSTANT (3600000000);
  gint64 now = 1;
  gint64 dead_us = 0;
  guint asked[30] = { 0 };
  guint in_round = 0;
  guint64 round = 0;

  fill_cycle (cycle, 30);

  while (now < hour_us)
    {
      TillCycleTurn turn;
      gboolean answers;

      till_cycle_next (cycle, now, always_ready, NULL, &turn);
      g_assert_nonnull (turn.meter);
      answers = turn.index % every != 0;

      if (till_cycle_get_rounds (cycle) != round)
        {
          round = till_cycle_get_rounds (cycle);
          in_round = 0;
        }

      in_round += turn.probe;
      g_assert_cmpuint (in_round, <=, 1);
      g_assert_false (turn.probe && answers);
      asked[turn.index]++;
      now += answers ? 140000 : turn.full_probe ? 1100000 : 200000;
      dead_us += answers || !turn.probe ? 0 : turn.full_probe ? 1100000 : 200000;
      till_cycle_report (cycle, turn.index, answers, now);
    }

  g_assert_cmpuint (till_cycle_get_n_dead (cycle), ==, 30 / every);
  g_assert_cmpint (dead_us, <=, hour_us / 40);

  for (guint i = 0; i < 30; i++)
    if (i % every == 0)
      {
        /* Two misses, then probes after 5, 10, 20 … 300 seconds. */
        g_assert_cmpuint (asked[i], >=, 8);
        g_assert_cmpuint (asked[i], <=, 20);
      }
    else
      g_assert_cmpuint (ABS ((gint)asked[i] - (gint)asked[1]), <=, 1);
}

static gint64
ready_later (guint8   unit,
             gpointer user_data)
{
  return unit == 2 ? *(gint64 *)user_data : 0;
}

static void
test_cycle_order (void)
{
  g_autoptr(TillCycle) cycle = till_cycle_new (1000);
  gint64 ready_us = 500;
  TillCycleTurn turn;

  till_cycle_next (cycle, 10, always_ready, NULL, &turn);
  g_assert_null (turn.meter);
  g_assert_cmpint (turn.wait_until_us, ==, G_MAXINT64);

  /* One that owes a reply is passed over, and comes back within the round when it can. */
  fill_cycle (cycle, 3);
  till_cycle_next (cycle, 10, ready_later, &ready_us, &turn);
  g_assert_cmpuint (turn.index, ==, 0);
  till_cycle_next (cycle, 20, ready_later, &ready_us, &turn);
  g_assert_cmpuint (turn.index, ==, 2);
  ready_us = 0;
  till_cycle_next (cycle, 30, ready_later, &ready_us, &turn);
  g_assert_cmpuint (turn.index, ==, 1);

  /* The next round begins a millisecond after this one did. */
  till_cycle_next (cycle, 40, ready_later, &ready_us, &turn);
  g_assert_null (turn.meter);
  g_assert_cmpint (turn.wait_until_us, ==, 1010);
  g_assert_cmpuint (till_cycle_get_rounds (cycle), ==, 1);
  till_cycle_next (cycle, 1010, ready_later, &ready_us, &turn);
  g_assert_cmpuint (turn.index, ==, 0);

  /* Two misses and it is dead; one answer and it lives. */
  till_cycle_report (cycle, 0, FALSE, 1020);
  g_assert_cmpuint (till_cycle_get_n_dead (cycle), ==, 0);
  till_cycle_report (cycle, 0, FALSE, 1030);
  g_assert_cmpuint (till_cycle_get_n_dead (cycle), ==, 1);
  fill_cycle (cycle, 2);
  g_assert_cmpuint (till_cycle_get_n_dead (cycle), ==, 1);
  till_cycle_report (cycle, 0, TRUE, 1040);
  g_assert_cmpuint (till_cycle_get_n_dead (cycle), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bus/frame/crc", test_crc);
  g_test_add_func ("/bus/frame/build", test_build);
  g_test_add_func ("/bus/frame/no-other-function", test_no_other_function);
  g_test_add_func ("/bus/frame/check", test_check);
  g_test_add_func ("/bus/pace/learn", test_pace);
  g_test_add_func ("/bus/pace/gap", test_gap);
  g_test_add_data_func ("/bus/cycle/ten-dead", GUINT_TO_POINTER (3), test_cycle_dead);
  g_test_add_data_func ("/bus/cycle/one-dead", GUINT_TO_POINTER (30), test_cycle_dead);
  g_test_add_func ("/bus/cycle/order", test_cycle_order);

  return g_test_run ();
}
