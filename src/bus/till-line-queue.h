/*
 * till-line-queue.h: where the thread of a line and the rest of the program meet
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-line.h"

G_BEGIN_DECLS

#define TILL_LINE_PRIORITIES (TILL_JOB_PRIORITY_PROBE + 1)

/**
 * TillLineQueue:
 *
 * Jobs and meters go in, results and counters come out. Everything in it is touched only while its
 * mutex is held; nothing else is shared between the two threads of a line.
 */
typedef struct _TillLineQueue TillLineQueue;

/* A job on its way through the line. */
typedef struct
{
  TillJob *job;
  gboolean repeated;
} TillLineEntry;

typedef gint64 (*TillLineReadyFunc) (guint8   unit,
                                     gpointer user_data);

/* For the thread that made the line. */
TillLineQueue *till_line_queue_new (TillLine                *line,
                                    GMainContext            *context,
                                    const TillLineCallbacks *callbacks,
                                    gpointer                 user_data);
void           till_line_queue_free (TillLineQueue *self);
const char    *till_line_queue_push (TillLineQueue *self,
                                     TillJob       *job);
void           till_line_queue_set_meters (TillLineQueue *self,
                                           GArray        *meters);
void           till_line_queue_get_stats (TillLineQueue *self,
                                          TillLineStats *stats);
void           till_line_queue_stop (TillLineQueue *self);
void           till_line_queue_wait_finished (TillLineQueue *self,
                                              gint64         until_us);
void           till_line_queue_close (TillLineQueue *self);

/* For the thread of the line. */
TillLineEntry *till_line_queue_take (TillLineQueue    *self,
                                     guint             n_priorities,
                                     TillLineReadyFunc ready,
                                     gpointer          user_data,
                                     gint64           *wait_until_us);
void           till_line_queue_put_back (TillLineQueue *self,
                                         TillLineEntry *entry);
void           till_line_queue_fail (TillLineQueue *self,
                                     const GError  *error);
GArray        *till_line_queue_take_meters (TillLineQueue *self);
gboolean       till_line_queue_is_stopping (TillLineQueue *self);
gboolean       till_line_queue_is_done (TillLineQueue *self);
void           till_line_queue_finish (TillLineQueue *self);
void           till_line_queue_post_reading (TillLineQueue     *self,
                                             gint64             meter_id,
                                             const TillReading *reading,
                                             const GError      *error);
void           till_line_queue_post_state (TillLineQueue *self,
                                           TillLineState  state,
                                           const char    *message);
void           till_line_queue_post_job (TillLineQueue *self,
                                         TillJob       *job);
void           till_line_queue_set_stats (TillLineQueue       *self,
                                          const TillLineStats *stats);

G_END_DECLS
