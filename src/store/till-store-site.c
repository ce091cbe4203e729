/*
 * till-store-site.c: places, tenants, accounts, lines and meters
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include "till-clock.h"
#include "till-search-key.h"
#include "till-store-site.h"

void
till_meter_setup_free (TillMeterSetup *self)
{
  g_free (self->meter_no);
  g_free (self->profile);
  g_free (self);
}

void
till_line_setup_free (TillLineSetup *self)
{
  g_free (self->address);
  g_free (self->registration);
  g_free (self);
}

/**
 * till_store_put_place:
 * @books: the books, in a transaction
 * @parent_id: the place above, 0 for a building
 * @kind: its level
 * @name: its name, unique under its parent
 * @area_cm2: its area, 0 to leave what is known
 * @id: (out): its number
 * @error: return location for a #GError
 *
 * Finds a place, or adds it.
 *
 * Returns: %TRUE when @id was set, %FALSE with @error set otherwise
 */
gboolean
till_store_put_place (TillBooks    *books,
                      gint64        parent_id,
                      TillPlaceKind kind,
                      const char   *name,
                      gint64        area_cm2,
                      gint64       *id,
                      GError      **error)
{
  return till_db_get_int (till_books_get_db (books), id, error,
                          "INSERT INTO place (site, parent_id, kind, name, area_cm2) "
                          "VALUES (1, $1, $2, $3, $4) "
                          "ON CONFLICT (site, parent_id, kind, name) DO UPDATE SET area_cm2 = "
                          "CASE WHEN excluded.area_cm2 > 0 THEN excluded.area_cm2 "
                          "ELSE place.area_cm2 END RETURNING id", "idsi",
                          parent_id, (int)kind, name, area_cm2);
}

/**
 * till_store_put_line:
 * @books: the books, in a transaction
 * @setup: the line; its id is not looked at
 * @id: (out): its number
 * @error: return location for a #GError
 *
 * Finds a line by its address, or adds it. A line that is there keeps its particulars.
 *
 * Returns: %TRUE when @id was set, %FALSE with @error set otherwise
 */
gboolean
till_store_put_line (TillBooks           *books,
                     const TillLineSetup *setup,
                     gint64              *id,
                     GError             **error)
{
  const char parity[] = { setup->parity, '\0' };

  return till_db_get_int (till_books_get_db (books), id, error,
                          "INSERT INTO line (site, kind, address, baud, parity, stop_bits, "
                          "registration) VALUES (1, $1, $2, $3, $4, $5, $6) "
                          "ON CONFLICT (site, address) DO UPDATE SET address = line.address "
                          "RETURNING id", "ssdsds",
                          till_enum_to_nick (TILL_TYPE_LINE_KIND, setup->kind), setup->address,
                          (int)setup->baud, parity, (int)setup->stop_bits, setup->registration);
}

static gboolean
find_account (TillBooks *books,
              gint64     shop_id,
              gint64    *id,
              char     **tenant,
              GError   **error)
{
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT a.id, t.name FROM account a JOIN tenant t ON t.id = a.tenant_id "
                        "WHERE a.site = 1 AND a.shop_id = $1 AND a.closed_ms IS NULL", "i",
                        shop_id);
  if (stmt == NULL || (rc = till_stmt_step (stmt, error)) < 0)
    return FALSE;

  *id = 0;
  if (rc == 1)
    {
      *id = till_stmt_get_int (stmt, 0);
      *tenant = g_strdup (till_stmt_get_text (stmt, 1));
    }

  till_stmt_reset (stmt);
  return TRUE;
}

/**
 * till_store_put_account:
 * @books: the books, in a transaction
 * @shop_id: the shop
 * @tenant: the tenant's name
 * @phone: (nullable): the tenant's phone
 * @balance_mode: who holds the money
 * @id: (out): the account's number
 * @error: return location for a #GError
 *
 * Finds the open account of a shop, or opens one. A shop has one tenant at a time.
 *
 * Returns: %TRUE when @id was set, %FALSE with @error set (%TILL_RULE_ERROR_DUPLICATE when another
 *   tenant is in the shop) otherwise
 */
gboolean
till_store_put_account (TillBooks      *books,
                        gint64          shop_id,
                        const char     *tenant,
                        const char     *phone,
                        TillBalanceMode balance_mode,
                        gint64         *id,
                        GError        **error)
{
  TillDb *db = till_books_get_db (books);
  g_autofree char *present = NULL;
  gint64 tenant_id = 0;

  if (!find_account (books, shop_id, id, &present, error))
    return FALSE;

  if (*id != 0)
    {
      if (g_strcmp0 (present, tenant) == 0)
        return TRUE;

      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_DUPLICATE,
                   "the shop is let to “%s” already; close that account first, or mend the name",
                   present);
      return FALSE;
    }

  return till_db_get_int (db, &tenant_id, error,
                          "INSERT INTO tenant (site, name, phone) VALUES (1, $1, $2) "
                          "RETURNING id", "ss", tenant, phone) &&
         till_db_get_int (db, id, error,
                          "INSERT INTO account (site, shop_id, tenant_id, balance_mode, opened_ms) "
                          "VALUES (1, $1, $2, $3, $4) RETURNING id", "iisi", shop_id, tenant_id,
                          till_enum_to_nick (TILL_TYPE_BALANCE_MODE, balance_mode),
                          till_clock_now_ms ());
}

/**
 * till_store_add_meter:
 * @books: the books, in a transaction
 * @setup: the meter; id, epoch and adopted are not looked at
 * @place_id: where it hangs in the tree
 * @tariff: the name of its tariff
 * @id: (out): its number
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was added, %FALSE with @error set (%TILL_DB_ERROR_UNIQUE when the number,
 *   or the unit on that line, is taken) otherwise
 */
gboolean
till_store_add_meter (TillBooks            *books,
                      const TillMeterSetup *setup,
                      gint64                place_id,
                      const char           *tariff,
                      gint64               *id,
                      GError              **error)
{
  return till_db_get_int (till_books_get_db (books), id, error,
                          "INSERT INTO meter (site, meter_no, account_id, place_id, line_id, unit, "
                          "profile, ct, pt, tariff, count_rule, never_trip) "
                          "VALUES (1, $1, NULLIF ($2, 0), $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                          "RETURNING id", "siiidsddssd", setup->meter_no, setup->account_id,
                          place_id, setup->line_id, (int)setup->unit, setup->profile, setup->ct,
                          setup->pt, tariff,
                          till_enum_to_nick (TILL_TYPE_COUNT_RULE, setup->count_rule),
                          setup->never_trip);
}

/**
 * till_store_set_parent:
 * @books: the books, in a transaction
 * @meter_id: a sub-meter
 * @parent_meter_no: the number of the meter before it
 * @error: return location for a #GError
 *
 * Returns: %TRUE when it was set, %FALSE with @error set (%TILL_RULE_ERROR_UNKNOWN) otherwise
 */
gboolean
till_store_set_parent (TillBooks  *books,
                       gint64      meter_id,
                       const char *parent_meter_no,
                       GError    **error)
{
  TillDb *db = till_books_get_db (books);

  if (!till_db_run (db, error,
                    "UPDATE meter SET parent_meter_id = (SELECT p.id FROM meter p "
                    "WHERE p.site = 1 AND p.meter_no = $2) WHERE id = $1 AND $2 IN "
                    "(SELECT q.meter_no FROM meter q WHERE q.site = 1 AND q.id <> $1)", "is",
                    meter_id, parent_meter_no))
    return FALSE;

  if (till_db_get_changes (db) == 1)
    return TRUE;

  g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN,
               "parent_meter “%s” is no other meter of the site", parent_meter_no);
  return FALSE;
}

gboolean
till_store_set_line (TillBooks  *books,
                     gint64      line_id,
                     const char *address,
                     GError    **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE line SET address = $2 WHERE id = $1", "is", line_id, address);
}

static gboolean
load_places (TillBooks *books,
             TillSite  *site,
             GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT id, parent_id, kind, name, area_cm2 FROM place "
                                  "WHERE site = 1 ORDER BY kind, id", "");
  int rc;

  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      TillPlace *place = g_new0 (TillPlace, 1);

      place->id = till_stmt_get_int (stmt, 0);
      place->parent_id = till_stmt_get_int (stmt, 1);
      place->kind = (TillPlaceKind)till_stmt_get_int (stmt, 2);
      place->name = g_strdup (till_stmt_get_text (stmt, 3));
      place->area_cm2 = till_stmt_get_int (stmt, 4);
      till_site_take_place (site, place);
    }

  return rc == 0;
}

static char *
path_of_shop (TillSite        *site,
              const TillPlace *shop)
{
  const TillPlace *floor = till_site_get_place (site, shop->parent_id);
  const TillPlace *building = floor != NULL ? till_site_get_place (site, floor->parent_id) : NULL;

  return g_strdup_printf ("%s/%s", building != NULL ? building->name : "", shop->name);
}

static gboolean
load_accounts (TillBooks *books,
               TillSite  *site,
               GError   **error)
{
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT a.id, a.shop_id, a.tenant_id, t.name, t.phone, a.balance_mode "
                        "FROM account a JOIN tenant t ON t.id = a.tenant_id "
                        "WHERE a.site = 1 AND a.closed_ms IS NULL ORDER BY a.id", "");
  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      TillAccount *account = g_new0 (TillAccount, 1);
      const TillPlace *shop;
      int mode = 0;

      account->id = till_stmt_get_int (stmt, 0);
      account->shop_id = till_stmt_get_int (stmt, 1);
      account->tenant_id = till_stmt_get_int (stmt, 2);
      account->tenant_name = g_strdup (till_stmt_get_text (stmt, 3));
      account->phone = g_strdup (till_stmt_get_text (stmt, 4));
      till_enum_from_nick (TILL_TYPE_BALANCE_MODE, till_stmt_get_text (stmt, 5), &mode);
      account->balance_mode = (TillBalanceMode)mode;
      shop = till_site_get_place (site, account->shop_id);
      account->path = path_of_shop (site, shop);
      till_site_take_account (site, account);
    }

  return rc == 0;
}

static void
make_search_keys (TillSite *site)
{
  g_autoptr(GHashTable) numbers = NULL;

  numbers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                   (GDestroyNotify)g_ptr_array_unref);

  for (guint i = 0; i < site->meters->len; i++)
    {
      TillMeter *meter = g_ptr_array_index (site->meters, i);
      GPtrArray *list = g_hash_table_lookup (numbers, &meter->account_id);

      if (list == NULL)
        {
          list = g_ptr_array_new ();
          g_hash_table_insert (numbers, &meter->account_id, list);
        }
      g_ptr_array_add (list, meter->meter_no);
    }

  for (guint i = 0; i < site->accounts->len; i++)
    {
      TillAccount *account = g_ptr_array_index (site->accounts, i);
      GPtrArray *list = g_hash_table_lookup (numbers, &account->id);
      const TillPlace *shop = till_site_get_place (site, account->shop_id);
      static const char *const none[] = { NULL };

      if (list != NULL)
        g_ptr_array_add (list, NULL);
      account->search_key = till_search_key_make (shop->name, account->phone, account->tenant_name,
                                                  list != NULL
                                                    ? (const char *const *)list->pdata : none);
    }
}

static TillMeter *
meter_from_row (TillStmt *stmt)
{
  TillMeter *meter = g_new0 (TillMeter, 1);

  meter->id = till_stmt_get_int (stmt, 0);
  meter->account_id = till_stmt_get_int (stmt, 1);
  meter->place_id = till_stmt_get_int (stmt, 2);
  meter->line_id = till_stmt_get_int (stmt, 3);
  meter->parent_meter_id = till_stmt_get_int (stmt, 4);
  meter->meter_no = g_strdup (till_stmt_get_text (stmt, 5));
  meter->profile = g_strdup (till_stmt_get_text (stmt, 6));
  meter->tariff = g_strdup (till_stmt_get_text (stmt, 7));
  meter->unit = (guint8)till_stmt_get_int (stmt, 8);
  meter->ct = (gint32)till_stmt_get_int (stmt, 9);
  meter->pt = (gint32)till_stmt_get_int (stmt, 10);
  meter->never_trip = (guint8)till_stmt_get_int (stmt, 11);

  return meter;
}

static gboolean
load_tree_meters (TillBooks *books,
                  TillSite  *site,
                  GError   **error)
{
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT id, account_id, place_id, line_id, parent_meter_id, meter_no, "
                        "profile, tariff, unit, ct, pt, never_trip FROM meter WHERE site = 1 "
                        "ORDER BY id", "");
  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    till_site_take_meter (site, meter_from_row (stmt));

  return rc == 0;
}

static gboolean
load_tree_lines (TillBooks *books,
                 TillSite  *site,
                 GError   **error)
{
  TillStmt *stmt = till_db_query (till_books_get_db (books), error,
                                  "SELECT id, kind, address FROM line WHERE site = 1 ORDER BY id",
                                  "");
  int rc;

  if (stmt == NULL)
    return FALSE;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      TillLineInfo *line = g_new0 (TillLineInfo, 1);
      int kind = 0;

      line->id = till_stmt_get_int (stmt, 0);
      till_enum_from_nick (TILL_TYPE_LINE_KIND, till_stmt_get_text (stmt, 1), &kind);
      line->kind = (TillLineKind)kind;
      line->address = g_strdup (till_stmt_get_text (stmt, 2));
      till_site_take_line (site, line);
    }

  return rc == 0;
}

/**
 * till_store_load_site:
 * @books: the books
 * @name: the name of the site
 * @demo: whether it is the demo
 * @error: return location for a #GError
 *
 * Reads the whole tree. What a profile knows (prepaid, relay) is left for the engine to fill in.
 *
 * Returns: (transfer full): the tree, or %NULL with @error set
 */
TillSite *
till_store_load_site (TillBooks  *books,
                      const char *name,
                      gboolean    demo,
                      GError    **error)
{
  g_autoptr(TillSite) site = till_site_new (name, demo);

  if (!load_places (books, site, error) || !load_accounts (books, site, error) ||
      !load_tree_meters (books, site, error) || !load_tree_lines (books, site, error))
    return NULL;

  make_search_keys (site);
  return g_steal_pointer (&site);
}

/**
 * till_store_load_meters:
 * @books: the books
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillMeterSetup): all meters, or %NULL with @error set
 */
GPtrArray *
till_store_load_meters (TillBooks *books,
                        GError   **error)
{
  const GDestroyNotify free_setup = (GDestroyNotify)till_meter_setup_free;
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func (free_setup);
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT id, line_id, account_id, meter_no, profile, count_rule, unit, ct, "
                        "pt, epoch, adopted_ms, never_trip FROM meter WHERE site = 1 ORDER BY id",
                        "");
  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      TillMeterSetup *setup = g_new0 (TillMeterSetup, 1);
      int rule = TILL_COUNT_RULE_UNKNOWN;

      setup->id = till_stmt_get_int (stmt, 0);
      setup->line_id = till_stmt_get_int (stmt, 1);
      setup->account_id = till_stmt_get_int (stmt, 2);
      setup->meter_no = g_strdup (till_stmt_get_text (stmt, 3));
      setup->profile = g_strdup (till_stmt_get_text (stmt, 4));
      till_enum_from_nick (TILL_TYPE_COUNT_RULE, till_stmt_get_text (stmt, 5), &rule);
      setup->count_rule = (TillCountRule)rule;
      setup->unit = (guint8)till_stmt_get_int (stmt, 6);
      setup->ct = (gint32)till_stmt_get_int (stmt, 7);
      setup->pt = (gint32)till_stmt_get_int (stmt, 8);
      setup->epoch = till_stmt_get_int (stmt, 9);
      setup->adopted = !till_stmt_is_null (stmt, 10);
      setup->never_trip = till_stmt_get_int (stmt, 11) != 0;
      g_ptr_array_add (list, setup);
    }

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * till_store_load_lines:
 * @books: the books
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type TillLineSetup): all lines, or %NULL with @error set
 */
GPtrArray *
till_store_load_lines (TillBooks *books,
                       GError   **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)till_line_setup_free);
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT id, kind, address, baud, parity, stop_bits, registration FROM line "
                        "WHERE site = 1 ORDER BY id", "");
  if (stmt == NULL)
    return NULL;

  while ((rc = till_stmt_step (stmt, error)) == 1)
    {
      TillLineSetup *setup = g_new0 (TillLineSetup, 1);
      int kind = 0;

      setup->id = till_stmt_get_int (stmt, 0);
      till_enum_from_nick (TILL_TYPE_LINE_KIND, till_stmt_get_text (stmt, 1), &kind);
      setup->kind = (TillLineKind)kind;
      setup->address = g_strdup (till_stmt_get_text (stmt, 2));
      setup->baud = (guint)till_stmt_get_int (stmt, 3);
      setup->parity = till_stmt_get_text (stmt, 4)[0];
      setup->stop_bits = (guint)till_stmt_get_int (stmt, 5);
      setup->registration = g_strdup (till_stmt_get_text (stmt, 6));
      g_ptr_array_add (list, setup);
    }

  return rc == 0 ? g_steal_pointer (&list) : NULL;
}

gboolean
till_store_set_adopted (TillBooks *books,
                        gint64     meter_id,
                        gint64     at_ms,
                        GError   **error)
{
  return till_db_run (till_books_get_db (books), error,
                      "UPDATE meter SET adopted_ms = $2 WHERE id = $1 AND adopted_ms IS NULL",
                      "ii", meter_id, at_ms);
}

/**
 * till_store_put_latest:
 * @books: the books, in a transaction
 * @reading: the last look at a meter
 * @error: return location for a #GError
 *
 * Keeps what the cap and verify need to know of a meter while nothing runs.
 *
 * Returns: %TRUE when it was kept, %FALSE with @error set otherwise
 */
gboolean
till_store_put_latest (TillBooks         *books,
                       const TillReading *reading,
                       GError           **error)
{
  const gint64 *period = reading->period_energy_ckwh;

  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO latest (meter_id, site, at_ms, fields, remaining, "
                      "purchase_count, flags, energy, energy_sharp, energy_peak, energy_flat, "
                      "energy_valley, energy_deep) "
                      "VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
                      "ON CONFLICT (meter_id) DO UPDATE SET at_ms = excluded.at_ms, "
                      "fields = excluded.fields, remaining = excluded.remaining, "
                      "purchase_count = excluded.purchase_count, flags = excluded.flags, "
                      "energy = excluded.energy, energy_sharp = excluded.energy_sharp, "
                      "energy_peak = excluded.energy_peak, energy_flat = excluded.energy_flat, "
                      "energy_valley = excluded.energy_valley, "
                      "energy_deep = excluded.energy_deep", "iiiiiiiiiiii", reading->meter_id,
                      reading->at_ms, (gint64)reading->fields, reading->remaining,
                      (gint64)reading->purchase_count, (gint64)reading->flags,
                      reading->energy_ckwh, period[0], period[1], period[2], period[3], period[4]);
}

/**
 * till_store_load_latest:
 * @books: the books
 * @meter_id: a meter
 * @reading: (out): the last look that was kept, with the fields that are kept
 * @found: (out): whether there is one
 * @error: return location for a #GError
 *
 * Returns: %TRUE when the answer is known, %FALSE with @error set otherwise
 */
gboolean
till_store_load_latest (TillBooks   *books,
                        gint64       meter_id,
                        TillReading *reading,
                        gboolean    *found,
                        GError     **error)
{
  const guint32 kept = TILL_READING_REMAINING | TILL_READING_PURCHASE_COUNT | TILL_READING_STATUS |
                       TILL_READING_ENERGY | TILL_READING_PERIOD_ENERGY | TILL_READING_DEEP_ENERGY;
  TillStmt *stmt;
  int rc;

  stmt = till_db_query (till_books_get_db (books), error,
                        "SELECT at_ms, fields, remaining, purchase_count, flags, energy, "
                        "energy_sharp, energy_peak, energy_flat, energy_valley, energy_deep "
                        "FROM latest WHERE meter_id = $1", "i", meter_id);
  if (stmt == NULL || (rc = till_stmt_step (stmt, error)) < 0)
    return FALSE;

  *found = rc == 1;
  if (*found)
    {
      *reading = (TillReading) { .meter_id = meter_id };
      reading->at_ms = till_stmt_get_int (stmt, 0);
      reading->fields = (guint32)till_stmt_get_int (stmt, 1) & kept;
      reading->remaining = till_stmt_get_int (stmt, 2);
      reading->purchase_count = (guint32)till_stmt_get_int (stmt, 3);
      reading->flags = (guint32)till_stmt_get_int (stmt, 4);
      reading->energy_ckwh = till_stmt_get_int (stmt, 5);
      for (int p = 0; p < TILL_N_PERIODS; p++)
        reading->period_energy_ckwh[p] = till_stmt_get_int (stmt, 6 + p);
    }

  till_stmt_reset (stmt);
  return TRUE;
}
