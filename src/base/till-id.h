/*
 * till-id.h: numbers of orders and receipts, and the keys that make a sale happen once
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TILL_ID_KEY_MAX 64
#define TILL_ID_ORDER_MAX 32

char    *till_id_new_key (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean till_id_key_is_valid (const char *key);
char    *till_id_new_order (gint64 at_ms) G_GNUC_WARN_UNUSED_RESULT;
char    *till_id_format_receipt (int    year,
                                 gint64 number) G_GNUC_WARN_UNUSED_RESULT;
gboolean till_id_parse_receipt (const char *text,
                                int        *year,
                                gint64     *number);

G_END_DECLS
