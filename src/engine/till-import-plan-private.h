/*
 * till-import-plan-private.h: the rows of a table held against one another and against the books
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-import-row-private.h"
#include "till-site.h"
#include "till-store-site.h"

G_BEGIN_DECLS

/* A shop, as the books or the first row that names it say. Row 0 stands for the books. */
typedef struct
{
  guint           row;
  guint           account_row;
  gboolean        has_account;
  gint64          account_id; /* in the books, 0 when there is none yet */
  const char     *floor;
  gint64          area_cm2;
  const char     *tenant;
  const char     *phone;
  TillBalanceMode balance_mode;
} TillImportShop;

/* A line, as the books or the rows that name it say; 0 is not said. */
typedef struct
{
  guint        row;
  TillLineKind kind;
  guint        baud;
  guint        parity;
  guint        stop_bits;
  const char  *registration;
} TillImportLine;

typedef struct _TillImportMeter TillImportMeter;

/* A meter of the file or of the books, or of both when it is there already. */
struct _TillImportMeter
{
  gint64                id;
  const char           *meter_no;
  const TillImportRow  *row;    /* (nullable) */
  const TillMeter      *known;  /* (nullable) */
  const TillMeterSetup *setup;  /* (nullable) of @known */
  TillImportMeter      *parent; /* (nullable) */
  guint                 walk;   /* number of the last walk that came by */
};

/**
 * TillImportPlan:
 *
 * Everything an import looks at. Lives in the thread of the books, while the books do not change.
 */
typedef struct
{
  TillImportResult *result;
  GPtrArray        *table; /* owns the texts of the rows */
  TillImportHeader  header;
  GArray           *rows;  /* of TillImportRow */

  TillSite         *site;  /* (nullable) the books as they are */
  GPtrArray        *setups;
  GPtrArray        *book_lines;

  GStringChunk     *keys;
  GHashTable       *shops;  /* building and shop → TillImportShop */
  GHashTable       *lines;  /* address → TillImportLine */
  GHashTable       *units;  /* line and unit → TillImportMeter, which @meters owns */
  GHashTable       *meters; /* number without zeros in front → TillImportMeter */
} TillImportPlan;

gboolean         till_import_plan_make (TillImportPlan   *self,
                                        TillBooks        *books,
                                        GBytes           *csv,
                                        TillImportResult *result,
                                        GError          **error);
void             till_import_plan_clear (TillImportPlan *self);
TillImportShop  *till_import_plan_get_shop (TillImportPlan      *self,
                                            const TillImportRow *row);
TillImportLine  *till_import_plan_get_line (TillImportPlan      *self,
                                            const TillImportRow *row);
TillImportMeter *till_import_plan_get_meter (TillImportPlan *self,
                                             const char     *meter_no);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TillImportPlan, till_import_plan_clear)

G_END_DECLS
