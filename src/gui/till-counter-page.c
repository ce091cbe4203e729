/*
 * till-counter-page.c: the counter: find, see, sell
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-code-strip.h"
#include "till-counter-page.h"
#include "till-finder.h"
#include "till-sale-form.h"
#include "till-tenant-card.h"

/**
 * TillCounterPage:
 *
 * Where a clerk spends the day: the finder on the left, the tenant in the middle, the sale on the
 * right. After each sale the search entry waits for the next in the queue.
 */
struct _TillCounterPage
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  TillPrint *print;

  GtkWidget *box;
  GtkWidget *finder;
  GtkWidget *card;
  GtkWidget *form;
  GtkWidget *strip;
};

G_DEFINE_FINAL_TYPE (TillCounterPage, till_counter_page, GTK_TYPE_WIDGET)

static void
on_chosen_cb (TillCounterPage *self,
              gint64           account_id,
              gint64           meter_id)
{
  till_counter_page_choose (self, account_id, meter_id);
}

static void
on_sold_cb (TillCounterPage *self,
            TillOrder       *order)
{
  till_print_receipt (self->print, order->id);
}

static void
on_done_cb (TillCounterPage *self)
{
  till_finder_focus_search (TILL_FINDER (self->finder));
}

static void
on_code_chosen_cb (TillCounterPage *self,
                   TillOrder       *order)
{
  g_autoptr(TillOrder) kept = till_order_ref (order);

  till_tenant_card_show (TILL_TENANT_CARD (self->card), kept->account_id);
  till_sale_form_show_code (TILL_SALE_FORM (self->form), kept);
}

static void
till_counter_page_dispose (GObject *object)
{
  TillCounterPage *self = TILL_COUNTER_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->print);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_counter_page_parent_class)->dispose (object);
}

static void
till_counter_page_class_init (TillCounterPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_counter_page_dispose;

  g_type_ensure (TILL_TYPE_CODE_STRIP);
  g_type_ensure (TILL_TYPE_FINDER);
  g_type_ensure (TILL_TYPE_TENANT_CARD);
  g_type_ensure (TILL_TYPE_SALE_FORM);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/counter-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillCounterPage, box);
  gtk_widget_class_bind_template_child (widget_class, TillCounterPage, finder);
  gtk_widget_class_bind_template_child (widget_class, TillCounterPage, card);
  gtk_widget_class_bind_template_child (widget_class, TillCounterPage, form);
  gtk_widget_class_bind_template_child (widget_class, TillCounterPage, strip);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_sold_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_done_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_code_chosen_cb);
}

static void
till_counter_page_init (TillCounterPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_counter_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 * @print: where receipts go
 */
void
till_counter_page_set_desk (TillCounterPage *self,
                            TillDesk        *desk,
                            TillPrint       *print)
{
  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  self->print = g_object_ref (print);
  till_finder_set_desk (TILL_FINDER (self->finder), desk);
  till_tenant_card_set_desk (TILL_TENANT_CARD (self->card), desk);
  till_sale_form_set_desk (TILL_SALE_FORM (self->form), desk);
  till_code_strip_set_desk (TILL_CODE_STRIP (self->strip), desk);
}

/**
 * till_counter_page_choose:
 * @self: the page
 * @account_id: number of an account
 * @meter_id: the meter that was meant, or 0
 *
 * Shows a tenant and opens a sale.
 */
void
till_counter_page_choose (TillCounterPage *self,
                          gint64           account_id,
                          gint64           meter_id)
{
  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));

  till_tenant_card_show (TILL_TENANT_CARD (self->card), account_id);
  till_sale_form_open (TILL_SALE_FORM (self->form), account_id, meter_id);
}

void
till_counter_page_focus_search (TillCounterPage *self)
{
  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));

  till_finder_focus_search (TILL_FINDER (self->finder));
}

void
till_counter_page_set_method (TillCounterPage *self,
                              TillMethod       method)
{
  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));

  till_sale_form_set_method (TILL_SALE_FORM (self->form), method);
}

/**
 * till_counter_page_pay_by_code:
 * @self: the page
 *
 * While a tenant and an amount are asked for: one gateway, then the other. Otherwise: the next of
 * the codes that wait.
 */
void
till_counter_page_pay_by_code (TillCounterPage *self)
{
  TillOrder *waiting;

  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));

  if (till_sale_form_is_open (TILL_SALE_FORM (self->form)))
    {
      till_sale_form_next_gateway (TILL_SALE_FORM (self->form));
      return;
    }

  waiting = till_codes_get_next_waiting (till_desk_get_codes (self->desk));
  if (waiting != NULL)
    on_code_chosen_cb (self, waiting);
}

void
till_counter_page_set_amount (TillCounterPage *self,
                              int              yuan)
{
  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));

  till_sale_form_set_amount (TILL_SALE_FORM (self->form), yuan);
}

/**
 * till_counter_page_reprint:
 * @self: the page
 *
 * Prints the receipt of the last sale again.
 */
void
till_counter_page_reprint (TillCounterPage *self)
{
  TillOrder *order;

  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));

  order = till_sale_form_get_last_order (TILL_SALE_FORM (self->form));
  if (order != NULL)
    till_print_receipt (self->print, order->id);
  else
    till_desk_say (self->desk, _("Nothing has been sold here yet."));
}

/**
 * till_counter_page_clear:
 * @self: the page
 *
 * Forgets the tenant, when another clerk takes over.
 */
void
till_counter_page_clear (TillCounterPage *self)
{
  g_return_if_fail (TILL_IS_COUNTER_PAGE (self));

  till_sale_form_close (TILL_SALE_FORM (self->form));
  till_tenant_card_show (TILL_TENANT_CARD (self->card), 0);
}
