/*
 * till-sim-fault.h: what is to go wrong, where, and how often
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-registers.h"
#include "till-sim-site.h"

G_BEGIN_DECLS

/**
 * TillSimFaultKind:
 * @TILL_SIM_FAULT_SILENT: the meter does nothing and says nothing, until it is cleared
 * @TILL_SIM_FAULT_REQUEST_LOST: the same, once
 * @TILL_SIM_FAULT_REPLY_LOST: the meter does what it is asked, and the reply is lost
 * @TILL_SIM_FAULT_LATE: the reply comes `delay_ms` after it should
 * @TILL_SIM_FAULT_DUPLICATE: the reply comes twice
 * @TILL_SIM_FAULT_WRONG_UNIT: the reply is good but bears another address
 * @TILL_SIM_FAULT_CRC: the CRC of the reply is wrong
 * @TILL_SIM_FAULT_GARBAGE: noise comes for a reply
 * @TILL_SIM_FAULT_SPLIT: the reply comes in two pieces, `delay_ms` apart
 * @TILL_SIM_FAULT_STALE: other bytes come before the reply: `bytes`, or the line's last reply
 * @TILL_SIM_FAULT_HALF_OPEN: the connection stays and nothing comes through any more
 * @TILL_SIM_FAULT_RESET: the connection is reset
 * @TILL_SIM_FAULT_HANG_UP: the connection is closed in good order
 * @TILL_SIM_FAULT_EXCEPTION: the meter refuses with `code`
 * @TILL_SIM_FAULT_RESTART: the device server restarts; what it had buffered is sent `late_ms` later
 *
 * The ways in which an exchange goes wrong.
 */
typedef enum
{
  TILL_SIM_FAULT_NONE,
  TILL_SIM_FAULT_SILENT,
  TILL_SIM_FAULT_REQUEST_LOST,
  TILL_SIM_FAULT_REPLY_LOST,
  TILL_SIM_FAULT_LATE,
  TILL_SIM_FAULT_DUPLICATE,
  TILL_SIM_FAULT_WRONG_UNIT,
  TILL_SIM_FAULT_CRC,
  TILL_SIM_FAULT_GARBAGE,
  TILL_SIM_FAULT_SPLIT,
  TILL_SIM_FAULT_STALE,
  TILL_SIM_FAULT_HALF_OPEN,
  TILL_SIM_FAULT_RESET,
  TILL_SIM_FAULT_HANG_UP,
  TILL_SIM_FAULT_EXCEPTION,
  TILL_SIM_FAULT_RESTART,
} TillSimFaultKind;

#define TILL_SIM_FAULT_BYTES_MAX 64
#define TILL_SIM_FAULTS_MAX 20000

/**
 * TillSimFault:
 *
 * One rule. A plain value.
 */
typedef struct
{
  TillSimFaultKind       kind;
  const TillSimLineInfo *line;   /* (nullable) only on this line */
  const TillSimMeter    *meter;  /* (nullable) only for this meter */
  gint64                 count;  /* how often it still strikes; -1: without end */
  gint64                 after;  /* how many matching requests still pass before it */
  gint64                 function; /* only this function; 0: any */
  int                    on;     /* only this TillSimRequestKind; -1: any */
  gint64                 permille;
  gint64                 delay_ms;
  gint64                 late_ms; /* -1: what was buffered is lost */
  gint64                 down_ms;
  gint64                 hold_ms;
  gint64                 code;
  gint64                 execute; /* whether the meter obeys; -1: as the kind has it */
  gint64                 cross;   /* late bytes go to whoever is connected then */
  guint8                 bytes[TILL_SIM_FAULT_BYTES_MAX];
  gsize                  n_bytes;
} TillSimFault;

typedef struct _TillSimFaults TillSimFaults;

TillSimFaults *till_sim_faults_new (guint64 seed);
gboolean       till_sim_fault_parse (char        **words,
                                     TillSimFault *fault,
                                     GError      **error);
gboolean       till_sim_fault_kind_from_name (const char       *name,
                                              TillSimFaultKind *kind);
const char    *till_sim_fault_kind_get_name (TillSimFaultKind kind);
gboolean       till_sim_fault_is_executed (const TillSimFault *self);
gboolean       till_sim_faults_add (TillSimFaults      *self,
                                    const TillSimFault *fault,
                                    GError            **error);
guint          till_sim_faults_clear (TillSimFaults         *self,
                                      const TillSimLineInfo *line,
                                      const TillSimMeter    *meter);
guint          till_sim_faults_get_n (TillSimFaults *self);
guint64        till_sim_faults_next (TillSimFaults *self);
gboolean       till_sim_faults_take (TillSimFaults         *self,
                                     const TillSimLineInfo *line,
                                     const TillSimMeter    *meter,
                                     const guint8          *frame,
                                     gsize                  length,
                                     TillSimFault          *fault);
void           till_sim_faults_free (TillSimFaults *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimFaults, till_sim_faults_free)

G_END_DECLS
