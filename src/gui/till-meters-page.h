/*
 * till-meters-page.h: every meter of the site in one table
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_METERS_PAGE (till_meters_page_get_type ())
G_DECLARE_FINAL_TYPE (TillMetersPage, till_meters_page, TILL, METERS_PAGE, GtkWidget)

void  till_meters_page_set_desk (TillMetersPage *self,
                                 TillDesk       *desk);
guint till_meters_page_get_n_shown (TillMetersPage *self);

G_END_DECLS
