/*
 * till-sim-load.h: what a shop takes from the grid in the course of its days
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TILL_SIM_N_SHOP_KINDS 6

guint64     till_sim_mix (guint64 seed,
                          guint64 value);
guint64     till_sim_mix_text (guint64     seed,
                               const char *text);
guint       till_sim_shop_kind_of (const char *name);
const char *till_sim_shop_kind_get_name (guint kind);
gint64      till_sim_load_get_w (guint   shop_kind,
                                 gint64  peak_w,
                                 guint64 seed,
                                 gint64  minute);

G_END_DECLS
