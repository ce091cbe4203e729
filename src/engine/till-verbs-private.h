/*
 * till-verbs-private.h: the words of ctl
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-core-private.h"

G_BEGIN_DECLS

/**
 * TillVerbResult:
 *
 * What a verb answers: JSON lines and an exit code (0 done, 1 refused or failed, 2 usage).
 */
typedef struct
{
  char *output;
  int   exit_code;
} TillVerbResult;

void till_verb_result_free (TillVerbResult *self);
void till_verbs_run (TillCore          *core,
                     const char *const *arguments,
                     const char        *directory,
                     const char        *operator_name,
                     const char        *password,
                     const char        *new_password,
                     GTask             *task);

G_END_DECLS
