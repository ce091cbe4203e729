/*
 * till-gateways.c: the payment gateways as they are set up, and what they send us
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-alipay.h"
#include "till-clock.h"
#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-refund-private.h"
#include "till-wechat.h"

#define N_GATEWAYS 2

/* So many calls in a row without an answer make a gateway “down”. */
#define DOWN_AFTER 3

/* Where platform certificates are kept, in the site's folder. */
#define CERTIFICATE_DIR "wechat-certificates"

/* A site that cannot be reached from outside asks for payments itself. WeChat wants an address all
 * the same: this one leads nowhere, by RFC 2606. */
#define NOWHERE "https://notices-are-not-received.invalid"

typedef struct
{
  TillMethod         method;
  const char        *path;
  const char        *title;
  const char *const *needed; /* settings without which it does not work */
} Kind;

static const char *const wechat_needs[] = {
  "wechat.mchid", "wechat.appid", "wechat.merchant-key-file", "wechat.merchant-serial",
  "wechat.api-v3-key-file", NULL,
};

static const char *const alipay_needs[] = {
  "alipay.app-id", "alipay.seller-id", "alipay.app-key-file", "alipay.public-key-file", NULL,
};

static const Kind kinds[N_GATEWAYS] = {
  { TILL_METHOD_WECHAT, "/notify/wechat", "WeChat Pay", wechat_needs },
  { TILL_METHOD_ALIPAY, "/notify/alipay", "Alipay", alipay_needs },
};

typedef struct
{
  TillGateways *owner;
  const Kind   *kind;
  TillChannel  *channel; /* (nullable) under the owner's lock */
  gboolean      wanted;  /* something of it is set up */
  char         *fault;   /* (nullable) why there is no channel */
  char         *last_fault; /* (nullable) of the last calls, while they fail */
  guint         n_failed;
  gint64        down_ms;
  gint64        last_answer_ms;
  gint64        last_notice_ms;
} Gateway;

/**
 * TillGateways:
 *
 * Both gateways. It belongs to the engine's thread; only the channels are taken by the listener's
 * thread too, under @lock, to check signatures there.
 */
struct _TillGateways
{
  TillCore *core;
  GMutex    lock;
  Gateway   all[N_GATEWAYS];
};

static Gateway *
find_gateway (TillCore  *core,
              TillMethod method)
{
  TillGateways *self = core->gateways;

  if (self != NULL)
    for (guint i = 0; i < N_GATEWAYS; i++)
      if (self->all[i].kind->method == method)
        return &self->all[i];

  return NULL;
}

static TillChannel *
ref_channel (Gateway *gateway)
{
  TillChannel *channel;

  g_mutex_lock (&gateway->owner->lock);
  channel = gateway->channel != NULL ? g_object_ref (gateway->channel) : NULL;
  g_mutex_unlock (&gateway->owner->lock);

  return channel;
}

static const char *
get_text (TillCore   *core,
          const char *key)
{
  const char *text = till_config_get (core->config, key);

  return *text != '\0' ? text : NULL;
}

static TillChannel *
make_wechat (TillCore *core,
             GError  **error)
{
  g_autofree char *certificate_dir = g_build_filename (core->data_dir, CERTIFICATE_DIR, NULL);
  const TillWechatConfig config = {
    .base_url = get_text (core, "wechat.base-url"),
    .mchid = get_text (core, "wechat.mchid"),
    .appid = get_text (core, "wechat.appid"),
    .merchant_key_file = get_text (core, "wechat.merchant-key-file"),
    .merchant_serial = get_text (core, "wechat.merchant-serial"),
    .api_v3_key_file = get_text (core, "wechat.api-v3-key-file"),
    .public_key_file = get_text (core, "wechat.public-key-file"),
    .public_key_id = get_text (core, "wechat.public-key-id"),
    .certificate_dir = certificate_dir,
  };

  return till_wechat_new (&config, error);
}

static TillChannel *
make_alipay (TillCore *core,
             GError  **error)
{
  const TillAlipayConfig config = {
    .gateway_url = get_text (core, "alipay.gateway-url"),
    .app_id = get_text (core, "alipay.app-id"),
    .seller_id = get_text (core, "alipay.seller-id"),
    .app_key_file = get_text (core, "alipay.app-key-file"),
    .public_key_file = get_text (core, "alipay.public-key-file"),
  };

  return till_alipay_new (&config, error);
}

/* Names the first setting that is missing; %NULL when all are there. */
static const char *
find_missing (TillCore *core,
              Gateway  *gateway)
{
  const char *missing = NULL;

  gateway->wanted = FALSE;
  for (const char *const *key = gateway->kind->needed; *key != NULL; key++)
    if (get_text (core, *key) != NULL)
      gateway->wanted = TRUE;
    else if (missing == NULL)
      missing = *key;

  return missing;
}

static void
set_up (TillCore *core,
        Gateway  *gateway)
{
  const char *missing = find_missing (core, gateway);
  g_autoptr(GError) error = NULL;
  g_autoptr(TillChannel) channel = NULL;
  g_autoptr(TillChannel) old = NULL;

  g_clear_pointer (&gateway->fault, g_free);
  g_clear_pointer (&gateway->last_fault, g_free);
  gateway->n_failed = 0;

  if (missing != NULL)
    gateway->fault = g_strdup_printf ("%s is not set", missing);
  else
    {
      channel = gateway->kind->method == TILL_METHOD_WECHAT ? make_wechat (core, &error)
                                                            : make_alipay (core, &error);
      if (channel == NULL)
        gateway->fault = g_strdup (error->message);
    }

  if (gateway->fault != NULL && gateway->wanted)
    g_warning ("%s: %s", gateway->kind->title, gateway->fault);

  g_mutex_lock (&gateway->owner->lock);
  old = g_steal_pointer (&gateway->channel);
  gateway->channel = g_steal_pointer (&channel);
  g_mutex_unlock (&gateway->owner->lock);
}

/* Whether the notice is genuine is found out in the listener's thread, so that forged ones cost the
 * engine nothing. */
static gboolean
screen_notice (TillHttpRequest *request,
               gpointer         user_data)
{
  Gateway *gateway = user_data;
  g_autoptr(TillChannel) channel = ref_channel (gateway);
  g_autoptr(GError) error = NULL;
  TillNotice *notice;

  if (channel == NULL)
    {
      till_http_request_answer (request, 503, NULL, NULL);
      return FALSE;
    }

  notice = till_channel_read_notice (channel, request, till_clock_now_ms (), &error);
  if (notice != NULL)
    {
      till_http_request_set_finding (request, notice, (GDestroyNotify)till_notice_unref);
      return TRUE;
    }

  g_message ("%s: a notice from %s was refused: %s", gateway->kind->title,
             till_http_request_get_peer (request), error->message);
  till_channel_answer_notice (channel, request, FALSE, error->message);
  return FALSE;
}

typedef struct
{
  Gateway         *gateway;
  TillHttpRequest *request;
} Answer;

/* The gateway hears of success only when the books have it; otherwise it comes again. */
static void
on_notice_taken (TillCore     *core,
                 const GError *error,
                 gpointer      user_data)
{
  Answer *answer = user_data;
  g_autoptr(TillChannel) channel = ref_channel (answer->gateway);

  if (channel != NULL)
    till_channel_answer_notice (channel, answer->request, error == NULL,
                                error != NULL ? "not stored, come again" : NULL);

  till_http_request_unref (answer->request);
  g_free (answer);
}

static void
handle_notice (TillHttpRequest *request,
               gpointer         user_data)
{
  Gateway *gateway = user_data;
  TillCore *core = gateway->owner->core;
  TillNotice *notice = till_http_request_get_finding (request);
  Answer *answer = g_new0 (Answer, 1);

  answer->gateway = gateway;
  answer->request = till_http_request_ref (request);
  gateway->last_notice_ms = till_clock_now_ms ();

  if (notice->refund != NULL)
    till_refund_on_trade (core, notice->refund);

  if (notice->trade != NULL && !core->stopping)
    {
      till_payments_take (core, notice->trade, TRUE, on_notice_taken, answer);
      return;
    }

  on_notice_taken (core, NULL, answer);
}

/**
 * till_gateways_start:
 * @core: the core
 * @listener: (nullable): the door for notices, which does not listen yet
 *
 * Sets both gateways up as the settings say, and gives @listener the pages for their notices. A
 * gateway that is not set up, or wrongly, is not an error: the desk takes cash.
 */
void
till_gateways_start (TillCore     *core,
                     TillListener *listener)
{
  TillGateways *self = g_new0 (TillGateways, 1);

  self->core = core;
  g_mutex_init (&self->lock);
  core->gateways = self;

  for (guint i = 0; i < N_GATEWAYS; i++)
    {
      Gateway *gateway = &self->all[i];

      gateway->owner = self;
      gateway->kind = &kinds[i];
      set_up (core, gateway);
      if (listener == NULL)
        continue;

      till_listener_add_route (listener, "POST", kinds[i].path, handle_notice, core->context,
                               gateway, NULL);
      till_listener_set_screen (listener, kinds[i].path, screen_notice);
    }
}

/**
 * till_gateways_stop:
 * @core: the core; its listener is stopped
 *
 * Lets the gateways go.
 */
void
till_gateways_stop (TillCore *core)
{
  TillGateways *self = core->gateways;

  if (self == NULL)
    return;

  for (guint i = 0; i < N_GATEWAYS; i++)
    {
      g_clear_object (&self->all[i].channel);
      g_free (self->all[i].fault);
      g_free (self->all[i].last_fault);
    }

  g_mutex_clear (&self->lock);
  g_free (self);
  core->gateways = NULL;
}

/**
 * till_gateways_reload:
 * @core: the core
 *
 * Sets both up again after a setting has changed. Calls under way are answered by the old ones.
 */
void
till_gateways_reload (TillCore *core)
{
  TillGateways *self = core->gateways;

  if (self == NULL)
    return;

  for (guint i = 0; i < N_GATEWAYS; i++)
    set_up (core, &self->all[i]);

  till_core_emit_conditions (core);
}

/**
 * till_gateways_get:
 * @core: the core
 * @method: WECHAT or ALIPAY
 * @error: return location for a #GError
 *
 * Returns: (transfer none): the gateway, or %NULL with @error set (%TILL_RULE_ERROR_CLOSED when it
 *   is not set up, or no instance runs)
 */
TillChannel *
till_gateways_get (TillCore  *core,
                   TillMethod method,
                   GError   **error)
{
  Gateway *gateway = find_gateway (core, method);

  if (gateway != NULL && gateway->channel != NULL)
    return gateway->channel;

  if (gateway == NULL)
    g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                         "online payments need the running program; start it first");
  else
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                 "%s is not set up (%s); take cash, pos or transfer", gateway->kind->title,
                 gateway->fault);
  return NULL;
}

/**
 * till_gateways_get_notify_url:
 * @core: the core
 * @method: WECHAT or ALIPAY
 *
 * Returns: (transfer full): the address where that gateway is to send its notices
 */
char *
till_gateways_get_notify_url (TillCore  *core,
                              TillMethod method)
{
  Gateway *gateway = find_gateway (core, method);
  const char *url = get_text (core, "public-url");
  gsize length;

  if (url == NULL || gateway == NULL)
    return g_strconcat (NOWHERE, gateway != NULL ? gateway->kind->path : "/", NULL);

  length = strlen (url);
  if (url[length - 1] == '/')
    length--;

  return g_strdup_printf ("%.*s%s", (int)length, url, gateway->kind->path);
}

/**
 * till_gateways_is_ours:
 * @core: the core
 * @trade: a genuine payment
 * @noticed: whether a notice tells of it, which must name us; an answer to a question of ours need
 *   not
 *
 * Returns: whether the money was paid to our merchant and application
 */
gboolean
till_gateways_is_ours (TillCore        *core,
                       const TillTrade *trade,
                       gboolean         noticed)
{
  const gboolean wechat = trade->method == TILL_METHOD_WECHAT;
  const char *merchant = till_config_get (core->config,
                                          wechat ? "wechat.mchid" : "alipay.seller-id");
  const char *app = till_config_get (core->config, wechat ? "wechat.appid" : "alipay.app-id");

  if (noticed && (trade->merchant == NULL || trade->app == NULL))
    return FALSE;

  return (trade->merchant == NULL || g_str_equal (trade->merchant, merchant)) &&
         (trade->app == NULL || g_str_equal (trade->app, app));
}

/**
 * till_gateways_note_result:
 * @core: the core
 * @method: WECHAT or ALIPAY
 * @error: (nullable): of a call; %NULL when it was answered
 *
 * Keeps whether a gateway answers. A refusal is an answer.
 */
void
till_gateways_note_result (TillCore     *core,
                           TillMethod    method,
                           const GError *error)
{
  Gateway *gateway = find_gateway (core, method);
  const gboolean was_down = gateway != NULL && gateway->n_failed >= DOWN_AFTER;

  if (gateway == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (error == NULL || g_error_matches (error, TILL_NET_ERROR, TILL_NET_ERROR_REFUSED))
    {
      gateway->last_answer_ms = till_clock_now_ms ();
      gateway->n_failed = 0;
      g_clear_pointer (&gateway->last_fault, g_free);
    }
  else
    {
      g_free (gateway->last_fault);
      gateway->last_fault = g_strdup (error->message);
      if (++gateway->n_failed == DOWN_AFTER)
        gateway->down_ms = till_clock_now_ms ();
    }

  if (was_down != (gateway->n_failed >= DOWN_AFTER))
    till_core_emit_conditions (core);
}

/**
 * till_gateways_add_conditions:
 * @core: the core
 * @list: (element-type TillCondition): gateways that are wanted and do not work are appended here
 */
void
till_gateways_add_conditions (TillCore  *core,
                              GPtrArray *list)
{
  TillGateways *self = core->gateways;

  if (self == NULL)
    return;

  for (guint i = 0; i < N_GATEWAYS; i++)
    {
      Gateway *gateway = &self->all[i];
      const gboolean down = gateway->n_failed >= DOWN_AFTER;
      TillCondition *condition;

      if (!gateway->wanted || (gateway->fault == NULL && !down))
        continue;

      condition = till_condition_new ();
      condition->kind = TILL_CONDITION_GATEWAY_DOWN;
      condition->subject_id = gateway->kind->method;
      condition->subject = g_strdup (gateway->kind->title);
      condition->count = 1;
      condition->since_ms = down ? gateway->down_ms : core->started_ms;
      condition->message = g_strdup (down ? gateway->last_fault : gateway->fault);
      g_ptr_array_add (list, condition);
    }
}

static void
fill_facts (TillGateway *record,
            Gateway     *gateway)
{
  g_autoptr(GPtrArray) facts = gateway->channel != NULL ? till_channel_describe (gateway->channel)
                                                        : NULL;
  const guint n = facts != NULL ? facts->len : 0;

  record->keys = g_new0 (char *, n + 1);
  record->values = g_new0 (char *, n + 1);
  record->good = g_new0 (gboolean, n + 1);

  for (guint i = 0; i < n; i++)
    {
      TillChannelFact *fact = g_ptr_array_index (facts, i);

      record->keys[i] = g_strdup (fact->key);
      record->values[i] = g_strdup (fact->value);
      record->good[i] = fact->good;
    }
}

/**
 * till_gateways_list:
 * @core: the core
 *
 * Returns: (transfer full) (element-type TillGateway): both gateways, for the diagnostics
 */
GPtrArray *
till_gateways_list (TillCore *core)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_gateway_unref);
  TillGateways *self = core->gateways;

  for (guint i = 0; self != NULL && i < N_GATEWAYS; i++)
    {
      Gateway *gateway = &self->all[i];
      TillGateway *record = till_gateway_new ();

      record->method = gateway->kind->method;
      record->configured = gateway->channel != NULL;
      record->usable = gateway->channel != NULL && gateway->n_failed < DOWN_AFTER;
      record->fault = g_strdup (gateway->fault != NULL ? gateway->fault : gateway->last_fault);
      record->last_notice_ms = gateway->last_notice_ms;
      record->last_answer_ms = gateway->last_answer_ms;
      fill_facts (record, gateway);
      g_ptr_array_add (list, record);
    }

  return list;
}
