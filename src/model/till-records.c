/*
 * till-records.c: what the engine tells of sales, commands, people and conditions
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-model"

#include "config.h"

#include "till-record-private.h"
#include "till-records.h"

static void
till_meter_state_clear (TillMeterState *self)
{
  g_free (self->keep_reason);
  g_free (self->keep_operator);
}

static void
till_order_clear (TillOrder *self)
{
  g_free (self->id);
  g_free (self->receipt_no);
  g_free (self->operator_name);
  g_free (self->code_url);
  g_free (self->attempt_no);
  g_free (self->message);
}

static void
till_intent_clear (TillIntent *self)
{
  g_free (self->order_id);
  g_free (self->operator_name);
  g_free (self->reason);
  g_free (self->message);
}

static void
till_quote_clear (TillQuote *self)
{
  g_free (self->refusal);
}

static void
till_operator_clear (TillOperator *self)
{
  g_free (self->name);
  g_free (self->display_name);
}

static void
till_receipt_clear (TillReceipt *self)
{
  g_free (self->number);
  g_free (self->site_name);
  g_free (self->shop);
  g_free (self->tenant);
  g_free (self->phone_masked);
  g_free (self->meter_no);
  g_free (self->operator_name);
  g_free (self->order_id);
}

static void
till_condition_clear (TillCondition *self)
{
  g_free (self->subject);
  g_free (self->message);
}

DEFINE_RECORD (TillMeterState, till_meter_state)
DEFINE_RECORD (TillOrder, till_order)
DEFINE_RECORD (TillIntent, till_intent)
DEFINE_RECORD (TillQuote, till_quote)
DEFINE_RECORD (TillOperator, till_operator)
DEFINE_RECORD (TillReceipt, till_receipt)
DEFINE_RECORD (TillCondition, till_condition)
