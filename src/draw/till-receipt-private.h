/*
 * till-receipt-private.h: what the two forms of a receipt share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-receipt.h"

G_BEGIN_DECLS

const char *till_receipt_get_title (void);
const char *till_receipt_get_method_label (const TillReceipt *self);
const char *till_receipt_get_delivery_label (const TillReceipt *self);
GPtrArray  *till_receipt_list_banners (const TillReceipt *self) G_GNUC_WARN_UNUSED_RESULT;
char       *till_receipt_format_amount (TillMoney amount) G_GNUC_WARN_UNUSED_RESULT;
char       *till_receipt_format_words (TillMoney amount) G_GNUC_WARN_UNUSED_RESULT;
double      till_receipt_draw_banner (cairo_t    *cr,
                                      const char *text,
                                      double      x,
                                      double      y,
                                      double      width,
                                      double      size);

double      till_receipt_draw_roll (const TillReceipt *self,
                                    cairo_t           *cr);
double      till_receipt_draw_sheet (const TillReceipt *self,
                                     cairo_t           *cr,
                                     double             scale);

#define TILL_RECEIPT_ROLL_WIDTH TILL_PAGE_MM (80)
#define TILL_RECEIPT_SHEET_WIDTH TILL_PAGE_MM (210)
#define TILL_RECEIPT_SHEET_HEIGHT TILL_PAGE_MM (148)

G_END_DECLS
