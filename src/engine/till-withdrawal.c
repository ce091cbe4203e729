/*
 * till-withdrawal.c: taking money back from a meter, for a refund
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-clock.h"
#include "till-delivery-private.h"
#include "till-jobs-private.h"
#include "till-refund-private.h"
#include "till-store-intents.h"
#include "till-store-refunds.h"

/*
 * A meter has no command for it: the remaining amount is written, absolutely, and no count guards
 * it. So it stands in the queue of the purchases, and none goes to the meter before it has ended.
 * The meter is read, what it holds is kept in the books, the lower amount is written, and it counts
 * as taken when two readings agree that lie further apart than a late write could.
 */

#define LATE_US (3 * G_USEC_PER_SEC)
#define RETRY_MIN_US (1 * G_USEC_PER_SEC)
#define RETRY_MAX_US (30 * G_USEC_PER_SEC)
#define TRIES_MAX 3

struct _TillWithdrawal
{
  gint64   intent_id;
  gint64   due_us;
  guint    n_faults;
  gint64   agreed_us; /* monotonic, when it was first seen that the meter has given; 0 not yet */
  gboolean refused;
};

typedef struct
{
  TillCore       *core;
  gint64          meter_id;
  gint64          intent_id;
  TillReading     reading;
  TillIntentState from;
  TillIntentState to;
  char           *message;
  char           *refund_no;
  void (*go_on)(TillCore      *core,
                TillCoreMeter *meter);
} Step;

void
till_withdrawal_free (TillWithdrawal *self)
{
  g_free (self);
}

static TillIntent *
head_of (TillCoreMeter *meter)
{
  return meter->purchases.head->data;
}

static void
wait_longer (TillWithdrawal *self)
{
  self->due_us = g_get_monotonic_time () +
                 MIN ((gint64)RETRY_MIN_US << MIN (self->n_faults, 5), RETRY_MAX_US);
  self->n_faults++;
}

static void
step_free (Step *step)
{
  g_free (step->message);
  g_free (step->refund_no);
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
  step->from = head_of (meter)->state;
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
      g_warning ("refund of meter %s: %s", meter->setup->meter_no, error->message);
      if (meter->withdrawal != NULL)
        wait_longer (meter->withdrawal);
      return;
    }

  till_delivery_refresh (step->core, meter);
  if (step->refund_no != NULL)
    {
      till_delivery_take_mark (step->core, meter);
      till_refund_emit (step->core, step->refund_no);
      till_refund_go_on (step->core);
    }
  if (step->go_on != NULL)
    step->go_on (step->core, meter);
  else
    till_delivery_step (step->core, meter);
}

static TillRefund *
get_refund (Step    *step,
            GError **error)
{
  TillRefund *refund = NULL;

  if (!till_store_find_refund_of_intent (step->core->books, step->intent_id, &refund, error))
    return NULL;

  if (refund == NULL)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                 "command %" G_GINT64_FORMAT " is part of no refund", step->intent_id);
  else
    step->refund_no = g_strdup (refund->refund_no);

  return refund;
}

/* From what the meter held to what is owed to the payer. */
static gboolean
post_taken (Step             *step,
            const TillRefund *refund,
            GError          **error)
{
  g_autofree char *ref = g_strconcat ("refund-taken/", refund->refund_no, NULL);
  const TillEntry entry = {
    ref, "refund-taken", till_clock_now_ms (), step->core->system_operator_id, refund->order_id,
    NULL, refund->reason,
  };
  const TillLeg legs[] = {
    { TILL_LEDGER_METER, refund->account_id, refund->meter_id, refund->amount },
    { TILL_LEDGER_REFUND, refund->account_id, 0, -refund->amount },
  };
  gint64 entry_id = 0;

  return till_ledger_post (step->core->books, &entry, legs, G_N_ELEMENTS (legs), &entry_id,
                           error) &&
         till_ledger_add_mark (step->core->books, refund->meter_id, "refund", entry_id,
                               &step->reading, error);
}

static gboolean
write_confirmed (TillBooks *books,
                 gpointer   data,
                 GError   **error)
{
  Step *step = data;
  g_autoptr(TillRefund) refund = get_refund (step, error);

  return refund != NULL &&
         till_store_settle_intent (books, step->intent_id, TILL_INTENT_STATE_SENDING,
                                   TILL_INTENT_STATE_CONFIRMED, &step->reading, NULL, error) &&
         post_taken (step, refund, error) &&
         till_refund_write_money (step->core, refund, TILL_REFUND_STEP_METER, error) &&
         till_audit_add (books, TILL_CORE_SYSTEM_OPERATOR, "refund taken", refund->refund_no, "",
                         error);
}

/**
 * till_withdrawal_write_decision:
 * @core: the core; its books are in a transaction
 * @intent: a refund in REVIEW
 * @taken: whether the meter has given the amount back, as a person has seen
 * @reading: the meter now
 * @reason: in the words of that person
 * @error: return location for a #GError
 *
 * Ends the review of a refund.
 *
 * Returns: %TRUE when it was written, %FALSE with @error set otherwise
 */
gboolean
till_withdrawal_write_decision (TillCore          *core,
                                const TillIntent  *intent,
                                gboolean           taken,
                                const TillReading *reading,
                                const char        *reason,
                                GError           **error)
{
  Step step = { .core = core, .intent_id = intent->id, .reading = *reading };
  g_autoptr(TillRefund) refund = get_refund (&step, error);
  const TillIntentState to = taken ? TILL_INTENT_STATE_CONFIRMED : TILL_INTENT_STATE_REFUSED;
  gboolean good;

  if (refund == NULL)
    return FALSE;

  good = till_store_settle_intent (core->books, intent->id, TILL_INTENT_STATE_REVIEW, to, reading,
                                   reason, error);
  if (good && taken)
    good = post_taken (&step, refund, error) &&
           till_refund_write_money (core, refund, TILL_REFUND_STEP_REVIEW, error);
  else if (good)
    good = till_ledger_add_mark (core->books, intent->meter_id, "decision", 0, reading, error) &&
           till_store_move_refund (core->books, refund->refund_no, TILL_REFUND_STEP_REVIEW,
                                   TILL_REFUND_STEP_FAILED, TILL_REFUND_STATE_NONE, reason, error);

  g_free (step.refund_no);
  return good;
}

/* To REFUSED, with nothing changed, or to REVIEW, when the two sides do not fit. */
static gboolean
write_end (TillBooks *books,
           gpointer   data,
           GError   **error)
{
  Step *step = data;
  const gboolean review = step->to == TILL_INTENT_STATE_REVIEW;
  g_autoptr(TillRefund) refund = get_refund (step, error);

  return refund != NULL &&
         till_store_settle_intent (books, step->intent_id, step->from, step->to, NULL,
                                   step->message, error) &&
         till_store_move_refund (books, refund->refund_no, TILL_REFUND_STEP_METER,
                                 review ? TILL_REFUND_STEP_REVIEW : TILL_REFUND_STEP_FAILED,
                                 TILL_REFUND_STATE_NONE, step->message, error) &&
         till_audit_add (books, TILL_CORE_SYSTEM_OPERATOR, review ? "review" : "refund failed",
                         refund->refund_no, step->message, error);
}

static void
end (TillCore       *core,
     TillCoreMeter  *meter,
     TillIntentState to,
     char           *message)
{
  Step *step = step_new (core, meter, NULL);

  g_message ("refund of meter %s: %s", meter->setup->meter_no, message);
  step->to = to;
  step->message = message;
  till_books_write (core->books, write_end, on_step_written, step, (GDestroyNotify)step_free);
}

static void start_send (TillCore      *core,
                        TillCoreMeter *meter);

static gboolean
write_resent (TillBooks *books,
              gpointer   data,
              GError   **error)
{
  return till_store_mark_resent (books, ((Step *)data)->intent_id, error);
}

static void
confirm_or_wait (TillCore          *core,
                 TillCoreMeter     *meter,
                 const TillReading *reading)
{
  TillWithdrawal *self = meter->withdrawal;
  const gint64 now_us = g_get_monotonic_time ();
  Step *step;

  if (self->agreed_us == 0)
    self->agreed_us = now_us;

  if (now_us - self->agreed_us < LATE_US)
    {
      self->due_us = self->agreed_us + LATE_US;
      return;
    }

  step = step_new (core, meter, reading);
  till_books_write (core->books, write_confirmed, on_step_written, step,
                    (GDestroyNotify)step_free);
}

static char *
describe_misfit (const TillIntent  *intent,
                 const TillReading *now)
{
  g_autofree char *before = till_money_format (intent->balance_before);
  g_autofree char *after = till_money_format (now->remaining);
  g_autofree char *amount = till_money_format (intent->amount);

  return g_strdup_printf ("before: count %u, %s yuan; %s yuan were to be taken back; now: count "
                          "%u, %s yuan. This does not fit together.", intent->count_before, before,
                          amount, now->purchase_count, after);
}

static void
judge (TillCore          *core,
       TillCoreMeter     *meter,
       const TillReading *now)
{
  const TillIntent *intent = head_of (meter);
  TillWithdrawal *self = meter->withdrawal;
  const gint64 used_ckwh = now->energy_ckwh - intent->energy_before_ckwh;
  const TillMoney use = till_core_possible_use (meter, used_ckwh);
  const TillMoney target = intent->balance_before - intent->amount;
  const gboolean same = now->purchase_count == intent->count_before && used_ckwh >= 0 &&
                        (!(now->fields & TILL_READING_METER_NO) ||
                         till_core_is_same_meter_no (now->meter_no, meter->setup->meter_no));
  const gboolean taken = now->remaining <= target + 1 && now->remaining >= target - use;
  const gboolean untouched = now->remaining <= intent->balance_before + 1 &&
                             now->remaining >= intent->balance_before - use;
  Step *step;

  if (!same || taken == untouched)
    end (core, meter, TILL_INTENT_STATE_REVIEW, describe_misfit (intent, now));
  else if (taken)
    confirm_or_wait (core, meter, now);
  else if (self->refused)
    end (core, meter, TILL_INTENT_STATE_REFUSED,
         g_strdup ("the meter refused; nothing was taken from it"));
  else if (intent->tries >= TRIES_MAX)
    end (core, meter, TILL_INTENT_STATE_REVIEW,
         g_strdup ("the meter does not take the lower amount"));
  else
    {
      self->agreed_us = 0;
      step = step_new (core, meter, NULL);
      step->go_on = start_send;
      till_books_write (core->books, write_resent, on_step_written, step,
                        (GDestroyNotify)step_free);
    }
}

static void
on_verified (TillCore      *core,
             TillCoreMeter *meter,
             TillJob       *job,
             gpointer       data)
{
  meter->busy = FALSE;
  if (meter->withdrawal == NULL || meter->purchases.head == NULL || core->stopping)
    return;

  if (job->error != NULL)
    {
      wait_longer (meter->withdrawal);
      return;
    }

  meter->withdrawal->n_faults = 0;
  judge (core, meter, &job->reading);
}

static void
on_sent (TillCore      *core,
         TillCoreMeter *meter,
         TillJob       *job,
         gpointer       data)
{
  meter->busy = FALSE;
  if (meter->withdrawal == NULL || meter->purchases.head == NULL || core->stopping)
    return;

  meter->withdrawal->refused = job->n_done == 0 &&
                               g_error_matches (job->error, TILL_BUS_ERROR,
                                                TILL_BUS_ERROR_EXCEPTION);
  if (job->error == NULL)
    judge (core, meter, &job->reading);
  else
    wait_longer (meter->withdrawal);
}

static void
submit (TillCore      *core,
        TillCoreMeter *meter,
        TillJob       *job,
        TillJobDone    done)
{
  meter->busy = TRUE;
  if (till_jobs_submit (core, meter, job, done, NULL, NULL, NULL))
    return;

  meter->busy = FALSE;
  wait_longer (meter->withdrawal);
}

static void
start_send (TillCore      *core,
            TillCoreMeter *meter)
{
  const TillIntent *intent = head_of (meter);
  TillJob *job = till_job_new (meter->setup->unit, TILL_JOB_PRIORITY_COMMAND);
  g_autoptr(GError) error = NULL;
  TillRequest request;

  if (core->stopping || meter->withdrawal == NULL ||
      !till_profile_make_remaining (meter->profile, intent->balance_before - intent->amount,
                                    &request, &error))
    {
      till_job_free (job);
      if (error != NULL)
        end (core, meter, TILL_INTENT_STATE_REFUSED, g_strdup (error->message));
      return;
    }

  job->profile = meter->profile;
  job->meter_id = meter->setup->id;
  job->clean_link = intent->tries <= 1;
  till_job_add (job, &request);
  till_jobs_add_look (meter, job, FALSE);
  submit (core, meter, job, on_sent);
}

static gboolean
write_sending (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Step *step = data;

  return till_store_mark_sending (books, step->intent_id, &step->reading, 0, error);
}

/* What forbids it on the meter as it was just read; %NULL when nothing does. */
static char *
find_obstacle (TillCoreMeter     *meter,
               const TillReading *now)
{
  const TillIntent *intent = head_of (meter);

  if (now->fields & TILL_READING_METER_NO &&
      !till_core_is_same_meter_no (now->meter_no, meter->setup->meter_no))
    return g_strdup_printf ("meter %s answers where meter %s should be", now->meter_no,
                            meter->setup->meter_no);
  if (now->purchase_count != meter->mark.purchase_count)
    return g_strdup ("the purchase count of the meter is not that of the books");
  if (now->remaining < intent->amount)
    return g_strdup ("the meter holds less than what was to be given back");

  return NULL;
}

static void
on_looked (TillCore      *core,
           TillCoreMeter *meter,
           TillJob       *job,
           gpointer       data)
{
  const guint32 needed = TILL_READING_REMAINING | TILL_READING_PURCHASE_COUNT | TILL_READING_ENERGY;
  char *obstacle;
  Step *step;

  meter->busy = FALSE;
  if (meter->withdrawal == NULL || meter->purchases.head == NULL || core->stopping)
    return;

  if (job->error != NULL || (job->reading.fields & needed) != needed)
    {
      wait_longer (meter->withdrawal);
      return;
    }

  obstacle = find_obstacle (meter, &job->reading);
  if (obstacle != NULL)
    {
      end (core, meter, TILL_INTENT_STATE_REFUSED, obstacle);
      return;
    }

  step = step_new (core, meter, &job->reading);
  step->go_on = start_send;
  till_books_write (core->books, write_sending, on_step_written, step, (GDestroyNotify)step_free);
}

/**
 * till_withdrawal_step:
 * @core: the core
 * @meter: a meter whose oldest open command is a refund, and for which nothing is under way
 *
 * Does what is due for it. After a start the meter is read before anything is written.
 *
 * Returns: whether something was begun
 */
gboolean
till_withdrawal_step (TillCore      *core,
                      TillCoreMeter *meter)
{
  const TillIntent *intent = head_of (meter);
  const gboolean pending = intent->state == TILL_INTENT_STATE_PENDING;
  TillJob *job;

  if (meter->withdrawal == NULL || meter->withdrawal->intent_id != intent->id)
    {
      g_clear_pointer (&meter->withdrawal, till_withdrawal_free);
      meter->withdrawal = g_new0 (TillWithdrawal, 1);
      meter->withdrawal->intent_id = intent->id;
    }

  if (g_get_monotonic_time () < meter->withdrawal->due_us)
    return FALSE;

  job = till_jobs_new_look (meter, TILL_JOB_PRIORITY_COMMAND, FALSE);
  job->clean_link = pending;
  submit (core, meter, job, pending ? on_looked : on_verified);
  return TRUE;
}
