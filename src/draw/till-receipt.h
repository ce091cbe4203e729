/*
 * till-receipt.h: the receipt of a sale, on a roll of 80 mm or a sheet of A5
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <cairo.h>

#include "till-records.h"

G_BEGIN_DECLS

/**
 * TillReceiptPaper:
 * @TILL_RECEIPT_PAPER_80MM: a roll 80 mm wide, cut where the receipt ends
 * @TILL_RECEIPT_PAPER_A5: a sheet of A5 lying on its side, with room for a stamp and signatures
 *
 * What a receipt is printed on.
 */
typedef enum
{
  TILL_RECEIPT_PAPER_80MM,
  TILL_RECEIPT_PAPER_A5,
} TillReceiptPaper;

void     till_receipt_get_size (const TillReceipt *self,
                                TillReceiptPaper   paper,
                                double            *width_pt,
                                double            *height_pt);
void     till_receipt_draw (const TillReceipt *self,
                            TillReceiptPaper   paper,
                            cairo_t           *cr);
gboolean till_receipt_write_pdf (const TillReceipt *self,
                                 TillReceiptPaper   paper,
                                 const char        *path,
                                 GError           **error);

G_END_DECLS
