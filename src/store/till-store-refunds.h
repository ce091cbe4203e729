/*
 * till-store-refunds.h: refunds, and how far they have come
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-online.h"

G_BEGIN_DECLS

/* The terms of a new refund: of an order, or of a payment in suspense. */
typedef struct
{
  const char    *no;
  const char    *order_id; /* (nullable) */
  gint64         stray_id; /* 0 for an order */
  gint64         intent_id; /* 0 when no meter has to give anything back */
  gint64         account_id;
  gint64         meter_id;
  TillMethod     method;
  const char    *attempt_no; /* (nullable) of an online payment */
  TillMoney      total;
  TillMoney      amount;
  const char    *reason;
  gint64         operator_id;
  gint64         created_ms;
  TillRefundStep step;
} TillRefundTermsRow;

gboolean    till_store_add_refund (TillBooks                *books,
                                   const TillRefundTermsRow *terms,
                                   GError                  **error);
TillRefund *till_store_get_refund (TillBooks  *books,
                                   const char *no,
                                   GError    **error);
gboolean    till_store_find_refund_of_intent (TillBooks   *books,
                                              gint64       intent_id,
                                              TillRefund **refund,
                                              GError     **error);
GPtrArray  *till_store_list_refunds (TillBooks  *books,
                                     const char *order_id,
                                     GError    **error);
gboolean    till_store_sum_refunds (TillBooks  *books,
                                    const char *order_id,
                                    TillMoney  *fen,
                                    guint      *n,
                                    GError    **error);
gboolean    till_store_get_refund_source (TillBooks  *books,
                                          const char *no,
                                          char      **attempt_no,
                                          TillMoney  *total,
                                          GError    **error);
gboolean    till_store_move_refund (TillBooks      *books,
                                    const char     *no,
                                    TillRefundStep  from,
                                    TillRefundStep  to,
                                    TillRefundState gateway_state,
                                    const char     *message,
                                    GError        **error);

G_END_DECLS
