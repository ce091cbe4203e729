/*
 * till-qr-image.c: a QR code on the screen
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-qr-image.h"
#include "till-qr.h"

/* Smaller than this no phone reads it from across a counter. */
#define SIDE_MIN 180
#define SIDE_NATURAL 320

/**
 * TillQrImage:
 *
 * A square, black on white whatever the colours of the desk are, as large as it is allowed to be
 * while each module is a whole number of the screen's pixels. It is painted when the code changes,
 * and not when the seconds beside it do.
 */
struct _TillQrImage
{
  GtkWidget parent_instance;

  char     *code; /* (nullable) */
  int       n_modules;
  int       side_max;
};

enum
{
  PROP_0,
  PROP_SIDE_MAX,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TillQrImage, till_qr_image, GTK_TYPE_WIDGET)

static void
till_qr_image_measure (GtkWidget     *widget,
                       GtkOrientation orientation,
                       int            for_size,
                       int           *minimum,
                       int           *natural,
                       int           *minimum_baseline,
                       int           *natural_baseline)
{
  const int most = TILL_QR_IMAGE (widget)->side_max;

  *minimum = MIN (SIDE_MIN, most);
  *natural = for_size > 0 ? CLAMP (for_size, *minimum, most) : MIN (SIDE_NATURAL, most);
}

static void
till_qr_image_snapshot (GtkWidget   *widget,
                        GtkSnapshot *snapshot)
{
  TillQrImage *self = TILL_QR_IMAGE (widget);
  const int width = gtk_widget_get_width (widget);
  const int height = gtk_widget_get_height (widget);
  const int scale = gtk_widget_get_scale_factor (widget);
  const int room = MIN (MIN (width, height), self->side_max) * scale;
  int module;
  double side;
  cairo_t *cr;

  if (self->n_modules == 0 || room < self->n_modules)
    return;

  module = room / self->n_modules;
  side = (double)(module * self->n_modules) / scale;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  till_qr_draw (cr, self->code, (int)((width - side) / 2), (int)((height - side) / 2), side);
  cairo_destroy (cr);
}

static void
till_qr_image_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_SIDE_MAX:
      g_value_set_int (value, TILL_QR_IMAGE (object)->side_max);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_qr_image_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  switch (prop_id)
    {
    case PROP_SIDE_MAX:
      TILL_QR_IMAGE (object)->side_max = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_qr_image_finalize (GObject *object)
{
  g_free (TILL_QR_IMAGE (object)->code);

  G_OBJECT_CLASS (till_qr_image_parent_class)->finalize (object);
}

static void
till_qr_image_class_init (TillQrImageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->finalize = till_qr_image_finalize;
  object_class->get_property = till_qr_image_get_property;
  object_class->set_property = till_qr_image_set_property;
  widget_class->measure = till_qr_image_measure;
  widget_class->snapshot = till_qr_image_snapshot;

  /**
   * TillQrImage:side-max:
   *
   * The longest side, in the screen's units.
   */
  properties[PROP_SIDE_MAX] =
    g_param_spec_int ("side-max", NULL, NULL,
                      1, 10000, 400,
                      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "qr");
}

static void
till_qr_image_init (TillQrImage *self)
{
}

/**
 * till_qr_image_set_code:
 * @self: a picture
 * @code: (nullable): what the code says; %NULL for an empty picture
 * @label: (nullable): what it is, for those who cannot see it
 */
void
till_qr_image_set_code (TillQrImage *self,
                        const char  *code,
                        const char  *label)
{
  g_return_if_fail (TILL_IS_QR_IMAGE (self));

  if (label != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
  if (g_strcmp0 (self->code, code) == 0)
    return;

  g_free (self->code);
  self->code = g_strdup (code);
  self->n_modules = code != NULL ? till_qr_measure (code) : 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const char *
till_qr_image_get_code (TillQrImage *self)
{
  g_return_val_if_fail (TILL_IS_QR_IMAGE (self), NULL);

  return self->code;
}
