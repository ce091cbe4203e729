/*
 * till-sim-port.h: the side of a simulated device server that faces the network
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-site.h"

G_BEGIN_DECLS

typedef struct _TillSimPort TillSimPort;

/**
 * TillSimPortFunc:
 * @bytes: what came
 * @length: how much
 * @user_data: what was handed to till_sim_port_new()
 *
 * Bytes came from whoever is connected.
 */
typedef void (*TillSimPortFunc) (const guint8 *bytes,
                                 gsize         length,
                                 gpointer      user_data);

TillSimPort *till_sim_port_new (const TillSimLineInfo *info,
                                const char            *bind,
                                const char            *registration,
                                TillSimPortFunc        func,
                                gpointer               user_data);
gboolean     till_sim_port_open (TillSimPort *self,
                                 GError     **error);
guint        till_sim_port_get_number (TillSimPort *self);
guint64      till_sim_port_get_connection (TillSimPort *self);
guint64      till_sim_port_get_n_connections (TillSimPort *self);
guint64      till_sim_port_get_n_refused (TillSimPort *self);
gboolean     till_sim_port_send (TillSimPort  *self,
                                 const guint8 *bytes,
                                 gsize         length);
void         till_sim_port_close (TillSimPort *self,
                                  gboolean     reset);
void         till_sim_port_freeze (TillSimPort *self,
                                   gint64       hold_ms);
void         till_sim_port_set_displace (TillSimPort *self,
                                         gboolean     displace);
void         till_sim_port_go_down (TillSimPort *self,
                                    gint64       down_ms);
void         till_sim_port_free (TillSimPort *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimPort, till_sim_port_free)

G_END_DECLS
