/*
 * till-switcher.c: trip, back to automatic, keep power
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-audit.h"
#include "till-clock.h"
#include "till-jobs-private.h"
#include "till-store-intents.h"
#include "till-store-people.h"
#include "till-switcher-private.h"

/*
 * A relay command is an intent like a purchase: durable first, then written, then read back.
 * Writing it twice does no harm, so it is repeated until the meter shows it. A trip that could not
 * be brought within two minutes is given up, for nobody may be cut off long after the reason has
 * gone; commands that give power are kept.
 */

#define TRIP_LIFE_MS (2 * 60 * 1000)
#define RETRY_MIN_US (1 * G_USEC_PER_SEC)
#define RETRY_MAX_US (30 * G_USEC_PER_SEC)
#define REASON_MAX 200

struct _TillSwitching
{
  gint64   intent_id;
  gint64   due_us;
  guint    n_faults;
  gboolean told;
};

void
till_switching_free (TillSwitching *self)
{
  g_free (self);
}

static TillIntent *
head_of (TillCoreMeter *meter)
{
  return meter->commands.head != NULL ? meter->commands.head->data : NULL;
}

static TillForce
force_of (TillIntentKind kind)
{
  return kind == TILL_INTENT_KIND_TRIP ? TILL_FORCE_TRIP
         : kind == TILL_INTENT_KIND_KEEP ? TILL_FORCE_KEEP : TILL_FORCE_NONE;
}

/**
 * till_switcher_set_kept:
 * @meter: a meter
 * @intent: the keep power command that holds it
 *
 * Remembers who keeps the power on, why and until when.
 */
void
till_switcher_set_kept (TillCoreMeter    *meter,
                        const TillIntent *intent)
{
  meter->keep_id = intent->id;
  meter->keep_until_ms = intent->until_ms;
  g_free (meter->keep_reason);
  meter->keep_reason = g_strdup (intent->reason);
  g_free (meter->keep_operator);
  meter->keep_operator = g_strdup (intent->operator_name);
}

static void
forget_kept (TillCoreMeter *meter)
{
  meter->keep_id = 0;
  meter->keep_until_ms = 0;
  g_clear_pointer (&meter->keep_reason, g_free);
  g_clear_pointer (&meter->keep_operator, g_free);
}

typedef struct
{
  TillCore       *core;
  gint64          meter_id;
  gint64          intent_id;
  TillIntentState from;
  TillIntentState to;
  TillReading     reading;
  gboolean        has_reading;
  char           *message;
  char           *action;
  void (*go_on)(TillCore      *core,
                TillCoreMeter *meter);
} Step;

static void
step_free (Step *step)
{
  g_free (step->message);
  g_free (step->action);
  g_free (step);
}

static void
refresh_head (TillCore      *core,
              TillCoreMeter *meter)
{
  TillIntent *old = g_queue_pop_head (&meter->commands);
  g_autoptr(GError) error = NULL;
  g_autoptr(TillIntent) now = till_store_get_intent (core->books, old->id, &error);

  till_intent_unref (old);
  meter->dirty = TRUE;
  if (now == NULL)
    {
      g_critical ("a command vanished: %s", error->message);
      return;
    }

  if (now->state == TILL_INTENT_STATE_PENDING || now->state == TILL_INTENT_STATE_SENDING)
    {
      g_queue_push_head (&meter->commands, till_intent_ref (now));
    }
  else
    {
      g_clear_pointer (&meter->switching, till_switching_free);
      if (now->state == TILL_INTENT_STATE_CONFIRMED)
        {
          if (now->kind == TILL_INTENT_KIND_KEEP)
            till_switcher_set_kept (meter, now);
          else
            forget_kept (meter);
        }
    }

  if (core->events->intent != NULL)
    core->events->intent (now, core->events_data);
}

static void
wait_longer (TillSwitching *self)
{
  const gint64 wait_us = RETRY_MIN_US << MIN (self->n_faults, 5);

  self->n_faults++;
  self->due_us = g_get_monotonic_time () + MIN (wait_us, RETRY_MAX_US);
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
      g_warning ("command %" G_GINT64_FORMAT ": %s", step->intent_id, error->message);
      if (meter->switching != NULL)
        wait_longer (meter->switching);
      return;
    }

  refresh_head (step->core, meter);
  if (step->go_on != NULL)
    step->go_on (step->core, meter);
}

static gboolean
write_end (TillBooks *books,
           gpointer   data,
           GError   **error)
{
  Step *step = data;
  g_autofree char *subject = g_strdup_printf ("command %" G_GINT64_FORMAT, step->intent_id);

  return till_store_settle_intent (books, step->intent_id, step->from, step->to,
                                   step->has_reading ? &step->reading : NULL, step->message,
                                   error) &&
         till_audit_add (books, TILL_CORE_SYSTEM_OPERATOR, step->action, subject,
                         step->message != NULL ? step->message : "", error);
}

static Step *
step_new (TillCore      *core,
          TillCoreMeter *meter)
{
  Step *step = g_new0 (Step, 1);

  step->core = core;
  step->meter_id = meter->setup->id;
  step->intent_id = head_of (meter)->id;
  step->from = head_of (meter)->state;
  meter->busy = TRUE;

  return step;
}

static void
end_command (TillCore          *core,
             TillCoreMeter     *meter,
             TillIntentState    to,
             const TillReading *reading,
             const char        *message)
{
  Step *step = step_new (core, meter);

  step->to = to;
  step->has_reading = reading != NULL;
  if (reading != NULL)
    step->reading = *reading;
  step->message = g_strdup (message);
  step->action = g_strdup (to == TILL_INTENT_STATE_CONFIRMED ? "command done" : "command ended");
  till_books_write (core->books, write_end, on_step_written, step, (GDestroyNotify)step_free);
}

static gboolean
write_fault (TillBooks *books,
             gpointer   data,
             GError   **error)
{
  Step *step = data;

  return till_store_mark_unknown (books, step->intent_id, step->message, error);
}

static gboolean
is_too_old (const TillIntent *intent)
{
  return intent->kind == TILL_INTENT_KIND_TRIP &&
         till_clock_now_ms () - intent->created_ms > TRIP_LIFE_MS;
}

static void
note_fault (TillCore      *core,
            TillCoreMeter *meter,
            const GError  *error)
{
  Step *step;

  wait_longer (meter->switching);
  if (meter->switching->told)
    return;

  meter->switching->told = TRUE;
  step = step_new (core, meter);
  step->message = g_strdup (error->message);
  till_books_write (core->books, write_fault, on_step_written, step, (GDestroyNotify)step_free);
}

static void start_write (TillCore      *core,
                         TillCoreMeter *meter);

static void
judge (TillCore          *core,
       TillCoreMeter     *meter,
       const TillReading *reading)
{
  const TillIntent *intent = head_of (meter);

  if (reading->fields & TILL_READING_METER_NO &&
      !till_core_is_same_meter_no (reading->meter_no, meter->setup->meter_no))
    end_command (core, meter, TILL_INTENT_STATE_REFUSED, reading,
                 "another meter answers at this address; the command was not given again");
  else if (till_reading_get_force (reading) == force_of (intent->kind))
    end_command (core, meter, TILL_INTENT_STATE_CONFIRMED, reading, NULL);
  else if (is_too_old (intent))
    end_command (core, meter, TILL_INTENT_STATE_REFUSED, reading,
                 "the meter did not take the command within two minutes; it was given up");
  else
    wait_longer (meter->switching);
}

static void
on_answered (TillCore      *core,
             TillCoreMeter *meter,
             TillJob       *job,
             gpointer       data)
{
  meter->busy = FALSE;
  if (meter->switching == NULL || head_of (meter) == NULL || core->stopping)
    return;

  if (job->error == NULL)
    judge (core, meter, &job->reading);
  else
    note_fault (core, meter, job->error);
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
  wait_longer (meter->switching);
}

static void
start_write (TillCore      *core,
             TillCoreMeter *meter)
{
  TillJob *job = till_job_new (meter->setup->unit, TILL_JOB_PRIORITY_COMMAND);
  g_autoptr(GError) error = NULL;
  TillRequest request;

  if (core->stopping || meter->switching == NULL)
    {
      till_job_free (job);
      return;
    }

  if (!till_profile_make_force (meter->profile, force_of (head_of (meter)->kind), &request, &error))
    {
      till_job_free (job);
      end_command (core, meter, TILL_INTENT_STATE_REFUSED, NULL, error->message);
      return;
    }

  job->profile = meter->profile;
  job->meter_id = meter->setup->id;
  job->clean_link = TRUE;
  till_job_add (job, &request);
  till_jobs_add_look (meter, job, FALSE);
  submit (core, meter, job, on_answered);
}

static gboolean
write_sending (TillBooks *books,
               gpointer   data,
               GError   **error)
{
  Step *step = data;

  return till_store_mark_sending (books, step->intent_id, &step->reading, 0, error);
}

/* The meter is looked at first: another one may sit at the address. */
static void
on_looked (TillCore      *core,
           TillCoreMeter *meter,
           TillJob       *job,
           gpointer       data)
{
  Step *step;

  meter->busy = FALSE;
  if (meter->switching == NULL || head_of (meter) == NULL || core->stopping)
    return;

  if (job->error != NULL)
    {
      note_fault (core, meter, job->error);
      return;
    }

  if (job->reading.fields & TILL_READING_METER_NO &&
      !till_core_is_same_meter_no (job->reading.meter_no, meter->setup->meter_no))
    {
      end_command (core, meter, TILL_INTENT_STATE_REFUSED, &job->reading,
                   "another meter answers at this address; nothing was sent");
      return;
    }

  step = step_new (core, meter);
  step->reading = job->reading;
  step->go_on = start_write;
  till_books_write (core->books, write_sending, on_step_written, step, (GDestroyNotify)step_free);
}

static void
start_look (TillCore      *core,
            TillCoreMeter *meter)
{
  submit (core, meter, till_jobs_new_look (meter, TILL_JOB_PRIORITY_COMMAND, FALSE), on_looked);
}

/* After a fault or a restart: what a sent command came to is read, and it is written again. */
static void
start_again (TillCore      *core,
             TillCoreMeter *meter)
{
  if (is_too_old (head_of (meter)))
    {
      TillJob *job = till_jobs_new_look (meter, TILL_JOB_PRIORITY_COMMAND, FALSE);

      job->clean_link = TRUE;
      submit (core, meter, job, on_answered);
    }
  else
    {
      start_write (core, meter);
    }
}

/**
 * till_switcher_step:
 * @core: the core
 * @meter: a meter that nothing is under way for
 *
 * Does what is due for the oldest open relay command of a meter.
 *
 * Returns: whether something was begun
 */
gboolean
till_switcher_step (TillCore      *core,
                    TillCoreMeter *meter)
{
  const TillIntent *intent = head_of (meter);

  if (intent == NULL || meter->busy || meter->line == NULL || meter->profile == NULL ||
      core->stopping)
    return FALSE;

  if (meter->switching == NULL || meter->switching->intent_id != intent->id)
    {
      g_clear_pointer (&meter->switching, till_switching_free);
      meter->switching = g_new0 (TillSwitching, 1);
      meter->switching->intent_id = intent->id;
    }

  if (g_get_monotonic_time () < meter->switching->due_us)
    return FALSE;

  if (intent->state == TILL_INTENT_STATE_SENDING)
    start_again (core, meter);
  else if (meter->commands.length > 1)
    end_command (core, meter, TILL_INTENT_STATE_BURNT, NULL,
                 "a later command for this meter took its place before it was sent");
  else if (is_too_old (intent))
    end_command (core, meter, TILL_INTENT_STATE_REFUSED, NULL,
                 "the meter could not be reached within two minutes; nothing was sent");
  else
    start_look (core, meter);

  return TRUE;
}

/*
 * A new command
 */

typedef struct
{
  TillCore   *core;
  GTask      *task; /* (nullable) */
  TillCommand command;
  char       *reason;
  gint64      intent_id;
} Order;

static void
order_free (Order *self)
{
  g_clear_object (&self->task);
  g_free (self->reason);
  g_free (self);
}

static gboolean
check_person (const TillOperator *person,
              GError            **error)
{
  if (person->role != TILL_ROLE_AUDITOR && person->role != TILL_ROLE_ENERGY)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
               "%s may look, but not command meters", person->display_name);
  return FALSE;
}

static gboolean
write_order (TillBooks *books,
             gpointer   data,
             GError   **error)
{
  Order *self = data;
  const TillIntentTerms terms = {
    .kind = self->command.kind, .meter_id = self->command.meter_id,
    .operator_id = self->command.operator_id, .reason = self->reason,
    .until_ms = self->command.until_ms,
  };
  g_autoptr(TillOperator) person = till_store_get_operator (books, terms.operator_id, error);
  const TillCoreMeter *meter = till_core_get_meter (self->core, terms.meter_id, error);

  return person != NULL && meter != NULL && check_person (person, error) &&
         till_store_add_intent (books, &terms, &self->intent_id, error) &&
         till_audit_add (books, person->name, till_enum_to_nick (TILL_TYPE_INTENT_KIND, terms.kind),
                         meter->setup->meter_no, self->reason, error);
}

static void
on_order_written (TillBooks    *books,
                  gpointer      data,
                  const GError *error)
{
  Order *self = data;
  GError *local_error = NULL;
  TillIntent *intent = NULL;
  TillCoreMeter *meter = till_core_get_meter (self->core, self->command.meter_id, NULL);

  if (error == NULL)
    intent = till_store_get_intent (books, self->intent_id, &local_error);
  else
    local_error = g_error_copy (error);

  if (intent != NULL && meter != NULL)
    {
      g_queue_push_tail (&meter->commands, till_intent_ref (intent));
      meter->dirty = TRUE;
      if (self->core->events->intent != NULL)
        self->core->events->intent (intent, self->core->events_data);
      till_switcher_step (self->core, meter);
    }

  if (self->task == NULL)
    {
      if (local_error != NULL)
        g_warning ("%s", local_error->message);
      g_clear_error (&local_error);
      g_clear_pointer (&intent, till_intent_unref);
    }
  else if (intent != NULL)
    {
      g_task_return_pointer (self->task, intent, (GDestroyNotify)till_intent_unref);
    }
  else
    {
      g_task_return_error (self->task, local_error);
    }
}

static gboolean
check_command (TillCore          *core,
               const TillCommand *command,
               GError           **error)
{
  const TillCoreMeter *meter = till_core_get_meter (core, command->meter_id, error);

  if (meter == NULL)
    return FALSE;

  if (meter->profile == NULL ||
      !(till_profile_get_features (meter->profile) & TILL_PROFILE_FEATURE_RELAY))
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                 "meter %s (%s) has no relay", meter->setup->meter_no, meter->setup->profile);
  else if (command->kind == TILL_INTENT_KIND_TRIP && meter->setup->never_trip)
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED,
                 "meter %s must never be tripped; take the mark off it first",
                 meter->setup->meter_no);
  else if (command->kind != TILL_INTENT_KIND_AUTO &&
           (command->reason == NULL || *command->reason == '\0' ||
            g_utf8_strlen (command->reason, -1) > REASON_MAX))
    g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                 "say why, in at most %d characters", REASON_MAX);
  else if (command->kind == TILL_INTENT_KIND_KEEP && command->until_ms <= till_clock_now_ms ())
    g_set_error_literal (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                         "keep power needs an end that is still to come");
  else
    return TRUE;

  return FALSE;
}

/**
 * till_switcher_command:
 * @core: the core
 * @command: what is wanted; copied
 * @task: (nullable): returns the #TillIntent when it is durable
 *
 * Takes a command for a relay.
 */
void
till_switcher_command (TillCore          *core,
                       const TillCommand *command,
                       GTask             *task)
{
  GError *error = NULL;
  Order *self;

  if (!check_command (core, command, &error))
    {
      if (task != NULL)
        g_task_return_error (task, error);
      else
        g_clear_error (&error);
      return;
    }

  self = g_new0 (Order, 1);
  self->core = core;
  self->task = task != NULL ? g_object_ref (task) : NULL;
  self->command = *command;
  self->reason = g_strdup (command->reason != NULL ? command->reason : "");
  till_books_write (core->books, write_order, on_order_written, self, (GDestroyNotify)order_free);
}

/* The end of keep power may cut a tenant off: not in quiet hours, but when they are over. */
static gboolean
is_quiet_hour (TillCore *core,
               gint64    now_ms)
{
  const char *hours = till_config_get (core->config, "quiet-hours");
  g_autofree char *now = till_clock_format_time (now_ms);
  g_autofree char *from = g_strndup (hours, 5);

  if (strlen (hours) != strlen ("22:00-08:00"))
    return FALSE;

  now[5] = '\0';
  return strcmp (from, hours + 6) <= 0
    ? strcmp (now, from) >= 0 && strcmp (now, hours + 6) < 0
    : strcmp (now, from) >= 0 || strcmp (now, hours + 6) < 0;
}

static void
end_keep (TillCore      *core,
          TillCoreMeter *meter)
{
  const TillCommand command = {
    meter->setup->id, TILL_INTENT_KIND_AUTO, "keep power ended", 0, core->system_operator_id,
  };

  meter->keep_until_ms = 0;
  till_switcher_command (core, &command, NULL);
}

/* Never-trip is keep power renewed without end. */
static gboolean
needs_keeping (const TillCoreMeter *meter)
{
  return meter->setup->never_trip && meter->commands.length == 0 && meter->profile != NULL &&
         meter->good_us != 0 && meter->reading.fields & TILL_READING_STATUS &&
         till_profile_get_features (meter->profile) & TILL_PROFILE_FEATURE_RELAY &&
         till_reading_get_force (&meter->reading) != TILL_FORCE_KEEP;
}

/**
 * till_switcher_tick:
 * @core: the core
 *
 * Once a second: ends keep power whose time is over, and begins what is due again.
 */
void
till_switcher_tick (TillCore *core)
{
  const gint64 now_ms = till_clock_now_ms ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;

      if (meter->keep_until_ms != 0 && now_ms >= meter->keep_until_ms &&
          !meter->setup->never_trip && !is_quiet_hour (core, now_ms))
        end_keep (core, meter);

      if (needs_keeping (meter))
        {
          const TillCommand command = {
            meter->setup->id, TILL_INTENT_KIND_KEEP, "never to be tripped", G_MAXINT64,
            core->system_operator_id,
          };

          till_switcher_command (core, &command, NULL);
        }
    }
}
