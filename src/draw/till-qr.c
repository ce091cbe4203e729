/*
 * till-qr.c: a QR code as rectangles
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-draw"

#include "config.h"

#include <qrencode.h>

#include "till-qr.h"

/* The standard wants four modules of white on each side, or phones do not find the code. */
#define QUIET_MODULES 4

static QRcode *
encode (const char *text)
{
  return QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
}

/* Draws each run of black modules of a row as one rectangle, without white seams in between. */
static void
draw_row (cairo_t      *cr,
          const QRcode *code,
          int           row)
{
  const unsigned char *modules = code->data + row * code->width;

  for (int column = 0; column < code->width; column++)
    {
      const int start = column;

      while (column < code->width && (modules[column] & 1))
        column++;

      if (column > start)
        cairo_rectangle (cr, start, row, column - start, 1);
    }
}

/**
 * till_qr_measure:
 * @text: what a code would say
 *
 * Returns: how many modules its side has, the white border included; 0 when there can be no code.
 *   A side of a whole number of pixels to a module is crisp.
 */
int
till_qr_measure (const char *text)
{
  QRcode *code = encode (text);
  int n = 0;

  if (code != NULL)
    n = code->width + 2 * QUIET_MODULES;

  QRcode_free (code);
  return n;
}

/**
 * till_qr_draw:
 * @cr: what to draw on
 * @text: what the code says, at most some two thousand bytes
 * @x: the left edge, in the units of @cr
 * @y: the upper edge
 * @size: the side of the code with its white border
 *
 * Draws a QR code that survives the loss of a seventh of it, black on white whatever the colours of
 * @cr are.
 *
 * Returns: %FALSE when @text is empty or too long for a code, and nothing was drawn
 */
gboolean
till_qr_draw (cairo_t    *cr,
              const char *text,
              double      x,
              double      y,
              double      size)
{
  QRcode *code = encode (text);

  if (code == NULL)
    return FALSE;

  const double module = size / (code->width + 2 * QUIET_MODULES);

  cairo_save (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, x, y, size, size);
  cairo_fill (cr);

  cairo_translate (cr, x + QUIET_MODULES * module, y + QUIET_MODULES * module);
  cairo_scale (cr, module, module);
  cairo_set_source_rgb (cr, 0, 0, 0);

  for (int row = 0; row < code->width; row++)
    draw_row (cr, code, row);

  cairo_fill (cr);
  cairo_restore (cr);
  QRcode_free (code);
  return TRUE;
}
