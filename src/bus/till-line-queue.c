/*
 * till-line-queue.c: where the thread of a line and the rest of the program meet
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include "till-line-queue.h"

/* Jobs in the queue, in work and not yet fetched, together. */
#define JOBS_MAX 256
/* Readings are handed over in heaps, and all lines at the same instants, so that a site of many
 * lines does not wake the engine for each reading. */
#define HEAP_US 250000
#define IDLE_HEAPS 4

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
  gint64        meter_id; /* 0 for the state */
  TillReading   reading;
  GError       *error;
  TillJob      *job;
  TillLineState state;
  char         *message;
} Event;

struct _TillLineQueue
{
  TillLine         *line;
  TillLineCallbacks callbacks;
  gpointer          user_data;
  GSource          *source;

  GMutex            mutex;
  GCond             finished_cond;
  GQueue            jobs[TILL_LINE_PRIORITIES]; /* of TillLineEntry */
  guint             n_jobs;                     /* in queue, work and outbox */
  GArray           *new_meters;                 /* (nullable) of TillLineMeter, not taken yet */
  gboolean          stopping;
  gboolean          finished;
  gboolean          ticking; /* the source comes by itself */
  guint             n_idle;  /* times it came for nothing */
  GQueue            outbox;     /* of Event */
  GHashTable       *unfetched;  /* meter id → its reading in the outbox; 0 → the state */
  TillLineStats     stats;
};

typedef struct
{
  GSource        source;
  TillLineQueue *queue;
} QueueSource;

static void
event_free (Event *event)
{
  g_clear_error (&event->error);
  g_clear_pointer (&event->job, till_job_free);
  g_free (event->message);
  g_free (event);
}

static gint64
next_heap_us (void)
{
  return (g_get_monotonic_time () / HEAP_US + 1) * HEAP_US;
}

/* Setting the time of a source wakes its context, which is what is to be avoided: so the source
 * goes on coming by itself as long as it finds something now and then. */
static void
rearm (TillLineQueue *self,
       gboolean       found)
{
  g_mutex_lock (&self->mutex);
  self->n_idle = found ? 0 : self->n_idle + 1;
  self->ticking = self->n_idle < IDLE_HEAPS || !g_queue_is_empty (&self->outbox);
  g_source_set_ready_time (self->source, self->ticking ? next_heap_us () : -1);
  g_mutex_unlock (&self->mutex);
}

/* Puts an event into the outbox. The newest reading of a meter and the newest state take the place
 * of one that was not fetched; jobs are never dropped. */
static void
post (TillLineQueue *self,
      Event         *event)
{
  Event *old = NULL;

  g_mutex_lock (&self->mutex);

  if (event->kind != EVENT_JOB)
    old = g_hash_table_lookup (self->unfetched, &event->meter_id);

  if (old != NULL)
    {
      g_clear_error (&old->error);
      g_free (old->message);
      *old = *event;
      g_free (event);
    }
  else
    {
      g_queue_push_tail (&self->outbox, event);

      if (event->kind != EVENT_JOB)
        g_hash_table_insert (self->unfetched,
                             g_memdup2 (&event->meter_id, sizeof event->meter_id), event);

      if (event->kind != EVENT_READING)
        g_source_set_ready_time (self->source, 0);
      else if (!self->ticking)
        g_source_set_ready_time (self->source, next_heap_us ());

      self->ticking = TRUE;
    }

  g_mutex_unlock (&self->mutex);
}

static Event *
fetch (TillLineQueue *self)
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
tell (TillLineQueue *self,
      Event         *event)
{
  if (event->kind == EVENT_JOB && self->callbacks.job != NULL)
    self->callbacks.job (self->line, g_steal_pointer (&event->job), self->user_data);
  else if (event->kind == EVENT_READING && self->callbacks.reading != NULL)
    self->callbacks.reading (self->line, event->meter_id,
                             event->error == NULL ? &event->reading : NULL,
                             event->error, self->user_data);
  else if (event->kind == EVENT_STATE && self->callbacks.state != NULL)
    self->callbacks.state (self->line, event->state, event->message, self->user_data);

  event_free (event);
}

static gboolean
on_source_dispatch (GSource    *source,
                    GSourceFunc callback,
                    gpointer    user_data)
{
  TillLineQueue *self = ((QueueSource *)source)->queue;
  gboolean found = FALSE;
  Event *event;

  /* A callback may stop the line, which ends the source. */
  while (!g_source_is_destroyed (source) && (event = fetch (self)) != NULL)
    {
      tell (self, event);
      found = TRUE;
    }

  if (g_source_is_destroyed (source))
    return G_SOURCE_REMOVE;

  rearm (self, found);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = on_source_dispatch };

/**
 * till_line_queue_new:
 * @line: for the callbacks
 * @context: (nullable): where the callbacks are called
 * @callbacks: what to call; copied
 * @user_data: for the callbacks
 *
 * Returns: (transfer full): an empty queue
 */
TillLineQueue *
till_line_queue_new (TillLine                *line,
                     GMainContext            *context,
                     const TillLineCallbacks *callbacks,
                     gpointer                 user_data)
{
  TillLineQueue *self = g_new0 (TillLineQueue, 1);

  self->line = line;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->finished_cond);
  self->unfetched = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < TILL_LINE_PRIORITIES; i++)
    g_queue_init (&self->jobs[i]);

  g_queue_init (&self->outbox);
  self->source = g_source_new (&source_funcs, sizeof (QueueSource));
  ((QueueSource *)self->source)->queue = self;
  g_source_set_static_name (self->source, "till-line");
  g_source_attach (self->source, context);
  return self;
}

/**
 * till_line_queue_free:
 * @self: (transfer full): a queue that was closed
 */
void
till_line_queue_free (TillLineQueue *self)
{
  g_source_unref (self->source);
  g_hash_table_unref (self->unfetched);
  g_clear_pointer (&self->new_meters, g_array_unref);
  g_cond_clear (&self->finished_cond);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/**
 * till_line_queue_push:
 * @self: a queue
 * @job: (transfer full): a sound job; stays the caller's when it is refused
 *
 * Returns: (nullable): why it was refused
 */
const char *
till_line_queue_push (TillLineQueue *self,
                      TillJob       *job)
{
  const char *refusal = NULL;

  g_mutex_lock (&self->mutex);

  if (self->stopping)
    refusal = "is stopping; start the program again";
  else if (self->n_jobs >= JOBS_MAX)
    refusal = "has too much to do; try again in a minute";
  else
    {
      TillLineEntry *entry = g_new0 (TillLineEntry, 1);

      entry->job = job;
      job->queued_us = g_get_monotonic_time ();
      g_queue_push_tail (&self->jobs[job->priority], entry);
      self->n_jobs++;
    }

  g_mutex_unlock (&self->mutex);
  return refusal;
}

/**
 * till_line_queue_set_meters:
 * @self: a queue
 * @meters: (transfer full): of #TillLineMeter; the line takes them over when it can
 */
void
till_line_queue_set_meters (TillLineQueue *self,
                            GArray        *meters)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->new_meters, g_array_unref);
  self->new_meters = meters;
  g_mutex_unlock (&self->mutex);
}

GArray *
till_line_queue_take_meters (TillLineQueue *self)
{
  GArray *meters;

  g_mutex_lock (&self->mutex);
  meters = g_steal_pointer (&self->new_meters);
  g_mutex_unlock (&self->mutex);
  return meters;
}

void
till_line_queue_get_stats (TillLineQueue *self,
                           TillLineStats *stats)
{
  g_mutex_lock (&self->mutex);
  *stats = self->stats;
  stats->queue_length = 0;

  for (guint i = 0; i < TILL_LINE_PRIORITIES; i++)
    stats->queue_length += self->jobs[i].length;

  g_mutex_unlock (&self->mutex);
}

void
till_line_queue_set_stats (TillLineQueue       *self,
                           const TillLineStats *stats)
{
  g_mutex_lock (&self->mutex);
  self->stats = *stats;
  g_mutex_unlock (&self->mutex);
}

/**
 * till_line_queue_take:
 * @self: a queue
 * @n_priorities: how many of the priorities to look at
 * @ready: tells when a unit may be asked
 * @user_data: for @ready
 * @wait_until_us: (inout): lessened to the time when one of those passed over can be done
 *
 * Takes the first job, by priority, whose meter may be asked now. Of a line that is stopping only
 * commands are taken.
 *
 * Returns: (transfer full) (nullable): a job
 */
TillLineEntry *
till_line_queue_take (TillLineQueue    *self,
                      guint             n_priorities,
                      TillLineReadyFunc ready,
                      gpointer          user_data,
                      gint64           *wait_until_us)
{
  const gint64 now = g_get_monotonic_time ();
  TillLineEntry *found = NULL;

  g_mutex_lock (&self->mutex);

  if (self->stopping)
    n_priorities = TILL_JOB_PRIORITY_COMMAND + 1;

  for (guint i = 0; i < n_priorities && found == NULL; i++)
    for (GList *l = self->jobs[i].head; l != NULL; l = l->next)
      {
        TillLineEntry *entry = l->data;
        const gint64 ready_us = ready (entry->job->unit, user_data);

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

/**
 * till_line_queue_put_back:
 * @self: a queue
 * @entry: (transfer full): what was taken; it is the first of its priority again
 */
void
till_line_queue_put_back (TillLineQueue *self,
                          TillLineEntry *entry)
{
  g_mutex_lock (&self->mutex);
  g_queue_push_head (&self->jobs[entry->job->priority], entry);
  g_mutex_unlock (&self->mutex);
}

/**
 * till_line_queue_fail:
 * @self: a queue
 * @error: a fault
 *
 * Hands back every job with the same fault; nothing of them was sent.
 */
void
till_line_queue_fail (TillLineQueue *self,
                      const GError  *error)
{
  GQueue failed = G_QUEUE_INIT;
  TillLineEntry *entry;

  g_mutex_lock (&self->mutex);

  for (guint i = 0; i < TILL_LINE_PRIORITIES; i++)
    while ((entry = g_queue_pop_head (&self->jobs[i])) != NULL)
      g_queue_push_tail (&failed, entry);

  g_mutex_unlock (&self->mutex);

  while ((entry = g_queue_pop_head (&failed)) != NULL)
    {
      g_clear_error (&entry->job->error);
      entry->job->error = g_error_copy (error);
      till_line_queue_post_job (self, entry->job);
      g_free (entry);
    }
}

gboolean
till_line_queue_is_stopping (TillLineQueue *self)
{
  gboolean stopping;

  g_mutex_lock (&self->mutex);
  stopping = self->stopping;
  g_mutex_unlock (&self->mutex);
  return stopping;
}

/**
 * till_line_queue_is_done:
 * @self: a queue
 *
 * Returns: whether the line is to stop and has no command left to finish
 */
gboolean
till_line_queue_is_done (TillLineQueue *self)
{
  gboolean done;

  g_mutex_lock (&self->mutex);
  done = self->stopping && g_queue_is_empty (&self->jobs[TILL_JOB_PRIORITY_COMMAND]);
  g_mutex_unlock (&self->mutex);
  return done;
}

void
till_line_queue_stop (TillLineQueue *self)
{
  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  g_mutex_unlock (&self->mutex);
}

void
till_line_queue_finish (TillLineQueue *self)
{
  g_mutex_lock (&self->mutex);
  self->finished = TRUE;
  g_cond_signal (&self->finished_cond);
  g_mutex_unlock (&self->mutex);
}

void
till_line_queue_wait_finished (TillLineQueue *self,
                               gint64         until_us)
{
  g_mutex_lock (&self->mutex);

  while (!self->finished && g_cond_wait_until (&self->finished_cond, &self->mutex, until_us))
    ;

  g_mutex_unlock (&self->mutex);
}

/**
 * till_line_queue_close:
 * @self: a queue whose line's thread has ended
 *
 * Hands back what is left: jobs through their callback, here and now; readings are dropped. No
 * callback is called after this.
 */
void
till_line_queue_close (TillLineQueue *self)
{
  g_autoptr(GError) error = NULL;
  Event *event;

  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the line was stopped first");
  till_line_queue_fail (self, error);
  g_source_destroy (self->source);

  while ((event = fetch (self)) != NULL)
    if (event->kind == EVENT_JOB)
      tell (self, event);
    else
      event_free (event);
}

void
till_line_queue_post_reading (TillLineQueue     *self,
                              gint64             meter_id,
                              const TillReading *reading,
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

void
till_line_queue_post_state (TillLineQueue *self,
                            TillLineState  state,
                            const char    *message)
{
  Event *event = g_new0 (Event, 1);

  event->kind = EVENT_STATE;
  event->state = state;
  event->message = g_strdup (message);
  post (self, event);
}

void
till_line_queue_post_job (TillLineQueue *self,
                          TillJob       *job)
{
  Event *event = g_new0 (Event, 1);

  job->ended_us = g_get_monotonic_time ();
  event->kind = EVENT_JOB;
  event->job = job;
  post (self, event);
}
