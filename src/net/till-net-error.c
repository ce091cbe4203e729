/*
 * till-net-error.c: what can go wrong between us and somebody else's computer
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include "till-net-error.h"

G_DEFINE_QUARK (till_net_error, till_net_error)
