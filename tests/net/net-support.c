/*
 * net-support.c: a listener under test, and clients that send what they like
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net-support.h"

const TillAcceptorLimits net_quick_limits =
{
  .connections = 256,
  .per_address = 20,
  .idle_s = 1,
  .total_s = 2,
  .send_s = 2,
};

void
net_fixture_set_up (Fixture      *fixture,
                    gconstpointer data)
{
  const TillListenerConfig config = { 0 };

  fixture->listener = till_listener_new (&config);
  if (data != NULL)
    till_listener_set_limits_for_test (fixture->listener, data);
}

void
net_start (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  fixture->port = till_listener_start (fixture->listener, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->port, !=, 0);
}

void
net_fixture_tear_down (Fixture      *fixture,
                       gconstpointer data)
{
  till_listener_stop (fixture->listener);
  g_assert_finalize_object (g_steal_pointer (&fixture->listener));
}

/* A socket that is bound to one of the loopback addresses and not connected yet. */
GSocket *
net_make_client (const char *address)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) from = g_inet_socket_address_new_from_string (address, 0);
  GSocket *client = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_bind (client, from, TRUE, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (client, PATIENCE_S);

  return client;
}

void
net_connect_client (GSocket *client,
                    guint16  port)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) to = g_inet_socket_address_new_from_string ("127.0.0.1", port);

  g_socket_connect (client, to, NULL, &error);
  g_assert_no_error (error);
}

GSocket *
net_dial (Fixture    *fixture,
          const char *address)
{
  GSocket *client = net_make_client (address);

  net_connect_client (client, fixture->port);
  return client;
}

/* Sends until it is done or the other side has had enough. Returns how much went. */
gsize
net_send_octets (GSocket    *client,
                 const char *octets,
                 gsize       size)
{
  gsize sent = 0;

  while (sent < size)
    {
      gssize n = g_socket_send (client, octets + sent, size - sent, NULL, NULL);

      if (n <= 0)
        break;
      sent += n;
    }

  return sent;
}

/* All that comes until the other side closes, in whatever way it does. Never for ever. */
char *
net_receive_all (GSocket *client)
{
  GString *text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  char octets[4096];
  gssize n;

  while ((n = g_socket_receive (client, octets, sizeof octets, NULL, &error)) > 0)
    g_string_append_len (text, octets, n);

  g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  return g_string_free (text, FALSE);
}

char *
net_ask_from (Fixture    *fixture,
              const char *address,
              const char *text,
              gsize       size)
{
  g_autoptr(GSocket) client = net_dial (fixture, address);

  net_send_octets (client, text, size);
  return net_receive_all (client);
}

char *
net_ask (Fixture    *fixture,
         const char *text)
{
  return net_ask_from (fixture, "127.0.0.1", text, strlen (text));
}

guint
net_status_of (const char *answer)
{
  return g_str_has_prefix (answer, "HTTP/1.") ? (guint)g_ascii_strtoull (answer + 9, NULL, 10) : 0;
}

const char *
net_body_of (const char *answer)
{
  const char *end = strstr (answer, "\r\n\r\n");

  return end != NULL ? end + 4 : "";
}

void
net_assert_healthy_from (Fixture    *fixture,
                         const char *address)
{
  g_autofree char *answer = net_ask_from (fixture, address, HEALTH, strlen (HEALTH));

  g_assert_cmpuint (net_status_of (answer), ==, 200);
  g_assert_cmpstr (net_body_of (answer), ==, "{\"ok\":true}");
}

void
net_assert_status (Fixture    *fixture,
                   const char *request,
                   guint       status)
{
  g_autofree char *answer = net_ask (fixture, request);

  if (net_status_of (answer) != status)
    g_test_message ("“%.80s” got “%.200s”", request, answer);
  g_assert_cmpuint (net_status_of (answer), ==, status);
  g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
}

guint
net_count_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

/* Waits until nobody is connected to the listener any more. */
void
net_wait_until_empty (Fixture *fixture)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;
  TillListenerStats stats;

  for (till_listener_get_stats (fixture->listener, &stats); stats.live > 0;
       till_listener_get_stats (fixture->listener, &stats))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (10000);
    }
}

/* What was accepted is closed soon, but not before the client knows. */
void
net_await_descriptors (guint expected)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;

  while (net_count_descriptors () != expected && g_get_monotonic_time () < deadline)
    g_usleep (10000);

  g_assert_cmpuint (net_count_descriptors (), ==, expected);
}

static gboolean
on_accept_certificate_cb (GTlsConnection      *connection,
                          GTlsCertificate     *certificate,
                          GTlsCertificateFlags flags)
{
  return TRUE;
}

static void
on_client_event_cb (GSocketClient      *client,
                    GSocketClientEvent  event,
                    GSocketConnectable *connectable,
                    GIOStream          *stream)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect (stream, "accept-certificate", G_CALLBACK (on_accept_certificate_cb), NULL);
}

char *
net_ask_by_tls (Fixture *fixture)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GError) error = NULL;
  char answer[4096] = "";
  gsize size;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_tls (client, TRUE);
  g_socket_client_set_timeout (client, PATIENCE_S);
  g_signal_connect (client, "event", G_CALLBACK (on_client_event_cb), NULL);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", fixture->port, NULL, &error);
  g_assert_no_error (error);

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), HEALTH,
                             strlen (HEALTH), NULL, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), answer,
                           sizeof answer - 1, &size, NULL, &error);
  g_assert_no_error (error);

  return g_strdup (answer);
}

void
net_make_certificate (const char *cert,
                      const char *key)
{
  const char *argv[] =
  {
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
    "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert, NULL
  };
  g_autoptr(GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **)argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_STDOUT_TO_DEV_NULL,
                NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}
