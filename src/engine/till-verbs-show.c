/*
 * till-verbs-show.c: the verbs that only look
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-audit.h"
#include "till-bookings-private.h"
#include "till-clock.h"
#include "till-mask.h"
#include "till-poller-private.h"
#include "till-store-orders.h"
#include "till-verb-private.h"

static void
put_reading (JsonBuilder       *builder,
             const TillReading *reading)
{
  if (reading->fields & TILL_READING_REMAINING)
    till_verb_put_yuan (builder, "remaining", reading->remaining);
  if (reading->fields & TILL_READING_PURCHASE_COUNT)
    till_verb_put_int (builder, "purchase_count", reading->purchase_count);
  if (reading->fields & TILL_READING_ENERGY)
    till_verb_put_int (builder, "energy_ckwh", reading->energy_ckwh);
  if (reading->fields & TILL_READING_PERIOD_ENERGY)
    {
      json_builder_set_member_name (builder, "period_energy_ckwh");
      json_builder_begin_array (builder);
      for (int p = 0; p < TILL_N_PERIODS; p++)
        json_builder_add_int_value (builder, reading->period_energy_ckwh[p]);
      json_builder_end_array (builder);
    }
  if (reading->fields & TILL_READING_POWER)
    till_verb_put_int (builder, "power_w", reading->power_w[3]);
  if (reading->fields & TILL_READING_STATUS)
    {
      static const char *const forces[] = { "auto", "trip", "keep" };

      till_verb_put_text (builder, "relay", till_reading_is_closed (reading) ? "closed" : "open");
      till_verb_put_text (builder, "force", forces[till_reading_get_force (reading)]);
    }
}

static void
print_meter (TillVerb        *self,
             const TillMeter *tree_meter)
{
  const TillCoreMeter *meter = till_core_get_meter (self->core, tree_meter->id, NULL);
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(TillMeterState) state = NULL;
  const TillAccount *account = till_site_get_account (self->core->site, tree_meter->account_id);
  const gint64 now_us = g_get_monotonic_time ();

  state = till_core_make_state (self->core, (TillCoreMeter *)meter);
  json_builder_begin_object (builder);
  till_verb_put_text (builder, "meter", tree_meter->meter_no);
  till_verb_put_text (builder, "tenant", account != NULL ? account->path : NULL);
  till_verb_put_text (builder, "profile", tree_meter->profile);
  till_verb_put_int (builder, "address", tree_meter->unit);
  till_verb_put_text (builder, "health", till_enum_to_nick (TILL_TYPE_HEALTH, meter->health));
  till_verb_put_time (builder, "last_contact", meter->reading.at_ms);
  if (meter->good_us != 0)
    till_verb_put_int (builder, "age_ms", (now_us - meter->good_us) / 1000);
  till_verb_put_bool (builder, "in_books", meter->adopted);
  put_reading (builder, &meter->reading);
  till_verb_put_yuan (builder, "on_its_way", state->on_its_way);
  till_verb_put_bool (builder, "blocked", state->blocked);
  till_verb_put_int (builder, "open_commands", state->n_open_commands);
  if (meter->keep_id != 0)
    {
      till_verb_put_text (builder, "keep_reason", meter->keep_reason);
      if (meter->keep_until_ms != G_MAXINT64)
        till_verb_put_time (builder, "keep_until", meter->keep_until_ms);
    }
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

static void
on_meter_read_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  TillVerb *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TillMeterState) state = g_task_propagate_pointer (G_TASK (result), &error);

  if (state == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_meter (self, till_site_get_meter (self->core->site, state->meter_id));
  till_verb_end (self, 0);
}

static void
show_meter (TillVerb *self,
            gboolean  now)
{
  g_autoptr(GError) error = NULL;
  const TillMeter *meter = till_core_find_meter (self->core, self->words[2], &error);
  g_autoptr(GTask) task = NULL;

  if (meter == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  if (now)
    {
      task = g_task_new (NULL, NULL, on_meter_read_cb, self);
      till_poller_read (self->core, meter->id, task);
      return;
    }

  print_meter (self, meter);
  till_verb_end (self, 0);
}

void
till_verb_meter (TillVerb *self)
{
  GPtrArray *meters = self->core->site->meters;

  if (strcmp (self->words[1], "list") == 0 && self->n_words == 2)
    {
      for (guint i = 0; i < meters->len; i++)
        print_meter (self, g_ptr_array_index (meters, i));
      till_verb_end (self, 0);
    }
  else if (strcmp (self->words[1], "show") == 0 && self->n_words == 3)
    {
      show_meter (self, FALSE);
    }
  else if (strcmp (self->words[1], "read") == 0 && self->n_words == 3)
    {
      show_meter (self, TRUE);
    }
  else
    {
      till_verb_usage (self, "meter list, meter show METER or meter read METER");
    }
}

static void
print_tenant (TillVerb          *self,
              const TillAccount *account,
              gboolean           with_meters)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autofree char *phone = account->phone != NULL ? till_mask_phone (account->phone) : NULL;
  const TillPlace *shop = till_site_get_place (self->core->site, account->shop_id);
  TillMoney way = 0;
  TillMoney held = 0;

  for (guint i = 0; i < self->core->site->meters->len; i++)
    {
      const TillMeter *meter = g_ptr_array_index (self->core->site->meters, i);
      TillMoney fen = 0;

      if (meter->account_id != account->id)
        continue;

      till_ledger_get_balance (self->core->books, TILL_LEDGER_WAY, account->id, meter->id, &fen,
                               NULL);
      way -= fen;
      till_ledger_get_balance (self->core->books, TILL_LEDGER_METER, account->id, meter->id, &fen,
                               NULL);
      held -= fen;
    }

  json_builder_begin_object (builder);
  till_verb_put_text (builder, "tenant", account->path);
  till_verb_put_text (builder, "shop", shop->name);
  till_verb_put_text (builder, "name", account->tenant_name);
  till_verb_put_text (builder, "phone", phone);
  till_verb_put_text (builder, "balance_mode",
                      till_enum_to_nick (TILL_TYPE_BALANCE_MODE, account->balance_mode));
  if (account->balance_mode == TILL_BALANCE_MODE_SERVER)
    {
      till_ledger_get_balance (self->core->books, TILL_LEDGER_SERVER, account->id, 0, &held, NULL);
      held = -held;
    }
  till_verb_put_yuan (builder, "booked", held);
  till_verb_put_yuan (builder, "on_its_way", way);
  json_builder_end_object (builder);
  till_verb_print (self, builder);

  for (guint i = 0; with_meters && i < self->core->site->meters->len; i++)
    {
      const TillMeter *meter = g_ptr_array_index (self->core->site->meters, i);

      if (meter->account_id == account->id)
        print_meter (self, meter);
    }
}

void
till_verb_tenant (TillVerb *self)
{
  GPtrArray *accounts = self->core->site->accounts;
  g_autoptr(GError) error = NULL;
  const TillAccount *account;

  if (strcmp (self->words[1], "list") == 0 && self->n_words == 2)
    {
      for (guint i = 0; i < accounts->len; i++)
        print_tenant (self, g_ptr_array_index (accounts, i), FALSE);
      till_verb_end (self, 0);
      return;
    }

  if (strcmp (self->words[1], "show") != 0 || self->n_words != 3)
    {
      till_verb_usage (self, "tenant list or tenant show TENANT");
      return;
    }

  account = till_core_find_account (self->core, self->words[2], &error);
  if (account == NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  print_tenant (self, account, TRUE);
  till_verb_end (self, 0);
}

void
till_verb_put_order (JsonBuilder     *builder,
                     TillCore        *core,
                     const TillOrder *order)
{
  const TillAccount *account = till_site_get_account (core->site, order->account_id);
  const TillMeter *meter = till_site_get_meter (core->site, order->meter_id);

  till_verb_put_text (builder, "order", order->id);
  till_verb_put_text (builder, "receipt", order->receipt_no);
  till_verb_put_text (builder, "state",
                      till_enum_to_nick (TILL_TYPE_ORDER_STATE, order->state));
  till_verb_put_text (builder, "tenant", account != NULL ? account->path : NULL);
  till_verb_put_text (builder, "meter", meter != NULL ? meter->meter_no : NULL);
  till_verb_put_yuan (builder, "amount", order->amount);
  till_verb_put_text (builder, "method", till_enum_to_nick (TILL_TYPE_METHOD, order->method));
  till_verb_put_text (builder, "operator", order->operator_name);
  till_verb_put_time (builder, "paid", order->paid_ms);
  till_verb_put_time (builder, "credited", order->credited_ms);
  if (order->has_balances)
    {
      till_verb_put_yuan (builder, "balance_before", order->balance_before);
      till_verb_put_yuan (builder, "balance_after", order->balance_after);
    }
  if (order->attempt_no != NULL)
    {
      till_verb_put_text (builder, "attempt", order->attempt_no);
      till_verb_put_text (builder, "attempt_state",
                          till_enum_to_nick (TILL_TYPE_ATTEMPT_STATE, order->attempt_state));
      till_verb_put_text (builder, "code_url", order->code_url);
      till_verb_put_time (builder, "expires", order->expires_ms);
    }
  if (order->refunded != 0)
    till_verb_put_yuan (builder, "refunded", order->refunded);
  till_verb_put_int (builder, "ahead", order->n_ahead);
  if (order->message != NULL)
    till_verb_put_text (builder, "message", order->message);
}

static void
print_order (TillVerb        *self,
             const TillOrder *order)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  till_verb_put_order (builder, self->core, order);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

static gboolean
fill_query (TillVerb       *self,
            TillOrderQuery *query,
            GError        **error)
{
  const char *from = till_verb_option (self, "from");
  const char *to = till_verb_option (self, "to");

  return (from == NULL || till_clock_parse (from, &query->from_ms, error)) &&
         (to == NULL || till_clock_parse (to, &query->to_ms, error));
}

void
till_verb_order (TillVerb *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) orders = NULL;
  TillOrderQuery query = { 0 };

  if (strcmp (self->words[1], "show") == 0 && self->n_words == 3)
    {
      query.order_or_receipt = self->words[2];
    }
  else if ((strcmp (self->words[1], "cancel") == 0 || strcmp (self->words[1], "check") == 0) &&
           self->n_words == 3)
    {
      till_verb_online_order (self);
      return;
    }
  else if (strcmp (self->words[1], "list") != 0 || self->n_words != 2)
    {
      till_verb_usage (self, "order list [--from DAY] [--to DAY] or order "
                       "show|cancel|check ORDER");
      return;
    }

  if (fill_query (self, &query, &error))
    orders = till_store_list_orders (self->core->books, &query, &error);

  if (orders != NULL && orders->len == 0 && query.order_or_receipt != NULL)
    g_set_error (&error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "there is no order “%s”",
                 query.order_or_receipt);

  if (error != NULL)
    {
      till_verb_fail (self, error);
      return;
    }

  for (guint i = 0; i < orders->len; i++)
    print_order (self, g_ptr_array_index (orders, i));
  till_verb_end (self, 0);
}

static void
print_line (TillVerb *self,
            TillLine *line)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  TillLineStats stats;
  gint64 id = till_line_get_id (line);

  till_line_get_stats (line, &stats);
  json_builder_begin_object (builder);
  for (guint i = 0; i < self->core->site->lines->len; i++)
    {
      const TillLineInfo *info = g_ptr_array_index (self->core->site->lines, i);

      if (info->id == id)
        till_verb_put_text (builder, "line", info->address);
    }
  till_verb_put_bool (builder, "up", !g_hash_table_contains (self->core->line_states, &id));
  till_verb_put_int (builder, "exchanges", (gint64)stats.exchanges);
  till_verb_put_int (builder, "timeouts", (gint64)stats.timeouts);
  till_verb_put_int (builder, "garbled", (gint64)stats.garbled);
  till_verb_put_int (builder, "mismatches", (gint64)stats.mismatches);
  till_verb_put_int (builder, "exceptions", (gint64)stats.exceptions);
  till_verb_put_int (builder, "reconnects", (gint64)stats.reconnects);
  till_verb_put_int (builder, "rounds", (gint64)stats.rounds);
  till_verb_put_int (builder, "round_ms", stats.round_us / 1000);
  till_verb_put_int (builder, "live", stats.n_live);
  till_verb_put_int (builder, "dead", stats.n_dead);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

void
till_verb_status (TillVerb *self)
{
  for (guint i = 0; i < self->core->lines->len; i++)
    print_line (self, g_ptr_array_index (self->core->lines, i));

  till_verb_end (self, 0);
}

static gboolean
verify_meters (TillVerb  *self,
               GPtrArray *faults,
               GError   **error)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GError *local_error = NULL;
      char *sentence = till_bookings_differ (self->core, value, &local_error);

      if (local_error != NULL)
        {
          g_propagate_error (error, local_error);
          return FALSE;
        }
      if (sentence != NULL)
        g_ptr_array_add (faults, sentence);
    }

  return TRUE;
}

static void
print_sums (TillVerb *self,
            guint     n_faults)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(GError) error = NULL;
  TillMoney way = 0;
  TillMoney delivered = 0;
  TillMoney paid = 0;
  TillMoney returned = 0;
  TillDb *db = till_books_get_db (self->core->books);

  if (!till_ledger_get_sum (self->core->books, TILL_LEDGER_WAY, &way, &error) ||
      !till_db_get_int (db, &paid, &error,
                        "SELECT COALESCE (SUM (l.fen), 0) FROM leg l JOIN entry e "
                        "ON e.id = l.entry_id WHERE e.kind = 'settle' AND l.fen > 0", "") ||
      !till_db_get_int (db, &delivered, &error,
                        "SELECT COALESCE (SUM (l.fen), 0) FROM leg l JOIN entry e "
                        "ON e.id = l.entry_id WHERE e.kind = 'deliver' AND l.fen > 0", "") ||
      !till_db_get_int (db, &returned, &error,
                        "SELECT COALESCE (SUM (l.fen), 0) FROM leg l JOIN entry e "
                        "ON e.id = l.entry_id WHERE e.kind = 'return' AND l.fen > 0", ""))
    g_warning ("%s", error->message);

  json_builder_begin_object (builder);
  till_verb_put_bool (builder, "ok", n_faults == 0);
  till_verb_put_int (builder, "faults", n_faults);
  till_verb_put_yuan (builder, "paid", paid);
  till_verb_put_yuan (builder, "delivered", delivered);
  till_verb_put_yuan (builder, "on_its_way", -way);
  till_verb_put_yuan (builder, "returned", returned);
  json_builder_end_object (builder);
  till_verb_print (self, builder);
}

void
till_verb_verify (TillVerb *self)
{
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(GError) error = NULL;

  if (!till_db_check (till_books_get_db (self->core->books), &error) ||
      !till_ledger_verify (self->core->books, faults, &error) ||
      !till_audit_verify (self->core->books, faults, &error) ||
      !verify_meters (self, faults, &error))
    {
      till_verb_fail (self, error);
      return;
    }

  for (guint i = 0; i < faults->len; i++)
    {
      json_builder_begin_object (builder);
      till_verb_put_text (builder, "fault", g_ptr_array_index (faults, i));
      json_builder_end_object (builder);
      till_verb_print (self, builder);
    }

  print_sums (self, faults->len);
  till_verb_end (self, faults->len == 0 ? 0 : 1);
}
