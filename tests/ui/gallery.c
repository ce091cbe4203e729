/*
 * gallery.c: every screen of the desk as a picture, to be looked at
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

#include "till-codes.h"
#include "till-counter-page.h"
#include "till-customer-window.h"
#include "till-order-detail.h"
#include "till-orders-page.h"
#include "till-proof-view.h"
#include "till-refund-dialog.h"
#include "till-sale-form.h"
#include "till-window.h"
#include "ui-support.h"

/* Usage: gallery FOLDER WIDTH HEIGHT light|dark [LOCALEDIR [PAGES]]. Run under xvfb-run, like the
 * tests. PAGES names some of the pages: counter,orders. */

typedef struct
{
  TillDesk   *desk;
  TillEngine *engine;
  GtkWidget  *window;
  GtkWidget  *counter;
  GtkWidget  *customer;
  const char *folder;
} Gallery;

static void
take (Gallery    *self,
      GtkWidget  *window,
      const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.png", self->folder, name);
  g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr(GdkTexture) texture = NULL;
  GskRenderNode *node = NULL;

  /* Right after a change a window has nothing to give until its next frame. */
  ui_spin_ms (400);
  for (guint i = 0; i < 100 && node == NULL; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();

      ui_spin_ms (30);
      gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window),
                              gtk_widget_get_height (window));
      node = gtk_snapshot_free_to_node (snapshot);
    }
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  gsk_render_node_unref (node);
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

static void
sign_in (Gallery *self)
{
  g_autoptr(TillOperator) person = till_operator_new ();

  person->id = 1;
  person->name = g_strdup ("wangfang");
  person->display_name = g_strdup ("王芳");
  person->role = TILL_ROLE_ADMIN;
  till_desk_set_operator (self->desk, person);
  ui_settle ();
  self->counter = ui_find_type (self->window, TILL_TYPE_COUNTER_PAGE);
}

static void
begin_code (Gallery   *self,
            gint64     account_id,
            TillMethod method,
            int        yuan)
{
  GtkWidget *form = ui_find_type (self->counter, TILL_TYPE_SALE_FORM);
  GtkWidget *amount = ui_find_child (form, TILL_TYPE_SALE_FORM, "amount_entry");

  till_counter_page_choose (TILL_COUNTER_PAGE (self->counter), account_id, 0);
  till_counter_page_set_method (TILL_COUNTER_PAGE (self->counter), method);
  till_counter_page_set_amount (TILL_COUNTER_PAGE (self->counter), yuan);
  ui_settle ();
  ui_press (amount, GDK_KEY_Return);
  ui_release (amount, GDK_KEY_Return);
  ui_spin_ms (30);
}

static void
show_counter (Gallery *self)
{
  TillCodes *codes = till_desk_get_codes (self->desk);

  till_counter_page_choose (TILL_COUNTER_PAGE (self->counter), 100001, 0);
  till_counter_page_set_method (TILL_COUNTER_PAGE (self->counter), TILL_METHOD_ALIPAY);
  till_counter_page_set_amount (TILL_COUNTER_PAGE (self->counter), 200);
  take (self, self->window, "counter-method");

  self->customer = till_customer_window_new (self->desk);
  gtk_window_set_default_size (GTK_WINDOW (self->customer), gtk_widget_get_width (self->window),
                               gtk_widget_get_height (self->window));
  till_customer_window_place (TILL_CUSTOMER_WINDOW (self->customer), GTK_WINDOW (self->window));
  take (self, self->customer, "customer-idle");

  fake_engine_script.silent_gateway = TRUE;
  begin_code (self, 100003, TILL_METHOD_WECHAT, 500);
  take (self, self->window, "counter-asking");
  fake_engine_script.silent_gateway = FALSE;

  begin_code (self, 100002, TILL_METHOD_ALIPAY, 1000);
  ui_spin_ms (fake_engine_script.delay_ms + 100);
  take (self, self->window, "counter-alipay");

  begin_code (self, 100001, TILL_METHOD_WECHAT, 200);
  ui_spin_ms (fake_engine_script.delay_ms + 100);
  take (self, self->window, "counter-waiting");
  take (self, self->customer, "customer-pay");

  fake_online_pay (self->engine, till_codes_get_shown (codes)->id);
  take (self, self->window, "counter-paid");
  ui_spin_ms (fake_engine_script.delay_ms);
  take (self, self->window, "counter-on-the-meter");
  take (self, self->customer, "customer-paid");

  begin_code (self, 100004, TILL_METHOD_WECHAT, 100);
  ui_spin_ms (fake_engine_script.delay_ms + 100);
  fake_online_expire (self->engine, till_codes_get_shown (codes)->id);
  take (self, self->window, "counter-expired");
  take (self, self->customer, "customer-ended");

  fake_engine_script.refuse_codes = TRUE;
  begin_code (self, 100004, TILL_METHOD_WECHAT, 100);
  ui_spin_ms (fake_engine_script.delay_ms + 100);
  fake_engine_script.refuse_codes = FALSE;
  take (self, self->window, "counter-refused");
  gtk_window_destroy (GTK_WINDOW (self->customer));
}

static void
confirm_refund (Gallery   *self,
                GtkWidget *dialog)
{
  gtk_editable_set_text (GTK_EDITABLE (ui_find_child (dialog, TILL_TYPE_REFUND_DIALOG,
                                                      "reason_entry")), "租户退租");
  g_signal_emit_by_name (ui_find_child (dialog, TILL_TYPE_REFUND_DIALOG, "action_button"),
                         "clicked");
  ui_settle ();
  take (self, dialog, "refund-meter");
  ui_spin_ms (fake_engine_script.delay_ms);
  take (self, dialog, "refund-money");
  ui_spin_ms (fake_engine_script.delay_ms);
  take (self, dialog, "refund-done");
}

static void
show_orders (Gallery *self)
{
  GtkWidget *page = ui_find_type (self->window, TILL_TYPE_ORDERS_PAGE);
  GtkWidget *view = ui_find_child (page, TILL_TYPE_ORDERS_PAGE, "view");
  GtkSingleSelection *selection = GTK_SINGLE_SELECTION (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)));
  g_autoptr(TillOrder) order = NULL;
  GtkWidget *proof, *dialog;

  till_window_set_page (TILL_WINDOW (self->window), "orders");
  ui_settle ();
  take (self, self->window, "orders");
  till_orders_page_find (TILL_ORDERS_PAGE (page), "T20261124000031");
  ui_settle ();
  gtk_single_selection_set_selected (selection, 0);
  ui_settle ();
  proof = ui_find_type (page, TILL_TYPE_PROOF_VIEW);
  gtk_expander_set_expanded (GTK_EXPANDER (ui_find_child (proof, TILL_TYPE_PROOF_VIEW, "expander")),
                             TRUE);
  take (self, self->window, "orders-proof");

  order = till_order_new ();
  order->id = g_strdup ("T20261124000031");
  order->receipt_no = g_strdup ("R2026-001231");
  order->meter_id = 200002;
  order->account_id = 100002;
  order->amount = 35000;
  order->method = TILL_METHOD_WECHAT;
  dialog = till_refund_dialog_new (self->desk, order);
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self->window));
  gtk_window_present (GTK_WINDOW (dialog));
  take (self, dialog, "refund-ask");
  confirm_refund (self, dialog);
  gtk_window_destroy (GTK_WINDOW (dialog));
  take (self, self->window, "orders-refunded");
}

int
main (int   argc,
      char *argv[])
{
  Gallery gallery = { 0 };
  g_autoptr(GtkApplication) application = NULL;

  g_assert_cmpint (argc, >=, 5);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, argc > 5 ? argv[5] : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  gallery.folder = argv[1];
  g_mkdir_with_parents (gallery.folder, 0755);
  ui_test_init (&argc, &argv);
  application = GTK_APPLICATION (adw_application_new ("org.tillwatt.Till.Gallery",
                                                      G_APPLICATION_NON_UNIQUE));
  g_application_set_resource_base_path (G_APPLICATION (application), "/org/tillwatt/Till");
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_str_equal (argv[4], "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                                    : ADW_COLOR_SCHEME_FORCE_LIGHT);

  fake_engine_script.delay_ms = 700;
  gallery.desk = ui_make_desk (NULL);
  gallery.engine = till_desk_get_engine (gallery.desk);
  fake_online_add_history (gallery.engine);
  gallery.window = till_window_new (application, gallery.desk);
  gtk_window_set_default_size (GTK_WINDOW (gallery.window), atoi (argv[2]), atoi (argv[3]));
  gtk_window_present (GTK_WINDOW (gallery.window));
  ui_spin_ms (500);
  sign_in (&gallery);
  if (argc < 7 || strstr (argv[6], "counter") != NULL)
    show_counter (&gallery);
  if (argc < 7 || strstr (argv[6], "orders") != NULL)
    show_orders (&gallery);
  gtk_window_destroy (GTK_WINDOW (gallery.window));
  g_object_unref (gallery.desk);

  return 0;
}
