/*
 * test-pages.c: every template is built and painted once, and the tables fill
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "till-condition-bars.h"
#include "till-meter-panel.h"
#include "till-meters-page.h"
#include "till-orders-page.h"
#include "till-sign-in-page.h"
#include "till-tenant-card.h"
#include "ui-support.h"

static void
test_meters (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  GtkWidget *page = g_object_new (TILL_TYPE_METERS_PAGE, NULL);
  GtkWidget *trouble = ui_find_child (page, TILL_TYPE_METERS_PAGE, "trouble");
  GtkWidget *window;
  guint n_all;

  till_meters_page_set_desk (TILL_METERS_PAGE (page), desk);
  window = ui_show (page);
  n_all = till_meters_page_get_n_shown (TILL_METERS_PAGE (page));
  g_assert_cmpuint (n_all, ==, till_site_model_get_site (till_desk_get_model (desk))->meters->len);
  g_assert_true (ui_has_text (page, "240100200000"));

  /* Each choice narrows the table to some, none of them to all. */
  for (guint i = 1; i < 7; i++)
    {
      gtk_drop_down_set_selected (GTK_DROP_DOWN (trouble), i);
      ui_settle ();
      g_assert_cmpuint (till_meters_page_get_n_shown (TILL_METERS_PAGE (page)), >, 0);
      g_assert_cmpuint (till_meters_page_get_n_shown (TILL_METERS_PAGE (page)), <, n_all);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_orders (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  TillPrint *print = till_print_new (desk);
  GtkWidget *page = g_object_new (TILL_TYPE_ORDERS_PAGE, NULL);
  GtkWidget *number = ui_find_child (page, TILL_TYPE_ORDERS_PAGE, "number_entry");
  GtkWidget *view = ui_find_child (page, TILL_TYPE_ORDERS_PAGE, "view");
  GtkWidget *window;
  const TillSale sale = { "key-1", 100000, 0, 12300, TILL_METHOD_CASH, 1 };
  guint n;

  till_orders_page_set_desk (TILL_ORDERS_PAGE (page), desk, print);
  window = ui_show (page);
  n = till_orders_page_get_n_orders (TILL_ORDERS_PAGE (page));
  g_assert_cmpuint (n, >, 10);
  g_assert_true (ui_has_text (page, "Refused by the meter"));

  /* A new sale comes to the top, and its row follows it to the meter. */
  till_engine_sell_async (till_desk_get_engine (desk), &sale, NULL, NULL, NULL);
  ui_settle ();
  g_assert_cmpuint (till_orders_page_get_n_orders (TILL_ORDERS_PAGE (page)), ==, n + 1);
  g_assert_true (ui_has_text (page, "¥123.00"));

  gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (gtk_column_view_get_model
                                                             (GTK_COLUMN_VIEW (view))), 0);
  ui_settle ();
  g_assert_true (ui_has_text (page, "壹佰贰拾叁元整"));
  g_assert_true (ui_has_text (page, "Not yet confirmed"));
  ui_spin_ms (fake_engine_script.delay_ms + 100);
  g_assert_true (ui_has_text (page, "Before ¥386.40, after ¥509.40"));

  gtk_editable_set_text (GTK_EDITABLE (number), "R2026-001203");
  g_signal_emit_by_name (number, "activate");
  ui_settle ();
  g_assert_cmpuint (till_orders_page_get_n_orders (TILL_ORDERS_PAGE (page)), ==, 1);
  gtk_editable_set_text (GTK_EDITABLE (number), "R-none");
  g_signal_emit_by_name (number, "activate");
  ui_settle ();
  g_assert_true (ui_has_text (page, "No sales here"));
  gtk_editable_set_text (GTK_EDITABLE (number), "");
  ui_settle ();
  g_assert_cmpuint (till_orders_page_get_n_orders (TILL_ORDERS_PAGE (page)), ==, n + 1);

  gtk_window_destroy (GTK_WINDOW (window));
  till_print_stop (print);
  g_object_unref (print);
}

/* Every state a meter can be in has a card that can be read. */
static void
test_cards (void)
{
  static const struct
  {
    guint       n;
    const char *text;
  } cases[] = {
    { 0, "Closed: power is on" },
    { 3, "Low" },
    { 5, "−¥13.50" },
    { 7, "47 min ago" },
    { 9, "Power kept by the office until" },
    { 11, "Tripped by the office" },
    { 15, "¥200.00" },
    { 17, "Review" },
    { 19, "Not known" },
    { 6, "the lowest of its meters" },
  };
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  GtkWidget *card = g_object_new (TILL_TYPE_TENANT_CARD, NULL);
  GtkWidget *window;

  till_tenant_card_set_desk (TILL_TENANT_CARD (card), desk);
  window = ui_show (card);
  g_assert_true (ui_has_text (card, "Who is at the counter?"));

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      till_tenant_card_show (TILL_TENANT_CARD (card), 100000 + cases[i].n);
      ui_settle ();
      g_test_message ("shop %u says “%s”", cases[i].n, cases[i].text);
      g_assert_true (ui_has_text (card, cases[i].text));
    }

  till_tenant_card_show (TILL_TENANT_CARD (card), 100000);
  fake_engine_set_remaining (till_desk_get_engine (desk), 200000, 777700);
  ui_settle ();
  g_assert_true (ui_has_text (card, "¥7,777.00"));

  till_tenant_card_show (TILL_TENANT_CARD (card), 42);
  ui_settle ();
  g_assert_cmpint (till_tenant_card_get_account_id (TILL_TENANT_CARD (card)), ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_sign_in (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk (NULL);
  GtkWidget *page = g_object_new (TILL_TYPE_SIGN_IN_PAGE, NULL);
  GtkWidget *name, *password, *button, *window;

  till_sign_in_page_set_desk (TILL_SIGN_IN_PAGE (page), desk);
  window = ui_show (page);
  till_sign_in_page_reset (TILL_SIGN_IN_PAGE (page));
  name = ui_find_child (page, TILL_TYPE_SIGN_IN_PAGE, "name_entry");
  password = ui_find_child (page, TILL_TYPE_SIGN_IN_PAGE, "password_entry");
  button = ui_find_child (page, TILL_TYPE_SIGN_IN_PAGE, "button");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (name)), ==, "demo");
  g_assert_true (gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (window)), password));

  gtk_editable_set_text (GTK_EDITABLE (password), "wrong");
  g_signal_emit_by_name (button, "clicked");
  ui_settle ();
  g_assert_true (ui_has_text (page, "The name or the password is wrong."));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (password)), ==, "");
  g_assert_null (till_desk_get_operator (desk));

  gtk_editable_set_text (GTK_EDITABLE (name), "");
  g_signal_emit_by_name (button, "clicked");
  ui_settle ();
  g_assert_true (ui_has_text (page, "Type your name first."));

  gtk_editable_set_text (GTK_EDITABLE (name), "demo");
  gtk_editable_set_text (GTK_EDITABLE (password), "demo");
  g_signal_emit_by_name (password, "activate");
  ui_settle ();
  g_assert_cmpstr (till_desk_get_operator (desk)->name, ==, "demo");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_bars (void)
{
  g_autoptr(TillDesk) desk = ui_make_desk ("clerk");
  GtkWidget *bars = g_object_new (TILL_TYPE_CONDITION_BARS, NULL);
  GtkWidget *window = ui_show (bars);

  till_condition_bars_set_desk (TILL_CONDITION_BARS (bars), desk);
  g_assert_false (gtk_widget_get_visible (bars));
  fake_engine_set_conditions (till_desk_get_engine (desk), TRUE);
  ui_settle ();
  g_assert_true (ui_has_text (bars, "192.168.1.20:4001"));
  g_assert_true (ui_has_text (bars, "2 purchases wait for a decision."));
  fake_engine_set_conditions (till_desk_get_engine (desk), FALSE);
  ui_settle ();
  g_assert_false (gtk_widget_get_visible (bars));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  ui_test_init (&argc, &argv);
  fake_engine_script.delay_ms = 400;
  g_test_add_func ("/pages/meters", test_meters);
  g_test_add_func ("/pages/orders", test_orders);
  g_test_add_func ("/pages/cards", test_cards);
  g_test_add_func ("/pages/sign-in", test_sign_in);
  g_test_add_func ("/pages/bars", test_bars);

  return g_test_run ();
}
