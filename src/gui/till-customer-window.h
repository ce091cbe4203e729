/*
 * till-customer-window.h: the screen that the customer sees
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_CUSTOMER_WINDOW (till_customer_window_get_type ())
G_DECLARE_FINAL_TYPE (TillCustomerWindow, till_customer_window, TILL, CUSTOMER_WINDOW, AdwWindow)

GtkWidget *till_customer_window_new (TillDesk *desk);
gboolean    till_customer_window_has_place (GtkWindow *desk_window);
void        till_customer_window_place (TillCustomerWindow *self,
                                        GtkWindow          *desk_window);
const char *till_customer_window_get_page (TillCustomerWindow *self);

G_END_DECLS
