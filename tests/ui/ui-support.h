/*
 * ui-support.h: what the tests of the window share
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fake-engine.h"
#include "till-desk.h"

G_BEGIN_DECLS

/* A turn of the main loop longer than this is a stall that a clerk feels. */
#define UI_STALL_MS 250

void       ui_test_init (int    *argc,
                         char ***argv);
TillDesk  *ui_make_desk (const char *signed_in);
void       ui_spin_ms (guint duration_ms);
void       ui_settle (void);
GtkWidget *ui_show (GtkWidget *child);
GtkWidget *ui_find_type (GtkWidget *root,
                         GType      type);
GtkWidget *ui_find_child (GtkWidget  *widget,
                          GType       type,
                          const char *name);
GtkWidget *ui_find_button (GtkWidget  *root,
                           const char *label);
gboolean   ui_has_text (GtkWidget  *root,
                        const char *text);
void       ui_press (GtkWidget *widget,
                     guint      keyval);
void       ui_release (GtkWidget *widget,
                       guint      keyval);
guint      ui_count_stalls (void);

G_END_DECLS
