/*
 * till-reason-dialog.h: asks before something grave is done, and why
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TILL_TYPE_REASON_DIALOG (till_reason_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillReasonDialog, till_reason_dialog, TILL, REASON_DIALOG, AdwWindow)

GtkWidget *till_reason_dialog_new (const char *heading,
                                   const char *subject,
                                   const char *consequences);
void till_reason_dialog_set_action (TillReasonDialog *self,
                                    const char       *label,
                                    gboolean          destructive);
void till_reason_dialog_ask_until (TillReasonDialog *self);
void till_reason_dialog_set_busy (TillReasonDialog *self);
void till_reason_dialog_set_failed (TillReasonDialog *self,
                                    const char       *text);

G_END_DECLS
