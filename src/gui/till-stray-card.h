/*
 * till-stray-card.h: a payment in suspense, and what may become of it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_STRAY_CARD (till_stray_card_get_type ())
G_DECLARE_FINAL_TYPE (TillStrayCard, till_stray_card, TILL, STRAY_CARD, GtkWidget)

GtkWidget *till_stray_card_new (TillDesk  *desk,
                                TillStray *stray);
TillStray *till_stray_card_get_stray (TillStrayCard *self);
GtkWidget *till_stray_card_ask (TillStrayCard    *self,
                                TillStrayDecision decision);

G_END_DECLS
