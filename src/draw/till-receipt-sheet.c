/*
 * till-receipt-sheet.c: a receipt on a sheet of A5, with a stamp and signatures
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-draw"

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "till-clock.h"
#include "till-page.h"
#include "till-qr.h"
#include "till-receipt-private.h"

#define MARGIN TILL_PAGE_MM (12)
#define INNER_WIDTH (TILL_RECEIPT_SHEET_WIDTH - 2 * MARGIN)
#define LABEL_WIDTH TILL_PAGE_MM (26)
#define QR_SIZE TILL_PAGE_MM (24)
#define STAMP_SIZE TILL_PAGE_MM (30)
#define PAD 6.0
#define CELLS_MAX 2

/* The sheet as it fills from above. All sizes but the sheet's own are multiplied by the scale. */
typedef struct
{
  cairo_t *cr;
  double   y;
  double   scale;
} Sheet;

typedef struct
{
  const char   *label; /* (nullable): the value has the whole cell */
  const char   *value;
  double        share; /* of the width of the table */
  TillPageStyle style;
} Cell;

static TillPageStyle
make_style (const Sheet   *sheet,
            double         size,
            PangoAlignment align,
            gboolean       bold)
{
  const TillPageStyle style = { sheet->scale * size, align, bold };

  return style;
}

static double
value_width (const Sheet *sheet,
             const Cell  *cell)
{
  const double label = cell->label != NULL ? LABEL_WIDTH : 0;

  return cell->share * INNER_WIDTH - label - 2 * PAD;
}

/* Draws a text in the middle of the height of its cell. */
static void
draw_in_cell (Sheet               *sheet,
              const char          *text,
              double               x,
              double               width,
              double               height,
              const TillPageStyle *style)
{
  const double tall = till_page_measure_text (sheet->cr, text, width, style);

  till_page_draw_text (sheet->cr, text, x, sheet->y + (height - tall) / 2, width, style);
}

static void
draw_cell (Sheet      *sheet,
           const Cell *cell,
           double      x,
           double      height)
{
  const TillPageStyle label_style = make_style (sheet, 10, PANGO_ALIGN_CENTER, FALSE);
  double value_x = x;

  if (cell->label != NULL)
    {
      cairo_save (sheet->cr);
      cairo_rectangle (sheet->cr, x, sheet->y, LABEL_WIDTH, height);
      cairo_set_source_rgba (sheet->cr, 0, 0, 0, 0.05);
      cairo_fill (sheet->cr);
      cairo_restore (sheet->cr);

      draw_in_cell (sheet, cell->label, x + 2, LABEL_WIDTH - 4, height, &label_style);
      cairo_rectangle (sheet->cr, x, sheet->y, LABEL_WIDTH, height);
      value_x += LABEL_WIDTH;
    }

  draw_in_cell (sheet, cell->value, value_x + PAD, value_width (sheet, cell), height, &cell->style);
  cairo_rectangle (sheet->cr, x, sheet->y, cell->share * INNER_WIDTH, height);
}

/* Draws one row of the table, as tall as the tallest of its cells. */
static void
add_row (Sheet *sheet,
         Cell  *cells,
         int    n_cells)
{
  double height = 32 * sheet->scale;
  double x = MARGIN;

  g_assert (n_cells <= CELLS_MAX);

  for (int i = 0; i < n_cells; i++)
    height = MAX (height, till_page_measure_text (sheet->cr, cells[i].value,
                                                  value_width (sheet, &cells[i]), &cells[i].style) +
                  PAD * sheet->scale);

  cairo_set_line_width (sheet->cr, 0.8);

  for (int i = 0; i < n_cells; i++)
    {
      draw_cell (sheet, &cells[i], x, height);
      cairo_stroke (sheet->cr);
      x += cells[i].share * INNER_WIDTH;
    }

  sheet->y += height;
}

static void
add_pair_row (Sheet      *sheet,
              const char *label_1,
              const char *value_1,
              const char *label_2,
              const char *value_2)
{
  /* An order's number has no place to break at, so it must go into one line. */
  const gboolean is_long = value_2 != NULL && strlen (value_2) > 24 && g_str_is_ascii (value_2);
  Cell cells[] = {
    { label_1, value_1, 0.5, make_style (sheet, 11, PANGO_ALIGN_LEFT, FALSE) },
    { label_2, value_2, 0.5, make_style (sheet, is_long ? 9 : 11, PANGO_ALIGN_LEFT, FALSE) },
  };

  add_row (sheet, cells, G_N_ELEMENTS (cells));
}

static void
add_head (Sheet             *sheet,
          const TillReceipt *self)
{
  g_autoptr(GPtrArray) banners = till_receipt_list_banners (self);
  g_autofree char *when = till_clock_format (self->paid_ms);
  g_autofree char *number = g_strdup_printf (C_("receipt", "No. %s"), self->number);
  const TillPageStyle site = make_style (sheet, 13, PANGO_ALIGN_CENTER, FALSE);
  const TillPageStyle title = make_style (sheet, 22, PANGO_ALIGN_CENTER, TRUE);
  const TillPageStyle strong = make_style (sheet, 12, PANGO_ALIGN_RIGHT, TRUE);
  const TillPageStyle small = make_style (sheet, 10, PANGO_ALIGN_RIGHT, FALSE);
  const double side = TILL_PAGE_MM (48);
  const double right_x = MARGIN + INNER_WIDTH - side;
  const double top = sheet->y;
  double right_y = top;

  if (self->order_id != NULL)
    till_qr_draw (sheet->cr, self->order_id, MARGIN - 6, top - 8, QR_SIZE);

  sheet->y += till_page_draw_text (sheet->cr, self->site_name, MARGIN + side, sheet->y,
                                   INNER_WIDTH - 2 * side, &site);
  sheet->y += till_page_draw_text (sheet->cr, till_receipt_get_title (), MARGIN + side, sheet->y,
                                   INNER_WIDTH - 2 * side, &title);

  for (guint i = 0; i < banners->len; i++)
    right_y += till_receipt_draw_banner (sheet->cr, g_ptr_array_index (banners, i),
                                         right_x, right_y, side, 11 * sheet->scale) + 3;

  right_y += till_page_draw_text (sheet->cr, number, right_x, right_y, side, &strong);
  right_y += till_page_draw_text (sheet->cr, when, right_x, right_y, side, &small);
  sheet->y = MAX (MAX (sheet->y, right_y), top + QR_SIZE - 10) + 6;
}

static void
add_amount (Sheet             *sheet,
            const TillReceipt *self)
{
  g_autofree char *amount = till_receipt_format_amount (self->amount);
  g_autofree char *words = till_receipt_format_words (self->amount);
  Cell cells[] = {
    { C_("receipt", "Amount"), words, 0.66, make_style (sheet, 13, PANGO_ALIGN_LEFT, FALSE) },
    { NULL, amount, 0.34, make_style (sheet, 19, PANGO_ALIGN_RIGHT, TRUE) },
  };

  add_row (sheet, cells, G_N_ELEMENTS (cells));
}

static void
add_balance (Sheet             *sheet,
             const TillReceipt *self)
{
  if (!self->has_balances)
    {
      Cell cell = { C_("receipt", "Balance"), till_receipt_get_delivery_label (self), 1,
                    make_style (sheet, 11, PANGO_ALIGN_LEFT, TRUE) };

      add_row (sheet, &cell, 1);
      return;
    }

  g_autofree char *before = till_receipt_format_amount (self->balance_before);
  g_autofree char *after = till_receipt_format_amount (self->balance_after);

  add_pair_row (sheet, C_("receipt", "Balance before"), before,
                C_("receipt", "Balance after"), after);
}

/* A line to write on, after its label. */
static void
draw_signature (Sheet      *sheet,
                const char *label,
                const char *name,
                double      x,
                double      width)
{
  const TillPageStyle style = make_style (sheet, 10.5, PANGO_ALIGN_LEFT, FALSE);
  const double label_width = TILL_PAGE_MM (24);
  const double tall = till_page_draw_text (sheet->cr, label, x, sheet->y, label_width, &style);

  if (name != NULL)
    till_page_draw_text (sheet->cr, name, x + label_width, sheet->y, width - label_width, &style);

  till_page_draw_rule (sheet->cr, x + label_width, sheet->y + tall + 1, width - label_width, FALSE);
}

/* Where the stamp of the office goes: a faint frame, so that it is not taken for one. */
static void
draw_stamp_area (Sheet *sheet,
                 double x)
{
  static const double dashes[] = { 3, 3 };
  const char *text = C_("receipt", "Stamp");
  const double size = STAMP_SIZE * sheet->scale;
  const TillPageStyle style = make_style (sheet, 9, PANGO_ALIGN_CENTER, FALSE);
  const double tall = till_page_measure_text (sheet->cr, text, size, &style);

  cairo_save (sheet->cr);
  cairo_set_source_rgb (sheet->cr, 0.6, 0.6, 0.6);
  cairo_set_line_width (sheet->cr, 0.7);
  cairo_set_dash (sheet->cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_arc (sheet->cr, x + size / 2, sheet->y + size / 2, size / 2, 0, 2 * G_PI);
  cairo_stroke (sheet->cr);
  till_page_draw_text (sheet->cr, text, x, sheet->y + (size - tall) / 2, size, &style);
  cairo_restore (sheet->cr);
}

static void
add_foot (Sheet             *sheet,
          const TillReceipt *self)
{
  const char *words =
    C_("receipt", "Valid with the stamp of the finance office. Please keep this receipt.");
  const double stamp = STAMP_SIZE * sheet->scale;
  const double width = (INNER_WIDTH - STAMP_SIZE - 36) / 2;
  const TillPageStyle note = make_style (sheet, 8.5, PANGO_ALIGN_LEFT, FALSE);
  const double top = sheet->y + 10 * sheet->scale;

  sheet->y = top;
  draw_stamp_area (sheet, MARGIN + INNER_WIDTH - stamp);

  sheet->y = top + 14 * sheet->scale;
  draw_signature (sheet, C_("receipt", "Clerk"), self->operator_name, MARGIN, width);
  draw_signature (sheet, C_("receipt", "Signature"), NULL, MARGIN + width + 18, width);

  sheet->y = top + stamp - 16 * sheet->scale;
  till_page_draw_text (sheet->cr, words, MARGIN, sheet->y, 2 * width + 18, &note);
  sheet->y = top + stamp;
}

/**
 * till_receipt_draw_sheet:
 * @self: a receipt
 * @cr: what to draw on, or something that keeps nothing, to measure
 * @scale: of everything but the sheet, 1 for the ordinary size
 *
 * Returns: how far down the sheet it reaches, its lower margin included, in points
 */
double
till_receipt_draw_sheet (const TillReceipt *self,
                         cairo_t           *cr,
                         double             scale)
{
  Sheet sheet = { cr, MARGIN, scale };

  add_head (&sheet, self);
  add_pair_row (&sheet, C_("receipt", "Shop"), self->shop,
                C_("receipt", "Meter no."), self->meter_no);
  add_pair_row (&sheet, C_("receipt", "Tenant"), self->tenant,
                C_("receipt", "Phone"), self->phone_masked);
  add_pair_row (&sheet, C_("receipt", "Paid by"), till_receipt_get_method_label (self),
                C_("receipt", "Order"), self->order_id);
  add_amount (&sheet, self);
  add_balance (&sheet, self);
  add_foot (&sheet, self);
  return sheet.y + MARGIN;
}
