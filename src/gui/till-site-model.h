/*
 * till-site-model.h: the site as lists of rows, kept up to date
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-engine.h"
#include "till-node.h"

G_BEGIN_DECLS

#define TILL_TYPE_SITE_MODEL (till_site_model_get_type ())
G_DECLARE_FINAL_TYPE (TillSiteModel, till_site_model, TILL, SITE_MODEL, GObject)

TillSiteModel *till_site_model_new (TillEngine *engine);
TillSite   *till_site_model_get_site (TillSiteModel *self);
GListModel *till_site_model_get_roots (TillSiteModel *self);
GListModel *till_site_model_create_children (TillSiteModel *self,
                                             TillNode      *node);
GListModel *till_site_model_create_meters (TillSiteModel *self);
TillNode   *till_site_model_get_meter_node (TillSiteModel *self,
                                            gint64         meter_id);
TillNode   *till_site_model_get_shop_node (TillSiteModel *self,
                                           gint64         account_id);
GPtrArray  *till_site_model_get_meters_of_account (TillSiteModel *self,
                                                   gint64         account_id);
char       *till_site_model_describe_place (TillSiteModel *self,
                                            gint64         place_id) G_GNUC_WARN_UNUSED_RESULT;
char       *till_site_model_describe_floor (TillSiteModel *self,
                                            gint64         account_id) G_GNUC_WARN_UNUSED_RESULT;
char       *till_site_model_describe_meter (TillSiteModel *self,
                                            gint64         meter_id) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
