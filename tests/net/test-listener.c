/*
 * test-listener.c: the listener and what is thrown at it
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

static void
test_health (Fixture      *fixture,
             gconstpointer data)
{
  g_autofree char *expected = NULL;

  g_assert_null (till_listener_get_uri (fixture->listener));
  net_start (fixture);
  expected = g_strdup_printf ("http://127.0.0.1:%u", fixture->port);
  g_assert_cmpstr (till_listener_get_uri (fixture->listener), ==, expected);

  net_assert_healthy_from (fixture, "127.0.0.1");
  net_assert_status (fixture, "GET /health HTTP/1.0\r\n\r\n", 200);
  net_assert_status (fixture, "GET /health?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", 200);
}

static void
test_routes (Fixture      *fixture,
             gconstpointer data)
{
  g_autofree char *answer = NULL;

  net_start (fixture);
  answer = net_ask (fixture, "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
  g_assert_cmpuint (net_status_of (answer), ==, 405);
  g_assert_nonnull (strstr (answer, "\r\nAllow: GET\r\n"));

  net_assert_status (fixture, "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n", 405);
  net_assert_status (fixture, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404);
  net_assert_status (fixture, "GET /health/ HTTP/1.1\r\nHost: x\r\n\r\n", 404);
  net_assert_status (fixture, "GET /healthy HTTP/1.1\r\nHost: x\r\n\r\n", 404);
  net_assert_status (fixture, "GET /Health HTTP/1.1\r\nHost: x\r\n\r\n", 404);
  net_assert_status (fixture, "GET /%2fhealth HTTP/1.1\r\nHost: x\r\n\r\n", 404);
  net_assert_status (fixture, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400);
}

/* Every way in from 8 starts, 5 goals and 5 ways to write the dots: 200 paths. */
static void
test_traversal (Fixture      *fixture,
                gconstpointer data)
{
  static const char *starts[] = { "/", "//", "/health/", "/static/", "/health/x/", "/./", "/%2f",
                                  "/~" };
  static const char *dots[] = { "../", "..%2f", "%2e%2e/", "..%5c", "....//" };
  static const char *goals[] = { "etc/passwd", "etc/shadow%00.html", "proc/self/environ",
                                 "books.db", "root/.ssh/id_rsa" };
  guint n = 0;

  net_start (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (starts); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (dots); j++)
      for (gsize k = 0; k < G_N_ELEMENTS (goals); k++)
        {
          g_autofree char *request =
            g_strdup_printf ("GET %s%s%s%s%s HTTP/1.1\r\nHost: x\r\n\r\n", starts[i],
                             dots[j], dots[j], dots[j], goals[k]);

          net_assert_status (fixture, request, 404);
          n++;
        }

  g_assert_cmpuint (n, ==, 200);
}

static void
test_smuggling (Fixture      *fixture,
                gconstpointer data)
{
  static const struct
  {
    const char *headers;
    guint       status;
  } cases[] =
  {
    { "Content-Length: -5\r\n", 400 },
    { "Content-Length: 2\r\nContent-Length: 3\r\n", 400 },
    { "Content-Length: 2\r\nContent-Length: 2\r\n", 400 },
    { "Content-Length: 2, 2\r\n", 400 },
    { "Content-Length: +2\r\n", 400 },
    { "Content-Length: 0x2\r\n", 400 },
    { "Content-Length: 2x\r\n", 400 },
    { "Content-Length: \r\n", 400 },
    { "Content-Length: 18446744073709551618\r\n", 400 },
    { "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400 },
    { "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", 400 },
    { "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400 },
    { "Host: y\r\n", 400 },
    { "Content-Length: 99999999999\r\n", 413 },
    { "Content-Length: 65537\r\n", 413 },
  };

  net_start (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *request =
        g_strdup_printf ("POST /health HTTP/1.1\r\nHost: x\r\n%s\r\n{}", cases[i].headers);

      net_assert_status (fixture, request, cases[i].status);
    }

  net_assert_healthy_from (fixture, "127.0.0.1");
}

static void
test_garbage (Fixture      *fixture,
              gconstpointer data)
{
  static const char binary[] = "\x16\x03\x01\x00\xff\xff\xff\r\n\r\n";
  g_autofree char *answer = NULL;

  net_start (fixture);
  net_assert_status (fixture, "GET /health HTTP/1.1\r\n\r\n", 400);
  net_assert_status (fixture, "GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
  net_assert_status (fixture, "GET /health HTTP/1.1\r\nHost: x:99999999\r\n\r\n", 400);
  net_assert_status (fixture, "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  net_assert_status (fixture, "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501);
  net_assert_status (fixture, "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  net_assert_status (fixture, "GET http://y/health HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  answer = net_ask_from (fixture, "127.0.0.1", binary, sizeof binary - 1);
  g_assert_cmpuint (net_status_of (answer), !=, 200);

  net_assert_healthy_from (fixture, "127.0.0.1");
}

static void
test_headers (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr(GString) many = g_string_new ("GET /health HTTP/1.1\r\nHost: x\r\n");
  g_autoptr(GString) endless = g_string_new ("GET /health HTTP/1.1\r\nHost: x\r\n");
  g_autofree char *answer = NULL;

  net_start (fixture);
  for (int i = 0; i < 100; i++)
    g_string_append_printf (many, "X-%d: a\r\n", i);
  g_string_append (many, "\r\n");
  net_assert_status (fixture, many->str, 431);

  for (int i = 0; i < 1000; i++)
    g_string_append_printf (endless, "X-%d: %01000d\r\n", i, 0);
  g_string_append (endless, "\r\n");
  answer = net_ask (fixture, endless->str);
  g_assert_cmpuint (net_status_of (answer), !=, 200);

  net_assert_healthy_from (fixture, "127.0.0.1");
}

/* Sends 100 MiB after @head, as long as the other side takes it. */
static gsize
flood (Fixture    *fixture,
       const char *head,
       const char *piece,
       gsize       size,
       char      **answer)
{
  g_autoptr(GSocket) client = net_dial (fixture, "127.0.0.1");
  gsize sent = net_send_octets (client, head, strlen (head));

  for (gsize i = 0; i < 100 * 1024 * 1024 / size; i++)
    {
      gsize n = net_send_octets (client, piece, size);

      sent += n;
      if (n < size)
        break;
    }

  *answer = net_receive_all (client);
  return sent;
}

static glong
peak_kib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

static void
test_huge_body (Fixture      *fixture,
                gconstpointer data)
{
  const char *piece_head = "100000\r\n";
  g_autofree char *piece = g_malloc0 (1024 * 1024 + 10);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gsize sent;
  glong before;

  net_start (fixture);
  memset (piece, 'z', 1024 * 1024 + 8);
  memcpy (piece, piece_head, strlen (piece_head));
  memcpy (piece + strlen (piece_head) + 1024 * 1024, "\r\n", 2);
  net_assert_healthy_from (fixture, "127.0.0.1");
  before = peak_kib ();

  sent = flood (fixture, "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n",
                piece, 1024 * 1024, &first);
  g_assert_cmpuint (sent, <, 32 * 1024 * 1024);
  g_assert_true (first[0] == '\0' || net_status_of (first) == 413);

  sent = flood (fixture, "POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                piece, 1024 * 1024 + 10, &second);
  g_assert_cmpuint (sent, <, 32 * 1024 * 1024);
  g_assert_true (second[0] == '\0' || net_status_of (second) == 413);

  g_test_message ("peak %ld KiB before, %ld KiB after", before, peak_kib ());
  g_assert_cmpint (peak_kib () - before, <, 32 * 1024);
  net_assert_healthy_from (fixture, "127.0.0.1");
}

/* Who waits for “100 Continue” is refused without having to send anything. */
static void
test_expect (Fixture      *fixture,
             gconstpointer data)
{
  net_start (fixture);
  net_assert_status (fixture, "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n"
                     "Expect: 100-continue\r\n\r\n", 413);
}

/* Somebody holds all the connections that one address may have; nobody else notices. */
static void
test_hoarder (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr(GPtrArray) held = g_ptr_array_new_with_free_func (g_object_unref);
  TillListenerStats stats;

  net_start (fixture);
  for (int i = 0; i < 300; i++)
    {
      GSocket *client = net_dial (fixture, "127.0.0.1");

      net_send_octets (client, "POST /health HTTP/1.1\r\nHost: x\r\n", 33);
      g_ptr_array_add (held, client);
    }

  for (int i = 0; i < 50; i++)
    net_assert_healthy_from (fixture, "127.0.0.2");

  till_listener_get_stats (fixture->listener, &stats);
  g_assert_cmpint (stats.refused, >=, 280);

  /* They are cut although they are still connected, and the address is served again. */
  net_wait_until_empty (fixture);
  net_assert_healthy_from (fixture, "127.0.0.1");
}

/* A line of a header now and then keeps the connection from being idle, and does not save it. */
static void
test_trickle (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr(GSocket) client = NULL;
  TillListenerStats stats;
  gint64 deadline;

  net_start (fixture);
  client = net_dial (fixture, "127.0.0.1");
  net_send_octets (client, "POST /health HTTP/1.1\r\nHost: x\r\n", 33);
  deadline = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;

  while (net_send_octets (client, "X-a: b\r\n", 8) == 8)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (200000);
    }

  net_wait_until_empty (fixture);
  till_listener_get_stats (fixture->listener, &stats);
  g_assert_cmpint (stats.cut, ==, 1);
  net_assert_healthy_from (fixture, "127.0.0.1");
}

static void
test_descriptors (Fixture      *fixture,
                  gconstpointer data)
{
  static const char *requests[] =
  {
    HEALTH,
    "GET /health HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
    "GET /health HTTP/1.0\r\n\r\n",
    "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n",
    "\x16\x03\x01\r\n\r\n",
    HEALTH HEALTH,
  };
  static const char *halves[] =
  {
    "",
    "GET /health HTTP/1.1\r\nHost:",
    "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
  };
  guint before;

  net_start (fixture);
  net_assert_healthy_from (fixture, "127.0.0.1");
  net_wait_until_empty (fixture);
  before = net_count_descriptors ();

  for (int i = 0; i < 200; i++)
    {
      g_autofree char *answer = net_ask (fixture, requests[i % G_N_ELEMENTS (requests)]);
      const char *half = halves[i % G_N_ELEMENTS (halves)];
      g_autoptr(GSocket) client = net_dial (fixture, "127.0.0.1");

      net_send_octets (client, half, strlen (half));
    }

  net_await_descriptors (before);
}

/* The process is out of descriptors when somebody comes. They are served as soon as it has some. */
static void
test_starved (void)
{
  Fixture fixture = { 0 };
  g_autoptr(GSocket) client = NULL;
  g_autofree char *answer = NULL;
  struct rlimit limit = { 64, 64 };
  TillListenerStats stats;
  int hogs[64];
  int n_hogs = 0;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }

  net_fixture_set_up (&fixture, &net_quick_limits);
  net_start (&fixture);
  net_assert_healthy_from (&fixture, "127.0.0.1");
  net_wait_until_empty (&fixture);

  client = net_make_client ("127.0.0.1");
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  while ((hogs[n_hogs] = open ("/dev/null", O_RDONLY)) >= 0)
    n_hogs++;

  net_connect_client (client, fixture.port);
  net_send_octets (client, HEALTH, strlen (HEALTH));
  do
    {
      g_usleep (10000);
      till_listener_get_stats (fixture.listener, &stats);
    }
  while (stats.starved == 0);

  /* It waits, instead of turning round and round. */
  g_usleep (500000);
  till_listener_get_stats (fixture.listener, &stats);
  g_assert_cmpint (stats.starved, <, 100);

  while (n_hogs > 0)
    close (hogs[--n_hogs]);
  answer = net_receive_all (client);
  g_assert_cmpuint (net_status_of (answer), ==, 200);

  net_fixture_tear_down (&fixture, NULL);
}

/* What a handler was asked, and its answer, which another thread gives. */
typedef struct
{
  GMainContext    *context;
  TillHttpRequest *request;
  guint            n_calls;
  char            *seen;
} Handler;

static gpointer
answer_in_thread (gpointer data)
{
  g_autoptr(TillHttpRequest) request = data;

  till_http_request_add_header (request, "Set-Cookie", "a=1");
  till_http_request_add_header (request, "Set-Cookie", "b=2");
  till_http_request_add_header (request, "Cache-Control", "max-age=60");
  till_http_request_answer_text (request, 201, "text/plain", "later");

  return NULL;
}

static void
on_echo_cb (TillHttpRequest *request,
            gpointer         user_data)
{
  Handler *handler = user_data;
  gsize size;
  const char *octets = g_bytes_get_data (till_http_request_get_body (request), &size);

  g_assert_true (g_main_context_is_owner (handler->context));
  handler->n_calls++;
  g_free (handler->seen);
  handler->seen = g_strdup_printf ("%s %s?%s %s %s %" G_GSIZE_FORMAT " %02x",
                                   till_http_request_get_method (request),
                                   till_http_request_get_path (request),
                                   till_http_request_get_query (request),
                                   till_http_request_get_header (request, "wechatpay-NONCE"),
                                   till_http_request_get_peer (request),
                                   size, size > 0 ? (guint)(guchar)octets[size - 1] : 0);
  g_thread_unref (g_thread_new ("answerer", answer_in_thread, till_http_request_ref (request)));
}

static void
on_keep_cb (TillHttpRequest *request,
            gpointer         user_data)
{
  Handler *handler = user_data;

  handler->n_calls++;
  handler->request = till_http_request_ref (request);
}

static void
on_forget_cb (TillHttpRequest *request,
              gpointer         user_data)
{
  /* This handler is wrong on purpose: it neither answers nor keeps the request. */
}

/* A client in a thread of its own, so that the handlers' context can run here. */
typedef struct
{
  Fixture    *fixture;
  const char *text;
  gsize       size;
  char       *answer;
  int         is_done;
} Client;

static gpointer
run_client (gpointer data)
{
  Client *client = data;

  client->answer = net_ask_from (client->fixture, "127.0.0.1", client->text, client->size);
  g_atomic_int_set (&client->is_done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static GThread *
send_client (Fixture    *fixture,
             const char *text,
             gsize       size,
             Client     *client)
{
  client->fixture = fixture;
  client->text = text;
  client->size = size;

  return g_thread_new ("client", run_client, client);
}

static void
await_client (GThread *thread,
              Client  *client)
{
  while (!g_atomic_int_get (&client->is_done))
    g_main_context_iteration (NULL, TRUE);

  g_thread_join (thread);
}

static void
test_later (Fixture      *fixture,
            gconstpointer data)
{
  static const char text[] = "POST /notify/wechat?a=%26&b HTTP/1.1\r\nHost: x\r\n"
                             "Wechatpay-Nonce: n\r\nContent-Length: 5\r\n\r\n{\\/\0\xff";
  Handler handler = { .context = g_main_context_default () };
  Client client = { 0 };
  GThread *thread;

  till_listener_add_route (fixture->listener, "POST", "/notify/wechat", on_echo_cb,
                           handler.context, &handler, NULL);
  net_start (fixture);

  thread = send_client (fixture, text, sizeof text - 1, &client);
  await_client (thread, &client);

  g_assert_cmpstr (handler.seen, ==, "POST /notify/wechat?a=%26&b n 127.0.0.1 5 ff");
  g_assert_cmpuint (net_status_of (client.answer), ==, 201);
  g_assert_cmpstr (net_body_of (client.answer), ==, "later");
  g_assert_nonnull (strstr (client.answer, "\r\nSet-Cookie: a=1\r\n"));
  g_assert_nonnull (strstr (client.answer, "\r\nSet-Cookie: b=2\r\n"));
  g_assert_nonnull (strstr (client.answer, "\r\nCache-Control: max-age=60\r\n"));
  g_assert_nonnull (strstr (client.answer, "\r\nConnection: close\r\n"));
  g_free (client.answer);
  g_free (handler.seen);
}

static void
test_largest_body (Fixture      *fixture,
                   gconstpointer data)
{
  Handler handler = { .context = g_main_context_default () };
  g_autoptr(GString) text = g_string_new ("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                                          "Content-Length: 65536\r\n\r\n");
  Client client = { 0 };
  GThread *thread;

  till_listener_add_route (fixture->listener, "POST", "/a", on_echo_cb, handler.context,
                           &handler, NULL);
  net_start (fixture);

  for (int i = 0; i < 65536 / 8; i++)
    g_string_append (text, "12345678");
  thread = send_client (fixture, text->str, text->len, &client);
  await_client (thread, &client);

  g_assert_cmpstr (handler.seen, ==, "POST /a?(null) (null) 127.0.0.1 65536 38");
  g_assert_true (g_str_has_prefix (client.answer, "HTTP/1.1 100 "));
  g_assert_nonnull (strstr (client.answer, "HTTP/1.1 201 "));
  g_assert_nonnull (strstr (client.answer, "\r\nConnection: close\r\n"));
  g_free (client.answer);
  g_free (handler.seen);
}

static void
test_ranges (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr(GString) text = g_string_new ("GET /health HTTP/1.1\r\nHost: x\r\nRange: bytes=0-");
  g_autofree char *answer = NULL;

  net_start (fixture);
  for (int i = 0; i < 5000; i++)
    g_string_append (text, ",0-");
  g_string_append (text, "\r\n\r\n");

  answer = net_ask (fixture, text->str);
  g_assert_cmpuint (net_status_of (answer), ==, 200);
  g_assert_cmpstr (net_body_of (answer), ==, "{\"ok\":true}");
}

static void
test_overdue (Fixture      *fixture,
              gconstpointer data)
{
  static const char text[] = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
  Handler handler = { .context = g_main_context_default () };
  Client client = { 0 };
  GThread *thread;

  till_listener_add_route (fixture->listener, "GET", "/slow", on_keep_cb, handler.context,
                           &handler, NULL);
  net_start (fixture);

  thread = send_client (fixture, text, sizeof text - 1, &client);
  await_client (thread, &client);

  g_assert_cmpuint (net_status_of (client.answer), ==, 503);
  g_assert_cmpuint (handler.n_calls, ==, 1);
  g_assert_true (till_http_request_is_over (handler.request));
  till_http_request_answer_text (handler.request, 200, "text/plain", "too late");
  till_http_request_unref (handler.request);
  g_free (client.answer);

  net_assert_healthy_from (fixture, "127.0.0.1");
}

static void
on_flood_cb (TillHttpRequest *request,
             gpointer         user_data)
{
  g_autoptr(GBytes) body = g_bytes_new_take (g_malloc0 (32 * 1024 * 1024), 32 * 1024 * 1024);

  till_http_request_answer (request, 200, "application/octet-stream", body);
}

/* A client that asks for much and takes nothing does not hold its connection for ever. */
static void
test_slow_reader (Fixture      *fixture,
                  gconstpointer data)
{
  static const char text[] = "GET /much HTTP/1.1\r\nHost: x\r\n\r\n";
  g_autoptr(GSocket) client = NULL;
  TillListenerStats stats;

  till_listener_add_route (fixture->listener, "GET", "/much", on_flood_cb, NULL, NULL, NULL);
  net_start (fixture);

  client = net_dial (fixture, "127.0.0.1");
  net_send_octets (client, text, sizeof text - 1);
  do
    {
      g_usleep (10000);
      till_listener_get_stats (fixture->listener, &stats);
    }
  while (stats.accepted == 0);

  net_assert_healthy_from (fixture, "127.0.0.1");
  net_wait_until_empty (fixture);
}

static void
test_forgotten (Fixture      *fixture,
                gconstpointer data)
{
  static const char text[] = "GET /forget HTTP/1.1\r\nHost: x\r\n\r\n";
  Client client = { 0 };
  GThread *thread;

  till_listener_add_route (fixture->listener, "GET", "/forget", on_forget_cb,
                           g_main_context_default (), NULL, NULL);
  net_start (fixture);

  g_test_expect_message ("till-net", G_LOG_LEVEL_WARNING, "*GET /forget was let go*");
  thread = send_client (fixture, text, sizeof text - 1, &client);
  await_client (thread, &client);
  g_test_assert_expected_messages ();

  g_assert_cmpuint (net_status_of (client.answer), ==, 500);
  g_free (client.answer);
}

static void
mark (gpointer data)
{
  *(gboolean *)data = TRUE;
}

/* One request is in its handler, one has not reached it, one has not even been sent. */
static void
test_stop (Fixture      *fixture,
           gconstpointer data)
{
  static const char text[] = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
  Handler handler = { .context = g_main_context_default () };
  Client first = { 0 };
  Client second = { 0 };
  gboolean is_destroyed = FALSE;
  g_autoptr(GSocket) half = NULL;
  g_autofree char *nothing = NULL;
  TillListenerStats stats;
  GThread *threads[2];

  till_listener_add_route (fixture->listener, "GET", "/slow", on_keep_cb, handler.context,
                           &handler, NULL);
  till_listener_add_route (fixture->listener, "GET", "/never", on_keep_cb, handler.context,
                           &is_destroyed, mark);
  net_start (fixture);

  half = net_dial (fixture, "127.0.0.1");
  net_send_octets (half, "GET /slow", 9);
  threads[0] = send_client (fixture, text, sizeof text - 1, &first);
  while (handler.request == NULL)
    g_main_context_iteration (NULL, TRUE);
  threads[1] = send_client (fixture, text, sizeof text - 1, &second);
  do
    {
      g_usleep (10000);
      till_listener_get_stats (fixture->listener, &stats);
    }
  while (stats.accepted < 3);

  till_listener_stop (fixture->listener);
  await_client (threads[0], &first);
  await_client (threads[1], &second);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  g_assert_cmpuint (handler.n_calls, ==, 1);
  g_assert_cmpuint (net_status_of (first.answer), ==, 503);
  g_assert_true (second.answer[0] == '\0' || net_status_of (second.answer) == 503);
  nothing = net_receive_all (half);
  g_assert_cmpstr (nothing, ==, "");
  till_listener_get_stats (fixture->listener, &stats);
  g_assert_cmpint (stats.live, ==, 0);

  /* The answer comes when the listener is gone. */
  g_assert_true (till_http_request_is_over (handler.request));
  g_assert_finalize_object (g_steal_pointer (&fixture->listener));
  g_assert_true (is_destroyed);
  till_http_request_answer_text (handler.request, 200, "text/plain", "too late");
  till_http_request_unref (handler.request);
  g_free (first.answer);
  g_free (second.answer);

  net_fixture_set_up (fixture, NULL);
}

static void
test_restart (Fixture      *fixture,
              gconstpointer data)
{
  for (int i = 0; i < 3; i++)
    {
      net_start (fixture);
      net_assert_healthy_from (fixture, "127.0.0.1");
      till_listener_stop (fixture->listener);
      g_assert_null (till_listener_get_uri (fixture->listener));
    }
}

static void
assert_refused (const TillListenerConfig *config,
                TillNetError              code,
                const char               *pattern)
{
  g_autoptr(TillListener) listener = till_listener_new (config);
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (till_listener_start (listener, &error), ==, 0);
  g_assert_error (error, TILL_NET_ERROR, (int)code);
  if (!g_pattern_match_simple (pattern, error->message))
    g_error ("“%s” is not like “%s”", error->message, pattern);
}

static void
test_settings (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *pattern = NULL;

  net_start (fixture);
  pattern = g_strdup_printf ("port %u of 127.0.0.1 is in use*listener.port*", fixture->port);
  assert_refused (&(TillListenerConfig){ .port = fixture->port }, TILL_NET_ERROR_REFUSED, pattern);
  assert_refused (&(TillListenerConfig){ .bind = "192.0.2.1" }, TILL_NET_ERROR_REFUSED,
                  "cannot listen*192.0.2.1*listener.bind*");
  assert_refused (&(TillListenerConfig){ .bind = "shop" }, TILL_NET_ERROR_MALFORMED,
                  "*shop*listener.bind*");
  assert_refused (&(TillListenerConfig){ .trusted_proxy = "x" }, TILL_NET_ERROR_MALFORMED,
                  "*x*listener.trusted-proxy*");
  assert_refused (&(TillListenerConfig){ .tls_key = "x" }, TILL_NET_ERROR_MALFORMED,
                  "*listener.tls-cert*");
  assert_refused (&(TillListenerConfig){ .tls_cert = "/nowhere.pem" }, TILL_NET_ERROR_MALFORMED,
                  "*listener.tls-cert (/nowhere.pem)*");
}

/* All tenants come from the proxy's address; each is known by the address the proxy saw. */
static void
test_proxy (Fixture      *fixture,
            gconstpointer data)
{
  const TillListenerConfig config = { .trusted_proxy = "127.0.0.1" };
  static const char text[] = "GET /who HTTP/1.1\r\nHost: x\r\n"
                             "X-Forwarded-For: 10.0.0.1, 198.51.100.7\r\n\r\n";
  g_autoptr(GPtrArray) held = g_ptr_array_new_with_free_func (g_object_unref);
  Handler handler = { .context = g_main_context_default () };
  Client client = { 0 };
  GThread *thread;

  g_object_unref (fixture->listener);
  fixture->listener = till_listener_new (&config);
  till_listener_add_route (fixture->listener, "GET", "/who", on_echo_cb, handler.context,
                           &handler, NULL);
  net_start (fixture);

  for (int i = 0; i < 40; i++)
    g_ptr_array_add (held, net_dial (fixture, "127.0.0.1"));

  thread = send_client (fixture, text, sizeof text - 1, &client);
  await_client (thread, &client);
  g_assert_cmpstr (handler.seen, ==, "GET /who?(null) (null) 198.51.100.7 0 00");
  g_free (client.answer);
  g_free (handler.seen);
}

static void
test_tls (Fixture      *fixture,
          gconstpointer data)
{
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  g_autofree char *dir = g_dir_make_tmp ("till-listener-XXXXXX", NULL);
  g_autofree char *cert = g_build_filename (dir, "cert.pem", NULL);
  g_autofree char *key = g_build_filename (dir, "key.pem", NULL);
  const TillListenerConfig config = { .tls_cert = cert, .tls_key = key };
  g_autoptr(GSocket) silent = NULL;
  guint before;

  if (openssl == NULL)
    {
      g_test_skip ("openssl is not installed");
      return;
    }

  net_make_certificate (cert, key);
  g_object_unref (fixture->listener);
  fixture->listener = till_listener_new (&config);
  net_start (fixture);
  g_assert_true (g_str_has_prefix (till_listener_get_uri (fixture->listener), "https://"));

  /* The first one makes the threads of the TLS library, which stay. */
  g_free (net_ask_by_tls (fixture));
  net_wait_until_empty (fixture);
  before = net_count_descriptors ();

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *answer = net_ask_by_tls (fixture);
      g_autofree char *plain = net_ask (fixture, HEALTH);

      g_assert_cmpuint (net_status_of (answer), ==, 200);
      g_assert_cmpstr (net_body_of (answer), ==, "{\"ok\":true}");
      g_assert_cmpuint (net_status_of (plain), !=, 200);
    }

  net_await_descriptors (before);

  /* Somebody who never says hello is cut, even though the handshake waits in another thread. */
  silent = net_dial (fixture, "127.0.0.1");
  g_free (net_receive_all (silent));
  net_wait_until_empty (fixture);

  g_unlink (cert);
  g_unlink (key);
  g_rmdir (dir);
}

static void
add (const char   *path,
     gconstpointer limits,
     void (       *test ) (Fixture      *fixture,
                           gconstpointer data))
{
  g_test_add (path, Fixture, limits, net_fixture_set_up, test, net_fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/listener/health", NULL, test_health);
  add ("/listener/routes", NULL, test_routes);
  add ("/listener/traversal", NULL, test_traversal);
  add ("/listener/smuggling", NULL, test_smuggling);
  add ("/listener/garbage", NULL, test_garbage);
  add ("/listener/headers", NULL, test_headers);
  add ("/listener/huge-body", NULL, test_huge_body);
  add ("/listener/expect", NULL, test_expect);
  add ("/listener/largest-body", NULL, test_largest_body);
  add ("/listener/ranges", NULL, test_ranges);
  add ("/listener/hoarder", NULL, test_hoarder);
  add ("/listener/trickle", &net_quick_limits, test_trickle);
  add ("/listener/descriptors", NULL, test_descriptors);
  g_test_add_func ("/listener/starved", test_starved);
  add ("/listener/later", NULL, test_later);
  add ("/listener/overdue", &net_quick_limits, test_overdue);
  add ("/listener/slow-reader", &net_quick_limits, test_slow_reader);
  add ("/listener/forgotten", NULL, test_forgotten);
  add ("/listener/stop", NULL, test_stop);
  add ("/listener/restart", NULL, test_restart);
  add ("/listener/settings", NULL, test_settings);
  add ("/listener/proxy", &net_quick_limits, test_proxy);
  add ("/listener/tls", NULL, test_tls);

  return g_test_run ();
}
