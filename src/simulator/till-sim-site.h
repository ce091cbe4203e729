/*
 * till-sim-site.h: the meters and lines of an import file
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-sim-meter.h"

G_BEGIN_DECLS

#define TILL_SIM_ERROR (till_sim_error_quark ())
GQuark till_sim_error_quark (void);

/**
 * TillSimError:
 * @TILL_SIM_ERROR_SITE: the import file is wrong; the message names the record
 * @TILL_SIM_ERROR_LINE: a line cannot be served
 * @TILL_SIM_ERROR_STATE: the state file cannot be read or written
 * @TILL_SIM_ERROR_COMMAND: a control command or a line of the fault script is wrong
 *
 * What can go wrong in the simulator.
 */
typedef enum
{
  TILL_SIM_ERROR_SITE,
  TILL_SIM_ERROR_LINE,
  TILL_SIM_ERROR_STATE,
  TILL_SIM_ERROR_COMMAND,
} TillSimError;

#define TILL_SIM_LINES_MAX 512
#define TILL_SIM_METERS_MAX 50000

typedef struct
{
  char         *name; /* as the file has it: a path, or host:port */
  TillLineKind  kind;
  guint         baud;
  guint         bits; /* a character takes, start and stop bits and all */
  TillSimMeter *meters[256]; /* (nullable) by whatever a unit byte may be; the site's */
} TillSimLineInfo;

/**
 * TillSimSite:
 *
 * All meters and lines of one import file.
 */
typedef struct
{
  GPtrArray *meters; /* of TillSimMeter */
  GPtrArray *lines;  /* of TillSimLineInfo */
} TillSimSite;

TillSimSite *till_sim_site_load (const char *path,
                                 guint64     seed,
                                 gint64      now_ms,
                                 GError    **error);
void         till_sim_site_free (TillSimSite *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSimSite, till_sim_site_free)

G_END_DECLS
