/*
 * till-store-reconcile.h: the daily match with the gateways' bills, as it is kept
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-online.h"

G_BEGIN_DECLS

/* What the books have of a payment or refund at a gateway. */
typedef struct
{
  char     *attempt_no;
  char     *txn;       /* of the payment */
  char     *refund_no; /* (nullable) of a refund */
  char     *order_id;  /* (nullable) */
  TillMoney amount;
  gint64    at_ms;
} TillGatewayFact;

void                till_gateway_fact_free (TillGatewayFact *self);
GPtrArray          *till_store_list_gateway_facts (TillBooks *books,
                                                   TillMethod method,
                                                   gint64     from_ms,
                                                   gint64     to_ms,
                                                   GError   **error);
gboolean            till_store_find_gateway_fact (TillBooks        *books,
                                                  TillMethod        method,
                                                  const char       *txn,
                                                  const char       *refund_no,
                                                  TillGatewayFact **fact,
                                                  GError          **error);
gboolean            till_store_put_reconciliation (TillBooks          *books,
                                                   TillReconciliation *match,
                                                   gint64              operator_id,
                                                   GError            **error);
TillReconciliation *till_store_get_reconciliation (TillBooks *books,
                                                   gint64     id,
                                                   GError   **error);
GPtrArray          *till_store_list_reconciliations (TillBooks *books,
                                                     GError   **error);
gboolean            till_store_find_difference (TillBooks *books,
                                                gint64     difference_id,
                                                gint64    *match_id,
                                                GError   **error);
gboolean            till_store_act_on_difference (TillBooks           *books,
                                                  gint64               id,
                                                  TillDifferenceAction action,
                                                  const char          *outcome,
                                                  gint64               operator_id,
                                                  GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillGatewayFact, till_gateway_fact_free)

G_END_DECLS
