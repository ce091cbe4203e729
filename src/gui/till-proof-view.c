/*
 * till-proof-view.c: a payment with what the gateway sent to prove it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-proof-view.h"
#include "till-proof.h"

/**
 * TillProofView:
 *
 * The octets as they came, folded away until somebody wants to see them. They are shown in lines;
 * what is copied is what came, octet by octet.
 */
struct _TillProofView
{
  GtkWidget  parent_instance;

  char      *raw;

  GtkWidget *box;
  GtkLabel  *title;
  GtkWidget *expander;
  GtkLabel  *text;
  GtkWidget *as_received;
  GtkWidget *copy_button;
};

G_DEFINE_FINAL_TYPE (TillProofView, till_proof_view, GTK_TYPE_WIDGET)

static void
show_text (TillProofView *self)
{
  const gboolean as_received = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->as_received));
  g_autofree char *lines = till_proof_format (self->raw);

  gtk_label_set_text (self->text, as_received ? self->raw : lines);
}

static void
on_copy_clicked_cb (TillProofView *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->raw);
}

static void
till_proof_view_dispose (GObject *object)
{
  TillProofView *self = TILL_PROOF_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->raw, g_free);

  G_OBJECT_CLASS (till_proof_view_parent_class)->dispose (object);
}

static void
till_proof_view_class_init (TillProofViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_proof_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/tillwatt/Till/ui/proof-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TillProofView, box);
  gtk_widget_class_bind_template_child (widget_class, TillProofView, title);
  gtk_widget_class_bind_template_child (widget_class, TillProofView, expander);
  gtk_widget_class_bind_template_child (widget_class, TillProofView, text);
  gtk_widget_class_bind_template_child (widget_class, TillProofView, as_received);
  gtk_widget_class_bind_template_child (widget_class, TillProofView, copy_button);
  gtk_widget_class_bind_template_callback (widget_class, show_text);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked_cb);
}

static void
till_proof_view_init (TillProofView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_proof_view_new:
 * @title: what the payment is
 * @raw: (nullable): the octets, where they are text
 *
 * Returns: (transfer floating): a view of them
 */
GtkWidget *
till_proof_view_new (const char *title,
                     const char *raw)
{
  TillProofView *self = g_object_new (TILL_TYPE_PROOF_VIEW, NULL);

  self->raw = raw != NULL ? g_utf8_make_valid (raw, -1) : NULL;
  gtk_label_set_text (self->title, title);
  gtk_widget_set_visible (self->expander, raw != NULL);
  if (raw != NULL)
    show_text (self);

  return GTK_WIDGET (self);
}
