/*
 * till-sale-words.c: what the sale form says of a sale
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-sale-words.h"
#include "till-words-online.h"
#include "till-words.h"

/**
 * till_sale_words_warnings:
 * @quote: a quote
 *
 * What the clerk has to know before taking the money.
 *
 * Returns: (transfer full) (nullable): a text, %NULL when there is nothing to warn of
 */
char *
till_sale_words_warnings (const TillQuote *quote)
{
  GString *text = NULL;

  g_return_val_if_fail (quote != NULL, NULL);

  text = g_string_new (NULL);
  if (!quote->fresh)
    g_string_append (text, _("The meter was not read within the last minute. The amount will be "
                             "delivered when it is back."));
  if (quote->n_ahead > 0)
    {
      g_string_append (text, text->len > 0 ? "\n" : "");
      g_string_append_printf (text,
                              ngettext ("%u purchase is still on its way to this meter.",
                                        "%u purchases are still on their way to this meter.",
                                        quote->n_ahead), quote->n_ahead);
    }

  return g_string_free (text, text->len == 0);
}

/**
 * till_sale_words_after:
 * @quote: (nullable): a quote
 * @amount: of the sale
 *
 * Returns: (transfer full): what will remain after the sale, empty without a quote
 */
char *
till_sale_words_after (const TillQuote *quote,
                       TillMoney        amount)
{
  g_autofree char *after = NULL;

  if (quote == NULL)
    return g_strdup ("");

  after = till_words_money (quote->remaining + quote->on_its_way + amount);
  return g_strdup_printf (_("After this sale: %s"), after);
}

/**
 * till_sale_words_room:
 * @quote: (nullable): a quote
 *
 * Returns: (transfer full): the most that may remain, empty when nothing limits it
 */
char *
till_sale_words_room (const TillQuote *quote)
{
  g_autofree char *cap = NULL;

  if (quote == NULL || quote->cap <= 0)
    return g_strdup ("");

  cap = till_words_money (quote->cap);
  return g_strdup_printf (_("At most %s may remain on this meter"), cap);
}

/**
 * till_sale_words_sale:
 * @desk: the desk
 * @account_id: who buys
 * @method: how it is paid
 *
 * Returns: (transfer full): place, tenant and method of a sale that is to be confirmed
 */
char *
till_sale_words_sale (TillDesk  *desk,
                      gint64     account_id,
                      TillMethod method)
{
  TillSiteModel *model = till_desk_get_model (desk);
  TillNode *node = till_site_model_get_shop_node (model, account_id);
  g_autofree char *place = NULL;

  g_return_val_if_fail (node != NULL, NULL);

  place = till_site_model_describe_place (model, till_node_get_place (node)->id);
  return g_strdup_printf ("%s\n%s · %s", place, till_node_get_subtitle (node),
                          till_words_method (method));
}

/**
 * till_sale_words_order:
 * @desk: the desk
 * @order: a sale
 *
 * Returns: (transfer full): its receipt, its shop and its amount in a line
 */
char *
till_sale_words_order (TillDesk  *desk,
                       TillOrder *order)
{
  TillNode *node = till_site_model_get_shop_node (till_desk_get_model (desk), order->account_id);
  g_autofree char *amount = till_words_money (order->amount);

  return g_strdup_printf ("%s  %s  %s", order->receipt_no != NULL ? order->receipt_no : "",
                          node != NULL ? till_node_get_title (node) : "", amount);
}

/**
 * till_sale_words_paid:
 * @desk: the desk
 * @order: a sale whose code was paid while the clerk served somebody else
 *
 * Returns: (transfer full): who has paid how much
 */
char *
till_sale_words_paid (TillDesk  *desk,
                      TillOrder *order)
{
  g_autofree char *amount = till_words_money (order->amount);
  g_autofree char *who = till_site_model_describe_meter (till_desk_get_model (desk),
                                                         order->meter_id);

  return g_strdup_printf (_("%s has paid %s"), who, amount);
}

/**
 * till_sale_words_refusal:
 * @method: how it was to be paid
 * @error: why the engine refused
 *
 * The engine refuses a way of paying that is not set up with the code of something closed.
 *
 * Returns: (transfer none): a sentence for the clerk
 */
const char *
till_sale_words_refusal (TillMethod    method,
                         const GError *error)
{
  if (till_words_is_online (method)
      && g_error_matches (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED))
    return _("This way of paying is not set up. Take another, and tell the administrator to look "
             "at the gateways.");

  return till_error_text (error);
}
