/*
 * till-sim-store.c: the meters' memory in a file: nothing a meter did is lost when we are killed
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "till-sim-frame.h"
#include "till-sim-store.h"

/**
 * TillSimStore:
 *
 * Two files: a whole picture of all meters, written anew now and then, and beside it a journal to
 * which a meter's memory is added, with fdatasync, before the reply to what changed it goes out.
 * Each record has a number, and a journal record older than the picture is passed over, so it does
 * no harm that the picture is renamed before the journal is cut.
 */
struct _TillSimStore
{
  char        *path;
  char        *journal_path;
  TillSimSite *site;
  GHashTable  *by_key;
  int          journal;
  guint64      number;       /* of the last record written */
  guint64      picture;      /* of the last record in the picture */
  gint64       saved_ms;     /* simulated time of the picture; 0: there was none */
  gint64       saved_wall_ms;
};

#define FIELD(member) { #member, offsetof (TillSimMemory, member), \
                        sizeof (((TillSimMemory *)NULL)->member) / sizeof (gint64) }
#define BYTES(member) { #member, offsetof (TillSimMemory, member), \
                        sizeof (((TillSimMemory *)NULL)->member) }

typedef struct
{
  const char *name;
  gsize       offset;
  gsize       n;
} Member;

static const Member numbers[] = {
  FIELD (at_ms), FIELD (offset_ms), FIELD (drift_ppm), FIELD (drift_rest), FIELD (energy_wms),
  FIELD (base_ckwh), FIELD (rollover_ckwh), FIELD (remaining_fen), FIELD (cost_rest), FIELD (count),
  FIELD (total_fen), FIELD (price), FIELD (prepay), FIELD (alarm_fen), FIELD (overdraft_fen),
  FIELD (hoard_fen), FIELD (recovery), FIELD (run_word), FIELD (force), FIELD (pt), FIELD (ct),
  FIELD (overload_trips), FIELD (overload_allowed), FIELD (bought_fen), FIELD (accepted),
  FIELD (rejected), FIELD (count_rule), FIELD (load_w), FIELD (silent), FIELD (latency_ms),
  FIELD (max_registers),
};

static const Member blobs[] = {
  BYTES (zones), BYTES (tables), BYTES (number), BYTES (time_control), BYTES (load_control),
};

/* A record: M, number, key, meter number, name=value … without any space inside a value. */
static void
append_meter (GString            *out,
              guint64             number,
              const TillSimMeter *meter)
{
  g_autofree char *key = g_uri_escape_string (meter->key, "/:|", FALSE);
  g_autofree char *meter_no = g_uri_escape_string (meter->meter_no, NULL, FALSE);
  static const char digits[] = "0123456789abcdef";
  const char *base = (const char *)&meter->memory;

  g_string_append_printf (out, "M %" G_GUINT64_FORMAT " %s %s", number, key, meter_no);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      const gint64 *values = (const gint64 *)(base + numbers[i].offset);

      g_string_append_printf (out, " %s=%" G_GINT64_FORMAT, numbers[i].name, values[0]);
      for (gsize k = 1; k < numbers[i].n; k++)
        g_string_append_printf (out, ",%" G_GINT64_FORMAT, values[k]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (blobs); i++)
    {
      g_string_append_printf (out, " %s=", blobs[i].name);
      for (gsize k = 0; k < blobs[i].n; k++)
        {
          const guint8 byte = (guint8)base[blobs[i].offset + k];

          g_string_append_c (out, digits[byte >> 4]);
          g_string_append_c (out, digits[byte & 15]);
        }
    }
}

static void
append_purchase (GString               *out,
                 const TillSimPurchase *purchase)
{
  g_string_append_printf (out, " buy=%" G_GINT64_FORMAT ",%u,%" G_GINT64_FORMAT ",%d",
                          purchase->fen, purchase->count, purchase->at_ms, purchase->accepted);
}

/* The check at the end of a record tells a whole one from one that was torn. */
static void
close_record (GString *out,
              gsize    from)
{
  const guint16 crc = till_sim_crc ((const guint8 *)out->str + from, out->len - from);

  g_string_append_printf (out, " #%04x\n", crc);
}

static gboolean
is_whole (const char *record,
          gsize       length)
{
  guint64 crc;

  return length > 6 && record[length - 6] == ' ' && record[length - 5] == '#' &&
         g_ascii_string_to_unsigned (record + length - 4, 16, 0, 0xffff, &crc, NULL) &&
         crc == till_sim_crc ((const guint8 *)record, length - 6);
}

static gboolean
read_numbers (const char *text,
              gint64     *values,
              gsize       n)
{
  g_auto(GStrv) parts = g_strsplit (text, ",", -1);

  if (g_strv_length (parts) != n)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_string_to_signed (parts[i], 10, G_MININT64, G_MAXINT64, &values[i], NULL))
      return FALSE;
  return TRUE;
}

static void
read_blob (const char *text,
           guint8     *bytes,
           gsize       n)
{
  if (strlen (text) != 2 * n)
    return;
  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8)(g_ascii_xdigit_value (text[2 * i]) << 4 |
                        g_ascii_xdigit_value (text[2 * i + 1]));
}

static void
read_pair (TillSimMeter *meter,
           const char   *name,
           const char   *text)
{
  char *base = (char *)&meter->memory;
  gint64 buy[4];

  if (g_str_equal (name, "buy") && read_numbers (text, buy, 4))
    {
      TillSimPurchase purchase = { .fen = buy[0], .count = (guint16)buy[1], .at_ms = buy[2],
                                   .accepted = buy[3] != 0 };

      if (meter->purchases->len >= TILL_SIM_PURCHASES_MAX)
        g_array_remove_index (meter->purchases, 0);
      g_array_append_val (meter->purchases, purchase);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (g_str_equal (name, numbers[i].name))
      read_numbers (text, (gint64 *)(base + numbers[i].offset), numbers[i].n);
  for (gsize i = 0; i < G_N_ELEMENTS (blobs); i++)
    if (g_str_equal (name, blobs[i].name))
      read_blob (text, (guint8 *)base + blobs[i].offset, blobs[i].n);
}

static void
read_meter (TillSimStore *self,
            char        **words)
{
  g_autofree char *key = g_uri_unescape_string (words[2], NULL);
  g_autofree char *meter_no = g_uri_unescape_string (words[3], NULL);
  TillSimMeter *meter = key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;

  /* A meter the site no longer has is forgotten. */
  if (meter == NULL || meter_no == NULL)
    return;
  if (!g_str_equal (meter->meter_no, meter_no))
    till_sim_meter_set_number (meter, meter_no);
  for (int i = 4; words[i] != NULL; i++)
    {
      char *equals = strchr (words[i], '=');

      if (equals != NULL)
        {
          *equals = '\0';
          read_pair (meter, words[i], equals + 1);
        }
    }
}

/* One record of either file; @journal tells which. Returns FALSE when it is no record of ours. */
static gboolean
read_record (TillSimStore *self,
             const char   *record,
             gsize         length,
             gboolean      journal)
{
  g_autofree char *text = g_strndup (record, length);
  g_auto(GStrv) words = g_strsplit (text, " ", -1);
  guint64 number;

  if (!is_whole (text, length) || g_strv_length (words) < 4 ||
      !g_ascii_string_to_unsigned (words[1], 10, 0, G_MAXUINT64, &number, NULL))
    return FALSE;

  if (g_str_equal (words[0], "S"))
    {
      g_ascii_string_to_signed (words[2], 10, 0, G_MAXINT64, &self->saved_ms, NULL);
      g_ascii_string_to_signed (words[3], 10, 0, G_MAXINT64, &self->saved_wall_ms, NULL);
      self->picture = number;
    }
  else if (!journal || number > self->picture)
    read_meter (self, words);
  self->number = MAX (self->number, number);
  return TRUE;
}

static void
set_file_error (GError    **error,
                const char *path)
{
  const int code = errno;

  g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_STATE,
               "%s cannot be written: %s; the meters would lose their money", path,
               g_strerror (code));
}

/* Reads a file up to its end or its first torn record; the picture must have none. */
static gboolean
read_file (TillSimStore *self,
           const char   *path,
           gboolean      journal,
           GError      **error)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) local = NULL;
  gsize length;
  const char *p;

  if (!g_file_get_contents (path, &text, &length, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  for (p = text; p < text + length;)
    {
      const char *end = memchr (p, '\n', (gsize)(text + length - p));

      if (end == NULL || !read_record (self, p, (gsize)(end - p), journal))
        break;
      p = end + 1;
    }
  /* The end of the journal may be torn. It is cut off, or what is added next would go with it. */
  if (journal && p < text + length && truncate (path, p - text) != 0)
    {
      set_file_error (error, path);
      return FALSE;
    }
  if (!journal && p < text + length)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_STATE,
                   "%s is damaged; put it aside to begin with fresh meters", path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_all (int         fd,
           const char *bytes,
           gsize       length)
{
  while (length > 0)
    {
      const gssize n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      bytes += n;
      length -= (gsize)n;
    }
  return TRUE;
}

/**
 * till_sim_store_open:
 * @path: the state file; made when there is none
 * @site: the meters, which get back what they had; outlives the store
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the store, or %NULL with %TILL_SIM_ERROR_STATE or a file
 *   error set
 */
TillSimStore *
till_sim_store_open (const char  *path,
                     TillSimSite *site,
                     GError     **error)
{
  g_autoptr(TillSimStore) self = g_new0 (TillSimStore, 1);

  self->journal = -1;
  self->path = g_strdup (path);
  self->journal_path = g_strconcat (path, ".journal", NULL);
  self->site = site;
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < site->meters->len; i++)
    {
      TillSimMeter *meter = g_ptr_array_index (site->meters, i);

      g_hash_table_insert (self->by_key, meter->key, meter);
    }

  if (!read_file (self, path, FALSE, error) || !read_file (self, self->journal_path, TRUE, error))
    return NULL;
  self->journal = g_open (self->journal_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (self->journal < 0)
    {
      set_file_error (error, self->journal_path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * till_sim_store_get_saved_ms:
 * @self: a store
 *
 * Returns: the simulated instant of the last picture, 0 when there was none
 */
gint64
till_sim_store_get_saved_ms (TillSimStore *self)
{
  return self->saved_ms;
}

/**
 * till_sim_store_get_saved_wall_ms:
 * @self: a store
 *
 * Returns: the wall clock of the last picture, 0 when there was none
 */
gint64
till_sim_store_get_saved_wall_ms (TillSimStore *self)
{
  return self->saved_wall_ms;
}

/**
 * till_sim_store_note:
 * @self: a store
 * @meter: a meter that has just changed
 * @purchase: whether the last of its purchases is new
 * @error: return location for a #GError
 *
 * Keeps a meter's memory. It is on the disk when this returns.
 *
 * Returns: %TRUE, or %FALSE with @error set: then the meter must not answer
 */
gboolean
till_sim_store_note (TillSimStore *self,
                     TillSimMeter *meter,
                     gboolean      purchase,
                     GError      **error)
{
  g_autoptr(GString) out = g_string_sized_new (1024);

  append_meter (out, ++self->number, meter);
  if (purchase && meter->purchases->len > 0)
    append_purchase (out, &g_array_index (meter->purchases, TillSimPurchase,
                                          meter->purchases->len - 1));
  close_record (out, 0);
  if (!write_all (self->journal, out->str, out->len) || fdatasync (self->journal) != 0)
    {
      set_file_error (error, self->journal_path);
      return FALSE;
    }
  return TRUE;
}

/**
 * till_sim_store_save:
 * @self: a store
 * @now_ms: the simulated instant
 * @wall_ms: the wall clock
 * @error: return location for a #GError
 *
 * Writes a new picture of all meters and begins a new journal.
 *
 * Returns: %TRUE, or %FALSE with @error set; the old picture and the journal are then still there
 */
gboolean
till_sim_store_save (TillSimStore *self,
                     gint64        now_ms,
                     gint64        wall_ms,
                     GError      **error)
{
  g_autoptr(GString) out = g_string_sized_new (1 << 20);

  g_string_append_printf (out, "S %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                          self->number, now_ms, wall_ms);
  close_record (out, 0);
  for (guint i = 0; i < self->site->meters->len; i++)
    {
      const TillSimMeter *meter = g_ptr_array_index (self->site->meters, i);
      const gsize from = out->len;

      append_meter (out, self->number, meter);
      for (guint k = 0; k < meter->purchases->len; k++)
        append_purchase (out, &g_array_index (meter->purchases, TillSimPurchase, k));
      close_record (out, from);
    }

  if (!g_file_set_contents_full (self->path, out->str, (gssize)out->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                 0600, error))
    return FALSE;
  if (ftruncate (self->journal, 0) != 0)
    {
      set_file_error (error, self->journal_path);
      return FALSE;
    }
  return TRUE;
}

/**
 * till_sim_store_free:
 * @self: (nullable) (transfer full): a store
 */
void
till_sim_store_free (TillSimStore *self)
{
  if (self == NULL)
    return;

  if (self->journal >= 0)
    close (self->journal);
  g_clear_pointer (&self->by_key, g_hash_table_unref);
  g_free (self->path);
  g_free (self->journal_path);
  g_free (self);
}
