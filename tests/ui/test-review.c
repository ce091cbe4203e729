/*
 * test-review.c: a person decides about what the two sides do not agree on
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "till-reason-dialog.h"
#include "till-review-card.h"
#include "till-review-page.h"
#include "ui-support.h"

static GtkWidget *
open_page (TillDesk   *desk,
           GtkWidget **page)
{
  *page = g_object_new (TILL_TYPE_REVIEW_PAGE, NULL);
  till_review_page_set_desk (TILL_REVIEW_PAGE (*page), desk);
  return ui_show (*page);
}

static void
test_both_sides (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("senior");
  GtkWidget *page;
  GtkWidget *window = open_page (desk, &page);

  g_assert_cmpuint (till_review_page_get_n_reviews (TILL_REVIEW_PAGE (page)), ==, 2);
  g_assert_true (ui_has_text (page, "B108 九毛九"));
  g_assert_true (ui_has_text (page, "¥500.00"));
  g_assert_true (ui_has_text (page, "17 → 18"));
  g_assert_true (ui_has_text (page, "20"));
  g_assert_false (ui_has_text (page, "Only a senior clerk"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
decide (TillDecision decision)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("senior");
  GtkWidget *page, *card, *dialog, *action;
  GtkWidget *window = open_page (desk, &page);
  const guint n_before = fake_engine_script.n_decisions;

  card = ui_find_type (page, TILL_TYPE_REVIEW_CARD);
  dialog = till_review_card_ask (TILL_REVIEW_CARD (card), decision);
  action = ui_find_child (dialog, TILL_TYPE_REASON_DIALOG, "action_button");
  ui_settle ();
  g_signal_emit_by_name (action, "clicked");
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_decisions, ==, n_before);

  gtk_editable_set_text (GTK_EDITABLE (ui_find_child (dialog, TILL_TYPE_REASON_DIALOG,
                                                      "reason_entry")), "现场看过表");
  g_signal_emit_by_name (action, "clicked");
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_decisions, ==, n_before + 1);
  g_assert_cmpint (fake_engine_script.last_decision, ==, decision);
  ui_settle ();
  g_assert_cmpuint (till_review_page_get_n_reviews (TILL_REVIEW_PAGE (page)), ==, 1);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_credited (void)
{
  decide (TILL_DECISION_CREDITED);
}

static void
test_resend (void)
{
  decide (TILL_DECISION_RESEND);
}

static void
test_return (void)
{
  decide (TILL_DECISION_RETURN);
}

static void
test_clerks_only_look (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  GtkWidget *page;
  GtkWidget *window = open_page (desk, &page);
  GtkWidget *card = ui_find_type (page, TILL_TYPE_REVIEW_CARD);

  g_assert_true (ui_has_text (page, "Only a senior clerk"));
  g_assert_false (gtk_widget_get_sensitive (ui_find_child (card, TILL_TYPE_REVIEW_CARD,
                                                           "decisions")));
  g_assert_true (gtk_widget_get_sensitive (ui_find_child (card, TILL_TYPE_REVIEW_CARD,
                                                          "read_button")));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/review/both-sides", test_both_sides);
  g_test_add_func ("/review/credited", test_credited);
  g_test_add_func ("/review/resend", test_resend);
  g_test_add_func ("/review/return", test_return);
  g_test_add_func ("/review/clerks-only-look", test_clerks_only_look);

  return g_test_run ();
}
