/*
 * till-tree-row.h: what one row of the tree looks like
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-node.h"

G_BEGIN_DECLS

#define TILL_TYPE_TREE_ROW (till_tree_row_get_type ())
G_DECLARE_FINAL_TYPE (TillTreeRow, till_tree_row, TILL, TREE_ROW, GtkWidget)

GtkWidget *till_tree_row_new (void);
void      till_tree_row_set_node (TillTreeRow *self,
                                  TillNode    *node);
void      till_tree_row_set_where (TillTreeRow *self,
                                   const char  *where);
TillNode *till_tree_row_get_node (TillTreeRow *self);

G_END_DECLS
