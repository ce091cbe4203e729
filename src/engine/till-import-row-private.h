/*
 * till-import-row-private.h: one row of an import table, judged by itself
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-import-private.h"

G_BEGIN_DECLS

typedef enum
{
  TILL_IMPORT_COLUMN_BUILDING,
  TILL_IMPORT_COLUMN_FLOOR,
  TILL_IMPORT_COLUMN_SHOP,
  TILL_IMPORT_COLUMN_AREA,
  TILL_IMPORT_COLUMN_TENANT,
  TILL_IMPORT_COLUMN_PHONE,
  TILL_IMPORT_COLUMN_LINE,
  TILL_IMPORT_COLUMN_LINE_KIND,
  TILL_IMPORT_COLUMN_ADDRESS,
  TILL_IMPORT_COLUMN_PROFILE,
  TILL_IMPORT_COLUMN_METER_NO,
  TILL_IMPORT_COLUMN_CT,
  TILL_IMPORT_COLUMN_TARIFF,
  TILL_IMPORT_COLUMN_BALANCE_MODE,
  TILL_IMPORT_COLUMN_BAUD,
  TILL_IMPORT_COLUMN_PARITY,
  TILL_IMPORT_COLUMN_STOP_BITS,
  TILL_IMPORT_COLUMN_PT,
  TILL_IMPORT_COLUMN_PARENT_METER,
  TILL_IMPORT_COLUMN_NEVER_TRIP,
  TILL_IMPORT_COLUMN_COUNT_RULE,
  TILL_IMPORT_COLUMN_REGISTRATION,
} TillImportColumn;

#define TILL_IMPORT_N_COLUMNS 22

/* Which parts of a row are sound by themselves, so that they can be held against other rows. */
typedef enum
{
  TILL_IMPORT_PART_PLACE = 1 << 0,
  TILL_IMPORT_PART_TENANT = 1 << 1,
  TILL_IMPORT_PART_LINE = 1 << 2,
  TILL_IMPORT_PART_UNIT = 1 << 3,
  TILL_IMPORT_PART_METER_NO = 1 << 4,
  TILL_IMPORT_PART_REST = 1 << 5,
} TillImportPart;

#define TILL_IMPORT_PARTS_ALL 0x3f

/**
 * TillImportRow:
 *
 * A row, decoded. The texts belong to the table and are never %NULL. What an optional column does
 * not say is empty, 0, or where 0 means something, -1.
 */
typedef struct
{
  guint           number; /* as a spreadsheet counts, the header is 1 */
  guint           parts;  /* of TillImportPart */
  const char     *building;
  const char     *floor;
  const char     *shop;
  const char     *tenant;
  const char     *phone;
  const char     *line;
  const char     *profile;
  const char     *meter_no;
  const char     *tariff;
  const char     *parent_meter;
  const char     *registration;
  gint64          area_cm2;
  TillLineKind    line_kind;
  TillBalanceMode balance_mode;
  int             count_rule;
  int             never_trip;
  guint           unit;
  gint32          ct;
  gint32          pt;
  guint           baud;
  guint           parity; /* a letter */
  guint           stop_bits;
} TillImportRow;

/**
 * TillImportHeader:
 *
 * Where each column stands in the table.
 */
typedef struct
{
  int   position[TILL_IMPORT_N_COLUMNS]; /* -1: not there */
  guint n_fields;
} TillImportHeader;

gboolean till_import_header_read (TillImportHeader *self,
                                  GPtrArray        *fields,
                                  TillImportResult *result);
void     till_import_row_read (const TillImportHeader *header,
                               GPtrArray              *fields,
                               TillImportRow          *row,
                               TillImportResult       *result);
void     till_import_add_fault (TillImportResult *result,
                                guint             row,
                                TillImportColumn  column,
                                const char       *value,
                                const char       *format,
                                ...) G_GNUC_PRINTF (5, 6);

G_END_DECLS
