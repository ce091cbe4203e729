/*
 * till-sim-gateway.h: WeChat Pay and Alipay, simulated, with a customer who pays
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TillSimGateway TillSimGateway;

TillSimGateway *till_sim_gateway_open (const char *dir,
                                       guint16     port,
                                       GError    **error) G_GNUC_WARN_UNUSED_RESULT;
void            till_sim_gateway_free (TillSimGateway *self);
guint16         till_sim_gateway_get_port (TillSimGateway *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimGateway, till_sim_gateway_free)

G_END_DECLS
