/*
 * till-sheet.c: a table on as many sheets of A4 as it takes
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-draw"

#include "config.h"

#include <cairo-pdf.h>

#include "till-page.h"
#include "till-sheet.h"

#define WIDTH TILL_PAGE_MM (210)
#define HEIGHT TILL_PAGE_MM (297)
#define MARGIN TILL_PAGE_MM (16)
#define FOOT TILL_PAGE_MM (10)
#define GAP 5.0

static const TillPageStyle title_style = { 16, PANGO_ALIGN_LEFT, TRUE };
static const TillPageStyle subtitle_style = { 10, PANGO_ALIGN_LEFT, FALSE };
static const TillPageStyle fact_style = { 9.5, PANGO_ALIGN_LEFT, FALSE };
static const TillPageStyle foot_style = { 8, PANGO_ALIGN_LEFT, FALSE };
static const TillPageStyle number_style = { 8, PANGO_ALIGN_RIGHT, FALSE };

/* Where the pen is. */
typedef struct
{
  const TillSheet *sheet;
  cairo_t         *cr;
  double           y;
  guint            n_pages;
} Pen;

static double
get_width (void)
{
  return WIDTH - 2 * MARGIN;
}

static TillPageStyle
get_cell_style (const TillSheetColumn *column,
                gboolean               is_head)
{
  const TillPageStyle style = {
    8.5, column->is_number ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT, is_head
  };

  return style;
}

/* Draws a row, or only finds out how high it is. */
static double
place_row (Pen               *pen,
           const char *const *cells,
           gboolean           is_head,
           gboolean           draw)
{
  const TillSheet *sheet = pen->sheet;
  double height = 0;
  double x = MARGIN;
  int shares = 0;

  for (guint i = 0; i < sheet->n_columns; i++)
    shares += sheet->columns[i].share;

  for (guint i = 0; i < sheet->n_columns; i++)
    {
      const TillSheetColumn *column = &sheet->columns[i];
      const char *text = is_head ? column->title : cells[i];
      const double width = get_width () * column->share / shares;
      const TillPageStyle style = get_cell_style (column, is_head);
      const double tall = draw ? till_page_draw_text (pen->cr, text, x, pen->y, width - GAP, &style)
                               : till_page_measure_text (pen->cr, text, width - GAP, &style);

      height = MAX (height, tall);
      x += width;
    }

  return height;
}

static void
draw_foot (Pen *pen)
{
  g_autofree char *number = g_strdup_printf ("%u", pen->n_pages);
  const double y = HEIGHT - MARGIN;

  till_page_draw_rule (pen->cr, MARGIN, y - 4, get_width (), FALSE);
  if (pen->sheet->foot != NULL)
    till_page_draw_text (pen->cr, pen->sheet->foot, MARGIN, y, get_width () - 40, &foot_style);
  till_page_draw_text (pen->cr, number, MARGIN, y, get_width (), &number_style);
}

static void
draw_heads (Pen *pen)
{
  pen->y += place_row (pen, NULL, TRUE, TRUE) + 2;
  till_page_draw_rule (pen->cr, MARGIN, pen->y, get_width (), FALSE);
  pen->y += 4;
}

static void
begin_page (Pen *pen)
{
  pen->n_pages++;
  pen->y = MARGIN;
  if (pen->sheet->watermark != NULL)
    till_page_draw_watermark (pen->cr, pen->sheet->watermark, WIDTH, HEIGHT);
  cairo_set_source_rgb (pen->cr, 0, 0, 0);
}

static void
draw_top (Pen *pen)
{
  const TillSheet *sheet = pen->sheet;

  pen->y += till_page_draw_text (pen->cr, sheet->title, MARGIN, pen->y, get_width (),
                                 &title_style) + 3;
  if (sheet->subtitle != NULL)
    pen->y += till_page_draw_text (pen->cr, sheet->subtitle, MARGIN, pen->y, get_width (),
                                   &subtitle_style);
  pen->y += 6;
  for (guint i = 0; sheet->facts != NULL && sheet->facts[i] != NULL; i++)
    pen->y += till_page_draw_text (pen->cr, sheet->facts[i], MARGIN, pen->y, get_width (),
                                   &fact_style) + 1;
  pen->y += 8;
}

static void
draw_sheets (Pen *pen)
{
  const TillSheet *sheet = pen->sheet;
  const double end = HEIGHT - MARGIN - FOOT;

  begin_page (pen);
  draw_top (pen);
  draw_heads (pen);
  for (guint i = 0; i < sheet->rows->len; i++)
    {
      const char *const *cells = g_ptr_array_index (sheet->rows, i);

      if (pen->y + place_row (pen, cells, FALSE, FALSE) > end)
        {
          draw_foot (pen);
          cairo_show_page (pen->cr);
          begin_page (pen);
          draw_heads (pen);
        }

      pen->y += place_row (pen, cells, FALSE, TRUE) + 2;
      till_page_draw_rule (pen->cr, MARGIN, pen->y, get_width (), TRUE);
      pen->y += 3;
    }

  draw_foot (pen);
  cairo_show_page (pen->cr);
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
render_pdf (const TillSheet *self,
            GByteArray      *bytes)
{
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append_bytes, bytes, WIDTH,
                                                                  HEIGHT);
  Pen pen = { .sheet = self, .cr = cairo_create (surface) };
  cairo_status_t status;

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, self->title);
  draw_sheets (&pen);
  status = cairo_status (pen.cr);
  cairo_destroy (pen.cr);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);

  cairo_surface_destroy (surface);
  return status;
}

/**
 * till_sheet_write_pdf:
 * @self: what is to be printed
 * @path: the file to write
 * @error: return location for a #GError
 *
 * Writes the table as a PDF of A4 that only its owner may read, with the heads of its columns on
 * each sheet. No row is cut in two. Blocks; any thread may call it.
 *
 * Returns: %TRUE when the file is there, %FALSE with @error set (#G_FILE_ERROR) otherwise
 */
gboolean
till_sheet_write_pdf (const TillSheet *self,
                      const char      *path,
                      GError         **error)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  cairo_status_t status;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  g_return_val_if_fail (self->n_columns > 0, FALSE);

  status = render_pdf (self, bytes);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "%s cannot be drawn: %s", self->title,
                   cairo_status_to_string (status));
      return FALSE;
    }

  return g_file_set_contents_full (path, (const char *)bytes->data, bytes->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}
