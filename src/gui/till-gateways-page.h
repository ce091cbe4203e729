/*
 * till-gateways-page.h: whether online payments work, and what is missing
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_GATEWAYS_PAGE (till_gateways_page_get_type ())
G_DECLARE_FINAL_TYPE (TillGatewaysPage, till_gateways_page, TILL, GATEWAYS_PAGE, GtkWidget)

void till_gateways_page_set_desk (TillGatewaysPage *self,
                                  TillDesk         *desk);

G_END_DECLS
