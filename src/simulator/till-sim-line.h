/*
 * till-sim-line.h: a simulated line: a serial device server, an RS-485 wire, the meters on it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim.h"

G_BEGIN_DECLS

typedef struct _TillSimLine TillSimLine;

/**
 * TillSimLineStats:
 *
 * Counters of a line. Times are g_get_monotonic_time().
 */
typedef struct
{
  gint64 connections;
  gint64 refused;      /* a second connection while there was one */
  gint64 frames;       /* whole requests with a good CRC */
  gint64 early;        /* … that came before the wire had been quiet for 3.5 characters */
  gint64 replies;      /* handed over */
  gint64 lost_replies; /* there was nobody to hand them to */
  gint64 bad_crc;
  gint64 dropped;      /* bytes that were no request */
  gint64 unknown_unit;
  gint64 broadcasts;
  gint64 exceptions;
  gint64 faults;
  gint64 reads;
  gint64 controls;
  gint64 purchases;
  gint64 bytes_in;
  gint64 bytes_out;
  gint64 busy_us;      /* what the wire was taken by exchanges, silences included */
  gint64 first_us;     /* arrival of the first request */
  gint64 last_us;      /* the end of the last exchange */
  gint64 control_us;   /* arrival of the last FC 16 to 0x0057 */
  gint64 purchase_us;  /* arrival of the last purchase */
} TillSimLineStats;

TillSimLine            *till_sim_line_new (TillSim         *sim,
                                           TillSimLineInfo *info);
gboolean                till_sim_line_open (TillSimLine *self,
                                            GError     **error);
const TillSimLineInfo  *till_sim_line_get_info (TillSimLine *self);
guint                   till_sim_line_get_port (TillSimLine *self);
const TillSimLineStats *till_sim_line_get_stats (TillSimLine *self);
void                    till_sim_line_reset_stats (TillSimLine *self);
gboolean                till_sim_line_is_connected (TillSimLine *self);
void                    till_sim_line_set_displace (TillSimLine *self,
                                                    gboolean     displace);
void                    till_sim_line_restart (TillSimLine *self,
                                               gint64       late_ms,
                                               gint64       down_ms);
void                    till_sim_line_free (TillSimLine *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimLine, till_sim_line_free)

G_END_DECLS
