/*
 * till-http-request.h: what somebody asks of the listener, and the answer
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TillHttpRequest TillHttpRequest;

TillHttpRequest *till_http_request_ref (TillHttpRequest *self);
void             till_http_request_unref (TillHttpRequest *self);
const char      *till_http_request_get_method (TillHttpRequest *self);
const char      *till_http_request_get_path (TillHttpRequest *self);
const char      *till_http_request_get_query (TillHttpRequest *self);
const char      *till_http_request_get_header (TillHttpRequest *self,
                                               const char      *name);
GBytes          *till_http_request_get_body (TillHttpRequest *self);
const char      *till_http_request_get_peer (TillHttpRequest *self);
gboolean         till_http_request_is_over (TillHttpRequest *self);
void             till_http_request_set_finding (TillHttpRequest *self,
                                                gpointer         finding,
                                                GDestroyNotify   destroy);
gpointer         till_http_request_get_finding (TillHttpRequest *self);
void             till_http_request_add_header (TillHttpRequest *self,
                                               const char      *name,
                                               const char      *value);
void             till_http_request_answer (TillHttpRequest *self,
                                           guint            status,
                                           const char      *content_type,
                                           GBytes          *body);
void             till_http_request_answer_text (TillHttpRequest *self,
                                                guint            status,
                                                const char      *content_type,
                                                const char      *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillHttpRequest, till_http_request_unref)

G_END_DECLS
