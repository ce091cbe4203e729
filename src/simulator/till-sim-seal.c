/*
 * till-sim-seal.c: the keys of the simulated gateways, signatures and seals
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "till-sim-fault.h"
#include "till-sim-seal.h"

#define KEY_BITS 2048
#define SECRET_SIZE 32
#define SECRET_FILE "api-v3.key"
#define PEM_MAX 8192

/* A second hand at the same work as the program's own: what one signs, the other has to read. */
struct _TillSimSeal
{
  gnutls_privkey_t private_keys[TILL_SIM_N_KEYS];
  gnutls_pubkey_t  public_keys[TILL_SIM_N_KEYS];
  char             secret[SECRET_SIZE + 1];
};

static const char *const names[TILL_SIM_N_KEYS] = {
  "wechat-merchant", "wechat-platform", "alipay-app", "alipay-platform",
};

static gboolean
fail (GError    **error,
      const char *what,
      int         rc)
{
  g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE, "%s: %s", what, gnutls_strerror (rc));
  return FALSE;
}

static gboolean
write_private (const char *path,
               const char *text,
               gsize       size,
               GError    **error)
{
  return g_file_set_contents_full (path, text, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}

static gboolean
make_key (const char *path,
          GError    **error)
{
  gnutls_x509_privkey_t key;
  char pem[PEM_MAX];
  size_t size = sizeof pem;
  int rc;

  gnutls_x509_privkey_init (&key);
  rc = gnutls_x509_privkey_generate (key, GNUTLS_PK_RSA, KEY_BITS, 0);
  if (rc >= 0)
    rc = gnutls_x509_privkey_export_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, pem,
                                           &size);
  gnutls_x509_privkey_deinit (key);

  return rc < 0 ? fail (error, "cannot make a key", rc) : write_private (path, pem, size, error);
}

static gboolean
load_key (TillSimSeal *self,
          int          which,
          const char  *dir,
          GError     **error)
{
  g_autofree char *name = g_strconcat (names[which], "-key.pem", NULL);
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *public_name = g_strconcat (names[which], "-public.pem", NULL);
  g_autofree char *public_path = g_build_filename (dir, public_name, NULL);
  g_autofree char *text = NULL;
  char pem[PEM_MAX];
  size_t size = sizeof pem;
  gsize length = 0;
  int rc;

  if ((!g_file_test (path, G_FILE_TEST_EXISTS) && !make_key (path, error)) ||
      !g_file_get_contents (path, &text, &length, error))
    return FALSE;

  const gnutls_datum_t data = { (unsigned char *)text, (unsigned int)length };

  gnutls_privkey_init (&self->private_keys[which]);
  gnutls_pubkey_init (&self->public_keys[which]);
  rc = gnutls_privkey_import_x509_raw (self->private_keys[which], &data, GNUTLS_X509_FMT_PEM, NULL,
                                       0);
  if (rc >= 0)
    rc = gnutls_pubkey_import_privkey (self->public_keys[which], self->private_keys[which], 0, 0);
  if (rc >= 0)
    rc = gnutls_pubkey_export (self->public_keys[which], GNUTLS_X509_FMT_PEM, pem, &size);

  return rc < 0 ? fail (error, path, rc)
                : g_file_set_contents (public_path, pem, (gssize)size, error);
}

static gboolean
load_secret (TillSimSeal *self,
             const char  *dir,
             GError     **error)
{
  g_autofree char *path = g_build_filename (dir, SECRET_FILE, NULL);
  g_autofree char *text = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      guint8 octets[SECRET_SIZE / 2];
      GString *hex = g_string_new (NULL);

      gnutls_rnd (GNUTLS_RND_KEY, octets, sizeof octets);
      for (gsize i = 0; i < sizeof octets; i++)
        g_string_append_printf (hex, "%02x", octets[i]);
      text = g_string_free (hex, FALSE);
      if (!write_private (path, text, SECRET_SIZE, error))
        return FALSE;
    }
  else if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;

  g_strlcpy (self->secret, text, sizeof self->secret);
  return TRUE;
}

/**
 * till_sim_seal_open:
 * @dir: where the keys are; they are made when they are not there
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the keys of both gateways and of the merchant, or %NULL with @error set
 */
TillSimSeal *
till_sim_seal_open (const char *dir,
                    GError    **error)
{
  TillSimSeal *self = g_new0 (TillSimSeal, 1);
  gboolean good = g_mkdir_with_parents (dir, 0700) == 0 && load_secret (self, dir, error);

  for (int i = 0; good && i < TILL_SIM_N_KEYS; i++)
    good = load_key (self, i, dir, error);

  if (good)
    return self;

  if (error != NULL && *error == NULL)
    g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE, "cannot make %s", dir);
  till_sim_seal_free (self);
  return NULL;
}

void
till_sim_seal_free (TillSimSeal *self)
{
  if (self == NULL)
    return;

  for (int i = 0; i < TILL_SIM_N_KEYS; i++)
    {
      if (self->private_keys[i] != NULL)
        gnutls_privkey_deinit (self->private_keys[i]);
      if (self->public_keys[i] != NULL)
        gnutls_pubkey_deinit (self->public_keys[i]);
    }
  g_free (self);
}

/**
 * till_sim_seal_sign:
 * @self: the keys
 * @key: whose
 * @text: what is signed
 *
 * Returns: (transfer full): an RSA signature over SHA-256, in base64
 */
char *
till_sim_seal_sign (TillSimSeal *self,
                    TillSimKey   key,
                    const char  *text)
{
  const gnutls_datum_t data = { (unsigned char *)text, (unsigned int)strlen (text) };
  gnutls_datum_t signature = { NULL, 0 };
  char *out;

  if (gnutls_privkey_sign_data (self->private_keys[key], GNUTLS_DIG_SHA256, 0, &data,
                                &signature) < 0)
    g_error ("cannot sign");

  out = g_base64_encode (signature.data, signature.size);
  gnutls_free (signature.data);
  return out;
}

/**
 * till_sim_seal_verify:
 * @self: the keys
 * @key: whose
 * @text: what was signed
 * @signature: in base64
 *
 * Returns: whether the signature holds
 */
gboolean
till_sim_seal_verify (TillSimSeal *self,
                      TillSimKey   key,
                      const char  *text,
                      const char  *signature)
{
  const gnutls_datum_t data = { (unsigned char *)text, (unsigned int)strlen (text) };
  gsize size = 0;
  g_autofree guint8 *octets = g_base64_decode (signature, &size);
  const gnutls_datum_t raw = { octets, (unsigned int)size };

  return gnutls_pubkey_verify_data2 (self->public_keys[key], GNUTLS_SIGN_RSA_SHA256, 0, &data,
                                     &raw) >= 0;
}

/**
 * till_sim_seal_close:
 * @self: the keys
 * @nonce: 12 characters
 * @associated_data: goes with it
 * @text: what is sealed
 *
 * Returns: (transfer full): AEAD_AES_256_GCM under the APIv3 key, with its tag, in base64
 */
char *
till_sim_seal_close (TillSimSeal *self,
                     const char  *nonce,
                     const char  *associated_data,
                     const char  *text)
{
  const gnutls_datum_t secret = { (unsigned char *)self->secret, SECRET_SIZE };
  gsize size = strlen (text) + 16;
  g_autofree guint8 *sealed = g_malloc (size);
  gnutls_aead_cipher_hd_t cipher;

  if (gnutls_aead_cipher_init (&cipher, GNUTLS_CIPHER_AES_256_GCM, &secret) < 0 ||
      gnutls_aead_cipher_encrypt (cipher, nonce, strlen (nonce), associated_data,
                                  strlen (associated_data), 16, text, strlen (text), sealed,
                                  &size) < 0)
    g_error ("cannot seal");

  gnutls_aead_cipher_deinit (cipher);
  return g_base64_encode (sealed, size);
}
