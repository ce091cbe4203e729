/*
 * till-listener-private.h: what only a test may set
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-acceptor.h"

G_BEGIN_DECLS

void till_listener_set_limits_for_test (TillListener             *self,
                                        const TillAcceptorLimits *limits);

G_END_DECLS
