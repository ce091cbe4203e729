/*
 * net-support.h: a listener under test, and clients that send what they like
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "till-listener-private.h"
#include "till-listener.h"

G_BEGIN_DECLS

/* No test passes or fails by the clock: this is how long we wait until we call it a failure. */
#define PATIENCE_S 60

#define HEALTH "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"

typedef struct
{
  TillListener *listener;
  guint16       port;
} Fixture;

extern const TillAcceptorLimits net_quick_limits;

void        net_fixture_set_up (Fixture      *fixture,
                                gconstpointer data);
void        net_start (Fixture *fixture);
void        net_fixture_tear_down (Fixture      *fixture,
                                   gconstpointer data);
GSocket    *net_make_client (const char *address);
void        net_connect_client (GSocket *client,
                                guint16  port);
GSocket    *net_dial (Fixture    *fixture,
                      const char *address);
gsize       net_send_octets (GSocket    *client,
                             const char *octets,
                             gsize       size);
char       *net_receive_all (GSocket *client);
char       *net_ask_from (Fixture    *fixture,
                          const char *address,
                          const char *text,
                          gsize       size);
char       *net_ask (Fixture    *fixture,
                     const char *text);
guint       net_status_of (const char *answer);
const char *net_body_of (const char *answer);
void        net_assert_healthy_from (Fixture    *fixture,
                                     const char *address);
void        net_assert_status (Fixture    *fixture,
                               const char *request,
                               guint       status);
guint       net_count_descriptors (void);
void        net_wait_until_empty (Fixture *fixture);
void        net_await_descriptors (guint expected);
char       *net_ask_by_tls (Fixture *fixture);
void        net_make_certificate (const char *cert,
                                  const char *key);

G_END_DECLS
