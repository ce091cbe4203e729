/*
 * till-worker.c: a thread with a main context of its own
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include "till-worker.h"

/* GLib's own locks are invisible to ThreadSanitizer, so tell it of each hand-over. */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#define HAND_OVER(p) __tsan_release (p)
#define TAKE_OVER(p) __tsan_acquire (p)
#else
#define HAND_OVER(p) ((void)(p))
#define TAKE_OVER(p) ((void)(p))
#endif

/**
 * TillWorker:
 *
 * Everything that may block the window, and all that owns the books, lives in a worker.
 * The window asks it with till_worker_call_async() and is answered in its own context;
 * neither side ever touches an object of the other.
 *
 * A worker must be stopped before its last reference goes, from the thread that made it.
 */
struct _TillWorker
{
  GObject       parent_instance;

  char         *name;
  GMainContext *context;
  GMainContext *home; /* of the thread that made it */
  GMainLoop    *loop;
  GThread      *thread; /* %NULL once stopped */
};

enum
{
  PROP_0,
  PROP_NAME,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TillWorker, till_worker, G_TYPE_OBJECT)

typedef struct
{
  TillWorkerFunc func;
  gpointer       data;
  GDestroyNotify destroy;
} Call;

static void
call_free (Call *call)
{
  if (call->destroy != NULL)
    call->destroy (call->data);

  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static gboolean
run_call (gpointer user_data)
{
  GTask *task = user_data;
  Call *call;

  TAKE_OVER (task);
  call = g_task_get_task_data (task);

  if (!g_task_return_error_if_cancelled (task))
    call->func (task, call->data);

  HAND_OVER (task);
  return G_SOURCE_REMOVE;
}

static gpointer
worker_thread (gpointer user_data)
{
  g_autoptr(GMainLoop) loop = user_data;
  GMainContext *context = g_main_loop_get_context (loop);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static gboolean
quit_loop (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
till_worker_constructed (GObject *object)
{
  TillWorker *self = TILL_WORKER (object);

  G_OBJECT_CLASS (till_worker_parent_class)->constructed (object);

  self->thread = g_thread_new (self->name, worker_thread, g_main_loop_ref (self->loop));
}

static void
till_worker_finalize (GObject *object)
{
  TillWorker *self = TILL_WORKER (object);

  if (self->thread != NULL)
    g_error ("worker “%s” was let go while running", self->name);

  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->home, g_main_context_unref);
  g_clear_pointer (&self->name, g_free);

  G_OBJECT_CLASS (till_worker_parent_class)->finalize (object);
}

static void
till_worker_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  TillWorker *self = TILL_WORKER (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_worker_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  TillWorker *self = TILL_WORKER (object);

  switch (prop_id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_worker_class_init (TillWorkerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = till_worker_constructed;
  object_class->finalize = till_worker_finalize;
  object_class->get_property = till_worker_get_property;
  object_class->set_property = till_worker_set_property;

  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL,
                         NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
till_worker_init (TillWorker *self)
{
  self->context = g_main_context_new ();
  self->home = g_main_context_ref_thread_default ();
  self->loop = g_main_loop_new (self->context, FALSE);
}

/**
 * till_worker_new:
 * @name: a name for the thread, of at most 15 bytes
 *
 * Starts a worker.
 *
 * Returns: (transfer full): the worker
 */
TillWorker *
till_worker_new (const char *name)
{
  g_return_val_if_fail (name != NULL && strlen (name) < 16, NULL);

  return g_object_new (TILL_TYPE_WORKER, "name", name, NULL);
}

/**
 * till_worker_call_async:
 * @self: a worker
 * @func: what to do in its thread
 * @data: handed to @func
 * @destroy: (nullable): frees @data, in whichever thread drops the task last
 * @cancellable: (nullable): cancels the call as long as it has not begun
 * @callback: called in the thread-default context of the caller
 * @user_data: handed to @callback
 *
 * Has @func called in the worker's thread. Calls are begun in the order they were made.
 */
void
till_worker_call_async (TillWorker         *self,
                        TillWorkerFunc      func,
                        gpointer            data,
                        GDestroyNotify      destroy,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr(GTask) task = NULL;
  Call *call;

  g_return_if_fail (TILL_IS_WORKER (self));
  g_return_if_fail (self->thread != NULL);
  g_return_if_fail (func != NULL);

  call = g_new0 (Call, 1);
  call->func = func;
  call->data = data;
  call->destroy = destroy;

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, till_worker_call_async);
  g_task_set_task_data (task, call, (GDestroyNotify)call_free);

  HAND_OVER (task);
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT,
                              run_call, g_steal_pointer (&task), g_object_unref);
}

/**
 * till_worker_call_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): what the function returned to its task
 */
gpointer
till_worker_call_finish (TillWorker   *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  TAKE_OVER (result);
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  GSourceFunc    func;
  gpointer       data;
  GDestroyNotify destroy;
} News;

static void
news_free (News *news)
{
  if (news->destroy != NULL)
    news->destroy (news->data);

  g_free (news);
}

static gboolean
run_news (gpointer user_data)
{
  News *news = user_data;

  TAKE_OVER (news);
  news->func (news->data);
  return G_SOURCE_REMOVE;
}

/**
 * till_worker_tell:
 * @self: a worker
 * @func: what to do in the context of the thread that made @self; its return value is not looked at
 * @data: handed to @func
 * @destroy: (nullable): frees @data there
 *
 * Tells news the other way: from the worker's thread to its maker. They arrive in order.
 */
void
till_worker_tell (TillWorker    *self,
                  GSourceFunc    func,
                  gpointer       data,
                  GDestroyNotify destroy)
{
  g_autoptr(GSource) source = g_idle_source_new ();
  News *news = g_new0 (News, 1);

  g_return_if_fail (TILL_IS_WORKER (self));

  news->func = func;
  news->data = data;
  news->destroy = destroy;
  HAND_OVER (news);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, run_news, news, (GDestroyNotify)news_free);
  g_source_attach (source, self->home);
}

/**
 * till_worker_get_context:
 * @self: a worker
 *
 * Returns: (transfer none): the context of the worker's thread, for sources that work there
 */
GMainContext *
till_worker_get_context (TillWorker *self)
{
  return self->context;
}

/**
 * till_worker_is_current:
 * @self: a worker
 *
 * Returns: whether the caller runs in the worker's thread; for assertions
 */
gboolean
till_worker_is_current (TillWorker *self)
{
  g_return_val_if_fail (TILL_IS_WORKER (self), FALSE);

  return g_main_context_is_owner (self->context);
}

/**
 * till_worker_stop:
 * @self: a worker
 *
 * Lets the calls made so far begin, then ends the thread and waits for it.
 */
void
till_worker_stop (TillWorker *self)
{
  g_return_if_fail (TILL_IS_WORKER (self));
  g_return_if_fail (!till_worker_is_current (self));

  if (self->thread == NULL)
    return;

  g_main_context_invoke (self->context, quit_loop, self->loop);
  g_thread_join (g_steal_pointer (&self->thread));
}
