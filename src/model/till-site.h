/*
 * till-site.h: the site as one tree: buildings, floors, shops, meters
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-reading.h"

G_BEGIN_DECLS

/**
 * TillPlaceKind:
 *
 * The levels of the tree above the meters.
 */
typedef enum
{
  TILL_PLACE_KIND_BUILDING,
  TILL_PLACE_KIND_FLOOR,
  TILL_PLACE_KIND_SHOP,
} TillPlaceKind;

typedef struct
{
  gint64        id;
  gint64        parent_id; /* 0 for a building */
  TillPlaceKind kind;
  char         *name;
  gint64        area_cm2; /* of a shop; 0 when not known */
} TillPlace;

/* A tenant's account: a shop, a tenant in it, and where the money is held. */
typedef struct
{
  gint64          id;
  gint64          shop_id;
  gint64          tenant_id;
  char           *tenant_name;
  char           *phone; /* (nullable) whole; mask it wherever it is shown (till-mask) */
  TillBalanceMode balance_mode;
  char           *path;       /* “BUILDING/SHOP”, what ctl calls it */
  char           *search_key; /* upper-case ASCII and Chinese, see till-search-key */
} TillAccount;

typedef struct
{
  gint64 id;
  gint64 account_id; /* 0: a main meter or an instrument of nobody */
  gint64 place_id;   /* where it hangs in the tree */
  gint64 line_id;
  gint64 parent_meter_id;
  char  *meter_no;
  char  *profile;
  char  *tariff;
  guint8 unit;
  gint32 ct; /* 0: take what the meter says */
  gint32 pt;
  guint8 prepaid;     /* takes purchases */
  guint8 has_relay;
  guint8 never_trip;
} TillMeter;

typedef struct
{
  gint64       id;
  TillLineKind kind;
  char        *address;
} TillLineInfo;

/**
 * TillSite:
 *
 * The whole site at one instant. Immutable once made; counted atomically; may cross threads.
 */
typedef struct
{
  char       *name;
  gboolean    demo;
  GPtrArray  *places;   /* of TillPlace, parents before children, in the order of the tree */
  GPtrArray  *accounts; /* of TillAccount */
  GPtrArray  *meters;   /* of TillMeter */
  GPtrArray  *lines;    /* of TillLineInfo */
  /*< private >*/
  GHashTable *place_by_id;
  GHashTable *account_by_id;
  GHashTable *meter_by_id;
} TillSite;

TillSite          *till_site_new (const char *name,
                                  gboolean    demo);
TillSite          *till_site_ref (TillSite *self);
void               till_site_unref (TillSite *self);
void               till_site_take_place (TillSite  *self,
                                         TillPlace *place);
void               till_site_take_account (TillSite    *self,
                                           TillAccount *account);
void               till_site_take_meter (TillSite  *self,
                                         TillMeter *meter);
void               till_site_take_line (TillSite     *self,
                                        TillLineInfo *line);
const TillPlace   *till_site_get_place (TillSite *self,
                                        gint64    id);
const TillAccount *till_site_get_account (TillSite *self,
                                          gint64    id);
const TillMeter   *till_site_get_meter (TillSite *self,
                                        gint64    id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSite, till_site_unref)

G_END_DECLS
