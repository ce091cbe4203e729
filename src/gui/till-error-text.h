/*
 * till-error-text.h: an error, in a sentence for the clerk
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

const char *till_error_text (const GError *error);
const char *till_error_text_for_rule (int code);

G_END_DECLS
