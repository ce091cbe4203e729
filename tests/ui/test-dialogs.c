/*
 * test-dialogs.c: relay commands are asked for, with a reason, and their end is told
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "till-clock.h"
#include "till-command-dialog.h"
#include "till-meter-panel.h"
#include "till-print.h"
#include "till-printer-dialog.h"
#include "till-reason-dialog.h"
#include "ui-support.h"

static GtkWidget *
dialog_child (GtkWidget  *dialog,
              const char *name)
{
  return ui_find_child (dialog, TILL_TYPE_REASON_DIALOG, name);
}

static GtkWidget *
open_dialog (TillDesk      *desk,
             gint64         meter_id,
             TillIntentKind kind)
{
  TillNode *node = till_site_model_get_meter_node (till_desk_get_model (desk), meter_id);
  GtkWidget *dialog = till_command_dialog_new (desk, node, kind);

  gtk_window_present (GTK_WINDOW (dialog));
  ui_settle ();
  return dialog;
}

static void
confirm (GtkWidget *dialog)
{
  g_signal_emit_by_name (dialog_child (dialog, "action_button"), "clicked");
  ui_settle ();
}

static void
on_gone_cb (gpointer flag,
            GObject *object)
{
  *(gboolean *)flag = TRUE;
}

static void
test_trip (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  TillNode *node = till_site_model_get_meter_node (till_desk_get_model (desk), 200000);
  GtkWidget *panel = till_meter_panel_new (desk, node);
  GtkWidget *window = ui_show (panel);
  GtkWidget *dialog = open_dialog (desk, 200000, TILL_INTENT_KIND_TRIP);
  gboolean gone = FALSE;

  /* It names the shop, the tenant and the meter, and says what follows. */
  g_assert_true (ui_has_text (dialog, "A101 顺心餐饮, meter 240100200000"));
  g_assert_true (ui_has_text (dialog, "without power"));
  g_object_weak_ref (G_OBJECT (dialog), on_gone_cb, &gone);

  confirm (dialog);
  g_assert_true (ui_has_text (dialog, "Give a reason."));
  gtk_editable_set_text (GTK_EDITABLE (dialog_child (dialog, "reason_entry")), "   ");
  confirm (dialog);
  g_assert_true (ui_has_text (dialog, "Give a reason."));
  g_assert_null (till_desk_get_last_command (desk, 200000));

  gtk_editable_set_text (GTK_EDITABLE (dialog_child (dialog, "reason_entry")), "欠租");
  confirm (dialog);
  ui_settle ();
  g_assert_true (gone);
  g_assert_cmpstr (till_desk_get_last_command (desk, 200000)->reason, ==, "欠租");
  g_assert_true (ui_has_text (panel, "Trip: waiting to be sent"));
  g_assert_true (ui_has_text (panel, "Command sent"));

  ui_spin_ms (fake_engine_script.delay_ms + 100);
  g_assert_true (ui_has_text (panel, "Trip: confirmed by the meter"));
  g_assert_true (ui_has_text (panel, "Open: power is off"));
  g_assert_true (ui_has_text (panel, "Tripped by the office"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_refused (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  TillNode *node = till_site_model_get_meter_node (till_desk_get_model (desk), 200000);
  GtkWidget *panel = till_meter_panel_new (desk, node);
  GtkWidget *window = ui_show (panel);
  GtkWidget *dialog = open_dialog (desk, 200000, TILL_INTENT_KIND_TRIP);

  fake_engine_script.fail_commands = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (dialog_child (dialog, "reason_entry")), "欠租");
  confirm (dialog);
  ui_spin_ms (fake_engine_script.delay_ms + 100);
  fake_engine_script.fail_commands = FALSE;
  g_assert_true (ui_has_text (panel, "refused, nothing has changed"));
  g_assert_true (ui_has_text (panel, "Closed: power is on"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_keep_needs_an_end (void)
{
  static const char *const bad[] = {
    "", "tomorrow", "2020-01-01 10:00", "2099-01-01 10:00", "2026-13-40 10:00"
  };
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  GtkWidget *dialog = open_dialog (desk, 200001, TILL_INTENT_KIND_KEEP);
  GtkWidget *until = dialog_child (dialog, "until_entry");

  /* An end is offered that would do. */
  g_assert_true (gtk_widget_get_mapped (until));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (until)), !=, "");

  gtk_editable_set_text (GTK_EDITABLE (dialog_child (dialog, "reason_entry")), "夜间施工");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gtk_editable_set_text (GTK_EDITABLE (until), bad[i]);
      confirm (dialog);
      g_assert_true (gtk_widget_get_visible (dialog_child (dialog, "problem")));
      g_assert_null (till_desk_get_last_command (desk, 200001));
    }

  g_signal_emit_by_name (ui_find_button (dialog, "2 hours"), "clicked");
  confirm (dialog);
  ui_settle ();
  g_assert_cmpint (till_desk_get_last_command (desk, 200001)->until_ms, >,
                   till_clock_now_ms () + 3600000);
  ui_spin_ms (fake_engine_script.delay_ms + 100);
}

static void
test_rights (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  TillSiteModel *model = till_desk_get_model (desk);
  GtkWidget *free_panel = till_meter_panel_new (desk, till_site_model_get_meter_node (model, 200000));
  GtkWidget *kept_panel = till_meter_panel_new (desk, till_site_model_get_meter_node (model, 200009));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *window;

  gtk_box_append (GTK_BOX (box), free_panel);
  gtk_box_append (GTK_BOX (box), kept_panel);
  window = ui_show (box);
  g_assert_true (gtk_widget_get_sensitive (ui_find_child (free_panel, TILL_TYPE_METER_PANEL,
                                                          "trip_button")));
  g_assert_false (gtk_widget_get_sensitive (ui_find_child (free_panel, TILL_TYPE_METER_PANEL,
                                                           "auto_button")));

  /* A meter that is never to be tripped offers no trip, and says why. */
  g_assert_false (gtk_widget_get_sensitive (ui_find_child (kept_panel, TILL_TYPE_METER_PANEL,
                                                           "trip_button")));
  g_assert_nonnull (gtk_widget_get_tooltip_text (ui_find_child (kept_panel, TILL_TYPE_METER_PANEL,
                                                                "trip_button")));
  g_assert_true (gtk_widget_get_sensitive (ui_find_child (kept_panel, TILL_TYPE_METER_PANEL,
                                                          "auto_button")));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_printer (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  TillPrint *print = till_print_new (desk);
  TillPrint *again;
  GtkWidget *dialog = till_printer_dialog_new (print);
  GtkWidget *paper = ui_find_child (dialog, TILL_TYPE_PRINTER_DIALOG, "paper_row");

  gtk_window_present (GTK_WINDOW (dialog));
  ui_spin_ms (300);
  adw_combo_row_set_selected (ADW_COMBO_ROW (paper), 1);
  g_signal_emit_by_name (ui_find_button (dialog, "_Save"), "clicked");
  ui_settle ();
  g_assert_cmpint (till_print_get_paper (print), ==, TILL_RECEIPT_PAPER_A5);
  g_assert_null (till_print_get_printer (print));

  /* The choice is there at the next start. */
  again = till_print_new (desk);
  g_assert_cmpint (till_print_get_paper (again), ==, TILL_RECEIPT_PAPER_A5);
  till_print_stop (again);
  till_print_stop (print);
  g_object_unref (again);
  g_object_unref (print);
}

int
main (int   argc,
      char *argv[])
{
  ui_test_init (&argc, &argv);
  fake_engine_script.delay_ms = 150;
  g_test_add_func ("/dialogs/trip", test_trip);
  g_test_add_func ("/dialogs/refused", test_refused);
  g_test_add_func ("/dialogs/keep-needs-an-end", test_keep_needs_an_end);
  g_test_add_func ("/dialogs/rights", test_rights);
  g_test_add_func ("/dialogs/printer", test_printer);

  return g_test_run ();
}
