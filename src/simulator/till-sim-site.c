/*
 * till-sim-site.c: the meters and lines of an import file
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <string.h>

#include "till-csv.h"
#include "till-sim-load.h"
#include "till-sim-site.h"

G_DEFINE_QUARK (till_sim_error, till_sim_error)

/* The columns the simulator looks at; all others are somebody else's. */
typedef enum
{
  COLUMN_SHOP,
  COLUMN_TENANT,
  COLUMN_LINE,
  COLUMN_LINE_KIND,
  COLUMN_ADDRESS,
  COLUMN_PROFILE,
  COLUMN_METER_NO,
  COLUMN_CT,
  COLUMN_BALANCE_MODE,
  COLUMN_BAUD,
  COLUMN_PARITY,
  COLUMN_PT,
  N_COLUMNS,
} Column;

static const struct
{
  const char *name;
  gboolean    needed;
} columns[N_COLUMNS] = {
  [COLUMN_SHOP] = { "shop", FALSE },
  [COLUMN_TENANT] = { "tenant", FALSE },
  [COLUMN_LINE] = { "line", TRUE },
  [COLUMN_LINE_KIND] = { "line_kind", FALSE },
  [COLUMN_ADDRESS] = { "address", TRUE },
  [COLUMN_PROFILE] = { "profile", TRUE },
  [COLUMN_METER_NO] = { "meter_no", TRUE },
  [COLUMN_CT] = { "ct", FALSE },
  [COLUMN_BALANCE_MODE] = { "balance_mode", FALSE },
  [COLUMN_BAUD] = { "baud", FALSE },
  [COLUMN_PARITY] = { "parity", FALSE },
  [COLUMN_PT] = { "pt", FALSE },
};

typedef struct
{
  TillSimSite *site;
  guint64      seed;
  gint64       now_ms;
  int          position[N_COLUMNS]; /* -1: the file has no such column */
  guint        record;              /* counted from 1, the header is the first */
  GHashTable  *numbers;             /* of meter numbers, borrowed from the meters */
  GHashTable  *lines;               /* of TillSimLineInfo by name */
} Loader;

static const char *
field_of (const Loader *loader,
          GPtrArray    *fields,
          Column        column)
{
  const int position = loader->position[column];

  return position >= 0 && (guint)position < fields->len ? g_strstrip (fields->pdata[position]) : "";
}

static gboolean
number_of (const Loader *loader,
           GPtrArray    *fields,
           Column        column,
           guint64       least,
           guint64       most,
           guint64       otherwise,
           guint64      *value,
           GError      **error)
{
  const char *text = field_of (loader, fields, column);

  if (*text == '\0' && otherwise != 0)
    {
      *value = otherwise;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, least, most, value, NULL))
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "record %u: %s “%s” is not a number from %" G_GUINT64_FORMAT " to %"
                   G_GUINT64_FORMAT "; correct it", loader->record, columns[column].name, text,
                   least, most);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_header (Loader    *loader,
             GPtrArray *fields,
             GError   **error)
{
  for (int c = 0; c < N_COLUMNS; c++)
    {
      loader->position[c] = -1;
      for (guint i = 0; i < fields->len; i++)
        if (g_ascii_strcasecmp (g_strstrip (fields->pdata[i]), columns[c].name) == 0)
          loader->position[c] = (int)i;
      if (columns[c].needed && loader->position[c] < 0)
        {
          g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                       "the header has no column “%s”; the first row must name the columns",
                       columns[c].name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
kind_of_line (const char   *text,
              const char   *line,
              TillLineKind *kind)
{
  int value = line[0] == '/' ? TILL_LINE_KIND_TTY : TILL_LINE_KIND_RTU_TCP;

  if (*text != '\0' && !till_enum_from_nick (TILL_TYPE_LINE_KIND, text, &value))
    return FALSE;
  *kind = (TillLineKind)value;
  return TRUE;
}

static void
free_line (gpointer data)
{
  TillSimLineInfo *line = data;

  g_free (line->name);
  g_free (line);
}

static TillSimLineInfo *
make_line (Loader    *loader,
           GPtrArray *fields,
           GError   **error)
{
  const char *name = field_of (loader, fields, COLUMN_LINE);
  const char *kind = field_of (loader, fields, COLUMN_LINE_KIND);
  const char *parity = field_of (loader, fields, COLUMN_PARITY);
  TillSimLineInfo *line = g_hash_table_lookup (loader->lines, name);
  TillLineKind line_kind;
  guint64 baud;

  if (line != NULL)
    return line;
  if (*name == '\0' || !kind_of_line (kind, name, &line_kind))
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "record %u: line “%s” of kind “%s” is unknown; kinds are tty, rtu-tcp, "
                   "modbus-tcp, rtu-tcp-listen", loader->record, name, kind);
      return NULL;
    }
  if (loader->site->lines->len >= TILL_SIM_LINES_MAX)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "record %u: more than %d lines; spread the site over several simulators",
                   loader->record, TILL_SIM_LINES_MAX);
      return NULL;
    }
  if (!number_of (loader, fields, COLUMN_BAUD, 300, 921600, 9600, &baud, error))
    return NULL;

  line = g_new0 (TillSimLineInfo, 1);
  line->name = g_strdup (name);
  line->kind = line_kind;
  line->baud = (guint)baud;
  line->bits = *parity == 'E' || *parity == 'O' || *parity == 'e' || *parity == 'o' ? 11 : 10;
  g_ptr_array_add (loader->site->lines, line);
  g_hash_table_insert (loader->lines, line->name, line);
  return line;
}

static guint
baud_index_of (guint baud)
{
  static const guint bauds[] = { 1200, 2400, 4800, 9600, 19200, 38400 };

  for (guint i = 0; i < G_N_ELEMENTS (bauds); i++)
    if (bauds[i] == baud)
      return i;
  return 3;
}

static TillSimMeter *
make_meter (Loader          *loader,
            GPtrArray       *fields,
            TillSimLineInfo *line,
            GError         **error)
{
  const char *meter_no = field_of (loader, fields, COLUMN_METER_NO);
  const char *profile = field_of (loader, fields, COLUMN_PROFILE);
  const char *tenant = field_of (loader, fields, COLUMN_TENANT);
  TillSimModel model;
  TillSimMeter *meter;
  guint64 unit;
  guint64 ct;
  guint64 pt;
  guint64 seed;

  if (!number_of (loader, fields, COLUMN_ADDRESS, 1, 247, 0, &unit, error) ||
      !number_of (loader, fields, COLUMN_CT, 1, 9999, 1, &ct, error) ||
      !number_of (loader, fields, COLUMN_PT, 1, 9999, 1, &pt, error))
    return NULL;
  if (*meter_no == '\0' || g_hash_table_contains (loader->numbers, meter_no))
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "record %u: meter number “%s” is empty or comes twice; each meter needs its own",
                   loader->record, meter_no);
      return NULL;
    }
  if (line->meters[unit] != NULL)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "record %u: address %u on line “%s” is taken by meter %s; give it another",
                   loader->record, (guint)unit, line->name, line->meters[unit]->meter_no);
      return NULL;
    }
  if (!till_sim_model_from_name (profile, &model))
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "record %u: profile “%s” cannot be simulated; take dtsy1352, ddsy1352, "
                   "dtsd1352, adl3000, adl400, adw300, acr10r or generic", loader->record, profile);
      return NULL;
    }

  seed = till_sim_mix_text (loader->seed, meter_no);
  meter = till_sim_meter_new (model, (guint8)unit, meter_no,
                              *tenant != '\0' ? tenant : field_of (loader, fields, COLUMN_SHOP),
                              seed, loader->now_ms);
  till_sim_meter_set_ratios (meter, (gint64)ct, (gint64)pt);
  meter->key = g_strdup_printf ("%s|%u", line->name, (guint)unit);
  meter->baud_index = baud_index_of (line->baud);
  meter->turnaround_us = 10000 + (gint64)(till_sim_mix (seed, 15) % 40001);
  if (g_ascii_strcasecmp (field_of (loader, fields, COLUMN_BALANCE_MODE), "server") == 0)
    {
      meter->memory.prepay = 0;
      meter->memory.remaining_fen = 0;
      meter->memory.count = 0;
      meter->memory.total_fen = 0;
    }
  return meter;
}

static gboolean
read_record (Loader    *loader,
             GPtrArray *fields,
             GError   **error)
{
  TillSimLineInfo *line;
  TillSimMeter *meter;

  /* A shop without a meter is a row of the site all the same. */
  if (*field_of (loader, fields, COLUMN_LINE) == '\0' &&
      *field_of (loader, fields, COLUMN_METER_NO) == '\0')
    return TRUE;
  if (loader->site->meters->len >= TILL_SIM_METERS_MAX)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "more than %d meters; spread the site over several simulators",
                   TILL_SIM_METERS_MAX);
      return FALSE;
    }

  line = make_line (loader, fields, error);
  meter = line != NULL ? make_meter (loader, fields, line, error) : NULL;
  if (meter == NULL)
    return FALSE;

  line->meters[meter->unit] = meter;
  g_ptr_array_add (loader->site->meters, meter);
  g_hash_table_add (loader->numbers, meter->meter_no);
  return TRUE;
}

/* A site has a few tenants who are nearly out of money and one or two who owe. */
static void
spread_money (TillSimSite *site,
              guint64      seed)
{
  guint owing = site->meters->len >= 8 ? 1 + (guint)(seed % 2) : 0;

  for (guint i = 0; i < site->meters->len; i++)
    {
      const guint index = (i + (guint)(seed % 97)) % site->meters->len;
      TillSimMeter *meter = g_ptr_array_index (site->meters, index);
      const guint64 chance = till_sim_mix (meter->seed, 16);

      if (meter->memory.prepay == 0)
        continue;
      if (owing > 0 && i >= site->meters->len / 3)
        {
          meter->memory.remaining_fen = -(gint64)(chance % 1500) - 1;
          owing--;
        }
      else if (site->meters->len >= 8 && chance % 16 == 0)
        meter->memory.remaining_fen = 100 + (gint64)(chance / 16 % 1800);
    }
}

static GPtrArray *
read_rows (const char *path,
           GError    **error)
{
  g_autoptr(GBytes) bytes = NULL;
  char *text;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  bytes = g_bytes_new_take (text, length);
  return till_csv_parse (bytes, error);
}

/**
 * till_sim_site_load:
 * @path: an import file: UTF-8 or GBK, a header row, columns by name
 * @seed: where the meters' first values come from
 * @now_ms: the simulated instant they begin at
 * @error: return location for a #GError
 *
 * Reads an import file and makes its meters.
 *
 * Returns: (transfer full) (nullable): the site, or %NULL with %TILL_SIM_ERROR_SITE, an error of
 *   till-csv or a file error set
 */
TillSimSite *
till_sim_site_load (const char *path,
                    guint64     seed,
                    gint64      now_ms,
                    GError    **error)
{
  g_autoptr(TillSimSite) site = g_new0 (TillSimSite, 1);
  g_autoptr(GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) lines = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) rows = NULL;
  Loader loader = { .site = site, .seed = seed, .now_ms = now_ms, .numbers = numbers,
                    .lines = lines };

  site->meters = g_ptr_array_new_with_free_func ((GDestroyNotify)till_sim_meter_free);
  site->lines = g_ptr_array_new_with_free_func (free_line);
  rows = read_rows (path, error);
  if (rows == NULL)
    return NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      GPtrArray *fields = g_ptr_array_index (rows, i);

      loader.record = i + 1;
      if (i == 0 ? !read_header (&loader, fields, error)
                 : fields->len > 0 && !read_record (&loader, fields, error))
        return NULL;
    }
  if (site->meters->len == 0)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_SITE,
                   "%s has no meters; it needs a header row and a row for each meter", path);
      return NULL;
    }
  spread_money (site, seed);
  return g_steal_pointer (&site);
}

/**
 * till_sim_site_free:
 * @self: (nullable) (transfer full): a site
 */
void
till_sim_site_free (TillSimSite *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->meters, g_ptr_array_unref);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_free (self);
}
