/*
 * till-switcher-private.h: trip, back to automatic, keep power
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

/* What a person wants of a relay. */
typedef struct
{
  gint64         meter_id;
  TillIntentKind kind;
  const char    *reason;
  gint64         until_ms;
  gint64         operator_id;
} TillCommand;

void     till_switcher_command (TillCore          *core,
                                const TillCommand *command,
                                GTask             *task);
gboolean till_switcher_step (TillCore      *core,
                             TillCoreMeter *meter);
void     till_switcher_tick (TillCore *core);
void     till_switcher_set_kept (TillCoreMeter    *meter,
                                 const TillIntent *intent);
void     till_switching_free (TillSwitching *self);

G_END_DECLS
