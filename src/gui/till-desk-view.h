/*
 * till-desk-view.h: what is seen after signing in: header, bars and pages
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "till-counter-page.h"
#include "till-desk.h"
#include "till-print.h"

G_BEGIN_DECLS

#define TILL_TYPE_DESK_VIEW (till_desk_view_get_type ())
G_DECLARE_FINAL_TYPE (TillDeskView, till_desk_view, TILL, DESK_VIEW, GtkWidget)

GtkWidget *till_desk_view_new (TillDesk  *desk,
                               TillPrint *print);
TillCounterPage *till_desk_view_get_counter (TillDeskView *self);
void             till_desk_view_set_page (TillDeskView *self,
                                          const char   *name);
void             till_desk_view_show_order (TillDeskView *self,
                                            const char   *number);
const char      *till_desk_view_get_page (TillDeskView *self);

G_END_DECLS
