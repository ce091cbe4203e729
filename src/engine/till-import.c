/*
 * till-import.c: a site from a table: all of it, or nothing
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-import-plan-private.h"
#include "till-profile.h"

#define DEFAULT_BAUD 9600
#define DEFAULT_PARITY 'N'
#define DEFAULT_STOP_BITS 1

typedef struct
{
  TillImportPlan *plan;
  const char     *operator_name;
  char           *digest; /* of the file, so that one can tell later which it was */
} Import;

static void
init_result (TillImportResult *result)
{
  *result = (TillImportResult){
    .faults = g_ptr_array_new_with_free_func (g_free),
    .warnings = g_ptr_array_new_with_free_func (g_free),
  };
}

/**
 * till_import_result_clear:
 * @self: a result
 *
 * Frees what a result holds.
 */
void
till_import_result_clear (TillImportResult *self)
{
  g_clear_pointer (&self->faults, g_ptr_array_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
}

static void
forget_counts (TillImportResult *result)
{
  result->n_meters_added = 0;
  result->n_accounts = 0;
}

static gboolean
refuse_faults (TillImportResult *result,
               GError          **error)
{
  if (result->n_faults == 0)
    return TRUE;

  forget_counts (result);
  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_INVALID,
               "the file has %u %s, the first is: %s; nothing was imported, correct the file and "
               "import it again", result->n_faults, result->n_faults == 1 ? "fault" : "faults",
               (const char *)g_ptr_array_index (result->faults, 0));
  return FALSE;
}

static gboolean
put_places (TillImportPlan      *plan,
            TillBooks           *books,
            const TillImportRow *row,
            gint64              *place_id,
            GError             **error)
{
  const TillImportShop *shop;

  if (!till_store_put_place (books, 0, TILL_PLACE_KIND_BUILDING, row->building, 0, place_id, error))
    return FALSE;

  if (*row->floor != '\0' &&
      !till_store_put_place (books, *place_id, TILL_PLACE_KIND_FLOOR, row->floor, 0, place_id,
                             error))
    return FALSE;

  if (*row->shop == '\0')
    return TRUE;

  shop = till_import_plan_get_shop (plan, row);
  return till_store_put_place (books, *place_id, TILL_PLACE_KIND_SHOP, row->shop, shop->area_cm2,
                               place_id, error);
}

static gboolean
put_line (TillImportPlan      *plan,
          TillBooks           *books,
          const TillImportRow *row,
          gint64              *line_id,
          GError             **error)
{
  const TillImportLine *line = till_import_plan_get_line (plan, row);
  const TillLineSetup setup = {
    .kind = line->kind,
    .address = (char *)row->line,
    .baud = line->baud != 0 ? line->baud : DEFAULT_BAUD,
    .parity = line->parity != 0 ? (char)line->parity : DEFAULT_PARITY,
    .stop_bits = line->stop_bits != 0 ? line->stop_bits : DEFAULT_STOP_BITS,
    .registration = *line->registration != '\0' ? (char *)line->registration : NULL,
  };

  return till_store_put_line (books, &setup, line_id, error);
}

static gboolean
put_account (TillImportPlan      *plan,
             TillBooks           *books,
             const TillImportRow *row,
             gint64               shop_id,
             gint64              *account_id,
             GError             **error)
{
  const TillImportShop *shop;

  *account_id = 0;
  if (*row->shop == '\0')
    return TRUE;

  shop = till_import_plan_get_shop (plan, row);
  return till_store_put_account (books, shop_id, shop->tenant,
                                 *shop->phone != '\0' ? shop->phone : NULL, shop->balance_mode,
                                 account_id, error);
}

static gboolean
get_count_rule (const TillImportRow *row,
                TillCountRule       *rule,
                GError             **error)
{
  const TillProfile *profile = till_profile_get (row->profile, error);

  if (profile == NULL)
    return FALSE;

  *rule = row->count_rule >= 0 ? (TillCountRule)row->count_rule
                               : till_profile_get_count_rule (profile);
  return TRUE;
}

static gboolean
add_meter (TillImportPlan      *plan,
           TillBooks           *books,
           const TillImportRow *row,
           TillImportMeter     *meter,
           GError             **error)
{
  gint64 place_id = 0;
  TillMeterSetup setup = {
    .meter_no = (char *)row->meter_no,
    .profile = (char *)row->profile,
    .unit = (guint8)row->unit,
    .ct = row->ct,
    .pt = MAX (row->pt, 0),
    .never_trip = row->never_trip == 1,
  };

  return get_count_rule (row, &setup.count_rule, error) &&
         put_places (plan, books, row, &place_id, error) &&
         put_line (plan, books, row, &setup.line_id, error) &&
         put_account (plan, books, row, place_id, &setup.account_id, error) &&
         till_store_add_meter (books, &setup, place_id, row->tariff, &meter->id, error);
}

static gboolean
add_audit (Import    *import,
           TillBooks *books,
           GError   **error)
{
  const TillImportResult *result = import->plan->result;
  g_autofree char *detail =
    g_strdup_printf ("{\"rows\":%u,\"meters\":%u,\"unchanged\":%u,\"accounts\":%u,"
                     "\"sha256\":\"%s\"}", result->n_rows, result->n_meters_added,
                     result->n_unchanged, result->n_accounts, import->digest);

  return till_audit_add (books, import->operator_name, "import", "site", detail, error);
}

static gboolean
write_all (TillBooks *books,
           gpointer   data,
           GError   **error)
{
  Import *import = data;
  TillImportPlan *plan = import->plan;

  for (guint i = 0; i < plan->rows->len; i++)
    {
      const TillImportRow *row = &g_array_index (plan->rows, TillImportRow, i);
      TillImportMeter *meter = till_import_plan_get_meter (plan, row->meter_no);

      if (meter->known == NULL && !add_meter (plan, books, row, meter, error))
        return FALSE;
    }

  /* Only now is every parent there, wherever in the file it stands. */
  for (guint i = 0; i < plan->rows->len; i++)
    {
      const TillImportRow *row = &g_array_index (plan->rows, TillImportRow, i);
      TillImportMeter *meter = till_import_plan_get_meter (plan, row->meter_no);

      if (meter->known == NULL && meter->parent != NULL &&
          !till_store_set_parent (books, meter->id, meter->parent->meter_no, error))
        return FALSE;
    }

  return add_audit (import, books, error);
}

/**
 * till_import_check:
 * @books: (nullable): the books to hold the table against, %NULL to look at the table alone
 * @csv: a table: UTF-8 with or without a byte order mark, or GBK; the first row names the columns
 * @result: (out caller-allocates): what would be done, or what is wrong; clear it in either case
 * @error: return location for a #GError
 *
 * Looks at a table and writes nothing. Called in the thread of the books.
 *
 * Returns: %TRUE when it could be imported; %FALSE with @error set (%TILL_RULE_ERROR_INVALID when
 *   the table has faults, which are in @result; %TILL_DB_ERROR when the books cannot be read)
 *   otherwise
 */
gboolean
till_import_check (TillBooks        *books,
                   GBytes           *csv,
                   TillImportResult *result,
                   GError          **error)
{
  g_auto(TillImportPlan) plan = { 0 };

  g_return_val_if_fail (csv != NULL && result != NULL, FALSE);

  init_result (result);
  return till_import_plan_make (&plan, books, csv, result, error) && refuse_faults (result, error);
}

/**
 * till_import_run:
 * @books: the books
 * @operator_name: who imports, for the trail
 * @csv: a table, as for till_import_check()
 * @result: (out caller-allocates): what was done, or what is wrong; clear it in either case
 * @error: return location for a #GError
 *
 * Imports a site, or adds to one: all rows in one transaction, and none when any is wrong. Meters
 * that are in the books already, just as the table says, are counted and left alone, so a table may
 * be imported again. Called in the thread of the books, which is busy until all is durable. What
 * was waiting to be written is written first, for the table is held against it.
 *
 * Returns: %TRUE when it is durable; %FALSE with @error set (%TILL_RULE_ERROR_INVALID when the
 *   table has faults, which are in @result; %TILL_DB_ERROR) otherwise
 */
gboolean
till_import_run (TillBooks        *books,
                 const char       *operator_name,
                 GBytes           *csv,
                 TillImportResult *result,
                 GError          **error)
{
  g_auto(TillImportPlan) plan = { 0 };
  g_autofree char *digest = NULL;
  Import import = { .plan = &plan, .operator_name = operator_name };

  g_return_val_if_fail (books != NULL && operator_name != NULL, FALSE);
  g_return_val_if_fail (csv != NULL && result != NULL, FALSE);

  init_result (result);
  till_books_flush (books);
  if (!till_import_plan_make (&plan, books, csv, result, error) || !refuse_faults (result, error))
    return FALSE;

  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, csv);
  import.digest = digest;
  if (till_books_write_now (books, write_all, &import, error))
    return TRUE;

  forget_counts (result);
  return FALSE;
}
