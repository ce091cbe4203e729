/*
 * till-sim-frame.c: where a request begins and ends on a wire
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include "till-sim-frame.h"

/**
 * till_sim_crc:
 * @bytes: a frame
 * @length: how long it is, without its CRC
 *
 * Returns: the CRC of Modbus RTU; its low byte goes first
 */
guint16
till_sim_crc (const guint8 *bytes,
              gsize         length)
{
  /* Four bits at a time: the state file of a large site is a few megabytes. */
  static const guint16 table[16] = {
    0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
    0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
  };
  guint16 crc = 0xffff;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= bytes[i];
      crc = crc >> 4 ^ table[crc & 15];
      crc = crc >> 4 ^ table[crc & 15];
    }
  return crc;
}

/**
 * till_sim_frame_get_length:
 * @bytes: what came
 * @length: how much came
 *
 * Returns: how long the RTU request that begins here must be with its CRC; 0 when that cannot be
 * told yet or, for a function nobody knows, only by the silence after it
 */
gsize
till_sim_frame_get_length (const guint8 *bytes,
                           gsize         length)
{
  if (length < 2)
    return 0;

  switch (bytes[1])
    {
    case 0x01:
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x05:
    case 0x06:
      return 8;

    case 0x0f:
    case 0x10:
    case 0x20:
      return length < 7 ? 0 : 9 + (gsize)bytes[6];

    default:
      return 0;
    }
}

/**
 * till_sim_frame_close:
 * @bytes: a frame, with room for two more bytes
 * @length: how long it is
 *
 * Puts the CRC behind a frame.
 *
 * Returns: the new length
 */
gsize
till_sim_frame_close (guint8 *bytes,
                      gsize   length)
{
  const guint16 crc = till_sim_crc (bytes, length);

  bytes[length] = (guint8)crc;
  bytes[length + 1] = (guint8)(crc >> 8);
  return length + 2;
}

/**
 * till_sim_mbap_get_length:
 * @bytes: what came
 * @length: how much came
 *
 * Returns: how long the Modbus TCP frame that begins here is with its header, 0 when that cannot be
 * told yet, -1 when this is no Modbus TCP
 */
gssize
till_sim_mbap_get_length (const guint8 *bytes,
                          gsize         length)
{
  gsize body;

  if (length < 6)
    return 0;
  body = (gsize)bytes[4] << 8 | bytes[5];
  if (bytes[2] != 0 || bytes[3] != 0 || body < 2 || body > 254)
    return -1;
  return (gssize)(6 + body);
}
