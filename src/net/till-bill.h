/*
 * till-bill.h: the bill files of the gateways
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-net-error.h"
#include "till-trade.h"

G_BEGIN_DECLS

TillBill *till_bill_parse (TillMethod method,
                           GBytes    *file,
                           GError   **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
