/*
 * till-sim-meter.c: a simulated meter: its registers, its clock, its relay, the shop behind it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <string.h>

#include "till-sim-load.h"
#include "till-sim-meter.h"

#define MINUTE_MS (G_GINT64_CONSTANT (60000))
#define DAY_MS (G_GINT64_CONSTANT (86400000))
#define LOCAL_MS (G_GINT64_CONSTANT (28800000))

/*
 * One fen, in watts times milliseconds times a price in 0.0001 yuan/kWh: a kWh is 3.6e9 W ms, and a
 * price of 100 is one fen.
 */
#define COST_PER_FEN (G_GINT64_CONSTANT (360000000000))

/* The products of a minute's energy, ratios and a price do not always fit 64 bits. */
typedef __int128 Wide;

static const struct
{
  const char *name;
  gboolean    prepaid;
  gint64      rollover_ckwh; /* the counters have eight digits unless the registers just run full */
} models[] = {
  [TILL_SIM_MODEL_DTSY1352] = { "dtsy1352", TRUE, 100000000 },
  [TILL_SIM_MODEL_DDSY1352] = { "ddsy1352", TRUE, 100000000 },
  [TILL_SIM_MODEL_DTSD1352] = { "dtsd1352", FALSE, 100000000 },
  [TILL_SIM_MODEL_ADL3000] = { "adl3000", FALSE, 100000000 },
  [TILL_SIM_MODEL_ADL400] = { "adl400", FALSE, 100000000 },
  [TILL_SIM_MODEL_ADW300] = { "adw300", FALSE, G_GINT64_CONSTANT (2147483648) },
  [TILL_SIM_MODEL_ACR10R] = { "acr10r", FALSE, 100000000 },
  [TILL_SIM_MODEL_GENERIC] = { "generic", FALSE, G_GINT64_CONSTANT (4294967296) },
};

/* {tariff, minute, hour}: a day like Tianjin's, 1 sharp, 2 peak, 3 flat, 4 valley. */
static const guint8 default_table[] = {
  4, 0, 0, 3, 0, 7, 2, 0, 9, 3, 0, 12, 2, 0, 16, 1, 0, 18, 2, 0, 20, 3, 0, 21, 4, 0, 23,
};

static const gint64 default_price[4] = { 13500, 11500, 8000, 4200 };

/* How a total splits over the periods when it was not measured by this meter, permille. */
static const gint64 default_split[TILL_N_PERIODS] = { 120, 300, 360, 220, 0 };

static void
civil_from_days (gint64 days,
                 int   *month,
                 int   *day)
{
  const gint64 z = days + 719468;
  const gint64 in_era = z % 146097;
  const gint64 year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const gint64 in_year = in_era - (365 * year + year / 4 - year / 100);
  const gint64 m = (5 * in_year + 2) / 153;

  *day = (int)(in_year - (153 * m + 2) / 5 + 1);
  *month = (int)(m < 10 ? m + 3 : m - 9);
}

/* Which day table is in force: that of the last zone begun this year, or of the year's last. */
static int
table_of_day (const TillSimMemory *memory,
              gint64               local_days)
{
  int month;
  int day;
  int best = 0;
  int best_date = -1;
  int last = 0;
  int last_date = -1;

  civil_from_days (local_days, &month, &day);
  for (int i = 0; i < 4; i++)
    {
      const guint8 *zone = memory->zones + i * 3;
      const int date = zone[2] * 100 + zone[1];

      if (zone[0] != 1 && zone[0] != 2)
        continue;
      if (date <= month * 100 + day && date > best_date)
        {
          best_date = date;
          best = zone[0];
        }
      if (date > last_date)
        {
          last_date = date;
          last = zone[0];
        }
    }
  return best != 0 ? best : MAX (last, 1);
}

static TillPeriod
period_at (const TillSimMemory *memory,
           gint64               clock_ms)
{
  const gint64 local = clock_ms + LOCAL_MS;
  const int minute = (int)(local % DAY_MS / MINUTE_MS);
  const guint8 *table;
  int tariff = 0;
  int begun = -1;

  if ((memory->run_word & TILL_SIM_RUN_MULTI_RATE) == 0)
    return TILL_PERIOD_FLAT;

  table = memory->tables[table_of_day (memory, local / DAY_MS) - 1];
  for (int i = 0; i < TILL_SIM_TABLE_BYTES; i += 3)
    {
      const int start = table[i + 2] * 60 + table[i + 1];

      if (table[i] >= 1 && table[i] <= TILL_N_PERIODS && start <= minute && start > begun)
        {
          begun = start;
          tariff = table[i];
        }
    }
  return tariff != 0 ? (TillPeriod)(tariff - 1) : TILL_PERIOD_FLAT;
}

static gint64
price_of (const TillSimMemory *memory,
          TillPeriod           period)
{
  /* The parameter block has four prices; deep valley is paid like valley. */
  return memory->price[MIN ((int)period, 3)];
}

static gint64
load_at (TillSimMeter *self,
         gint64        at_ms)
{
  const gint64 minute = (at_ms + LOCAL_MS) / MINUTE_MS;

  if (self->memory.load_w >= 0)
    return self->memory.load_w;

  if (minute != self->load_minute)
    {
      self->load_minute = minute;
      self->load_cached_w = till_sim_load_get_w (self->shop_kind, self->peak_w, self->seed, minute);
    }
  return self->load_cached_w;
}

static void
fill_tables (TillSimMemory *memory)
{
  static const guint8 zones[TILL_SIM_ZONE_BYTES] = { 1, 1, 1, 2, 1, 7, 1, 1, 9, 0, 0, 0 };

  memcpy (memory->zones, zones, sizeof zones);
  for (int i = 0; i < 2; i++)
    memcpy (memory->tables[i], default_table, sizeof default_table);
}

/**
 * till_sim_model_from_name:
 * @name: the name of a profile
 * @model: (out): the model that answers to it; left alone when there is none
 *
 * Returns: %TRUE when there is such a model
 */
gboolean
till_sim_model_from_name (const char   *name,
                          TillSimModel *model)
{
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_ascii_strcasecmp (name, models[i].name) == 0)
      {
        *model = (TillSimModel)i;
        return TRUE;
      }
  return FALSE;
}

/**
 * till_sim_model_get_name:
 * @model: a model
 *
 * Returns: the name of its profile
 */
const char *
till_sim_model_get_name (TillSimModel model)
{
  return models[model].name;
}

/**
 * till_sim_model_is_prepaid:
 * @model: a model
 *
 * Returns: whether it holds money, takes purchases and has a relay
 */
gboolean
till_sim_model_is_prepaid (TillSimModel model)
{
  return models[model].prepaid;
}

/**
 * till_sim_meter_new:
 * @model: what it is
 * @unit: its address on the line, 1 to 247
 * @meter_no: its number
 * @shop: the tenant's name, which decides how the shop lives
 * @seed: where its first values come from
 * @now_ms: the simulated instant it begins at
 *
 * Makes a meter that has been in use for a while.
 *
 * Returns: (transfer full): a meter
 */
TillSimMeter *
till_sim_meter_new (TillSimModel model,
                    guint8       unit,
                    const char  *meter_no,
                    const char  *shop,
                    guint64      seed,
                    gint64       now_ms)
{
  TillSimMeter *self = g_new0 (TillSimMeter, 1);
  TillSimMemory *memory = &self->memory;

  self->model = model;
  self->unit = unit;
  self->shop = g_strdup (shop);
  self->seed = seed;
  self->shop_kind = till_sim_shop_kind_of (shop);
  self->baud_index = 3;
  self->load_minute = -1;
  self->turnaround_us = 20000;
  self->purchases = g_array_new (FALSE, TRUE, sizeof (TillSimPurchase));
  till_sim_meter_set_number (self, meter_no);

  memory->at_ms = now_ms;
  memory->rollover_ckwh = models[model].rollover_ckwh;
  memcpy (memory->price, default_price, sizeof default_price);
  memory->run_word = TILL_SIM_RUN_MULTI_RATE;
  memory->alarm_fen[0] = 5000;
  memory->alarm_fen[1] = 2000;
  memory->recovery = 1;
  memory->overload_allowed = 3;
  memory->count_rule = TILL_COUNT_RULE_GUARDED;
  memory->load_w = -1;
  memory->latency_ms = -1;
  memory->max_registers = 125;
  fill_tables (memory);

  till_sim_meter_set_ratios (self, 1, 1);
  till_sim_meter_set_energy (self, 100000 + (gint64)(till_sim_mix (seed, 11) % 8900000));
  if (models[model].prepaid)
    {
      memory->prepay = 1;
      memory->count = 3 + (gint64)(till_sim_mix (seed, 12) % 38);
      memory->remaining_fen = 2000 + (gint64)(till_sim_mix (seed, 13) % 298001);
      memory->total_fen = memory->remaining_fen + (gint64)(till_sim_mix (seed, 14) % 9000000);
    }
  return self;
}

/**
 * till_sim_meter_set_ratios:
 * @self: a meter
 * @ct: the ratio of its current transformers, 1 to 9999
 * @pt: the ratio of its voltage transformers, 1 to 9999
 *
 * Sets the ratios and fits the shop behind the meter to them.
 */
void
till_sim_meter_set_ratios (TillSimMeter *self,
                           gint64        ct,
                           gint64        pt)
{
  const guint64 chance = till_sim_mix (self->seed, 10);

  g_return_if_fail (ct >= 1 && ct <= 9999 && pt >= 1 && pt <= 9999);

  self->memory.ct = ct;
  self->memory.pt = pt;
  if (ct * pt > 1)
    self->peak_w = 400 + (gint64)(chance % 2200);
  else if (self->model == TILL_SIM_MODEL_DDSY1352)
    self->peak_w = 400 + (gint64)(chance % 4500);
  else
    self->peak_w = 1500 + (gint64)(chance % 14000);
  self->load_minute = -1;
}

/**
 * till_sim_meter_set_number:
 * @self: a meter
 * @meter_no: its new number; the last twelve digits of it go into the registers
 */
void
till_sim_meter_set_number (TillSimMeter *self,
                           const char   *meter_no)
{
  char *copy = g_strdup (meter_no);
  int nibble = 0;

  memset (self->memory.number, 0, sizeof self->memory.number);
  for (gsize i = strlen (meter_no); i > 0 && nibble < 12; i--)
    if (g_ascii_isdigit (meter_no[i - 1]))
      {
        const guint8 digit = (guint8)(meter_no[i - 1] - '0');

        self->memory.number[5 - nibble / 2] |= (guint8)(nibble % 2 == 0 ? digit : digit << 4);
        nibble++;
      }

  g_free (self->meter_no);
  self->meter_no = copy;
}

/**
 * till_sim_meter_set_energy:
 * @self: a meter
 * @ckwh: the new total, secondary side, 0.01 kWh, not negative
 *
 * Sets the total, and the periods so that they add up to it.
 */
void
till_sim_meter_set_energy (TillSimMeter *self,
                           gint64        ckwh)
{
  gint64 rest = ckwh;

  g_return_if_fail (ckwh >= 0 && ckwh < G_GINT64_CONSTANT (100000000000));

  for (int i = TILL_N_PERIODS - 1; i >= 0; i--)
    {
      const gint64 part = i == 0 ? rest : ckwh / 1000 * default_split[i];

      self->memory.energy_wms[i] = part * TILL_SIM_WMS_PER_CKWH;
      rest -= part;
    }
}

/**
 * till_sim_meter_reset:
 * @self: a meter
 *
 * What a meter shows after its memory was wiped: no energy, no money, count 0. Prices, tables and
 * the number stay.
 */
void
till_sim_meter_reset (TillSimMeter *self)
{
  TillSimMemory *memory = &self->memory;

  memset (memory->energy_wms, 0, sizeof memory->energy_wms);
  memory->base_ckwh = 0;
  memory->remaining_fen = 0;
  memory->cost_rest = 0;
  memory->count = 0;
  memory->total_fen = 0;
  memory->force[0] = 0;
  memory->force[1] = 0;
}

/**
 * till_sim_meter_is_closed:
 * @self: a meter
 *
 * Returns: whether the shop has power
 */
gboolean
till_sim_meter_is_closed (const TillSimMeter *self)
{
  const TillSimMemory *memory = &self->memory;

  if (memory->force[0] == 1)
    return memory->force[1] == 0;
  return memory->prepay == 0 || memory->remaining_fen > -memory->overdraft_fen;
}

/**
 * till_sim_meter_get_clock_ms:
 * @self: a meter
 *
 * Returns: what its own clock says, as UTC milliseconds
 */
gint64
till_sim_meter_get_clock_ms (const TillSimMeter *self)
{
  return self->memory.at_ms + self->memory.offset_ms;
}

/**
 * till_sim_meter_get_period:
 * @self: a meter
 *
 * Returns: the period its own table and its own clock put it in
 */
TillPeriod
till_sim_meter_get_period (const TillSimMeter *self)
{
  return period_at (&self->memory, till_sim_meter_get_clock_ms (self));
}

/**
 * till_sim_meter_get_energy_ckwh:
 * @self: a meter
 * @period: a #TillPeriod, or -1 for the total
 *
 * Returns: the energy register, secondary side, 0.01 kWh, rolled over
 */
gint64
till_sim_meter_get_energy_ckwh (const TillSimMeter *self,
                                int                 period)
{
  gint64 wms = 0;

  for (int i = 0; i < TILL_N_PERIODS; i++)
    if (period < 0 || period == i)
      wms += self->memory.energy_wms[i];
  return wms / TILL_SIM_WMS_PER_CKWH % self->memory.rollover_ckwh;
}

/* Milliseconds until the money is gone at this rate, at least 1; G_MAXINT64 when it is not. */
static gint64
time_to_trip (const TillSimMeter *self,
              Wide                cost_per_ms)
{
  const TillSimMemory *memory = &self->memory;
  const Wide left = (Wide)(memory->remaining_fen + memory->overdraft_fen) * COST_PER_FEN -
                    memory->cost_rest;
  Wide ms;

  if (memory->prepay == 0 || cost_per_ms <= 0 || left <= 0)
    return G_MAXINT64;
  ms = (left + cost_per_ms - 1) / cost_per_ms;
  return ms > G_MAXINT64 ? G_MAXINT64 : (gint64)ms;
}

static void
drift (TillSimMemory *memory,
       gint64         step_ms)
{
  const gint64 sum = memory->drift_rest + step_ms * memory->drift_ppm;

  memory->offset_ms += sum / 1000000;
  memory->drift_rest = sum % 1000000;
}

/* One step, within which load, period and relay do not change. */
static void
advance_step (TillSimMeter *self,
              gint64        now_ms)
{
  TillSimMemory *memory = &self->memory;
  const gint64 clock_ms = memory->at_ms + memory->offset_ms;
  const gint64 load_w = till_sim_meter_is_closed (self) ? load_at (self, memory->at_ms) : 0;
  const TillPeriod period = period_at (memory, clock_ms);
  const Wide rate = (Wide)load_w * memory->ct * memory->pt * price_of (memory, period);
  gint64 step = MIN (now_ms - memory->at_ms, MINUTE_MS - memory->at_ms % MINUTE_MS);
  Wide cost;

  step = MIN (step, MINUTE_MS - clock_ms % MINUTE_MS);
  if (memory->force[0] == 0)
    step = MIN (step, time_to_trip (self, rate));

  memory->energy_wms[period] += load_w * step;
  if (memory->prepay != 0)
    {
      cost = memory->cost_rest + rate * step;
      memory->remaining_fen -= (gint64)(cost / COST_PER_FEN);
      memory->cost_rest = (gint64)(cost % COST_PER_FEN);
    }
  drift (memory, step);
  memory->at_ms += step;
}

/**
 * till_sim_meter_advance:
 * @self: a meter
 * @now_ms: the simulated instant to bring it to; earlier ones do nothing
 *
 * Lets the shop consume, the clock run, the money fall and the relay open when it is gone. The
 * result is the same however many steps the time is cut into.
 */
void
till_sim_meter_advance (TillSimMeter *self,
                        gint64        now_ms)
{
  TillSimMemory *memory = &self->memory;

  while (memory->at_ms < now_ms)
    {
      /* Nothing happens behind an open relay, so the whole time is one step. */
      if (!till_sim_meter_is_closed (self) && memory->drift_ppm == 0)
        memory->at_ms = now_ms;
      else
        advance_step (self, now_ms);
    }
}

static gint32
root_of (gint64 square)
{
  gint64 root = square > 0 ? G_MAXINT32 : 0;

  for (gint64 next = root; next > 0;)
    {
      root = next;
      next = (root + square / root) / 2;
      if (next >= root)
        break;
    }
  return (gint32)root;
}

static void
fill_phase (TillSimMeter *self,
            TillSimLive  *live,
            int           phase,
            gint32        power_w,
            guint64       chance)
{
  const guint64 own = till_sim_mix (self->seed, 20 + (guint64)phase);
  const gint32 factor = 850 + (gint32)(own % 120 + chance % 10);
  const gint32 volt = 2200 + (gint32)(own / 128 % 120 + chance / 16 % 25);
  const gint32 va = power_w * 1000 / factor;

  live->voltage_dv[phase] = volt;
  live->power_w[phase] = power_w;
  live->factor_milli[phase] = power_w == 0 ? 1000 : factor;
  live->apparent_va[phase] = va;
  live->current_ca[phase] = va * 1000 / volt;
  live->reactive_var[phase] = root_of ((gint64)va * va - (gint64)power_w * power_w);
}

/**
 * till_sim_meter_get_live:
 * @self: a meter
 * @live: (out): what it measures where it stands
 *
 * Voltages stay when the relay is open, as they are measured before it.
 */
void
till_sim_meter_get_live (TillSimMeter *self,
                         TillSimLive  *live)
{
  const gint64 minute = self->memory.at_ms / MINUTE_MS;
  const guint64 chance = till_sim_mix (self->seed ^ 2, (guint64)minute);
  const gint64 load_w = till_sim_meter_is_closed (self) ? load_at (self, self->memory.at_ms) : 0;
  const gint32 w = (gint32)MIN (load_w, 32767);
  const int phases = self->model == TILL_SIM_MODEL_DDSY1352 ? 1 : 3;
  const gint32 a = phases == 1 ? w : w / 3 + w / 50 * ((gint32)(chance % 3) - 1);
  const gint32 b = phases == 1 ? 0 : (w - a) / 2 + w / 60 * ((gint32)(chance / 3 % 3) - 1);

  memset (live, 0, sizeof *live);
  fill_phase (self, live, 0, a, chance);
  if (phases == 3)
    {
      fill_phase (self, live, 1, b, chance / 64);
      fill_phase (self, live, 2, w - a - b, chance / 4096);
    }
  for (int i = 0; i < phases; i++)
    {
      live->power_w[3] += live->power_w[i];
      live->reactive_var[3] += live->reactive_var[i];
      live->apparent_va[3] += live->apparent_va[i];
    }
  live->factor_milli[3] = live->apparent_va[3] == 0 ? 1000
                          : MIN (1000, live->power_w[3] * 1000 / live->apparent_va[3]);
  live->frequency_chz = 4995 + (gint32)(chance / 7 % 11);
}

/**
 * till_sim_meter_purchase:
 * @self: a meter
 * @fen: the amount
 * @count: the purchase count that came with it
 *
 * Does what the meter does with a purchase by its count rule, and remembers it. A meter whose
 * encryption is on understands nothing of a plain purchase, so nothing happens.
 *
 * Returns: whether the amount was credited
 */
gboolean
till_sim_meter_purchase (TillSimMeter *self,
                         gint64        fen,
                         guint16       count)
{
  TillSimMemory *memory = &self->memory;
  const gint64 most_fen = memory->hoard_fen != 0 ? memory->hoard_fen : G_MAXINT32;
  TillSimPurchase purchase = { .fen = fen, .count = count, .at_ms = memory->at_ms };

  purchase.accepted = (memory->run_word & TILL_SIM_RUN_ENCRYPTED) == 0 &&
                      memory->remaining_fen + fen <= most_fen &&
                      (memory->count_rule != TILL_COUNT_RULE_GUARDED ||
                       count == (guint16)(memory->count + 1));
  if (purchase.accepted)
    {
      memory->remaining_fen += fen;
      memory->total_fen += fen;
      memory->count = count;
      memory->bought_fen += fen;
      memory->accepted++;
    }
  else
    memory->rejected++;

  if (self->purchases->len >= TILL_SIM_PURCHASES_MAX)
    g_array_remove_index (self->purchases, 0);
  g_array_append_val (self->purchases, purchase);
  return purchase.accepted;
}

/**
 * till_sim_meter_free:
 * @self: (nullable) (transfer full): a meter
 */
void
till_sim_meter_free (TillSimMeter *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->purchases);
  g_free (self->key);
  g_free (self->meter_no);
  g_free (self->shop);
  g_free (self);
}
