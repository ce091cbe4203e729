/*
 * till-words-online.c: what the clerk reads of payments through a gateway
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-words-online.h"
#include "till-words.h"

#define SECOND_MS G_GINT64_CONSTANT (1000)

/* What the engine says of a setting that is not there. */
#define NOT_SET_SUFFIX " is not set"

/**
 * till_words_is_online:
 * @method: how a tenant pays
 *
 * Returns: whether the money comes through a gateway
 */
gboolean
till_words_is_online (TillMethod method)
{
  return method == TILL_METHOD_WECHAT || method == TILL_METHOD_ALIPAY;
}

/**
 * till_words_left:
 * @left_ms: until a code expires; may be negative
 *
 * Returns: (transfer full): minutes and seconds, such as `14:59`; a second that has begun counts
 */
char *
till_words_left (gint64 left_ms)
{
  const gint64 left_s = (MAX (left_ms, 0) + SECOND_MS - 1) / SECOND_MS;

  return g_strdup_printf ("%d:%02d", (int)(left_s / 60), (int)(left_s % 60));
}

/**
 * till_words_day:
 * @day: yyyymmdd
 *
 * Returns: (transfer full): the day with dashes
 */
char *
till_words_day (int day)
{
  return g_strdup_printf ("%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
}

/**
 * till_words_fee:
 * @fee_e5: in 0.00001 yuan
 *
 * Returns: (transfer full): the fee in yuan; with more than two decimals only where they say
 *   something
 */
char *
till_words_fee (gint64 fee_e5)
{
  g_autofree char *whole = till_money_format_grouped (ABS (fee_e5) / 1000);
  const int rest = (int)(ABS (fee_e5) % 1000);

  if (rest == 0)
    return g_strdup_printf ("%s¥%s", fee_e5 < 0 ? "−" : "", whole);

  return g_strdup_printf ("%s¥%s%03d", fee_e5 < 0 ? "−" : "", whole, rest);
}

/**
 * till_words_code:
 * @order: an online sale
 *
 * Returns: (transfer full): how far its payment has come
 */
char *
till_words_code (const TillOrder *order)
{
  const char *gateway = till_words_method (order->method);

  if (order->state != TILL_ORDER_STATE_NEW && order->state != TILL_ORDER_STATE_EXPIRED)
    return g_strdup (order->state == TILL_ORDER_STATE_PAID
                     ? _("Paid: on its way to the meter") : till_words_order_state (order->state));

  switch (order->attempt_state)
    {
    case TILL_ATTEMPT_STATE_CREATING:
      return g_strdup_printf (_("Asking %s for a code…"), gateway);
    case TILL_ATTEMPT_STATE_WAITING:
      return g_strdup (_("Waiting for the customer"));
    case TILL_ATTEMPT_STATE_CLOSING:
      return g_strdup (_("Being given up…"));
    case TILL_ATTEMPT_STATE_FAILED:
      return g_strdup_printf (_("%s refused to make a code"), gateway);
    case TILL_ATTEMPT_STATE_NONE:
    case TILL_ATTEMPT_STATE_PAID:
    case TILL_ATTEMPT_STATE_CLOSED:
    default:
      return g_strdup (_("Not paid: the code is no longer good"));
    }
}

/**
 * till_words_code_advice:
 * @order: an online sale
 *
 * Returns: (transfer full): what the clerk does about it, or what the customer does
 */
char *
till_words_code_advice (const TillOrder *order)
{
  const char *gateway = till_words_method (order->method);

  switch (order->state)
    {
    case TILL_ORDER_STATE_NEW:
    case TILL_ORDER_STATE_EXPIRED:
      break;
    case TILL_ORDER_STATE_PAID:
      return g_strdup (_("The money is in the books and the receipt is printed. The meter gets it "
                         "within seconds."));
    case TILL_ORDER_STATE_CREDITED:
      return g_strdup (_("The meter has it."));
    case TILL_ORDER_STATE_REVIEW:
    case TILL_ORDER_STATE_REFUSED:
      return g_strdup (_("The money is in the books, but the meter does not say what is expected. "
                         "A senior clerk decides on the Review page."));
    case TILL_ORDER_STATE_REFUNDED:
    default:
      return g_strdup ("");
    }

  switch (order->attempt_state)
    {
    case TILL_ATTEMPT_STATE_CREATING:
      return g_strdup (_("This takes a second. Take another way of payment if it lasts."));
    case TILL_ATTEMPT_STATE_WAITING:
      return g_strdup_printf (_("The customer scans the code with %s and confirms."), gateway);
    case TILL_ATTEMPT_STATE_CLOSING:
      return g_strdup_printf (_("%s is asked to take no money for it. If the customer was faster, "
                                "it is shown as paid."), gateway);
    case TILL_ATTEMPT_STATE_FAILED:
      return g_strdup (_("Nothing was paid. Take another way of payment, and tell the "
                         "administrator to look at the gateways."));
    case TILL_ATTEMPT_STATE_NONE:
    case TILL_ATTEMPT_STATE_PAID:
    case TILL_ATTEMPT_STATE_CLOSED:
    default:
      return g_strdup (_("Nothing was paid. Make a new code, or take another way of payment."));
    }
}

/**
 * till_words_code_icon:
 * @order: an online sale
 *
 * Returns: the name of the icon that goes with the words
 */
const char *
till_words_code_icon (const TillOrder *order)
{
  if (order->state != TILL_ORDER_STATE_NEW && order->state != TILL_ORDER_STATE_EXPIRED)
    return till_words_order_icon (order->state);

  switch (order->attempt_state)
    {
    case TILL_ATTEMPT_STATE_WAITING:
      return "till-phone-symbolic";
    case TILL_ATTEMPT_STATE_FAILED:
      return "dialog-warning-symbolic";
    case TILL_ATTEMPT_STATE_CLOSED:
      return "process-stop-symbolic";
    case TILL_ATTEMPT_STATE_NONE:
    case TILL_ATTEMPT_STATE_CREATING:
    case TILL_ATTEMPT_STATE_CLOSING:
    case TILL_ATTEMPT_STATE_PAID:
    default:
      return "content-loading-symbolic";
    }
}

/**
 * till_words_code_class:
 * @order: an online sale
 *
 * Returns: the style class that goes with the words
 */
const char *
till_words_code_class (const TillOrder *order)
{
  /* The customer may go as soon as it is paid: green, whatever the meter does yet. */
  if (order->state == TILL_ORDER_STATE_PAID)
    return "success";
  if (order->state != TILL_ORDER_STATE_NEW && order->state != TILL_ORDER_STATE_EXPIRED)
    return till_words_order_class (order->state);

  switch (order->attempt_state)
    {
    case TILL_ATTEMPT_STATE_WAITING:
      return "accent";
    case TILL_ATTEMPT_STATE_FAILED:
      return "error";
    case TILL_ATTEMPT_STATE_CLOSED:
      return "warning";
    case TILL_ATTEMPT_STATE_NONE:
    case TILL_ATTEMPT_STATE_CREATING:
    case TILL_ATTEMPT_STATE_CLOSING:
    case TILL_ATTEMPT_STATE_PAID:
    default:
      return "dim-label";
    }
}

/**
 * till_words_sale_state:
 * @order: a sale
 *
 * Returns: where it stands, in the few words of a table; a sale that is not paid by how far its
 *   code has come
 */
const char *
till_words_sale_state (const TillOrder *order)
{
  if (!till_words_is_online (order->method)
      || (order->state != TILL_ORDER_STATE_NEW && order->state != TILL_ORDER_STATE_EXPIRED))
    return till_words_order_state (order->state);

  switch (order->attempt_state)
    {
    case TILL_ATTEMPT_STATE_CREATING:
      return _("Asking for a code");
    case TILL_ATTEMPT_STATE_WAITING:
      return _("Waiting for the customer");
    case TILL_ATTEMPT_STATE_CLOSING:
      return _("Being given up");
    case TILL_ATTEMPT_STATE_FAILED:
      return _("Refused by the gateway");
    case TILL_ATTEMPT_STATE_NONE:
    case TILL_ATTEMPT_STATE_PAID:
    case TILL_ATTEMPT_STATE_CLOSED:
    default:
      return _("Not paid, code expired");
    }
}

/**
 * till_words_stray_reason:
 * @reason: why a genuine payment was not credited by itself
 *
 * Returns: the reason in a few words
 */
const char *
till_words_stray_reason (TillStrayReason reason)
{
  switch (reason)
    {
    case TILL_STRAY_REASON_UNKNOWN_ORDER:
      return _("No order of ours has this number");
    case TILL_STRAY_REASON_ORDER_CLOSED:
      return _("Paid after the order was given up");
    case TILL_STRAY_REASON_SECOND_PAYMENT:
      return _("Paid a second time");
    case TILL_STRAY_REASON_AMOUNT:
      return _("Another amount than the order’s");
    case TILL_STRAY_REASON_CURRENCY:
      return _("Paid in another currency");
    case TILL_STRAY_REASON_MERCHANT:
      return _("Paid to another merchant");
    case TILL_STRAY_REASON_CAP:
      return _("Beyond the limit of the meter");
    case TILL_STRAY_REASON_ACCOUNT_CLOSED:
      return _("The tenant has moved out");
    default:
      return "";
    }
}

/**
 * till_words_stray_advice:
 * @reason: why a genuine payment was not credited by itself
 *
 * Returns: what a senior clerk does about it, in a sentence
 */
const char *
till_words_stray_advice (TillStrayReason reason)
{
  switch (reason)
    {
    case TILL_STRAY_REASON_UNKNOWN_ORDER:
      return _("Ask who paid: credit it to that shop, or give it back.");
    case TILL_STRAY_REASON_ORDER_CLOSED:
      return _("The customer was late but did pay: credit it to the shop, or give it back when it "
               "was paid in cash meanwhile.");
    case TILL_STRAY_REASON_SECOND_PAYMENT:
      return _("Both payments are real: give the second back, or credit it when the tenant wants "
               "it so.");
    case TILL_STRAY_REASON_AMOUNT:
      return _("Credit what was really paid, or give it back and sell anew.");
    case TILL_STRAY_REASON_CURRENCY:
      return _("It is not in our books. Settle it on the merchant’s page of the gateway, then "
               "dismiss it here.");
    case TILL_STRAY_REASON_MERCHANT:
      return _("It is not our money and not in our books. Check the merchant’s numbers in the "
               "settings, then dismiss it.");
    case TILL_STRAY_REASON_CAP:
      return _("Credit it when enough has been used, or give it back.");
    case TILL_STRAY_REASON_ACCOUNT_CLOSED:
      return _("Give it back, or credit it to the shop where the tenant is now.");
    default:
      return "";
    }
}

/**
 * till_words_refund:
 * @refund: money on its way back
 *
 * Returns: (transfer full): how far it has come
 */
char *
till_words_refund (const TillRefund *refund)
{
  switch (refund->step)
    {
    case TILL_REFUND_STEP_METER:
      return g_strdup (_("Being taken back from the meter"));
    case TILL_REFUND_STEP_MONEY:
      return g_strdup_printf (_("Off the meter; %s is giving the money back"),
                              till_words_method (refund->method));
    case TILL_REFUND_STEP_DONE:
      return g_strdup (till_words_is_online (refund->method)
                       ? _("The payer has the money") : _("Off the meter: pay the money out"));
    case TILL_REFUND_STEP_FAILED:
      return g_strdup (_("Did not happen: nothing was taken from the meter"));
    case TILL_REFUND_STEP_REVIEW:
      return g_strdup (_("Needs a person"));
    default:
      return g_strdup ("");
    }
}

/**
 * till_words_refund_advice:
 * @refund: money on its way back
 *
 * Returns: what somebody should do about it; empty when nothing is to be done
 */
const char *
till_words_refund_advice (const TillRefund *refund)
{
  if (refund->step != TILL_REFUND_STEP_REVIEW)
    return "";

  switch (refund->gateway_state)
    {
    case TILL_REFUND_STATE_ABNORMAL:
      return _("The payer’s account cannot take the money. Settle it on the merchant’s page of the "
               "gateway; it is shown here as done when the gateway says so.");
    case TILL_REFUND_STATE_CLOSED:
      return _("The gateway closed the refund and the payer has nothing. Give the money back "
               "another way, against a signature.");
    case TILL_REFUND_STATE_NONE:
    case TILL_REFUND_STATE_PROCESSING:
    case TILL_REFUND_STATE_DONE:
    default:
      return _("Compare the meter with the books and decide about it on this page, where it stands "
               "too. No money goes back before.");
    }
}

/**
 * till_words_difference:
 * @kind: what a match finds about a number
 *
 * Returns: its name
 */
const char *
till_words_difference (TillDifferenceKind kind)
{
  switch (kind)
    {
    case TILL_DIFFERENCE_KIND_ONLY_OURS:
      return _("Only in our books");
    case TILL_DIFFERENCE_KIND_ONLY_THEIRS:
      return _("Only on the bill");
    case TILL_DIFFERENCE_KIND_AMOUNT:
      return _("Amounts differ");
    case TILL_DIFFERENCE_KIND_REFUND:
      return _("Refunds differ");
    case TILL_DIFFERENCE_KIND_DAY:
      return _("Another day");
    case TILL_DIFFERENCE_KIND_NONE:
    default:
      return _("Equal");
    }
}

/**
 * till_words_difference_advice:
 * @kind: what a match finds about a number
 *
 * Returns: what it means and what to do
 */
const char *
till_words_difference_advice (TillDifferenceKind kind)
{
  switch (kind)
    {
    case TILL_DIFFERENCE_KIND_ONLY_OURS:
      return _("The bill does not have it. Ask the gateway: a payment around midnight stands on "
               "the bill of the next day. If the gateway does not know it, tell the administrator: "
               "it was credited without money.");
    case TILL_DIFFERENCE_KIND_ONLY_THEIRS:
      return _("The payer’s money is at the gateway, but the books do not have it. Ask the "
               "gateway: the payment is then credited, or waits on the Review page.");
    case TILL_DIFFERENCE_KIND_AMOUNT:
      return _("Look at the order and its proof. What is on the bill has come in; say in words why "
               "the books have another amount.");
    case TILL_DIFFERENCE_KIND_REFUND:
      return _("The bill keeps the state of the day it was made. Ask the gateway where the refund "
               "stands now; the Review page has those that are stuck.");
    case TILL_DIFFERENCE_KIND_DAY:
      return _("Both sides have it, on different days: no money is missing. Say so, and it is "
               "settled.");
    case TILL_DIFFERENCE_KIND_NONE:
    default:
      return "";
    }
}

/**
 * till_words_gateway_fact:
 * @key: of a fact that a gateway tells of itself
 *
 * Returns: its name; @key itself when it has none
 */
const char *
till_words_gateway_fact (const char *key)
{
  static const char *const names[][2] = {
    { "merchant", N_("Merchant number") },
    { "app", N_("Application number") },
    { "merchant-serial", N_("Serial of our certificate") },
    { "platform-key", N_("Key of the gateway") },
    { "clock-offset-s", N_("Our clock is off by (s)") },
    { "last-answer", N_("Last answer") },
    { "last-fault", N_("Last fault") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i][0], key))
      return _(names[i][1]);

  return key;
}

/**
 * till_words_gateway_fault:
 * @gateway: a gateway
 *
 * Returns: (transfer full) (nullable): what is missing or wrong, %NULL when nothing is
 */
char *
till_words_gateway_fault (const TillGateway *gateway)
{
  g_autofree char *key = NULL;

  if (gateway->fault == NULL)
    return NULL;
  if (!g_str_has_suffix (gateway->fault, NOT_SET_SUFFIX))
    return g_strdup (gateway->fault);

  key = g_strndup (gateway->fault, strlen (gateway->fault) - strlen (NOT_SET_SUFFIX));
  return g_strdup_printf (_("The setting “%s” is missing. The administrator sets it with: "
                            "tillwatt ctl config set %s VALUE"), key, key);
}
