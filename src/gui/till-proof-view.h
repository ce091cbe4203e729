/*
 * till-proof-view.h: a payment with what the gateway sent to prove it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_PROOF_VIEW (till_proof_view_get_type ())
G_DECLARE_FINAL_TYPE (TillProofView, till_proof_view, TILL, PROOF_VIEW, GtkWidget)

GtkWidget *till_proof_view_new (const char *title,
                                const char *raw);

G_END_DECLS
