/*
 * till-store-intents.h: what meters are told, and how far it has come
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-records.h"

G_BEGIN_DECLS

/* The terms of a new intent. */
typedef struct
{
  TillIntentKind kind;
  gint64         meter_id;
  gint64         operator_id;
  const char    *order_id; /* (nullable) */
  const char    *reason;   /* (nullable) */
  gint64         until_ms;
  TillMoney      amount;
} TillIntentTerms;

gboolean    till_store_add_intent (TillBooks             *books,
                                   const TillIntentTerms *terms,
                                   gint64                *id,
                                   GError               **error);
TillIntent *till_store_get_intent (TillBooks *books,
                                   gint64     id,
                                   GError   **error);
GPtrArray  *till_store_list_open (TillBooks *books,
                                  gboolean   reviews_only,
                                  GError   **error);
GPtrArray  *till_store_list_kept (TillBooks *books,
                                  GError   **error);
gboolean    till_store_get_delivered (TillBooks *books,
                                      gint64     meter_id,
                                      TillMoney *fen,
                                      GError   **error);
gboolean    till_store_mark_sending (TillBooks         *books,
                                     gint64             id,
                                     const TillReading *before,
                                     guint32            count_new,
                                     GError           **error);
gboolean    till_store_mark_unknown (TillBooks  *books,
                                     gint64      id,
                                     const char *message,
                                     GError    **error);
gboolean    till_store_mark_resent (TillBooks *books,
                                    gint64     id,
                                    GError   **error);
gboolean    till_store_settle_intent (TillBooks         *books,
                                      gint64             id,
                                      TillIntentState    from,
                                      TillIntentState    to,
                                      const TillReading *after,
                                      const char        *message,
                                      GError           **error);

G_END_DECLS
