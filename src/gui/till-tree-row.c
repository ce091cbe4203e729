/*
 * till-tree-row.c: what one row of the tree looks like
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-tree-row.h"
#include "till-words.h"

/**
 * TillTreeRow:
 *
 * Shows one node: its name and tenant, what remains, and its marks. It follows its node by
 * notify::summary, and is reused for other nodes while the list is scrolled.
 */
struct _TillTreeRow
{
  GtkWidget  parent_instance;

  TillNode  *node; /* (nullable) */

  GtkWidget *box;
  GtkImage  *icon;
  GtkLabel  *title;
  GtkLabel  *subtitle;
  GtkLabel  *remaining;
  GtkWidget *marks;
  GtkLabel  *where;
};

G_DEFINE_FINAL_TYPE (TillTreeRow, till_tree_row, GTK_TYPE_WIDGET)

static const char *
icon_of (TillNodeKind kind)
{
  switch (kind)
    {
    case TILL_NODE_KIND_BUILDING:
      return "till-building-symbolic";
    case TILL_NODE_KIND_FLOOR:
      return "till-floor-symbolic";
    case TILL_NODE_KIND_METER:
      return "till-meter-symbolic";
    case TILL_NODE_KIND_SHOP:
    default:
      return "till-shop-symbolic";
    }
}

/* Of a floor only what needs somebody is worth a mark: how many, and of what. */
static void
show_tally (TillTreeRow     *self,
            const TillTally *tally)
{
  const guint attention = TILL_MARKS_ATTENTION & ~(guint)TILL_MARK_LOW;
  g_autofree char *n_meters = NULL;
  guint marks = 0;

  if (tally == NULL)
    return;

  for (guint i = 0; i < TILL_N_MARKS; i++)
    {
      if (tally->n_by_mark[i] > 0)
        marks |= (1u << i) & attention;
    }

  n_meters = g_strdup_printf (ngettext ("%u meter", "%u meters", tally->n_meters), tally->n_meters);
  gtk_label_set_text (self->subtitle, n_meters);
  till_mark_box_set_marks (TILL_MARK_BOX (self->marks), marks);
  gtk_widget_set_visible (self->marks, marks != 0);
}

static void
show_shop (TillTreeRow *self)
{
  g_autofree char *text = NULL;
  TillMoney remaining = 0;
  const guint marks = till_node_get_marks (self->node);

  if (till_node_get_remaining (self->node, &remaining))
    text = till_words_money (remaining);

  gtk_label_set_text (self->remaining, text != NULL ? text : "");
  if (remaining < 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->remaining), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->remaining), "error");

  till_mark_box_set_marks (TILL_MARK_BOX (self->marks), marks);
  gtk_widget_set_visible (self->marks, marks != 0);
}

static void
show_summary (TillTreeRow *self)
{
  switch (till_node_get_kind (self->node))
    {
    case TILL_NODE_KIND_BUILDING:
    case TILL_NODE_KIND_FLOOR:
      gtk_label_set_text (self->remaining, "");
      show_tally (self, till_node_get_tally (self->node));
      break;
    case TILL_NODE_KIND_SHOP:
    case TILL_NODE_KIND_METER:
    default:
      show_shop (self);
      break;
    }
}

static void
till_tree_row_dispose (GObject *object)
{
  TillTreeRow *self = TILL_TREE_ROW (object);

  till_tree_row_set_node (self, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (till_tree_row_parent_class)->dispose (object);
}

static void
till_tree_row_class_init (TillTreeRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_tree_row_dispose;

  g_type_ensure (TILL_TYPE_MARK_BOX);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "treerow");
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/tree-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TillTreeRow, box);
  gtk_widget_class_bind_template_child (widget_class, TillTreeRow, icon);
  gtk_widget_class_bind_template_child (widget_class, TillTreeRow, title);
  gtk_widget_class_bind_template_child (widget_class, TillTreeRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, TillTreeRow, remaining);
  gtk_widget_class_bind_template_child (widget_class, TillTreeRow, marks);
  gtk_widget_class_bind_template_child (widget_class, TillTreeRow, where);
}

static void
till_tree_row_init (TillTreeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
}

/**
 * till_tree_row_new:
 *
 * Returns: (transfer floating): a row that shows nothing yet
 */
GtkWidget *
till_tree_row_new (void)
{
  return g_object_new (TILL_TYPE_TREE_ROW, NULL);
}

/**
 * till_tree_row_set_node:
 * @self: a row
 * @node: (nullable): what to show from now on
 *
 * Binds the row to a node, or lets it go.
 */
void
till_tree_row_set_node (TillTreeRow *self,
                        TillNode    *node)
{
  g_return_if_fail (TILL_IS_TREE_ROW (self));

  if (self->node == node)
    return;

  if (self->node != NULL)
    g_signal_handlers_disconnect_by_func (self->node, show_summary, self);
  g_set_object (&self->node, node);
  if (node == NULL)
    return;

  g_signal_connect_swapped (node, "notify::summary", G_CALLBACK (show_summary), self);
  gtk_image_set_from_icon_name (self->icon, icon_of (till_node_get_kind (node)));
  gtk_label_set_text (self->title, till_node_get_title (node));
  gtk_label_set_text (self->subtitle, till_node_get_subtitle (node));
  gtk_widget_set_visible (self->marks, FALSE);
  show_summary (self);
}

/**
 * till_tree_row_set_where:
 * @self: a row
 * @where: where the shop is
 *
 * Says where the shop is, outside the tree, for two buildings may have a shop of the same number.
 */
void
till_tree_row_set_where (TillTreeRow *self,
                         const char  *where)
{
  g_return_if_fail (TILL_IS_TREE_ROW (self));

  gtk_label_set_text (self->where, where);
  gtk_widget_set_visible (GTK_WIDGET (self->where), TRUE);
}

TillNode *
till_tree_row_get_node (TillTreeRow *self)
{
  g_return_val_if_fail (TILL_IS_TREE_ROW (self), NULL);

  return self->node;
}
