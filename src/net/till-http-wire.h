/*
 * till-http-wire.h: what is allowed on the wire, and what libsoup's messages are made of
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "till-acceptor.h"

G_BEGIN_DECLS

void        till_http_wire_watch (SoupServer *server);
void        till_http_wire_set_answer (SoupServerMessage *message,
                                       guint              status,
                                       const char        *content_type,
                                       GBytes            *body);
void        till_http_wire_set_error (SoupServerMessage *message,
                                      guint              status,
                                      const char        *text);
GHashTable *till_http_wire_copy_headers (SoupMessageHeaders *headers);
char       *till_http_wire_find_peer (TillConnection *connection,
                                      GHashTable     *headers);

G_END_DECLS
