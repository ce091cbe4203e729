/*
 * till-refund.c: giving money back: requests, and the money
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-clock.h"
#include "till-delivery-private.h"
#include "till-gateways-private.h"
#include "till-payments-private.h"
#include "till-refund-private.h"
#include "till-store-intents.h"
#include "till-store-online.h"
#include "till-store-orders.h"
#include "till-store-people.h"
#include "till-store-refunds.h"

/* A refund under way is asked about so often; faults make it rarer. */
#define ASK_MS 5000
#define RETRY_MS 2000
#define RETRY_MOST_MS (5 * 60 * 1000)

/* A refund whose money has to go through a gateway. */
typedef struct
{
  TillCore  *core;
  char      *no;
  char      *attempt_no;
  TillMethod method;
  TillMoney  amount;
  TillMoney  total;
  char      *reason;
  GSource   *timer;
  gboolean   asked; /* the gateway has it, perhaps: ask before asking for it again */
  guint      n_faults;
} Live;

struct _TillRefunds
{
  GHashTable   *lives; /* number → Live */
  GCancellable *cancellable;
  guint         n_calls;
};

static void pay (Live *live);

static void
live_free (Live *self)
{
  if (self->timer != NULL)
    {
      g_source_destroy (self->timer);
      g_source_unref (self->timer);
    }
  g_free (self->no);
  g_free (self->attempt_no);
  g_free (self->reason);
  g_free (self);
}

static TillRefunds *
get_refunds (TillCore *core)
{
  return core->refunds;
}

static gboolean
is_online (TillMethod method)
{
  return method == TILL_METHOD_WECHAT || method == TILL_METHOD_ALIPAY;
}

/**
 * till_refund_emit:
 * @core: the core
 * @refund_no: a refund with news
 *
 * Tells the outside, of its order or payment, too.
 */
void
till_refund_emit (TillCore   *core,
                  const char *refund_no)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillRefund) refund = till_store_get_refund (core->books, refund_no, &error);

  if (refund == NULL)
    {
      g_warning ("%s", error->message);
      return;
    }

  if (core->events->refund != NULL)
    core->events->refund (refund, core->events_data);
  if (refund->order_id != NULL)
    till_core_emit_order (core, refund->order_id);
  if (refund->stray_id != 0)
    till_strays_emit (core, refund->stray_id);
  till_core_emit_conditions (core);
}

/**
 * till_refund_add_conditions:
 * @core: the core
 * @list: (element-type TillCondition): a line is appended when refunds need a person
 */
void
till_refund_add_conditions (TillCore  *core,
                            GPtrArray *list)
{
  TillCondition *condition;
  gint64 n = 0;

  if (!till_db_get_int (till_books_get_db (core->books), &n, NULL,
                        "SELECT COUNT(*) FROM refund WHERE site = 1 AND step = 'review'", "") ||
      n == 0)
    return;

  condition = till_condition_new ();
  condition->kind = TILL_CONDITION_REFUND_STUCK;
  condition->count = (guint)n;
  condition->message = g_strdup ("refunds need a person");
  g_ptr_array_add (list, condition);
}

/*
 * The journal
 */

/* From what is owed to the payer, or from suspense, out of the channel. */
static gboolean
post_paid_out (TillCore         *core,
               const TillRefund *refund,
               GError          **error)
{
  g_autofree char *ref = g_strconcat ("refund/", refund->refund_no, NULL);
  const gboolean stray = refund->stray_id != 0;
  const TillEntry entry = {
    ref, "refund", till_clock_now_ms (), core->system_operator_id, refund->order_id, NULL,
    refund->reason,
  };
  const TillLeg legs[] = {
    { stray ? TILL_LEDGER_SUSPENSE : TILL_LEDGER_REFUND, stray ? 0 : refund->account_id, 0,
      refund->amount },
    { till_ledger_of_method (refund->method), 0, 0, -refund->amount },
  };

  return till_ledger_post (core->books, &entry, legs, G_N_ELEMENTS (legs), NULL, error);
}

/* All of a sale given back makes it a refunded one. */
static gboolean
finish_order (TillCore         *core,
              const TillRefund *refund,
              GError          **error)
{
  g_autoptr(TillOrder) order = NULL;

  if (refund->order_id == NULL)
    return till_store_move_stray (core->books, refund->stray_id, TILL_STRAY_STATE_REFUNDING,
                                  TILL_STRAY_STATE_REFUNDED, 0, NULL, NULL, error);

  order = till_store_get_order (core->books, refund->order_id, error);
  if (order == NULL)
    return FALSE;

  return order->state != TILL_ORDER_STATE_CREDITED || order->refunded < order->amount ||
         till_store_move_order (core->books, order->id, TILL_ORDER_STATE_CREDITED,
                                TILL_ORDER_STATE_REFUNDED, till_clock_now_ms (), refund->reason,
                                error);
}

static gboolean
write_done (TillCore         *core,
            const TillRefund *refund,
            TillRefundStep    from,
            TillRefundState   gateway_state,
            GError          **error)
{
  g_autofree char *amount = till_money_format (refund->amount);

  return post_paid_out (core, refund, error) &&
         till_store_move_refund (core->books, refund->refund_no, from, TILL_REFUND_STEP_DONE,
                                 gateway_state, NULL, error) &&
         finish_order (core, refund, error) &&
         till_audit_add (core->books, TILL_CORE_SYSTEM_OPERATOR, "refunded", refund->refund_no,
                         amount, error);
}

/**
 * till_refund_write_money:
 * @core: the core; its books are in a transaction
 * @refund: a refund; what it takes is off the meter
 * @from: the step it is at
 * @error: return location for a #GError
 *
 * Goes on to the money: what was paid at the desk is paid out there at once; what came through a
 * gateway goes back through it.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_refund_write_money (TillCore         *core,
                         const TillRefund *refund,
                         TillRefundStep    from,
                         GError          **error)
{
  if (!is_online (refund->method))
    return write_done (core, refund, from, TILL_REFUND_STATE_NONE, error);

  return from == TILL_REFUND_STEP_MONEY ||
         till_store_move_refund (core->books, refund->refund_no, from, TILL_REFUND_STEP_MONEY,
                                 TILL_REFUND_STATE_NONE, NULL, error);
}

/*
 * Through the gateway
 */

typedef struct
{
  TillCore       *core;
  char           *no;
  TillRefundStep  to;
  TillRefundState state;
  char           *message;
} Move;

static void
move_free (Move *self)
{
  g_free (self->no);
  g_free (self->message);
  g_free (self);
}

static gboolean
write_move (TillBooks *books,
            gpointer   data,
            GError   **error)
{
  Move *self = data;
  g_autoptr(TillRefund) refund = till_store_get_refund (books, self->no, error);

  if (refund == NULL)
    return FALSE;

  return self->to == TILL_REFUND_STEP_DONE
         ? write_done (self->core, refund, TILL_REFUND_STEP_MONEY, self->state, error)
         : till_store_move_refund (books, self->no, TILL_REFUND_STEP_MONEY, self->to, self->state,
                                   self->message, error);
}

static gboolean
on_timer_cb (gpointer user_data)
{
  Live *live = user_data;

  g_clear_pointer (&live->timer, g_source_unref);
  pay (live);
  return G_SOURCE_REMOVE;
}

static void
pay_after (Live  *live,
           gint64 ms)
{
  if (live->timer != NULL)
    g_source_destroy (live->timer);
  g_clear_pointer (&live->timer, g_source_unref);
  live->timer = g_timeout_source_new ((guint)ms);
  g_source_set_callback (live->timer, on_timer_cb, live, NULL);
  g_source_attach (live->timer, live->core->context);
}

static void
retry_later (Live *live)
{
  pay_after (live, MIN ((gint64)RETRY_MS << MIN (live->n_faults, 10), RETRY_MOST_MS));
  live->n_faults++;
}

static void
on_moved (TillBooks    *books,
          gpointer      data,
          const GError *error)
{
  Move *self = data;
  TillRefunds *refunds = get_refunds (self->core);
  Live *live = refunds != NULL ? g_hash_table_lookup (refunds->lives, self->no) : NULL;

  if (error != NULL)
    g_warning ("refund %s: %s", self->no, error->message);

  if (error != NULL && !g_error_matches (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED))
    {
      if (live != NULL)
        retry_later (live);
      return;
    }

  till_refund_emit (self->core, self->no);
  if (live != NULL && self->to != TILL_REFUND_STEP_MONEY)
    g_hash_table_remove (refunds->lives, self->no);
  else if (live != NULL)
    pay_after (live, ASK_MS);
}

static void
move (TillCore       *core,
      const char     *no,
      TillRefundStep  to,
      TillRefundState state,
      const char     *message)
{
  Move *self = g_new0 (Move, 1);

  self->core = core;
  self->no = g_strdup (no);
  self->to = to;
  self->state = state;
  self->message = g_strdup (message);
  till_books_write (core->books, write_move, on_moved, self, (GDestroyNotify)move_free);
}

static void
take_state (TillCore       *core,
            const char     *no,
            TillRefundState state)
{
  if (state == TILL_REFUND_STATE_DONE)
    move (core, no, TILL_REFUND_STEP_DONE, state, NULL);
  else if (state == TILL_REFUND_STATE_CLOSED)
    move (core, no, TILL_REFUND_STEP_REVIEW, state, "the gateway closed the refund: the payer has "
          "nothing; give the money back another way, or ask the gateway");
  else if (state == TILL_REFUND_STATE_ABNORMAL)
    move (core, no, TILL_REFUND_STEP_REVIEW, state, "the refund is stuck at the gateway: the "
          "payer’s account cannot take it; act on the merchant’s page");
  else
    move (core, no, TILL_REFUND_STEP_MONEY, state, NULL);
}

typedef struct
{
  TillCore *core;
  char     *no;
} Call;

static Live *
take_call (Call *call)
{
  TillRefunds *self = get_refunds (call->core);
  Live *live = g_hash_table_lookup (self->lives, call->no);

  self->n_calls--;
  g_free (call->no);
  g_free (call);
  return live;
}

static void
take_answer (Live            *live,
             TillRefundTrade *trade,
             const GError    *error)
{
  if (live == NULL)
    return;

  till_gateways_note_result (live->core, live->method, error);
  if (trade != NULL && trade->state == TILL_REFUND_STATE_NONE)
    {
      live->asked = FALSE;
      retry_later (live);
    }
  else if (trade != NULL)
    {
      live->n_faults = 0;
      take_state (live->core, live->no, trade->state);
    }
  else if (g_error_matches (error, TILL_NET_ERROR, TILL_NET_ERROR_REFUSED))
    move (live->core, live->no, TILL_REFUND_STEP_REVIEW, TILL_REFUND_STATE_NONE, error->message);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_message ("refund %s: %s", live->no, error->message);
      retry_later (live);
    }
}

static void
on_refunded_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillRefundTrade) trade = till_channel_refund_finish (TILL_CHANNEL (source), result,
                                                                 &error);

  take_answer (take_call (user_data), trade, error);
}

static void
on_asked_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillRefundTrade) trade = till_channel_query_refund_finish (TILL_CHANNEL (source),
                                                                       result, &error);

  take_answer (take_call (user_data), trade, error);
}

/* The same number is the same refund: it may be asked for again, whatever became of it. */
static void
pay (Live *live)
{
  TillRefunds *self = get_refunds (live->core);
  TillChannel *channel = till_gateways_get (live->core, live->method, NULL);
  g_autofree char *notify_url = till_gateways_get_notify_url (live->core, live->method);
  const TillRefundTerms terms = {
    .attempt_no = live->attempt_no, .refund_no = live->no, .amount = live->amount,
    .total = live->total, .reason = live->reason, .notify_url = notify_url,
  };
  Call *call;

  if (live->core->stopping)
    return;

  if (channel == NULL)
    {
      retry_later (live);
      return;
    }

  call = g_new0 (Call, 1);
  call->core = live->core;
  call->no = g_strdup (live->no);
  self->n_calls++;
  if (live->asked)
    till_channel_query_refund_async (channel, live->attempt_no, live->no, self->cancellable,
                                     on_asked_cb, call);
  else
    till_channel_refund_async (channel, &terms, self->cancellable, on_refunded_cb, call);
  live->asked = TRUE;
}

static gboolean
add_live (TillCore         *core,
          const TillRefund *refund,
          GError          **error)
{
  TillRefunds *self = get_refunds (core);
  Live *live;

  if (refund->step != TILL_REFUND_STEP_MONEY || !is_online (refund->method) ||
      g_hash_table_contains (self->lives, refund->refund_no))
    return TRUE;

  live = g_new0 (Live, 1);
  live->core = core;
  live->no = g_strdup (refund->refund_no);
  live->method = refund->method;
  live->amount = refund->amount;
  live->reason = g_strdup (refund->reason);
  g_hash_table_replace (self->lives, live->no, live);
  if (!till_store_get_refund_source (core->books, live->no, &live->attempt_no, &live->total, error))
    return FALSE;

  pay (live);
  return TRUE;
}

static gboolean
take_up (TillCore *core,
         GError  **error)
{
  g_autoptr(GPtrArray) open = till_store_list_refunds (core->books, NULL, error);

  if (open == NULL)
    return FALSE;

  for (guint i = 0; i < open->len; i++)
    if (!add_live (core, g_ptr_array_index (open, i), error))
      return FALSE;

  return TRUE;
}

/**
 * till_refund_go_on:
 * @core: the core
 *
 * Takes up refunds whose money can go now.
 */
void
till_refund_go_on (TillCore *core)
{
  g_autoptr(GError) error = NULL;

  if (get_refunds (core) != NULL && !take_up (core, &error))
    g_warning ("refunds: %s", error->message);
}

/**
 * till_refund_start:
 * @core: the core, its gateways started
 * @error: return location for a #GError
 *
 * Returns: %TRUE when all open refunds were taken up, %FALSE with @error set otherwise
 */
gboolean
till_refund_start (TillCore *core,
                   GError  **error)
{
  TillRefunds *self = g_new0 (TillRefunds, 1);

  self->lives = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)live_free);
  self->cancellable = g_cancellable_new ();
  core->refunds = self;
  return take_up (core, error);
}

/**
 * till_refund_stop:
 * @core: the core
 *
 * What is open stays so in the books, for the next start.
 */
void
till_refund_stop (TillCore *core)
{
  TillRefunds *self = get_refunds (core);

  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_hash_table_remove_all (self->lives);
  while (self->n_calls > 0)
    g_main_context_iteration (core->context, TRUE);

  g_hash_table_unref (self->lives);
  g_object_unref (self->cancellable);
  g_free (self);
  core->refunds = NULL;
}

/**
 * till_refund_on_trade:
 * @core: the core
 * @trade: a genuine notice of a refund
 *
 * Takes it as a hint: the gateway itself is asked.
 */
void
till_refund_on_trade (TillCore              *core,
                      const TillRefundTrade *trade)
{
  TillRefunds *self = get_refunds (core);
  Live *live = self != NULL && trade->refund_no != NULL
    ? g_hash_table_lookup (self->lives, trade->refund_no) : NULL;

  if (live == NULL)
    return;

  live->asked = TRUE;
  pay_after (live, 1);
}
