/*
 * till-gateway-dialog.h: a test order of 0.01 yuan, from the code until it was given back
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_GATEWAY_DIALOG (till_gateway_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillGatewayDialog, till_gateway_dialog, TILL, GATEWAY_DIALOG, AdwWindow)

GtkWidget *till_gateway_dialog_new (TillDesk  *desk,
                                    TillMethod method);

G_END_DECLS
