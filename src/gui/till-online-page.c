/*
 * till-online-page.c: online payments: the daily match, and the gateways
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-gateways-page.h"
#include "till-online-page.h"
#include "till-reconcile-page.h"

/**
 * TillOnlinePage:
 *
 * What is done once a day, and what is looked at when something does not work: two pages under one
 * name, for neither is work of the counter.
 */
struct _TillOnlinePage
{
  GtkWidget  parent_instance;

  GtkWidget *box;
  GtkStack  *stack;
  GtkWidget *reconcile_page;
  GtkWidget *gateways_page;
};

G_DEFINE_FINAL_TYPE (TillOnlinePage, till_online_page, GTK_TYPE_WIDGET)

static void
till_online_page_dispose (GObject *object)
{
  TillOnlinePage *self = TILL_ONLINE_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (till_online_page_parent_class)->dispose (object);
}

static void
till_online_page_class_init (TillOnlinePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_online_page_dispose;

  g_type_ensure (TILL_TYPE_GATEWAYS_PAGE);
  g_type_ensure (TILL_TYPE_RECONCILE_PAGE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/online-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillOnlinePage, box);
  gtk_widget_class_bind_template_child (widget_class, TillOnlinePage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillOnlinePage, reconcile_page);
  gtk_widget_class_bind_template_child (widget_class, TillOnlinePage, gateways_page);
}

static void
till_online_page_init (TillOnlinePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_online_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 * @print: what prints
 */
void
till_online_page_set_desk (TillOnlinePage *self,
                           TillDesk       *desk,
                           TillPrint      *print)
{
  g_return_if_fail (TILL_IS_ONLINE_PAGE (self));

  till_reconcile_page_set_desk (TILL_RECONCILE_PAGE (self->reconcile_page), desk, print);
  till_gateways_page_set_desk (TILL_GATEWAYS_PAGE (self->gateways_page), desk);
}

/**
 * till_online_page_set_page:
 * @self: the page
 * @name: `reconcile` or `gateways`
 */
void
till_online_page_set_page (TillOnlinePage *self,
                           const char     *name)
{
  g_return_if_fail (TILL_IS_ONLINE_PAGE (self));

  gtk_stack_set_visible_child_name (self->stack, name);
}
