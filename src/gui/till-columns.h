/*
 * till-columns.h: columns of a table whose rows follow their objects
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  TILL_CELL_TEXT,
  TILL_CELL_NUMBER,
  TILL_CELL_MARKS,
  TILL_CELL_STATE, /* a box of an icon and a word */
} TillCell;

/**
 * TillShowCell:
 * @cell: a #GtkLabel, a TillMarkBox, or a #GtkBox of a #GtkImage and a #GtkLabel
 * @item: the object behind the row
 * @user_data: what was given to till_columns_append()
 *
 * Fills one cell; called again at each notify::summary of @item.
 */
typedef void (*TillShowCell)(GtkWidget *cell,
                             GObject   *item,
                             gpointer   user_data);

void till_columns_append (GtkColumnView *view,
                          const char    *title,
                          TillCell       cell,
                          int            width,
                          TillShowCell   show,
                          gpointer       user_data);
void till_columns_set_state (GtkWidget  *cell,
                             const char *icon,
                             const char *word,
                             const char *style);

G_END_DECLS
