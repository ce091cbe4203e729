/*
 * till-application.h: the program with a window
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-engine.h"

G_BEGIN_DECLS

int till_application_run (TillEngine *engine,
                          const char *data_dir,
                          gboolean    demo,
                          gboolean    exit_after_startup);

G_END_DECLS
