/*
 * test-marks.c: a meter's state becomes the right marks, on its row and above
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "till-tree-row.h"
#include "ui-support.h"

static guint
marks_with (TillHealth health,
            guint32    flags,
            TillMoney  remaining)
{
  g_autoptr(TillMeterState) state = till_meter_state_new ();

  state->health = health;
  state->reading.fields = TILL_READING_STATUS | TILL_READING_REMAINING;
  state->reading.flags = flags;
  state->reading.remaining = remaining;
  return till_marks_of_state (state);
}

static void
test_marks (void)
{
  const guint32 on = TILL_METER_FLAG_RELAY;
  const guint32 forced = TILL_METER_FLAG_FORCED;

  g_assert_cmpuint (till_marks_of_state (NULL), ==, TILL_MARK_WAITING);
  g_assert_cmpuint (marks_with (TILL_HEALTH_FRESH, on, 100), ==, TILL_MARK_FRESH);
  g_assert_cmpuint (marks_with (TILL_HEALTH_LATE, on, 100), ==, TILL_MARK_LATE);
  g_assert_cmpuint (marks_with (TILL_HEALTH_FRESH, 0, 100), ==,
                    TILL_MARK_FRESH | TILL_MARK_TRIPPED);
  g_assert_cmpuint (marks_with (TILL_HEALTH_FRESH, on | TILL_METER_FLAG_ALARM_1, 100), ==,
                    TILL_MARK_FRESH | TILL_MARK_LOW);
  g_assert_cmpuint (marks_with (TILL_HEALTH_FRESH, on | TILL_METER_FLAG_ALARM_1, -1), ==,
                    TILL_MARK_FRESH | TILL_MARK_ARREARS);
  g_assert_cmpuint (marks_with (TILL_HEALTH_FRESH, forced, 100), ==,
                    TILL_MARK_FRESH | TILL_MARK_FORCED_OFF);
  g_assert_cmpuint (marks_with (TILL_HEALTH_FRESH, on | forced | TILL_METER_FLAG_FORCED_CLOSED, 1),
                    ==, TILL_MARK_FRESH | TILL_MARK_KEPT);
}

static void
test_merge (void)
{
  g_assert_cmpuint (till_marks_merge (TILL_MARK_FRESH, TILL_MARK_SILENT), ==, TILL_MARK_SILENT);
  g_assert_cmpuint (till_marks_merge (TILL_MARK_FRESH | TILL_MARK_LOW, TILL_MARK_FRESH), ==,
                    TILL_MARK_FRESH | TILL_MARK_LOW);
  g_assert_cmpuint (till_marks_merge (0, TILL_MARK_FRESH), ==, TILL_MARK_FRESH);
}

/* Each mark has a word and an icon of its own: colour alone tells nothing. */
static void
test_every_mark_speaks (void)
{
  for (guint i = 0; i < TILL_N_MARKS; i++)
    {
      for (guint j = 0; j < i; j++)
        {
          g_assert_cmpstr (till_mark_get_word ((TillMark)(1u << i)), !=,
                           till_mark_get_word ((TillMark)(1u << j)));
          g_assert_cmpstr (till_mark_get_icon ((TillMark)(1u << i)), !=,
                           till_mark_get_icon ((TillMark)(1u << j)));
        }
      g_assert_true (gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display
                                                (gdk_display_get_default ()),
                                              till_mark_get_icon ((TillMark)(1u << i))));
    }
}

static void
test_box (void)
{
  GtkWidget *box = till_mark_box_new (2);
  GtkWidget *window = ui_show (box);

  till_mark_box_set_marks (TILL_MARK_BOX (box), TILL_MARK_FRESH);
  ui_settle ();
  g_assert_true (ui_has_text (window, "Online"));

  till_mark_box_set_marks (TILL_MARK_BOX (box), TILL_MARK_FRESH | TILL_MARK_LOW | TILL_MARK_REVIEW
                           | TILL_MARK_ON_ITS_WAY);
  ui_settle ();
  g_assert_true (ui_has_text (window, "Review"));
  g_assert_true (ui_has_text (window, "Low"));
  g_assert_false (ui_has_text (window, "On its way"));
  g_assert_false (ui_has_text (window, "Online"));

  till_mark_box_set_marks (TILL_MARK_BOX (box), 0);
  ui_settle ();
  g_assert_false (ui_has_text (window, "Review"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
count (int *n)
{
  (*n)++;
}

/* A row follows its node, and a floor counts what goes wrong below it; no list changes for that. */
static void
test_rows_follow (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("senior");
  TillSiteModel *model = till_desk_get_model (desk);
  TillEngine *engine = till_desk_get_engine (desk);
  g_autoptr(TillNode) building = g_list_model_get_item (till_site_model_get_roots (model), 0);
  g_autoptr(GListModel) floors = till_site_model_create_children (model, building);
  g_autoptr(TillNode) floor = g_list_model_get_item (floors, 0);
  g_autoptr(GListModel) shops = till_site_model_create_children (model, floor);
  g_autoptr(TillNode) shop = g_list_model_get_item (shops, 0);
  GtkWidget *row = till_tree_row_new ();
  GtkWidget *window = ui_show (row);
  const guint silent = (guint)g_bit_nth_lsf (TILL_MARK_SILENT, -1);
  const guint n_silent = till_node_get_tally (floor)->n_by_mark[silent];
  int n_spliced = 0;

  g_signal_connect_swapped (shops, "items-changed", G_CALLBACK (count), &n_spliced);
  till_tree_row_set_node (TILL_TREE_ROW (row), shop);
  fake_engine_set_remaining (engine, 200000, 123456);
  ui_settle ();
  g_assert_true (ui_has_text (window, "¥1,234.56"));

  fake_engine_set_health (engine, 200000, TILL_HEALTH_SILENT);
  ui_settle ();
  g_assert_true (ui_has_text (window, "Silent"));
  g_assert_cmpuint (till_node_get_tally (floor)->n_by_mark[silent], ==, n_silent + 1);

  fake_engine_set_health (engine, 200000, TILL_HEALTH_FRESH);
  ui_settle ();
  g_assert_false (ui_has_text (window, "Silent"));
  g_assert_cmpuint (till_node_get_tally (floor)->n_by_mark[silent], ==, n_silent);
  g_assert_cmpint (n_spliced, ==, 0);

  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/marks/of-state", test_marks);
  g_test_add_func ("/marks/merge", test_merge);
  g_test_add_func ("/marks/every-mark-speaks", test_every_mark_speaks);
  g_test_add_func ("/marks/box", test_box);
  g_test_add_func ("/marks/rows-follow", test_rows_follow);

  return g_test_run ();
}
