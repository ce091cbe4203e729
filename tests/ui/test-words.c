/*
 * test-words.c: amounts, ages, errors and stories as the clerk reads them
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>

#include "till-clock.h"
#include "till-error-text.h"
#include "till-words.h"

#define assert_text(call, expected) \
  G_STMT_START { \
    g_autofree char *text_ = (call); \
    g_assert_cmpstr (text_, ==, (expected)); \
  } G_STMT_END

static void
test_amounts (void)
{
  assert_text (till_words_money (0), "¥0.00");
  assert_text (till_words_money (5), "¥0.05");
  assert_text (till_words_money (123450), "¥1,234.50");
  assert_text (till_words_money (-1350), "−¥13.50");
  assert_text (till_words_money (100000000), "¥1,000,000.00");
  assert_text (till_words_energy (1234567), "12,345.67 kWh");
  assert_text (till_words_power (4815), "4.82 kW");
  assert_text (till_words_power (-4), "0.00 kW");
  assert_text (till_words_voltage (2304), "230.4 V");
  assert_text (till_words_current (5214), "5.21 A");
}

static void
test_ages (void)
{
  const gint64 now_ms = G_GINT64_CONSTANT (1800000000000);

  assert_text (till_words_age (0, now_ms), "never");
  assert_text (till_words_age (now_ms, now_ms), "just now");
  assert_text (till_words_age (now_ms + 5000, now_ms), "just now");
  assert_text (till_words_age (now_ms - 59999, now_ms), "59 s ago");
  assert_text (till_words_age (now_ms - 60000, now_ms), "1 min ago");
  assert_text (till_words_age (now_ms - 3600000, now_ms), "1 h ago");
  assert_text (till_words_age (now_ms - 86400000, now_ms), "1 d ago");
}

static void
test_moments (void)
{
  const gint64 now_ms = till_clock_from_civil (2026, 11, 24, 15, 0, 0);

  assert_text (till_words_moment (0, now_ms), "—");
  assert_text (till_words_moment (till_clock_from_civil (2026, 11, 24, 0, 0, 1), now_ms),
               "00:00:01");
  assert_text (till_words_moment (till_clock_from_civil (2026, 11, 23, 23, 59, 59), now_ms),
               "2026-11-23 23:59");
}

static void
test_phones (void)
{
  g_autofree char *masked = till_words_phone ("13812345678");

  assert_text (till_words_phone (NULL), "—");
  assert_text (till_words_phone (""), "—");
  g_assert_null (strstr (masked, "1234567"));
  g_assert_true (g_str_has_suffix (masked, "5678"));
}

/* Every rule has a sentence of its own; the English of the log never reaches the screen. */
static void
test_errors (void)
{
  g_autoptr(GError) unheard = g_error_new (g_quark_from_static_string ("unheard"), 3, "raw words");
  g_autoptr(GError) bus = g_error_new (g_quark_from_static_string ("till_bus_error"), 4, "raw words");

  for (int i = TILL_RULE_ERROR_DUPLICATE; i <= TILL_RULE_ERROR_INVALID; i++)
    {
      g_assert_cmpstr (till_error_text_for_rule (i), !=, till_error_text (unheard));
      for (int j = TILL_RULE_ERROR_DUPLICATE; j < i; j++)
        g_assert_cmpstr (till_error_text_for_rule (i), !=, till_error_text_for_rule (j));
    }

  g_assert_null (strstr (till_error_text (unheard), "raw words"));
  g_assert_nonnull (strstr (till_error_text (bus), "does not answer"));
}

static void
check_story (guint32     count_now,
             TillMoney   remaining_now,
             const char *expected)
{
  g_autoptr(TillIntent) intent = till_intent_new ();
  g_autoptr(TillMeterState) state = till_meter_state_new ();
  g_autofree char *story = NULL;

  intent->count_before = 16;
  intent->count_new = 17;
  intent->balance_before = 10000;
  intent->amount = 5000;
  state->reading.fields = TILL_READING_REMAINING | TILL_READING_PURCHASE_COUNT;
  state->reading.purchase_count = count_now;
  state->reading.remaining = remaining_now;
  story = till_words_review (intent, state);
  g_test_message ("%u, %d: %s", count_now, (int)remaining_now, story);
  g_assert_nonnull (strstr (story, expected));
}

static void
test_stories (void)
{
  g_autoptr(TillIntent) intent = till_intent_new ();

  check_story (17, 14900, "seems to have it");
  check_story (17, 9000, "Compare the energy");
  check_story (16, 9900, "does not seem to have it");
  check_story (16, 14900, "other means");
  check_story (18, 14900, "neither");
  assert_text (till_words_review (intent, NULL),
               "The meter has not been read since. Read it before you decide.");
}

/* All states have words, also those a later release of the engine may use first. */
static void
test_states (void)
{
  for (int i = TILL_ORDER_STATE_NEW; i <= TILL_ORDER_STATE_EXPIRED; i++)
    {
      g_assert_cmpstr (till_words_order_state ((TillOrderState)i), !=, "");
      g_assert_nonnull (till_words_order_icon ((TillOrderState)i));
    }
  for (int i = TILL_CONDITION_LINE_DOWN; i <= TILL_CONDITION_LISTENER_FAULT; i++)
    {
      TillCondition condition = { .kind = (TillConditionKind)i, .count = 2 };
      g_autofree char *text = till_words_condition (&condition);

      g_assert_cmpstr (text, !=, "");
      g_assert_cmpstr (till_words_condition_advice ((TillConditionKind)i), !=, "");
    }
  for (int i = TILL_ROLE_CLERK; i <= TILL_ROLE_INSTALLER; i++)
    g_assert_cmpstr (till_words_role ((TillRole)i), !=, "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/amounts", test_amounts);
  g_test_add_func ("/words/ages", test_ages);
  g_test_add_func ("/words/moments", test_moments);
  g_test_add_func ("/words/phones", test_phones);
  g_test_add_func ("/words/errors", test_errors);
  g_test_add_func ("/words/stories", test_stories);
  g_test_add_func ("/words/states", test_states);

  return g_test_run ();
}
