/*
 * till-pack.h: a day of registers in a few hundred bytes
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-readings.h"

G_BEGIN_DECLS

#define TILL_PACK_ERROR (till_pack_error_quark ())
GQuark till_pack_error_quark (void);

/**
 * TillPackError:
 * @TILL_PACK_ERROR_GARBLED: the bytes are cut short, altered, or of another meter or day
 * @TILL_PACK_ERROR_NEWER: a later version of the program packed them
 *
 * Why a packed day cannot be read.
 */
typedef enum
{
  TILL_PACK_ERROR_GARBLED,
  TILL_PACK_ERROR_NEWER,
} TillPackError;

/* More than the worst day of any 64-bit values can take. */
#define TILL_PACK_SIZE_MAX 8192

void     till_pack_day (gint64               meter_id,
                        int                  day,
                        const TillRegisters *slots,
                        guint                n_slots,
                        GByteArray          *blob);
gboolean till_pack_unpack (gint64         meter_id,
                           int            day,
                           const guint8  *data,
                           gsize          size,
                           TillRegisters *slots,
                           guint         *n_slots,
                           GError       **error);
guint32  till_pack_check (gint64        meter_id,
                          int           day,
                          const guint8 *data,
                          gsize         size);

G_END_DECLS
