/*
 * till-gateway-card.h: what is known of a gateway, with a light for each fact
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_GATEWAY_CARD (till_gateway_card_get_type ())
G_DECLARE_FINAL_TYPE (TillGatewayCard, till_gateway_card, TILL, GATEWAY_CARD, GtkWidget)

GtkWidget *till_gateway_card_new (TillDesk    *desk,
                                  TillGateway *gateway);
GtkWidget *till_gateway_card_test (TillGatewayCard *self);

G_END_DECLS
