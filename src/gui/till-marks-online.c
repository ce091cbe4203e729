/*
 * till-marks-online.c: the colour and the picture of a gateway
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-marks-online.h"

/**
 * till_marks_online_set_class:
 * @widget: something that is about one gateway
 * @method: which
 *
 * Gives it the colour that people know the gateway by.
 */
void
till_marks_online_set_class (GtkWidget *widget,
                             TillMethod method)
{
  gtk_widget_remove_css_class (widget, "wechat");
  gtk_widget_remove_css_class (widget, "alipay");
  if (method == TILL_METHOD_WECHAT)
    gtk_widget_add_css_class (widget, "wechat");
  else if (method == TILL_METHOD_ALIPAY)
    gtk_widget_add_css_class (widget, "alipay");
}

/**
 * till_marks_online_set_gateway:
 * @image: a picture
 * @method: a gateway
 *
 * Shows a phone in the gateway's colour. The gateways' own marks are theirs and are not drawn.
 */
void
till_marks_online_set_gateway (GtkImage  *image,
                               TillMethod method)
{
  gtk_image_set_from_icon_name (image, "till-phone-symbolic");
  till_marks_online_set_class (GTK_WIDGET (image), method);
}
