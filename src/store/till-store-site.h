/*
 * till-store-site.h: places, tenants, accounts, lines and meters
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-site.h"

G_BEGIN_DECLS

/**
 * TillMeterSetup:
 *
 * What the engine has to know of a meter beyond the tree.
 */
typedef struct
{
  gint64        id;
  gint64        line_id;
  gint64        account_id;
  char         *meter_no;
  char         *profile;
  TillCountRule count_rule;
  guint8        unit;
  gint32        ct;
  gint32        pt;
  gint64        epoch;
  gboolean      adopted;
  gboolean      never_trip;
} TillMeterSetup;

typedef struct
{
  gint64       id;
  TillLineKind kind;
  char        *address;
  guint        baud;
  char         parity;
  guint        stop_bits;
  char        *registration; /* (nullable) */
} TillLineSetup;

void       till_meter_setup_free (TillMeterSetup *self);
void       till_line_setup_free (TillLineSetup *self);

gboolean   till_store_put_place (TillBooks    *books,
                                 gint64        parent_id,
                                 TillPlaceKind kind,
                                 const char   *name,
                                 gint64        area_cm2,
                                 gint64       *id,
                                 GError      **error);
gboolean   till_store_put_line (TillBooks           *books,
                                const TillLineSetup *setup,
                                gint64              *id,
                                GError             **error);
gboolean   till_store_put_account (TillBooks      *books,
                                   gint64          shop_id,
                                   const char     *tenant,
                                   const char     *phone,
                                   TillBalanceMode balance_mode,
                                   gint64         *id,
                                   GError        **error);
gboolean   till_store_add_meter (TillBooks            *books,
                                 const TillMeterSetup *setup,
                                 gint64                place_id,
                                 const char           *tariff,
                                 gint64               *id,
                                 GError              **error);
gboolean   till_store_set_parent (TillBooks  *books,
                                  gint64      meter_id,
                                  const char *parent_meter_no,
                                  GError    **error);
gboolean   till_store_set_line (TillBooks  *books,
                                gint64      line_id,
                                const char *address,
                                GError    **error);
TillSite  *till_store_load_site (TillBooks  *books,
                                 const char *name,
                                 gboolean    demo,
                                 GError    **error);
GPtrArray *till_store_load_meters (TillBooks *books,
                                   GError   **error);
GPtrArray *till_store_load_lines (TillBooks *books,
                                  GError   **error);
gboolean   till_store_set_adopted (TillBooks *books,
                                   gint64     meter_id,
                                   gint64     at_ms,
                                   GError   **error);
gboolean   till_store_put_latest (TillBooks         *books,
                                  const TillReading *reading,
                                  GError           **error);
gboolean   till_store_load_latest (TillBooks   *books,
                                   gint64       meter_id,
                                   TillReading *reading,
                                   gboolean    *found,
                                   GError     **error);

G_END_DECLS
