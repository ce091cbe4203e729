/*
 * till-order-detail.h: all about one sale: both sides, its payments, its refunds
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"
#include "till-print.h"

G_BEGIN_DECLS

#define TILL_TYPE_ORDER_DETAIL (till_order_detail_get_type ())
G_DECLARE_FINAL_TYPE (TillOrderDetail, till_order_detail, TILL, ORDER_DETAIL, GtkWidget)

void till_order_detail_set_desk (TillOrderDetail *self,
                                 TillDesk        *desk,
                                 TillPrint       *print);
void till_order_detail_show (TillOrderDetail *self,
                             TillOrder       *order);

G_END_DECLS
