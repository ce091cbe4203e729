/*
 * till-control.c: ctl: the socket in the data folder
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "till-control-private.h"
#include "till-folder.h"
#include "till-verbs-private.h"

/* A call is one line of JSON: {"arguments": […], "directory": …, "operator": …, "password": …,
 * "new_password": …}; the answer is the lines of the verb and a last line {"exit": N}. */

#define CALLS_MAX 32
#define LINE_MAX_OCTETS (64 * 1024)

/**
 * TillControl:
 *
 * The socket by which ctl reaches the running instance, so that there is one writer of the books.
 * Lives in the engine's thread. The folder's permissions and the socket's mode 0600 keep others
 * out.
 */
struct _TillControl
{
  TillCore       *core;
  GSocketService *service;
  char           *path;
  guint           n_calls;
};

typedef struct
{
  TillControl       *control;
  GSocketConnection *connection;
  GDataInputStream  *input;
} Call;

static void
call_free (Call *call)
{
  call->control->n_calls--;
  g_io_stream_close (G_IO_STREAM (call->connection), NULL, NULL);
  g_object_unref (call->input);
  g_object_unref (call->connection);
  g_free (call);
}

static void
on_written_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  call_free (user_data);
}

static void
answer (Call *call,
        char *text)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (call->connection));
  GBytes *bytes = g_bytes_new_take (text, strlen (text));

  g_object_set_data_full (G_OBJECT (call->connection), "answer", bytes,
                          (GDestroyNotify)g_bytes_unref);
  g_output_stream_write_all_async (output, text, strlen (text), G_PRIORITY_DEFAULT, NULL,
                                   on_written_cb, call);
}

static void
on_verb_done_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  TillVerbResult *done = g_task_propagate_pointer (G_TASK (result), &error);

  answer (user_data, g_strdup_printf ("%s{\"exit\":%d}\n", done->output, done->exit_code));
  till_verb_result_free (done);
}

static const char *
get_text (JsonObject *object,
          const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static void
run_call (Call       *call,
          JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "arguments");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                  : NULL;
  g_autoptr(GPtrArray) words = g_ptr_array_new ();
  g_autoptr(GTask) task = NULL;
  const char *directory = get_text (object, "directory");

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *word = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (word) && json_node_get_string (word) != NULL)
        g_ptr_array_add (words, (gpointer)json_node_get_string (word));
    }
  g_ptr_array_add (words, NULL);

  task = g_task_new (NULL, NULL, on_verb_done_cb, call);
  till_verbs_run (call->control->core, (const char *const *)words->pdata,
                  directory != NULL ? directory : "/", get_text (object, "operator"),
                  get_text (object, "password"), get_text (object, "new_password"), task);
}

static void
on_line_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Call *call = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (call->input, result, NULL, NULL);
  g_autoptr(JsonNode) root = NULL;

  if (line == NULL)
    {
      call_free (call);
      return;
    }

  root = strlen (line) <= LINE_MAX_OCTETS ? json_from_string (line, NULL) : NULL;
  memset (line, 0, strlen (line));

  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    run_call (call, json_node_get_object (root));
  else
    answer (call, g_strdup ("{\"error\":\"a call is one line with a JSON object\"}\n"
                            "{\"exit\":2}\n"));
}

static gboolean
on_incoming_cb (GSocketService    *service,
                GSocketConnection *connection,
                GObject           *source_object,
                gpointer           user_data)
{
  TillControl *self = user_data;
  Call *call;

  if (self->n_calls >= CALLS_MAX || self->core->stopping)
    return TRUE;

  self->n_calls++;
  call = g_new0 (Call, 1);
  call->control = self;
  call->connection = g_object_ref (connection);
  call->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_data_input_stream_read_line_async (call->input, G_PRIORITY_DEFAULT, NULL, on_line_cb, call);

  return TRUE;
}

/**
 * till_control_start:
 * @core: the core
 * @error: return location for a #GError
 *
 * Opens the socket. The caller holds the lock of the folder, so a socket that is there is a dead
 * one.
 *
 * Returns: (transfer full): the control, or %NULL with @error set
 */
TillControl *
till_control_start (TillCore *core,
                    GError  **error)
{
  g_autoptr(GSocketAddress) address = till_folder_control_address (core->data_dir, error);
  TillControl *self;

  if (address == NULL)
    return NULL;

  self = g_new0 (TillControl, 1);
  self->core = core;
  self->path = till_folder_control_path (core->data_dir);
  self->service = g_socket_service_new ();
  g_unlink (self->path);

  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL,
                                      error) ||
      g_chmod (self->path, 0600) != 0)
    {
      till_control_stop (self);
      return NULL;
    }

  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming_cb), self);
  return self;
}

/**
 * till_control_stop:
 * @self: (transfer full) (nullable): the control
 *
 * Takes no more calls and removes the socket. Calls under way are answered first.
 */
void
till_control_stop (TillControl *self)
{
  if (self == NULL)
    return;

  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  while (self->n_calls > 0)
    g_main_context_iteration (self->core->context, TRUE);

  g_unlink (self->path);
  g_object_unref (self->service);
  g_free (self->path);
  g_free (self);
}
