/*
 * till-takings.c: a payment that a gateway tells of, on its way into the books
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-cashier-private.h"
#include "till-clock.h"
#include "till-delivery-private.h"
#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-refund-private.h"
#include "till-store-orders.h"

/**
 * Taking:
 *
 * One payment, by notice or by answer. Whatever it is, it ends in one of three ways, in one
 * transaction: it is known already and nothing happens; it pays its order; or it is kept as a
 * payment in suspense that a person decides about.
 */
typedef struct
{
  TillCore     *core;
  TillTrade    *trade;
  gboolean      noticed;
  TillTakenFunc done;
  gpointer      user_data;

  /* what was written */
  char         *order_id; /* (nullable) it has news */
  gint64        intent_id;
  gint64        stray_id;
  gboolean      is_test;
  gboolean      ended; /* the attempt needs no more questions */
} Taking;

static void
taking_free (Taking *self)
{
  till_trade_unref (self->trade);
  g_free (self->order_id);
  g_free (self);
}

/* Whose money it is, and whether it is money: decided before anything of ours is looked up. */
static gboolean
is_foreign (Taking          *self,
            TillStrayReason *reason)
{
  const TillTrade *trade = self->trade;

  if (!till_gateways_is_ours (self->core, trade, self->noticed))
    *reason = TILL_STRAY_REASON_MERCHANT;
  else if (trade->currency != NULL && !g_str_equal (trade->currency, "CNY"))
    *reason = TILL_STRAY_REASON_CURRENCY;
  else
    return FALSE;

  return TRUE;
}

static gboolean
exceeds_cap (Taking          *self,
             const TillOrder *order,
             gboolean        *exceeds,
             GError         **error)
{
  g_autoptr(TillQuote) quote = till_cashier_quote (self->core, order->account_id, order->meter_id,
                                                   order->amount, error);

  if (quote == NULL)
    return FALSE;

  /* A meter that waits for a decision takes the sale later; only the cap sends the money aside. */
  *exceeds = quote->remaining + quote->on_its_way + order->amount > quote->cap;
  return TRUE;
}

/* Why @order is not paid by this; −1 when it is. */
static gboolean
judge_order (Taking            *self,
             const TillAttempt *attempt,
             const TillOrder   *order,
             int               *reason,
             GError           **error)
{
  gboolean exceeds = FALSE;

  *reason = -1;
  if (order->state != TILL_ORDER_STATE_NEW && order->state != TILL_ORDER_STATE_EXPIRED)
    *reason = TILL_STRAY_REASON_SECOND_PAYMENT;
  else if (order->state == TILL_ORDER_STATE_EXPIRED ||
           attempt->state == TILL_ATTEMPT_STATE_CLOSED ||
           attempt->state == TILL_ATTEMPT_STATE_FAILED)
    *reason = TILL_STRAY_REASON_ORDER_CLOSED;
  else if (self->trade->amount != attempt->amount || attempt->amount != order->amount)
    *reason = TILL_STRAY_REASON_AMOUNT;
  else if (till_site_get_account (self->core->site, order->account_id) == NULL)
    *reason = TILL_STRAY_REASON_ACCOUNT_CLOSED;
  else if (!exceeds_cap (self, order, &exceeds, error))
    return FALSE;
  else if (exceeds)
    *reason = TILL_STRAY_REASON_CAP;

  return TRUE;
}

static gboolean
post_suspense (Taking     *self,
               const char *order_id,
               gint64      account_id,
               GError    **error)
{
  const TillTrade *trade = self->trade;
  const char *channel = till_enum_to_nick (TILL_TYPE_METHOD, trade->method);
  g_autofree char *ref = g_strdup_printf ("stray/%s/%s", channel, trade->txn);
  const TillEntry entry = {
    ref, "stray", till_clock_now_ms (), self->core->system_operator_id, order_id, NULL,
    trade->attempt_no,
  };
  const TillLeg legs[] = {
    { till_ledger_of_method (trade->method), 0, 0, trade->amount },
    { TILL_LEDGER_SUSPENSE, 0, 0, -trade->amount },
  };

  return till_ledger_post (self->core->books, &entry, legs, G_N_ELEMENTS (legs), NULL, error);
}

/* The order of a live attempt that was paid otherwise can not be paid any more. */
static gboolean
end_attempt (Taking            *self,
             const TillAttempt *attempt,
             const TillOrder   *order,
             const char        *message,
             GError           **error)
{
  TillBooks *books = self->core->books;

  self->ended = TRUE;
  if (attempt->state != TILL_ATTEMPT_STATE_PAID && attempt->state != TILL_ATTEMPT_STATE_CLOSED &&
      attempt->state != TILL_ATTEMPT_STATE_FAILED &&
      !till_store_move_attempt (books, attempt->no, TILL_ATTEMPT_STATE_CLOSED, message, error))
    return FALSE;

  return order == NULL || order->state != TILL_ORDER_STATE_NEW ||
         till_store_move_order (books, order->id, TILL_ORDER_STATE_NEW, TILL_ORDER_STATE_EXPIRED,
                                till_clock_now_ms (), message, error);
}

static gboolean
keep (Taking            *self,
      const TillAttempt *attempt,
      const TillOrder   *order,
      TillStrayReason    reason,
      gboolean           booked,
      GError           **error)
{
  const TillTrade *trade = self->trade;
  const char *why = till_enum_to_nick (TILL_TYPE_STRAY_REASON, reason);
  const char *order_id = order != NULL ? order->id : NULL;
  const TillStrayTerms terms = { trade, order_id, till_clock_now_ms (), reason, booked };
  g_autofree char *amount = till_money_format (trade->amount);
  g_autofree char *detail = g_strdup_printf ("%s yuan by %s, number %s: %s", amount,
                                             till_enum_to_nick (TILL_TYPE_METHOD, trade->method),
                                             trade->attempt_no, why);

  self->order_id = g_strdup (order_id);
  return till_store_add_stray (self->core->books, &terms, &self->stray_id, error) &&
         (!booked || post_suspense (self, order_id, order != NULL ? order->account_id : 0,
                                    error)) &&
         (!booked || attempt == NULL || end_attempt (self, attempt, order, why, error)) &&
         till_audit_add (self->core->books, TILL_CORE_SYSTEM_OPERATOR, "suspense", trade->txn,
                         detail, error);
}

static gboolean
credit (Taking          *self,
        const TillOrder *order,
        GError         **error)
{
  const TillTrade *trade = self->trade;
  const TillSettlement settlement = {
    .order_id = order->id, .account_id = order->account_id, .meter_id = order->meter_id,
    .amount = order->amount, .method = trade->method, .txn = trade->txn, .raw = trade->raw,
    .operator_id = self->core->system_operator_id, .operator_name = TILL_CORE_SYSTEM_OPERATOR,
    .at_ms = till_clock_now_ms (),
  };

  self->ended = TRUE;
  self->order_id = g_strdup (order->id);
  return till_settle (self->core, &settlement, &self->intent_id, error) &&
         till_store_move_attempt (self->core->books, trade->attempt_no, TILL_ATTEMPT_STATE_PAID,
                                  NULL, error);
}

/* The test of a gateway is nobody’s sale: it is given back as soon as it is there. */
static gboolean
take_test (Taking            *self,
           const TillAttempt *attempt,
           GError           **error)
{
  self->is_test = TRUE;
  if (attempt->state == TILL_ATTEMPT_STATE_CREATING ||
      attempt->state == TILL_ATTEMPT_STATE_WAITING ||
      attempt->state == TILL_ATTEMPT_STATE_CLOSING)
    {
      self->ended = TRUE;
      if (!till_store_move_attempt (self->core->books, attempt->no, TILL_ATTEMPT_STATE_PAID, NULL,
                                    error))
        return FALSE;
    }

  return keep (self, NULL, NULL, TILL_STRAY_REASON_UNKNOWN_ORDER, TRUE, error);
}

static gboolean
take_of_attempt (Taking            *self,
                 const TillAttempt *attempt,
                 GError           **error)
{
  g_autoptr(TillOrder) order = NULL;
  int reason;

  if (self->noticed &&
      !till_store_note_attempt (self->core->books, attempt->no, till_clock_now_ms (), error))
    return FALSE;

  if (attempt->order_id == NULL)
    return take_test (self, attempt, error);

  order = till_store_get_order (self->core->books, attempt->order_id, error);
  if (order == NULL || !judge_order (self, attempt, order, &reason, error))
    return FALSE;

  return reason < 0 ? credit (self, order, error)
                    : keep (self, attempt, order, (TillStrayReason)reason, TRUE, error);
}

static gboolean
write_taking (TillBooks *books,
              gpointer   data,
              GError   **error)
{
  Taking *self = data;
  const TillTrade *trade = self->trade;
  g_autoptr(TillAttempt) attempt = NULL;
  TillStrayReason reason;
  gboolean known = FALSE;

  if (!till_store_has_payment (books, trade->method, trade->txn, &known, error))
    return FALSE;
  if (known)
    {
      self->ended = TRUE;
      return TRUE;
    }

  if (is_foreign (self, &reason))
    return keep (self, NULL, NULL, reason, FALSE, error);

  if (!till_store_find_attempt (books, trade->attempt_no, &attempt, error))
    return FALSE;

  if (attempt == NULL || attempt->method != trade->method)
    return keep (self, NULL, NULL, TILL_STRAY_REASON_UNKNOWN_ORDER, TRUE, error);

  return take_of_attempt (self, attempt, error);
}

static void
on_taking_written (TillBooks    *books,
                   gpointer      data,
                   const GError *error)
{
  Taking *self = data;
  TillCore *core = self->core;

  if (error != NULL)
    g_warning ("payment %s of %s: %s", self->trade->txn, self->trade->attempt_no, error->message);
  else
    {
      if (self->intent_id != 0)
        till_delivery_add (core, self->intent_id);
      if (self->order_id != NULL)
        till_core_emit_order (core, self->order_id);
      if (self->stray_id != 0)
        till_strays_emit (core, self->stray_id);
      if (self->is_test && self->stray_id != 0)
        till_refund_stray (core, self->stray_id, core->system_operator_id, "test", NULL);
      if (self->ended)
        till_payments_forget (core, self->trade->attempt_no);
    }

  if (self->done != NULL)
    self->done (core, error, self->user_data);
}

/**
 * till_payments_take:
 * @core: the core
 * @trade: what a gateway says of a trade; its signature holds
 * @noticed: whether a notice told of it, rather than an answer
 * @done: (nullable): called when it is durable, or failed
 * @user_data: handed to @done
 *
 * The one way for money from a gateway into the books, for notices and answers alike. The same
 * payment may come any number of times, by both ways: it is taken once. What is not PAID changes
 * nothing here.
 */
void
till_payments_take (TillCore     *core,
                    TillTrade    *trade,
                    gboolean      noticed,
                    TillTakenFunc done,
                    gpointer      user_data)
{
  Taking *self;

  if (trade->state != TILL_TRADE_STATE_PAID)
    {
      if (done != NULL)
        done (core, NULL, user_data);
      return;
    }

  if (trade->txn == NULL || trade->attempt_no == NULL || trade->amount <= 0)
    {
      const GError error = {
        TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
        (char *)"a payment without number or amount",
      };

      if (done != NULL)
        done (core, &error, user_data);
      return;
    }

  self = g_new0 (Taking, 1);
  self->core = core;
  self->trade = till_trade_ref (trade);
  self->noticed = noticed;
  self->done = done;
  self->user_data = user_data;
  till_books_write (core->books, write_taking, on_taking_written, self,
                    (GDestroyNotify)taking_free);
}
