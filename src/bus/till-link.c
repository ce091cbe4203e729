/*
 * till-link.c: the descriptor behind a line: opened, watched, drained, closed
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "till-link.h"

#define CONNECT_US (3 * G_USEC_PER_SEC)
#define REGISTRATION_US (5 * G_USEC_PER_SEC)
#define REGISTRATION_MAX 40
/* Some device servers send a line with their name as soon as one connects. */
#define GREETING_US 30000
#define KEEPALIVE_S 5
#define KEEPALIVE_PROBES 3
#define USER_TIMEOUT_MS 8000
#define DRAIN_MAX 65536
#define BACKLOG 4

struct _TillLink
{
  TillLineKind  kind;
  char         *address;
  char         *registration;
  int           baud;
  char          parity;
  int           stop_bits;

  modbus_t     *modbus; /* %NULL while closed */
  int           fd;     /* -1 while closed; owned by @modbus */
  int           listen_fd;
  int           cancel_fd;
  int           wake_fd;
  guint64       connection;
  GCancellable *cancellable; /* for the look-up of a host name */
};

/**
 * till_link_new:
 * @config: the settings of a line, with defaults filled in
 *
 * Returns: (transfer full): a link, closed
 */
TillLink *
till_link_new (const TillLineConfig *config)
{
  TillLink *self = g_new0 (TillLink, 1);

  self->kind = config->kind;
  self->address = g_strdup (config->address);
  self->registration = g_strdup (config->registration);
  self->baud = (int)config->baud;
  self->parity = config->parity;
  self->stop_bits = (int)config->stop_bits;
  self->fd = -1;
  self->listen_fd = -1;
  self->cancel_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->cancellable = g_cancellable_new ();

  if (self->cancel_fd < 0 || self->wake_fd < 0)
    g_error ("no event descriptor for line “%s”: %s", self->address, g_strerror (errno));

  return self;
}

/**
 * till_link_free:
 * @self: (transfer full) (nullable): a link
 */
void
till_link_free (TillLink *self)
{
  if (self == NULL)
    return;

  till_link_close (self, FALSE);

  if (self->listen_fd >= 0)
    close (self->listen_fd);

  close (self->cancel_fd);
  close (self->wake_fd);
  g_object_unref (self->cancellable);
  g_free (self->address);
  g_free (self->registration);
  g_free (self);
}

/**
 * till_link_error_from_errno:
 * @self: a link
 * @what: what was being done
 * @number: an errno
 *
 * Returns: (transfer full): the fault of a line that is down
 */
GError *
till_link_error_from_errno (TillLink   *self,
                            const char *what,
                            int         number)
{
  const char *advice = "check the cable, the power and the address";

  if (number == ECONNREFUSED)
    advice = "the device server takes no connection: another program may hold its only one";
  else if (number == EACCES || number == EPERM)
    advice = "add this user to the group that owns the port (dialout)";
  else if (number == EWOULDBLOCK)
    advice = "another program uses this port";
  else if (number == EMFILE)
    advice = "too many files are open in this program";

  return g_error_new (TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED, "line “%s”: %s: %s; %s",
                      self->address, what, g_strerror (number), advice);
}

static gboolean
fail (TillLink   *self,
      const char *what,
      int         number,
      GError    **error)
{
  g_propagate_error (error, till_link_error_from_errno (self, what, number));
  return FALSE;
}

static gboolean
fail_cancelled (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the line is stopping");
  return FALSE;
}

/* Splits “host:port” or “[v6]:port” or “port”; @host is %NULL for the last. */
static gboolean
split_address (TillLink *self,
               char    **host,
               char    **port,
               GError  **error)
{
  const char *colon = strrchr (self->address, ':');
  const char *digits = colon != NULL ? colon + 1 : self->address;
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (digits, 10, 1, 65535, &number, NULL) ||
      (colon == NULL && self->kind != TILL_LINE_KIND_RTU_TCP_LISTEN) || colon == self->address)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED,
                   "“%s” is no address of a line; write it as host:port, such as 192.168.1.20:8899",
                   self->address);
      return FALSE;
    }

  *port = g_strdup (digits);

  if (colon != NULL && self->address[0] == '[' && colon[-1] == ']')
    *host = g_strndup (self->address + 1, (gsize)(colon - self->address) - 2);
  else
    *host = colon != NULL ? g_strndup (self->address, (gsize)(colon - self->address)) : NULL;

  return TRUE;
}

/* A numeric address costs nothing; a name is looked up where it can be cancelled. */
static char *
resolve_host (TillLink   *self,
              const char *host,
              GError    **error)
{
  g_autoptr(GResolver) resolver = NULL;
  g_autoptr(GError) local = NULL;
  GList *found = NULL;

  if (g_hostname_is_ip_address (host))
    return g_strdup (host);

  resolver = g_resolver_get_default ();
  found = g_resolver_lookup_by_name (resolver, host, self->cancellable, &local);

  if (found == NULL)
    {
      if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_propagate_error (error, g_steal_pointer (&local));
      else
        g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED,
                     "line “%s”: there is no host of that name; check it or write its number",
                     self->address);

      return NULL;
    }

  char *text = g_inet_address_to_string (G_INET_ADDRESS (found->data));

  g_resolver_free_addresses (found);
  return text;
}

static struct addrinfo *
look_up (TillLink   *self,
         const char *host,
         const char *port,
         GError    **error)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                            .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
  struct addrinfo *info = NULL;

  if (host == NULL)
    {
      hints.ai_family = AF_INET;
      hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    }

  const int rc = getaddrinfo (host, port, &hints, &info);

  if (rc == 0)
    return info;

  g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED,
               "line “%s”: %s", self->address, gai_strerror (rc));
  return NULL;
}

static void
set_option (int fd,
            int level,
            int option,
            int value)
{
  /* A kernel that lacks one of these serves the line all the same. */
  if (setsockopt (fd, level, option, &value, sizeof value) != 0)
    g_debug ("socket option %d/%d: %s", level, option, g_strerror (errno));
}

static void
tune_socket (int fd)
{
  set_option (fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option (fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S);
  set_option (fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_S);
  set_option (fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
  set_option (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
}

/* Waits with ppoll(), for a silence at 9600 baud is 4 ms and poll() counts whole ones. */
static guint
wait_for (TillLink *self,
          int       fd,
          short     fd_events,
          guint     events,
          gint64    until_us)
{
  for (;;)
    {
      struct pollfd fds[3];
      const gint64 left = MAX (until_us - g_get_monotonic_time (), 0);
      struct timespec time = { .tv_sec = left / G_USEC_PER_SEC,
                               .tv_nsec = left % G_USEC_PER_SEC * 1000 };
      nfds_t n = 0;
      guint seen = 0;

      fds[n++] = (struct pollfd){ .fd = self->cancel_fd, .events = POLLIN };
      fds[n++] = (struct pollfd){ .fd = events & TILL_LINK_EVENT_WAKE ? self->wake_fd : -1,
                                  .events = POLLIN };
      fds[n++] = (struct pollfd){ .fd = events & TILL_LINK_EVENT_INPUT ? fd : -1,
                                  .events = fd_events };

      const int rc = ppoll (fds, n, until_us == G_MAXINT64 ? NULL : &time, NULL);

      if (rc < 0 && errno == EINTR)
        continue;

      if (rc < 0)
        g_error ("cannot wait on line “%s”: %s", self->address, g_strerror (errno));

      if (fds[0].revents != 0)
        seen |= TILL_LINK_EVENT_CANCEL;

      if (fds[1].revents != 0)
        {
          guint64 count;

          seen |= TILL_LINK_EVENT_WAKE;

          if (read (self->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
            g_error ("cannot read a wake-up of line “%s”: %s", self->address, g_strerror (errno));
        }

      if (fds[2].revents != 0)
        seen |= TILL_LINK_EVENT_INPUT;

      return seen;
    }
}

/* libmodbus waits with select(), which writes beyond its set for a descriptor of 1024 and above. */
static gboolean
guard_fd (TillLink *self,
          int       fd,
          GError  **error)
{
  if (fd < FD_SETSIZE)
    return TRUE;

  close (fd);
  return fail (self, "descriptor beyond the reach of select()", EMFILE, error);
}

static gboolean
finish_connect (TillLink *self,
                int       fd,
                GError  **error)
{
  const guint seen = wait_for (self, fd, POLLOUT, TILL_LINK_EVENT_INPUT,
                               g_get_monotonic_time () + CONNECT_US);
  int number = 0;
  socklen_t size = sizeof number;

  if (seen & TILL_LINK_EVENT_CANCEL)
    return fail_cancelled (error);

  if (seen == TILL_LINK_EVENT_TIME)
    return fail (self, "connecting", ETIMEDOUT, error);

  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
    number = errno;

  return number == 0 || fail (self, "connecting", number, error);
}

static gboolean
connect_tcp (TillLink *self,
             int      *result,
             GError  **error)
{
  g_autofree char *host = NULL;
  g_autofree char *port = NULL;
  g_autofree char *numeric = NULL;
  struct addrinfo *info;
  gboolean good = FALSE;

  if (!split_address (self, &host, &port, error) ||
      (numeric = resolve_host (self, host, error)) == NULL ||
      (info = look_up (self, numeric, port, error)) == NULL)
    return FALSE;

  const int fd = socket (info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0)
    good = fail (self, "socket", errno, error);
  else if (!guard_fd (self, fd, error))
    good = FALSE;
  else
    {
      good = connect (fd, info->ai_addr, info->ai_addrlen) == 0 ||
             (errno == EINPROGRESS ? finish_connect (self, fd, error)
                                   : fail (self, "connecting", errno, error));

      if (good)
        *result = fd;
      else
        close (fd);
    }

  freeaddrinfo (info);
  return good;
}

static gboolean
open_listener (TillLink *self,
               GError  **error)
{
  g_autofree char *host = NULL;
  g_autofree char *port = NULL;
  struct addrinfo *info;

  if (!split_address (self, &host, &port, error) ||
      (info = look_up (self, host, port, error)) == NULL)
    return FALSE;

  const int fd = socket (info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int number = fd < 0 ? errno : 0;

  if (fd >= 0)
    {
      set_option (fd, SOL_SOCKET, SO_REUSEADDR, 1);

      if (bind (fd, info->ai_addr, info->ai_addrlen) != 0 || listen (fd, BACKLOG) != 0)
        number = errno;
    }

  freeaddrinfo (info);

  if (number != 0)
    {
      if (fd >= 0)
        close (fd);

      return fail (self, "waiting for the device server to dial in", number, error);
    }

  self->listen_fd = fd;
  return TRUE;
}

/* Reads what the device says first, octet by octet so that nothing behind it is taken. */
static gboolean
read_registration (TillLink *self,
                   int       fd,
                   GError  **error)
{
  const gsize wanted = strlen (self->registration);
  const gint64 until_us = g_get_monotonic_time () + REGISTRATION_US;
  char text[REGISTRATION_MAX];
  gsize n = 0;

  while (n < MIN (wanted, sizeof text))
    {
      const guint seen = wait_for (self, fd, POLLIN, TILL_LINK_EVENT_INPUT, until_us);

      if (seen & TILL_LINK_EVENT_CANCEL)
        return fail_cancelled (error);

      if (seen == TILL_LINK_EVENT_TIME || read (fd, text + n, 1) != 1 ||
          text[n] != self->registration[n])
        {
          g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED,
                       "line “%s”: a device dialled in but did not register as “%s”; set its "
                       "registration packet", self->address, self->registration);
          return FALSE;
        }

      n++;
    }

  return TRUE;
}

static gboolean
accept_tcp (TillLink *self,
            int      *result,
            GError  **error)
{
  int fd = -1;
  int next;

  if (self->listen_fd < 0 && !open_listener (self, error))
    return FALSE;

  const guint seen = wait_for (self, self->listen_fd, POLLIN, TILL_LINK_EVENT_INPUT,
                               g_get_monotonic_time () + CONNECT_US);

  if (seen & TILL_LINK_EVENT_CANCEL)
    return fail_cancelled (error);

  /* A device that rebooted has dialled again: only its last call is alive. */
  while ((next = accept4 (self->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    {
      if (fd >= 0)
        close (fd);

      fd = next;
    }

  if (fd < 0)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED,
                   "line “%s”: no device server has dialled in yet; check the address of this PC "
                   "in its settings", self->address);
      return FALSE;
    }

  if (!guard_fd (self, fd, error))
    return FALSE;

  if (self->registration != NULL && !read_registration (self, fd, error))
    {
      close (fd);
      return FALSE;
    }

  *result = fd;
  return TRUE;
}

static gboolean
open_tty (TillLink *self,
          GError  **error)
{
  modbus_t *modbus = modbus_new_rtu (self->address, self->baud, self->parity, 8, self->stop_bits);

  if (modbus == NULL)
    return fail (self, "opening", errno, error);

  if (modbus_connect (modbus) != 0)
    {
      const int number = errno;

      modbus_free (modbus);
      return fail (self, "opening", number, error);
    }

  const int fd = modbus_get_socket (modbus);

  if (fd >= FD_SETSIZE || flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      const int number = fd >= FD_SETSIZE ? EMFILE : errno;

      modbus_close (modbus);
      modbus_free (modbus);
      return fail (self, "taking the port", number, error);
    }

  /* What the process before us left in the buffer would be taken for the first answer. */
  tcflush (fd, TCIOFLUSH);
  self->modbus = modbus;
  self->fd = fd;
  return TRUE;
}

static gboolean
open_tcp (TillLink *self,
          GError  **error)
{
  int fd = -1;

  if (!(self->kind == TILL_LINE_KIND_RTU_TCP_LISTEN ? accept_tcp (self, &fd, error)
                                                    : connect_tcp (self, &fd, error)))
    return FALSE;

  tune_socket (fd);

  /* The context never opens anything itself: it frames what goes over our socket. */
  self->modbus = self->kind == TILL_LINE_KIND_MODBUS_TCP
                 ? modbus_new_tcp ("127.0.0.1", 502)
                 : modbus_new_rtu ("/dev/null", self->baud, self->parity, 8, self->stop_bits);

  if (self->modbus == NULL || modbus_set_socket (self->modbus, fd) != 0)
    g_error ("libmodbus gives no context: %s", modbus_strerror (errno));

  self->fd = fd;
  return TRUE;
}

/**
 * till_link_open:
 * @self: a closed link
 * @error: return location for a #GError
 *
 * Connects, opens or waits for the device to dial, for at most three seconds. What the other side
 * says unasked in the first moments is thrown away.
 *
 * Returns: %TRUE when the link is open; %FALSE with @error set (%TILL_BUS_ERROR_DISCONNECTED, or
 *   %G_IO_ERROR_CANCELLED)
 */
gboolean
till_link_open (TillLink *self,
                GError  **error)
{
  g_assert (self->modbus == NULL);

  if (till_link_is_cancelled (self))
    return fail_cancelled (error);

  if (!(self->kind == TILL_LINE_KIND_TTY ? open_tty (self, error) : open_tcp (self, error)))
    return FALSE;

  modbus_set_error_recovery (self->modbus, MODBUS_ERROR_RECOVERY_NONE);
  modbus_set_byte_timeout (self->modbus, 0, 0);
  self->connection++;

  if (self->kind != TILL_LINE_KIND_TTY)
    {
      const gint64 until_us = g_get_monotonic_time () + GREETING_US;

      while (till_link_wait (self, TILL_LINK_EVENT_INPUT, until_us) == TILL_LINK_EVENT_INPUT &&
             till_link_drain (self) > 0)
        ;
    }

  return TRUE;
}

/**
 * till_link_close:
 * @self: a link
 * @at_once: throw away what is still on its way (linger 0), for after a fault
 *
 * Closes the link. Does nothing when it is closed. Sent bytes that the peer has not taken yet are
 * still delivered unless @at_once is %TRUE: a command that was given up must not run later.
 */
void
till_link_close (TillLink *self,
                 gboolean  at_once)
{
  const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  if (self->modbus == NULL)
    return;

  if (at_once && self->kind != TILL_LINE_KIND_TTY &&
      setsockopt (self->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) != 0)
    g_debug ("linger of line “%s”: %s", self->address, g_strerror (errno));

  if (self->kind == TILL_LINE_KIND_TTY)
    tcflush (self->fd, TCIOFLUSH);

  modbus_close (self->modbus);
  modbus_free (g_steal_pointer (&self->modbus));
  self->fd = -1;
}

/**
 * till_link_is_open:
 * @self: a link
 *
 * Returns: whether it is open, as far as is known
 */
gboolean
till_link_is_open (TillLink *self)
{
  return self->modbus != NULL;
}

/**
 * till_link_has_caller:
 * @self: a link
 *
 * Returns: whether a device has dialled in again beside the open connection, which means that the
 *   open one is dead
 */
gboolean
till_link_has_caller (TillLink *self)
{
  struct pollfd fd = { .fd = self->listen_fd, .events = POLLIN };

  return self->listen_fd >= 0 && poll (&fd, 1, 0) == 1;
}

modbus_t *
till_link_get_modbus (TillLink *self)
{
  return self->modbus;
}

int
till_link_get_fd (TillLink *self)
{
  return self->fd;
}

/**
 * till_link_get_connection:
 * @self: a link
 *
 * Returns: the number of the present connection, or of the last one; 0 before the first
 */
guint64
till_link_get_connection (TillLink *self)
{
  return self->connection;
}

/**
 * till_link_wait:
 * @self: a link
 * @events: what to wait for besides the time and the cancellation
 * @until_us: monotonic time, or %G_MAXINT64
 *
 * Returns: the #TillLinkEvent bits that came; 0 when the time was up
 */
guint
till_link_wait (TillLink *self,
                guint     events,
                gint64    until_us)
{
  return wait_for (self, self->fd, POLLIN, events, until_us);
}

/**
 * till_link_pending:
 * @self: an open link
 *
 * Returns: how many octets have arrived and were not read yet
 */
gsize
till_link_pending (TillLink *self)
{
  int n = 0;

  return self->fd >= 0 && ioctl (self->fd, FIONREAD, &n) == 0 && n > 0 ? (gsize)n : 0;
}

/**
 * till_link_drain:
 * @self: an open link
 *
 * Throws away what has arrived; modbus_flush() would do nothing on a socket.
 *
 * Returns: how many octets there were
 */
gsize
till_link_drain (TillLink *self)
{
  guint8 waste[512];
  gsize total = 0;

  while (total < DRAIN_MAX && till_link_pending (self) > 0)
    {
      const gssize n = read (self->fd, waste, sizeof waste);

      if (n <= 0)
        break;

      total += (gsize)n;
    }

  return total;
}

/**
 * till_link_cancel:
 * @self: a link
 *
 * Ends every wait of the line's thread, now and from now on. May be called from any thread.
 */
void
till_link_cancel (TillLink *self)
{
  const guint64 one = 1;

  g_cancellable_cancel (self->cancellable);

  if (write (self->cancel_fd, &one, sizeof one) < 0 && errno != EAGAIN)
    g_error ("cannot cancel line “%s”: %s", self->address, g_strerror (errno));
}

/**
 * till_link_is_cancelled:
 * @self: a link
 *
 * Returns: whether till_link_cancel() was called
 */
gboolean
till_link_is_cancelled (TillLink *self)
{
  return g_cancellable_is_cancelled (self->cancellable);
}

/**
 * till_link_wake:
 * @self: a link
 *
 * Ends the present or the next wait for %TILL_LINK_EVENT_WAKE. May be called from any thread.
 */
void
till_link_wake (TillLink *self)
{
  const guint64 one = 1;

  if (write (self->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
    g_error ("cannot wake line “%s”: %s", self->address, g_strerror (errno));
}
