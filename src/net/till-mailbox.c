/*
 * till-mailbox.c: the way into a worker's thread that may close before its senders
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-net"

#include "config.h"

#include "till-mailbox.h"

/**
 * TillMailbox:
 *
 * An answer may come when the listener is long gone. The sender holds a mailbox rather than the
 * worker: what is posted into a closed one is thrown away.
 */
struct _TillMailbox
{
  GMutex      lock;
  TillWorker *worker; /* under @lock; %NULL once closed */
};

typedef struct
{
  TillMailboxFunc func;
  gpointer        data;
  GDestroyNotify  destroy;
} Letter;

static void
letter_free (gpointer user_data)
{
  Letter *letter = user_data;

  if (letter->destroy != NULL)
    letter->destroy (letter->data);

  g_free (letter);
}

static void
open_letter (GTask   *task,
             gpointer data)
{
  Letter *letter = data;

  letter->func (letter->data);
  g_task_return_pointer (task, NULL, NULL);
}

static void
mailbox_clear (gpointer data)
{
  TillMailbox *self = data;

  g_clear_object (&self->worker);
  g_mutex_clear (&self->lock);
}

/**
 * till_mailbox_new:
 * @worker: whose thread the letters are opened in
 *
 * Returns: (transfer full): an open mailbox
 */
TillMailbox *
till_mailbox_new (TillWorker *worker)
{
  TillMailbox *self;

  g_return_val_if_fail (TILL_IS_WORKER (worker), NULL);

  self = g_atomic_rc_box_new0 (TillMailbox);
  g_mutex_init (&self->lock);
  self->worker = g_object_ref (worker);

  return self;
}

/**
 * till_mailbox_ref:
 * @self: a mailbox
 *
 * Returns: (transfer full): @self
 */
TillMailbox *
till_mailbox_ref (TillMailbox *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * till_mailbox_unref:
 * @self: (transfer full): a mailbox
 *
 * Lets go of a mailbox. One that was not closed must not be let go last by the worker's own thread.
 */
void
till_mailbox_unref (TillMailbox *self)
{
  g_atomic_rc_box_release_full (self, mailbox_clear);
}

/**
 * till_mailbox_post:
 * @self: a mailbox
 * @func: what to do in the worker's thread
 * @data: handed to @func
 * @destroy: (nullable): frees @data, also when @func was never called
 *
 * Has @func called in the worker's thread: at once when the caller is in it, soon when it is not,
 * never when the mailbox is closed. May be called in any thread.
 */
void
till_mailbox_post (TillMailbox    *self,
                   TillMailboxFunc func,
                   gpointer        data,
                   GDestroyNotify  destroy)
{
  gboolean is_current = FALSE;
  gboolean is_sent = FALSE;

  g_mutex_lock (&self->lock);
  if (self->worker != NULL)
    {
      /* The worker calls back at once in its own thread, and must not find the lock held then. */
      is_current = till_worker_is_current (self->worker);

      if (!is_current)
        {
          Letter *letter = g_new0 (Letter, 1);

          letter->func = func;
          letter->data = data;
          letter->destroy = destroy;
          till_worker_call_async (self->worker, open_letter, letter, letter_free, NULL, NULL, NULL);
          is_sent = TRUE;
        }
    }
  g_mutex_unlock (&self->lock);

  if (is_sent)
    return;

  if (is_current)
    func (data);
  if (destroy != NULL)
    destroy (data);
}

/**
 * till_mailbox_is_closed:
 * @self: a mailbox
 *
 * Returns: whether letters are thrown away from now on
 */
gboolean
till_mailbox_is_closed (TillMailbox *self)
{
  gboolean is_closed;

  g_mutex_lock (&self->lock);
  is_closed = self->worker == NULL;
  g_mutex_unlock (&self->lock);

  return is_closed;
}

/**
 * till_mailbox_close:
 * @self: a mailbox
 *
 * Closes a mailbox, before its worker is stopped. Letters posted so far are still opened.
 */
void
till_mailbox_close (TillMailbox *self)
{
  g_autoptr(TillWorker) worker = NULL;

  g_mutex_lock (&self->lock);
  worker = g_steal_pointer (&self->worker);
  g_mutex_unlock (&self->lock);
}
