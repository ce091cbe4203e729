/*
 * till-store-online.h: attempts to pay through a gateway, and payments in suspense
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-online.h"

G_BEGIN_DECLS

/**
 * TillAttempt:
 *
 * An attempt to have an order paid through a gateway.
 */
typedef struct
{
  char            *no;
  char            *order_id; /* (nullable) none for the test of a gateway */
  TillMethod       method;
  TillTradeKind    kind;
  TillMoney        amount;
  gint64           created_ms;
  gint64           expires_ms;
  TillAttemptState state;
  char            *code;       /* (nullable) what the payer scans, or opens */
  gint64           noticed_ms; /* when a notice of it came, 0 for never */
  char            *message;    /* (nullable) the last fault */
} TillAttempt;

/* A genuine payment that is not credited. */
typedef struct
{
  const TillTrade *trade;
  const char      *order_id; /* (nullable) */
  gint64           received_ms;
  TillStrayReason  reason;
  gboolean         booked;
} TillStrayTerms;

void       till_attempt_free (TillAttempt *self);
gboolean   till_store_add_attempt (TillBooks         *books,
                                   const TillAttempt *attempt,
                                   GError           **error);
gboolean   till_store_find_attempt (TillBooks    *books,
                                    const char   *no,
                                    TillAttempt **attempt,
                                    GError      **error);
gboolean   till_store_find_attempt_of_order (TillBooks    *books,
                                             const char   *order_id,
                                             TillAttempt **attempt,
                                             GError      **error);
GPtrArray *till_store_list_open_attempts (TillBooks *books,
                                          GError   **error);
gboolean   till_store_set_attempt_code (TillBooks  *books,
                                        const char *no,
                                        const char *code,
                                        GError    **error);
gboolean   till_store_move_attempt (TillBooks       *books,
                                    const char      *no,
                                    TillAttemptState to,
                                    const char      *message,
                                    GError         **error);
gboolean   till_store_note_attempt (TillBooks  *books,
                                    const char *no,
                                    gint64      noticed_ms,
                                    GError    **error);

gboolean   till_store_has_payment (TillBooks  *books,
                                   TillMethod  method,
                                   const char *txn,
                                   gboolean   *found,
                                   GError    **error);
GPtrArray *till_store_list_payments (TillBooks  *books,
                                     const char *order_id,
                                     GError    **error);

gboolean   till_store_add_stray (TillBooks            *books,
                                 const TillStrayTerms *terms,
                                 gint64               *id,
                                 GError              **error);
TillStray *till_store_get_stray (TillBooks *books,
                                 gint64     id,
                                 GError   **error);
GPtrArray *till_store_list_strays (TillBooks *books,
                                   gboolean   all,
                                   GError   **error);
gboolean   till_store_count_strays (TillBooks *books,
                                    guint     *n_open,
                                    GError   **error);
gboolean   till_store_move_stray (TillBooks     *books,
                                  gint64         id,
                                  TillStrayState from,
                                  TillStrayState to,
                                  gint64         operator_id,
                                  const char    *message,
                                  const char    *new_order_id,
                                  GError       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillAttempt, till_attempt_free)

G_END_DECLS
