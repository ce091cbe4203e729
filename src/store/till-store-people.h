/*
 * till-store-people.h: operators and settings
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-records.h"

G_BEGIN_DECLS

gboolean      till_store_add_operator (TillBooks  *books,
                                       const char *name,
                                       const char *display_name,
                                       TillRole    role,
                                       const char *password_hash,
                                       gint64     *id,
                                       GError    **error);
gboolean      till_store_find_operator (TillBooks     *books,
                                        const char    *name,
                                        TillOperator **person,
                                        char         **password_hash,
                                        GError       **error);
TillOperator *till_store_get_operator (TillBooks *books,
                                       gint64     id,
                                       GError   **error);
GPtrArray    *till_store_list_operators (TillBooks *books,
                                         GError   **error);
gboolean      till_store_set_setting (TillBooks  *books,
                                      const char *key,
                                      const char *value,
                                      GError    **error);
gboolean      till_store_load_settings (TillBooks  *books,
                                        GHashTable *values,
                                        GError    **error);

G_END_DECLS
