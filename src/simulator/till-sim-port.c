/*
 * till-sim-port.c: the side of a simulated device server that faces the network
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>

#include "till-sim-port.h"

#define RETRY_MS 1000

/**
 * TillSimPort:
 *
 * A listening socket, a terminal, or a connection we dial ourselves. It has one peer at a time, as
 * device servers do; a second one is turned away at once, or takes the place of the first.
 */
struct _TillSimPort
{
  const TillSimLineInfo *info;
  char                  *bind;
  char                  *registration;
  TillSimPortFunc        func;
  gpointer               user_data;

  int                    listener;
  guint                  listener_source;
  guint                  number; /* TCP port */

  int                    fd;
  guint                  fd_source;
  guint64                connection; /* 0: nobody is connected */
  guint64                n_connections;
  guint64                n_refused;
  gboolean               displace;
  gboolean               frozen;
  gint64                 frozen_until_us;
  guint                  retry_source;
  guint                  down_source;
};

static void start_peer (TillSimPort *self,
                        int          fd);

static void
drop_peer (TillSimPort *self,
           gboolean     reset)
{
  const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  if (self->fd < 0)
    return;
  g_clear_handle_id (&self->fd_source, g_source_remove);
  if (reset)
    setsockopt (self->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close (self->fd);
  self->fd = -1;
  self->connection = 0;
  self->frozen = FALSE;
}

static gboolean
parse_address (const TillSimPort  *self,
               struct sockaddr_in *address,
               GError            **error)
{
  /* What follows “#” only tells lines apart that all ask for a free port. */
  g_autofree char *name = g_strndup (self->info->name, strcspn (self->info->name, "#"));
  char *colon = strrchr (name, ':');
  const char *text = colon != NULL ? colon + 1 : name;
  guint64 number = 0;

  memset (address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (!g_ascii_string_to_unsigned (text, 10, 0, 65535, &number, NULL))
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_LINE,
                   "line “%s” is not host:port with a port from 0 to 65535", self->info->name);
      return FALSE;
    }
  address->sin_port = htons ((guint16)number);
  if (colon != NULL)
    *colon = '\0';
  /* Other machines' lines are served here: the host counts only for a line we dial ourselves. */
  if (self->info->kind == TILL_LINE_KIND_RTU_TCP_LISTEN)
    {
      if (colon != NULL && inet_pton (AF_INET, name, &address->sin_addr) == 1 &&
          address->sin_addr.s_addr == htonl (INADDR_ANY))
        address->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    }
  else if (inet_pton (AF_INET, self->bind, &address->sin_addr) != 1)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_LINE,
                   "--bind “%s” is not an IPv4 address", self->bind);
      return FALSE;
    }
  return TRUE;
}

static int
open_terminal (TillSimPort *self)
{
  const int fd = open (self->info->name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  struct termios mode;

  if (fd >= 0 && tcgetattr (fd, &mode) == 0)
    {
      cfmakeraw (&mode);
      mode.c_cflag |= CLOCAL | CREAD;
      tcsetattr (fd, TCSANOW, &mode);
      tcflush (fd, TCIOFLUSH);
    }
  return fd;
}

static int
dial (TillSimPort *self)
{
  struct sockaddr_in address;
  int fd;

  if (!parse_address (self, &address, NULL))
    return -1;
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  /* Blocking, but to a port that is either there or not: a refusal comes at once on a loopback. */
  if (fd >= 0 && connect (fd, (struct sockaddr *)&address, sizeof address) != 0)
    {
      close (fd);
      return -1;
    }
  return fd;
}

static gboolean
on_retry_cb (gpointer user_data)
{
  TillSimPort *self = user_data;
  const int fd = self->info->kind == TILL_LINE_KIND_TTY ? open_terminal (self) : dial (self);

  if (fd < 0)
    return G_SOURCE_CONTINUE;
  self->retry_source = 0;
  start_peer (self, fd);
  if (self->info->kind == TILL_LINE_KIND_RTU_TCP_LISTEN && *self->registration != '\0')
    till_sim_port_send (self, (const guint8 *)self->registration, strlen (self->registration));
  return G_SOURCE_REMOVE;
}

static void
retry_later (TillSimPort *self)
{
  const gboolean seeks = self->info->kind == TILL_LINE_KIND_TTY ||
                         self->info->kind == TILL_LINE_KIND_RTU_TCP_LISTEN;

  if (seeks && self->retry_source == 0)
    self->retry_source = g_timeout_add (RETRY_MS, on_retry_cb, self);
}

/* Takes what has come. Returns FALSE when the peer is gone; it has been dropped then. */
static gboolean
receive (TillSimPort *self)
{
  guint8 bytes[1024];
  const guint64 connection = self->connection;

  while (self->fd >= 0 && self->connection == connection)
    {
      const gssize n = read (self->fd, bytes, sizeof bytes);

      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return TRUE;
      if (n <= 0)
        {
          drop_peer (self, FALSE);
          retry_later (self);
          return FALSE;
        }
      /* Nobody hears what is said into a half-open connection. */
      if (!self->frozen)
        self->func (bytes, (gsize)n, self->user_data);
    }
  return self->fd >= 0;
}

static gboolean
on_peer_cb (int          fd,
            GIOCondition condition,
            gpointer     user_data)
{
  TillSimPort *self = user_data;

  /* When the peer has been dropped its source is gone already, whatever is returned. */
  receive (self);
  return G_SOURCE_CONTINUE;
}

static void
start_peer (TillSimPort *self,
            int          fd)
{
  const int one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  self->fd = fd;
  self->connection = ++self->n_connections;
  self->frozen = FALSE;
  self->fd_source = g_unix_fd_add_full (G_PRIORITY_HIGH, fd, G_IO_IN | G_IO_HUP | G_IO_ERR,
                                        on_peer_cb, self, NULL);
}

/* Whether the peer we have is still there; what it said before it went is heard. Its end is mostly
 * seen before the next one knocks, but nothing promises that. */
static gboolean
has_peer (TillSimPort *self)
{
  struct pollfd poll_fd = { .fd = self->fd, .events = POLLIN | POLLRDHUP };

  if (self->fd < 0)
    return FALSE;
  if (self->frozen)
    {
      if (self->frozen_until_us > g_get_monotonic_time ())
        return TRUE;
      drop_peer (self, TRUE);
      return FALSE;
    }
  if (poll (&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
    {
      if (receive (self))
        drop_peer (self, FALSE);
    }
  return self->fd >= 0;
}

static gboolean
on_listener_cb (int          fd,
                GIOCondition condition,
                gpointer     user_data)
{
  TillSimPort *self = user_data;
  const struct linger linger = { .l_onoff = 1, .l_linger = 0 };
  const int peer = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);

  if (peer < 0)
    return G_SOURCE_CONTINUE;
  if (has_peer (self))
    {
      if (!self->displace)
        {
          self->n_refused++;
          setsockopt (peer, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
          close (peer);
          return G_SOURCE_CONTINUE;
        }
      drop_peer (self, FALSE);
    }
  start_peer (self, peer);
  return G_SOURCE_CONTINUE;
}

static gboolean
start_listening (TillSimPort *self,
                 GError     **error)
{
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  const int one = 1;

  if (!parse_address (self, &address, error))
    return FALSE;
  if (self->number != 0)
    address.sin_port = htons ((guint16)self->number);
  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt (self->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (self->listener < 0 || bind (self->listener, (struct sockaddr *)&address, length) != 0 ||
      listen (self->listener, 8) != 0 ||
      getsockname (self->listener, (struct sockaddr *)&address, &length) != 0)
    {
      const int code = errno;

      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_LINE,
                   "line “%s” cannot listen on %s: %s; is another simulator running?",
                   self->info->name, self->bind, g_strerror (code));
      if (self->listener >= 0)
        close (self->listener);
      self->listener = -1;
      return FALSE;
    }
  self->number = ntohs (address.sin_port);
  self->listener_source = g_unix_fd_add (self->listener, G_IO_IN, on_listener_cb, self);
  return TRUE;
}

static gboolean
on_up_again_cb (gpointer user_data)
{
  TillSimPort *self = user_data;

  if (self->info->kind == TILL_LINE_KIND_RTU_TCP || self->info->kind == TILL_LINE_KIND_MODBUS_TCP)
    {
      if (!start_listening (self, NULL))
        return G_SOURCE_CONTINUE;
    }
  else
    retry_later (self);
  self->down_source = 0;
  return G_SOURCE_REMOVE;
}

/**
 * till_sim_port_new:
 * @info: the line; outlives the port
 * @bind: the address to listen on
 * @registration: what a rtu-tcp-listen device says first; may be empty
 * @func: called for bytes that came
 * @user_data: for @func
 *
 * Returns: (transfer full): a port that is not open yet
 */
TillSimPort *
till_sim_port_new (const TillSimLineInfo *info,
                   const char            *bind,
                   const char            *registration,
                   TillSimPortFunc        func,
                   gpointer               user_data)
{
  TillSimPort *self = g_new0 (TillSimPort, 1);

  self->info = info;
  self->bind = g_strdup (bind);
  self->registration = g_strdup (registration);
  self->func = func;
  self->user_data = user_data;
  self->listener = -1;
  self->fd = -1;
  return self;
}

/**
 * till_sim_port_open:
 * @self: a port
 * @error: return location for a #GError
 *
 * Listens, or opens the terminal. A line we dial ourselves is tried from now on once a second.
 *
 * Returns: %TRUE, or %FALSE with %TILL_SIM_ERROR_LINE set
 */
gboolean
till_sim_port_open (TillSimPort *self,
                    GError     **error)
{
  struct sockaddr_in address;
  int fd;

  switch (self->info->kind)
    {
    case TILL_LINE_KIND_TTY:
      fd = open_terminal (self);
      if (fd < 0)
        {
          const int code = errno;

          g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_LINE,
                       "line “%s” cannot be opened: %s", self->info->name, g_strerror (code));
          return FALSE;
        }
      start_peer (self, fd);
      return TRUE;

    case TILL_LINE_KIND_RTU_TCP_LISTEN:
      if (!parse_address (self, &address, error))
        return FALSE;
      if (on_retry_cb (self) == G_SOURCE_CONTINUE)
        retry_later (self);
      return TRUE;

    case TILL_LINE_KIND_RTU_TCP:
    case TILL_LINE_KIND_MODBUS_TCP:
    default:
      return start_listening (self, error);
    }
}

/**
 * till_sim_port_get_number:
 * @self: a port
 *
 * Returns: the TCP port it listens on, 0 when it does not
 */
guint
till_sim_port_get_number (TillSimPort *self)
{
  return self->number;
}

/**
 * till_sim_port_get_connection:
 * @self: a port
 *
 * Returns: the number of the connection there is, 0 for none; another number, another peer
 */
guint64
till_sim_port_get_connection (TillSimPort *self)
{
  return self->connection;
}

/**
 * till_sim_port_get_n_connections:
 * @self: a port
 *
 * Returns: how many peers it has had
 */
guint64
till_sim_port_get_n_connections (TillSimPort *self)
{
  return self->n_connections;
}

/**
 * till_sim_port_get_n_refused:
 * @self: a port
 *
 * Returns: how many peers it has turned away
 */
guint64
till_sim_port_get_n_refused (TillSimPort *self)
{
  return self->n_refused;
}

/**
 * till_sim_port_send:
 * @self: a port
 * @bytes: what to send
 * @length: how much
 *
 * Sends to whoever is connected. What the peer's buffer does not take is lost.
 *
 * Returns: whether all of it was sent
 */
gboolean
till_sim_port_send (TillSimPort  *self,
                    const guint8 *bytes,
                    gsize         length)
{
  if (self->fd < 0 || self->frozen)
    return FALSE;
  return write (self->fd, bytes, length) == (gssize)length;
}

/**
 * till_sim_port_close:
 * @self: a port
 * @reset: whether the peer shall see a reset instead of an end
 *
 * Lets the peer go. A terminal or a line we dial is opened again after a second.
 */
void
till_sim_port_close (TillSimPort *self,
                     gboolean     reset)
{
  drop_peer (self, reset);
  retry_later (self);
}

/**
 * till_sim_port_freeze:
 * @self: a port
 * @hold_ms: for how long a new peer is turned away
 *
 * Makes the connection half-open: it stays, and nothing goes through it any more.
 */
void
till_sim_port_freeze (TillSimPort *self,
                      gint64       hold_ms)
{
  self->frozen = self->fd >= 0;
  self->frozen_until_us = g_get_monotonic_time () + hold_ms * 1000;
}

/**
 * till_sim_port_set_displace:
 * @self: a port
 * @displace: whether a second peer takes the place of the first instead of being turned away
 */
void
till_sim_port_set_displace (TillSimPort *self,
                            gboolean     displace)
{
  self->displace = displace;
}

/**
 * till_sim_port_go_down:
 * @self: a port
 * @down_ms: for how long
 *
 * The device server is off: its peer is reset, and nobody can connect until it is up again.
 */
void
till_sim_port_go_down (TillSimPort *self,
                       gint64       down_ms)
{
  drop_peer (self, TRUE);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (self->listener >= 0 && down_ms > 0)
    {
      g_clear_handle_id (&self->listener_source, g_source_remove);
      close (self->listener);
      self->listener = -1;
    }
  if (down_ms == 0)
    retry_later (self);
  else if (self->down_source == 0)
    self->down_source = g_timeout_add ((guint)down_ms, on_up_again_cb, self);
}

/**
 * till_sim_port_free:
 * @self: (nullable) (transfer full): a port
 */
void
till_sim_port_free (TillSimPort *self)
{
  if (self == NULL)
    return;

  drop_peer (self, FALSE);
  g_clear_handle_id (&self->listener_source, g_source_remove);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_clear_handle_id (&self->down_source, g_source_remove);
  if (self->listener >= 0)
    close (self->listener);
  g_free (self->bind);
  g_free (self->registration);
  g_free (self);
}
