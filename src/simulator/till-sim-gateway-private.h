/*
 * till-sim-gateway-private.h: the trades of the simulated gateways
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "till-sim-gateway.h"
#include "till-sim-seal.h"

G_BEGIN_DECLS

typedef struct
{
  char  *no;
  gint64 fen;
  gint64 at_ms;
} TillSimRefund;

/* A trade: “w” or “a” and our number are its key. */
typedef struct
{
  gboolean   wechat;
  char      *no;
  char      *kind;
  char      *subject;
  char      *notify_url; /* (nullable) */
  gint64     fen;
  gint64     expires_ms;
  gboolean   scanned; /* Alipay knows a trade only then */
  gboolean   closed;
  char      *txn; /* (nullable) not paid */
  gint64     paid_fen;
  gint64     paid_ms;
  guint      n_notices;
  GPtrArray *refunds; /* of TillSimRefund */
} TillSimTrade;

struct _TillSimGateway
{
  SoupServer  *server;
  SoupSession *session;
  TillSimSeal *seal;
  guint16      port;
  GHashTable  *trades;
  guint        serial;

  /* how it misbehaves */
  char        *mode;     /* (nullable) down, error500, garbage, forged, lost, slow */
  gboolean     no_notices;
};

TillSimTrade *till_sim_gateway_find (TillSimGateway *self,
                                     gboolean        wechat,
                                     const char     *no);
TillSimTrade *till_sim_gateway_add (TillSimGateway *self,
                                    gboolean        wechat,
                                    const char     *no);
gboolean      till_sim_trade_is_over (const TillSimTrade *trade);
gint64        till_sim_trade_refunded (const TillSimTrade *trade);
gboolean      till_sim_trade_refund (TillSimTrade *trade,
                                     const char   *no,
                                     gint64        fen,
                                     gboolean     *moved);
char         *till_sim_gateway_pay_url (TillSimGateway     *self,
                                        const TillSimTrade *trade);
char         *till_sim_json_print (JsonBuilder *builder);
void          till_sim_put_text (JsonBuilder *builder,
                                 const char  *name,
                                 const char  *value);
void          till_sim_put_int (JsonBuilder *builder,
                                const char  *name,
                                gint64       value);
const char   *till_sim_get_text (JsonObject *object,
                                 const char *name);

/* till-sim-gateway-wechat.c, till-sim-gateway-alipay.c */
void          till_sim_wechat_serve (TillSimGateway    *self,
                                     SoupServerMessage *message,
                                     const char        *path,
                                     GHashTable        *query);
void          till_sim_wechat_notify (TillSimGateway *self,
                                      TillSimTrade   *trade);
void          till_sim_alipay_serve (TillSimGateway    *self,
                                     SoupServerMessage *message,
                                     GHashTable        *query);
void          till_sim_alipay_notify (TillSimGateway *self,
                                      TillSimTrade   *trade);
void          till_sim_gateway_post (TillSimGateway *self,
                                     TillSimTrade   *trade,
                                     SoupMessage    *message);

G_END_DECLS
