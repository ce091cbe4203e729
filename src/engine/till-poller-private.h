/*
 * till-poller-private.h: the lines, and what comes in from them
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

gboolean till_poller_start (TillCore *core,
                            GError  **error);
void     till_poller_stop (TillCore *core,
                           guint     drain_ms);
void     till_poller_take_reading (TillCore          *core,
                                   TillCoreMeter     *meter,
                                   const TillReading *reading);
void     till_poller_read (TillCore *core,
                           gint64    meter_id,
                           GTask    *task);

G_END_DECLS
