/*
 * till-csv.h: tables in and out of spreadsheets
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TILL_CSV_BYTES_MAX (64 * 1024 * 1024)
#define TILL_CSV_ROWS_MAX 100000
#define TILL_CSV_COLUMNS_MAX 256
#define TILL_CSV_FIELD_MAX 4096

#define TILL_CSV_ERROR (till_csv_error_quark ())
GQuark till_csv_error_quark (void);

/**
 * TillCsvError:
 * @TILL_CSV_ERROR_SYNTAX: quotes do not pair
 * @TILL_CSV_ERROR_ENCODING: neither UTF-8 nor GBK
 * @TILL_CSV_ERROR_TOO_LARGE: beyond one of the bounds
 *
 * What can be wrong with a table. The message names the row and says what to do.
 */
typedef enum
{
  TILL_CSV_ERROR_SYNTAX,
  TILL_CSV_ERROR_ENCODING,
  TILL_CSV_ERROR_TOO_LARGE,
} TillCsvError;

GPtrArray *till_csv_parse (GBytes  *bytes,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
char      *till_csv_quote (const char *field) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
