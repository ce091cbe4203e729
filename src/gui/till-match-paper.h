/*
 * till-match-paper.h: the match of a day, for spreadsheets and for the file of the office
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-online.h"

G_BEGIN_DECLS

gboolean till_match_paper_write (TillReconciliation *match,
                                 const char         *site_name,
                                 gboolean            demo,
                                 const char         *path,
                                 GError            **error);

G_END_DECLS
