/*
 * till-channel.c: a payment gateway, whichever it is
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <stdlib.h>

#include "till-channel-private.h"
#include "till-clock.h"

/* Gateways refuse what is signed five minutes off; a minute is time to set the clock. */
#define CLOCK_GOOD_MS (60 * 1000)

typedef struct
{
  TillHttp *http;
  gint64    clock_offset_ms; /* theirs minus ours */
  gboolean  knows_clock;
  gint64    last_answer_ms;
  char     *last_fault; /* (nullable) of the last call */
} TillChannelPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TillChannel, till_channel, G_TYPE_OBJECT)

static TillChannelPrivate *
get_private (TillChannel *self)
{
  return till_channel_get_instance_private (self);
}

static void
till_channel_finalize (GObject *object)
{
  TillChannelPrivate *priv = get_private (TILL_CHANNEL (object));

  g_clear_pointer (&priv->http, till_http_free);
  g_free (priv->last_fault);

  G_OBJECT_CLASS (till_channel_parent_class)->finalize (object);
}

static void
till_channel_class_init (TillChannelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_channel_finalize;
}

static void
till_channel_init (TillChannel *self)
{
  get_private (self)->http = till_http_new ();
}

void
till_channel_fact_free (TillChannelFact *self)
{
  if (self == NULL)
    return;

  g_free (self->value);
  g_free (self);
}

TillMethod
till_channel_get_method (TillChannel *self)
{
  return TILL_CHANNEL_GET_CLASS (self)->method;
}

TillHttp *
till_channel_get_http (TillChannel *self)
{
  return get_private (self)->http;
}

/**
 * till_channel_note_reply:
 * @self: a channel
 * @reply: (nullable): what came back
 * @error: (nullable): what went wrong with it
 *
 * Keeps for the diagnostics when the gateway answered last, and how far its clock is from ours.
 */
void
till_channel_note_reply (TillChannel         *self,
                         const TillHttpReply *reply,
                         const GError        *error)
{
  TillChannelPrivate *priv = get_private (self);
  const char *date = reply != NULL ? till_http_reply_get_header (reply, "date") : NULL;
  gint64 theirs_ms = 0;

  g_clear_pointer (&priv->last_fault, g_free);
  if (error != NULL)
    priv->last_fault = g_strdup (error->message);
  if (reply == NULL)
    return;

  priv->last_answer_ms = till_clock_now_ms ();
  if (date != NULL && till_http_parse_date (date, &theirs_ms))
    {
      priv->clock_offset_ms = theirs_ms - priv->last_answer_ms;
      priv->knows_clock = TRUE;
    }
}

void
till_channel_add_fact (GPtrArray  *facts,
                       const char *key,
                       const char *value,
                       gboolean    good)
{
  TillChannelFact *fact = g_new0 (TillChannelFact, 1);

  fact->key = key;
  fact->value = g_strdup (value != NULL ? value : "");
  fact->good = good;
  g_ptr_array_add (facts, fact);
}

/*
 * JSON of strangers: what is missing, or of another type, is simply not there.
 */

JsonParser *
till_json_parse (const char *text,
                 gssize      size,
                 GError    **error)
{
  g_autoptr(JsonParser) parser = json_parser_new_immutable ();
  g_autoptr(GError) local = NULL;

  if (json_parser_load_from_data (parser, text, size, &local))
    {
      JsonNode *root = json_parser_get_root (parser);

      if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
        return g_steal_pointer (&parser);
    }

  g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED, "not a JSON object: %s",
               local != NULL ? local->message : "something else");
  return NULL;
}

JsonObject *
till_json_get_root (JsonParser *parser)
{
  return json_node_get_object (json_parser_get_root (parser));
}

const char *
till_json_get_text (JsonObject *object,
                    const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
         json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

gboolean
till_json_get_int (JsonObject *object,
                   const char *name,
                   gint64     *value)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;

  *value = json_node_get_int (node);
  return TRUE;
}

JsonObject *
till_json_get_object (JsonObject *object,
                      const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/*
 * Calls
 */

static GTask *
new_task (TillChannel        *self,
          GCancellable       *cancellable,
          GAsyncReadyCallback callback,
          gpointer            user_data)
{
  return g_task_new (self, cancellable, callback, user_data);
}

static gpointer
finish (TillChannel  *self,
        GAsyncResult *result,
        GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_channel_create_async (TillChannel          *self,
                           const TillTradeTerms *terms,
                           GCancellable         *cancellable,
                           GAsyncReadyCallback   callback,
                           gpointer              user_data)
{
  TILL_CHANNEL_GET_CLASS (self)->create (self, terms,
                                         new_task (self, cancellable, callback, user_data));
}

char *
till_channel_create_finish (TillChannel  *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return finish (self, result, error);
}

void
till_channel_query_async (TillChannel        *self,
                          const char         *attempt_no,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  TILL_CHANNEL_GET_CLASS (self)->query (self, attempt_no,
                                        new_task (self, cancellable, callback, user_data));
}

TillTrade *
till_channel_query_finish (TillChannel  *self,
                           GAsyncResult *result,
                           GError      **error)
{
  return finish (self, result, error);
}

void
till_channel_close_async (TillChannel        *self,
                          const char         *attempt_no,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  TILL_CHANNEL_GET_CLASS (self)->close (self, attempt_no,
                                        new_task (self, cancellable, callback, user_data));
}

TillTrade *
till_channel_close_finish (TillChannel  *self,
                           GAsyncResult *result,
                           GError      **error)
{
  return finish (self, result, error);
}

void
till_channel_refund_async (TillChannel           *self,
                           const TillRefundTerms *terms,
                           GCancellable          *cancellable,
                           GAsyncReadyCallback    callback,
                           gpointer               user_data)
{
  TILL_CHANNEL_GET_CLASS (self)->refund (self, terms,
                                         new_task (self, cancellable, callback, user_data));
}

TillRefundTrade *
till_channel_refund_finish (TillChannel  *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return finish (self, result, error);
}

void
till_channel_query_refund_async (TillChannel        *self,
                                 const char         *attempt_no,
                                 const char         *refund_no,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  TILL_CHANNEL_GET_CLASS (self)->query_refund (self, attempt_no, refund_no,
                                               new_task (self, cancellable, callback, user_data));
}

TillRefundTrade *
till_channel_query_refund_finish (TillChannel  *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  return finish (self, result, error);
}

void
till_channel_fetch_bill_async (TillChannel        *self,
                               int                 day,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  TILL_CHANNEL_GET_CLASS (self)->fetch_bill (self, day,
                                             new_task (self, cancellable, callback, user_data));
}

GBytes *
till_channel_fetch_bill_finish (TillChannel  *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return finish (self, result, error);
}

TillNotice *
till_channel_read_notice (TillChannel     *self,
                          TillHttpRequest *request,
                          gint64           now_ms,
                          GError         **error)
{
  return TILL_CHANNEL_GET_CLASS (self)->read_notice (self, request, now_ms, error);
}

void
till_channel_answer_notice (TillChannel     *self,
                            TillHttpRequest *request,
                            gboolean         accepted,
                            const char      *message)
{
  TILL_CHANNEL_GET_CLASS (self)->answer_notice (self, request, accepted, message);
}

/**
 * till_channel_describe:
 * @self: a channel
 *
 * Returns: (transfer full) (element-type TillChannelFact): what the diagnostics show
 */
GPtrArray *
till_channel_describe (TillChannel *self)
{
  TillChannelPrivate *priv = get_private (self);
  GPtrArray *facts = g_ptr_array_new_with_free_func ((GDestroyNotify)till_channel_fact_free);
  g_autofree char *when = priv->last_answer_ms != 0 ? till_clock_format (priv->last_answer_ms)
                                                    : NULL;
  g_autofree char *offset = g_strdup_printf ("%" G_GINT64_FORMAT, priv->clock_offset_ms / 1000);

  TILL_CHANNEL_GET_CLASS (self)->describe (self, facts);
  if (priv->knows_clock)
    till_channel_add_fact (facts, "clock-offset-s", offset,
                           llabs (priv->clock_offset_ms) < CLOCK_GOOD_MS);
  till_channel_add_fact (facts, "last-answer", when, when != NULL);
  if (priv->last_fault != NULL)
    till_channel_add_fact (facts, "last-fault", priv->last_fault, FALSE);

  return facts;
}
