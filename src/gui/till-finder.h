/*
 * till-finder.h: finds a tenant: the search entry, its answers, and the tree
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_FINDER (till_finder_get_type ())
G_DECLARE_FINAL_TYPE (TillFinder, till_finder, TILL, FINDER, GtkWidget)

void till_finder_set_desk (TillFinder *self,
                           TillDesk   *desk);
void till_finder_focus_search (TillFinder *self);

G_END_DECLS
