/*
 * till-node.h: one row of the tree: a building, a floor, a shop or a meter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-marks.h"
#include "till-site.h"

G_BEGIN_DECLS

#define TILL_TYPE_NODE (till_node_get_type ())
G_DECLARE_FINAL_TYPE (TillNode, till_node, TILL, NODE, GObject)

typedef enum
{
  TILL_NODE_KIND_BUILDING,
  TILL_NODE_KIND_FLOOR,
  TILL_NODE_KIND_SHOP,
  TILL_NODE_KIND_METER,
} TillNodeKind;

/**
 * TillTally:
 *
 * What hangs below a building or a floor, counted.
 */
typedef struct
{
  guint n_meters;
  guint n_by_mark[TILL_N_MARKS];
} TillTally;

TillNode          *till_node_new_for_place (TillSite          *site,
                                            const TillPlace   *place,
                                            const TillAccount *account);
TillNode          *till_node_new_for_meter (TillSite        *site,
                                            const TillMeter *meter);
TillNodeKind       till_node_get_kind (TillNode *self);
const TillPlace   *till_node_get_place (TillNode *self);
const TillAccount *till_node_get_account (TillNode *self);
const TillMeter   *till_node_get_meter (TillNode *self);
const char        *till_node_get_title (TillNode *self);
const char        *till_node_get_subtitle (TillNode *self);

/* What changes; each change emits notify::summary once. */
void               till_node_take_state (TillNode       *self,
                                         TillMeterState *state);
TillMeterState    *till_node_get_state (TillNode *self);
void               till_node_set_summary (TillNode *self,
                                          guint     marks,
                                          gboolean  has_remaining,
                                          TillMoney remaining);
void               till_node_set_tally (TillNode        *self,
                                        const TillTally *tally);
guint              till_node_get_marks (TillNode *self);
gboolean           till_node_get_remaining (TillNode  *self,
                                            TillMoney *remaining);
const TillTally   *till_node_get_tally (TillNode *self);

G_END_DECLS
