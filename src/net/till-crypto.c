/*
 * till-crypto.c: keys, signatures and seals of the payment gateways, by GnuTLS
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>

#include "till-crypto.h"
#include "till-net-error.h"

/* The one algorithm of both gateways. What a message says of itself is never asked. */
#define SIGN GNUTLS_SIGN_RSA_SHA256

#define KEY_FILE_MAX (64 * 1024)
#define SERIAL_MAX 64
#define NONCE_SIZE 16

struct _TillPrivateKey
{
  gnutls_privkey_t key;
};

struct _TillPublicKey
{
  gnutls_pubkey_t key;
};

static gboolean
fail (GError    **error,
      const char *what,
      int         rc)
{
  g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED, "%s: %s", what,
               gnutls_strerror (rc));
  return FALSE;
}

/**
 * till_crypto_decode_base64:
 * @text: what is said to be base64
 * @size: (out): how many octets it is
 *
 * Decodes standard base64 and nothing else: GLib would pass over what does not belong there, and
 * the alphabet for addresses is another one.
 *
 * Returns: (transfer full) (nullable): the octets, %NULL when it is not base64
 */
guint8 *
till_crypto_decode_base64 (const char *text,
                           gsize      *size)
{
  const gsize length = strlen (text);
  const gsize letters = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789+/");

  if (length == 0 || length % 4 != 0 || length - letters > 2 ||
      strspn (text + letters, "=") != length - letters)
    return NULL;

  return g_base64_decode (text, size);
}

/* What stands between the lines of a PEM file, or the whole of a file without them. */
static guint8 *
strip_armour (const char *text,
              gsize      *size)
{
  g_auto(GStrv) lines = g_strsplit_set (text, "\r\n", -1);
  g_autoptr(GString) body = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    if (**line != '-')
      g_string_append (body, g_strstrip (*line));

  return till_crypto_decode_base64 (body->str, size);
}

static int
import_private (gnutls_privkey_t key,
                const char      *text,
                gsize            size)
{
  const gnutls_datum_t pem = { (unsigned char *)text, (unsigned int)size };
  g_autofree char *copy = g_strndup (text, size);
  g_autofree guint8 *der = NULL;
  gsize der_size = 0;
  int rc = gnutls_privkey_import_x509_raw (key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);

  if (rc >= 0)
    return rc;

  /* One line without armour, or a body under the wrong label: the octets tell what it is. */
  der = strip_armour (copy, &der_size);
  if (der == NULL)
    return rc;

  const gnutls_datum_t raw = { der, (unsigned int)der_size };

  return gnutls_privkey_import_x509_raw (key, &raw, GNUTLS_X509_FMT_DER, NULL, 0);
}

/**
 * till_private_key_parse:
 * @text: PEM, or one line of base64; PKCS#1 or PKCS#8
 * @size: of @text
 * @error: return location for a #GError
 *
 * Returns: (transfer full): an RSA key, or %NULL with @error set
 */
TillPrivateKey *
till_private_key_parse (const char *text,
                        gsize       size,
                        GError    **error)
{
  TillPrivateKey *self = g_atomic_rc_box_new0 (TillPrivateKey);
  unsigned int bits = 0;
  int rc;

  gnutls_privkey_init (&self->key);
  rc = import_private (self->key, text, size);
  if (rc >= 0 && gnutls_privkey_get_pk_algorithm (self->key, &bits) == GNUTLS_PK_RSA)
    return self;

  till_private_key_unref (self);
  if (rc < 0)
    fail (error, "not a private key", rc);
  else
    g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED, "not an RSA key");
  return NULL;
}

static char *
load_file (const char *path,
           gboolean    secret,
           gsize      *size,
           GError    **error)
{
  g_autofree char *text = NULL;
  struct stat about;

  if (stat (path, &about) != 0)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED, "%s: %s", path,
                   g_strerror (errno));
      return NULL;
    }

  if (secret && (about.st_mode & 077) != 0)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                   "%s can be read by others; give it mode 0600", path);
      return NULL;
    }

  if (about.st_size > KEY_FILE_MAX)
    {
      g_set_error (error, TILL_NET_ERROR, TILL_NET_ERROR_TOO_LARGE, "%s is no key: too large",
                   path);
      return NULL;
    }

  return g_file_get_contents (path, &text, size, error) ? g_steal_pointer (&text) : NULL;
}

/**
 * till_private_key_load:
 * @path: a file of mode 0600
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the key in it, or %NULL with @error set
 */
TillPrivateKey *
till_private_key_load (const char *path,
                       GError    **error)
{
  gsize size = 0;
  g_autofree char *text = load_file (path, TRUE, &size, error);
  TillPrivateKey *self = text != NULL ? till_private_key_parse (text, size, error) : NULL;

  if (text != NULL)
    gnutls_memset (text, 0, size);
  if (text != NULL && self == NULL)
    g_prefix_error (error, "%s: ", path);

  return self;
}

TillPrivateKey *
till_private_key_ref (TillPrivateKey *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
private_key_clear (gpointer data)
{
  gnutls_privkey_deinit (((TillPrivateKey *)data)->key);
}

void
till_private_key_unref (TillPrivateKey *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, private_key_clear);
}

/**
 * till_private_key_sign:
 * @self: a key
 * @message: what is signed
 * @size: of @message
 * @error: return location for a #GError
 *
 * RSASSA-PKCS1-v1_5 with SHA-256. Takes a millisecond or two: never in the main or engine thread.
 *
 * Returns: (transfer full): the signature in base64, or %NULL with @error set
 */
char *
till_private_key_sign (TillPrivateKey *self,
                       const char     *message,
                       gsize           size,
                       GError        **error)
{
  const gnutls_datum_t data = { (unsigned char *)message, (unsigned int)size };
  gnutls_datum_t signature = { NULL, 0 };
  const int rc = gnutls_privkey_sign_data2 (self->key, SIGN, 0, &data, &signature);
  char *text;

  if (rc < 0)
    {
      fail (error, "cannot sign", rc);
      return NULL;
    }

  text = g_base64_encode (signature.data, signature.size);
  gnutls_free (signature.data);
  return text;
}

static int
import_public (gnutls_pubkey_t key,
               const char     *text,
               gsize           size)
{
  const gnutls_datum_t pem = { (unsigned char *)text, (unsigned int)size };
  g_autofree char *copy = g_strndup (text, size);
  g_autofree guint8 *der = NULL;
  gsize der_size = 0;
  int rc = gnutls_pubkey_import (key, &pem, GNUTLS_X509_FMT_PEM);

  if (rc >= 0)
    return rc;

  der = strip_armour (copy, &der_size);
  if (der == NULL)
    return rc;

  const gnutls_datum_t raw = { der, (unsigned int)der_size };

  return gnutls_pubkey_import (key, &raw, GNUTLS_X509_FMT_DER);
}

/**
 * till_public_key_parse:
 * @text: PEM, or one line of base64
 * @size: of @text
 * @error: return location for a #GError
 *
 * Returns: (transfer full): an RSA key, or %NULL with @error set
 */
TillPublicKey *
till_public_key_parse (const char *text,
                       gsize       size,
                       GError    **error)
{
  TillPublicKey *self = g_atomic_rc_box_new0 (TillPublicKey);
  int rc;

  gnutls_pubkey_init (&self->key);
  rc = import_public (self->key, text, size);
  if (rc >= 0 && gnutls_pubkey_get_pk_algorithm (self->key, NULL) == GNUTLS_PK_RSA)
    return self;

  till_public_key_unref (self);
  if (rc < 0)
    fail (error, "not a public key", rc);
  else
    g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED, "not an RSA key");
  return NULL;
}

/**
 * till_public_key_load:
 * @path: a file
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the key in it, or %NULL with @error set
 */
TillPublicKey *
till_public_key_load (const char *path,
                      GError    **error)
{
  gsize size = 0;
  g_autofree char *text = load_file (path, FALSE, &size, error);
  TillPublicKey *self = text != NULL ? till_public_key_parse (text, size, error) : NULL;

  if (text != NULL && self == NULL)
    g_prefix_error (error, "%s: ", path);

  return self;
}

/* The serial as the gateways write it: without a leading zero octet, in capitals. */
static char *
format_serial (const guint8 *octets,
               gsize         size)
{
  GString *text = g_string_new (NULL);

  while (size > 1 && octets[0] == 0)
    {
      octets++;
      size--;
    }

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02X", octets[i]);

  return g_string_free (text, FALSE);
}

/**
 * till_public_key_from_certificate:
 * @pem: a certificate
 * @size: of @pem
 * @serial: (out) (transfer full): its serial in capital hexadecimal digits
 * @expires_ms: (out): until when it is said to be good, for the diagnostics only
 * @error: return location for a #GError
 *
 * Returns: (transfer full): its key, or %NULL with @error set
 */
TillPublicKey *
till_public_key_from_certificate (const char *pem,
                                  gsize       size,
                                  char      **serial,
                                  gint64     *expires_ms,
                                  GError    **error)
{
  const gnutls_datum_t data = { (unsigned char *)pem, (unsigned int)size };
  g_autoptr(TillPublicKey) self = g_atomic_rc_box_new0 (TillPublicKey);
  guint8 octets[SERIAL_MAX];
  gsize n_octets = sizeof octets;
  gnutls_x509_crt_t certificate;
  int rc;

  gnutls_pubkey_init (&self->key);
  gnutls_x509_crt_init (&certificate);
  rc = gnutls_x509_crt_import (certificate, &data, GNUTLS_X509_FMT_PEM);
  if (rc >= 0)
    rc = gnutls_pubkey_import_x509 (self->key, certificate, 0);
  if (rc >= 0)
    rc = gnutls_x509_crt_get_serial (certificate, octets, &n_octets);
  if (rc >= 0)
    {
      *serial = format_serial (octets, n_octets);
      *expires_ms = (gint64)gnutls_x509_crt_get_expiration_time (certificate) * 1000;
    }
  gnutls_x509_crt_deinit (certificate);

  if (rc >= 0)
    return g_steal_pointer (&self);

  fail (error, "not a certificate", rc);
  return NULL;
}

TillPublicKey *
till_public_key_ref (TillPublicKey *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
public_key_clear (gpointer data)
{
  gnutls_pubkey_deinit (((TillPublicKey *)data)->key);
}

void
till_public_key_unref (TillPublicKey *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, public_key_clear);
}

/**
 * till_public_key_verify:
 * @self: a key
 * @message: what was signed, octet by octet as it came
 * @size: of @message
 * @signature: in base64
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the signature holds, %FALSE with @error set (%TILL_NET_ERROR_SIGNATURE)
 */
gboolean
till_public_key_verify (TillPublicKey *self,
                        const char    *message,
                        gsize          size,
                        const char    *signature,
                        GError       **error)
{
  const gnutls_datum_t data = { (unsigned char *)message, (unsigned int)size };
  gsize n_octets = 0;
  g_autofree guint8 *octets = till_crypto_decode_base64 (signature, &n_octets);

  if (octets != NULL)
    {
      const gnutls_datum_t raw = { octets, (unsigned int)n_octets };

      if (gnutls_pubkey_verify_data2 (self->key, SIGN, 0, &data, &raw) >= 0)
        return TRUE;
    }

  g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_SIGNATURE,
                       octets != NULL ? "the signature does not hold"
                                      : "the signature is not base64");
  return FALSE;
}

/**
 * till_crypto_open:
 * @key: 32 characters, as they stand
 * @nonce: as it stands
 * @associated_data: (nullable): as it stands
 * @ciphertext: in base64, with the tag at its end
 * @error: return location for a #GError
 *
 * Opens what was sealed by AEAD_AES_256_GCM.
 *
 * Returns: (transfer full): the plain text, or %NULL with @error set (%TILL_NET_ERROR_SIGNATURE
 *   when it was not sealed with @key)
 */
char *
till_crypto_open (const char *key,
                  const char *nonce,
                  const char *associated_data,
                  const char *ciphertext,
                  GError    **error)
{
  const gnutls_datum_t secret = { (unsigned char *)key, TILL_CRYPTO_GCM_KEY_SIZE };
  const char *extra = associated_data != NULL ? associated_data : "";
  gsize sealed_size = 0;
  g_autofree guint8 *sealed = till_crypto_decode_base64 (ciphertext, &sealed_size);
  g_autofree char *plain = NULL;
  gnutls_aead_cipher_hd_t cipher;
  gsize plain_size;
  int rc;

  g_return_val_if_fail (strlen (key) == TILL_CRYPTO_GCM_KEY_SIZE, NULL);

  if (sealed == NULL || sealed_size < TILL_CRYPTO_GCM_TAG_SIZE || *nonce == '\0')
    {
      g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_MALFORMED,
                           "what is sealed is cut short");
      return NULL;
    }

  plain_size = sealed_size - TILL_CRYPTO_GCM_TAG_SIZE;
  plain = g_malloc0 (plain_size + 1);
  rc = gnutls_aead_cipher_init (&cipher, GNUTLS_CIPHER_AES_256_GCM, &secret);
  if (rc >= 0)
    {
      rc = gnutls_aead_cipher_decrypt (cipher, nonce, strlen (nonce), extra, strlen (extra),
                                       TILL_CRYPTO_GCM_TAG_SIZE, sealed, sealed_size, plain,
                                       &plain_size);
      gnutls_aead_cipher_deinit (cipher);
    }

  if (rc >= 0)
    {
      plain[plain_size] = '\0';
      return g_steal_pointer (&plain);
    }

  g_set_error_literal (error, TILL_NET_ERROR, TILL_NET_ERROR_SIGNATURE,
                       "the seal does not open; is it the APIv3 key of this merchant?");
  return NULL;
}

/**
 * till_crypto_make_nonce:
 *
 * Returns: (transfer full): 32 hexadecimal digits that nobody can guess
 */
char *
till_crypto_make_nonce (void)
{
  guint8 octets[NONCE_SIZE];
  GString *text = g_string_sized_new (2 * NONCE_SIZE);

  if (gnutls_rnd (GNUTLS_RND_NONCE, octets, sizeof octets) < 0)
    g_error ("the system gives no random numbers");

  for (gsize i = 0; i < sizeof octets; i++)
    g_string_append_printf (text, "%02X", octets[i]);

  return g_string_free (text, FALSE);
}

/**
 * till_crypto_load_secret:
 * @path: a file of mode 0600
 * @error: return location for a #GError
 *
 * Returns: (transfer full): its first line, or %NULL with @error set
 */
char *
till_crypto_load_secret (const char *path,
                         GError    **error)
{
  gsize size = 0;
  char *text = load_file (path, TRUE, &size, error);

  if (text != NULL)
    text[strcspn (text, "\r\n")] = '\0';

  return text;
}
