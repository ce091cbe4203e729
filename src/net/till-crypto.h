/*
 * till-crypto.h: keys, signatures and seals of the payment gateways, by GnuTLS
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TILL_CRYPTO_GCM_KEY_SIZE 32
#define TILL_CRYPTO_GCM_TAG_SIZE 16

/* Keys are counted atomically and never change: any thread may use them. */
typedef struct _TillPrivateKey TillPrivateKey;
typedef struct _TillPublicKey TillPublicKey;

TillPrivateKey *till_private_key_load (const char *path,
                                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;
TillPrivateKey *till_private_key_parse (const char *text,
                                        gsize       size,
                                        GError    **error) G_GNUC_WARN_UNUSED_RESULT;
TillPrivateKey *till_private_key_ref (TillPrivateKey *self);
void            till_private_key_unref (TillPrivateKey *self);
char           *till_private_key_sign (TillPrivateKey *self,
                                       const char     *message,
                                       gsize           size,
                                       GError        **error) G_GNUC_WARN_UNUSED_RESULT;

TillPublicKey  *till_public_key_load (const char *path,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
TillPublicKey  *till_public_key_parse (const char *text,
                                       gsize       size,
                                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;
TillPublicKey  *till_public_key_from_certificate (const char *pem,
                                                  gsize       size,
                                                  char      **serial,
                                                  gint64     *expires_ms,
                                                  GError    **error) G_GNUC_WARN_UNUSED_RESULT;
TillPublicKey  *till_public_key_ref (TillPublicKey *self);
void            till_public_key_unref (TillPublicKey *self);
gboolean        till_public_key_verify (TillPublicKey *self,
                                        const char    *message,
                                        gsize          size,
                                        const char    *signature,
                                        GError       **error);

guint8         *till_crypto_decode_base64 (const char *text,
                                           gsize      *size) G_GNUC_WARN_UNUSED_RESULT;
char           *till_crypto_open (const char *key,
                                  const char *nonce,
                                  const char *associated_data,
                                  const char *ciphertext,
                                  GError    **error) G_GNUC_WARN_UNUSED_RESULT;
char           *till_crypto_make_nonce (void) G_GNUC_WARN_UNUSED_RESULT;
char           *till_crypto_load_secret (const char *path,
                                         GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillPrivateKey, till_private_key_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillPublicKey, till_public_key_unref)

G_END_DECLS
