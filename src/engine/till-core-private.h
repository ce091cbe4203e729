/*
 * till-core-private.h: what the parts of the engine share, in the engine's thread
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-config.h"
#include "till-ledger.h"
#include "till-line.h"
#include "till-online.h"
#include "till-records.h"
#include "till-site.h"
#include "till-store-site.h"

G_BEGIN_DECLS

/* A meter that was read within this time is fresh. */
#define TILL_CORE_FRESH_MS (60 * 1000)

/* The operator who stands for the program itself. */
#define TILL_CORE_SYSTEM_OPERATOR "system"

typedef struct _TillCore TillCore;
typedef struct _TillCoreMeter TillCoreMeter;
typedef struct _TillDelivery TillDelivery;
typedef struct _TillSwitching TillSwitching;
typedef struct _TillWithdrawal TillWithdrawal;

/**
 * TillCoreEvents:
 *
 * What the engine tells the outside. Called in the engine's thread; the records may be kept.
 */
typedef struct
{
  void (*states)(GPtrArray *states,
                 gpointer   user_data);
  void (*order)(TillOrder *order,
                gpointer   user_data);
  void (*intent)(TillIntent *intent,
                 gpointer    user_data);
  void (*conditions)(GPtrArray *conditions,
                     gpointer   user_data);
  void (*site)(TillSite *site,
               gpointer  user_data);
  void (*stray)(TillStray *stray,
                gpointer   user_data);
  void (*refund)(TillRefund *refund,
                 gpointer    user_data);
} TillCoreEvents;

/**
 * TillCoreMeter:
 *
 * A meter as the engine knows it.
 */
struct _TillCoreMeter
{
  TillMeterSetup    *setup;
  const TillProfile *profile;
  TillLine          *line;        /* (nullable) none while offline */
  TillReading        reading;     /* all that is known, merged */
  gint64             good_us;     /* monotonic, of the last good reading; 0 for never in this run */
  TillHealth         health;
  guint              misses;
  TillMark           mark;
  gboolean           adopted;
  gboolean           adopting;
  gboolean           dirty; /* there is news to publish */

  gint64             slow_us;  /* monotonic, when identity and parameters were asked last */
  gboolean           slow_busy;
  gboolean           rolling;
  int                day; /* civil day of the day_* members, 0 for none */
  gint64             day_energy_ckwh;
  TillMoney          day_remaining;
  TillMoney          day_delivered;
  TillMoney          delivered; /* all purchases ever confirmed */

  GQueue             purchases; /* of TillIntent, purchases and refunds, open, oldest first */
  GQueue             commands;  /* of TillIntent, open, oldest first */
  TillDelivery      *delivery;  /* (nullable) of the head of purchases */
  TillWithdrawal    *withdrawal; /* (nullable) of the head of purchases, when it is a refund */
  TillSwitching     *switching; /* (nullable) of the head of commands */
  gboolean           busy;      /* a job of a delivery or a command is under way */

  gint64             keep_id; /* the intent that keeps the power on, 0 for none */
  gint64             keep_until_ms;
  char              *keep_reason;
  char              *keep_operator;
};

/**
 * TillCore:
 *
 * The engine's inside: everything here belongs to the engine's thread.
 */
struct _TillCore
{
  char                 *data_dir;
  gboolean              demo;
  gboolean              offline;
  gboolean              stopping;
  GMainContext         *context;
  TillBooks            *books;
  TillConfig           *config;
  TillSite             *site;
  GHashTable           *meters; /* id → TillCoreMeter */
  GPtrArray            *lines;  /* of TillLine */
  GHashTable           *line_states; /* line id → TillCondition, of lines that are down */
  gint64                system_operator_id;
  const TillCoreEvents *events;
  gpointer              events_data;
  GSource              *tick;
  guint                 n_ticks;
  gint64                latest_saved_us;
  gint64                started_ms;
  gboolean              simulator_gone;
  char                 *listener_fault; /* (nullable) why there is no listener */
  gpointer              historian; /* TillHistorian, owned by till-poller */
  gpointer              gateways;  /* (nullable) TillGateways, owned by till-plant */
  gpointer              refunds;   /* (nullable) TillRefunds, owned by till-plant */
  gpointer              payments;  /* (nullable) TillPayments, owned by till-plant */
  GPtrArray            *conditions; /* (nullable) of TillCondition, as told last */
  char                 *conditions_shown;
};

TillCore          *till_core_open (const char           *data_dir,
                                   gboolean              demo,
                                   gboolean              offline,
                                   const TillCoreEvents *events,
                                   gpointer              events_data,
                                   GError              **error);
void               till_core_close (TillCore *self);
gboolean           till_core_load (TillCore *self,
                                   GError  **error);
TillCoreMeter     *till_core_get_meter (TillCore *self,
                                        gint64    meter_id,
                                        GError  **error);
gboolean           till_core_is_fresh (const TillCoreMeter *meter);
gint64             till_core_possible_use (const TillCoreMeter *meter,
                                           gint64               energy_ckwh);
TillMeterState    *till_core_make_state (TillCore      *self,
                                         TillCoreMeter *meter);
gboolean           till_core_is_same_meter_no (const char *a,
                                               const char *b);
void               till_core_emit_order (TillCore   *self,
                                         const char *order_id);
void               till_core_emit_intent (TillCore *self,
                                          gint64    intent_id);
void               till_core_emit_conditions (TillCore *self);
const TillAccount *till_core_find_account (TillCore   *self,
                                           const char *tenant,
                                           GError    **error);
const TillMeter   *till_core_find_meter (TillCore   *self,
                                         const char *meter_no,
                                         GError    **error);
const TillMeter   *till_core_first_meter (TillCore *self,
                                          gint64    account_id);

G_END_DECLS
