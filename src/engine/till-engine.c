/*
 * till-engine.c: the whole system behind one door
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-auth-private.h"
#include "till-cashier-private.h"
#include "till-decision-private.h"
#include "till-engine-private.h"
#include "till-poller-private.h"
#include "till-store-intents.h"
#include "till-store-orders.h"
#include "till-switcher-private.h"
#include "till-verbs-private.h"

enum
{
  SITE_CHANGED,
  STATES_CHANGED,
  ORDER_CHANGED,
  INTENT_CHANGED,
  CONDITIONS_CHANGED,
  STRAY_CHANGED,
  REFUND_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillEngine, till_engine, G_TYPE_OBJECT)

/*
 * News from the engine's thread
 */

typedef struct
{
  TillEngine    *self; /* not owned: the engine outlives its worker */
  gpointer       record;
  GDestroyNotify unref;
} News;

static void
news_free (News *news)
{
  news->unref (news->record);
  g_free (news);
}

static void
tell (TillEngine    *self,
      GSourceFunc    func,
      gpointer       record,
      GDestroyNotify unref)
{
  News *news = g_new0 (News, 1);

  news->self = self;
  news->record = record;
  news->unref = unref;
  till_worker_tell (self->worker, func, news, (GDestroyNotify)news_free);
}

static gboolean
show_site (gpointer data)
{
  News *news = data;

  g_clear_pointer (&news->self->site, till_site_unref);
  news->self->site = till_site_ref (news->record);
  g_signal_emit (news->self, signals[SITE_CHANGED], 0, news->record);
  return G_SOURCE_REMOVE;
}

static gboolean
show_states (gpointer data)
{
  News *news = data;
  GPtrArray *states = news->record;

  for (guint i = 0; i < states->len; i++)
    {
      TillMeterState *state = g_ptr_array_index (states, i);

      g_hash_table_replace (news->self->states, &state->meter_id, till_meter_state_ref (state));
    }

  g_signal_emit (news->self, signals[STATES_CHANGED], 0, states);
  return G_SOURCE_REMOVE;
}

static gboolean
show_order (gpointer data)
{
  News *news = data;

  g_signal_emit (news->self, signals[ORDER_CHANGED], 0, news->record);
  return G_SOURCE_REMOVE;
}

static gboolean
show_intent (gpointer data)
{
  News *news = data;

  g_signal_emit (news->self, signals[INTENT_CHANGED], 0, news->record);
  return G_SOURCE_REMOVE;
}

static gboolean
show_conditions (gpointer data)
{
  News *news = data;

  g_clear_pointer (&news->self->conditions, g_ptr_array_unref);
  news->self->conditions = g_ptr_array_ref (news->record);
  g_signal_emit (news->self, signals[CONDITIONS_CHANGED], 0, news->record);
  return G_SOURCE_REMOVE;
}

static void
on_states (GPtrArray *states,
           gpointer   user_data)
{
  tell (user_data, show_states, g_ptr_array_ref (states), (GDestroyNotify)g_ptr_array_unref);
}

static void
on_order (TillOrder *order,
          gpointer   user_data)
{
  tell (user_data, show_order, till_order_ref (order), (GDestroyNotify)till_order_unref);
}

static void
on_intent (TillIntent *intent,
           gpointer    user_data)
{
  tell (user_data, show_intent, till_intent_ref (intent), (GDestroyNotify)till_intent_unref);
}

static void
on_conditions (GPtrArray *conditions,
               gpointer   user_data)
{
  tell (user_data, show_conditions, g_ptr_array_ref (conditions),
        (GDestroyNotify)g_ptr_array_unref);
}

static void
on_site (TillSite *site,
         gpointer  user_data)
{
  tell (user_data, show_site, till_site_ref (site), (GDestroyNotify)till_site_unref);
}

static gboolean
show_stray (gpointer data)
{
  News *news = data;

  g_signal_emit (news->self, signals[STRAY_CHANGED], 0, news->record);
  return G_SOURCE_REMOVE;
}

static void
on_stray (TillStray *stray,
          gpointer   user_data)
{
  tell (user_data, show_stray, till_stray_ref (stray), (GDestroyNotify)till_stray_unref);
}

static gboolean
show_refund (gpointer data)
{
  News *news = data;

  g_signal_emit (news->self, signals[REFUND_CHANGED], 0, news->record);
  return G_SOURCE_REMOVE;
}

static void
on_refund (TillRefund *refund,
           gpointer    user_data)
{
  tell (user_data, show_refund, till_refund_ref (refund), (GDestroyNotify)till_refund_unref);
}

static const TillCoreEvents events = {
  on_states, on_order, on_intent, on_conditions, on_site, on_stray, on_refund,
};

/*
 * The object
 */

static void
till_engine_finalize (GObject *object)
{
  TillEngine *self = TILL_ENGINE (object);

  g_assert (self->plant == NULL);
  till_worker_stop (self->worker);
  g_clear_object (&self->worker);
  g_clear_pointer (&self->site, till_site_unref);
  g_clear_pointer (&self->states, g_hash_table_unref);
  g_clear_pointer (&self->conditions, g_ptr_array_unref);
  g_clear_pointer (&self->data_dir, g_free);
  g_clear_pointer (&self->portal_uri, g_free);

  G_OBJECT_CLASS (till_engine_parent_class)->finalize (object);
}

static guint
new_signal (const char *name,
            GType       argument)
{
  return g_signal_new (name, TILL_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       1, argument);
}

static void
till_engine_class_init (TillEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_engine_finalize;

  signals[SITE_CHANGED] = new_signal ("site-changed", G_TYPE_POINTER);
  signals[STATES_CHANGED] = new_signal ("states-changed", G_TYPE_POINTER);
  signals[ORDER_CHANGED] = new_signal ("order-changed", G_TYPE_POINTER);
  signals[INTENT_CHANGED] = new_signal ("intent-changed", G_TYPE_POINTER);
  signals[CONDITIONS_CHANGED] = new_signal ("conditions-changed", G_TYPE_POINTER);
  signals[STRAY_CHANGED] = new_signal ("stray-changed", G_TYPE_POINTER);
  signals[REFUND_CHANGED] = new_signal ("refund-changed", G_TYPE_POINTER);
}

static void
till_engine_init (TillEngine *self)
{
  self->states = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                        (GDestroyNotify)till_meter_state_unref);
  self->conditions = g_ptr_array_new_with_free_func ((GDestroyNotify)till_condition_unref);
  self->site = till_site_new ("", FALSE);
  self->worker = till_worker_new ("engine");
}

/**
 * till_engine_new:
 * @data_dir: the folder of the site
 * @flags: the whole system, the demo, or the books only
 *
 * Makes an engine that does nothing before till_engine_start_async().
 *
 * Returns: (transfer full): the engine
 */
TillEngine *
till_engine_new (const char     *data_dir,
                 TillEngineFlags flags)
{
  TillEngine *self = g_object_new (TILL_TYPE_ENGINE, NULL);

  self->data_dir = g_canonicalize_filename (data_dir, NULL);
  self->flags = flags;

  return self;
}

/*
 * Start and stop
 */

static void
run_start (GTask   *task,
           gpointer data)
{
  TillEngineCall *call = data;
  TillEngine *self = call->self;
  GError *error = NULL;
  const char *uri;

  self->plant = till_plant_open (self->data_dir, self->flags, &events, self, &error);
  if (self->plant == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  uri = till_plant_get_portal_uri (self->plant);
  g_task_return_pointer (task, g_strdup (uri != NULL ? uri : ""), g_free);
}

/**
 * till_engine_start_async:
 * @self: an engine
 * @cancellable: (nullable): not looked at once the start has begun
 * @callback: called when it runs, or does not
 * @user_data: handed to @callback
 *
 * Opens the site and starts everything.
 */
void
till_engine_start_async (TillEngine         *self,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  till_engine_call_async (self, run_start, till_engine_call_new (self), g_free, cancellable,
                          callback, user_data);
}

gboolean
till_engine_start_finish (TillEngine   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  char *uri = till_engine_call_finish (self, result, error);

  if (uri == NULL)
    return FALSE;

  g_free (self->portal_uri);
  self->portal_uri = uri;
  self->started = TRUE;
  return TRUE;
}

static void
run_stop (GTask   *task,
          gpointer data)
{
  TillEngineCall *call = data;

  g_clear_pointer (&call->self->plant, till_plant_close);
  g_task_return_boolean (task, TRUE);
}

/**
 * till_engine_stop:
 * @self: an engine
 *
 * Stops everything and waits for it, a few seconds at most. What is not settled stays in the books
 * for the next start.
 */
void
till_engine_stop (TillEngine *self)
{
  till_worker_call_async (self->worker, run_stop, till_engine_call_new (self),
                          (GDestroyNotify)till_engine_call_free, NULL, NULL, NULL);
  till_worker_stop (self->worker);

  /* What was told last is let go here, while the engine is still there. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

const char *
till_engine_get_portal_uri (TillEngine *self)
{
  return self->portal_uri;
}

TillSite *
till_engine_get_site (TillEngine *self)
{
  return self->site;
}

/**
 * till_engine_get_state:
 * @self: an engine
 * @meter_id: a meter
 *
 * Returns: (nullable) (transfer none): what was heard of it last, %NULL when nothing was yet
 */
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

/*
 * People
 */

static void
run_sign_in (GTask   *task,
             gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_auth_sign_in (core, call->text, call->more_text, task);
}

void
till_engine_sign_in_async (TillEngine         *self,
                           const char         *name,
                           const char         *password,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (name);
  call->more_text = g_strdup (password);
  till_engine_call_async (self, run_sign_in, call, (GDestroyNotify)till_operator_unref, cancellable,
                          callback, user_data);
}

TillOperator *
till_engine_sign_in_finish (TillEngine   *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

/*
 * Sales
 */

static void
run_quote (GTask   *task,
           gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_cashier_quote (core, call->account_id, call->meter_id,
                                                         call->amount, &error),
                               (GDestroyNotify)till_quote_unref, error);
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
  TillEngineCall *call = till_engine_call_new (self);

  call->account_id = account_id;
  call->meter_id = meter_id;
  call->amount = amount;
  till_engine_call_async (self, run_quote, call, (GDestroyNotify)till_quote_unref, cancellable,
                          callback, user_data);
}

TillQuote *
till_engine_quote_finish (TillEngine   *self,
                          GAsyncResult *result,
                          GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

static void
run_sell (GTask   *task,
          gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core == NULL)
    return;

  call->sale.key = call->text;
  till_cashier_sell (core, &call->sale, task);
}

void
till_engine_sell_async (TillEngine         *self,
                        const TillSale     *sale,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->sale = *sale;
  call->text = g_strdup (sale->key);
  till_engine_call_async (self, run_sell, call, (GDestroyNotify)till_order_unref, cancellable,
                          callback, user_data);
}

TillOrder *
till_engine_sell_finish (TillEngine   *self,
                         GAsyncResult *result,
                         GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

static void
run_list_orders (GTask   *task,
                 gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;
  const TillOrderQuery query = {
    call->filter.account_id, call->filter.operator_id, call->filter.from_ms, call->filter.to_ms,
    call->text, call->filter.limit,
  };

  if (core != NULL)
    till_engine_return_record (task, till_store_list_orders (core->books, &query, &error),
                               (GDestroyNotify)g_ptr_array_unref, error);
}

void
till_engine_list_orders_async (TillEngine            *self,
                               const TillOrderFilter *filter,
                               GCancellable          *cancellable,
                               GAsyncReadyCallback    callback,
                               gpointer               user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->filter = *filter;
  call->text = g_strdup (filter->order_or_receipt);
  till_engine_call_async (self, run_list_orders, call, (GDestroyNotify)g_ptr_array_unref,
                          cancellable, callback, user_data);
}

GPtrArray *
till_engine_list_orders_finish (TillEngine   *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

static void
run_get_receipt (GTask   *task,
                 gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_cashier_receipt (core, call->text, call->flag,
                                                           call->operator_id, &error),
                               (GDestroyNotify)till_receipt_unref, error);
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
  TillEngineCall *call = till_engine_call_new (self);

  call->text = g_strdup (order_id);
  call->flag = printing;
  call->operator_id = operator_id;
  till_engine_call_async (self, run_get_receipt, call, (GDestroyNotify)till_receipt_unref,
                          cancellable, callback, user_data);
}

TillReceipt *
till_engine_get_receipt_finish (TillEngine   *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

/*
 * Meters
 */

static void
run_command (GTask   *task,
             gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core == NULL)
    return;

  call->command.reason = call->reason;
  till_switcher_command (core, &call->command, task);
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
  TillEngineCall *call = till_engine_call_new (self);

  call->reason = g_strdup (reason);
  call->command = (TillCommand) { meter_id, kind, NULL, until_ms, operator_id };
  till_engine_call_async (self, run_command, call, (GDestroyNotify)till_intent_unref, cancellable,
                          callback, user_data);
}

TillIntent *
till_engine_command_finish (TillEngine   *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

static void
run_read_meter (GTask   *task,
                gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_poller_read (core, call->meter_id, task);
}

void
till_engine_read_meter_async (TillEngine         *self,
                              gint64              meter_id,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->meter_id = meter_id;
  till_engine_call_async (self, run_read_meter, call, (GDestroyNotify)till_meter_state_unref,
                          cancellable, callback, user_data);
}

TillMeterState *
till_engine_read_meter_finish (TillEngine   *self,
                               GAsyncResult *result,
                               GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

/*
 * Reviews
 */

static void
run_list_reviews (GTask   *task,
                  gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);
  GError *error = NULL;

  if (core != NULL)
    till_engine_return_record (task, till_store_list_open (core->books, TRUE, &error),
                               (GDestroyNotify)g_ptr_array_unref, error);
}

void
till_engine_list_reviews_async (TillEngine         *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  till_engine_call_async (self, run_list_reviews, till_engine_call_new (self),
                          (GDestroyNotify)g_ptr_array_unref, cancellable, callback, user_data);
}

GPtrArray *
till_engine_list_reviews_finish (TillEngine   *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

static void
run_decide (GTask   *task,
            gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_decision_make (core, call->id, call->decision, call->reason, call->operator_id, task);
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
  TillEngineCall *call = till_engine_call_new (self);

  call->id = intent_id;
  call->decision = decision;
  call->reason = g_strdup (reason);
  call->operator_id = operator_id;
  till_engine_call_async (self, run_decide, call, (GDestroyNotify)till_intent_unref, cancellable,
                          callback, user_data);
}

TillIntent *
till_engine_decide_finish (TillEngine   *self,
                           GAsyncResult *result,
                           GError      **error)
{
  return till_engine_call_finish (self, result, error);
}

/*
 * Verbs
 */

static void
run_verb (GTask   *task,
          gpointer data)
{
  TillEngineCall *call = data;
  TillCore *core = till_engine_call_core (call, task);

  if (core != NULL)
    till_verbs_run (core, (const char *const *)call->arguments, call->directory, call->text,
                    call->more_text, call->reason, task);
}

void
till_engine_verb_async (TillEngine         *self,
                        const char *const  *arguments,
                        const char         *operator_name,
                        const char         *password,
                        const char         *new_password,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  TillEngineCall *call = till_engine_call_new (self);

  call->arguments = g_strdupv ((char **)arguments);
  call->directory = g_get_current_dir ();
  call->text = g_strdup (operator_name);
  call->more_text = g_strdup (password);
  call->reason = g_strdup (new_password);
  till_engine_call_async (self, run_verb, call, (GDestroyNotify)till_verb_result_free, cancellable,
                          callback, user_data);
}

char *
till_engine_verb_finish (TillEngine   *self,
                         GAsyncResult *result,
                         int          *exit_code,
                         GError      **error)
{
  TillVerbResult *done = till_engine_call_finish (self, result, error);
  char *output;

  if (done == NULL)
    return NULL;

  *exit_code = done->exit_code;
  output = g_steal_pointer (&done->output);
  till_verb_result_free (done);
  return output;
}
