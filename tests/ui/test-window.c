/*
 * test-window.c: the whole window: signing in and out, pages, names for every control
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <adwaita.h>

#include "till-counter-page.h"
#include "till-window.h"
#include "ui-support.h"

static GtkApplication *application;

static GtkWidget *
open_window (TillDesk *desk)
{
  GtkWidget *window = till_window_new (application, desk);

  gtk_window_present (GTK_WINDOW (window));
  ui_settle ();
  return window;
}

static void
sign_in (TillDesk   *desk,
         const char *name)
{
  g_autoptr(TillOperator) person = till_operator_new ();

  person->id = 7;
  person->name = g_strdup (name);
  person->display_name = g_strdup (name);
  person->role = TILL_ROLE_ADMIN;
  till_desk_set_operator (desk, person);
  ui_settle ();
}

static void
test_sign_in_and_out (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk (NULL);
  GtkWidget *window = open_window (desk);

  g_assert_true (ui_has_text (window, "DEMONSTRATION"));
  g_assert_true (ui_has_text (window, "Sign in to sell electricity"));
  gtk_widget_activate_action (window, "win.page", "s", "orders");
  g_assert_cmpstr (till_window_get_page (TILL_WINDOW (window)), ==, "counter");

  sign_in (desk, "王芳");
  g_assert_true (ui_has_text (window, "王芳"));
  g_assert_true (ui_has_text (window, "Who is at the counter?"));

  till_counter_page_choose (TILL_COUNTER_PAGE (ui_find_type (window, TILL_TYPE_COUNTER_PAGE)),
                            100000, 0);
  ui_settle ();
  g_assert_true (ui_has_text (window, "¥386.40"));

  /* Whoever comes next sees nothing of the last tenant. */
  gtk_widget_activate_action (window, "win.lock", NULL);
  ui_spin_ms (400);
  g_assert_true (ui_has_text (window, "Sign in to sell electricity"));
  sign_in (desk, "李娜");
  g_assert_true (ui_has_text (window, "Who is at the counter?"));
  gtk_window_destroy (GTK_WINDOW (window));
  ui_settle ();
}

static void
test_pages (void)
{
  static const char *const names[] = { "meters", "review", "orders", "counter" };
  g_autoptr(TillDesk) desk = ui_make_desk (NULL);
  GtkWidget *window = open_window (desk);

  sign_in (desk, "demo");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gtk_widget_activate_action (window, "win.page", "s", names[i]);
      ui_spin_ms (150);
      g_assert_cmpstr (till_window_get_page (TILL_WINDOW (window)), ==, names[i]);
    }

  /* From anywhere the search is one key away. */
  gtk_widget_activate_action (window, "win.page", "s", "meters");
  gtk_widget_activate_action (window, "win.search", NULL);
  ui_settle ();
  g_assert_cmpstr (till_window_get_page (TILL_WINDOW (window)), ==, "counter");
  g_assert_true (GTK_IS_TEXT (gtk_window_get_focus (GTK_WINDOW (window))));
  gtk_widget_activate_action (window, "win.reprint", NULL);
  ui_settle ();
  g_assert_true (ui_has_text (window, "Nothing has been sold here yet."));

  fake_engine_set_conditions (till_desk_get_engine (desk), TRUE);
  ui_settle ();
  g_assert_true (ui_has_text (window, "2 purchases wait for a decision."));
  gtk_window_destroy (GTK_WINDOW (window));
  ui_settle ();
}

/* A button that shows only a picture, and every entry, has a name for those who cannot see it. */
static guint
count_nameless (GtkWidget *root)
{
  guint n = 0;

  if (GTK_IS_BUTTON (root) && gtk_widget_get_child_visible (root)
      && gtk_button_get_icon_name (GTK_BUTTON (root)) != NULL
      && gtk_widget_get_tooltip_text (root) == NULL
      && !gtk_test_accessible_has_property (GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL)
      && gtk_widget_get_ancestor (root, ADW_TYPE_HEADER_BAR) == NULL
      && gtk_widget_get_ancestor (root, GTK_TYPE_CALENDAR) == NULL
      && gtk_widget_get_ancestor (root, ADW_TYPE_ENTRY_ROW) == NULL)
    {
      g_test_message ("no name: %s", gtk_button_get_icon_name (GTK_BUTTON (root)));
      n++;
    }

  if ((GTK_IS_ENTRY (root) || GTK_IS_SEARCH_ENTRY (root))
      && gtk_widget_get_ancestor (root, GTK_TYPE_DROP_DOWN) == NULL
      && !gtk_test_accessible_has_property (GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL)
      && !gtk_test_accessible_has_relation (GTK_ACCESSIBLE (root),
                                            GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    {
      g_test_message ("no name: %s", G_OBJECT_TYPE_NAME (root));
      n++;
    }

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_nameless (child);

  return n;
}

static void
test_names (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk (NULL);
  GtkWidget *window = open_window (desk);

  sign_in (desk, "demo");
  till_counter_page_choose (TILL_COUNTER_PAGE (ui_find_type (window, TILL_TYPE_COUNTER_PAGE)),
                            100006, 0);
  ui_settle ();
  g_assert_cmpuint (count_nameless (window), ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  ui_settle ();
}

static void
test_help (void)
{
  g_autoptr(GtkBuilder) builder =
    gtk_builder_new_from_resource ("/org/tillwatt/Till/ui/help-overlay.ui");
  GtkWidget *help = GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay"));

  gtk_window_present (GTK_WINDOW (help));
  ui_settle ();
  gtk_window_destroy (GTK_WINDOW (help));
}

/* Ten thousand tenants, and states for all of them at once: no turn of the loop is felt. */
static void
test_no_stalls (void)
{
  g_autoptr(TillDesk) desk = NULL;
  GtkWidget *window;

  fake_engine_script.n_shops = 10000;
  desk = ui_make_desk (NULL);
  window = open_window (desk);
  sign_in (desk, "demo");
  ui_count_stalls ();

  for (guint i = 0; i < 2000; i++)
    fake_engine_set_remaining (till_desk_get_engine (desk), 200000 + i % 18, 100 * i);
  ui_spin_ms (200);
  till_counter_page_choose (TILL_COUNTER_PAGE (ui_find_type (window, TILL_TYPE_COUNTER_PAGE)),
                            109000, 0);
  ui_spin_ms (200);
  g_assert_cmpuint (ui_count_stalls (), <=, 1);
  gtk_window_destroy (GTK_WINDOW (window));
  ui_settle ();
}

int
main (int   argc,
      char *argv[])
{
  int status;

  ui_test_init (&argc, &argv);
  application = GTK_APPLICATION (adw_application_new ("org.tillwatt.Till.Test",
                                                      G_APPLICATION_NON_UNIQUE));
  g_application_set_resource_base_path (G_APPLICATION (application), "/org/tillwatt/Till");
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_test_add_func ("/window/sign-in-and-out", test_sign_in_and_out);
  g_test_add_func ("/window/pages", test_pages);
  g_test_add_func ("/window/names", test_names);
  g_test_add_func ("/window/help", test_help);
  g_test_add_func ("/window/no-stalls", test_no_stalls);
  status = g_test_run ();
  g_object_unref (application);

  return status;
}
