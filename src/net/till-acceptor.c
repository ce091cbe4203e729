/*
 * till-acceptor.c: takes connections in, counts them, and cuts those that take too long
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "till-acceptor.h"
#include "till-net-error.h"

/* How many connections the system keeps for us until we take them in. */
#define BACKLOG 128

/* Taken in at one go, so that a flood does not keep the others from being served. */
#define ACCEPTED_AT_ONCE 32

/**
 * TillAcceptor:
 *
 * libsoup 3.2 has no limits of its own, leaks in its accept loop, and leaves the loop for good when
 * the process is out of descriptors. So connections are taken in here and handed to it one by one.
 *
 * It lives in the one thread whose thread-default context it was made under. A connection's last
 * reference may be dropped by a thread of the TLS library; its end comes through the mailbox.
 */
struct _TillAcceptor
{
  TillAcceptorLimits limits;
  TillAcceptorFuncs  funcs;
  gpointer           user_data;
  TillMailbox       *mailbox;

  GSocket           *socket;
  GSource           *accept_source;
  GSource           *sweep_source;
  GTlsCertificate   *certificate;
  GInetAddress      *trusted_proxy;

  GHashTable        *connections;
  GHashTable        *per_address;
  gboolean           is_starved;
  TillListenerStats  stats; /* each counter atomic */
};

/**
 * TillConnection:
 *
 * Somebody who is connected. It is there from when they were let in until the connection's last
 * reference has gone; the acceptor owns it.
 */
struct _TillConnection
{
  TillAcceptor   *acceptor;
  TillMailbox    *mailbox;
  GSocket        *socket; /* shut down in need, never closed here */
  GIOStream      *stream; /* not owned: what libsoup was given */
  GSocketAddress *local_address;
  GSocketAddress *remote_address;
  gint64          address_key;
  gboolean        is_proxy;
  gboolean        is_tls;
  gboolean        is_cut;

  TillPhase       phase;
  gint64          deadline_us; /* monotonic */
  guint64         request;
  gsize           n_octets;
};

/* Under which a peer's address leads to its connection. */
static G_DEFINE_QUARK (till_connection, connection)

static void
connection_free (gpointer data)
{
  TillConnection *self = data;

  g_clear_object (&self->socket);
  g_clear_object (&self->local_address);
  if (self->remote_address != NULL)
    g_object_set_qdata (G_OBJECT (self->remote_address), connection_quark (), NULL);
  g_clear_object (&self->remote_address);
  g_clear_pointer (&self->mailbox, till_mailbox_unref);
  g_free (self);
}

/* Folds an IPv4 address that came in over an IPv6 socket back into what it is. */
static GInetAddress *
plain_address (GInetAddress *address)
{
  const guint8 *octets = g_inet_address_to_bytes (address);
  static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
      memcmp (octets, mapped, sizeof mapped) == 0)
    return g_inet_address_new_from_bytes (octets + 12, G_SOCKET_FAMILY_IPV4);

  return g_object_ref (address);
}

/*
 * What the cap per address counts by: the address, or the first half of one of IPv6, of which every
 * subscriber has 2^64. The two cannot meet: but for loopback, no peer's first half is below 2^32.
 */
static gint64
address_key (GInetAddress *address)
{
  gsize size = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 ? 4 : 8;
  const guint8 *octets = g_inet_address_to_bytes (address);
  guint64 key = 0;

  for (gsize i = 0; i < size; i++)
    key = key << 8 | octets[i];

  return (gint64)key;
}

static guint
count_of_address (TillAcceptor *self,
                  gint64        key)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->per_address, &key));
}

static void
set_count_of_address (TillAcceptor *self,
                      gint64        key,
                      guint         count)
{
  if (count == 0)
    g_hash_table_remove (self->per_address, &key);
  else
    g_hash_table_replace (self->per_address, g_memdup2 (&key, sizeof key),
                          GUINT_TO_POINTER (count));
}

static void
forget_connection (gpointer data)
{
  TillConnection *connection = data;
  TillAcceptor *self = connection->acceptor;

  set_count_of_address (self, connection->address_key,
                        count_of_address (self, connection->address_key) - 1);
  g_hash_table_remove (self->connections, connection);
  g_atomic_int_add (&self->stats.live, -1);

  if (g_hash_table_size (self->connections) == 0)
    self->funcs.emptied (self->user_data);
}

/* Called in whichever thread dropped the last reference. */
static void
on_connection_gone_cb (gpointer data,
                       GObject *where_the_object_was)
{
  TillConnection *connection = data;
  g_autoptr(TillMailbox) mailbox = till_mailbox_ref (connection->mailbox);

  till_mailbox_post (mailbox, forget_connection, connection, connection_free);
}

static void
on_handshake_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GTlsConnection *tls = G_TLS_CONNECTION (source);
  TillConnection *connection = user_data;
  g_autoptr(GIOStream) base = NULL;
  g_autoptr(GError) error = NULL;

  if (g_tls_connection_handshake_finish (tls, result, &error))
    {
      connection->acceptor->funcs.opened (connection, G_IO_STREAM (tls),
                                          connection->acceptor->user_data);
      return;
    }

  /* Only what is beneath is closed: closing the upper stream would wait for the other side. */
  g_debug ("no TLS: %s", error->message);
  g_object_get (tls, "base-io-stream", &base, NULL);
  g_io_stream_close (base, NULL, NULL);
}

/*
 * Not g_tls_server_connection_new(), which loads the system's certificate store for each
 * connection; we never verify a client, so there is no database at all.
 */
static GIOStream *
wrap_in_tls (TillAcceptor *self,
             GIOStream    *stream,
             GError      **error)
{
  GType type = g_tls_backend_get_server_connection_type (g_tls_backend_get_default ());

  return g_initable_new (type, NULL, error,
                         "base-io-stream", stream,
                         "certificate", self->certificate,
                         "database", NULL,
                         "require-close-notify", FALSE,
                         NULL);
}

static void
open_connection (TillAcceptor   *self,
                 TillConnection *connection,
                 GIOStream      *stream)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GIOStream) tls = NULL;

  if (self->certificate == NULL)
    {
      connection->stream = stream;
      self->funcs.opened (connection, stream, self->user_data);
      return;
    }

  tls = wrap_in_tls (self, stream, &error);
  if (tls == NULL)
    {
      g_message ("no TLS for a connection: %s", error->message);
      g_io_stream_close (stream, NULL, NULL);
      return;
    }

  connection->stream = tls;
  connection->is_tls = TRUE;
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, NULL,
                                    on_handshake_cb, connection);
}

static gboolean
has_room (TillAcceptor *self,
          gint64        key,
          gboolean      is_proxy)
{
  if (g_hash_table_size (self->connections) >= self->limits.connections)
    return FALSE;

  return is_proxy || count_of_address (self, key) < self->limits.per_address;
}

static void
take_in (TillAcceptor *self,
         GSocket      *socket)
{
  g_autoptr(GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autoptr(GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autoptr(GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr(GInetAddress) address = NULL;
  TillConnection *connection;
  gboolean is_proxy;
  gint64 key;

  /* A client that has gone already has no address any more. */
  if (remote == NULL || local == NULL)
    return;

  address = plain_address (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
  is_proxy = self->trusted_proxy != NULL && g_inet_address_equal (address, self->trusted_proxy);
  key = address_key (address);

  if (!has_room (self, key, is_proxy))
    {
      g_atomic_int_inc (&self->stats.refused);
      g_io_stream_close (G_IO_STREAM (stream), NULL, NULL);
      return;
    }

  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_timeout (socket, self->limits.idle_s);

  connection = g_new0 (TillConnection, 1);
  connection->acceptor = self;
  connection->mailbox = till_mailbox_ref (self->mailbox);
  connection->socket = g_object_ref (socket);
  connection->local_address = g_steal_pointer (&local);
  connection->remote_address = g_steal_pointer (&remote);
  connection->address_key = key;
  connection->is_proxy = is_proxy;
  connection->deadline_us = g_get_monotonic_time () + self->limits.total_s * G_USEC_PER_SEC;
  g_object_set_qdata (G_OBJECT (connection->remote_address), connection_quark (), connection);

  g_hash_table_add (self->connections, connection);
  set_count_of_address (self, key, count_of_address (self, key) + 1);
  g_atomic_int_inc (&self->stats.accepted);
  g_atomic_int_inc (&self->stats.live);
  g_object_weak_ref (G_OBJECT (stream), on_connection_gone_cb, connection);

  open_connection (self, connection, G_IO_STREAM (stream));
}

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);

  g_clear_pointer (source, g_source_unref);
}

static GSource *
attach_timer (guint       interval_ms,
              GSourceFunc func,
              gpointer    user_data)
{
  GSource *source = g_timeout_source_new (interval_ms);

  g_source_set_callback (source, func, user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());

  return source;
}

static gboolean
on_acceptable_cb (GSocket     *listening,
                  GIOCondition condition,
                  gpointer     user_data)
{
  TillAcceptor *self = user_data;

  for (int i = 0; i < ACCEPTED_AT_ONCE; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GSocket) socket = g_socket_accept (listening, NULL, &error);

      if (socket != NULL)
        {
          if (self->is_starved)
            g_message ("connections are taken again");

          self->is_starved = FALSE;
          take_in (self, socket);
        }
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          return G_SOURCE_CONTINUE;
        }
      else
        {
          /* It stays ready to read, so trying again before the next sweep would be a busy loop. */
          if (!self->is_starved)
            g_message ("cannot take a connection, trying again: %s", error->message);

          self->is_starved = TRUE;
          g_atomic_int_inc (&self->stats.starved);
          drop_source (&self->accept_source);
          return G_SOURCE_REMOVE;
        }
    }

  return G_SOURCE_CONTINUE;
}

static void
start_accepting (TillAcceptor *self)
{
  self->accept_source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->accept_source, G_SOURCE_FUNC (on_acceptable_cb), self, NULL);
  g_source_attach (self->accept_source, g_main_context_get_thread_default ());
}

static void
stop_accepting (TillAcceptor *self)
{
  drop_source (&self->accept_source);
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
}

/* One sweep over all of them is cheaper than a timer for each. */
static gboolean
on_sweep_cb (gpointer user_data)
{
  TillAcceptor *self = user_data;
  g_autoptr(GPtrArray) overdue = g_ptr_array_new ();
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer key;

  if (self->accept_source == NULL && self->socket != NULL)
    start_accepting (self);

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (now >= ((TillConnection *)key)->deadline_us)
      g_ptr_array_add (overdue, key);

  for (guint i = 0; i < overdue->len; i++)
    {
      TillConnection *connection = overdue->pdata[i];

      if (connection->phase == TILL_PHASE_HANDLING)
        self->funcs.overdue (connection, self->user_data);
      else
        till_connection_cut (connection, NULL);
    }

  return G_SOURCE_CONTINUE;
}

/**
 * till_acceptor_new:
 * @limits: what is allowed
 * @funcs: what to call
 * @user_data: handed to @funcs
 * @mailbox: of the thread this is called in
 *
 * Returns: (transfer full): an acceptor that does not listen yet
 */
TillAcceptor *
till_acceptor_new (const TillAcceptorLimits *limits,
                   const TillAcceptorFuncs  *funcs,
                   gpointer                  user_data,
                   TillMailbox              *mailbox)
{
  TillAcceptor *self = g_new0 (TillAcceptor, 1);

  self->limits = *limits;
  self->funcs = *funcs;
  self->user_data = user_data;
  self->mailbox = till_mailbox_ref (mailbox);
  self->connections = g_hash_table_new (NULL, NULL);
  self->per_address = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  return self;
}

/**
 * till_acceptor_free:
 * @self: (nullable): an acceptor whose mailbox is closed
 *
 * Frees an acceptor. Connections that some thread still holds free themselves later.
 */
void
till_acceptor_free (TillAcceptor *self)
{
  if (self == NULL)
    return;

  stop_accepting (self);
  drop_source (&self->sweep_source);
  g_clear_pointer (&self->connections, g_hash_table_unref);
  g_clear_pointer (&self->per_address, g_hash_table_unref);
  g_clear_object (&self->certificate);
  g_clear_object (&self->trusted_proxy);
  g_clear_pointer (&self->mailbox, till_mailbox_unref);
  g_free (self);
}

/**
 * till_acceptor_set_certificate:
 * @self: an acceptor that does not listen yet
 * @certificate: (nullable): a certificate with its private key
 *
 * Makes the acceptor speak TLS.
 */
void
till_acceptor_set_certificate (TillAcceptor    *self,
                               GTlsCertificate *certificate)
{
  g_set_object (&self->certificate, certificate);
}

/**
 * till_acceptor_set_trusted_proxy:
 * @self: an acceptor that does not listen yet
 * @address: (nullable): who is not subject to the cap per address
 *
 * Tells which address stands for many clients.
 */
void
till_acceptor_set_trusted_proxy (TillAcceptor *self,
                                 GInetAddress *address)
{
  g_clear_object (&self->trusted_proxy);
  if (address != NULL)
    self->trusted_proxy = plain_address (address);
}

/**
 * till_acceptor_listen:
 * @self: an acceptor
 * @address: where to listen
 * @port: at which port; 0 for whichever is free
 * @bound_port: (out): at which port it listens; left alone on error
 * @error: return location for a #GError
 *
 * Begins to take connections in.
 *
 * Returns: %TRUE when it listens, %FALSE with @error set (%TILL_NET_ERROR_REFUSED) otherwise
 */
gboolean
till_acceptor_listen (TillAcceptor *self,
                      GInetAddress *address,
                      guint16       port,
                      guint16      *bound_port,
                      GError      **error)
{
  g_autoptr(GSocketAddress) wanted = g_inet_socket_address_new (address, port);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GError) local_error = NULL;

  self->socket = g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM,
                               G_SOCKET_PROTOCOL_TCP, &local_error);
  if (self->socket != NULL)
    {
      g_socket_set_blocking (self->socket, FALSE);
      g_socket_set_listen_backlog (self->socket, BACKLOG);

      if (g_socket_bind (self->socket, wanted, TRUE, &local_error) &&
          g_socket_listen (self->socket, &local_error))
        bound = g_socket_get_local_address (self->socket, &local_error);
    }

  if (bound == NULL)
    {
      g_autofree char *text = g_inet_address_to_string (address);

      if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_REFUSED,
                     "port %u of %s is in use by another program; stop that or set another port "
                     "in listener.port (0 takes a free one)", port, text);
      else
        g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_REFUSED,
                     "cannot listen at port %u of %s: %s; choose another in the settings "
                     "listener.bind and listener.port", port, text, local_error->message);

      g_clear_object (&self->socket);
      return FALSE;
    }

  start_accepting (self);
  self->sweep_source = attach_timer (1000, on_sweep_cb, self);

  *bound_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return TRUE;
}

/**
 * till_acceptor_close:
 * @self: an acceptor
 *
 * Takes no more connections in, and cuts those that have not brought a whole request yet.
 */
void
till_acceptor_close (TillAcceptor *self)
{
  GHashTableIter iter;
  gpointer key;

  stop_accepting (self);

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (((TillConnection *)key)->phase == TILL_PHASE_RECEIVING)
      till_connection_cut (key, NULL);
}

/**
 * till_acceptor_get_stats:
 * @self: an acceptor
 * @stats: (out): what was counted so far
 *
 * May be called in any thread.
 */
void
till_acceptor_get_stats (TillAcceptor      *self,
                         TillListenerStats *stats)
{
  stats->accepted = g_atomic_int_get (&self->stats.accepted);
  stats->refused = g_atomic_int_get (&self->stats.refused);
  stats->cut = g_atomic_int_get (&self->stats.cut);
  stats->starved = g_atomic_int_get (&self->stats.starved);
  stats->live = g_atomic_int_get (&self->stats.live);
}

/**
 * till_connection_of:
 * @remote_address: that very object which till_connection_get_remote_address() gave
 *
 * Returns: (transfer none): the connection
 */
TillConnection *
till_connection_of (GSocketAddress *remote_address)
{
  return g_object_get_qdata (G_OBJECT (remote_address), connection_quark ());
}

/**
 * till_connection_get_local_address:
 * @self: a connection
 *
 * Returns: (transfer none): at which of our addresses it came in
 */
GSocketAddress *
till_connection_get_local_address (TillConnection *self)
{
  return self->local_address;
}

/**
 * till_connection_get_remote_address:
 * @self: a connection
 *
 * Returns: (transfer none): where it came from; till_connection_of() leads back from this object
 */
GSocketAddress *
till_connection_get_remote_address (TillConnection *self)
{
  return self->remote_address;
}

/**
 * till_connection_is_proxy:
 * @self: a connection
 *
 * Returns: whether it comes from the trusted proxy
 */
gboolean
till_connection_is_proxy (TillConnection *self)
{
  return self->is_proxy;
}

/**
 * till_connection_set_phase:
 * @self: a connection
 * @phase: what it is about from now on
 *
 * The time to take the answer begins when the answer does.
 */
void
till_connection_set_phase (TillConnection *self,
                           TillPhase       phase)
{
  self->phase = phase;

  if (phase == TILL_PHASE_SENDING)
    self->deadline_us = g_get_monotonic_time () + self->acceptor->limits.send_s * G_USEC_PER_SEC;
}

/**
 * till_connection_get_request:
 * @self: a connection
 *
 * Returns: what was set by till_connection_set_request(), 0 before
 */
guint64
till_connection_get_request (TillConnection *self)
{
  return self->request;
}

/**
 * till_connection_set_request:
 * @self: a connection
 * @id: the number of the request that came over it
 *
 * Keeps a number for the caller.
 */
void
till_connection_set_request (TillConnection *self,
                             guint64         id)
{
  self->request = id;
}

/**
 * till_connection_count_octets:
 * @self: a connection
 * @n_octets: so many octets of a body came
 *
 * Returns: how many came so far
 */
gsize
till_connection_count_octets (TillConnection *self,
                              gsize           n_octets)
{
  self->n_octets += n_octets;

  return self->n_octets;
}

/**
 * till_connection_cut:
 * @self: a connection
 * @last_words: (nullable): octets to send before; allowed only in callbacks of its stream
 *
 * Ends all traffic. Whoever reads or writes the stream finds that out next, and closes it.
 */
void
till_connection_cut (TillConnection *self,
                     const char     *last_words)
{
  if (self->is_cut)
    return;

  /* Few octets into an empty buffer: there is room, and it does not matter when there is not. */
  if (last_words != NULL)
    {
      GOutputStream *output = g_io_stream_get_output_stream (self->stream);

      g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), last_words,
                                                  strlen (last_words), NULL, NULL);
    }

  self->is_cut = TRUE;
  g_atomic_int_inc (&self->acceptor->stats.cut);
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
}

/**
 * till_connection_finish:
 * @self: a connection whose answer was written
 *
 * Makes sure that closing it cannot wait: TLS says good-bye by a blocking write, which a client
 * that reads nothing could use to hold up everybody else.
 */
void
till_connection_finish (TillConnection *self)
{
  if (self->is_tls && g_socket_condition_check (self->socket, G_IO_OUT) == 0)
    g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
}
