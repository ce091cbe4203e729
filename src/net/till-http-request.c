/*
 * till-http-request.c: what somebody asks of the listener, and the answer
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <string.h>

#include "till-http-request-private.h"

/**
 * TillHttpRequest:
 *
 * A request as it came off the wire. All that can be read of it never changes, so it may be read in
 * any thread; it is answered once, from any thread, now or later. Whoever answers later keeps a
 * reference until then. A request that is let go without an answer is answered with status 500.
 */
struct _TillHttpRequest
{
  guint64            id;
  char              *method;
  char              *path;
  char              *query;
  GHashTable        *headers;
  GBytes            *body;
  char              *peer;
  int               *over;        /* shared with the listener, atomic */

  int                is_answered; /* atomic */
  GPtrArray         *answer_headers;

  TillHttpAnswerFunc answer;
  gpointer           user_data;
  GDestroyNotify     destroy;
  gpointer           finding; /* (nullable) */
  GDestroyNotify     finding_destroy;
};

static void
give_answer (TillHttpRequest *self,
             guint            status,
             const char      *content_type,
             GBytes          *body)
{
  TillHttpAnswer *answer = g_new0 (TillHttpAnswer, 1);

  answer->id = self->id;
  answer->status = status;
  answer->content_type = g_strdup (content_type);
  answer->headers = g_steal_pointer (&self->answer_headers);
  answer->body = body != NULL ? g_bytes_ref (body) : NULL;

  self->answer (answer, self->user_data);
}

static void
request_clear (gpointer data)
{
  TillHttpRequest *self = data;

  if (!g_atomic_int_get (&self->is_answered))
    {
      if (!till_http_request_is_over (self))
        g_warning ("%s %s was let go without an answer", self->method, self->path);

      give_answer (self, 500, NULL, NULL);
    }

  if (self->destroy != NULL)
    self->destroy (self->user_data);

  g_free (self->method);
  g_free (self->path);
  g_free (self->query);
  g_clear_pointer (&self->headers, g_hash_table_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->peer);
  g_atomic_rc_box_release (self->over);
  g_clear_pointer (&self->answer_headers, g_ptr_array_unref);
  if (self->finding_destroy != NULL)
    self->finding_destroy (self->finding);
}

static gboolean
is_one_line (const char *text)
{
  return strpbrk (text, "\r\n") == NULL;
}

/**
 * till_http_request_new:
 * @parts: what it is made of; copied, but for what is counted, which is shared, and @user_data
 *
 * Returns: (transfer full): a request that has not been answered
 */
TillHttpRequest *
till_http_request_new (const TillHttpRequestParts *parts)
{
  TillHttpRequest *self = g_atomic_rc_box_new0 (TillHttpRequest);

  self->id = parts->id;
  self->method = g_strdup (parts->method);
  self->path = g_strdup (parts->path);
  self->query = g_strdup (parts->query);
  self->headers = g_hash_table_ref (parts->headers);
  self->body = g_bytes_ref (parts->body);
  self->peer = g_strdup (parts->peer);
  self->over = g_atomic_rc_box_acquire (parts->over);
  self->answer_headers = g_ptr_array_new_with_free_func (g_free);
  self->answer = parts->answer;
  self->user_data = parts->user_data;
  self->destroy = parts->destroy;

  return self;
}

/**
 * till_http_answer_free:
 * @self: (nullable): an answer
 *
 * Frees an answer.
 */
void
till_http_answer_free (TillHttpAnswer *self)
{
  if (self == NULL)
    return;

  g_free (self->content_type);
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

/**
 * till_http_request_ref:
 * @self: a request
 *
 * Keeps a request, to answer it later. May be called in any thread.
 *
 * Returns: (transfer full): @self
 */
TillHttpRequest *
till_http_request_ref (TillHttpRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * till_http_request_unref:
 * @self: (transfer full): a request
 *
 * Lets go of a request. The last one to do so without an answer having been given answers with
 * status 500 and is warned about: a client must never wait for nothing. Any thread.
 */
void
till_http_request_unref (TillHttpRequest *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, request_clear);
}

/**
 * till_http_request_get_method:
 * @self: a request
 *
 * Returns: the method, in capitals, one of those that routes were added for
 */
const char *
till_http_request_get_method (TillHttpRequest *self)
{
  return self->method;
}

/**
 * till_http_request_get_path:
 * @self: a request
 *
 * Returns: the path, exactly that of the route
 */
const char *
till_http_request_get_path (TillHttpRequest *self)
{
  return self->path;
}

/**
 * till_http_request_get_query:
 * @self: a request
 *
 * Returns: (nullable): what follows the question mark, still escaped, but for letters, figures and
 *   "-._~", which nobody needs to escape
 */
const char *
till_http_request_get_query (TillHttpRequest *self)
{
  return self->query;
}

/**
 * till_http_request_get_header:
 * @self: a request
 * @name: a header's name, in whatever case
 *
 * Returns: (nullable): its value; the values with ", " between them when it came more than once, so
 *   that a header that must be single cannot be forged by adding another
 */
const char *
till_http_request_get_header (TillHttpRequest *self,
                              const char      *name)
{
  g_autofree char *key = g_ascii_strdown (name, -1);

  return g_hash_table_lookup (self->headers, key);
}

/**
 * till_http_request_get_body:
 * @self: a request
 *
 * Returns: (transfer none): the octets of the body as they came, of which there may be none
 */
GBytes *
till_http_request_get_body (TillHttpRequest *self)
{
  return self->body;
}

/**
 * till_http_request_get_peer:
 * @self: a request
 *
 * Returns: the address of who asks, without a port; for what comes through the trusted proxy, the
 *   address that the proxy saw
 */
const char *
till_http_request_get_peer (TillHttpRequest *self)
{
  return self->peer;
}

/**
 * till_http_request_is_over:
 * @self: a request
 *
 * Returns: whether nobody waits for the answer any more. Answering is harmless then, and useless.
 */
gboolean
till_http_request_is_over (TillHttpRequest *self)
{
  return g_atomic_int_get (self->over);
}

/**
 * till_http_request_add_header:
 * @self: a request that has not been answered
 * @name: a header's name
 * @value: its value, in one line
 *
 * Adds a header to the answer to be. Called only by whoever answers.
 */
void
till_http_request_add_header (TillHttpRequest *self,
                              const char      *name,
                              const char      *value)
{
  g_return_if_fail (self != NULL && self->answer_headers != NULL);
  g_return_if_fail (name != NULL && is_one_line (name));
  g_return_if_fail (value != NULL && is_one_line (value));

  g_ptr_array_add (self->answer_headers, g_strdup (name));
  g_ptr_array_add (self->answer_headers, g_strdup (value));
}

/**
 * till_http_request_answer:
 * @self: a request that has not been answered
 * @status: an HTTP status, 200 to 599
 * @content_type: (nullable): the type of @body
 * @body: (nullable): the octets of the answer
 *
 * Answers a request. May be called in any thread, once. When the client or the listener is gone
 * already, the answer is thrown away.
 */
void
till_http_request_answer (TillHttpRequest *self,
                          guint            status,
                          const char      *content_type,
                          GBytes          *body)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (status >= 200 && status <= 599);
  g_return_if_fail (content_type == NULL || is_one_line (content_type));
  g_return_if_fail (g_atomic_int_compare_and_exchange (&self->is_answered, FALSE, TRUE));

  give_answer (self, status, content_type, body);
}

/**
 * till_http_request_answer_text:
 * @self: a request that has not been answered
 * @status: an HTTP status, 200 to 599
 * @content_type: the type of @text
 * @text: the answer
 *
 * Answers a request with a text. See till_http_request_answer().
 */
void
till_http_request_answer_text (TillHttpRequest *self,
                               guint            status,
                               const char      *content_type,
                               const char      *text)
{
  g_autoptr(GBytes) body = NULL;

  g_return_if_fail (text != NULL);

  body = g_bytes_new (text, strlen (text));
  till_http_request_answer (self, status, content_type, body);
}

/**
 * till_http_request_set_finding:
 * @self: a request that is being screened
 * @finding: (transfer full): what the screen found in it
 * @destroy: how @finding is let go
 *
 * Hands on what a #TillListenerScreenFunc has made of the request. Called in the listener's thread.
 */
void
till_http_request_set_finding (TillHttpRequest *self,
                               gpointer         finding,
                               GDestroyNotify   destroy)
{
  g_return_if_fail (self->finding == NULL);

  self->finding = finding;
  self->finding_destroy = destroy;
}

/**
 * till_http_request_get_finding:
 * @self: a request
 *
 * Returns: (nullable) (transfer none): what the screen found in it
 */
gpointer
till_http_request_get_finding (TillHttpRequest *self)
{
  return self->finding;
}
