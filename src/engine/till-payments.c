/*
 * till-payments.c: attempts to pay through a gateway, while they may be paid
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-clock.h"
#include "till-gateways-private.h"
#include "till-id.h"
#include "till-payments-private.h"
#include "till-store-orders.h"
#include "till-store-people.h"

/* How long a code on the screen can be paid. */
#define LIFE_MS (15 * 60 * 1000)

/* The gateway is asked every three seconds while somebody stands before the code, then seldom. */
#define ASK_MS 3000
#define ASK_OFTEN_MS (2 * 60 * 1000)
#define ASK_SELDOM_MS 15000

/* Faults: 2 s, 4 s, 8 s … */
#define RETRY_MS 2000
#define RETRY_MOST_MS 60000

/**
 * Live:
 *
 * An attempt that may still be paid. The order query is the truth, the notice only a hint: the
 * gateway is asked until the trade is paid or closed there.
 */
typedef struct
{
  TillCore        *core;
  char            *no;
  char            *order_id; /* (nullable) none for the test of a gateway */
  TillMethod       method;
  TillTradeKind    kind;
  TillMoney        amount;
  gint64           created_ms;
  gint64           expires_ms;
  TillAttemptState state;
  char            *refusal; /* (nullable) the gateway refused to make it */
  GSource         *timer;
  gboolean         busy;
  guint            n_faults;
  GPtrArray       *tasks; /* of GTask: who waits for the next answer */
} Live;

struct _TillPayments
{
  GHashTable   *lives; /* number → Live */
  GCancellable *cancellable;
  guint         n_asks; /* calls under way */
};

static void step (Live *live);

static void
live_free (Live *self)
{
  if (self->timer != NULL)
    {
      g_source_destroy (self->timer);
      g_source_unref (self->timer);
    }
  g_ptr_array_unref (self->tasks);
  g_free (self->no);
  g_free (self->order_id);
  g_free (self->refusal);
  g_free (self);
}

static TillPayments *
get_payments (TillCore *core)
{
  return core->payments;
}

static Live *
find_live (TillCore   *core,
           const char *no)
{
  TillPayments *self = get_payments (core);

  return self != NULL && no != NULL ? g_hash_table_lookup (self->lives, no) : NULL;
}

static Live *
add_live (TillCore          *core,
          const TillAttempt *attempt)
{
  Live *live = g_new0 (Live, 1);

  live->core = core;
  live->no = g_strdup (attempt->no);
  live->order_id = g_strdup (attempt->order_id);
  live->method = attempt->method;
  live->kind = attempt->kind;
  live->amount = attempt->amount;
  live->created_ms = attempt->created_ms;
  live->expires_ms = attempt->expires_ms;
  live->state = attempt->state;
  live->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_replace (get_payments (core)->lives, live->no, live);
  return live;
}

static void
return_order (TillCore   *core,
              const char *order_id,
              GTask      *task)
{
  GError *error = NULL;
  TillOrder *order = till_store_get_order (core->books, order_id, &error);

  if (order != NULL)
    g_task_return_pointer (task, order, (GDestroyNotify)till_order_unref);
  else
    g_task_return_error (task, error);
}

/* Who waited for an answer of the gateway has the order as it is now. */
static void
answer_tasks (Live *live)
{
  g_autoptr(GPtrArray) tasks = g_steal_pointer (&live->tasks);

  live->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < tasks->len; i++)
    return_order (live->core, live->order_id, g_ptr_array_index (tasks, i));
}

/**
 * till_payments_forget:
 * @core: the core
 * @attempt_no: an attempt that has ended in the books
 *
 * Asks the gateway no more.
 */
void
till_payments_forget (TillCore   *core,
                      const char *attempt_no)
{
  Live *live = find_live (core, attempt_no);

  if (live == NULL)
    return;

  if (live->order_id != NULL)
    answer_tasks (live);
  g_hash_table_remove (get_payments (core)->lives, attempt_no);
}

static gboolean
on_timer_cb (gpointer user_data)
{
  Live *live = user_data;

  g_clear_pointer (&live->timer, g_source_unref);
  step (live);
  return G_SOURCE_REMOVE;
}

static void
step_after (Live  *live,
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
  step_after (live, MIN ((gint64)RETRY_MS << MIN (live->n_faults, 10), RETRY_MOST_MS));
  live->n_faults++;
}

static void
ask_later (Live *live)
{
  const gint64 now_ms = till_clock_now_ms ();
  const gint64 gap_ms = now_ms - live->created_ms < ASK_OFTEN_MS ? ASK_MS : ASK_SELDOM_MS;

  live->n_faults = 0;
  step_after (live, CLAMP (live->expires_ms - now_ms, 1, gap_ms));
}

/*
 * Steps that are written to the books
 */

typedef struct
{
  TillCore        *core;
  char            *no;
  char            *order_id;
  TillAttemptState to;
  char            *code;
  char            *message;
  gint64           operator_id;
} Move;

static void
move_free (Move *self)
{
  g_free (self->no);
  g_free (self->order_id);
  g_free (self->code);
  g_free (self->message);
  g_free (self);
}

static gboolean
audit_cancel (Move    *self,
              GError **error)
{
  g_autoptr(TillOperator) person = NULL;

  if (self->operator_id == 0)
    return TRUE;

  person = till_store_get_operator (self->core->books, self->operator_id, error);
  return person != NULL && till_audit_add (self->core->books, person->name, "give up",
                                           self->order_id, self->no, error);
}

static gboolean
write_move (TillBooks *books,
            gpointer   data,
            GError   **error)
{
  Move *self = data;
  const gboolean over = self->to == TILL_ATTEMPT_STATE_CLOSED ||
                        self->to == TILL_ATTEMPT_STATE_FAILED;

  if (self->to == TILL_ATTEMPT_STATE_WAITING)
    return till_store_set_attempt_code (books, self->no, self->code, error);

  return till_store_move_attempt (books, self->no, self->to, self->message, error) &&
         audit_cancel (self, error) &&
         (!over || self->order_id == NULL ||
          till_store_move_order (books, self->order_id, TILL_ORDER_STATE_NEW,
                                 TILL_ORDER_STATE_EXPIRED, till_clock_now_ms (), self->message,
                                 error));
}

static void
on_moved (TillBooks    *books,
          gpointer      data,
          const GError *error)
{
  Move *self = data;
  Live *live = find_live (self->core, self->no);

  if (live == NULL)
    return;

  live->busy = FALSE;
  if (error != NULL)
    {
      /* Ended meanwhile by the other way, or the disk fails: what the books say counts. */
      g_message ("attempt %s: %s", self->no, error->message);
      if (g_error_matches (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED))
        till_payments_forget (self->core, self->no);
      else
        retry_later (live);
      return;
    }

  if (self->to != live->state && live->state != TILL_ATTEMPT_STATE_CLOSING)
    live->state = self->to;
  if (self->order_id != NULL)
    till_core_emit_order (self->core, self->order_id);

  if (self->to == TILL_ATTEMPT_STATE_CLOSED || self->to == TILL_ATTEMPT_STATE_FAILED)
    till_payments_forget (self->core, self->no);
  else if (self->to == TILL_ATTEMPT_STATE_CLOSING)
    step (live);
  else
    ask_later (live);
}

static void
move (Live            *live,
      TillAttemptState to,
      const char      *code,
      const char      *message,
      gint64           operator_id)
{
  Move *step_to = g_new0 (Move, 1);

  live->busy = TRUE;
  step_to->core = live->core;
  step_to->no = g_strdup (live->no);
  step_to->order_id = g_strdup (live->order_id);
  step_to->to = to;
  step_to->code = g_strdup (code);
  step_to->message = g_strdup (message);
  step_to->operator_id = operator_id;
  till_books_write (live->core->books, write_move, on_moved, step_to, (GDestroyNotify)move_free);
}

/*
 * Answers of the gateway
 */

typedef struct
{
  TillCore *core;
  char     *no;
} Ask;

static Ask *
ask_new (const Live *live)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->core = live->core;
  ask->no = g_strdup (live->no);
  get_payments (live->core)->n_asks++;
  return ask;
}

/* The attempt that was asked about, if it is still wanted. */
static Live *
take_ask (Ask          *ask,
          const GError *error)
{
  Live *live = find_live (ask->core, ask->no);

  get_payments (ask->core)->n_asks--;
  if (live != NULL)
    {
      live->busy = FALSE;
      till_gateways_note_result (ask->core, live->method, error);
    }

  g_free (ask->no);
  g_free (ask);
  return live;
}

static void
note_fault (Live         *live,
            const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_message ("attempt %s: %s", live->no, error->message);
  retry_later (live);
  if (live->order_id != NULL)
    answer_tasks (live);
}

static void
on_created_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *code = till_channel_create_finish (TILL_CHANNEL (source), result, &error);
  Live *live = take_ask (user_data, error);

  if (live == NULL)
    return;

  if (code != NULL)
    move (live, TILL_ATTEMPT_STATE_WAITING, code, NULL, 0);
  else if (g_error_matches (error, TILL_NET_ERROR, TILL_NET_ERROR_REFUSED))
    {
      /* An earlier call of unknown outcome may have made it: ask before giving up. */
      g_free (live->refusal);
      live->refusal = g_strdup (error->message);
      step (live);
    }
  else
    note_fault (live, error);
}

static void
on_trade_taken (TillCore     *core,
                const GError *error,
                gpointer      user_data)
{
  g_autofree char *no = user_data;
  Live *live = find_live (core, no);

  if (live == NULL)
    return;

  live->busy = FALSE;
  retry_later (live);
}

static void
take_trade (Live      *live,
            TillTrade *trade)
{
  switch (trade->state)
    {
    case TILL_TRADE_STATE_PAID:
      live->busy = TRUE;
      till_payments_take (live->core, trade, FALSE, on_trade_taken, g_strdup (live->no));
      return;
    case TILL_TRADE_STATE_CLOSED:
      move (live, TILL_ATTEMPT_STATE_CLOSED, NULL, NULL, 0);
      return;
    case TILL_TRADE_STATE_REFUNDED:
      move (live, TILL_ATTEMPT_STATE_CLOSED, NULL, "the gateway gave the payer the money back", 0);
      return;
    case TILL_TRADE_STATE_NONE:
      if (live->refusal != NULL)
        move (live, TILL_ATTEMPT_STATE_FAILED, NULL, live->refusal, 0);
      else if (live->state == TILL_ATTEMPT_STATE_CLOSING)
        move (live, TILL_ATTEMPT_STATE_CLOSED, NULL, NULL, 0);
      else
        ask_later (live);
      break;
    case TILL_TRADE_STATE_WAITING:
    default:
      ask_later (live);
      break;
    }

  if (live->order_id != NULL)
    answer_tasks (live);
}

static void
on_asked_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillTrade) trade = till_channel_query_finish (TILL_CHANNEL (source), result, &error);
  Live *live = take_ask (user_data, error);

  if (live == NULL)
    return;

  if (trade != NULL)
    take_trade (live, trade);
  else
    note_fault (live, error);
}

static void
on_closed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillTrade) trade = till_channel_close_finish (TILL_CHANNEL (source), result, &error);
  Live *live = take_ask (user_data, error);

  if (live == NULL)
    return;

  if (trade == NULL)
    note_fault (live, error);
  else if (trade->state == TILL_TRADE_STATE_WAITING)
    retry_later (live);
  else
    take_trade (live, trade);
}

static char *
make_subject (const Live *live)
{
  g_autoptr(TillOrder) order = live->order_id != NULL
    ? till_store_get_order (live->core->books, live->order_id, NULL) : NULL;
  const TillAccount *account = order != NULL
    ? till_site_get_account (live->core->site, order->account_id) : NULL;
  char *subject = g_strdup_printf ("电费充值 %s", account != NULL ? account->path : "测试");

  return g_strdelimit (subject, ",\"\\", ' ');
}

static void
create (Live        *live,
        TillChannel *channel)
{
  g_autofree char *notify_url = till_gateways_get_notify_url (live->core, live->method);
  g_autofree char *subject = make_subject (live);
  const TillTradeTerms terms = {
    .attempt_no = live->no, .kind = live->kind, .amount = live->amount, .subject = subject,
    .expires_ms = live->expires_ms, .notify_url = notify_url,
  };

  till_channel_create_async (channel, &terms, get_payments (live->core)->cancellable,
                             on_created_cb, ask_new (live));
}

/* Does what is due for an attempt. */
static void
step (Live *live)
{
  GCancellable *cancellable = get_payments (live->core)->cancellable;
  TillChannel *channel = till_gateways_get (live->core, live->method, NULL);
  const gboolean late = till_clock_now_ms () >= live->expires_ms;

  if (live->busy || live->core->stopping)
    return;

  if (channel == NULL)
    {
      retry_later (live);
      return;
    }

  live->busy = TRUE;
  if (live->state == TILL_ATTEMPT_STATE_CLOSING)
    till_channel_close_async (channel, live->no, cancellable, on_closed_cb, ask_new (live));
  else if (late)
    move (live, TILL_ATTEMPT_STATE_CLOSING, NULL, NULL, 0);
  else if (live->state == TILL_ATTEMPT_STATE_CREATING && live->refusal == NULL)
    create (live, channel);
  else
    till_channel_query_async (channel, live->no, cancellable, on_asked_cb, ask_new (live));
}

/**
 * till_payments_start:
 * @core: the core, its gateways started
 * @error: return location for a #GError
 *
 * Takes up all attempts that may still be paid.
 *
 * Returns: %TRUE when they were read, %FALSE with @error set otherwise
 */
gboolean
till_payments_start (TillCore *core,
                     GError  **error)
{
  g_autoptr(GPtrArray) open = till_store_list_open_attempts (core->books, error);
  TillPayments *self;

  if (open == NULL)
    return FALSE;

  self = g_new0 (TillPayments, 1);
  self->lives = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)live_free);
  self->cancellable = g_cancellable_new ();
  core->payments = self;

  for (guint i = 0; i < open->len; i++)
    step (add_live (core, g_ptr_array_index (open, i)));

  return TRUE;
}

/**
 * till_payments_stop:
 * @core: the core
 *
 * Asks no more. What is open stays so in the books, for the next start.
 */
void
till_payments_stop (TillCore *core)
{
  TillPayments *self = get_payments (core);

  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->lives, g_hash_table_unref);
  self->lives = g_hash_table_new (g_str_hash, g_str_equal);

  /* What was cancelled comes back once more, and finds nothing. */
  while (self->n_asks > 0)
    g_main_context_iteration (core->context, TRUE);

  g_hash_table_unref (self->lives);
  g_object_unref (self->cancellable);
  g_free (self);
  core->payments = NULL;
}

/**
 * till_payments_add_attempt:
 * @core: the core; its books are in a transaction
 * @order_id: (nullable): an order that is NEW; %NULL for the test of a gateway
 * @method: WECHAT or ALIPAY
 * @amount: in fen
 * @now_ms: now
 * @error: return location for a #GError
 *
 * Writes the attempt before the gateway hears of it.
 *
 * Returns: (transfer full): its number, or %NULL with @error set
 */
char *
till_payments_add_attempt (TillCore   *core,
                           const char *order_id,
                           TillMethod  method,
                           TillMoney   amount,
                           gint64      now_ms,
                           GError    **error)
{
  g_autofree char *no = till_id_new_order (now_ms);
  const TillAttempt attempt = {
    .no = no, .order_id = (char *)order_id, .method = method, .kind = TILL_TRADE_KIND_QR,
    .amount = amount, .created_ms = now_ms, .expires_ms = now_ms + LIFE_MS,
  };

  return till_store_add_attempt (core->books, &attempt, error) ? g_steal_pointer (&no) : NULL;
}

/**
 * till_payments_begin:
 * @core: the core
 * @attempt_no: an attempt that is durable now
 *
 * Has the gateway make the code.
 */
void
till_payments_begin (TillCore   *core,
                     const char *attempt_no)
{
  g_autoptr(TillAttempt) attempt = NULL;
  g_autoptr(GError) error = NULL;

  if (get_payments (core) == NULL)
    return;

  if (!till_store_find_attempt (core->books, attempt_no, &attempt, &error) || attempt == NULL)
    g_warning ("attempt %s: %s", attempt_no, error != NULL ? error->message : "not there");
  else
    step (add_live (core, attempt));
}

/* Whether @order can still be given up or asked about; answers @task when not. */
static Live *
get_open (TillCore   *core,
          const char *order_id,
          GTask      *task)
{
  GError *error = NULL;
  g_autoptr(TillOrder) order = till_store_get_order (core->books, order_id, &error);
  Live *live = order != NULL ? find_live (core, order->attempt_no) : NULL;

  if (order == NULL)
    g_task_return_error (task, error);
  else if (live == NULL)
    g_task_return_pointer (task, g_steal_pointer (&order), (GDestroyNotify)till_order_unref);

  return live;
}

/**
 * till_payments_cancel:
 * @core: the core
 * @order_id: an order
 * @operator_id: who gives it up
 * @task: returns the #TillOrder as it is then; PAID when the payer was faster
 *
 * Gives an unpaid order up. It ends when the gateway has said that it cannot be paid any more.
 */
void
till_payments_cancel (TillCore   *core,
                      const char *order_id,
                      gint64      operator_id,
                      GTask      *task)
{
  Live *live = get_open (core, order_id, task);

  if (live == NULL)
    return;

  g_ptr_array_add (live->tasks, g_object_ref (task));
  if (live->state == TILL_ATTEMPT_STATE_CLOSING)
    return;

  live->state = TILL_ATTEMPT_STATE_CLOSING;
  move (live, TILL_ATTEMPT_STATE_CLOSING, NULL, NULL, operator_id);
}

/**
 * till_payments_check:
 * @core: the core
 * @order_id: an order
 * @task: returns the #TillOrder after the gateway was asked
 *
 * Asks the gateway now.
 */
void
till_payments_check (TillCore   *core,
                     const char *order_id,
                     GTask      *task)
{
  Live *live = get_open (core, order_id, task);

  if (live == NULL)
    return;

  g_ptr_array_add (live->tasks, g_object_ref (task));
  step (live);
}
