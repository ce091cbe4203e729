/*
 * till-cashier-private.h: taking money: the quote, the sale, and the one settle()
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"
#include "till-engine.h"

G_BEGIN_DECLS

/**
 * TillSettlement:
 *
 * Money that came in for an order, from whichever door.
 */
typedef struct
{
  const char *order_id;
  gint64      account_id;
  gint64      meter_id; /* 0 for a server-held account */
  TillMoney   amount;
  TillMethod  method;
  const char *txn; /* the number of the transaction in its channel */
  GBytes     *raw; /* (nullable) the octets that prove it */
  gint64      operator_id;
  const char *operator_name;
  gint64      at_ms;
  gboolean    from_suspense; /* the money is in the books already, in suspense */
} TillSettlement;

gboolean     till_settle (TillCore             *core,
                          const TillSettlement *settlement,
                          gint64               *intent_id,
                          GError              **error);
gboolean     till_cashier_find_meter (TillCore *core,
                                      gint64    account_id,
                                      gint64   *meter_id,
                                      GError  **error);
TillQuote   *till_cashier_quote (TillCore *core,
                                 gint64    account_id,
                                 gint64    meter_id,
                                 TillMoney amount,
                                 GError  **error);
void         till_cashier_sell (TillCore       *core,
                                const TillSale *sale,
                                GTask          *task);
TillReceipt *till_cashier_receipt (TillCore   *core,
                                   const char *order_id,
                                   gboolean    printing,
                                   gint64      operator_id,
                                   GError    **error);

G_END_DECLS
