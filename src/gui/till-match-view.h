/*
 * till-match-view.h: both sides of a day, and what differs
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_MATCH_VIEW (till_match_view_get_type ())
G_DECLARE_FINAL_TYPE (TillMatchView, till_match_view, TILL, MATCH_VIEW, GtkWidget)

void  till_match_view_set_desk (TillMatchView *self,
                                TillDesk      *desk);
void  till_match_view_show (TillMatchView      *self,
                            TillReconciliation *match);
guint till_match_view_get_n_shown (TillMatchView *self);

G_END_DECLS
