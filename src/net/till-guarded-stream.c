/*
 * till-guarded-stream.c: a stream whose head was read before anybody else sees it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "till-guarded-stream.h"
#include "till-http-head.h"

#define PIECE_OCTETS 4096

/**
 * TillGuardedInput:
 *
 * libsoup 3.2 leaks the path of a request that it does not understand, and understands some that
 * nobody should. So it gets to read a request only when its head is whole and beyond doubt; when it
 * is not, the refusal is sent from here and libsoup reads that the client has gone.
 *
 * It lives in the listener's thread.
 */
#define TILL_TYPE_GUARDED_INPUT (till_guarded_input_get_type ())
G_DECLARE_FINAL_TYPE (TillGuardedInput, till_guarded_input, TILL, GUARDED_INPUT, GInputStream)

struct _TillGuardedInput
{
  GInputStream    parent_instance;

  GInputStream   *base;
  TillConnection *connection;
  GByteArray     *held;    /* read from @base and not handed on yet */
  gsize           offset;  /* so much of @held was handed on */
  gboolean        is_open; /* the head was whole and good */
  gboolean        is_refused;
};

#define TILL_TYPE_GUARDED_STREAM (till_guarded_stream_get_type ())
G_DECLARE_FINAL_TYPE (TillGuardedStream, till_guarded_stream, TILL, GUARDED_STREAM, GIOStream)

struct _TillGuardedStream
{
  GIOStream     parent_instance;

  GIOStream    *base;
  GInputStream *input;
};

static void till_guarded_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillGuardedInput, till_guarded_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      till_guarded_input_pollable_init))

G_DEFINE_FINAL_TYPE (TillGuardedStream, till_guarded_stream, G_TYPE_IO_STREAM)

static void
refuse (TillGuardedInput *self,
        guint             status,
        const char       *text)
{
  self->is_refused = TRUE;
  till_guarded_stream_refuse (self->connection, status, text);
}

/* Looks at what has come since @from, for the end of the head or for what can never become one. */
static void
look_at_head (TillGuardedInput *self,
              guint             from)
{
  const char *octets = (const char *)self->held->data;
  guint status;

  /* TLS at a plain port, most likely. */
  if (!g_ascii_isupper (octets[0]))
    {
      refuse (self, 400, "this is no HTTP request");
      return;
    }

  for (guint i = from; i < self->held->len; i++)
    {
      const char *fault;

      if (octets[i] != '\n')
        continue;

      if (octets[i - 1] != '\r')
        {
          refuse (self, 400, "a line does not end in CR LF");
          return;
        }

      if (octets[i - 2] != '\n')
        continue;

      fault = till_http_head_check (octets, i + 1, &status);
      if (fault != NULL)
        refuse (self, status, fault);
      self->is_open = fault == NULL;
      return;
    }

  if (self->held->len > TILL_HTTP_HEAD_OCTETS_MAX)
    refuse (self, 431, "the headers are larger than 16384 octets");
}

/* Reads until the head is whole, refused, or there is no more for now. 0 means the end. */
static gssize
read_head (TillGuardedInput *self,
           gboolean          blocking,
           GCancellable     *cancellable,
           GError          **error)
{
  while (!self->is_open && !self->is_refused)
    {
      guint before = self->held->len;
      gssize n;

      g_byte_array_set_size (self->held, before + PIECE_OCTETS);
      n = g_pollable_stream_read (self->base, self->held->data + before, PIECE_OCTETS, blocking,
                                  cancellable, error);
      g_byte_array_set_size (self->held, before + MAX (n, 0));

      if (n <= 0)
        return n;

      look_at_head (self, before);
    }

  return self->is_open;
}

static gssize
read_guarded (TillGuardedInput *self,
              void             *buffer,
              gsize             count,
              gboolean          blocking,
              GCancellable     *cancellable,
              GError          **error)
{
  gsize n;

  if (!self->is_open)
    {
      gssize result = read_head (self, blocking, cancellable, error);

      if (result <= 0)
        return result;
    }

  if (self->offset == self->held->len)
    return g_pollable_stream_read (self->base, buffer, count, blocking, cancellable, error);

  n = MIN (count, self->held->len - self->offset);
  memcpy (buffer, self->held->data + self->offset, n);
  self->offset += n;

  return (gssize)n;
}

static gssize
till_guarded_input_read (GInputStream *stream,
                         void         *buffer,
                         gsize         count,
                         GCancellable *cancellable,
                         GError      **error)
{
  return read_guarded (TILL_GUARDED_INPUT (stream), buffer, count, TRUE, cancellable, error);
}

static gssize
till_guarded_input_read_nonblocking (GPollableInputStream *stream,
                                     void                 *buffer,
                                     gsize                 count,
                                     GError              **error)
{
  return read_guarded (TILL_GUARDED_INPUT (stream), buffer, count, FALSE, NULL, error);
}

static gboolean
has_something (TillGuardedInput *self)
{
  return self->is_refused || (self->is_open && self->offset < self->held->len);
}

static gboolean
till_guarded_input_is_readable (GPollableInputStream *stream)
{
  TillGuardedInput *self = TILL_GUARDED_INPUT (stream);

  return has_something (self) ||
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->base));
}

static GSource *
till_guarded_input_create_source (GPollableInputStream *stream,
                                  GCancellable         *cancellable)
{
  TillGuardedInput *self = TILL_GUARDED_INPUT (stream);
  g_autoptr(GSource) ready = NULL;

  if (has_something (self))
    ready = g_timeout_source_new (0);
  else
    ready = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->base), NULL);

  return g_pollable_source_new_full (self, ready, cancellable);
}

static void
till_guarded_input_finalize (GObject *object)
{
  TillGuardedInput *self = TILL_GUARDED_INPUT (object);

  g_clear_object (&self->base);
  g_clear_pointer (&self->held, g_byte_array_unref);

  G_OBJECT_CLASS (till_guarded_input_parent_class)->finalize (object);
}

static void
till_guarded_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = till_guarded_input_is_readable;
  iface->create_source = till_guarded_input_create_source;
  iface->read_nonblocking = till_guarded_input_read_nonblocking;
}

static void
till_guarded_input_class_init (TillGuardedInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_guarded_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = till_guarded_input_read;
}

static void
till_guarded_input_init (TillGuardedInput *self)
{
  self->held = g_byte_array_new ();
}

static GInputStream *
till_guarded_stream_get_input_stream (GIOStream *stream)
{
  return TILL_GUARDED_STREAM (stream)->input;
}

static GOutputStream *
till_guarded_stream_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (TILL_GUARDED_STREAM (stream)->base);
}

static gboolean
till_guarded_stream_close (GIOStream    *stream,
                           GCancellable *cancellable,
                           GError      **error)
{
  return g_io_stream_close (TILL_GUARDED_STREAM (stream)->base, cancellable, error);
}

static void
till_guarded_stream_finalize (GObject *object)
{
  TillGuardedStream *self = TILL_GUARDED_STREAM (object);

  /* The parent class closes the stream first, which needs the base. */
  G_OBJECT_CLASS (till_guarded_stream_parent_class)->finalize (object);

  g_clear_object (&self->input);
  g_clear_object (&self->base);
}

static void
till_guarded_stream_class_init (TillGuardedStreamClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_guarded_stream_finalize;
  stream_class->get_input_stream = till_guarded_stream_get_input_stream;
  stream_class->get_output_stream = till_guarded_stream_get_output_stream;
  stream_class->close_fn = till_guarded_stream_close;
}

static void
till_guarded_stream_init (TillGuardedStream *self)
{
}

/**
 * till_guarded_stream_new:
 * @base: a stream with pollable ends, of which nothing was read yet
 * @connection: the one that it belongs to
 *
 * Puts a guard before a stream. It reads at most 16 KiB of a head before it refuses it.
 *
 * Returns: (transfer full): a stream that reads as @base, or as one that ended at once
 */
GIOStream *
till_guarded_stream_new (GIOStream      *base,
                         TillConnection *connection)
{
  TillGuardedStream *self = g_object_new (TILL_TYPE_GUARDED_STREAM, NULL);
  TillGuardedInput *input = g_object_new (TILL_TYPE_GUARDED_INPUT, NULL);

  input->base = g_object_ref (g_io_stream_get_input_stream (base));
  input->connection = connection;
  self->base = g_object_ref (base);
  self->input = G_INPUT_STREAM (input);

  return G_IO_STREAM (self);
}

/**
 * till_guarded_stream_refuse:
 * @connection: a connection, in a callback of its stream
 * @status: an HTTP status
 * @text: what is wrong, without quotation marks
 *
 * Sends an answer past whoever else reads and writes the stream, and cuts it.
 */
void
till_guarded_stream_refuse (TillConnection *connection,
                            guint           status,
                            const char     *text)
{
  g_autofree char *answer =
    g_strdup_printf ("HTTP/1.1 %u %s\r\nConnection: close\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n{\"error\":\"%s\"}\n",
                     status, soup_status_get_phrase (status), strlen (text) + 13, text);

  g_debug ("refused: %s", text);
  till_connection_cut (connection, answer);
}
