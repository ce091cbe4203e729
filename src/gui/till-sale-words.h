/*
 * till-sale-words.h: what the sale form says of a sale
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

char       *till_sale_words_warnings (const TillQuote *quote);
char       *till_sale_words_after (const TillQuote *quote,
                                   TillMoney        amount);
char       *till_sale_words_room (const TillQuote *quote);
char       *till_sale_words_sale (TillDesk  *desk,
                                  gint64     account_id,
                                  TillMethod method);
char       *till_sale_words_order (TillDesk  *desk,
                                   TillOrder *order);
char       *till_sale_words_paid (TillDesk  *desk,
                                  TillOrder *order);
const char *till_sale_words_refusal (TillMethod    method,
                                     const GError *error);

G_END_DECLS
