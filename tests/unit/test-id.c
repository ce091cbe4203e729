#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-id.h"

static void
test_key (void)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; i < 10000; i++)
    {
      char *key = till_id_new_key ();

      g_assert_cmpuint (strlen (key), ==, 32);
      g_assert_cmpuint (strspn (key, "0123456789abcdef"), ==, 32);
      g_assert_true (till_id_key_is_valid (key));
      g_assert_true (g_hash_table_add (seen, key));
    }
}

static void
test_key_is_valid (void)
{
  g_autofree char *longest = g_strnfill (64, 'k');
  g_autofree char *too_long = g_strnfill (65, 'k');

  g_assert_true (till_id_key_is_valid ("a"));
  g_assert_true (till_id_key_is_valid ("shift-7:{42}"));
  g_assert_true (till_id_key_is_valid (longest));
  g_assert_false (till_id_key_is_valid (too_long));
  g_assert_false (till_id_key_is_valid (NULL));
  g_assert_false (till_id_key_is_valid (""));
  g_assert_false (till_id_key_is_valid ("a b"));
  g_assert_false (till_id_key_is_valid ("a\n"));
  g_assert_false (till_id_key_is_valid ("钥"));
  g_assert_false (till_id_key_is_valid ("\x7f"));
}

static void
test_order (void)
{
  const gint64 at_ms = till_clock_from_civil (2026, 11, 24, 9, 30, 5) + 7;
  g_autofree char *earlier = till_id_new_order (at_ms);
  g_autofree char *later = till_id_new_order (at_ms + 1);
  g_autofree char *next_year = till_id_new_order (till_clock_from_civil (2027, 1, 1, 0, 0, 0));

  g_assert_true (g_str_has_prefix (earlier, "20261124T093005007_"));
  g_assert_cmpuint (strlen (earlier), <=, TILL_ID_ORDER_MAX);
  g_assert_cmpuint (strlen (earlier), >=, 6);
  g_assert_cmpuint (strspn (earlier, "0123456789abcdefT_"), ==, strlen (earlier));
  g_assert_cmpstr (earlier, <, later);
  g_assert_cmpstr (later, <, next_year);
}

static void
test_orders_differ (void)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; i < 10000; i++)
    g_assert_true (g_hash_table_add (seen, till_id_new_order (1795000000000)));
}

static void
test_receipt (void)
{
  static const struct
  {
    int         year;
    gint64      number;
    const char *text;
  } cases[] = {
    { 2026, 1, "2026-000001" },
    { 2026, 999999, "2026-999999" },
    { 2026, 1000000, "2026-1000000" },
    { 1970, 42, "1970-000042" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = till_id_format_receipt (cases[i].year, cases[i].number);
      gint64 number = 0;
      int year = 0;

      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_true (till_id_parse_receipt (text, &year, &number));
      g_assert_cmpint (year, ==, cases[i].year);
      g_assert_cmpint (number, ==, cases[i].number);
    }
}

static void
test_receipt_bad (void)
{
  static const char *const cases[] = {
    "", "2026", "2026-", "2026-1", "2026-00001", "2026-000000", "2026-0000001", "2026-000001 ", "26-000001",
    "2026 000001", "2026-00000a", "1969-000001", "2026-9999999999999", "20261124T093005007_0a1b2c3d4e5f",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 number = -7;
      int year = -7;

      g_test_message ("“%s”", cases[i]);
      g_assert_false (till_id_parse_receipt (cases[i], &year, &number));
      g_assert_cmpint (year, ==, -7);
      g_assert_cmpint (number, ==, -7);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/id/key", test_key);
  g_test_add_func ("/id/key/is-valid", test_key_is_valid);
  g_test_add_func ("/id/order", test_order);
  g_test_add_func ("/id/orders-differ", test_orders_differ);
  g_test_add_func ("/id/receipt", test_receipt);
  g_test_add_func ("/id/receipt/bad", test_receipt_bad);

  return g_test_run ();
}
