/*
 * till-core.c: what the parts of the engine share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-core-private.h"
#include "till-delivery-private.h"
#include "till-energy.h"
#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-refund-private.h"
#include "till-store-intents.h"
#include "till-store-orders.h"
#include "till-store-people.h"
#include "till-switcher-private.h"

/* Dearer than any tariff: what a kWh can cost on a meter whose prices were not read yet. */
#define PRICE_BOUND_UYUAN (G_GINT64_CONSTANT (5000000))

static void
core_meter_free (TillCoreMeter *self)
{
  till_delivery_free (self->delivery);
  till_withdrawal_free (self->withdrawal);
  till_switching_free (self->switching);
  g_queue_clear_full (&self->purchases, (GDestroyNotify)till_intent_unref);
  g_queue_clear_full (&self->commands, (GDestroyNotify)till_intent_unref);
  till_meter_setup_free (self->setup);
  g_free (self->keep_reason);
  g_free (self->keep_operator);
  g_free (self);
}

static gboolean
load_config (TillCore *self,
             GError  **error)
{
  g_autoptr(GHashTable) values = NULL;

  values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!till_store_load_settings (self->books, values, error))
    return FALSE;

  g_clear_pointer (&self->config, till_config_free);
  self->config = till_config_new (values);
  return TRUE;
}

static gboolean
add_system_operator (TillBooks *books,
                     gpointer   data,
                     GError   **error)
{
  TillCore *self = data;

  return till_store_add_operator (books, TILL_CORE_SYSTEM_OPERATOR, "Tillwatt", TILL_ROLE_ADMIN,
                                  "!", &self->system_operator_id, error);
}

static gboolean
load_system_operator (TillCore *self,
                      GError  **error)
{
  g_autoptr(TillOperator) person = NULL;

  if (!till_store_find_operator (self->books, TILL_CORE_SYSTEM_OPERATOR, &person, NULL, error))
    return FALSE;

  if (person == NULL)
    return till_books_write_now (self->books, add_system_operator, self, error);

  self->system_operator_id = person->id;
  return TRUE;
}

/**
 * till_core_open:
 * @data_dir: the folder of the site; the caller holds its lock
 * @demo: whether it is the demo
 * @offline: no lines, no listener
 * @events: where news goes
 * @events_data: handed to @events
 * @error: return location for a #GError
 *
 * Opens the books for the calling thread, which is the engine's from now on.
 *
 * Returns: (transfer full): the core, or %NULL with @error set
 */
TillCore *
till_core_open (const char           *data_dir,
                gboolean              demo,
                gboolean              offline,
                const TillCoreEvents *events,
                gpointer              events_data,
                GError              **error)
{
  TillCore *self = g_new0 (TillCore, 1);

  self->data_dir = g_strdup (data_dir);
  self->demo = demo;
  self->offline = offline;
  self->events = events;
  self->events_data = events_data;
  self->context = g_main_context_ref_thread_default ();
  self->started_ms = till_clock_now_ms ();
  self->meters = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                        (GDestroyNotify)core_meter_free);
  self->lines = g_ptr_array_new ();
  self->line_states = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                             (GDestroyNotify)till_condition_unref);
  self->books = till_books_open (data_dir, TRUE, error);

  if (self->books == NULL || !load_config (self, error) || !load_system_operator (self, error))
    {
      till_core_close (self);
      return NULL;
    }

  return self;
}

/**
 * till_core_close:
 * @self: (transfer full) (nullable): the core, its lines stopped
 *
 * Closes the books.
 */
void
till_core_close (TillCore *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->books, till_books_close);
  g_clear_pointer (&self->meters, g_hash_table_unref);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_clear_pointer (&self->line_states, g_hash_table_unref);
  g_clear_pointer (&self->site, till_site_unref);
  g_clear_pointer (&self->config, till_config_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->conditions, g_ptr_array_unref);
  g_free (self->conditions_shown);
  g_free (self->listener_fault);
  g_free (self->data_dir);
  g_free (self);
}

static gboolean
load_day_start (TillCore      *self,
                TillCoreMeter *meter,
                GError       **error)
{
  TillDb *db = till_books_get_db (self->books);
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (db, error, "SELECT day, remaining, delivered, energy FROM day_start "
                        "WHERE meter_id = $1", "i", meter->setup->id);
  if (stmt == NULL || (rc = till_stmt_step (stmt, error)) < 0)
    return FALSE;

  if (rc == 1)
    {
      meter->day = (int)till_stmt_get_int (stmt, 0);
      meter->day_remaining = till_stmt_get_int (stmt, 1);
      meter->day_delivered = till_stmt_get_int (stmt, 2);
      meter->day_energy_ckwh = till_stmt_get_int (stmt, 3);
    }
  till_stmt_reset (stmt);

  return till_store_get_delivered (self->books, meter->setup->id, &meter->delivered, error);
}

static gboolean
load_meter (TillCore       *self,
            TillMeterSetup *setup,
            GError        **error)
{
  TillCoreMeter *meter = g_new0 (TillCoreMeter, 1);
  g_autoptr(GError) local_error = NULL;
  gboolean found = FALSE;

  meter->setup = setup;
  g_queue_init (&meter->purchases);
  g_queue_init (&meter->commands);
  meter->profile = till_profile_get (setup->profile, &local_error);
  if (meter->profile == NULL)
    g_warning ("meter %s: %s", setup->meter_no, local_error->message);
  g_hash_table_insert (self->meters, &setup->id, meter);

  if (!till_ledger_get_mark (self->books, setup->id, &meter->mark, &meter->adopted, error) ||
      !till_store_load_latest (self->books, setup->id, &meter->reading, &found, error) ||
      !load_day_start (self, meter, error))
    return FALSE;

  meter->reading.meter_id = setup->id;
  return TRUE;
}

static gboolean
is_of_money (const TillIntent *intent)
{
  return intent->kind == TILL_INTENT_KIND_PURCHASE || intent->kind == TILL_INTENT_KIND_REFUND;
}

static gboolean
load_open_intents (TillCore *self,
                   GError  **error)
{
  g_autoptr(GPtrArray) open = till_store_list_open (self->books, FALSE, error);
  g_autoptr(GPtrArray) kept = open != NULL ? till_store_list_kept (self->books, error) : NULL;

  if (kept == NULL)
    return FALSE;

  for (guint i = 0; i < open->len; i++)
    {
      TillIntent *intent = g_ptr_array_index (open, i);
      TillCoreMeter *meter = till_core_get_meter (self, intent->meter_id, NULL);

      if (meter != NULL)
        g_queue_push_tail (is_of_money (intent) ? &meter->purchases : &meter->commands,
                           till_intent_ref (intent));
    }

  for (guint i = 0; i < kept->len; i++)
    {
      TillIntent *intent = g_ptr_array_index (kept, i);
      TillCoreMeter *meter = till_core_get_meter (self, intent->meter_id, NULL);

      if (meter != NULL)
        till_switcher_set_kept (meter, intent);
    }

  return TRUE;
}

static void
fill_site_from_profiles (TillCore *self)
{
  for (guint i = 0; i < self->site->meters->len; i++)
    {
      TillMeter *tree_meter = g_ptr_array_index (self->site->meters, i);
      TillCoreMeter *meter = till_core_get_meter (self, tree_meter->id, NULL);
      guint features;

      if (meter == NULL || meter->profile == NULL)
        continue;

      features = till_profile_get_features (meter->profile);
      tree_meter->prepaid = (features & TILL_PROFILE_FEATURE_PREPAID) != 0;
      tree_meter->has_relay = (features & TILL_PROFILE_FEATURE_RELAY) != 0;
    }
}

/**
 * till_core_load:
 * @self: the core, without lines
 * @error: return location for a #GError
 *
 * Reads the site, the meters and what is not settled from the books, at the start and after an
 * import. Tells the outside of the new tree.
 *
 * Returns: %TRUE when it was read, %FALSE with @error set otherwise
 */
gboolean
till_core_load (TillCore *self,
                GError  **error)
{
  g_autoptr(GPtrArray) setups = till_store_load_meters (self->books, error);
  TillSite *site;

  if (setups == NULL)
    return FALSE;

  g_hash_table_remove_all (self->meters);
  g_ptr_array_set_free_func (setups, NULL);
  for (guint i = 0; i < setups->len; i++)
    if (!load_meter (self, g_ptr_array_index (setups, i), error))
      return FALSE;

  site = till_store_load_site (self->books, till_config_get (self->config, "site.name"),
                               self->demo, error);
  if (site == NULL)
    return FALSE;

  g_clear_pointer (&self->site, till_site_unref);
  self->site = site;
  fill_site_from_profiles (self);

  if (!load_open_intents (self, error))
    return FALSE;

  if (self->events->site != NULL)
    self->events->site (self->site, self->events_data);
  return TRUE;
}

/**
 * till_core_get_meter:
 * @self: the core
 * @meter_id: a meter's number
 * @error: return location for a #GError
 *
 * Returns: (transfer none): the meter, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN)
 */
TillCoreMeter *
till_core_get_meter (TillCore *self,
                     gint64    meter_id,
                     GError  **error)
{
  TillCoreMeter *meter = g_hash_table_lookup (self->meters, &meter_id);

  if (meter == NULL)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                 "there is no meter number %" G_GINT64_FORMAT, meter_id);

  return meter;
}

/**
 * till_core_is_fresh:
 * @meter: a meter
 *
 * Returns: whether it was read within the last minute, by the clock that nobody sets
 */
gboolean
till_core_is_fresh (const TillCoreMeter *meter)
{
  return meter->good_us != 0 &&
         g_get_monotonic_time () - meter->good_us <= TILL_CORE_FRESH_MS *G_GINT64_CONSTANT (1000);
}

/**
 * till_core_possible_use:
 * @meter: a meter
 * @energy_ckwh: what went through it, primary, in 0.01 kWh
 *
 * What that can have cost at the dearest price in the meter. Two steps of the register are added,
 * for the money falls before the register shows the next step.
 *
 * Returns: fen
 */
gint64
till_core_possible_use (const TillCoreMeter *meter,
                        gint64               energy_ckwh)
{
  const gint64 step = (gint64)MAX (meter->reading.ct, 1) * MAX (meter->reading.pt, 1);
  gint64 price = 0;
  gint64 remainder = 0;

  if (meter->reading.fields & TILL_READING_PRICES)
    for (int p = 0; p < TILL_N_PERIODS; p++)
      price = MAX (price, meter->reading.price_uyuan[p]);

  if (price == 0)
    price = PRICE_BOUND_UYUAN;

  return till_energy_cost (MAX (energy_ckwh, 0) + 2 * step, price, &remainder) + 2;
}

static TillMoney
sum_on_its_way (const TillCoreMeter *meter)
{
  TillMoney sum = 0;

  for (const GList *l = meter->purchases.head; l != NULL; l = l->next)
    if (((TillIntent *)l->data)->kind == TILL_INTENT_KIND_PURCHASE)
      sum += ((TillIntent *)l->data)->amount;

  return sum;
}

/**
 * till_core_make_state:
 * @self: the core
 * @meter: a meter
 *
 * Returns: (transfer full): the state of the meter as the outside sees it
 */
TillMeterState *
till_core_make_state (TillCore      *self,
                      TillCoreMeter *meter)
{
  TillMeterState *state = till_meter_state_new ();
  const TillIntent *head = meter->purchases.head != NULL ? meter->purchases.head->data : NULL;
  const gboolean knows_day = meter->day == till_clock_day_of (till_clock_now_ms ());

  state->meter_id = meter->setup->id;
  state->health = meter->health;
  state->last_contact_ms = meter->reading.at_ms;
  state->reading = meter->reading;
  state->adopted = meter->adopted;
  state->today_ckwh = knows_day ? meter->reading.energy_ckwh - meter->day_energy_ckwh : -1;
  state->today_cost = -1;
  if (knows_day && meter->reading.fields & TILL_READING_REMAINING && meter->adopted)
    state->today_cost = meter->day_remaining + (meter->delivered - meter->day_delivered) -
                        meter->reading.remaining;
  state->on_its_way = sum_on_its_way (meter);
  state->blocked = head != NULL && head->state == TILL_INTENT_STATE_REVIEW;
  state->n_open_commands = meter->commands.length;
  state->keep_until_ms = meter->keep_until_ms;
  state->keep_reason = g_strdup (meter->keep_reason);
  state->keep_operator = g_strdup (meter->keep_operator);
  state->wanted_force = meter->keep_id != 0 ? TILL_FORCE_KEEP : TILL_FORCE_NONE;

  return state;
}

/**
 * till_core_is_same_meter_no:
 * @a: a meter number
 * @b: another one
 *
 * Returns: whether they are the same but for zeros in front, which a register of 12 digits adds
 */
gboolean
till_core_is_same_meter_no (const char *a,
                            const char *b)
{
  while (*a == '0')
    a++;
  while (*b == '0')
    b++;

  return strcmp (a, b) == 0;
}

void
till_core_emit_order (TillCore   *self,
                      const char *order_id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = till_store_get_order (self->books, order_id, &error);

  if (order == NULL)
    g_warning ("%s", error->message);
  else if (self->events->order != NULL)
    self->events->order (order, self->events_data);
}

void
till_core_emit_intent (TillCore *self,
                       gint64    intent_id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillIntent) intent = till_store_get_intent (self->books, intent_id, &error);

  if (intent == NULL)
    g_warning ("%s", error->message);
  else if (self->events->intent != NULL)
    self->events->intent (intent, self->events_data);
}

static void
add_condition (GPtrArray        *list,
               TillConditionKind kind,
               guint             count,
               const char       *message)
{
  TillCondition *condition = till_condition_new ();

  condition->kind = kind;
  condition->count = count;
  condition->message = g_strdup (message);
  g_ptr_array_add (list, condition);
}

/* What stood before stands since then. */
static void
keep_since (TillCore  *self,
            GPtrArray *list)
{
  const gint64 now_ms = till_clock_now_ms ();

  for (guint i = 0; i < list->len; i++)
    {
      TillCondition *condition = g_ptr_array_index (list, i);

      for (guint k = 0; self->conditions != NULL && k < self->conditions->len; k++)
        {
          const TillCondition *old = g_ptr_array_index (self->conditions, k);

          if (condition->since_ms == 0 && old->kind == condition->kind &&
              old->subject_id == condition->subject_id)
            condition->since_ms = old->since_ms;
        }

      if (condition->since_ms == 0)
        condition->since_ms = now_ms;
    }
}

static GPtrArray *
collect_conditions (TillCore *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_condition_unref);
  GHashTableIter iter;
  gpointer value;
  guint n_silent = 0;
  guint n_reviews = 0;

  if (till_books_has_fault (self->books))
    add_condition (list, TILL_CONDITION_BOOKS_FAULT, 1, "the disk of the books fails");
  if (self->simulator_gone)
    add_condition (list, TILL_CONDITION_SIMULATOR_GONE, 1, "the simulator of the demo ended");

  if (self->listener_fault != NULL)
    add_condition (list, TILL_CONDITION_LISTENER_FAULT, 1, self->listener_fault);

  g_hash_table_iter_init (&iter, self->line_states);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (list, till_condition_ref (value));

  g_hash_table_iter_init (&iter, self->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;

      n_silent += meter->health == TILL_HEALTH_SILENT || meter->health == TILL_HEALTH_STRANGER;
      for (GList *l = meter->purchases.head; l != NULL; l = l->next)
        n_reviews += ((TillIntent *)l->data)->state == TILL_INTENT_STATE_REVIEW;
    }

  if (n_silent > 0)
    add_condition (list, TILL_CONDITION_METERS_SILENT, n_silent, "meters do not answer");
  if (n_reviews > 0)
    add_condition (list, TILL_CONDITION_REVIEW_OPEN, n_reviews, "purchases wait for a decision");

  till_strays_add_conditions (self, list);
  till_refund_add_conditions (self, list);
  till_gateways_add_conditions (self, list);

  return list;
}

/**
 * till_core_emit_conditions:
 * @self: the core
 *
 * Tells the outside what stands, when it changed since it was told last.
 */
void
till_core_emit_conditions (TillCore *self)
{
  g_autoptr(GPtrArray) list = collect_conditions (self);
  g_autoptr(GString) shown = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      const TillCondition *condition = g_ptr_array_index (list, i);

      g_string_append_printf (shown, "%d %" G_GINT64_FORMAT " %u;", condition->kind,
                              condition->subject_id, condition->count);
    }

  if (g_strcmp0 (shown->str, self->conditions_shown) == 0)
    return;

  keep_since (self, list);
  g_clear_pointer (&self->conditions, g_ptr_array_unref);
  self->conditions = g_ptr_array_ref (list);
  g_free (self->conditions_shown);
  self->conditions_shown = g_strdup (shown->str);
  if (self->events->conditions != NULL)
    self->events->conditions (list, self->events_data);
}

static const TillAccount *
only_account (TillCore   *self,
              const char *tenant,
              gboolean    by_path,
              GString    *choices)
{
  const TillAccount *found = NULL;
  guint n_found = 0;

  for (guint i = 0; i < self->site->accounts->len; i++)
    {
      const TillAccount *account = g_ptr_array_index (self->site->accounts, i);
      const TillPlace *shop = till_site_get_place (self->site, account->shop_id);

      if (strcmp (by_path ? account->path : shop->name, tenant) != 0)
        continue;

      found = account;
      n_found++;
      g_string_append_printf (choices, "%s%s", choices->len > 0 ? ", " : "", account->path);
    }

  return n_found == 1 ? found : NULL;
}

/**
 * till_core_find_account:
 * @self: the core
 * @tenant: BUILDING/SHOP, or a shop number that only one building has
 * @error: return location for a #GError
 *
 * Returns: (transfer none): the account, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN,
 *   %TILL_RULE_ERROR_AMBIGUOUS with the choices)
 */
const TillAccount *
till_core_find_account (TillCore   *self,
                        const char *tenant,
                        GError    **error)
{
  g_autoptr(GString) choices = g_string_new (NULL);
  const TillAccount *found = only_account (self, tenant, strchr (tenant, '/') != NULL, choices);

  if (found != NULL)
    return found;

  if (choices->len > 0)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_AMBIGUOUS,
                 "several shops are called “%s”; say which: %s", tenant, choices->str);
  else
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                 "there is no tenant in a shop “%s”; “tenant list” shows them", tenant);
  return NULL;
}

/**
 * till_core_find_meter:
 * @self: the core
 * @meter_no: a meter's number as it is in the books
 * @error: return location for a #GError
 *
 * Returns: (transfer none): the meter, or %NULL with @error set (%TILL_RULE_ERROR_UNKNOWN)
 */
const TillMeter *
till_core_find_meter (TillCore   *self,
                      const char *meter_no,
                      GError    **error)
{
  for (guint i = 0; i < self->site->meters->len; i++)
    {
      const TillMeter *meter = g_ptr_array_index (self->site->meters, i);

      if (strcmp (meter->meter_no, meter_no) == 0)
        return meter;
    }

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
               "there is no meter “%s”; “meter list” shows them", meter_no);
  return NULL;
}

/**
 * till_core_first_meter:
 * @self: the core
 * @account_id: an account
 *
 * Returns: (transfer none) (nullable): the meter that a sale goes to when none is named
 */
const TillMeter *
till_core_first_meter (TillCore *self,
                       gint64    account_id)
{
  const TillMeter *first = NULL;

  for (guint i = 0; i < self->site->meters->len; i++)
    {
      const TillMeter *meter = g_ptr_array_index (self->site->meters, i);

      if (meter->account_id == account_id && (first == NULL || (meter->prepaid && !first->prepaid)))
        first = meter;
    }

  return first;
}
