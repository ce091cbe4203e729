/*
 * till-import-row.c: one row of an import table, judged by itself
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <string.h>

#include "till-import-row-private.h"
#include "till-profile.h"

#define NAME_MAX_CHARS 64
#define TENANT_MAX_CHARS 128
#define LINE_MAX_BYTES 255
#define REGISTRATION_MAX_BYTES 40
#define METER_NO_MAX 12
#define RATIO_MAX 10000
#define PHONE_MIN 5
#define PHONE_MAX 20

/* A square kilometre is more than any shop has. */
#define AREA_MAX_M2 1000000
#define CM2_IN_M2 10000

/* As much of a wrong value as one needs to find it again. */
#define SHOWN_CHARS 40

static const struct
{
  const char *name;
  gboolean    needed;
} columns[TILL_IMPORT_N_COLUMNS] = {
  [TILL_IMPORT_COLUMN_BUILDING] = { "building", TRUE },
  [TILL_IMPORT_COLUMN_FLOOR] = { "floor", TRUE },
  [TILL_IMPORT_COLUMN_SHOP] = { "shop", TRUE },
  [TILL_IMPORT_COLUMN_AREA] = { "area_m2", TRUE },
  [TILL_IMPORT_COLUMN_TENANT] = { "tenant", TRUE },
  [TILL_IMPORT_COLUMN_PHONE] = { "phone", TRUE },
  [TILL_IMPORT_COLUMN_LINE] = { "line", TRUE },
  [TILL_IMPORT_COLUMN_LINE_KIND] = { "line_kind", TRUE },
  [TILL_IMPORT_COLUMN_ADDRESS] = { "address", TRUE },
  [TILL_IMPORT_COLUMN_PROFILE] = { "profile", TRUE },
  [TILL_IMPORT_COLUMN_METER_NO] = { "meter_no", TRUE },
  [TILL_IMPORT_COLUMN_CT] = { "ct", TRUE },
  [TILL_IMPORT_COLUMN_TARIFF] = { "tariff", TRUE },
  [TILL_IMPORT_COLUMN_BALANCE_MODE] = { "balance_mode", TRUE },
  [TILL_IMPORT_COLUMN_BAUD] = { "baud", FALSE },
  [TILL_IMPORT_COLUMN_PARITY] = { "parity", FALSE },
  [TILL_IMPORT_COLUMN_STOP_BITS] = { "stop_bits", FALSE },
  [TILL_IMPORT_COLUMN_PT] = { "pt", FALSE },
  [TILL_IMPORT_COLUMN_PARENT_METER] = { "parent_meter", FALSE },
  [TILL_IMPORT_COLUMN_NEVER_TRIP] = { "never_trip", FALSE },
  [TILL_IMPORT_COLUMN_COUNT_RULE] = { "count_rule", FALSE },
  [TILL_IMPORT_COLUMN_REGISTRATION] = { "registration", FALSE },
};

/* What the parts of a row share while it is read. */
typedef struct
{
  const TillImportHeader *header;
  GPtrArray              *fields;
  TillImportRow          *row;
  TillImportResult       *result;
} Reader;

/* Takes a sentence; beyond the bound it is only counted. */
static void
take_fault (TillImportResult *result,
            char             *sentence)
{
  result->n_faults++;

  if (result->faults->len < TILL_IMPORT_FAULTS_MAX)
    g_ptr_array_add (result->faults, sentence);
  else
    g_free (sentence);
}

static char *
show (const char *value)
{
  g_autofree char *head = NULL;

  if (g_utf8_strlen (value, -1) <= SHOWN_CHARS)
    return g_strdup_printf ("“%s” ", value);

  head = g_utf8_substring (value, 0, SHOWN_CHARS);
  return g_strdup_printf ("“%s…” ", head);
}

/**
 * till_import_add_fault:
 * @result: where to put it
 * @row: the number of the row
 * @column: the column
 * @value: (nullable): what stands there; shown shortened; %NULL to leave it out
 * @format: the rest of the sentence: what is wrong and what to do
 * @...: arguments of @format
 *
 * Writes down one fault of the table.
 */
void
till_import_add_fault (TillImportResult *result,
                       guint             row,
                       TillImportColumn  column,
                       const char       *value,
                       const char       *format,
                       ...)
{
  g_autofree char *shown = NULL;
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);

  if (value == NULL)
    shown = g_strdup ("");
  else if (*value == '\0')
    shown = g_strdup ("this field is empty; ");
  else
    shown = show (value);

  take_fault (result, g_strdup_printf ("row %u, %s: %s%s", row, columns[column].name, shown,
                                       words));
}

static int
find_column (const char *name)
{
  for (int c = 0; c < TILL_IMPORT_N_COLUMNS; c++)
    if (g_ascii_strcasecmp (name, columns[c].name) == 0)
      return c;

  return -1;
}

/**
 * till_import_header_read:
 * @self: (out): where the columns stand
 * @fields: the first row of the table
 * @result: where faults and warnings go
 *
 * Reads the names of the columns, in any order. A column nobody knows is named in a warning and
 * passed over.
 *
 * Returns: whether every needed column is there once
 */
gboolean
till_import_header_read (TillImportHeader *self,
                         GPtrArray        *fields,
                         TillImportResult *result)
{
  const guint before = result->n_faults;

  self->n_fields = fields->len;
  for (int c = 0; c < TILL_IMPORT_N_COLUMNS; c++)
    self->position[c] = -1;

  for (guint i = 0; i < fields->len; i++)
    {
      const char *name = g_strstrip (g_ptr_array_index (fields, i));
      const int column = find_column (name);

      if (*name == '\0')
        continue;

      if (column < 0)
        {
          g_autofree char *shown = show (name);

          g_ptr_array_add (result->warnings,
                           g_strdup_printf ("column %sis not known and was passed over", shown));
        }
      else if (self->position[column] >= 0)
        take_fault (result, g_strdup_printf ("row 1, %s: this column comes twice; take one out",
                                             columns[column].name));
      else
        self->position[column] = (int)i;
    }

  for (int c = 0; c < TILL_IMPORT_N_COLUMNS; c++)
    if (columns[c].needed && self->position[c] < 0)
      take_fault (result, g_strdup_printf ("row 1, %s: this column is missing; the first row names "
                                           "the columns, add it there", columns[c].name));

  return result->n_faults == before;
}

static const char *
field_of (const Reader    *reader,
          TillImportColumn column)
{
  const int position = reader->header->position[column];

  if (position < 0 || (guint)position >= reader->fields->len)
    return "";

  return g_strstrip (g_ptr_array_index (reader->fields, (guint)position));
}

static gboolean
has_control (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return TRUE;

  return FALSE;
}

static gboolean
read_name (const Reader    *reader,
           TillImportColumn column,
           gboolean         needed,
           glong            max_chars,
           const char     **name)
{
  const char *text = field_of (reader, column);

  *name = text;
  if (needed && *text == '\0')
    till_import_add_fault (reader->result, reader->row->number, column, text, "write a name");
  else if (g_utf8_strlen (text, -1) > max_chars)
    till_import_add_fault (reader->result, reader->row->number, column, text,
                           "is longer than %ld characters; shorten it", max_chars);
  else if (has_control (text))
    till_import_add_fault (reader->result, reader->row->number, column, NULL,
                           "there is a line break or a control character in the field; "
                           "take it out");
  else
    return TRUE;

  return FALSE;
}

static gboolean
read_number (const Reader    *reader,
             TillImportColumn column,
             guint            least,
             guint            most,
             guint           *value)
{
  const char *text = field_of (reader, column);
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, least, most, &number, NULL))
    {
      till_import_add_fault (reader->result, reader->row->number, column, text,
                             "%s a whole number from %u to %u",
                             *text == '\0' ? "write" : "is not", least, most);
      return FALSE;
    }

  *value = (guint)number;
  return TRUE;
}

/* Decimal square metres with at most four places, so that no part of a cm² is left over. */
static gboolean
parse_area (const char *text,
            gint64     *area_cm2)
{
  const gsize whole = strspn (text, "0123456789");
  const char *rest = text + whole;
  gint64 cm2;

  if (whole == 0 || whole > 7)
    return FALSE;

  cm2 = g_ascii_strtoll (text, NULL, 10) * CM2_IN_M2;
  if (*rest == '.')
    {
      const gsize places = strspn (rest + 1, "0123456789");
      gint64 weight = CM2_IN_M2 / 10;

      if (places == 0 || places > 4 || rest[1 + places] != '\0')
        return FALSE;

      for (gsize i = 1; i <= places; i++, weight /= 10)
        cm2 += (rest[i] - '0') * weight;
    }
  else if (*rest != '\0')
    {
      return FALSE;
    }

  if (cm2 > (gint64)AREA_MAX_M2 * CM2_IN_M2)
    return FALSE;

  *area_cm2 = cm2;
  return TRUE;
}

static gboolean
read_place (Reader *reader)
{
  TillImportRow *row = reader->row;
  const char *area = field_of (reader, TILL_IMPORT_COLUMN_AREA);
  gboolean sound = read_name (reader, TILL_IMPORT_COLUMN_BUILDING, TRUE, NAME_MAX_CHARS,
                              &row->building);

  if (sound && strchr (row->building, '/') != NULL)
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_BUILDING,
                             row->building, "has a slash, which parts building and shop elsewhere; "
                             "write the name without it");
      sound = FALSE;
    }

  sound &= read_name (reader, TILL_IMPORT_COLUMN_SHOP, FALSE, NAME_MAX_CHARS, &row->shop);
  sound &= read_name (reader, TILL_IMPORT_COLUMN_FLOOR, *row->shop != '\0', NAME_MAX_CHARS,
                      &row->floor);

  if (*area != '\0' && !parse_area (area, &row->area_cm2))
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_AREA, area,
                             "is no area; write square metres with at most four places, such as "
                             "86.5, up to %d", AREA_MAX_M2);
      sound = FALSE;
    }

  if (row->area_cm2 != 0 && *row->shop == '\0')
    g_ptr_array_add (reader->result->warnings,
                     g_strdup_printf ("row %u: only shops have an area; this one was passed over",
                                      row->number));

  return sound;
}

static gboolean
is_phone (const char *text)
{
  const gsize length = strlen (text);
  guint digits = 0;

  for (const char *p = text; *p != '\0'; p++)
    digits += g_ascii_isdigit (*p);

  return length <= PHONE_MAX && digits >= PHONE_MIN && strspn (text, "0123456789+-") == length;
}

static gboolean
read_phone (Reader *reader)
{
  TillImportRow *row = reader->row;

  row->phone = field_of (reader, TILL_IMPORT_COLUMN_PHONE);
  if (*row->phone == '\0' || is_phone (row->phone))
    return TRUE;

  till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_PHONE, row->phone,
                         "is no phone number; write %d to %d digits, + and -, or nothing",
                         PHONE_MIN, PHONE_MAX);
  return FALSE;
}

/* A meter of a shop belongs to a tenant; a main meter to nobody. */
static gboolean
read_tenant (Reader *reader)
{
  TillImportRow *row = reader->row;
  const char *mode_text = field_of (reader, TILL_IMPORT_COLUMN_BALANCE_MODE);
  const gboolean in_shop = *field_of (reader, TILL_IMPORT_COLUMN_SHOP) != '\0';
  gboolean sound = read_name (reader, TILL_IMPORT_COLUMN_TENANT, in_shop, TENANT_MAX_CHARS,
                              &row->tenant);
  int mode = TILL_BALANCE_MODE_SERVER;

  sound &= read_phone (reader);

  if (!in_shop && *row->tenant != '\0')
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_TENANT, row->tenant,
                             "is a tenant without a shop; write the shop, or leave both empty for "
                             "a main meter");
      sound = FALSE;
    }

  if ((in_shop || *mode_text != '\0') &&
      !till_enum_from_nick (TILL_TYPE_BALANCE_MODE, mode_text, &mode))
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_BALANCE_MODE,
                             mode_text, "write “meter” where the meter holds the money, or "
                             "“server”");
      sound = FALSE;
    }

  row->balance_mode = (TillBalanceMode)mode;
  return sound;
}

static gboolean
is_host_and_port (const char *text)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = NULL;

  if (colon == NULL || colon == text || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, NULL,
                                                                     NULL))
    return FALSE;

  if (text[0] == '[' && colon[-1] == ']')
    {
      host = g_strndup (text + 1, (gsize)(colon - text) - 2);
      return g_hostname_is_ip_address (host);
    }

  host = g_strndup (text, (gsize)(colon - text));
  return strcspn (host, ":/[] \t@") == strlen (host);
}

static gboolean
is_line_of_kind (const char  *text,
                 TillLineKind kind)
{
  if (strlen (text) > LINE_MAX_BYTES || has_control (text))
    return FALSE;

  if (kind == TILL_LINE_KIND_TTY)
    return g_path_is_absolute (text) && text[1] != '\0';

  /* A line that is dialled from outside may wait on every address of this machine. */
  if (kind == TILL_LINE_KIND_RTU_TCP_LISTEN && strchr (text, ':') == NULL)
    return g_ascii_string_to_unsigned (text, 10, 1, 65535, NULL, NULL);

  return is_host_and_port (text);
}

static gboolean
read_serial (Reader *reader)
{
  TillImportRow *row = reader->row;
  const char *parity = field_of (reader, TILL_IMPORT_COLUMN_PARITY);
  gboolean sound = TRUE;

  if (*field_of (reader, TILL_IMPORT_COLUMN_BAUD) != '\0')
    sound &= read_number (reader, TILL_IMPORT_COLUMN_BAUD, 1200, 115200, &row->baud);

  if (*field_of (reader, TILL_IMPORT_COLUMN_STOP_BITS) != '\0')
    sound &= read_number (reader, TILL_IMPORT_COLUMN_STOP_BITS, 1, 2, &row->stop_bits);

  if (*parity != '\0')
    row->parity = (guint)g_ascii_toupper (*parity);

  if (*parity != '\0' && (parity[1] != '\0' || strchr ("NEO", (int)row->parity) == NULL))
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_PARITY, parity,
                             "is no parity; write N, E or O");
      sound = FALSE;
    }

  return sound;
}

static gboolean
read_line (Reader *reader)
{
  TillImportRow *row = reader->row;
  const char *kind_text = field_of (reader, TILL_IMPORT_COLUMN_LINE_KIND);
  int kind = 0;
  gboolean sound = read_serial (reader);

  row->line = field_of (reader, TILL_IMPORT_COLUMN_LINE);
  row->registration = field_of (reader, TILL_IMPORT_COLUMN_REGISTRATION);

  if (!till_enum_from_nick (TILL_TYPE_LINE_KIND, kind_text, &kind))
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_LINE_KIND, kind_text,
                             "write one of tty, rtu-tcp, modbus-tcp, rtu-tcp-listen");
      return FALSE;
    }

  row->line_kind = (TillLineKind)kind;
  if (!is_line_of_kind (row->line, row->line_kind))
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_LINE, row->line,
                             "%s", kind == TILL_LINE_KIND_TTY
                             ? "write the path of the port, such as /dev/ttyUSB0, for a line of "
                             "kind tty"
                             : "write host:port, such as 192.168.1.20:8899, with a port from 1 to "
                             "65535");
      sound = FALSE;
    }

  if (*row->registration != '\0' && (kind != TILL_LINE_KIND_RTU_TCP_LISTEN ||
                                     strlen (row->registration) > REGISTRATION_MAX_BYTES))
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_REGISTRATION,
                             row->registration, "is for lines of kind rtu-tcp-listen only, and of "
                             "at most %d bytes; shorten it or take it out", REGISTRATION_MAX_BYTES);
      sound = FALSE;
    }

  return sound;
}

static gboolean
read_meter_no (Reader          *reader,
               TillImportColumn column,
               const char     **number)
{
  const char *text = field_of (reader, column);
  const gsize length = strlen (text);
  gboolean sound = length >= 1 && length <= METER_NO_MAX;

  for (gsize i = 0; sound && i < length; i++)
    sound = g_ascii_isalnum (text[i]);

  *number = text;
  if (!sound)
    till_import_add_fault (reader->result, reader->row->number, column, text,
                           "write a meter number of 1 to %d digits and letters", METER_NO_MAX);

  return sound;
}

static gboolean
read_profile (Reader *reader)
{
  TillImportRow *row = reader->row;
  const char *text = field_of (reader, TILL_IMPORT_COLUMN_PROFILE);
  const TillProfile *profile = till_profile_get (text, NULL);

  row->profile = text;
  if (profile == NULL)
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_PROFILE, text,
                             "write the name of a profile, such as dtsy1352, ddsy1352, dtsd1352 or "
                             "adl400");
      return FALSE;
    }

  if (row->balance_mode == TILL_BALANCE_MODE_METER && *row->tenant != '\0' &&
      (till_profile_get_features (profile) & TILL_PROFILE_FEATURE_PREPAID) == 0)
    {
      till_import_add_fault (reader->result, row->number, TILL_IMPORT_COLUMN_BALANCE_MODE, NULL,
                             "a meter of profile “%s” cannot hold money; write “server”, or "
                             "correct the profile", text);
      return FALSE;
    }

  return TRUE;
}

static gboolean
read_ratio (Reader          *reader,
            TillImportColumn column,
            gint32          *ratio)
{
  guint value = 0;

  if (*field_of (reader, column) == '\0')
    return TRUE;

  if (!read_number (reader, column, 0, RATIO_MAX, &value))
    return FALSE;

  *ratio = (gint32)value;
  return TRUE;
}

static gboolean
read_never_trip (Reader *reader)
{
  static const char *const words[] = { "0", "1", "no", "yes" };
  const char *text = field_of (reader, TILL_IMPORT_COLUMN_NEVER_TRIP);

  if (*text == '\0')
    return TRUE;

  for (int i = 0; i < 4; i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      {
        reader->row->never_trip = i % 2;
        return TRUE;
      }

  till_import_add_fault (reader->result, reader->row->number, TILL_IMPORT_COLUMN_NEVER_TRIP, text,
                         "is no answer; write 0, 1, yes or no");
  return FALSE;
}

static gboolean
read_count_rule (Reader *reader)
{
  const char *text = field_of (reader, TILL_IMPORT_COLUMN_COUNT_RULE);

  if (*text == '\0' ||
      till_enum_from_nick (TILL_TYPE_COUNT_RULE, text, &reader->row->count_rule))
    return TRUE;

  till_import_add_fault (reader->result, reader->row->number, TILL_IMPORT_COLUMN_COUNT_RULE, text,
                         "is no count rule; write unknown, guarded or add-only");
  return FALSE;
}

/* The particulars of the meter that no other row has to agree with. */
static gboolean
read_rest (Reader *reader)
{
  TillImportRow *row = reader->row;
  gboolean sound = read_count_rule (reader);

  sound &= read_profile (reader);
  sound &= read_ratio (reader, TILL_IMPORT_COLUMN_CT, &row->ct);
  sound &= read_ratio (reader, TILL_IMPORT_COLUMN_PT, &row->pt);
  sound &= read_never_trip (reader);
  sound &= read_name (reader, TILL_IMPORT_COLUMN_TARIFF, FALSE, NAME_MAX_CHARS, &row->tariff);

  if (*field_of (reader, TILL_IMPORT_COLUMN_PARENT_METER) != '\0')
    sound &= read_meter_no (reader, TILL_IMPORT_COLUMN_PARENT_METER, &row->parent_meter);

  for (guint i = reader->header->n_fields; i < reader->fields->len; i++)
    if (*g_strstrip (g_ptr_array_index (reader->fields, i)) != '\0')
      {
        take_fault (reader->result,
                    g_strdup_printf ("row %u: there are more fields than columns; look for a comma "
                                     "in a field that is not quoted", row->number));
        return FALSE;
      }

  return sound;
}

/**
 * till_import_row_read:
 * @header: where the columns stand
 * @fields: (element-type utf8): the fields; blanks at their edges are taken off in place
 * @row: (inout): its number is set; everything else is set here
 * @result: where faults go
 *
 * Decodes a row and names all that is wrong with it by itself. The texts of @row live as long as
 * @fields.
 */
void
till_import_row_read (const TillImportHeader *header,
                      GPtrArray              *fields,
                      TillImportRow          *row,
                      TillImportResult       *result)
{
  Reader reader = { header, fields, row, result };

  *row = (TillImportRow){ .number = row->number, .parent_meter = "", .count_rule = -1,
                          .never_trip = -1, .pt = -1 };

  if (read_place (&reader))
    row->parts |= TILL_IMPORT_PART_PLACE;
  if (read_tenant (&reader))
    row->parts |= TILL_IMPORT_PART_TENANT;
  if (read_line (&reader))
    row->parts |= TILL_IMPORT_PART_LINE;
  if (read_number (&reader, TILL_IMPORT_COLUMN_ADDRESS, 1, 247, &row->unit))
    row->parts |= TILL_IMPORT_PART_UNIT;
  if (read_meter_no (&reader, TILL_IMPORT_COLUMN_METER_NO, &row->meter_no))
    row->parts |= TILL_IMPORT_PART_METER_NO;
  if (read_rest (&reader))
    row->parts |= TILL_IMPORT_PART_REST;
}
