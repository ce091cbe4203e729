/*
 * till-sim-describe.h: meters and lines as JSON
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-line.h"

G_BEGIN_DECLS

char *till_sim_json_quote (const char *text) G_GNUC_WARN_UNUSED_RESULT;
void  till_sim_describe_meter (TillSim      *sim,
                               TillSimMeter *meter,
                               gboolean      whole,
                               GString      *out);
void  till_sim_describe_stats (TillSimLine *line,
                               GString     *out);
void  till_sim_describe_lines (TillSim *sim,
                               GString *out);

G_END_DECLS
