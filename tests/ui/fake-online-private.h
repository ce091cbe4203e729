/*
 * fake-online-private.h: what the files about gateways share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fake-engine-private.h"

G_BEGIN_DECLS

struct _FakeOnline
{
  GPtrArray       *payments; /* of TillPayment */
  GPtrArray       *strays;   /* of TillStray */
  GPtrArray       *refunds;  /* of TillRefund */
  GPtrArray       *matches;  /* of TillReconciliation */
  TillGatewayTest *test;     /* (nullable) */
  guint            test_step;
};

gboolean fake_online_is_online (const TillOrder *order);

G_END_DECLS
