/*
 * till-sim-seal.h: the keys of the simulated gateways, signatures and seals
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TILL_SIM_MCHID "1900000001"
#define TILL_SIM_APPID "wxdemo000000000001"
#define TILL_SIM_MERCHANT_SERIAL "7A11DE300000000000000000000000000000DE30"
#define TILL_SIM_PUBLIC_KEY_ID "PUB_KEY_ID_DEMO0000000000000000000000"
#define TILL_SIM_ALIPAY_APP "2021000000000001"
#define TILL_SIM_ALIPAY_SELLER "2088000000000001"

/* Each pair of keys has a file of its own in the folder. */
typedef enum
{
  TILL_SIM_KEY_MERCHANT,
  TILL_SIM_KEY_WECHAT,
  TILL_SIM_KEY_APP,
  TILL_SIM_KEY_ALIPAY,
  TILL_SIM_N_KEYS,
} TillSimKey;

typedef struct _TillSimSeal TillSimSeal;

TillSimSeal *till_sim_seal_open (const char *dir,
                                 GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void         till_sim_seal_free (TillSimSeal *self);
char        *till_sim_seal_sign (TillSimSeal *self,
                                 TillSimKey   key,
                                 const char  *text) G_GNUC_WARN_UNUSED_RESULT;
gboolean     till_sim_seal_verify (TillSimSeal *self,
                                   TillSimKey   key,
                                   const char  *text,
                                   const char  *signature);
char        *till_sim_seal_close (TillSimSeal *self,
                                  const char  *nonce,
                                  const char  *associated_data,
                                  const char  *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
