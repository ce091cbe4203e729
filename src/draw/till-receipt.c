/*
 * till-receipt.c: the receipt of a sale, on a roll of 80 mm or a sheet of A5
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-draw"

#include "config.h"

#include <cairo-pdf.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "till-clock.h"
#include "till-page.h"
#include "till-receipt-private.h"

/* A sheet has one size: names that do not fit make everything smaller, in these steps. */
#define SHEET_SCALE_STEP 0.05
#define SHEET_SCALE_MIN 0.4

/**
 * till_receipt_get_title:
 *
 * Returns: what stands at the head of a receipt
 */
const char *
till_receipt_get_title (void)
{
  return C_("receipt", "Electricity receipt");
}

/**
 * till_receipt_get_method_label:
 * @self: a receipt
 *
 * Returns: how it was paid, in the language of the window
 */
const char *
till_receipt_get_method_label (const TillReceipt *self)
{
  switch (self->method)
    {
    case TILL_METHOD_CASH:
      return C_("receipt", "Cash");
    case TILL_METHOD_POS:
      return C_("receipt", "Bank card");
    case TILL_METHOD_TRANSFER:
      return C_("receipt", "Bank transfer");
    case TILL_METHOD_WECHAT:
      return C_("receipt", "WeChat Pay");
    case TILL_METHOD_ALIPAY:
      return C_("receipt", "Alipay");
    default:
      g_return_val_if_reached ("");
    }
}

/**
 * till_receipt_get_delivery_label:
 * @self: a receipt
 *
 * Returns: where the amount is, for a receipt that cannot show the balance yet
 */
const char *
till_receipt_get_delivery_label (const TillReceipt *self)
{
  switch (self->state)
    {
    case TILL_ORDER_STATE_PAID:
      return C_("receipt", "On its way to the meter; what the meter shows decides");
    case TILL_ORDER_STATE_CREDITED:
      return C_("receipt", "Credited; what the meter shows decides");
    case TILL_ORDER_STATE_REVIEW:
      return C_("receipt", "Being checked; what the meter shows decides");
    case TILL_ORDER_STATE_REFUSED:
      return C_("receipt", "Not credited; kept for the tenant by the finance office");
    case TILL_ORDER_STATE_REFUNDED:
      return C_("receipt", "Given back to the tenant");
    case TILL_ORDER_STATE_NEW:
    case TILL_ORDER_STATE_EXPIRED:
      return C_("receipt", "Not paid");
    default:
      g_return_val_if_reached ("");
    }
}

/**
 * till_receipt_list_banners:
 * @self: a receipt
 *
 * Lists what must be seen before anything else: that this is a demonstration, a copy, or no longer
 * good.
 *
 * Returns: (transfer full) (element-type utf8): the texts, none for an ordinary receipt
 */
GPtrArray *
till_receipt_list_banners (const TillReceipt *self)
{
  GPtrArray *banners = g_ptr_array_new_with_free_func (g_free);

  if (self->demo)
    g_ptr_array_add (banners, g_strdup (C_("receipt", "DEMONSTRATION, not a receipt")));

  if (self->reprint > 0)
    g_ptr_array_add (banners, g_strdup_printf (C_("receipt", "REPRINT %u"), self->reprint));

  if (self->state == TILL_ORDER_STATE_REFUNDED)
    g_ptr_array_add (banners, g_strdup (C_("receipt", "REFUNDED")));
  else if (self->state == TILL_ORDER_STATE_NEW || self->state == TILL_ORDER_STATE_EXPIRED)
    g_ptr_array_add (banners, g_strdup (C_("receipt", "NOT PAID")));

  return banners;
}

/**
 * till_receipt_format_amount:
 * @amount: an amount
 *
 * Returns: (transfer full): `¥12,345.60`
 */
char *
till_receipt_format_amount (TillMoney amount)
{
  g_autofree char *grouped = till_money_format_grouped (ABS (amount));

  return g_strconcat (amount < 0 ? "-¥" : "¥", grouped, NULL);
}

/**
 * till_receipt_format_words:
 * @amount: an amount
 *
 * Returns: (transfer full): the amount in capital figures after the name of the currency, without a
 *   blank in between, as the rules for papers demand
 */
char *
till_receipt_format_words (TillMoney amount)
{
  g_autofree char *capital = till_money_to_capital (amount);

  return g_strconcat (C_("receipt", "RMB "), capital, NULL);
}

/**
 * till_receipt_draw_banner:
 * @cr: what to draw on
 * @text: a few words
 * @x: the left edge, in points
 * @y: the upper edge
 * @width: of the bar
 * @size: height of the letters
 *
 * Draws white letters on a black bar: a thermal printer has no other loud colour.
 *
 * Returns: the height of the bar
 */
double
till_receipt_draw_banner (cairo_t    *cr,
                          const char *text,
                          double      x,
                          double      y,
                          double      width,
                          double      size)
{
  const TillPageStyle style = { size, PANGO_ALIGN_CENTER, TRUE };
  const double pad = size / 4;
  const double height = till_page_measure_text (cr, text, width - 2 * pad, &style) + 2 * pad;

  cairo_save (cr);
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  till_page_draw_text (cr, text, x + pad, y + pad, width - 2 * pad, &style);
  cairo_restore (cr);
  return height;
}

/* Something to lay out on that keeps nothing. */
static cairo_t *
make_scratch (void)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);
  cairo_t *cr = cairo_create (surface);

  cairo_surface_destroy (surface);
  return cr;
}

/* The largest scale at which everything stands on the sheet. */
static double
find_sheet_scale (const TillReceipt *self)
{
  cairo_t *scratch = make_scratch ();
  double scale = 1;

  while (scale > SHEET_SCALE_MIN &&
         till_receipt_draw_sheet (self, scratch, scale) > TILL_RECEIPT_SHEET_HEIGHT)
    scale -= SHEET_SCALE_STEP;

  cairo_destroy (scratch);
  return scale;
}

/**
 * till_receipt_get_size:
 * @self: a receipt
 * @paper: what it is printed on
 * @width_pt: (out): the width of the paper, in points
 * @height_pt: (out): its height; of a roll, what this receipt needs
 *
 * Says how large the paper is.
 */
void
till_receipt_get_size (const TillReceipt *self,
                       TillReceiptPaper   paper,
                       double            *width_pt,
                       double            *height_pt)
{
  g_return_if_fail (self != NULL && width_pt != NULL && height_pt != NULL);

  if (paper == TILL_RECEIPT_PAPER_A5)
    {
      *width_pt = TILL_RECEIPT_SHEET_WIDTH;
      *height_pt = TILL_RECEIPT_SHEET_HEIGHT;
      return;
    }

  cairo_t *scratch = make_scratch ();

  *width_pt = TILL_RECEIPT_ROLL_WIDTH;
  *height_pt = till_receipt_draw_roll (self, scratch);
  cairo_destroy (scratch);
}

/**
 * till_receipt_draw:
 * @self: a receipt
 * @paper: what it is printed on
 * @cr: what to draw on; one unit is a point, the origin is the upper left corner of the paper
 *
 * Paints the receipt: on the screen, to a printer, into a file. The paper's own white is not
 * painted.
 */
void
till_receipt_draw (const TillReceipt *self,
                   TillReceiptPaper   paper,
                   cairo_t           *cr)
{
  double width = 0;
  double height = 0;

  g_return_if_fail (self != NULL && cr != NULL);

  till_receipt_get_size (self, paper, &width, &height);

  cairo_save (cr);
  if (self->demo)
    till_page_draw_watermark (cr, C_("receipt", "DEMO"), width, height);

  cairo_set_source_rgb (cr, 0, 0, 0);
  if (paper == TILL_RECEIPT_PAPER_A5)
    till_receipt_draw_sheet (self, cr, find_sheet_scale (self));
  else
    till_receipt_draw_roll (self, cr);

  cairo_restore (cr);
}

static cairo_status_t
append_bytes (void                *closure,
              const unsigned char *data,
              unsigned int         length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t
render_pdf (const TillReceipt *self,
            TillReceiptPaper   paper,
            GByteArray        *bytes)
{
  double width = 0;
  double height = 0;
  g_autofree char *when = till_clock_format_iso (self->paid_ms);

  till_receipt_get_size (self, paper, &width, &height);

  cairo_surface_t *surface =
    cairo_pdf_surface_create_for_stream (append_bytes, bytes, width, height);
  cairo_t *cr = cairo_create (surface);

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, self->number);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_AUTHOR, self->site_name);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATE_DATE, when);
  till_receipt_draw (self, paper, cr);
  cairo_show_page (cr);

  cairo_status_t status = cairo_status (cr);

  cairo_destroy (cr);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);

  cairo_surface_destroy (surface);
  return status;
}

/**
 * till_receipt_write_pdf:
 * @self: a receipt
 * @paper: what it is printed on
 * @path: the file to write
 * @error: return location for a #GError
 *
 * Writes the receipt as a PDF that only its owner may read. The file is written beside @path,
 * brought to the disk and then renamed, so that @path is whole or as it was before. Blocks; any
 * thread may call it.
 *
 * Returns: %TRUE when the file is there, %FALSE with @error set (#G_FILE_ERROR) otherwise
 */
gboolean
till_receipt_write_pdf (const TillReceipt *self,
                        TillReceiptPaper   paper,
                        const char        *path,
                        GError           **error)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  const cairo_status_t status = render_pdf (self, paper, bytes);

  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "Receipt %s cannot be drawn: %s",
                   self->number, cairo_status_to_string (status));
      return FALSE;
    }

  return g_file_set_contents_full (path, (const char *)bytes->data, bytes->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}
