/*
 * till-codes.h: the payment codes of a desk, while customers have their phones out
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "till-engine-online.h"

G_BEGIN_DECLS

/**
 * TillCodes:
 *
 * The online sales that were begun at this desk and wait, or have ended just now, as a list of
 * TillOrderItem in the order in which they were begun. One of them may be the one that is shown:
 * at the counter and to the customer. Owns no widget. Main thread.
 */
#define TILL_TYPE_CODES (till_codes_get_type ())
G_DECLARE_FINAL_TYPE (TillCodes, till_codes, TILL, CODES, GObject)

TillCodes *till_codes_new (TillEngine *engine);
void        till_codes_set_operator (TillCodes    *self,
                                     TillOperator *person);
void        till_codes_add (TillCodes *self,
                            TillOrder *order);
void        till_codes_show (TillCodes  *self,
                             const char *order_id);
TillOrder  *till_codes_get_shown (TillCodes *self);
TillOrder  *till_codes_get_order (TillCodes  *self,
                                  const char *order_id);
TillOrder  *till_codes_get_next_waiting (TillCodes *self);
GListModel *till_codes_get_list (TillCodes *self);

G_END_DECLS
