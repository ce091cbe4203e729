/*
 * till-site-model.c: the site as lists of rows, kept up to date
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-site-model.h"

/* A place hangs in a floor in a building; a deeper nesting than this is a fault in the data. */
#define DEPTH_MAX 8

/**
 * TillSiteModel:
 *
 * The rows behind the tree and the list of meters. The site is indexed once when it comes; a row is
 * made when its parent is opened or its meter is asked for, and then kept. A new state of a meter
 * reaches its row, its shop's row, and the counts of the floors above, all by property. Main
 * thread.
 */
struct _TillSiteModel
{
  GObject     parent_instance;

  TillEngine *engine;
  TillSite   *site; /* (nullable) before the first one came */
  GListStore *roots;

  GHashTable *places_of_place;    /* id of a place → GPtrArray of TillPlace */
  GHashTable *accounts_of_shop;   /* id of a shop → GPtrArray of TillAccount */
  GHashTable *meters_of_account;  /* id of an account → GPtrArray of TillMeter */
  GHashTable *meters_of_place;    /* id of a place → GPtrArray of TillMeter of no account */
  GHashTable *tally_of_place;     /* id of a place → TillTally */
  GHashTable *marks_of_meter;     /* id of a meter → its bits as counted in the tallies */
  GHashTable *node_of_place;      /* id of a place → TillNode; not of shops with an account */
  GHashTable *node_of_account;    /* id of an account → TillNode of its shop */
  GHashTable *node_of_meter;      /* id of a meter → TillNode */
};

enum
{
  RESET,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillSiteModel, till_site_model, G_TYPE_OBJECT)

static GHashTable *
new_index (GDestroyNotify free_value)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, free_value);
}

static void
add_to (GHashTable   *index,
        const gint64 *id,
        gpointer      item)
{
  GPtrArray *items = g_hash_table_lookup (index, id);

  if (items == NULL)
    {
      items = g_ptr_array_new ();
      g_hash_table_insert (index, (gpointer)id, items);
    }

  g_ptr_array_add (items, item);
}

static TillTally *
tally_of (TillSiteModel *self,
          const gint64  *place_id)
{
  TillTally *tally = g_hash_table_lookup (self->tally_of_place, place_id);

  if (tally == NULL)
    {
      tally = g_new0 (TillTally, 1);
      g_hash_table_insert (self->tally_of_place, (gpointer)place_id, tally);
    }

  return tally;
}

static void
change_tally (TillTally *tally,
              guint      marks_before,
              guint      marks_now)
{
  for (guint i = 0; i < TILL_N_MARKS; i++)
    {
      if ((marks_before & (1u << i)) != 0)
        tally->n_by_mark[i]--;
      if ((marks_now & (1u << i)) != 0)
        tally->n_by_mark[i]++;
    }
}

/* Carries a change of one meter's marks to every place above it, and to the rows of those. */
static void
count_marks (TillSiteModel   *self,
             const TillMeter *meter,
             guint            marks_now,
             gboolean         first)
{
  gpointer before = g_hash_table_lookup (self->marks_of_meter, &meter->id);
  const TillPlace *place = till_site_get_place (self->site, meter->place_id);

  if (!first && GPOINTER_TO_UINT (before) == marks_now)
    return;

  g_hash_table_insert (self->marks_of_meter, (gpointer) & meter->id, GUINT_TO_POINTER (marks_now));

  for (int depth = 0; place != NULL && depth < DEPTH_MAX; depth++)
    {
      if (place->kind != TILL_PLACE_KIND_SHOP)
        {
          TillTally *tally = tally_of (self, &place->id);
          TillNode *node = g_hash_table_lookup (self->node_of_place, &place->id);

          change_tally (tally, GPOINTER_TO_UINT (before), marks_now);
          if (first)
            tally->n_meters++;
          if (node != NULL)
            till_node_set_tally (node, tally);
        }
      place = till_site_get_place (self->site, place->parent_id);
    }
}

/* A shop is as badly off as the worst of its meters, and has as little as the poorest. */
static void
summarize_shop (TillSiteModel *self,
                TillNode      *node)
{
  const TillAccount *account = till_node_get_account (node);
  GPtrArray *meters = till_site_model_get_meters_of_account (self, account->id);
  gboolean has_remaining = FALSE;
  TillMoney least = 0;
  guint marks = 0;

  for (guint i = 0; i < meters->len; i++)
    {
      const TillMeter *meter = meters->pdata[i];
      TillMeterState *state = till_engine_get_state (self->engine, meter->id);

      marks = till_marks_merge (marks, till_marks_of_state (state));
      if (state != NULL && meter->prepaid && (state->reading.fields & TILL_READING_REMAINING) != 0)
        {
          least = has_remaining ? MIN (least, state->reading.remaining) : state->reading.remaining;
          has_remaining = TRUE;
        }
    }

  till_node_set_summary (node, marks, has_remaining, least);
}

static void
take_meter_state (TillSiteModel  *self,
                  TillMeterState *state)
{
  const TillMeter *meter = till_site_get_meter (self->site, state->meter_id);
  TillNode *node;

  if (meter == NULL)
    return;

  node = g_hash_table_lookup (self->node_of_meter, &meter->id);
  if (node != NULL)
    till_node_take_state (node, till_meter_state_ref (state));

  node = g_hash_table_lookup (self->node_of_account, &meter->account_id);
  if (node != NULL)
    summarize_shop (self, node);

  count_marks (self, meter, till_marks_of_state (state), FALSE);
}

static void
on_states_changed_cb (TillSiteModel *self,
                      GPtrArray     *states)
{
  if (self->site == NULL)
    return;

  for (guint i = 0; i < states->len; i++)
    take_meter_state (self, states->pdata[i]);
}

static TillNode *
get_place_node (TillSiteModel   *self,
                const TillPlace *place)
{
  TillNode *node = g_hash_table_lookup (self->node_of_place, &place->id);

  if (node == NULL)
    {
      TillTally *tally = g_hash_table_lookup (self->tally_of_place, &place->id);

      node = till_node_new_for_place (self->site, place, NULL);
      if (tally != NULL)
        till_node_set_tally (node, tally);
      g_hash_table_insert (self->node_of_place, (gpointer) & place->id, node);
    }

  return node;
}

static void
index_site (TillSiteModel *self)
{
  for (guint i = 0; i < self->site->places->len; i++)
    {
      TillPlace *place = self->site->places->pdata[i];

      add_to (self->places_of_place, &place->parent_id, place);
    }

  for (guint i = 0; i < self->site->accounts->len; i++)
    {
      TillAccount *account = self->site->accounts->pdata[i];

      add_to (self->accounts_of_shop, &account->shop_id, account);
    }

  for (guint i = 0; i < self->site->meters->len; i++)
    {
      TillMeter *meter = self->site->meters->pdata[i];
      TillMeterState *state = till_engine_get_state (self->engine, meter->id);

      if (meter->account_id != 0)
        add_to (self->meters_of_account, &meter->account_id, meter);
      else
        add_to (self->meters_of_place, &meter->place_id, meter);
      count_marks (self, meter, till_marks_of_state (state), TRUE);
    }
}

static void
forget_site (TillSiteModel *self)
{
  GHashTable *indexes[] = {
    self->places_of_place, self->accounts_of_shop, self->meters_of_account, self->meters_of_place,
    self->tally_of_place, self->marks_of_meter, self->node_of_place, self->node_of_account,
    self->node_of_meter
  };

  g_list_store_remove_all (self->roots);
  for (gsize i = 0; i < G_N_ELEMENTS (indexes); i++)
    g_hash_table_remove_all (indexes[i]);
  g_clear_pointer (&self->site, till_site_unref);
}

static void
take_site (TillSiteModel *self,
           TillSite      *site)
{
  const gint64 root = 0;
  GPtrArray *buildings;

  if (self->site == site)
    return;

  forget_site (self);
  if (site != NULL)
    {
      self->site = till_site_ref (site);
      index_site (self);
      buildings = g_hash_table_lookup (self->places_of_place, &root);
      for (guint i = 0; buildings != NULL && i < buildings->len; i++)
        g_list_store_append (self->roots, get_place_node (self, buildings->pdata[i]));
    }

  g_signal_emit (self, signals[RESET], 0);
}

static void
on_site_changed_cb (TillSiteModel *self,
                    TillSite      *site)
{
  take_site (self, site);
}

static void
append_meters (TillSiteModel *self,
               GListStore    *store,
               GPtrArray     *meters)
{
  for (guint i = 0; meters != NULL && i < meters->len; i++)
    {
      const TillMeter *meter = meters->pdata[i];

      g_list_store_append (store, till_site_model_get_meter_node (self, meter->id));
    }
}

/* A shop that is let has a row for each account; an empty one has a row of its own. */
static void
append_shop (TillSiteModel   *self,
             GListStore      *store,
             const TillPlace *shop)
{
  GPtrArray *accounts = g_hash_table_lookup (self->accounts_of_shop, &shop->id);

  if (accounts == NULL)
    {
      TillNode *node = get_place_node (self, shop);

      till_node_set_summary (node, 0, FALSE, 0);
      g_list_store_append (store, node);
      return;
    }

  for (guint i = 0; i < accounts->len; i++)
    {
      const TillAccount *account = accounts->pdata[i];

      g_list_store_append (store, till_site_model_get_shop_node (self, account->id));
    }
}

static void
till_site_model_dispose (GObject *object)
{
  TillSiteModel *self = TILL_SITE_MODEL (object);

  if (self->roots != NULL)
    forget_site (self);
  g_clear_object (&self->roots);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (till_site_model_parent_class)->dispose (object);
}

static void
till_site_model_finalize (GObject *object)
{
  TillSiteModel *self = TILL_SITE_MODEL (object);

  g_hash_table_unref (self->places_of_place);
  g_hash_table_unref (self->accounts_of_shop);
  g_hash_table_unref (self->meters_of_account);
  g_hash_table_unref (self->meters_of_place);
  g_hash_table_unref (self->tally_of_place);
  g_hash_table_unref (self->marks_of_meter);
  g_hash_table_unref (self->node_of_place);
  g_hash_table_unref (self->node_of_account);
  g_hash_table_unref (self->node_of_meter);

  G_OBJECT_CLASS (till_site_model_parent_class)->finalize (object);
}

static void
till_site_model_class_init (TillSiteModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = till_site_model_dispose;
  object_class->finalize = till_site_model_finalize;

  /**
   * TillSiteModel::reset:
   * @self: the model
   *
   * Another site has come: all nodes and indexes are new.
   */
  signals[RESET] =
    g_signal_new ("reset", TILL_TYPE_SITE_MODEL, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_site_model_init (TillSiteModel *self)
{
  self->roots = g_list_store_new (TILL_TYPE_NODE);
  self->places_of_place = new_index ((GDestroyNotify)g_ptr_array_unref);
  self->accounts_of_shop = new_index ((GDestroyNotify)g_ptr_array_unref);
  self->meters_of_account = new_index ((GDestroyNotify)g_ptr_array_unref);
  self->meters_of_place = new_index ((GDestroyNotify)g_ptr_array_unref);
  self->tally_of_place = new_index (g_free);
  self->marks_of_meter = new_index (NULL);
  self->node_of_place = new_index (g_object_unref);
  self->node_of_account = new_index (g_object_unref);
  self->node_of_meter = new_index (g_object_unref);
}

/**
 * till_site_model_new:
 * @engine: the engine
 *
 * Returns: (transfer full): a model that follows @engine
 */
TillSiteModel *
till_site_model_new (TillEngine *engine)
{
  TillSiteModel *self = g_object_new (TILL_TYPE_SITE_MODEL, NULL);

  self->engine = g_object_ref (engine);
  g_signal_connect_object (engine, "site-changed", G_CALLBACK (on_site_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "states-changed", G_CALLBACK (on_states_changed_cb), self,
                           G_CONNECT_SWAPPED);
  take_site (self, till_engine_get_site (engine));

  return self;
}

/**
 * till_site_model_get_site:
 * @self: the model
 *
 * Returns: (nullable) (transfer none): the site the rows stand for
 */
TillSite *
till_site_model_get_site (TillSiteModel *self)
{
  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  return self->site;
}

/**
 * till_site_model_get_roots:
 * @self: the model
 *
 * Returns: (transfer none): the buildings
 */
GListModel *
till_site_model_get_roots (TillSiteModel *self)
{
  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  return G_LIST_MODEL (self->roots);
}

/**
 * till_site_model_create_children:
 * @self: the model
 * @node: a row
 *
 * Makes the rows below a row; for a GtkTreeListModel, which asks for them when it shows the row.
 *
 * Returns: (transfer full) (nullable): the rows, or %NULL when nothing hangs below
 */
GListModel *
till_site_model_create_children (TillSiteModel *self,
                                 TillNode      *node)
{
  const TillPlace *place = till_node_get_place (node);
  g_autoptr(GListStore) store = NULL;
  GPtrArray *places;

  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  if (till_node_get_kind (node) == TILL_NODE_KIND_METER)
    return NULL;

  store = g_list_store_new (TILL_TYPE_NODE);
  if (till_node_get_account (node) != NULL)
    append_meters (self, store,
                   till_site_model_get_meters_of_account (self, till_node_get_account (node)->id));

  places = g_hash_table_lookup (self->places_of_place, &place->id);
  for (guint i = 0; places != NULL && i < places->len; i++)
    {
      const TillPlace *below = places->pdata[i];

      if (below->kind == TILL_PLACE_KIND_SHOP)
        append_shop (self, store, below);
      else
        g_list_store_append (store, get_place_node (self, below));
    }

  append_meters (self, store, g_hash_table_lookup (self->meters_of_place, &place->id));
  if (g_list_model_get_n_items (G_LIST_MODEL (store)) == 0)
    return NULL;

  return G_LIST_MODEL (g_steal_pointer (&store));
}

/**
 * till_site_model_create_meters:
 * @self: the model
 *
 * Returns: (transfer full): all meters of the site
 */
GListModel *
till_site_model_create_meters (TillSiteModel *self)
{
  g_autoptr(GPtrArray) nodes = g_ptr_array_new ();
  GListStore *store;

  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  store = g_list_store_new (TILL_TYPE_NODE);
  for (guint i = 0; self->site != NULL && i < self->site->meters->len; i++)
    {
      const TillMeter *meter = self->site->meters->pdata[i];

      g_ptr_array_add (nodes, till_site_model_get_meter_node (self, meter->id));
    }
  g_list_store_splice (store, 0, 0, nodes->pdata, nodes->len);

  return G_LIST_MODEL (store);
}

/**
 * till_site_model_get_meter_node:
 * @self: the model
 * @meter_id: number of a meter
 *
 * Returns: (nullable) (transfer none): the row of the meter, made when it was not yet there
 */
TillNode *
till_site_model_get_meter_node (TillSiteModel *self,
                                gint64         meter_id)
{
  TillNode *node;

  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  node = g_hash_table_lookup (self->node_of_meter, &meter_id);
  if (node == NULL && self->site != NULL)
    {
      const TillMeter *meter = till_site_get_meter (self->site, meter_id);
      TillMeterState *state = till_engine_get_state (self->engine, meter_id);

      if (meter == NULL)
        return NULL;

      node = till_node_new_for_meter (self->site, meter);
      if (state != NULL)
        till_node_take_state (node, till_meter_state_ref (state));
      g_hash_table_insert (self->node_of_meter, (gpointer) & meter->id, node);
    }

  return node;
}

/**
 * till_site_model_get_shop_node:
 * @self: the model
 * @account_id: number of an account
 *
 * Returns: (nullable) (transfer none): the row of the account's shop
 */
TillNode *
till_site_model_get_shop_node (TillSiteModel *self,
                               gint64         account_id)
{
  TillNode *node;

  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  node = g_hash_table_lookup (self->node_of_account, &account_id);
  if (node == NULL && self->site != NULL)
    {
      const TillAccount *account = till_site_get_account (self->site, account_id);
      const TillPlace *shop;

      if (account == NULL)
        return NULL;
      shop = till_site_get_place (self->site, account->shop_id);
      if (shop == NULL)
        return NULL;

      node = till_node_new_for_place (self->site, shop, account);
      summarize_shop (self, node);
      g_hash_table_insert (self->node_of_account, (gpointer) & account->id, node);
    }

  return node;
}

/**
 * till_site_model_get_meters_of_account:
 * @self: the model
 * @account_id: number of an account
 *
 * Returns: (transfer none) (element-type TillMeter): its meters, the first one first; may be empty
 */
GPtrArray *
till_site_model_get_meters_of_account (TillSiteModel *self,
                                       gint64         account_id)
{
  static GPtrArray *none;
  GPtrArray *meters;

  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  if (none == NULL)
    none = g_ptr_array_new ();

  meters = g_hash_table_lookup (self->meters_of_account, &account_id);
  return meters != NULL ? meters : none;
}

/**
 * till_site_model_describe_place:
 * @self: the model
 * @place_id: number of a place
 *
 * Returns: (transfer full): the names from the building down, such as `A · 1F · A101`
 */
char *
till_site_model_describe_place (TillSiteModel *self,
                                gint64         place_id)
{
  const TillPlace *place;
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (TILL_IS_SITE_MODEL (self), NULL);

  place = self->site != NULL ? till_site_get_place (self->site, place_id) : NULL;
  for (int depth = 0; place != NULL && depth < DEPTH_MAX; depth++)
    {
      if (text->len > 0)
        g_string_prepend (text, " · ");
      g_string_prepend (text, place->name);
      place = till_site_get_place (self->site, place->parent_id);
    }

  return g_string_free (text, FALSE);
}

/**
 * till_site_model_describe_floor:
 * @self: the model
 * @account_id: number of an account
 *
 * Returns: (transfer full): the building and the floor of its shop
 */
char *
till_site_model_describe_floor (TillSiteModel *self,
                                gint64         account_id)
{
  TillNode *node = till_site_model_get_shop_node (self, account_id);

  if (node == NULL)
    return g_strdup ("");

  return till_site_model_describe_place (self, till_node_get_place (node)->parent_id);
}

/**
 * till_site_model_describe_meter:
 * @self: the model
 * @meter_id: number of a meter
 *
 * Returns: (transfer full): the shop and the tenant, or the meter's number when it has none
 */
char *
till_site_model_describe_meter (TillSiteModel *self,
                                gint64         meter_id)
{
  TillNode *node = till_site_model_get_meter_node (self, meter_id);
  const TillAccount *account;
  const TillPlace *place;

  if (node == NULL)
    return g_strdup_printf ("%" G_GINT64_FORMAT, meter_id);

  account = till_node_get_account (node);
  place = till_node_get_place (node);
  if (account == NULL || place == NULL)
    return g_strdup (till_node_get_title (node));

  return g_strdup_printf ("%s %s", place->name, account->tenant_name);
}
