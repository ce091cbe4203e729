#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-load.h"
#include "till-pack.h"

#define DAY 20261124
#define METER 4711
#define SLOTS TILL_READINGS_SLOTS_A_DAY
#define HISTORIES 3000
#define MUTATIONS 100000

typedef struct
{
  TillRegisters slots[SLOTS];
  guint         n;
} Day;

static void
assert_same (const TillRegisters *a,
             const TillRegisters *b,
             guint                n)
{
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (a[i].at_ms, ==, b[i].at_ms);
      g_assert_cmpint (a[i].total_ckwh, ==, b[i].total_ckwh);
      for (guint p = 0; p < TILL_N_PERIODS; p++)
        g_assert_cmpint (a[i].period_ckwh[p], ==, b[i].period_ckwh[p]);
      g_assert_cmpint (a[i].power_max_w, ==, b[i].power_max_w);
      g_assert_cmpint (a[i].estimated, ==, b[i].estimated);
      g_assert_cmpint (a[i].restart, ==, b[i].restart);
    }
}

static void
assert_round_trip (const Day *day)
{
  g_autoptr(GByteArray) blob = g_byte_array_new ();
  g_autoptr(GError) error = NULL;
  Day back = { .n = 0 };

  till_pack_day (METER, DAY, day->slots, day->n, blob);
  g_assert_true (till_pack_unpack (METER, DAY, blob->data, blob->len, back.slots, &back.n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (back.n, ==, day->n);
  assert_same (day->slots, back.slots, day->n);
}

static gint64
random_int64 (void)
{
  static const gint64 edges[] = { G_MININT64, G_MAXINT64, 0, -1, 1, G_MININT64 + 1, G_MAXINT32 };
  const guint64 any = (guint64)g_test_rand_int () << 32 ^ (guint32)g_test_rand_int ();

  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return edges[g_test_rand_int_range (0, G_N_ELEMENTS (edges))];
    case 1:
      return (gint64)any;
    default:
      return (gint64)any >> g_test_rand_int_range (0, 64);
    }
}

static gboolean
is_one_in (int n)
{
  return g_test_rand_int_range (0, n) == 0;
}

/* A day of the load with everything that can go wrong going wrong, the oftener the larger @faults.
 * */
static void
make_day (Day *day,
          int  faults)
{
  const gboolean has_power = !is_one_in (4);
  TillLoad load;

  till_load_init (&load, g_test_rand_int_range (0, 1000), till_clock_day_start_ms (DAY));
  day->n = 0;

  for (guint i = 0; i < SLOTS; i++, till_load_next (&load))
    {
      if (faults > 0 && is_one_in (1000 / faults))
        load.now.period_ckwh[g_test_rand_int_range (0, TILL_N_PERIODS)] = random_int64 ();
      if (faults > 0 && is_one_in (1000 / faults))
        load.now.total_ckwh = random_int64 ();
      if (faults > 0 && i + 1 < SLOTS && is_one_in (2000 / faults))
        continue;

      TillRegisters *slot = &day->slots[day->n++];

      *slot = load.now;
      slot->estimated = faults > 0 && is_one_in (2000 / faults);
      slot->restart = faults > 0 && is_one_in (8000 / faults);
      if (!has_power || (faults > 0 && is_one_in (1000 / faults)))
        slot->power_max_w = -1;
      else if (faults > 0 && is_one_in (1000 / faults))
        slot->power_max_w = random_int64 ();

      /* What was planted must not send the sums of the load over the edge. */
      load.now.total_ckwh = CLAMP (load.now.total_ckwh, 0, G_MAXINT32);
      for (guint p = 0; p < TILL_N_PERIODS; p++)
        load.now.period_ckwh[p] = CLAMP (load.now.period_ckwh[p], 0, G_MAXINT32);
    }
}

static void
test_round_trip (void)
{
  static const int faults[] = { 0, 1, 10, 100, 500, 1000 };

  for (int i = 0; i < HISTORIES; i++)
    {
      Day day;

      make_day (&day, faults[i % G_N_ELEMENTS (faults)]);
      assert_round_trip (&day);
    }
}

static void
test_any_values (void)
{
  for (int i = 0; i < HISTORIES; i++)
    {
      const gint64 start_ms = till_clock_day_start_ms (DAY);
      Day day = { .n = 0 };

      for (guint at = 0; at < SLOTS; at++)
        {
          TillRegisters *slot = &day.slots[day.n];

          if (is_one_in (3) && at + 1 < SLOTS)
            continue;

          slot->at_ms = start_ms + at * (gint64)TILL_READINGS_SLOT_MS;
          slot->total_ckwh = random_int64 ();
          for (guint p = 0; p < TILL_N_PERIODS; p++)
            slot->period_ckwh[p] = random_int64 ();
          slot->power_max_w = random_int64 ();
          slot->estimated = is_one_in (2);
          slot->restart = is_one_in (2);
          day.n++;
        }

      assert_round_trip (&day);
    }
}

static void
test_edges (void)
{
  const gint64 start_ms = till_clock_day_start_ms (DAY);
  Day day = { .n = 1 };

  /* One slot, the first and the last of the day. */
  day.slots[0] = (TillRegisters) { .at_ms = start_ms, .power_max_w = -1 };
  assert_round_trip (&day);
  day.slots[0] = (TillRegisters) { .at_ms = start_ms + 95 * TILL_READINGS_SLOT_MS,
                                   .total_ckwh = G_MININT64, .power_max_w = G_MININT64 };
  assert_round_trip (&day);

  /* From one end of the range to the other and back, in every register at once: the largest blob.
   * */
  day.n = SLOTS;
  for (guint i = 0; i < SLOTS; i++)
    {
      day.slots[i] = (TillRegisters) {
        .at_ms = start_ms + i * (gint64)TILL_READINGS_SLOT_MS,
        .total_ckwh = i % 2 ? G_MAXINT64 / 3 : G_MININT64,
        .power_max_w = i % 2 ? G_MAXINT64 : G_MININT64,
        .estimated = i % 2,
        .restart = i % 3 == 0,
      };
      for (guint p = 0; p < TILL_N_PERIODS; p++)
        day.slots[i].period_ckwh[p] = i % 2 ? G_MAXINT64 - p : G_MININT64 + 7 * p;
    }
  assert_round_trip (&day);
}

/* The form is what is in people's files: the same bytes for ever, on any machine. */
static void
test_form (void)
{
  static const guint8 expected[] = {
    /* version, gaps and powers, the first three slots */
    0x01, 0x09, 0x07, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    /* in nibbles: unit 50 · 0 · 2 × 1000 · 0 · 0 · 0 · total as the sum · to peak, 1 unit · the
     * same */
    0xa6, 0x08, 0xaf, 0x30, 0x00, 0x08, 0xa0,
    /* unit 10 · 2 × 200 · 1 more, twice · filled up */
    0xa1, 0x8a, 0x60, 0x40, 0x80,
    0xa2, 0x5a, 0x97, 0xda,
  };
  const gint64 start_ms = till_clock_day_start_ms (DAY);
  g_autoptr(GByteArray) blob = g_byte_array_new ();
  TillRegisters slots[3] = { 0 };

  for (guint i = 0; i < 3; i++)
    {
      slots[i].at_ms = start_ms + i * (gint64)TILL_READINGS_SLOT_MS;
      slots[i].total_ckwh = 1000 + 50 * i;
      slots[i].period_ckwh[TILL_PERIOD_PEAK] = 1000 + 50 * i;
      slots[i].power_max_w = 2000 + 10 * i;
    }

  till_pack_day (METER, DAY, slots, 3, blob);
  g_assert_cmpmem (blob->data, blob->len, expected, sizeof expected);
}

static void
test_refused (void)
{
  g_autoptr(GByteArray) blob = g_byte_array_new ();
  g_autoptr(GByteArray) longer = g_byte_array_new ();
  g_autoptr(GError) error = NULL;
  TillRegisters slots[SLOTS];
  guint n = 7777;
  Day day;

  make_day (&day, 0);
  till_pack_day (METER, DAY, day.slots, day.n, blob);

  for (guint size = 0; size < blob->len; size++)
    {
      g_assert_false (till_pack_unpack (METER, DAY, blob->data, size, slots, &n, &error));
      g_assert_error (error, TILL_PACK_ERROR, TILL_PACK_ERROR_GARBLED);
      g_clear_error (&error);
    }

  /* Every single bit. */
  for (guint bit = 8; bit < blob->len * 8; bit++)
    {
      blob->data[bit / 8] ^= (guint8)(1 << bit % 8);
      g_assert_false (till_pack_unpack (METER, DAY, blob->data, blob->len, slots, &n, NULL));
      blob->data[bit / 8] ^= (guint8)(1 << bit % 8);
    }

  /* The row of another meter, of another day, and bytes left over. */
  g_assert_false (till_pack_unpack (METER + 1, DAY, blob->data, blob->len, slots, &n, NULL));
  g_assert_false (till_pack_unpack (METER, DAY + 1, blob->data, blob->len, slots, &n, NULL));
  g_byte_array_append (longer, blob->data, blob->len);
  g_byte_array_append (longer, blob->data, 1);
  g_assert_false (till_pack_unpack (METER, DAY, longer->data, longer->len, slots, &n, NULL));

  blob->data[0] = 2;
  g_assert_false (till_pack_unpack (METER, DAY, blob->data, blob->len, slots, &n, &error));
  g_assert_error (error, TILL_PACK_ERROR, TILL_PACK_ERROR_NEWER);
  g_assert_cmpuint (n, ==, 7777);
}

static void
seal (GByteArray *bytes)
{
  const guint32 check = GUINT32_TO_LE (till_pack_check (METER, DAY, bytes->data, bytes->len - 4));

  memcpy (bytes->data + bytes->len - 4, &check, 4);
}

/* What the check cannot find, because it is right: a stream that ends too early or too late, maps
 * that contradict each other, flags nobody knows, a period that does not exist. */
static void
test_refused_sealed (void)
{
  static const struct
  {
    guint  at;
    guint8 byte;
  } cases[] = {
    { 1, 0x29 }, /* flag 5 */
    { 1, 0x19 }, /* a map of powers that is cut out of the stream */
    { 1, 0x08 }, /* no gaps */
    { 2, 0x00 }, /* no slots */
    { 2, 0x03 }, /* two slots, the stream has three */
    { 2, 0x0f }, /* four slots */
    { 19, 0x0c }, /* form 1 1 where there was 1 0 */
    { 19, 0x0a }, /* period 5 */
  };
  const gint64 start_ms = till_clock_day_start_ms (DAY);
  g_autoptr(GByteArray) blob = g_byte_array_new ();
  TillRegisters slots[SLOTS] = { 0 };
  TillRegisters found[SLOTS];
  guint n = 0;

  for (guint i = 0; i < 3; i++)
    {
      slots[i].at_ms = start_ms + i * (gint64)TILL_READINGS_SLOT_MS;
      slots[i].period_ckwh[TILL_PERIOD_PEAK] = slots[i].total_ckwh = 1000 + 50 * i;
      slots[i].power_max_w = 2000;
    }

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      till_pack_day (METER, DAY, slots, 3, blob);
      blob->data[cases[i].at] = cases[i].byte;
      seal (blob);
      g_test_message ("case %u", i);
      g_assert_false (till_pack_unpack (METER, DAY, blob->data, blob->len, found, &n, NULL));
    }

  for (int more = -1; more <= 1; more += 2)
    {
      till_pack_day (METER, DAY, slots, 3, blob);
      g_byte_array_set_size (blob, (guint)((int)blob->len + more));
      memset (blob->data + blob->len - 5, 0, 5);
      seal (blob);
      g_assert_false (till_pack_unpack (METER, DAY, blob->data, blob->len, found, &n, NULL));
    }
}

static void
mutate (GByteArray *bytes)
{
  const guint n = (guint)g_test_rand_int_range (1, 9);

  for (guint i = 0; i < n && bytes->len > 0; i++)
    {
      const guint at = (guint)g_test_rand_int_range (0, (int)bytes->len);

      switch (g_test_rand_int_range (0, 4))
        {
        case 0:
          bytes->data[at] ^= (guint8)(1 << g_test_rand_int_range (0, 8));
          break;
        case 1:
          bytes->data[at] = (guint8)g_test_rand_int ();
          break;
        case 2:
          g_byte_array_set_size (bytes, at);
          break;
        default:
          memset (bytes->data + at, is_one_in (2) ? 0xff : 0, MIN (bytes->len - at, 12));
          break;
        }
    }
}

/* With @sealed the check is made right again, so that the reader of the stream itself is tried: it
 * may then find a day, but it must end, keep to its 96 slots and give a day that has a form. */
static void
fuzz (gboolean sealed)
{
  guint n_taken = 0;

  for (int i = 0; i < MUTATIONS; i++)
    {
      g_autoptr(GByteArray) blob = g_byte_array_new ();
      TillRegisters *slots = g_new (TillRegisters, SLOTS); /* on the heap, for its guards */
      g_autoptr(GByteArray) before = g_byte_array_new ();
      static Day day;
      guint n = 0;

      if (i % 100 == 0)
        make_day (&day, i % 1000 == 0 ? 1000 : i % 300);
      till_pack_day (METER, DAY, day.slots, day.n, blob);
      g_byte_array_append (before, blob->data, blob->len);
      mutate (blob);

      if (sealed && blob->len > 4)
        seal (blob);

      if (till_pack_unpack (METER, DAY, blob->data, blob->len, slots, &n, NULL))
        {
          const Day found = { .n = n };

          g_assert_cmpuint (n, >=, 1);
          g_assert_cmpuint (n, <=, SLOTS);
          memcpy ((TillRegisters *)found.slots, slots, n * sizeof *slots);
          assert_round_trip (&found);
          n_taken += before->len != blob->len || memcmp (before->data, blob->data, blob->len) != 0;
        }

      g_free (slots);
    }

  g_test_message ("%u of %d altered blobs were taken", n_taken, MUTATIONS);
  if (!sealed)
    g_assert_cmpuint (n_taken, ==, 0);
  else
    g_assert_cmpuint (n_taken, >, 0);
}

static void
test_fuzz (void)
{
  fuzz (FALSE);
}

static void
test_fuzz_sealed (void)
{
  fuzz (TRUE);
}

/* P9, without the file around the blobs: a month of a hundred meters. */
static void
test_size (void)
{
  g_autoptr(GByteArray) blob = g_byte_array_new ();
  gsize bytes[2] = { 0 };
  guint n = 0;

  for (int meter = 0; meter < 100; meter++)
    {
      TillLoad load;
      int day = 20261101;

      till_load_init (&load, meter, till_clock_day_start_ms (day));
      for (int d = 0; d < 30; d++, day = till_clock_day_next (day))
        {
          TillRegisters slots[SLOTS];

          for (guint i = 0; i < SLOTS; i++, till_load_next (&load))
            slots[i] = load.now;
          till_pack_day (meter, day, slots, SLOTS, blob);
          bytes[1] += blob->len;

          for (guint i = 0; i < SLOTS; i++)
            slots[i].power_max_w = -1;
          till_pack_day (meter, day, slots, SLOTS, blob);
          bytes[0] += blob->len;
          n += SLOTS;
        }
    }

  g_test_message ("bytes a reading, in hundredths: %" G_GSIZE_FORMAT " of energy, %" G_GSIZE_FORMAT
                  " with the greatest power", bytes[0] * 100 / n, bytes[1] * 100 / n);
  g_assert_cmpuint (bytes[1], <=, (gsize)n * 3);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pack/round-trip", test_round_trip);
  g_test_add_func ("/pack/any-values", test_any_values);
  g_test_add_func ("/pack/edges", test_edges);
  g_test_add_func ("/pack/form", test_form);
  g_test_add_func ("/pack/refused", test_refused);
  g_test_add_func ("/pack/refused/sealed", test_refused_sealed);
  g_test_add_func ("/pack/fuzz", test_fuzz);
  g_test_add_func ("/pack/fuzz/sealed", test_fuzz_sealed);
  g_test_add_func ("/pack/size", test_size);

  return g_test_run ();
}
