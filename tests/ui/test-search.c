/*
 * test-search.c: tenants are found, the best first
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-site.h"
#include "till-search.h"

static TillSite *
make_site (guint n_shops)
{
  FakeSite made = { NULL, g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                                 (GDestroyNotify)till_meter_state_unref) };

  fake_site_build (&made, n_shops);
  g_hash_table_unref (made.states);
  return made.site;
}

static void
test_finds (void)
{
  static const struct
  {
    const char *query;
    const char *path; /* of the first answer, or NULL for none */
  } cases[] = {
    { "A101", "A/A101" },         /* the shop, whole */
    { "a101", "A/A101" },         /* in small letters */
    { " A101 ", "A/A101" },       /* with blanks around */
    { "SXCY", "A/A101" },         /* initials, whole before beginnings (SXCYFD) */
    { "sxcyf", "C/C101" },        /* initials, their beginning */
    { "顺心餐饮", "A/A101" },     /* the tenant */
    { "狗不理", "B/B102" },       /* inside the tenant */
    { "07654321", "A/A102" },     /* the tail of a phone */
    { "240100200003", "A/A104" }, /* a meter, whole */
    { "0300006", "A/A107" },      /* the tail of the second meter of a shop */
    { "B1 KFFD", NULL },          /* two words that nobody has both of */
    { "A1 QCS", "A/A103" },       /* two words, both found */
    { "nobody", NULL },
    { "", NULL },
    { "   ", NULL },
    { "%_'\"\\", NULL },
  };
  g_autoptr(TillSite) site = make_site (60);
  g_autoptr(TillSearch) search = till_search_new (site);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TillSearchMatch matches[5];
      const guint n = till_search_find (search, cases[i].query, matches, 5);

      g_test_message ("“%s”: %u answers", cases[i].query, n);
      if (cases[i].path == NULL)
        g_assert_cmpuint (n, ==, 0);
      else
        g_assert_cmpuint (n, >, 0);
      if (n > 0)
        g_assert_cmpstr (matches[0].account->path, ==, cases[i].path);
    }
}

static void
test_ranks (void)
{
  g_autoptr(TillSite) site = make_site (60);
  g_autoptr(TillSearch) search = till_search_new (site);
  TillSearchMatch matches[60];
  const guint n = till_search_find (search, "A1", matches, 60);

  g_assert_cmpuint (n, >=, 10);
  for (guint i = 1; i < n; i++)
    g_assert_cmpuint (matches[i - 1].rank, <=, matches[i].rank);

  /* Among equals the order of the site holds, also when there is less room than answers. */
  g_assert_cmpstr (matches[0].account->path, ==, "A/A101");
  g_assert_cmpstr (matches[1].account->path, ==, "A/A102");
  g_assert_cmpuint (till_search_find (search, "A1", matches, 3), ==, 3);
  g_assert_cmpstr (matches[2].account->path, ==, "A/A103");
}

static void
test_names_the_meter (void)
{
  g_autoptr(TillSite) site = make_site (60);
  g_autoptr(TillSearch) search = till_search_new (site);
  TillSearchMatch match;

  g_assert_cmpuint (till_search_find (search, "240100300006", &match, 1), ==, 1);
  g_assert_cmpint (match.meter_id, ==, 300006);
  g_assert_cmpuint (till_search_find (search, "A107", &match, 1), ==, 1);
  g_assert_cmpint (match.meter_id, ==, 0);
}

static void
test_bounds_the_words (void)
{
  g_autoptr(TillSite) site = make_site (60);
  g_autoptr(TillSearch) search = till_search_new (site);
  g_autofree char *many = g_strnfill (20000, 'A');
  TillSearchMatch match;

  for (gsize i = 1; i < 20000; i += 2)
    many[i] = ' ';
  g_assert_cmpuint (till_search_find (search, many, &match, 1), ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/search/finds", test_finds);
  g_test_add_func ("/search/ranks", test_ranks);
  g_test_add_func ("/search/names-the-meter", test_names_the_meter);
  g_test_add_func ("/search/bounds-the-words", test_bounds_the_words);

  return g_test_run ();
}
