/*
 * test-import.c: a site from a table
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#include "till-audit.h"
#include "till-books.h"
#include "till-demo-private.h"
#include "till-import-private.h"
#include "till-store-site.h"

static const char *const names[] = {
  "building", "floor", "shop", "area_m2", "tenant", "phone", "line", "line_kind", "address",
  "profile", "meter_no", "ct", "tariff", "balance_mode", "baud", "parity", "stop_bits", "pt",
  "parent_meter", "never_trip", "count_rule", "registration",
};

#define N_NAMES G_N_ELEMENTS (names)

/* A row without fault; a test says what is different in it. */
static const char *const plain[N_NAMES] = {
  "A座", "1F", "A101", "86.5", "张记面馆", "13812345678", "10.0.0.1:8899", "rtu-tcp", "1",
  "dtsy1352", "240311000001", "1", "商业", "meter", "", "", "", "", "", "", "", "",
};

typedef struct
{
  char      *dir;
  TillBooks *books;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fixture->dir = g_dir_make_tmp ("till-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->books = till_books_open (fixture->dir, TRUE, &error);
  g_assert_no_error (error);
}

static void
remove_dir (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }

  g_rmdir (path);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_clear_pointer (&fixture->books, till_books_close);
  remove_dir (fixture->dir);
  g_free (fixture->dir);
}

static GString *
new_table (void)
{
  GString *csv = g_string_new (NULL);

  for (guint i = 0; i < N_NAMES; i++)
    g_string_append_printf (csv, "%s%s", names[i], i + 1 < N_NAMES ? "," : "\n");

  return csv;
}

/* Adds the plain row with changes, such as “shop=A102;address=2”. */
static void
add_row (GString    *csv,
         const char *changes)
{
  g_auto(GStrv) list = g_strsplit (changes, ";", -1);
  const char *fields[N_NAMES];

  memcpy (fields, plain, sizeof fields);

  for (guint c = 0; list[c] != NULL; c++)
    {
      char *equals = strchr (list[c], '=');
      guint i = 0;

      if (equals == NULL)
        continue;

      *equals = '\0';
      while (strcmp (names[i], list[c]) != 0)
        g_assert_cmpuint (++i, <, N_NAMES);
      fields[i] = equals + 1;
    }

  for (guint i = 0; i < N_NAMES; i++)
    g_string_append_printf (csv, "\"%s\"%s", fields[i], i + 1 < N_NAMES ? "," : "\n");
}

static gboolean
import_bytes (Fixture          *fixture,
              const char       *data,
              gsize             length,
              TillImportResult *result,
              GError          **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, length);

  return till_import_run (fixture->books, "admin", bytes, result, error);
}

static gboolean
import (Fixture          *fixture,
        const char       *csv,
        TillImportResult *result,
        GError          **error)
{
  return import_bytes (fixture, csv, strlen (csv), result, error);
}

static gint64
count (Fixture    *fixture,
       const char *sql)
{
  g_autoptr(GError) error = NULL;
  gint64 n = -1;

  g_assert_true (till_db_get_int (till_books_get_db (fixture->books), &n, &error, sql, ""));
  g_assert_no_error (error);
  return n;
}

static gint64
count_everything (Fixture *fixture)
{
  return count (fixture, "SELECT (SELECT count (*) FROM place) + (SELECT count (*) FROM tenant) + "
                "(SELECT count (*) FROM account) + (SELECT count (*) FROM line) + "
                "(SELECT count (*) FROM meter) + (SELECT count (*) FROM audit)");
}

static void
assert_no_faults (const TillImportResult *result,
                  const GError           *error)
{
  for (guint i = 0; i < result->faults->len; i++)
    g_test_message ("%s", (char *)g_ptr_array_index (result->faults, i));

  g_assert_cmpuint (result->n_faults, ==, 0);
  g_assert_no_error (error);
}

/* Two meters of one shop, one of another, and a main meter that stands below what hangs behind it. */
static void
import_mixture (Fixture *fixture)
{
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) result = { 0 };

  add_row (csv, "parent_meter=9;baud=2400;parity=e");
  add_row (csv, "meter_no=2;address=2;area_m2=;phone=;never_trip=yes;count_rule=guarded");
  add_row (csv, "shop=A102;meter_no=3;address=3;ct=40;area_m2=0.0001;profile=ddsy1352;"
           "tenant=a \"\"b\"\", c;balance_mode=server;parent_meter=9");
  add_row (csv, "floor=;shop=;tenant=;phone=;area_m2=;meter_no=9;address=247;profile=adl400;"
           "balance_mode=;line=/dev/ttyS9;line_kind=tty;stop_bits=2");

  g_assert_true (import (fixture, csv->str, &result, &error));
  assert_no_faults (&result, error);
  g_assert_cmpuint (result.n_rows, ==, 4);
  g_assert_cmpuint (result.n_meters_added, ==, 4);
  g_assert_cmpuint (result.n_accounts, ==, 2);
  g_assert_cmpuint (result.n_unchanged, ==, 0);
  g_assert_cmpuint (result.warnings->len, ==, 0);
}

static void
test_good (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillSite) site = NULL;

  import_mixture (fixture);
  site = till_store_load_site (fixture->books, "x", FALSE, &error);
  g_assert_no_error (error);

  const TillAccount *account = g_ptr_array_index (site->accounts, 0);
  const TillAccount *other = g_ptr_array_index (site->accounts, 1);
  const TillMeter *first = g_ptr_array_index (site->meters, 0);
  const TillMeter *second = g_ptr_array_index (site->meters, 1);
  const TillMeter *third = g_ptr_array_index (site->meters, 2);
  const TillMeter *main_meter = g_ptr_array_index (site->meters, 3);

  g_assert_cmpstr (account->path, ==, "A座/A101");
  g_assert_cmpstr (account->tenant_name, ==, "张记面馆");
  g_assert_cmpstr (account->phone, ==, "13812345678");
  g_assert_cmpint (account->balance_mode, ==, TILL_BALANCE_MODE_METER);
  g_assert_cmpint (till_site_get_place (site, account->shop_id)->area_cm2, ==, 865000);
  g_assert_cmpstr (other->tenant_name, ==, "a \"b\", c");
  g_assert_cmpint (other->balance_mode, ==, TILL_BALANCE_MODE_SERVER);
  g_assert_cmpint (till_site_get_place (site, other->shop_id)->area_cm2, ==, 1);

  g_assert_cmpint (first->account_id, ==, account->id);
  g_assert_cmpint (second->account_id, ==, account->id);
  g_assert_cmpint (third->account_id, ==, other->id);
  g_assert_cmpint (third->ct, ==, 40);
  g_assert_cmpint (first->parent_meter_id, ==, main_meter->id);
  g_assert_cmpint (second->parent_meter_id, ==, 0);
  g_assert_cmpint (third->parent_meter_id, ==, main_meter->id);
  g_assert_cmpint (main_meter->account_id, ==, 0);
  g_assert_cmpint (till_site_get_place (site, main_meter->place_id)->kind, ==,
                   TILL_PLACE_KIND_BUILDING);
}

/* What the tree does not show: the lines, the particulars of meters, the trail. */
static void
test_setups (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) meters = NULL;
  g_autoptr(GPtrArray) lines = NULL;
  g_autoptr(GError) error = NULL;

  import_mixture (fixture);
  meters = till_store_load_meters (fixture->books, &error);
  g_assert_no_error (error);
  lines = till_store_load_lines (fixture->books, &error);
  g_assert_no_error (error);

  const TillLineSetup *line = g_ptr_array_index (lines, 0);
  const TillLineSetup *port = g_ptr_array_index (lines, 1);
  const TillMeterSetup *first = g_ptr_array_index (meters, 0);
  const TillMeterSetup *second = g_ptr_array_index (meters, 1);

  g_assert_cmpuint (lines->len, ==, 2);
  g_assert_cmpint (line->kind, ==, TILL_LINE_KIND_RTU_TCP);
  g_assert_cmpuint (line->baud, ==, 2400);
  g_assert_cmpint (line->parity, ==, 'E');
  g_assert_cmpuint (line->stop_bits, ==, 1);
  g_assert_cmpint (port->kind, ==, TILL_LINE_KIND_TTY);
  g_assert_cmpuint (port->baud, ==, 9600);
  g_assert_cmpint (port->parity, ==, 'N');
  g_assert_cmpuint (port->stop_bits, ==, 2);

  g_assert_false (first->never_trip);
  g_assert_cmpint (first->count_rule, ==, TILL_COUNT_RULE_UNKNOWN);
  g_assert_true (second->never_trip);
  g_assert_cmpint (second->count_rule, ==, TILL_COUNT_RULE_GUARDED);

  g_assert_cmpint (count (fixture, "SELECT count (*) FROM audit WHERE action = 'import' AND "
                          "operator = 'admin'"), ==, 1);
  g_assert_true (till_audit_verify (fixture->books, faults, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (faults->len, ==, 0);
}

static void
test_encodings (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GString) more = new_table ();
  g_autofree char *with_bom = NULL;
  g_autofree char *gbk = NULL;
  g_autoptr(GError) error = NULL;
  gsize gbk_length = 0;

  add_row (csv, "");
  with_bom = g_strconcat ("\xef\xbb\xbf", csv->str, NULL);
  add_row (more, "shop=A102;meter_no=2;address=2;tenant=海河茶楼");
  gbk = g_convert (more->str, -1, "GBK", "UTF-8", NULL, &gbk_length, &error);
  g_assert_no_error (error);

  {
    g_auto(TillImportResult) result = { 0 };

    g_assert_true (import (fixture, with_bom, &result, &error));
    assert_no_faults (&result, error);
  }

  {
    g_auto(TillImportResult) result = { 0 };

    g_assert_true (import_bytes (fixture, gbk, gbk_length, &result, &error));
    assert_no_faults (&result, error);
  }

  /* Both files mean the same building. */
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM place WHERE name = 'A座'"), ==, 1);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM tenant WHERE name = '海河茶楼'"), ==, 1);
}

static void
test_columns (Fixture      *fixture,
              gconstpointer data)
{
  static const char *const shuffled =
    "Meter_No,colour,ct,tariff,balance_mode,building,floor,shop,area_m2,tenant,phone,line,"
    "line_kind,address,profile\r\n"
    "\r\n"
    "1,red,,,meter,B,2F,B201,12,某人,,10.0.0.9:1,rtu-tcp,7,dtsy1352\r\n"
    ",,,,,,,,,,,,,,\r\n";
  static const char *const lacking = "building,shop,shop\nA,1,2\n";
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) result = { 0 };
  g_auto(TillImportResult) bad = { 0 };

  g_assert_true (import (fixture, shuffled, &result, &error));
  assert_no_faults (&result, error);
  g_assert_cmpuint (result.n_rows, ==, 1);
  g_assert_cmpuint (result.n_meters_added, ==, 1);
  g_assert_cmpuint (result.warnings->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (result.warnings, 0), "“colour”"));
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM tenant WHERE phone IS NULL"), ==, 1);

  g_assert_false (import (fixture, lacking, &bad, &error));
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
  g_assert_cmpuint (bad.n_faults, ==, 13);
}

static void
test_unreadable (Fixture      *fixture,
                 gconstpointer data)
{
  static const char *const files[] = {
    "", "building\n\"open", "\xff\xff\xff,", "building,floor,shop,area_m2,tenant,phone,line,"
    "line_kind,address,profile,meter_no,ct,tariff,balance_mode\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr(GError) error = NULL;
      g_auto(TillImportResult) result = { 0 };

      g_assert_false (import (fixture, files[i], &result, &error));
      g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
      g_assert_cmpuint (result.n_faults, ==, 1);
    }

  g_assert_cmpint (count_everything (fixture), ==, 0);
}

/* The row after two good ones, and the column its one fault is to name. */
static const struct
{
  const char *changes;
  const char *column;
} bad_rows[] = {
  { "building=", "building" },
  { "building=A/B", "building" },
  { "building=a long name a long name a long name a long name a long name a lon", "building" },
  { "building=A\nB", "building" },
  { "floor=", "floor" },
  { "floor=2F;shop=A101", "floor" },
  { "shop=0123456789012345678901234567890123456789012345678901234567890123456", "shop" },
  { "shop=", "tenant" },
  { "area_m2=-1", "area_m2" },
  { "area_m2=1.00001", "area_m2" },
  { "area_m2=1e3", "area_m2" },
  { "area_m2=12.", "area_m2" },
  { "area_m2=1000000.1", "area_m2" },
  { "shop=A101;area_m2=86.4", "area_m2" },
  { "tenant=", "tenant" },
  { "shop=A101;tenant=李记", "tenant" },
  { "phone=1234", "phone" },
  { "phone=138 1234 5678", "phone" },
  { "phone=123456789012345678901", "phone" },
  { "phone=-----", "phone" },
  { "shop=A101;phone=13800000000", "phone" },
  { "shop=A101;balance_mode=server", "balance_mode" },
  { "balance_mode=", "balance_mode" },
  { "balance_mode=Meter", "balance_mode" },
  { "profile=adl400", "balance_mode" },
  { "line=10.0.0.1", "line" },
  { "line=10.0.0.1:0", "line" },
  { "line=10.0.0.1:65536", "line" },
  { "line=:8899", "line" },
  { "line=8899", "line" },
  { "line=[::1:8899", "line" },
  { "line=/dev/ttyS1", "line" },
  { "line=ttyS1;line_kind=tty", "line" },
  { "line_kind=", "line_kind" },
  { "line_kind=rs485", "line_kind" },
  { "line_kind=modbus-tcp", "line_kind" },
  { "baud=600", "baud" },
  { "baud=4800", "baud" },
  { "parity=X", "parity" },
  { "parity=O", "parity" },
  { "stop_bits=3", "stop_bits" },
  { "registration=HELLO", "registration" },
  { "address=0", "address" },
  { "address=248", "address" },
  { "address=1.5", "address" },
  { "address=", "address" },
  { "address=1", "address" },
  { "profile=", "profile" },
  { "profile=dtsy9999", "profile" },
  { "profile=../../etc/passwd", "profile" },
  { "meter_no=", "meter_no" },
  { "meter_no=1234567890123", "meter_no" },
  { "meter_no=12-3", "meter_no" },
  { "meter_no=一", "meter_no" },
  { "meter_no=240311000001", "meter_no" },
  { "meter_no=0007", "meter_no" },
  { "ct=-1", "ct" },
  { "ct=10001", "ct" },
  { "ct=20/5", "ct" },
  { "pt=x", "pt" },
  { "parent_meter=404", "parent_meter" },
  { "parent_meter=3", "parent_meter" },
  { "parent_meter=?", "parent_meter" },
  { "never_trip=2", "never_trip" },
  { "never_trip=maybe", "never_trip" },
  { "count_rule=strict", "count_rule" },
};

static void
test_bad_rows (Fixture      *fixture,
               gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      g_autoptr(GString) csv = new_table ();
      g_autofree char *changes = g_strconcat ("shop=A103;meter_no=3;address=3;",
                                              bad_rows[i].changes, NULL);
      g_autofree char *named = g_strdup_printf ("row 4, %s: ", bad_rows[i].column);
      g_autoptr(GError) error = NULL;
      g_auto(TillImportResult) result = { 0 };

      add_row (csv, "baud=9600;parity=N");
      add_row (csv, "shop=A102;meter_no=7;address=2");
      add_row (csv, changes);
      g_test_message ("%s", bad_rows[i].changes);

      g_assert_false (import (fixture, csv->str, &result, &error));
      g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
      g_test_message ("%s", (char *)g_ptr_array_index (result.faults, 0));
      g_assert_cmpuint (result.n_faults, ==, 1);
      g_assert_true (g_str_has_prefix (g_ptr_array_index (result.faults, 0), named));
      g_assert_cmpuint (result.n_meters_added, ==, 0);
      g_assert_cmpint (count_everything (fixture), ==, 0);
    }
}

static void
test_rings (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) result = { 0 };

  add_row (csv, "parent_meter=2");
  add_row (csv, "meter_no=2;address=2;parent_meter=3");
  add_row (csv, "meter_no=3;address=3;parent_meter=2");
  add_row (csv, "meter_no=4;address=4;parent_meter=3");

  g_assert_false (import (fixture, csv->str, &result, &error));
  g_assert_cmpuint (result.n_faults, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (result.faults, 0), "ring"));
}

static void
test_ten_thousand (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GString) good = new_table ();
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) result = { 0 };
  g_auto(TillImportResult) repaired = { 0 };

  for (guint i = 0; i < 10000; i++)
    {
      const gboolean bad = i % 200 == 17;
      g_autofree char *row = g_strdup_printf ("shop=S%u;meter_no=%u;address=%u;phone=;"
                                              "line=10.0.%u.1:8899", i, i + 1, i % 40 + 1, i / 40);
      g_autofree char *broken = g_strdup_printf ("%s;address=%s", row, i % 400 == 17 ? "250" : "");

      add_row (csv, bad ? broken : row);
      add_row (good, row);
    }

  g_assert_false (import (fixture, csv->str, &result, &error));
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpuint (result.n_rows, ==, 10000);
  g_assert_cmpuint (result.n_faults, ==, 50);
  g_assert_cmpuint (result.faults->len, ==, 50);
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *named = g_strdup_printf ("row %u, address: ", i * 200 + 17 + 2);

      g_assert_true (g_str_has_prefix (g_ptr_array_index (result.faults, i), named));
    }
  g_assert_cmpint (count_everything (fixture), ==, 0);

  g_assert_true (import (fixture, good->str, &repaired, &error));
  assert_no_faults (&repaired, error);
  g_assert_cmpuint (repaired.n_meters_added, ==, 10000);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM meter"), ==, 10000);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM line"), ==, 250);
}

static void
test_many_faults (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) result = { 0 };

  for (guint i = 0; i < 1500; i++)
    add_row (csv, "meter_no=");

  g_assert_false (import (fixture, csv->str, &result, &error));
  g_assert_cmpuint (result.faults->len, ==, TILL_IMPORT_FAULTS_MAX);
  g_assert_cmpuint (result.n_faults, ==, 1500);
}

/* What of a row that is in the books already may not differ, and the column that is to be named. */
static const struct
{
  const char *changes;
  const char *column;
} differences[] = {
  { "building=B座", "building" },
  { "floor=2F", "floor" },
  { "shop=A109", "shop" },
  { "tenant=李记", "tenant" },
  { "phone=13900000000", "phone" },
  { "area_m2=1", "area_m2" },
  { "balance_mode=server", "balance_mode" },
  { "line=10.0.0.2:8899", "line" },
  { "address=9", "address" },
  { "profile=ddsy1352", "profile" },
  { "ct=20", "ct" },
  { "tariff=居民", "tariff" },
  { "baud=2400", "baud" },
  { "line_kind=modbus-tcp", "line_kind" },
  { "pt=10", "pt" },
  { "never_trip=1", "never_trip" },
  { "count_rule=add-only", "count_rule" },
  { "parent_meter=2", "parent_meter" },
};

static void
test_again (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) more = new_table ();
  g_auto(TillImportResult) first = { 0 };
  g_auto(TillImportResult) again = { 0 };
  gint64 before;

  add_row (csv, "count_rule=guarded");
  add_row (csv, "shop=A102;meter_no=2;address=2");
  g_assert_true (import (fixture, csv->str, &first, &error));
  assert_no_faults (&first, error);

  before = count_everything (fixture);

  /* One more meter in a shop that is there, and a zero in front of a number. */
  add_row (more, "");
  add_row (more, "shop=A102;meter_no=02;address=2");
  add_row (more, "shop=A102;meter_no=3;address=3;parent_meter=2");
  g_assert_true (import (fixture, more->str, &again, &error));
  assert_no_faults (&again, error);
  g_assert_cmpuint (again.n_unchanged, ==, 2);
  g_assert_cmpuint (again.n_meters_added, ==, 1);
  g_assert_cmpuint (again.n_accounts, ==, 0);
  g_assert_cmpint (count_everything (fixture), ==, before + 2);
  before = count_everything (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (differences); i++)
    {
      g_autoptr(GString) other = new_table ();
      g_autoptr(GError) local = NULL;
      g_auto(TillImportResult) result = { 0 };

      g_autofree char *named = g_strdup_printf ("row 2, %s: ", differences[i].column);

      add_row (other, differences[i].changes);
      g_test_message ("%s", differences[i].changes);
      g_assert_false (import (fixture, other->str, &result, &local));
      g_assert_error (local, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
      g_test_message ("%s", (char *)g_ptr_array_index (result.faults, 0));
      g_assert_cmpuint (result.n_faults, ==, 1);
      g_assert_true (g_str_has_prefix (g_ptr_array_index (result.faults, 0), named));
      g_assert_cmpint (count_everything (fixture), ==, before);
    }
}

/* A new meter against what the books hold of its shop, its line and its address. */
static void
test_against_books (Fixture      *fixture,
                    gconstpointer data)
{
  static const char *const faulty[] = {
    "meter_no=5;address=1", "meter_no=5;address=5;tenant=李记", "meter_no=5;address=5;floor=3F",
    "meter_no=5;address=5;phone=13900000000", "meter_no=5;address=5;parity=E",
    "meter_no=5;address=5;area_m2=9", "meter_no=5;address=5;balance_mode=server",
  };
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) first = { 0 };
  g_autoptr(GBytes) bytes = NULL;
  g_auto(TillImportResult) checked = { 0 };
  gint64 before;

  add_row (csv, "");
  g_assert_true (import (fixture, csv->str, &first, &error));
  assert_no_faults (&first, error);
  before = count_everything (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (faulty); i++)
    {
      g_autoptr(GString) other = new_table ();
      g_autoptr(GError) local = NULL;
      g_auto(TillImportResult) result = { 0 };

      add_row (other, faulty[i]);
      g_test_message ("%s", faulty[i]);
      g_assert_false (import (fixture, other->str, &result, &local));
      g_assert_error (local, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
      g_assert_cmpuint (result.n_faults, ==, 1);
      g_assert_cmpint (count_everything (fixture), ==, before);
    }

  /* A look writes nothing. */
  add_row (csv, "meter_no=5;address=5");
  bytes = g_bytes_new (csv->str, csv->len);
  g_assert_true (till_import_check (fixture->books, bytes, &checked, &error));
  assert_no_faults (&checked, error);
  g_assert_cmpuint (checked.n_meters_added, ==, 1);
  g_assert_cmpuint (checked.n_unchanged, ==, 1);
  g_assert_cmpint (count_everything (fixture), ==, before);
}

/* A fault of the disk in the middle takes back all that was written before it. */
static void
test_disk_fault (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr(GString) csv = new_table ();
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) result = { 0 };

  add_row (csv, "");
  add_row (csv, "shop=A102;meter_no=2;address=2");
  g_assert_true (till_db_run (till_books_get_db (fixture->books), &error,
                              "CREATE TRIGGER planted BEFORE INSERT ON meter "
                              "WHEN NEW.meter_no = '2' BEGIN SELECT RAISE (ABORT, 'planted'); END",
                              ""));
  g_assert_no_error (error);

  g_assert_false (import (fixture, csv->str, &result, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (result.n_meters_added, ==, 0);
  g_assert_cmpint (count_everything (fixture), ==, 0);
}

static void
test_demo_table (Fixture      *fixture,
                 gconstpointer data)
{
  g_autofree char *csv = till_demo_make_csv (20000);
  g_autofree char *same = till_demo_make_csv (20000);
  g_autoptr(GError) error = NULL;
  g_auto(TillImportResult) result = { 0 };

  g_assert_cmpstr (csv, ==, same);
  g_assert_true (import (fixture, csv, &result, &error));
  assert_no_faults (&result, error);
  g_assert_cmpuint (result.warnings->len, ==, 0);
  g_assert_cmpuint (result.n_accounts, ==, 90);
  g_assert_cmpuint (result.n_meters_added, ==, 93);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM place WHERE kind = 0"), ==, 3);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM line"), ==, TILL_DEMO_N_LINES);

  /* One can call a shop by its number alone, and a tenant by its name. */
  g_assert_cmpint (count (fixture, "SELECT count (DISTINCT name) FROM place WHERE kind = 2"), ==,
                   90);
  g_assert_cmpint (count (fixture, "SELECT count (DISTINCT name) FROM tenant"), ==, 90);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM meter WHERE parent_meter_id IS NULL"), ==,
                   3);
  g_assert_cmpint (count (fixture, "SELECT count (*) FROM meter WHERE ct IN (20, 40)"), >, 5);
}

static void
on_gone_cb (const GError *error,
            gpointer      user_data)
{
  GError **gone = user_data;

  g_assert_null (*gone);
  *gone = g_error_copy (error);
}

static void
test_demo_runs (Fixture      *fixture,
                gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *again = NULL;
  g_autofree char *csv = NULL;
  g_autofree char *kept = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) gone = NULL;
  g_autoptr(TillDemo) demo = NULL;
  g_autoptr(TillDemo) second = NULL;
  g_autofree char *other_dir = g_dir_make_tmp ("till-XXXXXX", NULL);
  g_autofree char *other_csv = g_build_filename (other_dir, "demo-site.csv", NULL);

  g_assert_true (till_demo_ensure (fixture->dir, &path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &csv, NULL, &error));
  demo = till_demo_start (fixture->dir, 60000, on_gone_cb, &gone, &error);
  g_assert_no_error (error);
  g_assert_nonnull (demo);

  /* A later start finds the same ports, though they are taken now. */
  g_assert_true (till_demo_ensure (fixture->dir, &again, &error));
  g_assert_true (g_file_get_contents (again, &kept, NULL, &error));
  g_assert_cmpstr (csv, ==, kept);

  /* Another demo on these ports is told that they are taken, and which. */
  g_assert_true (g_file_set_contents (other_csv, csv, -1, &error));
  second = till_demo_start (other_dir, 60000, NULL, NULL, &error);
  g_assert_null (second);
  g_assert_error (error, TILL_DEMO_ERROR, TILL_DEMO_ERROR_ENDED);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "127.0.0.1:"));
  g_clear_error (&error);
  remove_dir (other_dir);

  /* When it dies, that is told once. */
  g_assert_null (gone);
  g_assert_cmpint (kill ((pid_t)till_demo_get_pid (demo), SIGKILL), ==, 0);
  while (gone == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (gone, TILL_DEMO_ERROR, TILL_DEMO_ERROR_ENDED);
  g_assert_cmpint (till_demo_get_pid (demo), ==, 0);
  g_clear_pointer (&demo, till_demo_stop);

  /* It starts again on what it left, and stopping it is no news. */
  g_clear_error (&gone);
  demo = till_demo_start (fixture->dir, 60000, on_gone_cb, &gone, &error);
  g_assert_no_error (error);
  g_clear_pointer (&demo, till_demo_stop);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (gone);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/import/good", test_good);
  ADD ("/import/setups", test_setups);
  ADD ("/import/encodings", test_encodings);
  ADD ("/import/columns", test_columns);
  ADD ("/import/unreadable", test_unreadable);
  ADD ("/import/bad-rows", test_bad_rows);
  ADD ("/import/rings", test_rings);
  ADD ("/import/ten-thousand", test_ten_thousand);
  ADD ("/import/many-faults", test_many_faults);
  ADD ("/import/again", test_again);
  ADD ("/import/against-books", test_against_books);
  ADD ("/import/disk-fault", test_disk_fault);
  ADD ("/demo/table", test_demo_table);
  ADD ("/demo/runs", test_demo_runs);

  return g_test_run ();
}
