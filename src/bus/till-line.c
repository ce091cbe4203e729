/*
 * till-line.c: one serial line of meters: its thread, its queue, its cycle
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "till-clock.h"
#include "till-cycle.h"
#include "till-exchange.h"
#include "till-frame.h"
#include "till-line.h"

#define DEFAULT_BAUD 9600
#define DEFAULT_TIMEOUT_MS 1000
#define DEFAULT_LATE_MS 2000
#define N_PRIORITIES (TILL_JOB_PRIORITY_PROBE + 1)
/* Jobs in the queue, in work and not yet fetched, together. */
#define JOBS_MAX 256
/* Readings are handed over in heaps, so that a site of many lines does not wake the engine for each. */
#define HEAP_US 20000
#define BACKOFF_FIRST_US 250000
#define BACKOFF_LAST_US (30 * G_USEC_PER_SEC)
/* A device server with one connection needs a moment to see that the old one is gone. */
#define RECONNECT_PAUSE_US 250000
/* Silence of all meters means a half-open connection: reconnect, ever more seldom. */
#define MUTE_MIN 2
#define MUTE_MAX 8
#define MUTE_FIRST_US (10 * G_USEC_PER_SEC)
#define MUTE_LAST_US (300 * G_USEC_PER_SEC)

typedef struct
{
  TillJob *job;
  gboolean repeated;
} Entry;

typedef enum
{
  EVENT_READING,
  EVENT_JOB,
  EVENT_STATE,
} EventKind;

/* Something to tell the other side. */
typedef struct
{
  EventKind     kind;
  gint64        meter_id;
  TillReading   reading;
  GError       *error;
  TillJob      *job;
  TillLineState state;
  char         *message;
} Event;

/**
 * TillLine:
 *
 * The thread of a line owns the link, the exchange and the cycle. What it shares with the thread
 * that made it stands below @mutex and is touched only while that is held.
 */
struct _TillLine
{
  TillLineConfig    config; /* strings owned; never changes */
  TillLineCallbacks callbacks;
  gpointer          user_data;
  GMainContext     *context;
  GSource          *source;
  GThread          *thread; /* %NULL before the start and after the stop */
  gboolean          stopped;

  /* of the line's thread */
  TillLink         *link;
  TillExchange      exchange;
  TillCycle        *cycle;
  gint64            started_us;
  gint64            retry_us;    /* when to connect again */
  guint             n_failures;  /* of the connection since the last good reply */
  gint64            mute_next_us;
  gint64            mute_interval_us;
  guint64           n_connects;
  gboolean          was_up;

  GMutex            mutex;
  GCond             finished_cond;
  GQueue            jobs[N_PRIORITIES]; /* of Entry */
  guint             n_jobs;             /* in queue, work and outbox */
  GArray           *new_meters;         /* (nullable) of TillLineMeter, not taken over yet */
  gboolean          stopping;
  gboolean          finished;
  GQueue            outbox;   /* of Event */
  GHashTable       *unfetched; /* meter id → its reading in the outbox; 0 → the state */
  TillLineStats     stats;
};

typedef struct
{
  GSource   source;
  TillLine *line;
} LineSource;

static void
event_free (Event *event)
{
  g_clear_error (&event->error);
  g_clear_pointer (&event->job, till_job_free);
  g_free (event->message);
  g_free (event);
}

/* Puts an event into the outbox. The newest reading of a meter and the newest state take the place
 * of one that was not fetched; jobs are never dropped. Called with the mutex held. */
static void
post_locked (TillLine *self,
             Event    *event)
{
  const gboolean idle = g_queue_is_empty (&self->outbox);
  gint64 *key = NULL;
  Event *old = NULL;

  if (event->kind == EVENT_JOB)
    {
      g_queue_push_tail (&self->outbox, event);
      g_source_set_ready_time (self->source, 0);
      return;
    }

  key = g_memdup2 (&event->meter_id, sizeof event->meter_id);
  old = g_hash_table_lookup (self->unfetched, key);

  if (old != NULL)
    {
      g_clear_error (&old->error);
      g_free (old->message);
      *old = *event;
      g_free (event);
      g_free (key);
      return;
    }

  g_hash_table_insert (self->unfetched, key, event);
  g_queue_push_tail (&self->outbox, event);

  if (event->kind == EVENT_STATE)
    g_source_set_ready_time (self->source, 0);
  else if (idle)
    g_source_set_ready_time (self->source, g_get_monotonic_time () + HEAP_US);
}

static void
post (TillLine *self,
      Event    *event)
{
  g_mutex_lock (&self->mutex);
  post_locked (self, event);
  g_mutex_unlock (&self->mutex);
}

static void
post_reading (TillLine          *self,
              const TillReading *reading,
              gint64             meter_id,
              const GError      *error)
{
  Event *event = g_new0 (Event, 1);

  event->kind = EVENT_READING;
  event->meter_id = meter_id;

  if (error == NULL)
    event->reading = *reading;
  else
    event->error = g_error_copy (error);

  post (self, event);
}

static void
post_state (TillLine     *self,
            TillLineState state,
            const char   *message)
{
  Event *event = g_new0 (Event, 1);

  event->kind = EVENT_STATE;
  event->state = state;
  event->message = g_strdup (message);
  post (self, event);
}

static void
post_job (TillLine *self,
          TillJob  *job)
{
  Event *event = g_new0 (Event, 1);

  job->ended_us = g_get_monotonic_time ();
  event->kind = EVENT_JOB;
  event->job = job;
  post (self, event);
}

/* Makes the counters of this thread visible to the other. */
static void
publish_stats (TillLine *self)
{
  const TillExchangeCounts *counts = &self->exchange.counts;
  const guint n_dead = till_cycle_get_n_dead (self->cycle);
  guint queue_length = 0;

  g_mutex_lock (&self->mutex);

  for (guint i = 0; i < N_PRIORITIES; i++)
    queue_length += self->jobs[i].length;

  self->stats = (TillLineStats){
    .exchanges = counts->exchanges,
    .timeouts = counts->timeouts,
    .garbled = counts->garbled,
    .mismatches = counts->mismatches,
    .exceptions = counts->exceptions,
    .reconnects = self->n_connects > 0 ? self->n_connects - 1 : 0,
    .stray_bytes = counts->stray_bytes,
    .rounds = till_cycle_get_rounds (self->cycle),
    .round_us = till_cycle_get_round_us (self->cycle),
    .wire_us = counts->wire_us,
    .elapsed_us = g_get_monotonic_time () - self->started_us,
    .queue_length = queue_length,
    .n_live = (guint)till_cycle_get_n_meters (self->cycle) - n_dead,
    .n_dead = n_dead,
  };

  g_mutex_unlock (&self->mutex);
}

static gint64
ready_us_of (guint8   unit,
             gpointer user_data)
{
  TillLine *self = user_data;

  return till_exchange_ready_us (&self->exchange, unit);
}

/* Takes the first job, by priority, whose meter may be asked now. @wait_until_us is lessened to the
 * time when one of the others can be. */
static Entry *
take_job (TillLine *self,
          guint     n_priorities,
          gint64   *wait_until_us)
{
  const gint64 now = g_get_monotonic_time ();
  Entry *found = NULL;

  g_mutex_lock (&self->mutex);

  if (self->stopping)
    n_priorities = TILL_JOB_PRIORITY_COMMAND + 1;

  for (guint i = 0; i < n_priorities && found == NULL; i++)
    for (GList *l = self->jobs[i].head; l != NULL; l = l->next)
      {
        Entry *entry = l->data;
        const gint64 ready_us = till_exchange_ready_us (&self->exchange, entry->job->unit);

        if (ready_us <= now)
          {
            found = entry;
            g_queue_delete_link (&self->jobs[i], l);
            break;
          }

        *wait_until_us = MIN (*wait_until_us, ready_us);
      }

  g_mutex_unlock (&self->mutex);
  return found;
}

/* Hands back every job with the same fault; nothing of them was sent. */
static void
fail_jobs (TillLine     *self,
           const GError *error)
{
  GQueue failed = G_QUEUE_INIT;
  Entry *entry;

  g_mutex_lock (&self->mutex);

  for (guint i = 0; i < N_PRIORITIES; i++)
    while ((entry = g_queue_pop_head (&self->jobs[i])) != NULL)
      g_queue_push_tail (&failed, entry);

  g_mutex_unlock (&self->mutex);

  while ((entry = g_queue_pop_head (&failed)) != NULL)
    {
      g_clear_error (&entry->job->error);
      entry->job->error = g_error_copy (error);
      post_job (self, entry->job);
      g_free (entry);
    }
}

static gint64
backoff_us (guint n_failures)
{
  return n_failures == 0 ? 0 : MIN (BACKOFF_FIRST_US << MIN (n_failures - 1, 10), BACKOFF_LAST_US);
}

/* The line is down: everybody who waits for it is told, and the next try is put off. */
static void
go_down (TillLine     *self,
         const GError *error)
{
  self->n_failures++;
  self->retry_us = g_get_monotonic_time () + backoff_us (self->n_failures);
  self->was_up = FALSE;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  post_state (self, TILL_LINE_STATE_DOWN, error->message);

  for (gsize i = 0; i < till_cycle_get_n_meters (self->cycle); i++)
    post_reading (self, NULL, till_cycle_get_meter (self->cycle, i)->meter_id, error);

  fail_jobs (self, error);
}

static gboolean
open_link (TillLine *self,
           GError  **error)
{
  if (!till_link_open (self->link, error))
    return FALSE;

  self->n_connects++;
  return TRUE;
}

/* Connects when it is time to; while it is not, jobs are refused at once. */
static void
connect_line (TillLine *self)
{
  g_autoptr(GError) error = NULL;

  if (g_get_monotonic_time () < self->retry_us)
    {
      const guint seen = till_link_wait (self->link, TILL_LINK_EVENT_WAKE, self->retry_us);

      if (seen & TILL_LINK_EVENT_WAKE)
        {
          g_set_error (&error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED,
                       "line “%s” is down; it is tried again within %d seconds",
                       self->config.address, (int)(BACKOFF_LAST_US / G_USEC_PER_SEC));
          fail_jobs (self, error);
        }

      return;
    }

  if (!open_link (self, &error))
    {
      go_down (self, error);
      return;
    }

  till_cycle_revive (self->cycle, g_get_monotonic_time ());

  if (!self->was_up)
    post_state (self, TILL_LINE_STATE_UP, "connected");

  self->was_up = TRUE;
}

/* The connection broke. The first time it is tried again at once; a server that takes connections
 * and drops them is not hammered. */
static void
lose_link (TillLine *self)
{
  till_link_close (self->link, TRUE);
  self->retry_us = g_get_monotonic_time () + backoff_us (self->n_failures);

  if (self->n_failures == 0)
    {
      self->n_failures = 1;
      return;
    }

  self->n_failures++;

  if (self->was_up)
    post_state (self, TILL_LINE_STATE_CONNECTING, "the connection broke");

  self->was_up = FALSE;
}

/* Closes with linger 0 and connects anew. A server that has one connection may still refuse. */
static gboolean
renew_link (TillLine *self,
            GError  **error)
{
  g_autoptr(GError) local = NULL;

  till_link_close (self->link, TRUE);

  if (open_link (self, &local))
    return TRUE;

  if (g_error_matches (local, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED))
    {
      const gint64 until_us = g_get_monotonic_time () + RECONNECT_PAUSE_US;

      g_clear_error (&local);
      till_link_wait (self->link, 0, until_us);

      if (open_link (self, &local))
        return TRUE;
    }

  go_down (self, local);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* When nobody has answered for a while although the connection looks well, it is half-open. */
static void
look_for_mute (TillLine *self)
{
  const gint64 now = g_get_monotonic_time ();
  const guint limit = CLAMP ((guint)(2 * till_cycle_get_n_meters (self->cycle)), MUTE_MIN, MUTE_MAX);

  if (!till_link_is_open (self->link) || self->exchange.n_mute == 0)
    return;

  if (!till_link_has_caller (self->link) &&
      (self->exchange.n_mute < limit || now < self->mute_next_us))
    return;

  self->mute_next_us = now + self->mute_interval_us;
  self->mute_interval_us = MIN (2 * self->mute_interval_us, MUTE_LAST_US);

  if (renew_link (self, NULL))
    till_cycle_revive (self->cycle, now);
}

/* Runs one exchange and keeps the line's books about it. */
static gboolean
run_exchange (TillLine           *self,
              guint8              unit,
              TillPaceWait        wait,
              TillRequest        *request,
              TillExchangeReport *report,
              GError            **error)
{
  g_autoptr(GError) local = NULL;

  if (!till_exchange_run (&self->exchange, unit, wait, request, report, &local) &&
      g_error_matches (local, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED))
    lose_link (self);

  publish_stats (self);

  if (local == NULL)
    {
      self->n_failures = 0;
      self->mute_interval_us = MUTE_FIRST_US;
      self->mute_next_us = 0;
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
decode (TillLine          *self,
        const TillProfile *profile,
        gint64             meter_id,
        const TillRequest *requests,
        guint              n_requests,
        TillReading       *reading,
        GError           **error)
{
  const TillLineMeter *meter = till_cycle_find (self->cycle, meter_id);

  if (meter != NULL && reading->ct == 0)
    reading->ct = meter->ct;

  if (meter != NULL && reading->pt == 0)
    reading->pt = meter->pt;

  reading->meter_id = meter_id;
  reading->at_ms = till_clock_now_ms ();
  reading->monotonic_us = g_get_monotonic_time ();
  return till_profile_decode (profile, requests, n_requests, reading, error);
}

/* The exchanges of a job, one after the other. */
static void
run_requests (TillLine *self,
              TillJob  *job)
{
  const TillPaceWait wait = TILL_PACE_WAIT_FULL;

  while (job->error == NULL && job->n_done < job->n_requests)
    {
      TillRequest *request = &job->requests[job->n_done];
      TillExchangeReport report;

      if (run_exchange (self, job->unit, wait, request, &report, &job->error))
        job->n_done++;

      job->connection = report.connection;

      if (job->began_us == 0)
        job->began_us = report.began_us;

      if (report.sent && request->kind != TILL_REQUEST_KIND_READ)
        job->sent = TRUE;
    }
}

static gboolean
may_repeat (Entry *entry)
{
  const TillJob *job = entry->job;

  if (entry->repeated || !job->retry_free || job->sent || job->error == NULL ||
      job->error->domain != TILL_BUS_ERROR || job->error->code == TILL_BUS_ERROR_EXCEPTION)
    return FALSE;

  for (guint i = 0; i < job->n_requests; i++)
    if (job->requests[i].kind != TILL_REQUEST_KIND_READ)
      return FALSE;

  return TRUE;
}

static void
run_job (TillLine *self,
         Entry    *entry)
{
  TillJob *job = entry->job;

  if (!job->clean_link || !till_exchange_is_suspect (&self->exchange, job->unit) ||
      renew_link (self, &job->error))
    run_requests (self, job);

  /* The peer had closed the connection while it was idle: nothing went out, so this is as good as
   * a connection that is made before the first byte. */
  if (g_error_matches (job->error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED) &&
      job->began_us == 0 && job->n_done == 0 && self->n_failures == 1 &&
      !till_link_is_open (self->link))
    {
      g_clear_error (&job->error);

      if (renew_link (self, &job->error))
        run_requests (self, job);
    }

  if (may_repeat (entry))
    {
      g_clear_error (&job->error);
      entry->repeated = TRUE;
      job->n_done = 0;

      g_mutex_lock (&self->mutex);
      g_queue_push_head (&self->jobs[job->priority], entry);
      g_mutex_unlock (&self->mutex);
      return;
    }

  if (job->error == NULL && job->profile != NULL)
    decode (self, job->profile, job->meter_id, job->requests, job->n_requests, &job->reading,
            &job->error);

  post_job (self, job);
  g_free (entry);
}

/* Runs what goes before the cycle. Returns whether the connection is still the one it was. */
static gboolean
run_urgent (TillLine *self)
{
  const guint64 connection = till_link_get_connection (self->link);
  gint64 never = G_MAXINT64;
  Entry *entry;

  while (till_link_is_open (self->link) &&
         (entry = take_job (self, TILL_JOB_PRIORITY_PERSON + 1, &never)) != NULL)
    run_job (self, entry);

  return till_link_is_open (self->link) && till_link_get_connection (self->link) == connection;
}

static gboolean
is_answer (const GError *error)
{
  return error == NULL || g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_EXCEPTION);
}

static gboolean
is_miss (const GError *error)
{
  return g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_TIMEOUT) ||
         g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_GARBLED) ||
         g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH);
}

/* Reads one meter of the cycle. Between two of its blocks a command may go. */
static void
poll_meter (TillLine            *self,
            const TillCycleTurn *turn)
{
  const TillLineMeter meter = *turn->meter;
  TillRequest requests[TILL_JOB_REQUESTS_MAX];
  const guint n = till_profile_plan_state (meter.profile, requests);
  const TillPaceWait wait = turn->full_probe ? TILL_PACE_WAIT_FULL
                            : turn->probe ? TILL_PACE_WAIT_PROBE : TILL_PACE_WAIT_LEARNED;
  g_autoptr(GError) error = NULL;
  TillReading reading = { 0 };
  TillExchangeReport report;

  for (guint i = 0; i < n && error == NULL; i++)
    {
      if (i > 0 && !run_urgent (self))
        return;

      run_exchange (self, meter.unit, wait, &requests[i], &report, &error);
    }

  if (is_answer (error))
    till_cycle_report (self->cycle, turn->index, TRUE, g_get_monotonic_time ());
  else if (is_miss (error))
    till_cycle_report (self->cycle, turn->index, FALSE, g_get_monotonic_time ());
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (error == NULL)
    decode (self, meter.profile, meter.meter_id, requests, n, &reading, &error);

  post_reading (self, &reading, meter.meter_id, error);
  look_for_mute (self);
}

/* Takes over what the other thread has set. Returns whether to go on. */
static gboolean
take_orders (TillLine *self)
{
  g_autoptr(GArray) meters = NULL;
  gboolean go_on;

  g_mutex_lock (&self->mutex);
  meters = g_steal_pointer (&self->new_meters);
  go_on = !self->stopping || !g_queue_is_empty (&self->jobs[TILL_JOB_PRIORITY_COMMAND]);
  g_mutex_unlock (&self->mutex);

  if (meters != NULL)
    {
      till_cycle_set_meters (self->cycle, &g_array_index (meters, TillLineMeter, 0), meters->len);
      publish_stats (self);
    }

  return go_on && !till_link_is_cancelled (self->link);
}

static gboolean
is_stopping (TillLine *self)
{
  g_mutex_lock (&self->mutex);

  const gboolean stopping = self->stopping;

  g_mutex_unlock (&self->mutex);
  return stopping;
}

/* One step: a job, or a meter of the cycle, or a wait. */
static void
step (TillLine *self)
{
  TillCycleTurn turn = { .wait_until_us = G_MAXINT64 };
  gint64 wait_until_us = G_MAXINT64;
  Entry *entry = take_job (self, N_PRIORITIES, &wait_until_us);

  if (entry != NULL)
    {
      run_job (self, entry);
      return;
    }

  if (!is_stopping (self))
    till_cycle_next (self->cycle, g_get_monotonic_time (), ready_us_of, self, &turn);

  if (turn.meter != NULL)
    poll_meter (self, &turn);
  else
    till_link_wait (self->link, TILL_LINK_EVENT_WAKE, MIN (wait_until_us, turn.wait_until_us));
}

static gpointer
line_thread (gpointer data)
{
  TillLine *self = data;
  sigset_t signals;

  /* libmodbus writes to sockets with write(): a peer that closed must not end the program. */
  sigemptyset (&signals);
  sigaddset (&signals, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);

  post_state (self, TILL_LINE_STATE_CONNECTING, "connecting");

  while (take_orders (self))
    if (till_link_is_open (self->link))
      step (self);
    else
      connect_line (self);

  till_link_close (self->link, FALSE);
  publish_stats (self);

  g_mutex_lock (&self->mutex);
  self->finished = TRUE;
  g_cond_signal (&self->finished_cond);
  g_mutex_unlock (&self->mutex);
  return NULL;
}

static Event *
fetch (TillLine *self)
{
  Event *event;

  g_mutex_lock (&self->mutex);
  event = g_queue_pop_head (&self->outbox);

  if (event != NULL && event->kind == EVENT_JOB)
    self->n_jobs--;
  else if (event != NULL)
    g_hash_table_remove (self->unfetched, &event->meter_id);

  g_mutex_unlock (&self->mutex);
  return event;
}

static void
tell (TillLine *self,
      Event    *event)
{
  if (event->kind == EVENT_JOB && self->callbacks.job != NULL)
    self->callbacks.job (self, g_steal_pointer (&event->job), self->user_data);
  else if (event->kind == EVENT_READING && self->callbacks.reading != NULL)
    self->callbacks.reading (self, event->meter_id, event->error == NULL ? &event->reading : NULL,
                             event->error, self->user_data);
  else if (event->kind == EVENT_STATE && self->callbacks.state != NULL)
    self->callbacks.state (self, event->state, event->message, self->user_data);

  event_free (event);
}

static gboolean
on_source_dispatch (GSource    *source,
                    GSourceFunc callback,
                    gpointer    user_data)
{
  TillLine *self = ((LineSource *)source)->line;
  Event *event;

  g_source_set_ready_time (source, -1);

  /* A callback may stop the line, which ends the source. */
  while (!g_source_is_destroyed (source) && (event = fetch (self)) != NULL)
    tell (self, event);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = on_source_dispatch };

/**
 * till_line_new:
 * @config: how the line is reached; copied
 * @context: where the callbacks are called
 * @callbacks: what to call; copied
 * @user_data: for the callbacks
 *
 * Makes a line, which does nothing before till_line_start(). All functions of a line but
 * till_line_submit() and till_line_get_stats() must be called in the thread of @context.
 *
 * Returns: (transfer full): a line
 */
TillLine *
till_line_new (const TillLineConfig    *config,
               GMainContext            *context,
               const TillLineCallbacks *callbacks,
               gpointer                 user_data)
{
  TillLine *self;

  g_return_val_if_fail (config != NULL && config->address != NULL && callbacks != NULL, NULL);

  self = g_new0 (TillLine, 1);
  self->config = *config;
  self->config.address = g_strdup (config->address);
  self->config.registration = g_strdup (config->registration);
  self->config.baud = config->baud != 0 ? config->baud : DEFAULT_BAUD;
  self->config.parity = config->parity != 0 ? config->parity : 'N';
  self->config.stop_bits = config->stop_bits != 0 ? config->stop_bits : 1;
  self->config.timeout_ms = config->timeout_ms != 0 ? config->timeout_ms : DEFAULT_TIMEOUT_MS;
  self->config.late_ms = config->late_ms != 0 ? config->late_ms : DEFAULT_LATE_MS;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->context = context != NULL ? g_main_context_ref (context) : NULL;

  g_mutex_init (&self->mutex);
  g_cond_init (&self->finished_cond);
  self->unfetched = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < N_PRIORITIES; i++)
    g_queue_init (&self->jobs[i]);

  g_queue_init (&self->outbox);
  self->link = till_link_new (&self->config);
  till_exchange_init (&self->exchange, self->link, &self->config);
  self->cycle = till_cycle_new (self->config.interval_ms * G_GINT64_CONSTANT (1000));
  self->mute_interval_us = MUTE_FIRST_US;

  self->source = g_source_new (&source_funcs, sizeof (LineSource));
  ((LineSource *)self->source)->line = self;
  g_source_set_static_name (self->source, "till-line");
  g_source_attach (self->source, self->context);
  return self;
}

gint64
till_line_get_id (TillLine *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->config.id;
}

/**
 * till_line_set_meters:
 * @self: a line
 * @meters: (array length=n_meters): the meters of its cycle, in the order they are asked; copied
 * @n_meters: how many
 *
 * Takes effect with the next exchange. A meter that stays keeps what was learned of it.
 */
void
till_line_set_meters (TillLine            *self,
                      const TillLineMeter *meters,
                      gsize                n_meters)
{
  GArray *copy;

  g_return_if_fail (self != NULL && (meters != NULL || n_meters == 0));

  copy = g_array_sized_new (FALSE, FALSE, sizeof (TillLineMeter), (guint)n_meters);

  for (gsize i = 0; i < n_meters; i++)
    {
      g_return_if_fail (meters[i].unit >= 1 && meters[i].unit <= TILL_FRAME_UNIT_MAX);
      g_return_if_fail (meters[i].profile != NULL && meters[i].meter_id != 0);
      g_array_append_val (copy, meters[i]);
    }

  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->new_meters, g_array_unref);
  self->new_meters = copy;
  g_mutex_unlock (&self->mutex);
  till_link_wake (self->link);
}

/**
 * till_line_start:
 * @self: a line that was not started
 *
 * Starts its thread, which connects and begins the cycle.
 */
void
till_line_start (TillLine *self)
{
  g_autofree char *name = NULL;

  g_return_if_fail (self != NULL && self->thread == NULL && !self->stopped);

  name = g_strdup_printf ("line-%" G_GINT64_FORMAT, self->config.id);
  self->started_us = g_get_monotonic_time ();
  self->thread = g_thread_new (name, line_thread, self);
}

static gboolean
is_sound (const TillJob *job)
{
  gboolean good = job->unit >= 1 && job->unit <= TILL_FRAME_UNIT_MAX && job->n_requests >= 1 &&
                  job->n_requests <= TILL_JOB_REQUESTS_MAX && job->priority < N_PRIORITIES;

  for (guint i = 0; good && i < job->n_requests; i++)
    good = job->requests[i].count >= 1 && job->requests[i].count <= TILL_REQUEST_REGISTERS_MAX &&
           job->requests[i].address + job->requests[i].count <= 0x10000;

  return good;
}

/**
 * till_line_submit:
 * @self: a line
 * @job: (transfer full): what to do; stays the caller's when this fails
 * @error: return location for a #GError
 *
 * Puts a job into the queue. It comes back through the job callback, whatever becomes of it. May be
 * called from any thread.
 *
 * Returns: %TRUE when the line has taken @job; %FALSE with @error set (%TILL_BUS_ERROR_DISCONNECTED
 *   when the line is stopping or has too much to do, %TILL_BUS_ERROR_UNSUPPORTED when no such thing
 *   can be sent)
 */
gboolean
till_line_submit (TillLine *self,
                  TillJob  *job,
                  GError  **error)
{
  const char *refusal = NULL;

  g_return_val_if_fail (self != NULL && job != NULL, FALSE);

  if (!is_sound (job))
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                   "a job for unit %u with %u requests cannot be sent; units are 1 to %d",
                   job->unit, job->n_requests, TILL_FRAME_UNIT_MAX);
      return FALSE;
    }

  g_mutex_lock (&self->mutex);

  if (self->stopping)
    refusal = "is stopping; start the program again";
  else if (self->n_jobs >= JOBS_MAX)
    refusal = "has too much to do; try again in a minute";
  else
    {
      Entry *entry = g_new0 (Entry, 1);

      entry->job = job;
      job->queued_us = g_get_monotonic_time ();
      g_queue_push_tail (&self->jobs[job->priority], entry);
      self->n_jobs++;
    }

  g_mutex_unlock (&self->mutex);

  if (refusal == NULL)
    {
      till_link_wake (self->link);
      return TRUE;
    }

  g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED, "line “%s” %s",
               self->config.address, refusal);
  return FALSE;
}

/**
 * till_line_get_stats:
 * @self: a line
 * @stats: (out): its counters. The wire time leaves the meters' own latency out, which nobody but
 *   the meter knows.
 *
 * May be called from any thread.
 */
void
till_line_get_stats (TillLine      *self,
                     TillLineStats *stats)
{
  g_return_if_fail (self != NULL && stats != NULL);

  g_mutex_lock (&self->mutex);
  *stats = self->stats;
  g_mutex_unlock (&self->mutex);
}

static void
join_thread (TillLine *self,
             guint     drain_ms)
{
  const gint64 deadline_us = g_get_monotonic_time () + drain_ms * G_GINT64_CONSTANT (1000);

  till_link_wake (self->link);

  g_mutex_lock (&self->mutex);

  while (!self->finished && g_cond_wait_until (&self->finished_cond, &self->mutex, deadline_us))
    ;

  g_mutex_unlock (&self->mutex);
  till_link_cancel (self->link);
  g_thread_join (g_steal_pointer (&self->thread));
}

/**
 * till_line_stop:
 * @self: a line
 * @drain_ms: how long commands that are queued already may still take
 *
 * Takes no more jobs, finishes the commands of the queue within the deadline, then breaks off. Jobs
 * that were not begun are handed back with %G_IO_ERROR_CANCELLED, within this call; afterwards no
 * callback is called any more. Must be called in the thread of the line's context.
 */
void
till_line_stop (TillLine *self,
                guint     drain_ms)
{
  g_autoptr(GError) error = NULL;
  Event *event;

  g_return_if_fail (self != NULL);

  if (self->stopped)
    return;

  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  g_mutex_unlock (&self->mutex);

  if (self->thread != NULL)
    join_thread (self, drain_ms);

  self->stopped = TRUE;
  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the line was stopped first");
  fail_jobs (self, error);
  g_source_destroy (self->source);

  while ((event = fetch (self)) != NULL)
    if (event->kind == EVENT_JOB)
      tell (self, event);
    else
      event_free (event);
}

/**
 * till_line_free:
 * @self: (transfer full) (nullable): a line; stopped when that was not done
 */
void
till_line_free (TillLine *self)
{
  if (self == NULL)
    return;

  till_line_stop (self, 0);
  g_source_unref (self->source);
  till_cycle_free (self->cycle);
  till_link_free (self->link);
  g_hash_table_unref (self->unfetched);
  g_clear_pointer (&self->new_meters, g_array_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_cond_clear (&self->finished_cond);
  g_mutex_clear (&self->mutex);
  g_free ((char *)self->config.address);
  g_free ((char *)self->config.registration);
  g_free (self);
}
