/*
 * till-bookings-private.h: what a reading makes the books say
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

void  till_bookings_take (TillCore      *core,
                          TillCoreMeter *meter);
char *till_bookings_differ (TillCore      *core,
                            TillCoreMeter *meter,
                            GError       **error);

G_END_DECLS
