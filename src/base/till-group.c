/*
 * till-group.c: hundredths written with grouped thousands
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include <string.h>

#include "till-group-private.h"

/**
 * till_group_format_hundredths:
 * @hundredths: fen or hundredths of a kWh, any sign
 *
 * Money and energy are written alike, so both go through here.
 *
 * Returns: (transfer full): the whole figure with two decimals and a comma at every third digit
 */
char *
till_group_format_hundredths (gint64 hundredths)
{
  const guint64 size = hundredths < 0 ? -(guint64)hundredths : (guint64)hundredths;
  g_autofree char *whole = g_strdup_printf ("%" G_GUINT64_FORMAT, size / 100);
  GString *text = g_string_new (hundredths < 0 ? "-" : "");

  for (const char *p = whole; *p != '\0'; p++)
    {
      g_string_append_c (text, *p);

      /* What is left must be a whole number of groups. */
      if (p[1] != '\0' && strlen (p + 1) % 3 == 0)
        g_string_append_c (text, ',');
    }

  g_string_append_printf (text, ".%02u", (guint)(size % 100));
  return g_string_free (text, FALSE);
}
