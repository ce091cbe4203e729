/*
 * till-cycle.h: whose turn it is on a line
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-line.h"

G_BEGIN_DECLS

/**
 * TillCycle:
 *
 * The meters of a line and the order they are asked in: the living one after the other, then at
 * most one of the dead, then the next round. Knows no clock and no line; belongs to the line's
 * thread.
 */
typedef struct _TillCycle TillCycle;

/* When may this unit be asked? Monotonic time; in the past for now. */
typedef gint64 (*TillCycleReadyFunc) (guint8   unit,
                                      gpointer user_data);

/**
 * TillCycleTurn:
 *
 * What to do next: ask @meter, or, when it is %NULL, wait until @wait_until_us.
 */
typedef struct
{
  const TillLineMeter *meter;
  guint                index;
  gboolean             probe;      /* it is dead */
  gboolean             full_probe; /* … and is given all the time the line allows */
  gint64               wait_until_us;
} TillCycleTurn;

TillCycle           *till_cycle_new (gint64 interval_us);
void                 till_cycle_free (TillCycle *self);
void                 till_cycle_set_meters (TillCycle           *self,
                                            const TillLineMeter *meters,
                                            gsize                n_meters);
gsize                till_cycle_get_n_meters (TillCycle *self);
const TillLineMeter *till_cycle_get_meter (TillCycle *self,
                                           gsize      index);
const TillLineMeter *till_cycle_find (TillCycle *self,
                                      gint64     meter_id);
void                 till_cycle_next (TillCycle         *self,
                                      gint64             now_us,
                                      TillCycleReadyFunc ready,
                                      gpointer           user_data,
                                      TillCycleTurn     *turn);
void                 till_cycle_report (TillCycle *self,
                                        guint      index,
                                        gboolean   answered,
                                        gint64     now_us);
void                 till_cycle_revive (TillCycle *self,
                                        gint64     now_us);
guint64              till_cycle_get_rounds (TillCycle *self);
gint64               till_cycle_get_round_us (TillCycle *self);
guint                till_cycle_get_n_dead (TillCycle *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillCycle, till_cycle_free)

G_END_DECLS
