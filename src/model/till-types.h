/*
 * till-types.h: the enumerations every layer shares
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * TillPeriod:
 *
 * The five time-of-use periods 尖 峰 平 谷 深谷, in the order of DTSY1352's registers.
 */
typedef enum
{
  TILL_PERIOD_SHARP,
  TILL_PERIOD_PEAK,
  TILL_PERIOD_FLAT,
  TILL_PERIOD_VALLEY,
  TILL_PERIOD_DEEP,
} TillPeriod;

#define TILL_N_PERIODS 5

/**
 * TillMethod:
 *
 * How a tenant pays (the channel of a payment).
 */
typedef enum
{
  TILL_METHOD_CASH,
  TILL_METHOD_POS,
  TILL_METHOD_TRANSFER,
  TILL_METHOD_WECHAT,
  TILL_METHOD_ALIPAY,
} TillMethod;

#define TILL_TYPE_METHOD (till_method_get_type ())
GType till_method_get_type (void);

/**
 * TillOrderState:
 * @TILL_ORDER_STATE_NEW: asked for, nothing paid yet
 * @TILL_ORDER_STATE_PAID: the money is in the books, on its way to the meter
 * @TILL_ORDER_STATE_CREDITED: confirmed by reading the meter back (or on the server-held ledger)
 * @TILL_ORDER_STATE_REVIEW: a person has to look at both sides
 * @TILL_ORDER_STATE_REFUSED: the meter refused it; the money is in suspense
 * @TILL_ORDER_STATE_REFUNDED: given back
 * @TILL_ORDER_STATE_EXPIRED: never paid
 *
 * Where a sale stands.
 */
typedef enum
{
  TILL_ORDER_STATE_NEW,
  TILL_ORDER_STATE_PAID,
  TILL_ORDER_STATE_CREDITED,
  TILL_ORDER_STATE_REVIEW,
  TILL_ORDER_STATE_REFUSED,
  TILL_ORDER_STATE_REFUNDED,
  TILL_ORDER_STATE_EXPIRED,
} TillOrderState;

#define TILL_TYPE_ORDER_STATE (till_order_state_get_type ())
GType till_order_state_get_type (void);

/**
 * TillAttemptState:
 * @TILL_ATTEMPT_STATE_NONE: not an online payment
 * @TILL_ATTEMPT_STATE_CREATING: in the books; the gateway has not answered yet
 * @TILL_ATTEMPT_STATE_WAITING: the code can be scanned
 * @TILL_ATTEMPT_STATE_CLOSING: it is being given up; the payer may still be faster
 * @TILL_ATTEMPT_STATE_PAID: the money is in the books
 * @TILL_ATTEMPT_STATE_CLOSED: it cannot be paid any more
 * @TILL_ATTEMPT_STATE_FAILED: the gateway refused to make it
 *
 * How far an attempt to pay through a gateway has come. A state never goes back.
 */
typedef enum
{
  TILL_ATTEMPT_STATE_NONE,
  TILL_ATTEMPT_STATE_CREATING,
  TILL_ATTEMPT_STATE_WAITING,
  TILL_ATTEMPT_STATE_CLOSING,
  TILL_ATTEMPT_STATE_PAID,
  TILL_ATTEMPT_STATE_CLOSED,
  TILL_ATTEMPT_STATE_FAILED,
} TillAttemptState;

#define TILL_TYPE_ATTEMPT_STATE (till_attempt_state_get_type ())
GType till_attempt_state_get_type (void);

/**
 * TillIntentKind:
 *
 * What a meter is to be told. An intent row is the only way to command a meter.
 */
typedef enum
{
  TILL_INTENT_KIND_PURCHASE,
  TILL_INTENT_KIND_TRIP,
  TILL_INTENT_KIND_AUTO,
  TILL_INTENT_KIND_KEEP,
  TILL_INTENT_KIND_CLOCK,
  TILL_INTENT_KIND_REFUND,
} TillIntentKind;

#define TILL_TYPE_INTENT_KIND (till_intent_kind_get_type ())
GType till_intent_kind_get_type (void);

/**
 * TillIntentState:
 * @TILL_INTENT_STATE_PENDING: nothing has been sent
 * @TILL_INTENT_STATE_SENDING: bytes may be on their way; after a fault shown as “unknown”
 * @TILL_INTENT_STATE_CONFIRMED: read back and seen
 * @TILL_INTENT_STATE_REFUSED: the meter said no, and nothing changed on it
 * @TILL_INTENT_STATE_REVIEW: the two sides do not fit together; a person decides
 * @TILL_INTENT_STATE_BURNT: given up for good; its purchase count may be used again
 */
typedef enum
{
  TILL_INTENT_STATE_PENDING,
  TILL_INTENT_STATE_SENDING,
  TILL_INTENT_STATE_CONFIRMED,
  TILL_INTENT_STATE_REFUSED,
  TILL_INTENT_STATE_REVIEW,
  TILL_INTENT_STATE_BURNT,
} TillIntentState;

#define TILL_TYPE_INTENT_STATE (till_intent_state_get_type ())
GType till_intent_state_get_type (void);

/**
 * TillBalanceMode:
 *
 * Who holds the tenant's money: the meter itself, or the ledger.
 */
typedef enum
{
  TILL_BALANCE_MODE_METER,
  TILL_BALANCE_MODE_SERVER,
} TillBalanceMode;

#define TILL_TYPE_BALANCE_MODE (till_balance_mode_get_type ())
GType till_balance_mode_get_type (void);

/**
 * TillLineKind:
 *
 * How a line of meters is reached: `tty` a local adapter, `rtu-tcp` a transparent serial device
 * server, `modbus-tcp` a gateway, `rtu-tcp-listen` a device server that dials us.
 */
typedef enum
{
  TILL_LINE_KIND_TTY,
  TILL_LINE_KIND_RTU_TCP,
  TILL_LINE_KIND_MODBUS_TCP,
  TILL_LINE_KIND_RTU_TCP_LISTEN,
} TillLineKind;

#define TILL_TYPE_LINE_KIND (till_line_kind_get_type ())
GType till_line_kind_get_type (void);

/**
 * TillCountRule:
 * @TILL_COUNT_RULE_UNKNOWN: not probed yet; treated like %TILL_COUNT_RULE_ADD_ONLY
 * @TILL_COUNT_RULE_GUARDED: the meter refuses a purchase whose count is not its own plus one
 * @TILL_COUNT_RULE_ADD_ONLY: the meter adds whatever comes
 *
 * What a meter does with a repeated purchase count.
 */
typedef enum
{
  TILL_COUNT_RULE_UNKNOWN,
  TILL_COUNT_RULE_GUARDED,
  TILL_COUNT_RULE_ADD_ONLY,
} TillCountRule;

#define TILL_TYPE_COUNT_RULE (till_count_rule_get_type ())
GType till_count_rule_get_type (void);

/**
 * TillRole:
 *
 * What an operator may do.
 */
typedef enum
{
  TILL_ROLE_CLERK,
  TILL_ROLE_SENIOR,
  TILL_ROLE_ENERGY,
  TILL_ROLE_ADMIN,
  TILL_ROLE_AUDITOR,
  TILL_ROLE_INSTALLER,
} TillRole;

#define TILL_TYPE_ROLE (till_role_get_type ())
GType till_role_get_type (void);

/**
 * TillHealth:
 * @TILL_HEALTH_WAITING: never heard of since the start
 * @TILL_HEALTH_FRESH: read within the last minute
 * @TILL_HEALTH_LATE: not read for a minute, but answering lately
 * @TILL_HEALTH_SILENT: does not answer
 * @TILL_HEALTH_STRANGER: something answers, but not this meter (type or number differ)
 *
 * How well a meter can be reached.
 */
typedef enum
{
  TILL_HEALTH_WAITING,
  TILL_HEALTH_FRESH,
  TILL_HEALTH_LATE,
  TILL_HEALTH_SILENT,
  TILL_HEALTH_STRANGER,
} TillHealth;

#define TILL_TYPE_HEALTH (till_health_get_type ())
GType       till_health_get_type (void);

const char *till_enum_to_nick (GType type,
                               int   value);
gboolean    till_enum_from_nick (GType       type,
                                 const char *nick,
                                 int        *value);

#define TILL_RULE_ERROR (till_rule_error_quark ())
GQuark      till_rule_error_quark (void);

/**
 * TillRuleError:
 * @TILL_RULE_ERROR_DUPLICATE: it exists already, with other particulars
 * @TILL_RULE_ERROR_NOT_ALLOWED: this operator may not
 * @TILL_RULE_ERROR_LIMIT: beyond a limit (hoarding cap, amount)
 * @TILL_RULE_ERROR_CLOSED: the thing is closed, blocked or stopping
 * @TILL_RULE_ERROR_STALE: what is known is too old to decide on
 * @TILL_RULE_ERROR_UNKNOWN: there is no such thing
 * @TILL_RULE_ERROR_AMBIGUOUS: several things answer to that name
 * @TILL_RULE_ERROR_INVALID: the words of the request are wrong
 *
 * The business said no. The message names the thing and what to do.
 */
typedef enum
{
  TILL_RULE_ERROR_DUPLICATE,
  TILL_RULE_ERROR_NOT_ALLOWED,
  TILL_RULE_ERROR_LIMIT,
  TILL_RULE_ERROR_CLOSED,
  TILL_RULE_ERROR_STALE,
  TILL_RULE_ERROR_UNKNOWN,
  TILL_RULE_ERROR_AMBIGUOUS,
  TILL_RULE_ERROR_INVALID,
} TillRuleError;

G_END_DECLS
