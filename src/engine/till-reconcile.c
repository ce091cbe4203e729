/*
 * till-reconcile.c: the daily match with a gateway's bill
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-bill.h"
#include "till-clock.h"
#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-reconcile-private.h"
#include "till-store-people.h"
#include "till-store-reconcile.h"

/*
 * Three ways: what the books have, what the bill has, and the refunds of both. A number is matched
 * by the gateway's transaction, a refund by our number of it. The day is that of the gateway: money
 * that came around midnight may stand on the next day in the books, no difference of money.
 */

typedef struct
{
  TillCore           *core;
  GTask              *task;
  TillMethod          method;
  int                 day;
  gint64              operator_id;
  TillBill           *bill;
  TillReconciliation *match;
} Run;

static void
run_free (Run *self)
{
  g_object_unref (self->task);
  till_bill_unref (self->bill);
  till_reconciliation_unref (self->match);
  g_free (self);
}

static void
add_difference (Run                   *self,
                TillDifferenceKind     kind,
                const TillBillRow     *theirs,
                const TillGatewayFact *ours)
{
  TillDifference *d = g_new0 (TillDifference, 1);

  d->kind = kind;
  d->attempt_no = g_strdup (theirs != NULL ? theirs->attempt_no : ours->attempt_no);
  d->refund_no = g_strdup (theirs != NULL ? theirs->refund_no : ours->refund_no);
  d->txn = g_strdup (theirs != NULL ? theirs->txn : ours->txn);
  d->order_id = ours != NULL ? g_strdup (ours->order_id) : NULL;
  d->ours = ours != NULL ? ours->amount : 0;
  d->ours_ms = ours != NULL ? ours->at_ms : 0;
  d->theirs = theirs != NULL ? theirs->amount : 0;
  d->theirs_ms = theirs != NULL ? theirs->at_ms : 0;
  d->state = theirs != NULL ? g_strdup (theirs->state) : NULL;
  g_ptr_array_add (self->match->differences, d);
}

/* What identifies a line on both sides. */
static char *
make_key (const char *txn,
          const char *refund_no)
{
  return refund_no != NULL ? g_strconcat ("refund ", refund_no, NULL)
                           : g_strconcat ("payment ", txn, NULL);
}

static gboolean
match_theirs (Run               *self,
              const TillBillRow *row,
              GHashTable        *seen,
              GError           **error)
{
  g_autoptr(TillGatewayFact) fact = NULL;

  if (!till_store_find_gateway_fact (self->core->books, self->method, row->txn, row->refund_no,
                                     &fact, error))
    return FALSE;

  g_hash_table_add (seen, make_key (row->txn, row->refund_no));
  if (row->refund_no != NULL)
    self->match->theirs_refunded += row->amount;
  else
    self->match->theirs += row->amount;

  if (row->refund_no != NULL && (fact == NULL || fact->amount != row->amount))
    add_difference (self, TILL_DIFFERENCE_KIND_REFUND, row, fact);
  else if (fact == NULL)
    add_difference (self, TILL_DIFFERENCE_KIND_ONLY_THEIRS, row, NULL);
  else if (fact->amount != row->amount)
    add_difference (self, TILL_DIFFERENCE_KIND_AMOUNT, row, fact);
  else if (row->refund_no == NULL && till_clock_day_of (fact->at_ms) != self->day)
    add_difference (self, TILL_DIFFERENCE_KIND_DAY, row, fact);
  else
    self->match->n_equal++;

  return TRUE;
}

static void
match_ours (Run                   *self,
            const TillGatewayFact *fact,
            GHashTable            *seen)
{
  g_autofree char *key = make_key (fact->txn, fact->refund_no);

  if (fact->refund_no != NULL)
    self->match->ours_refunded += fact->amount;
  else
    self->match->ours += fact->amount;

  if (!g_hash_table_contains (seen, key))
    add_difference (self, fact->refund_no != NULL ? TILL_DIFFERENCE_KIND_REFUND
                                                  : TILL_DIFFERENCE_KIND_ONLY_OURS, NULL, fact);
}

static gboolean
match (Run     *self,
       GError **error)
{
  const gint64 from_ms = till_clock_day_start_ms (self->day);
  const gint64 to_ms = till_clock_day_start_ms (till_clock_day_next (self->day));
  g_autoptr(GPtrArray) facts = till_store_list_gateway_facts (self->core->books, self->method,
                                                              from_ms, to_ms, error);
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (facts == NULL)
    return FALSE;

  self->match->method = self->method;
  self->match->day = self->day;
  self->match->run_ms = till_clock_now_ms ();
  self->match->n_ours = facts->len;
  self->match->n_theirs = self->bill->rows->len;
  self->match->fee_e5 = self->bill->fee_e5;
  for (guint i = 0; i < self->bill->rows->len; i++)
    if (!match_theirs (self, g_ptr_array_index (self->bill->rows, i), seen, error))
      return FALSE;

  for (guint i = 0; i < facts->len; i++)
    match_ours (self, g_ptr_array_index (facts, i), seen);

  return TRUE;
}

static gboolean
write_match (TillBooks *books,
             gpointer   data,
             GError   **error)
{
  Run *self = data;
  g_autoptr(TillOperator) person = till_store_get_operator (books, self->operator_id, error);
  g_autofree char *subject = g_strdup_printf ("%s %d",
                                              till_enum_to_nick (TILL_TYPE_METHOD, self->method),
                                              self->day);
  g_autofree char *detail = NULL;

  if (person == NULL || !match (self, error) ||
      !till_store_put_reconciliation (books, self->match, self->operator_id, error))
    return FALSE;

  detail = g_strdup_printf ("%u equal, %u differ", self->match->n_equal,
                            self->match->differences->len);
  return till_audit_add (books, person->name, "reconcile", subject, detail, error);
}

static void
return_match (TillCore *core,
              gint64    id,
              GTask    *task)
{
  GError *error = NULL;
  TillReconciliation *kept = till_store_get_reconciliation (core->books, id, &error);

  if (kept != NULL)
    g_task_return_pointer (task, kept, (GDestroyNotify)till_reconciliation_unref);
  else
    g_task_return_error (task, error);
}

static void
on_match_written (TillBooks    *books,
                  gpointer      data,
                  const GError *error)
{
  Run *self = data;

  if (error != NULL)
    g_task_return_error (self->task, g_error_copy (error));
  else
    return_match (self->core, self->match->id, self->task);
}

static void
take_file (Run    *self,
           GBytes *file,
           GError *error)
{
  if (file != NULL)
    self->bill = till_bill_parse (self->method, file, &error);

  if (self->bill != NULL && self->bill->day != 0 && self->bill->day != self->day)
    error = g_error_new (TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                         "this is the bill of %d, not of %d; choose that day or another file",
                         self->bill->day, self->day);

  if (error != NULL)
    {
      g_task_return_error (self->task, error);
      run_free (self);
      return;
    }

  self->match = till_reconciliation_new ();
  self->match->differences = g_ptr_array_new_with_free_func ((GDestroyNotify)till_difference_free);
  till_books_write (self->core->books, write_match, on_match_written, self,
                    (GDestroyNotify)run_free);
}

static void
on_bill_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Run *self = user_data;
  GError *error = NULL;
  g_autoptr(GBytes) file = till_channel_fetch_bill_finish (TILL_CHANNEL (source), result, &error);

  till_gateways_note_result (self->core, self->method, error);
  take_file (self, file, error);
}

/**
 * till_reconcile_day:
 * @core: the core
 * @method: WECHAT or ALIPAY
 * @day: yyyymmdd; over already
 * @path: (nullable): the bill file; %NULL to download it
 * @operator_id: who
 * @task: returns the #TillReconciliation when it is kept
 *
 * Matches a day with the bill of a gateway.
 */
void
till_reconcile_day (TillCore   *core,
                    TillMethod  method,
                    int         day,
                    const char *path,
                    gint64      operator_id,
                    GTask      *task)
{
  GError *error = NULL;
  TillChannel *channel = path == NULL ? till_gateways_get (core, method, &error) : NULL;
  g_autoptr(GBytes) file = NULL;
  Run *self;

  if (path != NULL)
    {
      g_autoptr(GFile) where = g_file_new_for_path (path);

      file = g_file_load_bytes (where, NULL, NULL, &error);
    }

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  self = g_new0 (Run, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->method = method;
  self->day = day;
  self->operator_id = operator_id;
  if (file != NULL)
    take_file (self, file, NULL);
  else
    till_channel_fetch_bill_async (channel, day, NULL, on_bill_cb, self);
}

GPtrArray *
till_reconcile_list (TillCore *core,
                     GError  **error)
{
  return till_store_list_reconciliations (core->books, error);
}

TillReconciliation *
till_reconcile_get (TillCore *core,
                    gint64    id,
                    GError  **error)
{
  return till_store_get_reconciliation (core->books, id, error);
}

/*
 * Actions
 */

typedef struct
{
  TillCore            *core;
  GTask               *task;
  gint64               id;
  gint64               match_id;
  TillDifferenceAction action;
  char                *outcome;
  gint64               operator_id;
} Act;

static void
act_free (Act *self)
{
  g_object_unref (self->task);
  g_free (self->outcome);
  g_free (self);
}

static gboolean
write_act (TillBooks *books,
           gpointer   data,
           GError   **error)
{
  Act *self = data;
  g_autoptr(TillOperator) person = till_store_get_operator (books, self->operator_id, error);
  g_autofree char *subject = g_strdup_printf ("difference %" G_GINT64_FORMAT, self->id);

  return person != NULL &&
         till_store_act_on_difference (books, self->id, self->action, self->outcome,
                                       self->operator_id, error) &&
         till_audit_add (books, person->name, "reconcile", subject, self->outcome, error);
}

static void
on_act_written (TillBooks    *books,
                gpointer      data,
                const GError *error)
{
  Act *self = data;

  if (error != NULL)
    g_task_return_error (self->task, g_error_copy (error));
  else
    return_match (self->core, self->match_id, self->task);
}

static void
write_down (Act *self)
{
  till_books_write (self->core->books, write_act, on_act_written, self, (GDestroyNotify)act_free);
}

static void
on_taken (TillCore     *core,
          const GError *error,
          gpointer      user_data)
{
  Act *self = user_data;

  if (error != NULL)
    {
      g_task_return_error (self->task, g_error_copy (error));
      act_free (self);
      return;
    }

  write_down (self);
}

static void
on_queried_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Act *self = user_data;
  GError *error = NULL;
  g_autoptr(TillTrade) trade = till_channel_query_finish (TILL_CHANNEL (source), result, &error);

  if (trade == NULL)
    {
      g_task_return_error (self->task, error);
      act_free (self);
      return;
    }

  self->outcome = g_strdup_printf ("the gateway says: %s",
                                   till_enum_to_nick (TILL_TYPE_TRADE_STATE, trade->state));
  till_payments_take (self->core, trade, FALSE, on_taken, self);
}

static const TillDifference *
find_in (TillReconciliation *kept,
         gint64              id)
{
  for (guint i = 0; i < kept->differences->len; i++)
    {
      const TillDifference *d = g_ptr_array_index (kept->differences, i);

      if (d->id == id)
        return d;
    }

  return NULL;
}

/**
 * till_reconcile_act:
 * @core: the core
 * @difference_id: a difference that stands
 * @action: QUERY asks the gateway, and takes a payment that was missed: it pays its order or goes
 *   into suspense like any other; EXPLAIN keeps @reason
 * @reason: (nullable): in words, for EXPLAIN
 * @operator_id: who
 * @task: returns the #TillReconciliation as it is then
 */
void
till_reconcile_act (TillCore            *core,
                    gint64               difference_id,
                    TillDifferenceAction action,
                    const char          *reason,
                    gint64               operator_id,
                    GTask               *task)
{
  GError *error = NULL;
  g_autoptr(TillReconciliation) kept = NULL;
  const TillDifference *difference = NULL;
  TillChannel *channel = NULL;
  gint64 match_id = 0;
  Act *self;

  if (till_store_find_difference (core->books, difference_id, &match_id, &error))
    kept = till_store_get_reconciliation (core->books, match_id, &error);
  if (kept != NULL)
    difference = find_in (kept, difference_id);
  if (kept != NULL && difference == NULL)
    error = g_error_new_literal (TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                                 "this difference does not stand any more");
  if (error == NULL && action == TILL_DIFFERENCE_ACTION_EXPLAIN &&
      (reason == NULL || *reason == '\0'))
    error = g_error_new_literal (TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID, "say why it is right");
  if (error == NULL && action == TILL_DIFFERENCE_ACTION_QUERY)
    channel = till_gateways_get (core, kept->method, &error);

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  self = g_new0 (Act, 1);
  self->core = core;
  self->task = g_object_ref (task);
  self->id = difference_id;
  self->match_id = match_id;
  self->action = action;
  self->operator_id = operator_id;
  self->outcome = g_strdup (reason);
  if (channel != NULL)
    till_channel_query_async (channel, difference->attempt_no, NULL, on_queried_cb, self);
  else
    write_down (self);
}
