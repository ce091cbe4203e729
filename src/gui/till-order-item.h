/*
 * till-order-item.h: one sale as a row of a table
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-records.h"

G_BEGIN_DECLS

#define TILL_TYPE_ORDER_ITEM (till_order_item_get_type ())
G_DECLARE_FINAL_TYPE (TillOrderItem, till_order_item, TILL, ORDER_ITEM, GObject)

TillOrderItem *till_order_item_new (TillOrder *order);
void       till_order_item_set_order (TillOrderItem *self,
                                      TillOrder     *order);
TillOrder *till_order_item_get_order (TillOrderItem *self);

G_END_DECLS
