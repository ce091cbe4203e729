/*
 * till-store-orders.h: orders, payments and receipts
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-records.h"

G_BEGIN_DECLS

/* The terms of a new order. */
typedef struct
{
  const char *id;
  const char *key;
  gint64      account_id;
  gint64      meter_id; /* 0 for a server-held account */
  TillMoney   amount;
  TillMethod  method;
  gint64      operator_id;
  gint64      created_ms;
} TillOrderTerms;

typedef struct
{
  gint64      account_id;
  gint64      operator_id;
  gint64      from_ms;
  gint64      to_ms;
  const char *order_or_receipt;
  guint       limit;
} TillOrderQuery;

gboolean   till_store_add_order (TillBooks            *books,
                                 const TillOrderTerms *terms,
                                 TillOrderState        state,
                                 GError              **error);
gboolean   till_store_find_order_key (TillBooks  *books,
                                      const char *key,
                                      TillOrder **order,
                                      GError    **error);
TillOrder *till_store_get_order (TillBooks  *books,
                                 const char *id,
                                 GError    **error);
GPtrArray *till_store_list_orders (TillBooks            *books,
                                   const TillOrderQuery *query,
                                   GError              **error);
gboolean   till_store_move_order (TillBooks     *books,
                                  const char    *id,
                                  TillOrderState from,
                                  TillOrderState to,
                                  gint64         at_ms,
                                  const char    *message,
                                  GError       **error);
gboolean   till_store_add_payment (TillBooks  *books,
                                   TillMethod  channel,
                                   const char *txn,
                                   const char *order_id,
                                   TillMoney   amount,
                                   gint64      received_ms,
                                   gboolean    credited,
                                   GBytes     *raw,
                                   GError    **error);
char    *till_store_take_receipt_no (TillBooks  *books,
                                     const char *order_id,
                                     gint64      at_ms,
                                     GError    **error);
gboolean till_store_add_copy (TillBooks  *books,
                              const char *order_id,
                              gint64      operator_id,
                              guint      *copy,
                              GError    **error);

G_END_DECLS
