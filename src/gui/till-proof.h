/*
 * till-proof.h: the octets that prove a payment, made readable
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *till_proof_format (const char *raw) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
