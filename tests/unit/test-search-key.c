#include "config.h"

#include <string.h>

#include "till-search-key.h"

static gboolean
has_word (const char *key,
          const char *word)
{
  return till_search_key_rank (key, word) == 3;
}

static void
test_make (void)
{
  static const char *const meters[] = { "202411080001", "dz-7", NULL };
  g_autofree char *key = till_search_key_make ("a/102", "138 0000-1234", "顺心城广场", meters);

  g_assert_cmpstr (key, ==,
                   "102 A/102 13800001234 顺心城广场 SXCGC SHUNXINCHENGGUANGCHANG 202411080001 DZ-7");

  g_autofree char *bare = till_search_key_make ("102", NULL, NULL, NULL);

  g_assert_cmpstr (bare, ==, "102");

  g_autofree char *nothing = till_search_key_make (NULL, "", "", NULL);

  g_assert_cmpstr (nothing, ==, "");
}

static void
test_pinyin (void)
{
  static const struct
  {
    const char *name;
    const char *initials;
    const char *whole;
  } cases[] = {
    { "重庆小面", "CQXM", "CHONGQINGXIAOMIAN" },
    { "长乐茶餐厅", "CLCCT", "CHANGLECHACANTING" },
    { "单田芳", "STF", "SHANTIANFANG" },
    { "曾记凉皮", "ZJLP", "ZENGJILIANGPI" },
    { "华潤萬家", "HRWJ", "HUARUNWANJIA" },
    { "厦门航空", "XMHK", "XIAMENHANGKONG" },
    { "都市丽人", "DSLR", "DUSHILIREN" },
    { "乐高", "LG", "LEGAO" },
    { "中国银行", "ZGYH", "ZHONGGUOYINHANG" },
    { "吕布", "LB", "LUBU" },
    { "吕布", "LB", "LVBU" },
    { "KFC肯德基", "KFCKDJ", "KFCKENDEJI" },
    { "7-11便利店", "711BLD", "711BIANLIDIAN" },
    { "ＫＦＣ", "KFC", "KFC" },
    { "Café Zürich", "CAFEZURICH", "CAFEZURICH" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = till_search_key_make (NULL, NULL, cases[i].name, NULL);

      g_test_message ("%s: %s", cases[i].name, key);
      g_assert_true (has_word (key, cases[i].initials));
      g_assert_true (has_word (key, cases[i].whole));
    }
}

static void
test_strange_names (void)
{
  g_autofree char *long_name = g_strnfill (5000, 'x');
  GString *long_han = g_string_new (NULL);

  for (int i = 0; i < 2000; i++)
    g_string_append (long_han, "装");

  g_autofree char *han = g_string_free (long_han, FALSE);
  const char *const names[] = { long_name, han, "\xff\xfe bad", "😀", "\t\n", "㐂茶" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *key = till_search_key_make ("1", NULL, names[i], NULL);

      g_assert_true (g_utf8_validate (key, -1, NULL));
      g_assert_cmpuint (strlen (key), <, 4096);
      g_assert_true (g_str_has_prefix (key, "1"));
    }
}

static void
test_fold (void)
{
  static const struct
  {
    const char *query;
    const char *folded;
  } cases[] = {
    { "a102", "A102" },
    { "  Ａ１０２ ", "A102" },
    { "good   shop", "GOOD SHOP" },
    { "顺心", "顺心" },
    { "138 0000 1234", "13800001234" },
    { "010-12345678", "01012345678" },
    { "1-102", "1-102" },
    { "", "" },
    { " \t", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folded = till_search_key_fold (cases[i].query);

      g_assert_cmpstr (folded, ==, cases[i].folded);
    }
}

static void
test_rank (void)
{
  static const struct
  {
    const char *query;
    int         rank;
  } cases[] = {
    { "102", 3 },
    { "A/102", 3 },
    { "A", 2 },
    { "13800", 2 },
    { "1234", 2 },
    { "34", 1 },
    { "0000", 1 },
    { "SXC", 2 },
    { "XCG", 1 },
    { "SXCGC", 3 },
    { "SHUNXIN", 2 },
    { "心城", 1 },
    { "顺心", 2 },
    { "广场", 1 },
    { "0001", 2 },
    { "02", 1 },
    { "ZZZ", 0 },
    { "", 0 },
  };
  static const char *const meters[] = { "202411080001", NULL };
  g_autofree char *key = till_search_key_make ("A/102", "13800001234", "顺心城广场", meters);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].query);
      g_assert_cmpint (till_search_key_rank (key, cases[i].query), ==, cases[i].rank);
    }
}

static gpointer
make_many (gpointer data)
{
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *key = till_search_key_make ("1", NULL, "中国银行", NULL);

      g_assert_true (has_word (key, "ZGYH"));
    }

  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("search", make_many, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/search-key/make", test_make);
  g_test_add_func ("/search-key/pinyin", test_pinyin);
  g_test_add_func ("/search-key/strange-names", test_strange_names);
  g_test_add_func ("/search-key/fold", test_fold);
  g_test_add_func ("/search-key/rank", test_rank);
  g_test_add_func ("/search-key/threads", test_threads);

  return g_test_run ();
}
