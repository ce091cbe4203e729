/*
 * test-http-head.c: which heads of requests we take
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "till-http-head.h"

#define LINE "POST /a HTTP/1.1\r\n"

static void
assert_verdict (const char *head,
                gsize       size,
                guint       expected)
{
  guint status = 0;
  const char *fault = till_http_head_check (head, size, &status);

  if (status != expected)
    g_error ("“%s” got %u (%s) instead of %u", head, status, fault, expected);
  g_assert_cmpint (fault != NULL, ==, expected != 0);
}

static void
test_good (void)
{
  static const char *heads[] =
  {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.0\r\nhOST:x\r\n\r\n",
    "GET /a?b=c&d=%20#!' HTTP/1.1\r\nHost: [::1]:8788\r\n\r\n",
    LINE "Host: x.example.com:8788 \t\r\nContent-Length:\t65536\r\n\r\n",
    LINE "Host: x\r\nContent-Length: 0\r\n\r\n",
    LINE "Host: x\r\nTransfer-Encoding: Chunked\r\n\r\n",
    LINE "Host: x\r\nX: \xe5\x94\xae\t\xff\r\nY:\r\n\r\n",
    LINE "Host: x\r\nContent-Lengths: a\r\nContent-Lengt: b\r\n\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    assert_verdict (heads[i], strlen (heads[i]), 0);
}

static void
test_bad (void)
{
  static const struct
  {
    const char *head;
    guint       status;
  } cases[] =
  {
    { "\r\n\r\n", 400 },
    { "GET\r\n\r\n", 400 },
    { "GET \r\n\r\n", 400 },
    { "GET /\r\n\r\n", 400 },
    { "GET HTTP/1.1\r\n\r\n", 400 },
    { "GET  HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { " GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { "get / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { "GE\tT / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { "ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 400 },
    { "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400 },
    { "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400 },
    { "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { "GET /\xe5 HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    { LINE "\r\n", 400 },
    { LINE "Host:\r\n\r\n", 400 },
    { LINE "Host: x/y\r\n\r\n", 400 },
    { LINE "Host: x, y\r\n\r\n", 400 },
    { LINE "Host: x\r\nHost: x\r\n\r\n", 400 },
    { LINE "Host: x\nX: y\r\n\r\n", 400 },
    { LINE "Host: x\r\nX y\r\n\r\n", 400 },
    { LINE "Host: x\r\n: y\r\n\r\n", 400 },
    { LINE "Host: x\r\nX : y\r\n\r\n", 400 },
    { LINE "Host: x\r\nX: y\r\n z\r\n\r\n", 400 },
    { LINE "Host: x\r\nX: y\rContent-Length: 3\r\n\r\n", 400 },
    { LINE "Host: x\r\nX: \x7f\r\n\r\n", 400 },
    { LINE "Host: x\r\nContent-Length: -1\r\n\r\n", 400 },
    { LINE "Host: x\r\nContent-Length: 1,1\r\n\r\n", 400 },
    { LINE "Host: x\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n", 400 },
    { LINE "Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
    { LINE "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
    { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
    { LINE "Host: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 501 },
    { LINE "Host: x\r\nContent-Length: 65537\r\n\r\n", 413 },
  };
  static const char with_nul[] = LINE "Host: x\r\nX: a\0b\r\n\r\n";
  static const char nul_name[] = LINE "Host: x\r\nX\0: a\r\n\r\n";

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_verdict (cases[i].head, strlen (cases[i].head), cases[i].status);

  assert_verdict (with_nul, sizeof with_nul - 1, 400);
  assert_verdict (nul_name, sizeof nul_name - 1, 400);
}

static void
test_many (void)
{
  g_autoptr(GString) head = g_string_new (LINE "Host: x\r\n");

  for (int i = 0; i < 99; i++)
    g_string_append (head, "X: y\r\n");
  g_string_append (head, "\r\n");
  assert_verdict (head->str, head->len, 0);

  g_string_insert (head, (gssize)head->len - 2, "X: y\r\n");
  assert_verdict (head->str, head->len, 431);
}

/* Whatever is done to a good head, nothing is read outside of it, and a fault always has a status. */
static void
test_mutations (void)
{
  static const char good[] = LINE "Host: x\r\nContent-Length: 12\r\nX: y\r\n\r\n";

  for (int i = 0; i < 200000; i++)
    {
      gsize size = g_test_rand_int_range (1, sizeof good);
      g_autofree char *head = g_memdup2 (good, size);
      guint status = 0;

      for (int n = g_test_rand_int_range (0, 4); n > 0; n--)
        head[g_test_rand_int_range (0, (int)size)] = (char)g_test_rand_int_range (0, 256);

      if (till_http_head_check (head, size, &status) != NULL)
        g_assert_true (status == 400 || status == 413 || status == 501);
      else
        g_assert_cmpuint (status, ==, 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/http-head/good", test_good);
  g_test_add_func ("/http-head/bad", test_bad);
  g_test_add_func ("/http-head/many", test_many);
  g_test_add_func ("/http-head/mutations", test_mutations);

  return g_test_run ();
}
