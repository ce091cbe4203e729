/*
 * till-exchange.h: one safe transaction on a line
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-link.h"
#include "till-pace.h"

G_BEGIN_DECLS

/**
 * TillExchangeCounts:
 *
 * What happened on the line since it was made.
 */
typedef struct
{
  guint64 exchanges;
  guint64 timeouts;
  guint64 garbled;
  guint64 mismatches;
  guint64 exceptions;
  guint64 stray_bytes;
  gint64  wire_us;
} TillExchangeCounts;

/**
 * TillExchangeReport:
 *
 * What became of one exchange, whether it succeeded or not.
 */
typedef struct
{
  gboolean sent;       /* at least one octet may have left */
  guint64  connection;
  gint64   began_us;   /* monotonic, just before the first octet; 0 when none went out */
  gint64   ended_us;
} TillExchangeReport;

/**
 * TillExchange:
 *
 * The rules of a line: who must be left in peace, and how one question is asked. Belongs to the
 * line's thread.
 */
typedef struct
{
  TillLink          *link;
  TillPace           pace;
  TillLineKind       kind;
  gint64             late_us;
  gint64             dirty_until_us; /* the whole line carried bad bytes */
  gint64             quiet_until_us; /* silence between two frames */
  gint64             late_until_us[256];
  gint64             asked_us[256]; /* when a unit that owes a reply was asked */
  guint8             silent[256];   /* units that did not answer on this connection */
  guint64            connection;    /* the connection these marks are about */
  gboolean           soiled;        /* bad bytes since that connection began */
  guint              n_mute;        /* exchanges in a row without any octet */
  guint16            transaction;
  TillExchangeCounts counts;
} TillExchange;

void     till_exchange_init (TillExchange         *self,
                             TillLink             *link,
                             const TillLineConfig *config);
gint64   till_exchange_ready_us (TillExchange *self,
                                 guint8        unit);
gboolean till_exchange_is_suspect (TillExchange *self,
                                   guint8        unit);
gboolean till_exchange_run (TillExchange       *self,
                            guint8              unit,
                            TillPaceWait        wait,
                            TillRequest        *request,
                            TillExchangeReport *report,
                            GError            **error);

G_END_DECLS
