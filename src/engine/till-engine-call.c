/*
 * till-engine-call.c: how a call at the engine's door reaches its thread and comes back
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-engine-private.h"

void
till_engine_call_free (TillEngineCall *call)
{
  g_object_unref (call->self);
  g_free (call->text);
  g_free (call->more_text);
  g_free (call->reason);
  g_strfreev (call->arguments);
  g_free (call->directory);
  g_free (call);
}

/**
 * till_engine_call_new:
 * @self: an engine
 *
 * Returns: (transfer full): a call that carries nothing yet; till_engine_call_async() takes it
 */
TillEngineCall *
till_engine_call_new (TillEngine *self)
{
  TillEngineCall *call = g_new0 (TillEngineCall, 1);

  call->self = g_object_ref (self);
  return call;
}

static void
on_call_done_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  gpointer value = till_worker_call_finish (TILL_WORKER (source), result, &error);

  /* The value goes on to the caller’s task, which frees it when nobody takes it. */
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, value, g_object_get_data (G_OBJECT (task), "destroy"));
}

/**
 * till_engine_call_async:
 * @self: an engine
 * @func: what is to be done, in the engine's thread; it is handed @call
 * @call: (transfer full): what it carries
 * @value_destroy: (nullable): how the value is let go when nobody takes it
 * @cancellable: (nullable): of the caller
 * @callback: called in the caller's thread
 * @user_data: handed to @callback
 *
 * Sends a call into the engine's thread.
 */
void
till_engine_call_async (TillEngine         *self,
                        TillWorkerFunc      func,
                        TillEngineCall     *call,
                        GDestroyNotify      value_destroy,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_object_set_data (G_OBJECT (task), "destroy", value_destroy);
  till_worker_call_async (self->worker, func, call, (GDestroyNotify)till_engine_call_free,
                          NULL, on_call_done_cb, task);
}

/**
 * till_engine_call_finish:
 * @self: an engine
 * @result: what the callback was handed
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the value, or %NULL with @error set
 */
gpointer
till_engine_call_finish (TillEngine   *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * till_engine_call_core:
 * @call: a call, in the engine's thread
 * @task: its task
 *
 * Returns: (nullable) (transfer none): the core, or %NULL with @task answered when the engine does
 *   not run
 */
TillCore *
till_engine_call_core (TillEngineCall *call,
                       GTask          *task)
{
  if (call->self->plant != NULL)
    return till_plant_get_core (call->self->plant);

  g_task_return_new_error (task, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                           "the engine does not run");
  return NULL;
}

/**
 * till_engine_return_record:
 * @task: a call's task
 * @record: (transfer full) (nullable): its value, %NULL for @error
 * @unref: how @record is let go
 * @error: (transfer full) (nullable): why there is none
 *
 * Answers a call that was done at once.
 */
void
till_engine_return_record (GTask         *task,
                           gpointer       record,
                           GDestroyNotify unref,
                           GError        *error)
{
  if (record != NULL)
    g_task_return_pointer (task, record, unref);
  else
    g_task_return_error (task, error);
}
