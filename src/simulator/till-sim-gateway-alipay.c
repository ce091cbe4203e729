/*
 * till-sim-gateway-alipay.c: Alipay's open platform, simulated
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "till-clock.h"
#include "till-money.h"
#include "till-sim-gateway-private.h"

static int
compare_names (const void *a,
               const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* All fields but those named, sorted: what is signed. */
static char *
join_fields (GHashTable *fields,
             const char *without,
             const char *and_without)
{
  guint n = 0;
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (fields, &n);
  GString *text = g_string_new (NULL);

  qsort (names, n, sizeof *names, compare_names);
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (names[i], without) != 0 && g_strcmp0 (names[i], and_without) != 0)
      g_string_append_printf (text, "%s%s=%s", text->len > 0 ? "&" : "", (char *)names[i],
                              (char *)g_hash_table_lookup (fields, names[i]));

  return g_string_free (text, FALSE);
}

/* An answer: the inner object, and the signature over its octets. */
static void
answer (TillSimGateway    *self,
        SoupServerMessage *message,
        const char        *method,
        const char        *inner)
{
  const gboolean forged = g_strcmp0 (self->mode, "forged") == 0;
  g_autofree char *signature = till_sim_seal_sign (self->seal, forged ? TILL_SIM_KEY_APP
                                                                      : TILL_SIM_KEY_ALIPAY,
                                                   inner);
  g_autofree char *name = g_strconcat (method, "_response", NULL);
  g_autofree char *body = NULL;

  g_strdelimit (name, ".", '_');
  body = g_strdup_printf ("{\"%s\":%s,\"sign\":\"%s\"}", name, inner, signature);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json;charset=utf-8", SOUP_MEMORY_COPY,
                                    body, strlen (body));
}

static void
refuse (TillSimGateway    *self,
        SoupServerMessage *message,
        const char        *method,
        const char        *sub_code)
{
  g_autofree char *inner = g_strdup_printf ("{\"code\":\"40004\",\"msg\":\"Business Failed\","
                                            "\"sub_code\":\"%s\",\"sub_msg\":\"demo\"}", sub_code);

  answer (self, message, method, inner);
}

static const char *
status_of (const TillSimTrade *trade)
{
  if (trade->txn != NULL)
    return till_sim_trade_refunded (trade) == trade->paid_fen ? "TRADE_CLOSED" : "TRADE_SUCCESS";

  return till_sim_trade_is_over (trade) ? "TRADE_CLOSED" : "WAIT_BUYER_PAY";
}

static void
precreate (TillSimGateway    *self,
           SoupServerMessage *message,
           GHashTable        *fields,
           JsonObject        *content)
{
  const char *method = g_hash_table_lookup (fields, "method");
  const char *no = till_sim_get_text (content, "out_trade_no");
  const char *timeout = till_sim_get_text (content, "timeout_express");
  TillSimTrade *trade = till_sim_gateway_find (self, FALSE, no);
  TillMoney fen = 0;
  g_autofree char *url = NULL;
  g_autofree char *inner = NULL;

  if (no == NULL || !till_money_parse (till_sim_get_text (content, "total_amount"), &fen, NULL))
    {
      refuse (self, message, method, "ACQ.INVALID_PARAMETER");
      return;
    }

  if (trade != NULL && (trade->fen != fen || trade->txn != NULL || till_sim_trade_is_over (trade)))
    {
      refuse (self, message, method, trade->txn != NULL ? "ACQ.TRADE_HAS_SUCCESS"
                                                        : "ACQ.CONTEXT_INCONSISTENT");
      return;
    }

  if (trade == NULL)
    trade = till_sim_gateway_add (self, FALSE, no);
  trade->fen = fen;
  trade->expires_ms = till_clock_now_ms () +
                      (timeout != NULL ? g_ascii_strtoll (timeout, NULL, 10) : 120) * 60000;
  g_free (trade->subject);
  trade->subject = g_strdup (till_sim_get_text (content, "subject"));
  g_free (trade->notify_url);
  trade->notify_url = g_strdup (g_hash_table_lookup (fields, "notify_url"));
  url = till_sim_gateway_pay_url (self, trade);
  inner = g_strdup_printf ("{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"%s\","
                           "\"qr_code\":\"%s\"}", no, url);
  answer (self, message, method, inner);
}

static void
query (TillSimGateway    *self,
       SoupServerMessage *message,
       const char        *method,
       TillSimTrade      *trade)
{
  g_autofree char *amount = till_money_format (trade->txn != NULL ? trade->paid_fen : trade->fen);
  g_autofree char *when = trade->txn != NULL ? till_clock_format (trade->paid_ms) : NULL;
  g_autofree char *paid = when != NULL ? g_strdup_printf (",\"send_pay_date\":\"%s\"", when) : NULL;
  g_autofree char *inner = g_strdup_printf (
    "{\"code\":\"10000\",\"msg\":\"Success\",\"trade_no\":\"%s\",\"out_trade_no\":\"%s\","
    "\"buyer_logon_id\":\"138****0000\",\"trade_status\":\"%s\",\"total_amount\":\"%s\"%s}",
    trade->txn != NULL ? trade->txn : "2000", trade->no, status_of (trade), amount,
    paid != NULL ? paid : "");

  answer (self, message, method, inner);
}

static void
cancel (TillSimGateway    *self,
        SoupServerMessage *message,
        const char        *method,
        TillSimTrade      *trade)
{
  const gboolean paid = trade->txn != NULL;
  g_autofree char *inner = NULL;
  gboolean moved;

  if (paid)
    till_sim_trade_refund (trade, "cancel", trade->paid_fen - till_sim_trade_refunded (trade),
                           &moved);
  trade->closed = TRUE;
  inner = g_strdup_printf ("{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"%s\","
                           "\"retry_flag\":\"N\",\"action\":\"%s\"}", trade->no,
                           paid ? "refund" : "close");
  answer (self, message, method, inner);
}

static void
refund (TillSimGateway    *self,
        SoupServerMessage *message,
        const char        *method,
        TillSimTrade      *trade,
        JsonObject        *content)
{
  const char *no = till_sim_get_text (content, "out_request_no");
  TillMoney fen = 0;
  gboolean moved = FALSE;
  g_autofree char *sum = NULL;
  g_autofree char *inner = NULL;

  if (no == NULL || !till_money_parse (till_sim_get_text (content, "refund_amount"), &fen, NULL) ||
      !till_sim_trade_refund (trade, no, fen, &moved))
    {
      refuse (self, message, method, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
      return;
    }

  sum = till_money_format (till_sim_trade_refunded (trade));
  inner = g_strdup_printf ("{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"%s\","
                           "\"trade_no\":\"%s\",\"fund_change\":\"%s\",\"refund_fee\":\"%s\"}",
                           trade->no, trade->txn, moved ? "Y" : "N", sum);
  answer (self, message, method, inner);
}

static void
refund_query (TillSimGateway    *self,
              SoupServerMessage *message,
              const char        *method,
              TillSimTrade      *trade,
              JsonObject        *content)
{
  const char *no = till_sim_get_text (content, "out_request_no");

  for (guint i = 0; i < trade->refunds->len; i++)
    {
      const TillSimRefund *done = g_ptr_array_index (trade->refunds, i);
      g_autofree char *amount = till_money_format (done->fen);
      g_autofree char *inner = NULL;

      if (g_strcmp0 (done->no, no) != 0)
        continue;

      inner = g_strdup_printf ("{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"%s\","
                               "\"out_request_no\":\"%s\",\"refund_amount\":\"%s\","
                               "\"refund_status\":\"REFUND_SUCCESS\"}", trade->no, no, amount);
      answer (self, message, method, inner);
      return;
    }

  answer (self, message, method, "{\"code\":\"10000\",\"msg\":\"Success\"}");
}

/*
 * The bill of a day: a table in GBK. The real one comes in a zip, which the program reads as well.
 */

static void
append_row (GString            *bill,
            const TillSimTrade *trade,
            const char         *kind,
            gint64              at_ms,
            gint64              fen,
            const char         *refund_no)
{
  g_autofree char *when = till_clock_format (at_ms);
  g_autofree char *amount = till_money_format (fen);

  g_string_append_printf (bill, "%s\t,%s\t,%s,%s,%s,%s,,,,,138****0000,%s,%s,0.00,0.00,0.00,0.00,"
                          "0.00,,0.00,0.00,%s\t,0.00,0.00,\r\n", trade->txn, trade->no, kind,
                          trade->subject, when, when, amount, amount, refund_no);
}

static char *
make_bill (TillSimGateway *self,
           int             day,
           gsize          *size,
           guint          *n)
{
  g_autoptr(GString) bill = g_string_new (
    "#支付宝业务明细查询\r\n#账号：[" TILL_SIM_ALIPAY_SELLER "0156]\r\n#起始日期：[演示]\r\n"
    "#-----------------------------------------业务明细列表----------------------------------------\r\n"
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r\n");
  GHashTableIter iter;
  gpointer value;
  guint n_refunds = 0;

  *n = 0;
  g_hash_table_iter_init (&iter, self->trades);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const TillSimTrade *trade = value;

      if (trade->wechat || trade->txn == NULL)
        continue;

      if (till_clock_day_of (trade->paid_ms) == day)
        {
          append_row (bill, trade, "交易", trade->paid_ms, trade->paid_fen, "");
          (*n)++;
        }

      for (guint i = 0; i < trade->refunds->len; i++)
        {
          const TillSimRefund *done = g_ptr_array_index (trade->refunds, i);

          if (till_clock_day_of (done->at_ms) != day)
            continue;

          append_row (bill, trade, "退款", done->at_ms, -done->fen, done->no);
          n_refunds++;
        }
    }

  g_string_append_printf (bill, "#业务明细列表结束\r\n#交易合计：%u笔\r\n#退款合计：%u笔\r\n", *n,
                          n_refunds);
  *n += n_refunds;
  return g_convert (bill->str, (gssize)bill->len, "GB18030", "UTF-8", NULL, size, NULL);
}

static void
serve_bill (TillSimGateway    *self,
            SoupServerMessage *message,
            GHashTable        *query_fields)
{
  const char *day = g_hash_table_lookup (query_fields, "day");
  gsize size = 0;
  guint n = 0;
  g_autofree char *bill = make_bill (self, day != NULL ? (int)g_ascii_strtoll (day, NULL, 10) : 0,
                                     &size, &n);

  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/octet-stream", SOUP_MEMORY_COPY, bill,
                                    size);
}

static void
announce_bill (TillSimGateway    *self,
               SoupServerMessage *message,
               const char        *method,
               JsonObject        *content)
{
  const char *date = till_sim_get_text (content, "bill_date");
  int year = 0, month = 0, day = 0;
  g_autofree char *inner = NULL;
  g_autofree char *bill = NULL;
  gsize size = 0;
  guint n = 0;

  if (date != NULL && sscanf (date, "%d-%d-%d", &year, &month, &day) == 3)
    bill = make_bill (self, year * 10000 + month * 100 + day, &size, &n);
  if (n == 0)
    {
      refuse (self, message, method, "isp.bill_not_exist");
      return;
    }

  inner = g_strdup_printf ("{\"code\":\"10000\",\"msg\":\"Success\",\"bill_download_url\":"
                           "\"http://127.0.0.1:%u/bill.zip?day=%d\"}", self->port,
                           year * 10000 + month * 100 + day);
  answer (self, message, method, inner);
}

static void
serve_method (TillSimGateway    *self,
              SoupServerMessage *message,
              GHashTable        *fields,
              JsonObject        *content)
{
  const char *method = g_hash_table_lookup (fields, "method");
  TillSimTrade *trade = till_sim_gateway_find (self, FALSE,
                                               till_sim_get_text (content, "out_trade_no"));

  if (g_str_equal (method, "alipay.trade.precreate"))
    precreate (self, message, fields, content);
  else if (g_str_equal (method, "alipay.data.dataservice.bill.downloadurl.query"))
    announce_bill (self, message, method, content);
  else if (trade == NULL ||
           (!trade->scanned && !g_str_equal (method, "alipay.trade.cancel")))
    refuse (self, message, method, "ACQ.TRADE_NOT_EXIST");
  else if (g_str_equal (method, "alipay.trade.query"))
    query (self, message, method, trade);
  else if (g_str_equal (method, "alipay.trade.cancel"))
    cancel (self, message, method, trade);
  else if (g_str_equal (method, "alipay.trade.refund"))
    refund (self, message, method, trade, content);
  else if (g_str_equal (method, "alipay.trade.fastpay.refund.query"))
    refund_query (self, message, method, trade, content);
  else
    refuse (self, message, method, "isv.invalid-method");
}

/**
 * till_sim_alipay_serve:
 * @self: the gateways
 * @message: a request to gateway.do, or for a bill
 * @query_fields: (nullable): the query
 *
 * Answers like openapi.alipay.com, as far as a merchant of electricity asks.
 */
void
till_sim_alipay_serve (TillSimGateway    *self,
                       SoupServerMessage *message,
                       GHashTable        *query_fields)
{
  g_autoptr(GBytes) bytes =
    soup_message_body_flatten (soup_server_message_get_request_body (message));
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *form = g_strndup (data != NULL ? data : "", size);
  g_autoptr(GHashTable) fields = soup_form_decode (form);
  const char *content = g_hash_table_lookup (fields, "biz_content");
  const char *sign = g_hash_table_lookup (fields, "sign");
  g_autofree char *text = join_fields (fields, "sign", NULL);
  g_autoptr(JsonParser) parser = json_parser_new ();

  if (query_fields != NULL && g_hash_table_contains (query_fields, "day"))
    serve_bill (self, message, query_fields);
  else if (sign == NULL || content == NULL || !g_hash_table_contains (fields, "method") ||
           g_strcmp0 (g_hash_table_lookup (fields, "app_id"), TILL_SIM_ALIPAY_APP) != 0 ||
           !till_sim_seal_verify (self->seal, TILL_SIM_KEY_APP, text, sign) ||
           !json_parser_load_from_data (parser, content, -1, NULL))
    answer (self, message, "error", "{\"code\":\"40002\",\"msg\":\"Invalid Arguments\","
            "\"sub_code\":\"isv.invalid-signature\",\"sub_msg\":\"demo\"}");
  else
    serve_method (self, message, fields, json_node_get_object (json_parser_get_root (parser)));
}

/**
 * till_sim_alipay_notify:
 * @self: the gateways
 * @trade: a trade that was paid
 *
 * Sends a notice of it, a signed form.
 */
void
till_sim_alipay_notify (TillSimGateway *self,
                        TillSimTrade   *trade)
{
  const gboolean forged = g_strcmp0 (self->mode, "forged") == 0;
  g_autoptr(GHashTable) fields = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(SoupMessage) message = soup_message_new ("POST", trade->notify_url);
  g_autofree char *amount = till_money_format (trade->paid_fen);
  g_autofree char *when = till_clock_format (trade->paid_ms);
  g_autofree char *id = g_strconcat ("demo", trade->txn, NULL);
  g_autofree char *text = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *form = NULL;
  g_autoptr(GBytes) bytes = NULL;
  TillSimKey key = TILL_SIM_KEY_ALIPAY;
  const struct
  {
    const char *name;
    const char *value;
  } values[] = {
    { "app_id", TILL_SIM_ALIPAY_APP }, { "seller_id", TILL_SIM_ALIPAY_SELLER },
    { "notify_type", "trade_status_sync" }, { "notify_id", id }, { "notify_time", when },
    { "charset", "utf-8" }, { "version", "1.0" }, { "trade_no", trade->txn },
    { "out_trade_no", trade->no }, { "trade_status", "TRADE_SUCCESS" },
    { "total_amount", amount }, { "receipt_amount", amount }, { "gmt_payment", when },
    { "buyer_logon_id", "138****0000" }, { "subject", trade->subject },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    g_hash_table_insert (fields, (gpointer)values[i].name, (gpointer)values[i].value);
  text = join_fields (fields, "sign", "sign_type");
  if (forged)
    key = TILL_SIM_KEY_APP;
  signature = till_sim_seal_sign (self->seal, key, text);
  g_hash_table_insert (fields, (gpointer)"sign", signature);
  g_hash_table_insert (fields, (gpointer)"sign_type", (gpointer)"RSA2");
  form = soup_form_encode_hash (fields);
  bytes = g_bytes_new (form, strlen (form));
  soup_message_set_request_body_from_bytes (message, "application/x-www-form-urlencoded", bytes);
  till_sim_gateway_post (self, trade, message);
}
