#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-profile-private.h"

static const TillProfile *
get (const char *name)
{
  g_autoptr(GError) error = NULL;
  const TillProfile *profile = till_profile_get (name, &error);

  g_assert_no_error (error);
  g_assert_nonnull (profile);
  return profile;
}

static guint16 *
value_at (TillRequest *requests,
          guint        n,
          guint        address)
{
  for (guint i = 0; i < n; i++)
    if (address >= requests[i].address && address < (guint)requests[i].address + requests[i].count)
      return &requests[i].values[address - requests[i].address];

  g_assert_not_reached ();
}

static void
put32 (TillRequest *requests,
       guint        n,
       guint        address,
       guint32      value)
{
  *value_at (requests, n, address) = (guint16)(value >> 16);
  *value_at (requests, n, address + 1) = (guint16)(value & 0xffff);
}

/* The status block of meters.md 2, filled by hand. */
static void
fill_dtsy (TillRequest *block)
{
  memset (block->values, 0, sizeof block->values);
  *value_at (block, 1, 0x0200) = 5;
  *value_at (block, 1, 0x0201) = 2301;
  *value_at (block, 1, 0x0202) = 2298;
  *value_at (block, 1, 0x0203) = 2310;
  *value_at (block, 1, 0x0204) = 125;            /* 1.25 A */
  *value_at (block, 1, 0x0207) = 288;            /* 0.288 kW */
  *value_at (block, 1, 0x020a) = (guint16)-1500; /* fed back */
  *value_at (block, 1, 0x020e) = 77;
  *value_at (block, 1, 0x0212) = 985;
  *value_at (block, 1, 0x0213) = 1;
  *value_at (block, 1, 0x0214) = 40;
  put32 (block, 1, 0x0215, 123456);
  put32 (block, 1, 0x0217, 1);
  put32 (block, 1, 0x0219, 65536);
  put32 (block, 1, 0x021b, 3);
  put32 (block, 1, 0x021d, 4);
  put32 (block, 1, 0x021f, (guint32)-1234);
  *value_at (block, 1, 0x0221) = 17;
  *value_at (block, 1, 0x0222) = 2;
  *value_at (block, 1, 0x0223) = 9;
  *value_at (block, 1, 0x0224) = 0xe100 | 0x0f | 0x20;
  *value_at (block, 1, 0x0225) = 0x0800 | 0x08 | 0x80;
  put32 (block, 1, 0x0226, 50);
  *value_at (block, 1, 0x0228) = 26 << 8 | 11;
  *value_at (block, 1, 0x0229) = 24 << 8 | 2;
  *value_at (block, 1, 0x022a) = 9 << 8 | 30;
  *value_at (block, 1, 0x022b) = 5 << 8;
}

static void
test_dtsy_state (void)
{
  const TillProfile *profile = get ("dtsy1352");
  TillRequest requests[TILL_JOB_REQUESTS_MAX];
  g_autoptr(GError) error = NULL;
  TillReading r = { .meter_id = 7, .at_ms = 99 };

  g_assert_cmpuint (till_profile_plan_state (profile, requests), ==, 1);
  g_assert_cmphex (requests[0].address, ==, 0x0200);
  g_assert_cmpuint (requests[0].count, ==, 48);
  fill_dtsy (requests);

  g_assert_true (till_profile_decode (profile, requests, 1, &r, &error));
  g_assert_no_error (error);
  g_assert_cmpint (r.meter_id, ==, 7);
  g_assert_cmpint (r.at_ms, ==, 99);
  g_assert_cmpuint (r.device_type, ==, 5);
  g_assert_cmpint (r.voltage_dv[2], ==, 2310);
  g_assert_cmpint (r.current_ma[0], ==, 1250 * 40);
  g_assert_cmpint (r.power_w[0], ==, 288 * 40);
  g_assert_cmpint (r.power_w[3], ==, -1500 * 40);
  g_assert_cmpint (r.reactive_var[3], ==, 77 * 40);
  g_assert_cmpint (r.power_factor_milli[3], ==, 985);
  g_assert_cmpint (r.ct, ==, 40);
  g_assert_cmpint (r.pt, ==, 1);
  g_assert_cmpint (r.energy_ckwh, ==, 123456 * 40);
  g_assert_cmpint (r.period_energy_ckwh[TILL_PERIOD_PEAK], ==, 65536 * 40);
  g_assert_cmpint (r.base_energy_ckwh, ==, 50 * 40);
  g_assert_cmpint (r.remaining, ==, -1234);
  g_assert_cmpuint (r.purchase_count, ==, 17);
  g_assert_cmpuint (r.overload_trips, ==, 2);
  g_assert_cmpuint (r.overload_trips_allowed, ==, 9);
  g_assert_cmpint (r.clock_ms, ==, till_clock_from_civil (2026, 11, 24, 9, 30, 5));
  g_assert_cmphex (r.flags, ==,
                   TILL_METER_FLAG_FAULT | TILL_METER_FLAG_RELAY | TILL_METER_FLAG_FORCED |
                   TILL_METER_FLAG_FORCED_CLOSED | TILL_METER_FLAG_ARREARS |
                   TILL_METER_FLAG_PREPAYMENT | TILL_METER_FLAG_TIME_CONTROL |
                   TILL_METER_FLAG_LOAD_CONTROL);
  g_assert_cmpint (till_reading_get_force (&r), ==, TILL_FORCE_KEEP);
  g_assert_false (r.fields & (TILL_READING_PRICES | TILL_READING_METER_NO | TILL_READING_DEEP_ENERGY));
}

/* A ratio given with the meter wins over what the meter says. */
static void
test_given_ratio (void)
{
  const TillProfile *profile = get ("dtsy1352");
  TillRequest requests[TILL_JOB_REQUESTS_MAX];
  TillReading r = { .ct = 3, .pt = 2 };

  till_profile_plan_state (profile, requests);
  fill_dtsy (requests);
  g_assert_true (till_profile_decode (profile, requests, 1, &r, NULL));
  g_assert_cmpint (r.energy_ckwh, ==, 123456 * 6);
  g_assert_cmpint (r.current_ma[0], ==, 1250 * 3);
  g_assert_cmpint (r.voltage_dv[0], ==, 2301 * 2);
}

static void
test_wrong_type (void)
{
  const TillProfile *profile = get ("ddsy1352");
  TillRequest requests[TILL_JOB_REQUESTS_MAX];
  g_autoptr(GError) error = NULL;
  TillReading r = { .meter_id = 7 };

  till_profile_plan_state (profile, requests);
  fill_dtsy (requests);
  g_assert_false (till_profile_decode (profile, requests, 1, &r, &error));
  g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH);
  g_assert_cmphex (r.fields, ==, 0);
  g_assert_cmpint (r.energy_ckwh, ==, 0);

  *value_at (requests, 1, 0x0200) = 7;
  *value_at (requests, 1, 0x0224) = 0x2000;
  g_assert_true (till_profile_decode (profile, requests, 1, &r, NULL));
  g_assert_true (till_reading_is_closed (&r));
}

static void
test_nonsense_clock (void)
{
  const TillProfile *profile = get ("dtsy1352");
  TillRequest requests[TILL_JOB_REQUESTS_MAX];
  TillReading r = { 0 };

  till_profile_plan_state (profile, requests);
  fill_dtsy (requests);
  *value_at (requests, 1, 0x0229) = 31 << 8;
  g_assert_true (till_profile_decode (profile, requests, 1, &r, NULL));
  g_assert_false (r.fields & TILL_READING_CLOCK);
  g_assert_cmpint (r.remaining, ==, -1234);
}

static void
test_dtsy_parameters (void)
{
  const TillProfile *profile = get ("dtsy1352");
  TillRequest requests[TILL_JOB_REQUESTS_MAX] = { 0 };
  const guint n = till_profile_plan_parameters (profile, requests);
  TillReading r = { 0 };

  g_assert_cmpuint (n, ==, 2);
  g_assert_cmphex (requests[0].address, ==, 0x0400);
  g_assert_cmpuint (requests[0].count, ==, 25);
  put32 (requests, n, 0x0402, 12345);
  put32 (requests, n, 0x0408, 3000);
  put32 (requests, n, 0x040a, 5000);
  put32 (requests, n, 0x040e, 20000);
  put32 (requests, n, 0x0412, 700000);
  *value_at (requests, n, 0x0022) = 0x0021;
  g_assert_true (till_profile_decode (profile, requests, n, &r, NULL));
  g_assert_cmpint (r.price_uyuan[TILL_PERIOD_SHARP], ==, 1234500);
  g_assert_cmpint (r.price_uyuan[TILL_PERIOD_VALLEY], ==, 300000);
  g_assert_cmpint (r.alarm_1, ==, 5000);
  g_assert_cmpint (r.overdraft, ==, 20000);
  g_assert_cmpint (r.total_bought, ==, 700000);
  g_assert_cmphex (r.run_word, ==, 0x21);
  g_assert_cmphex (r.fields, ==, TILL_READING_PRICES | TILL_READING_LIMITS |
                   TILL_READING_TOTAL_BOUGHT | TILL_READING_RUN_WORD);
}

static void
test_identity (void)
{
  const TillProfile *profile = get ("dtsy1352");
  TillRequest requests[TILL_JOB_REQUESTS_MAX] = { 0 };
  TillReading r = { 0 };

  g_assert_cmpuint (till_profile_plan_identity (profile, requests), ==, 1);
  g_assert_cmphex (requests[0].address, ==, 0x0043);
  g_assert_cmpuint (requests[0].count, ==, 3);
  requests[0].values[0] = 0x2026;
  requests[0].values[1] = 0x0110;
  requests[0].values[2] = 0x0042;
  g_assert_true (till_profile_decode (profile, requests, 1, &r, NULL));
  g_assert_cmpstr (r.meter_no, ==, "202601100042");

  requests[0].values[2] = 0x00a2;
  g_assert_false (till_profile_decode (profile, requests, 1, &r, NULL));
  g_assert_cmpstr (r.meter_no, ==, "202601100042");
}

static void
test_plain_meters (void)
{
  TillRequest requests[TILL_JOB_REQUESTS_MAX] = { 0 };
  const TillProfile *profile = get ("dtsd1352");
  guint n = till_profile_plan_state (profile, requests);
  TillReading r = { 0 };

  put32 (requests, n, 0x0000, 1000);
  *value_at (requests, n, 0x008d) = 10;
  *value_at (requests, n, 0x008e) = 20;
  *value_at (requests, n, 0x006a) = 500;
  *value_at (requests, n, 0x0077) = 4998;
  g_assert_true (till_profile_decode (profile, requests, n, &r, NULL));
  g_assert_cmpint (r.energy_ckwh, ==, 200000);
  g_assert_cmpint (r.power_w[3], ==, 100000);
  g_assert_cmpint (r.frequency_chz, ==, 4998);

  memset (requests, 0, sizeof requests);
  profile = get ("adl400");
  n = till_profile_plan_state (profile, requests);
  r = (TillReading){ .ct = 60, .pt = 1 };
  put32 (requests, n, 0x0800, 0x43660000); /* 230.0 */
  put32 (requests, n, 0x080c, 0x40a00000); /* 5.0 */
  put32 (requests, n, 0x081a, 0xbf9e0419); /* -1.2345 */
  put32 (requests, n, 0x0842, 77);
  g_assert_true (till_profile_decode (profile, requests, n, &r, NULL));
  g_assert_cmpint (r.voltage_dv[0], ==, 2300);
  g_assert_cmpint (r.current_ma[0], ==, 5000);
  g_assert_cmpint (r.power_w[3], ==, -1235);
  g_assert_cmpint (r.energy_ckwh, ==, 770);

  put32 (requests, n, 0x0800, 0x7fc00000); /* no number */
  g_assert_false (till_profile_decode (profile, requests, n, &r, NULL));
}

static void
test_ieee (void)
{
  static const struct
  {
    guint32 bits;
    gint64  numerator;
    gint64  denominator;
    gint64  result;
  } good[] = {
    { 0x00000000, 1000, 1, 0 },
    { 0x80000000, 1000, 1, 0 },
    { 0x3f800000, 1, 1, 1 },
    { 0x3f000000, 1, 1, 1 },      /* 0.5, away from zero */
    { 0xbf000000, 1, 1, -1 },
    { 0x3effffff, 1, 1, 0 },
    { 0x00000001, 1000000, 1, 0 },
    { 0x40490fdb, 1000000, 1, 3141593 },
    { 0x4b7fffff, 1, 1, 16777215 },
    { 0x5a000000, 1, 1, G_GINT64_CONSTANT (9007199254740992) },
    { 0x42c80000, 1, 3, 33 },
  };
  static const guint32 bad[] = { 0x7f800000, 0xff800000, 0x7fc00001, 0x7f7fffff, 0xff7fffff };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      gint64 result = -9;

      g_assert_true (till_register_from_ieee (good[i].bits, good[i].numerator, good[i].denominator,
                                              &result));
      g_assert_cmpint (result, ==, good[i].result);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gint64 result = -9;

      g_assert_false (till_register_from_ieee (bad[i], 1, 1, &result));
      g_assert_cmpint (result, ==, -9);
    }
}

static void
test_commands (void)
{
  const TillProfile *dtsy = get ("dtsy1352");
  const TillProfile *plain = get ("dtsd1352");
  g_autoptr(GError) error = NULL;
  TillRequest r = { .count = 99 };

  g_assert_true (till_profile_make_purchase (dtsy, 0x12345, 18, &r, NULL));
  g_assert_cmpint (r.kind, ==, TILL_REQUEST_KIND_VENDOR);
  g_assert_cmphex (r.address, ==, 0x0100);
  g_assert_cmpuint (r.count, ==, 4);
  g_assert_cmphex (r.values[0], ==, 1);
  g_assert_cmphex (r.values[1], ==, 0x2345);
  g_assert_cmpuint (r.values[2], ==, 18);
  g_assert_cmpuint (r.values[3], ==, 0);

  for (int force = TILL_FORCE_NONE; force <= TILL_FORCE_KEEP; force++)
    {
      static const guint16 words[][2] = { { 0, 0 }, { 1, 1 }, { 1, 0 } };

      g_assert_true (till_profile_make_force (dtsy, (TillForce)force, &r, NULL));
      g_assert_cmpint (r.kind, ==, TILL_REQUEST_KIND_WRITE);
      g_assert_cmphex (r.address, ==, 0x0057);
      g_assert_cmpuint (r.count, ==, 2);
      g_assert_cmpuint (r.values[0], ==, words[force][0]);
      g_assert_cmpuint (r.values[1], ==, words[force][1]);
    }

  g_assert_true (till_profile_make_clock (dtsy, till_clock_from_civil (2026, 11, 24, 9, 30, 5), &r,
                                          NULL));
  g_assert_cmphex (r.address, ==, 0x0354);
  g_assert_cmpuint (r.count, ==, 5);
  g_assert_cmphex (r.values[0], ==, 5 << 8 | 30);
  g_assert_cmphex (r.values[1], ==, 9 << 8 | 2);
  g_assert_cmphex (r.values[2], ==, 24 << 8 | 11);
  g_assert_cmphex (r.values[3], ==, 26 << 8);
  g_assert_cmphex (r.values[4], ==, 0);

  r.count = 99;
  g_assert_false (till_profile_make_purchase (plain, 100, 1, &r, &error));
  g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED);
  g_assert_false (till_profile_make_force (plain, TILL_FORCE_TRIP, &r, NULL));
  g_assert_false (till_profile_make_clock (plain, 0, &r, NULL));
  g_assert_false (till_profile_make_purchase (dtsy, 0, 1, &r, NULL));
  g_assert_false (till_profile_make_purchase (dtsy, -1, 1, &r, NULL));
  g_assert_false (till_profile_make_purchase (dtsy, 1000000000, 1, &r, NULL));
  g_assert_false (till_profile_make_purchase (dtsy, 100, 0, &r, NULL));
  g_assert_false (till_profile_make_clock (dtsy, 0, &r, NULL));
  g_assert_cmpuint (r.count, ==, 99);
}

/* Every shipped profile loads, its blocks differ in length, and it knows no count rule yet. */
static void
test_shipped (void)
{
  g_autoptr(GPtrArray) names = till_profile_list_names ();

  g_assert_cmpuint (names->len, ==, 8);

  for (guint i = 0; i < names->len; i++)
    {
      const TillProfile *profile = get (g_ptr_array_index (names, i));
      gboolean seen[256] = { FALSE };
      guint n_blocks = 0;

      g_assert_cmpint (till_profile_get_count_rule (profile), ==, TILL_COUNT_RULE_UNKNOWN);
      g_assert_cmpint (till_profile_get_register_modulo (profile), >=, 100000000);

      for (guint p = 0; p < TILL_PROFILE_PLANS; p++)
        for (guint k = 0; k < profile->plans[p].n_blocks; k++)
          {
            const TillProfileBlock *block = &profile->plans[p].blocks[k];

            g_test_message ("%s: plan %u reads 0x%04x:%u", profile->name, p, block->address,
                            block->count);
            g_assert_false (seen[block->count]);
            g_assert_cmpuint (block->count, <=, profile->max_block);
            seen[block->count] = TRUE;
            n_blocks++;
          }

      g_assert_cmpuint (n_blocks, >=, 1);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/bus/profile/dtsy-state", test_dtsy_state);
  g_test_add_func ("/bus/profile/given-ratio", test_given_ratio);
  g_test_add_func ("/bus/profile/wrong-type", test_wrong_type);
  g_test_add_func ("/bus/profile/nonsense-clock", test_nonsense_clock);
  g_test_add_func ("/bus/profile/dtsy-parameters", test_dtsy_parameters);
  g_test_add_func ("/bus/profile/identity", test_identity);
  g_test_add_func ("/bus/profile/plain-meters", test_plain_meters);
  g_test_add_func ("/bus/profile/ieee", test_ieee);
  g_test_add_func ("/bus/profile/commands", test_commands);
  g_test_add_func ("/bus/profile/shipped", test_shipped);

  return g_test_run ();
}
