/*
 * till-http-head.c: whether the head of a request is one that we take
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <string.h>

#include "till-http-head.h"

#define HEADERS_MAX 100
#define METHOD_OCTETS_MAX 16
#define HOST_OCTETS_MAX 255

#define TOKEN_OCTETS "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UPPER_CASE "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HOST_OCTETS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:[]"

/* The headers that decide where a request ends and whom it is for. */
typedef struct
{
  guint    n_headers;
  guint    n_hosts;
  guint    n_lengths;
  guint    n_encodings;
  gboolean is_1_1;
} Head;

static gboolean
consists_of (const char *text,
             gsize       size,
             const char *octets)
{
  for (gsize i = 0; i < size; i++)
    if (text[i] == '\0' || strchr (octets, text[i]) == NULL)
      return FALSE;

  return size > 0;
}

static const char *
check_request_line (const char *line,
                    gsize       size,
                    Head       *head)
{
  const char *first = memchr (line, ' ', size);
  const char *target;
  gsize rest, target_size;

  if (first == NULL || first - line > METHOD_OCTETS_MAX ||
      !consists_of (line, first - line, UPPER_CASE))
    return "this is no HTTP request";

  target = first + 1;
  rest = line + size - target;
  if (rest < 10 || (memcmp (line + size - 9, " HTTP/1.1", 9) != 0 &&
                    memcmp (line + size - 9, " HTTP/1.0", 9) != 0))
    return "only HTTP/1.1 and HTTP/1.0 are spoken here";

  head->is_1_1 = line[size - 1] == '1';
  target_size = rest - 9;
  if (target[0] != '/')
    return "a path must begin with a slash";

  for (gsize i = 0; i < target_size; i++)
    if (target[i] <= ' ' || target[i] > '~')
      return "a path must be plain ASCII";

  return NULL;
}

static gboolean
is_named (const char *line,
          gsize       name_size,
          const char *name)
{
  return name_size == strlen (name) && g_ascii_strncasecmp (line, name, name_size) == 0;
}

static gboolean
is_number (const char *text,
           gsize       size)
{
  return size <= 18 && consists_of (text, size, "0123456789");
}

static const char *
check_value (const char *line,
             gsize       name_size,
             const char *value,
             gsize       size,
             Head       *head,
             guint      *status)
{
  if (is_named (line, name_size, "Host"))
    {
      head->n_hosts++;
      if (size > HOST_OCTETS_MAX || !consists_of (value, size, HOST_OCTETS))
        return "Host must be a name or an address";
    }
  else if (is_named (line, name_size, "Content-Length"))
    {
      head->n_lengths++;
      if (!is_number (value, size))
        return "Content-Length must be one number";

      if (g_ascii_strtoull (value, NULL, 10) > TILL_HTTP_BODY_OCTETS_MAX)
        {
          *status = 413;
          return "the body is larger than 65536 octets";
        }
    }
  else if (is_named (line, name_size, "Transfer-Encoding"))
    {
      head->n_encodings++;
      if (!is_named (value, size, "chunked"))
        {
          *status = 501;
          return "Transfer-Encoding must be chunked";
        }
    }

  return NULL;
}

static const char *
check_header (const char *line,
              gsize       size,
              Head       *head,
              guint      *status)
{
  const char *colon = memchr (line, ':', size);
  const char *value, *end = line + size;

  if (++head->n_headers > HEADERS_MAX)
    {
      *status = 431;
      return "more than 100 headers";
    }

  /* Neither blanks before the colon nor lines that go on, which some read otherwise than others. */
  if (colon == NULL || !consists_of (line, colon - line, TOKEN_OCTETS))
    return "a header is not well formed";

  for (value = colon + 1; value < end; value++)
    if ((*value >= '\0' && *value < ' ' && *value != '\t') || *value == 0x7f)
      return "a header has a control character";

  for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
    value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;

  return check_value (line, colon - line, value, end - value, head, status);
}

static const char *
check_together (const Head *head)
{
  if (head->n_hosts > 1 || (head->is_1_1 && head->n_hosts == 0))
    return "there must be one Host";
  if (head->n_lengths > 1)
    return "Content-Length must be one number";
  if (head->n_encodings > 1 || (head->n_encodings == 1 && !head->is_1_1))
    return "Transfer-Encoding must be chunked";
  if (head->n_lengths > 0 && head->n_encodings > 0)
    return "Content-Length beside Transfer-Encoding";

  return NULL;
}

/**
 * till_http_head_check:
 * @head: a request line and headers, up to and with the empty line
 * @size: how many octets that is
 * @status: (out): what to answer when it is refused; left alone otherwise
 *
 * Holds the head of a request to the letter of the law, so that whatever reads it, be it before us
 * or behind us, can only understand the same as we do.
 *
 * Returns: (nullable): what is wrong with it, or %NULL when we take it
 */
const char *
till_http_head_check (const char *head,
                      gsize       size,
                      guint      *status)
{
  const char *line = head;
  const char *fault = NULL;
  guint wanted = 400;
  Head seen = { 0 };

  for (guint i = 0; fault == NULL; i++)
    {
      gsize left = head + size - line;
      const char *end = memchr (line, '\n', left);
      gsize line_size;

      if (end == NULL || end == line || end[-1] != '\r')
        {
          fault = "a line does not end in CR LF";
          break;
        }

      line_size = end - 1 - line;
      if (i == 0)
        fault = check_request_line (line, line_size, &seen);
      else if (line_size > 0)
        fault = check_header (line, line_size, &seen, &wanted);
      else
        break;

      line = end + 1;
    }

  if (fault == NULL)
    fault = check_together (&seen);
  if (fault != NULL)
    *status = wanted;

  return fault;
}
