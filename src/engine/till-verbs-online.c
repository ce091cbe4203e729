/*
 * till-verbs-online.c: the verbs about gateways, payments in suspense, refunds and bills
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-reconcile-private.h"
#include "till-refund-private.h"
#include "till-store-online.h"
#include "till-store-refunds.h"
#include "till-verb-private.h"

static void
print_with (TillVerb *self,
            void (   *put )(JsonBuilder *builder,
                            TillCore    *core,
                            gpointer     record),
            gpointer  record)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  put (builder, self->core, record);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

static void
print_all (TillVerb  *self,
           GPtrArray *list,
           void (    *put )(JsonBuilder *builder,
                            TillCore    *core,
                            gpointer     record),
           GError    *error)
{
  if (list == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  for (guint i = 0; i < list->len; i++)
    print_with (self, put, g_ptr_array_index (list, i));
  till_verb_end (self, 0);
}

static void
put_order (JsonBuilder *builder,
           TillCore    *core,
           gpointer     record)
{
  till_verb_put_order (builder, core, record);
}

/*
 * order cancel, order check
 */

static void
on_order_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = g_task_propagate_pointer (G_TASK (result), &error);

  if (order == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_with (self, put_order, order);
  till_verb_end (self, 0);
}

/**
 * till_verb_online_order:
 * @self: `order cancel ORDER` or `order check ORDER`
 *
 * Gives an unpaid online order up, or asks the gateway about it now.
 */
void
till_verb_online_order (TillVerb *self)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, on_order_cb, self);

  if (strcmp (self->words[1], "cancel") == 0)
    till_payments_cancel (self->core, self->words[2], self->person->id, task);
  else
    till_payments_check (self->core, self->words[2], task);
}

/*
 * refund
 */

static void
put_refund (JsonBuilder *builder,
            TillCore    *core,
            gpointer     record)
{
  const TillRefund *refund = record;

  till_verb_put_text (builder, "refund", refund->refund_no);
  till_verb_put_text (builder, "order", refund->order_id);
  till_verb_put_yuan (builder, "amount", refund->amount);
  till_verb_put_text (builder, "step", till_enum_to_nick (TILL_TYPE_REFUND_STEP, refund->step));
  till_verb_put_text (builder, "gateway",
                      till_enum_to_nick (TILL_TYPE_REFUND_STATE, refund->gateway_state));
  till_verb_put_text (builder, "reason", refund->reason);
  if (refund->message != NULL)
    till_verb_put_text (builder, "message", refund->message);
}

static gboolean
check_refund_done (gpointer user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillRefund) refund = till_store_get_refund (self->core->books, self->subject, &error);

  if (refund == NULL)
    {
      till_verb_fail (self, error);
      return G_SOURCE_REMOVE;
    }

  if ((refund->step == TILL_REFUND_STEP_METER || refund->step == TILL_REFUND_STEP_MONEY) &&
      till_verb_must_wait (self))
    return G_SOURCE_CONTINUE;

  print_with (self, put_refund, refund);
  till_verb_end (self, refund->step == TILL_REFUND_STEP_FAILED ? 1 : 0);
  return G_SOURCE_REMOVE;
}

static void
on_refund_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillRefund) refund = g_task_propagate_pointer (G_TASK (result), &error);

  if (refund == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  self->subject = g_strdup (refund->refund_no);
  till_verb_wait_for (self, check_refund_done);
}

/**
 * till_verb_refund:
 * @self: `refund ORDER [AMOUNT] --reason TEXT [--wait SECONDS]`, or `refund list`
 *
 * Gives money back.
 */
void
till_verb_refund (TillVerb *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = NULL;
  g_autoptr(GTask) task = NULL;
  TillMoney amount = 0;

  if (strcmp (self->words[1], "list") == 0 && self->n_words == 2)
    {
      list = till_store_list_refunds (self->core->books, NULL, &error);
      print_all (self, list, put_refund, error);
      return;
    }

  if (!till_verb_parse_wait (self, &error) ||
      (self->n_words == 3 && !till_money_parse_sale (self->words[2], &amount, &error)))
    {
      till_verb_fail (self, error);
      return;
    }

  task = g_task_new (NULL, NULL, on_refund_cb, self);
  till_refund_order (self->core, self->words[1], amount, till_verb_option (self, "reason"),
                     self->person->id, task);
}

/*
 * stray
 */

static void
put_stray (JsonBuilder *builder,
           TillCore    *core,
           gpointer     record)
{
  const TillStray *stray = record;

  till_verb_put_int (builder, "stray", stray->id);
  till_verb_put_text (builder, "method", till_enum_to_nick (TILL_TYPE_METHOD, stray->method));
  till_verb_put_text (builder, "transaction", stray->txn);
  till_verb_put_text (builder, "attempt", stray->attempt_no);
  till_verb_put_text (builder, "order", stray->order_id);
  till_verb_put_yuan (builder, "amount", stray->amount);
  till_verb_put_text (builder, "why", till_enum_to_nick (TILL_TYPE_STRAY_REASON, stray->reason));
  till_verb_put_bool (builder, "ours", stray->booked);
  till_verb_put_text (builder, "state", till_enum_to_nick (TILL_TYPE_STRAY_STATE, stray->state));
}

static void
on_stray_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillStray) stray = g_task_propagate_pointer (G_TASK (result), &error);

  if (stray == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_with (self, put_stray, stray);
  till_verb_end (self, 0);
}

static gboolean
fill_verdict (TillVerb         *self,
              TillStrayVerdict *verdict,
              GError          **error)
{
  const char *tenant = till_verb_option (self, "tenant");
  const char *meter_no = till_verb_option (self, "meter");
  const TillAccount *account;
  const TillMeter *meter;
  int decision = 0;

  if (self->n_words != 3 ||
      !till_enum_from_nick (TILL_TYPE_STRAY_DECISION, self->words[1], &decision) ||
      !g_ascii_string_to_signed (self->words[2], 10, 1, G_MAXINT64, &verdict->stray_id, NULL))
    {
      g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                           "say: stray list [all], or stray credit|refund|dismiss NUMBER "
                           "--reason TEXT [--tenant TENANT] [--meter METER]");
      return FALSE;
    }

  verdict->decision = (TillStrayDecision)decision;
  verdict->reason = till_verb_option (self, "reason");
  verdict->operator_id = self->person->id;
  if (verdict->decision != TILL_STRAY_DECISION_CREDIT)
    return TRUE;

  account = tenant != NULL ? till_core_find_account (self->core, tenant, error) : NULL;
  if (tenant == NULL)
    g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                         "say whom to credit: --tenant TENANT");
  if (account == NULL)
    return FALSE;

  verdict->account_id = account->id;
  if (meter_no == NULL)
    return TRUE;

  meter = till_core_find_meter (self->core, meter_no, error);
  verdict->meter_id = meter != NULL ? meter->id : 0;
  return meter != NULL;
}

/**
 * till_verb_stray:
 * @self: `stray list [all]` or `stray credit|refund|dismiss NUMBER --reason TEXT`
 *
 * Payments in suspense.
 */
void
till_verb_stray (TillVerb *self)
{
  TillStrayVerdict verdict = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = NULL;
  g_autoptr(GTask) task = NULL;

  if (strcmp (self->words[1], "list") == 0)
    {
      list = till_store_list_strays (self->core->books, g_strcmp0 (self->words[2], "all") == 0,
                                     &error);
      print_all (self, list, put_stray, error);
      return;
    }

  if (!fill_verdict (self, &verdict, &error))
    {
      till_verb_fail (self, error);
      return;
    }

  task = g_task_new (NULL, NULL, on_stray_cb, self);
  till_strays_decide (self->core, &verdict, task);
}

/*
 * gateway, reconcile
 */

static void
put_gateway (JsonBuilder *builder,
             TillCore    *core,
             gpointer     record)
{
  const TillGateway *gateway = record;

  till_verb_put_text (builder, "gateway", till_enum_to_nick (TILL_TYPE_METHOD, gateway->method));
  till_verb_put_bool (builder, "configured", gateway->configured);
  till_verb_put_bool (builder, "usable", gateway->usable);
  if (gateway->fault != NULL)
    till_verb_put_text (builder, "fault", gateway->fault);
  till_verb_put_time (builder, "last_notice", gateway->last_notice_ms);
  till_verb_put_time (builder, "last_answer", gateway->last_answer_ms);
  for (guint i = 0; gateway->keys[i] != NULL; i++)
    till_verb_put_text (builder, gateway->keys[i], gateway->values[i]);
}

/**
 * till_verb_gateway:
 * @self: `gateway list`
 *
 * What the diagnostics page shows.
 */
void
till_verb_gateway (TillVerb *self)
{
  g_autoptr(GPtrArray) list = NULL;

  if (strcmp (self->words[1], "list") != 0)
    {
      till_verb_usage (self, "gateway list");
      return;
    }

  list = till_gateways_list (self->core);
  print_all (self, list, put_gateway, NULL);
}

static void
put_match (JsonBuilder *builder,
           TillCore    *core,
           gpointer     record)
{
  const TillReconciliation *match = record;

  till_verb_put_text (builder, "gateway", till_enum_to_nick (TILL_TYPE_METHOD, match->method));
  till_verb_put_int (builder, "day", match->day);
  till_verb_put_int (builder, "ours", match->n_ours);
  till_verb_put_int (builder, "theirs", match->n_theirs);
  till_verb_put_int (builder, "equal", match->n_equal);
  till_verb_put_int (builder, "open", match->n_open);
  till_verb_put_yuan (builder, "paid_ours", match->ours);
  till_verb_put_yuan (builder, "paid_theirs", match->theirs);
  till_verb_put_yuan (builder, "refunded_ours", match->ours_refunded);
  till_verb_put_yuan (builder, "refunded_theirs", match->theirs_refunded);
}

static void
put_difference (JsonBuilder *builder,
                TillCore    *core,
                gpointer     record)
{
  const TillDifference *d = record;

  till_verb_put_int (builder, "difference", d->id);
  till_verb_put_text (builder, "kind", till_enum_to_nick (TILL_TYPE_DIFFERENCE_KIND, d->kind));
  till_verb_put_text (builder, "attempt", d->attempt_no);
  till_verb_put_text (builder, "refund", d->refund_no);
  till_verb_put_text (builder, "transaction", d->txn);
  till_verb_put_yuan (builder, "ours", d->ours);
  till_verb_put_yuan (builder, "theirs", d->theirs);
  till_verb_put_text (builder, "action",
                      till_enum_to_nick (TILL_TYPE_DIFFERENCE_ACTION, d->action));
}

static void
on_match_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReconciliation) match = g_task_propagate_pointer (G_TASK (result), &error);

  if (match == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_with (self, put_match, match);
  for (guint i = 0; i < match->differences->len; i++)
    print_with (self, put_difference, g_ptr_array_index (match->differences, i));
  till_verb_end (self, 0);
}

/**
 * till_verb_reconcile:
 * @self: `reconcile wechat|alipay YYYYMMDD [FILE]`, or `reconcile query|explain NUMBER`
 *
 * Matches a day with a gateway's bill, or acts on a difference.
 */
void
till_verb_reconcile (TillVerb *self)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *path = self->n_words == 4 ? till_verb_path (self, self->words[3]) : NULL;
  int value = 0;
  gint64 number = 0;

  if (!g_ascii_string_to_signed (self->words[2], 10, 1, G_MAXINT64, &number, NULL))
    {
      till_verb_usage (self, "reconcile wechat|alipay YYYYMMDD [FILE]");
      return;
    }

  task = g_task_new (NULL, NULL, on_match_cb, self);
  if (till_enum_from_nick (TILL_TYPE_DIFFERENCE_ACTION, self->words[1], &value))
    till_reconcile_act (self->core, number, (TillDifferenceAction)value,
                        till_verb_option (self, "reason"), self->person->id, task);
  else if (till_enum_from_nick (TILL_TYPE_METHOD, self->words[1], &value) &&
           value >= TILL_METHOD_WECHAT && number >= 20000101 && number <= 99991231)
    till_reconcile_day (self->core, (TillMethod)value, (int)number, path, self->person->id, task);
  else
    g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                             "say: reconcile wechat|alipay YYYYMMDD [FILE]");
}
