/*
 * till-words-online.h: what the clerk reads of payments through a gateway
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-online.h"

G_BEGIN_DECLS

gboolean    till_words_is_online (TillMethod method);
char       *till_words_left (gint64 left_ms) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_day (int day) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_fee (gint64 fee_e5) G_GNUC_WARN_UNUSED_RESULT;

char       *till_words_code (const TillOrder *order) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_code_advice (const TillOrder *order) G_GNUC_WARN_UNUSED_RESULT;
const char *till_words_code_icon (const TillOrder *order);
const char *till_words_code_class (const TillOrder *order);
const char *till_words_sale_state (const TillOrder *order);

const char *till_words_stray_reason (TillStrayReason reason);
const char *till_words_stray_advice (TillStrayReason reason);
char       *till_words_refund (const TillRefund *refund) G_GNUC_WARN_UNUSED_RESULT;
const char *till_words_refund_advice (const TillRefund *refund);
const char *till_words_difference (TillDifferenceKind kind);
const char *till_words_difference_advice (TillDifferenceKind kind);
const char *till_words_gateway_fact (const char *key);
char       *till_words_gateway_fault (const TillGateway *gateway) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
