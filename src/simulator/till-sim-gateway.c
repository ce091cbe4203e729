/*
 * till-sim-gateway.c: WeChat Pay and Alipay, simulated, with a customer who pays
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-money.h"
#include "till-sim-gateway-private.h"

/* The real ones repeat over a day; this one over a minute. */
#define NOTICES_MAX 6
#define NOTICE_GAP_MS 2000
#define SLOW_MS 3000

static char *
make_key (gboolean    wechat,
          const char *no)
{
  return g_strconcat (wechat ? "w" : "a", no, NULL);
}

static void
refund_free (TillSimRefund *self)
{
  g_free (self->no);
  g_free (self);
}

static void
trade_free (TillSimTrade *self)
{
  g_free (self->no);
  g_free (self->kind);
  g_free (self->subject);
  g_free (self->notify_url);
  g_free (self->txn);
  g_ptr_array_unref (self->refunds);
  g_free (self);
}

TillSimTrade *
till_sim_gateway_find (TillSimGateway *self,
                       gboolean        wechat,
                       const char     *no)
{
  g_autofree char *key = no != NULL ? make_key (wechat, no) : NULL;

  return key != NULL ? g_hash_table_lookup (self->trades, key) : NULL;
}

TillSimTrade *
till_sim_gateway_add (TillSimGateway *self,
                      gboolean        wechat,
                      const char     *no)
{
  TillSimTrade *trade = g_new0 (TillSimTrade, 1);

  trade->wechat = wechat;
  trade->no = g_strdup (no);
  trade->refunds = g_ptr_array_new_with_free_func ((GDestroyNotify)refund_free);
  g_hash_table_replace (self->trades, make_key (wechat, no), trade);
  return trade;
}

gboolean
till_sim_trade_is_over (const TillSimTrade *trade)
{
  return trade->closed || (trade->txn == NULL && till_clock_now_ms () > trade->expires_ms);
}

gint64
till_sim_trade_refunded (const TillSimTrade *trade)
{
  gint64 sum = 0;

  for (guint i = 0; i < trade->refunds->len; i++)
    sum += ((TillSimRefund *)g_ptr_array_index (trade->refunds, i))->fen;

  return sum;
}

/**
 * till_sim_trade_refund:
 * @trade: a trade that is paid
 * @no: the merchant's number of the refund: the same number is the same refund
 * @fen: how much
 * @moved: (out): whether money moved now
 *
 * Returns: whether it can be
 */
gboolean
till_sim_trade_refund (TillSimTrade *trade,
                       const char   *no,
                       gint64        fen,
                       gboolean     *moved)
{
  TillSimRefund *refund;

  *moved = FALSE;
  for (guint i = 0; i < trade->refunds->len; i++)
    {
      refund = g_ptr_array_index (trade->refunds, i);
      if (g_str_equal (refund->no, no))
        return refund->fen == fen;
    }

  if (trade->txn == NULL || fen <= 0 || till_sim_trade_refunded (trade) + fen > trade->paid_fen)
    return FALSE;

  refund = g_new0 (TillSimRefund, 1);
  refund->no = g_strdup (no);
  refund->fen = fen;
  refund->at_ms = till_clock_now_ms ();
  g_ptr_array_add (trade->refunds, refund);
  *moved = TRUE;
  return TRUE;
}

char *
till_sim_gateway_pay_url (TillSimGateway     *self,
                          const TillSimTrade *trade)
{
  return g_strdup_printf ("http://127.0.0.1:%u/pay/%s/%s", self->port,
                          trade->wechat ? "wechat" : "alipay", trade->no);
}

char *
till_sim_json_print (JsonBuilder *builder)
{
  g_autoptr(JsonNode) root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}

void
till_sim_put_text (JsonBuilder *builder,
                   const char  *name,
                   const char  *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

void
till_sim_put_int (JsonBuilder *builder,
                  const char  *name,
                  gint64       value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

const char *
till_sim_get_text (JsonObject *object,
                   const char *name)
{
  return object != NULL ? json_object_get_string_member_with_default (object, name, NULL) : NULL;
}

/*
 * Notices
 */

typedef struct
{
  TillSimGateway *self;
  char           *key;
} Repeat;

static void
repeat_free (Repeat *repeat)
{
  g_free (repeat->key);
  g_free (repeat);
}

static gboolean
on_repeat_cb (gpointer user_data)
{
  Repeat *repeat = user_data;
  TillSimTrade *trade = g_hash_table_lookup (repeat->self->trades, repeat->key);

  if (trade != NULL && trade->wechat)
    till_sim_wechat_notify (repeat->self, trade);
  else if (trade != NULL)
    till_sim_alipay_notify (repeat->self, trade);
  return G_SOURCE_REMOVE;
}

static void
on_noticed_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Repeat *repeat = user_data;
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  g_autoptr(GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);
  TillSimTrade *trade = g_hash_table_lookup (repeat->self->trades, repeat->key);
  gsize size = 0;
  const char *text = body != NULL ? g_bytes_get_data (body, &size) : NULL;
  const gboolean heard = soup_message_get_status (message) == 200 && trade != NULL &&
                         (trade->wechat || (size == 7 && memcmp (text, "success", 7) == 0));

  if (!heard && trade != NULL && trade->n_notices < NOTICES_MAX)
    g_timeout_add_full (G_PRIORITY_DEFAULT, NOTICE_GAP_MS << trade->n_notices, on_repeat_cb,
                        g_steal_pointer (&repeat), (GDestroyNotify)repeat_free);
  g_clear_pointer (&repeat, repeat_free);
}

/**
 * till_sim_gateway_post:
 * @self: the gateways
 * @trade: what it is about
 * @message: a notice
 *
 * Sends a notice, and again until it was heard or it was sent often enough.
 */
void
till_sim_gateway_post (TillSimGateway *self,
                       TillSimTrade   *trade,
                       SoupMessage    *message)
{
  Repeat *repeat = g_new0 (Repeat, 1);

  repeat->self = self;
  repeat->key = make_key (trade->wechat, trade->no);
  trade->n_notices++;
  soup_session_send_and_read_async (self->session, message, G_PRIORITY_DEFAULT, NULL,
                                    on_noticed_cb, repeat);
}

/*
 * The customer
 */

/* What a phone shows: loudly no real gateway. */
static char *
make_page (const TillSimTrade *trade)
{
  g_autofree char *amount = till_money_format (trade->fen);
  g_autofree char *subject = g_markup_escape_text (trade->subject != NULL ? trade->subject : "",
                                                   -1);

  return g_strdup_printf (
    "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><title>演示付款 DEMO</title><style>body{font:18px sans-serif;"
    "max-width:24em;margin:auto;padding:1em;text-align:center}h1{background:#b00;color:#fff;"
    "padding:.5em;border-radius:.4em}b{font-size:2em;display:block;margin:.6em}button{font:inherit;"
    "padding:.7em 2em;border:0;border-radius:.5em;background:%s;color:#fff}</style>"
    "<h1>演示 · DEMO</h1><p>%s</p><p>%s</p><b>¥%s</b>%s</html>",
    trade->wechat ? "#07894a" : "#1367c8", trade->wechat ? "微信支付（模拟）" : "支付宝（模拟）",
    subject, amount, trade->txn != NULL ? "<p>已付款 Paid</p>"
    : till_sim_trade_is_over (trade) ? "<p>已失效 Expired</p>"
    : "<form method=\"post\"><button>付款 Pay</button></form>");
}

static void
notify (TillSimGateway *self,
        TillSimTrade   *trade)
{
  if (self->no_notices || trade->notify_url == NULL ||
      !g_str_has_prefix (trade->notify_url, "http://127.0.0.1"))
    return;

  if (trade->wechat)
    till_sim_wechat_notify (self, trade);
  else
    till_sim_alipay_notify (self, trade);
}

static void
reply (SoupServerMessage *message,
       guint              status,
       const char        *type,
       const char        *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, strlen (text));
}

/* POST pays; `late` even when it is over, `twice` again, `fen` another amount. */
static void
serve_customer (TillSimGateway    *self,
                SoupServerMessage *message,
                const char        *path,
                GHashTable        *query)
{
  g_auto(GStrv) parts = g_strsplit (path, "/", 4);
  const guint n = g_strv_length (parts);
  const gboolean wechat = n > 2 && g_str_equal (parts[2], "wechat");
  TillSimTrade *trade = n > 3 ? till_sim_gateway_find (self, wechat, parts[3]) : NULL;
  const char *fen = query != NULL ? g_hash_table_lookup (query, "fen") : NULL;
  const gboolean twice = query != NULL && g_hash_table_contains (query, "twice");
  const gboolean late = query != NULL && g_hash_table_contains (query, "late");
  g_autofree char *page = NULL;

  if (trade == NULL)
    {
      reply (message, 404, "text/plain", "no such trade\n");
      return;
    }

  trade->scanned = TRUE;
  if (g_str_equal (soup_server_message_get_method (message), "POST") &&
      (trade->txn == NULL || twice))
    {
      if (till_sim_trade_is_over (trade) && !late)
        {
          reply (message, 410, "text/plain", "expired\n");
          return;
        }

      g_free (trade->txn);
      trade->txn = g_strdup_printf ("%s%d%09u", wechat ? "42" : "20",
                                    till_clock_day_of (till_clock_now_ms ()), ++self->serial);
      trade->paid_fen = fen != NULL ? g_ascii_strtoll (fen, NULL, 10) : trade->fen;
      trade->paid_ms = till_clock_now_ms ();
      trade->n_notices = 0;
      notify (self, trade);
    }

  page = make_page (trade);
  reply (message, 200, "text/html; charset=utf-8", page);
}

/* POST /control?mode=…&notices=on|off: how the gateways misbehave. */
static void
serve_control (TillSimGateway    *self,
               SoupServerMessage *message,
               GHashTable        *query)
{
  const char *mode = query != NULL ? g_hash_table_lookup (query, "mode") : NULL;
  const char *notices = query != NULL ? g_hash_table_lookup (query, "notices") : NULL;

  if (mode != NULL)
    {
      g_free (self->mode);
      self->mode = g_str_equal (mode, "up") ? NULL : g_strdup (mode);
    }
  if (notices != NULL)
    self->no_notices = g_str_equal (notices, "off");
  reply (message, 200, "text/plain", "ok\n");
}

static gboolean
on_slow_cb (gpointer user_data)
{
  soup_server_message_unpause (user_data);
  return G_SOURCE_REMOVE;
}

/* Whether the fault of the day has answered already. “lost”: it is done, nobody hears of it. */
static gboolean
misbehave (TillSimGateway    *self,
           SoupServerMessage *message)
{
  if (g_strcmp0 (self->mode, "down") == 0)
    g_io_stream_close (soup_server_message_steal_connection (message), NULL, NULL);
  else if (g_strcmp0 (self->mode, "error500") == 0)
    reply (message, 500, "application/json", "{\"code\":\"SYSTEM_ERROR\",\"message\":\"later\"}");
  else if (g_strcmp0 (self->mode, "garbage") == 0)
    reply (message, 200, "application/json", "{\"trade_state\":\"SUCCESS\"");
  else
    return FALSE;

  return TRUE;
}

static void
on_request_cb (SoupServer        *server,
               SoupServerMessage *message,
               const char        *path,
               GHashTable        *query,
               gpointer           user_data)
{
  TillSimGateway *self = user_data;

  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
  if (g_str_has_prefix (path, "/pay/"))
    serve_customer (self, message, path, query);
  else if (g_str_equal (path, "/control"))
    serve_control (self, message, query);
  else if (misbehave (self, message))
    return;
  else if (g_str_has_prefix (path, "/v3/"))
    till_sim_wechat_serve (self, message, path, query);
  else if (g_str_equal (path, "/gateway.do") || g_str_equal (path, "/bill.zip"))
    till_sim_alipay_serve (self, message, query);
  else
    reply (message, 404, "text/plain", "nothing here\n");

  if (g_strcmp0 (self->mode, "lost") == 0 && !g_str_has_prefix (path, "/pay/") &&
      !g_str_equal (path, "/control"))
    g_io_stream_close (soup_server_message_steal_connection (message), NULL, NULL);
  else if (g_strcmp0 (self->mode, "slow") == 0 && !g_str_equal (path, "/control"))
    {
      soup_server_message_pause (message);
      g_timeout_add (SLOW_MS, on_slow_cb, message);
    }
}

/* What a program has to set to use these gateways, as the settings of Tillwatt are called. */
static gboolean
write_settings (TillSimGateway *self,
                const char     *dir,
                GError        **error)
{
  static const struct
  {
    const char *key;
    const char *value; /* of files, the name in the folder */
    gboolean    is_file;
  } settings[] = {
    { "wechat.mchid", TILL_SIM_MCHID, FALSE },
    { "wechat.appid", TILL_SIM_APPID, FALSE },
    { "wechat.merchant-serial", TILL_SIM_MERCHANT_SERIAL, FALSE },
    { "wechat.public-key-id", TILL_SIM_PUBLIC_KEY_ID, FALSE },
    { "wechat.merchant-key-file", "wechat-merchant-key.pem", TRUE },
    { "wechat.api-v3-key-file", "api-v3.key", TRUE },
    { "wechat.public-key-file", "wechat-platform-public.pem", TRUE },
    { "alipay.app-id", TILL_SIM_ALIPAY_APP, FALSE },
    { "alipay.seller-id", TILL_SIM_ALIPAY_SELLER, FALSE },
    { "alipay.app-key-file", "alipay-app-key.pem", TRUE },
    { "alipay.public-key-file", "alipay-platform-public.pem", TRUE },
  };
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autofree char *folder = g_canonicalize_filename (dir, NULL);
  g_autofree char *path = g_build_filename (folder, "settings.ini", NULL);
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u", self->port);
  g_autofree char *gateway = g_strconcat (base, "/gateway.do", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *full = settings[i].is_file
        ? g_build_filename (folder, settings[i].value, NULL) : g_strdup (settings[i].value);

      g_key_file_set_string (file, "settings", settings[i].key, full);
    }

  g_key_file_set_string (file, "settings", "wechat.base-url", base);
  g_key_file_set_string (file, "settings", "alipay.gateway-url", gateway);
  return g_key_file_save_to_file (file, path, error);
}

/**
 * till_sim_gateway_open:
 * @dir: where its keys are
 * @port: on loopback, 0 for a free one
 * @error: return location for a #GError
 *
 * Opens both gateways at one address, in the default main context.
 *
 * Returns: (transfer full): the gateways, or %NULL with @error set
 */
TillSimGateway *
till_sim_gateway_open (const char *dir,
                       guint16     port,
                       GError    **error)
{
  g_autoptr(TillSimGateway) self = g_new0 (TillSimGateway, 1);
  GSList *uris;

  self->trades = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify)trade_free);
  self->serial = (guint)(till_clock_now_ms () / 1000 % 100000) * 1000;
  self->seal = till_sim_seal_open (dir, error);
  if (self->seal == NULL)
    return NULL;

  self->session = soup_session_new_with_options ("timeout", 5, NULL);
  self->server = soup_server_new ("server-header", "Tillwatt-demo-gateway ", NULL);
  soup_server_add_handler (self->server, NULL, on_request_cb, self, NULL);
  if (!soup_server_listen_local (self->server, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return NULL;

  uris = soup_server_get_uris (self->server);
  self->port = (guint16)g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  return write_settings (self, dir, error) ? g_steal_pointer (&self) : NULL;
}

void
till_sim_gateway_free (TillSimGateway *self)
{
  if (self == NULL)
    return;

  g_clear_object (&self->server);
  g_clear_object (&self->session);
  g_clear_pointer (&self->trades, g_hash_table_unref);
  till_sim_seal_free (self->seal);
  g_free (self->mode);
  g_free (self);
}

guint16
till_sim_gateway_get_port (TillSimGateway *self)
{
  return self->port;
}
