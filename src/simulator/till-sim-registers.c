/*
 * till-sim-registers.c: what a simulated meter answers to a Modbus request
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-sim-registers.h"
#include "till-sim-vendor.h"

#define FUNCTION_READ 0x03
#define FUNCTION_WRITE 0x10
#define FUNCTION_VENDOR 0x20

#define BLOCK_MAX 96

typedef struct
{
  TillSimMeter *meter;
  TillSimLive   live;
  guint16       regs[BLOCK_MAX]; /* of the block being filled or applied */
} Context;

/* A run of registers that is read, and perhaps written, as one. */
typedef struct
{
  guint16 first;
  guint16 count;
  void (*fill)(Context *context);
  int (*apply)(Context *context);     /* (nullable) 0 or an exception code */
} Block;

static void
put_u32 (guint16 *regs,
         gint64   value)
{
  regs[0] = (guint16)((guint64)value >> 16);
  regs[1] = (guint16)value;
}

static void
put_bytes (guint16      *regs,
           const guint8 *bytes,
           gsize         n)
{
  for (gsize i = 0; i < n; i += 2)
    regs[i / 2] = (guint16)(bytes[i] << 8 | bytes[i + 1]);
}

static void
get_bytes (const guint16 *regs,
           guint8        *bytes,
           gsize          n)
{
  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8)(i % 2 == 0 ? regs[i / 2] >> 8 : regs[i / 2]);
}

/**
 * till_sim_float_bits:
 * @numerator: any number up to 2^40 in size
 * @denominator: 1 to 2^20
 *
 * Returns: the IEEE 754 single nearest to the quotient, without any floating point
 */
guint32
till_sim_float_bits (gint64 numerator,
                     gint64 denominator)
{
  const guint32 sign = numerator < 0 ? 0x80000000u : 0;
  guint64 n = (guint64)ABS (numerator);
  guint64 d = (guint64)denominator;
  int exponent = 0;
  guint64 mantissa;

  if (n == 0)
    return 0;

  /* Bring the quotient to 24 bits: 2^23 <= n/d < 2^24. */
  while (n < d << 23)
    {
      n <<= 1;
      exponent--;
    }
  while (n >= d << 24)
    {
      d <<= 1;
      exponent++;
    }
  mantissa = (n + d / 2) / d;
  if (mantissa == 1 << 24)
    {
      mantissa >>= 1;
      exponent++;
    }
  return sign | (guint32)(exponent + 150) << 23 | ((guint32)mantissa & 0x7fffff);
}

static void
put_float (guint16 *regs,
           gint64   numerator,
           gint64   denominator)
{
  put_u32 (regs, till_sim_float_bits (numerator, denominator));
}

static void
put_energies (guint16            *regs,
              const TillSimMeter *meter)
{
  for (int i = -1; i <= TILL_PERIOD_VALLEY; i++)
    put_u32 (regs + 2 * (i + 1), till_sim_meter_get_energy_ckwh (meter, i));
}

/* YY MM DD weekday hh mm ss, as the meters keep them: binary, 0 for Sunday. */
static void
civil_of (const TillSimMeter *meter,
          guint8              out[7])
{
  const gint64 at_ms = till_sim_meter_get_clock_ms (meter);
  const int day = till_clock_day_of (at_ms);
  const gint64 second = (at_ms - till_clock_day_start_ms (day)) / 1000;

  out[0] = (guint8)(day / 10000 % 100);
  out[1] = (guint8)(day / 100 % 100);
  out[2] = (guint8)(day % 100);
  out[3] = (guint8)till_clock_weekday_of (at_ms);
  out[4] = (guint8)(second / 3600);
  out[5] = (guint8)(second / 60 % 60);
  out[6] = (guint8)(second % 60);
}

static guint16
status_word_1 (const TillSimMeter *meter)
{
  const TillSimMemory *memory = &meter->memory;
  const int phases = meter->model == TILL_SIM_MODEL_DDSY1352 ? 1 : 7;
  guint16 word = 0;

  if (till_sim_meter_is_closed (meter))
    word |= (guint16)(phases << 13);
  if (memory->force[0] == 1)
    word |= (guint16)(1 << 3 | (memory->force[1] == 0 ? phases : 0));
  if (memory->overload_trips > memory->overload_allowed)
    word |= 1 << 4;
  if (memory->prepay != 0)
    {
      if (memory->remaining_fen <= 0)
        word |= 1 << 5;
      if (memory->remaining_fen <= memory->alarm_fen[0])
        word |= 1 << 6;
      if (memory->remaining_fen <= memory->alarm_fen[1])
        word |= 1 << 7;
    }
  return word;
}

static guint16
status_word_2 (const TillSimMeter *meter)
{
  const TillSimMemory *memory = &meter->memory;
  const int phases = meter->model == TILL_SIM_MODEL_DDSY1352 ? 1 : 7;
  guint16 word = (guint16)(phases << 8 | phases << 4);

  if (memory->load_control[1] != 0)
    word |= 1 << 11;
  if (memory->prepay != 0)
    word |= 1 << 3;
  if (memory->prepay == 0 || memory->remaining_fen > -memory->overdraft_fen)
    word |= (guint16)phases;
  if (memory->time_control[0] != 0)
    word |= 1 << 7;
  return word;
}

static void
fill_status (Context *context)
{
  const TillSimMeter *meter = context->meter;
  const TillSimMemory *memory = &meter->memory;
  const TillSimLive *live = &context->live;
  guint16 *regs = context->regs;
  guint8 civil[7];

  civil_of (meter, civil);
  regs[0x00] = meter->model == TILL_SIM_MODEL_DDSY1352 ? 7 : 5;
  for (int i = 0; i < 3; i++)
    {
      regs[0x01 + i] = (guint16)live->voltage_dv[i];
      regs[0x04 + i] = (guint16)live->current_ca[i];
    }
  for (int i = 0; i < 4; i++)
    {
      regs[0x07 + i] = (guint16)live->power_w[i];
      regs[0x0b + i] = (guint16)live->reactive_var[i];
      regs[0x0f + i] = (guint16)live->factor_milli[i];
    }
  regs[0x13] = (guint16)memory->pt;
  regs[0x14] = (guint16)memory->ct;
  put_energies (regs + 0x15, meter);
  put_u32 (regs + 0x1f, memory->remaining_fen);
  regs[0x21] = (guint16)memory->count;
  regs[0x22] = (guint16)memory->overload_trips;
  regs[0x23] = (guint16)memory->overload_allowed;
  regs[0x24] = status_word_1 (meter);
  regs[0x25] = status_word_2 (meter);
  put_u32 (regs + 0x26, memory->base_ckwh);
  put_bytes (regs + 0x28, civil, 6);
  regs[0x2b] = (guint16)(civil[6] << 8);
}

static void
fill_run_word (Context *context)
{
  context->regs[0] = (guint16)context->meter->memory.run_word;
}

static int
apply_run_word (Context *context)
{
  context->meter->memory.run_word = context->regs[0];
  return 0;
}

static void
fill_zones (Context *context)
{
  put_bytes (context->regs, context->meter->memory.zones, TILL_SIM_ZONE_BYTES);
}

static int
apply_zones (Context *context)
{
  guint8 zones[TILL_SIM_ZONE_BYTES];

  get_bytes (context->regs, zones, sizeof zones);
  for (gsize i = 0; i < sizeof zones; i += 3)
    if (zones[i] > 2 || (zones[i] != 0 && (zones[i + 1] < 1 || zones[i + 1] > 31 ||
                                           zones[i + 2] < 1 || zones[i + 2] > 12)))
      return TILL_SIM_EXCEPTION_VALUE;
  memcpy (context->meter->memory.zones, zones, sizeof zones);
  return 0;
}

static void
fill_ratios (Context *context)
{
  context->regs[0] = (guint16)context->meter->memory.pt;
  context->regs[1] = (guint16)context->meter->memory.ct;
}

static int
apply_ratios (Context *context)
{
  if (context->regs[0] < 1 || context->regs[0] > 9999 || context->regs[1] < 1 ||
      context->regs[1] > 9999)
    return TILL_SIM_EXCEPTION_VALUE;
  context->meter->memory.pt = context->regs[0];
  context->meter->memory.ct = context->regs[1];
  return 0;
}

static void
fill_number (Context *context)
{
  put_bytes (context->regs, context->meter->memory.number, 6);
}

static void
fill_force (Context *context)
{
  context->regs[0] = (guint16)context->meter->memory.force[0];
  context->regs[1] = (guint16)context->meter->memory.force[1];
}

static int
apply_force (Context *context)
{
  TillSimMemory *memory = &context->meter->memory;
  const guint16 *regs = context->regs;

  if (regs[0] > 1 || regs[1] > 1 || (regs[0] == 0 && regs[1] == 1))
    return TILL_SIM_EXCEPTION_VALUE;
  memory->force[0] = regs[0];
  memory->force[1] = regs[1];
  return 0;
}

static void
fill_port (Context *context)
{
  context->regs[0] = (guint16)(context->meter->unit << 8 | context->meter->baud_index);
  context->regs[1] = 1;
  put_bytes (context->regs + 2, context->meter->memory.number, 6);
}

static void
fill_parameters (Context *context)
{
  const TillSimMemory *memory = &context->meter->memory;
  guint16 *regs = context->regs;

  regs[0x00] = (guint16)memory->prepay;
  regs[0x01] = (guint16)memory->count;
  for (int i = 0; i < 4; i++)
    put_u32 (regs + 0x02 + 2 * i, memory->price[i]);
  put_u32 (regs + 0x0a, memory->alarm_fen[0]);
  put_u32 (regs + 0x0c, memory->alarm_fen[1]);
  put_u32 (regs + 0x0e, memory->overdraft_fen);
  put_u32 (regs + 0x12, memory->total_fen);
  put_u32 (regs + 0x14, memory->remaining_fen);
  put_u32 (regs + 0x16, memory->base_ckwh);
  regs[0x18] = (guint16)memory->recovery;
}

static void
fill_time_control (Context *context)
{
  put_bytes (context->regs, context->meter->memory.time_control, TILL_SIM_TIME_CONTROL_BYTES);
}

static void
fill_load_control (Context *context)
{
  put_bytes (context->regs, context->meter->memory.load_control, TILL_SIM_LOAD_CONTROL_BYTES);
}

static int
apply_table (Context *context,
             int      which)
{
  guint8 table[TILL_SIM_TABLE_BYTES];

  get_bytes (context->regs, table, sizeof table);
  for (gsize i = 0; i < sizeof table; i += 3)
    if (table[i] > TILL_N_PERIODS || (table[i] != 0 && (table[i + 1] > 59 || table[i + 2] > 23)))
      return TILL_SIM_EXCEPTION_VALUE;
  memcpy (context->meter->memory.tables[which], table, sizeof table);
  return 0;
}

static void
fill_table_1 (Context *context)
{
  put_bytes (context->regs, context->meter->memory.tables[0], TILL_SIM_TABLE_BYTES);
}

static void
fill_table_2 (Context *context)
{
  put_bytes (context->regs, context->meter->memory.tables[1], TILL_SIM_TABLE_BYTES);
}

static int
apply_table_1 (Context *context)
{
  return apply_table (context, 0);
}

static int
apply_table_2 (Context *context)
{
  return apply_table (context, 1);
}

static void
fill_deep (Context *context)
{
  put_u32 (context->regs, till_sim_meter_get_energy_ckwh (context->meter, TILL_PERIOD_DEEP));
}

/* DDSY1352: energies and a few live values at 0x0000. */
static void
fill_single_phase (Context *context)
{
  put_energies (context->regs, context->meter);
  context->regs[0x0b] = (guint16)context->live.voltage_dv[0];
  context->regs[0x0c] = (guint16)context->live.current_ca[0];
  context->regs[0x0d] = (guint16)context->live.power_w[3];
}

/* DTSD1352 and its kin: combined at 0x00, forward at 0x0a; nothing ever flows backwards here. */
static void
fill_plain_energies (Context *context)
{
  put_energies (context->regs, context->meter);
  put_energies (context->regs + 0x0a, context->meter);
}

static void
fill_plain_clock (Context *context)
{
  guint8 civil[7];

  civil_of (context->meter, civil);
  context->regs[0] = (guint16)(civil[6] << 8 | civil[5]);
  context->regs[1] = (guint16)(civil[4] << 8 | civil[2]);
  context->regs[2] = (guint16)(civil[1] << 8 | civil[0]);
}

static int
apply_plain_clock (Context *context)
{
  const guint16 *regs = context->regs;
  const int hour = regs[1] >> 8;
  const int month = regs[2] >> 8;
  const int day = regs[1] & 0xff;
  TillSimMemory *memory = &context->meter->memory;

  if ((regs[0] >> 8) > 59 || (regs[0] & 0xff) > 59 || hour > 23 || day < 1 || day > 31 ||
      month < 1 || month > 12)
    return TILL_SIM_EXCEPTION_VALUE;
  memory->offset_ms = till_clock_from_civil (2000 + (regs[2] & 0xff), month, day, hour,
                                             regs[0] & 0xff, regs[0] >> 8) - memory->at_ms;
  return 0;
}

static void
fill_plain_live (Context *context)
{
  const TillSimLive *live = &context->live;
  guint16 *regs = context->regs;

  for (int i = 0; i < 3; i++)
    {
      regs[0x00 + i] = (guint16)live->voltage_dv[i];
      regs[0x03 + i] = (guint16)live->current_ca[i];
    }
  for (int i = 0; i < 4; i++)
    {
      regs[0x06 + i] = (guint16)live->power_w[i];
      regs[0x0a + i] = (guint16)live->reactive_var[i];
      regs[0x0e + i] = (guint16)live->apparent_va[i];
      regs[0x12 + i] = (guint16)live->factor_milli[i];
    }
  regs[0x16] = (guint16)live->frequency_chz;
}

/* ADL400: primary-side floats, and energies of 0.1 kWh on the primary side. */
static void
fill_adl400 (Context *context)
{
  const TillSimLive *live = &context->live;
  const TillSimMemory *memory = &context->meter->memory;
  const gint64 ratio = memory->ct * memory->pt;
  guint16 *regs = context->regs;
  gint64 sum_wms = 0;

  for (int i = 0; i < 3; i++)
    {
      put_float (regs + 0x00 + 2 * i, live->voltage_dv[i] * memory->pt, 10);
      put_float (regs + 0x0c + 2 * i, live->current_ca[i] * memory->ct, 100);
    }
  for (int i = 0; i < 4; i++)
    {
      put_float (regs + 0x14 + 2 * i, live->power_w[i] * ratio, 1000);
      put_float (regs + 0x1c + 2 * i, live->reactive_var[i] * ratio, 1000);
      put_float (regs + 0x24 + 2 * i, live->apparent_va[i] * ratio, 1000);
      put_float (regs + 0x2c + 2 * i, live->factor_milli[i], 1000);
    }
  put_float (regs + 0x34, live->frequency_chz, 100);
  /* The rollover of the secondary side is none of this one's: its registers just run full. */
  for (int i = 0; i <= TILL_PERIOD_DEEP; i++)
    sum_wms += memory->energy_wms[i];
  put_u32 (regs + 0x42, sum_wms / TILL_SIM_WMS_PER_CKWH * ratio / 10);
  for (int i = 0; i <= TILL_PERIOD_VALLEY; i++)
    put_u32 (regs + 0x44 + 2 * i, memory->energy_wms[i] / TILL_SIM_WMS_PER_CKWH * ratio / 10);
}

static void
fill_total (Context *context)
{
  put_u32 (context->regs, till_sim_meter_get_energy_ckwh (context->meter, -1));
}

static const Block dtsy_blocks[] = {
  { 0x0022, 1, fill_run_word, apply_run_word },
  { 0x0028, 6, fill_zones, apply_zones },
  { 0x0037, 2, fill_ratios, apply_ratios },
  { 0x0043, 3, fill_number, NULL },
  { 0x0057, 2, fill_force, apply_force },
  { 0x0200, 48, fill_status, NULL },
  { 0x0360, 5, fill_port, NULL },
  { 0x0400, 25, fill_parameters, NULL },
  { 0x0420, 79, fill_time_control, NULL },
  { 0x0480, 19, fill_load_control, NULL },
  { 0x2000, 21, fill_table_1, apply_table_1 },
  { 0x2015, 21, fill_table_2, apply_table_2 },
  { 0x5030, 2, fill_deep, NULL },
  { 0 },
};

static const Block ddsy_blocks[] = {
  { 0x0000, 14, fill_single_phase, NULL },
  { 0x0022, 1, fill_run_word, apply_run_word },
  { 0x0037, 2, fill_ratios, apply_ratios },
  { 0x0043, 3, fill_number, NULL },
  { 0x0057, 2, fill_force, apply_force },
  { 0x0200, 48, fill_status, NULL },
  { 0x0360, 5, fill_port, NULL },
  { 0x0400, 25, fill_parameters, NULL },
  { 0x0420, 79, fill_time_control, NULL },
  { 0x0480, 19, fill_load_control, NULL },
  { 0x2000, 6, fill_zones, apply_zones },
  { 0x2006, 21, fill_table_1, apply_table_1 },
  { 0x201b, 21, fill_table_2, apply_table_2 },
  { 0x5030, 2, fill_deep, NULL },
  { 0 },
};

static const Block plain_blocks[] = {
  { 0x0000, 30, fill_plain_energies, NULL },
  { 0x003c, 3, fill_plain_clock, apply_plain_clock },
  { 0x0061, 23, fill_plain_live, NULL },
  { 0x008d, 2, fill_ratios, apply_ratios },
  { 0 },
};

static const Block adl400_blocks[] = {
  { 0x0800, 78, fill_adl400, NULL },
  { 0 },
};

static const Block adw300_blocks[] = {
  { 0x0024, 2, fill_total, NULL },
  { 0x008d, 2, fill_ratios, apply_ratios },
  { 0 },
};

static const Block *
blocks_of (TillSimModel model)
{
  switch (model)
    {
    case TILL_SIM_MODEL_DTSY1352:
      return dtsy_blocks;

    case TILL_SIM_MODEL_DDSY1352:
      return ddsy_blocks;

    case TILL_SIM_MODEL_ADL400:
      return adl400_blocks;

    case TILL_SIM_MODEL_ADW300:
      return adw300_blocks;

    case TILL_SIM_MODEL_DTSD1352:
    case TILL_SIM_MODEL_ADL3000:
    case TILL_SIM_MODEL_ACR10R:
    case TILL_SIM_MODEL_GENERIC:
    default:
      return plain_blocks;
    }
}

static const Block *
block_at (const TillSimMeter *meter,
          guint               address)
{
  for (const Block *block = blocks_of (meter->model); block->fill != NULL; block++)
    if (address >= block->first && address < (guint)block->first + block->count)
      return block;
  return NULL;
}

static guint16
word_at (const guint8 *bytes)
{
  return (guint16)(bytes[0] << 8 | bytes[1]);
}

static void
refuse (TillSimAnswer *answer,
        const guint8  *frame,
        int            code)
{
  answer->bytes[0] = frame[0];
  answer->bytes[1] = frame[1] | 0x80;
  answer->bytes[2] = (guint8)code;
  answer->length = 3;
  answer->changed = FALSE;
}

static void
answer_read (Context       *context,
             const guint8  *frame,
             gsize          length,
             TillSimAnswer *answer)
{
  const guint address = word_at (frame + 2);
  const guint count = word_at (frame + 4);
  guint done = 0;

  if (length != 6 || count < 1 || count > (guint)context->meter->memory.max_registers)
    {
      refuse (answer, frame, TILL_SIM_EXCEPTION_VALUE);
      return;
    }

  till_sim_meter_get_live (context->meter, &context->live);
  while (done < count)
    {
      const Block *block = block_at (context->meter, address + done);
      guint skip;

      if (block == NULL)
        {
          refuse (answer, frame, TILL_SIM_EXCEPTION_ADDRESS);
          return;
        }
      memset (context->regs, 0, sizeof context->regs);
      block->fill (context);
      for (skip = address + done - block->first; skip < block->count && done < count; skip++)
        {
          answer->bytes[3 + 2 * done] = (guint8)(context->regs[skip] >> 8);
          answer->bytes[4 + 2 * done] = (guint8)context->regs[skip];
          done++;
        }
    }
  answer->bytes[0] = frame[0];
  answer->bytes[1] = frame[1];
  answer->bytes[2] = (guint8)(2 * count);
  answer->length = 3 + 2 * count;
}

static void
answer_write (Context       *context,
              const guint8  *frame,
              gsize          length,
              TillSimAnswer *answer)
{
  const guint address = word_at (frame + 2);
  const guint count = word_at (frame + 4);
  const Block *block = block_at (context->meter, address);
  int code;

  if (count < 1 || count > 123 || length != 7 + 2 * (gsize)count || frame[6] != 2 * count)
    {
      refuse (answer, frame, TILL_SIM_EXCEPTION_VALUE);
      return;
    }
  /* A write that goes over the end of what belongs together is done by no meter. */
  if (block == NULL || block->apply == NULL || address + count > (guint)block->first + block->count)
    {
      refuse (answer, frame, TILL_SIM_EXCEPTION_ADDRESS);
      return;
    }

  memset (context->regs, 0, sizeof context->regs);
  block->fill (context);
  for (guint i = 0; i < count; i++)
    context->regs[address - block->first + i] = word_at (frame + 7 + 2 * i);
  code = block->apply (context);
  if (code != 0)
    {
      refuse (answer, frame, code);
      return;
    }
  memcpy (answer->bytes, frame, 6);
  answer->length = 6;
  answer->changed = TRUE;
}

/**
 * till_sim_request_get_kind:
 * @frame: a request: unit, function, …
 * @length: how long it is, without a CRC
 *
 * Returns: what it wants
 */
TillSimRequestKind
till_sim_request_get_kind (const guint8 *frame,
                           gsize         length)
{
  if (length < 4)
    return TILL_SIM_REQUEST_OTHER;

  switch (frame[1])
    {
    case FUNCTION_READ:
      return TILL_SIM_REQUEST_READ;

    case FUNCTION_WRITE:
      if (word_at (frame + 2) == 0x0057)
        return TILL_SIM_REQUEST_CONTROL;
      return word_at (frame + 2) == 0x003c ? TILL_SIM_REQUEST_CLOCK : TILL_SIM_REQUEST_PARAMETER;

    case FUNCTION_VENDOR:
      if (word_at (frame + 2) == 0x0100)
        return TILL_SIM_REQUEST_PURCHASE;
      return word_at (frame + 2) == 0x0354 ? TILL_SIM_REQUEST_CLOCK : TILL_SIM_REQUEST_PARAMETER;

    default:
      return TILL_SIM_REQUEST_OTHER;
    }
}

/**
 * till_sim_meter_answer:
 * @self: a meter, brought to the present
 * @frame: a request to its unit: unit, function, …
 * @length: how long it is, without a CRC; at least 2
 * @answer: (out): what it answers
 *
 * Does what a request asks for. Functions a meter does not know are refused with exception 1, but
 * the maker's factory codes 0x98 to 0xAB get no answer at all.
 */
void
till_sim_meter_answer (TillSimMeter  *self,
                       const guint8  *frame,
                       gsize          length,
                       TillSimAnswer *answer)
{
  Context context = { .meter = self };

  g_return_if_fail (length >= 2);

  answer->length = 0;
  answer->changed = FALSE;
  answer->purchase = FALSE;
  answer->delay_ms = 0;

  if (frame[1] == FUNCTION_READ && length >= 6)
    answer_read (&context, frame, length, answer);
  else if (frame[1] == FUNCTION_WRITE && length >= 7)
    answer_write (&context, frame, length, answer);
  else if (frame[1] == FUNCTION_VENDOR && length >= 7)
    {
      const int code = till_sim_vendor_answer (self, frame, length, answer);

      if (code != 0)
        refuse (answer, frame, code);
    }
  else if (frame[1] < 0x80)
    refuse (answer, frame, TILL_SIM_EXCEPTION_FUNCTION);
}
