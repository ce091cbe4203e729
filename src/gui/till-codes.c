/*
 * till-codes.c: the payment codes of a desk, while customers have their phones out
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-clock.h"
#include "till-codes.h"
#include "till-order-item.h"

#define TICK_S 1

/* What has ended stays in sight for so long. */
#define ENDED_MS 20000

/* After a restart, codes that were begun this long ago may still wait. */
#define TAKE_UP_MS (60 * 60 * 1000)

/* A code, as long as it is in the list. */
typedef struct
{
  TillOrderItem *item;
  gint64         ended_ms; /* 0 while it waits */
} Code;

struct _TillCodes
{
  GObject     parent_instance;

  TillEngine *engine;
  GListStore *list;   /* of TillOrderItem */
  GHashTable *codes;  /* number of an order → Code */
  GPtrArray  *unsaid; /* of TillOrder: paid while nobody was signed in */
  char       *shown_id; /* (nullable) */
  char       *operator_name; /* (nullable) */
  gboolean    signed_in;
  guint       tick_id;
};

enum
{
  PAID,
  TICK,
  SHOWN_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillCodes, till_codes, G_TYPE_OBJECT)

static void
code_free (Code *code)
{
  g_object_unref (code->item);
  g_free (code);
}

static gboolean
is_paid (const TillOrder *order)
{
  return order->state != TILL_ORDER_STATE_NEW && order->state != TILL_ORDER_STATE_EXPIRED;
}

static gboolean
is_shown (TillCodes  *self,
          const char *order_id)
{
  return g_strcmp0 (self->shown_id, order_id) == 0;
}

static void
remove_code (TillCodes *self,
             Code      *code)
{
  guint position;

  if (g_list_store_find (self->list, code->item, &position))
    g_list_store_remove (self->list, position);
  g_hash_table_remove (self->codes, till_order_item_get_order (code->item)->id);
}

/* Takes out what ended a while ago, unless somebody looks at it. */
static void
sweep (TillCodes *self)
{
  const gint64 now_ms = till_clock_now_ms ();

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->list)); i > 0; i--)
    {
      g_autoptr(TillOrderItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), i - 1);
      const char *id = till_order_item_get_order (item)->id;
      Code *code = g_hash_table_lookup (self->codes, id);

      if (code->ended_ms != 0 && now_ms - code->ended_ms > ENDED_MS && !is_shown (self, id))
        remove_code (self, code);
    }
}

static gboolean
on_tick_cb (gpointer user_data)
{
  TillCodes *self = user_data;

  sweep (self);
  g_signal_emit (self, signals[TICK], 0);
  if (g_hash_table_size (self->codes) > 0)
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

static void
say_paid (TillCodes *self,
          TillOrder *order)
{
  if (self->signed_in)
    g_signal_emit (self, signals[PAID], 0, order);
  else
    g_ptr_array_add (self->unsaid, till_order_ref (order));
}

static void
on_order_changed_cb (TillCodes *self,
                     TillOrder *order)
{
  Code *code = g_hash_table_lookup (self->codes, order->id);
  gboolean was_paid;

  if (code == NULL)
    return;

  was_paid = is_paid (till_order_item_get_order (code->item));
  if (order->state != TILL_ORDER_STATE_NEW && code->ended_ms == 0)
    code->ended_ms = till_clock_now_ms ();
  till_order_item_set_order (code->item, order);
  if (is_paid (order) && !was_paid)
    say_paid (self, order);
  if (is_shown (self, order->id))
    g_signal_emit (self, signals[SHOWN_CHANGED], 0);
}

static void
till_codes_dispose (GObject *object)
{
  TillCodes *self = TILL_CODES (object);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (till_codes_parent_class)->dispose (object);
}

static void
till_codes_finalize (GObject *object)
{
  TillCodes *self = TILL_CODES (object);

  g_object_unref (self->list);
  g_hash_table_unref (self->codes);
  g_ptr_array_unref (self->unsaid);
  g_free (self->shown_id);
  g_free (self->operator_name);

  G_OBJECT_CLASS (till_codes_parent_class)->finalize (object);
}

static void
till_codes_class_init (TillCodesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = till_codes_dispose;
  object_class->finalize = till_codes_finalize;

  /**
   * TillCodes::paid:
   * @self: the codes
   * @order: (type TillOrder): a sale that has just been paid; emitted once for each
   *
   * Its receipt has to be printed. What is paid while nobody is signed in waits for the next who
   * does.
   */
  signals[PAID] =
    g_signal_new ("paid", TILL_TYPE_CODES, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  /**
   * TillCodes::tick:
   * @self: the codes
   *
   * A second has passed; emitted only while there is a code to be counted down.
   */
  signals[TICK] =
    g_signal_new ("tick", TILL_TYPE_CODES, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * TillCodes::shown-changed:
   * @self: the codes
   *
   * Another code is shown, or none, or the one that is shown has news.
   */
  signals[SHOWN_CHANGED] =
    g_signal_new ("shown-changed", TILL_TYPE_CODES, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_codes_init (TillCodes *self)
{
  self->list = g_list_store_new (TILL_TYPE_ORDER_ITEM);
  self->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)code_free);
  self->unsaid = g_ptr_array_new_with_free_func ((GDestroyNotify)till_order_unref);
}

/**
 * till_codes_new:
 * @engine: the engine
 *
 * Returns: (transfer full): the codes of a desk, none as yet
 */
TillCodes *
till_codes_new (TillEngine *engine)
{
  TillCodes *self = g_object_new (TILL_TYPE_CODES, NULL);

  self->engine = g_object_ref (engine);
  g_signal_connect_object (engine, "order-changed", G_CALLBACK (on_order_changed_cb), self,
                           G_CONNECT_SWAPPED);

  return self;
}

static void
on_orders_listed_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(TillCodes) self = user_data;
  g_autoptr(GPtrArray) orders = till_engine_list_orders_finish (TILL_ENGINE (source), result, NULL);

  for (guint i = orders != NULL ? orders->len : 0; i > 0; i--)
    {
      TillOrder *order = orders->pdata[i - 1];

      if (order->state == TILL_ORDER_STATE_NEW && order->attempt_state != TILL_ATTEMPT_STATE_NONE
          && g_strcmp0 (order->operator_name, self->operator_name) == 0)
        till_codes_add (self, order);
    }
}

/**
 * till_codes_set_operator:
 * @self: the codes
 * @person: (nullable): who is signed in
 *
 * Tells what was paid while nobody was here, and takes up the codes that this clerk began before
 * the program was started anew.
 */
void
till_codes_set_operator (TillCodes    *self,
                         TillOperator *person)
{
  g_return_if_fail (TILL_IS_CODES (self));

  self->signed_in = person != NULL;
  if (person == NULL)
    {
      till_codes_show (self, NULL);
      return;
    }

  for (guint i = 0; i < self->unsaid->len; i++)
    g_signal_emit (self, signals[PAID], 0, self->unsaid->pdata[i]);
  g_ptr_array_set_size (self->unsaid, 0);

  if (g_strcmp0 (self->operator_name, person->name) != 0)
    {
      const TillOrderFilter filter = {
        .operator_id = person->id,
        .from_ms = till_clock_now_ms () - TAKE_UP_MS,
      };

      g_free (self->operator_name);
      self->operator_name = g_strdup (person->name);
      till_engine_list_orders_async (self->engine, &filter, NULL, on_orders_listed_cb,
                                     g_object_ref (self));
    }
}

/**
 * till_codes_add:
 * @self: the codes
 * @order: an online sale that is not paid
 *
 * Follows a sale until it has ended. Adding it twice changes nothing.
 */
void
till_codes_add (TillCodes *self,
                TillOrder *order)
{
  Code *code;

  g_return_if_fail (TILL_IS_CODES (self));

  if (g_hash_table_contains (self->codes, order->id))
    return;

  code = g_new0 (Code, 1);
  code->item = till_order_item_new (order);
  code->ended_ms = order->state != TILL_ORDER_STATE_NEW ? till_clock_now_ms () : 0;
  g_hash_table_insert (self->codes, g_strdup (order->id), code);
  g_list_store_append (self->list, code->item);
  if (self->tick_id == 0)
    self->tick_id = g_timeout_add_seconds (TICK_S, on_tick_cb, self);
}

/**
 * till_codes_show:
 * @self: the codes
 * @order_id: (nullable): which of them is shown from now on; %NULL for none
 */
void
till_codes_show (TillCodes  *self,
                 const char *order_id)
{
  g_return_if_fail (TILL_IS_CODES (self));

  if (is_shown (self, order_id))
    return;

  g_free (self->shown_id);
  self->shown_id = g_strdup (order_id);
  g_signal_emit (self, signals[SHOWN_CHANGED], 0);
}

/**
 * till_codes_get_order:
 * @self: the codes
 * @order_id: (nullable): number of a sale
 *
 * Returns: (nullable) (transfer none): the sale as far as it has come, when it is in the list
 */
TillOrder *
till_codes_get_order (TillCodes  *self,
                      const char *order_id)
{
  Code *code;

  g_return_val_if_fail (TILL_IS_CODES (self), NULL);

  code = order_id != NULL ? g_hash_table_lookup (self->codes, order_id) : NULL;
  return code != NULL ? till_order_item_get_order (code->item) : NULL;
}

/**
 * till_codes_get_shown:
 * @self: the codes
 *
 * Returns: (nullable) (transfer none): the sale that is shown to the customer
 */
TillOrder *
till_codes_get_shown (TillCodes *self)
{
  g_return_val_if_fail (TILL_IS_CODES (self), NULL);

  return till_codes_get_order (self, self->shown_id);
}

/**
 * till_codes_get_next_waiting:
 * @self: the codes
 *
 * Returns: (nullable) (transfer none): the first that waits after the one that is shown, in a ring
 */
TillOrder *
till_codes_get_next_waiting (TillCodes *self)
{
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  guint first = 0;

  g_return_val_if_fail (TILL_IS_CODES (self), NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(TillOrderItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);

      if (is_shown (self, till_order_item_get_order (item)->id))
        first = i + 1;
    }

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(TillOrderItem) item = g_list_model_get_item (G_LIST_MODEL (self->list),
                                                             (first + i) % n);
      TillOrder *order = till_order_item_get_order (item);

      if (order->state == TILL_ORDER_STATE_NEW)
        return order;
    }

  return NULL;
}

/**
 * till_codes_get_list:
 * @self: the codes
 *
 * Returns: (transfer none) (element-type TillOrderItem): all of them
 */
GListModel *
till_codes_get_list (TillCodes *self)
{
  g_return_val_if_fail (TILL_IS_CODES (self), NULL);

  return G_LIST_MODEL (self->list);
}
