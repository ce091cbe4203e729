/*
 * till-command-dialog.c: trip, back to automatic, keep power: asked for and sent
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-command-dialog.h"
#include "till-error-text.h"
#include "till-reason-dialog.h"
#include "till-words.h"

/* What one dialog is about; lives as long as the dialog. */
typedef struct
{
  TillDesk      *desk;
  TillNode      *node;
  TillIntentKind kind;
} Command;

static void
command_free (Command *command)
{
  g_object_unref (command->desk);
  g_object_unref (command->node);
  g_free (command);
}

static const char *
get_heading (TillIntentKind kind)
{
  if (kind == TILL_INTENT_KIND_TRIP)
    return _("Switch this shop’s power off?");
  if (kind == TILL_INTENT_KIND_KEEP)
    return _("Keep this shop’s power on?");

  return _("Let the meter decide again?");
}

static const char *
get_consequences (TillIntentKind kind)
{
  if (kind == TILL_INTENT_KIND_TRIP)
    return _("The relay opens within seconds and the shop is without power until somebody sets it "
             "back to automatic. A purchase alone does not bring the power back.");
  if (kind == TILL_INTENT_KIND_KEEP)
    return _("The power stays on until the time below, even when nothing remains. What is used "
             "is still charged and becomes arrears.");

  return _("The meter decides by its remaining amount: with money left the power comes on, "
           "with nothing left it goes off.");
}

static const char *
get_action (TillIntentKind kind)
{
  if (kind == TILL_INTENT_KIND_TRIP)
    return _("Switch off");
  if (kind == TILL_INTENT_KIND_KEEP)
    return _("Keep power");

  return _("Back to automatic");
}

static void
on_command_done_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(TillReasonDialog) dialog = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillIntent) intent = till_engine_command_finish (TILL_ENGINE (source), result, &error);

  if (intent != NULL)
    gtk_window_destroy (GTK_WINDOW (dialog));
  else
    till_reason_dialog_set_failed (dialog, till_error_text (error));
}

static void
on_confirmed_cb (TillReasonDialog *dialog,
                 const char       *reason,
                 gint64            until_ms,
                 Command          *command)
{
  till_reason_dialog_set_busy (dialog);
  till_engine_command_async (till_desk_get_engine (command->desk),
                             till_node_get_meter (command->node)->id, command->kind,
                             reason, until_ms, till_desk_get_operator_id (command->desk),
                             NULL, on_command_done_cb, g_object_ref (dialog));
}

/**
 * till_command_dialog_new:
 * @desk: the desk
 * @node: a meter's node
 * @kind: %TILL_INTENT_KIND_TRIP, %TILL_INTENT_KIND_AUTO or %TILL_INTENT_KIND_KEEP
 *
 * Returns: (transfer floating): a dialog that asks, and sends the command when it is confirmed
 */
GtkWidget *
till_command_dialog_new (TillDesk      *desk,
                         TillNode      *node,
                         TillIntentKind kind)
{
  const TillMeter *meter = till_node_get_meter (node);
  g_autofree char *who = till_site_model_describe_meter (till_desk_get_model (desk), meter->id);
  g_autofree char *subject = g_strdup_printf (_("%s, meter %s"), who, meter->meter_no);
  GtkWidget *dialog = till_reason_dialog_new (get_heading (kind), subject, get_consequences (kind));
  Command *command = g_new0 (Command, 1);

  command->desk = g_object_ref (desk);
  command->node = g_object_ref (node);
  command->kind = kind;
  till_reason_dialog_set_action (TILL_REASON_DIALOG (dialog), get_action (kind),
                                 kind == TILL_INTENT_KIND_TRIP);
  if (kind == TILL_INTENT_KIND_KEEP)
    till_reason_dialog_ask_until (TILL_REASON_DIALOG (dialog));
  g_signal_connect_data (dialog, "confirmed", G_CALLBACK (on_confirmed_cb), command,
                         (GClosureNotify)command_free, 0);

  return dialog;
}
