/*
 * till-readings-private.h: what the parts of the readings file share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-db.h"
#include "till-readings.h"

G_BEGIN_DECLS

#define TILL_READINGS_SITE 1
#define TILL_READINGS_DAY_MS (TILL_READINGS_SLOTS_A_DAY * (gint64)TILL_READINGS_SLOT_MS)

/* A day of a meter (or, in a list of months, a month) that has to be reckoned again. */
typedef struct
{
  gint64 meter_id;
  int    day;
} TillTouched;

typedef struct
{
  TillRegisters slots[TILL_READINGS_SLOTS_A_DAY];
  guint         n;
  gboolean      packed;
} TillDaySlots;

/*
 * TillReadings:
 *
 * The readings file. The slots of the running day are rows; when it is over they are packed to one
 * blob a meter. The sums of days and months are kept as the slots are written: a day that was
 * touched is reckoned again from its slots before the transaction ends, and so is its month from
 * its days. That costs a little more than adding up, but there is one way to reckon a day,
 * whatever the order in which slots come.
 *
 * A connection belongs to the thread that opened it. Nothing that is owed depends on this file, so
 * it is synced less often than the books: a power cut can cost the last minutes.
 */
struct _TillReadings
{
  TillDb     *db;
  gboolean    in_transaction;
  GArray     *touched; /* of TillTouched */
  GByteArray *blob;    /* what a day is packed into */
};

/* till-readings-slots.c */
gboolean till_readings_check_slot (const TillRegisters *slot,
                                   GError             **error);
gboolean till_readings_unpack (gint64         meter_id,
                               int            day,
                               TillStmt      *stmt,
                               int            column,
                               TillRegisters *slots,
                               guint         *n_slots,
                               GError       **error);
void     till_readings_get_slot (TillStmt      *stmt,
                                 TillRegisters *slot);
gboolean till_readings_load_day (TillReadings *self,
                                 gint64        meter_id,
                                 int           day,
                                 TillDaySlots *into,
                                 gboolean     *lost,
                                 GError      **error);
gboolean till_readings_add_to_day (TillReadings        *self,
                                   gint64               meter_id,
                                   int                  day,
                                   const TillRegisters *slots,
                                   guint                n_slots,
                                   GError             **error);
gboolean till_readings_pack_some (TillReadings *self,
                                  gint64        today_ms,
                                  gint64       *meter_id,
                                  gint64       *from_ms,
                                  GError      **error);
gboolean till_readings_append_packed (TillReadings *self,
                                      gint64        meter_id,
                                      gint64        from_ms,
                                      gint64        to_ms,
                                      GArray       *slots,
                                      GError      **error);
gboolean till_readings_append_open (TillReadings *self,
                                    gint64        meter_id,
                                    gint64        from_ms,
                                    gint64        to_ms,
                                    GArray       *slots,
                                    GError      **error);

/* till-readings-sums.c */
void     till_readings_touch (GArray *array,
                              gint64  meter_id,
                              int     day);
gboolean till_readings_mend (TillReadings *self,
                             GError      **error);

G_END_DECLS
