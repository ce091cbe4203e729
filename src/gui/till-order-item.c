/*
 * till-order-item.c: one sale as a row of a table
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-order-item.h"

/**
 * TillOrderItem:
 *
 * Holds the newest record of one sale. Main thread.
 */
struct _TillOrderItem
{
  GObject    parent_instance;

  TillOrder *order;
  guint      revision;
};

enum
{
  PROP_0,
  PROP_SUMMARY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TillOrderItem, till_order_item, G_TYPE_OBJECT)

static void
till_order_item_finalize (GObject *object)
{
  till_order_unref (TILL_ORDER_ITEM (object)->order);

  G_OBJECT_CLASS (till_order_item_parent_class)->finalize (object);
}

static void
till_order_item_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_SUMMARY:
      g_value_set_uint (value, TILL_ORDER_ITEM (object)->revision);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_order_item_class_init (TillOrderItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = till_order_item_finalize;
  object_class->get_property = till_order_item_get_property;

  /**
   * TillOrderItem:summary:
   *
   * Counts the records held one after the other.
   */
  properties[PROP_SUMMARY] =
    g_param_spec_uint ("summary", NULL, NULL,
                       0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
till_order_item_init (TillOrderItem *self)
{
}

/**
 * till_order_item_new:
 * @order: a sale
 *
 * Returns: (transfer full): a row for it
 */
TillOrderItem *
till_order_item_new (TillOrder *order)
{
  TillOrderItem *self = g_object_new (TILL_TYPE_ORDER_ITEM, NULL);

  self->order = till_order_ref (order);
  return self;
}

/**
 * till_order_item_set_order:
 * @self: a row
 * @order: a newer record of the same sale
 */
void
till_order_item_set_order (TillOrderItem *self,
                           TillOrder     *order)
{
  g_return_if_fail (TILL_IS_ORDER_ITEM (self));

  till_order_ref (order);
  till_order_unref (self->order);
  self->order = order;
  self->revision++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

TillOrder *
till_order_item_get_order (TillOrderItem *self)
{
  g_return_val_if_fail (TILL_IS_ORDER_ITEM (self), NULL);

  return self->order;
}
