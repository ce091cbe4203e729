/*
 * till-wechat-private.h: the keys of WeChat Pay, shared by calls and notices
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-channel-private.h"
#include "till-crypto.h"
#include "till-net-error.h"
#include "till-trade.h"

G_BEGIN_DECLS

/* Signed further away in time than this is refused (the SDKs: 300 s). */
#define TILL_WECHAT_WINDOW_MS (300 * 1000)

/**
 * TillWechatKeys:
 *
 * The keys that WeChat Pay signs with, by serial: platform certificates, the old and the new ones,
 * and the public key. Any thread may use it.
 */
typedef struct _TillWechatKeys TillWechatKeys;

/* The headers of a signed message, as they came. */
typedef struct
{
  const char *timestamp;
  const char *nonce;
  const char *signature;
  const char *serial;
  const char *type; /* (nullable) */
} TillWechatSeal;

TillWechatKeys  *till_wechat_keys_new (const char *certificate_dir);
void             till_wechat_keys_free (TillWechatKeys *self);
void             till_wechat_keys_add (TillWechatKeys *self,
                                       const char     *serial,
                                       TillPublicKey  *key,
                                       gint64          expires_ms);
gboolean         till_wechat_keys_add_certificate (TillWechatKeys *self,
                                                   const char     *pem,
                                                   gboolean        store,
                                                   GError        **error);
char            *till_wechat_keys_get_newest (TillWechatKeys *self);
gboolean         till_wechat_keys_take_wish (TillWechatKeys *self);
gboolean         till_wechat_keys_verify (TillWechatKeys       *self,
                                          const TillWechatSeal *seal,
                                          const char           *body,
                                          gsize                 size,
                                          gint64                now_ms,
                                          GError              **error);
void             till_wechat_keys_describe (TillWechatKeys *self,
                                            GPtrArray      *facts);

/* till-wechat-read.c: what WeChat Pay says, read */
TillTrade       *till_wechat_read_trade (JsonObject *object,
                                         GBytes     *raw,
                                         GError    **error);
TillRefundTrade *till_wechat_read_refund (JsonObject *object,
                                          const char *state_name,
                                          GBytes     *raw,
                                          GError    **error);
TillNotice      *till_wechat_read_notice (const char *api_v3_key,
                                          GBytes     *body,
                                          GError    **error);

#define TILL_TYPE_WECHAT (till_wechat_get_type ())
G_DECLARE_FINAL_TYPE (TillWechat, till_wechat, TILL, WECHAT, TillChannel)

struct _TillWechat
{
  TillChannel     parent_instance;

  char           *base_url;
  char           *mchid;
  char           *appid;
  char           *merchant_serial;
  char           *api_v3_key;
  TillPrivateKey *merchant_key;
  TillWechatKeys *keys;
  GSource        *refresh;
  gint64          refreshed_us;
  gboolean        refreshing;
};

/* till-wechat-call.c: one signed call */
typedef struct _TillWechatCall TillWechatCall;
typedef void (*TillWechatDone) (TillWechatCall *call,
                                JsonObject     *answer,
                                GBytes         *raw);

struct _TillWechatCall
{
  TillWechat    *self;
  GTask         *task; /* what the caller waits for */
  const char    *method;
  char          *url;
  char          *body;
  TillWechatDone done;
  gboolean       is_sealed; /* the answer carries a signature */
  char          *attempt_no;
  char          *refund_no;
  char          *hash;   /* of a bill */
  guint          status; /* of the answer */
  const char    *none_codes[3]; /* errors that mean: there is no such thing */
};

TillWechatCall *till_wechat_call_new (TillChannel   *channel,
                                      GTask         *task,
                                      const char    *method,
                                      char          *url,
                                      TillWechatDone done);
void            till_wechat_call_free (TillWechatCall *call);
void            till_wechat_call_run (TillWechatCall *call);
void            till_wechat_call_end (TillWechatCall *call,
                                      gpointer        value,
                                      GDestroyNotify  destroy,
                                      GError         *error);
void            till_wechat_call_end_bare (TillWechatCall *call,
                                           const char     *what);
void            till_wechat_call_fail (TillWechatCall *call,
                                       GError         *error);
char           *till_wechat_make_url (TillChannel *channel,
                                      const char  *format,
                                      ...) G_GNUC_PRINTF (2, 3) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
