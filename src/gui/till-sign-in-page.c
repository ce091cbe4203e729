/*
 * till-sign-in-page.c: who sits at the counter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-sign-in-page.h"

/**
 * TillSignInPage:
 *
 * Name and password. The engine reckons the password in a thread of its own; the page only waits.
 */
struct _TillSignInPage
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  gboolean   busy;

  GtkWidget *box;
  GtkWidget *bolt;
  GtkWidget *name_entry;
  GtkWidget *password_entry;
  GtkWidget *caps_hint;
  GtkWidget *problem;
  GtkWidget *demo_hint;
  GtkWidget *button;
  GtkWidget *spinner;
};

G_DEFINE_FINAL_TYPE (TillSignInPage, till_sign_in_page, GTK_TYPE_WIDGET)

static void
show_problem (TillSignInPage *self,
              const char     *text)
{
  gtk_label_set_text (GTK_LABEL (self->problem), text != NULL ? text : "");
  gtk_widget_set_visible (self->problem, text != NULL);
}

/* A password that is typed in capitals is wrong for no reason that can be seen. */
static void
on_caps_lock_cb (TillSignInPage *self,
                 GParamSpec     *pspec,
                 GdkDevice      *keyboard)
{
  gtk_widget_set_visible (self->caps_hint, gdk_device_get_caps_lock_state (keyboard));
}

static void
set_busy (TillSignInPage *self,
          gboolean        busy)
{
  self->busy = busy;
  gtk_widget_set_sensitive (self->button, !busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
  gtk_widget_set_visible (self->spinner, busy);
}

static void
on_signed_in_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(TillSignInPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOperator) person = till_engine_sign_in_finish (TILL_ENGINE (source), result,
                                                               &error);

  set_busy (self, FALSE);
  if (self->desk == NULL)
    return;

  gtk_editable_set_text (GTK_EDITABLE (self->password_entry), "");
  if (person != NULL)
    {
      till_desk_set_operator (self->desk, person);
      return;
    }

  /* Which of the two is wrong is nobody's business but the owner's. */
  if (g_error_matches (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED)
      || g_error_matches (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN))
    show_problem (self, _("The name or the password is wrong."));
  else
    show_problem (self, till_error_text (error));
  gtk_widget_grab_focus (self->password_entry);
}

static void
on_sign_in_cb (TillSignInPage *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name_entry));
  const char *password = gtk_editable_get_text (GTK_EDITABLE (self->password_entry));

  if (self->busy)
    return;

  show_problem (self, NULL);
  if (*name == '\0')
    {
      show_problem (self, _("Type your name first."));
      gtk_widget_grab_focus (self->name_entry);
      return;
    }
  if (*password == '\0')
    {
      gtk_widget_grab_focus (self->password_entry);
      return;
    }

  set_busy (self, TRUE);
  till_engine_sign_in_async (till_desk_get_engine (self->desk), name, password, NULL,
                             on_signed_in_cb, g_object_ref (self));
}

static void
till_sign_in_page_dispose (GObject *object)
{
  TillSignInPage *self = TILL_SIGN_IN_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_sign_in_page_parent_class)->dispose (object);
}

static void
till_sign_in_page_class_init (TillSignInPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_sign_in_page_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/sign-in-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, box);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, bolt);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, name_entry);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, password_entry);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, caps_hint);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, problem);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, demo_hint);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, button);
  gtk_widget_class_bind_template_child (widget_class, TillSignInPage, spinner);
  gtk_widget_class_bind_template_callback (widget_class, on_sign_in_cb);
}

static void
till_sign_in_page_init (TillSignInPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_sign_in_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 *
 * In a demonstration the account that is made for it is filled in.
 */
void
till_sign_in_page_set_desk (TillSignInPage *self,
                            TillDesk       *desk)
{
  g_return_if_fail (TILL_IS_SIGN_IN_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  gtk_widget_set_visible (self->demo_hint, till_desk_is_demo (desk));
  if (till_desk_is_demo (desk))
    gtk_editable_set_text (GTK_EDITABLE (self->name_entry), "demo");
}

/**
 * till_sign_in_page_complete:
 * @self: the page
 *
 * Adds what the first frame does not wait for: a lookup of a picture reads the whole icon theme.
 */
void
till_sign_in_page_complete (TillSignInPage *self)
{
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (GTK_WIDGET (self)));
  GdkDevice *keyboard = seat != NULL ? gdk_seat_get_keyboard (seat) : NULL;

  g_return_if_fail (TILL_IS_SIGN_IN_PAGE (self));

  gtk_image_set_from_icon_name (GTK_IMAGE (self->bolt), "till-bolt-symbolic");
  if (keyboard == NULL)
    return;

  g_signal_connect_object (keyboard, "notify::caps-lock-state", G_CALLBACK (on_caps_lock_cb), self,
                           G_CONNECT_SWAPPED);
  on_caps_lock_cb (self, NULL, keyboard);
}

/**
 * till_sign_in_page_reset:
 * @self: the page
 *
 * Makes the page ready for the next person. The name stays: it is mostly the same one.
 */
void
till_sign_in_page_reset (TillSignInPage *self)
{
  const gboolean has_name = *gtk_editable_get_text (GTK_EDITABLE (self->name_entry)) != '\0';

  g_return_if_fail (TILL_IS_SIGN_IN_PAGE (self));

  show_problem (self, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->password_entry), "");
  gtk_widget_grab_focus (has_name ? self->password_entry : self->name_entry);
}
