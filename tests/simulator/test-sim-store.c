/*
 * test-sim-store.c: the meters' memory in a file, torn and whole; the import file; the fault rules
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "till-sim-fault.h"
#include "till-sim-store.h"

#define HEADER "shop,tenant,line,line_kind,address,profile,meter_no,ct,tariff,balance_mode\n"
#define START_MS (G_GINT64_CONSTANT (1795400000000))

static char *folder; /* of this run, taken away at its end */

static const char site_text[] =
  "\xef\xbb\xbf" HEADER
  "101,\"Tea, \"\"Old\"\"\",127.0.0.1:0,rtu-tcp,1,dtsy1352,100000000001,,std,meter\r\n"
  "102,Cold,127.0.0.1:0,rtu-tcp,2,ddsy1352,100000000002,1,std,server\r\n"
  "103,,,,,,,,,\r\n"
  "\r\n";

static char *
write_text (const char *name,
            const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static TillSimSite *
load_site (void)
{
  g_autofree char *path = write_text ("site.csv", site_text);
  g_autoptr(GError) error = NULL;
  TillSimSite *site = till_sim_site_load (path, 1, START_MS, &error);

  g_assert_no_error (error);
  return site;
}

static void
test_site (void)
{
  g_autoptr(TillSimSite) site = load_site ();
  TillSimMeter *first = g_ptr_array_index (site->meters, 0);
  TillSimMeter *second = g_ptr_array_index (site->meters, 1);

  g_assert_cmpuint (site->meters->len, ==, 2);
  g_assert_cmpuint (site->lines->len, ==, 1);
  g_assert_cmpstr (first->shop, ==, "Tea, \"Old\"");
  g_assert_cmpint (first->memory.prepay, ==, 1);
  g_assert_cmpint (second->memory.prepay, ==, 0);
  g_assert_cmpint (second->memory.remaining_fen, ==, 0);
}

/* Spreadsheets of this country like to write GBK: 茶 is b2 e8 there. */
static void
test_site_gbk (void)
{
  g_autofree char *path = write_text ("gbk.csv", HEADER "1,\xb2\xe8,h:1,,1,dtsy1352,1,1,s,meter\n");
  g_autoptr(TillSimSite) site = till_sim_site_load (path, 1, START_MS, NULL);

  g_assert_nonnull (site);
  g_assert_cmpstr (((TillSimMeter *)g_ptr_array_index (site->meters, 0))->shop, ==, "茶");
}

static void
test_site_refused (void)
{
  static const struct
  {
    const char *text;
    const char *says;
  } cases[] = {
    { "", "no meters" },
    { HEADER, "no meters" },
    { "shop,line,address,profile\n", "no column “meter_no”" },
    { HEADER "1,T,h:1,rtu-tcp,0,dtsy1352,1,1,s,meter\n", "record 2: address “0”" },
    { HEADER "1,T,h:1,rtu-tcp,248,dtsy1352,1,1,s,meter\n", "address “248”" },
    { HEADER "1,T,h:1,rtu-tcp,1,dtsy9999,1,1,s,meter\n", "profile “dtsy9999”" },
    { HEADER "1,T,h:1,carrier-pigeon,1,dtsy1352,1,1,s,meter\n", "carrier-pigeon" },
    { HEADER "1,T,h:1,rtu-tcp,1,dtsy1352,1,x,s,meter\n", "ct “x”" },
    { HEADER "1,T,h:1,rtu-tcp,1,dtsy1352,1,1,s,meter\n1,T,h:1,rtu-tcp,1,dtsy1352,2,1,s,meter\n",
      "taken by meter 1" },
    { HEADER "1,T,h:1,rtu-tcp,1,dtsy1352,1,1,s,meter\n1,T,h:1,rtu-tcp,2,dtsy1352,1,1,s,meter\n",
      "comes twice" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = write_text ("bad.csv", cases[i].text);
      g_autoptr(GError) error = NULL;
      g_autoptr(TillSimSite) site = till_sim_site_load (path, 1, START_MS, &error);

      g_assert_null (site);
      g_assert_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE);
      g_assert_nonnull (strstr (error->message, cases[i].says));
    }
}

static void
assert_same (TillSimSite *a,
             TillSimSite *b)
{
  for (guint i = 0; i < a->meters->len; i++)
    {
      TillSimMeter *one = g_ptr_array_index (a->meters, i);
      TillSimMeter *other = g_ptr_array_index (b->meters, i);

      g_assert_cmpmem (&one->memory, sizeof one->memory, &other->memory, sizeof other->memory);
      g_assert_cmpstr (one->meter_no, ==, other->meter_no);
      g_assert_cmpuint (one->purchases->len, ==, other->purchases->len);
      for (guint k = 0; k < one->purchases->len; k++)
        {
          const TillSimPurchase *p = &g_array_index (one->purchases, TillSimPurchase, k);
          const TillSimPurchase *q = &g_array_index (other->purchases, TillSimPurchase, k);

          g_assert_cmpint (p->fen, ==, q->fen);
          g_assert_cmpint (p->count, ==, q->count);
          g_assert_cmpint (p->at_ms, ==, q->at_ms);
          g_assert_cmpint (p->accepted, ==, q->accepted);
        }
    }
}

/* Every member of the memory comes back, by the picture as well as by the journal. */
static void
test_store_keeps_all (void)
{
  g_autofree char *path = g_build_filename (folder, "keeps", NULL);
  g_autoptr(TillSimSite) site = load_site ();
  g_autoptr(TillSimStore) store = till_sim_store_open (path, site, NULL);
  TillSimMeter *meter = g_ptr_array_index (site->meters, 0);
  gint64 *numbers = (gint64 *)&meter->memory;

  for (int round = 0; round < 2; round++)
    {
      g_autoptr(TillSimSite) again = load_site ();
      g_autoptr(TillSimStore) reader = NULL;

      for (gsize i = 0; i < offsetof (TillSimMemory, zones) / sizeof (gint64); i++)
        numbers[i] = (gint64)i * 1000003 - round * 77 - 5;
      for (gsize i = offsetof (TillSimMemory, zones); i < offsetof (TillSimMemory, load_control); i++)
        ((guint8 *)&meter->memory)[i] = (guint8)(i * 7 + (gsize)round);
      meter->memory.number[0] = 0x10;
      till_sim_meter_set_number (meter, round == 0 ? "77 #8" : "9,9=1");
      till_sim_meter_purchase (meter, 100 + round, 7);
      if (round == 0)
        g_assert_true (till_sim_store_save (store, 1, 2, NULL));
      else
        g_assert_true (till_sim_store_note (store, meter, TRUE, NULL));
      reader = till_sim_store_open (path, again, NULL);
      g_assert_nonnull (reader);
      g_assert_cmpint (till_sim_store_get_saved_wall_ms (reader), ==, 2);
      assert_same (site, again);
    }
}

/* The journal may end anywhere: what was whole counts, and what is added later counts too. */
static void
test_store_torn (void)
{
  g_autofree char *path = g_build_filename (folder, "torn", NULL);
  g_autofree char *journal = g_strconcat (path, ".journal", NULL);
  g_autofree char *text = NULL;
  gsize whole;
  gsize length;
  g_autoptr(TillSimSite) site = load_site ();
  g_autoptr(TillSimStore) store = till_sim_store_open (path, site, NULL);
  TillSimMeter *meter = g_ptr_array_index (site->meters, 0);
  const gint64 count = meter->memory.count;

  g_assert_true (till_sim_store_save (store, START_MS, 1, NULL));
  till_sim_meter_purchase (meter, 100, (guint16)(count + 1));
  g_assert_true (till_sim_store_note (store, meter, TRUE, NULL));
  g_assert_true (g_file_get_contents (journal, &text, &whole, NULL));
  g_clear_pointer (&text, g_free);
  till_sim_meter_purchase (meter, 200, (guint16)(count + 2));
  g_assert_true (till_sim_store_note (store, meter, TRUE, NULL));
  g_assert_true (g_file_get_contents (journal, &text, &length, NULL));

  /* Each place costs an fdatasync: all of the ends, and one in eleven of what is between. */
  for (gsize cut = whole; cut <= length; cut += cut > whole + 8 && cut + 20 < length ? 11 : 1)
    {
      g_autoptr(TillSimSite) again = load_site ();
      g_autoptr(TillSimSite) third = load_site ();
      g_autoptr(TillSimStore) reader = NULL;
      g_autoptr(TillSimStore) last = NULL;
      TillSimMeter *other = g_ptr_array_index (again->meters, 0);

      g_assert_true (g_file_set_contents (journal, text, (gssize)cut, NULL));
      reader = till_sim_store_open (path, again, NULL);
      g_assert_nonnull (reader);
      g_assert_cmpint (other->memory.bought_fen, ==, cut == length ? 300 : 100);
      g_assert_cmpuint (other->purchases->len, ==, cut == length ? 2 : 1);
      till_sim_meter_purchase (other, 50, (guint16)(other->memory.count + 1));
      g_assert_true (till_sim_store_note (reader, other, TRUE, NULL));
      last = till_sim_store_open (path, third, NULL);
      g_assert_nonnull (last);
      assert_same (again, third);
    }
}

/* Killed between the picture and the cut of the journal: the old records must not count twice. */
static void
test_store_old_journal (void)
{
  g_autofree char *path = g_build_filename (folder, "old", NULL);
  g_autofree char *journal = g_strconcat (path, ".journal", NULL);
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr(TillSimSite) site = load_site ();
  g_autoptr(TillSimSite) again = load_site ();
  g_autoptr(TillSimStore) store = till_sim_store_open (path, site, NULL);
  g_autoptr(TillSimStore) reader = NULL;
  TillSimMeter *meter = g_ptr_array_index (site->meters, 0);

  till_sim_meter_purchase (meter, 100, (guint16)(meter->memory.count + 1));
  g_assert_true (till_sim_store_note (store, meter, TRUE, NULL));
  g_assert_true (g_file_get_contents (journal, &text, &length, NULL));
  meter->memory.remaining_fen -= 7;
  g_assert_true (till_sim_store_save (store, START_MS, 1, NULL));
  g_assert_true (g_file_set_contents (journal, text, (gssize)length, NULL));
  reader = till_sim_store_open (path, again, NULL);
  g_assert_nonnull (reader);
  assert_same (site, again);
}

static void
test_store_damaged (void)
{
  g_autofree char *path = write_text ("damaged", "M 1 what is this #0000\n");
  g_autoptr(TillSimSite) site = load_site ();
  g_autoptr(GError) error = NULL;

  g_assert_null (till_sim_store_open (path, site, &error));
  g_assert_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_STATE);
}

static gboolean
parse (const char   *text,
       TillSimFault *fault)
{
  g_auto(GStrv) words = g_strsplit (text, " ", -1);
  g_autoptr(GError) error = NULL;
  const gboolean good = till_sim_fault_parse (words, fault, &error);

  g_assert_true (good == (error == NULL));
  return good;
}

static void
test_faults (void)
{
  g_autoptr(TillSimSite) site = load_site ();
  g_autoptr(TillSimFaults) faults = till_sim_faults_new (3);
  const guint8 read[] = { 1, 3, 2, 0, 0, 48 };
  const guint8 control[] = { 1, 16, 0, 0x57, 0, 2, 4, 0, 1, 0, 1 };
  TillSimMeter *meter = g_ptr_array_index (site->meters, 0);
  TillSimLineInfo *line = g_ptr_array_index (site->lines, 0);
  TillSimFault fault;
  guint struck = 0;

  g_assert_false (parse ("", &fault));
  g_assert_false (parse ("earthquake", &fault));
  g_assert_false (parse ("late delay_ms=x", &fault));
  g_assert_false (parse ("late on=tuesday", &fault));
  g_assert_false (parse ("stale bytes=0", &fault));
  g_assert_false (parse ("late p=0", &fault));

  g_assert_true (parse ("exception code=6 on=control count=2 after=1", &fault));
  fault.meter = meter;
  g_assert_true (till_sim_faults_add (faults, &fault, NULL));
  g_assert_false (till_sim_faults_take (faults, line, meter, read, sizeof read, &fault));
  for (int i = 0; i < 6; i++)
    struck += till_sim_faults_take (faults, line, meter, control, sizeof control, &fault);
  g_assert_cmpuint (struck, ==, 2);
  g_assert_cmpint (fault.code, ==, 6);
  g_assert_cmpuint (till_sim_faults_get_n (faults), ==, 0);

  g_assert_true (parse ("crc count=-1 p=100 fc=3", &fault));
  g_assert_true (till_sim_faults_add (faults, &fault, NULL));
  struck = 0;
  for (int i = 0; i < 10000; i++)
    struck += till_sim_faults_take (faults, line, meter, read, sizeof read, &fault);
  g_assert_cmpuint (struck, >, 850);
  g_assert_cmpuint (struck, <, 1150);
  g_assert_cmpuint (till_sim_faults_clear (faults, line, NULL), ==, 0);
  g_assert_cmpuint (till_sim_faults_clear (faults, NULL, NULL), ==, 1);
}

static void
remove_folder (void)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

int
main (int   argc,
      char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("till-sim-XXXXXX", NULL);
  g_assert_nonnull (folder);

  g_test_add_func ("/site/good", test_site);
  g_test_add_func ("/site/gbk", test_site_gbk);
  g_test_add_func ("/site/refused", test_site_refused);
  g_test_add_func ("/store/keeps-all", test_store_keeps_all);
  g_test_add_func ("/store/torn", test_store_torn);
  g_test_add_func ("/store/old-journal", test_store_old_journal);
  g_test_add_func ("/store/damaged", test_store_damaged);
  g_test_add_func ("/fault/rules", test_faults);
  status = g_test_run ();

  remove_folder ();
  return status;
}
