/*
 * test-counter.c: the sale, from the search to the second Enter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "till-counter-page.h"
#include "till-finder.h"
#include "till-sale-form.h"
#include "till-tenant-card.h"
#include "ui-support.h"

typedef struct
{
  TillDesk  *desk;
  TillPrint *print;
  GtkWidget *window;
  GtkWidget *page;
  GtkWidget *search;
  GtkWidget *form;
  GtkWidget *amount;
  GtkWidget *sell_button;
} Counter;

static GtkWidget *
form_child (Counter    *self,
            const char *name)
{
  return ui_find_child (self->form, TILL_TYPE_SALE_FORM, name);
}

static void
open_counter (Counter    *self,
              const char *role)
{
  fake_engine_script = (FakeEngineScript) { .n_shops = 60, .delay_ms = 30 };
  self->desk = ui_make_desk (role);
  self->print = till_print_new (self->desk);
  self->page = g_object_new (TILL_TYPE_COUNTER_PAGE, NULL);
  till_counter_page_set_desk (TILL_COUNTER_PAGE (self->page), self->desk, self->print);
  self->window = ui_show (self->page);
  self->search = ui_find_child (ui_find_type (self->page, TILL_TYPE_FINDER), TILL_TYPE_FINDER,
                                "search_entry");
  self->form = ui_find_type (self->page, TILL_TYPE_SALE_FORM);
  self->amount = form_child (self, "amount_entry");
  self->sell_button = form_child (self, "sell_button");
}

static void
close_counter (Counter *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  till_print_stop (self->print);
  g_object_unref (self->print);
  g_object_unref (self->desk);
}

static void
type (GtkWidget  *entry,
      const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static const char *
form_page (Counter *self)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (form_child (self, "stack")));
}

static void
enter (GtkWidget *widget)
{
  ui_press (widget, GDK_KEY_Return);
  ui_release (widget, GDK_KEY_Return);
}

/* Shop, Enter, amount, Enter, Enter: the money is in the books, the receipt is a file. */
static void
test_sells (void)
{
  Counter counter;
  TillOrder *order;

  open_counter (&counter, "clerk");
  type (counter.search, "A101");
  enter (counter.search);
  ui_settle ();
  g_assert_true (ui_has_text (counter.page, "¥386.40"));
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  g_assert_true (gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (counter.window)),
                                         counter.amount));

  type (counter.amount, "100");
  ui_settle ();
  g_assert_true (ui_has_text (counter.form, "¥486.40"));
  g_assert_true (ui_has_text (counter.form, "壹佰元整"));
  enter (counter.amount);
  ui_settle ();
  g_assert_cmpstr (form_page (&counter), ==, "confirm");
  g_assert_true (ui_has_text (counter.form, "¥100.00"));
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 0);

  enter (counter.sell_button);
  ui_spin_ms (400);
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 1);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 1);
  g_assert_cmpstr (form_page (&counter), ==, "idle");
  g_assert_true (gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (counter.window)),
                                         counter.search));
  order = till_sale_form_get_last_order (TILL_SALE_FORM (counter.form));
  g_assert_cmpint (order->amount, ==, 10000);
  g_assert_cmpint (order->state, ==, TILL_ORDER_STATE_CREDITED);
  g_assert_true (ui_has_text (counter.form, "On the meter"));
  g_assert_nonnull (till_print_get_last_file (counter.print));
  g_assert_true (g_file_test (till_print_get_last_file (counter.print), G_FILE_TEST_EXISTS));

  till_counter_page_reprint (TILL_COUNTER_PAGE (counter.page));
  ui_spin_ms (200);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 2);
  g_assert_true (g_str_has_suffix (till_print_get_last_file (counter.print), "-1.pdf"));
  close_counter (&counter);
}

/* Both Enters come before the quote: the sale is made once, for nothing had to be said. */
static void
test_typing_ahead (void)
{
  Counter counter;

  open_counter (&counter, "clerk");
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  type (counter.amount, "50");
  enter (counter.amount);
  enter (counter.amount);
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 1);

  /* A102 is made silent: now the warning has to be seen first. */
  fake_engine_set_health (till_desk_get_engine (counter.desk), 200001, TILL_HEALTH_SILENT);
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100001, 0);
  type (counter.amount, "50");
  enter (counter.amount);
  enter (counter.amount);
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 1);
  g_assert_cmpstr (form_page (&counter), ==, "confirm");
  g_assert_true (ui_has_text (counter.form, "not read within the last minute"));
  enter (counter.sell_button);
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 2);
  close_counter (&counter);
}

/* A key that is held down repeats without being released: it counts once. */
static void
test_held_enter (void)
{
  Counter counter;

  open_counter (&counter, "clerk");
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  type (counter.amount, "50");
  ui_settle ();
  ui_press (counter.amount, GDK_KEY_Return);
  ui_settle ();
  g_assert_cmpstr (form_page (&counter), ==, "confirm");
  for (int i = 0; i < 20; i++)
    ui_press (counter.sell_button, GDK_KEY_Return);
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 0);

  ui_release (counter.sell_button, GDK_KEY_Return);
  enter (counter.sell_button);
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 1);
  close_counter (&counter);
}

/* The answer is lost: the retry is the same sale, by its key. */
static void
test_retry_is_the_same_sale (void)
{
  Counter counter;

  open_counter (&counter, "clerk");
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  fake_engine_script.fail_next_sale = TRUE;
  type (counter.amount, "50");
  ui_settle ();
  enter (counter.amount);
  ui_settle ();
  enter (counter.sell_button);
  ui_settle ();
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  g_assert_true (ui_has_text (counter.form, "no answer in time"));

  enter (counter.amount);
  ui_settle ();
  enter (counter.sell_button);
  ui_settle ();
  g_assert_cmpuint (fake_engine_script.n_sell_calls, ==, 2);
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 1);
  g_assert_cmpstr (form_page (&counter), ==, "idle");
  close_counter (&counter);
}

/* Two presses of the button before the answer are one sale; the next sale has another key. */
static void
test_each_sale_has_its_key (void)
{
  Counter counter;

  open_counter (&counter, "clerk");
  for (guint i = 0; i < 2; i++)
    {
      till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
      type (counter.amount, "50");
      ui_settle ();
      enter (counter.amount);
      ui_settle ();
      enter (counter.sell_button);
      enter (counter.sell_button);
      ui_settle ();
      g_assert_cmpuint (fake_engine_script.n_sales, ==, i + 1);
    }
  g_assert_cmpuint (fake_engine_script.n_sell_calls, ==, 2);
  close_counter (&counter);
}

static void
test_bad_amounts (void)
{
  static const char *const bad[] = {
    "0", "0.00", "-1", "1e3", "12.345", "abc", "10000000", "9999999999", "１００", "1 0", "+5"
  };
  Counter counter;

  open_counter (&counter, "clerk");
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("“%s”", bad[i]);
      type (counter.amount, bad[i]);
      ui_settle ();
      enter (counter.amount);
      ui_settle ();
      g_assert_cmpstr (form_page (&counter), ==, "edit");
      g_assert_true (gtk_widget_get_visible (form_child (&counter, "notice")));
    }

  /* Nothing typed is answered with what to do. */
  type (counter.amount, "");
  enter (counter.amount);
  ui_settle ();
  g_assert_true (ui_has_text (counter.form, "Type the amount"));
  g_assert_cmpuint (fake_engine_script.n_sell_calls, ==, 0);
  close_counter (&counter);
}

/* The cap, a blocked meter, a role without money, a tenant without a prepaid meter. */
static void
test_refusals (void)
{
  Counter counter;

  open_counter (&counter, "clerk");
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  type (counter.amount, "50000");
  ui_settle ();
  enter (counter.amount);
  ui_settle ();
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  g_assert_true (ui_has_text (counter.form, "beyond the limit"));

  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100017, 0);
  type (counter.amount, "50");
  ui_settle ();
  enter (counter.amount);
  ui_settle ();
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  g_assert_true (ui_has_text (counter.form, "blocked"));

  till_desk_set_operator (counter.desk, NULL);
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  type (counter.amount, "50");
  ui_settle ();
  enter (counter.amount);
  ui_settle ();
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  g_assert_true (ui_has_text (counter.form, "not allowed"));
  g_assert_cmpuint (fake_engine_script.n_sell_calls, ==, 0);
  close_counter (&counter);
}

/* Usual amounts, methods, a tenant with two meters, and Esc on the way back. */
static void
test_choices (void)
{
  Counter counter;

  open_counter (&counter, "clerk");
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100006, 300006);
  g_assert_true (gtk_widget_get_visible (form_child (&counter, "meter_row")));
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (form_child (&counter, "meter_drop"))),
                    ==, 1);
  till_counter_page_set_amount (TILL_COUNTER_PAGE (counter.page), 200);
  till_counter_page_set_method (TILL_COUNTER_PAGE (counter.page), TILL_METHOD_POS);
  ui_settle ();
  enter (counter.amount);
  ui_settle ();
  g_assert_true (ui_has_text (counter.form, "Card (POS)"));
  g_assert_true (ui_has_text (counter.form, "¥200.00"));

  ui_press (counter.sell_button, GDK_KEY_Escape);
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  enter (counter.amount);
  ui_settle ();
  enter (counter.sell_button);
  ui_settle ();
  g_assert_cmpint (till_sale_form_get_last_order (TILL_SALE_FORM (counter.form))->method, ==,
                   TILL_METHOD_POS);
  g_assert_cmpint (till_sale_form_get_last_order (TILL_SALE_FORM (counter.form))->meter_id, ==,
                   300006);

  /* The next sale starts with cash again. */
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (form_child (&counter,
                                                                              "cash_button"))));
  close_counter (&counter);
}

/* Arrows, Ctrl and a digit, nobody found, Esc; and the tree opens where the tenant is. */
static void
test_finder (void)
{
  Counter counter;
  GtkWidget *finder, *stack;

  open_counter (&counter, "clerk");
  finder = ui_find_type (counter.page, TILL_TYPE_FINDER);
  stack = ui_find_child (finder, TILL_TYPE_FINDER, "stack");
  type (counter.search, "A1");
  ui_settle ();
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "answers");
  ui_press (counter.search, GDK_KEY_Down);
  ui_press (counter.search, GDK_KEY_Down);
  ui_press (counter.search, GDK_KEY_Up);
  enter (counter.search);
  ui_settle ();
  g_assert_cmpint (till_tenant_card_get_account_id (TILL_TENANT_CARD (ui_find_type
                                                                        (counter.page,
                                                                        TILL_TYPE_TENANT_CARD))),
                   ==, 100001);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "tree");
  g_assert_true (ui_has_text (finder, "瑞幸咖啡"));

  type (counter.search, "zzzz");
  ui_settle ();
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "nothing");
  enter (counter.search);
  g_signal_emit_by_name (counter.search, "stop-search");
  ui_settle ();
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "tree");
  close_counter (&counter);
}

static void
test_no_stalls (void)
{
  g_assert_cmpuint (ui_count_stalls (), <=, 2);
}

int
main (int   argc,
      char *argv[])
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/counter/sells", test_sells);
  g_test_add_func ("/counter/typing-ahead", test_typing_ahead);
  g_test_add_func ("/counter/held-enter", test_held_enter);
  g_test_add_func ("/counter/retry-is-the-same-sale", test_retry_is_the_same_sale);
  g_test_add_func ("/counter/each-sale-has-its-key", test_each_sale_has_its_key);
  g_test_add_func ("/counter/bad-amounts", test_bad_amounts);
  g_test_add_func ("/counter/refusals", test_refusals);
  g_test_add_func ("/counter/choices", test_choices);
  g_test_add_func ("/counter/finder", test_finder);
  g_test_add_func ("/counter/no-stalls", test_no_stalls);

  return g_test_run ();
}
