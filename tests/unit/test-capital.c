#include "config.h"

#include <string.h>

#include "till-money.h"

static const struct
{
  TillMoney   fen;
  const char *capital;
} cases[] = {
  { 0, "零元整" },
  { 1, "壹分" },
  { 2, "贰分" },
  { 9, "玖分" },
  { 10, "壹角整" },
  { 11, "壹角壹分" },
  { 15, "壹角伍分" },
  { 50, "伍角整" },
  { 99, "玖角玖分" },
  { 100, "壹元整" },
  { 101, "壹元零壹分" },
  { 110, "壹元壹角整" },
  { 123, "壹元贰角叁分" },
  { 505, "伍元零伍分" },
  { 999, "玖元玖角玖分" },
  { 1000, "壹拾元整" },
  { 1001, "壹拾元零壹分" },
  { 1010, "壹拾元零壹角整" },
  { 1050, "壹拾元零伍角整" },
  { 1100, "壹拾壹元整" },
  { 1234, "壹拾贰元叁角肆分" },
  { 2000, "贰拾元整" },
  { 9999, "玖拾玖元玖角玖分" },
  { 10000, "壹佰元整" },
  { 10001, "壹佰元零壹分" },
  { 10100, "壹佰零壹元整" },
  { 10101, "壹佰零壹元零壹分" },
  { 11000, "壹佰壹拾元整" },
  { 32504, "叁佰贰拾伍元零肆分" },
  { 50000, "伍佰元整" },
  { 100000, "壹仟元整" },
  { 100100, "壹仟零壹元整" },
  { 101000, "壹仟零壹拾元整" },
  { 110000, "壹仟壹佰元整" },
  { 110100, "壹仟壹佰零壹元整" },
  { 140950, "壹仟肆佰零玖元伍角整" },
  { 168032, "壹仟陆佰捌拾元零叁角贰分" },
  { 200000, "贰仟元整" },
  { 600714, "陆仟零柒元壹角肆分" },
  { 999999, "玖仟玖佰玖拾玖元玖角玖分" },
  { 1000000, "壹万元整" },
  { 1000001, "壹万元零壹分" },
  { 1000010, "壹万元零壹角整" },
  { 1000100, "壹万零壹元整" },
  { 1000500, "壹万零伍元整" },
  { 1001000, "壹万零壹拾元整" },
  { 1010000, "壹万零壹佰元整" },
  { 1100000, "壹万壹仟元整" },
  { 1010101, "壹万零壹佰零壹元零壹分" },
  { 1640902, "壹万陆仟肆佰零玖元零贰分" },
  { 2000000, "贰万元整" },
  { 10000000, "壹拾万元整" },
  { 10000100, "壹拾万零壹元整" },
  { 10010000, "壹拾万零壹佰元整" },
  { 10100000, "壹拾万壹仟元整" },
  { 10700053, "壹拾万柒仟元零伍角叁分" },
  { 10500000, "壹拾万伍仟元整" },
  { 11000000, "壹拾壹万元整" },
  { 12345678, "壹拾贰万叁仟肆佰伍拾陆元柒角捌分" },
  { 100000000, "壹佰万元整" },
  { 100000100, "壹佰万零壹元整" },
  { 101000000, "壹佰零壹万元整" },
  { 123456789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分" },
  { 999999999, "玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分" },
  { 1000000000, "壹仟万元整" },
  { 1000100000, "壹仟万壹仟元整" },
  { 1001000000, "壹仟零壹万元整" },
  { 9999999999, "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分" },
  { 10000000000, "壹亿元整" },
  { 10000000001, "壹亿元零壹分" },
  { 10000000500, "壹亿零伍元整" },
  { 10000500000, "壹亿零伍仟元整" },
  { 10001000000, "壹亿零壹万元整" },
  { 10001000100, "壹亿零壹万零壹元整" },
  { 10100000000, "壹亿零壹佰万元整" },
  { 11000000000, "壹亿壹仟万元整" },
  { 12345678901, "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分" },
  { 100000000000, "壹拾亿元整" },
  { 1000000000000, "壹佰亿元整" },
  { TILL_MONEY_MAX, "壹仟亿元整" },
  { -1, "负壹分" },
  { -10000, "负壹佰元整" },
  { -140950, "负壹仟肆佰零玖元伍角整" },
};

static void
test_table (void)
{
  g_assert_cmpuint (G_N_ELEMENTS (cases), >=, 60);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *capital = till_money_to_capital (cases[i].fen);

      g_test_message ("%" G_GINT64_FORMAT, cases[i].fen);
      g_assert_cmpstr (capital, ==, cases[i].capital);
    }
}

static int
digit_of (const char *p)
{
  static const char *const digits[] = { "零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖" };

  for (int i = 0; i < (int)G_N_ELEMENTS (digits); i++)
    if (g_str_has_prefix (p, digits[i]))
      return i;

  return -1;
}

/* Reads a capital amount back the way a person does: each digit times the unit after it, sections
 * closed by 万, 亿 and 元. Knows nothing of how it was written. */
static TillMoney
read_back (const char *text)
{
  TillMoney total = 0;
  gint64 section = 0;
  gint64 higher = 0;
  int digit = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (digit_of (p) >= 0)
        digit = digit_of (p);
      else if (g_str_has_prefix (p, "仟"))
        section += 1000 * digit, digit = 0;
      else if (g_str_has_prefix (p, "佰"))
        section += 100 * digit, digit = 0;
      else if (g_str_has_prefix (p, "拾"))
        section += 10 * digit, digit = 0;
      else if (g_str_has_prefix (p, "万"))
        higher += (section + digit) * 10000, section = 0, digit = 0;
      else if (g_str_has_prefix (p, "亿"))
        higher += (section + digit) * 100000000, section = 0, digit = 0;
      else if (g_str_has_prefix (p, "元"))
        total = 100 * (higher + section + digit), digit = 0;
      else if (g_str_has_prefix (p, "角"))
        total += 10 * digit, digit = 0;
      else if (g_str_has_prefix (p, "分"))
        total += digit, digit = 0;
    }

  return total;
}

static void
test_read_back (void)
{
  for (int i = 0; i < 20000; i++)
    {
      /* Few digits that are not 0, so that the rules for zeros are met often. */
      TillMoney amount = 0;

      for (TillMoney power = 1; power < TILL_MONEY_MAX; power *= 10)
        if (g_test_rand_int_range (0, 3) == 0)
          amount += power * g_test_rand_int_range (1, 10);

      g_autofree char *capital = till_money_to_capital (amount);

      g_test_message ("%" G_GINT64_FORMAT " %s", amount, capital);
      g_assert_cmpint (read_back (capital), ==, amount);
      g_assert_null (strstr (capital, "零零"));
      g_assert_cmpint (g_str_has_suffix (capital, "整"), ==, amount % 10 == 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capital/table", test_table);
  g_test_add_func ("/capital/read-back", test_read_back);

  return g_test_run ();
}
