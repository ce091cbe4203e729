/*
 * till-id.c: numbers of orders and receipts, and the keys that make a sale happen once
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "till-clock.h"
#include "till-id.h"

#define RECEIPT_DIGITS_MIN 6
#define RECEIPT_DIGITS_MAX 12

/* Chance decides whether two sales are one, so there is nothing to fall back on: without the
 * kernel's random numbers the program must not go on. */
static char *
random_hex (gsize n_bytes)
{
  guint8 bytes[16];
  gsize filled = 0;
  GString *text = g_string_sized_new (2 * n_bytes);

  g_assert (n_bytes <= sizeof (bytes));

  while (filled < n_bytes)
    {
      const gssize got = getrandom (bytes + filled, n_bytes - filled, 0);

      if (got < 0 && errno != EINTR)
        g_error ("The kernel gives no random numbers: %s", g_strerror (errno));
      if (got > 0)
        filled += (gsize)got;
    }

  for (gsize i = 0; i < n_bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);

  return g_string_free (text, FALSE);
}

/**
 * till_id_new_key:
 *
 * Makes an idempotency key: whatever is asked for twice under one key happens once.
 *
 * Returns: (transfer full): 128 random bits in 32 lower-case hexadecimal digits
 */
char *
till_id_new_key (void)
{
  return random_hex (16);
}

/**
 * till_id_key_is_valid:
 * @key: (nullable): a key that came from outside
 *
 * Returns: whether @key is 1 to %TILL_ID_KEY_MAX printable ASCII characters without a blank
 */
gboolean
till_id_key_is_valid (const char *key)
{
  if (key == NULL)
    return FALSE;

  const gsize length = strnlen (key, TILL_ID_KEY_MAX + 1);

  if (length == 0 || length > TILL_ID_KEY_MAX)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (key[i]))
      return FALSE;

  return TRUE;
}

/**
 * till_id_new_order:
 * @at_ms: when the order is made, UTC milliseconds
 *
 * Makes the number of an order: civil time to the millisecond and 48 random bits, so that numbers
 * sort by time and two tills never make the same one. Letters, digits and one underscore, at most
 * %TILL_ID_ORDER_MAX of them: what both WeChat and Alipay take as a merchant's order number.
 *
 * Returns: (transfer full): the number, such as 20261124T093005123_0a1b2c3d4e5f
 */
char *
till_id_new_order (gint64 at_ms)
{
  g_autofree char *civil = till_clock_format (at_ms);
  g_autofree char *chance = random_hex (6);
  GString *text = g_string_new (NULL);

  for (const char *p = civil; *p != '\0'; p++)
    if (g_ascii_isdigit (*p))
      g_string_append_c (text, *p);
    else if (*p == ' ')
      g_string_append_c (text, 'T');

  g_string_append_printf (text, "%03d_%s", (int)(((at_ms % 1000) + 1000) % 1000), chance);
  return g_string_free (text, FALSE);
}

/**
 * till_id_format_receipt:
 * @year: the civil year of the receipt, 1970 to 9999
 * @number: its number in that year, from 1
 *
 * Returns: (transfer full): the receipt's number as printed, `2026-000001`
 */
char *
till_id_format_receipt (int    year,
                        gint64 number)
{
  g_return_val_if_fail (year >= 1970 && year <= 9999, NULL);
  g_return_val_if_fail (number > 0, NULL);

  return g_strdup_printf ("%04d-%06" G_GINT64_FORMAT, year, number);
}

/**
 * till_id_parse_receipt:
 * @text: what may be the number of a receipt
 * @year: (out): its year; left alone when it is not
 * @number: (out): its number in the year; left alone when it is not
 *
 * Takes exactly what till_id_format_receipt() writes.
 *
 * Returns: whether @text is the number of a receipt
 */
gboolean
till_id_parse_receipt (const char *text,
                       int        *year,
                       gint64     *number)
{
  gint64 parsed_number = 0;
  int parsed_year = 0;

  g_return_val_if_fail (text != NULL && year != NULL && number != NULL, FALSE);

  for (int i = 0; i < 4; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;

      parsed_year = 10 * parsed_year + g_ascii_digit_value (text[i]);
    }

  if (parsed_year < 1970 || text[4] != '-')
    return FALSE;

  const gsize n_digits = strspn (text + 5, "0123456789");

  if (text[5 + n_digits] != '\0' ||
      n_digits < RECEIPT_DIGITS_MIN || n_digits > RECEIPT_DIGITS_MAX ||
      (n_digits > RECEIPT_DIGITS_MIN && text[5] == '0'))
    return FALSE;

  for (gsize i = 0; i < n_digits; i++)
    parsed_number = 10 * parsed_number + g_ascii_digit_value (text[5 + i]);

  if (parsed_number == 0)
    return FALSE;

  *year = parsed_year;
  *number = parsed_number;
  return TRUE;
}
