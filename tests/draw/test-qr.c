#include "config.h"

#include <string.h>

#include "till-qr.h"

#define SIZE 330

/* A surface whose side is ten times that of a code of version 1 or 2 with its border. */
static cairo_surface_t *
draw (const char *text,
      int         size,
      gboolean   *drawn)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, size, size);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 1, 0, 0);
  cairo_paint (cr);
  *drawn = till_qr_draw (cr, text, 0, 0, size);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static gboolean
is_black (cairo_surface_t *surface,
          int              column,
          int              row)
{
  const unsigned char *data = cairo_image_surface_get_data (surface);
  const int stride = cairo_image_surface_get_stride (surface);
  guint32 pixel = 0;

  memcpy (&pixel, data + (10 * row + 5) * stride + 4 * (10 * column + 5), sizeof (pixel));
  g_assert_true ((pixel & 0xffffff) == 0 || (pixel & 0xffffff) == 0xffffff);
  return (pixel & 0xffffff) == 0;
}

/* The three corners of a code and its white border are what phones look for. */
static void
test_finders (void)
{
  static const char *const finder[] = {
    "#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"
  };
  gboolean drawn = FALSE;
  cairo_surface_t *surface = draw ("20261124T093005007_0a1b2c", SIZE, &drawn);

  g_assert_true (drawn);

  for (int i = 0; i < 33; i++)
    for (int border = 0; border < 4; border++)
      {
        g_assert_false (is_black (surface, i, border));
        g_assert_false (is_black (surface, 32 - border, i));
      }

  for (int row = 0; row < 7; row++)
    for (int column = 0; column < 7; column++)
      {
        const gboolean black = finder[row][column] == '#';

        g_assert_cmpint (is_black (surface, 4 + column, 4 + row), ==, black);
        g_assert_cmpint (is_black (surface, 22 + column, 4 + row), ==, black);
        g_assert_cmpint (is_black (surface, 4 + column, 22 + row), ==, black);
      }

  cairo_surface_destroy (surface);
}

static void
test_too_long (void)
{
  g_autofree char *text = g_strnfill (5000, 'x');
  gboolean drawn = TRUE;
  cairo_surface_t *surface = draw (text, SIZE, &drawn);

  g_assert_false (drawn);
  cairo_surface_destroy (surface);
}

/* 21 modules and two borders of 4 is the smallest code there is; each version has 4 more. */
static void
test_measure (void)
{
  g_autofree char *text = g_strnfill (5000, 'x');

  g_assert_cmpint (till_qr_measure ("1"), ==, 29);
  g_assert_cmpint (till_qr_measure ("weixin://wxpay/bizpayurl?pr=NwY5Mz9&groupid=00") % 4, ==, 1);
  g_assert_cmpint (till_qr_measure (text), ==, 0);
  g_assert_cmpint (till_qr_measure (""), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qr/finders", test_finders);
  g_test_add_func ("/qr/too-long", test_too_long);
  g_test_add_func ("/qr/measure", test_measure);

  return g_test_run ();
}
