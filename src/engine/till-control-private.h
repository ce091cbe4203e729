/*
 * till-control-private.h: ctl: the socket in the data folder, and who owns the folder
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

typedef struct _TillControl TillControl;

TillControl *till_control_start (TillCore *core,
                                 GError  **error);
void         till_control_stop (TillControl *self);

G_END_DECLS
