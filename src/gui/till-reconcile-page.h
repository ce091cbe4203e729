/*
 * till-reconcile-page.h: the daily match with the bills of the gateways
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"
#include "till-print.h"

G_BEGIN_DECLS

#define TILL_TYPE_RECONCILE_PAGE (till_reconcile_page_get_type ())
G_DECLARE_FINAL_TYPE (TillReconcilePage, till_reconcile_page, TILL, RECONCILE_PAGE, GtkWidget)

void till_reconcile_page_set_desk (TillReconcilePage *self,
                                   TillDesk          *desk,
                                   TillPrint         *print);
void till_reconcile_page_choose (TillReconcilePage *self,
                                 TillMethod         method,
                                 int                day);
int  till_reconcile_page_get_day (TillReconcilePage *self);
void till_reconcile_page_match (TillReconcilePage *self,
                                const char        *path);
void till_reconcile_page_export (TillReconcilePage *self,
                                 const char        *path);

G_END_DECLS
