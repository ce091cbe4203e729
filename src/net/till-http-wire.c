/*
 * till-http-wire.c: what is allowed on the wire, and what libsoup's messages are made of
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <string.h>

#include "till-guarded-stream.h"
#include "till-http-head.h"
#include "till-http-wire.h"

static void
on_got_headers_cb (SoupServerMessage *message,
                   gpointer           user_data)
{
  /* libsoup would answer with as many copies of the body as there are ranges. */
  soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
}

/* A length was judged before; chunks have none. libsoup would read on, so it loses the stream. */
static void
on_got_chunk_cb (SoupServerMessage *message,
                 GBytes            *chunk,
                 TillConnection    *connection)
{
  g_autoptr(GIOStream) stream = NULL;
  gsize size = till_connection_count_octets (connection, g_bytes_get_size (chunk));

  if (size <= TILL_HTTP_BODY_OCTETS_MAX)
    return;

  till_guarded_stream_refuse (connection, 413, "the body is larger than 65536 octets");
  stream = soup_server_message_steal_connection (message);
  g_io_stream_close (stream, NULL, NULL);
}

static void
on_wrote_body_cb (SoupServerMessage *message,
                  TillConnection    *connection)
{
  till_connection_finish (connection);
}

static void
on_request_started_cb (SoupServer        *server,
                       SoupServerMessage *message,
                       gpointer           user_data)
{
  TillConnection *connection =
    till_connection_of (soup_server_message_get_remote_address (message));

  /* For the answers that libsoup gives by itself. */
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Connection", "close");

  g_signal_connect (message, "got-headers", G_CALLBACK (on_got_headers_cb), NULL);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_got_chunk_cb), connection);
  g_signal_connect (message, "wrote-body", G_CALLBACK (on_wrote_body_cb), connection);
}

/**
 * till_http_wire_watch:
 * @server: a server with connections of an acceptor
 *
 * Holds every request, whose head was good, to what remains: 64 KiB, no ranges.
 */
void
till_http_wire_watch (SoupServer *server)
{
  g_signal_connect (server, "request-started", G_CALLBACK (on_request_started_cb), NULL);
}

/**
 * till_http_wire_set_answer:
 * @message: a message that is not written yet
 * @status: an HTTP status
 * @content_type: (nullable): of @body
 * @body: (nullable): the octets
 *
 * Makes the answer. Whatever libsoup may have done to its headers before (it empties them after a
 * “100 Continue”), the connection is closed: kept alive, it would leak in libsoup 3.2.
 */
void
till_http_wire_set_answer (SoupServerMessage *message,
                           guint              status,
                           const char        *content_type,
                           GBytes            *body)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, status, NULL);
  soup_message_headers_replace (headers, "Connection", "close");
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");

  if (content_type != NULL)
    soup_message_headers_replace (headers, "Content-Type", content_type);
  if (body != NULL && g_bytes_get_size (body) > 0)
    soup_message_body_append_bytes (soup_server_message_get_response_body (message), body);
}

/**
 * till_http_wire_set_error:
 * @message: a message that is not written yet
 * @status: an HTTP status
 * @text: what is wrong, without quotation marks
 *
 * Makes an answer that says what is wrong.
 */
void
till_http_wire_set_error (SoupServerMessage *message,
                          guint              status,
                          const char        *text)
{
  g_autofree char *json = g_strdup_printf ("{\"error\":\"%s\"}\n", text);
  g_autoptr(GBytes) body = g_bytes_new (json, strlen (json));

  till_http_wire_set_answer (message, status, "application/json", body);
}

/**
 * till_http_wire_copy_headers:
 * @headers: what libsoup read
 *
 * Copies headers into a table that no one changes. The values of one that came more than once are
 * joined; there are 100 of them at most.
 *
 * Returns: (transfer full): names in lower case and their values
 */
GHashTable *
till_http_wire_copy_headers (SoupMessageHeaders *headers)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      char *key = g_ascii_strdown (name, -1);
      const char *before = g_hash_table_lookup (copy, key);

      g_hash_table_replace (copy, key, before == NULL ? g_strdup (value)
                                                      : g_strconcat (before, ", ", value, NULL));
    }

  return copy;
}

/**
 * till_http_wire_find_peer:
 * @connection: over which a request came
 * @headers: those of the request
 *
 * Finds out who asks. The proxy appends the address that it saw to X-Forwarded-For, so that only
 * the last one in there is not the client's invention.
 *
 * Returns: (transfer full): an address in figures
 */
char *
till_http_wire_find_peer (TillConnection *connection,
                          GHashTable     *headers)
{
  GSocketAddress *remote = till_connection_get_remote_address (connection);
  GInetAddress *seen = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  const char *forwarded = g_hash_table_lookup (headers, "x-forwarded-for");

  if (till_connection_is_proxy (connection) && forwarded != NULL)
    {
      const char *comma = strrchr (forwarded, ',');
      g_autofree char *last = g_strstrip (g_strdup (comma != NULL ? comma + 1 : forwarded));
      g_autoptr(GInetAddress) address = g_inet_address_new_from_string (last);

      if (address != NULL)
        return g_inet_address_to_string (address);
    }

  return g_inet_address_to_string (seen);
}
