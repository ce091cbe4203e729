/*
 * till-match-paper.c: the match of a day, for spreadsheets and for the file of the office
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-csv.h"
#include "till-match-paper.h"
#include "till-sheet.h"
#include "till-words-online.h"
#include "till-words.h"

/* A spreadsheet takes the file for UTF-8 by this. */
#define BOM "\xef\xbb\xbf"

#define N_COLUMNS 8

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static char **
make_row (const TillDifference *difference)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *ours = till_money_format (difference->ours);
  g_autofree char *theirs = till_money_format (difference->theirs);
  const gboolean ours_only = difference->kind == TILL_DIFFERENCE_KIND_ONLY_OURS;
  const gboolean theirs_only = difference->kind == TILL_DIFFERENCE_KIND_ONLY_THEIRS;

  g_strv_builder_add_many (builder, till_words_difference (difference->kind),
                           or_empty (difference->place),
                           difference->refund_no != NULL ? difference->refund_no
                                                         : or_empty (difference->attempt_no),
                           or_empty (difference->txn), theirs_only ? "" : ours,
                           ours_only ? "" : theirs, or_empty (difference->outcome),
                           or_empty (difference->decided_by), NULL);
  return g_strv_builder_end (builder);
}

static GPtrArray *
make_rows (TillReconciliation *match)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  for (guint i = 0; match->differences != NULL && i < match->differences->len; i++)
    g_ptr_array_add (rows, make_row (match->differences->pdata[i]));

  return rows;
}

/* The sums of both sides, a line each. */
static char **
make_facts (TillReconciliation *match)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *ours = till_words_money (match->ours);
  g_autofree char *theirs = till_words_money (match->theirs);
  g_autofree char *ours_back = till_words_money (match->ours_refunded);
  g_autofree char *theirs_back = till_words_money (match->theirs_refunded);
  g_autofree char *fee = till_words_fee (match->fee_e5);
  g_autofree char *run = till_clock_format (match->run_ms);
  g_autofree char *paid = g_strdup_printf (_("Paid: books %s, bill %s"), ours, theirs);
  g_autofree char *back = g_strdup_printf (_("Given back: books %s, bill %s"), ours_back,
                                           theirs_back);
  g_autofree char *fees = g_strdup_printf (_("Fee of the gateway: %s"), fee);
  g_autofree char *counts = g_strdup_printf (_("Lines: books %u, bill %u, equal %u, "
                                               "differences without an action %u"), match->n_ours,
                                             match->n_theirs, match->n_equal, match->n_open);
  g_autofree char *when = g_strdup_printf (_("Matched %s by %s"), run,
                                           or_empty (match->operator_name));

  g_strv_builder_add_many (builder, paid, back, fees, counts, when, NULL);
  return g_strv_builder_end (builder);
}

static gboolean
write_pdf (TillReconciliation *match,
           const char         *site_name,
           gboolean            demo,
           const char         *path,
           GError            **error)
{
  const TillSheetColumn columns[N_COLUMNS] = {
    { _("Difference"), 12, FALSE }, { _("Tenant"), 9, FALSE }, { _("Our number"), 20, FALSE },
    { _("Gateway’s number"), 20, FALSE }, { _("Books"), 9, TRUE }, { _("Bill"), 9, TRUE },
    { _("What was done"), 18, FALSE }, { _("By"), 7, FALSE },
  };
  g_autoptr(GPtrArray) rows = make_rows (match);
  g_auto(GStrv) facts = make_facts (match);
  g_autofree char *day = till_words_day (match->day);
  g_autofree char *subtitle = g_strdup_printf ("%s  %s", till_words_method (match->method), day);
  const TillSheet sheet = {
    .title = _("Daily match with the gateway’s bill"),
    .subtitle = subtitle,
    .facts = (const char *const *)facts,
    .columns = columns,
    .n_columns = N_COLUMNS,
    .rows = rows,
    .foot = site_name,
    .watermark = demo ? C_("receipt", "DEMO") : NULL,
  };

  return till_sheet_write_pdf (&sheet, path, error);
}

static void
append_cells (GString           *text,
              const char *const *cells)
{
  for (guint i = 0; cells[i] != NULL; i++)
    {
      g_autofree char *quoted = till_csv_quote (cells[i]);

      g_string_append (text, i > 0 ? "," : "");
      g_string_append (text, quoted);
    }

  g_string_append (text, "\r\n");
}

static gboolean
write_csv (TillReconciliation *match,
           const char         *path,
           GError            **error)
{
  const char *const heads[] = {
    _("Difference"), _("Tenant"), _("Our number"), _("Gateway’s number"), _("Books"), _("Bill"),
    _("What was done"), _("By"), NULL
  };
  g_autoptr(GString) text = g_string_new (BOM);
  g_autoptr(GPtrArray) rows = make_rows (match);
  g_auto(GStrv) facts = make_facts (match);
  g_autofree char *day = till_words_day (match->day);
  const char *const title[] = { till_words_method (match->method), day, NULL };

  append_cells (text, title);
  for (guint i = 0; facts[i] != NULL; i++)
    {
      const char *const line[] = { facts[i], NULL };

      append_cells (text, line);
    }
  append_cells (text, heads);
  for (guint i = 0; i < rows->len; i++)
    append_cells (text, rows->pdata[i]);

  return g_file_set_contents_full (path, text->str, (gssize)text->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}

/**
 * till_match_paper_write:
 * @match: the match of a day
 * @site_name: the mall
 * @demo: whether it is the demonstration
 * @path: the file to write; by its end a table (`.csv`) or a paper (`.pdf`)
 * @error: return location for a #GError
 *
 * Blocks; any thread may call it.
 *
 * Returns: %TRUE when the file is there, %FALSE with @error set otherwise
 */
gboolean
till_match_paper_write (TillReconciliation *match,
                        const char         *site_name,
                        gboolean            demo,
                        const char         *path,
                        GError            **error)
{
  if (g_str_has_suffix (path, ".csv"))
    return write_csv (match, path, error);

  return write_pdf (match, site_name, demo, path, error);
}
