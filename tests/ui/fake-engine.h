/*
 * fake-engine.h: a double of the engine: a made-up site, and time in the test's hand
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-engine.h"

G_BEGIN_DECLS

/* How the double behaves; set before or between calls. Main thread. */
typedef struct
{
  guint        n_shops;   /* in all, over three buildings */
  guint        delay_ms;  /* until an order or a command goes a step further */
  gboolean     fail_commands; /* relay commands are refused by the meter */
  gboolean     refuse_quotes; /* every quote is beyond the cap */
  gboolean     fail_next_sale; /* the next sale is made, but its answer is lost */
  guint        n_sales;   /* sales made, each key once */
  guint        n_sell_calls;
  guint        n_decisions;
  TillDecision last_decision;
  guint        n_prints;
} FakeEngineScript;

extern FakeEngineScript fake_engine_script;

void fake_engine_set_health (TillEngine *self,
                             gint64      meter_id,
                             TillHealth  health);
void fake_engine_set_remaining (TillEngine *self,
                                gint64      meter_id,
                                TillMoney   remaining);
void fake_engine_start_life (TillEngine *self);
void fake_engine_set_conditions (TillEngine *self,
                                 gboolean    many);

G_END_DECLS
