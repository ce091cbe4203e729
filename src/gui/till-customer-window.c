/*
 * till-customer-window.c: the screen that the customer sees
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-clock.h"
#include "till-codes.h"
#include "till-customer-window.h"
#include "till-marks-online.h"
#include "till-qr-image.h"
#include "till-words-online.h"
#include "till-words.h"

/* How a code ended is told for so long; then the next customer is welcome. */
#define ENDED_MS 6000

/**
 * TillCustomerWindow:
 *
 * Follows the code that is shown at the counter, and shows nothing of anybody else: a tenant whom
 * the clerk looks up is never seen here. It has no control that a customer could press, and two
 * languages at once, whichever the desk is in: Chinese, and English below.
 */
struct _TillCustomerWindow
{
  AdwWindow  parent_instance;

  TillDesk  *desk;
  TillCodes *codes;
  gint64     ended_ms; /* since when a code has not been paid */

  GtkStack  *stack;
  GtkLabel  *mall;
  GtkLabel  *demo_chinese;
  GtkLabel  *pay_gateway;
  GtkLabel  *pay_gateway_english;
  GtkWidget *pay_icon;
  GtkLabel  *pay_amount;
  GtkLabel  *pay_who;
  GtkLabel  *pay_how;
  GtkLabel  *pay_how_english;
  GtkLabel  *pay_left;
  GtkWidget *pay_bar;
  GtkStack  *pay_stack;
  GtkWidget *qr;
  GtkLabel  *paid_amount;
  GtkLabel  *paid_who;
  GtkLabel  *paid_balances;
  GtkLabel  *paid_note;
  GtkLabel  *paid_note_english;
};

G_DEFINE_FINAL_TYPE (TillCustomerWindow, till_customer_window, ADW_TYPE_WINDOW)

/* The customer's languages do not depend on the clerk's, so these do not go through gettext. */
typedef struct
{
  const char *chinese;
  const char *english;
} Words;

static const Words gateway_words[] = {
  [TILL_METHOD_WECHAT] = { "微信支付", "WeChat Pay" },
  [TILL_METHOD_ALIPAY] = { "支付宝", "Alipay" },
};
static const Words how_words[] = {
  [TILL_METHOD_WECHAT] = { "请用微信扫一扫付款", "Scan with WeChat to pay" },
  [TILL_METHOD_ALIPAY] = { "请用支付宝扫一扫付款", "Scan with Alipay to pay" },
};
static const Words wait_words = { "正在生成付款码，请稍候", "Making the payment code, one moment" };
static const Words on_its_way_words = { "款项已收到，正在写入电表", "Received, on its way to the meter" };
static const Words credited_words = { "已充入电表", "It is on the meter" };
static const Words checking_words = { "款项已收到，请咨询柜台", "Received; please ask at the counter" };

static void
set_words (GtkLabel    *chinese,
           GtkLabel    *english,
           const Words *words)
{
  gtk_label_set_text (chinese, words->chinese);
  gtk_label_set_text (english, words->english);
}

static char *
describe_customer (TillCustomerWindow *self,
                   const TillOrder    *order)
{
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk),
                                                  order->account_id);

  return node != NULL ? g_strdup_printf ("%s  %s", till_node_get_title (node),
                                         till_node_get_subtitle (node)) : g_strdup ("");
}

static void
show_left (TillCustomerWindow *self,
           const TillOrder    *order)
{
  const gint64 left_ms = MAX (order->expires_ms - till_clock_now_ms (), 0);
  const gint64 whole_ms = MAX (order->expires_ms - order->created_ms, 1);
  g_autofree char *left = till_words_left (left_ms);

  gtk_label_set_text (self->pay_left, left);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->pay_bar),
                                 CLAMP ((double)left_ms / (double)whole_ms, 0, 1));
}

static void
show_code (TillCustomerWindow *self,
           const TillOrder    *order)
{
  const gboolean scannable = order->attempt_state == TILL_ATTEMPT_STATE_WAITING;
  g_autofree char *amount = till_words_money (order->amount);
  g_autofree char *who = describe_customer (self, order);
  g_autofree char *label = g_strdup_printf ("%s %s", gateway_words[order->method].chinese, amount);

  set_words (self->pay_gateway, self->pay_gateway_english, &gateway_words[order->method]);
  till_marks_online_set_gateway (GTK_IMAGE (self->pay_icon), order->method);
  till_marks_online_set_class (GTK_WIDGET (self->pay_gateway), order->method);
  gtk_label_set_text (self->pay_amount, amount);
  gtk_label_set_text (self->pay_who, who);
  set_words (self->pay_how, self->pay_how_english,
             scannable ? &how_words[order->method] : &wait_words);
  till_qr_image_set_code (TILL_QR_IMAGE (self->qr), scannable ? order->code_url : NULL, label);
  gtk_stack_set_visible_child_name (self->pay_stack, scannable ? "code" : "wait");
  gtk_widget_set_visible (GTK_WIDGET (self->pay_left), scannable);
  gtk_widget_set_visible (self->pay_bar, scannable);
  show_left (self, order);
  gtk_stack_set_visible_child_name (self->stack, "pay");
}

static void
show_paid (TillCustomerWindow *self,
           const TillOrder    *order)
{
  const Words *words = &checking_words;
  g_autofree char *amount = till_words_money (order->amount);
  g_autofree char *before = till_words_money (order->balance_before);
  g_autofree char *after = till_words_money (order->balance_after);
  g_autofree char *balances = g_strdup_printf ("充值前 %s  →  充值后 %s", before, after);
  g_autofree char *who = describe_customer (self, order);

  if (order->state == TILL_ORDER_STATE_PAID)
    words = &on_its_way_words;
  else if (order->state == TILL_ORDER_STATE_CREDITED)
    words = &credited_words;

  gtk_label_set_text (self->paid_amount, amount);
  gtk_label_set_text (self->paid_who, who);
  gtk_label_set_text (self->paid_balances, order->has_balances ? balances : "");
  gtk_widget_set_visible (GTK_WIDGET (self->paid_balances), order->has_balances);
  set_words (self->paid_note, self->paid_note_english, words);
  gtk_stack_set_visible_child_name (self->stack, "paid");
}

static void
refresh (TillCustomerWindow *self)
{
  const TillOrder *order = till_codes_get_shown (self->codes);
  const gint64 now_ms = till_clock_now_ms ();

  if (order == NULL || order->state != TILL_ORDER_STATE_EXPIRED)
    self->ended_ms = 0;
  else if (self->ended_ms == 0)
    self->ended_ms = now_ms;

  if (order == NULL || (self->ended_ms != 0 && now_ms - self->ended_ms > ENDED_MS))
    {
      till_qr_image_set_code (TILL_QR_IMAGE (self->qr), NULL, NULL);
      gtk_stack_set_visible_child_name (self->stack, "idle");
    }
  else if (self->ended_ms != 0 || order->attempt_state == TILL_ATTEMPT_STATE_CLOSING)
    gtk_stack_set_visible_child_name (self->stack, "ended");
  else if (order->state == TILL_ORDER_STATE_NEW)
    show_code (self, order);
  else
    show_paid (self, order);
}

static void
on_tick_cb (TillCustomerWindow *self)
{
  const TillOrder *order = till_codes_get_shown (self->codes);

  if (order != NULL && order->state == TILL_ORDER_STATE_NEW)
    show_left (self, order);
  else if (self->ended_ms != 0)
    refresh (self);
}

static void
on_site_changed_cb (TillCustomerWindow *self)
{
  TillSite *site = till_site_model_get_site (till_desk_get_model (self->desk));

  gtk_label_set_text (self->mall, site != NULL && *site->name != '\0' ? site->name : "Tillwatt");
}

/* F11 and a double click fill the screen, or give it back; Esc gives it back. */
static void
toggle_fullscreen (TillCustomerWindow *self)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (self)))
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    gtk_window_fullscreen (GTK_WINDOW (self));
}

static gboolean
on_key_pressed_cb (TillCustomerWindow *self,
                   guint               keyval)
{
  if (keyval == GDK_KEY_F11)
    toggle_fullscreen (self);
  else if (keyval == GDK_KEY_Escape && gtk_window_is_fullscreen (GTK_WINDOW (self)))
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    return GDK_EVENT_PROPAGATE;

  return GDK_EVENT_STOP;
}

static void
on_pressed_cb (TillCustomerWindow *self,
               int                 n_press)
{
  if (n_press == 2)
    toggle_fullscreen (self);
}

static void
till_customer_window_dispose (GObject *object)
{
  TillCustomerWindow *self = TILL_CUSTOMER_WINDOW (object);

  g_clear_object (&self->codes);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_customer_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, mall);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, demo_chinese);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_gateway);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_gateway_english);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_icon);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_amount);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_who);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_how);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_how_english);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_left);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_bar);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, pay_stack);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, qr);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, paid_amount);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, paid_who);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, paid_balances);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, paid_note);
  gtk_widget_class_bind_template_child (widget_class, TillCustomerWindow, paid_note_english);
}

static void
till_customer_window_class_init (TillCustomerWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_customer_window_dispose;

  g_type_ensure (TILL_TYPE_QR_IMAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/customer-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_pressed_cb);
}

static void
till_customer_window_init (TillCustomerWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_customer_window_new:
 * @desk: the desk
 *
 * Returns: (transfer floating): a window for the customer of @desk
 */
GtkWidget *
till_customer_window_new (TillDesk *desk)
{
  TillCustomerWindow *self = g_object_new (TILL_TYPE_CUSTOMER_WINDOW, NULL);

  self->desk = g_object_ref (desk);
  self->codes = g_object_ref (till_desk_get_codes (desk));
  gtk_widget_set_visible (GTK_WIDGET (self->demo_chinese), till_desk_is_demo (desk));
  g_signal_connect_object (till_desk_get_model (desk), "reset", G_CALLBACK (on_site_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->codes, "shown-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->codes, "tick", G_CALLBACK (on_tick_cb), self, G_CONNECT_SWAPPED);
  on_site_changed_cb (self);
  refresh (self);

  return GTK_WIDGET (self);
}

/* The first monitor that the window of the desk is not on. */
static GdkMonitor *
find_monitor (GtkWindow *desk_window)
{
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (desk_window));
  GListModel *monitors = gdk_display_get_monitors (display);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (desk_window));
  GdkMonitor *own = surface != NULL ? gdk_display_get_monitor_at_surface (display, surface) : NULL;

  for (guint i = 0; i < g_list_model_get_n_items (monitors); i++)
    {
      GdkMonitor *monitor = g_list_model_get_item (monitors, i);

      if (own != NULL && monitor != own)
        return monitor;
      g_object_unref (monitor);
    }

  return NULL;
}

/**
 * till_customer_window_has_place:
 * @desk_window: the window of the desk, in sight
 *
 * Returns: whether there is a second monitor for the customer
 */
gboolean
till_customer_window_has_place (GtkWindow *desk_window)
{
  g_autoptr(GdkMonitor) monitor = find_monitor (desk_window);

  return monitor != NULL;
}

/**
 * till_customer_window_place:
 * @self: the window
 * @desk_window: the window of the desk, which keeps the keyboard
 *
 * Shows the window: filling the second monitor when there is one, otherwise beside the desk.
 */
void
till_customer_window_place (TillCustomerWindow *self,
                            GtkWindow          *desk_window)
{
  g_autoptr(GdkMonitor) monitor = find_monitor (desk_window);

  g_return_if_fail (TILL_IS_CUSTOMER_WINDOW (self));

  if (monitor != NULL)
    gtk_window_fullscreen_on_monitor (GTK_WINDOW (self), monitor);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  gtk_window_present (desk_window);
}

/**
 * till_customer_window_get_page:
 * @self: the window
 *
 * Returns: `idle`, `pay`, `paid` or `ended`
 */
const char *
till_customer_window_get_page (TillCustomerWindow *self)
{
  g_return_val_if_fail (TILL_IS_CUSTOMER_WINDOW (self), NULL);

  return gtk_stack_get_visible_child_name (self->stack);
}
