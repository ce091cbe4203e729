/*
 * till-jobs-private.h: asking the line on behalf of a meter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

/**
 * TillJobDone:
 * @core: the core
 * @meter: the meter that was asked
 * @job: what came back; freed afterwards
 * @data: what was handed to till_jobs_submit()
 *
 * Called in the engine's thread.
 */
typedef void (*TillJobDone) (TillCore      *core,
                             TillCoreMeter *meter,
                             TillJob       *job,
                             gpointer       data);

TillJob *till_jobs_new_look (TillCoreMeter  *meter,
                             TillJobPriority priority,
                             gboolean        parameters);
void     till_jobs_add_look (TillCoreMeter *meter,
                             TillJob       *job,
                             gboolean       parameters);
gboolean till_jobs_submit (TillCore      *core,
                           TillCoreMeter *meter,
                           TillJob       *job,
                           TillJobDone    done,
                           gpointer       data,
                           GDestroyNotify destroy,
                           GError       **error);
void     till_jobs_finish (TillCore *core,
                           TillJob  *job);

G_END_DECLS
