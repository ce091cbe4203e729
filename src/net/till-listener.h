/*
 * till-listener.h: the door for payment notifications and the tenants' phones
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-http-request.h"
#include "till-net-error.h"

G_BEGIN_DECLS

#define TILL_TYPE_LISTENER (till_listener_get_type ())
G_DECLARE_FINAL_TYPE (TillListener, till_listener, TILL, LISTENER, GObject)

/**
 * TillListenerConfig:
 * @bind: (nullable): the address to listen at, in figures; %NULL for 127.0.0.1
 * @port: the port; 0 takes a free one
 * @tls_cert: (nullable): a PEM file with the certificate and its chain; %NULL for plain HTTP
 * @tls_key: (nullable): a PEM file with its private key; %NULL when @tls_cert holds it too
 * @trusted_proxy: (nullable): the address of the reverse proxy, in figures: it is exempt from the
 *   cap per address, and its X-Forwarded-For is believed
 *
 * The settings listener.*.
 */
typedef struct
{
  const char *bind;
  guint16     port;
  const char *tls_cert;
  const char *tls_key;
  const char *trusted_proxy;
} TillListenerConfig;

/**
 * TillListenerStats:
 * @accepted: connections let in
 * @refused: connections closed at once, for there were too many
 * @cut: connections cut, for they took too long or sent what is not allowed
 * @starved: how often the system was out of file descriptors
 * @live: connections now
 *
 * What was counted since the start.
 */
typedef struct
{
  int accepted;
  int refused;
  int cut;
  int starved;
  int live;
} TillListenerStats;

/**
 * TillListenerRouteFunc:
 * @request: (transfer none): what is asked
 * @user_data: what the route was added with
 *
 * Answers @request with till_http_request_answer(), or keeps a reference and does so later. Called
 * in the context that the route was added with.
 */
typedef void (*TillListenerRouteFunc) (TillHttpRequest *request,
                                       gpointer         user_data);

/**
 * TillListenerScreenFunc:
 * @request: (transfer none): what is asked
 * @user_data: what the route was added with
 *
 * Looks at a request before its handler does, in the listener's thread: checks a signature, say,
 * and hands on what it found with till_http_request_set_finding(). It never waits.
 *
 * Returns: %TRUE to go on to the handler, %FALSE when it has answered @request itself
 */
typedef gboolean (*TillListenerScreenFunc) (TillHttpRequest *request,
                                            gpointer         user_data);

TillListener *till_listener_new (const TillListenerConfig *config);
void          till_listener_add_route (TillListener         *self,
                                       const char           *method,
                                       const char           *path,
                                       TillListenerRouteFunc handler,
                                       GMainContext         *context,
                                       gpointer              user_data,
                                       GDestroyNotify        destroy);
void          till_listener_set_screen (TillListener          *self,
                                        const char            *path,
                                        TillListenerScreenFunc screen);
guint16       till_listener_start (TillListener *self,
                                   GError      **error);
void          till_listener_stop (TillListener *self);
const char   *till_listener_get_uri (TillListener *self);
void          till_listener_get_stats (TillListener      *self,
                                       TillListenerStats *stats);

G_END_DECLS
