/*
 * till-wechat-keys.c: the keys that WeChat Pay signs with
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "till-channel-private.h"
#include "till-clock.h"
#include "till-wechat-private.h"

#define SIGNATURE_TYPE "WECHATPAY2-SHA256-RSA2048"
#define CERTIFICATE_SUFFIX ".pem"

typedef struct
{
  TillPublicKey *key;
  gint64         expires_ms; /* 0 for a key without an end */
} Entry;

struct _TillWechatKeys
{
  GMutex      lock;
  GHashTable *entries; /* serial in capitals → Entry */
  char       *certificate_dir;
  gboolean    wish; /* somebody signed with a key that is not here */
};

static void
entry_free (Entry *entry)
{
  till_public_key_unref (entry->key);
  g_free (entry);
}

static void
load_certificates (TillWechatKeys *self)
{
  g_autoptr(GDir) dir = g_dir_open (self->certificate_dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->certificate_dir, name, NULL);
      g_autofree char *pem = NULL;
      g_autoptr(GError) error = NULL;

      if (!g_str_has_suffix (name, CERTIFICATE_SUFFIX))
        continue;

      if (!g_file_get_contents (path, &pem, NULL, &error) ||
          !till_wechat_keys_add_certificate (self, pem, FALSE, &error))
        g_message ("%s: %s", path, error->message);
    }
}

/**
 * till_wechat_keys_new:
 * @certificate_dir: (nullable): where platform certificates are kept
 *
 * Returns: (transfer full): the keys that were kept
 */
TillWechatKeys *
till_wechat_keys_new (const char *certificate_dir)
{
  TillWechatKeys *self = g_new0 (TillWechatKeys, 1);

  g_mutex_init (&self->lock);
  self->certificate_dir = g_strdup (certificate_dir);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)entry_free);
  if (certificate_dir != NULL)
    load_certificates (self);

  return self;
}

void
till_wechat_keys_free (TillWechatKeys *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->lock);
  g_free (self->certificate_dir);
  g_free (self);
}

/**
 * till_wechat_keys_add:
 * @self: the keys
 * @serial: PUB_KEY_ID_…, or the serial of a certificate
 * @key: (transfer full): the key
 * @expires_ms: for the diagnostics; 0 for none
 *
 * Adds a key; those that are there stay, for old and new ones are used at the same time.
 */
void
till_wechat_keys_add (TillWechatKeys *self,
                      const char     *serial,
                      TillPublicKey  *key,
                      gint64          expires_ms)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->key = key;
  entry->expires_ms = expires_ms;
  g_mutex_lock (&self->lock);
  g_hash_table_replace (self->entries, g_ascii_strup (serial, -1), entry);
  g_mutex_unlock (&self->lock);
}

/**
 * till_wechat_keys_add_certificate:
 * @self: the keys
 * @pem: a platform certificate
 * @store: whether to keep it for the next start
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was added, %FALSE with @error set otherwise
 */
gboolean
till_wechat_keys_add_certificate (TillWechatKeys *self,
                                  const char     *pem,
                                  gboolean        store,
                                  GError        **error)
{
  g_autofree char *serial = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  gint64 expires_ms = 0;
  TillPublicKey *key = till_public_key_from_certificate (pem, strlen (pem), &serial, &expires_ms,
                                                         error);

  if (key == NULL)
    return FALSE;

  till_wechat_keys_add (self, serial, key, expires_ms);
  if (!store || self->certificate_dir == NULL)
    return TRUE;

  name = g_strconcat (serial, CERTIFICATE_SUFFIX, NULL);
  path = g_build_filename (self->certificate_dir, name, NULL);
  g_mkdir_with_parents (self->certificate_dir, 0700);
  return g_file_set_contents (path, pem, -1, error);
}

/**
 * till_wechat_keys_get_newest:
 * @self: the keys
 *
 * Returns: (transfer full) (nullable): the serial that answers are asked to be signed with: a
 *   public key before a certificate, and the certificate that lasts longest
 */
char *
till_wechat_keys_get_newest (TillWechatKeys *self)
{
  GHashTableIter iter;
  gpointer serial;
  gpointer value;
  char *newest = NULL;
  gint64 best = -1;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &serial, &value))
    {
      const Entry *entry = value;
      const gint64 rank = entry->expires_ms == 0 ? G_MAXINT64 : entry->expires_ms;

      if (rank <= best)
        continue;

      best = rank;
      g_free (newest);
      newest = g_strdup (serial);
    }
  g_mutex_unlock (&self->lock);

  return newest;
}

/**
 * till_wechat_keys_take_wish:
 * @self: the keys
 *
 * Returns: whether a key was missed since it was asked last
 */
gboolean
till_wechat_keys_take_wish (TillWechatKeys *self)
{
  gboolean wish;

  g_mutex_lock (&self->lock);
  wish = self->wish;
  self->wish = FALSE;
  g_mutex_unlock (&self->lock);

  return wish;
}

static TillPublicKey *
find_key (TillWechatKeys *self,
          const char     *serial)
{
  g_autofree char *capitals = g_ascii_strup (serial, -1);
  TillPublicKey *key = NULL;
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = g_hash_table_lookup (self->entries, capitals);
  if (entry != NULL)
    key = till_public_key_ref (entry->key);
  else
    self->wish = TRUE;
  g_mutex_unlock (&self->lock);

  return key;
}

static gboolean
check_headers (const TillWechatSeal *seal,
               gint64                now_ms,
               GError              **error)
{
  gint64 at_s = 0;

  if (seal->timestamp == NULL || seal->nonce == NULL || seal->signature == NULL ||
      seal->serial == NULL ||
      !g_ascii_string_to_signed (seal->timestamp, 10, 0, G_MAXINT64 / 1000, &at_s, NULL))
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                           "a header of the signature is missing, or the time is none");
      return FALSE;
    }

  if (seal->type != NULL && !g_str_equal (seal->type, SIGNATURE_TYPE))
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                   "signed by another algorithm: %s", seal->type);
      return FALSE;
    }

  if (llabs (now_ms / 1000 - at_s) < TILL_WECHAT_WINDOW_MS / 1000)
    return TRUE;

  g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_REPLAY,
               "signed %" G_GINT64_FORMAT " s ago; is the clock of this computer right?",
               now_ms / 1000 - at_s);
  return FALSE;
}

/**
 * till_wechat_keys_verify:
 * @self: the keys
 * @seal: the headers of the signature
 * @body: the octets as they came
 * @size: of @body
 * @now_ms: when they came
 * @error: return location for a #GError
 *
 * Whether WeChat Pay has signed this, a short while ago. In any thread.
 *
 * Returns: %TRUE when it has, %FALSE with @error set: %TILL_NET_ERROR_MALFORMED (headers),
 *   %TILL_NET_ERROR_REPLAY (time), %TILL_NET_ERROR_REFUSED (unknown serial),
 *   %TILL_NET_ERROR_SIGNATURE
 */
gboolean
till_wechat_keys_verify (TillWechatKeys       *self,
                         const TillWechatSeal *seal,
                         const char           *body,
                         gsize                 size,
                         gint64                now_ms,
                         GError              **error)
{
  g_autoptr(TillPublicKey) key = NULL;
  g_autoptr(GString) message = NULL;

  if (!check_headers (seal, now_ms, error))
    return FALSE;

  key = find_key (self, seal->serial);
  if (key == NULL)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_REFUSED,
                   "the key %s is not known; it is being asked for", seal->serial);
      return FALSE;
    }

  message = g_string_new (NULL);
  g_string_append_printf (message, "%s\n%s\n", seal->timestamp, seal->nonce);
  g_string_append_len (message, body, (gssize)size);
  g_string_append_c (message, '\n');

  return till_public_key_verify (key, message->str, message->len, seal->signature, error);
}

/**
 * till_wechat_keys_describe:
 * @self: the keys
 * @facts: (element-type TillChannelFact): a line a key is appended
 */
void
till_wechat_keys_describe (TillWechatKeys *self,
                           GPtrArray      *facts)
{
  const gint64 now_ms = till_clock_now_ms ();
  GHashTableIter iter;
  gpointer serial;
  gpointer value;

  g_mutex_lock (&self->lock);
  if (g_hash_table_size (self->entries) == 0)
    till_channel_add_fact (facts, "platform-key", NULL, FALSE);

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &serial, &value))
    {
      const Entry *entry = value;
      g_autofree char *day = entry->expires_ms != 0 ? till_clock_format_day (entry->expires_ms)
                                                    : NULL;
      g_autofree char *text = day != NULL ? g_strdup_printf ("%s, %s", (char *)serial, day)
                                          : g_strdup (serial);

      till_channel_add_fact (facts, "platform-key", text,
                             entry->expires_ms == 0 || entry->expires_ms > now_ms);
    }
  g_mutex_unlock (&self->lock);
}
