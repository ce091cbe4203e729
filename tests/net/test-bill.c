/*
 * test-bill.c: the bill files of the gateways, whole and broken
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "till-bill.h"

#define HEADER \
  "\xef\xbb\xbf交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,应结订单金额,微信退款单号,商户退款单号," \
  "退款金额,商品名称,手续费,订单金额,申请退款金额\r\n"
#define PAID \
  "`2026-01-02 10:04:55,`wx1,`19,`4200001,`E1,`SUCCESS,`100.00,`0,`0,`0.00,`电费, A栋,`0.60000,`100.00,`0.00\r\n"
#define GIVEN \
  "`2026-01-02 11:00:00,`wx1,`19,`4200001,`E1,`REFUND,`0.00,`5030,`E1R1,`40.50,`电费,`-0.24000,`0.00,`40.50\r\n"
#define TOTALS "总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
#define SUMS "`2.0,`100.00,`40.50,`0.36000,`100.00,`40.50\r\n"

static TillBill *
parse (TillMethod  method,
       const char *text,
       GError    **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

  return till_bill_parse (method, bytes, error);
}

static void
test_wechat (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillBill) bill = parse (TILL_METHOD_WECHAT, HEADER PAID GIVEN TOTALS SUMS, &error);
  const TillBillRow *row;

  g_assert_no_error (error);
  g_assert_cmpint (bill->day, ==, 20260102);
  g_assert_cmpint (bill->rows->len, ==, 2);
  g_assert_cmpint (bill->paid, ==, 10000);
  g_assert_cmpint (bill->refunded, ==, 4050);
  g_assert_cmpint (bill->fee_e5, ==, 36000);
  row = g_ptr_array_index (bill->rows, 0);
  g_assert_cmpstr (row->txn, ==, "4200001");
  g_assert_cmpstr (row->attempt_no, ==, "E1");
  g_assert_cmpint (row->amount, ==, 10000);
  g_assert_cmpint (row->fee_e5, ==, 60000);
  g_assert_null (row->refund_no);
  row = g_ptr_array_index (bill->rows, 1);
  g_assert_cmpstr (row->refund_no, ==, "E1R1");
  g_assert_cmpint (row->amount, ==, 4050);
}

static void
test_wechat_faults (void)
{
  static const char *const bad[] = {
    "some text",
    HEADER,
    HEADER PAID GIVEN,
    HEADER PAID TOTALS SUMS,
    HEADER PAID PAID GIVEN TOTALS SUMS,
    HEADER "`2026-01-02 10:04:55,`wx1\r\n" TOTALS SUMS,
    HEADER "`yesterday,`wx1,`19,`4,`E1,`SUCCESS,`1.00,`0,`0,`0,`x,`0,`1.00,`0\r\n" TOTALS SUMS,
    HEADER "`2026-01-02 10:04:55,`w,`19,`4,`E1,`SUCCESS,`1,`0,`0,`0,`x,`0,`1e3,`0\r\n" TOTALS SUMS,
    "\xff\xfe",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (parse (TILL_METHOD_WECHAT, bad[i], &error));
      g_assert_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED);
      g_assert_nonnull (strstr (error->message, "line "));
    }
}

static GBytes *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "net", "vectors", name, NULL);
  g_autoptr(GError) error = NULL;
  char *data = NULL;
  gsize size = 0;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

/* The zip and the bare table say the same. */
static void
test_alipay (void)
{
  static const char *const names[] = {
    "alipay-tradebill-sample-own.csv", "alipay-tradebill-sample-own.csv.zip",
  };
  TillMoney paid[2];
  guint n[2];

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GBytes) bytes = load (names[i]);
      g_autoptr(GError) error = NULL;
      g_autoptr(TillBill) bill = till_bill_parse (TILL_METHOD_ALIPAY, bytes, &error);

      g_assert_no_error (error);
      g_assert_cmpint (bill->rows->len, >, 0);
      paid[i] = bill->paid;
      n[i] = bill->rows->len;
      for (guint k = 0; k < bill->rows->len; k++)
        {
          const TillBillRow *row = g_ptr_array_index (bill->rows, k);

          g_assert_cmpint (row->amount, >, 0);
          g_assert_cmpint (row->at_ms, >, 0);
          g_assert_null (strchr (row->txn, '\t'));
        }
    }

  g_assert_cmpint (paid[0], ==, paid[1]);
  g_assert_cmpint (n[0], ==, n[1]);
}

/* A file of a stranger is refused or read, and nothing else. */
static void
test_noise (void)
{
  g_autoptr(GBytes) good = load ("alipay-tradebill-sample-own.csv.zip");
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (good, &size);

  for (int i = 0; i < 3000; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, size);
      g_autoptr(GBytes) bytes = NULL;
      TillBill *bill;

      for (int k = 0; k < 4; k++)
        copy[g_test_rand_int_range (0, (gint32)size)] = (guint8)g_test_rand_int_range (0, 256);
      bytes = g_bytes_new (copy, (gsize)g_test_rand_int_range (1, (gint32)size + 1));
      bill = till_bill_parse (i % 2 == 0 ? TILL_METHOD_ALIPAY : TILL_METHOD_WECHAT, bytes, NULL);
      till_bill_unref (bill);
    }
}

static void
test_empty (void)
{
  g_autoptr(TillBill) bill = parse (TILL_METHOD_WECHAT, "", NULL);

  g_assert_nonnull (bill);
  g_assert_cmpint (bill->rows->len, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bill/empty", test_empty);
  g_test_add_func ("/bill/wechat", test_wechat);
  g_test_add_func ("/bill/wechat-faults", test_wechat_faults);
  g_test_add_func ("/bill/alipay", test_alipay);
  g_test_add_func ("/bill/noise", test_noise);
  return g_test_run ();
}
