/*
 * till-sheet.h: a table on as many sheets of A4 as it takes
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TillSheetColumn:
 * @title: (nullable): what stands over it on every sheet
 * @share: its width, as a share of all columns' together
 * @is_number: whether it stands on the right
 *
 * A column of a table on paper.
 */
typedef struct
{
  const char *title;
  int         share;
  gboolean    is_number;
} TillSheetColumn;

/**
 * TillSheet:
 *
 * What is to be printed. Nothing in it belongs to it.
 */
typedef struct
{
  const char            *title;
  const char            *subtitle; /* (nullable) */
  const char *const     *facts;    /* (nullable) lines over the table, %NULL at the end */
  const TillSheetColumn *columns;
  guint                  n_columns;
  GPtrArray             *rows;      /* of GStrv, each of n_columns */
  const char            *foot;      /* (nullable) at the foot of each sheet, before its number */
  const char            *watermark; /* (nullable) */
} TillSheet;

gboolean till_sheet_write_pdf (const TillSheet *self,
                               const char      *path,
                               GError         **error);

G_END_DECLS
