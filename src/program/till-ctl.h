/*
 * till-ctl.h: the black-box interface on the command line
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

int till_ctl_run (int   argc,
                  char *argv[]);

G_END_DECLS
