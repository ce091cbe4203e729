/*
 * till-poller.c: the lines, and what comes in from them
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-bookings-private.h"
#include "till-clock.h"
#include "till-delivery-private.h"
#include "till-historian-private.h"
#include "till-jobs-private.h"
#include "till-poller-private.h"
#include "till-switcher-private.h"

#define TICK_MS 250
#define TICKS_A_SECOND (1000 / TICK_MS)
#define LATEST_EVERY_US (60 * G_USEC_PER_SEC)
#define SLOW_EVERY_US (24 * 3600 * G_GINT64_CONSTANT (1000000))
#define SLOW_RETRY_US (300 * G_USEC_PER_SEC)
#define SILENT_AFTER_MISSES 2

static void
set_health (TillCoreMeter *meter,
            TillHealth     health)
{
  if (meter->health == health)
    return;

  meter->health = health;
  meter->dirty = TRUE;
}

static gboolean
is_stranger (const TillCoreMeter *meter,
             const TillReading   *reading)
{
  return reading->fields & TILL_READING_METER_NO && reading->meter_no[0] != '\0' &&
         !till_core_is_same_meter_no (reading->meter_no, meter->setup->meter_no);
}

/**
 * till_poller_take_reading:
 * @core: the core
 * @meter: a meter
 * @reading: a good look at it
 *
 * Takes over what a meter said: the live state, the history, and what has to be booked for it.
 */
void
till_poller_take_reading (TillCore          *core,
                          TillCoreMeter     *meter,
                          const TillReading *reading)
{
  if (is_stranger (meter, reading))
    {
      g_message ("meter %s answers where meter %s should be", reading->meter_no,
                 meter->setup->meter_no);
      set_health (meter, TILL_HEALTH_STRANGER);
      meter->good_us = 0;
      return;
    }

  /* A stranger stays one until the number was read again and is right. */
  if (meter->health == TILL_HEALTH_STRANGER && !(reading->fields & TILL_READING_METER_NO))
    {
      meter->slow_us = 0;
      return;
    }

  till_reading_merge (&meter->reading, reading);
  meter->good_us = reading->monotonic_us;
  meter->misses = 0;
  meter->dirty = TRUE;
  set_health (meter, TILL_HEALTH_FRESH);
  till_historian_take (core->historian, &meter->reading);
  till_bookings_take (core, meter);
  if (!till_switcher_step (core, meter))
    till_delivery_step (core, meter);
}

static void
on_reading_cb (TillLine          *line,
               gint64             meter_id,
               const TillReading *reading,
               const GError      *error,
               gpointer           user_data)
{
  TillCore *core = user_data;
  TillCoreMeter *meter = till_core_get_meter (core, meter_id, NULL);

  if (meter == NULL)
    return;

  if (error == NULL)
    {
      till_poller_take_reading (core, meter, reading);
      return;
    }

  g_debug ("meter %s: %s", meter->setup->meter_no, error->message);
  if (g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH))
    set_health (meter, TILL_HEALTH_STRANGER);
  else if (++meter->misses >= SILENT_AFTER_MISSES && meter->health != TILL_HEALTH_STRANGER)
    set_health (meter, TILL_HEALTH_SILENT);
}

static void
on_job_cb (TillLine *line,
           TillJob  *job,
           gpointer  user_data)
{
  TillCore *core = user_data;
  TillCoreMeter *meter = till_core_get_meter (core, job->meter_id, NULL);

  if (meter != NULL && job->error == NULL && job->profile != NULL)
    {
      job->reading.meter_id = job->meter_id;
      /* What asked goes first: the reading may begin the next step of it. */
      const TillReading reading = job->reading;

      till_jobs_finish (core, job);
      till_poller_take_reading (core, meter, &reading);
      return;
    }

  till_jobs_finish (core, job);
}

static void
on_state_cb (TillLine     *line,
             TillLineState state,
             const char   *message,
             gpointer      user_data)
{
  TillCore *core = user_data;
  gint64 id = till_line_get_id (line);
  TillCondition *condition;

  if (state == TILL_LINE_STATE_CONNECTING)
    return;

  if (state == TILL_LINE_STATE_UP)
    {
      g_hash_table_remove (core->line_states, &id);
    }
  else if (!g_hash_table_contains (core->line_states, &id))
    {
      g_message ("line %" G_GINT64_FORMAT ": %s", id, message);
      condition = till_condition_new ();
      condition->kind = TILL_CONDITION_LINE_DOWN;
      condition->subject_id = id;
      condition->count = 1;
      condition->since_ms = till_clock_now_ms ();
      condition->message = g_strdup (message);
      for (guint i = 0; i < core->site->lines->len; i++)
        {
          const TillLineInfo *info = g_ptr_array_index (core->site->lines, i);

          if (info->id == id)
            condition->subject = g_strdup (info->address);
        }
      g_hash_table_replace (core->line_states, &condition->subject_id, condition);
    }

  till_core_emit_conditions (core);
}

static TillLine *
make_line (TillCore            *core,
           const TillLineSetup *setup)
{
  static const TillLineCallbacks callbacks = { on_reading_cb, on_job_cb, on_state_cb };
  const TillLineConfig config = {
    .id = setup->id,
    .kind = setup->kind,
    .address = setup->address,
    .baud = setup->baud,
    .parity = setup->parity,
    .stop_bits = setup->stop_bits,
    .timeout_ms = (guint)till_config_get_int (core->config, "meter.timeout-ms"),
    .interval_ms = (guint)till_config_get_int (core->config, "poll.interval-s") * 1000,
    .registration = setup->registration,
  };
  g_autoptr(GArray) list = g_array_new (FALSE, TRUE, sizeof (TillLineMeter));
  TillLine *line = till_line_new (&config, core->context, &callbacks, core);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;
      const TillLineMeter line_meter = {
        meter->setup->id, meter->setup->unit, meter->profile, meter->setup->ct, meter->setup->pt,
      };

      if (meter->setup->line_id != setup->id || meter->profile == NULL)
        continue;

      meter->line = line;
      g_array_append_val (list, line_meter);
    }

  till_line_set_meters (line, (const TillLineMeter *)list->data, list->len);
  return line;
}

/*
 * Identity, prices and limits are read after the start and once a day, one meter at a time a line.
 */

static void
on_slow_done (TillCore      *core,
              TillCoreMeter *meter,
              TillJob       *job,
              gpointer       data)
{
  meter->slow_busy = FALSE;
  if (job->error != NULL)
    meter->slow_us = g_get_monotonic_time () - SLOW_EVERY_US + SLOW_RETRY_US;
}

static gboolean
is_slow_due (const TillCoreMeter *meter,
             const TillLine      *line,
             gint64               now_us)
{
  return meter->line == line && meter->good_us != 0 && !meter->slow_busy &&
         (meter->slow_us == 0 || now_us - meter->slow_us > SLOW_EVERY_US);
}

static void
read_slowly (TillCore *core,
             TillLine *line)
{
  const gint64 now_us = g_get_monotonic_time ();
  TillCoreMeter *due = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;

      if (meter->line == line && meter->slow_busy)
        return;
      if (due == NULL && is_slow_due (meter, line, now_us))
        due = meter;
    }

  if (due == NULL)
    return;

  due->slow_us = now_us;
  due->slow_busy = till_jobs_submit (core, due,
                                     till_jobs_new_look (due, TILL_JOB_PRIORITY_PERSON, TRUE),
                                     on_slow_done, NULL, NULL, NULL);
}

static gboolean
write_latest (TillBooks *books,
              gpointer   data,
              GError   **error)
{
  GArray *readings = data;

  for (guint i = 0; i < readings->len; i++)
    if (!till_store_put_latest (books, &g_array_index (readings, TillReading, i), error))
      return FALSE;

  return TRUE;
}

static void
save_latest (TillCore *core)
{
  GArray *readings = g_array_new (FALSE, FALSE, sizeof (TillReading));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;

      if (meter->good_us > core->latest_saved_us)
        g_array_append_val (readings, meter->reading);
    }

  core->latest_saved_us = g_get_monotonic_time ();
  till_books_write (core->books, write_latest, NULL, readings, (GDestroyNotify)g_array_unref);
}

static void
publish (TillCore *core)
{
  g_autoptr(GPtrArray) states = NULL;
  GHashTableIter iter;
  gpointer value;

  states = g_ptr_array_new_with_free_func ((GDestroyNotify)till_meter_state_unref);
  g_hash_table_iter_init (&iter, core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;

      if (meter->health == TILL_HEALTH_FRESH && !till_core_is_fresh (meter))
        set_health (meter, TILL_HEALTH_LATE);

      if (!meter->dirty)
        continue;

      meter->dirty = FALSE;
      g_ptr_array_add (states, till_core_make_state (core, meter));
    }

  if (states->len > 0 && core->events->states != NULL)
    core->events->states (states, core->events_data);
}

static void
step_all (TillCore *core)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;

      if ((meter->commands.length > 0 || meter->purchases.length > 0) &&
          !till_switcher_step (core, meter))
        till_delivery_step (core, meter);
    }
}

static gboolean
on_tick_cb (gpointer user_data)
{
  TillCore *core = user_data;

  step_all (core);

  if (++core->n_ticks % TICKS_A_SECOND != 0)
    return G_SOURCE_CONTINUE;

  till_switcher_tick (core);
  for (guint i = 0; i < core->lines->len; i++)
    read_slowly (core, g_ptr_array_index (core->lines, i));
  publish (core);
  till_core_emit_conditions (core);
  if (g_get_monotonic_time () - core->latest_saved_us > LATEST_EVERY_US)
    save_latest (core);

  return G_SOURCE_CONTINUE;
}

/**
 * till_poller_start:
 * @core: the core, loaded
 * @error: return location for a #GError
 *
 * Starts a thread for each line of the site, and the clockwork of the engine.
 *
 * Returns: %TRUE when they run, %FALSE with @error set otherwise
 */
gboolean
till_poller_start (TillCore *core,
                   GError  **error)
{
  g_autoptr(GPtrArray) setups = till_store_load_lines (core->books, error);

  if (setups == NULL)
    return FALSE;

  if (core->historian == NULL)
    core->historian = till_historian_start (core->data_dir);

  for (guint i = 0; i < setups->len; i++)
    {
      TillLine *line = make_line (core, g_ptr_array_index (setups, i));

      g_ptr_array_add (core->lines, line);
      till_line_start (line);
    }

  core->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (core->tick, on_tick_cb, core, NULL);
  g_source_attach (core->tick, core->context);

  return TRUE;
}

/**
 * till_poller_stop:
 * @core: the core
 * @drain_ms: how long commands under way may still take
 *
 * Stops the lines; what they did is taken over, nothing new is begun.
 */
void
till_poller_stop (TillCore *core,
                  guint     drain_ms)
{
  GHashTableIter iter;
  gpointer value;

  if (core->tick != NULL)
    {
      g_source_destroy (core->tick);
      g_clear_pointer (&core->tick, g_source_unref);
    }

  for (guint i = 0; i < core->lines->len; i++)
    {
      TillLine *line = g_ptr_array_index (core->lines, i);

      till_line_stop (line, drain_ms);
      till_line_free (line);
    }
  g_ptr_array_set_size (core->lines, 0);

  g_hash_table_iter_init (&iter, core->meters);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TillCoreMeter *meter = value;

      meter->line = NULL;
      meter->busy = FALSE;
      meter->slow_busy = FALSE;
    }

  if (core->latest_saved_us != 0)
    save_latest (core);
  till_books_flush (core->books);
  g_clear_pointer (&core->historian, till_historian_stop);
}

static void
on_read_done (TillCore      *core,
              TillCoreMeter *meter,
              TillJob       *job,
              gpointer       data)
{
  GTask *task = data;

  if (job->error != NULL)
    {
      g_task_return_error (task, g_error_copy (job->error));
      return;
    }

  till_reading_merge (&meter->reading, &job->reading);
  meter->good_us = job->reading.monotonic_us;
  g_task_return_pointer (task, till_core_make_state (core, meter),
                         (GDestroyNotify)till_meter_state_unref);
}

/**
 * till_poller_read:
 * @core: the core
 * @meter_id: a meter
 * @task: returns a #TillMeterState
 *
 * Looks at a meter now, before the cycle goes on.
 */
void
till_poller_read (TillCore *core,
                  gint64    meter_id,
                  GTask    *task)
{
  GError *error = NULL;
  TillCoreMeter *meter = till_core_get_meter (core, meter_id, &error);

  if (meter != NULL && meter->profile == NULL)
    g_set_error (&error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                 "meter %s has a profile that is not known here", meter->setup->meter_no);

  if (error != NULL ||
      !till_jobs_submit (core, meter, till_jobs_new_look (meter, TILL_JOB_PRIORITY_PERSON, TRUE),
                         on_read_done, g_object_ref (task), g_object_unref, &error))
    g_task_return_error (task, error);
}
