/*
 * till-alipay.h: Alipay's open platform, RSA2
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-channel.h"

G_BEGIN_DECLS

/**
 * TillAlipayConfig:
 * @gateway_url: (nullable): another gateway than Alipay's own, for tests and the demo
 * @app_id: the application's id
 * @seller_id: the merchant's number, 2088…
 * @app_key_file: the application's private key: PEM, or one line of base64, PKCS#1 or PKCS#8
 * @public_key_file: Alipay's public key (not the application's): PEM, or one line of base64
 *
 * The settings alipay.*; the files are read when the channel is made.
 */
typedef struct
{
  const char *gateway_url;
  const char *app_id;
  const char *seller_id;
  const char *app_key_file;
  const char *public_key_file;
} TillAlipayConfig;

TillChannel *till_alipay_new (const TillAlipayConfig *config,
                              GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
