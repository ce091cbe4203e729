/*
 * till-review-card.h: both sides of one purchase that could not be settled
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_REVIEW_CARD (till_review_card_get_type ())
G_DECLARE_FINAL_TYPE (TillReviewCard, till_review_card, TILL, REVIEW_CARD, GtkWidget)

GtkWidget *till_review_card_new (TillDesk   *desk,
                                 TillIntent *intent);
GtkWidget *till_review_card_ask (TillReviewCard *self,
                                 TillDecision    decision);

G_END_DECLS
