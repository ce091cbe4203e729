/*
 * till-line.h: one serial line of meters: its thread, its queue, its cycle
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-profile.h"
#include "till-reading.h"
#include "till-request.h"

G_BEGIN_DECLS

typedef struct _TillLine TillLine;

/**
 * TillLineConfig:
 *
 * How a line is reached. 0 means the default in brackets.
 */
typedef struct
{
  gint64       id;
  TillLineKind kind;
  const char  *address;      /* a tty path, host:port, or for rtu-tcp-listen the port to wait on */
  guint        baud;         /* 1200 … 115200 [9600]; also paces the silence on a TCP line */
  char         parity;       /* 'N', 'E', 'O' ['N'] */
  guint        stop_bits;    /* 1, 2 [1] */
  guint        timeout_ms;   /* the most a meter is waited for [1000]; learned downwards */
  guint        late_ms;      /* how late a reply can come after all [2000] */
  guint        interval_ms;  /* the cycle begins at most this often [0: as fast as the wire goes] */
  const char  *registration; /* (nullable) what a rtu-tcp-listen device sends first */
} TillLineConfig;

/**
 * TillJobPriority:
 *
 * Who goes first on a line: money and relays, then what a person waits for, then the cycle, then a
 * probe of the dead.
 */
typedef enum
{
  TILL_JOB_PRIORITY_COMMAND,
  TILL_JOB_PRIORITY_PERSON,
  TILL_JOB_PRIORITY_CYCLE,
  TILL_JOB_PRIORITY_PROBE,
} TillJobPriority;

#define TILL_JOB_REQUESTS_MAX 6

/**
 * TillJob:
 *
 * A few exchanges with one meter, done one after the other with nothing between them; the first
 * fault ends the job. Filled in by the caller, handed to till_line_submit(), and handed back
 * through the job callback with the members below the line set.
 */
typedef struct
{
  guint8             unit;
  TillJobPriority    priority;
  gboolean           clean_link; /* after a fault on this line, connect anew first */
  gboolean           retry_free; /* (reads only) may be repeated once by the line after a fault */
  guint              n_requests;
  TillRequest        requests[TILL_JOB_REQUESTS_MAX];
  const TillProfile *profile; /* (nullable) decodes the reads into @reading */
  gint64             meter_id;
  gpointer           tag;
  GDestroyNotify     tag_destroy;

  /* what the line sets */
  GError            *error;
  guint              n_done;     /* how many exchanges succeeded */
  gboolean           sent;       /* bytes of a WRITE or VENDOR request may have left this machine */
  guint64            connection; /* number of the connection; another number, another connection */
  gint64             queued_us;  /* monotonic */
  gint64             began_us;   /* monotonic, when the first byte went out */
  gint64             ended_us;
  TillReading        reading;    /* when @profile is set and all is well */
} TillJob;

TillJob *till_job_new (guint8          unit,
                       TillJobPriority priority);
void     till_job_add (TillJob           *self,
                       const TillRequest *request);
void     till_job_free (TillJob *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillJob, till_job_free)

/**
 * TillLineMeter:
 *
 * A meter in the cycle of a line. A plain value; @profile outlives the line.
 */
typedef struct
{
  gint64             meter_id;
  guint8             unit;
  const TillProfile *profile;
  gint32             ct; /* 0: take what the meter says */
  gint32             pt;
} TillLineMeter;

/**
 * TillLineState:
 *
 * Whether the line itself is up.
 */
typedef enum
{
  TILL_LINE_STATE_CONNECTING,
  TILL_LINE_STATE_UP,
  TILL_LINE_STATE_DOWN,
} TillLineState;

/**
 * TillLineCallbacks:
 *
 * What a line says. All are called in the context given to till_line_new(), never in the line's
 * thread. After till_line_stop() none is called any more.
 */
typedef struct
{
  /* A meter of the cycle answered (@error %NULL) or did not. */
  void (*reading)(TillLine          *line,
                  gint64             meter_id,
                  const TillReading *reading,
                  const GError      *error,
                  gpointer           user_data);
  /* A submitted job is done; @job is the callee's now. */
  void (*job)(TillLine *line,
              TillJob  *job,
              gpointer  user_data);
  /* The connection came or went; @message is for the log. */
  void (*state)(TillLine     *line,
                TillLineState state,
                const char   *message,
                gpointer      user_data);
} TillLineCallbacks;

/**
 * TillLineStats:
 *
 * Counters since the start of the line. @wire_us is what the exchanges that succeeded had to take
 * by the formula of performance.md 1.1.
 */
typedef struct
{
  guint64 exchanges;
  guint64 timeouts;
  guint64 garbled;
  guint64 mismatches;
  guint64 exceptions;
  guint64 reconnects;
  guint64 stray_bytes;
  guint64 rounds;
  gint64  round_us; /* how long the last whole round took */
  gint64  wire_us;
  gint64  elapsed_us;
  guint   queue_length;
  guint   n_live;
  guint   n_dead;
} TillLineStats;

TillLine *till_line_new (const TillLineConfig    *config,
                         GMainContext            *context,
                         const TillLineCallbacks *callbacks,
                         gpointer                 user_data);
gint64    till_line_get_id (TillLine *self);
void      till_line_set_meters (TillLine            *self,
                                const TillLineMeter *meters,
                                gsize                n_meters);
void      till_line_start (TillLine *self);
gboolean  till_line_submit (TillLine *self,
                            TillJob  *job,
                            GError  **error);
void      till_line_get_stats (TillLine      *self,
                               TillLineStats *stats);
void      till_line_stop (TillLine *self,
                          guint     drain_ms);
void      till_line_free (TillLine *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillLine, till_line_free)

G_END_DECLS
