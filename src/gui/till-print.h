/*
 * till-print.h: receipts, on paper and as files, without holding anybody up
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "till-desk.h"
#include "till-receipt.h"

G_BEGIN_DECLS

#define TILL_TYPE_PRINT (till_print_get_type ())
G_DECLARE_FINAL_TYPE (TillPrint, till_print, TILL, PRINT, GObject)

TillPrint *till_print_new (TillDesk *desk);
void             till_print_receipt (TillPrint  *self,
                                     const char *order_id);
GtkWidget       *till_print_sheets (TillPrint  *self,
                                    GtkWindow  *parent,
                                    const char *path);
void             till_print_stop (TillPrint *self);
const char      *till_print_get_printer (TillPrint *self);
TillReceiptPaper till_print_get_paper (TillPrint *self);
void             till_print_set_printer (TillPrint       *self,
                                         const char      *printer,
                                         TillReceiptPaper paper);
const char      *till_print_get_last_file (TillPrint *self);

G_END_DECLS
