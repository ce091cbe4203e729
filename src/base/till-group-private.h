/*
 * till-group-private.h: hundredths written with grouped thousands
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *till_group_format_hundredths (gint64 hundredths) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
