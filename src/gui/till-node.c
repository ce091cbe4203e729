/*
 * till-node.c: one row of the tree: a building, a floor, a shop or a meter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-node.h"

/**
 * TillNode:
 *
 * The object behind a row. Lists hold it for as long as the site stands; only its summary changes,
 * and rows follow by notify::summary, so that no list is ever spliced for a value. Main thread.
 */
struct _TillNode
{
  GObject            parent_instance;

  TillSite          *site; /* keeps what is pointed to below */
  TillNodeKind       kind;
  const TillPlace   *place;
  const TillAccount *account; /* (nullable) */
  const TillMeter   *meter;   /* (nullable) */

  TillMeterState    *state; /* (nullable) of a meter */
  TillTally         *tally; /* (nullable) of a building or a floor */
  guint              marks;
  gboolean           has_remaining;
  TillMoney          remaining;
  guint              revision;
};

enum
{
  PROP_0,
  PROP_SUMMARY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TillNode, till_node, G_TYPE_OBJECT)

static void
tell (TillNode *self)
{
  self->revision++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

static void
till_node_finalize (GObject *object)
{
  TillNode *self = TILL_NODE (object);

  till_meter_state_unref (self->state);
  g_free (self->tally);
  till_site_unref (self->site);

  G_OBJECT_CLASS (till_node_parent_class)->finalize (object);
}

static void
till_node_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  TillNode *self = TILL_NODE (object);

  switch (prop_id)
    {
    case PROP_SUMMARY:
      g_value_set_uint (value, self->revision);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_node_class_init (TillNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = till_node_finalize;
  object_class->get_property = till_node_get_property;

  /**
   * TillNode:summary:
   *
   * Counts the changes of all that is shown of this node and may change.
   */
  properties[PROP_SUMMARY] =
    g_param_spec_uint ("summary", NULL, NULL,
                       0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
till_node_init (TillNode *self)
{
  self->marks = TILL_MARK_WAITING;
}

/**
 * till_node_new_for_place:
 * @site: the site that holds @place and @account
 * @place: a building, a floor or a shop
 * @account: (nullable): the account of a shop's tenant
 *
 * Returns: (transfer full): a node for it
 */
TillNode *
till_node_new_for_place (TillSite          *site,
                         const TillPlace   *place,
                         const TillAccount *account)
{
  TillNode *self = g_object_new (TILL_TYPE_NODE, NULL);

  self->site = till_site_ref (site);
  self->place = place;
  self->account = account;
  self->kind = (TillNodeKind)place->kind;

  return self;
}

/**
 * till_node_new_for_meter:
 * @site: the site that holds @meter
 * @meter: a meter
 *
 * Returns: (transfer full): a node for it
 */
TillNode *
till_node_new_for_meter (TillSite        *site,
                         const TillMeter *meter)
{
  TillNode *self = g_object_new (TILL_TYPE_NODE, NULL);

  self->site = till_site_ref (site);
  self->kind = TILL_NODE_KIND_METER;
  self->meter = meter;
  self->account = till_site_get_account (site, meter->account_id);
  self->place = till_site_get_place (site, meter->place_id);

  return self;
}

TillNodeKind
till_node_get_kind (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), TILL_NODE_KIND_BUILDING);

  return self->kind;
}

/**
 * till_node_get_place:
 * @self: a node
 *
 * Returns: (nullable) (transfer none): the place, of a meter the one it hangs in
 */
const TillPlace *
till_node_get_place (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), NULL);

  return self->place;
}

/**
 * till_node_get_account:
 * @self: a node
 *
 * Returns: (nullable) (transfer none): the account of a shop or a meter
 */
const TillAccount *
till_node_get_account (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), NULL);

  return self->account;
}

/**
 * till_node_get_meter:
 * @self: a node
 *
 * Returns: (nullable) (transfer none): the meter, of a meter's node
 */
const TillMeter *
till_node_get_meter (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), NULL);

  return self->meter;
}

const char *
till_node_get_title (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), "");

  if (self->meter != NULL)
    return self->meter->meter_no;

  return self->place->name;
}

const char *
till_node_get_subtitle (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), "");

  if (self->meter != NULL)
    return self->meter->profile != NULL ? self->meter->profile : "";
  if (self->account != NULL)
    return self->account->tenant_name;
  if (self->kind == TILL_NODE_KIND_SHOP)
    return _("Vacant");

  return "";
}

/**
 * till_node_take_state:
 * @self: the node of a meter
 * @state: (transfer full) (nullable): its newest state
 *
 * Keeps @state and derives the summary from it.
 */
void
till_node_take_state (TillNode       *self,
                      TillMeterState *state)
{
  g_return_if_fail (TILL_IS_NODE (self));
  g_return_if_fail (self->kind == TILL_NODE_KIND_METER);

  till_meter_state_unref (self->state);
  self->state = state;
  self->marks = till_marks_of_state (state);
  self->has_remaining = state != NULL && (state->reading.fields & TILL_READING_REMAINING) != 0;
  self->remaining = self->has_remaining ? state->reading.remaining : 0;
  tell (self);
}

/**
 * till_node_get_state:
 * @self: a node
 *
 * Returns: (nullable) (transfer none): the newest state of a meter
 */
TillMeterState *
till_node_get_state (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), NULL);

  return self->state;
}

/**
 * till_node_set_summary:
 * @self: the node of a shop
 * @marks: bits of #TillMark
 * @has_remaining: whether @remaining is known
 * @remaining: what remains on the meter with the least
 *
 * Sets what is shown of a shop. Nothing is told when nothing changed.
 */
void
till_node_set_summary (TillNode *self,
                       guint     marks,
                       gboolean  has_remaining,
                       TillMoney remaining)
{
  g_return_if_fail (TILL_IS_NODE (self));

  if (self->marks == marks && self->has_remaining == has_remaining
      && self->remaining == remaining)
    return;

  self->marks = marks;
  self->has_remaining = has_remaining;
  self->remaining = remaining;
  tell (self);
}

/**
 * till_node_set_tally:
 * @self: the node of a building or a floor
 * @tally: what hangs below it
 *
 * Sets what is shown of a building or a floor. Nothing is told when nothing changed.
 */
void
till_node_set_tally (TillNode        *self,
                     const TillTally *tally)
{
  g_return_if_fail (TILL_IS_NODE (self));

  if (self->tally != NULL && memcmp (self->tally, tally, sizeof (TillTally)) == 0)
    return;

  g_free (self->tally);
  self->tally = g_memdup2 (tally, sizeof (TillTally));
  tell (self);
}

guint
till_node_get_marks (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), 0);

  return self->marks;
}

/**
 * till_node_get_remaining:
 * @self: a node
 * @remaining: (out): what remains; left alone when it is not known
 *
 * Returns: whether it is known
 */
gboolean
till_node_get_remaining (TillNode  *self,
                         TillMoney *remaining)
{
  g_return_val_if_fail (TILL_IS_NODE (self), FALSE);

  if (self->has_remaining)
    *remaining = self->remaining;

  return self->has_remaining;
}

/**
 * till_node_get_tally:
 * @self: a node
 *
 * Returns: (nullable) (transfer none): what hangs below a building or a floor
 */
const TillTally *
till_node_get_tally (TillNode *self)
{
  g_return_val_if_fail (TILL_IS_NODE (self), NULL);

  return self->tally;
}
