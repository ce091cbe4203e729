/*
 * till-meters-page.c: every meter of the site in one table
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-columns.h"
#include "till-meters-page.h"
#include "till-words.h"

#define REFRESH_S 5

/**
 * TillMetersPage:
 *
 * For whoever looks after the meters: all of them, or those with a certain trouble. The rows are
 * made when the page is first seen. The choice is looked at again every few seconds, not at each
 * state.
 */
struct _TillMetersPage
{
  GtkWidget           parent_instance;

  TillDesk           *desk;
  GtkFilterListModel *shown; /* (nullable) before the page was seen */
  GtkCustomFilter    *filter;
  guint               refresh_id;

  GtkWidget          *box;
  GtkDropDown        *trouble;
  GtkLabel           *total;
  GtkStack           *stack;
  GtkColumnView      *view;
};

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillMetersPage, till_meters_page, GTK_TYPE_WIDGET)

/* In the order of the choices in the template. */
static const guint wanted_marks[] = {
  G_MAXUINT,
  TILL_MARKS_ATTENTION,
  TILL_MARK_SILENT | TILL_MARK_STRANGER | TILL_MARK_WAITING,
  TILL_MARK_TRIPPED | TILL_MARK_FORCED_OFF,
  TILL_MARK_KEPT,
  TILL_MARK_ARREARS | TILL_MARK_LOW,
  TILL_MARK_ON_ITS_WAY | TILL_MARK_REVIEW,
};

static gboolean
is_wanted (gpointer item,
           gpointer user_data)
{
  TillMetersPage *self = user_data;
  const guint choice = gtk_drop_down_get_selected (self->trouble);
  const guint wanted = choice < G_N_ELEMENTS (wanted_marks) ? wanted_marks[choice] : G_MAXUINT;

  return (till_node_get_marks (item) & wanted) != 0 || wanted == G_MAXUINT;
}

static void
show_place (GtkWidget *cell,
            GObject   *item,
            gpointer   user_data)
{
  TillMetersPage *self = user_data;
  const TillPlace *place = till_node_get_place (TILL_NODE (item));
  g_autofree char *text = NULL;

  if (place != NULL)
    text = till_site_model_describe_place (till_desk_get_model (self->desk), place->id);
  gtk_label_set_text (GTK_LABEL (cell), text != NULL ? text : "—");
}

static void
show_tenant (GtkWidget *cell,
             GObject   *item,
             gpointer   user_data)
{
  const TillAccount *account = till_node_get_account (TILL_NODE (item));

  gtk_label_set_text (GTK_LABEL (cell), account != NULL ? account->tenant_name : "—");
}

static void
show_meter (GtkWidget *cell,
            GObject   *item,
            gpointer   user_data)
{
  gtk_label_set_text (GTK_LABEL (cell), till_node_get_title (TILL_NODE (item)));
}

static void
show_marks (GtkWidget *cell,
            GObject   *item,
            gpointer   user_data)
{
  till_mark_box_set_marks (TILL_MARK_BOX (cell), till_node_get_marks (TILL_NODE (item)));
}

static void
show_remaining (GtkWidget *cell,
                GObject   *item,
                gpointer   user_data)
{
  g_autofree char *text = NULL;
  TillMoney remaining = 0;

  if (till_node_get_remaining (TILL_NODE (item), &remaining))
    text = till_words_money (remaining);
  gtk_label_set_text (GTK_LABEL (cell), text != NULL ? text : "—");
  if (remaining < 0)
    gtk_widget_add_css_class (cell, "error");
  else
    gtk_widget_remove_css_class (cell, "error");
}

static void
show_power (GtkWidget *cell,
            GObject   *item,
            gpointer   user_data)
{
  TillMeterState *state = till_node_get_state (TILL_NODE (item));
  g_autofree char *text = NULL;

  if (state != NULL && (state->reading.fields & TILL_READING_POWER) != 0)
    text = till_words_power (state->reading.power_w[3]);
  gtk_label_set_text (GTK_LABEL (cell), text != NULL ? text : "—");
}

static void
show_contact (GtkWidget *cell,
              GObject   *item,
              gpointer   user_data)
{
  TillMeterState *state = till_node_get_state (TILL_NODE (item));
  g_autofree char *text = till_words_moment (state != NULL ? state->last_contact_ms : 0,
                                             till_clock_now_ms ());

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
show_total (TillMetersPage *self)
{
  const guint n = till_meters_page_get_n_shown (self);
  g_autofree char *text = g_strdup_printf (ngettext ("%u meter", "%u meters", n), n);

  gtk_label_set_text (self->total, text);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "table" : "empty");
}

static void
refilter (TillMetersPage *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  if (self->shown != NULL)
    show_total (self);
}

static gboolean
on_refresh_cb (gpointer user_data)
{
  TillMetersPage *self = user_data;

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && gtk_drop_down_get_selected (self->trouble) != 0)
    refilter (self);

  return G_SOURCE_CONTINUE;
}

static void
fill (TillMetersPage *self)
{
  GListModel *meters = till_site_model_create_meters (till_desk_get_model (self->desk));
  GtkSingleSelection *selection;

  g_clear_object (&self->shown);
  self->shown = gtk_filter_list_model_new (meters, g_object_ref (GTK_FILTER (self->filter)));
  selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->shown)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
  show_total (self);
}

static void
on_map_cb (TillMetersPage *self)
{
  if (self->shown == NULL && self->desk != NULL)
    fill (self);
}

static void
on_reset_cb (TillMetersPage *self)
{
  if (self->shown != NULL)
    fill (self);
}

static void
on_trouble_selected_cb (TillMetersPage *self)
{
  if (self->filter != NULL)
    refilter (self);
}

static void
on_row_activated_cb (TillMetersPage *self,
                     guint           position)
{
  g_autoptr(TillNode) node = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  if (node != NULL && till_node_get_account (node) != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, till_node_get_account (node)->id,
                   till_node_get_meter (node)->id);
}

static void
append_columns (TillMetersPage *self)
{
  till_columns_append (self->view, _("Place"), TILL_CELL_TEXT, 190, show_place, self);
  till_columns_append (self->view, _("Tenant"), TILL_CELL_TEXT, 0, show_tenant, self);
  till_columns_append (self->view, _("Meter"), TILL_CELL_TEXT, 130, show_meter, self);
  till_columns_append (self->view, _("State"), TILL_CELL_MARKS, 330, show_marks, self);
  till_columns_append (self->view, _("Remaining"), TILL_CELL_NUMBER, 130, show_remaining, self);
  till_columns_append (self->view, _("Power"), TILL_CELL_NUMBER, 110, show_power, self);
  till_columns_append (self->view, _("Last contact"), TILL_CELL_NUMBER, 140, show_contact, self);
}

static void
till_meters_page_dispose (GObject *object)
{
  TillMetersPage *self = TILL_METERS_PAGE (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_meters_page_parent_class)->dispose (object);
}

static void
till_meters_page_class_init (TillMetersPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_meters_page_dispose;

  /**
   * TillMetersPage::chosen:
   * @self: the page
   * @account_id: number of an account
   * @meter_id: number of a meter
   *
   * Somebody wants to see the tenant of this meter.
   */
  signals[CHOSEN] =
    g_signal_new ("chosen", TILL_TYPE_METERS_PAGE, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/meters-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, box);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, trouble);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, total);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillMetersPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_trouble_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_map_cb);
}

static void
till_meters_page_init (TillMetersPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_custom_filter_new (is_wanted, self, NULL);
  self->refresh_id = g_timeout_add_seconds (REFRESH_S, on_refresh_cb, self);
  append_columns (self);
}

/**
 * till_meters_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 */
void
till_meters_page_set_desk (TillMetersPage *self,
                           TillDesk       *desk)
{
  g_return_if_fail (TILL_IS_METERS_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  g_signal_connect_object (till_desk_get_model (desk), "reset", G_CALLBACK (on_reset_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * till_meters_page_get_n_shown:
 * @self: the page
 *
 * Returns: how many meters are listed
 */
guint
till_meters_page_get_n_shown (TillMetersPage *self)
{
  g_return_val_if_fail (TILL_IS_METERS_PAGE (self), 0);

  return self->shown != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->shown)) : 0;
}
