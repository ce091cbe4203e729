/*
 * till-wechat-call.c: one signed call to WeChat Pay
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-wechat-private.h"

#define SCHEMA "WECHATPAY2-SHA256-RSA2048"
#define BILL_MAX (64 * 1024 * 1024)

/**
 * till_wechat_call_free:
 * @call: (transfer full): a call that was answered
 */
void
till_wechat_call_free (TillWechatCall *call)
{
  g_object_unref (call->self);
  g_object_unref (call->task);
  g_free (call->url);
  g_free (call->body);
  g_free (call->attempt_no);
  g_free (call->refund_no);
  g_free (call->hash);
  g_free (call);
}

/**
 * till_wechat_call_new:
 * @channel: WeChat Pay
 * @task: (transfer full): what the caller waits for
 * @method: GET or POST
 * @url: (transfer full): where
 * @done: takes the answer
 *
 * Returns: (transfer full): a call that has not been made yet
 */
TillWechatCall *
till_wechat_call_new (TillChannel   *channel,
                      GTask         *task,
                      const char    *method,
                      char          *url,
                      TillWechatDone done)
{
  TillWechatCall *call = g_new0 (TillWechatCall, 1);

  call->self = g_object_ref (TILL_WECHAT (channel));
  call->task = task;
  call->method = method;
  call->url = url;
  call->done = done;
  call->is_sealed = TRUE;
  return call;
}

static const char *
get_path (const char *url)
{
  const char *host = strstr (url, "://");
  const char *path = host != NULL ? strchr (host + 3, '/') : NULL;

  return path != NULL ? path : "/";
}

/* METHOD, path with query, seconds, nonce and body, each with a line end. */
static char *
make_authorization (const TillWechatCall *call,
                    GError              **error)
{
  TillWechat *self = call->self;
  g_autofree char *nonce = till_crypto_make_nonce ();
  g_autofree char *signature = NULL;
  g_autofree char *message = NULL;
  const gint64 now_s = till_clock_now_ms () / 1000;

  message = g_strdup_printf ("%s\n%s\n%" G_GINT64_FORMAT "\n%s\n%s\n", call->method,
                             get_path (call->url), now_s, nonce,
                             call->body != NULL ? call->body : "");
  signature = till_private_key_sign (self->merchant_key, message, strlen (message), error);
  if (signature == NULL)
    return NULL;

  return g_strdup_printf (SCHEMA " mchid=\"%s\",nonce_str=\"%s\",timestamp=\"%" G_GINT64_FORMAT
                          "\",serial_no=\"%s\",signature=\"%s\"", self->mchid, nonce, now_s,
                          self->merchant_serial, signature);
}

/* In a thread of GLib's pool. */
static void
sign_call (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  GError *error = NULL;
  char *authorization = make_authorization (task_data, &error);

  if (authorization != NULL)
    g_task_return_pointer (task, authorization, g_free);
  else
    g_task_return_error (task, error);
}

/**
 * till_wechat_call_fail:
 * @call: (transfer full): a call
 * @error: (transfer full): why it has no answer
 */
void
till_wechat_call_fail (TillWechatCall *call,
                       GError         *error)
{
  till_channel_note_reply (TILL_CHANNEL (call->self), NULL, error);
  g_task_return_error (call->task, error);
  till_wechat_call_free (call);
}

/* An answer that carries a signature must be by WeChat Pay; refusals may carry none. */
static gboolean
check_seal (TillWechatCall      *call,
            const TillHttpReply *reply,
            GError             **error)
{
  const TillWechatSeal seal = {
    till_http_reply_get_header (reply, "wechatpay-timestamp"),
    till_http_reply_get_header (reply, "wechatpay-nonce"),
    till_http_reply_get_header (reply, "wechatpay-signature"),
    till_http_reply_get_header (reply, "wechatpay-serial"),
    till_http_reply_get_header (reply, "wechatpay-signature-type"),
  };
  gsize size = 0;
  const char *body = g_bytes_get_data (reply->body, &size);

  if (!call->is_sealed || (reply->status >= 400 && seal.signature == NULL))
    return TRUE;

  return till_wechat_keys_verify (call->self->keys, &seal, body != NULL ? body : "", size,
                                  till_clock_now_ms (), error);
}

static gboolean
means_none (const TillWechatCall *call,
            const char           *code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (call->none_codes); i++)
    if (g_strcmp0 (code, call->none_codes[i]) == 0 && code != NULL)
      return TRUE;

  return FALSE;
}

/* 5xx, 429 and 408 leave the outcome open; what else is 4xx was refused. */
static void
take_refusal (TillWechatCall      *call,
              const TillHttpReply *reply,
              JsonObject          *answer)
{
  const char *code = till_json_get_text (answer, "code");
  const char *message = till_json_get_text (answer, "message");
  const gboolean open = reply->status >= 500 || reply->status == 429 || reply->status == 408 ||
                        code == NULL;
  GError *error;

  if (means_none (call, code))
    {
      call->done (call, NULL, reply->body);
      return;
    }

  error = g_error_new (TILL_NET_ERROR,
                       open ? TILL_NET_ERROR_UNREACHABLE : TILL_NET_ERROR_REFUSED,
                       "WeChat Pay answers %u %s: %s", reply->status, code != NULL ? code : "",
                       message != NULL ? message : "");
  till_wechat_call_fail (call, error);
}

static void
on_answer_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  TillWechatCall *call = user_data;
  GError *error = NULL;
  g_autoptr(TillHttpReply) reply = till_http_call_finish (result, &error);
  g_autoptr(JsonParser) parser = NULL;
  gsize size = 0;
  const char *text;

  if (reply == NULL || !check_seal (call, reply, &error))
    {
      till_wechat_call_fail (call, error);
      return;
    }

  till_channel_note_reply (TILL_CHANNEL (call->self), reply, NULL);
  call->status = reply->status;
  text = g_bytes_get_data (reply->body, &size);
  if (size > 0 && call->hash == NULL)
    parser = till_json_parse (text, (gssize)size, reply->status < 300 ? &error : NULL);

  if (error != NULL)
    till_wechat_call_fail (call, error);
  else if (reply->status >= 300)
    take_refusal (call, reply, parser != NULL ? till_json_get_root (parser) : NULL);
  else
    call->done (call, parser != NULL ? till_json_get_root (parser) : NULL, reply->body);
}

static void
on_signed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  TillWechatCall *call = user_data;
  GError *error = NULL;
  g_autofree char *authorization = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *serial = till_wechat_keys_get_newest (call->self->keys);
  g_autoptr(GBytes) body = call->body != NULL ? g_bytes_new (call->body, strlen (call->body))
                                              : NULL;
  const char *const headers[] = {
    "Authorization", authorization, "Accept", "application/json",
    serial != NULL ? "Wechatpay-Serial" : NULL, serial, NULL,
  };
  const TillHttpCall http = {
    .method = call->method, .url = call->url, .headers = headers,
    .content_type = "application/json", .body = body,
    .body_max = call->hash != NULL ? BILL_MAX : 0,
  };

  if (authorization == NULL)
    till_wechat_call_fail (call, error);
  else
    till_http_call_async (till_channel_get_http (TILL_CHANNEL (call->self)), &http,
                          g_task_get_cancellable (call->task), on_answer_cb, call);
}

/**
 * till_wechat_call_run:
 * @call: (transfer full): a call
 *
 * Signs it in the pool, makes it, verifies the answer and hands it to its function.
 */
void
till_wechat_call_run (TillWechatCall *call)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, on_signed_cb, call);

  g_task_set_task_data (task, call, NULL);
  g_task_run_in_thread (task, sign_call);
}

/**
 * till_wechat_make_url:
 * @channel: WeChat Pay
 * @format: of the path and query
 *
 * Returns: (transfer full): the address
 */
char *
till_wechat_make_url (TillChannel *channel,
                      const char  *format,
                      ...)
{
  g_autofree char *path = NULL;
  va_list list;

  va_start (list, format);
  path = g_strdup_vprintf (format, list);
  va_end (list);

  return g_strconcat (TILL_WECHAT (channel)->base_url, path, NULL);
}

/**
 * till_wechat_call_end_bare:
 * @call: (transfer full): a call
 * @what: what its answer lacks
 */
void
till_wechat_call_end_bare (TillWechatCall *call,
                           const char     *what)
{
  till_wechat_call_fail (call, g_error_new (TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                                            "WeChat Pay answers without %s", what));
}

/**
 * till_wechat_call_end:
 * @call: (transfer full): a call
 * @value: (transfer full) (nullable): its answer, %NULL for @error
 * @destroy: how @value is let go
 * @error: (transfer full) (nullable): why there is none
 */
void
till_wechat_call_end (TillWechatCall *call,
                      gpointer        value,
                      GDestroyNotify  destroy,
                      GError         *error)
{
  if (value == NULL)
    {
      till_wechat_call_fail (call, error);
      return;
    }

  g_task_return_pointer (call->task, value, destroy);
  till_wechat_call_free (call);
}
