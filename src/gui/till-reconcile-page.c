/*
 * till-reconcile-page.c: the daily match with the bills of the gateways
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-error-text.h"
#include "till-match-paper.h"
#include "till-match-view.h"
#include "till-reconcile-page.h"
#include "till-words-online.h"
#include "till-words.h"
#include "till-worker.h"

/* So many days back are listed; gateways keep their bills for three months. */
#define N_DAYS 31

#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

/* A bill is made in the morning of the next day. */
#define BILL_HOUR 10

/**
 * TillReconcilePage:
 *
 * The days on the left, each with a mark for where it stands; on the right the match of the chosen
 * day, or how to make it. Yesterday is chosen at first. What was matched is kept and comes up again
 * at once.
 */
struct _TillReconcilePage
{
  GtkWidget           parent_instance;

  TillDesk           *desk;
  TillPrint          *print;
  TillWorker         *worker;
  TillMethod          method;
  int                 day;
  GPtrArray          *kept;  /* (nullable) of TillReconciliation, without their differences */
  TillReconciliation *match; /* (nullable) of the chosen day */
  gboolean            busy;
  gboolean            filling; /* the list of days is being made */

  GtkWidget          *box;
  GtkWidget          *wechat_button;
  GtkWidget          *alipay_button;
  GtkListBox         *days;
  GtkWidget          *other_button;
  GtkCalendar        *calendar;
  GtkLabel           *title;
  GtkLabel           *problem;
  GtkWidget          *download_button;
  GtkWidget          *file_button;
  GtkWidget          *csv_button;
  GtkWidget          *pdf_button;
  GtkWidget          *print_button;
  GtkLabel           *not_allowed;
  GtkLabel           *none_text;
  GtkLabel           *busy_text;
  GtkStack           *stack;
  GtkWidget          *view;
};

G_DEFINE_FINAL_TYPE (TillReconcilePage, till_reconcile_page, GTK_TYPE_WIDGET)

static int
get_yesterday (void)
{
  return till_clock_day_of (till_clock_now_ms () - DAY_MS);
}

static void
show_problem (TillReconcilePage *self,
              const char        *text,
              const char        *detail)
{
  g_autofree char *whole = text != NULL && detail != NULL ? g_strdup_printf ("%s\n%s", text, detail)
                                                          : g_strdup (text);

  gtk_label_set_text (self->problem, whole != NULL ? whole : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), whole != NULL);
}

static const TillReconciliation *
find_kept (TillReconcilePage *self,
           int                day)
{
  for (guint i = 0; self->kept != NULL && i < self->kept->len; i++)
    {
      const TillReconciliation *match = self->kept->pdata[i];

      if (match->method == self->method && match->day == day)
        return match;
    }

  return NULL;
}

static void
show_day (TillReconcilePage *self)
{
  const gboolean may = till_desk_may_decide (self->desk);
  const gboolean has_match = self->match != NULL;
  const gint64 end_ms = till_clock_day_start_ms (till_clock_day_next (self->day));
  const gboolean over = till_clock_now_ms () >= end_ms;
  g_autofree char *day = till_words_day (self->day);
  g_autofree char *title = g_strdup_printf ("%s  %s", till_words_method (self->method), day);
  g_autofree char *ready = till_clock_format (end_ms + BILL_HOUR * (DAY_MS / 24));
  g_autofree char *none = NULL;

  /* Without the seconds. */
  ready[strlen ("2026-11-24 10:00")] = '\0';
  none = g_strdup_printf (_("This day was not matched yet. The gateway’s bill is ready from %s."),
                          ready);
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->none_text, none);
  gtk_widget_set_sensitive (self->download_button, may && over && !self->busy);
  gtk_widget_set_sensitive (self->file_button, may && over && !self->busy);
  gtk_button_set_label (GTK_BUTTON (self->download_button), has_match ? _("Download and match anew")
                                                                      : _("Download and match"));
  gtk_widget_set_sensitive (self->csv_button, has_match);
  gtk_widget_set_sensitive (self->pdf_button, has_match);
  gtk_widget_set_sensitive (self->print_button, has_match);
  gtk_widget_set_visible (GTK_WIDGET (self->not_allowed), !may);
  gtk_stack_set_visible_child_name (self->stack, self->busy ? "busy" : has_match ? "match"
                                                                                 : "none");
}

static void
take_match (TillReconcilePage  *self,
            TillReconciliation *match)
{
  if (match != NULL)
    till_reconciliation_ref (match);
  till_reconciliation_unref (self->match);
  self->match = match;
  till_match_view_show (TILL_MATCH_VIEW (self->view), match);
  show_day (self);
}

/*
 * The days
 */

static GtkWidget *
make_day_row (TillReconcilePage *self,
              int                day)
{
  const TillReconciliation *match = find_kept (self, day);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *state = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *text = till_words_day (day);
  g_autofree char *word = NULL;
  GtkWidget *label = gtk_label_new (text);
  const char *icon = "content-loading-symbolic";
  const char *style = "dim-label";

  if (match == NULL)
    word = g_strdup (_("not matched"));
  else if (match->n_open > 0)
    word = g_strdup_printf (ngettext ("%u open", "%u open", match->n_open), match->n_open);
  else
    word = g_strdup (_("settled"));
  if (match != NULL)
    {
      icon = match->n_open > 0 ? "dialog-warning-symbolic" : "emblem-ok-symbolic";
      style = match->n_open > 0 ? "warning" : "success";
    }

  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (state), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (state), gtk_label_new (word));
  gtk_widget_add_css_class (state, style);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), state);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data (G_OBJECT (row), "till-day", GINT_TO_POINTER (day));

  return row;
}

static int
day_of_row (GtkListBoxRow *row)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (row), "till-day"));
}

/* The last days, newest first, and an older one when it is the chosen one. */
static void
fill_days (TillReconcilePage *self)
{
  const gint64 now_ms = till_clock_now_ms ();
  const int oldest = till_clock_day_of (now_ms - N_DAYS * DAY_MS);
  GtkListBoxRow *row;

  self->filling = TRUE;
  while ((row = gtk_list_box_get_row_at_index (self->days, 0)) != NULL)
    gtk_list_box_remove (self->days, GTK_WIDGET (row));
  for (int i = 1; i <= N_DAYS; i++)
    gtk_list_box_append (self->days, make_day_row (self, till_clock_day_of (now_ms - i * DAY_MS)));
  if (self->day < oldest)
    gtk_list_box_append (self->days, make_day_row (self, self->day));

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->days, i)) != NULL; i++)
    if (day_of_row (row) == self->day)
      gtk_list_box_select_row (self->days, row);
  self->filling = FALSE;
}

static void
on_got_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(TillReconcilePage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReconciliation) match =
    till_engine_get_reconciliation_finish (TILL_ENGINE (source), result, &error);

  if (self->desk == NULL || match == NULL || match->day != self->day
      || match->method != self->method)
    return;

  take_match (self, match);
}

/* Shows what is kept of the chosen day. */
static void
open_day (TillReconcilePage *self)
{
  const TillReconciliation *kept = find_kept (self, self->day);

  take_match (self, NULL);
  if (kept != NULL)
    till_engine_get_reconciliation_async (till_desk_get_engine (self->desk), kept->id, NULL,
                                          on_got_cb, g_object_ref (self));
}

static void
on_listed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(TillReconcilePage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_engine_list_reconciliations_finish (TILL_ENGINE (source),
                                                                       result, &error);

  if (self->desk == NULL)
    return;
  if (list == NULL)
    {
      show_problem (self, till_error_text (error), NULL);
      return;
    }

  g_clear_pointer (&self->kept, g_ptr_array_unref);
  self->kept = g_steal_pointer (&list);
  fill_days (self);
  if (self->match == NULL && !self->busy)
    open_day (self);
}

static void
load (TillReconcilePage *self)
{
  till_engine_list_reconciliations_async (till_desk_get_engine (self->desk), NULL, on_listed_cb,
                                          g_object_ref (self));
}

static void
on_map_cb (TillReconcilePage *self)
{
  if (self->desk == NULL || till_desk_get_operator (self->desk) == NULL)
    return;

  show_day (self);
  load (self);
}

static void
on_day_selected_cb (TillReconcilePage *self,
                    GtkListBoxRow     *row)
{
  if (row == NULL || self->filling || self->busy || day_of_row (row) == self->day)
    return;

  self->day = day_of_row (row);
  show_problem (self, NULL, NULL);
  open_day (self);
}

static void
on_method_toggled_cb (TillReconcilePage *self)
{
  const gboolean wechat = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->wechat_button));
  const TillMethod method = wechat ? TILL_METHOD_WECHAT : TILL_METHOD_ALIPAY;

  if (self->desk == NULL || self->busy || method == self->method)
    return;

  till_reconcile_page_choose (self, method, self->day);
}

static void
on_calendar_selected_cb (TillReconcilePage *self)
{
  g_autoptr(GDateTime) date = gtk_calendar_get_date (self->calendar);
  const int day = g_date_time_get_year (date) * 10000 + g_date_time_get_month (date) * 100
                  + g_date_time_get_day_of_month (date);

  if (self->busy)
    return;

  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->other_button));
  till_reconcile_page_choose (self, self->method, day);
}

/*
 * Matching
 */

static void
on_matched_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(TillReconcilePage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReconciliation) match = till_engine_reconcile_finish (TILL_ENGINE (source), result,
                                                                      &error);

  self->busy = FALSE;
  if (self->desk == NULL)
    return;

  if (match != NULL)
    {
      take_match (self, match);
      load (self);
      return;
    }

  /* What the gateway or the file says of itself is the only thing that helps, so it is shown. */
  show_problem (self, _("There is no bill to match. Bills are ready from 10:00 of the next day; or "
                        "download it from the merchant’s page and open the file."), error->message);
  show_day (self);
}

static void
on_download_clicked_cb (TillReconcilePage *self)
{
  till_reconcile_page_match (self, NULL);
}

static void
on_file_chosen_cb (GtkNativeDialog   *dialog,
                   int                response,
                   TillReconcilePage *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

      if (path != NULL)
        till_reconcile_page_match (self, path);
    }

  g_object_unref (dialog);
}

static void
on_file_clicked_cb (TillReconcilePage *self)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Open a bill"), window,
                                                               GTK_FILE_CHOOSER_ACTION_OPEN,
                                                               _("_Open"), _("_Cancel"));
  g_autoptr(GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Bills (.csv, .zip, .gz)"));
  gtk_file_filter_add_pattern (filter, "*.csv");
  gtk_file_filter_add_pattern (filter, "*.zip");
  gtk_file_filter_add_pattern (filter, "*.gz");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_file_chosen_cb), self, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_acted_cb (TillReconcilePage  *self,
             TillReconciliation *match)
{
  take_match (self, match);
  load (self);
}

/*
 * Files and paper
 */

typedef struct
{
  TillReconciliation *match;
  char               *site_name;
  gboolean            demo;
  char               *path;
} Paper;

static void
paper_free (Paper *paper)
{
  till_reconciliation_unref (paper->match);
  g_free (paper->site_name);
  g_free (paper->path);
  g_free (paper);
}

static void
write_in_worker (GTask   *task,
                 gpointer data)
{
  Paper *paper = data;
  g_autofree char *folder = g_path_get_dirname (paper->path);
  GError *error = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                             "cannot make the folder %s", folder);
  else if (till_match_paper_write (paper->match, paper->site_name, paper->demo, paper->path,
                                   &error))
    g_task_return_pointer (task, g_strdup (paper->path), g_free);
  else
    g_task_return_error (task, error);
}

static void
write_paper (TillReconcilePage  *self,
             const char         *path,
             GAsyncReadyCallback callback)
{
  TillSite *site = till_site_model_get_site (till_desk_get_model (self->desk));
  Paper *paper = g_new0 (Paper, 1);

  if (self->worker == NULL)
    self->worker = till_worker_new ("bills");
  paper->match = till_reconciliation_ref (self->match);
  paper->site_name = g_strdup (site != NULL ? site->name : "");
  paper->demo = till_desk_is_demo (self->desk);
  paper->path = g_strdup (path);
  till_worker_call_async (self->worker, write_in_worker, paper, (GDestroyNotify)paper_free, NULL,
                          callback, g_object_ref (self));
}

static void
on_exported_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(TillReconcilePage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = till_worker_call_finish (TILL_WORKER (source), result, &error);
  g_autofree char *text = NULL;

  if (self->desk == NULL)
    return;

  if (path != NULL)
    text = g_strdup_printf (_("Kept as %s"), path);
  till_desk_say (self->desk, text != NULL ? text : till_error_text (error));
}

static void
on_print_written_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(TillReconcilePage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = till_worker_call_finish (TILL_WORKER (source), result, &error);

  if (self->desk == NULL)
    return;

  if (path != NULL)
    till_print_sheets (self->print, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), path);
  else
    till_desk_say (self->desk, till_error_text (error));
}

static char *
make_name (TillReconcilePage *self,
           const char        *suffix)
{
  g_autofree char *day = till_words_day (self->day);

  return g_strdup_printf ("%s-%s%s", day, till_enum_to_nick (TILL_TYPE_METHOD, (int)self->method),
                          suffix);
}

static void
on_print_clicked_cb (TillReconcilePage *self)
{
  g_autofree char *name = make_name (self, ".pdf");
  g_autofree char *path = g_build_filename (till_desk_get_data_dir (self->desk), "bills", name,
                                            NULL);

  if (self->match != NULL)
    write_paper (self, path, on_print_written_cb);
}

static void
on_save_chosen_cb (GtkNativeDialog   *dialog,
                   int                response,
                   TillReconcilePage *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

      if (path != NULL)
        till_reconcile_page_export (self, path);
    }

  g_object_unref (dialog);
}

static void
ask_where (TillReconcilePage *self,
           const char        *suffix)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Keep the match as a file"),
                                                               window,
                                                               GTK_FILE_CHOOSER_ACTION_SAVE,
                                                               _("_Save"), _("_Cancel"));
  g_autofree char *name = make_name (self, suffix);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_save_chosen_cb), self, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_csv_clicked_cb (TillReconcilePage *self)
{
  ask_where (self, ".csv");
}

static void
on_pdf_clicked_cb (TillReconcilePage *self)
{
  ask_where (self, ".pdf");
}

static void
till_reconcile_page_dispose (GObject *object)
{
  TillReconcilePage *self = TILL_RECONCILE_PAGE (object);

  if (self->worker != NULL)
    till_worker_stop (self->worker);
  g_clear_object (&self->worker);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->kept, g_ptr_array_unref);
  g_clear_pointer (&self->match, till_reconciliation_unref);
  g_clear_object (&self->print);
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_reconcile_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, box);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, wechat_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, alipay_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, days);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, other_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, calendar);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, title);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, problem);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, download_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, file_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, csv_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, pdf_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, print_button);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, not_allowed);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, none_text);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, busy_text);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillReconcilePage, view);
}

static void
till_reconcile_page_class_init (TillReconcilePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_reconcile_page_dispose;

  g_type_ensure (TILL_TYPE_MATCH_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/reconcile-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_map_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_day_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_method_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_calendar_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_download_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_file_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_csv_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_pdf_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_print_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_acted_cb);
}

static void
till_reconcile_page_init (TillReconcilePage *self)
{
  self->method = TILL_METHOD_WECHAT;
  self->day = get_yesterday ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_reconcile_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 * @print: what prints
 */
void
till_reconcile_page_set_desk (TillReconcilePage *self,
                              TillDesk          *desk,
                              TillPrint         *print)
{
  g_return_if_fail (TILL_IS_RECONCILE_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  self->print = g_object_ref (print);
  till_match_view_set_desk (TILL_MATCH_VIEW (self->view), desk);
}

/**
 * till_reconcile_page_choose:
 * @self: the page
 * @method: WECHAT or ALIPAY
 * @day: yyyymmdd
 *
 * Shows this day from now on.
 */
void
till_reconcile_page_choose (TillReconcilePage *self,
                            TillMethod         method,
                            int                day)
{
  g_return_if_fail (TILL_IS_RECONCILE_PAGE (self));
  g_return_if_fail (till_words_is_online (method));

  self->method = method;
  self->day = day;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (method == TILL_METHOD_WECHAT
                                                   ? self->wechat_button
                                                   : self->alipay_button), TRUE);
  show_problem (self, NULL, NULL);
  fill_days (self);
  open_day (self);
}

int
till_reconcile_page_get_day (TillReconcilePage *self)
{
  g_return_val_if_fail (TILL_IS_RECONCILE_PAGE (self), 0);

  return self->day;
}

/**
 * till_reconcile_page_match:
 * @self: the page
 * @path: (nullable): of a bill; %NULL to download it
 *
 * Matches the chosen day.
 */
void
till_reconcile_page_match (TillReconcilePage *self,
                           const char        *path)
{
  g_autofree char *text = NULL;

  g_return_if_fail (TILL_IS_RECONCILE_PAGE (self));

  if (self->busy)
    return;

  self->busy = TRUE;
  text = path != NULL ? g_strdup (_("Reading the bill and matching it…"))
                      : g_strdup_printf (_("Asking %s for the bill…"),
                                         till_words_method (self->method));
  gtk_label_set_text (self->busy_text, text);
  show_problem (self, NULL, NULL);
  show_day (self);
  till_engine_reconcile_async (till_desk_get_engine (self->desk), self->method, self->day, path,
                               till_desk_get_operator_id (self->desk), NULL, on_matched_cb,
                               g_object_ref (self));
}

/**
 * till_reconcile_page_export:
 * @self: the page
 * @path: the file to write; by its end a table (`.csv`) or a paper (`.pdf`)
 *
 * Keeps the match that is shown as a file. How it went is told by till_desk_say().
 */
void
till_reconcile_page_export (TillReconcilePage *self,
                            const char        *path)
{
  g_return_if_fail (TILL_IS_RECONCILE_PAGE (self));

  if (self->match != NULL)
    write_paper (self, path, on_exported_cb);
}
