/*
 * till-types.c: the enumerations every layer shares
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-model"

#include "config.h"

#include "till-types.h"

G_DEFINE_QUARK (till_rule_error, till_rule_error)

G_DEFINE_ENUM_TYPE (TillMethod, till_method,
                    G_DEFINE_ENUM_VALUE (TILL_METHOD_CASH, "cash"),
                    G_DEFINE_ENUM_VALUE (TILL_METHOD_POS, "pos"),
                    G_DEFINE_ENUM_VALUE (TILL_METHOD_TRANSFER, "transfer"),
                    G_DEFINE_ENUM_VALUE (TILL_METHOD_WECHAT, "wechat"),
                    G_DEFINE_ENUM_VALUE (TILL_METHOD_ALIPAY, "alipay"))

G_DEFINE_ENUM_TYPE (TillOrderState, till_order_state,
                    G_DEFINE_ENUM_VALUE (TILL_ORDER_STATE_NEW, "new"),
                    G_DEFINE_ENUM_VALUE (TILL_ORDER_STATE_PAID, "paid"),
                    G_DEFINE_ENUM_VALUE (TILL_ORDER_STATE_CREDITED, "credited"),
                    G_DEFINE_ENUM_VALUE (TILL_ORDER_STATE_REVIEW, "review"),
                    G_DEFINE_ENUM_VALUE (TILL_ORDER_STATE_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (TILL_ORDER_STATE_REFUNDED, "refunded"),
                    G_DEFINE_ENUM_VALUE (TILL_ORDER_STATE_EXPIRED, "expired"))

G_DEFINE_ENUM_TYPE (TillAttemptState, till_attempt_state,
                    G_DEFINE_ENUM_VALUE (TILL_ATTEMPT_STATE_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (TILL_ATTEMPT_STATE_CREATING, "creating"),
                    G_DEFINE_ENUM_VALUE (TILL_ATTEMPT_STATE_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (TILL_ATTEMPT_STATE_CLOSING, "closing"),
                    G_DEFINE_ENUM_VALUE (TILL_ATTEMPT_STATE_PAID, "paid"),
                    G_DEFINE_ENUM_VALUE (TILL_ATTEMPT_STATE_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (TILL_ATTEMPT_STATE_FAILED, "failed"))

G_DEFINE_ENUM_TYPE (TillIntentKind, till_intent_kind,
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_KIND_PURCHASE, "purchase"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_KIND_TRIP, "trip"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_KIND_AUTO, "auto"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_KIND_KEEP, "keep"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_KIND_CLOCK, "clock"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_KIND_REFUND, "refund"))

G_DEFINE_ENUM_TYPE (TillIntentState, till_intent_state,
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_STATE_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_STATE_SENDING, "sending"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_STATE_CONFIRMED, "confirmed"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_STATE_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_STATE_REVIEW, "review"),
                    G_DEFINE_ENUM_VALUE (TILL_INTENT_STATE_BURNT, "burnt"))

G_DEFINE_ENUM_TYPE (TillBalanceMode, till_balance_mode,
                    G_DEFINE_ENUM_VALUE (TILL_BALANCE_MODE_METER, "meter"),
                    G_DEFINE_ENUM_VALUE (TILL_BALANCE_MODE_SERVER, "server"))

G_DEFINE_ENUM_TYPE (TillLineKind, till_line_kind,
                    G_DEFINE_ENUM_VALUE (TILL_LINE_KIND_TTY, "tty"),
                    G_DEFINE_ENUM_VALUE (TILL_LINE_KIND_RTU_TCP, "rtu-tcp"),
                    G_DEFINE_ENUM_VALUE (TILL_LINE_KIND_MODBUS_TCP, "modbus-tcp"),
                    G_DEFINE_ENUM_VALUE (TILL_LINE_KIND_RTU_TCP_LISTEN, "rtu-tcp-listen"))

G_DEFINE_ENUM_TYPE (TillCountRule, till_count_rule,
                    G_DEFINE_ENUM_VALUE (TILL_COUNT_RULE_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (TILL_COUNT_RULE_GUARDED, "guarded"),
                    G_DEFINE_ENUM_VALUE (TILL_COUNT_RULE_ADD_ONLY, "add-only"))

G_DEFINE_ENUM_TYPE (TillRole, till_role,
                    G_DEFINE_ENUM_VALUE (TILL_ROLE_CLERK, "clerk"),
                    G_DEFINE_ENUM_VALUE (TILL_ROLE_SENIOR, "senior"),
                    G_DEFINE_ENUM_VALUE (TILL_ROLE_ENERGY, "energy"),
                    G_DEFINE_ENUM_VALUE (TILL_ROLE_ADMIN, "admin"),
                    G_DEFINE_ENUM_VALUE (TILL_ROLE_AUDITOR, "auditor"),
                    G_DEFINE_ENUM_VALUE (TILL_ROLE_INSTALLER, "installer"))

G_DEFINE_ENUM_TYPE (TillHealth, till_health,
                    G_DEFINE_ENUM_VALUE (TILL_HEALTH_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (TILL_HEALTH_FRESH, "fresh"),
                    G_DEFINE_ENUM_VALUE (TILL_HEALTH_LATE, "late"),
                    G_DEFINE_ENUM_VALUE (TILL_HEALTH_SILENT, "silent"),
                    G_DEFINE_ENUM_VALUE (TILL_HEALTH_STRANGER, "stranger"))

/**
 * till_enum_to_nick:
 * @type: one of the enumerations of this file
 * @value: one of its values
 *
 * Returns: (transfer none): the word for @value in files, on the wire of ctl and in the books
 */
const char *
till_enum_to_nick (GType type,
                   int value)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value (klass, value);

  g_return_val_if_fail (found != NULL, "?");

  return found->value_nick;
}

/**
 * till_enum_from_nick:
 * @type: one of the enumerations of this file
 * @nick: a word
 * @value: (out): where to put the value; left alone when there is none
 *
 * Returns: whether @nick is one of the words of @type
 */
gboolean
till_enum_from_nick (GType       type,
                     const char *nick,
                     int        *value)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value_by_nick (klass, nick);

  if (found == NULL)
    return FALSE;

  *value = found->value;
  return TRUE;
}
