/*
 * till-csv.c: tables in and out of spreadsheets
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include <csv.h>
#include <string.h>

#include "till-csv.h"

#define BOM "\xef\xbb\xbf"

/* Fed in pieces, so that a faulty file is given up before it has filled the memory. */
#define PIECE_BYTES 65536

G_DEFINE_QUARK (till_csv_error, till_csv_error)

typedef struct
{
  GPtrArray *rows;
  GPtrArray *row;
  int        last_end; /* the character that ended the last row */
  GError    *error;    /* the first fault; nothing is kept after it */
} Parse;

/* Spreadsheets of this country write GBK when they are not asked for UTF-8. Bytes that are not
 * UTF-8 are taken for GB18030, which holds all of GBK. */
static char *
decode (const char *data,
        gsize       length,
        gsize      *decoded_length,
        GError    **error)
{
  gsize bad_at = 0;
  const char *bad = NULL;
  g_autofree char *text = NULL;

  if (length >= strlen (BOM) && memcmp (data, BOM, strlen (BOM)) == 0)
    {
      data += strlen (BOM);
      length -= strlen (BOM);
    }

  if (g_utf8_validate_len (data, length, &bad))
    {
      *decoded_length = length;
      return g_strndup (data, length);
    }

  bad_at = (gsize)(bad - data);

  if (memchr (data, '\0', length) == NULL)
    text = g_convert (data, (gssize)length, "UTF-8", "GB18030", NULL, decoded_length, NULL);

  if (text == NULL)
    {
      guint row = 1;

      for (gsize i = 0; i < bad_at; i++)
        row += data[i] == '\n';

      g_set_error (error, TILL_CSV_ERROR, TILL_CSV_ERROR_ENCODING,
                   "Line %u is neither UTF-8 nor GBK; save the table as “CSV UTF-8” and try again",
                   row);
      return NULL;
    }

  return g_steal_pointer (&text);
}

static void
on_field_cb (void  *field,
             size_t length,
             void  *data)
{
  Parse *parse = data;
  const guint row = parse->rows->len + 1;

  if (parse->error != NULL)
    return;

  if (length > TILL_CSV_FIELD_MAX)
    g_set_error (&parse->error, TILL_CSV_ERROR, TILL_CSV_ERROR_TOO_LARGE,
                 "A field of row %u is longer than %d bytes; shorten it, or look for a quote "
                 "that is not closed", row, TILL_CSV_FIELD_MAX);
  else if (parse->row->len >= TILL_CSV_COLUMNS_MAX)
    g_set_error (&parse->error, TILL_CSV_ERROR, TILL_CSV_ERROR_TOO_LARGE,
                 "Row %u has more than %d fields; take out what does not belong there", row,
                 TILL_CSV_COLUMNS_MAX);
  else
    g_ptr_array_add (parse->row, g_strndup (field, length));
}

static void
on_row_cb (int   end,
           void *data)
{
  Parse *parse = data;
  const int last_end = parse->last_end;

  parse->last_end = end;

  if (parse->error != NULL)
    return;

  /* The second half of CR LF is reported as an end of its own. */
  if (parse->row->len == 0 && end == CSV_LF && last_end == CSV_CR)
    {
      parse->last_end = 0;
      return;
    }

  if (parse->rows->len >= TILL_CSV_ROWS_MAX)
    {
      g_set_error (&parse->error, TILL_CSV_ERROR, TILL_CSV_ERROR_TOO_LARGE,
                   "The table has more than %d rows; split it", TILL_CSV_ROWS_MAX);
      return;
    }

  g_ptr_array_add (parse->rows, parse->row);
  parse->row = g_ptr_array_new_with_free_func (g_free);
}

static void
feed (Parse      *parse,
      const char *text,
      gsize       length)
{
  struct csv_parser parser;

  if (csv_init (&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
    g_error ("libcsv cannot begin");

  for (gsize done = 0; done < length && parse->error == NULL;)
    {
      const gsize piece = MIN (PIECE_BYTES, length - done);

      if (csv_parse (&parser, text + done, piece, on_field_cb, on_row_cb, parse) != piece)
        break;

      done += piece;
    }

  if (csv_error (&parser) == CSV_SUCCESS && parse->error == NULL)
    csv_fini (&parser, on_field_cb, on_row_cb, parse);

  if (csv_error (&parser) != CSV_SUCCESS && parse->error == NULL)
    g_set_error (&parse->error, TILL_CSV_ERROR, TILL_CSV_ERROR_SYNTAX,
                 "The quotes of row %u do not pair; a quote inside a quoted field is written twice",
                 parse->rows->len + 1);

  csv_free (&parser);
}

/**
 * till_csv_parse:
 * @bytes: a whole file: UTF-8 with or without a byte order mark, or GBK; rows end with LF, CR LF
 *   or CR
 * @error: return location for a #GError
 *
 * Reads a table. Blanks around a field that is not quoted are dropped. A blank line is a row
 * without fields, so that the index of a row plus one is the number a spreadsheet shows; blank
 * lines at the end are dropped.
 *
 * Returns: (transfer full) (element-type GPtrArray): the rows, each a #GPtrArray of UTF-8 strings;
 *   %NULL with @error set when the table cannot be read
 */
GPtrArray *
till_csv_parse (GBytes  *bytes,
                GError **error)
{
  gsize length = 0;
  gsize decoded_length = 0;
  const char *data;
  g_autofree char *text = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &length);

  if (length > TILL_CSV_BYTES_MAX)
    {
      g_set_error (error, TILL_CSV_ERROR, TILL_CSV_ERROR_TOO_LARGE,
                   "The file is larger than %d MiB; split it", TILL_CSV_BYTES_MAX / 1024 / 1024);
      return NULL;
    }

  if (length > 0 && (text = decode (data, length, &decoded_length, error)) == NULL)
    return NULL;

  Parse parse = {
    .rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref),
    .row = g_ptr_array_new_with_free_func (g_free),
  };

  if (text != NULL)
    feed (&parse, text, decoded_length);

  g_ptr_array_unref (parse.row);

  if (parse.error != NULL)
    {
      g_ptr_array_unref (parse.rows);
      g_propagate_error (error, parse.error);
      return NULL;
    }

  while (parse.rows->len > 0 &&
         ((GPtrArray *)g_ptr_array_index (parse.rows, parse.rows->len - 1))->len == 0)
    g_ptr_array_remove_index (parse.rows, parse.rows->len - 1);

  return parse.rows;
}

static gboolean
is_plain_number (const char *text)
{
  const char *p = *text == '+' || *text == '-' ? text + 1 : text;
  gsize digits = strspn (p, "0123456789");

  if (digits == 0)
    return FALSE;

  p += digits;
  if (*p == '.')
    {
      digits = strspn (p + 1, "0123456789");
      p += digits > 0 ? digits + 1 : 0;
    }

  return *p == '\0';
}

/**
 * till_csv_quote:
 * @field: a text that is to stand in a table
 *
 * Writes a field so that a spreadsheet shows it and never runs it: a text that begins like a
 * formula gets an apostrophe, unless it is a plain number. What holds a comma, a quote, an end of
 * line or blanks at its edge is quoted.
 *
 * Returns: (transfer full): the field, ready between two commas
 */
char *
till_csv_quote (const char *field)
{
  g_return_val_if_fail (field != NULL, NULL);

  const gsize length = strlen (field);
  const gboolean guarded = length > 0 && strchr ("=+-@\t\r\n", field[0]) != NULL &&
                           !is_plain_number (field);

  if (strpbrk (field, ",\"\r\n") == NULL &&
      (length == 0 || (!g_ascii_isspace (field[0]) && !g_ascii_isspace (field[length - 1]))))
    return g_strconcat (guarded ? "'" : "", field, NULL);

  GString *quoted = g_string_new (guarded ? "\"'" : "\"");

  for (const char *p = field; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (quoted, '"');

      g_string_append_c (quoted, *p);
    }

  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}
