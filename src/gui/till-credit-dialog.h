/*
 * till-credit-dialog.h: to whom a payment in suspense is credited
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_CREDIT_DIALOG (till_credit_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillCreditDialog, till_credit_dialog, TILL, CREDIT_DIALOG, AdwWindow)

GtkWidget *till_credit_dialog_new (TillDesk  *desk,
                                   TillStray *stray);

G_END_DECLS
