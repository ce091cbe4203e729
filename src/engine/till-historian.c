/*
 * till-historian.c: keeping the history of the registers
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-clock.h"
#include "till-historian-private.h"
#include "till-readings.h"
#include "till-worker.h"

#define FILE_NAME "readings.db"

/**
 * TillHistorian:
 *
 * Writes the registers of every meter at each quarter of an hour to the readings file, from a
 * thread of its own: a slow disk under the history never makes money wait. The object is used in
 * the engine's thread; the file only in the worker's.
 */
struct _TillHistorian
{
  TillWorker   *worker;
  char         *path;
  GHashTable   *slots; /* meter id → Slot, engine's thread */
  TillReadings *file;  /* worker's thread */
  int           packed_day;
};

typedef struct
{
  gint64 meter_id;
  gint64 at_ms;
  gint64 power_max_w;
} Slot;

typedef struct
{
  TillHistorian *self;
  gint64         meter_id;
  TillRegisters  registers;
} Write;

static gboolean
ensure_open (TillHistorian *self,
             GError       **error)
{
  if (self->file == NULL)
    self->file = till_readings_open (self->path, FALSE, error);

  return self->file != NULL;
}

static void
pack_when_due (TillHistorian *self,
               gint64         at_ms)
{
  const int day = till_clock_day_of (at_ms);
  g_autoptr(GError) error = NULL;

  if (self->packed_day == day)
    return;

  self->packed_day = day;
  if (!till_readings_pack (self->file, at_ms, &error))
    g_warning ("the readings of past days were not packed: %s", error->message);
}

static void
write_slot (GTask   *task,
            gpointer data)
{
  Write *write = data;
  TillHistorian *self = write->self;
  g_autoptr(GError) error = NULL;

  if (!ensure_open (self, &error) || !till_readings_begin (self->file, &error) ||
      !till_readings_add (self->file, write->meter_id, &write->registers, &error) ||
      !till_readings_commit (self->file, &error))
    g_warning ("the readings file: %s", error->message);
  else
    pack_when_due (self, write->registers.at_ms);

  g_task_return_boolean (task, TRUE);
}

static void
close_file (GTask   *task,
            gpointer data)
{
  TillHistorian *self = data;

  g_clear_pointer (&self->file, till_readings_close);
  g_task_return_boolean (task, TRUE);
}

/**
 * till_historian_start:
 * @data_dir: the folder of the site
 *
 * Returns: (transfer full): a historian; its file is opened at the first reading
 */
TillHistorian *
till_historian_start (const char *data_dir)
{
  TillHistorian *self = g_new0 (TillHistorian, 1);

  self->path = g_build_filename (data_dir, FILE_NAME, NULL);
  self->slots = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->worker = till_worker_new ("readings");

  return self;
}

/**
 * till_historian_take:
 * @self: a historian
 * @reading: all that is known of a meter now
 *
 * Keeps the registers when they are the first of a new quarter of an hour, and the greatest power
 * seen in the one that is over.
 */
void
till_historian_take (TillHistorian     *self,
                     const TillReading *reading)
{
  const gint64 at_ms = reading->at_ms - reading->at_ms % TILL_READINGS_SLOT_MS;
  Slot *slot = g_hash_table_lookup (self->slots, &reading->meter_id);
  Write *write;

  if (!(reading->fields & TILL_READING_ENERGY))
    return;

  if (slot == NULL)
    {
      slot = g_new0 (Slot, 1);
      slot->meter_id = reading->meter_id;
      slot->power_max_w = -1;
      g_hash_table_insert (self->slots, &slot->meter_id, slot);
    }

  if (reading->fields & TILL_READING_POWER)
    slot->power_max_w = MAX (slot->power_max_w, reading->power_w[3]);

  if (slot->at_ms == at_ms)
    return;

  write = g_new0 (Write, 1);
  write->self = self;
  write->meter_id = reading->meter_id;
  write->registers.at_ms = at_ms;
  write->registers.total_ckwh = reading->energy_ckwh;
  for (int p = 0; p < TILL_N_PERIODS; p++)
    write->registers.period_ckwh[p] = reading->period_energy_ckwh[p];
  write->registers.power_max_w = slot->power_max_w;
  slot->at_ms = at_ms;
  slot->power_max_w = -1;
  till_worker_call_async (self->worker, write_slot, write, g_free, NULL, NULL, NULL);
}

/**
 * till_historian_stop:
 * @self: (transfer full): a historian
 *
 * Writes what waits and closes the file.
 */
void
till_historian_stop (TillHistorian *self)
{
  till_worker_call_async (self->worker, close_file, self, NULL, NULL, NULL, NULL);
  till_worker_stop (self->worker);
  g_object_unref (self->worker);
  g_hash_table_unref (self->slots);
  g_free (self->path);
  g_free (self);
}
