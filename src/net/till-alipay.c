/*
 * till-alipay.c: Alipay's open platform, RSA2
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <string.h>

#include "till-alipay-read.h"
#include "till-alipay.h"
#include "till-channel-private.h"
#include "till-clock.h"
#include "till-crypto.h"
#include "till-money.h"

#define GATEWAY_URL "https://openapi.alipay.com/gateway.do"
#define SUBJECT_MAX 100
#define BILL_MAX (64 * 1024 * 1024)

struct _TillAlipay
{
  TillChannel     parent_instance;

  char           *gateway_url;
  char           *app_id;
  char           *seller_id;
  TillPrivateKey *app_key;
  TillPublicKey  *public_key;
};

#define TILL_TYPE_ALIPAY (till_alipay_get_type ())
G_DECLARE_FINAL_TYPE (TillAlipay, till_alipay, TILL, ALIPAY, TillChannel)
G_DEFINE_FINAL_TYPE (TillAlipay, till_alipay, TILL_TYPE_CHANNEL)

typedef struct _Call Call;
typedef void (*CallDone) (Call       *call,
                          JsonObject *answer,
                          GBytes     *raw);

struct _Call
{
  TillAlipay *self;
  GTask      *task;
  const char *method;
  char       *content; /* biz_content */
  char       *notify_url; /* (nullable) */
  char       *return_url; /* (nullable) */
  CallDone    done;
  const char *none_code; /* the error that means: there is no such thing */
  char       *attempt_no;
  char       *refund_no;
  TillMoney   amount;
};

static void
call_free (Call *call)
{
  g_object_unref (call->self);
  g_object_unref (call->task);
  g_free (call->content);
  g_free (call->notify_url);
  g_free (call->return_url);
  g_free (call->attempt_no);
  g_free (call->refund_no);
  g_free (call);
}

static Call *
call_new (TillChannel *channel,
          GTask       *task,
          const char  *method,
          CallDone     done)
{
  Call *call = g_new0 (Call, 1);

  call->self = g_object_ref (TILL_ALIPAY (channel));
  call->task = task;
  call->method = method;
  call->done = done;
  return call;
}

static void
end_call (Call   *call,
          GError *error)
{
  till_channel_note_reply (TILL_CHANNEL (call->self), NULL, error);
  g_task_return_error (call->task, error);
  call_free (call);
}

static void
end_with (Call          *call,
          gpointer       value,
          GDestroyNotify destroy)
{
  g_task_return_pointer (call->task, value, destroy);
  call_free (call);
}

static void
end_bare (Call       *call,
          const char *what)
{
  end_call (call, g_error_new (TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                               "Alipay answers without %s", what));
}

/*
 * Requests
 */

/* The parameters of a call, sorted by name, NULL for one that is not sent. */
static char *
make_request (const Call *call,
              GError    **error)
{
  g_autofree char *now = till_clock_format (till_clock_now_ms ());
  g_autofree char *signature = NULL;
  const struct
  {
    const char *name;
    const char *value;
  } parameters[] = {
    { "app_id", call->self->app_id }, { "biz_content", call->content }, { "charset", "utf-8" },
    { "format", "JSON" }, { "method", call->method }, { "notify_url", call->notify_url },
    { "return_url", call->return_url }, { "sign_type", "RSA2" }, { "timestamp", now },
    { "version", "1.0" },
  };
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) form = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      g_autofree char *escaped = NULL;

      if (parameters[i].value == NULL)
        continue;

      escaped = g_uri_escape_string (parameters[i].value, NULL, FALSE);
      g_string_append_printf (text, "%s%s=%s", text->len > 0 ? "&" : "", parameters[i].name,
                              parameters[i].value);
      g_string_append_printf (form, "%s=%s&", parameters[i].name, escaped);
    }

  signature = till_private_key_sign (call->self->app_key, text->str, text->len, error);
  if (signature == NULL)
    return NULL;

  g_string_append (form, "sign=");
  g_string_append_uri_escaped (form, signature, NULL, FALSE);
  return g_strdup (form->str);
}

/* In a thread of GLib's pool. */
static void
sign_call (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  GError *error = NULL;
  char *form = make_request (task_data, &error);

  if (form != NULL)
    g_task_return_pointer (task, form, g_free);
  else
    g_task_return_error (task, error);
}

/* 10000 is done; 20000 and errors of their system leave the outcome open. */
static void
take_answer (Call       *call,
             JsonObject *answer,
             GBytes     *raw)
{
  const char *code = till_json_get_text (answer, "code");
  const char *sub_code = till_json_get_text (answer, "sub_code");
  const char *message = till_json_get_text (answer, "sub_msg");
  const gboolean open = code == NULL || g_str_equal (code, "20000") ||
                        (sub_code != NULL && strstr (sub_code, "SYSTEM_ERROR") != NULL);

  if (g_strcmp0 (code, "10000") == 0)
    call->done (call, answer, raw);
  else if (call->none_code != NULL && g_strcmp0 (sub_code, call->none_code) == 0)
    call->done (call, NULL, raw);
  else
    end_call (call, g_error_new (TILL_NET_ERROR,
                                 open ? TILL_NET_ERROR_UNREACHABLE : TILL_NET_ERROR_REFUSED,
                                 "Alipay answers %s %s: %s", code != NULL ? code : "",
                                 sub_code != NULL ? sub_code : "", message != NULL ? message : ""));
}

static gboolean
check_answer (Call                *call,
              const TillHttpReply *reply,
              char               **inner,
              GError             **error)
{
  g_autofree char *name = NULL;
  g_autofree char *sign = NULL;
  gsize size = 0;
  const char *text = g_bytes_get_data (reply->body, &size);

  if (reply->status != 200)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_UNREACHABLE, "Alipay answers %u",
                   reply->status);
      return FALSE;
    }

  if (!till_alipay_cut_answer (text, size, &name, inner, &sign, error))
    return FALSE;

  if (sign == NULL)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_SIGNATURE,
                   "Alipay’s answer is not signed: %.200s", *inner);
      return FALSE;
    }

  return till_public_key_verify (call->self->public_key, *inner, strlen (*inner), sign, error);
}

static void
on_answer_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autoptr(TillHttpReply) reply = till_http_call_finish (result, &error);
  g_autoptr(JsonParser) parser = NULL;
  g_autofree char *inner = NULL;

  if (reply != NULL && check_answer (call, reply, &inner, &error))
    parser = till_json_parse (inner, -1, &error);

  if (parser == NULL)
    {
      end_call (call, error);
      return;
    }

  till_channel_note_reply (TILL_CHANNEL (call->self), reply, NULL);
  take_answer (call, till_json_get_root (parser), reply->body);
}

static void
on_signed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  char *form = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *url = g_strconcat (call->self->gateway_url, "?charset=utf-8", NULL);
  g_autoptr(GBytes) body = form != NULL ? g_bytes_new_take (form, strlen (form)) : NULL;
  const TillHttpCall http = {
    .method = "POST", .url = url, .body = body,
    .content_type = "application/x-www-form-urlencoded;charset=utf-8",
  };

  if (body == NULL)
    end_call (call, error);
  else
    till_http_call_async (till_channel_get_http (TILL_CHANNEL (call->self)), &http,
                          g_task_get_cancellable (call->task), on_answer_cb, call);
}

static void
sign_then (Call               *call,
           GAsyncReadyCallback callback)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, callback, call);

  g_task_set_task_data (task, call, NULL);
  g_task_run_in_thread (task, sign_call);
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
put_yuan (JsonBuilder *builder,
          const char  *name,
          TillMoney    amount)
{
  g_autofree char *text = till_money_format (amount);

  put_text (builder, name, text);
}

static char *
end_json (JsonBuilder *builder)
{
  g_autoptr(JsonNode) root = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

/* {"out_trade_no": …}, which is all that many calls want. */
static char *
name_trade (const char *attempt_no)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_text (builder, "out_trade_no", attempt_no);
  return end_json (builder);
}

/*
 * Create
 */

static void
on_code (Call       *call,
         JsonObject *answer,
         GBytes     *raw)
{
  const char *code = till_json_get_text (answer, "qr_code");

  if (code != NULL && g_strcmp0 (till_json_get_text (answer, "out_trade_no"),
                                 call->attempt_no) == 0)
    end_with (call, g_strdup (code), g_free);
  else
    end_bare (call, "the code of this order");
}

/* A page is not asked for: its address is signed, and the phone goes there. */
static void
on_page_signed_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autofree char *form = g_task_propagate_pointer (G_TASK (result), &error);

  if (form == NULL)
    end_call (call, error);
  else
    end_with (call, g_strconcat (call->self->gateway_url, "?", form, NULL), g_free);
}

static void
till_alipay_create (TillChannel          *channel,
                    const TillTradeTerms *terms,
                    GTask                *task)
{
  const gboolean page = terms->kind != TILL_TRADE_KIND_QR;
  Call *call = call_new (channel, task, page ? "alipay.trade.wap.pay" : "alipay.trade.precreate",
                         on_code);
  const gint64 left_ms = terms->expires_ms - till_clock_now_ms ();
  g_autofree char *timeout = g_strdup_printf ("%" G_GINT64_FORMAT "m",
                                              CLAMP (left_ms / 60000, 1, 120));
  g_autofree char *subject = g_utf8_substring (terms->subject, 0,
                                               MIN (g_utf8_strlen (terms->subject, -1),
                                                    SUBJECT_MAX));
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_text (builder, "out_trade_no", terms->attempt_no);
  put_yuan (builder, "total_amount", terms->amount);
  put_text (builder, "subject", subject);
  put_text (builder, "timeout_express", timeout);
  put_text (builder, "seller_id", call->self->seller_id);
  if (page)
    put_text (builder, "product_code", "QUICK_WAP_WAY");
  if (page && terms->return_url != NULL)
    put_text (builder, "quit_url", terms->return_url);
  call->content = end_json (builder);
  call->notify_url = g_strdup (terms->notify_url);
  call->return_url = page ? g_strdup (terms->return_url) : NULL;
  call->attempt_no = g_strdup (terms->attempt_no);
  sign_then (call, page ? on_page_signed_cb : on_signed_cb);
}

/*
 * Query and close
 */

static TillTrade *
new_trade (const Call    *call,
           TillTradeState state)
{
  TillTrade *trade = till_trade_new (TILL_METHOD_ALIPAY);

  trade->state = state;
  trade->attempt_no = g_strdup (call->attempt_no);
  return trade;
}

/* @call stays the caller's. */
static TillTrade *
read_trade (Call       *call,
            JsonObject *answer,
            GBytes     *raw,
            GError    **error)
{
  g_autoptr(TillTrade) trade = NULL;

  if (answer == NULL)
    return new_trade (call, TILL_TRADE_STATE_NONE);

  trade = new_trade (call, TILL_TRADE_STATE_WAITING);
  trade->txn = g_strdup (till_json_get_text (answer, "trade_no"));
  trade->payer = g_strdup (till_json_get_text (answer, "buyer_logon_id"));
  trade->paid_ms = till_alipay_parse_time (till_json_get_text (answer, "send_pay_date"));
  trade->state = till_alipay_state_of (till_json_get_text (answer, "trade_status"),
                                       trade->paid_ms != 0);
  trade->raw = g_bytes_ref (raw);

  if (g_strcmp0 (till_json_get_text (answer, "out_trade_no"), call->attempt_no) == 0 &&
      trade->txn != NULL &&
      till_alipay_parse_yuan (till_json_get_text (answer, "total_amount"), &trade->amount))
    return g_steal_pointer (&trade);

  g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                       "Alipay answers about another order, or without its amount");
  return NULL;
}

static void
on_trade (Call       *call,
          JsonObject *answer,
          GBytes     *raw)
{
  GError *error = NULL;
  TillTrade *trade = read_trade (call, answer, raw, &error);

  if (trade != NULL)
    end_with (call, trade, (GDestroyNotify)till_trade_unref);
  else
    end_call (call, error);
}

static Call *
query_new (TillChannel *channel,
           const char  *attempt_no,
           GTask       *task,
           CallDone     done)
{
  Call *call = call_new (channel, task, "alipay.trade.query", done);

  call->attempt_no = g_strdup (attempt_no);
  call->content = name_trade (attempt_no);
  call->none_code = "ACQ.TRADE_NOT_EXIST";
  return call;
}

static void
till_alipay_query (TillChannel *channel,
                   const char  *attempt_no,
                   GTask       *task)
{
  sign_then (query_new (channel, attempt_no, task, on_trade), on_signed_cb);
}

static void
on_cancelled (Call       *call,
              JsonObject *answer,
              GBytes     *raw)
{
  const char *action = till_json_get_text (answer, "action");
  const gboolean refunded = g_strcmp0 (action, "refund") == 0;

  end_with (call,
            new_trade (call, answer == NULL ? TILL_TRADE_STATE_NONE
                       : refunded ? TILL_TRADE_STATE_REFUNDED : TILL_TRADE_STATE_CLOSED),
            (GDestroyNotify)till_trade_unref);
}

/* A cancel gives back what was paid; so what was paid is found first, and kept. */
static void
on_looked (Call       *call,
           JsonObject *answer,
           GBytes     *raw)
{
  GError *error = NULL;
  TillTrade *trade = read_trade (call, answer, raw, &error);
  Call *cancel;

  if (trade == NULL)
    {
      end_call (call, error);
      return;
    }

  if (trade->state != TILL_TRADE_STATE_WAITING && trade->state != TILL_TRADE_STATE_NONE)
    {
      end_with (call, trade, (GDestroyNotify)till_trade_unref);
      return;
    }

  till_trade_unref (trade);
  cancel = call_new (TILL_CHANNEL (call->self), g_object_ref (call->task), "alipay.trade.cancel",
                     on_cancelled);
  cancel->attempt_no = g_strdup (call->attempt_no);
  cancel->content = name_trade (call->attempt_no);
  cancel->none_code = "ACQ.TRADE_NOT_EXIST";
  call_free (call);
  sign_then (cancel, on_signed_cb);
}

static void
till_alipay_close (TillChannel *channel,
                   const char  *attempt_no,
                   GTask       *task)
{
  sign_then (query_new (channel, attempt_no, task, on_looked), on_signed_cb);
}

/*
 * Refunds
 */

static TillRefundTrade *
new_refund (const Call     *call,
            TillRefundState state,
            GBytes         *raw)
{
  TillRefundTrade *refund = till_refund_trade_new (TILL_METHOD_ALIPAY);

  refund->state = state;
  refund->attempt_no = g_strdup (call->attempt_no);
  refund->refund_no = g_strdup (call->refund_no);
  refund->amount = call->amount;
  refund->raw = raw != NULL ? g_bytes_ref (raw) : NULL;
  return refund;
}

/* “N” also says that it was done before: then the refund itself is asked. */
static void
on_refund (Call       *call,
           JsonObject *answer,
           GBytes     *raw)
{
  const gboolean moved = g_strcmp0 (till_json_get_text (answer, "fund_change"), "Y") == 0;

  end_with (call, new_refund (call, moved ? TILL_REFUND_STATE_DONE : TILL_REFUND_STATE_PROCESSING,
                              raw), (GDestroyNotify)till_refund_trade_unref);
}

static void
till_alipay_refund (TillChannel           *channel,
                    const TillRefundTerms *terms,
                    GTask                 *task)
{
  Call *call = call_new (channel, task, "alipay.trade.refund", on_refund);
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_text (builder, "out_trade_no", terms->attempt_no);
  put_yuan (builder, "refund_amount", terms->amount);
  put_text (builder, "out_request_no", terms->refund_no);
  if (terms->reason != NULL)
    put_text (builder, "refund_reason", terms->reason);
  call->content = end_json (builder);
  call->attempt_no = g_strdup (terms->attempt_no);
  call->refund_no = g_strdup (terms->refund_no);
  call->amount = terms->amount;
  sign_then (call, on_signed_cb);
}

static void
on_refund_asked (Call       *call,
                 JsonObject *answer,
                 GBytes     *raw)
{
  const char *number = till_json_get_text (answer, "out_request_no");
  const char *status = till_json_get_text (answer, "refund_status");
  const gboolean ours = g_strcmp0 (number, call->refund_no) == 0;

  till_alipay_parse_yuan (till_json_get_text (answer, "refund_amount"), &call->amount);
  end_with (call, new_refund (call, !ours ? TILL_REFUND_STATE_NONE
                              : status == NULL || g_str_equal (status, "REFUND_SUCCESS")
                              ? TILL_REFUND_STATE_DONE : TILL_REFUND_STATE_PROCESSING, raw),
            (GDestroyNotify)till_refund_trade_unref);
}

static void
till_alipay_query_refund (TillChannel *channel,
                          const char  *attempt_no,
                          const char  *refund_no,
                          GTask       *task)
{
  Call *call = call_new (channel, task, "alipay.trade.fastpay.refund.query", on_refund_asked);
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_text (builder, "out_trade_no", attempt_no);
  put_text (builder, "out_request_no", refund_no);
  call->content = end_json (builder);
  call->attempt_no = g_strdup (attempt_no);
  call->refund_no = g_strdup (refund_no);
  call->none_code = "ACQ.TRADE_NOT_EXIST";
  sign_then (call, on_signed_cb);
}

/*
 * Bills
 */

static void
on_bill_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autoptr(TillHttpReply) reply = till_http_call_finish (result, &error);

  if (reply != NULL && reply->status == 200)
    end_with (call, g_bytes_ref (reply->body), (GDestroyNotify)g_bytes_unref);
  else
    end_call (call, error != NULL ? error
              : g_error_new (TILL_NET_ERROR, TILL_NET_ERROR_UNREACHABLE,
                             "the bill cannot be fetched: %u", reply->status));
}

static void
on_bill_announced (Call       *call,
                   JsonObject *answer,
                   GBytes     *raw)
{
  const char *url = till_json_get_text (answer, "bill_download_url");
  const TillHttpCall http = { .method = "GET", .url = url, .body_max = BILL_MAX };

  if (answer == NULL)
    end_with (call, g_bytes_new (NULL, 0), (GDestroyNotify)g_bytes_unref);
  else if (url == NULL)
    end_bare (call, "the address of the bill");
  else
    till_http_call_async (till_channel_get_http (TILL_CHANNEL (call->self)), &http,
                          g_task_get_cancellable (call->task), on_bill_cb, call);
}

static void
till_alipay_fetch_bill (TillChannel *channel,
                        int          day,
                        GTask       *task)
{
  Call *call = call_new (channel, task, "alipay.data.dataservice.bill.downloadurl.query",
                         on_bill_announced);
  g_autofree char *date = g_strdup_printf ("%04d-%02d-%02d", day / 10000, day / 100 % 100,
                                           day % 100);
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put_text (builder, "bill_type", "trade");
  put_text (builder, "bill_date", date);
  call->content = end_json (builder);
  call->none_code = "isp.bill_not_exist";
  sign_then (call, on_signed_cb);
}

/*
 * Notices, in any thread
 */

static TillNotice *
till_alipay_read (TillChannel     *channel,
                  TillHttpRequest *request,
                  gint64           now_ms,
                  GError         **error)
{
  return till_alipay_read_notice (TILL_ALIPAY (channel)->public_key,
                                  till_http_request_get_body (request), error);
}

static void
till_alipay_answer (TillChannel     *channel,
                    TillHttpRequest *request,
                    gboolean         accepted,
                    const char      *message)
{
  till_http_request_answer_text (request, 200, "text/plain", accepted ? "success" : "fail");
}

static void
till_alipay_describe (TillChannel *channel,
                      GPtrArray   *facts)
{
  TillAlipay *self = TILL_ALIPAY (channel);

  till_channel_add_fact (facts, "app", self->app_id, TRUE);
  till_channel_add_fact (facts, "merchant", self->seller_id, TRUE);
}

static void
till_alipay_finalize (GObject *object)
{
  TillAlipay *self = TILL_ALIPAY (object);

  till_private_key_unref (self->app_key);
  till_public_key_unref (self->public_key);
  g_free (self->gateway_url);
  g_free (self->app_id);
  g_free (self->seller_id);

  G_OBJECT_CLASS (till_alipay_parent_class)->finalize (object);
}

static void
till_alipay_class_init (TillAlipayClass *klass)
{
  TillChannelClass *channel_class = TILL_CHANNEL_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_alipay_finalize;
  channel_class->method = TILL_METHOD_ALIPAY;
  channel_class->create = till_alipay_create;
  channel_class->query = till_alipay_query;
  channel_class->close = till_alipay_close;
  channel_class->refund = till_alipay_refund;
  channel_class->query_refund = till_alipay_query_refund;
  channel_class->fetch_bill = till_alipay_fetch_bill;
  channel_class->read_notice = till_alipay_read;
  channel_class->answer_notice = till_alipay_answer;
  channel_class->describe = till_alipay_describe;
}

static void
till_alipay_init (TillAlipay *self)
{
}

/**
 * till_alipay_new:
 * @config: the settings; copied, the files are read
 * @error: return location for a #GError
 *
 * Makes the channel for the calling thread.
 *
 * Returns: (transfer full): the channel, or %NULL with @error set (%TILL_NET_ERROR_MALFORMED says
 *   which file is wrong)
 */
TillChannel *
till_alipay_new (const TillAlipayConfig *config,
                 GError                **error)
{
  g_autoptr(TillAlipay) self = g_object_new (TILL_TYPE_ALIPAY, NULL);

  self->gateway_url = g_strdup (config->gateway_url != NULL ? config->gateway_url : GATEWAY_URL);
  self->app_id = g_strdup (config->app_id);
  self->seller_id = g_strdup (config->seller_id);
  self->app_key = till_private_key_load (config->app_key_file, error);
  self->public_key = self->app_key != NULL ? till_public_key_load (config->public_key_file, error)
                                           : NULL;

  return self->public_key != NULL ? TILL_CHANNEL (g_steal_pointer (&self)) : NULL;
}
