/*
 * till-delivery-private.h: bringing a purchase to its meter, exactly once
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

void     till_delivery_add (TillCore *core,
                            gint64    intent_id);
gboolean till_delivery_step (TillCore      *core,
                             TillCoreMeter *meter);
void     till_delivery_decide (TillCore    *core,
                               gint64       intent_id,
                               TillDecision decision,
                               const char  *reason,
                               gint64       operator_id,
                               GTask       *task);
void     till_delivery_free (TillDelivery *self);

G_END_DECLS
