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

/* No meter counts as far: 10^13 kWh. It keeps the sums of a month within 64 bits. */
#define TILL_READINGS_REGISTER_MAX (G_GINT64_CONSTANT (1000000000000000))

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
 * What a meter used in a day or a month (civil, Asia/Shanghai): 0.01 kWh by period, and by the
 * total register. A day is from the first slot of it to the first slot of the next; what was used
 * while no slot was stored belongs to the day of the first slot after the gap. So the days of a
 * month add up to it, and the months to the difference of the registers, less what is lost where
 * they begin anew: there (@n_restarts) nothing is counted, neither less than nothing nor the
 * reading of a new meter.
 */
typedef struct
{
  gint64   meter_id;
  int      day; /* yyyymmdd, or yyyymm of a month */
  gint64   total_ckwh;
  gint64   period_ckwh[TILL_N_PERIODS];
  gint64   power_max_w; /* -1 not known */
  guint    n_slots;     /* how many of the slots are there, of 96 a day */
  gboolean estimated;   /* an estimated slot has a part in it */
  guint    n_restarts;  /* how often the registers went backwards or began anew */
} TillUse;

TillReadings *till_readings_open (const char *path,
                                  gboolean    read_only,
                                  GError    **error);
void          till_readings_close (TillReadings *self);
gboolean      till_readings_begin (TillReadings *self,
                                   GError      **error);
gboolean      till_readings_commit (TillReadings *self,
                                    GError      **error);
void          till_readings_rollback (TillReadings *self);
gboolean      till_readings_add (TillReadings        *self,
                                 gint64               meter_id,
                                 const TillRegisters *registers,
                                 GError             **error);
gboolean      till_readings_add_many (TillReadings        *self,
                                      gint64               meter_id,
                                      const TillRegisters *slots,
                                      guint                n_slots,
                                      GError             **error);
gboolean      till_readings_pack (TillReadings *self,
                                  gint64        now_ms,
                                  GError      **error);
gboolean      till_readings_list_slots (TillReadings *self,
                                        gint64        meter_id,
                                        gint64        from_ms,
                                        gint64        to_ms,
                                        GArray       *slots,
                                        GError      **error);
gboolean      till_readings_list_days (TillReadings *self,
                                       gint64        meter_id,
                                       int           from_day,
                                       int           to_day,
                                       GArray       *uses,
                                       GError      **error);
gboolean      till_readings_list_month (TillReadings *self,
                                        int           month,
                                        GArray       *uses,
                                        GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillReadings, till_readings_close)

G_END_DECLS
