/*
 * till-orders-page.h: the sales of some days, and any sale by its number
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"
#include "till-print.h"

G_BEGIN_DECLS

#define TILL_TYPE_ORDERS_PAGE (till_orders_page_get_type ())
G_DECLARE_FINAL_TYPE (TillOrdersPage, till_orders_page, TILL, ORDERS_PAGE, GtkWidget)

void  till_orders_page_set_desk (TillOrdersPage *self,
                                 TillDesk       *desk,
                                 TillPrint      *print);
void  till_orders_page_find (TillOrdersPage *self,
                             const char     *number);
guint till_orders_page_get_n_orders (TillOrdersPage *self);

G_END_DECLS
