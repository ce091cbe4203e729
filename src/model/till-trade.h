/*
 * till-trade.h: what a payment gateway says of money: trades, refunds, notices, bills
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-money.h"
#include "till-types.h"

G_BEGIN_DECLS

/**
 * TillTradeKind:
 * @TILL_TRADE_KIND_QR: a code that the payer scans (WeChat Native, Alipay precreate)
 * @TILL_TRADE_KIND_JSAPI: a page inside WeChat
 * @TILL_TRADE_KIND_WAP: a page in any browser of a phone (WeChat H5, Alipay wap.pay)
 *
 * How the payer meets the gateway.
 */
typedef enum
{
  TILL_TRADE_KIND_QR,
  TILL_TRADE_KIND_JSAPI,
  TILL_TRADE_KIND_WAP,
} TillTradeKind;

#define TILL_TYPE_TRADE_KIND (till_trade_kind_get_type ())
GType till_trade_kind_get_type (void);

/**
 * TillTradeState:
 * @TILL_TRADE_STATE_NONE: the gateway knows no such trade (Alipay's codes before they are scanned)
 * @TILL_TRADE_STATE_WAITING: asked for, not paid
 * @TILL_TRADE_STATE_PAID: paid; also while part of it is being given back
 * @TILL_TRADE_STATE_REFUNDED: paid, and all of it given back
 * @TILL_TRADE_STATE_CLOSED: not paid, and cannot be paid any more
 *
 * Where a trade stands, as the gateway says.
 */
typedef enum
{
  TILL_TRADE_STATE_NONE,
  TILL_TRADE_STATE_WAITING,
  TILL_TRADE_STATE_PAID,
  TILL_TRADE_STATE_REFUNDED,
  TILL_TRADE_STATE_CLOSED,
} TillTradeState;

#define TILL_TYPE_TRADE_STATE (till_trade_state_get_type ())
GType till_trade_state_get_type (void);

/**
 * TillTrade:
 *
 * A payment, as far as the gateway says it has come. From a signed answer or notice whose signature
 * holds; whether it is ours, and of the right amount, is for the engine to say.
 */
typedef struct
{
  TillMethod     method;
  TillTradeState state;
  char          *attempt_no; /* our number of the attempt: out_trade_no */
  char          *txn;        /* (nullable) the gateway's number: transaction_id, trade_no */
  TillMoney      amount;     /* of the order (total), not what the payer was charged; 0 unknown */
  char          *currency;   /* (nullable) CNY unless it says otherwise */
  char          *merchant;   /* (nullable) mchid; seller_id */
  char          *app;        /* (nullable) appid; app_id */
  char          *payer;      /* (nullable) openid; buyer's account as the gateway masks it */
  gint64         paid_ms;    /* 0 while not paid */
  GBytes        *raw;        /* (nullable) the octets as they came: the proof */
} TillTrade;

/**
 * TillRefundState:
 * @TILL_REFUND_STATE_NONE: the gateway knows no such refund
 * @TILL_REFUND_STATE_PROCESSING: accepted, under way
 * @TILL_REFUND_STATE_DONE: the payer has the money
 * @TILL_REFUND_STATE_CLOSED: it did not happen
 * @TILL_REFUND_STATE_ABNORMAL: stuck at the gateway until somebody acts there
 *
 * Where a refund stands, as the gateway says.
 */
typedef enum
{
  TILL_REFUND_STATE_NONE,
  TILL_REFUND_STATE_PROCESSING,
  TILL_REFUND_STATE_DONE,
  TILL_REFUND_STATE_CLOSED,
  TILL_REFUND_STATE_ABNORMAL,
} TillRefundState;

#define TILL_TYPE_REFUND_STATE (till_refund_state_get_type ())
GType till_refund_state_get_type (void);

typedef struct
{
  TillMethod      method;
  TillRefundState state;
  char           *attempt_no; /* of the payment */
  char           *refund_no;  /* ours: out_refund_no, out_request_no */
  char           *txn;        /* (nullable) the gateway's number of the refund */
  TillMoney       amount;
  char           *merchant; /* (nullable) */
  gint64          done_ms;
  GBytes         *raw; /* (nullable) */
} TillRefundTrade;

/**
 * TillNotice:
 *
 * A notification whose signature holds. Genuine notices about neither a payment nor a refund have
 * neither @trade nor @refund: they are answered with success and otherwise ignored.
 */
typedef struct
{
  TillMethod       method;
  char            *id;     /* (nullable) of the notice; stays the same over retries */
  char            *event;  /* what it says of itself, for the log */
  TillTrade       *trade;  /* (nullable) */
  TillRefundTrade *refund; /* (nullable) */
} TillNotice;

/**
 * TillBillRow:
 *
 * A row of a gateway's bill of a day: a payment, or a refund when @refund_no is set.
 */
typedef struct
{
  char     *attempt_no;
  char     *txn;
  char     *refund_no;  /* (nullable) ours */
  char     *refund_txn; /* (nullable) theirs */
  gint64    at_ms;
  TillMoney amount;     /* paid, or given back; always positive */
  gint64    fee_e5;     /* fee in 0.00001 yuan, negative when given back */
  char     *state;      /* (nullable) what the bill says of it: SUCCESS, REFUND, PROCESSING … */
  guint     line;       /* in the file, from 1 */
} TillBillRow;

typedef struct
{
  TillMethod method;
  int        day;  /* yyyymmdd, 0 when the file does not say */
  GPtrArray *rows; /* of TillBillRow */
  TillMoney  paid;     /* the totals that the bill itself prints */
  TillMoney  refunded;
  gint64     fee_e5;
  guint      n_rows; /* as the bill prints it */
} TillBill;

TillTrade       *till_trade_new (TillMethod method);
TillTrade       *till_trade_ref (TillTrade *self);
void             till_trade_unref (TillTrade *self);
TillRefundTrade *till_refund_trade_new (TillMethod method);
TillRefundTrade *till_refund_trade_ref (TillRefundTrade *self);
void             till_refund_trade_unref (TillRefundTrade *self);
TillNotice      *till_notice_new (TillMethod method);
TillNotice      *till_notice_ref (TillNotice *self);
void             till_notice_unref (TillNotice *self);
TillBill        *till_bill_new (TillMethod method);
TillBill        *till_bill_ref (TillBill *self);
void             till_bill_unref (TillBill *self);
TillBillRow     *till_bill_row_new (void);
void             till_bill_row_free (TillBillRow *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillTrade, till_trade_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillRefundTrade, till_refund_trade_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillNotice, till_notice_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillBill, till_bill_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillBillRow, till_bill_row_free)

G_END_DECLS
