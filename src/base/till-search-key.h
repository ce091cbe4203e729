/*
 * till-search-key.h: what a tenant answers to in the search box
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *till_search_key_make (const char        *shop,
                            const char        *phone,
                            const char        *tenant,
                            const char *const *meter_nos) G_GNUC_WARN_UNUSED_RESULT;
char *till_search_key_fold (const char *query) G_GNUC_WARN_UNUSED_RESULT;
int   till_search_key_rank (const char *key,
                            const char *folded_query);

G_END_DECLS
