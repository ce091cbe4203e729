/*
 * till-print.c: receipts, on paper and as files, without holding anybody up
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <gtk/gtkunixprint.h>

#include "till-error-text.h"
#include "till-print.h"
#include "till-worker.h"

#define SETTINGS_GROUP "receipt"

/**
 * TillPrint:
 *
 * A receipt is first kept as a file in the data folder, drawn by a thread of its own, and then sent
 * to the printer chosen for this desk, if there is one. The sale is long made by then: whatever
 * happens here is told in a toast and never undoes it.
 */
struct _TillPrint
{
  GObject          parent_instance;

  TillDesk        *desk; /* not owned: the window owns both */
  TillWorker      *worker;
  char            *printer;   /* (nullable) name of the printer, %NULL for files only */
  TillReceiptPaper paper;
  char            *last_file; /* (nullable) */
};

/* One receipt on its way to a file. */
typedef struct
{
  TillReceipt     *receipt;
  TillReceiptPaper paper;
  char            *path;
} Drawing;

/* One file on its way to a printer. */
typedef struct
{
  TillPrint       *self;
  GtkPrinter      *printer; /* (nullable) until it was found */
  char            *path;
  char            *title;
  TillReceiptPaper paper;
} Job;

G_DEFINE_FINAL_TYPE (TillPrint, till_print, G_TYPE_OBJECT)

static void
drawing_free (Drawing *drawing)
{
  till_receipt_unref (drawing->receipt);
  g_free (drawing->path);
  g_free (drawing);
}

static void
job_free (Job *job)
{
  g_object_unref (job->self);
  g_clear_object (&job->printer);
  g_free (job->path);
  g_free (job->title);
  g_free (job);
}

static char *
settings_path (TillPrint *self)
{
  return g_build_filename (till_desk_get_data_dir (self->desk), "desk.ini", NULL);
}

/* Which printer stands at this desk is a matter of this desk, so it is not in the books. */
static void
load_settings (TillPrint *self)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autofree char *path = settings_path (self);
  g_autofree char *paper = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return;

  self->printer = g_key_file_get_string (file, SETTINGS_GROUP, "printer", NULL);
  if (self->printer != NULL && *self->printer == '\0')
    g_clear_pointer (&self->printer, g_free);
  paper = g_key_file_get_string (file, SETTINGS_GROUP, "paper", NULL);
  self->paper = g_strcmp0 (paper, "a5") == 0 ? TILL_RECEIPT_PAPER_A5 : TILL_RECEIPT_PAPER_80MM;
}

G_GNUC_PRINTF (2, 3)
static void
say (TillPrint  *self,
     const char *format,
     ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->desk != NULL)
    till_desk_say (self->desk, text);
}

static void
on_job_done_cb (GtkPrintJob  *print_job,
                gpointer      user_data,
                const GError *error)
{
  Job *job = user_data;

  if (error != NULL)
    {
      g_message ("printing %s: %s", job->path, error->message);
      say (job->self, _("Not printed. Check the printer; the receipt is kept as %s"), job->path);
    }
}

static GtkPageSetup *
make_page_setup (TillReceiptPaper paper)
{
  GtkPageSetup *setup = gtk_page_setup_new ();
  g_autoptr(GtkPaperSize) size = NULL;

  if (paper == TILL_RECEIPT_PAPER_A5)
    size = gtk_paper_size_new (GTK_PAPER_NAME_A5);
  else
    size = gtk_paper_size_new_custom ("tillwatt-roll", "80 mm", 80, 200, GTK_UNIT_MM);
  gtk_page_setup_set_paper_size (setup, size);

  return setup;
}

static void
send_job (Job *job)
{
  g_autoptr(GtkPrintSettings) settings = gtk_print_settings_new ();
  g_autoptr(GtkPageSetup) setup = make_page_setup (job->paper);
  g_autoptr(GtkPrintJob) print_job = gtk_print_job_new (job->title, job->printer, settings, setup);
  g_autoptr(GError) error = NULL;

  if (!gtk_print_job_set_source_file (print_job, job->path, &error))
    {
      on_job_done_cb (print_job, job, error);
      job_free (job);
      return;
    }

  gtk_print_job_send (print_job, on_job_done_cb, job, (GDestroyNotify)job_free);
}

static gboolean
is_wanted_printer (GtkPrinter *printer,
                   gpointer    user_data)
{
  Job *job = user_data;

  if (job->printer == NULL && g_str_equal (gtk_printer_get_name (printer), job->self->printer))
    job->printer = g_object_ref (printer);

  return job->printer != NULL;
}

/* The list of printers is complete, or the printer was found and the rest does not matter. */
static void
on_printers_listed_cb (gpointer user_data)
{
  Job *job = user_data;

  if (job->printer != NULL)
    {
      send_job (job);
      return;
    }

  say (job->self, _("The printer “%s” is not there. The receipt is kept as a file."),
       job->self->printer);
  job_free (job);
}

static void
draw_in_worker (GTask   *task,
                gpointer data)
{
  Drawing *drawing = data;
  g_autofree char *folder = g_path_get_dirname (drawing->path);
  GError *error = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                             "cannot make the folder %s", folder);
  else if (!till_receipt_write_pdf (drawing->receipt, drawing->paper, drawing->path, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_strdup (drawing->path), g_free);
}

static void
on_drawn_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(TillPrint) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = till_worker_call_finish (TILL_WORKER (source), result, &error);
  Job *job;

  if (path == NULL)
    {
      g_message ("receipt: %s", error->message);
      say (self, _("The receipt could not be made. %s"), till_error_text (error));
      return;
    }

  g_free (self->last_file);
  self->last_file = g_strdup (path);
  if (self->printer == NULL)
    {
      say (self, _("Receipt kept as %s"), path);
      return;
    }

  job = g_new0 (Job, 1);
  job->self = g_object_ref (self);
  job->title = g_path_get_basename (path);
  job->path = g_steal_pointer (&path);
  job->paper = self->paper;
  gtk_enumerate_printers (is_wanted_printer, job, on_printers_listed_cb, FALSE);
}

static void
on_receipt_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(TillPrint) self = user_data;
  g_autoptr(GError) error = NULL;
  TillReceipt *receipt = till_engine_get_receipt_finish (TILL_ENGINE (source), result, &error);
  g_autofree char *name = NULL;
  Drawing *drawing;

  if (receipt == NULL)
    {
      say (self, "%s", till_error_text (error));
      return;
    }
  if (self->desk == NULL)
    {
      till_receipt_unref (receipt);
      return;
    }

  if (receipt->reprint > 0)
    name = g_strdup_printf ("%s-%u.pdf", receipt->number, receipt->reprint);
  else
    name = g_strdup_printf ("%s.pdf", receipt->number);

  drawing = g_new0 (Drawing, 1);
  drawing->receipt = receipt;
  drawing->paper = self->paper;
  drawing->path = g_build_filename (till_desk_get_data_dir (self->desk), "receipts",
                                    g_strdelimit (name, "/\\", '-'), NULL);
  till_worker_call_async (self->worker, draw_in_worker, drawing, (GDestroyNotify)drawing_free,
                          NULL, on_drawn_cb, g_object_ref (self));
}

static void
till_print_finalize (GObject *object)
{
  TillPrint *self = TILL_PRINT (object);

  till_print_stop (self);
  g_free (self->printer);
  g_free (self->last_file);

  G_OBJECT_CLASS (till_print_parent_class)->finalize (object);
}

static void
till_print_class_init (TillPrintClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_print_finalize;
}

static void
till_print_init (TillPrint *self)
{
  self->worker = till_worker_new ("receipts");
}

/**
 * till_print_new:
 * @desk: the desk, which must stand until till_print_stop()
 *
 * Returns: (transfer full): the receipts of @desk
 */
TillPrint *
till_print_new (TillDesk *desk)
{
  TillPrint *self = g_object_new (TILL_TYPE_PRINT, NULL);

  self->desk = desk;
  load_settings (self);

  return self;
}

/**
 * till_print_receipt:
 * @self: the receipts
 * @order_id: number of a paid order
 *
 * Prints the receipt of @order_id, or prints it again. Returns at once; how it went is told by
 * till_desk_say().
 */
void
till_print_receipt (TillPrint  *self,
                    const char *order_id)
{
  g_return_if_fail (TILL_IS_PRINT (self));
  g_return_if_fail (order_id != NULL);

  if (self->desk == NULL)
    return;

  till_engine_get_receipt_async (till_desk_get_engine (self->desk), order_id, TRUE,
                                 till_desk_get_operator_id (self->desk), NULL,
                                 on_receipt_cb, g_object_ref (self));
}

static void
on_sheets_done_cb (GtkPrintJob  *print_job,
                   gpointer      user_data,
                   const GError *error)
{
  TillPrint *self = user_data;

  if (error == NULL)
    return;

  g_message ("printing: %s", error->message);
  say (self, _("Not printed. Check the printer and try again."));
}

static void
on_sheets_response_cb (GtkPrintUnixDialog *dialog,
                       int                 response,
                       TillPrint          *self)
{
  GtkPrinter *printer = gtk_print_unix_dialog_get_selected_printer (dialog);
  const char *path = g_object_get_data (G_OBJECT (dialog), "till-path");
  g_autoptr(GtkPrintSettings) settings = gtk_print_unix_dialog_get_settings (dialog);
  g_autoptr(GtkPrintJob) print_job = NULL;
  g_autoptr(GError) error = NULL;

  if (response == GTK_RESPONSE_OK && printer != NULL)
    {
      print_job = gtk_print_job_new (gtk_window_get_title (GTK_WINDOW (dialog)), printer, settings,
                                     gtk_print_unix_dialog_get_page_setup (dialog));
      if (gtk_print_job_set_source_file (print_job, path, &error))
        gtk_print_job_send (print_job, on_sheets_done_cb, g_object_ref (self), g_object_unref);
      else
        on_sheets_done_cb (print_job, self, error);
    }

  gtk_window_destroy (GTK_WINDOW (dialog));
}

/**
 * till_print_sheets:
 * @self: the receipts
 * @parent: the window that asks
 * @path: a PDF of A4
 *
 * Asks for a printer for sheets, which is another than that for receipts, and sends the file there.
 *
 * Returns: (transfer none): the dialog, presented
 */
GtkWidget *
till_print_sheets (TillPrint  *self,
                   GtkWindow  *parent,
                   const char *path)
{
  GtkWidget *dialog = gtk_print_unix_dialog_new (_("Print"), parent);

  g_return_val_if_fail (TILL_IS_PRINT (self), NULL);

  g_object_set_data_full (G_OBJECT (dialog), "till-path", g_strdup (path), g_free);
  gtk_print_unix_dialog_set_manual_capabilities (GTK_PRINT_UNIX_DIALOG (dialog),
                                                 GTK_PRINT_CAPABILITY_GENERATE_PDF);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_sheets_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));

  return dialog;
}

/**
 * till_print_stop:
 * @self: the receipts
 *
 * Finishes the receipt that is being drawn and takes no more. May be called twice.
 */
void
till_print_stop (TillPrint *self)
{
  g_return_if_fail (TILL_IS_PRINT (self));

  self->desk = NULL;
  if (self->worker != NULL)
    till_worker_stop (self->worker);
  g_clear_object (&self->worker);
}

/**
 * till_print_get_printer:
 * @self: the receipts
 *
 * Returns: (nullable): the printer of this desk, %NULL when receipts are kept as files only
 */
const char *
till_print_get_printer (TillPrint *self)
{
  g_return_val_if_fail (TILL_IS_PRINT (self), NULL);

  return self->printer;
}

TillReceiptPaper
till_print_get_paper (TillPrint *self)
{
  g_return_val_if_fail (TILL_IS_PRINT (self), TILL_RECEIPT_PAPER_80MM);

  return self->paper;
}

/**
 * till_print_set_printer:
 * @self: the receipts
 * @printer: (nullable): name of a printer, %NULL to keep receipts as files only
 * @paper: what is in it
 *
 * Chooses where receipts go from now on, and remembers it for this desk.
 */
void
till_print_set_printer (TillPrint       *self,
                        const char      *printer,
                        TillReceiptPaper paper)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;

  g_return_if_fail (TILL_IS_PRINT (self));

  g_free (self->printer);
  self->printer = g_strdup (printer);
  self->paper = paper;
  if (self->desk == NULL)
    return;

  path = settings_path (self);
  g_key_file_set_string (file, SETTINGS_GROUP, "printer", printer != NULL ? printer : "");
  g_key_file_set_string (file, SETTINGS_GROUP, "paper",
                         paper == TILL_RECEIPT_PAPER_A5 ? "a5" : "80mm");
  if (!g_key_file_save_to_file (file, path, &error))
    {
      g_message ("%s: %s", path, error->message);
      say (self, _("The choice holds until you leave, but could not be kept in %s"), path);
    }
}

/**
 * till_print_get_last_file:
 * @self: the receipts
 *
 * Returns: (nullable): the file of the last receipt
 */
const char *
till_print_get_last_file (TillPrint *self)
{
  g_return_val_if_fail (TILL_IS_PRINT (self), NULL);

  return self->last_file;
}
