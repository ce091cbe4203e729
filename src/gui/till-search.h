/*
 * till-search.h: finds a tenant by whatever the clerk has at hand
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-site.h"

G_BEGIN_DECLS

/**
 * TillSearchMatch:
 *
 * A tenant that answers to a query. @meter_id is the meter whose number was typed, or 0.
 */
typedef struct
{
  const TillAccount *account;
  gint64             meter_id;
  guint              rank; /* less is better */
} TillSearchMatch;

typedef struct _TillSearch TillSearch;

TillSearch *till_search_new (TillSite *site);
void        till_search_free (TillSearch *self);
guint       till_search_find (TillSearch      *self,
                              const char      *query,
                              TillSearchMatch *matches,
                              guint            n_max);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSearch, till_search_free)

G_END_DECLS
