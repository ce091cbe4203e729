/*
 * till-profile-private.h: what a profile is made of
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-line.h"
#include "till-profile.h"

G_BEGIN_DECLS

#define TILL_PROFILE_REGISTERS_MAX 96
#define TILL_PROFILE_STATUS_MAX 4
#define TILL_PROFILE_PLANS 3

typedef enum
{
  TILL_PLAN_STATE,
  TILL_PLAN_PARAMETERS,
  TILL_PLAN_IDENTITY,
} TillPlan;

typedef enum
{
  TILL_REGISTER_TYPE_U16,
  TILL_REGISTER_TYPE_S16,
  TILL_REGISTER_TYPE_U32,
  TILL_REGISTER_TYPE_S32,
  TILL_REGISTER_TYPE_F32,
  TILL_REGISTER_TYPE_BCD,
  TILL_REGISTER_TYPE_CLOCK,
} TillRegisterType;

/* By what a value of the secondary side is multiplied. */
typedef enum
{
  TILL_RATIO_NONE,
  TILL_RATIO_PT,
  TILL_RATIO_CT,
  TILL_RATIO_BOTH,
} TillRatio;

/* A member of TillReading that a register can fill. */
typedef struct
{
  const char *name;
  guint32     field;
  guint16     offset;
  guint8      size; /* of the member, in octets */
  TillRatio   ratio;
} TillProfileMember;

typedef struct
{
  const TillProfileMember *member;
  TillRegisterType         type;
  TillPlan                 plan;
  guint16                  address;
  guint16                  count;
  gint64                   numerator;
  gint64                   denominator;
  gboolean                 primary;   /* the ratios are in it already */
  gboolean                 low_first; /* the low word of two comes first */
} TillProfileRegister;

/* A word of flags. */
typedef struct
{
  TillPlan plan;
  guint16  address;
  guint32  flags[16]; /* TillMeterFlag for each bit, 0 for none */
} TillProfileStatus;

typedef struct
{
  guint16 address;
  guint16 count;
} TillProfileBlock;

typedef struct
{
  TillProfileBlock blocks[TILL_JOB_REQUESTS_MAX];
  guint            n_blocks;
} TillProfilePlan;

struct _TillProfile
{
  char               *name;
  char               *title;
  guint               features;
  TillCountRule       count_rule;
  gint64              register_modulo;
  guint               device_type; /* 0: not known */
  guint               max_block;

  TillProfileRegister registers[TILL_PROFILE_REGISTERS_MAX];
  guint               n_registers;
  TillProfileStatus   status[TILL_PROFILE_STATUS_MAX];
  guint               n_status;
  TillProfilePlan     fixed[TILL_PROFILE_PLANS]; /* blocks the file asks for */
  TillProfilePlan     plans[TILL_PROFILE_PLANS];
  guint8              tariff_numbers[TILL_N_PERIODS];
  guint16             force_address;
  guint16             purchase_address;
  guint16             refund_address; /* 0: meters of this profile cannot give back */
  guint16             clock_address;
};

/* The loader. */
TillProfile             *till_profile_parse (const char *text,
                                             gsize       length,
                                             const char *file,
                                             GError    **error);

/* The decoder. */
const TillProfileMember *till_profile_find_member (const char *name);
guint                    till_register_type_get_count (TillRegisterType type);
gboolean                 till_register_scale (gint64  value,
                                              gint64  numerator,
                                              gint64  denominator,
                                              gint64 *result);
gboolean                 till_register_from_ieee (guint32 bits,
                                                  gint64  numerator,
                                                  gint64  denominator,
                                                  gint64 *result);

/* The planner. */
gboolean                 till_profile_make_plan (TillProfile *self,
                                                 TillPlan     plan);

G_END_DECLS
