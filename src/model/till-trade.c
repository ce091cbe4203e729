/*
 * till-trade.c: what a payment gateway says of money: trades, refunds, notices, bills
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-model"

#include "config.h"

#include "till-trade.h"

G_DEFINE_ENUM_TYPE (TillTradeKind, till_trade_kind,
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_KIND_QR, "qr"),
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_KIND_JSAPI, "jsapi"),
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_KIND_WAP, "wap"))

G_DEFINE_ENUM_TYPE (TillTradeState, till_trade_state,
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_STATE_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_STATE_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_STATE_PAID, "paid"),
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_STATE_REFUNDED, "refunded"),
                    G_DEFINE_ENUM_VALUE (TILL_TRADE_STATE_CLOSED, "closed"))

G_DEFINE_ENUM_TYPE (TillRefundState, till_refund_state,
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STATE_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STATE_PROCESSING, "processing"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STATE_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STATE_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (TILL_REFUND_STATE_ABNORMAL, "abnormal"))

static void
till_trade_clear (TillTrade *self)
{
  g_free (self->attempt_no);
  g_free (self->txn);
  g_free (self->currency);
  g_free (self->merchant);
  g_free (self->app);
  g_free (self->payer);
  g_clear_pointer (&self->raw, g_bytes_unref);
}

/**
 * till_trade_new:
 * @method: the gateway
 *
 * Returns: (transfer full): a trade of which nothing is known
 */
TillTrade *
till_trade_new (TillMethod method)
{
  TillTrade *self = g_atomic_rc_box_new0 (TillTrade);

  self->method = method;
  return self;
}

TillTrade *
till_trade_ref (TillTrade *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
till_trade_unref (TillTrade *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, (GDestroyNotify)till_trade_clear);
}

static void
till_refund_trade_clear (TillRefundTrade *self)
{
  g_free (self->attempt_no);
  g_free (self->refund_no);
  g_free (self->txn);
  g_free (self->merchant);
  g_clear_pointer (&self->raw, g_bytes_unref);
}

/**
 * till_refund_trade_new:
 * @method: the gateway
 *
 * Returns: (transfer full): a refund of which nothing is known
 */
TillRefundTrade *
till_refund_trade_new (TillMethod method)
{
  TillRefundTrade *self = g_atomic_rc_box_new0 (TillRefundTrade);

  self->method = method;
  return self;
}

TillRefundTrade *
till_refund_trade_ref (TillRefundTrade *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
till_refund_trade_unref (TillRefundTrade *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, (GDestroyNotify)till_refund_trade_clear);
}

static void
till_notice_clear (TillNotice *self)
{
  g_free (self->id);
  g_free (self->event);
  g_clear_pointer (&self->trade, till_trade_unref);
  g_clear_pointer (&self->refund, till_refund_trade_unref);
}

/**
 * till_notice_new:
 * @method: the gateway
 *
 * Returns: (transfer full): a notice about nothing
 */
TillNotice *
till_notice_new (TillMethod method)
{
  TillNotice *self = g_atomic_rc_box_new0 (TillNotice);

  self->method = method;
  return self;
}

TillNotice *
till_notice_ref (TillNotice *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
till_notice_unref (TillNotice *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, (GDestroyNotify)till_notice_clear);
}

static void
till_bill_clear (TillBill *self)
{
  g_ptr_array_unref (self->rows);
}

/**
 * till_bill_new:
 * @method: the gateway
 *
 * Returns: (transfer full): a bill without rows
 */
TillBill *
till_bill_new (TillMethod method)
{
  TillBill *self = g_atomic_rc_box_new0 (TillBill);

  self->method = method;
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)till_bill_row_free);
  return self;
}

TillBill *
till_bill_ref (TillBill *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
till_bill_unref (TillBill *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, (GDestroyNotify)till_bill_clear);
}

TillBillRow *
till_bill_row_new (void)
{
  return g_new0 (TillBillRow, 1);
}

void
till_bill_row_free (TillBillRow *self)
{
  if (self == NULL)
    return;

  g_free (self->attempt_no);
  g_free (self->txn);
  g_free (self->refund_no);
  g_free (self->refund_txn);
  g_free (self->state);
  g_free (self);
}
