/*
 * till-frame.h: the bytes of one request, and whether the bytes of a reply answer it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-request.h"

G_BEGIN_DECLS

#define TILL_FRAME_READ 0x03
#define TILL_FRAME_WRITE 0x10
#define TILL_FRAME_VENDOR 0x20
#define TILL_FRAME_EXCEPTION 0x80

/* A reply to the vendor's function as seen on real meters is this long with its CRC. */
#define TILL_FRAME_VENDOR_REPLY 15
#define TILL_FRAME_MAX 256
#define TILL_FRAME_UNIT_MAX 247
/* The header that stands before unit and function in a Modbus TCP frame, without the unit. */
#define TILL_FRAME_MBAP 6

guint16  till_frame_crc16 (const guint8 *bytes,
                           gsize         length);
gboolean till_frame_has_good_crc (const guint8 *bytes,
                                  gsize         length);
guint8   till_frame_get_function (const TillRequest *request);
gsize    till_frame_build (guint8             unit,
                           const TillRequest *request,
                           guint8            *bytes);
gsize    till_frame_build_tcp (guint16            transaction,
                               guint8             unit,
                               const TillRequest *request,
                               guint8            *bytes);
gsize    till_frame_request_length (const TillRequest *request);
gsize    till_frame_reply_length (const TillRequest *request);
gsize    till_frame_expect (const guint8 *bytes,
                            gsize         length);
gboolean till_frame_check (guint8             unit,
                           const TillRequest *request,
                           const guint8      *bytes,
                           gsize              length,
                           GError           **error);
gboolean till_frame_check_mbap (guint16       transaction,
                                const guint8 *bytes,
                                gsize         length,
                                GError      **error);
void     till_frame_take_values (TillRequest  *request,
                                 const guint8 *bytes);
char    *till_frame_to_hex (const guint8 *bytes,
                            gsize         length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
