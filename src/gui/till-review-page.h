/*
 * till-review-page.h: what a person has to decide about
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_REVIEW_PAGE (till_review_page_get_type ())
G_DECLARE_FINAL_TYPE (TillReviewPage, till_review_page, TILL, REVIEW_PAGE, GtkWidget)

void  till_review_page_set_desk (TillReviewPage *self,
                                 TillDesk       *desk);
guint till_review_page_get_n_reviews (TillReviewPage *self);

G_END_DECLS
