/*
 * till-audit.h: who did what when, in a chain
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"

G_BEGIN_DECLS

gboolean till_audit_add (TillBooks  *books,
                         const char *operator_name,
                         const char *action,
                         const char *subject,
                         const char *detail,
                         GError    **error);
gboolean till_audit_verify (TillBooks *books,
                            GPtrArray *faults,
                            GError   **error);

G_END_DECLS
