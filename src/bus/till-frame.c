/*
 * till-frame.c: the bytes of one request, and whether the bytes of a reply answer it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <string.h>

#include "till-frame.h"

#define HEX_BYTES_MAX 64

/* libmodbus computes the CRC of what it knows; the frames of function 0x20 it does not know. The
 * table is the polynomial 0xA001 of the serial line specification, one nibble at a time. */
static const guint16 crc_nibble[16] = {
  0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
  0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
};

/**
 * till_frame_crc16:
 * @bytes: (array length=length): octets
 * @length: how many
 *
 * Returns: the CRC of Modbus RTU; on the wire its low byte goes first
 */
guint16
till_frame_crc16 (const guint8 *bytes,
                  gsize         length)
{
  guint16 crc = 0xffff;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= bytes[i];
      crc = (guint16)((crc >> 4) ^ crc_nibble[crc & 0xf]);
      crc = (guint16)((crc >> 4) ^ crc_nibble[crc & 0xf]);
    }

  return crc;
}

/**
 * till_frame_has_good_crc:
 * @bytes: (array length=length): a frame with its CRC
 * @length: how many octets
 *
 * Returns: whether the last two octets are the CRC of those before them
 */
gboolean
till_frame_has_good_crc (const guint8 *bytes,
                         gsize         length)
{
  if (length < 4)
    return FALSE;

  const guint16 crc = till_frame_crc16 (bytes, length - 2);

  return bytes[length - 2] == (crc & 0xff) && bytes[length - 1] == crc >> 8;
}

/**
 * till_frame_get_function:
 * @request: a request
 *
 * Returns: its function code. There are three, and no way to send another: the factory codes 0x98
 *   to 0xAB of the maker cannot be expressed.
 */
guint8
till_frame_get_function (const TillRequest *request)
{
  switch (request->kind)
    {
    case TILL_REQUEST_KIND_READ:
      return TILL_FRAME_READ;

    case TILL_REQUEST_KIND_WRITE:
      return TILL_FRAME_WRITE;

    case TILL_REQUEST_KIND_VENDOR:
      return TILL_FRAME_VENDOR;

    default:
      g_error ("a request of kind %d cannot be sent", (int)request->kind);
    }
}

/**
 * till_frame_build:
 * @unit: the address on the line, 1 to 247
 * @request: what to ask
 * @bytes: (out): room for %TILL_FRAME_MAX octets
 *
 * Writes unit, function and data, without CRC and without a TCP header. A count of 0, one above
 * %TILL_REQUEST_REGISTERS_MAX or a block beyond 0xFFFF is a programming error.
 *
 * Returns: how many octets were written
 */
gsize
till_frame_build (guint8             unit,
                  const TillRequest *request,
                  guint8            *bytes)
{
  const guint8 function = till_frame_get_function (request);
  gsize n = 0;

  g_assert (unit >= 1 && unit <= TILL_FRAME_UNIT_MAX);
  g_assert (request->count >= 1 && request->count <= TILL_REQUEST_REGISTERS_MAX);
  g_assert (request->address + request->count <= 0x10000);

  bytes[n++] = unit;
  bytes[n++] = function;
  bytes[n++] = (guint8)(request->address >> 8);
  bytes[n++] = (guint8)(request->address & 0xff);
  bytes[n++] = 0;
  bytes[n++] = (guint8)request->count;

  if (request->kind == TILL_REQUEST_KIND_READ)
    return n;

  bytes[n++] = (guint8)(2 * request->count);

  for (guint i = 0; i < request->count; i++)
    {
      bytes[n++] = (guint8)(request->values[i] >> 8);
      bytes[n++] = (guint8)(request->values[i] & 0xff);
    }

  return n;
}

/**
 * till_frame_build_tcp:
 * @transaction: the number that the reply must carry
 * @unit: the address on the line, 1 to 247
 * @request: what to ask
 * @bytes: (out): room for %TILL_FRAME_MAX octets and %TILL_FRAME_MBAP more
 *
 * The same with the header of Modbus TCP. It is made here because libmodbus gives every raw request
 * the transaction 0, and a late reply could not be told from a new one.
 *
 * Returns: how many octets were written
 */
gsize
till_frame_build_tcp (guint16            transaction,
                      guint8             unit,
                      const TillRequest *request,
                      guint8            *bytes)
{
  const gsize n = till_frame_build (unit, request, bytes + TILL_FRAME_MBAP);

  bytes[0] = (guint8)(transaction >> 8);
  bytes[1] = (guint8)(transaction & 0xff);
  bytes[2] = 0;
  bytes[3] = 0;
  bytes[4] = (guint8)(n >> 8);
  bytes[5] = (guint8)(n & 0xff);

  return n + TILL_FRAME_MBAP;
}

/**
 * till_frame_request_length:
 * @request: a request
 *
 * Returns: how many characters it is on a serial line
 */
gsize
till_frame_request_length (const TillRequest *request)
{
  return request->kind == TILL_REQUEST_KIND_READ ? 8 : 9 + 2 * (gsize)request->count;
}

/**
 * till_frame_reply_length:
 * @request: a request
 *
 * Returns: how many characters its good reply is on a serial line
 */
gsize
till_frame_reply_length (const TillRequest *request)
{
  if (request->kind == TILL_REQUEST_KIND_READ)
    return 5 + 2 * (gsize)request->count;

  return request->kind == TILL_REQUEST_KIND_WRITE ? 8 : TILL_FRAME_VENDOR_REPLY;
}

/**
 * till_frame_expect:
 * @bytes: (array length=length): the beginning of a reply on a serial line
 * @length: how many octets are there
 *
 * Returns: how long the frame will be with its CRC, or 0 when that cannot be told yet
 */
gsize
till_frame_expect (const guint8 *bytes,
                   gsize         length)
{
  if (length < 3)
    return 0;

  if (bytes[1] & TILL_FRAME_EXCEPTION)
    return 5;

  switch (bytes[1])
    {
    case TILL_FRAME_READ:
      return 5 + (gsize)bytes[2];

    case TILL_FRAME_WRITE:
      return 8;

    case TILL_FRAME_VENDOR:
      return TILL_FRAME_VENDOR_REPLY;

    default:
      return 0;
    }
}

static const char *
describe_exception (guint8 code)
{
  switch (code)
    {
    case 1:
      return "does not know this function";

    case 2:
      return "has no such register";

    case 3:
      return "refused the value";

    case 4:
      return "failed";

    case 5:
      return "accepted it and is still at work";

    case 6:
      return "is busy";

    case 10:
    case 11:
      return "is not reached by its gateway";

    default:
      return "refused";
    }
}

/**
 * till_frame_check:
 * @unit: who was asked
 * @request: what was asked
 * @bytes: (array length=length): unit, function and data of the reply, without CRC
 * @length: how many octets
 * @error: return location for a #GError
 *
 * Does what libmodbus leaves out: unit, function, byte count, length, and the whole echo of a
 * write.
 *
 * Returns: %TRUE when this is the answer; %FALSE with @error set (%TILL_BUS_ERROR_EXCEPTION when
 *   the meter refused, %TILL_BUS_ERROR_MISMATCH otherwise)
 */
gboolean
till_frame_check (guint8             unit,
                  const TillRequest *request,
                  const guint8      *bytes,
                  gsize              length,
                  GError           **error)
{
  const guint8 function = till_frame_get_function (request);
  guint8 asked[TILL_FRAME_MAX];
  gboolean good = length >= 3 && bytes[0] == unit && (bytes[1] & 0x7f) == function;

  if (good && bytes[1] & TILL_FRAME_EXCEPTION && length == 3)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_EXCEPTION,
                   "meter %u %s (exception %u, function 0x%02x, register 0x%04x)",
                   unit, describe_exception (bytes[2]), bytes[2], function, request->address);
      return FALSE;
    }

  good = good && !(bytes[1] & TILL_FRAME_EXCEPTION);

  if (good && request->kind == TILL_REQUEST_KIND_READ)
    good = length == 3 + 2 * (gsize)request->count && bytes[2] == 2 * request->count;

  if (good && request->kind == TILL_REQUEST_KIND_WRITE)
    {
      till_frame_build (unit, request, asked);
      good = length == 6 && memcmp (bytes, asked, 6) == 0;
    }

  if (!good)
    g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH,
                 "a reply of unit %u, function 0x%02x and %" G_GSIZE_FORMAT " bytes is no answer "
                 "to unit %u, function 0x%02x, register 0x%04x, count %u",
                 length > 0 ? bytes[0] : 0, length > 1 ? bytes[1] : 0, length,
                 unit, function, request->address, request->count);

  return good;
}

/**
 * till_frame_check_mbap:
 * @transaction: the number of the request
 * @bytes: (array length=length): a whole Modbus TCP reply
 * @length: how many octets
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the header fits the request and the length of the frame; %FALSE with
 *   %TILL_BUS_ERROR_MISMATCH set otherwise
 */
gboolean
till_frame_check_mbap (guint16       transaction,
                       const guint8 *bytes,
                       gsize         length,
                       GError      **error)
{
  if (length > TILL_FRAME_MBAP + 1 &&
      (bytes[0] << 8 | bytes[1]) == transaction && bytes[2] == 0 && bytes[3] == 0 &&
      (gsize)(bytes[4] << 8 | bytes[5]) == length - TILL_FRAME_MBAP)
    return TRUE;

  g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH,
               "the header of a Modbus TCP reply does not fit transaction %u", transaction);
  return FALSE;
}

/**
 * till_frame_take_values:
 * @request: (inout): a read
 * @bytes: unit, function, byte count and registers of a reply that till_frame_check() passed
 */
void
till_frame_take_values (TillRequest  *request,
                        const guint8 *bytes)
{
  for (guint i = 0; i < request->count; i++)
    request->values[i] = (guint16)(bytes[3 + 2 * i] << 8 | bytes[4 + 2 * i]);
}

/**
 * till_frame_to_hex:
 * @bytes: (array length=length): octets
 * @length: how many
 *
 * Returns: (transfer full): `01 03 02 …` for the log, at most 64 octets of it
 */
char *
till_frame_to_hex (const guint8 *bytes,
                   gsize         length)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (gsize i = 0; i < MIN (length, HEX_BYTES_MAX); i++)
    g_string_append_printf (text, "%s%02x", i > 0 ? " " : "", bytes[i]);

  if (length > HEX_BYTES_MAX)
    g_string_append (text, " …");

  return g_string_free (g_steal_pointer (&text), FALSE);
}
