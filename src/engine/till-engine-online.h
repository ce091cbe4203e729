/*
 * till-engine-online.h: payments through a gateway, behind the engine's door
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-engine.h"
#include "till-online.h"

G_BEGIN_DECLS

/*
 * An online sale begins like any other, with till_engine_sell_async() and the method WECHAT or
 * ALIPAY: it answers with an order that is NEW, whose attempt is CREATING. All that follows (the
 * code, the payment, its end) comes by the signal `order-changed`. The engine asks the gateway by
 * itself until the order is paid or its code has expired.
 *
 * Further signals of the engine, in the main thread:
 * - `stray-changed` (TillStray *): a payment came that needs a decision, or got one
 * - `refund-changed` (TillRefund *): a refund went a step further
 */

/* Gives an unpaid order up. When the payer was faster, the order that comes back is PAID. */
void       till_engine_cancel_order_async (TillEngine         *self,
                                           const char         *order_id,
                                           gint64              operator_id,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);
TillOrder *till_engine_cancel_order_finish (TillEngine   *self,
                                            GAsyncResult *result,
                                            GError      **error);

/* Asks the gateway now, when the payer says that it is paid. */
void       till_engine_check_order_async (TillEngine         *self,
                                          const char         *order_id,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
TillOrder *till_engine_check_order_finish (TillEngine   *self,
                                           GAsyncResult *result,
                                           GError      **error);

/* The demonstration only: pays the code like a customer's phone would, at the simulated gateway. */
void       till_engine_pretend_payment_async (TillEngine         *self,
                                              const char         *order_id,
                                              GCancellable       *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer            user_data);
gboolean   till_engine_pretend_payment_finish (TillEngine   *self,
                                               GAsyncResult *result,
                                               GError      **error);

/* The payments of an order with their proofs, as TillPayment. */
void       till_engine_list_payments_async (TillEngine         *self,
                                            const char         *order_id,
                                            GCancellable       *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer            user_data);
GPtrArray *till_engine_list_payments_finish (TillEngine   *self,
                                             GAsyncResult *result,
                                             GError      **error);

/* Payments in suspense, as TillStray: the open ones, or all of them, newest first. */
void       till_engine_list_strays_async (TillEngine         *self,
                                          gboolean            all,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
GPtrArray *till_engine_list_strays_finish (TillEngine   *self,
                                           GAsyncResult *result,
                                           GError      **error);

/**
 * TillStrayVerdict:
 *
 * A senior clerk's decision about a payment in suspense. @account_id and @meter_id are of CREDIT.
 */
typedef struct
{
  gint64            stray_id;
  TillStrayDecision decision;
  gint64            account_id;
  gint64            meter_id;
  const char       *reason;
  gint64            operator_id;
} TillStrayVerdict;

void                till_engine_decide_stray_async (TillEngine             *self,
                                                    const TillStrayVerdict *verdict,
                                                    GCancellable           *cancellable,
                                                    GAsyncReadyCallback     callback,
                                                    gpointer                user_data);
TillStray          *till_engine_decide_stray_finish (TillEngine   *self,
                                                     GAsyncResult *result,
                                                     GError      **error);

/* Gives back what of a sale is unused: from the meter first, then the money. Answers when the
 * refund is durable; its steps come by `refund-changed`. @amount 0 means all that can be. */
void                till_engine_refund_async (TillEngine         *self,
                                              const char         *order_id,
                                              TillMoney           amount,
                                              const char         *reason,
                                              gint64              operator_id,
                                              GCancellable       *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer            user_data);
TillRefund         *till_engine_refund_finish (TillEngine   *self,
                                               GAsyncResult *result,
                                               GError      **error);

/* Refunds, newest first, as TillRefund: of an order, or with %NULL all that are not done. */
void                till_engine_list_refunds_async (TillEngine         *self,
                                                    const char         *order_id,
                                                    GCancellable       *cancellable,
                                                    GAsyncReadyCallback callback,
                                                    gpointer            user_data);
GPtrArray          *till_engine_list_refunds_finish (TillEngine   *self,
                                                     GAsyncResult *result,
                                                     GError      **error);

/* Diagnostics: both gateways, as TillGateway. */
void                till_engine_list_gateways_async (TillEngine         *self,
                                                     GCancellable       *cancellable,
                                                     GAsyncReadyCallback callback,
                                                     gpointer            user_data);
GPtrArray          *till_engine_list_gateways_finish (TillEngine   *self,
                                                      GAsyncResult *result,
                                                      GError      **error);

/* A test order of 0.01 yuan: %NULL as @attempt_no makes one, its number asks how far it is. */
void                till_engine_test_gateway_async (TillEngine         *self,
                                                    TillMethod          method,
                                                    const char         *attempt_no,
                                                    gint64              operator_id,
                                                    GCancellable       *cancellable,
                                                    GAsyncReadyCallback callback,
                                                    gpointer            user_data);
TillGatewayTest    *till_engine_test_gateway_finish (TillEngine   *self,
                                                     GAsyncResult *result,
                                                     GError      **error);

/* Matches a day with the gateway's bill: downloaded, or read from @path. */
void                till_engine_reconcile_async (TillEngine         *self,
                                                 TillMethod          method,
                                                 int                 day,
                                                 const char         *path,
                                                 gint64              operator_id,
                                                 GCancellable       *cancellable,
                                                 GAsyncReadyCallback callback,
                                                 gpointer            user_data);
TillReconciliation *till_engine_reconcile_finish (TillEngine   *self,
                                                  GAsyncResult *result,
                                                  GError      **error);

/* What was matched, newest day first, as TillReconciliation without differences; one of them. */
void                till_engine_list_reconciliations_async (TillEngine         *self,
                                                            GCancellable       *cancellable,
                                                            GAsyncReadyCallback callback,
                                                            gpointer            user_data);
GPtrArray          *till_engine_list_reconciliations_finish (TillEngine   *self,
                                                             GAsyncResult *result,
                                                             GError      **error);
void                till_engine_get_reconciliation_async (TillEngine         *self,
                                                          gint64              id,
                                                          GCancellable       *cancellable,
                                                          GAsyncReadyCallback callback,
                                                          gpointer            user_data);
TillReconciliation *till_engine_get_reconciliation_finish (TillEngine   *self,
                                                           GAsyncResult *result,
                                                           GError      **error);

/* Acts on a difference; @reason is of EXPLAIN. Answers with the match as it is then. */
void                till_engine_act_on_difference_async (TillEngine          *self,
                                                         gint64               difference_id,
                                                         TillDifferenceAction action,
                                                         const char          *reason,
                                                         gint64               operator_id,
                                                         GCancellable        *cancellable,
                                                         GAsyncReadyCallback  callback,
                                                         gpointer             user_data);
TillReconciliation *till_engine_act_on_difference_finish (TillEngine   *self,
                                                          GAsyncResult *result,
                                                          GError      **error);

G_END_DECLS
