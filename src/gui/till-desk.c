/*
 * till-desk.c: what all pages of the window share: the engine, the site, and who is signed in
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include "till-desk.h"

/**
 * TillDesk:
 *
 * One seat at the counter. It owns no widget, so that any page can be built on it alone. Main
 * thread.
 */
struct _TillDesk
{
  GObject        parent_instance;

  TillEngine    *engine;
  TillSiteModel *model;
  TillCodes     *codes;
  char          *data_dir;
  gboolean       demo;
  TillOperator  *signed_in;     /* (nullable) */
  GHashTable    *last_commands; /* id of a meter → TillIntent, the newest relay command of it */
};

enum
{
  SAID,
  OPERATOR_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TillDesk, till_desk, G_TYPE_OBJECT)

static void
on_intent_changed_cb (TillDesk   *self,
                      TillIntent *intent)
{
  TillIntent *before = g_hash_table_lookup (self->last_commands, &intent->meter_id);

  if (intent->kind == TILL_INTENT_KIND_PURCHASE || intent->kind == TILL_INTENT_KIND_CLOCK)
    return;

  if (before == NULL || before->id <= intent->id)
    {
      TillIntent *kept = till_intent_ref (intent);

      g_hash_table_replace (self->last_commands, &kept->meter_id, kept);
    }
}

static void
till_desk_dispose (GObject *object)
{
  TillDesk *self = TILL_DESK (object);

  g_clear_object (&self->codes);
  g_clear_object (&self->model);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (till_desk_parent_class)->dispose (object);
}

static void
till_desk_finalize (GObject *object)
{
  TillDesk *self = TILL_DESK (object);

  till_operator_unref (self->signed_in);
  g_hash_table_unref (self->last_commands);
  g_free (self->data_dir);

  G_OBJECT_CLASS (till_desk_parent_class)->finalize (object);
}

static void
till_desk_class_init (TillDeskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = till_desk_dispose;
  object_class->finalize = till_desk_finalize;

  /**
   * TillDesk::said:
   * @self: the desk
   * @text: a sentence
   *
   * Something happened that the clerk should hear of once.
   */
  signals[SAID] =
    g_signal_new ("said", TILL_TYPE_DESK, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * TillDesk::operator-changed:
   * @self: the desk
   *
   * Somebody signed in or out.
   */
  signals[OPERATOR_CHANGED] =
    g_signal_new ("operator-changed", TILL_TYPE_DESK, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_desk_init (TillDesk *self)
{
  self->last_commands = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                               (GDestroyNotify)till_intent_unref);
}

/**
 * till_desk_new:
 * @engine: the engine
 * @data_dir: the data folder, where receipts are kept
 * @demo: whether all of it is simulated
 *
 * Returns: (transfer full): a desk at which nobody is signed in
 */
TillDesk *
till_desk_new (TillEngine *engine,
               const char *data_dir,
               gboolean    demo)
{
  TillDesk *self = g_object_new (TILL_TYPE_DESK, NULL);

  self->engine = g_object_ref (engine);
  self->model = till_site_model_new (engine);
  self->codes = till_codes_new (engine);
  self->data_dir = g_strdup (data_dir);
  self->demo = demo;
  g_signal_connect_object (engine, "intent-changed", G_CALLBACK (on_intent_changed_cb), self,
                           G_CONNECT_SWAPPED);

  return self;
}

TillEngine *
till_desk_get_engine (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), NULL);

  return self->engine;
}

TillSiteModel *
till_desk_get_model (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), NULL);

  return self->model;
}

/**
 * till_desk_get_codes:
 * @self: the desk
 *
 * Returns: (transfer none): the payment codes that were begun here
 */
TillCodes *
till_desk_get_codes (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), NULL);

  return self->codes;
}

const char *
till_desk_get_data_dir (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), NULL);

  return self->data_dir;
}

gboolean
till_desk_is_demo (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), FALSE);

  return self->demo;
}

/**
 * till_desk_set_operator:
 * @self: the desk
 * @operator_: (nullable): who has signed in, %NULL for nobody
 *
 * Notes who is responsible for what is done from now on.
 */
void
till_desk_set_operator (TillDesk     *self,
                        TillOperator *operator_)
{
  g_return_if_fail (TILL_IS_DESK (self));

  till_operator_unref (self->signed_in);
  self->signed_in = operator_ != NULL ? till_operator_ref (operator_) : NULL;
  g_signal_emit (self, signals[OPERATOR_CHANGED], 0);
  till_codes_set_operator (self->codes, operator_);
}

TillOperator *
till_desk_get_operator (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), NULL);

  return self->signed_in;
}

gint64
till_desk_get_operator_id (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), 0);

  return self->signed_in != NULL ? self->signed_in->id : 0;
}

static gboolean
has_role (TillDesk *self,
          guint     roles)
{
  return self->signed_in != NULL && (roles & (1u << self->signed_in->role)) != 0;
}

/**
 * till_desk_may_sell:
 * @self: the desk
 *
 * The engine decides; this is only so that the screen offers nothing that would be refused.
 *
 * Returns: whether whoever is signed in may take money
 */
gboolean
till_desk_may_sell (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), FALSE);

  return has_role (self, 1u << TILL_ROLE_CLERK | 1u << TILL_ROLE_SENIOR | 1u << TILL_ROLE_ADMIN);
}

/**
 * till_desk_may_command:
 * @self: the desk
 *
 * Returns: whether whoever is signed in may command a relay
 */
gboolean
till_desk_may_command (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), FALSE);

  return has_role (self, 1u << TILL_ROLE_CLERK | 1u << TILL_ROLE_SENIOR | 1u << TILL_ROLE_ADMIN
                   | 1u << TILL_ROLE_ENERGY);
}

/**
 * till_desk_may_decide:
 * @self: the desk
 *
 * Returns: whether whoever is signed in may decide about purchases under review
 */
gboolean
till_desk_may_decide (TillDesk *self)
{
  g_return_val_if_fail (TILL_IS_DESK (self), FALSE);

  return has_role (self, 1u << TILL_ROLE_SENIOR | 1u << TILL_ROLE_ADMIN);
}

/**
 * till_desk_get_last_command:
 * @self: the desk
 * @meter_id: number of a meter
 *
 * Returns: (nullable) (transfer none): the newest relay command of this session, as far as it came
 */
TillIntent *
till_desk_get_last_command (TillDesk *self,
                            gint64    meter_id)
{
  g_return_val_if_fail (TILL_IS_DESK (self), NULL);

  return g_hash_table_lookup (self->last_commands, &meter_id);
}

/**
 * till_desk_say:
 * @self: the desk
 * @text: a sentence
 *
 * Tells the clerk something once, in passing.
 */
void
till_desk_say (TillDesk   *self,
               const char *text)
{
  g_return_if_fail (TILL_IS_DESK (self));

  g_signal_emit (self, signals[SAID], 0, text);
}
