/*
 * till-page.h: text and lines on paper, the same on the screen, the printer and in a file
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <pango/pangocairo.h>

G_BEGIN_DECLS

/* All lengths on a page are points, 1/72 inch. */
#define TILL_PAGE_MM(mm) ((mm) * 72.0 / 25.4)

/**
 * TillPageStyle:
 * @size: height of the letters, in points
 * @align: where the lines stand within their width
 * @bold: whether they are bold
 *
 * How a paragraph looks.
 */
typedef struct
{
  double         size;
  PangoAlignment align;
  gboolean       bold;
} TillPageStyle;

const char *till_page_get_font_family (void);
double      till_page_measure_text (cairo_t             *cr,
                                    const char          *text,
                                    double               width,
                                    const TillPageStyle *style);
double      till_page_draw_text (cairo_t             *cr,
                                 const char          *text,
                                 double               x,
                                 double               y,
                                 double               width,
                                 const TillPageStyle *style);
void        till_page_draw_rule (cairo_t *cr,
                                 double   x,
                                 double   y,
                                 double   width,
                                 gboolean dashed);
void        till_page_draw_watermark (cairo_t    *cr,
                                      const char *text,
                                      double      width,
                                      double      height);

G_END_DECLS
