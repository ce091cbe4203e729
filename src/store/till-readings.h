/*
 * till-readings.h: the history of the registers, packed by the day
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-reading.h"

G_BEGIN_DECLS

/* The readings file; see the comment in till-readings.c. One thread owns one connection. */
typedef struct _TillReadings TillReadings;

#define TILL_READINGS_SLOT_MS (15 * 60 * 1000)
#define TILL_READINGS_SLOTS_A_DAY 96

/**
 * TillRegisters:
 *
 * The energy registers of a meter at the beginning of a 15-minute slot, primary, in 0.01 kWh: total
 * and the five periods; and the greatest power seen in the slot before, in W (-1 not known). With
 * @restart the registers begin anew here (another meter was hung up, the registers were cleared):
 * nothing is counted from the slot before to this one.
 */
typedef struct
{
  gint64   at_ms; /* UTC, a multiple of the slot */
  gint64   total_ckwh;
  gint64   period_ckwh[TILL_N_PERIODS];
  gint64   power_max_w;
  gboolean estimated;
  gboolean restart;
} TillRegisters;

/**
 * TillUse:
 *
 * What a meter used in a day or a month (civil, Asia/Shanghai): 0.01 kWh by period, and by the total
 * register.
 */
typedef struct
{
  gint64   meter_id;
  int      day; /* yyyymmdd, or yyyymm of a month */
  gint64   total_ckwh;
  gint64   period_ckwh[TILL_N_PERIODS];
  gint64   power_max_w;
  guint    n_slots; /* how many of the slots are there */
  gboolean estimated;
} TillUse;

TillReadings *till_readings_open (const char *path,
                                  gboolean    read_only,
                                  GError    **error);
void          till_readings_close (TillReadings *self);
gboolean      till_readings_begin (TillReadings *self,
                                   GError      **error);
gboolean      till_readings_commit (TillReadings *self,
                                    GError      **error);
/* Slots may come late and in any order; a slot that is there already keeps the first value. */
gboolean      till_readings_add (TillReadings        *self,
                                 gint64               meter_id,
                                 const TillRegisters *registers,
                                 GError             **error);
/* Packs every day that is over at @now_ms, and closes every month that is over. */
gboolean      till_readings_pack (TillReadings *self,
                                  gint64        now_ms,
                                  GError      **error);
/* Slots of a meter in [@from_ms, @to_ms), appended to @slots (of TillRegisters), in order. */
gboolean      till_readings_list_slots (TillReadings *self,
                                        gint64        meter_id,
                                        gint64        from_ms,
                                        gint64        to_ms,
                                        GArray       *slots,
                                        GError      **error);
/* Days (yyyymmdd) in [@from_day, @to_day], appended to @uses (of TillUse), in order. */
gboolean      till_readings_list_days (TillReadings *self,
                                       gint64        meter_id,
                                       int           from_day,
                                       int           to_day,
                                       GArray       *uses,
                                       GError      **error);
/* One month (yyyymm) of all meters, by meter. */
gboolean      till_readings_list_month (TillReadings *self,
                                        int           month,
                                        GArray       *uses,
                                        GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillReadings, till_readings_close)

G_END_DECLS
