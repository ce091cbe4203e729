/*
 * fake-engine-private.h: what the files of the engine's double share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fake-engine.h"

G_BEGIN_DECLS

struct _TillEngine
{
  GObject     parent_instance;

  TillSite   *site;
  GHashTable *states; /* id of a meter → TillMeterState */
  GPtrArray  *orders; /* of TillOrder, the oldest first */
  GPtrArray  *reviews;
  GPtrArray  *conditions;
  GHashTable *order_by_key; /* key of a sale → index into orders + 1 */
  GHashTable *timers;       /* sources that are still to run */
  gint64      next_intent;
  guint       life_id;
  FakeOnline *online;
};

enum
{
  FAKE_SITE_CHANGED,
  FAKE_STATES_CHANGED,
  FAKE_ORDER_CHANGED,
  FAKE_INTENT_CHANGED,
  FAKE_CONDITIONS_CHANGED,
  FAKE_STRAY_CHANGED,
  FAKE_REFUND_CHANGED,
  FAKE_N_SIGNALS
};

/* What a step that comes later is about. */
typedef struct
{
  TillEngine *self;
  TillOrder  *order;
  TillIntent *intent;
  guint       source_id;
} FakeStep;

void        fake_engine_emit (TillEngine *self,
                              guint       signal,
                              gpointer    record);
void        fake_engine_schedule (TillEngine *self,
                                  GSourceFunc func,
                                  TillOrder  *order,
                                  TillIntent *intent);
TillOrder  *fake_engine_copy_order (const TillOrder *from);
guint       fake_engine_find_order (TillEngine *self,
                                    const char *id);
void        fake_engine_take_order (TillEngine *self,
                                    TillOrder  *order);
TillOrder  *fake_engine_add_order (TillEngine    *self,
                                   gint64         account_id,
                                   gint64         meter_id,
                                   TillMoney      amount,
                                   TillMethod     method,
                                   TillOrderState state,
                                   gint64         at_ms);
gboolean    fake_engine_credit_order (gpointer data);

/* fake-online.c */
FakeOnline *fake_online_new (void);
void        fake_online_free (FakeOnline *online);
gboolean    fake_online_begin (TillEngine *self,
                               TillOrder  *order);

G_END_DECLS
