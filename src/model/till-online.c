/*
 * till-online.c: what the engine tells of payments that come through a gateway
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-model"

#include "config.h"

#include "till-online.h"
#include "till-record-private.h"

G_DEFINE_ENUM_TYPE (TillStrayReason, till_stray_reason,
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_UNKNOWN_ORDER, "unknown-order"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_ORDER_CLOSED, "order-closed"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_SECOND_PAYMENT, "second-payment"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_AMOUNT, "amount"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_CURRENCY, "currency"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_MERCHANT, "merchant"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_CAP, "cap"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_REASON_ACCOUNT_CLOSED, "account-closed"))

G_DEFINE_ENUM_TYPE (TillStrayState, till_stray_state,
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_STATE_OPEN, "open"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_STATE_CREDITED, "credited"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_STATE_REFUNDING, "refunding"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_STATE_REFUNDED, "refunded"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_STATE_DISMISSED, "dismissed"))

G_DEFINE_ENUM_TYPE (TillStrayDecision, till_stray_decision,
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_DECISION_CREDIT, "credit"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_DECISION_REFUND, "refund"),
                    G_DEFINE_ENUM_VALUE (TILL_STRAY_DECISION_DISMISS, "dismiss"))

G_DEFINE_ENUM_TYPE (TillRefundStep, till_refund_step,
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STEP_METER, "meter"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STEP_MONEY, "money"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STEP_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STEP_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STEP_REVIEW, "review"))

G_DEFINE_ENUM_TYPE (TillDifferenceKind, till_difference_kind,
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_KIND_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_KIND_ONLY_OURS, "only-ours"),
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_KIND_ONLY_THEIRS, "only-theirs"),
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_KIND_AMOUNT, "amount"),
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_KIND_REFUND, "refund"),
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_KIND_DAY, "day"))

G_DEFINE_ENUM_TYPE (TillDifferenceAction, till_difference_action,
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_ACTION_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_ACTION_QUERY, "query"),
                    G_DEFINE_ENUM_VALUE (TILL_DIFFERENCE_ACTION_EXPLAIN, "explain"))

static void
till_payment_clear (TillPayment *self)
{
  g_free (self->txn);
  g_free (self->order_id);
  g_free (self->raw);
}

static void
till_stray_clear (TillStray *self)
{
  g_free (self->txn);
  g_free (self->attempt_no);
  g_free (self->order_id);
  g_free (self->payer);
  g_free (self->decided_by);
  g_free (self->message);
  g_free (self->raw);
}

static void
till_refund_clear (TillRefund *self)
{
  g_free (self->refund_no);
  g_free (self->order_id);
  g_free (self->reason);
  g_free (self->operator_name);
  g_free (self->message);
}

static void
till_gateway_clear (TillGateway *self)
{
  g_free (self->fault);
  g_strfreev (self->keys);
  g_strfreev (self->values);
  g_free (self->good);
}

static void
till_gateway_test_clear (TillGatewayTest *self)
{
  g_free (self->attempt_no);
  g_free (self->code_url);
  g_free (self->message);
}

void
till_difference_free (TillDifference *self)
{
  if (self == NULL)
    return;

  g_free (self->attempt_no);
  g_free (self->refund_no);
  g_free (self->txn);
  g_free (self->order_id);
  g_free (self->place);
  g_free (self->state);
  g_free (self->outcome);
  g_free (self->decided_by);
  g_free (self);
}

static void
till_reconciliation_clear (TillReconciliation *self)
{
  g_free (self->operator_name);
  g_clear_pointer (&self->differences, g_ptr_array_unref);
}

DEFINE_RECORD (TillPayment, till_payment)
DEFINE_RECORD (TillStray, till_stray)
DEFINE_RECORD (TillRefund, till_refund)
DEFINE_RECORD (TillGateway, till_gateway)
DEFINE_RECORD (TillGatewayTest, till_gateway_test)
DEFINE_RECORD (TillReconciliation, till_reconciliation)
