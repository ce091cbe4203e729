/*
 * till-printer-dialog.c: which printer stands at this desk
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>
#include <gtk/gtkunixprint.h>

#include "till-printer-dialog.h"

/**
 * TillPrinterDialog:
 *
 * The printers there are, and the paper. Printers come in as they are found; nobody waits for them.
 */
struct _TillPrinterDialog
{
  AdwWindow      parent_instance;

  TillPrint     *print;
  GtkStringList *names;

  AdwComboRow   *printer_row;
  AdwComboRow   *paper_row;
};

G_DEFINE_FINAL_TYPE (TillPrinterDialog, till_printer_dialog, ADW_TYPE_WINDOW)

static gboolean
add_printer (GtkPrinter *printer,
             gpointer    user_data)
{
  TillPrinterDialog *self = user_data;
  const char *name = gtk_printer_get_name (printer);

  if (gtk_printer_is_virtual (printer))
    return FALSE;

  for (guint i = 1; i < g_list_model_get_n_items (G_LIST_MODEL (self->names)); i++)
    {
      if (g_str_equal (gtk_string_list_get_string (self->names, i), name))
        return FALSE;
    }

  gtk_string_list_append (self->names, name);
  if (g_strcmp0 (till_print_get_printer (self->print), name) == 0)
    adw_combo_row_set_selected (self->printer_row,
                                g_list_model_get_n_items (G_LIST_MODEL (self->names)) - 1);

  return FALSE;
}

static void
on_save_clicked_cb (TillPrinterDialog *self)
{
  const guint i = adw_combo_row_get_selected (self->printer_row);
  const TillReceiptPaper paper = adw_combo_row_get_selected (self->paper_row) == 1
                                 ? TILL_RECEIPT_PAPER_A5 : TILL_RECEIPT_PAPER_80MM;

  till_print_set_printer (self->print,
                          i == 0 ? NULL : gtk_string_list_get_string (self->names, i), paper);
  gtk_window_close (GTK_WINDOW (self));
}

static void
till_printer_dialog_dispose (GObject *object)
{
  TillPrinterDialog *self = TILL_PRINTER_DIALOG (object);

  g_clear_object (&self->print);

  G_OBJECT_CLASS (till_printer_dialog_parent_class)->dispose (object);
}

static void
till_printer_dialog_class_init (TillPrinterDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_printer_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/printer-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TillPrinterDialog, printer_row);
  gtk_widget_class_bind_template_child (widget_class, TillPrinterDialog, paper_row);
  gtk_widget_class_bind_template_child (widget_class, TillPrinterDialog, names);
  gtk_widget_class_bind_template_callback (widget_class, on_save_clicked_cb);
}

static void
till_printer_dialog_init (TillPrinterDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_printer_dialog_new:
 * @print: the receipts
 *
 * Returns: (transfer floating): a dialog to choose the printer for @print
 */
GtkWidget *
till_printer_dialog_new (TillPrint *print)
{
  TillPrinterDialog *self = g_object_new (TILL_TYPE_PRINTER_DIALOG, NULL);

  self->print = g_object_ref (print);
  adw_combo_row_set_selected (self->paper_row,
                              till_print_get_paper (print) == TILL_RECEIPT_PAPER_A5 ? 1 : 0);
  gtk_enumerate_printers (add_printer, g_object_ref (self), g_object_unref, FALSE);

  return GTK_WIDGET (self);
}
