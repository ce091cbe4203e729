/*
 * till-sim-gateway-wechat.c: WeChat Pay APIv3, simulated
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "till-clock.h"
#include "till-money.h"
#include "till-sim-gateway-private.h"

#define SCHEMA "WECHATPAY2-SHA256-RSA2048 "
#define TRADES "/v3/pay/transactions/"
#define BY_NUMBER "/v3/pay/transactions/out-trade-no/"
#define REFUNDS "/v3/refund/domestic/refunds"
#define NONCE "0123456789ab"

/* What a request is answered with, signed. */
static void
answer (TillSimGateway    *self,
        SoupServerMessage *message,
        guint              status,
        const char        *body)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const gboolean forged = g_strcmp0 (self->mode, "forged") == 0;
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, till_clock_now_ms () / 1000);
  g_autofree char *signed_text = g_strdup_printf ("%s\n%s\n%s\n", now, NONCE, body);
  g_autofree char *signature = till_sim_seal_sign (self->seal, forged ? TILL_SIM_KEY_MERCHANT
                                                                      : TILL_SIM_KEY_WECHAT,
                                                   signed_text);

  soup_message_headers_replace (headers, "Wechatpay-Timestamp", now);
  soup_message_headers_replace (headers, "Wechatpay-Nonce", NONCE);
  soup_message_headers_replace (headers, "Wechatpay-Serial", TILL_SIM_PUBLIC_KEY_ID);
  soup_message_headers_replace (headers, "Wechatpay-Signature", signature);
  soup_server_message_set_status (message, status, NULL);
  if (*body != '\0')
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body,
                                      strlen (body));
}

static void
refuse (TillSimGateway    *self,
        SoupServerMessage *message,
        guint              status,
        const char        *code,
        const char        *words)
{
  g_autofree char *body = g_strdup_printf ("{\"code\":\"%s\",\"message\":\"%s\"}", code, words);

  answer (self, message, status, body);
}

/* name="value" out of the Authorization header. */
static char *
get_part (const char *header,
          const char *name)
{
  g_autofree char *wanted = g_strconcat (name, "=\"", NULL);
  const char *start = strstr (header, wanted);
  const char *end = start != NULL ? strchr (start + strlen (wanted), '"') : NULL;

  return end != NULL ? g_strndup (start + strlen (wanted), (gsize)(end - start - strlen (wanted)))
                     : NULL;
}

static gboolean
is_signed (TillSimGateway    *self,
           SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *header = soup_message_headers_get_one (headers, "Authorization");
  g_autofree char *target = g_uri_to_string (soup_server_message_get_uri (message));
  const char *path = strchr (strstr (target, "://") + 3, '/');
  g_autoptr(GBytes) bytes =
    soup_message_body_flatten (soup_server_message_get_request_body (message));
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *body = g_strndup (data != NULL ? data : "", size);
  g_autofree char *nonce = NULL;
  g_autofree char *stamp = NULL;
  g_autofree char *serial = NULL;
  g_autofree char *mchid = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *text = NULL;

  if (header == NULL || !g_str_has_prefix (header, SCHEMA))
    return FALSE;

  nonce = get_part (header, "nonce_str");
  stamp = get_part (header, "timestamp");
  serial = get_part (header, "serial_no");
  mchid = get_part (header, "mchid");
  signature = get_part (header, "signature");
  if (nonce == NULL || stamp == NULL || signature == NULL ||
      g_strcmp0 (serial, TILL_SIM_MERCHANT_SERIAL) != 0 || g_strcmp0 (mchid, TILL_SIM_MCHID) != 0)
    return FALSE;

  text = g_strdup_printf ("%s\n%s\n%s\n%s\n%s\n", soup_server_message_get_method (message), path,
                          stamp, nonce, body);
  return till_sim_seal_verify (self->seal, TILL_SIM_KEY_MERCHANT, text, signature);
}

static const char *
state_of (const TillSimTrade *trade)
{
  if (trade->txn != NULL)
    return trade->refunds->len > 0 ? "REFUND" : "SUCCESS";

  return till_sim_trade_is_over (trade) ? "CLOSED" : "NOTPAY";
}

static void
put_trade (JsonBuilder        *builder,
           const TillSimTrade *trade)
{
  g_autofree char *when = trade->txn != NULL ? till_clock_format_iso (trade->paid_ms) : NULL;

  json_builder_begin_object (builder);
  till_sim_put_text (builder, "mchid", TILL_SIM_MCHID);
  till_sim_put_text (builder, "appid", TILL_SIM_APPID);
  till_sim_put_text (builder, "out_trade_no", trade->no);
  till_sim_put_text (builder, "trade_state", state_of (trade));
  if (trade->txn != NULL)
    {
      till_sim_put_text (builder, "transaction_id", trade->txn);
      till_sim_put_text (builder, "trade_type", "NATIVE");
      till_sim_put_text (builder, "success_time", when);
      json_builder_set_member_name (builder, "payer");
      json_builder_begin_object (builder);
      till_sim_put_text (builder, "openid", "oDEMO0000000000000000000001");
      json_builder_end_object (builder);
    }
  json_builder_set_member_name (builder, "amount");
  json_builder_begin_object (builder);
  till_sim_put_int (builder, "total", trade->txn != NULL ? trade->paid_fen : trade->fen);
  till_sim_put_text (builder, "currency", "CNY");
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static char *
print_trade (const TillSimTrade *trade)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  put_trade (builder, trade);
  return till_sim_json_print (builder);
}

static JsonParser *
parse_body (SoupServerMessage *message)
{
  g_autoptr(GBytes) bytes =
    soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autoptr(JsonParser) parser = json_parser_new ();
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  if (size == 0 || !json_parser_load_from_data (parser, data, (gssize)size, NULL) ||
      !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return NULL;

  return g_steal_pointer (&parser);
}

static void
create (TillSimGateway    *self,
        SoupServerMessage *message,
        const char        *kind)
{
  g_autoptr(JsonParser) parser = parse_body (message);
  JsonObject *root = parser != NULL ? json_node_get_object (json_parser_get_root (parser)) : NULL;
  JsonObject *amount = root != NULL && json_object_has_member (root, "amount")
    ? json_object_get_object_member (root, "amount") : NULL;
  const char *no = till_sim_get_text (root, "out_trade_no");
  const char *expires = till_sim_get_text (root, "time_expire");
  const gint64 fen = amount != NULL ? json_object_get_int_member_with_default (amount, "total", 0)
                                    : 0;
  TillSimTrade *trade = till_sim_gateway_find (self, TRUE, no);
  g_autoptr(GDateTime) until = NULL;
  g_autofree char *url = NULL;
  g_autofree char *body = NULL;

  if (no == NULL || fen < 1 || till_sim_get_text (root, "notify_url") == NULL ||
      g_strcmp0 (till_sim_get_text (root, "appid"), TILL_SIM_APPID) != 0)
    {
      refuse (self, message, 400, "PARAM_ERROR", "a parameter is missing");
      return;
    }

  if (trade != NULL && (trade->fen != fen || trade->txn != NULL || till_sim_trade_is_over (trade)))
    {
      refuse (self, message, 403, trade->txn != NULL ? "ORDERPAID" : "OUT_TRADE_NO_USED",
              "the number was used");
      return;
    }

  if (trade == NULL)
    trade = till_sim_gateway_add (self, TRUE, no);
  until = expires != NULL ? g_date_time_new_from_iso8601 (expires, NULL) : NULL;
  trade->fen = fen;
  trade->expires_ms = until != NULL ? g_date_time_to_unix (until) * 1000
                                    : till_clock_now_ms () + 7200000;
  g_free (trade->subject);
  trade->subject = g_strdup (till_sim_get_text (root, "description"));
  g_free (trade->notify_url);
  trade->notify_url = g_strdup (till_sim_get_text (root, "notify_url"));
  url = till_sim_gateway_pay_url (self, trade);
  body = g_str_equal (kind, "jsapi")
    ? g_strdup_printf ("{\"prepay_id\":\"wx%s\"}", no)
    : g_strdup_printf ("{\"%s\":\"%s\"}", g_str_equal (kind, "h5") ? "h5_url" : "code_url", url);
  answer (self, message, 200, body);
}

static void
close_trade (TillSimGateway    *self,
             SoupServerMessage *message,
             TillSimTrade      *trade)
{
  if (trade == NULL)
    refuse (self, message, 404, "ORDER_NOT_EXIST", "no such order");
  else if (trade->txn != NULL)
    refuse (self, message, 400, "ORDERPAID", "the order is paid");
  else
    {
      trade->closed = TRUE;
      answer (self, message, 204, "");
    }
}

static void
serve_trade (TillSimGateway    *self,
             SoupServerMessage *message,
             const char        *rest)
{
  const char *slash = strchr (rest, '/');
  g_autofree char *no = slash != NULL ? g_strndup (rest, (gsize)(slash - rest)) : g_strdup (rest);
  TillSimTrade *trade = till_sim_gateway_find (self, TRUE, no);
  g_autofree char *body = NULL;

  if (slash != NULL && g_str_equal (slash, "/close"))
    {
      close_trade (self, message, trade);
      return;
    }

  if (trade == NULL)
    {
      refuse (self, message, 404, "ORDER_NOT_EXIST", "no such order");
      return;
    }

  body = print_trade (trade);
  answer (self, message, 200, body);
}

static char *
print_refund (const TillSimTrade  *trade,
              const TillSimRefund *refund)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autofree char *when = till_clock_format_iso (refund->at_ms);
  g_autofree char *id = g_strconcat ("50", refund->no, NULL);

  json_builder_begin_object (builder);
  till_sim_put_text (builder, "refund_id", id);
  till_sim_put_text (builder, "out_refund_no", refund->no);
  till_sim_put_text (builder, "transaction_id", trade->txn);
  till_sim_put_text (builder, "out_trade_no", trade->no);
  till_sim_put_text (builder, "success_time", when);
  till_sim_put_text (builder, "status", "SUCCESS");
  json_builder_set_member_name (builder, "amount");
  json_builder_begin_object (builder);
  till_sim_put_int (builder, "total", trade->paid_fen);
  till_sim_put_int (builder, "refund", refund->fen);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return till_sim_json_print (builder);
}

static const TillSimRefund *
find_refund (TillSimGateway      *self,
             const char          *no,
             const TillSimTrade **of)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->trades);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const TillSimTrade *trade = value;

      for (guint i = 0; trade->wechat && i < trade->refunds->len; i++)
        {
          const TillSimRefund *refund = g_ptr_array_index (trade->refunds, i);

          *of = trade;
          if (g_str_equal (refund->no, no))
            return refund;
        }
    }

  return NULL;
}

static void
serve_refund (TillSimGateway    *self,
              SoupServerMessage *message,
              const char        *rest)
{
  g_autoptr(JsonParser) parser = parse_body (message);
  JsonObject *root = parser != NULL ? json_node_get_object (json_parser_get_root (parser)) : NULL;
  const TillSimTrade *of = NULL;
  const TillSimRefund *refund;
  g_autofree char *body = NULL;

  if (*rest != '/' && root != NULL)
    {
      JsonObject *amount = json_object_has_member (root, "amount")
        ? json_object_get_object_member (root, "amount") : NULL;
      TillSimTrade *trade = till_sim_gateway_find (self, TRUE,
                                                   till_sim_get_text (root, "out_trade_no"));
      const char *no = till_sim_get_text (root, "out_refund_no");
      gboolean moved;

      if (trade == NULL || no == NULL || amount == NULL ||
          json_object_get_int_member_with_default (amount, "total", 0) != trade->paid_fen ||
          !till_sim_trade_refund (trade, no,
                                  json_object_get_int_member_with_default (amount, "refund", 0),
                                  &moved))
        {
          refuse (self, message, 400, "INVALID_REQUEST", "this cannot be refunded");
          return;
        }
      refund = find_refund (self, no, &of);
    }
  else
    refund = *rest == '/' ? find_refund (self, rest + 1, &of) : NULL;

  if (refund == NULL)
    {
      refuse (self, message, 404, "RESOURCE_NOT_EXISTS", "no such refund");
      return;
    }

  body = print_refund (of, refund);
  answer (self, message, 200, body);
}

/*
 * The bill of a day
 */

static void
append_row (GString            *bill,
            const TillSimTrade *trade,
            const char         *state,
            gint64              at_ms,
            gint64              paid,
            const char         *refund_no,
            gint64              refunded)
{
  g_autofree char *when = till_clock_format (at_ms);
  g_autofree char *yuan = till_money_format (paid);
  g_autofree char *back = till_money_format (refunded);

  g_string_append_printf (bill, "`%s,`%s,`%s,`0,`,`%s,`%s,`oDEMO,`NATIVE,`%s,`OTHERS,`CNY,`%s,"
                          "`0.00,`%s%s,`%s,`%s,`0.00,`%s,`%s,`%s,`,`0.00000,`0.60%%,`%s,`%s,`\r\n",
                          when, TILL_SIM_APPID, TILL_SIM_MCHID, trade->txn, trade->no, state, yuan,
                          *refund_no != '\0' ? "50" : "0", refund_no,
                          *refund_no != '\0' ? refund_no : "0", back,
                          *refund_no != '\0' ? "ORIGINAL" : "", *refund_no != '\0' ? "SUCCESS" : "",
                          trade->subject, yuan, back);
}

static char *
make_bill (TillSimGateway *self,
           int             day,
           guint          *n)
{
  GString *bill = g_string_new ("\xef\xbb\xbf交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,"
                                "商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
                                "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
                                "退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n");
  GHashTableIter iter;
  gpointer value;
  gint64 paid = 0;
  gint64 refunded = 0;
  g_autofree char *paid_text = NULL;
  g_autofree char *refunded_text = NULL;

  *n = 0;
  g_hash_table_iter_init (&iter, self->trades);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const TillSimTrade *trade = value;

      if (!trade->wechat || trade->txn == NULL)
        continue;

      if (till_clock_day_of (trade->paid_ms) == day)
        {
          append_row (bill, trade, "SUCCESS", trade->paid_ms, trade->paid_fen, "", 0);
          paid += trade->paid_fen;
          (*n)++;
        }

      for (guint i = 0; i < trade->refunds->len; i++)
        {
          const TillSimRefund *refund = g_ptr_array_index (trade->refunds, i);

          if (till_clock_day_of (refund->at_ms) != day)
            continue;

          append_row (bill, trade, "REFUND", refund->at_ms, 0, refund->no, refund->fen);
          refunded += refund->fen;
          (*n)++;
        }
    }

  paid_text = till_money_format (paid);
  refunded_text = till_money_format (refunded);
  g_string_append_printf (bill, "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,"
                          "订单总金额,申请退款总金额\r\n`%u.0,`%s,`%s,`0.00,`0.00000,`%s,`%s\r\n", *n,
                          paid_text, refunded_text, paid_text, refunded_text);
  return g_string_free (bill, FALSE);
}

static void
serve_bill (TillSimGateway    *self,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query)
{
  const char *date = query != NULL ? g_hash_table_lookup (query, "bill_date") : NULL;
  const char *token = query != NULL ? g_hash_table_lookup (query, "token") : NULL;
  int year = 0, month = 0, day = 0;
  g_autofree char *bill = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *body = NULL;
  guint n = 0;

  if (token != NULL)
    {
      bill = make_bill (self, (int)g_ascii_strtoll (token, NULL, 10), &n);
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, bill,
                                        strlen (bill));
      return;
    }

  if (date == NULL || sscanf (date, "%d-%d-%d", &year, &month, &day) != 3)
    {
      refuse (self, message, 400, "PARAM_ERROR", "bill_date");
      return;
    }

  bill = make_bill (self, year * 10000 + month * 100 + day, &n);
  if (n == 0)
    {
      refuse (self, message, 400, "NO_STATEMENT_EXIST", "no trades on that day");
      return;
    }

  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, bill, -1);
  body = g_strdup_printf ("{\"hash_type\":\"SHA1\",\"hash_value\":\"%s\",\"download_url\":"
                          "\"http://127.0.0.1:%u/v3/billdownload/file?token=%d\"}", digest,
                          self->port, year * 10000 + month * 100 + day);
  answer (self, message, 200, body);
}

/**
 * till_sim_wechat_serve:
 * @self: the gateways
 * @message: a request to a path below /v3
 * @path: the path
 * @query: (nullable): the query
 *
 * Answers like api.mch.weixin.qq.com, as far as a merchant of electricity asks.
 */
void
till_sim_wechat_serve (TillSimGateway    *self,
                       SoupServerMessage *message,
                       const char        *path,
                       GHashTable        *query)
{
  if (!is_signed (self, message))
    {
      soup_server_message_set_status (message, 401, NULL);
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC,
                                        "{\"code\":\"SIGN_ERROR\",\"message\":\"signature\"}", 45);
      return;
    }

  if (g_str_has_prefix (path, BY_NUMBER))
    serve_trade (self, message, path + strlen (BY_NUMBER));
  else if (g_str_has_prefix (path, TRADES))
    create (self, message, path + strlen (TRADES));
  else if (g_str_has_prefix (path, REFUNDS))
    serve_refund (self, message, path + strlen (REFUNDS));
  else if (g_str_has_prefix (path, "/v3/bill"))
    serve_bill (self, message, path, query);
  else
    refuse (self, message, 404, "RESOURCE_NOT_EXISTS", "public key only");
}

/**
 * till_sim_wechat_notify:
 * @self: the gateways
 * @trade: a trade that was paid
 *
 * Sends a notice of it, sealed and signed.
 */
void
till_sim_wechat_notify (TillSimGateway *self,
                        TillSimTrade   *trade)
{
  g_autoptr(SoupMessage) message = soup_message_new ("POST", trade->notify_url);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  const gboolean forged = g_strcmp0 (self->mode, "forged") == 0;
  g_autofree char *plain = print_trade (trade);
  g_autofree char *sealed = till_sim_seal_close (self->seal, NONCE, "transaction", plain);
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, till_clock_now_ms () / 1000);
  g_autofree char *body = g_strdup_printf (
    "{\"id\":\"EV-%s\",\"create_time\":\"2026-01-01T00:00:00+08:00\",\"resource_type\":"
    "\"encrypt-resource\",\"event_type\":\"TRANSACTION.SUCCESS\",\"summary\":\"demo\","
    "\"resource\":{\"original_type\":\"transaction\",\"algorithm\":\"AEAD_AES_256_GCM\","
    "\"ciphertext\":\"%s\",\"associated_data\":\"transaction\",\"nonce\":\"%s\"}}", trade->txn,
    sealed, NONCE);
  g_autofree char *text = g_strdup_printf ("%s\n%s\n%s\n", now, NONCE, body);
  g_autofree char *signature = till_sim_seal_sign (self->seal, forged ? TILL_SIM_KEY_MERCHANT
                                                                      : TILL_SIM_KEY_WECHAT, text);
  g_autoptr(GBytes) bytes = g_bytes_new (body, strlen (body));

  soup_message_headers_replace (headers, "Wechatpay-Timestamp", now);
  soup_message_headers_replace (headers, "Wechatpay-Nonce", NONCE);
  soup_message_headers_replace (headers, "Wechatpay-Serial", TILL_SIM_PUBLIC_KEY_ID);
  soup_message_headers_replace (headers, "Wechatpay-Signature", signature);
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  till_sim_gateway_post (self, trade, message);
}
