/*
 * till-qr.h: a QR code as rectangles
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

int      till_qr_measure (const char *text);
gboolean till_qr_draw (cairo_t    *cr,
                       const char *text,
                       double      x,
                       double      y,
                       double      size);

G_END_DECLS
