/*
 * fake-engine.c: a double of the engine: a made-up site, and time in the test's hand
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-engine-private.h"
#include "fake-site.h"
#include "till-clock.h"

/*
 * It implements till-engine.h without books or lines: the same numbers every time, so that a test of
 * the window never fails for another reason than the window. The site is made by fake-site.c, what
 * comes through a gateway by fake-online.c.
 */

static guint signals[FAKE_N_SIGNALS];

FakeEngineScript fake_engine_script = { .n_shops = 60, .delay_ms = 600 };

G_DEFINE_FINAL_TYPE (TillEngine, till_engine, G_TYPE_OBJECT)

void
fake_engine_emit (TillEngine *self,
                  guint       signal,
                  gpointer    record)
{
  g_signal_emit (self, signals[signal], 0, record);
}

static void
step_free (FakeStep *step)
{
  g_hash_table_remove (step->self->timers, GUINT_TO_POINTER (step->source_id));
  till_order_unref (step->order);
  till_intent_unref (step->intent);
  g_free (step);
}

void
fake_engine_schedule (TillEngine *self,
                      GSourceFunc func,
                      TillOrder  *order,
                      TillIntent *intent)
{
  FakeStep *step = g_new0 (FakeStep, 1);

  step->self = self;
  step->order = order != NULL ? till_order_ref (order) : NULL;
  step->intent = intent != NULL ? till_intent_ref (intent) : NULL;
  step->source_id = g_timeout_add_full (G_PRIORITY_DEFAULT, fake_engine_script.delay_ms, func, step,
                                        (GDestroyNotify)step_free);
  g_hash_table_add (self->timers, GUINT_TO_POINTER (step->source_id));
}

static TillMeterState *
copy_state (const TillMeterState *from)
{
  TillMeterState *state = till_meter_state_new ();

  *state = *from;
  state->keep_reason = g_strdup (from->keep_reason);
  state->keep_operator = g_strdup (from->keep_operator);
  return state;
}

static void
publish (TillEngine     *self,
         TillMeterState *state)
{
  g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func ((GDestroyNotify)till_meter_state_unref);

  g_hash_table_replace (self->states, &state->meter_id, state);
  g_ptr_array_add (states, till_meter_state_ref (state));
  g_signal_emit (self, signals[FAKE_STATES_CHANGED], 0, states);
}

TillOrder *
fake_engine_copy_order (const TillOrder *from)
{
  TillOrder *order = till_order_new ();

  *order = *from;
  order->id = g_strdup (from->id);
  order->receipt_no = g_strdup (from->receipt_no);
  order->operator_name = g_strdup (from->operator_name);
  order->attempt_no = g_strdup (from->attempt_no);
  order->code_url = g_strdup (from->code_url);
  order->message = g_strdup (from->message);
  return order;
}

guint
fake_engine_find_order (TillEngine *self,
                        const char *id)
{
  for (guint i = 0; i < self->orders->len; i++)
    {
      const TillOrder *order = self->orders->pdata[i];

      if (g_str_equal (order->id, id) || g_strcmp0 (order->receipt_no, id) == 0)
        return i;
    }

  return G_MAXUINT;
}

/* Takes @order for the newest record of its sale. */
void
fake_engine_take_order (TillEngine *self,
                        TillOrder  *order)
{
  const guint i = fake_engine_find_order (self, order->id);
  g_autoptr(TillOrder) kept = till_order_ref (order);

  /* Whoever hears of it may ask for the next step at once. */
  till_order_unref (self->orders->pdata[i]);
  self->orders->pdata[i] = order;
  g_signal_emit (self, signals[FAKE_ORDER_CHANGED], 0, order);
}

TillOrder *
fake_engine_add_order (TillEngine    *self,
                       gint64         account_id,
                       gint64         meter_id,
                       TillMoney      amount,
                       TillMethod     method,
                       TillOrderState state,
                       gint64         at_ms)
{
  TillOrder *order = till_order_new ();
  const guint n = self->orders->len + 1;

  order->id = g_strdup_printf ("T20261124%06u", n);
  order->receipt_no = g_strdup_printf ("R2026-%06u", 1200 + n);
  order->account_id = account_id;
  order->meter_id = meter_id;
  order->amount = amount;
  order->method = method;
  order->state = state;
  order->created_ms = at_ms;
  order->paid_ms = at_ms;
  order->operator_name = g_strdup ("demo");
  if (state == TILL_ORDER_STATE_CREDITED)
    {
      order->credited_ms = at_ms + 3000;
      order->has_balances = TRUE;
      order->balance_before = 38640;
      order->balance_after = 38640 + amount;
    }
  g_ptr_array_add (self->orders, order);
  return order;
}

static void
add_history (TillEngine *self)
{
  const TillOrderState states[] = {
    TILL_ORDER_STATE_CREDITED, TILL_ORDER_STATE_CREDITED, TILL_ORDER_STATE_PAID,
    TILL_ORDER_STATE_CREDITED, TILL_ORDER_STATE_REVIEW, TILL_ORDER_STATE_CREDITED,
    TILL_ORDER_STATE_REFUSED, TILL_ORDER_STATE_REFUNDED
  };

  for (guint i = 0; i < 24 && i + 1 < self->site->accounts->len; i++)
    {
      const TillAccount *account = self->site->accounts->pdata[(i * 7) % self->site->accounts->len];

      fake_engine_add_order (self, account->id, account->id + 100000, (1 + i % 10) * 10000 + (i % 3) * 550,
                             (TillMethod)(i % 3), states[i % 8], till_clock_now_ms () - (24 - i) * 400000);
    }
}

static void
add_review (TillEngine *self,
            gint64      account_n,
            guint32     count_before,
            TillMoney   balance_before)
{
  TillIntent *intent = till_intent_new ();

  intent->id = ++self->next_intent;
  intent->kind = TILL_INTENT_KIND_PURCHASE;
  intent->state = TILL_INTENT_STATE_REVIEW;
  intent->meter_id = 200000 + account_n;
  intent->order_id = g_strdup_printf ("T20261124%06u", 5);
  intent->created_ms = till_clock_now_ms () - 35 * 60000;
  intent->operator_name = g_strdup ("王芳");
  intent->tries = 2;
  intent->message = g_strdup ("the reply was lost and the count does not tell");
  intent->amount = 50000;
  intent->count_before = count_before;
  intent->count_new = count_before + 1;
  intent->balance_before = balance_before;
  intent->energy_before_ckwh = 1233001;
  intent->before_ms = intent->created_ms;
  g_ptr_array_add (self->reviews, intent);
}

static void
add_condition (TillEngine       *self,
               TillConditionKind kind,
               guint             count,
               const char       *subject)
{
  TillCondition *condition = till_condition_new ();

  condition->kind = kind;
  condition->count = count;
  condition->since_ms = till_clock_now_ms () - 600000;
  condition->subject = g_strdup (subject);
  g_ptr_array_add (self->conditions, condition);
}

static void
till_engine_finalize (GObject *object)
{
  TillEngine *self = TILL_ENGINE (object);
  g_autoptr(GList) timers = g_hash_table_get_keys (self->timers);

  for (GList *timer = timers; timer != NULL; timer = timer->next)
    g_source_remove (GPOINTER_TO_UINT (timer->data));
  if (self->life_id != 0)
    g_source_remove (self->life_id);
  g_hash_table_unref (self->timers);
  g_hash_table_unref (self->order_by_key);
  g_hash_table_unref (self->states);
  g_ptr_array_unref (self->orders);
  g_ptr_array_unref (self->reviews);
  g_ptr_array_unref (self->conditions);
  fake_online_free (self->online);
  till_site_unref (self->site);

  G_OBJECT_CLASS (till_engine_parent_class)->finalize (object);
}

static void
till_engine_class_init (TillEngineClass *klass)
{
  const char *const names[FAKE_N_SIGNALS] = {
    "site-changed", "states-changed", "order-changed", "intent-changed", "conditions-changed",
    "stray-changed", "refund-changed"
  };

  G_OBJECT_CLASS (klass)->finalize = till_engine_finalize;
  for (guint i = 0; i < FAKE_N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], TILL_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
till_engine_init (TillEngine *self)
{
  FakeSite made = { NULL, NULL };

  self->states = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                        (GDestroyNotify)till_meter_state_unref);
  made.states = self->states;
  self->orders = g_ptr_array_new_with_free_func ((GDestroyNotify)till_order_unref);
  self->reviews = g_ptr_array_new_with_free_func ((GDestroyNotify)till_intent_unref);
  self->conditions = g_ptr_array_new_with_free_func ((GDestroyNotify)till_condition_unref);
  self->order_by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->timers = g_hash_table_new (NULL, NULL);
  fake_site_build (&made, fake_engine_script.n_shops);
  self->site = made.site;
  add_history (self);
  self->online = fake_online_new ();
  add_review (self, 17, 17, 50000);
  add_review (self, 37, 16, 42000);
}

TillEngine *
till_engine_new (const char     *data_dir,
                 TillEngineFlags flags)
{
  return g_object_new (TILL_TYPE_ENGINE, NULL);
}

TillSite *
till_engine_get_site (TillEngine *self)
{
  return self->site;
}

TillMeterState *
till_engine_get_state (TillEngine *self,
                       gint64      meter_id)
{
  return g_hash_table_lookup (self->states, &meter_id);
}

GPtrArray *
till_engine_get_conditions (TillEngine *self)
{
  return self->conditions;
}

void
till_engine_sign_in_async (TillEngine         *self,
                           const char         *name,
                           const char         *password,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TillOperator *person;

  if (!g_str_equal (password, "demo"))
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED, "wrong password");
      return;
    }

  person = till_operator_new ();
  person->id = 1;
  person->name = g_strdup (name);
  person->display_name = g_strdup (g_str_equal (name, "clerk") ? "李娜" : "王芳");
  person->role = g_str_equal (name, "clerk") ? TILL_ROLE_CLERK : TILL_ROLE_ADMIN;
  g_task_return_pointer (task, person, (GDestroyNotify)till_operator_unref);
}

TillOperator *
till_engine_sign_in_finish (TillEngine   *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_quote_async (TillEngine         *self,
                         gint64              account_id,
                         gint64              meter_id,
                         TillMoney           amount,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TillMeterState *state = till_engine_get_state (self, meter_id != 0 ? meter_id : account_id + 100000);
  TillQuote *quote = till_quote_new ();

  quote->cap = 2000000;
  quote->fresh = state != NULL && state->health == TILL_HEALTH_FRESH;
  quote->remaining = state != NULL ? state->reading.remaining : 0;
  quote->on_its_way = state != NULL ? state->on_its_way : 0;
  quote->allowed = TRUE;
  if (fake_engine_script.refuse_quotes || quote->remaining + amount > quote->cap)
    {
      quote->allowed = FALSE;
      quote->code = TILL_RULE_ERROR_LIMIT;
    }
  if (state != NULL && state->blocked)
    {
      quote->allowed = FALSE;
      quote->code = TILL_RULE_ERROR_CLOSED;
    }
  g_task_return_pointer (task, quote, (GDestroyNotify)till_quote_unref);
}

TillQuote *
till_engine_quote_finish (TillEngine   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The meter has taken the purchase: the order is credited and the state shows it. */
gboolean
fake_engine_credit_order (gpointer data)
{
  FakeStep *step = data;
  TillMeterState *state = till_engine_get_state (step->self, step->order->meter_id);
  TillOrder *order = fake_engine_copy_order (step->self->orders->pdata[fake_engine_find_order (step->self,
                                                                                               step->order->id)]);

  order->state = TILL_ORDER_STATE_CREDITED;
  order->credited_ms = till_clock_now_ms ();
  if (state != NULL)
    {
      TillMeterState *next = copy_state (state);

      order->has_balances = TRUE;
      order->balance_before = next->reading.remaining;
      next->reading.remaining += order->amount;
      next->reading.purchase_count++;
      next->on_its_way -= order->amount;
      order->balance_after = next->reading.remaining;
      publish (step->self, next);
    }
  fake_engine_take_order (step->self, order);
  return G_SOURCE_REMOVE;
}

static TillOrder *
make_sale (TillEngine     *self,
           const TillSale *sale)
{
  const gint64 meter_id = sale->meter_id != 0 ? sale->meter_id : sale->account_id + 100000;
  TillMeterState *state = till_engine_get_state (self, meter_id);
  TillOrder *order = fake_engine_add_order (self, sale->account_id, meter_id, sale->amount,
                                            sale->method, TILL_ORDER_STATE_PAID,
                                            till_clock_now_ms ());

  g_hash_table_insert (self->order_by_key, g_strdup (sale->key), GUINT_TO_POINTER (self->orders->len));
  fake_engine_script.n_sales++;
  if (!fake_online_begin (self, order) && state != NULL)
    {
      TillMeterState *next = copy_state (state);

      next->on_its_way += sale->amount;
      publish (self, next);
      if (next->health == TILL_HEALTH_FRESH)
        fake_engine_schedule (self, fake_engine_credit_order, order, NULL);
    }
  g_signal_emit (self, signals[FAKE_ORDER_CHANGED], 0, order);
  return order;
}

void
till_engine_sell_async (TillEngine         *self,
                        const TillSale     *sale,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  guint i = GPOINTER_TO_UINT (g_hash_table_lookup (self->order_by_key, sale->key));
  TillOrder *order = i != 0 ? self->orders->pdata[i - 1] : make_sale (self, sale);

  fake_engine_script.n_sell_calls++;
  if (order->amount != sale->amount || order->account_id != sale->account_id)
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE, "another sale");
    }
  else if (fake_engine_script.fail_next_sale)
    {
      fake_engine_script.fail_next_sale = FALSE;
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the answer was lost");
    }
  else
    {
      g_task_return_pointer (task, till_order_ref (order), (GDestroyNotify)till_order_unref);
    }
}

TillOrder *
till_engine_sell_finish (TillEngine   *self,
                         GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_list_orders_async (TillEngine            *self,
                               const TillOrderFilter *filter,
                               GCancellable          *cancellable,
                               GAsyncReadyCallback    callback,
                               gpointer               user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *orders = g_ptr_array_new_with_free_func ((GDestroyNotify)till_order_unref);

  for (guint i = self->orders->len; i > 0; i--)
    {
      TillOrder *order = self->orders->pdata[i - 1];

      if ((filter->account_id == 0 || filter->account_id == order->account_id)
          && (filter->order_or_receipt == NULL
              || g_str_equal (filter->order_or_receipt, order->id)
              || g_strcmp0 (filter->order_or_receipt, order->receipt_no) == 0)
          && order->created_ms >= filter->from_ms
          && (filter->to_ms == 0 || order->created_ms < filter->to_ms))
        g_ptr_array_add (orders, till_order_ref (order));
    }
  g_task_return_pointer (task, orders, (GDestroyNotify)g_ptr_array_unref);
}

GPtrArray *
till_engine_list_orders_finish (TillEngine   *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_get_receipt_async (TillEngine         *self,
                               const char         *order_id,
                               gboolean            printing,
                               gint64              operator_id,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  const guint i = fake_engine_find_order (self, order_id);
  TillReceipt *receipt;
  TillOrder *order;

  if (i == G_MAXUINT)
    {
      g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "no order %s", order_id);
      return;
    }

  order = self->orders->pdata[i];
  receipt = till_receipt_new ();
  receipt->number = g_strdup (order->receipt_no);
  receipt->site_name = g_strdup (self->site->name);
  receipt->shop = g_strdup (till_site_get_account (self->site, order->account_id)->path);
  receipt->tenant = g_strdup (till_site_get_account (self->site, order->account_id)->tenant_name);
  receipt->phone_masked = g_strdup ("138****0000");
  receipt->meter_no = g_strdup (till_site_get_meter (self->site, order->meter_id)->meter_no);
  receipt->amount = order->amount;
  receipt->method = order->method;
  receipt->state = order->state;
  receipt->paid_ms = order->paid_ms;
  receipt->operator_name = g_strdup (order->operator_name);
  receipt->has_balances = order->has_balances;
  receipt->balance_before = order->balance_before;
  receipt->balance_after = order->balance_after;
  receipt->reprint = order->n_prints;
  receipt->order_id = g_strdup (order->id);
  receipt->demo = TRUE;
  if (printing)
    {
      TillOrder *next = fake_engine_copy_order (order);

      next->n_prints++;
      fake_engine_script.n_prints++;
      fake_engine_take_order (self, next);
    }
  g_task_return_pointer (task, receipt, (GDestroyNotify)till_receipt_unref);
}

TillReceipt *
till_engine_get_receipt_finish (TillEngine   *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
apply_command (TillReading      *reading,
               const TillIntent *intent)
{
  const guint32 force = TILL_METER_FLAG_FORCED | TILL_METER_FLAG_FORCED_CLOSED;

  reading->flags &= ~force;
  if (intent->kind == TILL_INTENT_KIND_TRIP)
    reading->flags = (reading->flags | TILL_METER_FLAG_FORCED) & ~TILL_METER_FLAG_RELAY;
  else if (intent->kind == TILL_INTENT_KIND_KEEP)
    reading->flags |= force | TILL_METER_FLAG_RELAY;
  else
    reading->flags |= TILL_METER_FLAG_RELAY;
}

static TillIntent *
copy_intent (const TillIntent *from)
{
  TillIntent *intent = till_intent_new ();

  *intent = *from;
  intent->order_id = g_strdup (from->order_id);
  intent->operator_name = g_strdup (from->operator_name);
  intent->reason = g_strdup (from->reason);
  intent->message = g_strdup (from->message);
  return intent;
}

static gboolean
settle_command (gpointer data)
{
  FakeStep *step = data;
  TillMeterState *next = copy_state (till_engine_get_state (step->self, step->intent->meter_id));
  g_autoptr(TillIntent) intent = copy_intent (step->intent);

  intent->state = fake_engine_script.fail_commands ? TILL_INTENT_STATE_REFUSED
                                                   : TILL_INTENT_STATE_CONFIRMED;
  intent->settled_ms = till_clock_now_ms ();
  next->n_open_commands--;
  next->keep_until_ms = intent->until_ms;
  if (intent->state == TILL_INTENT_STATE_CONFIRMED)
    apply_command (&next->reading, intent);
  publish (step->self, next);
  g_signal_emit (step->self, signals[FAKE_INTENT_CHANGED], 0, intent);
  return G_SOURCE_REMOVE;
}

void
till_engine_command_async (TillEngine         *self,
                           gint64              meter_id,
                           TillIntentKind      kind,
                           const char         *reason,
                           gint64              until_ms,
                           gint64              operator_id,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TillMeterState *next = copy_state (till_engine_get_state (self, meter_id));
  TillIntent *intent = till_intent_new ();

  intent->id = ++self->next_intent;
  intent->kind = kind;
  intent->state = TILL_INTENT_STATE_PENDING;
  intent->meter_id = meter_id;
  intent->reason = g_strdup (reason);
  intent->until_ms = until_ms;
  intent->created_ms = till_clock_now_ms ();
  next->n_open_commands++;
  publish (self, next);
  g_signal_emit (self, signals[FAKE_INTENT_CHANGED], 0, intent);
  fake_engine_schedule (self, settle_command, NULL, intent);
  g_task_return_pointer (task, intent, (GDestroyNotify)till_intent_unref);
}

TillIntent *
till_engine_command_finish (TillEngine   *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_read_meter_async (TillEngine         *self,
                              gint64              meter_id,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TillMeterState *next = copy_state (till_engine_get_state (self, meter_id));

  next->health = TILL_HEALTH_FRESH;
  next->last_contact_ms = till_clock_now_ms ();
  publish (self, next);
  g_task_return_pointer (task, till_meter_state_ref (next), (GDestroyNotify)till_meter_state_unref);
}

TillMeterState *
till_engine_read_meter_finish (TillEngine   *self,
                               GAsyncResult *result,
                               GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_list_reviews_async (TillEngine         *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *reviews = g_ptr_array_new_with_free_func ((GDestroyNotify)till_intent_unref);

  for (guint i = 0; i < self->reviews->len; i++)
    g_ptr_array_add (reviews, till_intent_ref (self->reviews->pdata[i]));
  g_task_return_pointer (task, reviews, (GDestroyNotify)g_ptr_array_unref);
}

GPtrArray *
till_engine_list_reviews_finish (TillEngine   *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_engine_decide_async (TillEngine         *self,
                          gint64              intent_id,
                          TillDecision        decision,
                          const char         *reason,
                          gint64              operator_id,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  for (guint i = 0; i < self->reviews->len; i++)
    {
      TillIntent *review = self->reviews->pdata[i];

      if (review->id == intent_id)
        {
          TillIntent *intent = copy_intent (review);

          intent->state = decision == TILL_DECISION_CREDITED ? TILL_INTENT_STATE_CONFIRMED
                                                             : TILL_INTENT_STATE_BURNT;
          fake_engine_script.n_decisions++;
          fake_engine_script.last_decision = decision;
          g_ptr_array_remove_index (self->reviews, i);
          g_signal_emit (self, signals[FAKE_INTENT_CHANGED], 0, intent);
          g_task_return_pointer (task, intent, (GDestroyNotify)till_intent_unref);
          return;
        }
    }
  g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "no such review");
}

TillIntent *
till_engine_decide_finish (TillEngine   *self,
                           GAsyncResult *result,
                           GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
fake_engine_set_health (TillEngine *self,
                        gint64      meter_id,
                        TillHealth  health)
{
  TillMeterState *next = copy_state (till_engine_get_state (self, meter_id));

  next->health = health;
  publish (self, next);
}

void
fake_engine_set_remaining (TillEngine *self,
                           gint64      meter_id,
                           TillMoney   remaining)
{
  TillMeterState *next = copy_state (till_engine_get_state (self, meter_id));

  next->reading.remaining = remaining;
  publish (self, next);
}

static gboolean
live_a_second (gpointer data)
{
  TillEngine *self = data;
  const gint64 now_ms = till_clock_now_ms ();

  for (guint i = 0; i < self->site->meters->len; i++)
    {
      const TillMeter *meter = self->site->meters->pdata[i];
      TillMeterState *state = till_engine_get_state (self, meter->id);

      if (state->health == TILL_HEALTH_FRESH && now_ms - state->last_contact_ms > 30000)
        {
          TillMeterState *next = copy_state (state);

          next->last_contact_ms = now_ms;
          next->reading.current_ma[0] += 170;
          next->reading.remaining -= 3;
          next->today_ckwh += 1;
          publish (self, next);
        }
    }
  return G_SOURCE_CONTINUE;
}

/* Lets the meters live, for looking at the window by eye. */
void
fake_engine_start_life (TillEngine *self)
{
  self->life_id = g_timeout_add_seconds (1, live_a_second, self);
}

void
fake_engine_set_conditions (TillEngine *self,
                            gboolean    many)
{
  g_ptr_array_set_size (self->conditions, 0);
  if (many)
    {
      add_condition (self, TILL_CONDITION_LINE_DOWN, 1, "192.168.1.20:4001");
      add_condition (self, TILL_CONDITION_REVIEW_OPEN, 2, NULL);
    }
  g_signal_emit (self, signals[FAKE_CONDITIONS_CHANGED], 0, self->conditions);
}
