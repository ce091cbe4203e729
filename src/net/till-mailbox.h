/*
 * till-mailbox.h: the way into a worker's thread that may close before its senders
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-worker.h"

G_BEGIN_DECLS

typedef struct _TillMailbox TillMailbox;

/**
 * TillMailboxFunc:
 * @data: what was handed to till_mailbox_post()
 *
 * What a letter asks for. Called in the worker's thread.
 */
typedef void (*TillMailboxFunc) (gpointer data);

TillMailbox *till_mailbox_new (TillWorker *worker) G_GNUC_WARN_UNUSED_RESULT;
TillMailbox *till_mailbox_ref (TillMailbox *self);
void         till_mailbox_unref (TillMailbox *self);
void         till_mailbox_post (TillMailbox    *self,
                                TillMailboxFunc func,
                                gpointer        data,
                                GDestroyNotify  destroy);
gboolean     till_mailbox_is_closed (TillMailbox *self);
void         till_mailbox_close (TillMailbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillMailbox, till_mailbox_unref)

G_END_DECLS
