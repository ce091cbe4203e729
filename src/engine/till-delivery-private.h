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
void     till_delivery_refresh (TillCore      *core,
                                TillCoreMeter *meter);
void     till_delivery_take_mark (TillCore      *core,
                                  TillCoreMeter *meter);
gboolean till_delivery_post (TillCore          *core,
                             const TillIntent  *intent,
                             const TillReading *reading,
                             const char        *mark_kind,
                             gint64             operator_id,
                             GError           **error);
void     till_delivery_free (TillDelivery *self);

G_END_DECLS
