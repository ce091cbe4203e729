/*
 * till-bill.c: the bill files of the gateways
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdarg.h>
#include <string.h>

#include "till-bill.h"
#include "till-clock.h"
#include "till-money.h"

#define FILE_MAX (64 * 1024 * 1024)
#define ENTRIES_MAX 16
#define COLUMNS_MAX 64

/* The columns that are used, by what they are called; the first name that is there counts. */
typedef struct
{
  int time;
  int txn;
  int attempt_no;
  int state;
  int refund_txn;
  int refund_no;
  int paid;
  int refunded;
  int fee;
} Columns;

static gboolean fail (GError    **error,
                      guint       line,
                      const char *format,
                      ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError    **error,
      guint       line,
      const char *format,
      ...)
{
  g_autofree char *what = NULL;
  va_list list;

  va_start (list, format);
  what = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED, "line %u of the bill: %s", line,
               what);
  return FALSE;
}

static int
find_column (GStrv       header,
             const char *name,
             const char *other)
{
  for (int i = 0; header[i] != NULL; i++)
    if (g_str_equal (header[i], name))
      return i;

  return other != NULL ? find_column (header, other, NULL) : -1;
}

static const char *
get_field (GStrv fields,
           int   column)
{
  return column >= 0 && column < (int)g_strv_length (fields) ? fields[column] : "";
}

/* A decimal with up to five places, in 0.00001 yuan. */
static gboolean
parse_e5 (const char *text,
          gint64     *value)
{
  const gboolean minus = *text == '-';
  gint64 sum = 0;
  int places = -1;

  for (const char *p = text + minus; *p != '\0'; p++)
    {
      if (*p == '.' && places < 0)
        {
          places = 0;
          continue;
        }

      if (!g_ascii_isdigit (*p) || sum > G_MAXINT64 / 100 || (places >= 5 && *p != '0'))
        return FALSE;
      if (places >= 5)
        continue;

      sum = 10 * sum + g_ascii_digit_value (*p);
      if (places >= 0)
        places++;
    }

  for (int i = MAX (places, 0); i < 5; i++)
    sum *= 10;

  *value = minus ? -sum : sum;
  return *(text + minus) != '\0';
}

static gint64
parse_time (const char *text)
{
  g_autoptr(GDateTime) time = NULL;
  g_autofree char *iso = g_strdup_printf ("%.10sT%.8s+08:00", text,
                                          strlen (text) >= 19 ? text + 11 : "");

  time = g_date_time_new_from_iso8601 (iso, NULL);
  return time != NULL ? g_date_time_to_unix (time) * 1000 : 0;
}

static void
strip_fields (GStrv fields)
{
  for (char **f = fields; *f != NULL; f++)
    {
      g_strstrip (*f);
      if (**f == '`')
        memmove (*f, *f + 1, strlen (*f));
      g_strstrip (*f);
    }
}

static gboolean
parse_amount (GStrv       fields,
              int         column,
              guint       line,
              const char *name,
              TillMoney  *amount,
              GError    **error)
{
  const char *text = get_field (fields, column);

  /* What was given back is negative in some bills. */
  if (till_money_parse (*text == '-' ? text + 1 : text, amount, NULL))
    return TRUE;

  return fail (error, line, "column %s: “%s” is not an amount", name, text);
}

static TillBillRow *
read_row (GStrv          fields,
          const Columns *c,
          gboolean       is_refund,
          guint          line,
          GError       **error)
{
  g_autoptr(TillBillRow) row = till_bill_row_new ();

  if (!parse_amount (fields, is_refund ? c->refunded : c->paid, line,
                     is_refund ? "refunded" : "paid", &row->amount, error))
    return NULL;

  row->attempt_no = g_strdup (get_field (fields, c->attempt_no));
  row->txn = g_strdup (get_field (fields, c->txn));
  row->at_ms = parse_time (get_field (fields, c->time));
  row->state = g_strdup (get_field (fields, c->state));
  row->line = line;
  if (is_refund)
    {
      row->refund_no = g_strdup (get_field (fields, c->refund_no));
      row->refund_txn = g_strdup (get_field (fields, c->refund_txn));
    }

  if (row->at_ms == 0 || *row->txn == '\0')
    fail (error, line, "there is no time or no number of the transaction");
  else if (*get_field (fields, c->fee) != '\0' &&
           !parse_e5 (get_field (fields, c->fee), &row->fee_e5))
    fail (error, line, "the fee is not an amount");
  else
    return g_steal_pointer (&row);

  return NULL;
}

static gboolean
check_columns (const Columns *c,
               guint          line,
               GError       **error)
{
  if (c->time >= 0 && c->txn >= 0 && c->attempt_no >= 0 && c->state >= 0 && c->paid >= 0 &&
      c->refund_no >= 0)
    return TRUE;

  return fail (error, line, "these are not the columns of a trade bill; is it another kind?");
}

/*
 * WeChat Pay: a back-tick before each field, columns by name, two lines of totals at the end
 */

static void
read_wechat_header (GStrv    header,
                    Columns *c)
{
  c->time = find_column (header, "交易时间", NULL);
  c->txn = find_column (header, "微信订单号", NULL);
  c->attempt_no = find_column (header, "商户订单号", NULL);
  c->state = find_column (header, "交易状态", NULL);
  c->refund_txn = find_column (header, "微信退款单号", NULL);
  c->refund_no = find_column (header, "商户退款单号", NULL);
  c->paid = find_column (header, "订单金额", "应结订单金额");
  c->refunded = find_column (header, "申请退款金额", "退款金额");
  c->fee = find_column (header, "手续费", NULL);
}

static gboolean
check_wechat_totals (TillBill *bill,
                     GStrv     header,
                     GStrv     fields,
                     guint     line,
                     GError  **error)
{
  const int paid = find_column (header, "订单总金额", "应结订单总金额");
  const int refunded = find_column (header, "申请退款总金额", "退款总金额");
  TillMoney sum_paid = 0;
  TillMoney sum_refunded = 0;

  bill->n_rows = (guint)g_ascii_strtoull (get_field (fields, 0), NULL, 10);
  parse_e5 (get_field (fields, find_column (header, "手续费总金额", NULL)), &bill->fee_e5);
  if (!parse_amount (fields, paid, line, "total paid", &bill->paid, error) ||
      !parse_amount (fields, refunded, line, "total refunded", &bill->refunded, error))
    return FALSE;

  for (guint i = 0; i < bill->rows->len; i++)
    {
      const TillBillRow *row = g_ptr_array_index (bill->rows, i);

      if (row->refund_no != NULL)
        sum_refunded += row->amount;
      else
        sum_paid += row->amount;
    }

  if (bill->n_rows == bill->rows->len && sum_paid == bill->paid && sum_refunded == bill->refunded)
    return TRUE;

  return fail (error, line, "the totals are not the sums of the rows; is the file whole?");
}

/* Data lines begin with a back-tick, so a comma in a name does not part it. */
static GStrv
split_wechat (const char *text)
{
  return *text == '`' ? g_strsplit (text + 1, ",`", COLUMNS_MAX)
                      : g_strsplit (text, ",", COLUMNS_MAX);
}

static gboolean
parse_wechat (TillBill   *bill,
              const char *text,
              GError    **error)
{
  g_auto(GStrv) lines = g_strsplit (g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text,
                                    "\n", -1);
  g_auto(GStrv) totals = NULL;
  Columns c = { 0 };

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) fields = split_wechat (g_strstrip (lines[i]));
      TillBillRow *row;

      if (*lines[i] == '\0')
        continue;

      strip_fields (fields);
      if (i == 0)
        {
          read_wechat_header (fields, &c);
          if (!check_columns (&c, 1, error))
            return FALSE;
        }
      else if (g_str_equal (fields[0], "总交易单数"))
        totals = g_steal_pointer (&fields);
      else if (totals != NULL)
        return check_wechat_totals (bill, totals, fields, i + 1, error);
      else
        {
          row = read_row (fields, &c, !g_str_equal (get_field (fields, c.state), "SUCCESS"), i + 1,
                          error);
          if (row == NULL)
            return FALSE;
          g_ptr_array_add (bill->rows, row);
        }
    }

  return fail (error, g_strv_length (lines), "the totals are missing; is the file whole?");
}

/*
 * Alipay: a zip of two tables in GBK; the one with the details is read
 */

static void
read_alipay_header (GStrv    header,
                    Columns *c)
{
  c->time = find_column (header, "完成时间", "创建时间");
  c->txn = find_column (header, "支付宝交易号", NULL);
  c->attempt_no = find_column (header, "商户订单号", NULL);
  c->state = find_column (header, "业务类型", NULL);
  c->refund_txn = -1;
  c->refund_no = find_column (header, "退款批次号/请求号", "退款批次号");
  c->paid = find_column (header, "订单金额（元）", "订单金额");
  c->refunded = c->paid;
  c->fee = find_column (header, "服务费（元）", "服务费");
}

/* #交易合计：6笔，… */
static gboolean
check_alipay_count (TillBill   *bill,
                    const char *text,
                    gboolean    refunds,
                    guint       line,
                    GError    **error)
{
  const char *colon = strstr (text, "：");
  const guint64 count = colon != NULL ? g_ascii_strtoull (colon + strlen ("："), NULL, 10) : 0;
  guint64 n = 0;

  for (guint i = 0; i < bill->rows->len; i++)
    n += (((TillBillRow *)g_ptr_array_index (bill->rows, i))->refund_no != NULL) == refunds;

  if (colon == NULL || count == n)
    return TRUE;

  return fail (error, line, "it counts %" G_GUINT64_FORMAT " rows, and there are %" G_GUINT64_FORMAT
               "; is the file whole?", count, n);
}

static gboolean
take_alipay_row (TillBill      *bill,
                 GStrv          fields,
                 const Columns *c,
                 guint          line,
                 GError       **error)
{
  const gboolean refund = g_str_equal (get_field (fields, c->state), "退款");
  TillBillRow *row = read_row (fields, c, refund, line, error);

  if (row == NULL)
    return FALSE;

  if (refund)
    bill->refunded += row->amount;
  else
    bill->paid += row->amount;
  bill->fee_e5 += row->fee_e5;
  g_ptr_array_add (bill->rows, row);
  return TRUE;
}

static gboolean
parse_alipay (TillBill   *bill,
              const char *text,
              GError    **error)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean has_header = FALSE;
  gboolean has_end = FALSE;
  Columns c = { 0 };

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) fields = g_strsplit (g_strstrip (lines[i]), ",", COLUMNS_MAX);

      if (*lines[i] == '\0')
        continue;

      strip_fields (fields);
      if (g_str_has_prefix (lines[i], "#交易合计") || g_str_has_prefix (lines[i], "#退款合计"))
        {
          has_end = TRUE;
          if (!check_alipay_count (bill, lines[i], g_str_has_prefix (lines[i], "#退款"), i + 1,
                                   error))
            return FALSE;
        }
      else if (*lines[i] == '#')
        continue;
      else if (!has_header)
        {
          has_header = TRUE;
          read_alipay_header (fields, &c);
          if (!check_columns (&c, i + 1, error))
            return FALSE;
        }
      else if (!take_alipay_row (bill, fields, &c, i + 1, error))
        return FALSE;
    }

  bill->n_rows = bill->rows->len;
  return has_end || fail (error, g_strv_length (lines), "the end is missing; is the file whole?");
}

static char *
read_entry (struct archive *zip,
            gsize          *size)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 chunk[16384];
  ssize_t n;

  while ((n = archive_read_data (zip, chunk, sizeof chunk)) > 0 && bytes->len < FILE_MAX)
    g_byte_array_append (bytes, chunk, (guint)n);

  if (n != 0)
    {
      g_byte_array_unref (bytes);
      return NULL;
    }

  *size = bytes->len;
  return (char *)g_byte_array_free (bytes, FALSE);
}

/* The entries are told apart by what stands in them: their names may be in any encoding. */
static char *
find_details (GBytes  *file,
              GError **error)
{
  struct archive *zip = archive_read_new ();
  struct archive_entry *entry;
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (file, &size);
  char *found = NULL;

  archive_read_support_format_zip (zip);
  if (archive_read_open_memory (zip, data, size) == ARCHIVE_OK)
    for (int i = 0; found == NULL && i < ENTRIES_MAX &&
         archive_read_next_header (zip, &entry) >= ARCHIVE_WARN; i++)
      {
        gsize length = 0;
        g_autofree char *raw = read_entry (zip, &length);
        g_autofree char *text = raw != NULL ? g_convert (raw, (gssize)length, "UTF-8", "GB18030",
                                                         NULL, NULL, NULL) : NULL;

        if (text != NULL && strstr (text, "#支付宝业务明细查询") != NULL)
          found = g_steal_pointer (&text);
      }

  archive_read_free (zip);
  if (found == NULL)
    fail (error, 0, "there are no details in the zip; is it the bill of trades?");
  return found;
}

static char *
open_alipay (GBytes  *file,
             GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (file, &size);
  char *text;

  if (size > 4 && memcmp (data, "PK\3\4", 4) == 0)
    return find_details (file, error);

  text = g_utf8_validate_len (data, size, NULL) ? g_strndup (data, size)
         : g_convert (data, (gssize)size, "UTF-8", "GB18030", NULL, NULL, NULL);
  if (text == NULL)
    fail (error, 1, "this is neither GBK nor UTF-8");
  return text;
}

/**
 * till_bill_parse:
 * @method: WECHAT or ALIPAY
 * @file: a bill of trades as it was downloaded: CSV, or Alipay's zip
 * @error: return location for a #GError
 *
 * Reads a bill of one day, and holds its rows against the totals it prints. An empty file is a day
 * without trades. The formats: payments.md 1.6 and 2.4.
 *
 * Returns: (transfer full): the bill, or %NULL with @error set (%TILL_NET_ERROR_MALFORMED names the
 *   line, %TILL_NET_ERROR_TOO_LARGE)
 */
TillBill *
till_bill_parse (TillMethod method,
                 GBytes    *file,
                 GError   **error)
{
  g_autoptr(TillBill) bill = till_bill_new (method);
  gsize size = 0;
  const char *data = g_bytes_get_data (file, &size);
  g_autofree char *text = NULL;

  if (size == 0)
    return g_steal_pointer (&bill);

  if (size > FILE_MAX)
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_TOO_LARGE,
                           "the bill is larger than any bill of a day");
      return NULL;
    }

  if (method == TILL_METHOD_ALIPAY)
    text = open_alipay (file, error);
  else if (g_utf8_validate_len (data, size, NULL))
    text = g_strndup (data, size);
  else
    fail (error, 1, "this is not UTF-8");

  if (text == NULL || !(method == TILL_METHOD_ALIPAY ? parse_alipay (bill, text, error)
                                                     : parse_wechat (bill, text, error)))
    return NULL;

  if (bill->rows->len > 0)
    bill->day = till_clock_day_of (((TillBillRow *)g_ptr_array_index (bill->rows, 0))->at_ms);
  return g_steal_pointer (&bill);
}
