/*
 * till-sim-store.h: the meters' memory in a file: nothing a meter did is lost when we are killed
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-site.h"

G_BEGIN_DECLS

typedef struct _TillSimStore TillSimStore;

TillSimStore *till_sim_store_open (const char  *path,
                                   TillSimSite *site,
                                   GError     **error);
gint64        till_sim_store_get_saved_ms (TillSimStore *self);
gint64        till_sim_store_get_saved_wall_ms (TillSimStore *self);
gboolean      till_sim_store_note (TillSimStore *self,
                                   TillSimMeter *meter,
                                   gboolean      purchase,
                                   GError      **error);
gboolean      till_sim_store_save (TillSimStore *self,
                                   gint64        now_ms,
                                   gint64        wall_ms,
                                   GError      **error);
void          till_sim_store_free (TillSimStore *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimStore, till_sim_store_free)

G_END_DECLS
