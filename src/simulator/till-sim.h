/*
 * till-sim.h: the simulated site as a whole: its time, its meters, its faults, its file
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-fault.h"
#include "till-sim-store.h"

G_BEGIN_DECLS

/* How often the picture of all meters is written, and how far they are brought up after a kill. */
#define TILL_SIM_SAVE_MS 30000

/**
 * TillSim:
 *
 * What lines and the control socket share. One thread, the default main context.
 */
typedef struct
{
  TillSimSite   *site;
  TillSimFaults *faults;
  TillSimStore  *store;    /* (nullable) */
  GHashTable    *by_number; /* of TillSimMeter by meter number */
  GPtrArray     *lines;    /* of TillSimLine */
  GMainLoop     *loop;
  const char    *bind;
  const char    *registration; /* what a rtu-tcp-listen device says first */
  gint64         start_ms;     /* simulated instant … */
  gint64         start_us;     /* … at this monotonic one */
  gint64         speed_permille;
  gint64         turnaround_ms; /* of every meter; -1: each its own */
  guint          swept;         /* the meter last brought to the present */
  gboolean       timing;
  gboolean       failed;
} TillSim;

gint64   till_sim_now_ms (TillSim *self);
void     till_sim_set_start (TillSim *self,
                             gint64   now_ms);
void     till_sim_index (TillSim *self);
void     till_sim_keep (TillSim      *self,
                        TillSimMeter *meter,
                        gboolean      purchase);
void     till_sim_sweep (TillSim *self);
gboolean till_sim_save (TillSim *self);

G_END_DECLS
