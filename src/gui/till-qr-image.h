/*
 * till-qr-image.h: a QR code on the screen
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_QR_IMAGE (till_qr_image_get_type ())
G_DECLARE_FINAL_TYPE (TillQrImage, till_qr_image, TILL, QR_IMAGE, GtkWidget)

void        till_qr_image_set_code (TillQrImage *self,
                                    const char  *code,
                                    const char  *label);
const char *till_qr_image_get_code (TillQrImage *self);

G_END_DECLS
