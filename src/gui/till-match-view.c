/*
 * till-match-view.c: both sides of a day, and what differs
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-columns.h"
#include "till-difference-item.h"
#include "till-error-text.h"
#include "till-match-view.h"
#include "till-reason-dialog.h"
#include "till-words-online.h"
#include "till-words.h"

/* The rows of the choice in the template: all, those without an action, and the five kinds. */
enum
{
  SHOW_ALL,
  SHOW_OPEN,
  SHOW_FIRST_KIND,
};

#define FEN_E5 1000

/**
 * TillMatchView:
 *
 * The sums of the books beside those of the bill, and a table of what differs; each difference with
 * what it means and the action that settles it.
 */
struct _TillMatchView
{
  GtkWidget           parent_instance;

  TillDesk           *desk;
  TillReconciliation *match; /* (nullable) */
  GListStore         *items; /* of TillDifferenceItem */
  GtkFilter          *filter;
  GListModel         *shown;
  GtkSingleSelection *selection;
  gboolean            asking;

  GtkWidget          *box;
  GtkWidget          *state;
  GtkLabel           *run;
  GtkLabel           *ours_paid;
  GtkLabel           *theirs_paid;
  GtkLabel           *diff_paid;
  GtkLabel           *ours_back;
  GtkLabel           *theirs_back;
  GtkLabel           *diff_back;
  GtkLabel           *ours_net;
  GtkLabel           *theirs_net;
  GtkLabel           *diff_net;
  GtkLabel           *fee;
  GtkLabel           *arrives;
  GtkLabel           *ours_lines;
  GtkLabel           *theirs_lines;
  GtkLabel           *equal_lines;
  GtkDropDown        *kind_drop;
  GtkStack           *stack;
  GtkColumnView      *view;
  GtkWidget          *action_box;
  GtkLabel           *action_title;
  GtkLabel           *advice;
  GtkLabel           *outcome;
  GtkWidget          *query_button;
  GtkWidget          *explain_button;
  GtkWidget          *order_button;
  GtkWidget          *review_button;
  GtkLabel           *not_allowed;
};

enum
{
  ACTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillMatchView, till_match_view, GTK_TYPE_WIDGET)

static const TillDifference *
difference_of (gpointer item)
{
  return till_difference_item_get (TILL_DIFFERENCE_ITEM (item));
}

static const TillDifference *
get_selected (TillMatchView *self)
{
  GObject *item = gtk_single_selection_get_selected_item (self->selection);

  return item != NULL ? difference_of (item) : NULL;
}

static void
set_owned (GtkLabel *label,
           char     *text)
{
  gtk_label_set_text (label, text);
  g_free (text);
}

/*
 * The table
 */

static void
show_kind (GtkWidget *cell,
           GObject   *item,
           gpointer   user_data)
{
  const TillDifference *difference = difference_of (item);
  const gboolean open = difference->action == TILL_DIFFERENCE_ACTION_NONE;

  till_columns_set_state (cell, open ? "dialog-warning-symbolic" : "emblem-ok-symbolic",
                          till_words_difference (difference->kind), open ? "warning" : "success");
}

static void
show_text (GtkWidget  *cell,
           const char *text)
{
  gtk_label_set_text (GTK_LABEL (cell), text != NULL && *text != '\0' ? text : "—");
}

static void
show_place (GtkWidget *cell,
            GObject   *item,
            gpointer   user_data)
{
  show_text (cell, difference_of (item)->place);
}

static void
show_number (GtkWidget *cell,
             GObject   *item,
             gpointer   user_data)
{
  const TillDifference *difference = difference_of (item);

  show_text (cell, difference->refund_no != NULL ? difference->refund_no : difference->attempt_no);
}

static void
show_ours (GtkWidget *cell,
           GObject   *item,
           gpointer   user_data)
{
  const TillDifference *difference = difference_of (item);
  g_autofree char *text = till_words_money (difference->ours);

  show_text (cell, difference->ours_ms != 0 || difference->ours != 0 ? text : NULL);
}

static void
show_theirs (GtkWidget *cell,
             GObject   *item,
             gpointer   user_data)
{
  const TillDifference *difference = difference_of (item);
  g_autofree char *text = till_words_money (difference->theirs);

  show_text (cell, difference->theirs_ms != 0 || difference->theirs != 0 ? text : NULL);
}

static void
show_outcome (GtkWidget *cell,
              GObject   *item,
              gpointer   user_data)
{
  show_text (cell, difference_of (item)->outcome);
}

static gboolean
is_wanted (gpointer item,
           gpointer user_data)
{
  TillMatchView *self = user_data;
  const TillDifference *difference = difference_of (item);
  const guint choice = gtk_drop_down_get_selected (self->kind_drop);

  if (choice == SHOW_ALL)
    return TRUE;
  if (choice == SHOW_OPEN)
    return difference->action == TILL_DIFFERENCE_ACTION_NONE;

  return difference->kind == choice - SHOW_FIRST_KIND + TILL_DIFFERENCE_KIND_ONLY_OURS;
}

/*
 * The sums
 */

static void
show_difference (GtkLabel *label,
                 TillMoney difference)
{
  const char *classes[] = { "numeric", difference != 0 ? "warning" : "dim-label", NULL };

  set_owned (label, till_words_money (difference));
  gtk_widget_set_css_classes (GTK_WIDGET (label), classes);
}

static void
show_sums (TillMatchView *self)
{
  const TillReconciliation *match = self->match;
  const TillMoney ours_net = match->ours - match->ours_refunded;
  const TillMoney theirs_net = match->theirs - match->theirs_refunded;

  set_owned (self->ours_paid, till_words_money (match->ours));
  set_owned (self->theirs_paid, till_words_money (match->theirs));
  show_difference (self->diff_paid, match->theirs - match->ours);
  set_owned (self->ours_back, till_words_money (match->ours_refunded));
  set_owned (self->theirs_back, till_words_money (match->theirs_refunded));
  show_difference (self->diff_back, match->theirs_refunded - match->ours_refunded);
  set_owned (self->ours_net, till_words_money (ours_net));
  set_owned (self->theirs_net, till_words_money (theirs_net));
  show_difference (self->diff_net, theirs_net - ours_net);
  set_owned (self->fee, till_words_fee (match->fee_e5));
  set_owned (self->arrives, till_words_fee (theirs_net * FEN_E5 - match->fee_e5));
  set_owned (self->ours_lines, g_strdup_printf ("%u", match->n_ours));
  set_owned (self->theirs_lines, g_strdup_printf ("%u", match->n_theirs));
  set_owned (self->equal_lines, g_strdup_printf (_("%u equal"), match->n_equal));
}

static void
show_state (TillMatchView *self)
{
  const TillReconciliation *match = self->match;
  const guint n = match->differences != NULL ? match->differences->len : 0;
  g_autofree char *open = g_strdup_printf (ngettext ("%u difference without an action",
                                                     "%u differences without an action",
                                                     match->n_open), match->n_open);
  g_autofree char *when = till_words_moment (match->run_ms, till_clock_now_ms ());
  g_autofree char *run = g_strdup_printf (_("Matched %s by %s"), when,
                                          match->operator_name != NULL ? match->operator_name
                                                                       : "—");

  if (match->n_open > 0)
    till_columns_set_state (self->state, "dialog-warning-symbolic", open, "warning");
  else
    till_columns_set_state (self->state, "emblem-ok-symbolic",
                            n == 0 ? _("Both sides are equal")
                                   : _("Every difference has its action"), "success");
  gtk_label_set_text (self->run, run);
}

/*
 * Actions
 */

static void
show_action (TillMatchView *self)
{
  const TillDifference *difference = get_selected (self);
  const gboolean may = till_desk_may_decide (self->desk);
  g_autofree char *title = NULL;
  g_autofree char *outcome = NULL;

  gtk_widget_set_visible (self->action_box, difference != NULL);
  if (difference == NULL)
    return;

  title = g_strdup_printf ("%s  %s", till_words_difference (difference->kind),
                           difference->txn != NULL ? difference->txn : "");
  if (difference->outcome != NULL)
    outcome = g_strdup_printf (_("Done by %s: %s"), difference->decided_by != NULL
                               ? difference->decided_by : "—", difference->outcome);
  gtk_label_set_text (self->action_title, title);
  gtk_label_set_text (self->advice, till_words_difference_advice (difference->kind));
  gtk_label_set_text (self->outcome, outcome != NULL ? outcome : "");
  gtk_widget_set_visible (GTK_WIDGET (self->outcome), outcome != NULL);
  gtk_widget_set_sensitive (self->query_button, may && !self->asking
                            && difference->kind != TILL_DIFFERENCE_KIND_DAY);
  gtk_widget_set_sensitive (self->explain_button, may && !self->asking);
  gtk_widget_set_visible (self->order_button, difference->order_id != NULL);
  gtk_widget_set_visible (self->review_button,
                          difference->kind == TILL_DIFFERENCE_KIND_ONLY_THEIRS
                          || difference->kind == TILL_DIFFERENCE_KIND_REFUND);
  gtk_widget_set_visible (GTK_WIDGET (self->not_allowed), !may);
}

static void
on_queried_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(TillMatchView) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReconciliation) match =
    till_engine_act_on_difference_finish (TILL_ENGINE (source), result, &error);

  self->asking = FALSE;
  if (self->desk == NULL)
    return;

  if (match != NULL)
    g_signal_emit (self, signals[ACTED], 0, match);
  else
    till_desk_say (self->desk, till_error_text (error));
  show_action (self);
}

static void
on_query_clicked_cb (TillMatchView *self)
{
  const TillDifference *difference = get_selected (self);

  if (difference == NULL || self->asking)
    return;

  self->asking = TRUE;
  show_action (self);
  till_engine_act_on_difference_async (till_desk_get_engine (self->desk), difference->id,
                                       TILL_DIFFERENCE_ACTION_QUERY, NULL,
                                       till_desk_get_operator_id (self->desk), NULL,
                                       on_queried_cb, g_object_ref (self));
}

/* What a dialog is about; lives as long as the dialog. */
typedef struct
{
  TillMatchView *view;
  gint64         difference_id;
} Question;

static void
question_free (Question *question)
{
  g_object_unref (question->view);
  g_free (question);
}

static void
on_explained_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(TillReasonDialog) dialog = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReconciliation) match =
    till_engine_act_on_difference_finish (TILL_ENGINE (source), result, &error);
  TillMatchView *self = g_object_get_data (G_OBJECT (dialog), "till-view");

  if (match == NULL)
    {
      till_reason_dialog_set_failed (dialog, till_error_text (error));
      return;
    }

  if (self->desk != NULL)
    g_signal_emit (self, signals[ACTED], 0, match);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
on_confirmed_cb (TillReasonDialog *dialog,
                 const char       *reason,
                 gint64            until_ms,
                 Question         *question)
{
  TillDesk *desk = question->view->desk;

  till_reason_dialog_set_busy (dialog);
  till_engine_act_on_difference_async (till_desk_get_engine (desk), question->difference_id,
                                       TILL_DIFFERENCE_ACTION_EXPLAIN, reason,
                                       till_desk_get_operator_id (desk), NULL, on_explained_cb,
                                       g_object_ref (dialog));
}

static void
on_explain_clicked_cb (TillMatchView *self)
{
  const TillDifference *difference = get_selected (self);
  GtkWidget *dialog;
  Question *question;

  if (difference == NULL)
    return;

  dialog = till_reason_dialog_new (_("Say why it is right"),
                                   gtk_label_get_text (self->action_title),
                                   _("The difference is settled by your words. They are kept with "
                                     "your name and stand on the printed match."));
  till_reason_dialog_set_action (TILL_REASON_DIALOG (dialog), _("Settle it"), FALSE);
  question = g_new0 (Question, 1);
  question->view = g_object_ref (self);
  question->difference_id = difference->id;
  g_object_set_data_full (G_OBJECT (dialog), "till-view", g_object_ref (self), g_object_unref);
  g_signal_connect_data (dialog, "confirmed", G_CALLBACK (on_confirmed_cb), question,
                         (GClosureNotify)question_free, 0);
  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_order_clicked_cb (TillMatchView *self)
{
  const TillDifference *difference = get_selected (self);

  if (difference != NULL && difference->order_id != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.order", "s", difference->order_id);
}

static void
on_kind_selected_cb (TillMatchView *self)
{
  if (self->filter != NULL)
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
append_columns (TillMatchView *self)
{
  till_columns_append (self->view, _("Difference"), TILL_CELL_STATE, 170, show_kind, self);
  till_columns_append (self->view, _("Tenant"), TILL_CELL_TEXT, 90, show_place, self);
  till_columns_append (self->view, _("Our number"), TILL_CELL_TEXT, 230, show_number, self);
  till_columns_append (self->view, _("Books"), TILL_CELL_NUMBER, 110, show_ours, self);
  till_columns_append (self->view, _("Bill"), TILL_CELL_NUMBER, 110, show_theirs, self);
  till_columns_append (self->view, _("What was done"), TILL_CELL_TEXT, 0, show_outcome, self);
}

static void
till_match_view_dispose (GObject *object)
{
  TillMatchView *self = TILL_MATCH_VIEW (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->items);
  g_clear_pointer (&self->match, till_reconciliation_unref);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_match_view_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, box);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, state);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, run);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, ours_paid);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, theirs_paid);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, diff_paid);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, ours_back);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, theirs_back);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, diff_back);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, ours_net);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, theirs_net);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, diff_net);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, fee);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, arrives);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, ours_lines);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, theirs_lines);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, equal_lines);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, kind_drop);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, stack);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, view);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, action_box);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, action_title);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, advice);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, outcome);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, query_button);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, explain_button);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, order_button);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, review_button);
  gtk_widget_class_bind_template_child (widget_class, TillMatchView, not_allowed);
}

static void
till_match_view_class_init (TillMatchViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_match_view_dispose;

  /**
   * TillMatchView::acted:
   * @self: the view
   * @match: (type TillReconciliation): the match as it is after an action
   */
  signals[ACTED] =
    g_signal_new ("acted", TILL_TYPE_MATCH_VIEW, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/match-view.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_kind_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_query_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_explain_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_order_clicked_cb);
}

static void
till_match_view_init (TillMatchView *self)
{
  self->items = g_list_store_new (TILL_TYPE_DIFFERENCE_ITEM);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_wanted, self, NULL));
  self->shown = G_LIST_MODEL (gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->items)),
                                                         g_object_ref (self->filter)));
  self->selection = gtk_single_selection_new (g_object_ref (self->shown));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (show_action),
                           self, G_CONNECT_SWAPPED);
  append_columns (self);
}

/**
 * till_match_view_set_desk:
 * @self: the view
 * @desk: the desk, once
 */
void
till_match_view_set_desk (TillMatchView *self,
                          TillDesk      *desk)
{
  g_return_if_fail (TILL_IS_MATCH_VIEW (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
}

/**
 * till_match_view_show:
 * @self: the view
 * @match: (nullable): the match of a day, with its differences; %NULL for none
 *
 * Shows it. Of the same day the selected row stays selected.
 */
void
till_match_view_show (TillMatchView      *self,
                      TillReconciliation *match)
{
  const guint selected = gtk_single_selection_get_selected (self->selection);
  const gboolean same = match != NULL && self->match != NULL && match->id == self->match->id;

  g_return_if_fail (TILL_IS_MATCH_VIEW (self));

  if (match != NULL)
    till_reconciliation_ref (match);
  till_reconciliation_unref (self->match);
  self->match = match;
  g_list_store_remove_all (self->items);
  if (match == NULL)
    return;

  for (guint i = 0; match->differences != NULL && i < match->differences->len; i++)
    {
      g_autoptr(TillDifferenceItem) item = till_difference_item_new (match, i);

      g_list_store_append (self->items, item);
    }

  gtk_single_selection_set_selected (self->selection, same ? selected : GTK_INVALID_LIST_POSITION);
  gtk_stack_set_visible_child_name (self->stack,
                                    g_list_model_get_n_items (G_LIST_MODEL (self->items)) > 0
                                    ? "table" : "equal");
  show_sums (self);
  show_state (self);
  show_action (self);
}

/**
 * till_match_view_get_n_shown:
 * @self: the view
 *
 * Returns: how many differences are in sight
 */
guint
till_match_view_get_n_shown (TillMatchView *self)
{
  g_return_val_if_fail (TILL_IS_MATCH_VIEW (self), 0);

  return g_list_model_get_n_items (self->shown);
}
