/*
 * till-config.c: the settings of a site
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "till-config.h"

typedef enum
{
  KIND_TEXT,
  KIND_INT,
  KIND_FILE,   /* a readable file, or nothing */
  KIND_SECRET, /* a file of mode 0600, or nothing */
  KIND_URL,
  KIND_HOURS,
  KIND_SMS,
} Kind;

typedef struct
{
  const char *key;
  Kind        kind;
  const char *fallback;
  gint64      min;
  gint64      max;
} Key;

#define TEXT_MAX 512

static const Key keys[] = {
  { "site.name", KIND_TEXT, "", 0, 0 },
  { "listener.bind", KIND_TEXT, "127.0.0.1", 0, 0 },
  { "listener.port", KIND_INT, "8788", 0, 65535 },
  { "listener.tls-cert", KIND_FILE, "", 0, 0 },
  { "listener.tls-key", KIND_SECRET, "", 0, 0 },
  { "listener.trusted-proxy", KIND_TEXT, "", 0, 0 },
  { "public-url", KIND_URL, "", 0, 0 },
  { "wechat.base-url", KIND_URL, "", 0, 0 },
  { "wechat.mchid", KIND_TEXT, "", 0, 0 },
  { "wechat.appid", KIND_TEXT, "", 0, 0 },
  { "wechat.app-secret-file", KIND_SECRET, "", 0, 0 },
  { "wechat.merchant-key-file", KIND_SECRET, "", 0, 0 },
  { "wechat.merchant-serial", KIND_TEXT, "", 0, 0 },
  { "wechat.api-v3-key-file", KIND_SECRET, "", 0, 0 },
  { "wechat.public-key-file", KIND_FILE, "", 0, 0 },
  { "wechat.public-key-id", KIND_TEXT, "", 0, 0 },
  { "alipay.gateway-url", KIND_URL, "", 0, 0 },
  { "alipay.app-id", KIND_TEXT, "", 0, 0 },
  { "alipay.seller-id", KIND_TEXT, "", 0, 0 },
  { "alipay.app-key-file", KIND_SECRET, "", 0, 0 },
  { "alipay.public-key-file", KIND_FILE, "", 0, 0 },
  { "sms.backend", KIND_SMS, "none", 0, 0 },
  { "sms.gammu.outbox", KIND_TEXT, "", 0, 0 },
  { "sms.base-url", KIND_URL, "", 0, 0 },
  { "sms.sign-name", KIND_TEXT, "", 0, 0 },
  { "sms.app-id", KIND_TEXT, "", 0, 0 },
  { "sms.region", KIND_TEXT, "", 0, 0 },
  { "sms.key-id", KIND_TEXT, "", 0, 0 },
  { "sms.key-secret-file", KIND_SECRET, "", 0, 0 },
  { "poll.interval-s", KIND_INT, "15", 0, 3600 },
  { "meter.timeout-ms", KIND_INT, "1000", 50, 10000 },
  { "alarm.low-fen", KIND_INT, "10000", 0, 999999999 },
  { "alarm.low-days", KIND_INT, "0", 0, 365 },
  { "alarm.arrears-fen", KIND_INT, "0", -999999999, 999999999 },
  { "hoard-cap-fen", KIND_INT, "999999999", 1, 999999999 },
  { "quiet-hours", KIND_HOURS, "22:00-08:00", 0, 0 },
};

#define TEMPLATE_PREFIX "sms.template."

struct _TillConfig
{
  GHashTable *values;
};

static const Key *
find_key (const char *name)
{
  static const Key template = { TEMPLATE_PREFIX, KIND_TEXT, "", 0, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].key, name) == 0)
      return &keys[i];

  return g_str_has_prefix (name, TEMPLATE_PREFIX) && name[strlen (TEMPLATE_PREFIX)] != '\0'
    ? &template : NULL;
}

/**
 * till_config_new:
 * @values: (nullable) (element-type utf8 utf8): what was set before
 *
 * Makes the settings. Values that are no longer valid are left out with a warning.
 *
 * Returns: (transfer full): the settings
 */
TillConfig *
till_config_new (GHashTable *values)
{
  TillConfig *self = g_new0 (TillConfig, 1);
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (values == NULL)
    return self;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (find_key (key) != NULL)
      g_hash_table_replace (self->values, g_strdup (key), g_strdup (value));
    else
      g_message ("setting %s is not known to this version", (const char *)key);

  return self;
}

void
till_config_free (TillConfig *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->values);
  g_free (self);
}

static gboolean
check_int (const Key  *key,
           const char *value,
           GError    **error)
{
  gint64 number;

  if (g_ascii_string_to_signed (value, 10, key->min, key->max, &number, NULL))
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
               "%s takes a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
               ", not “%s”", key->key, key->min, key->max, value);
  return FALSE;
}

static gboolean
check_file (const Key  *key,
            const char *value,
            GError    **error)
{
  GStatBuf info;

  if (*value == '\0')
    return TRUE;

  if (!g_path_is_absolute (value) || g_stat (value, &info) != 0 || !S_ISREG (info.st_mode))
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                   "%s takes the whole path of a file that is there, not “%s”", key->key, value);
      return FALSE;
    }

  if (key->kind == KIND_SECRET && (info.st_mode & 077) != 0)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                   "%s is readable by others; say “chmod 600 %s” first", value, value);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_url (const Key  *key,
           const char *value,
           GError    **error)
{
  g_autoptr(GUri) uri = NULL;

  if (*value == '\0')
    return TRUE;

  uri = g_uri_parse (value, G_URI_FLAGS_NONE, NULL);
  if (uri != NULL && g_uri_get_host (uri) != NULL && g_uri_get_query (uri) == NULL &&
      (strcmp (g_uri_get_scheme (uri), "https") == 0 ||
       strcmp (g_uri_get_scheme (uri), "http") == 0))
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
               "%s takes an address such as https://pay.example.cn, not “%s”", key->key, value);
  return FALSE;
}

static gboolean
check_hours (const Key  *key,
             const char *value,
             GError    **error)
{
  if (*value == '\0' ||
      g_regex_match_simple ("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", value,
                            0, 0))
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
               "%s takes hours such as 22:00-08:00, or nothing, not “%s”", key->key, value);
  return FALSE;
}

/**
 * till_config_check:
 * @key: a setting
 * @value: what it shall be
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @value may be set, %FALSE with @error set (%TILL_RULE_ERROR_UNKNOWN for a key
 *   that there is not, %TILL_RULE_ERROR_INVALID for a value that it cannot take) otherwise
 */
gboolean
till_config_check (const char *key,
                   const char *value,
                   GError    **error)
{
  const Key *found = find_key (key);

  if (found == NULL)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
                   "there is no setting “%s”; “tillwatt ctl config get” lists them", key);
      return FALSE;
    }

  if (strlen (value) > TEXT_MAX || !g_utf8_validate (value, -1, NULL) ||
      strpbrk (value, "\r\n") != NULL)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                   "%s takes one line of at most %d octets", key, TEXT_MAX);
      return FALSE;
    }

  switch (found->kind)
    {
    case KIND_INT:
      return check_int (found, value, error);
    case KIND_FILE:
    case KIND_SECRET:
      return check_file (found, value, error);
    case KIND_URL:
      return check_url (found, value, error);
    case KIND_HOURS:
      return check_hours (found, value, error);
    case KIND_SMS:
      if (g_strv_contains ((const char *const[]) { "aliyun", "tencent", "gammu", "none", NULL },
                           value))
        return TRUE;
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
                   "%s is aliyun, tencent, gammu or none, not “%s”", key, value);
      return FALSE;
    case KIND_TEXT:
    default:
      return TRUE;
    }
}

/**
 * till_config_set:
 * @self: the settings
 * @key: a setting
 * @value: what it shall be
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was set, %FALSE with @error set as by till_config_check() otherwise
 */
gboolean
till_config_set (TillConfig *self,
                 const char *key,
                 const char *value,
                 GError    **error)
{
  if (!till_config_check (key, value, error))
    return FALSE;

  g_hash_table_replace (self->values, g_strdup (key), g_strdup (value));
  return TRUE;
}

/**
 * till_config_get:
 * @self: the settings
 * @key: a setting
 *
 * Returns: (transfer none) (nullable): its value or its default; %NULL when there is no such
 *   setting
 */
const char *
till_config_get (TillConfig *self,
                 const char *key)
{
  const char *value = g_hash_table_lookup (self->values, key);
  const Key *found;

  if (value != NULL)
    return value;

  found = find_key (key);
  return found != NULL ? found->fallback : NULL;
}

/**
 * till_config_get_int:
 * @self: the settings
 * @key: a setting that is a number
 *
 * Returns: its value or its default
 */
gint64
till_config_get_int (TillConfig *self,
                     const char *key)
{
  const Key *found = find_key (key);
  gint64 number = 0;

  g_return_val_if_fail (found != NULL && found->kind == KIND_INT, 0);

  if (!g_ascii_string_to_signed (till_config_get (self, key), 10, found->min, found->max, &number,
                                 NULL))
    g_ascii_string_to_signed (found->fallback, 10, found->min, found->max, &number, NULL);

  return number;
}

/**
 * till_config_list_keys:
 *
 * Returns: (transfer full): the names of all settings
 */
GStrv
till_config_list_keys (void)
{
  GStrv list = g_new0 (char *, G_N_ELEMENTS (keys) + 1);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    list[i] = g_strdup (keys[i].key);

  return list;
}
