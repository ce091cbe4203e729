/*
 * till-site.c: the site as one tree
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-model"

#include "config.h"

#include "till-site.h"

static void
place_free (TillPlace *self)
{
  g_free (self->name);
  g_free (self);
}

static void
account_free (TillAccount *self)
{
  g_free (self->tenant_name);
  g_free (self->phone);
  g_free (self->path);
  g_free (self->search_key);
  g_free (self);
}

static void
meter_free (TillMeter *self)
{
  g_free (self->meter_no);
  g_free (self->profile);
  g_free (self->tariff);
  g_free (self);
}

static void
line_info_free (TillLineInfo *self)
{
  g_free (self->address);
  g_free (self);
}

/**
 * till_site_new:
 * @name: the name of the site, as it stands on receipts
 * @demo: whether all of it is simulated
 *
 * Makes an empty site, to be filled with the take functions before anyone else sees it.
 *
 * Returns: (transfer full): the site
 */
TillSite *
till_site_new (const char *name,
               gboolean    demo)
{
  TillSite *self = g_atomic_rc_box_new0 (TillSite);

  self->name = g_strdup (name);
  self->demo = demo;
  self->places = g_ptr_array_new_with_free_func ((GDestroyNotify)place_free);
  self->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)account_free);
  self->meters = g_ptr_array_new_with_free_func ((GDestroyNotify)meter_free);
  self->lines = g_ptr_array_new_with_free_func ((GDestroyNotify)line_info_free);
  self->place_by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->account_by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->meter_by_id = g_hash_table_new (g_int64_hash, g_int64_equal);

  return self;
}

TillSite *
till_site_ref (TillSite *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
site_clear (TillSite *self)
{
  g_hash_table_unref (self->place_by_id);
  g_hash_table_unref (self->account_by_id);
  g_hash_table_unref (self->meter_by_id);
  g_ptr_array_unref (self->places);
  g_ptr_array_unref (self->accounts);
  g_ptr_array_unref (self->meters);
  g_ptr_array_unref (self->lines);
  g_free (self->name);
}

void
till_site_unref (TillSite *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, (GDestroyNotify)site_clear);
}

void
till_site_take_place (TillSite  *self,
                      TillPlace *place)
{
  g_ptr_array_add (self->places, place);
  g_hash_table_insert (self->place_by_id, &place->id, place);
}

void
till_site_take_account (TillSite    *self,
                        TillAccount *account)
{
  g_ptr_array_add (self->accounts, account);
  g_hash_table_insert (self->account_by_id, &account->id, account);
}

void
till_site_take_meter (TillSite  *self,
                      TillMeter *meter)
{
  g_ptr_array_add (self->meters, meter);
  g_hash_table_insert (self->meter_by_id, &meter->id, meter);
}

void
till_site_take_line (TillSite     *self,
                     TillLineInfo *line)
{
  g_ptr_array_add (self->lines, line);
}

/**
 * till_site_get_place:
 * @self: a site
 * @id: number of a place
 *
 * Returns: (nullable) (transfer none): the place, or %NULL when there is none
 */
const TillPlace *
till_site_get_place (TillSite *self,
                     gint64    id)
{
  return g_hash_table_lookup (self->place_by_id, &id);
}

/**
 * till_site_get_account:
 * @self: a site
 * @id: number of an account
 *
 * Returns: (nullable) (transfer none): the account, or %NULL when there is none
 */
const TillAccount *
till_site_get_account (TillSite *self,
                       gint64    id)
{
  return g_hash_table_lookup (self->account_by_id, &id);
}

/**
 * till_site_get_meter:
 * @self: a site
 * @id: number of a meter
 *
 * Returns: (nullable) (transfer none): the meter, or %NULL when there is none
 */
const TillMeter *
till_site_get_meter (TillSite *self,
                     gint64    id)
{
  return g_hash_table_lookup (self->meter_by_id, &id);
}
