/*
 * till-acceptor.h: takes connections in, counts them, and cuts those that take too long
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "till-listener.h"
#include "till-mailbox.h"

G_BEGIN_DECLS

typedef struct _TillAcceptor TillAcceptor;
typedef struct _TillConnection TillConnection;

/**
 * TillPhase:
 * @TILL_PHASE_RECEIVING: shaking hands, or sending us its request
 * @TILL_PHASE_HANDLING: waits for our answer
 * @TILL_PHASE_SENDING: takes our answer
 *
 * What a connection is about.
 */
typedef enum
{
  TILL_PHASE_RECEIVING,
  TILL_PHASE_HANDLING,
  TILL_PHASE_SENDING,
} TillPhase;

/**
 * TillAcceptorLimits:
 * @connections: so many at a time
 * @per_address: so many at a time from one address, or from one /64 of IPv6
 * @idle_s: a connection on which nothing moves for so many seconds is cut
 * @total_s: so many seconds after it came, a request must have come and been answered
 * @send_s: so many seconds an answer may take to be taken
 */
typedef struct
{
  guint connections;
  guint per_address;
  guint idle_s;
  guint total_s;
  guint send_s;
} TillAcceptorLimits;

/**
 * TillAcceptorFuncs:
 * @opened: a connection is ready to be read; @stream is not handed over
 * @overdue: a connection in its phase of handling has waited for @total_s seconds
 * @emptied: the last connection is gone
 *
 * What an acceptor calls, in its own thread.
 */
typedef struct
{
  void (*opened)(TillConnection *connection,
                 GIOStream      *stream,
                 gpointer        user_data);
  void (*overdue)(TillConnection *connection,
                  gpointer        user_data);
  void (*emptied)(gpointer user_data);
} TillAcceptorFuncs;

TillAcceptor   *till_acceptor_new (const TillAcceptorLimits *limits,
                                   const TillAcceptorFuncs  *funcs,
                                   gpointer                  user_data,
                                   TillMailbox              *mailbox) G_GNUC_WARN_UNUSED_RESULT;
void            till_acceptor_free (TillAcceptor *self);
void            till_acceptor_set_certificate (TillAcceptor    *self,
                                               GTlsCertificate *certificate);
void            till_acceptor_set_trusted_proxy (TillAcceptor *self,
                                                 GInetAddress *address);
gboolean        till_acceptor_listen (TillAcceptor *self,
                                      GInetAddress *address,
                                      guint16       port,
                                      guint16      *bound_port,
                                      GError      **error);
void            till_acceptor_close (TillAcceptor *self);
void            till_acceptor_get_stats (TillAcceptor      *self,
                                         TillListenerStats *stats);

TillConnection *till_connection_of (GSocketAddress *remote_address);
GSocketAddress *till_connection_get_local_address (TillConnection *self);
GSocketAddress *till_connection_get_remote_address (TillConnection *self);
gboolean        till_connection_is_proxy (TillConnection *self);
void            till_connection_set_phase (TillConnection *self,
                                           TillPhase       phase);
guint64         till_connection_get_request (TillConnection *self);
void            till_connection_set_request (TillConnection *self,
                                             guint64         id);
gsize           till_connection_count_octets (TillConnection *self,
                                              gsize           n_octets);
void            till_connection_cut (TillConnection *self,
                                     const char     *last_words);
void            till_connection_finish (TillConnection *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillAcceptor, till_acceptor_free)

G_END_DECLS
