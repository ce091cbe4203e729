/*
 * till-credit-dialog.c: to whom a payment in suspense is credited
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-credit-dialog.h"
#include "till-error-text.h"
#include "till-search.h"
#include "till-words.h"

/* Whoever is not among so many is found by typing more. */
#define N_ANSWERS_MAX 5

/* Shorter than this is no reason that an auditor could follow. */
#define REASON_CHARS_MIN 2

/**
 * TillCreditDialog:
 *
 * The shop of the order is offered when there is one; another is found as at the counter. What the
 * meter will hold is shown before it is confirmed.
 */
struct _TillCreditDialog
{
  AdwWindow     parent_instance;

  TillDesk     *desk;
  TillStray    *stray;
  TillSearch   *search; /* (nullable) made at the first letter */
  gint64        account_id; /* 0 for nobody yet */
  gint64        meter_id;
  GArray       *meter_ids; /* of gint64 */
  gboolean      busy;
  gboolean      filling;   /* the meters are being put into the choice */
  GCancellable *quote_cancellable;

  GtkLabel     *subject;
  GtkWidget    *search_entry;
  GtkListBox   *answers;
  GtkLabel     *chosen;
  GtkWidget    *meter_row;
  GtkDropDown  *meter_drop;
  GtkLabel     *after;
  GtkWidget    *reason_entry;
  GtkLabel     *problem;
  GtkWidget    *action_button;
};

G_DEFINE_FINAL_TYPE (TillCreditDialog, till_credit_dialog, ADW_TYPE_WINDOW)

static void
show_problem (TillCreditDialog *self,
              const char       *text)
{
  gtk_label_set_text (self->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), text != NULL);
}

static void
on_quote_done_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(TillCreditDialog) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillQuote) quote = till_engine_quote_finish (TILL_ENGINE (source), result, &error);
  g_autofree char *after = NULL;
  g_autofree char *text = NULL;

  if (self->desk == NULL || quote == NULL)
    return;

  after = till_words_money (quote->remaining + quote->on_its_way + self->stray->amount);
  text = g_strdup_printf (_("After this the meter holds %s"), after);
  gtk_label_set_text (self->after, text);
  show_problem (self, quote->allowed ? NULL : till_error_text_for_rule (quote->code));
}

static void
ask_for_quote (TillCreditDialog *self)
{
  g_cancellable_cancel (self->quote_cancellable);
  g_clear_object (&self->quote_cancellable);
  gtk_label_set_text (self->after, "");
  if (self->account_id == 0)
    return;

  self->quote_cancellable = g_cancellable_new ();
  till_engine_quote_async (till_desk_get_engine (self->desk), self->account_id, self->meter_id,
                           self->stray->amount, self->quote_cancellable, on_quote_done_cb,
                           g_object_ref (self));
}

static void
fill_meters (TillCreditDialog *self,
             gint64            meter_id)
{
  GPtrArray *meters = till_site_model_get_meters_of_account (till_desk_get_model (self->desk),
                                                             self->account_id);
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
  self->filling = TRUE;
  gtk_drop_down_set_model (self->meter_drop, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->meter_drop, selected);
  self->filling = FALSE;
  gtk_widget_set_visible (self->meter_row, self->meter_ids->len > 1);
}

static void
choose (TillCreditDialog *self,
        gint64            account_id,
        gint64            meter_id)
{
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk), account_id);
  g_autofree char *text = NULL;

  self->account_id = node != NULL ? account_id : 0;
  if (node != NULL)
    text = g_strdup_printf (_("To %s  %s"), till_node_get_title (node),
                            till_node_get_subtitle (node));
  gtk_label_set_text (self->chosen, text != NULL ? text : _("Nobody chosen yet"));
  gtk_widget_set_visible (GTK_WIDGET (self->answers), FALSE);
  show_problem (self, NULL);
  fill_meters (self, meter_id);
  ask_for_quote (self);
}

static void
clear_answers (TillCreditDialog *self)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->answers, 0)) != NULL)
    gtk_list_box_remove (self->answers, GTK_WIDGET (row));
}

static void
add_answer (TillCreditDialog      *self,
            const TillSearchMatch *match)
{
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (self->desk),
                                                  match->account->id);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *label = gtk_label_new (NULL);
  g_autofree char *text = g_strdup_printf ("%s  %s", till_node_get_title (node),
                                           till_node_get_subtitle (node));

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  g_object_set_data_full (G_OBJECT (row), "till-match", g_memdup2 (match, sizeof *match), g_free);
  gtk_list_box_append (self->answers, row);
}

static void
on_search_changed_cb (TillCreditDialog *self)
{
  g_autofree char *query = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
  TillSite *site = till_site_model_get_site (till_desk_get_model (self->desk));
  TillSearchMatch matches[N_ANSWERS_MAX];
  guint n = 0;

  clear_answers (self);
  if (*g_strstrip (query) != '\0' && site != NULL)
    {
      if (self->search == NULL)
        self->search = till_search_new (site);
      n = till_search_find (self->search, query, matches, N_ANSWERS_MAX);
    }

  for (guint i = 0; i < n; i++)
    add_answer (self, &matches[i]);
  gtk_widget_set_visible (GTK_WIDGET (self->answers), n > 0);
}

static void
on_answer_activated_cb (TillCreditDialog *self,
                        GtkListBoxRow    *row)
{
  const TillSearchMatch *match = g_object_get_data (G_OBJECT (row), "till-match");

  choose (self, match->account->id, match->meter_id);
  gtk_widget_grab_focus (self->reason_entry);
}

/* Enter takes the best answer, as at the counter. */
static void
on_search_activate_cb (TillCreditDialog *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->answers, 0);

  if (row != NULL)
    on_answer_activated_cb (self, row);
}

static void
on_meter_selected_cb (TillCreditDialog *self)
{
  const guint i = gtk_drop_down_get_selected (self->meter_drop);

  if (self->filling || i >= self->meter_ids->len)
    return;

  self->meter_id = g_array_index (self->meter_ids, gint64, i);
  ask_for_quote (self);
}

static void
on_decided_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(TillCreditDialog) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillStray) stray = till_engine_decide_stray_finish (TILL_ENGINE (source), result,
                                                                &error);

  self->busy = FALSE;
  if (self->desk == NULL)
    return;
  if (stray != NULL)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }

  gtk_widget_set_sensitive (self->action_button, TRUE);
  show_problem (self, till_error_text (error));
}

static void
on_action_clicked_cb (TillCreditDialog *self)
{
  g_autofree char *reason = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->reason_entry)));
  const TillStrayVerdict verdict = {
    .stray_id = self->stray->id,
    .decision = TILL_STRAY_DECISION_CREDIT,
    .account_id = self->account_id,
    .meter_id = self->meter_id,
    .reason = g_strstrip (reason),
    .operator_id = till_desk_get_operator_id (self->desk),
  };

  if (self->busy)
    return;
  if (self->account_id == 0 || self->meter_id == 0)
    {
      show_problem (self, _("Choose a tenant with a prepaid meter."));
      gtk_widget_grab_focus (self->search_entry);
      return;
    }
  if (g_utf8_strlen (reason, -1) < REASON_CHARS_MIN)
    {
      show_problem (self, _("Give a reason. It is kept with the record."));
      gtk_widget_grab_focus (self->reason_entry);
      return;
    }

  self->busy = TRUE;
  show_problem (self, NULL);
  gtk_widget_set_sensitive (self->action_button, FALSE);
  till_engine_decide_stray_async (till_desk_get_engine (self->desk), &verdict, NULL,
                                  on_decided_cb, g_object_ref (self));
}

static void
till_credit_dialog_dispose (GObject *object)
{
  TillCreditDialog *self = TILL_CREDIT_DIALOG (object);

  g_cancellable_cancel (self->quote_cancellable);
  g_clear_object (&self->quote_cancellable);
  g_clear_pointer (&self->search, till_search_free);
  g_clear_pointer (&self->stray, till_stray_unref);
  g_clear_pointer (&self->meter_ids, g_array_unref);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_credit_dialog_parent_class)->dispose (object);
}

static void
till_credit_dialog_class_init (TillCreditDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_credit_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/credit-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, subject);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, search_entry);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, answers);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, chosen);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, meter_row);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, meter_drop);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, after);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, reason_entry);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, TillCreditDialog, action_button);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_answer_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_meter_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_action_clicked_cb);
}

static void
till_credit_dialog_init (TillCreditDialog *self)
{
  self->meter_ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_credit_dialog_new:
 * @desk: the desk
 * @stray: a payment in suspense that is our money
 *
 * Returns: (transfer floating): a modal window that asks to whom it is credited, and why
 */
GtkWidget *
till_credit_dialog_new (TillDesk  *desk,
                        TillStray *stray)
{
  TillCreditDialog *self = g_object_new (TILL_TYPE_CREDIT_DIALOG, NULL);
  g_autofree char *amount = till_words_money (stray->amount);
  g_autofree char *subject = g_strdup_printf ("%s · %s", till_words_method (stray->method), amount);

  self->desk = g_object_ref (desk);
  self->stray = till_stray_ref (stray);
  gtk_label_set_text (self->subject, subject);
  choose (self, stray->account_id, stray->meter_id);
  if (self->account_id != 0)
    gtk_window_set_focus (GTK_WINDOW (self), self->reason_entry);

  return GTK_WIDGET (self);
}
