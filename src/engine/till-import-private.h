/*
 * till-import-private.h: a site from a table: all of it, or nothing
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-types.h"

G_BEGIN_DECLS

/* So many faults are written out; the others are only counted. */
#define TILL_IMPORT_FAULTS_MAX 1000

/**
 * TillImportResult:
 *
 * What an import did, or would do. Clear it with till_import_result_clear().
 */
typedef struct
{
  guint      n_rows;         /* rows below the header that are not blank */
  guint      n_meters_added;
  guint      n_unchanged;    /* meters that are in the books already, just so */
  guint      n_accounts;     /* accounts opened */
  guint      n_faults;       /* all of them, @faults may hold fewer */
  GPtrArray *faults;         /* of char *: “row N, column: what is wrong and what to do” */
  GPtrArray *warnings;       /* of char * */
} TillImportResult;

gboolean till_import_check (TillBooks        *books,
                            GBytes           *csv,
                            TillImportResult *result,
                            GError          **error);
gboolean till_import_run (TillBooks        *books,
                          const char       *operator_name,
                          GBytes           *csv,
                          TillImportResult *result,
                          GError          **error);
void     till_import_result_clear (TillImportResult *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TillImportResult, till_import_result_clear)

G_END_DECLS
