/*
 * till-proof.c: the octets that prove a payment, made readable
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <string.h>

#include "till-proof.h"

#define INDENT 2
#define DEPTH_MAX 32

static void
break_line (GString *text,
            guint    depth)
{
  g_string_append_c (text, '\n');
  for (guint i = 0; i < MIN (depth, DEPTH_MAX) * INDENT; i++)
    g_string_append_c (text, ' ');
}

/* One octet of JSON, outside strings, with a break where people would make one. */
static guint
append_structure (GString    *text,
                  const char *at,
                  guint       depth)
{
  const gboolean empty = (*at == '{' && at[1] == '}') || (*at == '[' && at[1] == ']');

  switch (*at)
    {
    case '{':
    case '[':
      g_string_append_c (text, *at);
      if (!empty)
        break_line (text, depth + 1);
      return depth + 1;
    case '}':
    case ']':
      if (text->len > 0 && text->str[text->len - 1] != '{' && text->str[text->len - 1] != '[')
        break_line (text, depth > 0 ? depth - 1 : 0);
      g_string_append_c (text, *at);
      return depth > 0 ? depth - 1 : 0;
    case ',':
      g_string_append_c (text, ',');
      break_line (text, depth);
      return depth;
    default:
      g_string_append_c (text, *at);
      return depth;
    }
}

static char *
format_json (const char *raw)
{
  GString *text = g_string_new (NULL);
  gboolean in_string = FALSE;
  gboolean escaped = FALSE;
  guint depth = 0;

  for (const char *at = raw; *at != '\0'; at++)
    {
      if (in_string)
        {
          g_string_append_c (text, *at);
          in_string = escaped || *at != '"';
          escaped = !escaped && *at == '\\';
          continue;
        }

      in_string = *at == '"';
      depth = append_structure (text, at, depth);
    }

  return g_string_free (text, FALSE);
}

static char *
format_form (const char *raw)
{
  g_auto(GStrv) pairs = g_strsplit (raw, "&", -1);

  return g_strjoinv ("&\n", pairs);
}

/**
 * till_proof_format:
 * @raw: what a gateway sent: JSON or a form
 *
 * Puts line ends and blanks between what belongs together. Nothing is taken away, decoded or put in
 * another order: without what was put in between, it is @raw again.
 *
 * Returns: (transfer full): the same in lines
 */
char *
till_proof_format (const char *raw)
{
  const char *start = raw + strspn (raw, " \t\r\n");

  if (*start == '{' || *start == '[')
    return format_json (raw);
  if (strchr (raw, '=') != NULL && strchr (raw, '&') != NULL)
    return format_form (raw);

  return g_strdup (raw);
}
