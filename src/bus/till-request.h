/*
 * till-request.h: what one meter is asked on the wire, and what came back
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-types.h"

G_BEGIN_DECLS

#define TILL_BUS_ERROR (till_bus_error_quark ())
GQuark till_bus_error_quark (void);

/**
 * TillBusError:
 * @TILL_BUS_ERROR_TIMEOUT: nothing came in time
 * @TILL_BUS_ERROR_DISCONNECTED: the line is down (refused, reset, no such device)
 * @TILL_BUS_ERROR_GARBLED: bytes came, but no frame (CRC, length, stray bytes)
 * @TILL_BUS_ERROR_EXCEPTION: the meter answered with a Modbus exception: it did nothing
 * @TILL_BUS_ERROR_MISMATCH: a good frame that is no answer to what was asked
 * @TILL_BUS_ERROR_UNSUPPORTED: the profile of this meter has no such thing
 * @TILL_BUS_ERROR_PROFILE: a profile file is wrong; the message names file, section and key
 */
typedef enum
{
  TILL_BUS_ERROR_TIMEOUT,
  TILL_BUS_ERROR_DISCONNECTED,
  TILL_BUS_ERROR_GARBLED,
  TILL_BUS_ERROR_EXCEPTION,
  TILL_BUS_ERROR_MISMATCH,
  TILL_BUS_ERROR_UNSUPPORTED,
  TILL_BUS_ERROR_PROFILE,
} TillBusError;

/**
 * TillRequestKind:
 * @TILL_REQUEST_KIND_READ: FC 03, @count registers from @address
 * @TILL_REQUEST_KIND_WRITE: FC 16, @count registers of @values to @address
 * @TILL_REQUEST_KIND_VENDOR: FC 0x20 (meters.md 3), @count registers of @values to @address
 */
typedef enum
{
  TILL_REQUEST_KIND_READ,
  TILL_REQUEST_KIND_WRITE,
  TILL_REQUEST_KIND_VENDOR,
} TillRequestKind;

#define TILL_REQUEST_REGISTERS_MAX 123

/**
 * TillRequest:
 *
 * One exchange with one meter. A plain value. After it succeeded, a read has its registers in
 * @values.
 */
typedef struct
{
  TillRequestKind kind;
  guint16         address;
  guint16         count;
  guint16         values[TILL_REQUEST_REGISTERS_MAX];
} TillRequest;

G_END_DECLS
