/*
 * till-pack.c: a day of registers in a few hundred bytes
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-pack.h"

/*
 * A packed day is
 *
 *   version (1 byte) · flags (1 byte) · bit maps of 96 bits, as the flags say: slots that are
 *   there, estimated ones, restarts, slots whose power is known · a stream of bits · check (4
 *   bytes)
 *
 * The stream holds the registers of the first slot, then what each later slot adds, then the
 * powers. Nearly every slot adds to one period only, the same as the slot before, and about as
 * much: such a slot is one bit and the change of the use against the slot before, as a Rice code
 * whose parameter follows the size of the latest changes. All other slots are written register by
 * register. All differences wrap at 64 bits, so that any value comes back, also when a register
 * goes backwards. What all differences of a day are multiples of (a transformer ratio) is divided
 * out.
 *
 * The powers come last, and of their own, so that what needs only energy need not read them.
 */

#define VERSION 1
#define HEADER_SIZE 2
#define CHECK_SIZE 4
#define MAP_SIZE (TILL_READINGS_SLOTS_A_DAY / 8)

#define FLAG_GAPS (1 << 0)
#define FLAG_ESTIMATED (1 << 1)
#define FLAG_RESTARTS (1 << 2)
#define FLAG_POWER (1 << 3)
#define FLAG_POWER_GAPS (1 << 4)
#define FLAGS_KNOWN 0x1f

/* A Rice code of more than this many ones is written as ones and then the plain 64 bits. */
#define RICE_ONES_MAX 20
#define RICE_BITS_MAX 32

/* 16 times the changes a day begins with, so that its first codes are not far too long. */
#define USE_MEAN_16 (16 * 4)
#define POWER_MEAN_16 (16 * 64)

#define NO_POWER (-1)

/* The periods, and what the total adds beyond them. */
#define N_REGISTERS (TILL_N_PERIODS + 1)

G_DEFINE_QUARK (till_pack_error, till_pack_error)

typedef guint8 Map[MAP_SIZE];

/* The sizes of late, for the parameter of the next Rice code; 16 times a moving mean. */
typedef struct
{
  guint64 mean_16;
} Rice;

typedef struct
{
  GByteArray *bytes;
  guint64     pending; /* the lowest @n_pending bits are not in @bytes yet */
  guint       n_pending;
} Writer;

typedef struct
{
  /* The bytes and then zeros, so that eight can be taken at once wherever the stream may end. */
  guint8 bytes[TILL_PACK_SIZE_MAX + 16];
  gsize  at_bit;
  gsize  n_bits;
} Reader;

/* What the coder of the registers remembers from one slot to the next. */
typedef struct
{
  Rice    rice;
  guint   period;
  guint64 use;
} Track;

static inline guint64
fold_sign (guint64 value)
{
  return (value << 1) ^ (guint64)((gint64)value >> 63);
}

static inline guint64
unfold_sign (guint64 folded)
{
  return (folded >> 1) ^ (0 - (folded & 1));
}

static inline gboolean
map_get (const guint8 *map,
         guint         i)
{
  return (map[i / 8] >> (i % 8)) & 1;
}

static inline void
map_set (guint8 *map,
         guint   i)
{
  map[i / 8] |= (guint8)(1 << (i % 8));
}

static inline guint
rice_parameter (const Rice *rice)
{
  /* The best parameter is about the logarithm of 0.69 of the mean; 11/256 is 0.69/16. */
  const guint64 size = (rice->mean_16 * 11) >> 8;
  const guint bits = size == 0 ? 0 : 64 - (guint)__builtin_clzll (size);

  return MIN (bits, RICE_BITS_MAX);
}

static inline void
rice_learn (Rice   *rice,
            guint64 value)
{
  rice->mean_16 += MIN (value, G_GUINT64_CONSTANT (1) << 40) - (rice->mean_16 >> 4);
}

static void
put_bits (Writer *writer,
          guint64 value,
          guint   n)
{
  g_assert (n <= 32 && value >> n == 0);

  writer->pending = writer->pending << n | value;
  writer->n_pending += n;

  while (writer->n_pending >= 8)
    {
      const guint8 byte = (guint8)(writer->pending >> (writer->n_pending - 8));

      g_byte_array_append (writer->bytes, &byte, 1);
      writer->n_pending -= 8;
    }
}

/* Groups of three bits, lowest first, each after a bit that says whether another follows. */
static void
put_number (Writer *writer,
            guint64 value)
{
  while (value > 7)
    {
      put_bits (writer, 8 | (value & 7), 4);
      value >>= 3;
    }

  put_bits (writer, value, 4);
}

static void
put_rice (Writer *writer,
          Rice   *rice,
          guint64 value)
{
  const guint n = rice_parameter (rice);
  const guint64 ones = value >> n;

  if (ones < RICE_ONES_MAX)
    {
      put_bits (writer, (G_GUINT64_CONSTANT (2) << ones) - 2, (guint)ones + 1);
      put_bits (writer, value & ((G_GUINT64_CONSTANT (1) << n) - 1), n);
    }
  else
    {
      put_bits (writer, (1 << RICE_ONES_MAX) - 1, RICE_ONES_MAX);
      put_bits (writer, value >> 32, 32);
      put_bits (writer, value & G_MAXUINT32, 32);
    }

  rice_learn (rice, value);
}

/* The next 57 bits or more, at the top of the word. Zeros beyond the end. */
static inline guint64
peek_bits (const Reader *reader)
{
  guint64 word;

  if (G_UNLIKELY (reader->at_bit > reader->n_bits))
    return 0;

  memcpy (&word, reader->bytes + reader->at_bit / 8, sizeof word);
  return GUINT64_FROM_BE (word) << (reader->at_bit % 8);
}

static inline guint64
take_bits (Reader *reader,
           guint   n)
{
  const guint64 word = peek_bits (reader);

  reader->at_bit += n;
  return n == 0 ? 0 : word >> (64 - n);
}

static guint64
take_number (Reader *reader)
{
  guint64 value = 0;

  for (guint shift = 0; shift < 66; shift += 3)
    {
      const guint64 group = take_bits (reader, 4);

      value |= (group & 7) << shift;

      if (!(group & 8))
        break;
    }

  return value;
}

static inline guint64
take_rice (Reader *reader,
           Rice   *rice)
{
  const guint n = rice_parameter (rice);
  const guint64 word = peek_bits (reader);
  /* The lowest bit is set so that a word of ones only has an end. */
  const guint ones = (guint)__builtin_clzll (~word | 1);
  guint64 value;

  if (G_LIKELY (ones < RICE_ONES_MAX))
    {
      value = (guint64)ones << n | (n == 0 ? 0 : word << (ones + 1) >> (64 - n));
      reader->at_bit += ones + 1 + n;
    }
  else
    {
      reader->at_bit += RICE_ONES_MAX;
      value = take_bits (reader, 32) << 32;
      value |= take_bits (reader, 32);
    }

  rice_learn (rice, value);
  return value;
}

static guint64
gcd (guint64 a,
     guint64 b)
{
  while (b != 0)
    {
      const guint64 rest = a % b;

      a = b;
      b = rest;
    }

  return a;
}

static guint64
magnitude (guint64 difference)
{
  return (gint64)difference < 0 ? 0 - difference : difference;
}

static inline guint64
divide (guint64 difference,
        guint64 unit)
{
  if (unit == 1)
    return difference;

  return (gint64)difference < 0 ? 0 - (0 - difference) / unit : difference / unit;
}

/* What a slot adds to the slot before: the periods, then what the total adds beyond them. */
static void
subtract (const TillRegisters *before,
          const TillRegisters *after,
          guint64              added[N_REGISTERS])
{
  guint64 rest = (guint64)after->total_ckwh - (guint64)before->total_ckwh;

  for (guint p = 0; p < TILL_N_PERIODS; p++)
    {
      added[p] = (guint64)after->period_ckwh[p] - (guint64)before->period_ckwh[p];
      rest -= added[p];
    }

  added[TILL_N_PERIODS] = rest;
}

/* The one period that has changed, @current when none has, or -1 when it is not as simple. */
static int
find_period (const guint64 added[N_REGISTERS],
             guint         current)
{
  int found = (int)current;
  guint n_changed = 0;

  for (int r = 0; r < N_REGISTERS; r++)
    if (added[r] != 0)
      {
        n_changed++;
        found = r;
      }

  return n_changed > 1 || found == TILL_N_PERIODS ? -1 : found;
}

static void
put_slot (Writer       *writer,
          Track        *track,
          const guint64 added[N_REGISTERS])
{
  const int period = find_period (added, track->period);
  guint64 use = 0;

  if (period < 0)
    {
      put_bits (writer, 3, 2);
      for (guint r = 0; r < N_REGISTERS; r++)
        put_bits (writer, added[r] != 0, 1);

      for (guint r = 0; r < N_REGISTERS; r++)
        {
          if (added[r] != 0)
            put_number (writer, fold_sign (added[r]));
          use += added[r];
        }

      track->use = use;
      return;
    }

  if ((guint)period == track->period)
    {
      put_bits (writer, 0, 1);
    }
  else
    {
      put_bits (writer, 2, 2);
      put_bits (writer, (guint)period, 3);
    }

  put_rice (writer, &track->rice, fold_sign (added[period] - track->use));
  track->period = (guint)period;
  track->use = added[period];
}

static void
put_registers (Writer              *writer,
               const TillRegisters *slots,
               guint                n_slots)
{
  static const TillRegisters nothing;
  guint64 added[N_REGISTERS];
  guint64 unit = 0;
  Track track = { { USE_MEAN_16 }, TILL_PERIOD_FLAT, 0 };

  for (guint i = 1; i < n_slots; i++)
    {
      subtract (&slots[i - 1], &slots[i], added);
      for (guint r = 0; r < N_REGISTERS; r++)
        unit = gcd (unit, magnitude (added[r]));
    }
  unit = MAX (unit, 1);

  put_number (writer, unit);
  subtract (&nothing, &slots[0], added);
  for (guint r = 0; r < N_REGISTERS; r++)
    put_number (writer, fold_sign (added[r]));

  for (guint i = 1; i < n_slots; i++)
    {
      subtract (&slots[i - 1], &slots[i], added);
      for (guint r = 0; r < N_REGISTERS; r++)
        added[r] = divide (added[r], unit);
      put_slot (writer, &track, added);
    }
}

static void
put_powers (Writer              *writer,
            const TillRegisters *slots,
            guint                n_slots)
{
  guint64 unit = 0;
  guint64 before = 0;
  gboolean first = TRUE;
  Rice rice = { POWER_MEAN_16 };

  for (guint i = 0; i < n_slots; i++)
    if (slots[i].power_max_w != NO_POWER)
      unit = gcd (unit, magnitude ((guint64)slots[i].power_max_w));
  unit = MAX (unit, 1);

  put_number (writer, unit);
  for (guint i = 0; i < n_slots; i++)
    {
      const guint64 power = divide ((guint64)slots[i].power_max_w, unit);

      if (slots[i].power_max_w == NO_POWER)
        continue;

      if (first)
        put_number (writer, fold_sign (power));
      else
        put_rice (writer, &rice, fold_sign (power - before));
      first = FALSE;
      before = power;
    }
}

static inline gboolean
take_slot (Reader        *reader,
           Track         *track,
           guint64        unit,
           TillRegisters *slot)
{
  const guint64 word = peek_bits (reader);
  guint64 use = 0;

  if (word >> 62 == 3)
    {
      const guint mask = (guint)(word >> 56) & 0x3f;

      reader->at_bit += 2 + N_REGISTERS;
      for (guint r = 0; r < N_REGISTERS; r++)
        {
          const gboolean changed = mask >> (N_REGISTERS - 1 - r) & 1;
          const guint64 added = changed ? unfold_sign (take_number (reader)) : 0;

          if (r < TILL_N_PERIODS)
            slot->period_ckwh[r] = (gint64)((guint64)slot->period_ckwh[r] + added * unit);
          use += added;
        }
    }
  else
    {
      if (word >> 63 == 0)
        {
          reader->at_bit += 1;
        }
      else
        {
          track->period = (guint)(word >> 59) & 7;
          reader->at_bit += 5;

          if (track->period >= TILL_N_PERIODS)
            return FALSE;
        }

      use = track->use + unfold_sign (take_rice (reader, &track->rice));
      slot->period_ckwh[track->period] =
        (gint64)((guint64)slot->period_ckwh[track->period] + use * unit);
    }

  slot->total_ckwh = (gint64)((guint64)slot->total_ckwh + use * unit);
  track->use = use;
  return TRUE;
}

static gboolean
take_registers (Reader        *reader,
                TillRegisters *slots,
                guint          n_slots)
{
  Track track = { { USE_MEAN_16 }, TILL_PERIOD_FLAT, 0 };
  TillRegisters now = { .power_max_w = NO_POWER };
  const guint64 unit = take_number (reader);
  guint64 total = 0;

  for (guint r = 0; r < N_REGISTERS; r++)
    {
      const guint64 value = unfold_sign (take_number (reader));

      if (r < TILL_N_PERIODS)
        now.period_ckwh[r] = (gint64)value;
      total += value;
    }
  now.total_ckwh = (gint64)total;

  slots[0] = now;
  for (guint i = 1; i < n_slots; i++)
    {
      if (!take_slot (reader, &track, unit, &now))
        return FALSE;
      slots[i] = now;
    }

  return TRUE;
}

static void
take_powers (Reader        *reader,
             const guint8  *known,
             TillRegisters *slots,
             guint          n_slots,
             const guint8  *index)
{
  const guint64 unit = take_number (reader);
  guint64 power = unfold_sign (take_number (reader));
  Rice rice = { POWER_MEAN_16 };
  gboolean first = TRUE;

  for (guint i = 0; i < n_slots; i++)
    if (known == NULL || map_get (known, index[i]))
      {
        if (!first)
          power += unfold_sign (take_rice (reader, &rice));
        first = FALSE;
        slots[i].power_max_w = (gint64)(power * unit);
      }
}

/**
 * till_pack_check:
 * @meter_id: whose day it is
 * @day: which day, yyyymmdd
 * @data: (array length=size): a packed day without its last four bytes
 * @size: its size
 *
 * Works out the check that ends a packed day. It takes in the meter and the day, so that a packed
 * day in the wrong row is found out too. It goes over eight bytes at a time because a chart of a
 * year unpacks 365 days; what a change has to slip through are 32 bits.
 *
 * Returns: the check
 */
guint32
till_pack_check (gint64        meter_id,
                 int           day,
                 const guint8 *data,
                 gsize         size)
{
  guint64 sum = (guint64)meter_id * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + (guint64)day;

  g_return_val_if_fail (data != NULL || size == 0, 0);

  sum = (sum ^ size) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  for (gsize i = 0; i < size; i += 8)
    {
      guint64 word = 0;

      memcpy (&word, data + i, MIN (size - i, sizeof word));
      sum = (sum ^ GUINT64_FROM_LE (word)) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
      sum ^= sum >> 32;
    }

  return (guint32)((sum * G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53)) >> 32);
}

/* The slots of a day by the maps they need. Returns the flags. */
static guint8
make_maps (gint64               start_ms,
           const TillRegisters *slots,
           guint                n_slots,
           Map                  maps[5])
{
  guint n[5] = { 0 };
  guint8 flags = 0;

  memset (maps, 0, 5 * sizeof (Map));
  for (guint i = 0; i < n_slots; i++)
    {
      const TillRegisters *slot = &slots[i];
      const gint64 since_ms = slot->at_ms - start_ms;
      const guint at = (guint)(since_ms / TILL_READINGS_SLOT_MS);
      const gboolean is_in[5] = { TRUE, slot->estimated, slot->restart, FALSE,
                                  slot->power_max_w != NO_POWER };

      g_assert (since_ms >= 0 && since_ms % TILL_READINGS_SLOT_MS == 0);
      g_assert (at < TILL_READINGS_SLOTS_A_DAY && (i == 0 || slot->at_ms > slots[i - 1].at_ms));

      for (guint m = 0; m < 5; m++)
        if (is_in[m])
          {
            map_set (maps[m], at);
            n[m]++;
          }
    }

  flags |= n_slots < TILL_READINGS_SLOTS_A_DAY ? FLAG_GAPS : 0;
  flags |= n[1] > 0 ? FLAG_ESTIMATED : 0;
  flags |= n[2] > 0 ? FLAG_RESTARTS : 0;
  flags |= n[4] > 0 ? FLAG_POWER : 0;
  flags |= n[4] > 0 && n[4] < n_slots ? FLAG_POWER_GAPS : 0;
  return flags;
}

/**
 * till_pack_day:
 * @meter_id: whose day it is
 * @day: which day, yyyymmdd
 * @slots: (array length=n_slots): the slots of the day that there are, in order, none twice
 * @n_slots: how many, 1 to 96
 * @blob: where to put the packed day; what it held before is dropped
 *
 * Packs a day. Nothing is rounded: till_pack_unpack() gives back the same slots, whatever the
 * values of their registers and powers.
 */
void
till_pack_day (gint64               meter_id,
               int                  day,
               const TillRegisters *slots,
               guint                n_slots,
               GByteArray          *blob)
{
  guint8 head[HEADER_SIZE] = { VERSION, 0 };
  Writer writer = { blob, 0, 0 };
  Map maps[5];

  g_return_if_fail (slots != NULL && blob != NULL);
  g_return_if_fail (n_slots > 0 && n_slots <= TILL_READINGS_SLOTS_A_DAY);

  head[1] = make_maps (till_clock_day_start_ms (day), slots, n_slots, maps);

  g_byte_array_set_size (blob, 0);
  g_byte_array_append (blob, head, sizeof head);
  for (guint m = 0; m < 5; m++)
    if (m != 3 && head[1] & (1 << m))
      g_byte_array_append (blob, maps[m], MAP_SIZE);

  put_registers (&writer, slots, n_slots);
  if (head[1] & FLAG_POWER)
    put_powers (&writer, slots, n_slots);
  if (writer.n_pending > 0)
    put_bits (&writer, 0, 8 - writer.n_pending);

  const guint32 check = GUINT32_TO_LE (till_pack_check (meter_id, day, blob->data, blob->len));

  g_byte_array_append (blob, (const guint8 *)&check, CHECK_SIZE);
  g_assert (blob->len <= TILL_PACK_SIZE_MAX);
}

/* Which slots of the day there are. Returns how many, 0 when the map is wrong. */
static guint
index_slots (const guint8 *present,
             guint8        index[TILL_READINGS_SLOTS_A_DAY])
{
  guint n = 0;

  for (guint i = 0; i < TILL_READINGS_SLOTS_A_DAY; i++)
    if (present == NULL || map_get (present, i))
      index[n++] = (guint8)i;

  return present != NULL && n == TILL_READINGS_SLOTS_A_DAY ? 0 : n;
}

/* Whether @map marks some slots, and only such as are there. */
static gboolean
is_map_of (const guint8 *map,
           const guint8 *present)
{
  gboolean any = FALSE;

  for (guint i = 0; i < MAP_SIZE; i++)
    {
      any = any || map[i] != 0;
      if (present != NULL && map[i] & ~present[i])
        return FALSE;
    }

  return any;
}

/* The stream ends within its last byte, and the rest of that is zeros. */
static gboolean
is_at_end (const Reader *reader)
{
  return reader->at_bit <= reader->n_bits && reader->n_bits - reader->at_bit < 8 &&
         (reader->at_bit == reader->n_bits || peek_bits (reader) == 0);
}

/* Everything between the header and the check. */
static gboolean
take_day (gint64         start_ms,
          guint8         flags,
          const guint8  *data,
          gsize          size,
          TillRegisters *slots,
          guint         *n_slots)
{
  const guint8 *maps[5] = { NULL };
  guint8 index[TILL_READINGS_SLOTS_A_DAY];
  Reader reader;

  for (guint m = 0; m < 5; m++)
    if (m != 3 && flags & (1 << m))
      {
        if (size < MAP_SIZE || (m > 0 && !is_map_of (data, maps[0])))
          return FALSE;
        maps[m] = data;
        data += MAP_SIZE;
        size -= MAP_SIZE;
      }

  const guint n = index_slots (maps[0], index);

  if (n == 0 || (flags & FLAG_POWER_GAPS && !(flags & FLAG_POWER)))
    return FALSE;

  memcpy (reader.bytes, data, size);
  memset (reader.bytes + size, 0, 16);
  reader.at_bit = 0;
  reader.n_bits = size * 8;

  if (!take_registers (&reader, slots, n))
    return FALSE;
  if (flags & FLAG_POWER)
    take_powers (&reader, maps[4], slots, n, index);
  if (!is_at_end (&reader))
    return FALSE;

  for (guint i = 0; i < n; i++)
    {
      slots[i].at_ms = start_ms + index[i] * (gint64)TILL_READINGS_SLOT_MS;
      slots[i].estimated = maps[1] != NULL && map_get (maps[1], index[i]);
      slots[i].restart = maps[2] != NULL && map_get (maps[2], index[i]);
    }

  *n_slots = n;
  return TRUE;
}

/**
 * till_pack_unpack:
 * @meter_id: whose day it is
 * @day: which day, yyyymmdd
 * @data: (array length=size): what till_pack_day() made
 * @size: its size
 * @slots: (out) (array fixed-size=96): where to put the slots, in order; undefined on error
 * @n_slots: (out): how many there are; left alone on error
 * @error: return location for a #GError
 *
 * Unpacks a day. Bytes that are cut short or altered are refused; whatever they are, no more than
 * the 96 slots are written.
 *
 * Returns: %TRUE when the outs were set, %FALSE with @error set otherwise
 */
gboolean
till_pack_unpack (gint64         meter_id,
                  int            day,
                  const guint8  *data,
                  gsize          size,
                  TillRegisters *slots,
                  guint         *n_slots,
                  GError       **error)
{
  const gsize body = size - CHECK_SIZE; /* of no use before the size is known to be good */
  guint32 check;

  g_return_val_if_fail (data != NULL || size == 0, FALSE);
  g_return_val_if_fail (slots != NULL && n_slots != NULL, FALSE);

  if (size > 0 && data[0] > VERSION)
    {
      g_set_error (error, TILL_PACK_ERROR, TILL_PACK_ERROR_NEWER,
                   "day %d of meter %" G_GINT64_FORMAT " was packed by a later version (form %u); "
                   "install that version to read it", day, meter_id, data[0]);
      return FALSE;
    }

  gboolean good = size > HEADER_SIZE + CHECK_SIZE && size <= TILL_PACK_SIZE_MAX &&
                  data[0] == VERSION && !(data[1] & ~FLAGS_KNOWN);

  if (good)
    {
      memcpy (&check, data + body, CHECK_SIZE);
      good = GUINT32_FROM_LE (check) == till_pack_check (meter_id, day, data, body) &&
             take_day (till_clock_day_start_ms (day), data[1], data + HEADER_SIZE,
                       body - HEADER_SIZE, slots, n_slots);
    }

  if (!good)
    g_set_error (error, TILL_PACK_ERROR, TILL_PACK_ERROR_GARBLED,
                 "day %d of meter %" G_GINT64_FORMAT " cannot be unpacked: its %" G_GSIZE_FORMAT
                 " bytes are damaged; restore the readings file from a backup", day, meter_id,
                 size);

  return good;
}
