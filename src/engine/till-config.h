/*
 * till-config.h: the settings of a site: which there are, what they may be
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-types.h"

G_BEGIN_DECLS

/**
 * TillConfig:
 *
 * The settings as they are now. A table of texts, always valid, defaults filled in.
 */
typedef struct _TillConfig TillConfig;

TillConfig *till_config_new (GHashTable *values);
void        till_config_free (TillConfig *self);
gboolean    till_config_set (TillConfig *self,
                             const char *key,
                             const char *value,
                             GError    **error);
const char *till_config_get (TillConfig *self,
                             const char *key);
gint64      till_config_get_int (TillConfig *self,
                                 const char *key);
gboolean    till_config_check (const char *key,
                               const char *value,
                               GError    **error);
GStrv       till_config_list_keys (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillConfig, till_config_free)

G_END_DECLS
