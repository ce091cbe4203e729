/*
 * till-plant-private.h: everything the engine's thread owns, put together and taken apart
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"
#include "till-engine.h"

G_BEGIN_DECLS

typedef struct _TillPlant TillPlant;

TillPlant  *till_plant_open (const char           *data_dir,
                             TillEngineFlags       flags,
                             const TillCoreEvents *events,
                             gpointer              events_data,
                             GError              **error);
void        till_plant_close (TillPlant *self);
TillCore   *till_plant_get_core (TillPlant *self);
const char *till_plant_get_portal_uri (TillPlant *self);

G_END_DECLS
