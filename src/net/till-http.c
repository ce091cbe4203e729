/*
 * till-http.c: one bounded request to somebody else's computer
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <libsoup/soup.h>

#include "till-http.h"

/* From the first byte out to the last one in. */
#define DEADLINE_MS 10000

#define BODY_MAX (1024 * 1024)
#define CHUNK (16 * 1024)

/**
 * TillHttp:
 *
 * Asks over HTTP and HTTPS: each request has a deadline, each answer a greatest size, and nobody is
 * sent on to another address. It belongs to the thread that made it, and answers in that thread's
 * default context.
 */
struct _TillHttp
{
  SoupSession *session;
};

typedef struct
{
  SoupMessage  *message;
  GCancellable *cancellable; /* ours: the deadline, or the caller's */
  GCancellable *outer;       /* (nullable) */
  gulong        outer_id;
  GSource      *deadline;
  gboolean      is_late;
  GInputStream *stream;
  GByteArray   *bytes;
  gsize         body_max;
} Flight;

/**
 * till_http_new:
 *
 * Returns: (transfer full): a client for the calling thread
 */
TillHttp *
till_http_new (void)
{
  TillHttp *self = g_new0 (TillHttp, 1);

  self->session = soup_session_new_with_options ("user-agent", "Tillwatt/" PACKAGE_VERSION,
                                                 "timeout", DEADLINE_MS / 1000, NULL);
  return self;
}

/**
 * till_http_free:
 * @self: (transfer full) (nullable): a client
 *
 * What is under way is given up.
 */
void
till_http_free (TillHttp *self)
{
  if (self == NULL)
    return;

  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_free (self);
}

static void
flight_free (Flight *self)
{
  if (self->outer_id != 0)
    g_cancellable_disconnect (self->outer, self->outer_id);
  g_source_destroy (self->deadline);
  g_source_unref (self->deadline);
  g_clear_object (&self->outer);
  g_clear_object (&self->stream);
  g_object_unref (self->cancellable);
  g_object_unref (self->message);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

static gboolean
on_deadline_cb (gpointer user_data)
{
  Flight *self = user_data;

  self->is_late = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_outer_cancelled_cb (GCancellable *outer,
                       gpointer      user_data)
{
  g_cancellable_cancel (((Flight *)user_data)->cancellable);
}

/* Whatever goes wrong on the way leaves the outcome unknown: only an answer is an answer. */
static void
return_fault (GTask  *task,
              GError *fault)
{
  Flight *self = g_task_get_task_data (task);
  g_autoptr(GError) owned = fault;

  if (self->is_late)
    g_task_return_new_error (task, TILL_NET_ERROR, TILL_NET_ERROR_UNREACHABLE,
                             "no whole answer within %d s", DEADLINE_MS / 1000);
  else if (g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&owned));
  else
    g_task_return_new_error (task, TILL_NET_ERROR, TILL_NET_ERROR_UNREACHABLE, "%s",
                             fault->message);
}

static void
copy_header (const char *name,
             const char *value,
             gpointer    user_data)
{
  g_hash_table_replace (user_data, g_ascii_strdown (name, -1), g_strdup (value));
}

static TillHttpReply *
make_reply (Flight *self)
{
  TillHttpReply *reply = g_new0 (TillHttpReply, 1);

  reply->status = soup_message_get_status (self->message);
  reply->body = g_bytes_new (self->bytes->data, self->bytes->len);
  reply->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  soup_message_headers_foreach (soup_message_get_response_headers (self->message), copy_header,
                                reply->headers);
  return reply;
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Flight *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(GBytes) chunk = g_input_stream_read_bytes_finish (self->stream, result, &error);
  gsize size = 0;
  gconstpointer data;

  if (chunk == NULL)
    {
      return_fault (task, error);
      return;
    }

  data = g_bytes_get_data (chunk, &size);
  if (size == 0)
    {
      g_task_return_pointer (task, make_reply (self), (GDestroyNotify)till_http_reply_free);
      return;
    }

  if (self->bytes->len + size > self->body_max)
    {
      g_task_return_new_error (task, TILL_NET_ERROR, TILL_NET_ERROR_TOO_LARGE,
                               "the answer has more than %" G_GSIZE_FORMAT " octets",
                               self->body_max);
      return;
    }

  g_byte_array_append (self->bytes, data, (guint)size);
  g_input_stream_read_bytes_async (self->stream, CHUNK, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_read_cb, g_steal_pointer (&task));
}

static void
on_sent_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Flight *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (self->stream == NULL)
    {
      return_fault (task, error);
      return;
    }

  g_input_stream_read_bytes_async (self->stream, CHUNK, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_read_cb, g_steal_pointer (&task));
}

static Flight *
flight_new (SoupMessage        *message,
            const TillHttpCall *call,
            GCancellable       *outer)
{
  Flight *self = g_new0 (Flight, 1);

  self->message = message;
  self->cancellable = g_cancellable_new ();
  self->bytes = g_byte_array_new ();
  self->body_max = call->body_max != 0 ? call->body_max : BODY_MAX;
  self->deadline = g_timeout_source_new (DEADLINE_MS);
  g_source_set_callback (self->deadline, on_deadline_cb, self, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());

  if (outer != NULL)
    {
      self->outer = g_object_ref (outer);
      self->outer_id = g_cancellable_connect (outer, G_CALLBACK (on_outer_cancelled_cb), self,
                                              NULL);
    }

  return self;
}

static SoupMessage *
make_message (const TillHttpCall *call)
{
  g_autoptr(GUri) uri = g_uri_parse (call->url, SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED,
                                     NULL);
  SoupMessage *message = uri != NULL ? soup_message_new_from_uri (call->method, uri) : NULL;

  if (message == NULL)
    return NULL;

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  for (const char *const *h = call->headers; h != NULL && h[0] != NULL; h += 2)
    soup_message_headers_replace (soup_message_get_request_headers (message), h[0], h[1]);
  if (call->body != NULL)
    soup_message_set_request_body_from_bytes (message, call->content_type, call->body);

  return message;
}

/**
 * till_http_call_async:
 * @self: a client
 * @call: what is asked; not needed any more when this returns
 * @cancellable: (nullable): gives it up
 * @callback: called with the answer, or the fault
 * @user_data: handed to @callback
 *
 * Asks. An answer of any status is an answer. Faults: %TILL_NET_ERROR_UNREACHABLE when no whole
 * answer came (the outcome is unknown then), %TILL_NET_ERROR_TOO_LARGE, %TILL_NET_ERROR_MALFORMED
 * for a bad address, %G_IO_ERROR_CANCELLED.
 */
void
till_http_call_async (TillHttp           *self,
                      const TillHttpCall *call,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  SoupMessage *message = make_message (call);
  Flight *flight;

  if (message == NULL)
    {
      g_task_return_new_error (task, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                               "“%s” is not an address", call->url);
      g_object_unref (task);
      return;
    }

  flight = flight_new (message, call, cancellable);
  g_task_set_task_data (task, flight, (GDestroyNotify)flight_free);
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, flight->cancellable,
                           on_sent_cb, task);
}

TillHttpReply *
till_http_call_finish (GAsyncResult *result,
                       GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * till_http_reply_get_header:
 * @self: an answer
 * @name: in lower case
 *
 * Returns: (nullable) (transfer none): its value
 */
const char *
till_http_reply_get_header (const TillHttpReply *self,
                            const char          *name)
{
  return g_hash_table_lookup (self->headers, name);
}

void
till_http_reply_free (TillHttpReply *self)
{
  if (self == NULL)
    return;

  g_bytes_unref (self->body);
  g_hash_table_unref (self->headers);
  g_free (self);
}

/**
 * till_http_parse_date:
 * @text: the value of a header “Date”
 * @at_ms: (out): UTC milliseconds; left alone when it is none
 *
 * Returns: whether @text is a date
 */
gboolean
till_http_parse_date (const char *text,
                      gint64     *at_ms)
{
  g_autoptr(GDateTime) date = soup_date_time_new_from_http_string (text);

  if (date == NULL)
    return FALSE;

  *at_ms = g_date_time_to_unix (date) * 1000;
  return TRUE;
}
