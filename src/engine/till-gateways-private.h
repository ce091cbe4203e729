/*
 * till-gateways-private.h: the payment gateways as they are set up, and what they send us
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-channel.h"
#include "till-core-private.h"
#include "till-listener.h"

G_BEGIN_DECLS

typedef struct _TillGateways TillGateways;

void         till_gateways_start (TillCore     *core,
                                  TillListener *listener);
void         till_gateways_stop (TillCore *core);
void         till_gateways_reload (TillCore *core);
TillChannel *till_gateways_get (TillCore  *core,
                                TillMethod method,
                                GError   **error);
char        *till_gateways_get_notify_url (TillCore  *core,
                                           TillMethod method);
gboolean     till_gateways_is_ours (TillCore        *core,
                                    const TillTrade *trade,
                                    gboolean         noticed);
void         till_gateways_note_result (TillCore     *core,
                                        TillMethod    method,
                                        const GError *error);
void         till_gateways_add_conditions (TillCore  *core,
                                           GPtrArray *list);
GPtrArray   *till_gateways_list (TillCore *core);

G_END_DECLS
