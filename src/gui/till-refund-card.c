/*
 * till-refund-card.c: a refund that needs a person
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-refund-card.h"
#include "till-words-online.h"
#include "till-words.h"

/**
 * TillRefundCard:
 *
 * Whose money does not get back to them, where it is stuck, and what to do about it there. Nothing
 * is decided on this card: either the meter's own review is, or the merchant's page of the gateway
 * is the place.
 */
struct _TillRefundCard
{
  GtkWidget   parent_instance;

  TillRefund *refund;

  GtkWidget  *box;
  GtkLabel   *title;
  GtkLabel   *amount;
  GtkLabel   *advice;
  GtkLabel   *text;
  GtkWidget  *order_button;
};

G_DEFINE_FINAL_TYPE (TillRefundCard, till_refund_card, GTK_TYPE_WIDGET)

static void
on_order_clicked_cb (TillRefundCard *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.order", "s", self->refund->order_id);
}

static void
till_refund_card_dispose (GObject *object)
{
  TillRefundCard *self = TILL_REFUND_CARD (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->refund, till_refund_unref);

  G_OBJECT_CLASS (till_refund_card_parent_class)->dispose (object);
}

static void
till_refund_card_class_init (TillRefundCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_refund_card_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/refund-card.ui");
  gtk_widget_class_bind_template_child (widget_class, TillRefundCard, box);
  gtk_widget_class_bind_template_child (widget_class, TillRefundCard, title);
  gtk_widget_class_bind_template_child (widget_class, TillRefundCard, amount);
  gtk_widget_class_bind_template_child (widget_class, TillRefundCard, advice);
  gtk_widget_class_bind_template_child (widget_class, TillRefundCard, text);
  gtk_widget_class_bind_template_child (widget_class, TillRefundCard, order_button);
  gtk_widget_class_bind_template_callback (widget_class, on_order_clicked_cb);
}

static void
till_refund_card_init (TillRefundCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_refund_card_new:
 * @desk: the desk
 * @refund: a refund in REVIEW
 *
 * Returns: (transfer floating): a card for it
 */
GtkWidget *
till_refund_card_new (TillDesk   *desk,
                      TillRefund *refund)
{
  TillRefundCard *self = g_object_new (TILL_TYPE_REFUND_CARD, NULL);
  g_autofree char *who = till_site_model_describe_meter (till_desk_get_model (desk),
                                                         refund->meter_id);
  g_autofree char *amount = till_words_money (refund->amount);
  g_autofree char *when = till_words_moment (refund->created_ms, till_clock_now_ms ());
  g_autofree char *text = g_strdup_printf ("%s\n%s · %s · %s%s%s", refund->refund_no, when,
                                           refund->operator_name, refund->reason,
                                           refund->message != NULL ? "\n" : "",
                                           refund->message != NULL ? refund->message : "");
  g_autofree char *title = g_strdup_printf ("%s · %s", till_words_method (refund->method), who);

  self->refund = till_refund_ref (refund);
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->amount, amount);
  gtk_label_set_text (self->advice, till_words_refund_advice (refund));
  gtk_label_set_text (self->text, text);
  gtk_widget_set_visible (self->order_button, refund->order_id != NULL);

  return GTK_WIDGET (self);
}
