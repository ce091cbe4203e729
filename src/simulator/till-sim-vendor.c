/*
 * till-sim-vendor.c: the maker's own function 0x20: purchases, parameters, the clock
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-sim-load.h"
#include "till-sim-vendor.h"

static guint16
word_at (const guint8 *bytes)
{
  return (guint16)(bytes[0] << 8 | bytes[1]);
}

static gint64
get_u32 (const guint8 *bytes)
{
  return (gint64)bytes[0] << 24 | (gint64)bytes[1] << 16 | (gint64)bytes[2] << 8 | bytes[3];
}

/* The 60 bytes of parameters: groups, each led by a flag that says whether it counts. */
static void
apply_parameters (TillSimMeter *meter,
                  const guint8 *p)
{
  TillSimMemory *memory = &meter->memory;

  if (p[0] == 1)
    memory->prepay = p[1] != 0;
  if (p[2] == 1)
    {
      memory->remaining_fen = (gint32)(guint32)get_u32 (p + 3);
      memory->cost_rest = 0;
    }
  if (p[7] == 1)
    memory->count = word_at (p + 8);
  if (p[10] == 1)
    memory->total_fen = get_u32 (p + 11);
  if (p[15] == 1)
    memory->base_ckwh = get_u32 (p + 16);
  if (p[20] == 1)
    {
      memory->alarm_fen[0] = get_u32 (p + 21);
      memory->alarm_fen[1] = get_u32 (p + 25);
    }
  if (p[29] == 1)
    for (int i = 0; i < 4; i++)
      memory->price[i] = get_u32 (p + 30 + 4 * i);
  if (p[46] == 1)
    memory->overdraft_fen = get_u32 (p + 47);
  if (p[51] == 1)
    memory->recovery = p[52];
  if (p[53] == 1)
    memcpy (memory->number, p + 54, sizeof memory->number);
}

static int
apply_clock (TillSimMeter *meter,
             const guint8 *p)
{
  TillSimMemory *memory = &meter->memory;

  if (p[0] > 59 || p[1] > 59 || p[2] > 23 || p[3] > 6 || p[4] < 1 || p[4] > 31 || p[5] < 1 ||
      p[5] > 12 || p[6] > 99)
    return TILL_SIM_EXCEPTION_VALUE;
  memory->offset_ms = till_clock_from_civil (2000 + p[6], p[5], p[4], p[2], p[1], p[0]) -
                      memory->at_ms;
  return 0;
}

/* The flagged groups of load control, kept in the order in which 0x0480 reads them back. */
static void
apply_load_control (TillSimMeter *meter,
                    guint         loop,
                    const guint8 *p)
{
  static const struct
  {
    guint8 at;
    guint8 length;
  } groups[] = { { 0, 1 }, { 2, 6 }, { 9, 1 }, { 11, 2 }, { 14, 2 }, { 17, 1 } };
  guint8 *kept = meter->memory.load_control + 2 + loop * 12;

  if (loop >= 3)
    return;
  /* The first byte pair says whether anything is on at all; status word 2 shows it. */
  if (p[0] == 1)
    meter->memory.load_control[1] = p[1] != 0;
  for (gsize i = 0, out = 0; i < G_N_ELEMENTS (groups); i++)
    {
      if (p[groups[i].at] == 1 && out + groups[i].length <= 12)
        memcpy (kept + out, p + groups[i].at + 1, groups[i].length);
      out += groups[i].length;
    }
}

static void
apply_time_control (TillSimMeter *meter,
                    guint         loop,
                    const guint8 *p)
{
  /* 79 registers hold the switch and loops of 26 registers, which is what the slots of one fill. */
  meter->memory.time_control[0] = p[0] != 0;
  if (loop < 3)
    memcpy (meter->memory.time_control + 2 + loop * 52, p, 52);
}

/* What the meter does with a good frame. Returns 0 or an exception code. */
static int
apply (TillSimMeter  *meter,
       guint          address,
       guint          count,
       const guint8  *data,
       TillSimAnswer *answer)
{
  const gboolean encrypted = (meter->memory.run_word & TILL_SIM_RUN_ENCRYPTED) != 0;
  guint64 chance;

  if (address == 0x0100 && count == 4)
    {
      till_sim_meter_purchase (meter, get_u32 (data), word_at (data + 4));
      answer->purchase = TRUE;
    }
  else if (address == 0x0200 && count == 30)
    {
      /* Plain parameters mean nothing to a meter that expects scrambled ones. */
      if (!encrypted)
        apply_parameters (meter, data);
    }
  else if (address == 0x0354 && count == 5)
    {
      chance = till_sim_mix (meter->seed, (guint64)meter->memory.at_ms);
      answer->delay_ms = 200 + (gint64)(chance % 1801);
      return apply_clock (meter, data);
    }
  else if (address >= 0x0300 && address < 0x0354 && (address - 0x0300) % 0x1c == 0 && count == 28)
    apply_time_control (meter, (address - 0x0300) / 0x1c, data);
  else if (address == 0x0410 && count == 4)
    meter->memory.overload_trips = 0;
  else if (address >= 0x0400 && address < 0x0427 && (address - 0x0400) % 13 == 0 && count == 13)
    apply_load_control (meter, (address - 0x0400) / 13, data);
  else
    return TILL_SIM_EXCEPTION_ADDRESS;
  return 0;
}

/**
 * till_sim_vendor_answer:
 * @meter: a meter, brought to the present
 * @frame: a request of function 0x20: unit, function, register, 0, number of registers, of bytes,
 *   data
 * @length: how long it is, without a CRC; at least 7
 * @answer: what it answers; set when 0 is returned
 *
 * Does what a request of the maker's own function asks for. A purchase that the meter does not
 * credit is answered like one that it does.
 *
 * Returns: 0, or the exception to refuse the request with
 */
int
till_sim_vendor_answer (TillSimMeter  *meter,
                        const guint8  *frame,
                        gsize          length,
                        TillSimAnswer *answer)
{
  const guint count = frame[5];
  guint64 chance;
  int code;

  g_return_val_if_fail (length >= 7, TILL_SIM_EXCEPTION_VALUE);

  if (!till_sim_model_is_prepaid (meter->model))
    return TILL_SIM_EXCEPTION_FUNCTION;
  if (frame[4] != 0 || frame[6] != 2 * count || length != 7 + 2 * (gsize)count)
    return TILL_SIM_EXCEPTION_VALUE;
  code = apply (meter, word_at (frame + 2), count, frame + 7, answer);
  if (code != 0)
    return code;

  /* Nobody knows what is in the reply, so it is different every time. */
  chance = till_sim_mix (meter->seed ^ 3, (guint64)meter->memory.at_ms);
  answer->bytes[0] = frame[0];
  answer->bytes[1] = frame[1];
  for (int i = 2; i < 13; i++)
    answer->bytes[i] = (guint8)(chance >> (i * 5));
  answer->length = 13;
  answer->changed = TRUE;
  return 0;
}
