/*
 * till-marks-online.h: the colour and the picture of a gateway
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "till-types.h"

G_BEGIN_DECLS

void till_marks_online_set_class (GtkWidget *widget,
                                  TillMethod method);
void till_marks_online_set_gateway (GtkImage  *image,
                                    TillMethod method);

G_END_DECLS
