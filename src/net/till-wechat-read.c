/*
 * till-wechat-read.c: what WeChat Pay says of trades and refunds, read
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include "till-channel-private.h"
#include "till-wechat-private.h"

static gint64
parse_time (const char *text)
{
  g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) * 1000 : 0;
}

static gboolean
fail (GError    **error,
      const char *what)
{
  g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED, "WeChat Pay says nothing of %s",
               what);
  return FALSE;
}

/* Of trade_state: NOTPAY, USERPAYING and PAYERROR can still be paid; ACCEPT is a deduction that is
 * under way. */
static TillTradeState
state_of (const char *name)
{
  if (g_strcmp0 (name, "SUCCESS") == 0)
    return TILL_TRADE_STATE_PAID;
  if (g_strcmp0 (name, "REFUND") == 0)
    return TILL_TRADE_STATE_PAID;
  if (g_strcmp0 (name, "CLOSED") == 0 || g_strcmp0 (name, "REVOKED") == 0)
    return TILL_TRADE_STATE_CLOSED;

  return TILL_TRADE_STATE_WAITING;
}

/**
 * till_wechat_read_trade:
 * @object: a transaction
 * @raw: (nullable): the octets that prove it
 * @error: return location for a #GError
 *
 * Reads a transaction of a notice or of an answer. What was refunded, in part or whole, was paid.
 *
 * Returns: (transfer full): the trade, or %NULL with @error set (%TILL_NET_ERROR_MALFORMED)
 */
TillTrade *
till_wechat_read_trade (JsonObject *object,
                        GBytes     *raw,
                        GError    **error)
{
  g_autoptr(TillTrade) trade = till_trade_new (TILL_METHOD_WECHAT);
  JsonObject *amount = till_json_get_object (object, "amount");
  const char *state = till_json_get_text (object, "trade_state");

  trade->attempt_no = g_strdup (till_json_get_text (object, "out_trade_no"));
  trade->txn = g_strdup (till_json_get_text (object, "transaction_id"));
  trade->currency = g_strdup (till_json_get_text (amount, "currency"));
  trade->merchant = g_strdup (till_json_get_text (object, "mchid"));
  trade->app = g_strdup (till_json_get_text (object, "appid"));
  trade->payer = g_strdup (till_json_get_text (till_json_get_object (object, "payer"), "openid"));
  trade->paid_ms = parse_time (till_json_get_text (object, "success_time"));
  trade->raw = raw != NULL ? g_bytes_ref (raw) : NULL;
  trade->state = state_of (state);

  if (state == NULL || trade->attempt_no == NULL)
    fail (error, "its state or its number");
  else if (trade->state == TILL_TRADE_STATE_PAID &&
           (trade->txn == NULL || !till_json_get_int (amount, "total", &trade->amount) ||
            trade->amount <= 0 || trade->amount > TILL_MONEY_MAX))
    fail (error, "its amount or its transaction");
  else
    return g_steal_pointer (&trade);

  return NULL;
}

static TillRefundState
refund_state_of (const char *name)
{
  if (g_strcmp0 (name, "SUCCESS") == 0)
    return TILL_REFUND_STATE_DONE;
  if (g_strcmp0 (name, "CLOSED") == 0)
    return TILL_REFUND_STATE_CLOSED;
  if (g_strcmp0 (name, "ABNORMAL") == 0)
    return TILL_REFUND_STATE_ABNORMAL;

  return TILL_REFUND_STATE_PROCESSING;
}

/**
 * till_wechat_read_refund:
 * @object: a refund
 * @state_name: where its state stands: `status` in answers, `refund_status` in notices
 * @raw: (nullable): the octets that prove it
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the refund, or %NULL with @error set (%TILL_NET_ERROR_MALFORMED)
 */
TillRefundTrade *
till_wechat_read_refund (JsonObject *object,
                         const char *state_name,
                         GBytes     *raw,
                         GError    **error)
{
  g_autoptr(TillRefundTrade) refund = till_refund_trade_new (TILL_METHOD_WECHAT);
  JsonObject *amount = till_json_get_object (object, "amount");
  const char *state = till_json_get_text (object, state_name);

  refund->attempt_no = g_strdup (till_json_get_text (object, "out_trade_no"));
  refund->refund_no = g_strdup (till_json_get_text (object, "out_refund_no"));
  refund->txn = g_strdup (till_json_get_text (object, "refund_id"));
  refund->merchant = g_strdup (till_json_get_text (object, "mchid"));
  refund->done_ms = parse_time (till_json_get_text (object, "success_time"));
  refund->raw = raw != NULL ? g_bytes_ref (raw) : NULL;
  refund->state = refund_state_of (state);

  if (state != NULL && refund->refund_no != NULL &&
      till_json_get_int (amount, "refund", &refund->amount))
    return g_steal_pointer (&refund);

  fail (error, "the state, number or amount of a refund");
  return NULL;
}

/* The proof is what was signed, and below it what was sealed inside. */
static GBytes *
make_proof (GBytes     *body,
            const char *plain)
{
  gsize size = 0;
  const char *text = g_bytes_get_data (body, &size);
  GString *proof = g_string_new_len (text, (gssize)size);

  g_string_append_c (proof, '\n');
  g_string_append (proof, plain);
  return g_string_free_to_bytes (proof);
}

static gboolean
read_resource (TillNotice *notice,
               GBytes     *body,
               const char *plain,
               GError    **error)
{
  g_autoptr(GBytes) proof = make_proof (body, plain);
  g_autoptr(JsonParser) parser = till_json_parse (plain, -1, error);

  if (parser == NULL)
    return FALSE;

  if (g_str_has_prefix (notice->event, "REFUND."))
    notice->refund = till_wechat_read_refund (till_json_get_root (parser), "refund_status", proof,
                                              error);
  else
    notice->trade = till_wechat_read_trade (till_json_get_root (parser), proof, error);

  return notice->trade != NULL || notice->refund != NULL;
}

/**
 * till_wechat_read_notice:
 * @api_v3_key: what its inside is sealed with
 * @body: the octets of a notice whose signature holds
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the notice, or %NULL with @error set: %TILL_NET_ERROR_MALFORMED,
 *   %TILL_NET_ERROR_SIGNATURE when the seal does not open
 */
TillNotice *
till_wechat_read_notice (const char *api_v3_key,
                         GBytes     *body,
                         GError    **error)
{
  gsize size = 0;
  const char *text = g_bytes_get_data (body, &size);
  g_autoptr(JsonParser) parser = till_json_parse (text, (gssize)size, error);
  g_autoptr(TillNotice) notice = till_notice_new (TILL_METHOD_WECHAT);
  g_autofree char *plain = NULL;
  const char *nonce;
  const char *sealed;
  JsonObject *resource;

  if (parser == NULL)
    return NULL;

  notice->id = g_strdup (till_json_get_text (till_json_get_root (parser), "id"));
  notice->event = g_strdup (till_json_get_text (till_json_get_root (parser), "event_type"));
  resource = till_json_get_object (till_json_get_root (parser), "resource");
  nonce = till_json_get_text (resource, "nonce");
  sealed = till_json_get_text (resource, "ciphertext");

  if (notice->event == NULL || nonce == NULL || sealed == NULL ||
      g_strcmp0 (till_json_get_text (resource, "algorithm"), "AEAD_AES_256_GCM") != 0)
    {
      fail (error, "the event or the inside of a notice");
      return NULL;
    }

  plain = till_crypto_open (api_v3_key, nonce, till_json_get_text (resource, "associated_data"),
                            sealed, error);
  if (plain == NULL)
    return NULL;

  if (!g_str_equal (notice->event, "TRANSACTION.SUCCESS") &&
      !g_str_has_prefix (notice->event, "REFUND."))
    return g_steal_pointer (&notice);

  return read_resource (notice, body, plain, error) ? g_steal_pointer (&notice) : NULL;
}
