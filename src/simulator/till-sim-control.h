/*
 * till-sim-control.h: words that tell the simulator what to do
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim.h"

G_BEGIN_DECLS

typedef struct _TillSimControl TillSimControl;

char           *till_sim_control_run (TillSim    *sim,
                                      const char *command) G_GNUC_WARN_UNUSED_RESULT;
gboolean        till_sim_control_run_script (TillSim    *sim,
                                             const char *path,
                                             GError    **error);
TillSimControl *till_sim_control_open (TillSim    *sim,
                                       const char *path,
                                       GError    **error);
void            till_sim_control_free (TillSimControl *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimControl, till_sim_control_free)

G_END_DECLS
