/*
 * till-printer-dialog.h: which printer stands at this desk
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "till-print.h"

G_BEGIN_DECLS

#define TILL_TYPE_PRINTER_DIALOG (till_printer_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillPrinterDialog, till_printer_dialog, TILL, PRINTER_DIALOG, AdwWindow)

GtkWidget *till_printer_dialog_new (TillPrint *print);

G_END_DECLS
