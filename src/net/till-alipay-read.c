/*
 * till-alipay-read.c: what Alipay says, verified and read
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "till-alipay-read.h"
#include "till-clock.h"
#include "till-money.h"

#define FIELDS_MAX 200

/* Beijing time, whatever this computer thinks. */
gint64
till_alipay_parse_time (const char *text)
{
  int y, mo, d, h, mi, s;

  if (text == NULL || sscanf (text, "%4d-%2d-%2d %2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s) != 6)
    return 0;

  return till_clock_from_civil (y, mo, d, h, mi, s);
}

gboolean
till_alipay_parse_yuan (const char *text,
                        TillMoney  *amount)
{
  return text != NULL && till_money_parse (text, amount, NULL);
}

/**
 * till_alipay_state_of:
 * @status: (nullable): trade_status
 * @was_paid: whether there is a time of payment
 *
 * Returns: where the trade stands; a trade that is closed after it was paid was given back
 */
TillTradeState
till_alipay_state_of (const char *status,
                      gboolean    was_paid)
{
  if (g_strcmp0 (status, "TRADE_SUCCESS") == 0 || g_strcmp0 (status, "TRADE_FINISHED") == 0)
    return TILL_TRADE_STATE_PAID;
  if (g_strcmp0 (status, "TRADE_CLOSED") == 0)
    return was_paid ? TILL_TRADE_STATE_REFUNDED : TILL_TRADE_STATE_CLOSED;

  return TILL_TRADE_STATE_WAITING;
}

/*
 * Answers: what was signed are the octets of the inner object, just as they stand
 */

static const char *
skip_blanks (const char *p,
             const char *end)
{
  while (p < end && g_ascii_isspace (*p))
    p++;

  return p;
}

/* @p is at a quote; returns what follows the closing one. */
static const char *
skip_string (const char *p,
             const char *end)
{
  for (p++; p < end && *p != '"'; p++)
    if (*p == '\\')
      p++;

  return p < end ? p + 1 : NULL;
}

/* Returns what follows the value at @p, braces counted outside of strings. */
static const char *
skip_value (const char *p,
            const char *end)
{
  int depth = 0;

  while (p < end)
    {
      if (*p == '"')
        {
          p = skip_string (p, end);
          if (p == NULL)
            return NULL;
        }
      else
        {
          if (*p == '{' || *p == '[')
            depth++;
          else if ((*p == '}' || *p == ']') && depth > 0)
            depth--;
          else if (depth == 0 && (*p == ',' || *p == '}'))
            return p;
          p++;
        }

      if (depth == 0 && (p[-1] == '"' || p[-1] == '}' || p[-1] == ']'))
        return p;
    }

  return NULL;
}

typedef struct
{
  char *name;
  char *inner;
  char *sign;
} Cut;

/* Takes one member of the root; FALSE when there are two of a kind. */
static gboolean
take_member (Cut        *cut,
             const char *name,
             gsize       name_size,
             const char *value,
             gsize       value_size)
{
  g_autofree char *key = g_strndup (name, name_size);

  if (g_str_equal (key, "sign"))
    {
      if (cut->sign != NULL || value_size < 2 || *value != '"')
        return FALSE;

      cut->sign = g_strndup (value + 1, value_size - 2);
      return TRUE;
    }

  if (g_str_equal (key, "alipay_cert_sn"))
    return TRUE;

  if (cut->inner != NULL || *value != '{')
    return FALSE;

  cut->name = g_steal_pointer (&key);
  cut->inner = g_strndup (value, value_size);
  return TRUE;
}

static gboolean
cut_members (Cut        *cut,
             const char *p,
             const char *end)
{
  p = skip_blanks (p, end);
  if (p == end || *p++ != '{')
    return FALSE;

  for (;;)
    {
      const char *name = skip_blanks (p, end);
      const char *name_end = name < end && *name == '"' ? skip_string (name, end) : NULL;
      const char *value = name_end != NULL ? skip_blanks (name_end, end) : NULL;
      const char *value_end;

      if (value == NULL || value == end || *value++ != ':')
        return FALSE;

      value = skip_blanks (value, end);
      value_end = value < end ? skip_value (value, end) : NULL;
      if (value_end == NULL || value_end == value ||
          !take_member (cut, name + 1, (gsize)(name_end - name - 2), value,
                        (gsize)(value_end - value)))
        return FALSE;

      p = skip_blanks (value_end, end);
      if (p == end)
        return FALSE;
      if (*p == '}')
        return skip_blanks (p + 1, end) == end && cut->inner != NULL;
      if (*p++ != ',')
        return FALSE;
    }
}

/* A signature that JSON has escaped: “\/” stands for “/”. */
static void
unescape_slashes (char *text)
{
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    if (from[0] != '\\' || from[1] != '/')
      *to++ = *from;
  *to = '\0';
}

/**
 * till_alipay_cut_answer:
 * @text: an answer, as it came
 * @size: of @text
 * @name: (out) (transfer full): the name of the inner object
 * @inner: (out) (transfer full): its octets
 * @sign: (out) (transfer full) (nullable): the signature, %NULL for none
 * @error: return location for a #GError
 *
 * Cuts out what was signed, and refuses an answer with anything beside it.
 *
 * Returns: %TRUE when it was cut, %FALSE with @error set (%TILL_NET_ERROR_MALFORMED)
 */
gboolean
till_alipay_cut_answer (const char *text,
                        gsize       size,
                        char      **name,
                        char      **inner,
                        char      **sign,
                        GError    **error)
{
  Cut cut = { NULL, NULL, NULL };

  if (size == 0 || memchr (text, '\0', size) != NULL || !cut_members (&cut, text, text + size))
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                           "Alipay’s answer is not an object and its signature");
      g_free (cut.name);
      g_free (cut.inner);
      g_free (cut.sign);
      return FALSE;
    }

  if (cut.sign != NULL)
    unescape_slashes (cut.sign);
  *name = cut.name;
  *inner = cut.inner;
  *sign = cut.sign;
  return TRUE;
}

/*
 * Notices: a form
 */

/* Decoded once: “+” is a blank, %XX an octet. NULL when it is not so. */
static char *
decode_form (const char *text,
             gsize       size)
{
  GString *plain = g_string_sized_new (size);

  for (gsize i = 0; i < size; i++)
    {
      if (text[i] == '+')
        g_string_append_c (plain, ' ');
      else if (text[i] != '%')
        g_string_append_c (plain, text[i]);
      else if (i + 2 < size && g_ascii_isxdigit (text[i + 1]) && g_ascii_isxdigit (text[i + 2]))
        {
          const int octet = g_ascii_xdigit_value (text[i + 1]) * 16 +
                            g_ascii_xdigit_value (text[i + 2]);

          if (octet == 0)
            break;
          g_string_append_c (plain, (char)octet);
          i += 2;
        }
      else
        break;

      if (i + 1 == size)
        return g_string_free (plain, FALSE);
    }

  if (size == 0)
    return g_string_free (plain, FALSE);

  g_string_free (plain, TRUE);
  return NULL;
}

/* Names and values of a form; NULL when it cannot be read, or has a name twice. */
static GHashTable *
parse_form (const char *text,
            gsize       size)
{
  g_autoptr(GHashTable) fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *end = text + size;

  for (const char *p = text; p < end;)
    {
      const char *stop = memchr (p, '&', (gsize)(end - p));
      const char *last = stop != NULL ? stop : end;
      const char *equals = memchr (p, '=', (gsize)(last - p));
      char *name;
      char *value;

      if (equals == NULL)
        return NULL;

      name = decode_form (p, (gsize)(equals - p));
      value = decode_form (equals + 1, (gsize)(last - equals - 1));
      if (name == NULL || value == NULL || g_hash_table_contains (fields, name) ||
          g_hash_table_size (fields) >= FIELDS_MAX)
        {
          g_free (name);
          g_free (value);
          return NULL;
        }

      g_hash_table_insert (fields, name, value);
      p = last + 1;
    }

  return g_steal_pointer (&fields);
}

static int
compare_names (const void *a,
               const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* All fields but sign and sign_type, sorted by their octets; empty values and blanks stay. */
static char *
make_signed_text (GHashTable *fields)
{
  guint n_names = 0;
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (fields, &n_names);
  GString *text = g_string_new (NULL);

  qsort (names, n_names, sizeof *names, compare_names);
  for (guint i = 0; i < n_names; i++)
    {
      const char *name = names[i];

      if (g_str_equal (name, "sign") || g_str_equal (name, "sign_type"))
        continue;

      g_string_append_printf (text, "%s%s=%s", text->len > 0 ? "&" : "", name,
                              (const char *)g_hash_table_lookup (fields, name));
    }

  return g_string_free (text, FALSE);
}

static char *
copy_field (GHashTable *fields,
            const char *name)
{
  const char *value = g_hash_table_lookup (fields, name);

  return value != NULL && *value != '\0' ? g_strdup (value) : NULL;
}

static TillTrade *
read_trade (GHashTable *fields,
            GBytes     *body,
            GError    **error)
{
  g_autoptr(TillTrade) trade = till_trade_new (TILL_METHOD_ALIPAY);

  trade->attempt_no = copy_field (fields, "out_trade_no");
  trade->txn = copy_field (fields, "trade_no");
  trade->merchant = copy_field (fields, "seller_id");
  trade->app = copy_field (fields, "app_id");
  trade->payer = copy_field (fields, "buyer_logon_id");
  if (trade->payer == NULL)
    trade->payer = copy_field (fields, "buyer_id");
  trade->paid_ms = till_alipay_parse_time (g_hash_table_lookup (fields, "gmt_payment"));
  trade->state = till_alipay_state_of (g_hash_table_lookup (fields, "trade_status"),
                                       trade->paid_ms != 0);
  trade->raw = g_bytes_ref (body);

  if (trade->attempt_no != NULL && trade->txn != NULL &&
      till_alipay_parse_yuan (g_hash_table_lookup (fields, "total_amount"), &trade->amount))
    return g_steal_pointer (&trade);

  g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                       "Alipay says nothing of the number or the amount");
  return NULL;
}

/**
 * till_alipay_read_notice:
 * @key: Alipay's public key
 * @body: the form, as it came
 * @error: return location for a #GError
 *
 * Verifies a notice over its own octets, decoded once, and reads it. One about a refund tells
 * nothing of a payment.
 *
 * Returns: (transfer full): the notice, or %NULL with @error set: %TILL_NET_ERROR_SIGNATURE,
 *   %TILL_NET_ERROR_MALFORMED
 */
TillNotice *
till_alipay_read_notice (TillPublicKey *key,
                         GBytes        *body,
                         GError       **error)
{
  gsize size = 0;
  const char *text = g_bytes_get_data (body, &size);
  g_autoptr(GHashTable) fields = size > 0 ? parse_form (text, size) : NULL;
  g_autoptr(TillNotice) notice = NULL;
  g_autofree char *message = NULL;
  const char *sign;

  if (fields == NULL)
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                           "the notice is not a form");
      return NULL;
    }

  sign = g_hash_table_lookup (fields, "sign");
  message = make_signed_text (fields);
  if (sign == NULL)
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_SIGNATURE,
                           "the notice has no signature");
      return NULL;
    }

  if (!till_public_key_verify (key, message, strlen (message), sign, error))
    return NULL;

  notice = till_notice_new (TILL_METHOD_ALIPAY);
  notice->id = copy_field (fields, "notify_id");
  notice->event = g_strdup_printf ("%s %s",
                                   (char *)g_hash_table_lookup (fields, "notify_type") ?: "",
                                   (char *)g_hash_table_lookup (fields, "trade_status") ?: "");

  if (!g_hash_table_contains (fields, "trade_status") ||
      g_hash_table_contains (fields, "gmt_refund") || g_hash_table_contains (fields, "refund_fee"))
    return g_steal_pointer (&notice);

  notice->trade = read_trade (fields, body, error);
  return notice->trade != NULL ? g_steal_pointer (&notice) : NULL;
}
