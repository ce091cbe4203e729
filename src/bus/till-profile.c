/*
 * till-profile.c: the register map of a kind of meter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <string.h>

#include "till-clock.h"
#include "till-profile-private.h"
#include "till-profiles-resources.h"

#define RESOURCE_DIR "/org/tillwatt/Till/profiles"
#define FILE_MAX 65536

/* The encodings of the maker, meters.md 3. */
#define PURCHASE_REGISTERS 4
#define PARAMETER_REGISTERS 30
#define CLOCK_REGISTERS 5
#define PURCHASE_FEN_MAX G_GINT64_CONSTANT (999999999)

/* Profiles live as long as the program: meters of a line point to them. */
G_LOCK_DEFINE_STATIC (known);
static GHashTable *known;   /* name → profile */
static GPtrArray *retired;  /* of another own folder; somebody may still use them */
static char *own_dir;       /* (nullable) */

/**
 * till_profile_load:
 * @path: a profile file
 * @error: return location for a #GError
 *
 * Reads and checks a file. Its name must be the name of the profile with .ini behind it.
 *
 * Returns: (transfer full): a profile, or %NULL with @error set (%TILL_BUS_ERROR_PROFILE; the
 *   message names file, section and key and says what to write)
 */
TillProfile *
till_profile_load (const char *path,
                   GError    **error)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) local = NULL;
  gsize length = 0;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_file_get_contents (path, &text, &length, &local))
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE,
                   "profile %s cannot be read: %s", path, local->message);
      return NULL;
    }

  if (length > FILE_MAX)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE,
                   "profile %s is larger than %d bytes; is it a profile at all?", path, FILE_MAX);
      return NULL;
    }

  return till_profile_parse (text, length, path, error);
}

static TillProfile *
load_shipped (const char *name,
              GError    **error)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.ini", RESOURCE_DIR, name);
  /* Asking the resource itself, not the registry, makes the linker keep it. */
  g_autoptr(GBytes) bytes = g_resource_lookup_data (till_profiles_get_resource (), path,
                                                    G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize length = 0;
  const char *text;

  if (bytes == NULL)
    {
      g_autoptr(GPtrArray) names = till_profile_list_names ();
      g_autofree char *list = NULL;

      g_ptr_array_add (names, NULL);
      list = g_strjoinv (", ", (char **)names->pdata);
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE,
                   "there is no profile “%s”; use one of %s", name, list);
      return NULL;
    }

  text = g_bytes_get_data (bytes, &length);
  return till_profile_parse (text, length, path, error);
}

static TillProfile *
load_by_name (const char *name,
              const char *dir,
              GError    **error)
{
  if (dir != NULL)
    {
      g_autofree char *file = g_strdup_printf ("%s.ini", name);
      g_autofree char *path = g_build_filename (dir, file, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return till_profile_load (path, error);
    }

  return load_shipped (name, error);
}

/**
 * till_profile_get:
 * @name: the name of a profile
 * @error: return location for a #GError
 *
 * Finds a profile by its name: a file of the own folder wins over what is shipped. May be called
 * from any thread; the profile stays until the program ends.
 *
 * Returns: (transfer none): the profile, or %NULL with @error set (%TILL_BUS_ERROR_PROFILE)
 */
const TillProfile *
till_profile_get (const char *name,
                  GError    **error)
{
  TillProfile *profile = NULL;
  g_autofree char *dir = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  if (*name == '\0' || strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen (name))
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE,
                   "“%s” is no name of a profile; use small letters, digits and dashes", name);
      return NULL;
    }

  G_LOCK (known);
  dir = g_strdup (own_dir);

  if (known != NULL)
    profile = g_hash_table_lookup (known, name);

  G_UNLOCK (known);

  if (profile != NULL || (profile = load_by_name (name, dir, error)) == NULL)
    return profile;

  G_LOCK (known);

  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  /* Another thread may have been faster: what it gave out must stay. */
  TillProfile *first = g_hash_table_lookup (known, name);

  if (first == NULL)
    g_hash_table_insert (known, g_strdup (name), profile);

  G_UNLOCK (known);

  if (first == NULL)
    return profile;

  till_profile_free (profile);
  return first;
}

static void
add_name (GPtrArray  *names,
          const char *file)
{
  if (g_str_has_suffix (file, ".ini"))
    {
      g_autofree char *name = g_strndup (file, strlen (file) - strlen (".ini"));

      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
}

static gint
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/**
 * till_profile_list_names:
 *
 * Returns: (transfer full) (element-type utf8): the names of all profiles, shipped and own, sorted
 */
GPtrArray *
till_profile_list_names (void)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto(GStrv) files = g_resource_enumerate_children (till_profiles_get_resource (), RESOURCE_DIR,
                                                       G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *dir = NULL;
  g_autoptr(GDir) own = NULL;
  const char *file;

  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    add_name (names, files[i]);

  G_LOCK (known);
  dir = g_strdup (own_dir);
  G_UNLOCK (known);

  if (dir != NULL)
    own = g_dir_open (dir, 0, NULL);

  while (own != NULL && (file = g_dir_read_name (own)) != NULL)
    add_name (names, file);

  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static void
retire (gpointer key,
        gpointer value,
        gpointer user_data)
{
  g_ptr_array_add (retired, value);
}

/**
 * till_profile_set_own_dir:
 * @dir: (nullable): a folder whose profiles win over the shipped ones
 *
 * Profiles that were given out already stay as they are; names asked for from now on are looked up
 * anew.
 */
void
till_profile_set_own_dir (const char *dir)
{
  G_LOCK (known);
  g_free (own_dir);
  own_dir = g_strdup (dir);

  if (known != NULL)
    {
      if (retired == NULL)
        retired = g_ptr_array_new ();

      g_hash_table_foreach (known, retire, NULL);
      g_hash_table_remove_all (known);
    }

  G_UNLOCK (known);
}

/**
 * till_profile_free:
 * @self: (transfer full) (nullable): a profile from till_profile_load()
 */
void
till_profile_free (TillProfile *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->title);
  g_free (self);
}

const char *
till_profile_get_name (const TillProfile *self)
{
  return self->name;
}

/**
 * till_profile_get_title:
 * @self: a profile
 *
 * Returns: (nullable): what the maker calls the meter
 */
const char *
till_profile_get_title (const TillProfile *self)
{
  return self->title;
}

guint
till_profile_get_features (const TillProfile *self)
{
  return self->features;
}

TillCountRule
till_profile_get_count_rule (const TillProfile *self)
{
  return self->count_rule;
}

/**
 * till_profile_get_register_modulo:
 * @self: a profile
 *
 * Returns: where the energy counter begins again at 0, in 0.01 kWh as the meter counts, that is,
 *   before its ratios
 */
gint64
till_profile_get_register_modulo (const TillProfile *self)
{
  return self->register_modulo;
}

/**
 * till_profile_get_tariff_number:
 * @self: a profile
 * @period: a period
 *
 * Returns: what the meter's time-tables call it; 0 when it has no such period
 */
guint
till_profile_get_tariff_number (const TillProfile *self,
                                TillPeriod         period)
{
  g_return_val_if_fail ((guint)period < TILL_N_PERIODS, 0);

  return self->tariff_numbers[period];
}

static gboolean
require (const TillProfile *self,
         guint              feature,
         const char        *what,
         GError           **error)
{
  if (self->features & feature)
    return TRUE;

  g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
               "a meter of profile “%s” %s", self->name, what);
  return FALSE;
}

/**
 * till_profile_make_purchase:
 * @self: a profile
 * @amount: what was bought, 0.01 to 9,999,999.99 yuan
 * @new_count: the purchase count that the meter shall have afterwards, from 1
 * @request: (out): the command; left alone on error
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @request was set; %FALSE with %TILL_BUS_ERROR_UNSUPPORTED set when meters of
 *   this profile take no purchases, or not such a one
 */
gboolean
till_profile_make_purchase (const TillProfile *self,
                            TillMoney          amount,
                            guint16            new_count,
                            TillRequest       *request,
                            GError           **error)
{
  if (!require (self, TILL_PROFILE_FEATURE_PREPAID, "takes no purchases", error))
    return FALSE;

  if (amount < 1 || amount > PURCHASE_FEN_MAX || new_count == 0)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                   "a purchase of %" G_GINT64_FORMAT " fen with count %u cannot be sent; the "
                   "amount is 1 to %" G_GINT64_FORMAT " fen, the count 1 to 65535",
                   amount, new_count, PURCHASE_FEN_MAX);
      return FALSE;
    }

  *request = (TillRequest){ .kind = TILL_REQUEST_KIND_VENDOR, .address = self->purchase_address,
                            .count = PURCHASE_REGISTERS };
  request->values[0] = (guint16)(amount >> 16);
  request->values[1] = (guint16)(amount & 0xffff);
  request->values[2] = new_count;
  return TRUE;
}

/**
 * till_profile_make_remaining:
 * @self: a profile
 * @remaining: what the meter shall hold, 0 to 9,999,999.99 yuan
 * @request: (out): the command; left alone on error
 * @error: return location for a #GError
 *
 * Sets the remaining amount, for a refund. It is the group {flag, remaining} of the parameters
 * (meters.md 3); every other group is left as it is on the meter. An absolute value has no count to
 * guard it: who sends it must have read the meter just before.
 *
 * Returns: %TRUE when @request was set; %FALSE with %TILL_BUS_ERROR_UNSUPPORTED set when meters of
 *   this profile give nothing back
 */
gboolean
till_profile_make_remaining (const TillProfile *self,
                             TillMoney          remaining,
                             TillRequest       *request,
                             GError           **error)
{
  guint8 bytes[2 * PARAMETER_REGISTERS] = { 0 };

  if (self->refund_address == 0 || remaining < 0 || remaining > PURCHASE_FEN_MAX)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                   "a meter of profile “%s” cannot be set to %" G_GINT64_FORMAT " fen", self->name,
                   remaining);
      return FALSE;
    }

  bytes[2] = 1;
  for (int i = 0; i < 4; i++)
    bytes[3 + i] = (guint8)(remaining >> (24 - 8 * i));

  *request = (TillRequest){ .kind = TILL_REQUEST_KIND_VENDOR, .address = self->refund_address,
                            .count = PARAMETER_REGISTERS };
  for (int i = 0; i < PARAMETER_REGISTERS; i++)
    request->values[i] = (guint16)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  return TRUE;
}

/**
 * till_profile_make_force:
 * @self: a profile
 * @force: what the relay shall be forced to, or %TILL_FORCE_NONE for automatic
 * @request: (out): the command; left alone on error
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @request was set; %FALSE with %TILL_BUS_ERROR_UNSUPPORTED set when meters of
 *   this profile have no relay
 */
gboolean
till_profile_make_force (const TillProfile *self,
                         TillForce          force,
                         TillRequest       *request,
                         GError           **error)
{
  if (!require (self, TILL_PROFILE_FEATURE_RELAY, "has no relay", error))
    return FALSE;

  *request = (TillRequest){ .kind = TILL_REQUEST_KIND_WRITE, .address = self->force_address,
                            .count = 2 };
  request->values[0] = force != TILL_FORCE_NONE;
  request->values[1] = force == TILL_FORCE_TRIP;
  return TRUE;
}

/**
 * till_profile_make_clock:
 * @self: a profile
 * @at_ms: the instant to set it to, 2000 to 2099
 * @request: (out): the command; left alone on error
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @request was set; %FALSE with %TILL_BUS_ERROR_UNSUPPORTED set when the
 *   clock of meters of this profile cannot be set, or not to that
 */
gboolean
till_profile_make_clock (const TillProfile *self,
                         gint64             at_ms,
                         TillRequest       *request,
                         GError           **error)
{
  const int day = till_clock_day_of (at_ms);
  const guint second = (guint)((at_ms - till_clock_day_start_ms (day)) / 1000);
  const guint year = (guint)day / 10000;

  if (!require (self, TILL_PROFILE_FEATURE_CLOCK, "has no clock that can be set", error))
    return FALSE;

  if (year < 2000 || year > 2099)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_UNSUPPORTED,
                   "a meter's clock cannot be set to the year %u; correct the clock of this PC",
                   year);
      return FALSE;
    }

  /* ss mm, hh weekday, DD MM, YY 0, 0 0. */
  *request = (TillRequest){ .kind = TILL_REQUEST_KIND_VENDOR, .address = self->clock_address,
                            .count = CLOCK_REGISTERS };
  request->values[0] = (guint16)(second % 60 << 8 | second / 60 % 60);
  request->values[1] = (guint16)(second / 3600 << 8 | (guint)till_clock_weekday_of (at_ms));
  request->values[2] = (guint16)((guint)day % 100 << 8 | (guint)day / 100 % 100);
  request->values[3] = (guint16)((year - 2000) << 8);
  return TRUE;
}
