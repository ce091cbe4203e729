/*
 * till-import-plan.c: the rows of a table held against one another and against the books
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-csv.h"
#include "till-import-plan-private.h"

/* Stands between the halves of a key; no name holds it, for control characters are refused. */
#define BETWEEN "\x1f"

static char *
shop_key (const char *building,
          const char *shop)
{
  return g_strconcat (building, BETWEEN, shop, NULL);
}

static char *
unit_key (const char *line,
          guint       unit)
{
  return g_strdup_printf ("%s" BETWEEN "%u", line, unit);
}

/* A register of twelve digits puts zeros in front, so they tell no meters apart. */
static const char *
meter_key (const char *meter_no)
{
  const char *p = meter_no;

  while (p[0] == '0' && p[1] != '\0')
    p++;

  return p;
}

/**
 * till_import_plan_get_shop:
 * @self: a plan
 * @row: a row of a shop
 *
 * Returns: (nullable): the shop
 */
TillImportShop *
till_import_plan_get_shop (TillImportPlan      *self,
                           const TillImportRow *row)
{
  g_autofree char *key = shop_key (row->building, row->shop);

  return g_hash_table_lookup (self->shops, key);
}

/**
 * till_import_plan_get_line:
 * @self: a plan
 * @row: a row
 *
 * Returns: (nullable): its line
 */
TillImportLine *
till_import_plan_get_line (TillImportPlan      *self,
                           const TillImportRow *row)
{
  return g_hash_table_lookup (self->lines, row->line);
}

/**
 * till_import_plan_get_meter:
 * @self: a plan
 * @meter_no: a number, with or without zeros in front
 *
 * Returns: (nullable): the meter of the file or of the books
 */
TillImportMeter *
till_import_plan_get_meter (TillImportPlan *self,
                            const char     *meter_no)
{
  return g_hash_table_lookup (self->meters, meter_key (meter_no));
}

static TillImportMeter *
add_meter (TillImportPlan *self,
           const char     *meter_no)
{
  TillImportMeter *meter = g_new0 (TillImportMeter, 1);

  meter->meter_no = meter_no;
  g_hash_table_insert (self->meters, (gpointer)meter_key (meter_no), meter);
  return meter;
}

static TillImportShop *
add_shop (TillImportPlan *self,
          const char     *building,
          const char     *name)
{
  g_autofree char *key = shop_key (building, name);
  TillImportShop *shop = g_new0 (TillImportShop, 1);

  shop->tenant = "";
  shop->phone = "";
  g_hash_table_insert (self->shops, g_string_chunk_insert (self->keys, key), shop);
  return shop;
}

static void
add_book_shops (TillImportPlan *self)
{
  g_autoptr(GHashTable) by_id = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < self->site->places->len; i++)
    {
      const TillPlace *place = g_ptr_array_index (self->site->places, i);
      const TillPlace *floor = till_site_get_place (self->site, place->parent_id);
      const TillPlace *building = floor != NULL
                                  ? till_site_get_place (self->site, floor->parent_id) : NULL;
      TillImportShop *shop;

      if (place->kind != TILL_PLACE_KIND_SHOP || building == NULL)
        continue;

      shop = add_shop (self, building->name, place->name);
      shop->floor = floor->name;
      shop->area_cm2 = place->area_cm2;
      g_hash_table_insert (by_id, (gpointer)&place->id, shop);
    }

  for (guint i = 0; i < self->site->accounts->len; i++)
    {
      const TillAccount *account = g_ptr_array_index (self->site->accounts, i);
      TillImportShop *shop = g_hash_table_lookup (by_id, &account->shop_id);

      if (shop == NULL)
        continue;

      shop->has_account = TRUE;
      shop->account_id = account->id;
      shop->tenant = account->tenant_name;
      shop->phone = account->phone != NULL ? account->phone : "";
      shop->balance_mode = account->balance_mode;
    }
}

static void
add_book_lines (TillImportPlan *self)
{
  for (guint i = 0; i < self->book_lines->len; i++)
    {
      const TillLineSetup *setup = g_ptr_array_index (self->book_lines, i);
      TillImportLine *line = g_new0 (TillImportLine, 1);

      line->kind = setup->kind;
      line->baud = setup->baud;
      line->parity = (guchar)setup->parity;
      line->stop_bits = setup->stop_bits;
      line->registration = setup->registration != NULL ? setup->registration : "";
      g_hash_table_insert (self->lines, setup->address, line);
    }
}

static const char *
line_address (TillImportPlan *self,
              gint64          line_id)
{
  for (guint i = 0; i < self->book_lines->len; i++)
    {
      const TillLineSetup *line = g_ptr_array_index (self->book_lines, i);

      if (line->id == line_id)
        return line->address;
    }

  return "";
}

static void
add_book_meters (TillImportPlan *self)
{
  g_autoptr(GHashTable) by_id = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < self->site->meters->len; i++)
    {
      const TillMeter *known = g_ptr_array_index (self->site->meters, i);
      TillImportMeter *meter = add_meter (self, known->meter_no);
      g_autofree char *key = unit_key (line_address (self, known->line_id), known->unit);

      meter->id = known->id;
      meter->known = known;
      g_hash_table_insert (by_id, &meter->id, meter);
      g_hash_table_insert (self->units, g_string_chunk_insert (self->keys, key), meter);
    }

  for (guint i = 0; i < self->setups->len; i++)
    {
      const TillMeterSetup *setup = g_ptr_array_index (self->setups, i);
      TillImportMeter *meter = g_hash_table_lookup (by_id, &setup->id);

      if (meter != NULL)
        {
          meter->setup = setup;
          meter->parent = g_hash_table_lookup (by_id, &meter->known->parent_meter_id);
        }
    }
}

static gboolean
load_books (TillImportPlan *self,
            TillBooks      *books,
            GError        **error)
{
  self->site = till_store_load_site (books, "", FALSE, error);
  self->setups = self->site != NULL ? till_store_load_meters (books, error) : NULL;
  self->book_lines = self->setups != NULL ? till_store_load_lines (books, error) : NULL;

  if (self->book_lines == NULL)
    return FALSE;

  add_book_shops (self);
  add_book_lines (self);
  add_book_meters (self);
  return TRUE;
}

static char *
say_who (guint row)
{
  return row == 0 ? g_strdup ("the books") : g_strdup_printf ("row %u", row);
}

static void
add_disagreement (TillImportPlan  *self,
                  guint            row,
                  TillImportColumn column,
                  const char      *value,
                  guint            first_row,
                  const char      *first)
{
  g_autofree char *who = say_who (first_row);

  if (*first == '\0')
    till_import_add_fault (self->result, row, column, value,
                           "is said here, but not in %s; correct the row", who);
  else
    till_import_add_fault (self->result, row, column, value,
                           "differs from “%s” in %s; make them alike", first, who);
}

/* What a later row adds to a thing of the file is taken; the books are not changed by an import. */
static void
agree_text (TillImportPlan  *self,
            guint            row,
            TillImportColumn column,
            const char      *value,
            guint            first_row,
            const char     **first)
{
  if (*value == '\0' || strcmp (value, *first) == 0)
    return;

  if (**first == '\0' && first_row != 0)
    *first = value;
  else
    add_disagreement (self, row, column, value, first_row, *first);
}

static void
agree_number (TillImportPlan  *self,
              guint            row,
              TillImportColumn column,
              guint            value,
              guint            first_row,
              guint           *first)
{
  const gboolean letter = column == TILL_IMPORT_COLUMN_PARITY;
  g_autofree char *value_text = NULL;
  g_autofree char *first_text = NULL;

  if (value == 0 || value == *first)
    return;

  if (*first == 0)
    {
      *first = value;
      return;
    }

  value_text = g_strdup_printf (letter ? "%c" : "%u", value);
  first_text = g_strdup_printf (letter ? "%c" : "%u", *first);
  add_disagreement (self, row, column, value_text, first_row, first_text);
}

static void
check_account (TillImportPlan      *self,
               const TillImportRow *row,
               TillImportShop      *shop)
{
  if (!shop->has_account)
    {
      shop->has_account = TRUE;
      shop->account_row = row->number;
      shop->tenant = row->tenant;
      shop->phone = row->phone;
      shop->balance_mode = row->balance_mode;
      self->result->n_accounts++;
      return;
    }

  agree_text (self, row->number, TILL_IMPORT_COLUMN_TENANT, row->tenant, shop->account_row,
              &shop->tenant);
  agree_text (self, row->number, TILL_IMPORT_COLUMN_PHONE, row->phone, shop->account_row,
              &shop->phone);

  if (row->balance_mode != shop->balance_mode)
    add_disagreement (self, row->number, TILL_IMPORT_COLUMN_BALANCE_MODE,
                      till_enum_to_nick (TILL_TYPE_BALANCE_MODE, row->balance_mode),
                      shop->account_row,
                      till_enum_to_nick (TILL_TYPE_BALANCE_MODE, shop->balance_mode));
}

static void
check_shop (TillImportPlan      *self,
            const TillImportRow *row)
{
  TillImportShop *shop = till_import_plan_get_shop (self, row);

  if (shop == NULL)
    {
      shop = add_shop (self, row->building, row->shop);
      shop->row = row->number;
      shop->floor = row->floor;
      shop->area_cm2 = row->area_cm2;
    }
  else
    {
      /* “Building/shop” is how a shop is called, so it cannot be on two floors. */
      agree_text (self, row->number, TILL_IMPORT_COLUMN_FLOOR, row->floor, shop->row, &shop->floor);

      if (shop->area_cm2 == 0)
        shop->area_cm2 = row->area_cm2;
      else if (row->area_cm2 != 0 && row->area_cm2 != shop->area_cm2)
        till_import_add_fault (self->result, row->number, TILL_IMPORT_COLUMN_AREA, NULL,
                               "this shop has another area in %s; make them alike",
                               shop->row == 0 ? "the books" : "a row above");
    }

  if (row->parts & TILL_IMPORT_PART_TENANT)
    check_account (self, row, shop);
}

static void
check_line (TillImportPlan      *self,
            const TillImportRow *row)
{
  TillImportLine *line = till_import_plan_get_line (self, row);

  if (line == NULL)
    {
      line = g_new0 (TillImportLine, 1);
      line->row = row->number;
      line->kind = row->line_kind;
      line->registration = "";
      g_hash_table_insert (self->lines, (gpointer)row->line, line);
    }

  if (line->kind != row->line_kind)
    add_disagreement (self, row->number, TILL_IMPORT_COLUMN_LINE_KIND,
                      till_enum_to_nick (TILL_TYPE_LINE_KIND, row->line_kind), line->row,
                      till_enum_to_nick (TILL_TYPE_LINE_KIND, line->kind));

  agree_number (self, row->number, TILL_IMPORT_COLUMN_BAUD, row->baud, line->row, &line->baud);
  agree_number (self, row->number, TILL_IMPORT_COLUMN_PARITY, row->parity, line->row,
                &line->parity);
  agree_number (self, row->number, TILL_IMPORT_COLUMN_STOP_BITS, row->stop_bits, line->row,
                &line->stop_bits);
  agree_text (self, row->number, TILL_IMPORT_COLUMN_REGISTRATION, row->registration, line->row,
              &line->registration);
}

static void
check_unit (TillImportPlan      *self,
            const TillImportRow *row,
            TillImportMeter     *meter)
{
  g_autofree char *key = unit_key (row->line, row->unit);
  TillImportMeter *taken = g_hash_table_lookup (self->units, key);

  if (taken == NULL)
    {
      g_hash_table_insert (self->units, g_string_chunk_insert (self->keys, key), meter);
    }
  else if (taken != meter)
    {
      g_autofree char *who = say_who (taken->row != NULL ? taken->row->number : 0);

      till_import_add_fault (self->result, row->number, TILL_IMPORT_COLUMN_ADDRESS, NULL,
                             "address %u of line “%s” belongs to meter %s in %s; give this meter "
                             "another", row->unit, row->line, taken->meter_no, who);
    }
}

/* Finds the first column of the place in which a meter differs from what the books hold of it. */
static int
find_other_place (TillImportPlan      *self,
                  const TillImportRow *row,
                  const TillMeter     *known)
{
  const TillPlace *place = till_site_get_place (self->site, known->place_id);
  const TillImportShop *shop = *row->shop != '\0' ? till_import_plan_get_shop (self, row) : NULL;
  const char *names[] = { "", "", "" };

  for (; place != NULL; place = till_site_get_place (self->site, place->parent_id))
    names[place->kind] = place->name;

  if (strcmp (names[TILL_PLACE_KIND_BUILDING], row->building) != 0)
    return TILL_IMPORT_COLUMN_BUILDING;

  if (strcmp (names[TILL_PLACE_KIND_FLOOR], row->floor) != 0)
    return TILL_IMPORT_COLUMN_FLOOR;

  if (strcmp (names[TILL_PLACE_KIND_SHOP], row->shop) != 0)
    return TILL_IMPORT_COLUMN_SHOP;

  /* The account it belonged to may be closed, and another tenant in the shop. */
  return (shop != NULL ? shop->account_id : 0) != known->account_id
    ? TILL_IMPORT_COLUMN_TENANT : -1;
}

/* Finds the first column in which a meter differs from what the books hold of it, -1 for none. What
 * an optional column does not say does not differ. */
static int
find_difference (TillImportPlan      *self,
                 const TillImportRow *row,
                 TillImportMeter     *meter)
{
  const TillMeter *known = meter->known;
  const int place = find_other_place (self, row, known);

  if (place >= 0)
    return place;

  if (strcmp (line_address (self, known->line_id), row->line) != 0)
    return TILL_IMPORT_COLUMN_LINE;

  if (known->unit != row->unit)
    return TILL_IMPORT_COLUMN_ADDRESS;

  if (strcmp (known->profile, row->profile) != 0)
    return TILL_IMPORT_COLUMN_PROFILE;

  if (known->ct != row->ct)
    return TILL_IMPORT_COLUMN_CT;

  if (row->pt >= 0 && known->pt != row->pt)
    return TILL_IMPORT_COLUMN_PT;

  if (strcmp (known->tariff, row->tariff) != 0)
    return TILL_IMPORT_COLUMN_TARIFF;

  if (row->never_trip >= 0 && (known->never_trip != 0) != (row->never_trip != 0))
    return TILL_IMPORT_COLUMN_NEVER_TRIP;

  if (row->count_rule >= 0 && meter->setup != NULL &&
      (int)meter->setup->count_rule != row->count_rule)
    return TILL_IMPORT_COLUMN_COUNT_RULE;

  if (*row->parent_meter != '\0' &&
      meter->parent != till_import_plan_get_meter (self, row->parent_meter))
    return TILL_IMPORT_COLUMN_PARENT_METER;

  return -1;
}

static void
check_known (TillImportPlan      *self,
             const TillImportRow *row,
             TillImportMeter     *meter,
             gboolean             sound)
{
  int column;

  meter->row = row;
  if (!sound)
    return;

  column = find_difference (self, row, meter);
  if (column < 0)
    self->result->n_unchanged++;
  else
    till_import_add_fault (self->result, row->number, (TillImportColumn)column, NULL,
                           "meter %s is in the books with something else here; an import changes "
                           "nothing that is there, so correct the row or take it out",
                           row->meter_no);
}

static void
check_row (TillImportPlan      *self,
           const TillImportRow *row)
{
  const guint before = self->result->n_faults;
  TillImportMeter *meter;

  if ((row->parts & TILL_IMPORT_PART_PLACE) && *row->shop != '\0')
    check_shop (self, row);

  if (row->parts & TILL_IMPORT_PART_LINE)
    check_line (self, row);

  if (!(row->parts & TILL_IMPORT_PART_METER_NO))
    return;

  meter = till_import_plan_get_meter (self, row->meter_no);
  if (meter != NULL && meter->row != NULL)
    {
      till_import_add_fault (self->result, row->number, TILL_IMPORT_COLUMN_METER_NO, row->meter_no,
                             "is in row %u too; every meter has one row", meter->row->number);
      return;
    }

  if (meter != NULL)
    {
      check_known (self, row, meter,
                   row->parts == TILL_IMPORT_PARTS_ALL && self->result->n_faults == before);
    }
  else
    {
      meter = add_meter (self, row->meter_no);
      meter->row = row;
      self->result->n_meters_added++;
    }

  if ((row->parts & TILL_IMPORT_PART_LINE) && (row->parts & TILL_IMPORT_PART_UNIT))
    check_unit (self, row, meter);
}

static void
find_parent (TillImportPlan      *self,
             const TillImportRow *row)
{
  TillImportMeter *meter = (row->parts & TILL_IMPORT_PART_METER_NO)
                           ? till_import_plan_get_meter (self, row->meter_no) : NULL;

  if (meter == NULL || meter->row != row || meter->known != NULL || *row->parent_meter == '\0' ||
      !(row->parts & TILL_IMPORT_PART_REST))
    return;

  meter->parent = till_import_plan_get_meter (self, row->parent_meter);
  if (meter->parent == NULL || meter->parent == meter)
    {
      till_import_add_fault (self->result, row->number, TILL_IMPORT_COLUMN_PARENT_METER,
                             row->parent_meter, "%s; write the number of the meter before this "
                             "one, or nothing", meter->parent == NULL
                             ? "is neither in the file nor in the books" : "is this meter itself");
      meter->parent = NULL;
    }
}

/* Each walk goes on until it meets a meter that was walked before: one of its own closes a ring. */
static void
check_rings (TillImportPlan *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      const TillImportRow *row = &g_array_index (self->rows, TillImportRow, i);
      TillImportMeter *meter = (row->parts & TILL_IMPORT_PART_METER_NO)
                               ? till_import_plan_get_meter (self, row->meter_no) : NULL;

      for (; meter != NULL && meter->walk == 0; meter = meter->parent)
        meter->walk = i + 1;

      if (meter != NULL && meter->walk == i + 1)
        till_import_add_fault (self->result, row->number, TILL_IMPORT_COLUMN_PARENT_METER, NULL,
                               "going up from here one comes back to meter %s; break the ring",
                               meter->meter_no);
    }
}

static gboolean
is_blank (GPtrArray *fields)
{
  for (guint i = 0; i < fields->len; i++)
    {
      const char *text = g_ptr_array_index (fields, i);

      if (text[strspn (text, " \t")] != '\0')
        return FALSE;
    }

  return TRUE;
}

static void
read_rows (TillImportPlan *self)
{
  for (guint i = 1; i < self->table->len; i++)
    {
      GPtrArray *fields = g_ptr_array_index (self->table, i);
      TillImportRow row = { .number = i + 1 };

      if (is_blank (fields))
        continue;

      till_import_row_read (&self->header, fields, &row, self->result);
      g_array_append_val (self->rows, row);
    }

  self->result->n_rows = self->rows->len;
  if (self->rows->len == 0)
    till_import_add_fault (self->result, 2, TILL_IMPORT_COLUMN_METER_NO, NULL,
                           "there is no row below the header; write one for each meter");
}

static void
check_rows (TillImportPlan *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    check_row (self, &g_array_index (self->rows, TillImportRow, i));

  for (guint i = 0; i < self->rows->len; i++)
    find_parent (self, &g_array_index (self->rows, TillImportRow, i));

  check_rings (self);
}

/**
 * till_import_plan_make:
 * @self: (out): the plan; clear it whatever comes back
 * @books: (nullable): the books to hold the table against
 * @csv: the table
 * @result: where counts, faults and warnings go; outlives the plan
 * @error: return location for a #GError
 *
 * Looks at every row, then at the rows among themselves and beside the books. Writes nothing.
 * Called in the thread of the books.
 *
 * Returns: %TRUE when all was looked at, and the faults are in @result; %FALSE with @error set when
 *   the books cannot be read
 */
gboolean
till_import_plan_make (TillImportPlan   *self,
                       TillBooks        *books,
                       GBytes           *csv,
                       TillImportResult *result,
                       GError          **error)
{
  g_autoptr(GError) local = NULL;

  *self = (TillImportPlan){ .result = result };
  self->rows = g_array_new (FALSE, FALSE, sizeof (TillImportRow));
  self->keys = g_string_chunk_new (4096);
  self->shops = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->units = g_hash_table_new (g_str_hash, g_str_equal);
  self->meters = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  if (books != NULL && !load_books (self, books, error))
    return FALSE;

  self->table = till_csv_parse (csv, &local);
  if (self->table == NULL || self->table->len == 0)
    {
      g_ptr_array_add (result->faults, g_strdup (local != NULL ? local->message :
                                                 "The file is empty; its first row names the "
                                                 "columns, each row below is a meter"));
      result->n_faults++;
      return TRUE;
    }

  if (till_import_header_read (&self->header, g_ptr_array_index (self->table, 0), result))
    {
      read_rows (self);
      check_rows (self);
    }

  return TRUE;
}

/**
 * till_import_plan_clear:
 * @self: a plan
 *
 * Frees what a plan holds.
 */
void
till_import_plan_clear (TillImportPlan *self)
{
  g_clear_pointer (&self->meters, g_hash_table_unref);
  g_clear_pointer (&self->units, g_hash_table_unref);
  g_clear_pointer (&self->lines, g_hash_table_unref);
  g_clear_pointer (&self->shops, g_hash_table_unref);
  g_clear_pointer (&self->keys, g_string_chunk_free);
  g_clear_pointer (&self->rows, g_array_unref);
  g_clear_pointer (&self->table, g_ptr_array_unref);
  g_clear_pointer (&self->book_lines, g_ptr_array_unref);
  g_clear_pointer (&self->setups, g_ptr_array_unref);
  g_clear_pointer (&self->site, till_site_unref);
}
