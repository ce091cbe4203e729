/*
 * till-clock.c: the time of day, which a test can hold in its hand
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "till-clock.h"
#include "till-money.h"

#define OFFSET_MS (8 * 3600 * G_GINT64_CONSTANT (1000))
#define DAY_MS (24 * 3600 * G_GINT64_CONSTANT (1000))

static gint64 test_now_ms; /* 0: the real clock; set before threads are started */

typedef struct
{
  int year;
  int month;
  int day;
  int hour;
  int minute;
  int second;
} Civil;

/**
 * till_clock_now_ms:
 *
 * Returns: the wall clock, UTC milliseconds
 */
gint64
till_clock_now_ms (void)
{
  return test_now_ms != 0 ? test_now_ms : g_get_real_time () / 1000;
}

/**
 * till_clock_set_for_test:
 * @now_ms: what till_clock_now_ms() shall say from now on; 0 for the real clock again
 *
 * For tests with one thread only.
 */
void
till_clock_set_for_test (gint64 now_ms)
{
  test_now_ms = now_ms;
}

/* Days since 1970-01-01 of a civil date, by the proleptic Gregorian calendar; March is month 0 so
 * that the leap day is the last of its year. */
static gint64
days_from_civil (int year,
                 int month,
                 int day)
{
  const gint64 y = month <= 2 ? year - 1 : year;
  const int m = month <= 2 ? month + 9 : month - 3;

  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static void
civil_from_ms (gint64 at_ms,
               Civil *civil)
{
  const gint64 local = at_ms + OFFSET_MS;
  const gint64 days = local >= 0 ? local / DAY_MS : (local - DAY_MS + 1) / DAY_MS;
  const int second = (int)((local - days * DAY_MS) / 1000);
  g_autoptr(GDate) date = g_date_new_julian ((guint32)(days + 719163));

  civil->year = g_date_get_year (date);
  civil->month = g_date_get_month (date);
  civil->day = g_date_get_day (date);
  civil->hour = second / 3600;
  civil->minute = second / 60 % 60;
  civil->second = second % 60;
}

/**
 * till_clock_from_civil:
 * @year: 1970 to 9999
 * @month: 1 to 12
 * @day: 1 to 31
 * @hour: 0 to 24
 * @minute: 0 to 59
 * @second: 0 to 59
 *
 * Returns: the instant of a civil time of Asia/Shanghai
 */
gint64
till_clock_from_civil (int year,
                       int month,
                       int day,
                       int hour,
                       int minute,
                       int second)
{
  return days_from_civil (year, month, day) * DAY_MS +
         ((hour * 60 + minute) * 60 + second) * G_GINT64_CONSTANT (1000) - OFFSET_MS;
}

/**
 * till_clock_day_of:
 * @at_ms: an instant
 *
 * Returns: its civil day as yyyymmdd
 */
int
till_clock_day_of (gint64 at_ms)
{
  Civil c;

  civil_from_ms (at_ms, &c);
  return (c.year * 100 + c.month) * 100 + c.day;
}

/**
 * till_clock_day_start_ms:
 * @day: a civil day as yyyymmdd
 *
 * Returns: the instant at which it begins
 */
gint64
till_clock_day_start_ms (int day)
{
  return till_clock_from_civil (day / 10000, day / 100 % 100, day % 100, 0, 0, 0);
}

/**
 * till_clock_day_next:
 * @day: a civil day as yyyymmdd
 *
 * Returns: the day after it
 */
int
till_clock_day_next (int day)
{
  return till_clock_day_of (till_clock_day_start_ms (day) + DAY_MS);
}

/**
 * till_clock_month_of:
 * @at_ms: an instant
 *
 * Returns: its civil month as yyyymm
 */
int
till_clock_month_of (gint64 at_ms)
{
  return till_clock_day_of (at_ms) / 100;
}

/**
 * till_clock_year_of:
 * @at_ms: an instant
 *
 * Returns: its civil year
 */
int
till_clock_year_of (gint64 at_ms)
{
  return till_clock_day_of (at_ms) / 10000;
}

/**
 * till_clock_weekday_of:
 * @at_ms: an instant
 *
 * Returns: its civil weekday, 0 for Sunday, as the meters count
 */
int
till_clock_weekday_of (gint64 at_ms)
{
  const gint64 days = (at_ms + OFFSET_MS) / DAY_MS;

  return (int)((days + 4) % 7);
}

/**
 * till_clock_format:
 * @at_ms: an instant
 *
 * Returns: (transfer full): `2026-11-24 09:30:05`, civil time
 */
char *
till_clock_format (gint64 at_ms)
{
  Civil c;

  civil_from_ms (at_ms, &c);
  return g_strdup_printf ("%04d-%02d-%02d %02d:%02d:%02d",
                          c.year, c.month, c.day, c.hour, c.minute, c.second);
}

/**
 * till_clock_format_time:
 * @at_ms: an instant
 *
 * Returns: (transfer full): `09:30:05`, civil time
 */
char *
till_clock_format_time (gint64 at_ms)
{
  Civil c;

  civil_from_ms (at_ms, &c);
  return g_strdup_printf ("%02d:%02d:%02d", c.hour, c.minute, c.second);
}

/**
 * till_clock_format_day:
 * @at_ms: an instant
 *
 * Returns: (transfer full): `2026-11-24`, civil time
 */
char *
till_clock_format_day (gint64 at_ms)
{
  Civil c;

  civil_from_ms (at_ms, &c);
  return g_strdup_printf ("%04d-%02d-%02d", c.year, c.month, c.day);
}

/**
 * till_clock_format_iso:
 * @at_ms: an instant
 *
 * Returns: (transfer full): `2026-11-24T09:30:05+08:00`
 */
char *
till_clock_format_iso (gint64 at_ms)
{
  Civil c;

  civil_from_ms (at_ms, &c);
  return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02d+08:00",
                          c.year, c.month, c.day, c.hour, c.minute, c.second);
}

/**
 * till_clock_parse:
 * @text: `2026-11-24` or `2026-11-24 09:30` or `2026-11-24 09:30:05`, civil time; a `T` may stand
 *   for the blank and `+08:00` may follow
 * @at_ms: (out): where to put the instant; left alone on error
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @at_ms was set, %FALSE with @error set (%TILL_MONEY_ERROR_SYNTAX) otherwise
 */
gboolean
till_clock_parse (const char *text,
                  gint64     *at_ms,
                  GError    **error)
{
  Civil c = { 0 };
  char separator = ' ';
  int used = 0;
  int more = 0;

  g_return_val_if_fail (text != NULL && at_ms != NULL, FALSE);

  gboolean good = sscanf (text, "%4d-%2d-%2d%n", &c.year, &c.month, &c.day, &used) == 3;

  if (good && text[used] != '\0')
    {
      good = sscanf (text + used, "%c%2d:%2d%n", &separator, &c.hour, &c.minute, &more) == 3 &&
             (separator == ' ' || separator == 'T');
      used += more;
      more = 0;

      if (good && text[used] == ':')
        {
          good = sscanf (text + used, ":%2d%n", &c.second, &more) == 1;
          used += more;
        }
    }

  good = good && (text[used] == '\0' || strcmp (text + used, "+08:00") == 0) &&
         c.year >= 1970 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
         c.day <= g_date_get_days_in_month (c.month, (GDateYear)c.year) &&
         c.hour >= 0 && c.hour <= 24 && c.minute >= 0 && c.minute < 60 &&
         c.second >= 0 && c.second < 60;

  if (!good)
    {
      g_set_error (error, TILL_MONEY_ERROR, TILL_MONEY_ERROR_SYNTAX,
                   "“%s” is not a time; write it as 2026-11-24 18:30", text);
      return FALSE;
    }

  *at_ms = till_clock_from_civil (c.year, c.month, c.day, c.hour, c.minute, c.second);
  return TRUE;
}
