/*
 * till-window.c: the window: sign-in, pages, bars and toasts
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-customer-window.h"
#include "till-desk-view.h"
#include "till-print.h"
#include "till-printer-dialog.h"
#include "till-sign-in-page.h"
#include "till-window.h"
#include "till-words.h"

#define TOAST_S 4

/* What the first frame does not wait for is made when so many frames have been painted. */
#define COMPLETE_AFTER_FRAMES 2

/**
 * TillWindow:
 *
 * Nobody sees the desk before signing in. So the first frame is that of the sign-in, and waits
 * neither for the pages of the desk, which are made after it, nor for ten thousand tenants.
 */
struct _TillWindow
{
  AdwApplicationWindow parent_instance;

  TillDesk            *desk;
  TillPrint           *print;

  GtkWidget           *demo_bar;
  AdwHeaderBar        *header;
  AdwToastOverlay     *toasts;
  GtkStack            *main_stack;
  GtkWidget           *sign_in_page;
  TillDeskView        *view; /* (nullable) before the first frame */
  GtkWidget           *customer; /* (nullable) the customer's screen, while it is open */
  gboolean             customer_closed; /* by hand: it does not come again by itself */
};

G_DEFINE_FINAL_TYPE (TillWindow, till_window, ADW_TYPE_APPLICATION_WINDOW)

static gboolean
is_signed_in (TillWindow *self)
{
  return till_desk_get_operator (self->desk) != NULL;
}

static void
on_said_cb (TillWindow *self,
            const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_timeout (toast, TOAST_S);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* The title of the meter and what became of the command: the clerk has gone on to other things. */
static void
on_intent_changed_cb (TillWindow *self,
                      TillIntent *intent)
{
  g_autofree char *who = NULL;
  g_autofree char *result = NULL;
  g_autofree char *text = NULL;

  if (!is_signed_in (self) || intent->state == TILL_INTENT_STATE_PENDING
      || (intent->state == TILL_INTENT_STATE_SENDING && !intent->unknown)
      || (intent->kind == TILL_INTENT_KIND_PURCHASE
          && intent->state == TILL_INTENT_STATE_CONFIRMED)
      || intent->kind == TILL_INTENT_KIND_CLOCK)
    return;

  who = till_site_model_describe_meter (till_desk_get_model (self->desk), intent->meter_id);
  result = till_words_intent_result (intent);
  text = g_strdup_printf ("%s — %s", who, result);
  till_desk_say (self->desk, text);
}

static TillDeskView *
ensure_view (TillWindow *self)
{
  if (self->view == NULL)
    {
      self->view = TILL_DESK_VIEW (till_desk_view_new (self->desk, self->print));
      gtk_stack_add_named (self->main_stack, GTK_WIDGET (self->view), "desk");
    }

  return self->view;
}

static TillCounterPage *
get_counter (TillWindow *self)
{
  return till_desk_view_get_counter (ensure_view (self));
}

/* GtkApplication would make the list of keys before the first frame; it can wait. */
static void
add_help (TillWindow *self)
{
  g_autoptr(GtkBuilder) builder =
    gtk_builder_new_from_resource ("/org/tillwatt/Till/ui/help-overlay.ui");
  GObject *help = gtk_builder_get_object (builder, "help_overlay");

  gtk_application_window_set_help_overlay (GTK_APPLICATION_WINDOW (self),
                                           GTK_SHORTCUTS_WINDOW (help));
}

/* Pictures come with the next frame; the desk is got ready while the clerk types the password. */
static gboolean
on_idle_cb (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       user_data)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (gdk_frame_clock_get_frame_counter (clock) < COMPLETE_AFTER_FRAMES)
    return G_SOURCE_CONTINUE;

  adw_header_bar_set_decoration_layout (self->header, NULL);
  till_sign_in_page_complete (TILL_SIGN_IN_PAGE (self->sign_in_page));
  ensure_view (self);
  add_help (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_customer_closed_cb (TillWindow *self)
{
  self->customer = NULL;
  self->customer_closed = TRUE;
  return GDK_EVENT_PROPAGATE;
}

static void
open_customer (TillWindow *self)
{
  self->customer = till_customer_window_new (self->desk);
  g_signal_connect_object (self->customer, "close-request", G_CALLBACK (on_customer_closed_cb),
                           self, G_CONNECT_SWAPPED);
  till_customer_window_place (TILL_CUSTOMER_WINDOW (self->customer), GTK_WINDOW (self));
}

static void
on_operator_changed_cb (TillWindow *self)
{
  const gboolean signed_in = is_signed_in (self);

  if (signed_in)
    ensure_view (self);
  if (signed_in && self->customer == NULL && !self->customer_closed
      && till_customer_window_has_place (GTK_WINDOW (self)))
    open_customer (self);

  gtk_stack_set_visible_child_name (self->main_stack, signed_in ? "desk" : "sign-in");
  if (signed_in)
    till_counter_page_focus_search (get_counter (self));
  else
    till_sign_in_page_reset (TILL_SIGN_IN_PAGE (self->sign_in_page));
}

static void
search_action (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (!is_signed_in (self))
    return;

  till_window_set_page (self, "counter");
  till_counter_page_focus_search (get_counter (self));
}

static void
page_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (is_signed_in (self))
    till_window_set_page (self, g_variant_get_string (parameter, NULL));
}

static void
order_action (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (is_signed_in (self))
    till_desk_view_show_order (ensure_view (self), g_variant_get_string (parameter, NULL));
}

static void
method_action (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);
  int method;

  if (is_signed_in (self)
      && till_enum_from_nick (TILL_TYPE_METHOD, g_variant_get_string (parameter, NULL), &method))
    till_counter_page_set_method (get_counter (self), (TillMethod)method);
}

static void
pay_code_action (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (!is_signed_in (self))
    return;

  till_window_set_page (self, "counter");
  till_counter_page_pay_by_code (get_counter (self));
}

static void
amount_action (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (is_signed_in (self))
    till_counter_page_set_amount (get_counter (self),
                                  g_variant_get_int32 (parameter));
}

static void
reprint_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (is_signed_in (self))
    till_counter_page_reprint (get_counter (self));
}

static void
lock_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  till_desk_set_operator (TILL_WINDOW (widget)->desk, NULL);
}

static void
printer_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);
  GtkWidget *dialog = till_printer_dialog_new (self->print);

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
customer_action (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (self->customer != NULL)
    gtk_window_close (GTK_WINDOW (self->customer));
  else
    open_customer (self);
}

/* A slash means: search, unless it is typed into an entry, which takes it as text. */
static gboolean
on_key_pressed_cb (TillWindow     *self,
                   guint           keyval,
                   guint           keycode,
                   GdkModifierType state)
{
  if ((keyval != GDK_KEY_slash && keyval != GDK_KEY_KP_Divide)
      || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0 || !is_signed_in (self))
    return GDK_EVENT_PROPAGATE;

  gtk_widget_activate_action (GTK_WIDGET (self), "win.search", NULL);
  return GDK_EVENT_STOP;
}

static void
till_window_dispose (GObject *object)
{
  TillWindow *self = TILL_WINDOW (object);

  if (self->customer != NULL)
    gtk_window_destroy (GTK_WINDOW (self->customer));
  self->customer = NULL;
  if (self->print != NULL)
    till_print_stop (self->print);
  g_clear_object (&self->print);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_window_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.page", "s", page_action);
  gtk_widget_class_install_action (widget_class, "win.order", "s", order_action);
  gtk_widget_class_install_action (widget_class, "win.method", "s", method_action);
  gtk_widget_class_install_action (widget_class, "win.pay-code", NULL, pay_code_action);
  gtk_widget_class_install_action (widget_class, "win.amount", "i", amount_action);
  gtk_widget_class_install_action (widget_class, "win.reprint", NULL, reprint_action);
  gtk_widget_class_install_action (widget_class, "win.customer", NULL, customer_action);
  gtk_widget_class_install_action (widget_class, "win.lock", NULL, lock_action);
  gtk_widget_class_install_action (widget_class, "win.printer", NULL, printer_action);
}

static void
till_window_class_init (TillWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_window_dispose;

  g_type_ensure (TILL_TYPE_SIGN_IN_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillWindow, demo_bar);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, header);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, main_stack);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, sign_in_page);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed_cb);
  install_actions (widget_class);
}

static void
till_window_init (TillWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_window_new:
 * @application: the application
 * @desk: the desk
 *
 * Returns: (transfer floating): a window in which nobody has signed in yet
 */
GtkWidget *
till_window_new (GtkApplication *application,
                 TillDesk       *desk)
{
  TillWindow *self = g_object_new (TILL_TYPE_WINDOW, "application", application, NULL);
  TillEngine *engine = till_desk_get_engine (desk);

  self->desk = g_object_ref (desk);
  self->print = till_print_new (desk);
  gtk_widget_set_visible (self->demo_bar, till_desk_is_demo (desk));
  till_sign_in_page_set_desk (TILL_SIGN_IN_PAGE (self->sign_in_page), desk);
  g_signal_connect_object (desk, "said", G_CALLBACK (on_said_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (desk, "operator-changed", G_CALLBACK (on_operator_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "intent-changed", G_CALLBACK (on_intent_changed_cb), self,
                           G_CONNECT_SWAPPED);
  till_sign_in_page_reset (TILL_SIGN_IN_PAGE (self->sign_in_page));
  gtk_widget_add_tick_callback (GTK_WIDGET (self), on_idle_cb, NULL, NULL);

  return GTK_WIDGET (self);
}

/**
 * till_window_set_page:
 * @self: the window
 * @name: a page, as till_desk_view_set_page() knows it
 */
void
till_window_set_page (TillWindow *self,
                      const char *name)
{
  g_return_if_fail (TILL_IS_WINDOW (self));

  till_desk_view_set_page (ensure_view (self), name);
}

const char *
till_window_get_page (TillWindow *self)
{
  g_return_val_if_fail (TILL_IS_WINDOW (self), NULL);

  return till_desk_view_get_page (ensure_view (self));
}
