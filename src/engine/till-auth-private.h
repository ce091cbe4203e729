/*
 * till-auth-private.h: passwords
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

#define TILL_AUTH_PASSWORD_MIN 4
#define TILL_AUTH_PASSWORD_MAX 128

void till_auth_sign_in (TillCore   *core,
                        const char *name,
                        const char *password,
                        GTask      *task);
void till_auth_add_operator (TillCore   *core,
                             const char *by,
                             const char *name,
                             const char *display_name,
                             TillRole    role,
                             const char *password,
                             GTask      *task);

G_END_DECLS
