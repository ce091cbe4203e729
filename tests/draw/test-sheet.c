/*
 * test-sheet.c: a table on paper, read back with poppler's tools
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "till-sheet.h"

#define N_ROWS 200

static char *folder;

static char *
run (const char *const *arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  char *output = NULL;

  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error));
  g_assert_true (g_subprocess_get_successful (process));
  return output;
}

static GPtrArray *
make_rows (guint n)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  for (guint i = 0; i < n; i++)
    {
      const char *const cells[] = { "A/A101 顺心餐饮", "4200001234202611240987654321", "100.00", NULL };
      char **row = g_strdupv ((char **)cells);

      g_free (row[2]);
      row[2] = g_strdup_printf ("row-%u", i);
      g_ptr_array_add (rows, row);
    }
  return rows;
}

static void
write_sheet (GPtrArray  *rows,
             const char *path,
             GError    **error)
{
  static const char *const facts[] = { "Ours 100.00", "Theirs 99.00", NULL };
  static const TillSheetColumn columns[] = {
    { "Tenant", 2, FALSE }, { "Number", 3, FALSE }, { "Amount", 1, TRUE }
  };
  const TillSheet sheet = {
    .title = "Daily bill", .subtitle = "2026-11-23", .facts = facts, .columns = columns, .n_columns = 3,
    .rows = rows, .foot = "顺心城市广场", .watermark = "DEMO",
  };

  g_assert_true (till_sheet_write_pdf (&sheet, path, error) == (*error == NULL));
}

/* All rows are there, once each and in their order; the heads and the foot stand on every page. */
static void
test_pages (void)
{
  g_autoptr(GPtrArray) rows = make_rows (N_ROWS);
  g_autofree char *path = g_build_filename (folder, "long.pdf", NULL);
  const char *const arguments[] = { "pdftotext", "-layout", path, "-", NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) pages = NULL;
  const char *at;
  GStatBuf status;

  write_sheet (rows, path, &error);
  g_assert_no_error (error);
  text = run (arguments);
  at = text;
  for (guint i = 0; i < N_ROWS; i++)
    {
      g_autofree char *row = g_strdup_printf ("row-%u\n", i);

      at = strstr (at, row);
      g_assert_nonnull (at);
      g_assert_null (strstr (at + 1, row));
    }

  pages = g_strsplit (text, "\f", -1);
  g_assert_cmpuint (g_strv_length (pages), >=, 5);
  g_assert_nonnull (strstr (pages[0], "Theirs 99.00"));
  for (guint i = 0; *pages[i] != '\0'; i++)
    {
      g_assert_nonnull (strstr (pages[i], "Amount"));
      g_assert_nonnull (strstr (pages[i], "顺心城市广场"));
    }

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
test_empty (void)
{
  g_autoptr(GPtrArray) rows = make_rows (0);
  g_autofree char *path = g_build_filename (folder, "empty.pdf", NULL);
  const char *const arguments[] = { "pdftotext", path, "-", NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  write_sheet (rows, path, &error);
  g_assert_no_error (error);
  text = run (arguments);
  g_assert_nonnull (strstr (text, "Daily bill"));
}

static void
test_fault (void)
{
  g_autoptr(GPtrArray) rows = make_rows (1);
  g_autofree char *path = g_build_filename (folder, "no-such-folder", "x.pdf", NULL);
  g_autoptr(GError) error = NULL;

  write_sheet (rows, path, &error);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main (int   argc,
      char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_getenv ("TILL_TEST_KEEP") != NULL ? g_strdup (g_getenv ("TILL_TEST_KEEP"))
                                               : g_dir_make_tmp ("till-sheet-XXXXXX", NULL);
  g_test_add_func ("/sheet/pages", test_pages);
  g_test_add_func ("/sheet/empty", test_empty);
  g_test_add_func ("/sheet/fault", test_fault);
  result = g_test_run ();

  if (g_getenv ("TILL_TEST_KEEP") == NULL)
    {
      const char *const arguments[] = { "rm", "-r", folder, NULL };
      g_autofree char *output = run (arguments);
    }

  g_free (folder);
  return result;
}
