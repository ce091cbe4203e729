/*
 * till-page.c: text and lines on paper, the same on the screen, the printer and in a file
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-draw"

#include "config.h"

#include <math.h>
#include <string.h>

#include "till-page.h"

#define HAIRLINE 0.6

/* In the order of preference. “sans” would be another font on every machine, so a receipt would
 * break its lines another way. */
static const char *const font_families[] = { "Noto Sans CJK SC", "WenQuanYi Micro Hei" };

static gboolean
is_installed (const char *family)
{
  g_autoptr(PangoFontMap) map = pango_cairo_font_map_new ();
  g_autofree PangoFontFamily **families = NULL;
  int n_families = 0;

  pango_font_map_list_families (map, &families, &n_families);

  for (int i = 0; i < n_families; i++)
    if (strcmp (pango_font_family_get_name (families[i]), family) == 0)
      return TRUE;

  return FALSE;
}

/**
 * till_page_get_font_family:
 *
 * Looks once which of the fonts that Tillwatt is shipped with is there. Any thread may call it.
 *
 * Returns: the family all paper is set in
 */
const char *
till_page_get_font_family (void)
{
  static const char *family;

  if (g_once_init_enter (&family))
    {
      const char *found = "sans-serif";

      for (gsize i = G_N_ELEMENTS (font_families); i > 0; i--)
        if (is_installed (font_families[i - 1]))
          found = font_families[i - 1];

      g_once_init_leave (&family, found);
    }

  return family;
}

/* Glyphs are neither hinted nor rounded to pixels: lines must break alike at every resolution. */
static PangoLayout *
make_layout (cairo_t             *cr,
             const char          *text,
             double               width,
             const TillPageStyle *style)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoContext *context = pango_layout_get_context (layout);
  g_autoptr(PangoFontDescription) font = pango_font_description_new ();
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  cairo_font_options_t *options = cairo_font_options_create ();

  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  pango_context_set_round_glyph_positions (context, FALSE);
  pango_context_set_language (context, pango_language_from_string ("zh-cn"));

  pango_font_description_set_family_static (font, till_page_get_font_family ());
  pango_font_description_set_absolute_size (font, style->size * PANGO_SCALE);
  pango_font_description_set_weight (font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);

  /* A hyphen that Pango adds would be read as part of a shop's number. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));

  pango_layout_set_font_description (layout, font);
  pango_layout_set_alignment (layout, style->align);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_attributes (layout, attributes);

  if (width > 0)
    pango_layout_set_width (layout, (int)floor (width * PANGO_SCALE));

  pango_layout_set_text (layout, valid, -1);
  return layout;
}

static double
get_height (PangoLayout *layout)
{
  PangoRectangle logical;

  pango_layout_get_extents (layout, NULL, &logical);
  return (double)logical.height / PANGO_SCALE;
}

/**
 * till_page_measure_text:
 * @cr: what will be drawn on
 * @text: (nullable): one paragraph
 * @width: where its lines break, in points
 * @style: how it looks
 *
 * Returns: the height of the paragraph, in points
 */
double
till_page_measure_text (cairo_t             *cr,
                        const char          *text,
                        double               width,
                        const TillPageStyle *style)
{
  g_autoptr(PangoLayout) layout = make_layout (cr, text, width, style);

  return get_height (layout);
}

/**
 * till_page_draw_text:
 * @cr: what to draw on, in the colour set there
 * @text: (nullable): one paragraph; it is broken into lines and never cut off
 * @x: its left edge, in points
 * @y: its upper edge
 * @width: where its lines break
 * @style: how it looks
 *
 * Returns: the height of the paragraph, in points
 */
double
till_page_draw_text (cairo_t             *cr,
                     const char          *text,
                     double               x,
                     double               y,
                     double               width,
                     const TillPageStyle *style)
{
  g_autoptr(PangoLayout) layout = make_layout (cr, text, width, style);

  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  return get_height (layout);
}

/**
 * till_page_draw_rule:
 * @cr: what to draw on
 * @x: the left end, in points
 * @y: its height on the page
 * @width: its length
 * @dashed: whether it is dashed
 *
 * Draws a level line.
 */
void
till_page_draw_rule (cairo_t *cr,
                     double   x,
                     double   y,
                     double   width,
                     gboolean dashed)
{
  static const double dashes[] = { 2.4, 1.8 };

  cairo_save (cr);
  cairo_set_line_width (cr, HAIRLINE);
  if (dashed)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);

  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + width, y);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/**
 * till_page_draw_watermark:
 * @cr: what to draw on, before anything else
 * @text: a word or two
 * @width: of the page, in points
 * @height: of the page
 *
 * Writes @text across the page in grey, as often as it takes that no part of the page is without.
 */
void
till_page_draw_watermark (cairo_t    *cr,
                          const char *text,
                          double      width,
                          double      height)
{
  const TillPageStyle style = { MIN (width, height) / 4, PANGO_ALIGN_CENTER, TRUE };
  const int n_marks = MAX (1, (int)floor (height / width + 0.3));
  const double step = height / n_marks;

  for (int i = 0; i < n_marks; i++)
    {
      const double tall = till_page_measure_text (cr, text, 0, &style);

      cairo_save (cr);
      cairo_set_source_rgb (cr, 0.86, 0.86, 0.86);
      cairo_translate (cr, width / 2, (i + 0.5) * step);
      cairo_rotate (cr, -G_PI / 7);
      till_page_draw_text (cr, text, -width, -tall / 2, 2 * width, &style);
      cairo_restore (cr);
    }
}
