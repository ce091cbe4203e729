/*
 * till-profile-decoder.c: from registers to a reading, without floating point
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-profile-private.h"

#define SIZE_OF(member) (sizeof (((TillReading *)0)->member))
#define MEMBER(name, field, member, ratio) \
  { name, TILL_READING_ ## field, G_STRUCT_OFFSET (TillReading, member), SIZE_OF (member), \
    TILL_RATIO_ ## ratio }

static const TillProfileMember members[] = {
  /* The ratios come first: what follows is multiplied by them. */
  MEMBER ("pt", RATIOS, pt, NONE),
  MEMBER ("ct", RATIOS, ct, NONE),
  MEMBER ("device-type", DEVICE_TYPE, device_type, NONE),
  MEMBER ("voltage.a", VOLTAGE, voltage_dv[0], PT),
  MEMBER ("voltage.b", VOLTAGE, voltage_dv[1], PT),
  MEMBER ("voltage.c", VOLTAGE, voltage_dv[2], PT),
  MEMBER ("current.a", CURRENT, current_ma[0], CT),
  MEMBER ("current.b", CURRENT, current_ma[1], CT),
  MEMBER ("current.c", CURRENT, current_ma[2], CT),
  MEMBER ("power.a", POWER, power_w[0], BOTH),
  MEMBER ("power.b", POWER, power_w[1], BOTH),
  MEMBER ("power.c", POWER, power_w[2], BOTH),
  MEMBER ("power.sum", POWER, power_w[3], BOTH),
  MEMBER ("reactive.a", REACTIVE, reactive_var[0], BOTH),
  MEMBER ("reactive.b", REACTIVE, reactive_var[1], BOTH),
  MEMBER ("reactive.c", REACTIVE, reactive_var[2], BOTH),
  MEMBER ("reactive.sum", REACTIVE, reactive_var[3], BOTH),
  MEMBER ("power-factor.a", POWER_FACTOR, power_factor_milli[0], NONE),
  MEMBER ("power-factor.b", POWER_FACTOR, power_factor_milli[1], NONE),
  MEMBER ("power-factor.c", POWER_FACTOR, power_factor_milli[2], NONE),
  MEMBER ("power-factor.sum", POWER_FACTOR, power_factor_milli[3], NONE),
  MEMBER ("frequency", FREQUENCY, frequency_chz, NONE),
  MEMBER ("energy", ENERGY, energy_ckwh, BOTH),
  MEMBER ("energy.sharp", PERIOD_ENERGY, period_energy_ckwh[TILL_PERIOD_SHARP], BOTH),
  MEMBER ("energy.peak", PERIOD_ENERGY, period_energy_ckwh[TILL_PERIOD_PEAK], BOTH),
  MEMBER ("energy.flat", PERIOD_ENERGY, period_energy_ckwh[TILL_PERIOD_FLAT], BOTH),
  MEMBER ("energy.valley", PERIOD_ENERGY, period_energy_ckwh[TILL_PERIOD_VALLEY], BOTH),
  MEMBER ("energy.deep", DEEP_ENERGY, period_energy_ckwh[TILL_PERIOD_DEEP], BOTH),
  MEMBER ("base-energy", BASE_ENERGY, base_energy_ckwh, BOTH),
  MEMBER ("remaining", REMAINING, remaining, NONE),
  MEMBER ("total-bought", TOTAL_BOUGHT, total_bought, NONE),
  MEMBER ("purchase-count", PURCHASE_COUNT, purchase_count, NONE),
  MEMBER ("overload-trips", OVERLOAD, overload_trips, NONE),
  MEMBER ("overload-trips-allowed", OVERLOAD, overload_trips_allowed, NONE),
  MEMBER ("clock", CLOCK, clock_ms, NONE),
  MEMBER ("meter-no", METER_NO, meter_no, NONE),
  MEMBER ("run-word", RUN_WORD, run_word, NONE),
  MEMBER ("price.sharp", PRICES, price_uyuan[TILL_PERIOD_SHARP], NONE),
  MEMBER ("price.peak", PRICES, price_uyuan[TILL_PERIOD_PEAK], NONE),
  MEMBER ("price.flat", PRICES, price_uyuan[TILL_PERIOD_FLAT], NONE),
  MEMBER ("price.valley", PRICES, price_uyuan[TILL_PERIOD_VALLEY], NONE),
  MEMBER ("price.deep", PRICES, price_uyuan[TILL_PERIOD_DEEP], NONE),
  MEMBER ("alarm-1", LIMITS, alarm_1, NONE),
  MEMBER ("alarm-2", LIMITS, alarm_2, NONE),
  MEMBER ("overdraft", LIMITS, overdraft, NONE),
};

/**
 * till_profile_find_member:
 * @name: the name of a register section
 *
 * Returns: (nullable): the member of a reading of that name
 */
const TillProfileMember *
till_profile_find_member (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (strcmp (members[i].name, name) == 0)
      return &members[i];

  return NULL;
}

/**
 * till_register_type_get_count:
 * @type: a type
 *
 * Returns: how many registers a value of it takes
 */
guint
till_register_type_get_count (TillRegisterType type)
{
  switch (type)
    {
    case TILL_REGISTER_TYPE_U16:
    case TILL_REGISTER_TYPE_S16:
      return 1;

    case TILL_REGISTER_TYPE_U32:
    case TILL_REGISTER_TYPE_S32:
    case TILL_REGISTER_TYPE_F32:
      return 2;

    case TILL_REGISTER_TYPE_BCD:
      return 3;

    case TILL_REGISTER_TYPE_CLOCK:
      return 4;

    default:
      g_assert_not_reached ();
    }
}

/* Divides, rounding halves away from zero. */
static __int128
divide (__int128 value,
        __int128 by)
{
  return value >= 0 ? (value + by / 2) / by : -((-value + by / 2) / by);
}

static gboolean
narrow (__int128 value,
        gint64  *result)
{
  if (value > G_MAXINT64 / 4 || value < G_MININT64 / 4)
    return FALSE;

  *result = (gint64)value;
  return TRUE;
}

/**
 * till_register_scale:
 * @value: a number
 * @numerator: what to multiply it by
 * @denominator: what to divide it by, above 0
 * @result: (out): the nearest whole number, halves away from zero
 *
 * Returns: %FALSE when it is out of all reason
 */
gboolean
till_register_scale (gint64  value,
                     gint64  numerator,
                     gint64  denominator,
                     gint64 *result)
{
  return narrow (divide ((__int128)value * numerator, denominator), result);
}

/**
 * till_register_from_ieee:
 * @bits: an IEEE 754 number of 32 bits
 * @numerator: what to multiply it by, below 2^63
 * @denominator: what to divide it by, above 0
 * @result: (out): the nearest whole number, halves away from zero
 *
 * Takes the number apart by its bits, so that nothing depends on the machine's own arithmetic.
 *
 * Returns: %FALSE when it is no number or out of all reason
 */
gboolean
till_register_from_ieee (guint32 bits,
                         gint64  numerator,
                         gint64  denominator,
                         gint64 *result)
{
  const int exponent = (int)(bits >> 23 & 0xff);
  const gint64 fraction = bits & 0x7fffff;
  const gint64 mantissa = exponent == 0 ? fraction : fraction | 0x800000;
  const int shift = (exponent == 0 ? 1 : exponent) - 127 - 23;
  __int128 product = (__int128)mantissa * numerator;

  if (exponent == 0xff || numerator > G_GINT64_CONSTANT (1) << 40)
    return FALSE;

  /* The product is below 2^64; anything shifted left by more than 60 is beyond 2^62 or is 0. */
  if (shift > 60 && product != 0)
    return FALSE;

  if (shift >= 0)
    product = divide (product << MIN (shift, 60), denominator);
  else if (shift < -62)
    product = 0;
  else
    product = divide (product, (__int128)denominator << -shift);

  return narrow (bits >> 31 ? -product : product, result);
}

/* The registers of an address range among the blocks that were read, or %NULL. */
static const guint16 *
find_values (const TillRequest *requests,
             guint              n_requests,
             guint              address,
             guint              count)
{
  for (guint i = 0; i < n_requests; i++)
    if (requests[i].kind == TILL_REQUEST_KIND_READ && address >= requests[i].address &&
        address + count <= (guint)requests[i].address + requests[i].count)
      return requests[i].values + (address - requests[i].address);

  return NULL;
}

static gboolean
fail_value (const TillProfile         *self,
            const TillProfileRegister *r,
            GError                   **error)
{
  g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH,
               "register 0x%04x (%s) holds no such value; check the profile “%s” against the meter",
               r->address, r->member->name, self->name);
  return FALSE;
}

/* YY MM, DD weekday, hh mm, ss -, one octet each. A clock that says nonsense is no fault of the
 * reading: it is left out, and the engine sets it. */
static gboolean
decode_clock (const guint16 *v,
              gint64        *at_ms)
{
  const int year = 2000 + (v[0] >> 8);
  const int month = v[0] & 0xff;
  const int day = v[1] >> 8;
  const int hour = v[2] >> 8;
  const int minute = v[2] & 0xff;
  const int second = v[3] >> 8;

  if (year > 2099 || month < 1 || month > 12 || day < 1 ||
      day > g_date_get_days_in_month (month, (GDateYear)year) ||
      hour > 23 || minute > 59 || second > 59)
    return FALSE;

  *at_ms = till_clock_from_civil (year, month, day, hour, minute, second);
  return TRUE;
}

static gboolean
decode_bcd (const guint16 *v,
            char          *text)
{
  for (guint i = 0; i < 12; i++)
    {
      const guint digit = v[i / 4] >> (12 - 4 * (i % 4)) & 0xf;

      if (digit > 9)
        return FALSE;

      text[i] = (char)('0' + digit);
    }

  text[12] = '\0';
  return TRUE;
}

static gboolean
decode_number (const TillProfileRegister *r,
               const guint16             *v,
               gint64                    *number)
{
  const guint16 high = r->low_first && r->count == 2 ? v[1] : v[0];
  const guint16 low = r->count == 2 ? (r->low_first ? v[0] : v[1]) : 0;
  const guint32 both = (guint32)high << 16 | low;
  gint64 raw;

  if (r->type == TILL_REGISTER_TYPE_F32)
    return till_register_from_ieee (both, r->numerator, r->denominator, number);

  if (r->type == TILL_REGISTER_TYPE_U32 || r->type == TILL_REGISTER_TYPE_S32)
    raw = r->type == TILL_REGISTER_TYPE_S32 ? (gint32)both : (gint64)both;
  else
    raw = r->type == TILL_REGISTER_TYPE_S16 ? (gint16)v[0] : (gint64)v[0];

  return till_register_scale (raw, r->numerator, r->denominator, number);
}

static gboolean
store_number (const TillProfileMember *member,
              gint64                   number,
              TillReading             *reading)
{
  void *at = (char *)reading + member->offset;

  if (member->size == sizeof (gint64))
    {
      *(gint64 *)at = number;
      return TRUE;
    }

  if (member->size == sizeof (gint32))
    {
      /* The counts and the flags are unsigned, but none of them needs the highest bit. */
      *(gint32 *)at = (gint32)number;
      return number >= G_MININT32 && number <= G_MAXINT32;
    }

  *(guint16 *)at = (guint16)number;
  return number >= 0 && number <= G_MAXUINT16;
}

static gboolean
decode_register (const TillProfile         *self,
                 const TillProfileRegister *r,
                 const guint16             *v,
                 TillReading               *reading,
                 GError                   **error)
{
  gint64 number = 0;

  if (r->type == TILL_REGISTER_TYPE_CLOCK)
    {
      if (decode_clock (v, &reading->clock_ms))
        reading->fields |= TILL_READING_CLOCK;

      return TRUE;
    }

  if (r->type == TILL_REGISTER_TYPE_BCD)
    {
      if (!decode_bcd (v, reading->meter_no))
        return fail_value (self, r, error);

      reading->fields |= r->member->field;
      return TRUE;
    }

  if (!decode_number (r, v, &number))
    return fail_value (self, r, error);

  if (!r->primary && (r->member->ratio == TILL_RATIO_PT || r->member->ratio == TILL_RATIO_BOTH) &&
      !till_register_scale (number, reading->pt, 1, &number))
    return fail_value (self, r, error);

  if (!r->primary && (r->member->ratio == TILL_RATIO_CT || r->member->ratio == TILL_RATIO_BOTH) &&
      !till_register_scale (number, reading->ct, 1, &number))
    return fail_value (self, r, error);

  if (!store_number (r->member, number, reading))
    return fail_value (self, r, error);

  reading->fields |= r->member->field;
  return TRUE;
}

/* What the meter says of a ratio: 0 and what was not read count as 1 when the meter has no such
 * register; otherwise a value that needs it cannot be told. */
static gint32
find_ratio (const TillProfile *self,
            const TillRequest *requests,
            guint              n_requests,
            const char        *name)
{
  for (guint i = 0; i < self->n_registers; i++)
    {
      const TillProfileRegister *r = &self->registers[i];
      const guint16 *v;
      gint64 number = 0;

      if (strcmp (r->member->name, name) != 0)
        continue;

      v = find_values (requests, n_requests, r->address, r->count);

      if (v == NULL || !decode_number (r, v, &number) || number > G_MAXUINT16)
        return 0;

      return number < 1 ? 1 : (gint32)number;
    }

  return 1;
}

static gboolean
needs_ratio (const TillProfileRegister *r,
             const TillReading         *reading)
{
  const TillRatio ratio = r->member->ratio;

  return !r->primary &&
         ((reading->ct == 0 && (ratio == TILL_RATIO_CT || ratio == TILL_RATIO_BOTH)) ||
          (reading->pt == 0 && (ratio == TILL_RATIO_PT || ratio == TILL_RATIO_BOTH)));
}

static gboolean
decode_registers (const TillProfile *self,
                  const TillRequest *requests,
                  guint              n_requests,
                  TillReading       *reading,
                  GError           **error)
{
  for (guint i = 0; i < self->n_registers; i++)
    {
      const TillProfileRegister *r = &self->registers[i];
      const guint16 *v = find_values (requests, n_requests, r->address, r->count);

      if (v == NULL || r->member->field == TILL_READING_RATIOS)
        continue;

      if (needs_ratio (r, reading))
        {
          g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                       "%s needs the CT and PT ratios, which were not read with it; give them with "
                       "the meter", r->member->name);
          return FALSE;
        }

      if (!decode_register (self, r, v, reading, error))
        return FALSE;
    }

  return TRUE;
}

static void
decode_status (const TillProfile *self,
               const TillRequest *requests,
               guint              n_requests,
               TillReading       *reading)
{
  for (guint i = 0; i < self->n_status; i++)
    {
      const TillProfileStatus *status = &self->status[i];
      const guint16 *v = find_values (requests, n_requests, status->address, 1);

      for (guint bit = 0; v != NULL && bit < 16; bit++)
        if (*v >> bit & 1)
          reading->flags |= status->flags[bit];

      if (v != NULL)
        reading->fields |= TILL_READING_STATUS;
    }
}

/**
 * till_profile_decode:
 * @self: the profile of the meter
 * @requests: (array length=n_requests): reads that succeeded
 * @n_requests: how many
 * @reading: (inout): where to put what they say; its id and times are kept, its ratios are used
 *   where they are not 0, and everything else is made new. Left alone on error
 * @error: return location for a #GError
 *
 * Decodes every register of the profile that the reads cover, into primary values. The device type
 * is compared with what the profile expects.
 *
 * Returns: %TRUE when @reading was set; %FALSE with @error set (%TILL_BUS_ERROR_MISMATCH when this
 *   is another kind of meter or a value is impossible, %TILL_BUS_ERROR_UNSUPPORTED when a ratio is
 *   not known)
 */
gboolean
till_profile_decode (const TillProfile *self,
                     const TillRequest *requests,
                     guint              n_requests,
                     TillReading       *reading,
                     GError           **error)
{
  TillReading fresh = { 0 };

  g_return_val_if_fail (self != NULL && requests != NULL && reading != NULL, FALSE);

  fresh.meter_id = reading->meter_id;
  fresh.at_ms = reading->at_ms;
  fresh.monotonic_us = reading->monotonic_us;
  fresh.ct = reading->ct > 0 ? reading->ct : find_ratio (self, requests, n_requests, "ct");
  fresh.pt = reading->pt > 0 ? reading->pt : find_ratio (self, requests, n_requests, "pt");

  if (fresh.ct > 0 && fresh.pt > 0)
    fresh.fields |= TILL_READING_RATIOS;

  if (!decode_registers (self, requests, n_requests, &fresh, error))
    return FALSE;

  decode_status (self, requests, n_requests, &fresh);

  if (self->device_type != 0 && fresh.fields & TILL_READING_DEVICE_TYPE &&
      fresh.device_type != self->device_type)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH,
                   "the meter says it is of type %u, but the profile “%s” is for type %u; is "
                   "this the right address, and the right profile?",
                   fresh.device_type, self->name, self->device_type);
      return FALSE;
    }

  *reading = fresh;
  return TRUE;
}
