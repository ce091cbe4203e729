/*
 * till-command-dialog.h: trip, back to automatic, keep power: asked for and sent
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

GtkWidget *till_command_dialog_new (TillDesk      *desk,
                                    TillNode      *node,
                                    TillIntentKind kind);

G_END_DECLS
