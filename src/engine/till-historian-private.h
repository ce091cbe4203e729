/*
 * till-historian-private.h: keeping the history of the registers
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-reading.h"

G_BEGIN_DECLS

typedef struct _TillHistorian TillHistorian;

TillHistorian *till_historian_start (const char *data_dir);
void           till_historian_take (TillHistorian     *self,
                                    const TillReading *reading);
void           till_historian_stop (TillHistorian *self);

G_END_DECLS
