/*
 * test-payment.c: a sale through a gateway, at the counter and on the customer's screen
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "till-clock.h"
#include "till-code-strip.h"
#include "till-codes.h"
#include "till-counter-page.h"
#include "till-customer-window.h"
#include "till-finder.h"
#include "till-payment-panel.h"
#include "till-qr-image.h"
#include "till-sale-form.h"
#include "till-words-online.h"
#include "ui-support.h"

typedef struct
{
  TillDesk   *desk;
  TillEngine *engine;
  TillCodes  *codes;
  TillPrint  *print;
  GtkWidget  *window;
  GtkWidget  *customer;
  GtkWidget  *page;
  GtkWidget  *search;
  GtkWidget  *form;
  GtkWidget  *amount;
  GtkWidget  *panel;
  GtkWidget  *strip;
} Counter;

static void
open_counter (Counter *self)
{
  fake_engine_script = (FakeEngineScript) { .n_shops = 60, .delay_ms = 30 };
  self->desk = ui_make_desk ("clerk");
  self->engine = till_desk_get_engine (self->desk);
  self->codes = till_desk_get_codes (self->desk);
  self->print = till_print_new (self->desk);
  self->page = g_object_new (TILL_TYPE_COUNTER_PAGE, NULL);
  till_counter_page_set_desk (TILL_COUNTER_PAGE (self->page), self->desk, self->print);
  self->window = ui_show (self->page);
  self->customer = till_customer_window_new (self->desk);
  till_customer_window_place (TILL_CUSTOMER_WINDOW (self->customer), GTK_WINDOW (self->window));
  self->search = ui_find_child (ui_find_type (self->page, TILL_TYPE_FINDER), TILL_TYPE_FINDER,
                                "search_entry");
  self->form = ui_find_type (self->page, TILL_TYPE_SALE_FORM);
  self->amount = ui_find_child (self->form, TILL_TYPE_SALE_FORM, "amount_entry");
  self->panel = ui_find_child (self->form, TILL_TYPE_SALE_FORM, "panel");
  self->strip = ui_find_type (self->page, TILL_TYPE_CODE_STRIP);
}

static void
close_counter (Counter *self)
{
  gtk_window_destroy (GTK_WINDOW (self->customer));
  gtk_window_destroy (GTK_WINDOW (self->window));
  till_print_stop (self->print);
  g_object_unref (self->print);
  g_object_unref (self->desk);
}

static const char *
form_page (Counter *self)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (ui_find_child (self->form, TILL_TYPE_SALE_FORM,
                                                                     "stack")));
}

static const char *
customer_page (Counter *self)
{
  return till_customer_window_get_page (TILL_CUSTOMER_WINDOW (self->customer));
}

static GtkWidget *
panel_child (Counter    *self,
             const char *name)
{
  return ui_find_child (self->panel, TILL_TYPE_PAYMENT_PANEL, name);
}

static void
enter (GtkWidget *widget)
{
  ui_press (widget, GDK_KEY_Return);
  ui_release (widget, GDK_KEY_Return);
}

/* Amount, F8, Enter: no more keys than for cash. */
static void
begin (Counter    *self,
       gint64      account_id,
       const char *amount)
{
  till_counter_page_choose (TILL_COUNTER_PAGE (self->page), account_id, 0);
  till_counter_page_pay_by_code (TILL_COUNTER_PAGE (self->page));
  gtk_editable_set_text (GTK_EDITABLE (self->amount), amount);
  ui_settle ();
  enter (self->amount);
  ui_settle ();
}

static gboolean
has_focus (Counter   *self,
           GtkWidget *widget)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self->window));

  return focus != NULL && gtk_widget_is_ancestor (focus, widget);
}

static char *
shown_id (Counter *self)
{
  TillOrder *order = till_codes_get_shown (self->codes);

  g_assert_nonnull (order);
  return g_strdup (order->id);
}

/* The code comes, the customer pays, and nobody presses anything more. */
static void
test_paid (void)
{
  Counter counter;
  GtkWidget *qr;
  g_autofree char *id = NULL;

  open_counter (&counter);
  g_assert_cmpstr (customer_page (&counter), ==, "idle");
  g_assert_true (ui_has_text (counter.customer, "顺心城市广场"));
  begin (&counter, 100001, "200");
  g_assert_cmpstr (form_page (&counter), ==, "pay");
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 1);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 0);
  ui_spin_ms (100);
  g_assert_true (ui_has_text (counter.panel, "Waiting for the customer"));
  g_assert_true (ui_has_text (counter.panel, "¥200.00"));
  g_assert_true (ui_has_text (counter.panel, "A102"));
  g_assert_true (ui_has_text (counter.panel, "15:00") || ui_has_text (counter.panel, "14:5"));

  /* A picture with a name, the same code on both screens. */
  qr = panel_child (&counter, "qr");
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (qr), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (qr), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Payment code: ¥200.00 by WeChat Pay");
  g_assert_cmpstr (till_qr_image_get_code (TILL_QR_IMAGE (qr)), ==,
                   till_codes_get_shown (counter.codes)->code_url);
  g_assert_cmpstr (customer_page (&counter), ==, "pay");
  g_assert_true (ui_has_text (counter.customer, "请用微信扫一扫付款"));
  g_assert_true (ui_has_text (counter.customer, "Scan with WeChat to pay"));
  g_assert_true (ui_has_text (counter.customer, "¥200.00"));

  id = shown_id (&counter);
  fake_online_pay (counter.engine, id);
  g_assert_true (ui_has_text (counter.panel, "Paid: on its way to the meter"));
  g_assert_true (gtk_widget_has_css_class (panel_child (&counter, "box"), "paid"));
  g_assert_cmpstr (customer_page (&counter), ==, "paid");
  ui_spin_ms (300);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 1);
  g_assert_true (has_focus (&counter, counter.search));
  g_assert_true (ui_has_text (counter.panel, "¥465.59 → ¥665.59"));
  g_assert_true (ui_has_text (counter.customer, "¥465.59"));
  g_assert_true (ui_has_text (counter.customer, "It is on the meter"));
  g_assert_cmpint (till_sale_form_get_last_order (TILL_SALE_FORM (counter.form))->state, ==,
                   TILL_ORDER_STATE_CREDITED);
  g_assert_nonnull (till_print_get_last_file (counter.print));

  /* The next tenant: the customer's screen is empty again. */
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  g_assert_cmpstr (customer_page (&counter), ==, "idle");
  close_counter (&counter);
}

/* F8 and F8 again; the method's own key; and the next sale starts with cash. */
static void
test_methods (void)
{
  Counter counter;

  open_counter (&counter);
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100001, 0);
  till_counter_page_pay_by_code (TILL_COUNTER_PAGE (counter.page));
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (ui_find_child (counter.form,
                                                                                 TILL_TYPE_SALE_FORM,
                                                                                 "wechat_button"))));
  g_assert_nonnull (ui_find_button (counter.form, "Show the code  (Enter)"));
  till_counter_page_pay_by_code (TILL_COUNTER_PAGE (counter.page));
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (ui_find_child (counter.form,
                                                                                 TILL_TYPE_SALE_FORM,
                                                                                 "alipay_button"))));
  till_counter_page_set_method (TILL_COUNTER_PAGE (counter.page), TILL_METHOD_CASH);
  g_assert_nonnull (ui_find_button (counter.form, "Continue  (Enter)"));

  /* A meter that was not read lately is warned of first, as with cash. */
  fake_engine_set_health (counter.engine, 200001, TILL_HEALTH_SILENT);
  begin (&counter, 100001, "50");
  g_assert_cmpstr (form_page (&counter), ==, "confirm");
  g_assert_true (ui_has_text (counter.form, "Show the code to the customer?"));
  enter (ui_find_child (counter.form, TILL_TYPE_SALE_FORM, "sell_button"));
  ui_settle ();
  g_assert_cmpstr (form_page (&counter), ==, "pay");
  close_counter (&counter);
}

/* Esc asks nothing; the same sale stands ready for cash, as a new sale. */
static void
test_given_up (void)
{
  Counter counter;

  open_counter (&counter);
  begin (&counter, 100001, "200");
  ui_spin_ms (100);
  ui_press (panel_child (&counter, "check_button"), GDK_KEY_Escape);
  g_assert_cmpuint (fake_engine_script.n_cancels, ==, 1);
  g_assert_true (ui_has_text (counter.panel, "Being given up"));
  g_assert_cmpstr (customer_page (&counter), ==, "ended");

  ui_spin_ms (150);
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (counter.amount)), ==, "200");
  g_assert_cmpstr (customer_page (&counter), ==, "idle");
  g_assert_true (has_focus (&counter, counter.amount));
  till_counter_page_set_method (TILL_COUNTER_PAGE (counter.page), TILL_METHOD_CASH);
  enter (counter.amount);
  ui_settle ();
  enter (ui_find_child (counter.form, TILL_TYPE_SALE_FORM, "sell_button"));
  ui_spin_ms (150);
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 2);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 1);
  close_counter (&counter);
}

/* The payer was faster than Esc: it is paid, printed, and shown so. */
static void
test_faster_payer (void)
{
  Counter counter;

  open_counter (&counter);
  fake_engine_script.faster_payer = TRUE;
  begin (&counter, 100001, "200");
  ui_spin_ms (100);
  ui_press (panel_child (&counter, "check_button"), GDK_KEY_Escape);
  ui_spin_ms (300);
  g_assert_cmpstr (form_page (&counter), ==, "pay");
  g_assert_true (ui_has_text (counter.panel, "On the meter"));
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 1);
  g_assert_cmpstr (customer_page (&counter), ==, "paid");
  close_counter (&counter);
}

static void
test_expired (void)
{
  Counter counter;
  g_autofree char *id = NULL;

  open_counter (&counter);
  begin (&counter, 100001, "200");
  ui_spin_ms (100);
  id = shown_id (&counter);
  fake_online_expire (counter.engine, id);
  ui_settle ();
  g_assert_true (ui_has_text (counter.panel, "no longer good"));
  g_assert_cmpstr (customer_page (&counter), ==, "ended");
  g_assert_true (has_focus (&counter, counter.panel));

  /* Enter makes a new one: of the same amount, with a key of its own. */
  enter (panel_child (&counter, "again_button"));
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  ui_settle ();
  enter (counter.amount);
  ui_spin_ms (150);
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 2);
  g_assert_true (ui_has_text (counter.panel, "Waiting for the customer"));
  close_counter (&counter);
}

static void
test_refused (void)
{
  Counter counter;

  open_counter (&counter);
  fake_engine_script.refuse_codes = TRUE;
  begin (&counter, 100001, "200");
  ui_spin_ms (100);
  g_assert_true (ui_has_text (counter.panel, "WeChat Pay refused to make a code"));
  g_assert_true (ui_has_text (counter.panel, "Nothing was paid."));
  ui_press (panel_child (&counter, "again_button"), GDK_KEY_Escape);
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  close_counter (&counter);
}

/* The gateway does not answer: the clerk is told, and goes on. */
static void
test_gateway_down (void)
{
  Counter counter;

  open_counter (&counter);
  fake_engine_script.silent_gateway = TRUE;
  begin (&counter, 100001, "200");
  g_assert_true (ui_has_text (counter.panel, "Asking WeChat Pay for a code"));
  g_assert_true (ui_has_text (counter.customer, "正在生成付款码"));
  g_assert_false (gtk_widget_get_mapped (panel_child (&counter, "check_button")));
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  ui_settle ();
  g_assert_cmpuint (till_code_strip_get_n_codes (TILL_CODE_STRIP (counter.strip)), ==, 1);
  g_assert_true (ui_has_text (counter.strip, "Asking for a code"));
  close_counter (&counter);
}

static void
test_not_set_up (void)
{
  Counter counter;

  open_counter (&counter);
  fake_engine_script.no_gateways = TRUE;
  begin (&counter, 100001, "200");
  g_assert_cmpstr (form_page (&counter), ==, "edit");
  g_assert_true (ui_has_text (counter.form, "WeChat Pay is not set up"));
  g_assert_cmpuint (fake_engine_script.n_sales, ==, 0);

  till_counter_page_set_method (TILL_COUNTER_PAGE (counter.page), TILL_METHOD_CASH);
  ui_settle ();
  g_assert_false (ui_has_text (counter.form, "WeChat Pay is not set up"));
  close_counter (&counter);
}

/* “I have paid”: the gateway is asked, once however often it is pressed, and answers in words. */
static void
test_check (void)
{
  Counter counter;
  GtkWidget *check;

  open_counter (&counter);
  begin (&counter, 100001, "200");
  ui_spin_ms (100);
  check = panel_child (&counter, "check_button");
  g_assert_true (has_focus (&counter, counter.panel));
  enter (check);
  enter (check);
  g_assert_cmpuint (fake_engine_script.n_checks, ==, 1);
  ui_settle ();
  g_assert_true (ui_has_text (counter.panel, "WeChat Pay says: not paid yet."));

  fake_engine_script.silent_gateway = TRUE;
  enter (check);
  ui_settle ();
  g_assert_true (ui_has_text (counter.panel, "no answer in time"));

  /* The demonstration pays by itself. */
  g_assert_true (gtk_widget_get_mapped (panel_child (&counter, "pretend_button")));
  g_signal_emit_by_name (panel_child (&counter, "pretend_button"), "clicked");
  ui_spin_ms (150);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 1);
  close_counter (&counter);
}

/* Two codes wait while a third tenant is served; each goes its own way. */
static void
test_strip (void)
{
  Counter counter;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  open_counter (&counter);
  begin (&counter, 100001, "200");
  ui_spin_ms (100);
  first = shown_id (&counter);
  begin (&counter, 100002, "300");
  ui_spin_ms (100);
  second = shown_id (&counter);
  till_counter_page_choose (TILL_COUNTER_PAGE (counter.page), 100000, 0);
  ui_settle ();
  g_assert_cmpuint (till_code_strip_get_n_codes (TILL_CODE_STRIP (counter.strip)), ==, 2);
  g_assert_true (ui_has_text (counter.strip, "A102  ¥200.00"));
  g_assert_true (ui_has_text (counter.strip, "A103  ¥300.00"));
  g_assert_cmpstr (customer_page (&counter), ==, "idle");

  /* One pays out of sight: it is printed, and whoever is being served is not disturbed. */
  gtk_editable_set_text (GTK_EDITABLE (counter.amount), "12");
  gtk_widget_grab_focus (counter.amount);
  fake_online_pay (counter.engine, second);
  ui_spin_ms (150);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 1);
  g_assert_true (ui_has_text (counter.strip, "paid"));
  g_assert_true (has_focus (&counter, counter.amount));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (counter.amount)), ==, "12");
  g_assert_cmpstr (customer_page (&counter), ==, "idle");

  /* The other is opened again: by its button, or by F8 when nobody is being served. */
  till_sale_form_close (TILL_SALE_FORM (counter.form));
  till_counter_page_pay_by_code (TILL_COUNTER_PAGE (counter.page));
  ui_settle ();
  g_assert_cmpstr (till_codes_get_shown (counter.codes)->id, ==, first);
  g_assert_cmpstr (customer_page (&counter), ==, "pay");
  g_assert_true (ui_has_text (counter.panel, "A102"));
  g_assert_cmpuint (till_code_strip_get_n_codes (TILL_CODE_STRIP (counter.strip)), ==, 1);
  close_counter (&counter);
}

/* Paid while the desk was locked: printed for the next who signs in, once. */
static void
test_locked (void)
{
  Counter counter;
  g_autofree char *id = NULL;
  g_autoptr(TillOperator) person = NULL;

  open_counter (&counter);
  begin (&counter, 100001, "200");
  ui_spin_ms (100);
  id = shown_id (&counter);
  person = till_operator_ref (till_desk_get_operator (counter.desk));
  till_desk_set_operator (counter.desk, NULL);
  g_assert_cmpstr (customer_page (&counter), ==, "idle");
  fake_online_pay (counter.engine, id);
  ui_spin_ms (100);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 0);
  till_desk_set_operator (counter.desk, person);
  ui_spin_ms (100);
  g_assert_cmpuint (fake_engine_script.n_prints, ==, 1);
  close_counter (&counter);
}

/* A desk that was started anew takes up the codes that its clerk had begun. */
static void
test_taken_up (void)
{
  g_autoptr(TillDesk) desk = NULL;
  g_autoptr(TillOperator) person = till_operator_new ();

  fake_engine_script = (FakeEngineScript) { .n_shops = 60, .delay_ms = 30 };
  desk = ui_make_desk (NULL);
  fake_online_add_history (till_desk_get_engine (desk));
  person->id = 1;
  person->name = g_strdup ("王芳");
  person->display_name = g_strdup ("王芳");
  till_desk_set_operator (desk, person);
  ui_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (till_codes_get_list (till_desk_get_codes (desk))), ==, 1);
}

static void
test_words (void)
{
  g_autofree char *most = till_words_left (900000);
  g_autofree char *begun = till_words_left (899001);
  g_autofree char *last = till_words_left (1);
  g_autofree char *over = till_words_left (-5000);

  g_assert_cmpstr (most, ==, "15:00");
  g_assert_cmpstr (begun, ==, "15:00");
  g_assert_cmpstr (last, ==, "0:01");
  g_assert_cmpstr (over, ==, "0:00");
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
  g_test_add_func ("/payment/paid", test_paid);
  g_test_add_func ("/payment/methods", test_methods);
  g_test_add_func ("/payment/given-up", test_given_up);
  g_test_add_func ("/payment/faster-payer", test_faster_payer);
  g_test_add_func ("/payment/expired", test_expired);
  g_test_add_func ("/payment/refused", test_refused);
  g_test_add_func ("/payment/gateway-down", test_gateway_down);
  g_test_add_func ("/payment/not-set-up", test_not_set_up);
  g_test_add_func ("/payment/check", test_check);
  g_test_add_func ("/payment/strip", test_strip);
  g_test_add_func ("/payment/locked", test_locked);
  g_test_add_func ("/payment/taken-up", test_taken_up);
  g_test_add_func ("/payment/words", test_words);
  g_test_add_func ("/payment/no-stalls", test_no_stalls);

  return g_test_run ();
}
