/*
 * till-gateway-card.c: what is known of a gateway, with a light for each fact
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-columns.h"
#include "till-gateway-card.h"
#include "till-gateway-dialog.h"
#include "till-marks-online.h"
#include "till-words-online.h"
#include "till-words.h"

/**
 * TillGatewayCard:
 *
 * Facts as the gateway's channel tells them, each with a picture and not only a colour; what is
 * missing with the key that sets it; and what cannot be known from here, said so.
 */
struct _TillGatewayCard
{
  GtkWidget    parent_instance;

  TillDesk    *desk;
  TillGateway *gateway;

  GtkWidget   *box;
  GtkWidget   *icon;
  GtkLabel    *title;
  GtkWidget   *state;
  GtkLabel    *fault;
  GtkGrid     *facts;
  GtkLabel    *reach;
  GtkWidget   *test_button;
  GtkLabel    *test_why;
};

typedef enum
{
  LIGHT_GREEN,
  LIGHT_YELLOW,
  LIGHT_NONE,
} Light;

G_DEFINE_FINAL_TYPE (TillGatewayCard, till_gateway_card, GTK_TYPE_WIDGET)

static GtkWidget *
make_light (Light light)
{
  static const char *const icons[] = {
    "emblem-ok-symbolic", "dialog-warning-symbolic", "content-loading-symbolic"
  };
  static const char *const styles[] = { "success", "warning", "dim-label" };
  GtkWidget *image = gtk_image_new_from_icon_name (icons[light]);
  const char *name = light == LIGHT_GREEN ? _("In order")
                     : light == LIGHT_YELLOW ? _("Look at this") : _("Not known");

  gtk_widget_add_css_class (image, styles[light]);
  gtk_widget_set_tooltip_text (image, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);

  return image;
}

static void
add_fact (TillGatewayCard *self,
          int             *row,
          Light            light,
          const char      *name,
          const char      *value)
{
  GtkWidget *name_label = gtk_label_new (name);
  GtkWidget *value_label = gtk_label_new (*value != '\0' ? value : "—");

  gtk_label_set_xalign (GTK_LABEL (name_label), 0);
  gtk_label_set_yalign (GTK_LABEL (name_label), 0);
  gtk_widget_add_css_class (name_label, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (value_label), 0);
  gtk_label_set_selectable (GTK_LABEL (value_label), TRUE);
  gtk_widget_set_focusable (value_label, FALSE);
  gtk_label_set_wrap (GTK_LABEL (value_label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (value_label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (value_label, TRUE);
  gtk_widget_add_css_class (value_label, "numeric");
  gtk_grid_attach (self->facts, make_light (light), 0, *row, 1, 1);
  gtk_grid_attach (self->facts, name_label, 1, *row, 1, 1);
  gtk_grid_attach (self->facts, value_label, 2, *row, 1, 1);
  (*row)++;
}

static void
show_facts (TillGatewayCard *self)
{
  const TillGateway *gateway = self->gateway;
  const gint64 now_ms = till_clock_now_ms ();
  g_autofree char *answer = till_words_age (gateway->last_answer_ms, now_ms);
  g_autofree char *notice = till_words_age (gateway->last_notice_ms, now_ms);
  int row = 0;

  for (guint i = 0; gateway->keys != NULL && gateway->keys[i] != NULL; i++)
    if (!g_str_equal (gateway->keys[i], "last-answer"))
      add_fact (self, &row, gateway->good[i] ? LIGHT_GREEN : LIGHT_YELLOW,
                till_words_gateway_fact (gateway->keys[i]), gateway->values[i]);

  if (!gateway->configured)
    return;

  add_fact (self, &row, gateway->last_answer_ms != 0 ? LIGHT_GREEN : LIGHT_NONE,
            _("Last answer"), answer);
  add_fact (self, &row, gateway->last_notice_ms != 0 ? LIGHT_GREEN : LIGHT_NONE,
            _("Last notification"), notice);
}

static void
show_state (TillGatewayCard *self)
{
  const TillGateway *gateway = self->gateway;

  if (!gateway->configured)
    till_columns_set_state (self->state, "dialog-information-symbolic", _("Not set up"),
                            "dim-label");
  else if (!gateway->usable)
    till_columns_set_state (self->state, "dialog-warning-symbolic", _("Does not work"), "error");
  else
    till_columns_set_state (self->state, "emblem-ok-symbolic", _("Works"), "success");
}

static void
show_gateway (TillGatewayCard *self)
{
  const TillGateway *gateway = self->gateway;
  const gboolean may_test = till_desk_may_decide (self->desk);
  g_autofree char *fault = till_words_gateway_fault (gateway);

  till_marks_online_set_gateway (GTK_IMAGE (self->icon), gateway->method);
  till_marks_online_set_class (GTK_WIDGET (self->title), gateway->method);
  gtk_label_set_text (self->title, till_words_method (gateway->method));
  show_state (self);
  gtk_label_set_text (self->fault, fault != NULL ? fault : "");
  gtk_widget_set_visible (GTK_WIDGET (self->fault), fault != NULL);
  show_facts (self);
  gtk_label_set_text (self->reach, gateway->last_notice_ms != 0
                      ? _("Whether the gateway reaches this computer now cannot be proved from "
                          "here: the last notification says that it did.")
                      : _("Whether the gateway reaches this computer cannot be proved from here, "
                          "and no notification has come yet. Payments are found all the same, by "
                          "asking every few seconds. For notifications the setting “public-url” "
                          "must lead here from outside, by HTTPS."));
  gtk_widget_set_visible (GTK_WIDGET (self->reach), gateway->configured);
  gtk_widget_set_sensitive (self->test_button, gateway->configured && may_test);
  gtk_widget_set_visible (GTK_WIDGET (self->test_why), gateway->configured && !may_test);
}

static void
on_test_clicked_cb (TillGatewayCard *self)
{
  till_gateway_card_test (self);
}

static void
till_gateway_card_dispose (GObject *object)
{
  TillGatewayCard *self = TILL_GATEWAY_CARD (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->gateway, till_gateway_unref);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_gateway_card_parent_class)->dispose (object);
}

static void
till_gateway_card_class_init (TillGatewayCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_gateway_card_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/gateway-card.ui");
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, box);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, icon);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, title);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, state);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, fault);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, facts);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, reach);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, test_button);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayCard, test_why);
  gtk_widget_class_bind_template_callback (widget_class, on_test_clicked_cb);
}

static void
till_gateway_card_init (TillGatewayCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_gateway_card_new:
 * @desk: the desk
 * @gateway: a gateway
 *
 * Returns: (transfer floating): a card for it
 */
GtkWidget *
till_gateway_card_new (TillDesk    *desk,
                       TillGateway *gateway)
{
  TillGatewayCard *self = g_object_new (TILL_TYPE_GATEWAY_CARD, NULL);

  self->desk = g_object_ref (desk);
  self->gateway = till_gateway_ref (gateway);
  show_gateway (self);

  return GTK_WIDGET (self);
}

/**
 * till_gateway_card_test:
 * @self: a card
 *
 * Begins a test order of 0.01 yuan.
 *
 * Returns: (transfer none): the dialog that shows it, presented
 */
GtkWidget *
till_gateway_card_test (TillGatewayCard *self)
{
  GtkWidget *dialog;

  g_return_val_if_fail (TILL_IS_GATEWAY_CARD (self), NULL);

  dialog = till_gateway_dialog_new (self->desk, self->gateway->method);
  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));

  return dialog;
}
