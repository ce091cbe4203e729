/*
 * till-difference-item.h: one difference of a match as a row of a table
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-online.h"

G_BEGIN_DECLS

#define TILL_TYPE_DIFFERENCE_ITEM (till_difference_item_get_type ())
G_DECLARE_FINAL_TYPE (TillDifferenceItem, till_difference_item, TILL, DIFFERENCE_ITEM, GObject)

TillDifferenceItem *till_difference_item_new (TillReconciliation *match,
                                              guint i);
const TillDifference *till_difference_item_get (TillDifferenceItem *self);

G_END_DECLS
