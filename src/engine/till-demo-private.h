/*
 * till-demo-private.h: a mall that is not there: its table, and the simulator that plays its meters
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "till-config.h"

G_BEGIN_DECLS

/* Lines of the demo, each with a port of its own. */
#define TILL_DEMO_N_LINES 9

#define TILL_DEMO_ERROR (till_demo_error_quark ())
GQuark till_demo_error_quark (void);

/**
 * TillDemoError:
 * @TILL_DEMO_ERROR_NO_PORTS: there are not enough free ports
 * @TILL_DEMO_ERROR_NO_SIMULATOR: the program is not installed
 * @TILL_DEMO_ERROR_ENDED: the simulator ended
 * @TILL_DEMO_ERROR_NOT_READY: the simulator did not say in time that it is ready
 *
 * Why the demo does not run.
 */
typedef enum
{
  TILL_DEMO_ERROR_NO_PORTS,
  TILL_DEMO_ERROR_NO_SIMULATOR,
  TILL_DEMO_ERROR_ENDED,
  TILL_DEMO_ERROR_NOT_READY,
} TillDemoError;

typedef struct _TillDemo TillDemo;

/**
 * TillDemoGone:
 * @error: how it ended
 * @user_data: what was handed to till_demo_start()
 *
 * Called once when the simulator ends though nobody stopped it, in the context that was the
 * thread-default one of till_demo_start().
 */
typedef void (*TillDemoGone) (const GError *error,
                              gpointer      user_data);

char     *till_demo_make_csv (guint16 first_port) G_GNUC_WARN_UNUSED_RESULT;
gboolean  till_demo_ensure (const char *data_dir,
                            char      **csv_path,
                            GError    **error);
TillDemo *till_demo_start (const char  *data_dir,
                           gint64       timeout_ms,
                           TillDemoGone gone,
                           gpointer     user_data,
                           GError     **error) G_GNUC_WARN_UNUSED_RESULT;
gint64    till_demo_get_pid (TillDemo *self);
void      till_demo_stop (TillDemo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillDemo, till_demo_stop)

gboolean  till_demo_configure (const char *data_dir,
                               TillConfig *config,
                               GError    **error);
void      till_demo_pay (const char *url,
                         GTask      *task);

G_END_DECLS
