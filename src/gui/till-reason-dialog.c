/*
 * till-reason-dialog.c: asks before something grave is done, and why
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-reason-dialog.h"

#define HOUR_MS (G_GINT64_CONSTANT (3600) * 1000)
#define DAY_MS (24 * HOUR_MS)

/* Nobody keeps power longer than this by one command; for always the meter has a setting. */
#define UNTIL_MAX_MS (31 * DAY_MS)

/* Shorter than this is no reason that an auditor could follow. */
#define REASON_CHARS_MIN 2

/**
 * TillReasonDialog:
 *
 * Names what is about to be done, to whom, and what follows; takes a reason, and an end where one
 * is needed. It stays open until the engine has answered, so that an error is seen beside its
 * cause.
 */
struct _TillReasonDialog
{
  AdwWindow  parent_instance;

  gboolean   asks_until;
  gboolean   busy;

  GtkWidget *heading;
  GtkWidget *subject;
  GtkWidget *consequences;
  GtkWidget *reason_entry;
  GtkWidget *until_box;
  GtkWidget *until_entry;
  GtkWidget *problem;
  GtkWidget *action_button;
};

enum
{
  CONFIRMED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillReasonDialog, till_reason_dialog, ADW_TYPE_WINDOW)

static void
show_problem (TillReasonDialog *self,
              const char       *text)
{
  gtk_label_set_text (GTK_LABEL (self->problem), text != NULL ? text : "");
  gtk_widget_set_visible (self->problem, text != NULL);
}

/* Reads the end; a time in the past or far away is a slip of the finger. */
static const char *
check_until (TillReasonDialog *self,
             gint64           *until_ms)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->until_entry));
  const gint64 now_ms = till_clock_now_ms ();
  gint64 at_ms;

  if (!self->asks_until)
    {
      *until_ms = 0;
      return NULL;
    }

  if (!till_clock_parse (text, &at_ms, NULL))
    return _("Type the end as a date and a time, such as 2026-11-24 22:00.");
  if (at_ms <= now_ms)
    return _("The end must lie in the future.");
  if (at_ms > now_ms + UNTIL_MAX_MS)
    return _("The end must not be more than 31 days away.");

  *until_ms = at_ms;
  return NULL;
}

static void
on_action_clicked_cb (TillReasonDialog *self)
{
  g_autofree char *reason = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->reason_entry)));
  gint64 until_ms = 0;
  const char *problem = NULL;

  if (self->busy)
    return;

  if (g_utf8_strlen (g_strstrip (reason), -1) < REASON_CHARS_MIN)
    {
      problem = _("Give a reason. It is kept with the record.");
      gtk_widget_grab_focus (self->reason_entry);
    }
  else
    {
      problem = check_until (self, &until_ms);
      if (problem != NULL)
        gtk_widget_grab_focus (self->until_entry);
    }

  show_problem (self, problem);
  if (problem == NULL)
    g_signal_emit (self, signals[CONFIRMED], 0, reason, until_ms);
}

static void
on_changed_cb (TillReasonDialog *self)
{
  show_problem (self, NULL);
}

static void
set_until (TillReasonDialog *self,
           gint64            at_ms)
{
  g_autofree char *text = till_clock_format (at_ms);

  /* Minutes are enough for people. */
  text[strlen ("2026-11-24 22:00")] = '\0';
  gtk_editable_set_text (GTK_EDITABLE (self->until_entry), text);
}

static void
on_two_hours_cb (TillReasonDialog *self)
{
  set_until (self, till_clock_now_ms () + 2 * HOUR_MS);
}

static void
on_tomorrow_cb (TillReasonDialog *self)
{
  const int tomorrow = till_clock_day_next (till_clock_day_of (till_clock_now_ms ()));

  set_until (self, till_clock_day_start_ms (tomorrow) + 10 * HOUR_MS);
}

static void
on_week_cb (TillReasonDialog *self)
{
  set_until (self, till_clock_now_ms () + 7 * DAY_MS);
}

static void
till_reason_dialog_class_init (TillReasonDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  /**
   * TillReasonDialog::confirmed:
   * @self: the dialog
   * @reason: why
   * @until_ms: until when, or 0
   *
   * The clerk wants it, and has said why.
   */
  signals[CONFIRMED] =
    g_signal_new ("confirmed", TILL_TYPE_REASON_DIALOG, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_INT64);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/reason-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, subject);
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, consequences);
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, reason_entry);
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, until_box);
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, until_entry);
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, TillReasonDialog, action_button);
  gtk_widget_class_bind_template_callback (widget_class, on_action_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_two_hours_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_tomorrow_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_week_cb);
}

static void
till_reason_dialog_init (TillReasonDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_reason_dialog_new:
 * @heading: what is about to be done
 * @subject: to whom: the shop, the tenant and the meter
 * @consequences: what follows, in plain words
 *
 * Returns: (transfer floating): a modal window
 */
GtkWidget *
till_reason_dialog_new (const char *heading,
                        const char *subject,
                        const char *consequences)
{
  TillReasonDialog *self = g_object_new (TILL_TYPE_REASON_DIALOG, "title", heading, NULL);

  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  gtk_label_set_text (GTK_LABEL (self->subject), subject);
  gtk_label_set_text (GTK_LABEL (self->consequences), consequences);

  return GTK_WIDGET (self);
}

/**
 * till_reason_dialog_set_action:
 * @self: the dialog
 * @label: what the button says, the verb itself
 * @destructive: whether somebody loses something by it
 */
void
till_reason_dialog_set_action (TillReasonDialog *self,
                               const char       *label,
                               gboolean          destructive)
{
  g_return_if_fail (TILL_IS_REASON_DIALOG (self));

  gtk_button_set_label (GTK_BUTTON (self->action_button), label);
  gtk_widget_remove_css_class (self->action_button, "suggested-action");
  gtk_widget_add_css_class (self->action_button,
                            destructive ? "destructive-action" : "suggested-action");
}

/**
 * till_reason_dialog_ask_until:
 * @self: the dialog
 *
 * Makes the dialog ask for an end as well; tomorrow morning is offered.
 */
void
till_reason_dialog_ask_until (TillReasonDialog *self)
{
  g_return_if_fail (TILL_IS_REASON_DIALOG (self));

  self->asks_until = TRUE;
  gtk_widget_set_visible (self->until_box, TRUE);
  on_tomorrow_cb (self);
}

/**
 * till_reason_dialog_set_busy:
 * @self: the dialog
 *
 * The engine is at it: a second press must not send a second command.
 */
void
till_reason_dialog_set_busy (TillReasonDialog *self)
{
  g_return_if_fail (TILL_IS_REASON_DIALOG (self));

  self->busy = TRUE;
  gtk_widget_set_sensitive (self->action_button, FALSE);
}

/**
 * till_reason_dialog_set_failed:
 * @self: the dialog
 * @text: what happened and what to do
 *
 * The engine said no; the clerk may try again.
 */
void
till_reason_dialog_set_failed (TillReasonDialog *self,
                               const char       *text)
{
  g_return_if_fail (TILL_IS_REASON_DIALOG (self));

  self->busy = FALSE;
  gtk_widget_set_sensitive (self->action_button, TRUE);
  show_problem (self, text);
}
