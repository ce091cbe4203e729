/*
 * test-vectors.c: signatures, seals and notices that others have made
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "till-alipay-read.h"
#include "till-wechat-private.h"

static JsonParser *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "net", "vectors", name, NULL);
  JsonParser *parser = json_parser_new_immutable ();
  g_autoptr(GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return parser;
}

static JsonObject *
get_case (JsonParser *parser,
          guint       index)
{
  JsonArray *cases = json_object_get_array_member (till_json_get_root (parser), "cases");

  return index < json_array_get_length (cases) ? json_array_get_object_element (cases, index)
                                               : NULL;
}

static TillWechatKeys *
make_keys (JsonObject *keys)
{
  TillWechatKeys *table = till_wechat_keys_new (NULL);
  const char *pem = till_json_get_text (keys, "wxpub.pem");
  g_autoptr(GError) error = NULL;

  till_wechat_keys_add (table, till_json_get_text (keys, "wxpub.id"),
                        till_public_key_parse (pem, strlen (pem), &error), 0);
  g_assert_no_error (error);
  g_assert_true (till_wechat_keys_add_certificate (table,
                                                   till_json_get_text (keys, "wxplat1_cert.pem"),
                                                   FALSE, &error));
  g_assert_true (till_wechat_keys_add_certificate (table,
                                                   till_json_get_text (keys, "wxplat2_cert.pem"),
                                                   FALSE, &error));
  g_assert_no_error (error);
  return table;
}

static TillNotice *
read_wechat (TillWechatKeys *table,
             const char     *api_key,
             JsonObject     *item,
             const char     *body,
             GError        **error)
{
  JsonObject *headers = till_json_get_object (item, "headers");
  const TillWechatSeal seal = {
    till_json_get_text (headers, "Wechatpay-Timestamp"),
    till_json_get_text (headers, "Wechatpay-Nonce"),
    till_json_get_text (headers, "Wechatpay-Signature"),
    till_json_get_text (headers, "Wechatpay-Serial"),
    till_json_get_text (headers, "Wechatpay-Signature-Type"),
  };
  g_autoptr(GBytes) bytes = g_bytes_new (body, strlen (body));
  gint64 now_s = 0;

  g_assert_true (till_json_get_int (item, "now", &now_s));
  if (!till_wechat_keys_verify (table, &seal, body, strlen (body), now_s * 1000, error))
    return NULL;

  return till_wechat_read_notice (api_key, bytes, error);
}

/* Why a case is refused, as this code tells it apart. */
static const struct
{
  const char *expect;
  int         code;
  const char *words;
} reasons[] = {
  { "reject-header", TILL_NET_ERROR_MALFORMED, "header" },
  { "reject-algorithm", TILL_NET_ERROR_MALFORMED, "algorithm" },
  { "reject-window", TILL_NET_ERROR_REPLAY, "ago" },
  { "reject-serial", TILL_NET_ERROR_REFUSED, "key" },
  { "reject-signature", TILL_NET_ERROR_SIGNATURE, "signature" },
};

static void
check_refused (const char   *expect,
               const GError *error)
{
  /* A seal that is cut short cannot be opened either. */
  if (g_str_equal (expect, "reject-decrypt"))
    {
      g_assert_nonnull (strstr (error->message, "seal"));
      return;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (expect, reasons[i].expect))
      {
        g_assert_error (error, TILL_NET_ERROR, reasons[i].code);
        g_assert_nonnull (strstr (error->message, reasons[i].words));
        return;
      }

  g_error ("“%s” is no reason that is known here", expect);
}

static void
check_trade (const TillTrade *trade,
             const char      *plaintext)
{
  g_autoptr(JsonParser) parser = till_json_parse (plaintext, -1, NULL);
  JsonObject *object = till_json_get_root (parser);
  gint64 total = 0;

  g_assert_cmpstr (trade->attempt_no, ==, till_json_get_text (object, "out_trade_no"));
  g_assert_cmpstr (trade->txn, ==, till_json_get_text (object, "transaction_id"));
  g_assert_cmpstr (trade->merchant, ==, till_json_get_text (object, "mchid"));
  g_assert_true (till_json_get_int (till_json_get_object (object, "amount"), "total", &total));
  g_assert_cmpint (trade->amount, ==, total);
  g_assert_cmpint (trade->state, ==, TILL_TRADE_STATE_PAID);
  g_assert_cmpint (trade->paid_ms, >, 0);
}

static void
test_wechat_notices (void)
{
  g_autoptr(JsonParser) parser = load ("own-wechat-notify.json");
  JsonObject *keys = till_json_get_object (till_json_get_root (parser), "keys");
  g_autofree char *api_key = g_strndup (till_json_get_text (keys, "apiv3.key"), 32);
  TillWechatKeys *table = make_keys (keys);
  JsonObject *item;

  for (guint i = 0; (item = get_case (parser, i)) != NULL; i++)
    {
      const char *expect = till_json_get_text (item, "expect");
      const char *plaintext = till_json_get_text (item, "plaintext");
      g_autoptr(GError) error = NULL;
      g_autoptr(TillNotice) notice = read_wechat (table, api_key, item,
                                                  till_json_get_text (item, "body"), &error);

      g_test_message ("%s: %s", till_json_get_text (item, "id"), expect);
      if (g_str_has_prefix (expect, "accept"))
        {
          g_assert_no_error (error);
          g_assert_nonnull (notice);
          if (notice->trade != NULL && plaintext != NULL)
            check_trade (notice->trade, plaintext);
          if (g_str_equal (expect, "accept-ignore"))
            g_assert_true (notice->trade == NULL && notice->refund == NULL);
        }
      else
        {
          g_assert_null (notice);
          check_refused (expect, error);
        }
    }

  till_wechat_keys_free (table);
}

/* No octet of a genuine notice can be another one. */
static void
test_wechat_mutations (void)
{
  g_autoptr(JsonParser) parser = load ("own-wechat-notify.json");
  JsonObject *keys = till_json_get_object (till_json_get_root (parser), "keys");
  g_autofree char *api_key = g_strndup (till_json_get_text (keys, "apiv3.key"), 32);
  TillWechatKeys *table = make_keys (keys);
  JsonObject *item = get_case (parser, 0);
  const char *body = till_json_get_text (item, "body");

  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *changed = g_strdup (body);
      const gint32 at = g_test_rand_int_range (0, (gint32)strlen (body));
      g_autoptr(GError) error = NULL;

      changed[at] = (char)g_test_rand_int_range (1, 127);
      if (changed[at] == body[at])
        continue;

      g_assert_null (read_wechat (table, api_key, item, changed, &error));
      g_assert_error (error, TILL_NET_ERROR, TILL_NET_ERROR_SIGNATURE);
    }

  till_wechat_keys_free (table);
}

static TillPublicKey *
load_alipay_key (JsonParser *parser)
{
  JsonObject *keys = till_json_get_object (till_json_get_root (parser), "keys");
  const char *text = till_json_get_text (keys, "alipay_public_key_b64");
  g_autoptr(GError) error = NULL;
  TillPublicKey *key = till_public_key_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return key;
}

static void
test_alipay_notices (void)
{
  g_autoptr(JsonParser) parser = load ("own-alipay-notify.json");
  g_autoptr(TillPublicKey) key = load_alipay_key (parser);
  JsonObject *item;

  for (guint i = 0; (item = get_case (parser, i)) != NULL; i++)
    {
      const char *expect = till_json_get_text (item, "expect");
      const char *form = till_json_get_text (item, "form_body");
      g_autoptr(GBytes) body = g_bytes_new (form, strlen (form));
      g_autoptr(GError) error = NULL;
      g_autoptr(TillNotice) notice = till_alipay_read_notice (key, body, &error);

      g_test_message ("%s: %s", till_json_get_text (item, "id"), expect);
      if (!g_str_has_prefix (expect, "accept"))
        {
          g_assert_null (notice);
          check_refused (expect, error);
          continue;
        }

      g_assert_no_error (error);
      g_assert_nonnull (notice);
      if (g_str_equal (expect, "accept-ignore"))
        g_assert_true (notice->trade == NULL || notice->trade->state != TILL_TRADE_STATE_PAID);
      else
        g_assert_cmpint (notice->trade->state, ==, TILL_TRADE_STATE_PAID);
    }
}

/* “%2c” is “%2C”, and “+” is “%20”. */
static gboolean
is_same_form (const char *a,
              const char *b)
{
  g_auto(GStrv) spaced_a = g_strsplit (a, "+", -1);
  g_auto(GStrv) spaced_b = g_strsplit (b, "+", -1);
  g_autofree char *joined_a = g_strjoinv ("%20", spaced_a);
  g_autofree char *joined_b = g_strjoinv ("%20", spaced_b);
  g_autofree char *plain_a = g_uri_unescape_string (joined_a, NULL);
  g_autofree char *plain_b = g_uri_unescape_string (joined_b, NULL);

  return g_strcmp0 (plain_a, plain_b) == 0;
}

static void
test_alipay_mutations (void)
{
  g_autoptr(JsonParser) parser = load ("own-alipay-notify.json");
  g_autoptr(TillPublicKey) key = load_alipay_key (parser);
  const char *form = till_json_get_text (get_case (parser, 0), "form_body");
  const char *sign = strstr (form, "&sign=");

  g_assert_nonnull (sign);
  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *changed = g_strdup (form);
      const gint32 at = g_test_rand_int_range (0, (gint32)(sign - form));
      g_autoptr(GBytes) body = NULL;

      changed[at] = (char)g_test_rand_int_range (32, 127);
      /* The field “sign_type” is not signed. */
      if (is_same_form (changed, form) || g_strstr_len (form + MAX (at - 14, 0), 28, "sign_type"))
        continue;

      body = g_bytes_new (changed, strlen (changed));
      if (till_alipay_read_notice (key, body, NULL) != NULL)
        g_error ("taken with another octet at %d: %.40s", at, changed + MAX (at - 10, 0));
    }
}

static void
test_signatures (void)
{
  g_autoptr(JsonParser) parser = load ("own-requests.json");
  JsonObject *keys = till_json_get_object (till_json_get_root (parser), "keys");
  const char *pem = till_json_get_text (keys, "merchant_key_pem");
  const char *line = till_json_get_text (keys, "aliapp_pkcs8_b64");
  g_autoptr(GError) error = NULL;
  g_autoptr(TillPrivateKey) merchant = till_private_key_parse (pem, strlen (pem), &error);
  g_autoptr(TillPrivateKey) app = till_private_key_parse (line, strlen (line), &error);
  JsonObject *item;

  g_assert_no_error (error);
  for (guint i = 0; (item = get_case (parser, i)) != NULL; i++)
    {
      const gboolean alipay = g_str_equal (till_json_get_text (item, "kind"), "alipay-request");
      const char *message = till_json_get_text (item, alipay ? "string_to_sign" : "message");
      g_autofree char *signature = till_private_key_sign (alipay ? app : merchant, message,
                                                          strlen (message), &error);

      g_assert_no_error (error);
      g_assert_cmpstr (signature, ==, till_json_get_text (item, "signature"));
    }
}

static void
test_base64 (void)
{
  static const char *const bad[] = {
    "", "A", "AA", "AAA", "AAAAA", "AA=A", "A===", "AA==AAAA", "AAA_", "AA-A", "AA A", "AAA\n",
    "WECHATPAY/SIGNTEST/!!", "====",
  };
  gsize size = 0;
  g_autofree guint8 *good = till_crypto_decode_base64 ("AQID", &size);

  g_assert_cmpmem (good, size, "\1\2\3", 3);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (till_crypto_decode_base64 (bad[i], &size));
}

static void
test_cut_answers (void)
{
  static const char *const bad[] = {
    "", "{}", "[]", "{\"sign\":\"x\"}", "{\"a\":{}", "{\"a\":{},\"b\":{},\"sign\":\"x\"}",
    "{\"a\":{},\"sign\":\"x\",\"sign\":\"y\"}", "{\"a\":\"text\",\"sign\":\"x\"}", "{\"a\":{}}x",
    "{\"a\":{},}", "{\"a\" {}}", "{\"a", "{\"a\":{\"b\":\"}", "{a:{}}",
  };
  const char *answer = " {\"r\" : {\"u\":\"https:\\/\\/q\\\"}\",\"n\":[{\"x\":1}]} ,"
                       "\"sign\":\"a\\/b\"} ";
  g_autofree char *name = NULL;
  g_autofree char *inner = NULL;
  g_autofree char *sign = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (till_alipay_cut_answer (answer, strlen (answer), &name, &inner, &sign, &error));
  g_assert_cmpstr (name, ==, "r");
  g_assert_cmpstr (inner, ==, "{\"u\":\"https:\\/\\/q\\\"}\",\"n\":[{\"x\":1}]}");
  g_assert_cmpstr (sign, ==, "a/b");

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      char *a = NULL, *b = NULL, *c = NULL;

      g_assert_false (till_alipay_cut_answer (bad[i], strlen (bad[i]), &a, &b, &c, NULL));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/base64", test_base64);
  g_test_add_func ("/vectors/signatures", test_signatures);
  g_test_add_func ("/vectors/wechat-notices", test_wechat_notices);
  g_test_add_func ("/vectors/wechat-mutations", test_wechat_mutations);
  g_test_add_func ("/vectors/alipay-notices", test_alipay_notices);
  g_test_add_func ("/vectors/alipay-mutations", test_alipay_mutations);
  g_test_add_func ("/vectors/cut-answers", test_cut_answers);
  return g_test_run ();
}
