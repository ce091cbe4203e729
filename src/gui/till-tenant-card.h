/*
 * till-tenant-card.h: all about one tenant, the remaining amount first
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-desk.h"

G_BEGIN_DECLS

#define TILL_TYPE_TENANT_CARD (till_tenant_card_get_type ())
G_DECLARE_FINAL_TYPE (TillTenantCard, till_tenant_card, TILL, TENANT_CARD, GtkWidget)

void   till_tenant_card_set_desk (TillTenantCard *self,
                                  TillDesk       *desk);
void   till_tenant_card_show (TillTenantCard *self,
                              gint64          account_id);
gint64 till_tenant_card_get_account_id (TillTenantCard *self);

G_END_DECLS
