/*
 * till-cashier.c: taking money
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-cashier-private.h"
#include "till-audit.h"
#include "till-clock.h"
#include "till-delivery-private.h"
#include "till-gateways-private.h"
#include "till-id.h"
#include "till-mask.h"
#include "till-payments-private.h"
#include "till-store-intents.h"
#include "till-store-orders.h"
#include "till-store-people.h"

/* A clock that stands further back than this behind the last row of the audit trail is wrong. */
#define CLOCK_SLACK_MS (5 * 60 * 1000)

static gboolean
post_settlement (TillCore             *core,
                 const TillSettlement *s,
                 const char           *receipt_no,
                 GError              **error)
{
  g_autofree char *ref = g_strconcat ("settle/", s->order_id, NULL);
  const TillEntry entry = {
    ref, "settle", s->at_ms, s->operator_id, s->order_id, receipt_no, NULL,
  };
  const TillLeg legs[] = {
    { s->from_suspense ? TILL_LEDGER_SUSPENSE : till_ledger_of_method (s->method), 0, 0,
      s->amount },
    { TILL_LEDGER_WAY, s->account_id, s->meter_id, -s->amount },
  };

  return till_ledger_post (core->books, &entry, legs, G_N_ELEMENTS (legs), NULL, error);
}

/* A server-held account has no meter to reach: the ledger is the balance. */
static gboolean
credit_ledger (TillCore             *core,
               const TillSettlement *s,
               GError              **error)
{
  g_autofree char *ref = g_strconcat ("deliver/", s->order_id, NULL);
  const TillEntry entry = { ref, "deliver", s->at_ms, s->operator_id, s->order_id, NULL, NULL };
  const TillLeg legs[] = {
    { TILL_LEDGER_WAY, s->account_id, 0, s->amount },
    { TILL_LEDGER_SERVER, s->account_id, 0, -s->amount },
  };

  return till_ledger_post (core->books, &entry, legs, G_N_ELEMENTS (legs), NULL, error) &&
         till_store_move_order (core->books, s->order_id, TILL_ORDER_STATE_PAID,
                                TILL_ORDER_STATE_CREDITED, s->at_ms, NULL, error);
}

/**
 * till_settle:
 * @core: the core; its books are in a transaction
 * @settlement: the money
 * @intent_id: (out): the purchase that will bring it to the meter, 0 for a server-held account
 * @error: return location for a #GError
 *
 * The one place where money becomes a fact, whichever door it came by: the payment row, the journal
 * (money in, on its way to the meter), the receipt number, the order’s state, the purchase for the
 * meter and the audit row, all or nothing. The order must be “new”; a second call for the same
 * transaction or the same order fails and changes nothing.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_settle (TillCore             *core,
             const TillSettlement *settlement,
             gint64               *intent_id,
             GError              **error)
{
  const TillSettlement *s = settlement;
  const TillIntentTerms terms = {
    .kind = TILL_INTENT_KIND_PURCHASE, .meter_id = s->meter_id, .operator_id = s->operator_id,
    .order_id = s->order_id, .amount = s->amount,
  };
  g_autofree char *receipt_no = NULL;
  g_autofree char *amount = till_money_format (s->amount);
  g_autofree char *detail = NULL;

  *intent_id = 0;
  if (!till_store_add_payment (core->books, s->method, s->txn, s->order_id, s->amount, s->at_ms,
                               TRUE, s->raw, error) ||
      !till_store_move_order (core->books, s->order_id, TILL_ORDER_STATE_NEW,
                              TILL_ORDER_STATE_PAID, s->at_ms, NULL, error))
    return FALSE;

  receipt_no = till_store_take_receipt_no (core->books, s->order_id, s->at_ms, error);
  if (receipt_no == NULL || !post_settlement (core, s, receipt_no, error))
    return FALSE;

  if (s->meter_id == 0 ? !credit_ledger (core, s, error)
                       : !till_store_add_intent (core->books, &terms, intent_id, error))
    return FALSE;

  detail = g_strdup_printf ("%s yuan by %s, receipt %s", amount,
                            till_enum_to_nick (TILL_TYPE_METHOD, s->method), receipt_no);
  return till_audit_add (core->books, s->operator_name, "sell", s->order_id, detail, error);
}

/* What is paid and not on the meter (or in the ledger) yet, from the journal itself. */
static gboolean
get_on_its_way (TillCore  *core,
                gint64     account_id,
                gint64     meter_id,
                TillMoney *fen,
                GError   **error)
{
  if (!till_ledger_get_balance (core->books, TILL_LEDGER_WAY, account_id, meter_id, fen, error))
    return FALSE;

  *fen = -*fen;
  return TRUE;
}

static void
refuse (TillQuote    *quote,
        TillRuleError code,
        char         *sentence)
{
  quote->allowed = FALSE;
  quote->code = code;
  quote->refusal = sentence;
}

static void
apply_cap (TillQuote *quote,
           TillMoney  amount)
{
  g_autofree char *cap = till_money_format (quote->cap);
  g_autofree char *held = till_money_format (quote->remaining);
  g_autofree char *way = till_money_format (quote->on_its_way);

  if (quote->remaining + quote->on_its_way + amount <= quote->cap)
    return;

  refuse (quote, TILL_RULE_ERROR_LIMIT,
          g_strdup_printf ("the meter holds %s and %s is on its way: with this sale it would be "
                           "beyond the cap of %s; sell less", held, way, cap));
}

static gboolean
quote_meter (TillCore  *core,
             gint64     meter_id,
             TillQuote *quote,
             GError   **error)
{
  TillCoreMeter *meter = till_core_get_meter (core, meter_id, error);
  const TillIntent *head;

  if (meter == NULL)
    return FALSE;

  head = meter->purchases.head != NULL ? meter->purchases.head->data : NULL;
  quote->n_ahead = meter->purchases.length;
  quote->fresh = till_core_is_fresh (meter);
  if (meter->reading.fields & TILL_READING_REMAINING)
    quote->remaining = meter->reading.remaining;

  if (head != NULL && head->state == TILL_INTENT_STATE_REVIEW)
    refuse (quote, TILL_RULE_ERROR_CLOSED,
            g_strdup_printf ("a purchase of meter %s waits for a decision on the review page; "
                             "nothing is sold on it before", meter->setup->meter_no));
  return TRUE;
}

static gboolean
check_meter_of_account (TillCore          *core,
                        const TillAccount *account,
                        gint64            *meter_id,
                        GError           **error)
{
  const TillMeter *meter;

  if (account->balance_mode == TILL_BALANCE_MODE_SERVER)
    {
      *meter_id = 0;
      return TRUE;
    }

  meter = *meter_id == 0 ? till_core_first_meter (core, account->id)
                         : till_site_get_meter (core->site, *meter_id);

  if (meter == NULL || meter->account_id != account->id)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                   "%s has no such meter", account->path);
      return FALSE;
    }

  if (!meter->prepaid)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                   "meter %s (%s) takes no purchases", meter->meter_no, meter->profile);
      return FALSE;
    }

  *meter_id = meter->id;
  return TRUE;
}

static const TillAccount *
get_account (TillCore *core,
             gint64    account_id,
             GError  **error)
{
  const TillAccount *account = till_site_get_account (core->site, account_id);

  if (account == NULL)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                 "there is no account number %" G_GINT64_FORMAT, account_id);

  return account;
}

/**
 * till_cashier_find_meter:
 * @core: the core
 * @account_id: who buys
 * @meter_id: (inout): on which meter; 0 becomes the account's first, or stays for a server-held one
 * @error: return location for a #GError
 *
 * Returns: %TRUE when that account can buy so, %FALSE with @error set otherwise
 */
gboolean
till_cashier_find_meter (TillCore *core,
                         gint64    account_id,
                         gint64   *meter_id,
                         GError  **error)
{
  const TillAccount *account = get_account (core, account_id, error);

  return account != NULL && check_meter_of_account (core, account, meter_id, error);
}

/**
 * till_cashier_quote:
 * @core: the core
 * @account_id: who buys
 * @meter_id: on which meter, 0 for the account's first
 * @amount: how much
 * @error: return location for a #GError
 *
 * Looks at everything that can forbid a sale, before money is taken.
 *
 * Returns: (transfer full): the answer, or %NULL with @error set when the question is wrong
 */
TillQuote *
till_cashier_quote (TillCore *core,
                    gint64    account_id,
                    gint64    meter_id,
                    TillMoney amount,
                    GError  **error)
{
  const TillAccount *account = get_account (core, account_id, error);
  g_autoptr(TillQuote) quote = NULL;

  if (account == NULL || !check_meter_of_account (core, account, &meter_id, error))
    return NULL;

  quote = till_quote_new ();
  quote->allowed = TRUE;
  quote->cap = till_config_get_int (core->config, "hoard-cap-fen");
  if (!get_on_its_way (core, account_id, meter_id, &quote->on_its_way, error))
    return NULL;

  if (meter_id != 0)
    {
      if (!quote_meter (core, meter_id, quote, error))
        return NULL;
    }
  else
    {
      quote->fresh = TRUE;
      if (!till_ledger_get_balance (core->books, TILL_LEDGER_SERVER, account_id, 0,
                                    &quote->remaining, error))
        return NULL;
      quote->remaining = -quote->remaining;
    }

  if (amount < TILL_SALE_MIN || amount > TILL_SALE_MAX)
    refuse (quote, TILL_RULE_ERROR_LIMIT,
            g_strdup ("a sale is from 0.01 to 9999999.99 yuan"));
  else if (quote->allowed)
    apply_cap (quote, amount);

  return g_steal_pointer (&quote);
}

typedef struct
{
  TillCore  *core;
  GTask     *task;
  char      *key;
  TillSale   sale;
  char      *order_id;
  char      *attempt_no; /* (nullable) of an online payment */
  gint64     intent_id;
  TillOrder *known; /* (nullable) made before under the same key */
} Sell;

static void
sell_free (Sell *self)
{
  g_clear_object (&self->task);
  g_clear_pointer (&self->known, till_order_unref);
  g_free (self->key);
  g_free (self->order_id);
  g_free (self->attempt_no);
  g_free (self);
}

static gboolean
is_online (TillMethod method)
{
  return method == TILL_METHOD_WECHAT || method == TILL_METHOD_ALIPAY;
}

/* The same key is the same sale; with other terms it is a mistake of the caller. */
static gboolean
check_known (Sell    *self,
             GError **error)
{
  const TillOrder *known = self->known;

  if (known->account_id == self->sale.account_id && known->amount == self->sale.amount &&
      known->method == self->sale.method && known->meter_id == self->sale.meter_id)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE,
               "key %s was used for another sale (order %s); make a new key for a new sale",
               self->key, known->id);
  return FALSE;
}

static gboolean
check_clock (TillCore *core,
             gint64    now_ms,
             GError  **error)
{
  gint64 last_ms = 0;

  if (!till_db_get_int (till_books_get_db (core->books), &last_ms, error,
                        "SELECT at_ms FROM audit ORDER BY seq DESC LIMIT 1", ""))
    return FALSE;

  if (now_ms >= last_ms - CLOCK_SLACK_MS)
    return TRUE;

  g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_STALE,
                       "the clock of this computer went back; set it right before selling");
  return FALSE;
}

static gboolean
check_quote (Sell    *self,
             GError **error)
{
  g_autoptr(TillQuote) quote = till_cashier_quote (self->core, self->sale.account_id,
                                                   self->sale.meter_id, self->sale.amount, error);

  if (quote == NULL)
    return FALSE;
  if (quote->allowed)
    return TRUE;

  g_set_error_literal (error, TILL_RULE_ERROR, quote->code, quote->refusal);
  return FALSE;
}

static gboolean
check_person (const TillOperator *person,
              GError            **error)
{
  if (person->role == TILL_ROLE_CLERK || person->role == TILL_ROLE_SENIOR ||
      person->role == TILL_ROLE_ADMIN)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED, "%s may not sell",
               person->display_name);
  return FALSE;
}

static gboolean
write_sale (TillBooks *books,
            gpointer   data,
            GError   **error)
{
  Sell *self = data;
  const TillSale *sale = &self->sale;
  const gint64 now_ms = till_clock_now_ms ();
  g_autoptr(TillOperator) person = NULL;
  TillOrderTerms terms;
  TillSettlement settlement;

  if (!till_store_find_order_key (books, self->key, &self->known, error))
    return FALSE;
  if (self->known != NULL)
    return check_known (self, error);

  person = till_store_get_operator (books, sale->operator_id, error);
  if (person == NULL || !check_person (person, error) ||
      !check_clock (self->core, now_ms, error) || !check_quote (self, error))
    return FALSE;

  self->order_id = till_id_new_order (now_ms);
  terms = (TillOrderTerms) {
    self->order_id, self->key, sale->account_id, sale->meter_id, sale->amount, sale->method,
    sale->operator_id, now_ms,
  };
  settlement = (TillSettlement) {
    .order_id = self->order_id, .account_id = sale->account_id, .meter_id = sale->meter_id,
    .amount = sale->amount, .method = sale->method, .txn = self->order_id,
    .operator_id = sale->operator_id, .operator_name = person->name, .at_ms = now_ms,
  };

  if (!till_store_add_order (books, &terms, TILL_ORDER_STATE_NEW, error))
    return FALSE;

  if (!is_online (sale->method))
    return till_settle (self->core, &settlement, &self->intent_id, error);

  /* The attempt is in the books before the gateway hears of it. */
  self->attempt_no = till_payments_add_attempt (self->core, self->order_id, sale->method,
                                                sale->amount, now_ms, error);
  return self->attempt_no != NULL;
}

static void
on_sale_written (TillBooks    *books,
                 gpointer      data,
                 const GError *error)
{
  Sell *self = data;
  const char *order_id = self->known != NULL ? self->known->id : self->order_id;
  GError *local_error = NULL;
  TillOrder *order;

  if (error != NULL)
    {
      g_task_return_error (self->task, g_error_copy (error));
      return;
    }

  if (self->intent_id != 0)
    till_delivery_add (self->core, self->intent_id);
  if (self->attempt_no != NULL)
    till_payments_begin (self->core, self->attempt_no);

  order = till_store_get_order (books, order_id, &local_error);
  if (order == NULL)
    {
      g_task_return_error (self->task, local_error);
      return;
    }

  if (self->known == NULL && self->core->events->order != NULL)
    self->core->events->order (order, self->core->events_data);
  g_task_return_pointer (self->task, order, (GDestroyNotify)till_order_unref);
}

static gboolean
check_sale (TillCore *core,
            TillSale *sale,
            GError  **error)
{
  const TillAccount *account = get_account (core, sale->account_id, error);

  if (account == NULL || !check_meter_of_account (core, account, &sale->meter_id, error))
    return FALSE;

  if (!till_id_key_is_valid (sale->key))
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                           "a key is 1 to 64 letters, digits or signs without blanks");
      return FALSE;
    }

  return !is_online (sale->method) || till_gateways_get (core, sale->method, error) != NULL;
}

/**
 * till_cashier_sell:
 * @core: the core
 * @sale: what is sold; copied
 * @task: returns a #TillOrder when the sale is durable
 *
 * Sells at the desk. The same key again is the same sale: it answers with the order that was made.
 */
void
till_cashier_sell (TillCore       *core,
                   const TillSale *sale,
                   GTask          *task)
{
  GError *error = NULL;
  Sell *self;
  TillSale checked = *sale;

  if (core->stopping || !check_sale (core, &checked, &error))
    {
      if (error == NULL)
        error = g_error_new_literal (TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                                     "the program is closing; nothing was sold");
      g_task_return_error (task, error);
      return;
    }

  self = g_new0 (Sell, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->sale = checked;
  self->key = g_strdup (sale->key);
  self->sale.key = self->key;
  till_books_write (core->books, write_sale, on_sale_written, self, (GDestroyNotify)sell_free);
}

typedef struct
{
  const char *order_id;
  gint64      operator_id;
  guint       copy;
} Copy;

static gboolean
write_copy (TillBooks *books,
            gpointer   data,
            GError   **error)
{
  Copy *copy = data;
  g_autoptr(TillOperator) person = till_store_get_operator (books, copy->operator_id, error);
  g_autofree char *detail = NULL;

  if (person == NULL ||
      !till_store_add_copy (books, copy->order_id, copy->operator_id, &copy->copy, error))
    return FALSE;

  detail = g_strdup_printf ("copy %u", copy->copy);
  return till_audit_add (books, person->name, copy->copy == 0 ? "print" : "reprint",
                         copy->order_id, detail, error);
}

static void
fill_receipt (TillCore          *core,
              TillReceipt       *receipt,
              const TillOrder   *order,
              const TillAccount *account)
{
  const TillMeter *meter = till_site_get_meter (core->site, order->meter_id);
  const char *name = till_config_get (core->config, "site.name");

  receipt->number = g_strdup (order->receipt_no);
  receipt->site_name = g_strdup (name);
  receipt->shop = g_strdup (account != NULL ? account->path : "");
  receipt->tenant = g_strdup (account != NULL ? account->tenant_name : "");
  receipt->phone_masked = account != NULL && account->phone != NULL
    ? till_mask_phone (account->phone) : NULL;
  receipt->meter_no = g_strdup (meter != NULL ? meter->meter_no : NULL);
  receipt->amount = order->amount;
  receipt->method = order->method;
  receipt->state = order->state;
  receipt->paid_ms = order->paid_ms;
  receipt->operator_name = g_strdup (order->operator_name);
  receipt->has_balances = order->has_balances;
  receipt->balance_before = order->balance_before;
  receipt->balance_after = order->balance_after;
  receipt->order_id = g_strdup (order->id);
  receipt->demo = core->demo;
}

/**
 * till_cashier_receipt:
 * @core: the core
 * @order_id: a paid order
 * @printing: whether it is about to be printed: then the copy is counted first
 * @operator_id: who prints
 * @error: return location for a #GError
 *
 * Returns: (transfer full): all that stands on the receipt, or %NULL with @error set
 *   (%TILL_RULE_ERROR_CLOSED when the order is not paid)
 */
TillReceipt *
till_cashier_receipt (TillCore   *core,
                      const char *order_id,
                      gboolean    printing,
                      gint64      operator_id,
                      GError    **error)
{
  g_autoptr(TillOrder) order = till_store_get_order (core->books, order_id, error);
  Copy copy = { order_id, operator_id, 0 };
  TillReceipt *receipt;

  if (order == NULL)
    return NULL;

  if (order->receipt_no == NULL)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                   "order %s is not paid: there is no receipt of it", order_id);
      return NULL;
    }

  copy.copy = order->n_prints > 0 ? order->n_prints - 1 : 0;
  if (printing && !till_books_write_now (core->books, write_copy, &copy, error))
    return NULL;

  receipt = till_receipt_new ();
  fill_receipt (core, receipt, order, till_site_get_account (core->site, order->account_id));
  receipt->reprint = copy.copy;

  return receipt;
}
