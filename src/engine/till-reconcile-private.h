/*
 * till-reconcile-private.h: the daily match with a gateway's bill
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

void                till_reconcile_day (TillCore   *core,
                                        TillMethod  method,
                                        int         day,
                                        const char *path,
                                        gint64      operator_id,
                                        GTask      *task);
GPtrArray          *till_reconcile_list (TillCore *core,
                                         GError  **error);
TillReconciliation *till_reconcile_get (TillCore *core,
                                        gint64    id,
                                        GError  **error);
void                till_reconcile_act (TillCore            *core,
                                        gint64               difference_id,
                                        TillDifferenceAction action,
                                        const char          *reason,
                                        gint64               operator_id,
                                        GTask               *task);

G_END_DECLS
