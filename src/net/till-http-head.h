/*
 * till-http-head.h: whether the head of a request is one that we take
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TILL_HTTP_HEAD_OCTETS_MAX (16 * 1024)
#define TILL_HTTP_BODY_OCTETS_MAX (64 * 1024)

const char *till_http_head_check (const char *head,
                                  gsize       size,
                                  guint      *status);

G_END_DECLS
