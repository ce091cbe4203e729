/*
 * till-ledger.h: the journal: double entry, only ever added to
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-money.h"
#include "till-reading.h"

G_BEGIN_DECLS

/* The ledgers (科目). Debit is positive, credit negative; the legs of an entry add up to nothing. */
#define TILL_LEDGER_CASH "1001"            /* 库存现金 */
#define TILL_LEDGER_BANK "1002"            /* 银行存款 */
#define TILL_LEDGER_POS "1012.pos"         /* 其他货币资金 */
#define TILL_LEDGER_WECHAT "1012.wechat"
#define TILL_LEDGER_ALIPAY "1012.alipay"
#define TILL_LEDGER_WAY "2203.way"         /* 预收电费：待下发, paid and on its way to the meter */
#define TILL_LEDGER_METER "2203.meter"     /* 预收电费：表内, held by the meter */
#define TILL_LEDGER_SERVER "2203.server"   /* 预收电费：台账, held by the ledger */
#define TILL_LEDGER_REFUND "2241.refund" /* 其他应付款：应退, taken back and not yet with the payer */
#define TILL_LEDGER_SUSPENSE "2241.suspense" /* 其他应付款：挂账, paid, and nobody knows what for */
#define TILL_LEDGER_TAKE_ON "3999.take-on" /* 期初接管, what meters held when they came in */
#define TILL_LEDGER_SALES "6001"           /* 售电收入, what was used */

typedef struct
{
  const char *ledger;
  gint64      account_id; /* 0: of no tenant */
  gint64      meter_id;   /* 0: of no meter */
  TillMoney   fen;
} TillLeg;

typedef struct
{
  const char *ref; /* unique: the fact this entry is about */
  const char *kind;
  gint64      at_ms;
  gint64      operator_id;
  const char *order_id;   /* (nullable) */
  const char *receipt_no; /* (nullable) */
  const char *memo;       /* (nullable) */
} TillEntry;

/**
 * TillMark:
 *
 * The registers of a meter at the moment something was booked.
 */
typedef struct
{
  gint64    at_ms;
  TillMoney remaining;
  guint32   purchase_count;
  gint64    energy_ckwh;
  gint64    period_energy_ckwh[TILL_N_PERIODS];
} TillMark;

const char *till_ledger_of_method (TillMethod method);
gboolean    till_ledger_post (TillBooks       *books,
                              const TillEntry *entry,
                              const TillLeg   *legs,
                              gsize            n_legs,
                              gint64          *entry_id,
                              GError         **error);
gboolean    till_ledger_get_balance (TillBooks  *books,
                                     const char *ledger,
                                     gint64      account_id,
                                     gint64      meter_id,
                                     TillMoney  *fen,
                                     GError    **error);
gboolean    till_ledger_get_sum (TillBooks  *books,
                                 const char *ledger,
                                 TillMoney  *fen,
                                 GError    **error);
gboolean    till_ledger_add_mark (TillBooks         *books,
                                  gint64             meter_id,
                                  const char        *kind,
                                  gint64             entry_id,
                                  const TillReading *reading,
                                  GError           **error);
gboolean    till_ledger_get_mark (TillBooks *books,
                                  gint64     meter_id,
                                  TillMark  *mark,
                                  gboolean  *found,
                                  GError   **error);
gboolean    till_ledger_verify (TillBooks *books,
                                GPtrArray *faults,
                                GError   **error);

G_END_DECLS
