/*
 * till-listener.c: the door for payment notifications and the tenants' phones
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <string.h>

#include "till-guarded-stream.h"
#include "till-http-request-private.h"
#include "till-http-wire.h"
#include "till-listener-private.h"
#include "till-listener.h"
#include "till-worker.h"

/* Handed to handlers and not yet let go by them. One that is stuck must not fill the memory. */
#define REQUESTS_MAX 512

/* What is cut ends at once, but for a TLS library's thread that may still be at work. */
#define STOP_PATIENCE_MS 5000

static const TillAcceptorLimits default_limits =
{
  .connections = 256,
  .per_address = 20,
  .idle_s = 5,
  .total_s = 10,
  .send_s = 20,
};

/**
 * TillListener:
 *
 * An HTTP server that may be reached by anybody: whatever comes in is bounded in number, size and
 * time, only the routes that were added exist, and no file can be reached through it.
 *
 * Requests are received in a thread of the listener's own, so that a frozen window or a busy
 * engine loses none, and handled in the context that the route asks for. The object itself belongs
 * to the thread that made it, and is stopped there.
 */
struct _TillListener
{
  GObject            parent_instance;

  char              *bind;
  guint16            port;
  char              *tls_cert;
  char              *tls_key;
  char              *trusted_proxy;
  TillAcceptorLimits limits;

  GHashTable        *routes; /* path to GPtrArray of Route; not changed once started */
  TillWorker        *worker; /* %NULL unless it runs */
  TillMailbox       *mailbox;
  char              *uri;
  TillListenerStats  stats;  /* of the run that ended */
  int               *n_requests; /* atomic rc box of an atomic */

  /* Of the listener's thread. */
  TillAcceptor      *acceptor;
  SoupServer        *server;
  GHashTable        *pending; /* number to Pending */
  guint64            last_id;
  GTask             *stopping;
  GSource           *stop_timer;
};

G_DEFINE_FINAL_TYPE (TillListener, till_listener, G_TYPE_OBJECT)

/**
 * Route:
 *
 * Who answers a method at a path. A route outlives the listener when the handler's context still
 * has requests to look at.
 */
typedef struct
{
  char                  *method;
  TillListenerScreenFunc screen; /* (nullable) */
  TillListenerRouteFunc  handler;
  GMainContext          *context; /* %NULL: the listener's thread */
  gpointer               user_data;
  GDestroyNotify         destroy;
} Route;

/* A request in a handler's hands. */
typedef struct
{
  SoupServerMessage *message;
  TillConnection    *connection;
  int               *over; /* shared with the request, atomic */
} Pending;

/* A request on its way to a handler's context. */
typedef struct
{
  Route           *route;
  TillHttpRequest *request;
  TillMailbox     *mailbox;
} Delivery;

/* What a request needs to come back. */
typedef struct
{
  TillMailbox  *mailbox;
  TillListener *listener; /* only to be used in a letter: while the mailbox is open it is there */
  int          *n_requests;
} ReturnAddress;

typedef struct
{
  TillListener   *listener;
  TillHttpAnswer *answer;
} Reply;

static void
route_clear (gpointer data)
{
  Route *route = data;

  if (route->destroy != NULL)
    route->destroy (route->user_data);

  g_free (route->method);
  g_clear_pointer (&route->context, g_main_context_unref);
}

static void
route_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, route_clear);
}

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  g_atomic_int_set (pending->over, TRUE);
  g_atomic_rc_box_release (pending->over);
  g_clear_object (&pending->message);
  g_free (pending);
}

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  route_unref (delivery->route);
  till_http_request_unref (delivery->request);
  till_mailbox_unref (delivery->mailbox);
  g_free (delivery);
}

static void
return_address_free (gpointer data)
{
  ReturnAddress *address = data;

  g_atomic_int_add (address->n_requests, -1);
  g_atomic_rc_box_release (address->n_requests);
  till_mailbox_unref (address->mailbox);
  g_free (address);
}

static void
reply_free (gpointer data)
{
  Reply *reply = data;

  till_http_answer_free (reply->answer);
  g_free (reply);
}

/* Lets libsoup write the answer that @message has. */
static void
send_answer (TillListener *self,
             guint64       id)
{
  Pending *pending = g_hash_table_lookup (self->pending, &id);

  till_connection_set_phase (pending->connection, TILL_PHASE_SENDING);
  soup_server_message_unpause (pending->message);
  g_hash_table_remove (self->pending, &id);
}

/* Takes an answer to where the client waits for it, if it still does. */
static void
take_reply (gpointer data)
{
  Reply *reply = data;
  TillListener *self = reply->listener;
  TillHttpAnswer *answer = reply->answer;
  Pending *pending = g_hash_table_lookup (self->pending, &answer->id);
  SoupMessageHeaders *headers;

  if (pending == NULL)
    return;

  till_http_wire_set_answer (pending->message, answer->status, answer->content_type, answer->body);

  headers = soup_server_message_get_response_headers (pending->message);
  for (guint i = 0; i + 1 < answer->headers->len; i += 2)
    {
      const char *name = answer->headers->pdata[i];
      const char *value = answer->headers->pdata[i + 1];

      if (g_ascii_strcasecmp (name, "Cache-Control") == 0)
        soup_message_headers_replace (headers, name, value);
      else
        soup_message_headers_append (headers, name, value);
    }

  send_answer (self, answer->id);
}

/* Called in whichever thread answers. */
static void
post_reply (TillHttpAnswer *answer,
            gpointer        user_data)
{
  ReturnAddress *address = user_data;
  Reply *reply = g_new0 (Reply, 1);

  reply->listener = address->listener;
  reply->answer = answer;
  till_mailbox_post (address->mailbox, take_reply, reply, reply_free);
}

/* Called in the handler's context. */
static gboolean
deliver (gpointer user_data)
{
  Delivery *delivery = user_data;

  /* After a stop the handler's world may be half gone, and nobody waits for the answer. */
  if (!till_http_request_is_over (delivery->request) &&
      !till_mailbox_is_closed (delivery->mailbox))
    delivery->route->handler (delivery->request, delivery->route->user_data);

  return G_SOURCE_REMOVE;
}

static void
hand_over (TillListener    *self,
           Route           *route,
           TillHttpRequest *request)
{
  g_autoptr(GSource) source = NULL;
  Delivery *delivery;

  if (route->screen != NULL && !route->screen (request, route->user_data))
    return;

  if (route->context == NULL)
    {
      route->handler (request, route->user_data);
      return;
    }

  delivery = g_new0 (Delivery, 1);
  delivery->route = g_atomic_rc_box_acquire (route);
  delivery->request = till_http_request_ref (request);
  delivery->mailbox = till_mailbox_ref (self->mailbox);

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, delivery, delivery_free);
  g_source_attach (source, route->context);
}

static TillHttpRequest *
make_request (TillListener      *self,
              SoupServerMessage *message,
              TillConnection    *connection,
              Pending           *pending)
{
  g_autoptr(GHashTable) headers =
    till_http_wire_copy_headers (soup_server_message_get_request_headers (message));
  g_autoptr(GBytes) body =
    soup_message_body_flatten (soup_server_message_get_request_body (message));
  g_autofree char *peer = till_http_wire_find_peer (connection, headers);
  GUri *uri = soup_server_message_get_uri (message);
  ReturnAddress *address = g_new0 (ReturnAddress, 1);
  TillHttpRequestParts parts =
  {
    .id = self->last_id,
    .method = soup_server_message_get_method (message),
    .path = g_uri_get_path (uri),
    .query = g_uri_get_query (uri),
    .headers = headers,
    .body = body,
    .peer = peer,
    .over = pending->over,
    .answer = post_reply,
    .user_data = address,
    .destroy = return_address_free,
  };

  address->mailbox = till_mailbox_ref (self->mailbox);
  address->listener = self;
  address->n_requests = g_atomic_rc_box_acquire (self->n_requests);
  g_atomic_int_inc (self->n_requests);

  return till_http_request_new (&parts);
}

static void
handle (TillListener      *self,
        SoupServerMessage *message,
        Route             *route)
{
  TillConnection *connection =
    till_connection_of (soup_server_message_get_remote_address (message));
  g_autoptr(TillHttpRequest) request = NULL;
  Pending *pending;

  if (self->stopping != NULL || g_atomic_int_get (self->n_requests) >= REQUESTS_MAX)
    {
      till_http_wire_set_error (message, 503, "busy, please try again later");
      return;
    }

  pending = g_new0 (Pending, 1);
  pending->message = g_object_ref (message);
  pending->connection = connection;
  pending->over = g_atomic_rc_box_new0 (int);

  self->last_id++;
  g_hash_table_insert (self->pending, g_memdup2 (&self->last_id, sizeof self->last_id), pending);
  till_connection_set_request (connection, self->last_id);
  till_connection_set_phase (connection, TILL_PHASE_HANDLING);

  request = make_request (self, message, connection, pending);
  soup_server_message_pause (message);
  hand_over (self, route, request);
}

static void
on_request_cb (SoupServer        *server,
               SoupServerMessage *message,
               const char        *path,
               GHashTable        *query,
               gpointer           user_data)
{
  TillListener *self = user_data;
  GPtrArray *routes = g_hash_table_lookup (self->routes, path);
  g_autoptr(GString) allowed = g_string_new (NULL);

  if (routes == NULL)
    {
      till_http_wire_set_error (message, 404, "there is no such page");
      return;
    }

  for (guint i = 0; i < routes->len; i++)
    {
      Route *route = routes->pdata[i];

      if (strcmp (route->method, soup_server_message_get_method (message)) == 0)
        {
          handle (self, message, route);
          return;
        }

      g_string_append_printf (allowed, "%s%s", i == 0 ? "" : ", ", route->method);
    }

  till_http_wire_set_error (message, 405, "this page cannot be asked for in this way");
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Allow", allowed->str);
}

static void
on_opened (TillConnection *connection,
           GIOStream      *stream,
           gpointer        user_data)
{
  TillListener *self = user_data;
  g_autoptr(GIOStream) guarded = till_guarded_stream_new (stream, connection);
  g_autoptr(GError) error = NULL;

  if (!soup_server_accept_iostream (self->server, guarded,
                                    till_connection_get_local_address (connection),
                                    till_connection_get_remote_address (connection), &error))
    {
      g_message ("a connection was not taken: %s", error->message);
      till_connection_cut (connection, NULL);
    }
}

/* The handler took too long. Its answer, when it comes, finds nobody. */
static void
on_overdue (TillConnection *connection,
            gpointer        user_data)
{
  TillListener *self = user_data;
  guint64 id = till_connection_get_request (connection);
  Pending *pending = g_hash_table_lookup (self->pending, &id);

  till_http_wire_set_error (pending->message, 503, "this takes too long, please try again later");
  send_answer (self, id);
}

static void
finish_stop (TillListener *self)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->stopping);

  if (task == NULL)
    return;

  if (self->stop_timer != NULL)
    g_source_destroy (self->stop_timer);
  g_clear_pointer (&self->stop_timer, g_source_unref);

  g_task_return_pointer (task, NULL, NULL);
}

static void
on_emptied (gpointer user_data)
{
  finish_stop (user_data);
}

static gboolean
on_stop_timer_cb (gpointer user_data)
{
  g_message ("some connections did not end in time");
  finish_stop (user_data);

  return G_SOURCE_REMOVE;
}

static const TillAcceptorFuncs acceptor_funcs =
{
  .opened = on_opened,
  .overdue = on_overdue,
  .emptied = on_emptied,
};

static GInetAddress *
parse_address (const char *text,
               const char *setting,
               GError    **error)
{
  GInetAddress *address = g_inet_address_new_from_string (text);

  if (address == NULL)
    g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                 "“%s” in %s is no address; write one in figures, such as 127.0.0.1",
                 text, setting);

  return address;
}

/* Reads the settings that can be wrong into the acceptor. */
static gboolean
apply_config (TillListener *self,
              GError      **error)
{
  if (self->trusted_proxy != NULL)
    {
      g_autoptr(GInetAddress) proxy =
        parse_address (self->trusted_proxy, "listener.trusted-proxy", error);

      if (proxy == NULL)
        return FALSE;

      till_acceptor_set_trusted_proxy (self->acceptor, proxy);
    }

  if (self->tls_cert != NULL)
    {
      g_autoptr(GError) local_error = NULL;
      const char *key = self->tls_key != NULL ? self->tls_key : self->tls_cert;
      g_autoptr(GTlsCertificate) certificate =
        g_tls_certificate_new_from_files (self->tls_cert, key, &local_error);

      if (certificate == NULL)
        {
          g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                       "cannot use the certificate of listener.tls-cert (%s) with the key of "
                       "listener.tls-key (%s): %s; both must be readable PEM files that belong "
                       "together", self->tls_cert, key, local_error->message);
          return FALSE;
        }

      till_acceptor_set_certificate (self->acceptor, certificate);
    }
  else if (self->tls_key != NULL)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                   "listener.tls-key is set and listener.tls-cert is not; set both or none");
      return FALSE;
    }

  return TRUE;
}

static gboolean
open_door (TillListener *self,
           guint16      *port,
           GError      **error)
{
  g_autoptr(GInetAddress) address = parse_address (self->bind, "listener.bind", error);

  if (address == NULL || !apply_config (self, error))
    return FALSE;

  return till_acceptor_listen (self->acceptor, address, self->port, port, error);
}

/* Called in the listener's thread. */
static void
run_start (GTask   *task,
           gpointer data)
{
  TillListener *self = data;
  GError *error = NULL;
  guint16 port = 0;

  self->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, pending_free);
  self->acceptor = till_acceptor_new (&self->limits, &acceptor_funcs, self, self->mailbox);

  /* Raw paths, so that a route is compared with what was sent, octet by octet. */
  self->server = soup_server_new ("raw-paths", TRUE, NULL);
  till_http_wire_watch (self->server);
  soup_server_add_handler (self->server, NULL, on_request_cb, self, NULL);

  if (open_door (self, &port, &error))
    g_task_return_pointer (task, GUINT_TO_POINTER (port), NULL);
  else
    g_task_return_error (task, error);
}

/*
 * Called in the listener's thread. Those who wait for an answer are told to come again, the others
 * are cut, and it ends when the last of them is gone.
 */
static void
run_stop (GTask   *task,
          gpointer data)
{
  TillListener *self = data;
  g_autoptr(GList) ids = g_hash_table_get_keys (self->pending);
  TillListenerStats stats;

  self->stopping = g_object_ref (task);
  self->stop_timer = g_timeout_source_new (STOP_PATIENCE_MS);
  g_source_set_callback (self->stop_timer, on_stop_timer_cb, self, NULL);
  g_source_attach (self->stop_timer, g_main_context_get_thread_default ());

  for (GList *l = ids; l != NULL; l = l->next)
    {
      guint64 id = *(guint64 *)l->data;
      Pending *pending = g_hash_table_lookup (self->pending, &id);

      till_http_wire_set_error (pending->message, 503, "this service is about to stop");
      send_answer (self, id);
    }

  till_acceptor_close (self->acceptor);
  till_acceptor_get_stats (self->acceptor, &stats);
  if (stats.live == 0)
    finish_stop (self);
}

/* Called in the listener's thread, when nobody is connected any more. */
static void
run_tear_down (GTask   *task,
               gpointer data)
{
  TillListener *self = data;

  soup_server_disconnect (self->server);
  till_acceptor_get_stats (self->acceptor, &self->stats);
  g_clear_object (&self->server);
  g_clear_pointer (&self->pending, g_hash_table_unref);

  g_task_return_pointer (task, NULL, NULL);
}

static void
on_called_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

/* Has @func called in the listener's thread and waits for it. */
static gpointer
call_and_wait (TillListener  *self,
               TillWorkerFunc func,
               GError       **error)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;

  g_main_context_push_thread_default (context);
  till_worker_call_async (self->worker, func, self, NULL, NULL, on_called_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return till_worker_call_finish (self->worker, result, error);
}

static void
answer_health (TillHttpRequest *request,
               gpointer         user_data)
{
  till_http_request_answer_text (request, 200, "application/json", "{\"ok\":true}");
}

static char *
make_uri (TillListener *self,
          guint16       port)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string (self->bind);
  g_autoptr(GInetAddress) reachable = NULL;
  g_autofree char *host = NULL;

  /* Nobody can ask for “all addresses”. */
  if (g_inet_address_get_is_any (address))
    reachable = g_inet_address_new_loopback (g_inet_address_get_family (address));
  else
    reachable = g_object_ref (address);

  host = g_inet_address_to_string (reachable);
  return g_uri_join (G_URI_FLAGS_NONE, self->tls_cert != NULL ? "https" : "http", NULL, host, port,
                     "", NULL, NULL);
}

static void
till_listener_dispose (GObject *object)
{
  till_listener_stop (TILL_LISTENER (object));

  G_OBJECT_CLASS (till_listener_parent_class)->dispose (object);
}

static void
till_listener_finalize (GObject *object)
{
  TillListener *self = TILL_LISTENER (object);

  g_free (self->bind);
  g_free (self->tls_cert);
  g_free (self->tls_key);
  g_free (self->trusted_proxy);
  g_free (self->uri);
  g_clear_pointer (&self->routes, g_hash_table_unref);
  g_atomic_rc_box_release (self->n_requests);

  G_OBJECT_CLASS (till_listener_parent_class)->finalize (object);
}

static void
till_listener_class_init (TillListenerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = till_listener_dispose;
  object_class->finalize = till_listener_finalize;
}

static void
till_listener_init (TillListener *self)
{
  self->limits = default_limits;
  self->routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify)g_ptr_array_unref);
  self->n_requests = g_atomic_rc_box_new0 (int);
}

/**
 * till_listener_new:
 * @config: the settings; copied
 *
 * Makes a listener that does not listen yet, and that answers GET /health.
 *
 * Returns: (transfer full): the listener
 */
TillListener *
till_listener_new (const TillListenerConfig *config)
{
  TillListener *self;

  g_return_val_if_fail (config != NULL, NULL);

  self = g_object_new (TILL_TYPE_LISTENER, NULL);
  self->bind = g_strdup (config->bind != NULL ? config->bind : "127.0.0.1");
  self->port = config->port;
  self->tls_cert = g_strdup (config->tls_cert);
  self->tls_key = g_strdup (config->tls_key);
  self->trusted_proxy = g_strdup (config->trusted_proxy);

  till_listener_add_route (self, "GET", "/health", answer_health, NULL, NULL, NULL);

  return self;
}

/**
 * till_listener_set_limits_for_test:
 * @self: a listener that does not listen yet
 * @limits: instead of the usual ones
 *
 * Lets a test not wait for long.
 */
void
till_listener_set_limits_for_test (TillListener             *self,
                                   const TillAcceptorLimits *limits)
{
  g_return_if_fail (TILL_IS_LISTENER (self));
  g_return_if_fail (self->worker == NULL);

  self->limits = *limits;
}

/**
 * till_listener_add_route:
 * @self: a listener that does not listen yet
 * @method: a method, in capitals
 * @path: a path, compared with what is asked for octet by octet
 * @handler: who answers
 * @context: (nullable): where @handler is called; %NULL for the listener's own thread, for handlers
 *   that never wait
 * @user_data: handed to @handler
 * @destroy: (nullable): frees @user_data when no call can come any more; in whichever thread
 *
 * Adds a page. A path is answered with 405 for the methods that it has no route for, and every
 * other path with 404. When till_listener_stop() is called in the thread that runs @context, no
 * call begins after it.
 */
void
till_listener_add_route (TillListener         *self,
                         const char           *method,
                         const char           *path,
                         TillListenerRouteFunc handler,
                         GMainContext         *context,
                         gpointer              user_data,
                         GDestroyNotify        destroy)
{
  GPtrArray *routes;
  Route *route;

  g_return_if_fail (TILL_IS_LISTENER (self));
  g_return_if_fail (self->worker == NULL);
  g_return_if_fail (method != NULL && path != NULL && path[0] == '/');
  g_return_if_fail (handler != NULL);

  route = g_atomic_rc_box_new0 (Route);
  route->method = g_strdup (method);
  route->handler = handler;
  route->context = context != NULL ? g_main_context_ref (context) : NULL;
  route->user_data = user_data;
  route->destroy = destroy;

  routes = g_hash_table_lookup (self->routes, path);
  if (routes == NULL)
    {
      routes = g_ptr_array_new_with_free_func (route_unref);
      g_hash_table_insert (self->routes, g_strdup (path), routes);
    }

  g_ptr_array_add (routes, route);
}

/**
 * till_listener_set_screen:
 * @self: a listener that does not listen yet
 * @path: a path with one route
 * @screen: who looks at its requests first, with the user data of the route
 *
 * Keeps work that strangers can cause away from the context of a handler.
 */
void
till_listener_set_screen (TillListener          *self,
                          const char            *path,
                          TillListenerScreenFunc screen)
{
  GPtrArray *routes = g_hash_table_lookup (self->routes, path);

  g_return_if_fail (self->worker == NULL && routes != NULL && routes->len == 1);

  ((Route *)g_ptr_array_index (routes, 0))->screen = screen;
}

/**
 * till_listener_start:
 * @self: a listener that does not listen yet
 * @error: return location for a #GError
 *
 * Begins to listen. Waits until the port is bound, which takes no time to speak of. A listener that
 * could not start may be started again.
 *
 * Returns: the port, or 0 with @error set (%TILL_NET_ERROR_REFUSED when the system does not give
 *   the port, %TILL_NET_ERROR_MALFORMED when a setting cannot be used)
 */
guint16
till_listener_start (TillListener *self,
                     GError      **error)
{
  guint16 port;

  g_return_val_if_fail (TILL_IS_LISTENER (self), 0);
  g_return_val_if_fail (self->worker == NULL, 0);

  self->worker = till_worker_new ("listener");
  self->mailbox = till_mailbox_new (self->worker);

  port = GPOINTER_TO_UINT (call_and_wait (self, run_start, error));
  if (port == 0)
    {
      till_listener_stop (self);
      return 0;
    }

  g_free (self->uri);
  self->uri = make_uri (self, port);
  g_debug ("listening at %s", self->uri);

  return port;
}

/**
 * till_listener_stop:
 * @self: a listener
 *
 * Stops listening, and waits until all connections are gone, 5 s at most. Requests that were not
 * answered are answered with 503; what handlers answer later is thrown away. Must not be called in
 * a handler that runs in the listener's own thread. Does nothing on one that does not listen.
 */
void
till_listener_stop (TillListener *self)
{
  g_return_if_fail (TILL_IS_LISTENER (self));

  if (self->worker == NULL)
    return;

  call_and_wait (self, run_stop, NULL);
  till_mailbox_close (self->mailbox);
  call_and_wait (self, run_tear_down, NULL);
  till_worker_stop (self->worker);

  g_clear_object (&self->worker);
  g_clear_pointer (&self->mailbox, till_mailbox_unref);
  g_clear_pointer (&self->acceptor, till_acceptor_free);
  g_clear_pointer (&self->uri, g_free);
}

/**
 * till_listener_get_uri:
 * @self: a listener
 *
 * Returns: (nullable): where it can be reached from this machine, without a slash at the end; %NULL
 *   when it does not listen
 */
const char *
till_listener_get_uri (TillListener *self)
{
  g_return_val_if_fail (TILL_IS_LISTENER (self), NULL);

  return self->uri;
}

/**
 * till_listener_get_stats:
 * @self: a listener
 * @stats: (out caller-allocates): what was counted since it was started last
 *
 * Called in the thread that made the listener.
 */
void
till_listener_get_stats (TillListener      *self,
                         TillListenerStats *stats)
{
  g_return_if_fail (TILL_IS_LISTENER (self));
  g_return_if_fail (stats != NULL);

  if (self->acceptor != NULL)
    till_acceptor_get_stats (self->acceptor, stats);
  else
    *stats = self->stats;
}
