/*
 * till-decision-private.h: a person decides about a purchase in REVIEW
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

void till_decision_make (TillCore    *core,
                         gint64       intent_id,
                         TillDecision decision,
                         const char  *reason,
                         gint64       operator_id,
                         GTask       *task);

G_END_DECLS
