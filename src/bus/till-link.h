/*
 * till-link.h: the descriptor behind a line: opened, watched, drained, closed
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <modbus/modbus.h>

#include "till-line.h"

G_BEGIN_DECLS

/**
 * TillLink:
 *
 * One way to the meters of a line. Belongs to the line's thread; only till_link_cancel() and
 * till_link_wake() may be called from another.
 */
typedef struct _TillLink TillLink;

/**
 * TillLinkEvent:
 *
 * Why till_link_wait() came back. 0 is the time.
 */
typedef enum
{
  TILL_LINK_EVENT_TIME = 0,
  TILL_LINK_EVENT_INPUT = 1 << 0,
  TILL_LINK_EVENT_WAKE = 1 << 1,
  TILL_LINK_EVENT_CANCEL = 1 << 2,
} TillLinkEvent;

TillLink *till_link_new (const TillLineConfig *config);
void      till_link_free (TillLink *self);
gboolean  till_link_open (TillLink *self,
                          GError  **error);
void      till_link_close (TillLink *self,
                           gboolean  at_once);
gboolean  till_link_is_open (TillLink *self);
gboolean  till_link_has_caller (TillLink *self);
modbus_t *till_link_get_modbus (TillLink *self);
int       till_link_get_fd (TillLink *self);
guint64   till_link_get_connection (TillLink *self);
guint     till_link_wait (TillLink *self,
                          guint     events,
                          gint64    until_us);
gsize     till_link_pending (TillLink *self);
gsize     till_link_drain (TillLink *self);
void      till_link_cancel (TillLink *self);
gboolean  till_link_is_cancelled (TillLink *self);
void      till_link_wake (TillLink *self);
GError   *till_link_error_from_errno (TillLink   *self,
                                      const char *what,
                                      int         number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillLink, till_link_free)

G_END_DECLS
