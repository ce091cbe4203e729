/*
 * till-profile.h: the register map of a kind of meter, read from a file
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-reading.h"
#include "till-request.h"

G_BEGIN_DECLS

typedef struct _TillProfile TillProfile;

/**
 * TillProfileFeature:
 *
 * What meters of this profile can do.
 */
typedef enum
{
  TILL_PROFILE_FEATURE_RELAY = 1 << 0,    /* has a relay and the force-control word */
  TILL_PROFILE_FEATURE_PREPAID = 1 << 1,  /* holds the money and takes purchases (FC 0x20) */
  TILL_PROFILE_FEATURE_CLOCK = 1 << 2,    /* its clock can be set */
  TILL_PROFILE_FEATURE_IDENTITY = 1 << 3, /* its meter number can be read */
} TillProfileFeature;

TillProfile       *till_profile_load (const char *path,
                                      GError    **error);
const TillProfile *till_profile_get (const char *name,
                                     GError    **error);
GPtrArray         *till_profile_list_names (void);
void               till_profile_set_own_dir (const char *dir);
void               till_profile_free (TillProfile *self);
const char        *till_profile_get_name (const TillProfile *self);
const char        *till_profile_get_title (const TillProfile *self);
guint              till_profile_get_features (const TillProfile *self);
TillCountRule      till_profile_get_count_rule (const TillProfile *self);
gint64             till_profile_get_register_modulo (const TillProfile *self);
guint              till_profile_get_tariff_number (const TillProfile *self,
                                                   TillPeriod         period);

/* The reads of a kind: each fills at most TILL_JOB_REQUESTS_MAX requests and returns how many. */
guint              till_profile_plan_state (const TillProfile *self,
                                            TillRequest       *requests);
guint              till_profile_plan_identity (const TillProfile *self,
                                               TillRequest       *requests);
guint              till_profile_plan_parameters (const TillProfile *self,
                                                 TillRequest       *requests);
gboolean           till_profile_decode (const TillProfile *self,
                                        const TillRequest *requests,
                                        guint              n_requests,
                                        TillReading       *reading,
                                        GError           **error);

/* The commands. */
gboolean           till_profile_make_remaining (const TillProfile *self,
                                                TillMoney          remaining,
                                                TillRequest       *request,
                                                GError           **error);
gboolean           till_profile_make_purchase (const TillProfile *self,
                                               TillMoney          amount,
                                               guint16            new_count,
                                               TillRequest       *request,
                                               GError           **error);
gboolean           till_profile_make_force (const TillProfile *self,
                                            TillForce          force,
                                            TillRequest       *request,
                                            GError           **error);
gboolean           till_profile_make_clock (const TillProfile *self,
                                            gint64             at_ms,
                                            TillRequest       *request,
                                            GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillProfile, till_profile_free)

G_END_DECLS
