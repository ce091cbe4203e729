/*
 * till-code-strip.c: the codes that wait while the clerk goes on
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-code-strip.h"
#include "till-marks-online.h"
#include "till-order-item.h"
#include "till-words-online.h"
#include "till-words.h"

/**
 * TillCodeStrip:
 *
 * A line of buttons, one for each code that is not in sight: whose it is, how much, and how long it
 * is good, or how it ended. A press opens it again. It is there only when there is something in it.
 */
struct _TillCodeStrip
{
  GtkWidget   parent_instance;

  TillDesk   *desk;
  TillCodes  *codes;
  GHashTable *buttons; /* number of an order → GtkWidget in the strip */

  GtkWidget  *revealer;
  GtkWidget  *box;
};

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillCodeStrip, till_code_strip, GTK_TYPE_WIDGET)

static void
on_clicked_cb (TillCodeStrip *self,
               GtkWidget     *button)
{
  const char *id = g_object_get_data (G_OBJECT (button), "till-order-id");
  TillOrder *order = till_codes_get_order (self->codes, id);

  if (order != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, order);
}

static GtkWidget *
make_button (TillCodeStrip   *self,
             const TillOrder *order)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *image = gtk_image_new ();

  till_marks_online_set_gateway (GTK_IMAGE (image), order->method);
  gtk_box_append (GTK_BOX (content), image);
  gtk_box_append (GTK_BOX (content), gtk_label_new (NULL));
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "code");
  g_object_set_data_full (G_OBJECT (button), "till-order-id", g_strdup (order->id), g_free);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_clicked_cb), self);
  gtk_box_append (GTK_BOX (self->box), button);
  g_hash_table_insert (self->buttons, g_strdup (order->id), button);

  return button;
}

static void
show_order (TillCodeStrip   *self,
            GtkWidget       *button,
            const TillOrder *order)
{
  GtkWidget *content = gtk_button_get_child (GTK_BUTTON (button));
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk),
                                                  order->account_id);
  const gboolean counts = order->attempt_state == TILL_ATTEMPT_STATE_WAITING
                          && order->state == TILL_ORDER_STATE_NEW;
  const gboolean paid = order->state != TILL_ORDER_STATE_NEW
                        && order->state != TILL_ORDER_STATE_EXPIRED;
  g_autofree char *amount = till_words_money (order->amount);
  g_autofree char *left = till_words_left (order->expires_ms - till_clock_now_ms ());
  const char *state = counts ? left : paid ? _("paid") : till_words_sale_state (order);
  g_autofree char *text = g_strdup_printf ("%s  %s  %s", node != NULL ? till_node_get_title (node)
                                                                      : "—", amount, state);
  const char *classes[] = { "code", till_words_code_class (order), NULL };

  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (content)), text);
  gtk_widget_set_css_classes (button, classes);
  gtk_widget_set_tooltip_text (button, node != NULL ? till_node_get_subtitle (node) : NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

/* Takes out the buttons whose codes are in sight, or gone. */
static void
remove_buttons (TillCodeStrip   *self,
                const TillOrder *shown)
{
  GHashTableIter iter;
  gpointer id, button;

  g_hash_table_iter_init (&iter, self->buttons);
  while (g_hash_table_iter_next (&iter, &id, &button))
    {
      if (till_codes_get_order (self->codes, id) != NULL
          && (shown == NULL || !g_str_equal (shown->id, id)))
        continue;

      gtk_box_remove (GTK_BOX (self->box), button);
      g_hash_table_iter_remove (&iter);
    }
}

static void
refresh (TillCodeStrip *self)
{
  GListModel *list = till_codes_get_list (self->codes);
  const TillOrder *shown = till_codes_get_shown (self->codes);

  remove_buttons (self, shown);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(TillOrderItem) item = g_list_model_get_item (list, i);
      const TillOrder *order = till_order_item_get_order (item);
      GtkWidget *button = g_hash_table_lookup (self->buttons, order->id);

      if (shown != NULL && g_str_equal (shown->id, order->id))
        continue;

      show_order (self, button != NULL ? button : make_button (self, order), order);
    }

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer),
                                 g_hash_table_size (self->buttons) > 0);
}

static void
on_order_changed_cb (TillCodeStrip *self,
                     TillOrder     *order)
{
  GtkWidget *button = g_hash_table_lookup (self->buttons, order->id);

  if (button != NULL)
    show_order (self, button, order);
}

static void
till_code_strip_dispose (GObject *object)
{
  TillCodeStrip *self = TILL_CODE_STRIP (object);

  g_clear_pointer (&self->revealer, gtk_widget_unparent);
  g_clear_object (&self->codes);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_code_strip_parent_class)->dispose (object);
}

static void
till_code_strip_finalize (GObject *object)
{
  g_hash_table_unref (TILL_CODE_STRIP (object)->buttons);

  G_OBJECT_CLASS (till_code_strip_parent_class)->finalize (object);
}

static void
till_code_strip_class_init (TillCodeStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_code_strip_dispose;
  object_class->finalize = till_code_strip_finalize;

  /**
   * TillCodeStrip::chosen:
   * @self: the strip
   * @order: (type TillOrder): whose code is to be shown again
   */
  signals[CHOSEN] =
    g_signal_new ("chosen", TILL_TYPE_CODE_STRIP, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/code-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, TillCodeStrip, revealer);
  gtk_widget_class_bind_template_child (widget_class, TillCodeStrip, box);
}

static void
till_code_strip_init (TillCodeStrip *self)
{
  self->buttons = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_code_strip_set_desk:
 * @self: the strip
 * @desk: the desk, once
 */
void
till_code_strip_set_desk (TillCodeStrip *self,
                          TillDesk      *desk)
{
  g_return_if_fail (TILL_IS_CODE_STRIP (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  self->codes = g_object_ref (till_desk_get_codes (desk));
  g_signal_connect_object (till_codes_get_list (self->codes), "items-changed",
                           G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->codes, "shown-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->codes, "tick", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till_desk_get_engine (desk), "order-changed",
                           G_CALLBACK (on_order_changed_cb), self, G_CONNECT_SWAPPED);
}

/**
 * till_code_strip_get_n_codes:
 * @self: the strip
 *
 * Returns: how many codes are in it
 */
guint
till_code_strip_get_n_codes (TillCodeStrip *self)
{
  g_return_val_if_fail (TILL_IS_CODE_STRIP (self), 0);

  return g_hash_table_size (self->buttons);
}
