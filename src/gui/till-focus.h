/*
 * till-focus.h: where the keyboard is
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

gboolean till_focus_is_inside (GtkWidget *widget);

G_END_DECLS
