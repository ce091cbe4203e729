/*
 * fake-site.h: the made-up site of the engine's double
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-records.h"
#include "till-site.h"

G_BEGIN_DECLS

/* What is made: the site, and a state for each of its meters. */
typedef struct
{
  TillSite   *site;
  GHashTable *states; /* id of a meter → TillMeterState */
} FakeSite;

void fake_site_build (FakeSite *self,
                      guint     n_shops);

G_END_DECLS
