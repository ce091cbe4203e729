/*
 * till-http-request-private.h: how the listener makes requests and learns their answers
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-http-request.h"

G_BEGIN_DECLS

/**
 * TillHttpAnswer:
 * @id: the request's number
 * @status: an HTTP status
 * @content_type: (nullable): of @body
 * @headers: further names and values by turns
 * @body: (nullable): octets
 *
 * The answer to a request. It belongs to one thread at a time.
 */
typedef struct
{
  guint64    id;
  guint      status;
  char      *content_type;
  GPtrArray *headers;
  GBytes    *body;
} TillHttpAnswer;

/**
 * TillHttpAnswerFunc:
 * @answer: (transfer full): the answer
 * @user_data: what the request was made with
 *
 * Takes the one answer to a request. Called in whichever thread gives it.
 */
typedef void (*TillHttpAnswerFunc) (TillHttpAnswer *answer,
                                    gpointer        user_data);

/**
 * TillHttpRequestParts:
 *
 * All that a request is made of. @headers maps lower case names to values. @over is an atomic rc
 * box of which the request takes a reference of its own; the listener sets it to 1 when nobody
 * waits for the answer any more.
 */
typedef struct
{
  guint64            id;
  const char        *method;
  const char        *path;
  const char        *query;
  GHashTable        *headers;
  GBytes            *body;
  const char        *peer;
  int               *over;
  TillHttpAnswerFunc answer;
  gpointer           user_data;
  GDestroyNotify     destroy;
} TillHttpRequestParts;

TillHttpRequest *till_http_request_new (const TillHttpRequestParts *parts)
G_GNUC_WARN_UNUSED_RESULT;
void             till_http_answer_free (TillHttpAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillHttpAnswer, till_http_answer_free)

G_END_DECLS
