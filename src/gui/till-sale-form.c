/*
 * till-sale-form.c: the sale: amount, method, what it will be, and the second Enter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-focus.h"
#include "till-payment-panel.h"
#include "till-sale-form.h"
#include "till-sale-words.h"
#include "till-words-online.h"
#include "till-words.h"

#define N_METHODS 5

/**
 * TillSaleForm:
 *
 * Sells to one tenant. Enter in the amount asks, Enter again sells. The key of the sale is made
 * when the form opens and stays until the sale is known to be made, so that a retry is the same
 * sale.
 *
 * A clerk types faster than a screen answers: an Enter that comes while the quote is under way is
 * kept, and counts only when the quote turns out to have nothing to warn of. An Enter that is held
 * down counts once.
 *
 * A sale through a gateway makes a code, and the form turns into the panel that shows it. The clerk
 * may go on with the next tenant while it waits.
 */
struct _TillSaleForm
{
  GtkWidget     parent_instance;

  TillDesk     *desk;
  gint64        account_id; /* 0 for nobody */
  gint64        meter_id;
  GArray       *meter_ids;  /* of gint64, the prepaid meters of the account */
  char         *key;
  TillMoney     amount;     /* of the quote */
  TillMethod    method;
  TillQuote    *quote;      /* (nullable) for amount */
  TillOrder    *last_order; /* (nullable) */
  gboolean      wants_confirm;
  gboolean      wants_sale;
  gboolean      selling;
  gboolean      enter_held;
  char         *faults[N_METHODS]; /* (nullable) why a way of paying cannot be taken */
  GCancellable *quote_cancellable;

  GtkWidget    *box;
  GtkStack     *stack;
  GtkLabel     *shop;
  GtkWidget    *meter_row;
  GtkDropDown  *meter_drop;
  GtkWidget    *amount_entry;
  GtkLabel     *capital;
  GtkWidget    *methods[N_METHODS];
  GtkLabel     *after;
  GtkLabel     *room;
  GtkLabel     *notice;
  GtkWidget    *next_button;
  GtkLabel     *confirm_title;
  GtkLabel     *confirm_amount;
  GtkLabel     *confirm_capital;
  GtkLabel     *confirm_line;
  GtkLabel     *confirm_notice;
  GtkWidget    *sell_button;
  GtkWidget    *panel;
  GtkWidget    *last_box;
  GtkLabel     *last_title;
  GtkLabel     *last_state;
  GtkImage     *last_icon;
};

enum
{
  SOLD,
  DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillSaleForm, till_sale_form, GTK_TYPE_WIDGET)

static void
set_notice (GtkLabel   *label,
            const char *text,
            const char *style)
{
  const char *classes[] = { "notice", style, NULL };

  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_css_classes (GTK_WIDGET (label), classes);
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

static void
show_after (TillSaleForm *self)
{
  g_autofree char *after = till_sale_words_after (self->quote, self->amount);
  g_autofree char *room = till_sale_words_room (self->quote);

  gtk_label_set_text (self->after, after);
  gtk_label_set_text (self->room, room);
}

static void
show_quote (TillSaleForm *self)
{
  g_autofree char *warnings = NULL;

  show_after (self);
  if (self->quote == NULL)
    {
      set_notice (self->notice, NULL, "dim-label");
      return;
    }

  if (!self->quote->allowed)
    {
      set_notice (self->notice, till_error_text_for_rule (self->quote->code), "error");
      return;
    }

  warnings = till_sale_words_warnings (self->quote);
  set_notice (self->notice, warnings, "warning");
}

static void
show_capital (TillSaleForm *self)
{
  g_autofree char *capital = self->amount > 0 ? till_money_to_capital (self->amount) : NULL;

  gtk_label_set_text (self->capital, capital != NULL ? capital : "");
  gtk_label_set_text (self->confirm_capital, capital != NULL ? capital : "");
}

static void
show_confirm (TillSaleForm *self)
{
  g_autofree char *amount = till_words_money (self->amount);
  g_autofree char *line = till_sale_words_sale (self->desk, self->account_id, self->method);
  g_autofree char *warnings = till_sale_words_warnings (self->quote);

  gtk_label_set_text (self->confirm_amount, amount);
  gtk_label_set_text (self->confirm_line, line);
  set_notice (self->confirm_notice, warnings, "warning");
  gtk_label_set_text (self->confirm_title, till_words_is_online (self->method)
                      ? _("Show the code to the customer?") : _("Is the money in hand?"));
  gtk_button_set_label (GTK_BUTTON (self->sell_button), till_words_is_online (self->method)
                        ? _("Show the code  (Enter)") : _("Sell and print  (Enter)"));
  gtk_stack_set_visible_child_name (self->stack, "confirm");
  gtk_widget_grab_focus (self->sell_button);
}

static void
go_back (TillSaleForm *self)
{
  self->wants_confirm = FALSE;
  self->wants_sale = FALSE;
  gtk_stack_set_visible_child_name (self->stack, "edit");
  gtk_widget_grab_focus (self->amount_entry);
}

/* A code that can be scanned takes the room of the last sale. */
static void
show_last (TillSaleForm *self)
{
  TillOrder *shown = till_payment_panel_get_order (TILL_PAYMENT_PANEL (self->panel));

  gtk_widget_set_visible (self->last_box, self->last_order != NULL
                          && (shown == NULL || shown->state != TILL_ORDER_STATE_NEW));
}

static void
take_last_order (TillSaleForm *self,
                 TillOrder    *order)
{
  g_autofree char *title = till_sale_words_order (self->desk, order);
  const char *classes[] = { till_words_order_class (order->state), NULL };

  till_order_ref (order);
  till_order_unref (self->last_order);
  self->last_order = order;
  gtk_label_set_text (self->last_title, title);
  gtk_label_set_text (self->last_state, till_words_order_state (order->state));
  gtk_widget_set_css_classes (GTK_WIDGET (self->last_state), classes);
  gtk_widget_set_css_classes (GTK_WIDGET (self->last_icon), classes);
  gtk_image_set_from_icon_name (self->last_icon, till_words_order_icon (order->state));
  show_last (self);
}

static void
open_panel (TillSaleForm *self,
            TillOrder    *order)
{
  gtk_stack_set_visible_child_name (self->stack, "pay");
  till_payment_panel_open (TILL_PAYMENT_PANEL (self->panel), order);
  show_last (self);
}

static void
on_leave_cb (TillSaleForm *self,
             gboolean      wanted)
{
  till_sale_form_close (self);
  if (wanted)
    g_signal_emit (self, signals[DONE], 0);
}

/* The money is there: from here on it is a sale like any other. */
static void
on_code_paid_cb (TillSaleForm *self,
                 TillOrder    *order)
{
  TillOrder *shown = till_payment_panel_get_order (TILL_PAYMENT_PANEL (self->panel));
  const gboolean in_sight = shown != NULL && g_str_equal (shown->id, order->id);
  g_autofree char *text = NULL;

  take_last_order (self, order);
  g_signal_emit (self, signals[SOLD], 0, order);
  if (in_sight && till_focus_is_inside (GTK_WIDGET (self)))
    g_signal_emit (self, signals[DONE], 0);
  if (in_sight)
    return;

  text = till_sale_words_paid (self->desk, order);
  till_desk_say (self->desk, text);
}

static void
on_sell_done_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(TillSaleForm) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = till_engine_sell_finish (TILL_ENGINE (source), result, &error);

  self->selling = FALSE;
  if (self->desk == NULL)
    return;

  gtk_widget_set_sensitive (self->sell_button, TRUE);
  if (order == NULL)
    {
      go_back (self);
      set_notice (self->notice, till_sale_words_refusal (self->method, error), "error");
      return;
    }

  if (till_words_is_online (order->method) && order->receipt_no == NULL)
    {
      open_panel (self, order);
      return;
    }

  take_last_order (self, order);
  g_signal_emit (self, signals[SOLD], 0, order);
  till_sale_form_close (self);
  g_signal_emit (self, signals[DONE], 0);
}

static void
sell (TillSaleForm *self)
{
  const TillSale sale = {
    .key = self->key,
    .account_id = self->account_id,
    .meter_id = self->meter_id,
    .amount = self->amount,
    .method = self->method,
    .operator_id = till_desk_get_operator_id (self->desk),
  };

  if (self->selling || self->account_id == 0 || self->quote == NULL || !self->quote->allowed)
    return;

  self->selling = TRUE;
  gtk_widget_set_sensitive (self->sell_button, FALSE);
  till_engine_sell_async (till_desk_get_engine (self->desk), &sale, NULL, on_sell_done_cb,
                          g_object_ref (self));
}

/* Goes on where the clerk's Enter wanted to go when the quote was not there yet. */
static void
proceed (TillSaleForm *self)
{
  g_autofree char *warnings = NULL;
  const gboolean at_once = self->wants_sale;

  if (!self->wants_confirm || self->quote == NULL)
    return;

  self->wants_confirm = FALSE;
  self->wants_sale = FALSE;
  if (!self->quote->allowed)
    return;

  /* A code asks the customer, so that the clerk is asked only where there is something to say. */
  warnings = till_sale_words_warnings (self->quote);
  if (warnings == NULL && till_words_is_online (self->method))
    {
      sell (self);
      return;
    }

  show_confirm (self);
  if (at_once && warnings == NULL)
    sell (self);
}

static void
on_quote_done_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(TillSaleForm) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillQuote) quote = till_engine_quote_finish (TILL_ENGINE (source), result, &error);

  if (self->desk == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (quote == NULL)
    {
      self->wants_confirm = self->wants_sale = FALSE;
      set_notice (self->notice, till_error_text (error), "error");
      return;
    }

  till_quote_unref (self->quote);
  self->quote = g_steal_pointer (&quote);
  show_quote (self);
  proceed (self);
}

static void
ask_for_quote (TillSaleForm *self)
{
  g_cancellable_cancel (self->quote_cancellable);
  g_clear_object (&self->quote_cancellable);
  g_clear_pointer (&self->quote, till_quote_unref);
  if (self->account_id == 0 || self->amount <= 0)
    {
      show_quote (self);
      return;
    }

  self->quote_cancellable = g_cancellable_new ();
  till_engine_quote_async (till_desk_get_engine (self->desk), self->account_id, self->meter_id,
                           self->amount, self->quote_cancellable, on_quote_done_cb,
                           g_object_ref (self));
}

/* The same tenant and the same amount, as a new sale: the old one has come to nothing. */
static void
on_again_cb (TillSaleForm *self)
{
  till_payment_panel_close (TILL_PAYMENT_PANEL (self->panel));
  show_last (self);
  g_free (self->key);
  self->key = g_uuid_string_random ();
  go_back (self);
  ask_for_quote (self);
}

static void
on_amount_changed_cb (TillSaleForm *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->amount_entry));
  g_autoptr(GError) error = NULL;

  self->amount = 0;
  self->wants_confirm = self->wants_sale = FALSE;
  set_notice (self->notice, NULL, "dim-label");
  if (*text != '\0' && !till_money_parse_sale (text, &self->amount, &error))
    set_notice (self->notice, till_error_text (error), "error");

  show_capital (self);
  ask_for_quote (self);
  if (error != NULL)
    set_notice (self->notice, till_error_text (error), "error");
}

static void
on_amount_activate_cb (TillSaleForm *self)
{
  if (self->amount <= 0)
    {
      if (*gtk_editable_get_text (GTK_EDITABLE (self->amount_entry)) == '\0')
        set_notice (self->notice, _("Type the amount in yuan, then press Enter."), "accent");
      return;
    }
  if (self->faults[self->method] != NULL)
    {
      set_notice (self->notice, self->faults[self->method], "warning");
      return;
    }
  if (!till_desk_may_sell (self->desk))
    {
      set_notice (self->notice, till_error_text_for_rule (TILL_RULE_ERROR_NOT_ALLOWED), "error");
      return;
    }

  self->wants_sale = self->wants_confirm;
  self->wants_confirm = TRUE;
  proceed (self);
}

static void
on_sell_clicked_cb (TillSaleForm *self)
{
  sell (self);
}

static void
on_back_clicked_cb (TillSaleForm *self)
{
  if (!self->selling)
    go_back (self);
}

static void
show_method (TillSaleForm *self)
{
  const gboolean online = till_words_is_online (self->method);

  gtk_button_set_label (GTK_BUTTON (self->next_button), online ? _("Show the code  (Enter)")
                                                               : _("Continue  (Enter)"));
  show_quote (self);
  if (self->faults[self->method] != NULL)
    set_notice (self->notice, self->faults[self->method], "warning");
}

static void
on_method_toggled_cb (TillSaleForm    *self,
                      GtkToggleButton *button)
{
  for (int i = 0; i < N_METHODS; i++)
    {
      if (GTK_WIDGET (button) == self->methods[i] && gtk_toggle_button_get_active (button))
        {
          self->method = (TillMethod)i;
          show_method (self);
        }
    }
}

static void
on_gateways_listed_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr(TillSaleForm) self = user_data;
  g_autoptr(GPtrArray) gateways = till_engine_list_gateways_finish (TILL_ENGINE (source), result,
                                                                    NULL);

  if (self->desk == NULL)
    return;

  for (guint i = 0; gateways != NULL && i < gateways->len; i++)
    {
      const TillGateway *gateway = gateways->pdata[i];
      char **fault = &self->faults[gateway->method];
      const char *name = till_words_method (gateway->method);

      g_clear_pointer (fault, g_free);
      if (!gateway->configured)
        *fault = g_strdup_printf (_("%s is not set up at this counter yet: see Online payments, "
                                    "Gateways."), name);
      gtk_widget_set_tooltip_text (self->methods[gateway->method], *fault);
    }
  if (self->account_id != 0 && self->faults[self->method] != NULL)
    show_method (self);
}

static void
on_meter_selected_cb (TillSaleForm *self)
{
  const guint i = gtk_drop_down_get_selected (self->meter_drop);

  if (i < self->meter_ids->len)
    {
      self->meter_id = g_array_index (self->meter_ids, gint64, i);
      ask_for_quote (self);
    }
}

static gboolean
on_key_pressed_cb (TillSaleForm   *self,
                   guint           keyval,
                   guint           keycode,
                   GdkModifierType state)
{
  const gboolean is_enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter
                            || keyval == GDK_KEY_ISO_Enter;

  if (keyval == GDK_KEY_Escape && !self->selling)
    {
      const char *page = gtk_stack_get_visible_child_name (self->stack);

      if (g_str_equal (page, "pay"))
        till_payment_panel_back (TILL_PAYMENT_PANEL (self->panel));
      else if (g_str_equal (page, "confirm"))
        go_back (self);
      else
        g_signal_emit (self, signals[DONE], 0);
      return GDK_EVENT_STOP;
    }

  if (is_enter && self->enter_held)
    return GDK_EVENT_STOP;
  if (is_enter)
    self->enter_held = TRUE;

  return GDK_EVENT_PROPAGATE;
}

static void
on_key_released_cb (TillSaleForm *self,
                    guint         keyval)
{
  if (keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter)
    self->enter_held = FALSE;
}

static void
on_focus_left_cb (TillSaleForm *self)
{
  self->enter_held = FALSE;
}

static void
on_order_changed_cb (TillSaleForm *self,
                     TillOrder    *order)
{
  if (self->last_order != NULL && g_str_equal (self->last_order->id, order->id))
    take_last_order (self, order);
}

/* Offers the prepaid meters of the account; with one of them there is nothing to choose. */
static void
fill_meters (TillSaleForm *self,
             gint64        meter_id)
{
  TillSiteModel *model = till_desk_get_model (self->desk);
  GPtrArray *meters = till_site_model_get_meters_of_account (model, self->account_id);
  g_autoptr(GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  g_array_set_size (self->meter_ids, 0);
  for (guint i = 0; i < meters->len; i++)
    {
      const TillMeter *meter = meters->pdata[i];

      if (!meter->prepaid)
        continue;
      if (meter->id == meter_id)
        selected = self->meter_ids->len;
      g_array_append_val (self->meter_ids, meter->id);
      gtk_string_list_append (names, meter->meter_no);
    }

  self->meter_id = self->meter_ids->len > 0 ? g_array_index (self->meter_ids, gint64, selected) : 0;
  gtk_drop_down_set_model (self->meter_drop, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->meter_drop, selected);
  gtk_widget_set_visible (self->meter_row, self->meter_ids->len > 1);
}

static void
till_sale_form_dispose (GObject *object)
{
  TillSaleForm *self = TILL_SALE_FORM (object);

  g_cancellable_cancel (self->quote_cancellable);
  g_clear_object (&self->quote_cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->quote, till_quote_unref);
  g_clear_pointer (&self->last_order, till_order_unref);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_sale_form_parent_class)->dispose (object);
}

static void
till_sale_form_finalize (GObject *object)
{
  TillSaleForm *self = TILL_SALE_FORM (object);

  g_array_unref (self->meter_ids);
  for (int i = 0; i < N_METHODS; i++)
    g_free (self->faults[i]);
  g_free (self->key);

  G_OBJECT_CLASS (till_sale_form_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, box);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, stack);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, shop);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, meter_row);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, meter_drop);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, amount_entry);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, capital);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, after);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, room);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, notice);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, next_button);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, confirm_title);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, confirm_amount);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, confirm_capital);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, confirm_line);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, confirm_notice);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, sell_button);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, panel);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, last_box);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, last_title);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, last_state);
  gtk_widget_class_bind_template_child (widget_class, TillSaleForm, last_icon);
  gtk_widget_class_bind_template_child_full (widget_class, "cash_button", FALSE,
                                             G_STRUCT_OFFSET (TillSaleForm, methods[0]));
  gtk_widget_class_bind_template_child_full (widget_class, "pos_button", FALSE,
                                             G_STRUCT_OFFSET (TillSaleForm, methods[1]));
  gtk_widget_class_bind_template_child_full (widget_class, "transfer_button", FALSE,
                                             G_STRUCT_OFFSET (TillSaleForm, methods[2]));
  gtk_widget_class_bind_template_child_full (widget_class, "wechat_button", FALSE,
                                             G_STRUCT_OFFSET (TillSaleForm, methods[3]));
  gtk_widget_class_bind_template_child_full (widget_class, "alipay_button", FALSE,
                                             G_STRUCT_OFFSET (TillSaleForm, methods[4]));
}

static void
till_sale_form_class_init (TillSaleFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_sale_form_dispose;
  object_class->finalize = till_sale_form_finalize;

  /**
   * TillSaleForm::sold:
   * @self: the form
   * @order: (type TillOrder): the sale
   *
   * A sale was made; its receipt has to be printed.
   */
  signals[SOLD] =
    g_signal_new ("sold", TILL_TYPE_SALE_FORM, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  /**
   * TillSaleForm::done:
   * @self: the form
   *
   * The clerk is done with this tenant, sold or not.
   */
  signals[DONE] =
    g_signal_new ("done", TILL_TYPE_SALE_FORM, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (TILL_TYPE_PAYMENT_PANEL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/sale-form.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_amount_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_amount_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_sell_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_method_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_meter_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_key_released_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_focus_left_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_again_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_leave_cb);
}

static void
till_sale_form_init (TillSaleForm *self)
{
  self->meter_ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_sale_form_set_desk:
 * @self: the form
 * @desk: the desk, once
 */
void
till_sale_form_set_desk (TillSaleForm *self,
                         TillDesk     *desk)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  till_payment_panel_set_desk (TILL_PAYMENT_PANEL (self->panel), desk);
  g_signal_connect_object (till_desk_get_engine (desk), "order-changed",
                           G_CALLBACK (on_order_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till_desk_get_codes (desk), "paid", G_CALLBACK (on_code_paid_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * till_sale_form_open:
 * @self: the form
 * @account_id: number of an account
 * @meter_id: the meter that was meant, or 0 for the account's first
 *
 * Opens a new sale with a new key. While a sale is being made nothing else is opened.
 */
void
till_sale_form_open (TillSaleForm *self,
                     gint64        account_id,
                     gint64        meter_id)
{
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk), account_id);
  g_autofree char *shop = NULL;

  g_return_if_fail (TILL_IS_SALE_FORM (self));

  if (self->selling)
    return;

  till_sale_form_close (self);
  if (node == NULL)
    return;

  self->account_id = account_id;
  g_free (self->key);
  self->key = g_uuid_string_random ();
  shop = g_strdup_printf ("%s  %s", till_node_get_title (node), till_node_get_subtitle (node));
  gtk_label_set_text (self->shop, shop);
  fill_meters (self, meter_id);
  gtk_stack_set_visible_child_name (self->stack, "edit");
  if (self->meter_ids->len == 0)
    set_notice (self->notice, _("This tenant has no prepaid meter."), "warning");
  gtk_widget_set_sensitive (self->next_button, self->meter_ids->len > 0);
  gtk_widget_grab_focus (self->amount_entry);
  till_engine_list_gateways_async (till_desk_get_engine (self->desk), NULL,
                                   on_gateways_listed_cb, g_object_ref (self));
}

/**
 * till_sale_form_show_code:
 * @self: the form
 * @order: an online sale that was begun before
 *
 * Shows its code again. While a sale is being made nothing else is opened.
 */
void
till_sale_form_show_code (TillSaleForm *self,
                          TillOrder    *order)
{
  g_autofree char *amount = NULL;

  g_return_if_fail (TILL_IS_SALE_FORM (self));

  if (self->selling)
    return;

  till_sale_form_open (self, order->account_id, order->meter_id);
  if (self->account_id == 0)
    return;

  amount = till_money_format (order->amount);
  gtk_editable_set_text (GTK_EDITABLE (self->amount_entry), amount);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->methods[order->method]), TRUE);
  open_panel (self, order);
}

/**
 * till_sale_form_close:
 * @self: the form
 *
 * Forgets the tenant and the amount. The last sale stays in sight.
 */
void
till_sale_form_close (TillSaleForm *self)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));

  till_payment_panel_close (TILL_PAYMENT_PANEL (self->panel));
  show_last (self);
  self->account_id = 0;
  self->meter_id = 0;
  gtk_editable_set_text (GTK_EDITABLE (self->amount_entry), "");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->methods[0]), TRUE);
  set_notice (self->notice, NULL, "dim-label");
  gtk_stack_set_visible_child_name (self->stack, "idle");
}

/**
 * till_sale_form_set_method:
 * @self: the form
 * @method: how the tenant pays
 */
void
till_sale_form_set_method (TillSaleForm *self,
                           TillMethod    method)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));
  g_return_if_fail (method < N_METHODS);

  if (self->account_id != 0 && !self->selling
      && !g_str_equal (gtk_stack_get_visible_child_name (self->stack), "pay"))
    {
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->methods[method]), TRUE);
      if (g_str_equal (gtk_stack_get_visible_child_name (self->stack), "confirm"))
        show_confirm (self);
    }
}

/**
 * till_sale_form_next_gateway:
 * @self: the form
 *
 * Chooses a gateway, and the other one the next time.
 */
void
till_sale_form_next_gateway (TillSaleForm *self)
{
  g_return_if_fail (TILL_IS_SALE_FORM (self));

  till_sale_form_set_method (self, self->method == TILL_METHOD_WECHAT ? TILL_METHOD_ALIPAY
                                                                      : TILL_METHOD_WECHAT);
}

/**
 * till_sale_form_is_open:
 * @self: the form
 *
 * Returns: whether a tenant and an amount are being asked for
 */
gboolean
till_sale_form_is_open (TillSaleForm *self)
{
  g_return_val_if_fail (TILL_IS_SALE_FORM (self), FALSE);

  return self->account_id != 0
         && !g_str_equal (gtk_stack_get_visible_child_name (self->stack), "pay");
}

/**
 * till_sale_form_set_amount:
 * @self: the form
 * @yuan: an amount in whole yuan
 *
 * Fills in an amount, for the keys of usual amounts.
 */
void
till_sale_form_set_amount (TillSaleForm *self,
                           int           yuan)
{
  g_autofree char *text = g_strdup_printf ("%d", yuan);

  g_return_if_fail (TILL_IS_SALE_FORM (self));

  if (!till_sale_form_is_open (self) || self->selling)
    return;

  go_back (self);
  gtk_editable_set_text (GTK_EDITABLE (self->amount_entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->amount_entry), -1);
}

/**
 * till_sale_form_get_last_order:
 * @self: the form
 *
 * Returns: (nullable) (transfer none): the last sale made here
 */
TillOrder *
till_sale_form_get_last_order (TillSaleForm *self)
{
  g_return_val_if_fail (TILL_IS_SALE_FORM (self), NULL);

  return self->last_order;
}
