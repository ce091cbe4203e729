/*
 * till-channel.h: a payment gateway, whichever it is
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-http-request.h"
#include "till-net-error.h"
#include "till-trade.h"

G_BEGIN_DECLS

/**
 * TillChannel:
 *
 * What we ask of a payment gateway and what it tells us. The object belongs to the thread that made
 * it (the engine's): calls are made there and answered in its thread-default context; signatures
 * are made in a small pool of threads. Only till_channel_read_notice() may be called in any thread.
 *
 * A call that fails with %TILL_NET_ERROR_REFUSED was refused by the gateway for good. After any
 * other error its outcome is unknown: ask the gateway for the trade or the refund by our number.
 * Every answer was verified over the octets that came, before anything was read out of it.
 */
#define TILL_TYPE_CHANNEL (till_channel_get_type ())
G_DECLARE_DERIVABLE_TYPE (TillChannel, till_channel, TILL, CHANNEL, GObject)

/**
 * TillTradeTerms:
 * @attempt_no: our number, 6 to 32 letters, digits or “_”; never used for another attempt
 * @kind: how the payer meets the gateway
 * @amount: in fen, from 0.01 yuan
 * @subject: what the payer reads, without commas; shortened to what the gateway takes
 * @expires_ms: until when it can be paid, UTC milliseconds
 * @notify_url: (nullable): where the gateway sends its notices, without a query; %NULL for none
 * @return_url: (nullable): where a phone goes afterwards (%TILL_TRADE_KIND_WAP)
 * @payer: (nullable): the openid (%TILL_TRADE_KIND_JSAPI)
 * @client_ip: (nullable): the payer's address (%TILL_TRADE_KIND_WAP at WeChat)
 *
 * What is asked for.
 */
typedef struct
{
  const char   *attempt_no;
  TillTradeKind kind;
  TillMoney     amount;
  const char   *subject;
  gint64        expires_ms;
  const char   *notify_url;
  const char   *return_url;
  const char   *payer;
  const char   *client_ip;
} TillTradeTerms;

/**
 * TillRefundTerms:
 * @attempt_no: of the payment
 * @refund_no: our number of the refund; the same number is the same refund, however often asked
 * @amount: what is given back, in fen
 * @total: what was paid, in fen
 * @reason: (nullable): what the payer reads
 * @notify_url: (nullable): where the gateway sends its notices
 */
typedef struct
{
  const char *attempt_no;
  const char *refund_no;
  TillMoney   amount;
  TillMoney   total;
  const char *reason;
  const char *notify_url;
} TillRefundTerms;

/**
 * TillChannelFact:
 *
 * A line of the diagnostics: what it is (a key the screen has words for), its value, and whether
 * all is well with it.
 */
typedef struct
{
  const char *key;
  char       *value;
  gboolean    good;
} TillChannelFact;

void             till_channel_fact_free (TillChannelFact *self);

TillMethod       till_channel_get_method (TillChannel *self);

/* Answers with what the payer needs: the text of the code, the page of a phone, or, for JSAPI, the
 * JSON that the page hands to WeChat. */
void             till_channel_create_async (TillChannel          *self,
                                            const TillTradeTerms *terms,
                                            GCancellable         *cancellable,
                                            GAsyncReadyCallback   callback,
                                            gpointer              user_data);
char            *till_channel_create_finish (TillChannel  *self,
                                             GAsyncResult *result,
                                             GError      **error);

/* Where the trade stands; a trade that does not exist is an answer, not an error. */
void             till_channel_query_async (TillChannel        *self,
                                           const char         *attempt_no,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);
TillTrade       *till_channel_query_finish (TillChannel  *self,
                                            GAsyncResult *result,
                                            GError      **error);

/* Makes that it cannot be paid any more. Answers with where it stands then: CLOSED, NONE (there
 * never was one), or PAID when the payer was faster; Alipay may give such a payment back by itself
 * (cancel): then REFUNDED. */
void             till_channel_close_async (TillChannel        *self,
                                           const char         *attempt_no,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);
TillTrade       *till_channel_close_finish (TillChannel  *self,
                                            GAsyncResult *result,
                                            GError      **error);

void             till_channel_refund_async (TillChannel           *self,
                                            const TillRefundTerms *terms,
                                            GCancellable          *cancellable,
                                            GAsyncReadyCallback    callback,
                                            gpointer               user_data);
TillRefundTrade *till_channel_refund_finish (TillChannel  *self,
                                             GAsyncResult *result,
                                             GError      **error);
void             till_channel_query_refund_async (TillChannel        *self,
                                                  const char         *attempt_no,
                                                  const char         *refund_no,
                                                  GCancellable       *cancellable,
                                                  GAsyncReadyCallback callback,
                                                  gpointer            user_data);
TillRefundTrade *till_channel_query_refund_finish (TillChannel  *self,
                                                   GAsyncResult *result,
                                                   GError      **error);

/* The bill file of a day as it came, checked by its digest where it has one; till_bill_parse()
 * reads it. A day without any trade is an empty file. */
void             till_channel_fetch_bill_async (TillChannel        *self,
                                                int                 day,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);
GBytes          *till_channel_fetch_bill_finish (TillChannel  *self,
                                                 GAsyncResult *result,
                                                 GError      **error);

/* A notification: its signature is verified over the octets that came before they are read.
 * @now_ms is the time of arrival. In any thread. */
TillNotice      *till_channel_read_notice (TillChannel     *self,
                                           TillHttpRequest *request,
                                           gint64           now_ms,
                                           GError         **error);

/* The answer that the gateway wants: success, or come again. In any thread. */
void             till_channel_answer_notice (TillChannel     *self,
                                             TillHttpRequest *request,
                                             gboolean         accepted,
                                             const char      *message);

/* What the diagnostics page shows: keys and serials, clock offset, last answer, last notice. Of
 * TillChannelFact. */
GPtrArray       *till_channel_describe (TillChannel *self);

G_END_DECLS
