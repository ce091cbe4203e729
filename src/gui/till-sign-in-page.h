/*
 * till-sign-in-page.h: who sits at the counter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_SIGN_IN_PAGE (till_sign_in_page_get_type ())
G_DECLARE_FINAL_TYPE (TillSignInPage, till_sign_in_page, TILL, SIGN_IN_PAGE, GtkWidget)

void till_sign_in_page_set_desk (TillSignInPage *self,
                                 TillDesk       *desk);
void till_sign_in_page_complete (TillSignInPage *self);
void till_sign_in_page_reset (TillSignInPage *self);

G_END_DECLS
