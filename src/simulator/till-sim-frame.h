/*
 * till-sim-frame.h: where a request begins and ends on a wire
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A frame with its CRC, and a Modbus TCP frame with its header. */
#define TILL_SIM_FRAME_MAX 260

guint16 till_sim_crc (const guint8 *bytes,
                      gsize         length);
gsize   till_sim_frame_get_length (const guint8 *bytes,
                                   gsize         length);
gsize   till_sim_frame_close (guint8 *bytes,
                              gsize   length);
gssize  till_sim_mbap_get_length (const guint8 *bytes,
                                  gsize         length);

G_END_DECLS
