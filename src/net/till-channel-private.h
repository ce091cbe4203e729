/*
 * till-channel-private.h: what the gateways share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "till-channel.h"
#include "till-http.h"

G_BEGIN_DECLS

/**
 * TillChannelClass:
 *
 * Each call returns to its task what the public function of that name answers with. Called in the
 * channel's thread, but for read_notice and answer_notice.
 */
struct _TillChannelClass
{
  GObjectClass parent_class;

  TillMethod   method;
  void         (*create) (TillChannel          *self,
                          const TillTradeTerms *terms,
                          GTask                *task);
  void         (*query) (TillChannel *self,
                         const char  *attempt_no,
                         GTask       *task);
  void         (*close) (TillChannel *self,
                         const char  *attempt_no,
                         GTask       *task);
  void         (*refund) (TillChannel           *self,
                          const TillRefundTerms *terms,
                          GTask                 *task);
  void         (*query_refund) (TillChannel *self,
                                const char  *attempt_no,
                                const char  *refund_no,
                                GTask       *task);
  void         (*fetch_bill) (TillChannel *self,
                              int          day,
                              GTask       *task);
  TillNotice  *(*read_notice) (TillChannel     *self,
                               TillHttpRequest *request,
                               gint64           now_ms,
                               GError         **error);
  void         (*answer_notice) (TillChannel     *self,
                                 TillHttpRequest *request,
                                 gboolean         accepted,
                                 const char      *message);
  void         (*describe) (TillChannel *self,
                            GPtrArray   *facts);
};

TillHttp   *till_channel_get_http (TillChannel *self);
void        till_channel_note_reply (TillChannel         *self,
                                     const TillHttpReply *reply,
                                     const GError        *error);
void        till_channel_add_fact (GPtrArray  *facts,
                                   const char *key,
                                   const char *value,
                                   gboolean    good);

const char *till_json_get_text (JsonObject *object,
                                const char *name);
gboolean    till_json_get_int (JsonObject *object,
                               const char *name,
                               gint64     *value);
JsonObject *till_json_get_object (JsonObject *object,
                                  const char *name);
JsonParser *till_json_parse (const char *text,
                             gssize      size,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *till_json_get_root (JsonParser *parser);

G_END_DECLS
