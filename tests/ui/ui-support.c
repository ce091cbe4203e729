/*
 * ui-support.c: what the tests of the window share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <adwaita.h>

#include "ui-support.h"

static gint64 last_turn_us;
static guint n_stalls;
static GPollFunc real_poll;

/* Measures a turn of the main loop from where poll() returns to where it is called again. */
static int
measure_turn (GPollFD *fds,
              guint    n_fds,
              int      timeout_ms)
{
  int result;

  if (last_turn_us != 0 && g_get_monotonic_time () - last_turn_us > UI_STALL_MS * 1000)
    n_stalls++;

  result = real_poll (fds, n_fds, timeout_ms);
  last_turn_us = g_get_monotonic_time ();
  return result;
}

void
ui_test_init (int    *argc,
              char ***argv)
{
  gtk_test_init (argc, argv, NULL);
  adw_init ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    "/org/tillwatt/Till/icons");
  real_poll = g_main_context_get_poll_func (NULL);
  g_main_context_set_poll_func (NULL, measure_turn);
}

/* How many turns were longer than UI_STALL_MS since the last question. */
guint
ui_count_stalls (void)
{
  const guint n = n_stalls;

  n_stalls = 0;
  return n;
}

/* A desk on a fresh double, in a folder of its own; with somebody signed in when a name is given. */
TillDesk *
ui_make_desk (const char *signed_in)
{
  g_autofree char *data_dir = g_dir_make_tmp ("till-ui-XXXXXX", NULL);
  g_autoptr(TillEngine) engine = till_engine_new (data_dir, TILL_ENGINE_FLAGS_DEMO);
  TillDesk *desk = till_desk_new (engine, data_dir, TRUE);

  if (signed_in != NULL)
    {
      g_autoptr(TillOperator) person = till_operator_new ();

      person->id = 1;
      person->name = g_strdup (signed_in);
      person->display_name = g_strdup (signed_in);
      person->role = g_str_equal (signed_in, "clerk") ? TILL_ROLE_CLERK : TILL_ROLE_SENIOR;
      till_desk_set_operator (desk, person);
    }

  return desk;
}

static gboolean
set_flag (gpointer flag)
{
  *(gboolean *)flag = TRUE;
  return G_SOURCE_REMOVE;
}

void
ui_spin_ms (guint duration_ms)
{
  gboolean over = FALSE;

  g_timeout_add (duration_ms, set_flag, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

/* Lets everything that is due happen. */
void
ui_settle (void)
{
  ui_spin_ms (60);
}

/* A window around a widget, painted once. */
GtkWidget *
ui_show (GtkWidget *child)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 1300, 800);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  ui_settle ();

  return window;
}

typedef gboolean (*Match)(GtkWidget    *widget,
                          gconstpointer wanted);

static GtkWidget *
find (GtkWidget    *root,
      Match         match,
      gconstpointer wanted)
{
  if (match (root, wanted))
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, match, wanted);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
is_type (GtkWidget    *widget,
         gconstpointer type)
{
  return g_type_is_a (G_OBJECT_TYPE (widget), GPOINTER_TO_SIZE (type));
}

GtkWidget *
ui_find_type (GtkWidget *root,
              GType      type)
{
  return find (root, is_type, GSIZE_TO_POINTER (type));
}

/* A child of a template by its id. */
GtkWidget *
ui_find_child (GtkWidget  *widget,
               GType       type,
               const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return GTK_WIDGET (child);
}

static gboolean
is_button_with (GtkWidget    *widget,
                gconstpointer label)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

GtkWidget *
ui_find_button (GtkWidget  *root,
                const char *label)
{
  return find (root, is_button_with, label);
}

static gboolean
says (GtkWidget    *widget,
      gconstpointer text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

/* Whether a label in sight holds a text. */
gboolean
ui_has_text (GtkWidget  *root,
             const char *text)
{
  return find (root, says, text) != NULL;
}

static GtkEventController *
find_key_controller (GtkWidget *widget)
{
  for (; widget != NULL; widget = gtk_widget_get_parent (widget))
    {
      g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (widget);

      for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
        {
          g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

          if (GTK_IS_EVENT_CONTROLLER_KEY (controller)
              && gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE
              && gtk_event_controller_get_name (controller) == NULL
              && !GTK_IS_TEXT (widget) && !GTK_IS_WINDOW (widget))
            return controller;
        }
    }

  return NULL;
}

/*
 * GTK 4 makes no key events in process. What a key does here is what our own controllers do with it,
 * and then, when they let it pass, what Enter does to a widget.
 */
void
ui_press (GtkWidget *widget,
          guint      keyval)
{
  GtkEventController *controller = find_key_controller (widget);
  gboolean handled = FALSE;

  if (controller != NULL)
    g_signal_emit_by_name (controller, "key-pressed", keyval, 0, 0, &handled);
  if (handled || keyval != GDK_KEY_Return)
    return;

  if (GTK_IS_BUTTON (widget))
    g_signal_emit_by_name (widget, "clicked");
  else
    g_signal_emit_by_name (widget, "activate");
}

void
ui_release (GtkWidget *widget,
            guint      keyval)
{
  GtkEventController *controller = find_key_controller (widget);

  if (controller != NULL)
    g_signal_emit_by_name (controller, "key-released", keyval, 0, 0);
}
