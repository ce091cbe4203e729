/*
 * till-refund-card.h: a refund that needs a person
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_REFUND_CARD (till_refund_card_get_type ())
G_DECLARE_FINAL_TYPE (TillRefundCard, till_refund_card, TILL, REFUND_CARD, GtkWidget)

GtkWidget *till_refund_card_new (TillDesk   *desk,
                                 TillRefund *refund);

G_END_DECLS
