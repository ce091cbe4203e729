/*
 * test-profile-faults.c: a wrong profile is refused with a sentence that names file, section and key
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "till-profile-private.h"

#define ENERGY "[register energy]\nread=state\naddress=0\ntype=u32\n"
#define TOP "[profile]\nname=mine\nenergy-modulo=100000000\n"
#define RELAY "[status s]\nread=state\naddress=0x0224\nbit0=fault\n"

static const struct
{
  const char *text;
  const char *section;
  const char *key;
} bad[] = {
  { "nonsense\n", NULL, NULL },
  { ENERGY, "profile", NULL },
  { "[profile]\nenergy-modulo=100000000\n" ENERGY, "profile", "name" },
  { "[profile]\nname=other\nenergy-modulo=100000000\n" ENERGY, "profile", "name" },
  { "[profile]\nname=mine\n" ENERGY, "profile", "energy-modulo" },
  { "[profile]\nname=mine\nenergy-modulo=12\n" ENERGY, "profile", "energy-modulo" },
  { "[profile]\nname=mine\nenergy-modulo=lots\n" ENERGY, "profile", "energy-modulo" },
  { TOP "colour=red\n" ENERGY, "profile", "colour" },
  { TOP "features=relay;teleport\n" ENERGY, "profile", "features" },
  { TOP "features=relay\n" ENERGY, "profile", "features" },
  { TOP "features=relay\n" ENERGY "[force]\nregister=0x57\n", "profile", "features" },
  { TOP "features=prepaid\n" ENERGY, "profile", "features" },
  { TOP "features=prepaid\n" ENERGY "[purchase]\nregister=0x100\n", "profile", "features" },
  { TOP "features=clock\n" ENERGY "[clock]\nregister=0x354\n", "profile", "features" },
  { TOP "features=identity\n" ENERGY, "profile", "features" },
  { TOP "count-rule=maybe\n" ENERGY, "profile", "count-rule" },
  { TOP "device-type=-5\n" ENERGY, "profile", "device-type" },
  { TOP "device-type=70000\n" ENERGY, "profile", "device-type" },
  { TOP "device-type=5\n" ENERGY, "profile", "device-type" },
  { TOP "max-block=500\n" ENERGY, "profile", "max-block" },
  { TOP "max-block=1\n" ENERGY, "profile", "max-block" },
  { TOP, "register energy", NULL },
  { TOP ENERGY "[gadget]\na=1\n", "gadget", NULL },
  { TOP ENERGY "[register energy.noon]\nread=state\naddress=2\ntype=u32\n", "register energy.noon",
  NULL },
  { TOP "[register energy]\naddress=0\ntype=u32\n", "register energy", "read" },
  { TOP "[register energy]\nread=daily\naddress=0\ntype=u32\n", "register energy", "read" },
  { TOP "[register energy]\nread=state\ntype=u32\n", "register energy", "address" },
  { TOP "[register energy]\nread=state\naddress=0x10000\ntype=u32\n", "register energy", "address" },
  { TOP "[register energy]\nread=state\naddress=0xffff\ntype=u32\n", "register energy", "address" },
  { TOP "[register energy]\nread=state\naddress=zero\ntype=u32\n", "register energy", "address" },
  { TOP "[register energy]\nread=state\naddress=0\n", "register energy", "type" },
  { TOP "[register energy]\nread=state\naddress=0\ntype=u64\n", "register energy", "type" },
  { TOP "[register energy]\nread=state\naddress=0\ntype=clock\n", "register energy", "type" },
  { TOP "[register energy]\nread=state\naddress=0\ntype=bcd\n", "register energy", "type" },
  { TOP ENERGY "scale=0\n", "register energy", "scale" },
  { TOP ENERGY "scale=1/0\n", "register energy", "scale" },
  { TOP ENERGY "scale=-1\n", "register energy", "scale" },
  { TOP ENERGY "scale=0.1\n", "register energy", "scale" },
  { TOP ENERGY "scale=1/2/3\n", "register energy", "scale" },
  { TOP ENERGY "primary=perhaps\n", "register energy", "primary" },
  { TOP ENERGY "word-order=mixed\n", "register energy", "word-order" },
  { TOP ENERGY "unit=kWh\n", "register energy", "unit" },
  { TOP ENERGY "[register frequency]\nread=state\naddress=9\ntype=u16\nprimary=yes\n",
    "register frequency", "primary" },
  { TOP ENERGY "[register frequency]\nread=state\naddress=9\ntype=u16\nword-order=low-first\n",
    "register frequency", "word-order" },
  { TOP ENERGY "[register clock]\nread=state\naddress=9\ntype=u16\n", "register clock", "type" },
  { TOP ENERGY "[register meter-no]\nread=identity\naddress=9\ntype=u32\n", "register meter-no",
    "type" },
  { TOP ENERGY "[status s]\nread=state\naddress=1\n", "status s", NULL },
  { TOP ENERGY "[status s]\nread=state\nbit0=fault\n", "status s", "address" },
  { TOP ENERGY RELAY "bit16=fault\n", "status s", "bit16" },
  { TOP ENERGY RELAY "bit1=happy\n", "status s", "bit1" },
  { TOP ENERGY RELAY "bit1=\n", "status s", "bit1" },
  { TOP ENERGY RELAY "colour=red\n", "status s", "colour" },
  { TOP ENERGY "[blocks]\nstate=0x0200\n", "blocks", "state" },
  { TOP ENERGY "[blocks]\nstate=0x0200:0\n", "blocks", "state" },
  { TOP ENERGY "[blocks]\nstate=0x0200:200\n", "blocks", "state" },
  { TOP ENERGY "[blocks]\nstate=0xffff:2\n", "blocks", "state" },
  { TOP ENERGY "[blocks]\nnightly=0:2\n", "blocks", "nightly" },
  { TOP ENERGY "[blocks]\nstate=0:2;9:2;18:2;27:2;36:2;45:2;54:2\n", "blocks", "state" },
  { TOP ENERGY "[tariffs]\nsharp=1\npeak=1\n", "tariffs", "peak" },
  { TOP ENERGY "[tariffs]\nsharp=15\n", "tariffs", "sharp" },
  { TOP ENERGY "[tariffs]\nnoon=1\n", "tariffs", "noon" },
  { TOP ENERGY "[force]\nregister=0xffff\n", "force", "register" },
  { TOP ENERGY "[purchase]\n", "purchase", "register" },
};

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *section = g_strdup_printf ("[%s]", bad[i].section);
      g_autofree char *key = g_strdup_printf ("“%s”", bad[i].key);
      TillProfile *profile = till_profile_parse (bad[i].text, strlen (bad[i].text), "own/mine.ini",
                                                 &error);

      g_assert_null (profile);
      g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, "own/mine.ini"));
      g_assert_true (bad[i].section == NULL || strstr (error->message, section) != NULL);
      g_assert_true (bad[i].key == NULL || strstr (error->message, key) != NULL);
    }
}

/* Registers far apart make more reads than a job may have. */
static void
test_too_many_reads (void)
{
  static const char *const names[] = { "voltage.a", "voltage.b", "voltage.c", "current.a", "current.b",
                                       "current.c", "power.a" };
  g_autoptr(GString) text = g_string_new (TOP ENERGY);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_string_append_printf (text, "[register %s]\nread=state\naddress=%u\ntype=u16\n", names[i],
                            1000 * (i + 1));

  g_assert_null (till_profile_parse (text->str, text->len, "own/mine.ini", &error));
  g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE);
  g_assert_nonnull (strstr (error->message, "more than 6 reads"));
}

/* A gap is read along when that is cheaper than another exchange, and not when it is not. */
static void
test_plan (void)
{
  static const struct
  {
    guint second; /* the address of the second value */
    guint max_block;
    guint n;
    guint first_count;
  } cases[] = {
    { 2, 120, 1, 3 },
    { 20, 120, 1, 21 },
    { 26, 120, 1, 27 },
    { 27, 120, 2, 2 },
    { 20, 14, 2, 2 },
    { 200, 120, 2, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text =
        g_strdup_printf (TOP "max-block=%u\n" ENERGY "[register frequency]\nread=state\naddress=%u\n"
                         "type=u16\n", cases[i].max_block, cases[i].second);
      g_autoptr(TillProfile) profile = till_profile_parse (text, strlen (text), "mine.ini", NULL);
      TillRequest requests[TILL_JOB_REQUESTS_MAX];

      g_assert_nonnull (profile);
      g_assert_cmpuint (till_profile_plan_state (profile, requests), ==, cases[i].n);
      g_assert_cmpuint (requests[0].count, ==, cases[i].first_count);
    }
}

/* A file of the own folder wins; a bad one is an error and not the shipped one in silence. */
static void
test_own_dir (void)
{
  g_autofree char *dir = g_dir_make_tmp ("till-profiles-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "generic.ini", NULL);
  g_autofree char *other = g_build_filename (dir, "mine.ini", NULL);
  g_autoptr(GPtrArray) names = NULL;
  g_autoptr(GError) error = NULL;
  const TillProfile *before = till_profile_get ("generic", NULL);
  const TillProfile *after;

  g_assert_true (g_file_set_contents (path, "[profile]\nname=generic\nenergy-modulo=5000\n"
                                      ENERGY "word-order=low-first\n", -1, NULL));
  g_assert_true (g_file_set_contents (other, TOP, -1, NULL));
  till_profile_set_own_dir (dir);
  after = till_profile_get ("generic", &error);
  g_assert_no_error (error);
  g_assert_cmpint (till_profile_get_register_modulo (after), ==, 5000);
  g_assert_cmpint (till_profile_get_register_modulo (before), ==, G_GINT64_CONSTANT (4294967296));
  g_assert_true (after == till_profile_get ("generic", NULL));

  names = till_profile_list_names ();
  g_assert_cmpuint (names->len, ==, 9);
  g_assert_null (till_profile_get ("mine", &error));
  g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE);
  g_clear_error (&error);
  g_assert_null (till_profile_get ("no-such", &error));
  g_assert_nonnull (strstr (error->message, "dtsy1352"));
  g_clear_error (&error);
  g_assert_null (till_profile_get ("../dtsy1352", &error));
  g_assert_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE);

  till_profile_set_own_dir (NULL);
  g_unlink (path);
  g_unlink (other);
  g_rmdir (dir);
}

static void
test_word_order (void)
{
  static const char text[] = TOP ENERGY "word-order=low-first\nscale=1/4\n";
  g_autoptr(TillProfile) profile = till_profile_parse (text, sizeof text - 1, "mine.ini", NULL);
  TillRequest request = { TILL_REQUEST_KIND_READ, 0, 2, { 0x000a, 0x0001 } };
  TillReading reading = { 0 };

  g_assert_nonnull (profile);
  g_assert_true (till_profile_decode (profile, &request, 1, &reading, NULL));
  g_assert_cmpint (reading.energy_ckwh, ==, 0x1000a / 4 + 1); /* 16386.5, away from zero */
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bus/profile-faults/bad", test_bad);
  g_test_add_func ("/bus/profile-faults/too-many-reads", test_too_many_reads);
  g_test_add_func ("/bus/profile-faults/plan", test_plan);
  g_test_add_func ("/bus/profile-faults/own-dir", test_own_dir);
  g_test_add_func ("/bus/profile-faults/word-order", test_word_order);

  return g_test_run ();
}
