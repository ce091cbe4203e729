/*
 * till-wechat.c: WeChat Pay, APIv3
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <string.h>

#include "till-channel-private.h"
#include "till-clock.h"
#include "till-wechat-private.h"
#include "till-wechat.h"

#define BASE_URL "https://api.mch.weixin.qq.com"

/* As the merchant SDKs do; and sooner when a key was missed. */
#define REFRESH_US (60 * G_TIME_SPAN_MINUTE)
#define REFRESH_LOOK_S 20

#define DESCRIPTION_MAX 40 /* characters; 127 octets are allowed */

G_DEFINE_FINAL_TYPE (TillWechat, till_wechat, TILL_TYPE_CHANNEL)

static char *
print_json (JsonBuilder *builder)
{
  g_autoptr(JsonNode) root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}

static void
put_text (JsonBuilder *builder,
          const char  *name,
          const char  *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
put_int (JsonBuilder *builder,
         const char  *name,
         gint64       value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/*
 * Create
 */

static void
on_code (TillWechatCall *call,
         JsonObject     *answer,
         GBytes         *raw)
{
  const char *code = till_json_get_text (answer, "code_url");

  if (code == NULL)
    code = till_json_get_text (answer, "h5_url");

  if (code != NULL)
    till_wechat_call_end (call, g_strdup (code), g_free, NULL);
  else
    till_wechat_call_end_bare (call, "a code");
}

/* What the page hands to WeChat; signed in the pool. */
static void
sign_page (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  const TillWechatCall *call = task_data;
  TillWechat *self = call->self;
  g_autofree char *nonce = till_crypto_make_nonce ();
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, till_clock_now_ms () / 1000);
  g_autofree char *message = g_strdup_printf ("%s\n%s\n%s\n%s\n", self->appid, now, nonce,
                                              call->hash);
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  GError *error = NULL;
  g_autofree char *signature = till_private_key_sign (self->merchant_key, message,
                                                      strlen (message), &error);

  if (signature == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  json_builder_begin_object (builder);
  put_text (builder, "appId", self->appid);
  put_text (builder, "timeStamp", now);
  put_text (builder, "nonceStr", nonce);
  put_text (builder, "package", call->hash);
  put_text (builder, "signType", "RSA");
  put_text (builder, "paySign", signature);
  json_builder_end_object (builder);
  g_task_return_pointer (task, print_json (builder), g_free);
}

static void
on_page_signed_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  GError *error = NULL;
  char *page = g_task_propagate_pointer (G_TASK (result), &error);

  till_wechat_call_end (user_data, page, g_free, error);
}

static void
on_prepaid (TillWechatCall *call,
            JsonObject     *answer,
            GBytes         *raw)
{
  const char *prepay_id = till_json_get_text (answer, "prepay_id");
  g_autoptr(GTask) task = NULL;

  if (prepay_id == NULL)
    {
      till_wechat_call_end_bare (call, "a prepay_id");
      return;
    }

  call->hash = g_strconcat ("prepay_id=", prepay_id, NULL);
  task = g_task_new (NULL, NULL, on_page_signed_cb, call);
  g_task_set_task_data (task, call, NULL);
  g_task_run_in_thread (task, sign_page);
}

static void
put_scene (JsonBuilder          *builder,
           const TillTradeTerms *terms)
{
  json_builder_set_member_name (builder, "scene_info");
  json_builder_begin_object (builder);
  put_text (builder, "payer_client_ip", terms->client_ip != NULL ? terms->client_ip : "127.0.0.1");
  json_builder_set_member_name (builder, "h5_info");
  json_builder_begin_object (builder);
  put_text (builder, "type", "Wap");
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static char *
make_order (TillWechat           *self,
            const TillTradeTerms *terms)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autofree char *subject = g_utf8_substring (terms->subject, 0,
                                               MIN (g_utf8_strlen (terms->subject, -1),
                                                    DESCRIPTION_MAX));
  g_autofree char *expires = till_clock_format_iso (terms->expires_ms);

  json_builder_begin_object (builder);
  put_text (builder, "appid", self->appid);
  put_text (builder, "mchid", self->mchid);
  put_text (builder, "description", subject);
  put_text (builder, "out_trade_no", terms->attempt_no);
  put_text (builder, "time_expire", expires);
  put_text (builder, "notify_url", terms->notify_url);
  json_builder_set_member_name (builder, "amount");
  json_builder_begin_object (builder);
  put_int (builder, "total", terms->amount);
  put_text (builder, "currency", "CNY");
  json_builder_end_object (builder);
  if (terms->kind == TILL_TRADE_KIND_JSAPI)
    {
      json_builder_set_member_name (builder, "payer");
      json_builder_begin_object (builder);
      put_text (builder, "openid", terms->payer);
      json_builder_end_object (builder);
    }
  if (terms->kind == TILL_TRADE_KIND_WAP)
    put_scene (builder, terms);
  json_builder_end_object (builder);

  return print_json (builder);
}

static void
till_wechat_create (TillChannel          *channel,
                    const TillTradeTerms *terms,
                    GTask                *task)
{
  static const char *const kinds[] = { "native", "jsapi", "h5" };
  const gboolean jsapi = terms->kind == TILL_TRADE_KIND_JSAPI;
  char *url = till_wechat_make_url (channel, "/v3/pay/transactions/%s", kinds[terms->kind]);
  TillWechatCall *call = till_wechat_call_new (channel, task, "POST", url,
                                               jsapi ? on_prepaid : on_code);

  call->body = make_order (TILL_WECHAT (channel), terms);
  till_wechat_call_run (call);
}

/*
 * Query and close
 */

static void
end_with_state (TillWechatCall *call,
                TillTradeState  state)
{
  TillTrade *trade = till_trade_new (TILL_METHOD_WECHAT);

  trade->state = state;
  trade->attempt_no = g_strdup (call->attempt_no);
  till_wechat_call_end (call, trade, (GDestroyNotify)till_trade_unref, NULL);
}

static void
on_trade (TillWechatCall *call,
          JsonObject     *answer,
          GBytes         *raw)
{
  GError *error = NULL;
  TillTrade *trade;

  if (answer == NULL)
    {
      end_with_state (call, TILL_TRADE_STATE_NONE);
      return;
    }

  trade = till_wechat_read_trade (answer, raw, &error);
  if (trade != NULL && g_strcmp0 (trade->attempt_no, call->attempt_no) != 0)
    {
      g_clear_pointer (&trade, till_trade_unref);
      error = g_error_new_literal (TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                                   "WeChat Pay answers about another order");
    }

  till_wechat_call_end (call, trade, (GDestroyNotify)till_trade_unref, error);
}

static void
till_wechat_query (TillChannel *channel,
                   const char  *attempt_no,
                   GTask       *task)
{
  char *url = till_wechat_make_url (channel, "/v3/pay/transactions/out-trade-no/%s?mchid=%s",
                                    attempt_no, TILL_WECHAT (channel)->mchid);
  TillWechatCall *call = till_wechat_call_new (channel, task, "GET", url, on_trade);

  call->attempt_no = g_strdup (attempt_no);
  call->none_codes[0] = "ORDER_NOT_EXIST";
  call->none_codes[1] = "RESOURCE_NOT_EXISTS";
  till_wechat_call_run (call);
}

/* 204 is done; for whatever else there may be, the trade itself is asked. */
static void
on_closed (TillWechatCall *call,
           JsonObject     *answer,
           GBytes         *raw)
{
  GTask *task;

  if (call->status == 204)
    {
      end_with_state (call, TILL_TRADE_STATE_CLOSED);
      return;
    }

  task = g_object_ref (call->task);
  till_wechat_query (TILL_CHANNEL (call->self), call->attempt_no, task);
  till_wechat_call_free (call);
}

static void
till_wechat_close (TillChannel *channel,
                   const char  *attempt_no,
                   GTask       *task)
{
  char *url = till_wechat_make_url (channel, "/v3/pay/transactions/out-trade-no/%s/close",
                                    attempt_no);
  TillWechatCall *call = till_wechat_call_new (channel, task, "POST", url, on_closed);
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_text (builder, "mchid", TILL_WECHAT (channel)->mchid);
  json_builder_end_object (builder);
  call->body = print_json (builder);
  call->attempt_no = g_strdup (attempt_no);
  call->none_codes[0] = "ORDERPAID";
  call->none_codes[1] = "ORDER_CLOSED";
  call->none_codes[2] = "ORDER_NOT_EXIST";
  till_wechat_call_run (call);
}

/*
 * Refunds
 */

static void
on_refund (TillWechatCall *call,
           JsonObject     *answer,
           GBytes         *raw)
{
  GError *error = NULL;
  TillRefundTrade *refund;

  if (answer == NULL)
    {
      refund = till_refund_trade_new (TILL_METHOD_WECHAT);
      refund->attempt_no = g_strdup (call->attempt_no);
      refund->refund_no = g_strdup (call->refund_no);
    }
  else
    refund = till_wechat_read_refund (answer, "status", raw, &error);

  if (refund != NULL && g_strcmp0 (refund->refund_no, call->refund_no) != 0)
    {
      g_clear_pointer (&refund, till_refund_trade_unref);
      error = g_error_new_literal (TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                                   "WeChat Pay answers about another refund");
    }

  till_wechat_call_end (call, refund, (GDestroyNotify)till_refund_trade_unref, error);
}

static void
till_wechat_refund (TillChannel           *channel,
                    const TillRefundTerms *terms,
                    GTask                 *task)
{
  char *url = till_wechat_make_url (channel, "/v3/refund/domestic/refunds");
  TillWechatCall *call = till_wechat_call_new (channel, task, "POST", url, on_refund);
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_text (builder, "out_trade_no", terms->attempt_no);
  put_text (builder, "out_refund_no", terms->refund_no);
  if (terms->reason != NULL)
    put_text (builder, "reason", terms->reason);
  if (terms->notify_url != NULL)
    put_text (builder, "notify_url", terms->notify_url);
  json_builder_set_member_name (builder, "amount");
  json_builder_begin_object (builder);
  put_int (builder, "refund", terms->amount);
  put_int (builder, "total", terms->total);
  put_text (builder, "currency", "CNY");
  json_builder_end_object (builder);
  json_builder_end_object (builder);

  call->body = print_json (builder);
  call->attempt_no = g_strdup (terms->attempt_no);
  call->refund_no = g_strdup (terms->refund_no);
  till_wechat_call_run (call);
}

static void
till_wechat_query_refund (TillChannel *channel,
                          const char  *attempt_no,
                          const char  *refund_no,
                          GTask       *task)
{
  char *url = till_wechat_make_url (channel, "/v3/refund/domestic/refunds/%s", refund_no);
  TillWechatCall *call = till_wechat_call_new (channel, task, "GET", url, on_refund);

  call->attempt_no = g_strdup (attempt_no);
  call->refund_no = g_strdup (refund_no);
  call->none_codes[0] = "RESOURCE_NOT_EXISTS";
  call->none_codes[1] = "REFUND_NOT_EXISTS";
  till_wechat_call_run (call);
}

/*
 * Bills
 */

static void
on_bill (TillWechatCall *call,
         JsonObject     *answer,
         GBytes         *raw)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, raw);

  if (g_ascii_strcasecmp (digest, call->hash) == 0)
    till_wechat_call_end (call, g_bytes_ref (raw), (GDestroyNotify)g_bytes_unref, NULL);
  else
    till_wechat_call_fail (call,
                           g_error_new_literal (TILL_NET_ERROR, TILL_NET_ERROR_SIGNATURE,
                                                "the bill is not the one that was announced"));
}

static void
on_bill_announced (TillWechatCall *call,
                   JsonObject     *answer,
                   GBytes         *raw)
{
  const char *url = till_json_get_text (answer, "download_url");
  const char *hash = till_json_get_text (answer, "hash_value");
  TillWechatCall *next;

  if (answer == NULL)
    {
      till_wechat_call_end (call, g_bytes_new (NULL, 0), (GDestroyNotify)g_bytes_unref, NULL);
      return;
    }

  if (url == NULL || hash == NULL)
    {
      till_wechat_call_end_bare (call, "the address or the digest of the bill");
      return;
    }

  next = till_wechat_call_new (TILL_CHANNEL (call->self), g_object_ref (call->task), "GET",
                               g_strdup (url), on_bill);
  next->hash = g_strdup (hash);
  next->is_sealed = FALSE;
  till_wechat_call_free (call);
  till_wechat_call_run (next);
}

static void
till_wechat_fetch_bill (TillChannel *channel,
                        int          day,
                        GTask       *task)
{
  char *url = till_wechat_make_url (channel,
                                    "/v3/bill/tradebill?bill_date=%04d-%02d-%02d&bill_type=ALL",
                                    day / 10000, day / 100 % 100, day % 100);
  TillWechatCall *call = till_wechat_call_new (channel, task, "GET", url, on_bill_announced);

  call->none_codes[0] = "NO_STATEMENT_EXIST";
  till_wechat_call_run (call);
}

/*
 * Platform certificates
 */

static gboolean
take_certificate (TillWechat *self,
                  JsonObject *item,
                  GError    **error)
{
  JsonObject *sealed = till_json_get_object (item, "encrypt_certificate");
  const char *nonce = till_json_get_text (sealed, "nonce");
  const char *ciphertext = till_json_get_text (sealed, "ciphertext");
  g_autofree char *pem = NULL;

  if (nonce == NULL || ciphertext == NULL)
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                           "a certificate without its inside");
      return FALSE;
    }

  pem = till_crypto_open (self->api_v3_key, nonce,
                          till_json_get_text (sealed, "associated_data"), ciphertext, error);
  return pem != NULL && till_wechat_keys_add_certificate (self->keys, pem, TRUE, error);
}

/* The first download is trusted by its seal: only who knows the APIv3 key can have made it. */
static void
on_certificates (TillWechatCall *call,
                 JsonObject     *answer,
                 GBytes         *raw)
{
  JsonNode *data = answer != NULL ? json_object_get_member (answer, "data") : NULL;
  JsonArray *array = data != NULL && JSON_NODE_HOLDS_ARRAY (data) ? json_node_get_array (data)
                                                                  : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      g_autoptr(GError) error = NULL;

      if (JSON_NODE_HOLDS_OBJECT (node) &&
          !take_certificate (call->self, json_node_get_object (node), &error))
        g_message ("WeChat Pay: %s", error->message);
    }

  g_task_return_boolean (call->task, TRUE);
  till_wechat_call_free (call);
}

static void
on_refreshed_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  TILL_WECHAT (source)->refreshing = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_message ("WeChat Pay, certificates: %s", error->message);
}

static void
refresh_certificates (TillWechat *self)
{
  TillChannel *channel = TILL_CHANNEL (self);
  GTask *task = g_task_new (self, NULL, on_refreshed_cb, NULL);
  char *url = till_wechat_make_url (channel, "/v3/certificates");
  TillWechatCall *call = till_wechat_call_new (channel, task, "GET", url, on_certificates);

  self->refreshing = TRUE;
  self->refreshed_us = g_get_monotonic_time ();
  call->is_sealed = FALSE;
  /* New merchants have a public key only. */
  call->none_codes[0] = "RESOURCE_NOT_EXISTS";
  till_wechat_call_run (call);
}

static gboolean
on_refresh_cb (gpointer user_data)
{
  TillWechat *self = user_data;
  const gboolean wish = till_wechat_keys_take_wish (self->keys);

  if (!self->refreshing &&
      (wish || g_get_monotonic_time () - self->refreshed_us >= REFRESH_US))
    refresh_certificates (self);

  return G_SOURCE_CONTINUE;
}

/*
 * Notices, in any thread
 */

static TillNotice *
till_wechat_read (TillChannel     *channel,
                  TillHttpRequest *request,
                  gint64           now_ms,
                  GError         **error)
{
  TillWechat *self = TILL_WECHAT (channel);
  const TillWechatSeal seal = {
    till_http_request_get_header (request, "Wechatpay-Timestamp"),
    till_http_request_get_header (request, "Wechatpay-Nonce"),
    till_http_request_get_header (request, "Wechatpay-Signature"),
    till_http_request_get_header (request, "Wechatpay-Serial"),
    till_http_request_get_header (request, "Wechatpay-Signature-Type"),
  };
  GBytes *body = till_http_request_get_body (request);
  gsize size = 0;
  const char *text = g_bytes_get_data (body, &size);

  if (!till_wechat_keys_verify (self->keys, &seal, text != NULL ? text : "", size, now_ms, error))
    return NULL;

  return till_wechat_read_notice (self->api_v3_key, body, error);
}

/* Never 204: a connection that is kept would break there. The status decides, not the body. */
static void
till_wechat_answer (TillChannel     *channel,
                    TillHttpRequest *request,
                    gboolean         accepted,
                    const char      *message)
{
  till_http_request_answer_text (request, accepted ? 200 : 500, "application/json",
                                 accepted ? "{\"code\":\"SUCCESS\",\"message\":\"OK\"}"
                                          : "{\"code\":\"FAIL\",\"message\":\"not accepted\"}");
}

static void
till_wechat_describe (TillChannel *channel,
                      GPtrArray   *facts)
{
  TillWechat *self = TILL_WECHAT (channel);

  till_channel_add_fact (facts, "merchant", self->mchid, TRUE);
  till_channel_add_fact (facts, "app", self->appid, TRUE);
  till_channel_add_fact (facts, "merchant-serial", self->merchant_serial, TRUE);
  till_wechat_keys_describe (self->keys, facts);
}

static void
till_wechat_dispose (GObject *object)
{
  TillWechat *self = TILL_WECHAT (object);

  if (self->refresh != NULL)
    g_source_destroy (self->refresh);
  g_clear_pointer (&self->refresh, g_source_unref);

  G_OBJECT_CLASS (till_wechat_parent_class)->dispose (object);
}

static void
till_wechat_finalize (GObject *object)
{
  TillWechat *self = TILL_WECHAT (object);

  till_wechat_keys_free (self->keys);
  till_private_key_unref (self->merchant_key);
  g_free (self->base_url);
  g_free (self->mchid);
  g_free (self->appid);
  g_free (self->merchant_serial);
  g_free (self->api_v3_key);

  G_OBJECT_CLASS (till_wechat_parent_class)->finalize (object);
}

static void
till_wechat_class_init (TillWechatClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  TillChannelClass *channel_class = TILL_CHANNEL_CLASS (klass);

  object_class->dispose = till_wechat_dispose;
  object_class->finalize = till_wechat_finalize;
  channel_class->method = TILL_METHOD_WECHAT;
  channel_class->create = till_wechat_create;
  channel_class->query = till_wechat_query;
  channel_class->close = till_wechat_close;
  channel_class->refund = till_wechat_refund;
  channel_class->query_refund = till_wechat_query_refund;
  channel_class->fetch_bill = till_wechat_fetch_bill;
  channel_class->read_notice = till_wechat_read;
  channel_class->answer_notice = till_wechat_answer;
  channel_class->describe = till_wechat_describe;
}

static void
till_wechat_init (TillWechat *self)
{
}

static gboolean
load_keys (TillWechat             *self,
           const TillWechatConfig *config,
           GError                **error)
{
  TillPublicKey *public_key;

  self->merchant_key = till_private_key_load (config->merchant_key_file, error);
  self->api_v3_key = self->merchant_key != NULL
    ? till_crypto_load_secret (config->api_v3_key_file, error) : NULL;
  if (self->api_v3_key == NULL)
    return FALSE;

  if (strlen (self->api_v3_key) != TILL_CRYPTO_GCM_KEY_SIZE)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                   "%s: the APIv3 key has %d characters, this has %" G_GSIZE_FORMAT,
                   config->api_v3_key_file, TILL_CRYPTO_GCM_KEY_SIZE, strlen (self->api_v3_key));
      return FALSE;
    }

  if ((config->public_key_file == NULL) != (config->public_key_id == NULL))
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                           "wechat.public-key-file and wechat.public-key-id go together");
      return FALSE;
    }

  if (config->public_key_file == NULL)
    return TRUE;

  public_key = till_public_key_load (config->public_key_file, error);
  if (public_key == NULL)
    return FALSE;

  till_wechat_keys_add (self->keys, config->public_key_id, public_key, 0);
  return TRUE;
}

/**
 * till_wechat_new:
 * @config: the settings; copied, the files are read
 * @error: return location for a #GError
 *
 * Makes the channel for the calling thread and begins to ask for platform certificates.
 *
 * Returns: (transfer full): the channel, or %NULL with @error set (%TILL_NET_ERROR_MALFORMED says
 *   which setting is wrong)
 */
TillChannel *
till_wechat_new (const TillWechatConfig *config,
                 GError                **error)
{
  g_autoptr(TillWechat) self = g_object_new (TILL_TYPE_WECHAT, NULL);

  self->base_url = g_strdup (config->base_url != NULL ? config->base_url : BASE_URL);
  if (g_str_has_suffix (self->base_url, "/"))
    self->base_url[strlen (self->base_url) - 1] = '\0';
  self->mchid = g_strdup (config->mchid);
  self->appid = g_strdup (config->appid);
  self->merchant_serial = g_ascii_strup (config->merchant_serial, -1);
  self->keys = till_wechat_keys_new (config->certificate_dir);
  if (!load_keys (self, config, error))
    return NULL;

  self->refresh = g_timeout_source_new_seconds (REFRESH_LOOK_S);
  g_source_set_callback (self->refresh, on_refresh_cb, self, NULL);
  g_source_attach (self->refresh, g_main_context_get_thread_default ());
  refresh_certificates (self);

  return TILL_CHANNEL (g_steal_pointer (&self));
}
