/*
 * test-config.c: which settings there are and what they may be
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "till-config.h"

static void
test_defaults (void)
{
  g_autoptr(TillConfig) config = till_config_new (NULL);

  g_assert_cmpstr (till_config_get (config, "listener.bind"), ==, "127.0.0.1");
  g_assert_cmpint (till_config_get_int (config, "listener.port"), ==, 8788);
  g_assert_cmpint (till_config_get_int (config, "poll.interval-s"), ==, 15);
  g_assert_null (till_config_get (config, "no.such.key"));
  g_assert_cmpstr (till_config_get (config, "sms.template.low"), ==, "");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *key;
    const char *value;
    int         code;
  } cases[] = {
    { "no.such.key", "1", TILL_RULE_ERROR_UNKNOWN },
    { "sms.template.", "x", TILL_RULE_ERROR_UNKNOWN },
    { "listener.port", "", TILL_RULE_ERROR_INVALID },
    { "listener.port", "65536", TILL_RULE_ERROR_INVALID },
    { "listener.port", "-1", TILL_RULE_ERROR_INVALID },
    { "listener.port", "80 ", TILL_RULE_ERROR_INVALID },
    { "poll.interval-s", "fast", TILL_RULE_ERROR_INVALID },
    { "hoard-cap-fen", "0", TILL_RULE_ERROR_INVALID },
    { "quiet-hours", "22-8", TILL_RULE_ERROR_INVALID },
    { "quiet-hours", "25:00-08:00", TILL_RULE_ERROR_INVALID },
    { "public-url", "pay.example.cn", TILL_RULE_ERROR_INVALID },
    { "public-url", "ftp://pay.example.cn", TILL_RULE_ERROR_INVALID },
    { "public-url", "https://pay.example.cn/?a=b", TILL_RULE_ERROR_INVALID },
    { "sms.backend", "pigeon", TILL_RULE_ERROR_INVALID },
    { "listener.tls-cert", "cert.pem", TILL_RULE_ERROR_INVALID },
    { "listener.tls-cert", "/no/such/file", TILL_RULE_ERROR_INVALID },
    { "site.name", "two\nlines", TILL_RULE_ERROR_INVALID },
    { "site.name", "\xff", TILL_RULE_ERROR_INVALID },
  };
  g_autoptr(TillConfig) config = till_config_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *shown = g_strescape (cases[i].value, NULL);

      g_test_message ("%s = %s", cases[i].key, shown);
      g_assert_false (till_config_set (config, cases[i].key, cases[i].value, &error));
      g_assert_error (error, TILL_RULE_ERROR, cases[i].code);
    }
}

static void
test_taken (void)
{
  static const char *const cases[][2] = {
    { "listener.port", "0" },
    { "quiet-hours", "" },
    { "quiet-hours", "21:30-07:15" },
    { "public-url", "https://pay.example.cn/mall" },
    { "sms.backend", "gammu" },
    { "sms.template.low", "余额不足" },
    { "alarm.arrears-fen", "-500" },
  };
  g_autoptr(TillConfig) config = till_config_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_true (till_config_set (config, cases[i][0], cases[i][1], &error));
      g_assert_no_error (error);
      g_assert_cmpstr (till_config_get (config, cases[i][0]), ==, cases[i][1]);
    }
}

/* A key that others can read is refused: secrets are files of mode 0600. */
static void
test_secret (void)
{
  g_autoptr(TillConfig) config = till_config_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("till-XXXXXX.pem", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_chmod (path, 0644);
  g_assert_false (till_config_set (config, "wechat.merchant-key-file", path, &error));
  g_assert_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID);
  g_clear_error (&error);
  g_chmod (path, 0600);
  g_assert_true (till_config_set (config, "wechat.merchant-key-file", path, &error));
  g_assert_no_error (error);
  g_unlink (path);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/refused", test_refused);
  g_test_add_func ("/config/taken", test_taken);
  g_test_add_func ("/config/secret", test_secret);

  return g_test_run ();
}
