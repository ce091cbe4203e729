/*
 * till-engine-private.h: the inside of the engine's object, and how its calls reach its thread
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-engine-online.h"
#include "till-plant-private.h"
#include "till-switcher-private.h"
#include "till-worker.h"

G_BEGIN_DECLS

struct _TillEngine
{
  GObject         parent_instance;

  char           *data_dir;
  TillEngineFlags flags;
  TillWorker     *worker;
  gboolean        started;

  /* in the worker's thread */
  TillPlant      *plant;

  /* in the main thread: what was told last */
  char           *portal_uri;
  TillSite       *site;
  GHashTable     *states; /* meter id → TillMeterState */
  GPtrArray      *conditions;
};

/* What a call carries into the engine's thread. One struct for all: the members a call does not
 * need stay zero. */
typedef struct
{
  TillEngine          *self;
  char                *text;
  char                *more_text;
  char                *reason;
  char               **arguments;
  char                *directory;
  TillSale             sale;
  TillCommand          command;
  TillOrderFilter      filter;
  TillDecision         decision;
  TillStrayVerdict     verdict;
  TillDifferenceAction action;
  TillMethod           method;
  gint64               account_id;
  gint64               meter_id;
  gint64               id;
  gint64               operator_id;
  TillMoney            amount;
  int                  day;
  gboolean             flag;
} TillEngineCall;

TillEngineCall *till_engine_call_new (TillEngine *self);
void            till_engine_call_free (TillEngineCall *call);
void            till_engine_call_async (TillEngine         *self,
                                        TillWorkerFunc      func,
                                        TillEngineCall     *call,
                                        GDestroyNotify      value_destroy,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
gpointer        till_engine_call_finish (TillEngine   *self,
                                         GAsyncResult *result,
                                         GError      **error);
TillCore       *till_engine_call_core (TillEngineCall *call,
                                       GTask          *task);
void            till_engine_return_record (GTask         *task,
                                           gpointer       record,
                                           GDestroyNotify unref,
                                           GError        *error);

G_END_DECLS
