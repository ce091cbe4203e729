/*
 * till-plant.c: everything the engine's thread owns, put together and taken apart
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-auth-private.h"
#include "till-clock.h"
#include "till-control-private.h"
#include "till-demo-private.h"
#include "till-folder.h"
#include "till-gateways-private.h"
#include "till-import-private.h"
#include "till-listener.h"
#include "till-payments-private.h"
#include "till-plant-private.h"
#include "till-poller-private.h"
#include "till-refund-private.h"
#include "till-store-people.h"

#define DRAIN_MS 3000
#define DEMO_READY_MS 10000
#define DEMO_OPERATOR "demo"
#define DEMO_PASSWORD "demo"
#define DEMO_SITE_NAME "顺心城市广场"

struct _TillPlant
{
  TillFolder   *folder;
  TillCore     *core;
  TillControl  *control;
  TillListener *listener;
  TillDemo     *demo;
};

static void
on_operator_made_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  TillOperator *person = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean *done = user_data;

  g_clear_pointer (&person, till_operator_unref);
  *done = TRUE;
}

static gboolean
write_demo_settings (TillBooks *books,
                     gpointer   data,
                     GError   **error)
{
  return till_store_set_setting (books, "site.name", DEMO_SITE_NAME, error) &&
         till_store_set_setting (books, "listener.port", "0", error);
}

/* The first start of the demo: its people, its settings, its site. */
static gboolean
furnish_demo (TillPlant  *self,
              const char *csv_path,
              GError    **error)
{
  gboolean done = FALSE;
  g_autoptr(GTask) task = g_task_new (NULL, NULL, on_operator_made_cb, &done);
  g_auto(TillImportResult) result = { 0 };
  g_autofree char *text = NULL;
  g_autoptr(GBytes) bytes = NULL;
  gsize size;

  till_auth_add_operator (self->core, TILL_CORE_SYSTEM_OPERATOR, DEMO_OPERATOR, "演示收费员",
                          TILL_ROLE_ADMIN, DEMO_PASSWORD, task);
  while (!done)
    g_main_context_iteration (self->core->context, TRUE);

  if (!g_file_get_contents (csv_path, &text, &size, error))
    return FALSE;

  bytes = g_bytes_new_take (g_steal_pointer (&text), size);
  return till_books_write_now (self->core->books, write_demo_settings, NULL, error) &&
         till_config_set (self->core->config, "site.name", DEMO_SITE_NAME, error) &&
         till_config_set (self->core->config, "listener.port", "0", error) &&
         till_import_run (self->core->books, TILL_CORE_SYSTEM_OPERATOR, bytes, &result, error);
}

static void
on_simulator_gone (const GError *error,
                   gpointer      user_data)
{
  TillPlant *self = user_data;

  g_warning ("%s", error->message);
  self->core->simulator_gone = TRUE;
  till_core_emit_conditions (self->core);
}

static gboolean
start_demo (TillPlant *self,
            GError   **error)
{
  g_autofree char *csv_path = NULL;
  gint64 n_meters = 0;

  if (!till_demo_ensure (self->core->data_dir, &csv_path, error) ||
      !till_db_get_int (till_books_get_db (self->core->books), &n_meters, error,
                        "SELECT COUNT(*) FROM meter WHERE site = 1", ""))
    return FALSE;

  self->demo = till_demo_start (self->core->data_dir, DEMO_READY_MS, on_simulator_gone, self,
                                error);
  return self->demo != NULL && (n_meters > 0 || furnish_demo (self, csv_path, error)) &&
         till_demo_configure (self->core->data_dir, self->core->config, error);
}

static const char *
text_or_null (TillPlant  *self,
              const char *key)
{
  const char *text = till_config_get (self->core->config, key);

  return *text != '\0' ? text : NULL;
}

/* A listener that cannot start is a standing fault, not the end: the desk sells on. */
static void
start_listener (TillPlant *self)
{
  const TillListenerConfig config = {
    .bind = text_or_null (self, "listener.bind"),
    .port = (guint16)till_config_get_int (self->core->config, "listener.port"),
    .tls_cert = text_or_null (self, "listener.tls-cert"),
    .tls_key = text_or_null (self, "listener.tls-key"),
    .trusted_proxy = text_or_null (self, "listener.trusted-proxy"),
  };
  g_autoptr(GError) error = NULL;

  self->listener = till_listener_new (&config);
  till_gateways_start (self->core, self->listener);
  if (till_listener_start (self->listener, &error) != 0)
    {
      /* The simulated gateway is on this computer, too. */
      if (self->core->demo)
        till_config_set (self->core->config, "public-url",
                         till_listener_get_uri (self->listener), NULL);
      return;
    }

  g_warning ("%s", error->message);
  self->core->listener_fault = g_strdup (error->message);
  g_clear_object (&self->listener);
}

/**
 * till_plant_open:
 * @data_dir: the folder of the site
 * @flags: the whole system, the demo, or the books only
 * @events: where news goes
 * @events_data: handed to @events
 * @error: return location for a #GError
 *
 * Takes the folder, opens the books, takes up what was not settled, and starts lines, listener and
 * control. The calling thread is the engine's from now on.
 *
 * Returns: (transfer full): the plant, or %NULL with @error set and nothing left running
 */
TillPlant *
till_plant_open (const char           *data_dir,
                 TillEngineFlags       flags,
                 const TillCoreEvents *events,
                 gpointer              events_data,
                 GError              **error)
{
  TillPlant *self = g_new0 (TillPlant, 1);
  const gboolean demo = (flags & TILL_ENGINE_FLAGS_DEMO) != 0;
  const gboolean offline = (flags & TILL_ENGINE_FLAGS_OFFLINE) != 0;
  gboolean good;

  self->folder = till_folder_take (data_dir, error);
  self->core = self->folder != NULL
    ? till_core_open (data_dir, demo, offline, events, events_data, error) : NULL;

  good = self->core != NULL && (!demo || offline || start_demo (self, error)) &&
         till_core_load (self->core, error);
  if (good && !offline)
    {
      start_listener (self);
      self->control = till_control_start (self->core, error);
      good = self->control != NULL && till_poller_start (self->core, error) &&
             till_refund_start (self->core, error) && till_payments_start (self->core, error);
    }

  if (good)
    return self;

  till_plant_close (self);
  return NULL;
}

/**
 * till_plant_close:
 * @self: (transfer full) (nullable): the plant
 *
 * Two phases: no new work is taken; then what is under way is finished within a few seconds, the
 * rest stays in the books for the next start.
 */
void
till_plant_close (TillPlant *self)
{
  if (self == NULL)
    return;

  if (self->core != NULL)
    {
      self->core->stopping = TRUE;
      if (self->listener != NULL)
        till_listener_stop (self->listener);
      till_payments_stop (self->core);
      till_refund_stop (self->core);
      till_gateways_stop (self->core);
      till_poller_stop (self->core, DRAIN_MS);
      till_control_stop (self->control);
      g_clear_pointer (&self->demo, till_demo_stop);
      till_core_close (self->core);
    }

  g_clear_object (&self->listener);
  till_folder_release (self->folder);
  g_free (self);
}

TillCore *
till_plant_get_core (TillPlant *self)
{
  return self->core;
}

/**
 * till_plant_get_portal_uri:
 * @self: the plant
 *
 * Returns: (nullable) (transfer none): where the listener is, %NULL when it could not start
 */
const char *
till_plant_get_portal_uri (TillPlant *self)
{
  return self->listener != NULL ? till_listener_get_uri (self->listener) : NULL;
}
