/*
 * till-window.h: the window: sign-in, pages, bars and toasts
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_WINDOW (till_window_get_type ())
G_DECLARE_FINAL_TYPE (TillWindow, till_window, TILL, WINDOW, AdwApplicationWindow)

GtkWidget *till_window_new (GtkApplication *application,
                            TillDesk       *desk);
void        till_window_set_page (TillWindow *self,
                                  const char *name);
const char *till_window_get_page (TillWindow *self);

G_END_DECLS
