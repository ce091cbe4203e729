/*
 * till-online-page.h: online payments: the daily match, and the gateways
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"
#include "till-print.h"

G_BEGIN_DECLS

#define TILL_TYPE_ONLINE_PAGE (till_online_page_get_type ())
G_DECLARE_FINAL_TYPE (TillOnlinePage, till_online_page, TILL, ONLINE_PAGE, GtkWidget)

void till_online_page_set_desk (TillOnlinePage *self,
                                TillDesk       *desk,
                                TillPrint      *print);
void till_online_page_set_page (TillOnlinePage *self,
                                const char     *name);

G_END_DECLS
