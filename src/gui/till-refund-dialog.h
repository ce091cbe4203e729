/*
 * till-refund-dialog.h: money is given back: asked for, and watched
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_REFUND_DIALOG (till_refund_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillRefundDialog, till_refund_dialog, TILL, REFUND_DIALOG, AdwWindow)

GtkWidget *till_refund_dialog_new (TillDesk  *desk,
                                   TillOrder *order);

G_END_DECLS
