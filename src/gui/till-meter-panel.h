/*
 * till-meter-panel.h: one meter on the tenant's card
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_METER_PANEL (till_meter_panel_get_type ())
G_DECLARE_FINAL_TYPE (TillMeterPanel, till_meter_panel, TILL, METER_PANEL, GtkWidget)

GtkWidget *till_meter_panel_new (TillDesk *desk,
                                 TillNode *node);
void till_meter_panel_refresh (TillMeterPanel *self);

G_END_DECLS
