/*
 * till-counter-page.h: the counter: find, see, sell
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"
#include "till-print.h"

G_BEGIN_DECLS

#define TILL_TYPE_COUNTER_PAGE (till_counter_page_get_type ())
G_DECLARE_FINAL_TYPE (TillCounterPage, till_counter_page, TILL, COUNTER_PAGE, GtkWidget)

void till_counter_page_set_desk (TillCounterPage *self,
                                 TillDesk        *desk,
                                 TillPrint       *print);
void till_counter_page_choose (TillCounterPage *self,
                               gint64           account_id,
                               gint64           meter_id);
void till_counter_page_focus_search (TillCounterPage *self);
void till_counter_page_set_method (TillCounterPage *self,
                                   TillMethod       method);
void till_counter_page_pay_by_code (TillCounterPage *self);
void till_counter_page_set_amount (TillCounterPage *self,
                                   int              yuan);
void till_counter_page_reprint (TillCounterPage *self);
void till_counter_page_clear (TillCounterPage *self);

G_END_DECLS
