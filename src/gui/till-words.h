/*
 * till-words.h: what the clerk reads: amounts, ages and the names of states
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-records.h"

G_BEGIN_DECLS

char       *till_words_money (TillMoney amount) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_energy (gint64 energy_ckwh) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_power (gint64 power_w) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_voltage (gint32 voltage_dv) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_current (gint64 current_ma) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_age (gint64 at_ms,
                            gint64 now_ms) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_moment (gint64 at_ms,
                               gint64 now_ms) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_phone (const char *phone) G_GNUC_WARN_UNUSED_RESULT;
const char *till_words_method (TillMethod method);
const char *till_words_order_state (TillOrderState state);
const char *till_words_order_icon (TillOrderState state);
const char *till_words_order_class (TillOrderState state);
const char *till_words_intent_kind (TillIntentKind kind);
char       *till_words_intent_result (const TillIntent *intent) G_GNUC_WARN_UNUSED_RESULT;
const char *till_words_health (TillHealth health);
const char *till_words_period (TillPeriod period);
const char *till_words_role (TillRole role);
const char *till_words_relay (const TillMeterState *state);
char       *till_words_force (const TillMeterState *state) G_GNUC_WARN_UNUSED_RESULT;
char       *till_words_condition (const TillCondition *condition) G_GNUC_WARN_UNUSED_RESULT;
const char *till_words_condition_advice (TillConditionKind kind);
char       *till_words_review (const TillIntent     *intent,
                               const TillMeterState *state) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
