/*
 * test-engine.c: the engine's door, on real books without lines
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "till-engine.h"

static const char *const site_csv =
  "building,floor,shop,area_m2,tenant,phone,line,line_kind,address,profile,meter_no,ct,tariff,"
  "balance_mode\n"
  "A,1F,A101,50,Sunny Tea,13800001111,127.0.0.1:17001,rtu-tcp,1,dtsy1352,200001,1,tou,meter\n"
  "A,1F,A102,60,Moon Books,13800002222,127.0.0.1:17001,rtu-tcp,2,dtsy1352,200002,1,tou,meter\n"
  "A,1F,A103,70,Star Gym,13800003333,127.0.0.1:17001,rtu-tcp,3,adl400,200003,1,tou,server\n"
  "B,1F,A101,80,Twin Shop,13800004444,127.0.0.1:17001,rtu-tcp,4,dtsy1352,200004,1,tou,meter\n";

typedef struct
{
  char         *dir;
  TillEngine   *engine;
  TillOperator *admin;
  GAsyncResult *result;
} Fixture;

static void
on_result_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Fixture *fixture = user_data;

  fixture->result = g_object_ref (result);
}

static GAsyncResult *
wait_for (Fixture *fixture)
{
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return g_steal_pointer (&fixture->result);
}

static void
start (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  fixture->engine = till_engine_new (fixture->dir, TILL_ENGINE_FLAGS_OFFLINE);
  till_engine_start_async (fixture->engine, NULL, on_result_cb, fixture);
  result = wait_for (fixture);
  g_assert_true (till_engine_start_finish (fixture->engine, result, &error));
  g_assert_no_error (error);
}

static char *
run (Fixture           *fixture,
     int                expected_exit,
     const char *const *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  int exit_code = -1;
  char *output;

  till_engine_verb_async (fixture->engine, words, "admin", "secret", NULL, NULL, on_result_cb,
                          fixture);
  result = wait_for (fixture);
  output = till_engine_verb_finish (fixture->engine, result, &exit_code, &error);
  g_assert_no_error (error);
  g_test_message ("%s: %s", words[0], output);
  g_assert_cmpint (exit_code, ==, expected_exit);

  return output;
}

#define RUN(fixture, exit_code, ...) \
  g_free (run (fixture, exit_code, (const char *const[]) { __VA_ARGS__, NULL }))

static TillOperator *
sign_in (Fixture    *fixture,
         const char *name,
         const char *password,
         GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  till_engine_sign_in_async (fixture->engine, name, password, NULL, on_result_cb, fixture);
  result = wait_for (fixture);

  return till_engine_sign_in_finish (fixture->engine, result, error);
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *csv = NULL;

  fixture->dir = g_dir_make_tmp ("till-XXXXXX", &error);
  g_assert_no_error (error);
  start (fixture);
  RUN (fixture, 0, "init");
  csv = g_build_filename (fixture->dir, "site.csv", NULL);
  g_assert_true (g_file_set_contents (csv, site_csv, -1, &error));
  RUN (fixture, 0, "import", csv);
  fixture->admin = sign_in (fixture, "admin", "secret", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr(GDir) dir = NULL;
  const char *name;

  g_clear_pointer (&fixture->admin, till_operator_unref);
  till_engine_stop (fixture->engine);
  g_clear_object (&fixture->engine);

  dir = g_dir_open (fixture->dir, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
}

static const TillAccount *
account_of (Fixture    *fixture,
            const char *path)
{
  TillSite *site = till_engine_get_site (fixture->engine);

  for (guint i = 0; i < site->accounts->len; i++)
    {
      const TillAccount *account = g_ptr_array_index (site->accounts, i);

      if (strcmp (account->path, path) == 0)
        return account;
    }

  g_assert_not_reached ();
}

static TillOrder *
sell (Fixture    *fixture,
      const char *path,
      TillMoney   amount,
      const char *key,
      GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  const TillSale sale = {
    key, account_of (fixture, path)->id, 0, amount, TILL_METHOD_CASH, fixture->admin->id,
  };

  till_engine_sell_async (fixture->engine, &sale, NULL, on_result_cb, fixture);
  result = wait_for (fixture);

  return till_engine_sell_finish (fixture->engine, result, error);
}

static void
test_sale (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = sell (fixture, "A/A101", 10000, "k1", &error);
  g_autoptr(TillOrder) again = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (order->state, ==, TILL_ORDER_STATE_PAID);
  g_assert_nonnull (order->receipt_no);
  g_assert_true (g_str_has_suffix (order->receipt_no, "-000001"));

  again = sell (fixture, "A/A101", 10000, "k1", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->id, ==, order->id);
  g_clear_pointer (&again, till_order_unref);

  again = sell (fixture, "A/A101", 10001, "k1", &error);
  g_assert_null (again);
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE);
  g_clear_error (&error);
  again = sell (fixture, "A/A102", 10000, "k1", &error);
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE);
  RUN (fixture, 0, "verify");
}

/* A sale to an account whose money is in the ledger is done at once. */
static void
test_server_held (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = sell (fixture, "A/A103", 5000, "k1", &error);
  g_autofree char *output = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (order->state, ==, TILL_ORDER_STATE_CREDITED);
  output = run (fixture, 0, (const char *const[]) { "tenant", "show", "A103", NULL });
  g_assert_nonnull (strstr (output, "\"booked_fen\":5000"));
  RUN (fixture, 0, "verify");
}

static void
test_cap (Fixture      *fixture,
          gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = NULL;

  RUN (fixture, 0, "config", "set", "hoard-cap-fen", "20000");
  order = sell (fixture, "A/A101", 15000, "k1", &error);
  g_assert_no_error (error);
  g_clear_pointer (&order, till_order_unref);

  /* What is on its way counts, though no meter was ever read. */
  order = sell (fixture, "A/A101", 5001, "k2", &error);
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_LIMIT);
  g_clear_error (&error);
  order = sell (fixture, "A/A101", 5000, "k3", &error);
  g_assert_no_error (error);
  g_assert_cmpint (order->n_ahead, ==, 1);
}

static void
test_bad_sales (Fixture      *fixture,
                gconstpointer data)
{
  static const TillMoney amounts[] = { 0, -1, TILL_SALE_MAX + 1 };
  g_autofree char *output = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(TillOrder) order = sell (fixture, "A/A101", amounts[i], "k", &error);

      g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_LIMIT);
    }

  RUN (fixture, 1, "recharge", "A101", "10", "--method", "cash");
  RUN (fixture, 1, "recharge", "A/A999", "10", "--method", "cash");
  RUN (fixture, 1, "recharge", "A/A101", "10", "--method", "gold");
  RUN (fixture, 1, "recharge", "A/A101", "10.001", "--method", "cash");
  RUN (fixture, 1, "recharge", "A/A101", "10", "--method", "cash", "--key", "with blank");
  RUN (fixture, 1, "recharge", "A/A101", "10", "--method", "cash", "--meter", "200002");
  RUN (fixture, 2, "recharge", "A/A101");
  output = run (fixture, 0, (const char *const[]) { "order", "list", NULL });
  g_assert_cmpstr (output, ==, "");
}

static void
test_receipt (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = sell (fixture, "A/A101", 10000, "k1", &error);

  g_assert_no_error (error);
  for (guint copy = 0; copy < 3; copy++)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(TillReceipt) receipt = NULL;

      till_engine_get_receipt_async (fixture->engine, order->id, TRUE, fixture->admin->id, NULL,
                                     on_result_cb, fixture);
      result = wait_for (fixture);
      receipt = till_engine_get_receipt_finish (fixture->engine, result, &error);
      g_assert_no_error (error);
      g_assert_cmpint (receipt->reprint, ==, copy);
      g_assert_cmpstr (receipt->number, ==, order->receipt_no);
      g_assert_cmpstr (receipt->phone_masked, ==, "138****1111");
      g_assert_false (receipt->has_balances);
    }
}

static void
test_people (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOperator) person = sign_in (fixture, "admin", "wrong", &error);

  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  person = sign_in (fixture, "system", "!", &error);
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);

  RUN (fixture, 1, "init");
  RUN (fixture, 0, "operator", "add", "li", "--role", "auditor");
  RUN (fixture, 1, "operator", "add", "li");
  RUN (fixture, 2, "operator", "add", "wang", "--role", "king");
  RUN (fixture, 1, "operator", "add", "a b");
  person = sign_in (fixture, "li", "secret", &error);
  g_assert_no_error (error);
  g_assert_cmpint (person->role, ==, TILL_ROLE_AUDITOR);
  till_operator_unref (fixture->admin);
  fixture->admin = g_steal_pointer (&person);
  g_assert_null (sell (fixture, "A/A101", 100, "k1", &error));
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_NOT_ALLOWED);
}

/* All that was sold is there after a restart, and what was not delivered still waits. */
static void
test_restart (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillOrder) order = sell (fixture, "B/A101", 1234, "k1", &error);
  g_autofree char *output = NULL;

  g_assert_no_error (error);
  till_engine_stop (fixture->engine);
  g_clear_object (&fixture->engine);
  start (fixture);
  output = run (fixture, 0, (const char *const[]) { "order", "show", order->id, NULL });
  g_assert_nonnull (strstr (output, "\"state\":\"paid\""));
  RUN (fixture, 0, "verify");
}

typedef struct
{
  GAsyncResult *backup;
  GAsyncResult *sale;
  gboolean      sale_was_first;
} Race;

static void
on_backup_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  ((Race *)user_data)->backup = g_object_ref (result);
}

static void
on_sale_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Race *race = user_data;

  race->sale = g_object_ref (result);
  race->sale_was_first = race->backup == NULL;
}

/* Makes the books so large that a copy of them takes a while. */
static void
swell (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->dir, "books.db", NULL);
  const char *const words[] = {
    "sqlite3", path,
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) "
    "INSERT INTO setting SELECT 1, 'filler.' || i, hex (randomblob (500000)) FROM n", NULL,
  };
  g_autoptr(GSubprocess) process = g_subprocess_newv (words, G_SUBPROCESS_FLAGS_NONE, NULL);

  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static void
test_backup_does_not_wait (Fixture      *fixture,
                           gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "copy.db", NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  const char *const words[] = { "backup", path, NULL };
  const TillSale sale = { "beside", 1, 0, 10000, TILL_METHOD_CASH, fixture->admin->id };
  g_autoptr(TillOrder) order = NULL;
  g_autoptr(GError) error = NULL;
  Race race = { 0 };
  int exit_code = -1;

  swell (fixture);
  till_engine_verb_async (fixture->engine, words, "admin", "secret", NULL, NULL, on_backup_cb,
                          &race);
  while (!g_file_test (part, G_FILE_TEST_EXISTS) && race.backup == NULL)
    g_main_context_iteration (NULL, FALSE);

  till_engine_sell_async (fixture->engine, &sale, NULL, on_sale_cb, &race);
  while (race.sale == NULL || race.backup == NULL)
    g_main_context_iteration (NULL, TRUE);

  order = till_engine_sell_finish (fixture->engine, race.sale, &error);
  g_assert_no_error (error);
  g_assert_true (race.sale_was_first);
  g_free (till_engine_verb_finish (fixture->engine, race.backup, &exit_code, &error));
  g_assert_no_error (error);
  g_assert_cmpint (exit_code, ==, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_object_unref (race.sale);
  g_object_unref (race.backup);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/engine/sale", Fixture, NULL, set_up, test_sale, tear_down);
  g_test_add ("/engine/server-held", Fixture, NULL, set_up, test_server_held, tear_down);
  g_test_add ("/engine/cap", Fixture, NULL, set_up, test_cap, tear_down);
  g_test_add ("/engine/bad-sales", Fixture, NULL, set_up, test_bad_sales, tear_down);
  g_test_add ("/engine/receipt", Fixture, NULL, set_up, test_receipt, tear_down);
  g_test_add ("/engine/people", Fixture, NULL, set_up, test_people, tear_down);
  g_test_add ("/engine/backup-does-not-wait", Fixture, NULL, set_up, test_backup_does_not_wait,
              tear_down);
  g_test_add ("/engine/restart", Fixture, NULL, set_up, test_restart, tear_down);

  return g_test_run ();
}
