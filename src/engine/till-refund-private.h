/*
 * till-refund-private.h: giving money back: from the meter first, then the money
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

typedef struct _TillRefunds TillRefunds;

/* till-refund.c: requests, and the money */
gboolean till_refund_start (TillCore *core,
                            GError  **error);
void     till_refund_stop (TillCore *core);
void     till_refund_order (TillCore   *core,
                            const char *order_id,
                            TillMoney   amount,
                            const char *reason,
                            gint64      operator_id,
                            GTask      *task);
void     till_refund_stray (TillCore   *core,
                            gint64      stray_id,
                            gint64      operator_id,
                            const char *reason,
                            GTask      *task);
void     till_refund_on_trade (TillCore              *core,
                               const TillRefundTrade *trade);
void     till_refund_go_on (TillCore *core);
void     till_refund_emit (TillCore   *core,
                           const char *refund_no);
void     till_refund_add_conditions (TillCore  *core,
                                     GPtrArray *list);

/* In a transaction: the meter has given back, or there was nothing to take from it. */
gboolean till_refund_write_money (TillCore         *core,
                                  const TillRefund *refund,
                                  TillRefundStep    from,
                                  GError          **error);
gboolean till_refund_write_return (TillCore        *core,
                                   const TillOrder *order,
                                   gint64           operator_id,
                                   const char      *reason,
                                   GError         **error);

/* till-withdrawal.c: the meter */
gboolean till_withdrawal_step (TillCore      *core,
                               TillCoreMeter *meter);
gboolean till_withdrawal_write_decision (TillCore          *core,
                                         const TillIntent  *intent,
                                         gboolean           taken,
                                         const TillReading *reading,
                                         const char        *reason,
                                         GError           **error);
void     till_withdrawal_free (TillWithdrawal *self);

G_END_DECLS
