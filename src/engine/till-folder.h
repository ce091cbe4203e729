/*
 * till-folder.h: the data folder: whose it is, and how ctl reaches its owner
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TillFolder TillFolder;

char           *till_folder_default (gboolean demo);
TillFolder     *till_folder_take (const char *data_dir,
                                  GError    **error);
void            till_folder_release (TillFolder *self);
char           *till_folder_control_path (const char *data_dir);
GSocketAddress *till_folder_control_address (const char *data_dir,
                                             GError    **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillFolder, till_folder_release)

G_END_DECLS
