/*
 * till-record-private.h: how a record is made, shared and let go
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

/* Defines new, ref and unref of a record whose members are released by a clear function. */
#define DEFINE_RECORD(Type, prefix) \
  Type * \
  prefix ## _new (void) \
  { \
    return g_atomic_rc_box_new0 (Type); \
  } \
  Type * \
    prefix ## _ref (Type * self) \
  { \
    return g_atomic_rc_box_acquire (self); \
  } \
  void \
    prefix ## _unref (Type * self) \
  { \
    if (self != NULL) \
    g_atomic_rc_box_release_full (self, (GDestroyNotify)prefix ## _clear); \
  }
