/*
 * fake-engine.h: a double of the engine: a made-up site, and time in the test's hand
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-engine-online.h"

G_BEGIN_DECLS

/* How the double behaves; set before or between calls. Main thread. */
typedef struct
{
  guint                n_shops; /* in all, over three buildings */
  guint                delay_ms; /* until an order or a command goes a step further */
  gboolean             fail_commands; /* relay commands are refused by the meter */
  gboolean             refuse_quotes; /* every quote is beyond the cap */
  gboolean             fail_next_sale; /* the next sale is made, but its answer is lost */
  guint                n_sales; /* sales made, each key once */
  guint                n_sell_calls;
  guint                n_decisions;
  TillDecision         last_decision;
  guint                n_prints;

  /* online payments */
  gboolean             no_gateways; /* none of them is set up */
  gboolean             silent_gateway; /* nothing is answered: no code comes */
  gboolean             refuse_codes; /* the gateway refuses to make a code */
  gboolean             faster_payer; /* whoever gives a code up finds it paid */
  gboolean             slow_close; /* a code that is given up stays so for a delay */
  gboolean             stuck_refunds; /* refunds end in REVIEW */
  gboolean             refuse_refunds;
  gboolean             no_bill; /* the bill of the day is not there yet */
  guint                n_cancels;
  guint                n_checks;
  guint                n_refunds;
  TillMoney            last_refund;
  guint                n_verdicts;
  TillStrayDecision    last_verdict;
  gint64               last_account;
  guint                n_matches;
  int                  last_day;
  guint                n_acts;
  TillDifferenceAction last_act;
} FakeEngineScript;

typedef struct _FakeOnline FakeOnline;

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

/* fake-online.c: what happens at the gateway */
void fake_online_pay (TillEngine *self,
                      const char *order_id);
void fake_online_expire (TillEngine *self,
                         const char *order_id);
void fake_online_add_history (TillEngine *self);
void fake_online_add_strays (TillEngine *self);
void fake_online_add_stuck_refund (TillEngine *self);

G_END_DECLS
