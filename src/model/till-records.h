/*
 * till-records.h: what the engine tells of sales, commands, people and conditions
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-reading.h"

G_BEGIN_DECLS

/*
 * Records are counted atomically and never change once published, so they may cross threads.
 * A newer state of the same thing is a new record with the same id.
 */

/**
 * TillMeterState:
 *
 * The live state of one meter. Published to the main thread at most once a second a meter.
 */
typedef struct
{
  gint64      meter_id;
  TillHealth  health;
  gint64      last_contact_ms; /* wall clock UTC of the last good reading, 0 for never */
  TillReading reading;         /* everything known, merged */
  gboolean    adopted;         /* it is in the books */
  gint64      today_ckwh;      /* since midnight, -1 when not known */
  TillMoney   today_cost;      /* of meter-held accounts, -1 when not known */
  TillMoney   on_its_way;      /* paid, not yet confirmed on the meter */
  gboolean    blocked;         /* a purchase is under REVIEW: no sales */
  guint       n_open_commands;
  TillForce   wanted_force;  /* by the last command, for “keep power until” */
  gint64      keep_until_ms; /* 0: not kept by us */
  char       *keep_reason;   /* (nullable) */
  char       *keep_operator; /* (nullable) */
} TillMeterState;

/**
 * TillOrder:
 *
 * A sale, as far as it has come.
 */
typedef struct
{
  char            *id;
  char            *receipt_no; /* (nullable) before it is paid */
  gint64           account_id;
  gint64           meter_id; /* 0 for a server-held account */
  TillMoney        amount;
  TillMethod       method;
  TillOrderState   state;
  gint64           created_ms;
  gint64           paid_ms;
  gint64           credited_ms;
  char            *operator_name;
  TillMoney        balance_before; /* on the meter, when @has_balances */
  TillMoney        balance_after;
  gboolean         has_balances;
  guint            n_prints;
  guint            n_ahead; /* unsettled purchases of this meter before this one */
  TillMoney        refunded; /* given back, or on its way back */
  char            *message; /* (nullable) why it is in REVIEW or REFUSED */

  /* of an online payment */
  TillAttemptState attempt_state;
  char            *attempt_no; /* (nullable) our number at the gateway: out_trade_no */
  char            *code_url;   /* (nullable) what the payer scans */
  gint64           expires_ms; /* until when the code can be paid */
} TillOrder;

/**
 * TillIntent:
 *
 * A command to a meter: relay, clock or purchase.
 */
typedef struct
{
  gint64          id;
  TillIntentKind  kind;
  TillIntentState state;
  gint64          meter_id;
  char           *order_id; /* (nullable) */
  gint64          created_ms;
  gint64          settled_ms;
  char           *operator_name;
  char           *reason;
  gint64          until_ms; /* of keep power, 0 otherwise */
  guint           tries;
  gboolean        unknown; /* sending, after a fault: it may or may not have been done */
  char           *message; /* (nullable) the last fault, or why it is in REVIEW */

  /* both sides of a purchase */
  TillMoney       amount;
  guint32         count_before;
  guint32         count_new;
  TillMoney       balance_before;
  gint64          energy_before_ckwh;
  gint64          before_ms;
} TillIntent;

/**
 * TillDecision:
 * @TILL_DECISION_CREDITED: the meter has it: settle as delivered
 * @TILL_DECISION_RESEND: the meter does not have it: burn the count and send once more
 * @TILL_DECISION_RETURN: the meter does not have it and shall not: burn it, money back to the
 *   tenant
 *
 * What a senior clerk decides about a purchase in REVIEW.
 */
typedef enum
{
  TILL_DECISION_CREDITED,
  TILL_DECISION_RESEND,
  TILL_DECISION_RETURN,
} TillDecision;

/**
 * TillQuote:
 *
 * What a sale would be, before money is taken.
 */
typedef struct
{
  gboolean  allowed;
  char     *refusal; /* (nullable) English, for the log; the screen says it by @code */
  int       code;    /* TillRuleError when not allowed */
  gboolean  fresh;   /* the meter was read within the last minute */
  TillMoney remaining;
  TillMoney on_its_way;
  TillMoney cap; /* hoarding cap, 0 for none */
  guint     n_ahead;
} TillQuote;

/**
 * TillOperator:
 *
 * Who is signed in.
 */
typedef struct
{
  gint64   id;
  char    *name;
  char    *display_name;
  TillRole role;
} TillOperator;

/**
 * TillReceipt:
 *
 * All that stands on a receipt.
 */
typedef struct
{
  char          *number;
  char          *site_name;
  char          *shop;   /* building and shop */
  char          *tenant;
  char          *phone_masked; /* (nullable) */
  char          *meter_no;     /* (nullable) */
  TillMoney      amount;
  TillMethod     method;
  TillOrderState state;
  gint64         paid_ms;
  char          *operator_name;
  TillMoney      balance_before;
  TillMoney      balance_after;
  gboolean       has_balances; /* otherwise it says “on its way to the meter” */
  guint          reprint;      /* 0 the original, n the n-th reprint 补打 */
  char          *order_id;
  gboolean       demo;
} TillReceipt;

/**
 * TillConditionKind:
 *
 * States that stand until somebody or something ends them; shown as bars.
 */
typedef enum
{
  TILL_CONDITION_LINE_DOWN,
  TILL_CONDITION_METERS_SILENT,
  TILL_CONDITION_REVIEW_OPEN,
  TILL_CONDITION_BOOKS_FAULT,
  TILL_CONDITION_CLOCK_WENT_BACK,
  TILL_CONDITION_SIMULATOR_GONE,
  TILL_CONDITION_READINGS_FAULT,
  TILL_CONDITION_LISTENER_FAULT,
  TILL_CONDITION_STRAY_OPEN,   /* payments in suspense wait for a decision */
  TILL_CONDITION_REFUND_STUCK, /* refunds wait for a person */
  TILL_CONDITION_GATEWAY_DOWN, /* a gateway does not answer, or its settings are wrong */
} TillConditionKind;

typedef struct
{
  TillConditionKind kind;
  gint64            subject_id; /* a line, or 0 */
  gint64            since_ms;
  guint             count;   /* how many meters, purchases … */
  char             *subject; /* (nullable) */
  char             *message; /* English, for the log */
} TillCondition;

#define TILL_DECLARE_RECORD(Type, prefix) \
  Type *prefix ## _new (void); \
  Type *prefix ## _ref (Type *self); \
  void prefix ## _unref (Type *self); \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (Type, prefix ## _unref)

TILL_DECLARE_RECORD (TillMeterState, till_meter_state)
TILL_DECLARE_RECORD (TillOrder, till_order)
TILL_DECLARE_RECORD (TillIntent, till_intent)
TILL_DECLARE_RECORD (TillQuote, till_quote)
TILL_DECLARE_RECORD (TillOperator, till_operator)
TILL_DECLARE_RECORD (TillReceipt, till_receipt)
TILL_DECLARE_RECORD (TillCondition, till_condition)

G_END_DECLS
