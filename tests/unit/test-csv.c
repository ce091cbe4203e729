#include "config.h"

#include <string.h>

#include "till-csv.h"

/* Parses @text and joins fields by | and rows by /, so that a table is one line of a test. */
static char *
parse (const char *text,
       gssize      length,
       GError    **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, length < 0 ? strlen (text) : (gsize)length);
  g_autoptr(GPtrArray) rows = till_csv_parse (bytes, error);
  GString *joined = g_string_new (NULL);

  if (rows == NULL)
    {
      g_string_free (joined, TRUE);
      return NULL;
    }

  for (guint r = 0; r < rows->len; r++)
    {
      GPtrArray *row = g_ptr_array_index (rows, r);

      g_string_append (joined, r > 0 ? "/" : "");

      for (guint f = 0; f < row->len; f++)
        g_string_append_printf (joined, "%s%s", f > 0 ? "|" : "", (char *)g_ptr_array_index (row, f));
    }

  return g_string_free (joined, FALSE);
}

static void
test_good (void)
{
  static const struct
  {
    const char *text;
    const char *joined;
  } cases[] = {
    { "", "" },
    { "a,b\nc,d\n", "a|b/c|d" },
    { "a,b\nc,d", "a|b/c|d" },
    { "a,b\r\nc,d\r\n", "a|b/c|d" },
    { "a\rb\r", "a/b" },
    { "a,,b,\n", "a||b|" },
    { "\xef\xbb\xbf" "楼栋,楼层\nA,1F\n", "楼栋|楼层/A|1F" },
    { "\"a,b\",\"say \"\"hi\"\"\"\n", "a,b|say \"hi\"" },
    { "\"two\nlines\",x\ny\n", "two\nlines|x/y" },
    { "\"two\r\nlines\",x\r\ny", "two\r\nlines|x/y" },
    { " a , b \n", "a|b" },
    { "\" a \"\n", " a " },
    { "a\n\nb\n\n\n", "a//b" },
    { "a\r\n\r\nb\r\n\r\n", "a//b" },
    { "\n\n\n", "" },
    { "\xc2\xa5" ",\xcb\xb3\n", "¥|˳" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *joined = parse (cases[i].text, -1, &error);

      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_no_error (error);
      g_assert_cmpstr (joined, ==, cases[i].joined);
    }
}

static void
test_gbk (void)
{
  g_autoptr(GError) error = NULL;
  gsize length = 0;
  g_autofree char *gbk = g_convert ("楼栋,商户\nA,顺心城广场“㐂茶”\n", -1, "GB18030", "UTF-8", NULL, &length, NULL);
  g_autofree char *joined = parse (gbk, (gssize)length, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (joined, ==, "楼栋|商户/A|顺心城广场“㐂茶”");
}

static void
test_bad (void)
{
  static const struct
  {
    const char *text;
    gssize      length;
    int         code;
    const char *names;
  } cases[] = {
    { "a\n\"b\n", -1, TILL_CSV_ERROR_SYNTAX, "row 2" },
    { "a\nb\n\"c\"d,e\n", -1, TILL_CSV_ERROR_SYNTAX, "row 3" },
    { "a\nb\"c\n", -1, TILL_CSV_ERROR_SYNTAX, "row 2" },
    { "a\n\xff\xff\n", -1, TILL_CSV_ERROR_ENCODING, "Line 2" },
    { "a\nb\0c\n", 6, TILL_CSV_ERROR_ENCODING, "Line 2" },
    { "\xff\xfe" "a\0b\0", 6, TILL_CSV_ERROR_ENCODING, "Line 1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *joined = parse (cases[i].text, cases[i].length, &error);

      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_null (joined);
      g_assert_error (error, TILL_CSV_ERROR, cases[i].code);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].names));
    }
}

static void
test_bounds (void)
{
  g_autofree char *field = g_strnfill (TILL_CSV_FIELD_MAX, 'x');
  g_autofree char *field_beyond = g_strnfill (TILL_CSV_FIELD_MAX + 1, 'x');
  g_autofree char *columns = g_strnfill (TILL_CSV_COLUMNS_MAX - 1, ',');
  g_autofree char *columns_beyond = g_strnfill (TILL_CSV_COLUMNS_MAX, ',');
  g_autofree char *rows = g_malloc (2 * TILL_CSV_ROWS_MAX + 3);
  g_autofree char *large = g_strnfill (TILL_CSV_BYTES_MAX + 1, '\n');
  const char *good[] = { field, columns };
  const char *bad[] = { field_beyond, columns_beyond, rows, large };

  for (int i = 0; i <= TILL_CSV_ROWS_MAX; i++)
    memcpy (rows + 2 * i, "r\n", 3);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *joined = parse (good[i], -1, &error);

      g_assert_no_error (error);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *joined = parse (bad[i], -1, &error);

      g_assert_error (error, TILL_CSV_ERROR, TILL_CSV_ERROR_TOO_LARGE);
    }

  rows[2 * TILL_CSV_ROWS_MAX] = '\0';
  g_autoptr(GBytes) bytes = g_bytes_new (rows, strlen (rows));
  g_autoptr(GPtrArray) table = till_csv_parse (bytes, NULL);

  g_assert_cmpuint (table->len, ==, TILL_CSV_ROWS_MAX);
}

static void
test_quote (void)
{
  static const struct
  {
    const char *field;
    const char *quoted;
  } cases[] = {
    { "", "" },
    { "A-101", "A-101" },
    { "a,b", "\"a,b\"" },
    { "say \"hi\"", "\"say \"\"hi\"\"\"" },
    { "two\nlines", "\"two\nlines\"" },
    { " edge", "\" edge\"" },
    { "=cmd()", "'=cmd()" },
    { "=a,b", "\"'=a,b\"" },
    { "@x", "'@x" },
    { "\tx", "\"'\tx\"" },
    { "-12.50", "-12.50" },
    { "+3", "+3" },
    { "-1+cmd()", "'-1+cmd()" },
    { "-", "'-" },
    { "1.", "1." },
    { "-1.", "'-1." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *quoted = till_csv_quote (cases[i].field);

      g_assert_cmpstr (quoted, ==, cases[i].quoted);
    }
}

/* What is quoted is read back the same, but for the apostrophe of a guarded field. */
static void
test_round_trip (void)
{
  static const char alphabet[] = "ab,\"\n\r =-7é";

  for (int i = 0; i < 5000; i++)
    {
      GString *field = g_string_new ("x");

      for (int n = g_test_rand_int_range (0, 12); n > 0; n--)
        g_string_append_c (field, alphabet[g_test_rand_int_range (0, 10)]);

      g_autofree char *text = g_string_free (field, FALSE);
      g_autofree char *quoted = till_csv_quote (text);
      g_autofree char *line = g_strdup_printf ("%s,end\n", quoted);
      g_autofree char *expected = g_strdup_printf ("%s|end", text);
      g_autofree char *joined = parse (line, -1, NULL);

      g_assert_cmpstr (joined, ==, expected);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/good", test_good);
  g_test_add_func ("/csv/gbk", test_gbk);
  g_test_add_func ("/csv/bad", test_bad);
  g_test_add_func ("/csv/bounds", test_bounds);
  g_test_add_func ("/csv/quote", test_quote);
  g_test_add_func ("/csv/round-trip", test_round_trip);

  return g_test_run ();
}
