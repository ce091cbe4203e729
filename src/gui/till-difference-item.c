/*
 * till-difference-item.c: one difference of a match as a row of a table
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-difference-item.h"

/**
 * TillDifferenceItem:
 *
 * Holds its match. It never changes: after an action there is a new match. Main thread.
 */
struct _TillDifferenceItem
{
  GObject               parent_instance;

  TillReconciliation   *match;
  const TillDifference *difference; /* of match */
};

G_DEFINE_FINAL_TYPE (TillDifferenceItem, till_difference_item, G_TYPE_OBJECT)

static void
till_difference_item_finalize (GObject *object)
{
  till_reconciliation_unref (TILL_DIFFERENCE_ITEM (object)->match);

  G_OBJECT_CLASS (till_difference_item_parent_class)->finalize (object);
}

static void
till_difference_item_class_init (TillDifferenceItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_difference_item_finalize;
}

static void
till_difference_item_init (TillDifferenceItem *self)
{
}

/**
 * till_difference_item_new:
 * @match: the match of a day
 * @i: which of its differences
 *
 * Returns: (transfer full): a row for it
 */
TillDifferenceItem *
till_difference_item_new (TillReconciliation *match,
                          guint               i)
{
  TillDifferenceItem *self = g_object_new (TILL_TYPE_DIFFERENCE_ITEM, NULL);

  self->match = till_reconciliation_ref (match);
  self->difference = match->differences->pdata[i];
  return self;
}

const TillDifference *
till_difference_item_get (TillDifferenceItem *self)
{
  g_return_val_if_fail (TILL_IS_DIFFERENCE_ITEM (self), NULL);

  return self->difference;
}
