/*
 * till-net-error.h: what can go wrong between us and somebody else's computer
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TillNetError:
 * @TILL_NET_ERROR_UNREACHABLE: nobody answers; later it may work
 * @TILL_NET_ERROR_SIGNATURE: it is not from whom it says it is
 * @TILL_NET_ERROR_REPLAY: it is genuine and too old
 * @TILL_NET_ERROR_MALFORMED: it cannot be read; neither can a setting
 * @TILL_NET_ERROR_REFUSED: the other side, or the system, said no
 * @TILL_NET_ERROR_TOO_LARGE: it is more than we take
 *
 * Errors of the layer net. The codes tell what the caller can do.
 */
typedef enum
{
  TILL_NET_ERROR_UNREACHABLE,
  TILL_NET_ERROR_SIGNATURE,
  TILL_NET_ERROR_REPLAY,
  TILL_NET_ERROR_MALFORMED,
  TILL_NET_ERROR_REFUSED,
  TILL_NET_ERROR_TOO_LARGE,
} TillNetError;

#define TILL_NET_ERROR (till_net_error_quark ())
GQuark till_net_error_quark (void);

G_END_DECLS
