/*
 * till-search.c: finds a tenant by whatever the clerk has at hand
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <string.h>

#include "till-search.h"

/* More words than a clerk types; the rest of a pasted text is left out. */
#define N_WORDS_MAX 6

/* What one word may add to a rank: whole word, its beginning, its end (a phone's tail), inside. */
#define RANK_EXACT 0
#define RANK_PREFIX 1
#define RANK_TAIL 2
#define RANK_INSIDE 3
#define RANK_NONE G_MAXUINT

typedef struct
{
  const TillAccount *account;
  char              *key; /* words with a blank before and after each, in upper case */
} Entry;

/**
 * TillSearch:
 *
 * The keys of all tenants in one row, made once a site. A query runs over all of them: with ten
 * thousand tenants that is less than a millisecond, and no index has to be kept in step.
 */
struct _TillSearch
{
  TillSite *site;
  GArray   *entries;
};

static void
clear_entry (Entry *entry)
{
  g_free (entry->key);
}

/* Shops by the name people say, their phone, and all the engine has put into the search key. */
static char *
make_key (TillSite          *site,
          const TillAccount *account,
          const char        *meter_numbers)
{
  const TillPlace *shop = till_site_get_place (site, account->shop_id);
  g_autofree char *text = g_strdup_printf (" %s %s %s %s%s ",
                                           shop != NULL ? shop->name : "",
                                           account->phone != NULL ? account->phone : "",
                                           account->tenant_name,
                                           account->search_key != NULL ? account->search_key : "",
                                           meter_numbers != NULL ? meter_numbers : "");

  return g_utf8_strup (text, -1);
}

static GHashTable *
collect_meter_numbers (TillSite *site)
{
  GHashTable *numbers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);

  for (guint i = 0; i < site->meters->len; i++)
    {
      const TillMeter *meter = site->meters->pdata[i];
      const char *before = g_hash_table_lookup (numbers, &meter->account_id);

      if (meter->account_id != 0)
        g_hash_table_insert (numbers, (gpointer) & meter->account_id,
                             g_strdup_printf ("%s %s", before != NULL ? before : "",
                                              meter->meter_no));
    }

  return numbers;
}

/* How well one word fits a key. The blanks around each word of the key make this cheap. */
static guint
rank_word (const char *key,
           const char *word)
{
  const gsize length = strlen (word);
  guint best = RANK_NONE;

  for (const char *hit = strstr (key, word); hit != NULL; hit = strstr (hit + 1, word))
    {
      const gboolean at_start = hit[-1] == ' ';
      const gboolean at_end = hit[length] == ' ';
      const guint rank = at_start ? (at_end ? RANK_EXACT : RANK_PREFIX)
                                  : (at_end ? RANK_TAIL : RANK_INSIDE);

      best = MIN (best, rank);
      if (best == RANK_EXACT)
        break;
    }

  return best;
}

static guint
rank_entry (const Entry *entry,
            char       **words)
{
  guint sum = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const guint rank = rank_word (entry->key, words[i]);

      if (rank == RANK_NONE)
        return RANK_NONE;
      sum += rank;
    }

  return sum;
}

static char **
split_query (const char *query)
{
  g_autofree char *upper = g_utf8_strup (query, -1);
  g_auto(GStrv) parts = g_strsplit_set (upper, " \t\n\r", -1);
  GStrvBuilder *builder = g_strv_builder_new ();
  guint n_words = 0;
  char **words;

  for (guint i = 0; parts[i] != NULL && n_words < N_WORDS_MAX; i++)
    {
      if (*parts[i] != '\0')
        {
          g_strv_builder_add (builder, parts[i]);
          n_words++;
        }
    }

  words = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return words;
}

/* A number typed in full names one meter of a tenant that may have several. */
static gint64
find_meter (TillSearch        *self,
            const TillAccount *account,
            char             **words)
{
  for (guint i = 0; i < self->site->meters->len; i++)
    {
      const TillMeter *meter = self->site->meters->pdata[i];

      if (meter->account_id == account->id && g_ascii_strcasecmp (meter->meter_no, words[0]) == 0)
        return meter->id;
    }

  return 0;
}

/* Puts a match in its place among the best so far; the first of equals stays first. */
static guint
insert_match (TillSearchMatch   *matches,
              guint              n,
              guint              n_max,
              const TillAccount *account,
              guint              rank)
{
  guint place = n;

  while (place > 0 && matches[place - 1].rank > rank)
    place--;
  if (place == n_max)
    return n;

  n = MIN (n + 1, n_max);
  memmove (matches + place + 1, matches + place, (n - place - 1) * sizeof *matches);
  matches[place] = (TillSearchMatch) { account, 0, rank };

  return n;
}

/**
 * till_search_new:
 * @site: a site
 *
 * Prepares the keys of all tenants.
 *
 * Returns: (transfer full): a search over @site
 */
TillSearch *
till_search_new (TillSite *site)
{
  TillSearch *self = g_new0 (TillSearch, 1);
  g_autoptr(GHashTable) numbers = collect_meter_numbers (site);

  self->site = till_site_ref (site);
  self->entries = g_array_sized_new (FALSE, FALSE, sizeof (Entry), site->accounts->len);
  g_array_set_clear_func (self->entries, (GDestroyNotify)clear_entry);

  for (guint i = 0; i < site->accounts->len; i++)
    {
      const TillAccount *account = site->accounts->pdata[i];
      Entry entry = {
        account, make_key (site, account, g_hash_table_lookup (numbers, &account->id))
      };

      g_array_append_val (self->entries, entry);
    }

  return self;
}

void
till_search_free (TillSearch *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->entries);
  till_site_unref (self->site);
  g_free (self);
}

/**
 * till_search_find:
 * @self: a search
 * @query: words: shop, phone or its tail, tenant, initials, meter number; all of them must fit
 * @matches: (out caller-allocates) (array length=n_max): where the best matches go
 * @n_max: room in @matches
 *
 * Finds tenants, the best first: whole words before beginnings, those before ends, those before
 * anything inside; and in the order of the site among equals.
 *
 * Returns: how many were put into @matches
 */
guint
till_search_find (TillSearch      *self,
                  const char      *query,
                  TillSearchMatch *matches,
                  guint            n_max)
{
  g_auto(GStrv) words = split_query (query);
  guint n = 0;

  g_return_val_if_fail (n_max > 0, 0);

  if (words[0] == NULL)
    return 0;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);
      const guint rank = rank_entry (entry, words);

      if (rank != RANK_NONE)
        n = insert_match (matches, n, n_max, entry->account, rank);
    }

  if (n > 0 && matches[0].rank == RANK_EXACT)
    matches[0].meter_id = find_meter (self, matches[0].account, words);

  return n;
}
