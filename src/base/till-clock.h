/*
 * till-clock.h: the time of day, which a test can hold in its hand
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Instants are UTC milliseconds since 1970. Civil days are those of Asia/Shanghai by code (+08:00,
 * no summer time since 1991), whatever the time zone of the machine is.
 */

gint64   till_clock_now_ms (void);
void     till_clock_set_for_test (gint64 now_ms);

int      till_clock_day_of (gint64 at_ms);
gint64   till_clock_day_start_ms (int day);
int      till_clock_day_next (int day);
int      till_clock_month_of (gint64 at_ms);
int      till_clock_year_of (gint64 at_ms);
gint64   till_clock_from_civil (int year,
                                int month,
                                int day,
                                int hour,
                                int minute,
                                int second);
int      till_clock_weekday_of (gint64 at_ms);
char    *till_clock_format (gint64 at_ms) G_GNUC_WARN_UNUSED_RESULT;
char    *till_clock_format_time (gint64 at_ms) G_GNUC_WARN_UNUSED_RESULT;
char    *till_clock_format_day (gint64 at_ms) G_GNUC_WARN_UNUSED_RESULT;
char    *till_clock_format_iso (gint64 at_ms) G_GNUC_WARN_UNUSED_RESULT;
gboolean till_clock_parse (const char *text,
                           gint64     *at_ms,
                           GError    **error);

G_END_DECLS
