/*
 * bench-sim.h: a paced simulator in a process of its own, and what it counted
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define BENCH_TURNAROUND_MS 30
#define BENCH_BAUD 9600

typedef struct
{
  GSubprocess       *process;
  char              *dir;
  guint              n_lines;
  guint              n_units;
  guint16           *ports;
  GSocketConnection *control;
  GDataInputStream  *answers;
} BenchSim;

typedef struct
{
  gint64 busy_us; /* summed over the lines */
  gint64 last_us; /* when the last exchange ended */
  gint64 replies;
  gint64 early;
  gint64 frames;
} BenchSimStats;

void   bench_sim_start (BenchSim *self,
                        guint     n_lines,
                        guint     n_units);
void   bench_sim_silence (BenchSim *self,
                          guint     line,
                          guint     unit);
void   bench_sim_reset (BenchSim *self);
void   bench_sim_get_stats (BenchSim      *self,
                            BenchSimStats *stats);
void   bench_sim_stop (BenchSim *self);
gint64 bench_sim_exchange_us (gsize request,
                              gsize reply);

G_END_DECLS
