/*
 * till-finder.c: finds a tenant: the search entry, its answers, and the tree
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-finder.h"
#include "till-search.h"
#include "till-tree-row.h"

#define N_ANSWERS_MAX 12

/**
 * TillFinder:
 *
 * The left side of the counter. While something stands in the search entry its answers take the
 * place of the tree. Up, Down and Enter work from the entry, Ctrl and a digit picks at once.
 */
struct _TillFinder
{
  GtkWidget         parent_instance;

  TillDesk         *desk;
  TillSearch       *search; /* (nullable) made at the first letter */
  GtkTreeListModel *tree_model;
  TillSearchMatch   answers[N_ANSWERS_MAX];
  guint             n_answers;
  guint             selected;

  GtkWidget        *box;
  GtkWidget        *search_entry;
  GtkStack         *stack;
  GtkListBox       *answer_list;
  GtkListView      *tree_view;
};

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillFinder, till_finder, GTK_TYPE_WIDGET)

static GListModel *
create_children (gpointer item,
                 gpointer user_data)
{
  TillFinder *self = user_data;

  return till_site_model_create_children (till_desk_get_model (self->desk), item);
}

/* The row that stands for a node among the rows of a level. */
static GtkTreeListRow *
find_row (TillFinder     *self,
          GtkTreeListRow *parent,
          TillNode       *node)
{
  GListModel *items = parent != NULL ? gtk_tree_list_row_get_children (parent)
                                     : till_site_model_get_roots (till_desk_get_model (self->desk));
  const guint n_items = items != NULL ? g_list_model_get_n_items (items) : 0;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(TillNode) item = g_list_model_get_item (items, i);

      if (item == node)
        return parent != NULL ? gtk_tree_list_row_get_child_row (parent, i)
                              : gtk_tree_list_model_get_child_row (self->tree_model, i);
    }

  return NULL;
}

static GtkTreeListRow *
find_place_row (TillFinder      *self,
                GtkTreeListRow  *parent,
                const TillPlace *place)
{
  GListModel *items = parent != NULL ? gtk_tree_list_row_get_children (parent)
                                     : till_site_model_get_roots (till_desk_get_model (self->desk));
  const guint n_items = items != NULL ? g_list_model_get_n_items (items) : 0;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(TillNode) item = g_list_model_get_item (items, i);

      if (till_node_get_kind (item) != TILL_NODE_KIND_METER && till_node_get_place (item) == place)
        return find_row (self, parent, item);
    }

  return NULL;
}

/* Opens the levels above a shop and selects its row, so that the tree shows where the clerk is. */
static void
reveal_account (TillFinder *self,
                gint64      account_id)
{
  TillSiteModel *model = till_desk_get_model (self->desk);
  TillNode *node = till_site_model_get_shop_node (model, account_id);
  TillSite *site = till_site_model_get_site (model);
  const TillPlace *floor, *building;
  g_autoptr(GtkTreeListRow) building_row = NULL;
  g_autoptr(GtkTreeListRow) floor_row = NULL;
  g_autoptr(GtkTreeListRow) row = NULL;

  if (node == NULL)
    return;

  floor = till_site_get_place (site, till_node_get_place (node)->parent_id);
  building = floor != NULL ? till_site_get_place (site, floor->parent_id) : NULL;
  building_row = building != NULL ? find_place_row (self, NULL, building) : NULL;
  if (building_row == NULL)
    return;

  gtk_tree_list_row_set_expanded (building_row, TRUE);
  floor_row = find_place_row (self, building_row, floor);
  if (floor_row == NULL)
    return;

  gtk_tree_list_row_set_expanded (floor_row, TRUE);
  row = find_row (self, floor_row, node);
  if (row != NULL)
    {
      const guint position = gtk_tree_list_row_get_position (row);

      GtkSelectionModel *selection = gtk_list_view_get_model (self->tree_view);

      gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (selection), position);
      gtk_widget_activate_action (GTK_WIDGET (self->tree_view), "list.scroll-to-item", "u",
                                  position);
    }
}

static void
choose (TillFinder *self,
        gint64      account_id,
        gint64      meter_id)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  reveal_account (self, account_id);
  g_signal_emit (self, signals[CHOSEN], 0, account_id, meter_id);
}

static void
choose_answer (TillFinder *self,
               guint       i)
{
  if (i < self->n_answers)
    choose (self, self->answers[i].account->id, self->answers[i].meter_id);
}

static void
select_answer (TillFinder *self,
               guint       i)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->answer_list, (int)i);

  self->selected = i;
  gtk_list_box_select_row (self->answer_list, row);
}

static void
show_answers (TillFinder *self)
{
  TillSiteModel *model = till_desk_get_model (self->desk);

  for (guint i = 0; i < N_ANSWERS_MAX; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->answer_list, (int)i);
      TillTreeRow *content = TILL_TREE_ROW (gtk_list_box_row_get_child (row));

      const gint64 account_id = i < self->n_answers ? self->answers[i].account->id : 0;

      if (account_id != 0)
        {
          g_autofree char *where = till_site_model_describe_floor (model, account_id);

          till_tree_row_set_node (content, till_site_model_get_shop_node (model, account_id));
          till_tree_row_set_where (content, where);
        }
      gtk_widget_set_visible (GTK_WIDGET (row), i < self->n_answers);
    }

  gtk_stack_set_visible_child_name (self->stack, self->n_answers > 0 ? "answers" : "nothing");
  if (self->n_answers > 0)
    select_answer (self, 0);
}

static void
on_search_changed_cb (TillFinder *self)
{
  g_autofree char *query = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
  TillSite *site = till_site_model_get_site (till_desk_get_model (self->desk));

  self->n_answers = 0;
  if (*g_strstrip (query) == '\0' || site == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "tree");
      return;
    }

  if (self->search == NULL)
    self->search = till_search_new (site);
  self->n_answers = till_search_find (self->search, query, self->answers, N_ANSWERS_MAX);
  show_answers (self);
}

static void
on_search_activate_cb (TillFinder *self)
{
  choose_answer (self, self->selected);
}

static void
on_stop_search_cb (TillFinder *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
}

static void
on_answer_activated_cb (TillFinder    *self,
                        GtkListBoxRow *row)
{
  choose_answer (self, (guint)gtk_list_box_row_get_index (row));
}

static gboolean
on_key_pressed_cb (TillFinder     *self,
                   guint           keyval,
                   guint           keycode,
                   GdkModifierType state)
{
  if ((state & GDK_CONTROL_MASK) != 0 && keyval >= GDK_KEY_1 && keyval <= GDK_KEY_9
      && keyval - GDK_KEY_1 < self->n_answers)
    {
      choose_answer (self, keyval - GDK_KEY_1);
      return GDK_EVENT_STOP;
    }

  if (self->n_answers == 0)
    return GDK_EVENT_PROPAGATE;

  if (keyval == GDK_KEY_Down || keyval == GDK_KEY_KP_Down)
    select_answer (self, MIN (self->selected + 1, self->n_answers - 1));
  else if (keyval == GDK_KEY_Up || keyval == GDK_KEY_KP_Up)
    select_answer (self, self->selected > 0 ? self->selected - 1 : 0);
  else
    return GDK_EVENT_PROPAGATE;

  return GDK_EVENT_STOP;
}

static void
on_row_activated_cb (TillFinder *self,
                     guint       position)
{
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (self->tree_view));
  g_autoptr(GtkTreeListRow) row = g_list_model_get_item (model, position);
  g_autoptr(TillNode) node = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  if (node == NULL)
    return;

  if (till_node_get_account (node) != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, till_node_get_account (node)->id,
                   till_node_get_meter (node) != NULL ? till_node_get_meter (node)->id : 0);
  else if (gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

static void
on_setup_cb (TillFinder  *self,
             GtkListItem *item)
{
  GtkWidget *expander = gtk_tree_expander_new ();

  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), till_tree_row_new ());
  gtk_list_item_set_child (item, expander);
}

static void
on_bind_cb (TillFinder  *self,
            GtkListItem *item)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  GtkTreeListRow *row = gtk_list_item_get_item (item);
  g_autoptr(TillNode) node = gtk_tree_list_row_get_item (row);

  gtk_tree_expander_set_list_row (expander, row);
  till_tree_row_set_node (TILL_TREE_ROW (gtk_tree_expander_get_child (expander)), node);
}

static void
on_unbind_cb (TillFinder  *self,
              GtkListItem *item)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));

  gtk_tree_expander_set_list_row (expander, NULL);
  till_tree_row_set_node (TILL_TREE_ROW (gtk_tree_expander_get_child (expander)), NULL);
}

static void
on_reset_cb (TillFinder *self)
{
  g_clear_pointer (&self->search, till_search_free);
  on_search_changed_cb (self);
}

/* The rows of the answers are made once: a key press only fills them. */
static void
make_answer_rows (TillFinder *self)
{
  for (guint i = 0; i < N_ANSWERS_MAX; i++)
    {
      GtkWidget *row = gtk_list_box_row_new ();

      gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), till_tree_row_new ());
      gtk_widget_set_visible (row, FALSE);
      gtk_list_box_append (self->answer_list, row);
    }
}

static void
till_finder_dispose (GObject *object)
{
  TillFinder *self = TILL_FINDER (object);

  if (self->tree_view != NULL)
    gtk_list_view_set_model (self->tree_view, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->tree_model);
  g_clear_pointer (&self->search, till_search_free);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_finder_parent_class)->dispose (object);
}

static void
till_finder_class_init (TillFinderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_finder_dispose;

  /**
   * TillFinder::chosen:
   * @self: the finder
   * @account_id: number of an account
   * @meter_id: the meter that was meant, or 0
   *
   * The clerk chose a tenant.
   */
  signals[CHOSEN] =
    g_signal_new ("chosen", TILL_TYPE_FINDER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/finder.ui");
  gtk_widget_class_bind_template_child (widget_class, TillFinder, box);
  gtk_widget_class_bind_template_child (widget_class, TillFinder, search_entry);
  gtk_widget_class_bind_template_child (widget_class, TillFinder, stack);
  gtk_widget_class_bind_template_child (widget_class, TillFinder, answer_list);
  gtk_widget_class_bind_template_child (widget_class, TillFinder, tree_view);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_answer_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind_cb);
}

static void
till_finder_init (TillFinder *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  make_answer_rows (self);
}

/**
 * till_finder_set_desk:
 * @self: the finder
 * @desk: the desk, once
 *
 * Fills the tree with the site of @desk and follows it.
 */
void
till_finder_set_desk (TillFinder *self,
                      TillDesk   *desk)
{
  TillSiteModel *model = till_desk_get_model (desk);
  GtkSingleSelection *selection;

  g_return_if_fail (TILL_IS_FINDER (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  self->tree_model = gtk_tree_list_model_new (g_object_ref (till_site_model_get_roots (model)),
                                              FALSE, FALSE, create_children, self, NULL);
  selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->tree_model)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_list_view_set_model (self->tree_view, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);

  g_signal_connect_object (model, "reset", G_CALLBACK (on_reset_cb), self, G_CONNECT_SWAPPED);
}

/**
 * till_finder_focus_search:
 * @self: the finder
 *
 * Makes the search entry ready for the next tenant.
 */
void
till_finder_focus_search (TillFinder *self)
{
  g_return_if_fail (TILL_IS_FINDER (self));

  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_grab_focus (self->search_entry);
}
