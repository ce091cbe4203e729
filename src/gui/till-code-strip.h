/*
 * till-code-strip.h: the codes that wait while the clerk goes on
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_CODE_STRIP (till_code_strip_get_type ())
G_DECLARE_FINAL_TYPE (TillCodeStrip, till_code_strip, TILL, CODE_STRIP, GtkWidget)

void  till_code_strip_set_desk (TillCodeStrip *self,
                                TillDesk      *desk);
guint till_code_strip_get_n_codes (TillCodeStrip *self);

G_END_DECLS
