/*
 * till-payments-private.h: payments through a gateway, from the order to the books
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"
#include "till-engine-online.h"
#include "till-store-online.h"

G_BEGIN_DECLS

typedef struct _TillPayments TillPayments;

/**
 * TillTakenFunc:
 * @core: the core
 * @error: (nullable): %NULL when all that there is to keep of the payment is durable
 * @user_data: what was handed to till_payments_take()
 *
 * Called in the engine's thread.
 */
typedef void (*TillTakenFunc) (TillCore     *core,
                               const GError *error,
                               gpointer      user_data);

/* till-payments.c: attempts while they may be paid */
gboolean till_payments_start (TillCore *core,
                              GError  **error);
void     till_payments_stop (TillCore *core);
char    *till_payments_add_attempt (TillCore   *core,
                                    const char *order_id,
                                    TillMethod  method,
                                    TillMoney   amount,
                                    gint64      now_ms,
                                    GError    **error);
void     till_payments_begin (TillCore   *core,
                              const char *attempt_no);
void     till_payments_cancel (TillCore   *core,
                               const char *order_id,
                               gint64      operator_id,
                               GTask      *task);
void     till_payments_check (TillCore   *core,
                              const char *order_id,
                              GTask      *task);
void     till_payments_forget (TillCore   *core,
                               const char *attempt_no);

/* till-gateway-test.c: an order of 0.01 yuan that is given back */
void     till_gateway_test (TillCore   *core,
                            TillMethod  method,
                            const char *attempt_no,
                            gint64      operator_id,
                            GTask      *task);

/* till-takings.c: a payment that a gateway tells of */
void     till_payments_take (TillCore     *core,
                             TillTrade    *trade,
                             gboolean      noticed,
                             TillTakenFunc done,
                             gpointer      user_data);

/* till-strays.c: payments in suspense */
void     till_strays_decide (TillCore               *core,
                             const TillStrayVerdict *verdict,
                             GTask                  *task);
void     till_strays_emit (TillCore *core,
                           gint64    stray_id);
void     till_strays_add_conditions (TillCore  *core,
                                     GPtrArray *list);

G_END_DECLS
