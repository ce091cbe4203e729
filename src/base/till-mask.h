/*
 * till-mask.h: what is shown of things that not everybody shall read whole
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *till_mask_phone (const char *phone) G_GNUC_WARN_UNUSED_RESULT;
char *till_mask_key (const char *key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
