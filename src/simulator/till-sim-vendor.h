/*
 * till-sim-vendor.h: the maker's own function 0x20: purchases, parameters, the clock
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-registers.h"

G_BEGIN_DECLS

int till_sim_vendor_answer (TillSimMeter  *meter,
                            const guint8  *frame,
                            gsize          length,
                            TillSimAnswer *answer);

G_END_DECLS
