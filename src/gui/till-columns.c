/*
 * till-columns.c: columns of a table whose rows follow their objects
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-columns.h"
#include "till-marks.h"

typedef struct
{
  TillCell     cell;
  TillShowCell show;
  gpointer     user_data;
} Column;

static GtkWidget *
make_state_cell (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_box_append (GTK_BOX (box), gtk_label_new (NULL));
  return box;
}

static GtkWidget *
make_label_cell (gboolean is_number)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), is_number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "numeric");
  return label;
}

static void
on_setup_cb (Column      *column,
             GtkListItem *item)
{
  GtkWidget *cell;

  if (column->cell == TILL_CELL_MARKS)
    cell = till_mark_box_new (3);
  else if (column->cell == TILL_CELL_STATE)
    cell = make_state_cell ();
  else
    cell = make_label_cell (column->cell == TILL_CELL_NUMBER);

  gtk_list_item_set_child (item, cell);
}

static void
show_item (GObject     *object,
           GParamSpec  *pspec,
           GtkListItem *item)
{
  Column *column = g_object_get_data (G_OBJECT (item), "till-column");

  column->show (gtk_list_item_get_child (item), object, column->user_data);
}

static void
on_bind_cb (Column      *column,
            GtkListItem *item)
{
  GObject *object = gtk_list_item_get_item (item);

  g_object_set_data (G_OBJECT (item), "till-column", column);
  g_signal_connect (object, "notify::summary", G_CALLBACK (show_item), item);
  show_item (object, NULL, item);
}

static void
on_unbind_cb (Column      *column,
              GtkListItem *item)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), show_item, item);
}

/* GTK 4.8 has no property for it: the title of numbers has to be found to stand over them. */
static void
align_last_title (GtkColumnView *view)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (view));
  GtkWidget *title = header != NULL ? gtk_widget_get_last_child (header) : NULL;
  GtkWidget *box = title != NULL ? gtk_widget_get_first_child (title) : NULL;
  GtkWidget *label = box != NULL ? gtk_widget_get_first_child (box) : NULL;

  if (label != NULL && GTK_IS_LABEL (label))
    {
      gtk_widget_set_hexpand (label, TRUE);
      gtk_label_set_xalign (GTK_LABEL (label), 1);
    }
}

/**
 * till_columns_append:
 * @view: a table over objects with a property `summary`
 * @title: the head of the column
 * @cell: what its cells are
 * @width: its width in pixels, 0 to take what is left
 * @show: fills a cell
 * @user_data: for @show; must outlive @view
 *
 * Adds a column. A row follows its object by notify::summary, so that the list stays as it is.
 */
void
till_columns_append (GtkColumnView *view,
                     const char    *title,
                     TillCell       cell,
                     int            width,
                     TillShowCell   show,
                     gpointer       user_data)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr(GtkColumnViewColumn) view_column = NULL;
  Column *column = g_new0 (Column, 1);

  column->cell = cell;
  column->show = show;
  column->user_data = user_data;
  g_signal_connect_swapped (factory, "setup", G_CALLBACK (on_setup_cb), column);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (on_bind_cb), column);
  g_signal_connect_data (factory, "unbind", G_CALLBACK (on_unbind_cb), column,
                         (GClosureNotify)g_free, G_CONNECT_SWAPPED);

  view_column = gtk_column_view_column_new (title, factory);
  if (width > 0)
    gtk_column_view_column_set_fixed_width (view_column, width);
  else
    gtk_column_view_column_set_expand (view_column, TRUE);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_append_column (view, view_column);
  if (cell == TILL_CELL_NUMBER)
    align_last_title (view);
}

/**
 * till_columns_set_state:
 * @cell: a cell of %TILL_CELL_STATE
 * @icon: name of an icon
 * @word: what it means
 * @style: a style class for both
 */
void
till_columns_set_state (GtkWidget  *cell,
                        const char *icon,
                        const char *word,
                        const char *style)
{
  const char *classes[] = { style, NULL };
  GtkWidget *image = gtk_widget_get_first_child (cell);

  gtk_image_set_from_icon_name (GTK_IMAGE (image), icon);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_next_sibling (image)), word);
  gtk_widget_set_css_classes (cell, classes);
}
