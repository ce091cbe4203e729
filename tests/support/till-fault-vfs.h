/*
 * till-fault-vfs.h: a disk for SQLite that fails, and loses its power, when a test says so
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TILL_FAULT_WRITE = 1 << 0,
  TILL_FAULT_SYNC = 1 << 1,
} TillFaultOp;

void  till_fault_install (void);
void  till_fault_arm (guint    ops,
                      int      after,
                      int      rc,
                      gboolean lasting);
void  till_fault_disarm (void);
int   till_fault_get_hits (void);
guint till_fault_get_syncs (void);
void  till_fault_forget (void);
void  till_fault_cut_power (GRand      *random,
                            const char *from_dir,
                            const char *to_dir);

G_END_DECLS
