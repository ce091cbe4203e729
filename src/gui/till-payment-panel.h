/*
 * till-payment-panel.h: a code on the counter's screen, from the gateway to the meter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_PAYMENT_PANEL (till_payment_panel_get_type ())
G_DECLARE_FINAL_TYPE (TillPaymentPanel, till_payment_panel, TILL, PAYMENT_PANEL, GtkWidget)

void       till_payment_panel_set_desk (TillPaymentPanel *self,
                                        TillDesk         *desk);
void       till_payment_panel_open (TillPaymentPanel *self,
                                    TillOrder        *order);
void       till_payment_panel_close (TillPaymentPanel *self);
TillOrder *till_payment_panel_get_order (TillPaymentPanel *self);
void       till_payment_panel_back (TillPaymentPanel *self);

G_END_DECLS
