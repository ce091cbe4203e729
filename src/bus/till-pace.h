/*
 * till-pace.h: how long things take on a line, and how long to wait for whom
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-line.h"

G_BEGIN_DECLS

/**
 * TillPaceWait:
 *
 * How patient an exchange is.
 */
typedef enum
{
  TILL_PACE_WAIT_LEARNED, /* as this meter has taught us */
  TILL_PACE_WAIT_PROBE,   /* a dead one: as the living of this line have taught us */
  TILL_PACE_WAIT_FULL,    /* as long as the line's settings allow */
} TillPaceWait;

typedef struct
{
  gint32   mean_us;
  gint32   deviation_us;
  gboolean known;
  guint8   misses; /* in a row */
} TillPaceMeter;

/**
 * TillPace:
 *
 * What a line has learned of its meters. Plain data of the line's thread.
 */
typedef struct
{
  gint64        character_ns;
  gint64        silence_us; /* 3.5 characters; 1.75 ms above 19200 baud */
  gint64        cap_us;
  gint64        gap_us;     /* learned: what the line needs beyond the silence */
  guint         faults;     /* of living meters in the present window */
  guint         window;
  TillPaceMeter meters[256];
} TillPace;

void   till_pace_init (TillPace             *self,
                       const TillLineConfig *config);
gint64 till_pace_wire_us (const TillPace *self,
                          gsize           characters);
gint64 till_pace_allowance_us (const TillPace *self,
                               guint8          unit,
                               TillPaceWait    wait);
void   till_pace_learn (TillPace *self,
                        guint8    unit,
                        gint64    latency_us);
void   till_pace_learn_late (TillPace *self,
                             guint8    unit,
                             gint64    latency_us);
void   till_pace_miss (TillPace *self,
                       guint8    unit);

G_END_DECLS
