/*
 * till-mask.c: what is shown of things that not everybody shall read whole
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include <string.h>

#include "till-mask.h"

/* Copies @text with all but its first @head and last @tail characters starred. */
static void
append_masked (GString    *masked,
               const char *text,
               glong       head,
               glong       tail)
{
  const glong length = g_utf8_strlen (text, -1);
  glong i = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p), i++)
    {
      if (i < head || i >= length - tail)
        g_string_append_unichar (masked, g_utf8_get_char (p));
      else
        g_string_append_c (masked, '*');
    }
}

/* The length of what may be shown before the subscriber's own digits: +86 or an area code. */
static gsize
public_prefix (const char *phone)
{
  if (g_str_has_prefix (phone, "+86"))
    return phone[3] == ' ' || phone[3] == '-' ? 4 : 3;

  const char *dash = strchr (phone, '-');

  return phone[0] == '0' && dash != NULL && dash - phone <= 4 ? (gsize)(dash - phone) + 1 : 0;
}

/**
 * till_mask_phone:
 * @phone: (nullable): a phone number as it was entered; any UTF-8 text
 *
 * Hides the middle of a phone number, so that its owner knows it again and nobody else can call it:
 * `138****0000`, `010-****5678`. The shorter the number, the less is shown.
 *
 * Returns: (transfer full) (nullable): the masked number; %NULL for %NULL
 */
char *
till_mask_phone (const char *phone)
{
  if (phone == NULL)
    return NULL;

  if (!g_utf8_validate (phone, -1, NULL))
    return g_strdup ("****");

  const gsize prefix = public_prefix (phone);
  const glong length = g_utf8_strlen (phone + prefix, -1);
  GString *masked = g_string_new_len (phone, (gssize)prefix);

  if (length >= 11)
    append_masked (masked, phone + prefix, 3, 4);
  else if (length >= 7)
    append_masked (masked, phone + prefix, 0, length == 7 ? 3 : 4);
  else
    append_masked (masked, phone + prefix, 0, length > 3 ? 2 : 0);

  return g_string_free (masked, FALSE);
}

/**
 * till_mask_key:
 * @key: (nullable): an account, a token or a key
 *
 * Shows as much of a key as tells it from another, never more than a quarter of it.
 *
 * Returns: (transfer full) (nullable): the first characters and `****`; %NULL for %NULL
 */
char *
till_mask_key (const char *key)
{
  if (key == NULL)
    return NULL;

  if (!g_utf8_validate (key, -1, NULL))
    return g_strdup ("****");

  const glong shown = MIN (4, g_utf8_strlen (key, -1) / 4);
  g_autofree char *head = g_utf8_substring (key, 0, shown);

  return g_strconcat (head, "****", NULL);
}
