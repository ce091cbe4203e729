/*
 * till-online.h: what the engine tells of payments that come through a gateway
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-records.h"
#include "till-trade.h"

G_BEGIN_DECLS

/**
 * TillPayment:
 *
 * Money that came in, with its proof.
 */
typedef struct
{
  TillMethod method;
  char      *txn;      /* the gateway's number */
  char      *order_id; /* empty when no order of ours has that number */
  TillMoney  amount;
  gint64     received_ms;
  gboolean   credited; /* it paid the order; otherwise it is in suspense */
  char      *raw;      /* (nullable) the octets as they came, where they are text */
} TillPayment;

/**
 * TillStrayReason:
 * @TILL_STRAY_REASON_UNKNOWN_ORDER: no attempt of ours has that number
 * @TILL_STRAY_REASON_ORDER_CLOSED: the order was given up before the money came
 * @TILL_STRAY_REASON_SECOND_PAYMENT: the order was paid already
 * @TILL_STRAY_REASON_AMOUNT: another amount than the order's
 * @TILL_STRAY_REASON_CURRENCY: not yuan: no money of ours until somebody has looked
 * @TILL_STRAY_REASON_MERCHANT: paid to another merchant or application: not our money
 * @TILL_STRAY_REASON_CAP: with it the meter would be beyond the hoarding cap
 * @TILL_STRAY_REASON_ACCOUNT_CLOSED: the tenant has moved out
 *
 * Why a genuine payment was not credited by itself.
 */
typedef enum
{
  TILL_STRAY_REASON_UNKNOWN_ORDER,
  TILL_STRAY_REASON_ORDER_CLOSED,
  TILL_STRAY_REASON_SECOND_PAYMENT,
  TILL_STRAY_REASON_AMOUNT,
  TILL_STRAY_REASON_CURRENCY,
  TILL_STRAY_REASON_MERCHANT,
  TILL_STRAY_REASON_CAP,
  TILL_STRAY_REASON_ACCOUNT_CLOSED,
} TillStrayReason;

#define TILL_TYPE_STRAY_REASON (till_stray_reason_get_type ())
GType till_stray_reason_get_type (void);

/**
 * TillStrayState:
 * @TILL_STRAY_STATE_OPEN: a person has to decide
 * @TILL_STRAY_STATE_CREDITED: sold as a recharge of its own
 * @TILL_STRAY_STATE_REFUNDING: on its way back to the payer
 * @TILL_STRAY_STATE_REFUNDED: given back
 * @TILL_STRAY_STATE_DISMISSED: it was not our money
 */
typedef enum
{
  TILL_STRAY_STATE_OPEN,
  TILL_STRAY_STATE_CREDITED,
  TILL_STRAY_STATE_REFUNDING,
  TILL_STRAY_STATE_REFUNDED,
  TILL_STRAY_STATE_DISMISSED,
} TillStrayState;

#define TILL_TYPE_STRAY_STATE (till_stray_state_get_type ())
GType till_stray_state_get_type (void);

/**
 * TillStray:
 *
 * A genuine payment that is kept in suspense until a person decides.
 */
typedef struct
{
  gint64          id;
  TillMethod      method;
  char           *txn;
  char           *attempt_no; /* the number that the gateway names */
  char           *order_id;   /* (nullable) the order of that attempt */
  gint64          account_id; /* whom that order was for, 0 when unknown */
  gint64          meter_id;
  TillMoney       amount;       /* what was paid */
  TillMoney       order_amount; /* what was asked, 0 when unknown */
  char           *payer;        /* (nullable) as the gateway masks it */
  gint64          received_ms;
  TillStrayReason reason;
  gboolean        booked; /* it is our money and stands in suspense in the journal */
  TillStrayState  state;
  char           *decided_by; /* (nullable) */
  char           *message;    /* (nullable) the words of the decision, or of a fault */
  char           *raw;        /* (nullable) */
} TillStray;

/**
 * TillStrayDecision:
 * @TILL_STRAY_DECISION_CREDIT: sell it to a tenant as a recharge of its own
 * @TILL_STRAY_DECISION_REFUND: give it back through the gateway
 * @TILL_STRAY_DECISION_DISMISS: not our money: only where it was not booked
 */
typedef enum
{
  TILL_STRAY_DECISION_CREDIT,
  TILL_STRAY_DECISION_REFUND,
  TILL_STRAY_DECISION_DISMISS,
} TillStrayDecision;

#define TILL_TYPE_STRAY_DECISION (till_stray_decision_get_type ())
GType till_stray_decision_get_type (void);

/**
 * TillRefundStep:
 * @TILL_REFUND_STEP_METER: the amount is being taken back from the meter
 * @TILL_REFUND_STEP_MONEY: the meter has given it back; the money is to go, or is going
 * @TILL_REFUND_STEP_DONE: the payer has the money
 * @TILL_REFUND_STEP_FAILED: it did not happen: nothing was taken from the meter
 * @TILL_REFUND_STEP_REVIEW: a person has to look: the meter, or the gateway, does not say what
 *   is expected
 *
 * How far a refund has come. Meter first, money second.
 */
typedef enum
{
  TILL_REFUND_STEP_METER,
  TILL_REFUND_STEP_MONEY,
  TILL_REFUND_STEP_DONE,
  TILL_REFUND_STEP_FAILED,
  TILL_REFUND_STEP_REVIEW,
} TillRefundStep;

#define TILL_TYPE_REFUND_STEP (till_refund_step_get_type ())
GType till_refund_step_get_type (void);

typedef struct
{
  char           *refund_no;
  char           *order_id; /* (nullable) of a sale; %NULL for a stray payment */
  gint64          stray_id; /* 0 for a sale */
  gint64          account_id;
  gint64          meter_id;
  TillMethod      method;
  TillMoney       amount;
  TillRefundStep  step;
  TillRefundState gateway_state; /* as the gateway says, of an online payment */
  char           *reason;
  char           *operator_name;
  gint64          created_ms;
  gint64          done_ms;
  char           *message; /* (nullable) the last fault */
} TillRefund;

/**
 * TillGateway:
 *
 * A gateway as the diagnostics page shows it.
 */
typedef struct
{
  TillMethod method;
  gboolean   configured;
  gboolean   usable;      /* keys read, last call answered */
  char      *fault;       /* (nullable) English: what is missing or wrong */
  gint64     last_notice_ms;
  gint64     last_answer_ms;
  char     **keys;   /* of its facts: see docs/payments.md; as many as @values */
  char     **values;
  gboolean  *good;
} TillGateway;

/**
 * TillGatewayTest:
 *
 * A test order of 0.01 yuan, which is given back when it was paid.
 */
typedef struct
{
  TillMethod      method;
  char           *attempt_no;
  char           *code_url; /* (nullable) */
  gint64          expires_ms;
  TillTradeState  trade_state;
  TillRefundState refund_state;
  gboolean        noticed; /* a notification came, too */
  char           *message; /* (nullable) the last fault */
} TillGatewayTest;

/**
 * TillDifferenceKind:
 * @TILL_DIFFERENCE_KIND_NONE: both sides are equal
 * @TILL_DIFFERENCE_KIND_ONLY_OURS: the bill does not have it (平台无)
 * @TILL_DIFFERENCE_KIND_ONLY_THEIRS: the books do not have it (单边账)
 * @TILL_DIFFERENCE_KIND_AMOUNT: the amounts differ
 * @TILL_DIFFERENCE_KIND_REFUND: the states or amounts of a refund differ
 * @TILL_DIFFERENCE_KIND_DAY: both sides have it, on different days
 *
 * What the three-way match of a day finds about a number.
 */
typedef enum
{
  TILL_DIFFERENCE_KIND_NONE,
  TILL_DIFFERENCE_KIND_ONLY_OURS,
  TILL_DIFFERENCE_KIND_ONLY_THEIRS,
  TILL_DIFFERENCE_KIND_AMOUNT,
  TILL_DIFFERENCE_KIND_REFUND,
  TILL_DIFFERENCE_KIND_DAY,
} TillDifferenceKind;

#define TILL_TYPE_DIFFERENCE_KIND (till_difference_kind_get_type ())
GType till_difference_kind_get_type (void);

/**
 * TillDifferenceAction:
 * @TILL_DIFFERENCE_ACTION_NONE: nothing yet
 * @TILL_DIFFERENCE_ACTION_QUERY: ask the gateway: a payment that was missed is settled or kept
 * @TILL_DIFFERENCE_ACTION_EXPLAIN: a person says in words why it is right as it is
 */
typedef enum
{
  TILL_DIFFERENCE_ACTION_NONE,
  TILL_DIFFERENCE_ACTION_QUERY,
  TILL_DIFFERENCE_ACTION_EXPLAIN,
} TillDifferenceAction;

#define TILL_TYPE_DIFFERENCE_ACTION (till_difference_action_get_type ())
GType till_difference_action_get_type (void);

typedef struct
{
  gint64               id;
  TillDifferenceKind   kind;
  char                *attempt_no;
  char                *refund_no; /* (nullable) of a refund */
  char                *txn;       /* (nullable) */
  char                *order_id;  /* (nullable) */
  char                *place;     /* (nullable) building and shop */
  TillMoney            ours;      /* fen; 0 when only theirs */
  TillMoney            theirs;    /* fen; 0 when only ours */
  gint64               ours_ms;
  gint64               theirs_ms;
  char                *state;     /* (nullable) what the bill says */
  TillDifferenceAction action;
  char                *outcome;    /* (nullable) what came of the action */
  char                *decided_by; /* (nullable) */
} TillDifference;

/**
 * TillReconciliation:
 *
 * The match of one day with one gateway's bill. Kept; a later run of the same day replaces it and
 * keeps the actions.
 */
typedef struct
{
  gint64     id;
  TillMethod method;
  int        day; /* yyyymmdd */
  gint64     run_ms;
  char      *operator_name;
  guint      n_ours;
  guint      n_theirs;
  guint      n_equal;
  guint      n_open; /* differences without an action */
  TillMoney  ours;
  TillMoney  theirs;
  TillMoney  ours_refunded;
  TillMoney  theirs_refunded;
  gint64     fee_e5; /* the gateway's fee, in 0.00001 yuan */
  GPtrArray *differences; /* of TillDifference; in a list of runs only the sums are given */
} TillReconciliation;

void till_difference_free (TillDifference *self);

TILL_DECLARE_RECORD (TillPayment, till_payment)
TILL_DECLARE_RECORD (TillStray, till_stray)
TILL_DECLARE_RECORD (TillRefund, till_refund)
TILL_DECLARE_RECORD (TillGateway, till_gateway)
TILL_DECLARE_RECORD (TillGatewayTest, till_gateway_test)
TILL_DECLARE_RECORD (TillReconciliation, till_reconciliation)

G_END_DECLS
