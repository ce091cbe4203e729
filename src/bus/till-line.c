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
#include "till-line-queue.h"

#define DEFAULT_BAUD 9600
#define DEFAULT_TIMEOUT_MS 1000
#define DEFAULT_LATE_MS 2000
#define BACKOFF_FIRST_US 250000
#define BACKOFF_LAST_US (30 * G_USEC_PER_SEC)
/* A device server with one connection needs a moment to see that the old one is gone. */
#define RECONNECT_PAUSE_US 250000
/* Silence of all meters means a half-open connection: reconnect, ever more seldom. */
#define MUTE_MIN 2
#define MUTE_MAX 8
#define MUTE_FIRST_US (10 * G_USEC_PER_SEC)
#define MUTE_LAST_US (300 * G_USEC_PER_SEC)

/**
 * TillLine:
 *
 * The thread of a line owns the link, the exchange and the cycle. What it shares with the thread
 * that made it is in the queue.
 */
struct _TillLine
{
  TillLineConfig config;    /* strings owned; never changes */
  TillLineQueue *queue;
  GThread       *thread;    /* %NULL before the start and after the stop */
  gboolean       stopped;

  /* of the line's thread */
  TillLink      *link;
  TillExchange   exchange;
  TillCycle     *cycle;
  gint64         started_us;
  gint64         retry_us;       /* when to connect again */
  guint          n_failures;     /* of the connection since the last good reply */
  gint64         mute_next_us;
  gint64         mute_interval_us;
  guint64        n_connects;
  gboolean       was_up;
};

/* Makes the counters of this thread visible to the other. */
static void
publish_stats (TillLine *self)
{
  const TillExchangeCounts *counts = &self->exchange.counts;
  const guint n_dead = till_cycle_get_n_dead (self->cycle);
  const TillLineStats stats = {
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
    .n_live = (guint)till_cycle_get_n_meters (self->cycle) - n_dead,
    .n_dead = n_dead,
  };

  till_line_queue_set_stats (self->queue, &stats);
}

static gint64
ready_us_of (guint8   unit,
             gpointer user_data)
{
  TillLine *self = user_data;

  return till_exchange_ready_us (&self->exchange, unit);
}

static gint64
backoff_us (TillLine *self)
{
  const guint n_failures = self->n_failures;

  /* Waiting for a device to dial in hammers nobody. */
  if (n_failures == 0 || self->config.kind == TILL_LINE_KIND_RTU_TCP_LISTEN)
    return 0;

  return MIN (BACKOFF_FIRST_US << MIN (n_failures - 1, 10), BACKOFF_LAST_US);
}

/* The line is down: everybody who waits for it is told, and the next try is put off. */
static void
go_down (TillLine     *self,
         const GError *error)
{
  self->n_failures++;
  self->retry_us = g_get_monotonic_time () + backoff_us (self);
  self->was_up = FALSE;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  till_line_queue_post_state (self->queue, TILL_LINE_STATE_DOWN, error->message);

  for (gsize i = 0; i < till_cycle_get_n_meters (self->cycle); i++)
    till_line_queue_post_reading (self->queue, till_cycle_get_meter (self->cycle, i)->meter_id,
                                  NULL, error);

  till_line_queue_fail (self->queue, error);
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
          till_line_queue_fail (self->queue, error);
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
    till_line_queue_post_state (self->queue, TILL_LINE_STATE_UP, "connected");

  self->was_up = TRUE;
}

/* The connection broke. The first time it is tried again at once; a server that takes connections
 * and drops them is not hammered. */
static void
lose_link (TillLine *self)
{
  till_link_close (self->link, TRUE);
  self->retry_us = g_get_monotonic_time () + backoff_us (self);

  if (self->n_failures == 0)
    {
      self->n_failures = 1;
      return;
    }

  self->n_failures++;

  if (self->was_up)
    till_line_queue_post_state (self->queue, TILL_LINE_STATE_CONNECTING, "the connection broke");

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
  const guint n_meters = (guint)till_cycle_get_n_meters (self->cycle);
  const guint limit = CLAMP (2 * n_meters, MUTE_MIN, MUTE_MAX);

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
may_repeat (TillLineEntry *entry)
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
run_job (TillLine      *self,
         TillLineEntry *entry)
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

      till_line_queue_put_back (self->queue, entry);
      return;
    }

  if (job->error == NULL && job->profile != NULL)
    decode (self, job->profile, job->meter_id, job->requests, job->n_requests, &job->reading,
            &job->error);

  till_line_queue_post_job (self->queue, job);
  g_free (entry);
}

/* Runs what goes before the cycle. Returns whether the connection is still the one it was. */
static gboolean
run_urgent (TillLine *self)
{
  const guint64 connection = till_link_get_connection (self->link);
  gint64 never = G_MAXINT64;
  TillLineEntry *entry;

  while (till_link_is_open (self->link) &&
         (entry = till_line_queue_take (self->queue, TILL_JOB_PRIORITY_PERSON + 1, ready_us_of,
                                        self, &never)) != NULL)
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

  till_line_queue_post_reading (self->queue, meter.meter_id, &reading, error);
  look_for_mute (self);
}

/* Takes over what the other thread has set. Returns whether to go on. */
static gboolean
take_orders (TillLine *self)
{
  g_autoptr(GArray) meters = till_line_queue_take_meters (self->queue);

  if (meters != NULL)
    {
      till_cycle_set_meters (self->cycle, &g_array_index (meters, TillLineMeter, 0), meters->len);
      publish_stats (self);
    }

  return !till_line_queue_is_done (self->queue) && !till_link_is_cancelled (self->link);
}

/* One step: a job, or a meter of the cycle, or a wait. */
static void
step (TillLine *self)
{
  TillCycleTurn turn = { .wait_until_us = G_MAXINT64 };
  gint64 wait_until_us = G_MAXINT64;
  TillLineEntry *entry = till_line_queue_take (self->queue, TILL_LINE_PRIORITIES, ready_us_of, self,
                                               &wait_until_us);

  if (entry != NULL)
    {
      run_job (self, entry);
      return;
    }

  if (!till_line_queue_is_stopping (self->queue))
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

  till_line_queue_post_state (self->queue, TILL_LINE_STATE_CONNECTING, "connecting");

  while (take_orders (self))
    if (till_link_is_open (self->link))
      step (self);
    else
      connect_line (self);

  till_link_close (self->link, FALSE);
  publish_stats (self);
  till_line_queue_finish (self->queue);
  return NULL;
}

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
  self->link = till_link_new (&self->config);
  till_exchange_init (&self->exchange, self->link, &self->config);
  self->cycle = till_cycle_new (self->config.interval_ms * G_GINT64_CONSTANT (1000));
  self->mute_interval_us = MUTE_FIRST_US;

  self->queue = till_line_queue_new (self, context, callbacks, user_data);
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

  till_line_queue_set_meters (self->queue, copy);
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
                  job->n_requests <= TILL_JOB_REQUESTS_MAX && job->priority < TILL_LINE_PRIORITIES;

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
  const char *refusal;

  g_return_val_if_fail (self != NULL && job != NULL, FALSE);

  if (!is_sound (job))
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                   "a job for unit %u with %u requests cannot be sent; units are 1 to %d",
                   job->unit, job->n_requests, TILL_FRAME_UNIT_MAX);
      return FALSE;
    }

  refusal = till_line_queue_push (self->queue, job);

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

  till_line_queue_get_stats (self->queue, stats);
}

static void
join_thread (TillLine *self,
             guint     drain_ms)
{
  const gint64 deadline_us = g_get_monotonic_time () + drain_ms * G_GINT64_CONSTANT (1000);

  till_link_wake (self->link);

  till_line_queue_wait_finished (self->queue, deadline_us);
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
  g_return_if_fail (self != NULL);

  if (self->stopped)
    return;

  till_line_queue_stop (self->queue);

  if (self->thread != NULL)
    join_thread (self, drain_ms);

  self->stopped = TRUE;
  till_line_queue_close (self->queue);
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
  till_line_queue_free (self->queue);
  till_cycle_free (self->cycle);
  till_link_free (self->link);
  g_free ((char *)self->config.address);
  g_free ((char *)self->config.registration);
  g_free (self);
}
