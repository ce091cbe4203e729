/*
 * till-delivery.c: bringing a purchase to its meter, exactly once
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-delivery-private.h"
#include "till-audit.h"
#include "till-clock.h"
#include "till-jobs-private.h"
#include "till-refund-private.h"
#include "till-store-intents.h"
#include "till-store-orders.h"
#include "till-store-people.h"

/*
 * The protocol (meters.md 8): read the count n and what the meter holds; keep both durably and only
 * then send {amount, n + 1}; whatever comes back, read again. n + 1 and the money there: confirmed.
 * Still n: not done; the same {amount, n + 1} again, if this meter and this connection allow it.
 * Anything else: a person decides. A new count is never taken for an old purchase, and nothing is
 * concluded from a reply or from silence.
 */

/* After a break, what a device server still holds may be executed for this long. */
#define QUIET_US (10 * G_USEC_PER_SEC)
#define TRIES_MAX 8
#define LOOKS_MAX 2
#define RETRY_MIN_US (1 * G_USEC_PER_SEC)
#define RETRY_MAX_US (30 * G_USEC_PER_SEC)
#define RUN_WORD_ENCRYPTED (1 << 5)

struct _TillDelivery
{
  gint64   intent_id;
  gint64   due_us;       /* monotonic; nothing is done before */
  guint    n_faults;     /* in a row */
  gboolean sent_here;    /* sent in this run of the program … */
  gboolean may_have_left; /* … and bytes may have left the machine */
  guint64  connection;   /* … over this connection */
  gint64   broken_us;    /* monotonic, since when it is known that the connection broke; 0 not */
  guint    n_looks;      /* how often the old count was seen since then */
  gboolean refused;      /* the meter answered the purchase with an exception */
  gboolean told_unknown;
};

void
till_delivery_free (TillDelivery *self)
{
  g_free (self);
}

static TillIntent *
head_of (TillCoreMeter *meter)
{
  return meter->purchases.head != NULL ? meter->purchases.head->data : NULL;
}

/**
 * till_delivery_refresh:
 * @core: the core
 * @meter: a meter with an open purchase
 *
 * Takes the oldest purchase from the books again, after it was moved there: lets it go when it is
 * settled, and tells the outside.
 */
void
till_delivery_refresh (TillCore      *core,
                       TillCoreMeter *meter)
{
  TillIntent *old = g_queue_pop_head (&meter->purchases);
  g_autoptr(GError) error = NULL;
  TillIntent *now = till_store_get_intent (core->books, old->id, &error);

  if (now == NULL)
    g_error ("purchase %" G_GINT64_FORMAT " vanished: %s", old->id, error->message);

  if (now->state == TILL_INTENT_STATE_PENDING || now->state == TILL_INTENT_STATE_SENDING ||
      now->state == TILL_INTENT_STATE_REVIEW)
    {
      g_queue_push_head (&meter->purchases, till_intent_ref (now));
    }
  else
    {
      g_clear_pointer (&meter->delivery, till_delivery_free);
      g_clear_pointer (&meter->withdrawal, till_withdrawal_free);
    }

  if (core->events->intent != NULL)
    core->events->intent (now, core->events_data);
  if (now->order_id != NULL)
    till_core_emit_order (core, now->order_id);

  meter->dirty = TRUE;
  till_intent_unref (old);
  till_intent_unref (now);
}

static void
wait_longer (TillDelivery *self)
{
  gint64 wait_us = RETRY_MIN_US << MIN (self->n_faults, 5);

  self->n_faults++;
  self->due_us = g_get_monotonic_time () + MIN (wait_us, RETRY_MAX_US);
}

/* One step of a purchase that is written to the books and then goes on. */
typedef struct
{
  TillCore       *core;
  gint64          meter_id;
  gint64          intent_id;
  TillReading     reading;
  TillIntentState from;
  TillIntentState to;
  char           *message; /* (nullable) */
  void (*go_on)(TillCore      *core,
                TillCoreMeter *meter);
} Step;

static void
step_free (Step *step)
{
  g_free (step->message);
  g_free (step);
}

static Step *
step_new (TillCore          *core,
          TillCoreMeter     *meter,
          const TillReading *reading)
{
  Step *step = g_new0 (Step, 1);

  step->core = core;
  step->meter_id = meter->setup->id;
  step->intent_id = head_of (meter)->id;
  if (reading != NULL)
    step->reading = *reading;
  meter->busy = TRUE;

  return step;
}

static void
on_step_written (TillBooks    *books,
                 gpointer      data,
                 const GError *error)
{
  Step *step = data;
  TillCoreMeter *meter = till_core_get_meter (step->core, step->meter_id, NULL);

  if (meter == NULL)
    return;

  meter->busy = FALSE;
  if (error != NULL)
    {
      g_warning ("purchase %" G_GINT64_FORMAT ": %s", step->intent_id, error->message);
      if (meter->delivery != NULL)
        wait_longer (meter->delivery);
      return;
    }

  till_delivery_refresh (step->core, meter);
  if (step->go_on != NULL)
    step->go_on (step->core, meter);
}

/*
 * REVIEW
 */

static gboolean
write_review (TillBooks *books,
              gpointer   data,
              GError   **error)
{
  Step *step = data;
  g_autoptr(TillIntent) intent = till_store_get_intent (books, step->intent_id, error);
  const gint64 now_ms = till_clock_now_ms ();

  return intent != NULL &&
         till_store_settle_intent (books, step->intent_id, step->from, TILL_INTENT_STATE_REVIEW,
                                   NULL, step->message, error) &&
         till_store_move_order (books, intent->order_id, TILL_ORDER_STATE_PAID,
                                TILL_ORDER_STATE_REVIEW, now_ms, step->message, error) &&
         till_audit_add (books, TILL_CORE_SYSTEM_OPERATOR, "review", intent->order_id,
                         step->message, error);
}

static void
put_in_review (TillCore          *core,
               TillCoreMeter     *meter,
               const TillReading *reading,
               char              *message)
{
  Step *step = step_new (core, meter, reading);

  g_message ("meter %s: %s", meter->setup->meter_no, message);
  step->from = head_of (meter)->state;
  step->message = message;
  till_books_write (core->books, write_review, on_step_written, step, (GDestroyNotify)step_free);
}

/*
 * Confirmed
 */

/**
 * till_delivery_post:
 * @core: the core; its books are in a transaction
 * @intent: a purchase that the meter has
 * @reading: the meter as it was read back
 * @mark_kind: by what it is known: “purchase”, or “decision”
 * @operator_id: who says so
 * @error: return location for a #GError
 *
 * Books the money from “on its way” to “on the meter”, and keeps the registers it was seen by.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_delivery_post (TillCore          *core,
                    const TillIntent  *intent,
                    const TillReading *reading,
                    const char        *mark_kind,
                    gint64             operator_id,
                    GError           **error)
{
  const TillCoreMeter *meter = till_core_get_meter (core, intent->meter_id, error);
  g_autofree char *ref = g_strconcat ("deliver/", intent->order_id, NULL);
  const TillEntry entry = {
    ref, "deliver", till_clock_now_ms (), operator_id, intent->order_id, NULL, NULL,
  };
  gint64 entry_id = 0;

  if (meter == NULL)
    return FALSE;

  const TillLeg legs[] = {
    { TILL_LEDGER_WAY, meter->setup->account_id, intent->meter_id, intent->amount },
    { TILL_LEDGER_METER, meter->setup->account_id, intent->meter_id, -intent->amount },
  };

  return till_ledger_post (core->books, &entry, legs, G_N_ELEMENTS (legs), &entry_id, error) &&
         till_ledger_add_mark (core->books, intent->meter_id, mark_kind, entry_id, reading, error);
}

static gboolean
write_confirmed (TillBooks *books,
                 gpointer   data,
                 GError   **error)
{
  Step *step = data;
  g_autoptr(TillIntent) intent = till_store_get_intent (books, step->intent_id, error);
  g_autofree char *detail = NULL;

  if (intent == NULL)
    return FALSE;

  detail = g_strdup_printf ("purchase count %u", intent->count_new);

  return till_store_settle_intent (books, step->intent_id, TILL_INTENT_STATE_SENDING,
                                   TILL_INTENT_STATE_CONFIRMED, &step->reading, NULL, error) &&
         till_store_move_order (books, intent->order_id, TILL_ORDER_STATE_PAID,
                                TILL_ORDER_STATE_CREDITED, till_clock_now_ms (), NULL, error) &&
         till_delivery_post (step->core, intent, &step->reading, "purchase",
                             step->core->system_operator_id, error) &&
         till_audit_add (books, TILL_CORE_SYSTEM_OPERATOR, "deliver", intent->order_id, detail,
                         error);
}

/**
 * till_delivery_take_mark:
 * @core: the core
 * @meter: a meter
 *
 * Takes the last agreement between meter and books, and what was delivered, from the books again.
 */
void
till_delivery_take_mark (TillCore      *core,
                         TillCoreMeter *meter)
{
  g_autoptr(GError) error = NULL;
  gboolean found;

  if (!till_ledger_get_mark (core->books, meter->setup->id, &meter->mark, &found, &error) ||
      !till_store_get_delivered (core->books, meter->setup->id, &meter->delivered, &error))
    g_warning ("%s", error->message);
}

static void
after_confirmed (TillCore      *core,
                 TillCoreMeter *meter)
{
  till_delivery_take_mark (core, meter);
  till_delivery_step (core, meter);
}

static void
confirm (TillCore          *core,
         TillCoreMeter     *meter,
         const TillReading *reading)
{
  Step *step = step_new (core, meter, reading);

  step->go_on = after_confirmed;
  till_books_write (core->books, write_confirmed, on_step_written, step,
                    (GDestroyNotify)step_free);
}

/*
 * Refused by the meter
 */

static gboolean
write_refused (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Step *step = data;
  g_autoptr(TillIntent) intent = till_store_get_intent (books, step->intent_id, error);

  return intent != NULL &&
         till_store_settle_intent (books, step->intent_id, TILL_INTENT_STATE_SENDING,
                                   TILL_INTENT_STATE_REVIEW, &step->reading, step->message,
                                   error) &&
         till_store_move_order (books, intent->order_id, TILL_ORDER_STATE_PAID,
                                TILL_ORDER_STATE_REVIEW, till_clock_now_ms (), step->message,
                                error) &&
         till_audit_add (books, TILL_CORE_SYSTEM_OPERATOR, "refused", intent->order_id,
                         step->message, error);
}

static void
refuse (TillCore          *core,
        TillCoreMeter     *meter,
        const TillReading *reading)
{
  Step *step = step_new (core, meter, reading);

  step->message = g_strdup ("the meter refused the purchase and its count did not move; "
                            "return the money or send it again");
  till_books_write (core->books, write_refused, on_step_written, step, (GDestroyNotify)step_free);
}

/*
 * Reading back
 */

static void start_verify (TillCore      *core,
                          TillCoreMeter *meter);
static void start_send (TillCore      *core,
                        TillCoreMeter *meter);

/* Whether what the meter holds now fits what it held, the purchase, and what can have been used. */
static gboolean
balance_fits (const TillCoreMeter *meter,
              const TillIntent    *intent,
              const TillReading   *now)
{
  const TillMoney most = intent->balance_before + intent->amount;
  const gint64 used_ckwh = now->energy_ckwh - intent->energy_before_ckwh;

  return used_ckwh >= 0 && now->remaining <= most + 1 &&
         now->remaining >= most - till_core_possible_use (meter, used_ckwh);
}

static char *
describe_misfit (const TillIntent  *intent,
                 const TillReading *now)
{
  g_autofree char *before = till_money_format (intent->balance_before);
  g_autofree char *after = till_money_format (now->remaining);
  g_autofree char *amount = till_money_format (intent->amount);

  return g_strdup_printf ("before: count %u, %s yuan; sent: count %u, %s yuan; now: count %u, "
                          "%s yuan. This does not fit together.", intent->count_before, before,
                          intent->count_new, amount, now->purchase_count, after);
}

static gboolean
write_resent (TillBooks *books,
              gpointer   data,
              GError   **error)
{
  Step *step = data;

  return till_store_mark_resent (books, step->intent_id, error);
}

static void
resend (TillCore      *core,
        TillCoreMeter *meter)
{
  Step *step = step_new (core, meter, NULL);

  step->go_on = start_send;
  till_books_write (core->books, write_resent, on_step_written, step, (GDestroyNotify)step_free);
}

/* The same number may go out again when the meter itself refuses repeats, when nothing can have
 * left, or when this reading was queued behind the purchase on the same unbroken connection. */
static gboolean
may_resend (const TillCoreMeter *meter,
            guint64              connection)
{
  const TillDelivery *self = meter->delivery;
  const TillCountRule rule = meter->setup->count_rule != TILL_COUNT_RULE_UNKNOWN
    ? meter->setup->count_rule : till_profile_get_count_rule (meter->profile);

  if (rule == TILL_COUNT_RULE_GUARDED)
    return TRUE;

  return self->sent_here &&
         (!self->may_have_left || (self->connection == connection && self->broken_us == 0));
}

static void
look_again_or_review (TillCore          *core,
                      TillCoreMeter     *meter,
                      const TillReading *reading)
{
  TillDelivery *self = meter->delivery;
  const gint64 now_us = g_get_monotonic_time ();

  if (self->broken_us == 0)
    self->broken_us = now_us;

  if (now_us - self->broken_us < QUIET_US || ++self->n_looks < LOOKS_MAX)
    {
      self->due_us = MAX (self->broken_us + QUIET_US, now_us + 2 * G_USEC_PER_SEC);
      return;
    }

  put_in_review (core, meter, reading,
                 g_strdup ("the connection broke after the purchase was sent. The meter does not "
                           "have it; whether it refuses a second one of the same count is not "
                           "known, so it was not sent again."));
}

static void
judge (TillCore          *core,
       TillCoreMeter     *meter,
       const TillReading *reading,
       guint64            connection)
{
  TillIntent *intent = head_of (meter);
  TillDelivery *self = meter->delivery;

  if (reading->fields & TILL_READING_METER_NO &&
      !till_core_is_same_meter_no (reading->meter_no, meter->setup->meter_no))
    put_in_review (core, meter, reading,
                   g_strdup_printf ("meter %s answers where meter %s was when the purchase was "
                                    "sent", reading->meter_no, meter->setup->meter_no));
  else if (reading->purchase_count == intent->count_new && balance_fits (meter, intent, reading))
    confirm (core, meter, reading);
  else if (reading->purchase_count != intent->count_before ||
           reading->remaining > intent->balance_before + 1)
    put_in_review (core, meter, reading, describe_misfit (intent, reading));
  else if (self->refused)
    refuse (core, meter, reading);
  else if (intent->tries >= TRIES_MAX)
    put_in_review (core, meter, reading,
                   g_strdup_printf ("the meter did not take the purchase in %u tries",
                                    intent->tries));
  else if (may_resend (meter, connection))
    resend (core, meter);
  else
    look_again_or_review (core, meter, reading);
}

static gboolean
write_unknown (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Step *step = data;

  return till_store_mark_unknown (books, step->intent_id, step->message, error);
}

/* Notes a fault once; the purchase shows as “unknown” until the meter was read. */
static void
note_fault (TillCore      *core,
            TillCoreMeter *meter,
            const GError  *error)
{
  TillDelivery *self = meter->delivery;
  Step *step;

  wait_longer (self);
  if (self->told_unknown)
    return;

  self->told_unknown = TRUE;
  step = step_new (core, meter, NULL);
  step->message = g_strdup (error->message);
  till_books_write (core->books, write_unknown, on_step_written, step, (GDestroyNotify)step_free);
}

static void
on_verified (TillCore      *core,
             TillCoreMeter *meter,
             TillJob       *job,
             gpointer       data)
{
  meter->busy = FALSE;
  if (meter->delivery == NULL || head_of (meter) == NULL || core->stopping)
    return;

  if (meter->delivery->sent_here && job->connection != meter->delivery->connection &&
      meter->delivery->broken_us == 0)
    meter->delivery->broken_us = g_get_monotonic_time ();

  if (job->error != NULL)
    {
      note_fault (core, meter, job->error);
      return;
    }

  meter->delivery->n_faults = 0;
  judge (core, meter, &job->reading, job->connection);
}

static void
submit (TillCore      *core,
        TillCoreMeter *meter,
        TillJob       *job,
        TillJobDone    done)
{
  g_autoptr(GError) error = NULL;

  meter->busy = TRUE;
  if (till_jobs_submit (core, meter, job, done, NULL, NULL, &error))
    return;

  meter->busy = FALSE;
  wait_longer (meter->delivery);
}

static void
start_verify (TillCore      *core,
              TillCoreMeter *meter)
{
  submit (core, meter, till_jobs_new_look (meter, TILL_JOB_PRIORITY_COMMAND, FALSE), on_verified);
}

/*
 * Sending
 */

static void
on_sent (TillCore      *core,
         TillCoreMeter *meter,
         TillJob       *job,
         gpointer       data)
{
  TillDelivery *self = meter->delivery;

  meter->busy = FALSE;
  if (self == NULL || head_of (meter) == NULL)
    return;

  if (self->sent_here && self->may_have_left && job->connection != self->connection &&
      self->broken_us == 0)
    self->broken_us = g_get_monotonic_time ();

  self->may_have_left = job->sent || (self->sent_here && self->may_have_left);
  self->sent_here = TRUE;
  self->connection = job->connection;
  self->refused = job->n_done == 0 &&
                  g_error_matches (job->error, TILL_BUS_ERROR, TILL_BUS_ERROR_EXCEPTION);

  if (core->stopping)
    return;

  if (job->error == NULL)
    {
      self->n_faults = 0;
      judge (core, meter, &job->reading, job->connection);
    }
  else
    {
      self->due_us = 0;
      start_verify (core, meter);
    }
}

static void
start_send (TillCore      *core,
            TillCoreMeter *meter)
{
  const TillIntent *intent = head_of (meter);
  TillJob *job;
  g_autoptr(GError) error = NULL;
  TillRequest request;

  if (intent == NULL || meter->delivery == NULL)
    return;

  job = till_job_new (meter->setup->unit, TILL_JOB_PRIORITY_COMMAND);
  if (core->stopping ||
      !till_profile_make_purchase (meter->profile, intent->amount, (guint16)intent->count_new,
                                   &request, &error))
    {
      till_job_free (job);
      if (error != NULL)
        g_warning ("meter %s: %s", meter->setup->meter_no, error->message);
      wait_longer (meter->delivery);
      return;
    }

  job->profile = meter->profile;
  job->meter_id = meter->setup->id;
  /* A clean link before the first send; never a new one between a send and its reading back. */
  job->clean_link = !meter->delivery->sent_here && intent->tries <= 1;
  till_job_add (job, &request);
  till_jobs_add_look (meter, job, FALSE);
  submit (core, meter, job, on_sent);
}

/*
 * Looking before
 */

static gboolean
write_sending (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Step *step = data;

  return till_store_mark_sending (books, step->intent_id, &step->reading,
                                  step->reading.purchase_count + 1, error);
}

/* What forbids a purchase on the meter as it was just read; %NULL when nothing does. */
static char *
find_obstacle (const TillCoreMeter *meter,
               const TillReading   *now)
{
  if (now->fields & TILL_READING_METER_NO &&
      !till_core_is_same_meter_no (now->meter_no, meter->setup->meter_no))
    return g_strdup_printf ("meter %s answers where meter %s should be", now->meter_no,
                            meter->setup->meter_no);

  if (now->purchase_count != meter->mark.purchase_count)
    return g_strdup_printf ("the meter counts %u purchases, the books %u: somebody else sold on "
                            "it, or it was changed", now->purchase_count,
                            meter->mark.purchase_count);

  if (now->purchase_count >= G_MAXUINT16)
    return g_strdup ("the purchase count of the meter is at its end");

  return NULL;
}

static void
on_looked (TillCore      *core,
           TillCoreMeter *meter,
           TillJob       *job,
           gpointer       data)
{
  const guint32 needed = TILL_READING_REMAINING | TILL_READING_PURCHASE_COUNT | TILL_READING_ENERGY;
  g_autoptr(GError) error = NULL;
  char *obstacle;
  Step *step;

  meter->busy = FALSE;
  if (meter->delivery == NULL || head_of (meter) == NULL || core->stopping)
    return;

  if (job->error == NULL && (job->reading.fields & needed) != needed)
    error = g_error_new_literal (TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                                 "the profile does not tell what the meter holds");
  else if (job->error == NULL && job->reading.fields & TILL_READING_RUN_WORD &&
           job->reading.run_word & RUN_WORD_ENCRYPTED)
    error = g_error_new_literal (TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                                 "encrypted writes are on; switch them off on the meter");

  if (job->error != NULL || error != NULL)
    {
      note_fault (core, meter, job->error != NULL ? job->error : error);
      return;
    }

  obstacle = find_obstacle (meter, &job->reading);
  if (obstacle != NULL)
    {
      put_in_review (core, meter, &job->reading, obstacle);
      return;
    }

  step = step_new (core, meter, &job->reading);
  step->go_on = start_send;
  till_books_write (core->books, write_sending, on_step_written, step, (GDestroyNotify)step_free);
}

static void
start_look (TillCore      *core,
            TillCoreMeter *meter)
{
  TillJob *job = till_jobs_new_look (meter, TILL_JOB_PRIORITY_COMMAND, FALSE);

  job->clean_link = TRUE;
  submit (core, meter, job, on_looked);
}

/**
 * till_delivery_step:
 * @core: the core
 * @meter: a meter that nothing is under way for
 *
 * Does what is due for the oldest open purchase of a meter. Only that one is ever touched: no
 * second purchase goes to a meter while one is unsettled.
 *
 * Returns: whether something was begun
 */
gboolean
till_delivery_step (TillCore      *core,
                    TillCoreMeter *meter)
{
  const TillIntent *intent = head_of (meter);

  if (intent == NULL || meter->busy || meter->line == NULL || meter->profile == NULL ||
      core->stopping || !meter->adopted || intent->state == TILL_INTENT_STATE_REVIEW)
    return FALSE;

  if (intent->kind == TILL_INTENT_KIND_REFUND)
    return till_withdrawal_step (core, meter);

  if (meter->delivery == NULL || meter->delivery->intent_id != intent->id)
    {
      g_clear_pointer (&meter->delivery, till_delivery_free);
      meter->delivery = g_new0 (TillDelivery, 1);
      meter->delivery->intent_id = intent->id;
    }

  if (g_get_monotonic_time () < meter->delivery->due_us)
    return FALSE;

  if (intent->state == TILL_INTENT_STATE_PENDING)
    start_look (core, meter);
  else
    start_verify (core, meter);

  return TRUE;
}

/**
 * till_delivery_add:
 * @core: the core
 * @intent_id: a purchase that is durable now
 *
 * Takes a purchase into the queue of its meter and begins when nothing is before it.
 */
void
till_delivery_add (TillCore *core,
                   gint64    intent_id)
{
  g_autoptr(GError) error = NULL;
  TillIntent *intent = till_store_get_intent (core->books, intent_id, &error);
  TillCoreMeter *meter;

  if (intent == NULL)
    {
      g_critical ("purchase %" G_GINT64_FORMAT ": %s", intent_id, error->message);
      return;
    }

  meter = till_core_get_meter (core, intent->meter_id, NULL);
  g_queue_push_tail (&meter->purchases, intent);
  meter->dirty = TRUE;
  till_delivery_step (core, meter);
}
