/*
 * till-wechat.h: WeChat Pay, APIv3
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-channel.h"

G_BEGIN_DECLS

/**
 * TillWechatConfig:
 * @base_url: (nullable): another gateway than WeChat's own, for tests and the demo
 * @mchid: the merchant's number
 * @appid: the application's id
 * @merchant_key_file: PEM, PKCS#8: the merchant's private key
 * @merchant_serial: the serial of the merchant's certificate, 40 hexadecimal digits
 * @api_v3_key_file: 32 characters
 * @public_key_file: (nullable): WeChat Pay's public key, PEM; %NULL for platform certificates only
 * @public_key_id: (nullable): its id, PUB_KEY_ID_…
 * @certificate_dir: where downloaded platform certificates are kept
 *
 * The settings wechat.*; the files are read when the channel is made.
 */
typedef struct
{
  const char *base_url;
  const char *mchid;
  const char *appid;
  const char *merchant_key_file;
  const char *merchant_serial;
  const char *api_v3_key_file;
  const char *public_key_file;
  const char *public_key_id;
  const char *certificate_dir;
} TillWechatConfig;

TillChannel *till_wechat_new (const TillWechatConfig *config,
                              GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
