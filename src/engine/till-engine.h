/*
 * till-engine.h: the whole system behind one door
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-records.h"
#include "till-site.h"

G_BEGIN_DECLS

/**
 * TillEngine:
 *
 * Everything that is not a window: books, lines, listener, and the thread that decides. The object
 * itself lives in the thread that made it (the main thread); its signals are emitted there, and the
 * async functions call back there. Nothing here blocks, but for till_engine_stop().
 *
 * Signals (all with one argument beside the engine):
 * - `site-changed` (TillSite *): the tree was loaded or changed
 * - `states-changed` (GPtrArray of TillMeterState *): these meters have news, at most once a
 * second each
 * - `order-changed` (TillOrder *): a sale went a step further
 * - `intent-changed` (TillIntent *): a command went a step further
 * - `conditions-changed` (GPtrArray of TillCondition *): all that stands now
 */
#define TILL_TYPE_ENGINE (till_engine_get_type ())
G_DECLARE_FINAL_TYPE (TillEngine, till_engine, TILL, ENGINE, GObject)

/**
 * TillEngineFlags:
 * @TILL_ENGINE_FLAGS_NONE: the whole system
 * @TILL_ENGINE_FLAGS_DEMO: a simulated site, made when the folder is empty
 * @TILL_ENGINE_FLAGS_OFFLINE: books only: no lines, no listener (ctl while no instance runs)
 */
typedef enum
{
  TILL_ENGINE_FLAGS_NONE = 0,
  TILL_ENGINE_FLAGS_DEMO = 1 << 0,
  TILL_ENGINE_FLAGS_OFFLINE = 1 << 1,
} TillEngineFlags;

TillEngine     *till_engine_new (const char     *data_dir,
                                 TillEngineFlags flags);
void            till_engine_start_async (TillEngine         *self,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
gboolean        till_engine_start_finish (TillEngine   *self,
                                          GAsyncResult *result,
                                          GError      **error);
void            till_engine_stop (TillEngine *self);
const char     *till_engine_get_portal_uri (TillEngine *self);

/* What is known now; main thread, no waiting. */
TillSite       *till_engine_get_site (TillEngine *self);
TillMeterState *till_engine_get_state (TillEngine *self,
                                       gint64      meter_id);
GPtrArray      *till_engine_get_conditions (TillEngine *self);

/* People. */
void            till_engine_sign_in_async (TillEngine         *self,
                                           const char         *name,
                                           const char         *password,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            user_data);
TillOperator   *till_engine_sign_in_finish (TillEngine   *self,
                                            GAsyncResult *result,
                                            GError      **error);

/* Sales. */
void            till_engine_quote_async (TillEngine         *self,
                                         gint64              account_id,
                                         gint64              meter_id,
                                         TillMoney           amount,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
TillQuote      *till_engine_quote_finish (TillEngine   *self,
                                          GAsyncResult *result,
                                          GError      **error);

/**
 * TillSale:
 *
 * What a clerk sells. @key is made once when the form opens: the same key is the same sale, however
 * often it is sent. @meter_id 0 means the account's first meter.
 */
typedef struct
{
  const char *key;
  gint64      account_id;
  gint64      meter_id;
  TillMoney   amount;
  TillMethod  method;
  gint64      operator_id;
} TillSale;

void       till_engine_sell_async (TillEngine         *self,
                                   const TillSale     *sale,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);
TillOrder *till_engine_sell_finish (TillEngine   *self,
                                    GAsyncResult *result,
                                    GError      **error);

/**
 * TillOrderFilter:
 *
 * Which sales to list, newest first. 0 and %NULL do not filter.
 */
typedef struct
{
  gint64      account_id;
  gint64      operator_id;
  gint64      from_ms;
  gint64      to_ms;
  const char *order_or_receipt; /* an order's id or a receipt's number */
  guint       limit;            /* 0 means 200 */
} TillOrderFilter;

void         till_engine_list_orders_async (TillEngine            *self,
                                            const TillOrderFilter *filter,
                                            GCancellable          *cancellable,
                                            GAsyncReadyCallback    callback,
                                            gpointer               user_data);
GPtrArray   *till_engine_list_orders_finish (TillEngine   *self,
                                             GAsyncResult *result,
                                             GError      **error);
/* The receipt of a paid order; with @printing it counts as printed (first print or reprint 补打). */
void         till_engine_get_receipt_async (TillEngine         *self,
                                            const char         *order_id,
                                            gboolean            printing,
                                            gint64              operator_id,
                                            GCancellable       *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer            user_data);
TillReceipt *till_engine_get_receipt_finish (TillEngine   *self,
                                             GAsyncResult *result,
                                             GError      **error);

/* Remote control. @kind is TRIP, AUTO or KEEP; @until_ms is needed for KEEP. Answers when the
 * intent is durable; how it ends comes by `intent-changed`. */
void         till_engine_command_async (TillEngine         *self,
                                        gint64              meter_id,
                                        TillIntentKind      kind,
                                        const char         *reason,
                                        gint64              until_ms,
                                        gint64              operator_id,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
TillIntent     *till_engine_command_finish (TillEngine   *self,
                                            GAsyncResult *result,
                                            GError      **error);

/* A look at the meter now, at a person's priority. */
void            till_engine_read_meter_async (TillEngine         *self,
                                              gint64              meter_id,
                                              GCancellable       *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer            user_data);
TillMeterState *till_engine_read_meter_finish (TillEngine   *self,
                                               GAsyncResult *result,
                                               GError      **error);

/* Purchases in REVIEW: all open ones as TillIntent; and the decision of a person. */
void            till_engine_list_reviews_async (TillEngine         *self,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);
GPtrArray      *till_engine_list_reviews_finish (TillEngine   *self,
                                                 GAsyncResult *result,
                                                 GError      **error);
void            till_engine_decide_async (TillEngine         *self,
                                          gint64              intent_id,
                                          TillDecision        decision,
                                          const char         *reason,
                                          gint64              operator_id,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
TillIntent     *till_engine_decide_finish (TillEngine   *self,
                                           GAsyncResult *result,
                                           GError      **error);

/* The black-box verbs (architecture.md 7), as ctl and the window's tools use them: @arguments is
 * the words after `ctl`, @password comes from outside, and so does @new_password of an operator
 * that is added. Answers JSON lines and an exit code. */
void            till_engine_verb_async (TillEngine         *self,
                                        const char *const  *arguments,
                                        const char         *operator_name,
                                        const char         *password,
                                        const char         *new_password,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
char           *till_engine_verb_finish (TillEngine   *self,
                                         GAsyncResult *result,
                                         int          *exit_code,
                                         GError      **error);

G_END_DECLS
