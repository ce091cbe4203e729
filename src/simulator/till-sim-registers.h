/*
 * till-sim-registers.h: what a simulated meter answers to a Modbus request
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-meter.h"

G_BEGIN_DECLS

#define TILL_SIM_EXCEPTION_FUNCTION 1
#define TILL_SIM_EXCEPTION_ADDRESS 2
#define TILL_SIM_EXCEPTION_VALUE 3

/* A PDU with its unit before it and nothing after it. */
#define TILL_SIM_PDU_MAX 254

/**
 * TillSimRequestKind:
 *
 * What a request wants, as far as a fault may care.
 */
typedef enum
{
  TILL_SIM_REQUEST_READ,
  TILL_SIM_REQUEST_CONTROL,
  TILL_SIM_REQUEST_PURCHASE,
  TILL_SIM_REQUEST_PARAMETER,
  TILL_SIM_REQUEST_CLOCK,
  TILL_SIM_REQUEST_OTHER,
} TillSimRequestKind;

/**
 * TillSimAnswer:
 *
 * What became of a request.
 */
typedef struct
{
  guint8   bytes[TILL_SIM_PDU_MAX]; /* unit, function, … without a CRC */
  gsize    length;                  /* 0: the meter says nothing */
  gboolean changed;                 /* its memory changed and has to be kept before the reply */
  gboolean purchase;                /* … and the last of its purchases is new */
  gint64   delay_ms;                /* how long the meter is at it */
} TillSimAnswer;

TillSimRequestKind till_sim_request_get_kind (const guint8 *frame,
                                              gsize         length);
void               till_sim_meter_answer (TillSimMeter  *self,
                                          const guint8  *frame,
                                          gsize          length,
                                          TillSimAnswer *answer);
guint32            till_sim_float_bits (gint64 numerator,
                                        gint64 denominator);

G_END_DECLS
