#include "config.h"

#include "till-energy.h"

static void
test_format (void)
{
  static const struct
  {
    gint64      ckwh;
    const char *text;
  } cases[] = {
    { 0, "0.00" },
    { 5, "0.05" },
    { 123456, "1,234.56" },
    { -123456, "-1,234.56" },
    { 99999999, "999,999.99" },
    { G_MININT64, "-92,233,720,368,547,758.08" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = till_energy_format (cases[i].ckwh);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_difference (void)
{
  static const struct
  {
    gint64   before;
    gint64   after;
    gint64   modulo;
    gint64   possible;
    TillStep step;
    gint64   used; /* -7: left alone */
  } cases[] = {
    { 100, 100, 0, 0, TILL_STEP_FORWARD, 0 },
    { 100, 150, 0, 50, TILL_STEP_FORWARD, 50 },
    { 100, 151, 0, 50, TILL_STEP_IMPLAUSIBLE, -7 },
    { 100, 99, 0, 1000, TILL_STEP_BACKWARDS, -7 },
    { 99999990, 5, 100000000, 50, TILL_STEP_ROLLED_OVER, 15 },
    { 99999999, 0, 100000000, 1, TILL_STEP_ROLLED_OVER, 1 },
    { 99999990, 5, 100000000, 14, TILL_STEP_BACKWARDS, -7 },
    { 50000000, 0, 100000000, 50, TILL_STEP_BACKWARDS, -7 },
    { 50000000, 0, 0, 1000000000, TILL_STEP_BACKWARDS, -7 },
    { 0, 100000000, 100000000, 1000000000, TILL_STEP_IMPLAUSIBLE, -7 },
    { 100000000, 5, 100000000, 1000000000, TILL_STEP_IMPLAUSIBLE, -7 },
    { -1, 5, 0, 1000, TILL_STEP_IMPLAUSIBLE, -7 },
    { 5, -1, 0, 1000, TILL_STEP_IMPLAUSIBLE, -7 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 used = -7;

      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_cmpint (till_energy_difference (cases[i].before, cases[i].after, cases[i].modulo,
                                               cases[i].possible, &used), ==, cases[i].step);
      g_assert_cmpint (used, ==, cases[i].used);
    }
}

static void
test_cost (void)
{
  static const struct
  {
    gint64    ckwh;
    gint64    price;
    gint64    carried;
    TillMoney fen;
    gint64    remainder;
  } cases[] = {
    { 100, 850000, 0, 85, 0 },
    { 1, 850000, 0, 0, 850000 },
    { 1, 850000, 150000, 1, 0 },
    { 1, 850000, 999999, 1, 849999 },
    { 12345, 1234567, 0, 15240, 729615 },
    { 0, 1234567, 77, 0, 77 },
    { 100, 0, 5, 0, 5 },
    { -1, 850000, 0, -1, 150000 },
    { -1, 850000, 850000, 0, 0 },
    { -100, 850000, 0, -85, 0 },
    { TILL_ENERGY_MAX_CKWH, TILL_PRICE_MAX_UYUAN, 999999, 1000000000000000, 999999 },
    { -TILL_ENERGY_MAX_CKWH, TILL_PRICE_MAX_UYUAN, 1, -1000000000000000, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 remainder = cases[i].carried;

      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_cmpint (till_energy_cost (cases[i].ckwh, cases[i].price, &remainder), ==, cases[i].fen);
      g_assert_cmpint (remainder, ==, cases[i].remainder);
    }
}

/* However a month is cut into settlements, corrections included, it costs the same to the fen. */
static void
test_days_add_up (void)
{
  for (int round = 0; round < 500; round++)
    {
      const gint64 price = g_test_rand_int_range (1, 3000000);
      gint64 used = 0;
      gint64 remainder = 0;
      gint64 whole_remainder = 0;
      TillMoney sum = 0;

      for (int day = 0; day < 31; day++)
        {
          const gint64 ckwh = g_test_rand_int_range (-50, 10000);

          used += ckwh;
          sum += till_energy_cost (ckwh, price, &remainder);
          g_assert_cmpint (remainder, >=, 0);
          g_assert_cmpint (remainder, <, 1000000);
        }

      g_assert_cmpint (sum, ==, till_energy_cost (used, price, &whole_remainder));
      g_assert_cmpint (remainder, ==, whole_remainder);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/energy/format", test_format);
  g_test_add_func ("/energy/difference", test_difference);
  g_test_add_func ("/energy/cost", test_cost);
  g_test_add_func ("/energy/days-add-up", test_days_add_up);

  return g_test_run ();
}
