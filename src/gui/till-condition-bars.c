/*
 * till-condition-bars.c: what stands wrong, in bars over the pages
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-condition-bars.h"
#include "till-words.h"

/* More bars than this would push the work off the screen; the rest is counted in the last one. */
#define N_BARS_MAX 3

/**
 * TillConditionBars:
 *
 * One bar for each condition that stands, the gravest first. A bar goes when its condition does and
 * cannot be closed by hand: a toast is for what happened, a bar is for what is.
 */
struct _TillConditionBars
{
  GtkWidget parent_instance;

  TillDesk *desk;
};

G_DEFINE_FINAL_TYPE (TillConditionBars, till_condition_bars, GTK_TYPE_WIDGET)

static int
get_gravity (TillConditionKind kind)
{
  switch (kind)
    {
    case TILL_CONDITION_BOOKS_FAULT:
      return 0;
    case TILL_CONDITION_CLOCK_WENT_BACK:
      return 1;
    case TILL_CONDITION_REVIEW_OPEN:
    case TILL_CONDITION_STRAY_OPEN:
    case TILL_CONDITION_REFUND_STUCK:
      return 2;
    case TILL_CONDITION_LINE_DOWN:
      return 3;
    case TILL_CONDITION_SIMULATOR_GONE:
    case TILL_CONDITION_READINGS_FAULT:
    case TILL_CONDITION_LISTENER_FAULT:
    case TILL_CONDITION_GATEWAY_DOWN:
      return 4;
    case TILL_CONDITION_METERS_SILENT:
    default:
      return 5;
    }
}

static int
compare_gravity (gconstpointer a,
                 gconstpointer b)
{
  const TillCondition *first = *(TillCondition *const *)a;
  const TillCondition *second = *(TillCondition *const *)b;

  return get_gravity (first->kind) - get_gravity (second->kind);
}

static GtkWidget *
make_label (const char *text,
            const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);

  return label;
}

/* Where something can be done about it, or %NULL. */
static const char *
get_page (TillConditionKind kind)
{
  switch (kind)
    {
    case TILL_CONDITION_REVIEW_OPEN:
    case TILL_CONDITION_STRAY_OPEN:
    case TILL_CONDITION_REFUND_STUCK:
      return "win.page::review";
    case TILL_CONDITION_LISTENER_FAULT:
    case TILL_CONDITION_GATEWAY_DOWN:
      return "win.page::gateways";
    case TILL_CONDITION_LINE_DOWN:
    case TILL_CONDITION_METERS_SILENT:
    case TILL_CONDITION_BOOKS_FAULT:
    case TILL_CONDITION_CLOCK_WENT_BACK:
    case TILL_CONDITION_SIMULATOR_GONE:
    case TILL_CONDITION_READINGS_FAULT:
    default:
      return NULL;
    }
}

static GtkWidget *
make_page_button (TillConditionKind kind)
{
  const char *page = get_page (kind);
  GtkWidget *button = gtk_button_new_with_label (g_str_has_suffix (page, "review")
                                                 ? _("Review") : _("Gateways"));

  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), page);
  return button;
}

static void
add_bar (TillConditionBars *self,
         TillCondition     *condition,
         guint              n_more)
{
  const gboolean grave = condition->kind == TILL_CONDITION_BOOKS_FAULT;
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *advice = make_label (till_words_condition_advice (condition->kind), NULL);
  g_autofree char *what = till_words_condition (condition);

  gtk_widget_add_css_class (bar, "bar");
  gtk_widget_add_css_class (bar, grave ? "error" : "warning");
  gtk_box_append (GTK_BOX (bar), gtk_image_new_from_icon_name (grave ? "dialog-error-symbolic"
                                                                     : "dialog-warning-symbolic"));
  gtk_box_append (GTK_BOX (text), make_label (what, "heading"));
  gtk_widget_set_hexpand (advice, TRUE);
  gtk_box_append (GTK_BOX (text), advice);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (bar), text);

  if (get_page (condition->kind) != NULL)
    gtk_box_append (GTK_BOX (bar), make_page_button (condition->kind));

  if (n_more > 0)
    {
      g_autofree char *more = g_strdup_printf (ngettext ("and %u more", "and %u more", n_more),
                                               n_more);

      gtk_box_append (GTK_BOX (bar), make_label (more, "dim-label"));
    }

  gtk_widget_set_parent (bar, GTK_WIDGET (self));
}

static void
clear_bars (TillConditionBars *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
}

static void
on_conditions_changed_cb (TillConditionBars *self,
                          GPtrArray         *conditions)
{
  g_autoptr(GPtrArray) sorted = g_ptr_array_new ();
  guint n_bars;

  clear_bars (self);
  for (guint i = 0; conditions != NULL && i < conditions->len; i++)
    g_ptr_array_add (sorted, conditions->pdata[i]);
  g_ptr_array_sort (sorted, compare_gravity);

  n_bars = MIN (sorted->len, N_BARS_MAX);
  for (guint i = 0; i < n_bars; i++)
    add_bar (self, sorted->pdata[i], i == n_bars - 1 ? sorted->len - n_bars : 0);
  gtk_widget_set_visible (GTK_WIDGET (self), n_bars > 0);
}

static void
till_condition_bars_dispose (GObject *object)
{
  TillConditionBars *self = TILL_CONDITION_BARS (object);

  clear_bars (self);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_condition_bars_parent_class)->dispose (object);
}

static void
till_condition_bars_class_init (TillConditionBarsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_condition_bars_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
till_condition_bars_init (TillConditionBars *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

/**
 * till_condition_bars_set_desk:
 * @self: the bars
 * @desk: the desk, once
 */
void
till_condition_bars_set_desk (TillConditionBars *self,
                              TillDesk          *desk)
{
  TillEngine *engine = till_desk_get_engine (desk);

  g_return_if_fail (TILL_IS_CONDITION_BARS (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  g_signal_connect_object (engine, "conditions-changed", G_CALLBACK (on_conditions_changed_cb),
                           self, G_CONNECT_SWAPPED);
  on_conditions_changed_cb (self, till_engine_get_conditions (engine));
}
