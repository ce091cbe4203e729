/*
 * till-condition-bars.h: what stands wrong, in bars over the pages
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_CONDITION_BARS (till_condition_bars_get_type ())
G_DECLARE_FINAL_TYPE (TillConditionBars, till_condition_bars, TILL, CONDITION_BARS, GtkWidget)

void till_condition_bars_set_desk (TillConditionBars *self,
                                   TillDesk          *desk);

G_END_DECLS
