/*
 * till-http.h: one bounded request to somebody else's computer
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "till-net-error.h"

G_BEGIN_DECLS

typedef struct _TillHttp TillHttp;

/**
 * TillHttpReply:
 *
 * What came back: the octets as they came. @headers has lower case names.
 */
typedef struct
{
  guint       status;
  GBytes     *body;
  GHashTable *headers;
} TillHttpReply;

/**
 * TillHttpCall:
 * @method: in capitals
 * @url: percent-encoded, sent as it stands
 * @headers: (nullable): names and values by turns, ended by %NULL
 * @content_type: (nullable): of @body
 * @body: (nullable): octets
 * @body_max: the largest answer that is taken, 0 for 1 MiB
 */
typedef struct
{
  const char        *method;
  const char        *url;
  const char *const *headers;
  const char        *content_type;
  GBytes            *body;
  gsize              body_max;
} TillHttpCall;

TillHttp      *till_http_new (void) G_GNUC_WARN_UNUSED_RESULT;
void           till_http_free (TillHttp *self);
void           till_http_call_async (TillHttp           *self,
                                     const TillHttpCall *call,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
TillHttpReply *till_http_call_finish (GAsyncResult *result,
                                      GError      **error);
const char    *till_http_reply_get_header (const TillHttpReply *self,
                                           const char          *name);
void           till_http_reply_free (TillHttpReply *self);
gboolean       till_http_parse_date (const char *text,
                                     gint64     *at_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillHttpReply, till_http_reply_free)

G_END_DECLS
