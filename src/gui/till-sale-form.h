/*
 * till-sale-form.h: the sale: amount, method, what it will be, and the second Enter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_SALE_FORM (till_sale_form_get_type ())
G_DECLARE_FINAL_TYPE (TillSaleForm, till_sale_form, TILL, SALE_FORM, GtkWidget)

void       till_sale_form_set_desk (TillSaleForm *self,
                                    TillDesk     *desk);
void       till_sale_form_open (TillSaleForm *self,
                                gint64        account_id,
                                gint64        meter_id);
void       till_sale_form_show_code (TillSaleForm *self,
                                     TillOrder    *order);
void       till_sale_form_close (TillSaleForm *self);
gboolean   till_sale_form_is_open (TillSaleForm *self);
void       till_sale_form_set_method (TillSaleForm *self,
                                      TillMethod    method);
void       till_sale_form_next_gateway (TillSaleForm *self);
void       till_sale_form_set_amount (TillSaleForm *self,
                                      int           yuan);
TillOrder *till_sale_form_get_last_order (TillSaleForm *self);

G_END_DECLS
