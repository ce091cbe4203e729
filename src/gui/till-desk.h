/*
 * till-desk.h: what all pages of the window share: the engine, the site, and who is signed in
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-codes.h"
#include "till-engine.h"
#include "till-site-model.h"

G_BEGIN_DECLS

#define TILL_TYPE_DESK (till_desk_get_type ())
G_DECLARE_FINAL_TYPE (TillDesk, till_desk, TILL, DESK, GObject)

TillDesk *till_desk_new (TillEngine *engine,
                         const char *data_dir,
                         gboolean demo);
TillEngine    *till_desk_get_engine (TillDesk *self);
TillSiteModel *till_desk_get_model (TillDesk *self);
TillCodes     *till_desk_get_codes (TillDesk *self);
const char    *till_desk_get_data_dir (TillDesk *self);
gboolean       till_desk_is_demo (TillDesk *self);
void           till_desk_set_operator (TillDesk     *self,
                                       TillOperator *operator_);
TillOperator  *till_desk_get_operator (TillDesk *self);
gint64         till_desk_get_operator_id (TillDesk *self);
gboolean       till_desk_may_sell (TillDesk *self);
gboolean       till_desk_may_command (TillDesk *self);
gboolean       till_desk_may_decide (TillDesk *self);
TillIntent    *till_desk_get_last_command (TillDesk *self,
                                           gint64    meter_id);
void           till_desk_say (TillDesk   *self,
                              const char *text);

G_END_DECLS
