/*
 * till-focus.c: where the keyboard is
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-focus.h"

/**
 * till_focus_is_inside:
 * @widget: a widget
 *
 * Returns: whether what the keyboard writes to is @widget or within it
 */
gboolean
till_focus_is_inside (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}
