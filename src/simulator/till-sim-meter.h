/*
 * till-sim-meter.h: a simulated meter: its registers, its clock, its relay, the shop behind it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-types.h"

G_BEGIN_DECLS

/**
 * TillSimModel:
 *
 * The kinds of meter that can be simulated, by the names of the shipped profiles.
 */
typedef enum
{
  TILL_SIM_MODEL_DTSY1352,
  TILL_SIM_MODEL_DDSY1352,
  TILL_SIM_MODEL_DTSD1352,
  TILL_SIM_MODEL_ADL3000,
  TILL_SIM_MODEL_ADL400,
  TILL_SIM_MODEL_ADW300,
  TILL_SIM_MODEL_ACR10R,
  TILL_SIM_MODEL_GENERIC,
} TillSimModel;

/* 0.01 kWh in the unit energy is summed in, watts times milliseconds. */
#define TILL_SIM_WMS_PER_CKWH (G_GINT64_CONSTANT (36000000))

/* How many purchases a meter remembers; the sums go on beyond it. */
#define TILL_SIM_PURCHASES_MAX 2000

/* The run word, register 0x0022. */
#define TILL_SIM_RUN_MULTI_RATE (1 << 0)
#define TILL_SIM_RUN_ENCRYPTED (1 << 5)

#define TILL_SIM_TABLE_BYTES 42
#define TILL_SIM_ZONE_BYTES 12
#define TILL_SIM_TIME_CONTROL_BYTES 158
#define TILL_SIM_LOAD_CONTROL_BYTES 38

/**
 * TillSimMemory:
 *
 * All that survives when the power goes. Every member is a gint64, an array of them, or bytes, so
 * that the state file can be written from one table.
 */
typedef struct
{
  gint64 at_ms;      /* up to here the meter has lived, in simulated UTC */
  gint64 offset_ms;  /* its own clock is simulated time plus this */
  gint64 drift_ppm;  /* its own clock gains this */
  gint64 drift_rest; /* what of the drift is less than a millisecond, in 1e-6 ms */

  gint64 energy_wms[TILL_N_PERIODS]; /* secondary side; registers are cut from it */
  gint64 base_ckwh;
  gint64 rollover_ckwh; /* the energy registers roll over here */

  gint64 remaining_fen;
  gint64 cost_rest; /* cost not yet a whole fen, in 1/(3.6e11) fen */
  gint64 count;
  gint64 total_fen; /* register 0x0412 */
  gint64 price[4];  /* 0.0001 yuan/kWh: sharp, peak, flat, valley */
  gint64 prepay;    /* cost control is on */
  gint64 alarm_fen[2];
  gint64 overdraft_fen;
  gint64 hoard_fen; /* a purchase beyond it is refused; 0: no limit */
  gint64 recovery;

  gint64 run_word;
  gint64 force[2]; /* as written to 0x0057 */
  gint64 pt;
  gint64 ct;
  gint64 overload_trips;
  gint64 overload_allowed;

  /* what an acceptance test asks for */
  gint64 bought_fen;
  gint64 accepted;
  gint64 rejected;

  /* how the meter behaves; set by hand */
  gint64 count_rule; /* TillCountRule */
  gint64 load_w;     /* constant secondary load; -1: the shop's day */
  gint64 silent;
  gint64 latency_ms; /* -1: the seeded turnaround */
  gint64 max_registers;

  guint8 zones[TILL_SIM_ZONE_BYTES];
  guint8 tables[2][TILL_SIM_TABLE_BYTES];
  guint8 number[6];
  guint8 time_control[TILL_SIM_TIME_CONTROL_BYTES];
  guint8 load_control[TILL_SIM_LOAD_CONTROL_BYTES];
} TillSimMemory;

typedef struct
{
  gint64   fen;
  gint64   at_ms; /* simulated UTC */
  guint16  count;
  gboolean accepted;
} TillSimPurchase;

/**
 * TillSimLive:
 *
 * What the meter measures at one instant, secondary side: a, b, c and, where there is one, the sum.
 */
typedef struct
{
  gint32 voltage_dv[3];
  gint32 current_ca[3]; /* 0.01 A */
  gint32 power_w[4];
  gint32 reactive_var[4];
  gint32 apparent_va[4];
  gint32 factor_milli[4];
  gint32 frequency_chz;
} TillSimLive;

/**
 * TillSimMeter:
 *
 * One meter. Belongs to one thread. It lives only when it is looked at: till_sim_meter_advance()
 * brings it to an instant, and the way there does not depend on how often it was looked at.
 */
typedef struct
{
  char         *key;      /* line and address: what it is called in the state file */
  char         *meter_no;
  char         *shop;
  TillSimModel  model;
  guint8        unit;
  guint64       seed;
  guint         shop_kind;
  gint64        peak_w; /* secondary side */
  gint64        turnaround_us;
  guint         baud_index;
  TillSimMemory memory;
  GArray       *purchases; /* of TillSimPurchase, oldest first */
  gint64        load_minute;
  gint64        load_cached_w;
} TillSimMeter;

gboolean      till_sim_model_from_name (const char   *name,
                                        TillSimModel *model);
const char   *till_sim_model_get_name (TillSimModel model);
gboolean      till_sim_model_is_prepaid (TillSimModel model);

TillSimMeter *till_sim_meter_new (TillSimModel model,
                                  guint8       unit,
                                  const char  *meter_no,
                                  const char  *shop,
                                  guint64      seed,
                                  gint64       now_ms) G_GNUC_WARN_UNUSED_RESULT;
void          till_sim_meter_set_ratios (TillSimMeter *self,
                                         gint64        ct,
                                         gint64        pt);
void          till_sim_meter_set_number (TillSimMeter *self,
                                         const char   *meter_no);
void          till_sim_meter_set_energy (TillSimMeter *self,
                                         gint64        ckwh);
void          till_sim_meter_reset (TillSimMeter *self);
void          till_sim_meter_advance (TillSimMeter *self,
                                      gint64        now_ms);
gboolean      till_sim_meter_is_closed (const TillSimMeter *self);
gint64        till_sim_meter_get_clock_ms (const TillSimMeter *self);
TillPeriod    till_sim_meter_get_period (const TillSimMeter *self);
gint64        till_sim_meter_get_energy_ckwh (const TillSimMeter *self,
                                              int                 period);
void          till_sim_meter_get_live (TillSimMeter *self,
                                       TillSimLive  *live);
gboolean      till_sim_meter_purchase (TillSimMeter *self,
                                       gint64        fen,
                                       guint16       count);
void          till_sim_meter_free (TillSimMeter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimMeter, till_sim_meter_free)

G_END_DECLS
