/*
 * till-alipay-read.h: what Alipay says, verified and read
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-crypto.h"
#include "till-net-error.h"
#include "till-trade.h"

G_BEGIN_DECLS

gboolean       till_alipay_cut_answer (const char *text,
                                       gsize       size,
                                       char      **name,
                                       char      **inner,
                                       char      **sign,
                                       GError    **error);
TillNotice    *till_alipay_read_notice (TillPublicKey *key,
                                        GBytes        *body,
                                        GError       **error);
TillTradeState till_alipay_state_of (const char *status,
                                     gboolean    was_paid);
gboolean       till_alipay_parse_yuan (const char *text,
                                       TillMoney  *amount);
gint64         till_alipay_parse_time (const char *text);

G_END_DECLS
