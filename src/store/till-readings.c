/*
 * till-readings.c: the history of the registers, packed by the day
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-readings-private.h"

/* Meter-days touched before their sums are mended. */
#define TOUCHED_MAX 4096

static const TillDbSchema schema = {
  .resource_prefix = "/org/tillwatt/Till/sql/readings",
  .version = 1,
  .application_id = 0x54697252, /* TirR */
  .full_sync = FALSE,
};

static int
compare_slots (gconstpointer a,
               gconstpointer b)
{
  const TillRegisters *x = a;
  const TillRegisters *y = b;

  return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static void
get_use (TillStmt *stmt,
         TillUse  *use)
{
  use->meter_id = till_stmt_get_int (stmt, 0);
  use->day = (int)till_stmt_get_int (stmt, 1);
  use->total_ckwh = till_stmt_get_int (stmt, 2);
  for (int p = 0; p < TILL_N_PERIODS; p++)
    use->period_ckwh[p] = till_stmt_get_int (stmt, p + 3);
  use->power_max_w = till_stmt_get_int (stmt, TILL_N_PERIODS + 3);
  use->n_slots = (guint)till_stmt_get_int (stmt, TILL_N_PERIODS + 4);
  use->estimated = till_stmt_get_int (stmt, TILL_N_PERIODS + 5) != 0;
  use->n_restarts = (guint)till_stmt_get_int (stmt, TILL_N_PERIODS + 6);
}

/* Reads a statement of uses to its end. */
static gboolean
list_uses (TillStmt *stmt,
           GArray   *uses,
           GError  **error)
{
  const guint n_before = uses->len;
  int rc = -1;

  while (stmt != NULL && (rc = till_stmt_step (stmt, error)) == 1)
    {
      g_array_set_size (uses, uses->len + 1);
      get_use (stmt, &g_array_index (uses, TillUse, uses->len - 1));
    }

  if (rc < 0)
    g_array_set_size (uses, n_before);

  return rc == 0;
}

/**
 * till_readings_open:
 * @path: where the file is; made when it is not there and not @read_only
 * @read_only: whether to open a connection for a reader
 * @error: return location for a #GError
 *
 * Opens the readings for the calling thread. There may be one connection that writes, and any
 * number that read.
 *
 * Returns: (transfer full): the readings, or %NULL with @error set (%TILL_DB_ERROR)
 */
TillReadings *
till_readings_open (const char *path,
                    gboolean    read_only,
                    GError    **error)
{
  TillReadings *self;
  TillDb *db;

  g_return_val_if_fail (path != NULL, NULL);

  db = read_only ? till_db_open_reader (path, &schema, error) : till_db_open (path, &schema, error);
  if (db == NULL)
    return NULL;

  self = g_new0 (TillReadings, 1);
  self->db = db;
  self->touched = g_array_new (FALSE, FALSE, sizeof (TillTouched));
  self->blob = g_byte_array_new ();
  return self;
}

/**
 * till_readings_close:
 * @self: (transfer full) (nullable): readings
 *
 * Closes the file. An open transaction is rolled back.
 */
void
till_readings_close (TillReadings *self)
{
  if (self == NULL)
    return;

  till_db_close (self->db);
  g_array_unref (self->touched);
  g_byte_array_unref (self->blob);
  g_free (self);
}

/**
 * till_readings_begin:
 * @self: readings
 * @error: return location for a #GError
 *
 * Begins a transaction, so that the slots of many meters cost one COMMIT.
 *
 * Returns: %TRUE when it began, %FALSE with @error set otherwise
 */
gboolean
till_readings_begin (TillReadings *self,
                     GError      **error)
{
  g_return_val_if_fail (self != NULL && !self->in_transaction, FALSE);

  self->in_transaction = till_db_begin (self->db, error);
  return self->in_transaction;
}

/**
 * till_readings_commit:
 * @self: readings in a transaction
 * @error: return location for a #GError
 *
 * Mends the sums of the days and months that were touched, and ends the transaction. After an error
 * it is undone, as far as one can know.
 *
 * Returns: %TRUE when it is in the file, %FALSE with @error set otherwise
 */
gboolean
till_readings_commit (TillReadings *self,
                      GError      **error)
{
  g_return_val_if_fail (self != NULL && self->in_transaction, FALSE);

  if (!till_readings_mend (self, error) || !till_db_commit (self->db, error))
    {
      till_readings_rollback (self);
      return FALSE;
    }

  self->in_transaction = FALSE;
  return TRUE;
}

/**
 * till_readings_rollback:
 * @self: readings
 *
 * Undoes the open transaction, if there is one.
 */
void
till_readings_rollback (TillReadings *self)
{
  g_return_if_fail (self != NULL);

  till_db_rollback (self->db);
  g_array_set_size (self->touched, 0);
  self->in_transaction = FALSE;
}

/**
 * till_readings_add:
 * @self: readings
 * @meter_id: whose slot it is
 * @registers: the slot
 * @error: return location for a #GError
 *
 * Stores a slot, by itself or in the transaction that was begun. Slots may come late and in any
 * order. A slot that is there already keeps its first value, but an estimated one gives way to a
 * measured one. The caller rolls back after an error other than %TILL_RULE_ERROR_INVALID.
 *
 * Returns: %TRUE when the slot is in the file (at the end of the transaction), %FALSE with @error
 * set
 *   otherwise (%TILL_DB_ERROR_CORRUPT when the slot belongs to a packed day that cannot be read)
 */
gboolean
till_readings_add (TillReadings        *self,
                   gint64               meter_id,
                   const TillRegisters *registers,
                   GError             **error)
{
  return till_readings_add_many (self, meter_id, registers, 1, error);
}

/**
 * till_readings_add_many:
 * @self: readings
 * @meter_id: whose slots they are
 * @slots: (array length=n_slots): the slots
 * @n_slots: how many
 * @error: return location for a #GError
 *
 * Stores slots as till_readings_add() does, such as the memory of a meter after an outage; whole
 * days are packed at once. None is stored when one is invalid.
 *
 * Returns: %TRUE when they are in the file (at the end of the transaction), %FALSE with @error set
 *   otherwise
 */
gboolean
till_readings_add_many (TillReadings        *self,
                        gint64               meter_id,
                        const TillRegisters *slots,
                        guint                n_slots,
                        GError             **error)
{
  const gboolean alone = !self->in_transaction;
  guint n;

  g_return_val_if_fail (self != NULL && meter_id > 0 && slots != NULL, FALSE);

  for (guint i = 0; i < n_slots; i++)
    if (!till_readings_check_slot (&slots[i], error))
      return FALSE;

  if (alone && !till_readings_begin (self, error))
    return FALSE;

  for (guint i = 0; i < n_slots; i += n)
    {
      const int day = till_clock_day_of (slots[i].at_ms);
      const gint64 start_ms = till_clock_day_start_ms (day);

      for (n = 1; i + n < n_slots && n < TILL_READINGS_SLOTS_A_DAY; n++)
        if (slots[i + n].at_ms < start_ms || slots[i + n].at_ms >= start_ms + TILL_READINGS_DAY_MS)
          break;

      if (!till_readings_add_to_day (self, meter_id, day, &slots[i], n, error) ||
          (self->touched->len >= TOUCHED_MAX && !till_readings_mend (self, error)))
        {
          if (alone)
            till_readings_rollback (self);
          return FALSE;
        }
    }

  return !alone || till_readings_commit (self, error);
}

/**
 * till_readings_pack:
 * @self: readings, in no transaction
 * @now_ms: what time it is
 * @error: return location for a #GError
 *
 * Packs every day that is over at @now_ms, some hundred in a transaction, so that a writer who
 * waits does not wait long and what is packed stays packed when a later part fails. Packing again
 * changes nothing. The sums of days and months are not touched: they were kept all along.
 *
 * Returns: %TRUE when all is packed, %FALSE with @error set otherwise
 */
gboolean
till_readings_pack (TillReadings *self,
                    gint64        now_ms,
                    GError      **error)
{
  const gint64 today_ms = till_clock_day_start_ms (till_clock_day_of (now_ms));
  gint64 meter_id = 1;
  gint64 from_ms = 0;

  g_return_val_if_fail (self != NULL && !self->in_transaction, FALSE);

  while (meter_id != 0)
    if (!till_db_begin (self->db, error) ||
        !till_readings_pack_some (self, today_ms, &meter_id, &from_ms, error) ||
        !till_db_commit (self->db, error))
      {
        till_db_rollback (self->db);
        return FALSE;
      }

  return TRUE;
}

/**
 * till_readings_list_slots:
 * @self: readings
 * @meter_id: whose
 * @from_ms: the first instant wanted, UTC
 * @to_ms: the first instant that is not
 * @slots: (element-type TillRegisters): where to append the slots, in order
 * @error: return location for a #GError
 *
 * Lists the slots that there are; a gap is a gap.
 *
 * Returns: %TRUE when @slots has them, %FALSE with @error set and nothing appended otherwise
 *   (%TILL_DB_ERROR_CORRUPT names the day that cannot be read)
 */
gboolean
till_readings_list_slots (TillReadings *self,
                          gint64        meter_id,
                          gint64        from_ms,
                          gint64        to_ms,
                          GArray       *slots,
                          GError      **error)
{
  const guint n_before = slots->len;
  guint n_packed;
  gboolean good;

  g_return_val_if_fail (self != NULL && slots != NULL, FALSE);

  if (to_ms <= from_ms)
    return TRUE;

  /* In one transaction, for the writer may pack a day between the two looks. */
  if (!self->in_transaction && !till_db_run (self->db, error, "BEGIN", ""))
    return FALSE;

  good = till_readings_append_packed (self, meter_id, from_ms, to_ms, slots, error);
  n_packed = slots->len;
  good = good && till_readings_append_open (self, meter_id, from_ms, to_ms, slots, error);

  if (!self->in_transaction)
    till_db_rollback (self->db);

  if (!good)
    {
      g_array_set_size (slots, n_before);
      return FALSE;
    }

  /* A late slot may have opened a day before packed ones. */
  if (n_packed > n_before && n_packed < slots->len &&
      g_array_index (slots, TillRegisters, n_packed).at_ms <
      g_array_index (slots, TillRegisters, n_packed - 1).at_ms)
    qsort (&g_array_index (slots, TillRegisters, n_before), slots->len - n_before,
           sizeof (TillRegisters), compare_slots);

  return TRUE;
}

/**
 * till_readings_list_days:
 * @self: readings
 * @meter_id: whose
 * @from_day: the first day, yyyymmdd
 * @to_day: the last day, yyyymmdd
 * @uses: (element-type TillUse): where to append the days, in order
 * @error: return location for a #GError
 *
 * Lists what a meter used by day. Days without any slot are left out.
 *
 * Returns: %TRUE when @uses has them, %FALSE with @error set and nothing appended otherwise
 */
gboolean
till_readings_list_days (TillReadings *self,
                         gint64        meter_id,
                         int           from_day,
                         int           to_day,
                         GArray       *uses,
                         GError      **error)
{
  g_return_val_if_fail (self != NULL && uses != NULL, FALSE);

  if (self->touched->len > 0 && !till_readings_mend (self, error))
    return FALSE;

  return list_uses (till_db_query (self->db, error,
                                   "SELECT meter_id, day, total, sharp, peak, flat, valley, deep, "
                                   "power_max_w, n_slots, estimated, n_restarts FROM day_use "
                                   "WHERE site = $1 AND meter_id = $2 AND day BETWEEN $3 AND $4 "
                                   "ORDER BY day",
                                   "didd", TILL_READINGS_SITE, meter_id, from_day, to_day),
                    uses, error);
}

/**
 * till_readings_list_month:
 * @self: readings
 * @month: yyyymm
 * @uses: (element-type TillUse): where to append the meters, by id
 * @error: return location for a #GError
 *
 * Lists what each meter used in a month. The running month is as far as it has come.
 *
 * Returns: %TRUE when @uses has them, %FALSE with @error set and nothing appended otherwise
 */
gboolean
till_readings_list_month (TillReadings *self,
                          int           month,
                          GArray       *uses,
                          GError      **error)
{
  g_return_val_if_fail (self != NULL && uses != NULL, FALSE);

  if (self->touched->len > 0 && !till_readings_mend (self, error))
    return FALSE;

  return list_uses (till_db_query (self->db, error,
                                   "SELECT meter_id, month, total, sharp, peak, flat, valley, "
                                   "deep, power_max_w, n_slots, estimated, n_restarts "
                                   "FROM month_use "
                                   "WHERE site = $1 AND month = $2 ORDER BY meter_id",
                                   "dd", TILL_READINGS_SITE, month), uses, error);
}
