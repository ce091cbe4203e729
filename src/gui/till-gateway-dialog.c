/*
 * till-gateway-dialog.c: a test order of 0.01 yuan, from the code until it was given back
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-gateway-dialog.h"
#include "till-marks-online.h"
#include "till-qr-image.h"
#include "till-words-online.h"
#include "till-words.h"

#define ASK_S 2
#define TEST_FEN 1

enum
{
  STEP_CODE,
  STEP_PAID,
  STEP_NOTICED,
  STEP_BACK,
  N_STEPS
};

/**
 * TillGatewayDialog:
 *
 * Proves the whole way once: a code is made, whoever tests pays a fen with their own phone, the
 * notification comes, and the fen goes back. Asks how far it is until it has ended.
 */
struct _TillGatewayDialog
{
  AdwWindow        parent_instance;

  TillDesk        *desk;
  TillMethod       method;
  TillGatewayTest *test; /* (nullable) as far as it is known */
  gboolean         asking;
  guint            ask_id;

  GtkWidget       *icon;
  GtkLabel        *title;
  GtkStack        *stack;
  GtkWidget       *qr;
  GtkWidget       *steps[N_STEPS];
  GtkLabel        *number;
  GtkLabel        *problem;
};

G_DEFINE_FINAL_TYPE (TillGatewayDialog, till_gateway_dialog, ADW_TYPE_WINDOW)

static void ask (TillGatewayDialog *self);

/* A step is a box of a spinner, an image and a label. */
static void
show_step (TillGatewayDialog *self,
           guint              step,
           gboolean           done,
           gboolean           working)
{
  GtkWidget *spinner = gtk_widget_get_first_child (self->steps[step]);
  GtkWidget *image = gtk_widget_get_next_sibling (spinner);
  const char *classes[] = { done ? "success" : "dim-label", NULL };

  gtk_widget_set_visible (spinner, working && !done);
  gtk_widget_set_visible (image, done || !working);
  gtk_image_set_from_icon_name (GTK_IMAGE (image), done ? "emblem-ok-symbolic"
                                                        : "content-loading-symbolic");
  gtk_widget_set_css_classes (image, classes);
}

static gboolean
has_ended (TillGatewayDialog *self)
{
  const TillGatewayTest *test = self->test;

  return test != NULL && (test->trade_state == TILL_TRADE_STATE_CLOSED
                          || test->refund_state == TILL_REFUND_STATE_DONE);
}

static void
show_test (TillGatewayDialog *self)
{
  const TillGatewayTest *test = self->test;
  const gboolean paid = test->trade_state == TILL_TRADE_STATE_PAID
                        || test->trade_state == TILL_TRADE_STATE_REFUNDED;
  const gboolean back = test->refund_state == TILL_REFUND_STATE_DONE;
  const gboolean code = test->code_url != NULL;
  g_autofree char *amount = till_words_money (TEST_FEN);
  g_autofree char *label = g_strdup_printf (_("Payment code: %s by %s"), amount,
                                            till_words_method (self->method));

  show_step (self, STEP_CODE, code, TRUE);
  show_step (self, STEP_PAID, paid, code);
  show_step (self, STEP_NOTICED, test->noticed, paid);
  show_step (self, STEP_BACK, back, paid);
  gtk_label_set_text (self->number, test->attempt_no != NULL ? test->attempt_no : "");
  till_qr_image_set_code (TILL_QR_IMAGE (self->qr), code && !paid ? test->code_url : NULL, label);
  gtk_stack_set_visible_child_name (self->stack, paid ? "paid" : code ? "code" : "wait");

  if (test->trade_state == TILL_TRADE_STATE_CLOSED)
    gtk_label_set_text (self->problem, test->message != NULL ? test->message
                        : _("The code was not paid and is no longer good."));
  else if (back && !test->noticed)
    gtk_label_set_text (self->problem, _("It works, but no notification has come: the payment was "
                                         "found by asking. Check “public-url”."));
  else
    gtk_label_set_text (self->problem, test->message != NULL ? test->message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem),
                          *gtk_label_get_text (self->problem) != '\0');
}

static gboolean
on_ask_cb (gpointer user_data)
{
  TillGatewayDialog *self = user_data;

  if (!self->asking)
    ask (self);

  return G_SOURCE_CONTINUE;
}

static void
on_asked_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(TillGatewayDialog) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillGatewayTest) test = till_engine_test_gateway_finish (TILL_ENGINE (source), result,
                                                                     &error);

  self->asking = FALSE;
  if (self->desk == NULL)
    return;

  if (test == NULL)
    {
      gtk_label_set_text (self->problem, till_error_text (error));
      gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
      return;
    }

  till_gateway_test_unref (self->test);
  self->test = g_steal_pointer (&test);
  show_test (self);
  if (has_ended (self))
    g_clear_handle_id (&self->ask_id, g_source_remove);
  else if (self->ask_id == 0)
    self->ask_id = g_timeout_add_seconds (ASK_S, on_ask_cb, self);
}

static void
ask (TillGatewayDialog *self)
{
  self->asking = TRUE;
  till_engine_test_gateway_async (till_desk_get_engine (self->desk), self->method,
                                  self->test != NULL ? self->test->attempt_no : NULL,
                                  till_desk_get_operator_id (self->desk), NULL, on_asked_cb,
                                  g_object_ref (self));
}

static void
till_gateway_dialog_dispose (GObject *object)
{
  TillGatewayDialog *self = TILL_GATEWAY_DIALOG (object);

  g_clear_handle_id (&self->ask_id, g_source_remove);
  g_clear_pointer (&self->test, till_gateway_test_unref);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_gateway_dialog_parent_class)->dispose (object);
}

static void
till_gateway_dialog_class_init (TillGatewayDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const names[N_STEPS] = {
    "step_code", "step_paid", "step_noticed", "step_back"
  };

  G_OBJECT_CLASS (klass)->dispose = till_gateway_dialog_dispose;

  g_type_ensure (TILL_TYPE_QR_IMAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/gateway-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillGatewayDialog, icon);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayDialog, title);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayDialog, qr);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayDialog, number);
  gtk_widget_class_bind_template_child (widget_class, TillGatewayDialog, problem);
  for (guint i = 0; i < N_STEPS; i++)
    gtk_widget_class_bind_template_child_full (widget_class, names[i], FALSE,
                                               G_STRUCT_OFFSET (TillGatewayDialog, steps)
                                               + i * sizeof (GtkWidget *));
}

static void
till_gateway_dialog_init (TillGatewayDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < N_STEPS; i++)
    show_step (self, i, FALSE, i == STEP_CODE);
}

/**
 * till_gateway_dialog_new:
 * @desk: the desk
 * @method: WECHAT or ALIPAY
 *
 * Returns: (transfer floating): a modal window; the test has begun
 */
GtkWidget *
till_gateway_dialog_new (TillDesk  *desk,
                         TillMethod method)
{
  TillGatewayDialog *self = g_object_new (TILL_TYPE_GATEWAY_DIALOG, NULL);
  g_autofree char *title = g_strdup_printf (_("Test of %s"), till_words_method (method));

  self->desk = g_object_ref (desk);
  self->method = method;
  till_marks_online_set_gateway (GTK_IMAGE (self->icon), method);
  till_marks_online_set_class (GTK_WIDGET (self->title), method);
  gtk_label_set_text (self->title, title);
  ask (self);

  return GTK_WIDGET (self);
}
