/*
 * till-words.c: what the clerk reads: amounts, ages and the names of states
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-mask.h"
#include "till-words.h"

#define SECOND_MS G_GINT64_CONSTANT (1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

/* A number of hundredths, with two decimals and grouped thousands. */
static char *
format_hundredths (gint64      hundredths,
                   const char *prefix)
{
  g_autofree char *digits = till_money_format_grouped (ABS (hundredths));

  return g_strdup_printf ("%s%s%s", hundredths < 0 ? "−" : "", prefix, digits);
}

/**
 * till_words_money:
 * @amount: an amount in fen
 *
 * Returns: (transfer full): the amount as it is shown, such as `¥1,234.50`
 */
char *
till_words_money (TillMoney amount)
{
  return format_hundredths (amount, "¥");
}

/**
 * till_words_energy:
 * @energy_ckwh: an energy in 0.01 kWh
 *
 * Returns: (transfer full): the energy with its unit
 */
char *
till_words_energy (gint64 energy_ckwh)
{
  g_autofree char *number = format_hundredths (energy_ckwh, "");

  return g_strdup_printf ("%s kWh", number);
}

/**
 * till_words_power:
 * @power_w: a power in W
 *
 * Returns: (transfer full): the power in kW with two decimals
 */
char *
till_words_power (gint64 power_w)
{
  const gint64 rounding = power_w < 0 ? -5 : 5;
  g_autofree char *number = format_hundredths ((power_w + rounding) / 10, "");

  return g_strdup_printf ("%s kW", number);
}

/**
 * till_words_voltage:
 * @voltage_dv: a voltage in 0.1 V
 *
 * Returns: (transfer full): the voltage with its unit
 */
char *
till_words_voltage (gint32 voltage_dv)
{
  return g_strdup_printf ("%d.%d V", voltage_dv / 10, ABS (voltage_dv % 10));
}

/**
 * till_words_current:
 * @current_ma: a current in mA
 *
 * Returns: (transfer full): the current in A with two decimals
 */
char *
till_words_current (gint64 current_ma)
{
  g_autofree char *number = format_hundredths ((current_ma + 5) / 10, "");

  return g_strdup_printf ("%s A", number);
}

/**
 * till_words_age:
 * @at_ms: when something was seen, 0 for never
 * @now_ms: the present
 *
 * Returns: (transfer full): how long ago that was
 */
char *
till_words_age (gint64 at_ms,
                gint64 now_ms)
{
  const gint64 age_ms = now_ms - at_ms;

  if (at_ms == 0)
    return g_strdup (_("never"));
  if (age_ms < 2 * SECOND_MS)
    return g_strdup (_("just now"));
  if (age_ms < MINUTE_MS)
    return g_strdup_printf (_("%d s ago"), (int)(age_ms / SECOND_MS));
  if (age_ms < HOUR_MS)
    return g_strdup_printf (_("%d min ago"), (int)(age_ms / MINUTE_MS));
  if (age_ms < DAY_MS)
    return g_strdup_printf (_("%d h ago"), (int)(age_ms / HOUR_MS));

  return g_strdup_printf (_("%d d ago"), (int)MIN (age_ms / DAY_MS, 9999));
}

/**
 * till_words_moment:
 * @at_ms: an instant
 * @now_ms: the present
 *
 * Returns: (transfer full): the time of today, or the day and the time of another day
 */
char *
till_words_moment (gint64 at_ms,
                   gint64 now_ms)
{
  g_autofree char *whole = NULL;

  if (at_ms == 0)
    return g_strdup ("—");
  if (till_clock_day_of (at_ms) == till_clock_day_of (now_ms))
    return till_clock_format_time (at_ms);

  /* Without the seconds: of another day nobody asks for them. */
  whole = till_clock_format (at_ms);
  return g_strndup (whole, strlen ("2026-11-24 09:30"));
}

/**
 * till_words_phone:
 * @phone: (nullable): a telephone number
 *
 * Returns: (transfer full): the number with its middle hidden, or a dash
 */
char *
till_words_phone (const char *phone)
{
  if (phone == NULL || *phone == '\0')
    return g_strdup ("—");

  return till_mask_phone (phone);
}

/**
 * till_words_method:
 * @method: how a tenant pays
 *
 * Returns: its name
 */
const char *
till_words_method (TillMethod method)
{
  switch (method)
    {
    case TILL_METHOD_CASH:
      return _("Cash");
    case TILL_METHOD_POS:
      return _("Card (POS)");
    case TILL_METHOD_TRANSFER:
      return _("Bank transfer");
    case TILL_METHOD_WECHAT:
      return _("WeChat Pay");
    case TILL_METHOD_ALIPAY:
      return _("Alipay");
    default:
      return "";
    }
}

/**
 * till_words_order_state:
 * @state: where a sale stands
 *
 * Returns: its name
 */
const char *
till_words_order_state (TillOrderState state)
{
  switch (state)
    {
    case TILL_ORDER_STATE_NEW:
      return _("Not paid yet");
    case TILL_ORDER_STATE_PAID:
      return _("On its way to the meter");
    case TILL_ORDER_STATE_CREDITED:
      return _("On the meter");
    case TILL_ORDER_STATE_REVIEW:
      return _("Under review");
    case TILL_ORDER_STATE_REFUSED:
      return _("Refused by the meter");
    case TILL_ORDER_STATE_REFUNDED:
      return _("Refunded");
    case TILL_ORDER_STATE_EXPIRED:
      return _("Expired");
    default:
      return "";
    }
}

/**
 * till_words_order_icon:
 * @state: where a sale stands
 *
 * Returns: the name of the icon that goes with the words
 */
const char *
till_words_order_icon (TillOrderState state)
{
  switch (state)
    {
    case TILL_ORDER_STATE_PAID:
      return "till-on-its-way-symbolic";
    case TILL_ORDER_STATE_CREDITED:
      return "emblem-ok-symbolic";
    case TILL_ORDER_STATE_REVIEW:
    case TILL_ORDER_STATE_REFUSED:
      return "dialog-warning-symbolic";
    case TILL_ORDER_STATE_REFUNDED:
      return "edit-undo-symbolic";
    case TILL_ORDER_STATE_NEW:
    case TILL_ORDER_STATE_EXPIRED:
    default:
      return "content-loading-symbolic";
    }
}

/**
 * till_words_order_class:
 * @state: where a sale stands
 *
 * Returns: the style class that goes with the words
 */
const char *
till_words_order_class (TillOrderState state)
{
  switch (state)
    {
    case TILL_ORDER_STATE_PAID:
      return "accent";
    case TILL_ORDER_STATE_CREDITED:
      return "success";
    case TILL_ORDER_STATE_REVIEW:
      return "warning";
    case TILL_ORDER_STATE_REFUSED:
      return "error";
    case TILL_ORDER_STATE_NEW:
    case TILL_ORDER_STATE_REFUNDED:
    case TILL_ORDER_STATE_EXPIRED:
    default:
      return "dim-label";
    }
}

/**
 * till_words_intent_kind:
 * @kind: what a meter is told
 *
 * Returns: its name
 */
const char *
till_words_intent_kind (TillIntentKind kind)
{
  switch (kind)
    {
    case TILL_INTENT_KIND_PURCHASE:
      return _("Purchase");
    case TILL_INTENT_KIND_TRIP:
      return _("Trip");
    case TILL_INTENT_KIND_AUTO:
      return _("Back to automatic");
    case TILL_INTENT_KIND_KEEP:
      return _("Keep power");
    case TILL_INTENT_KIND_CLOCK:
      return _("Set the clock");
    case TILL_INTENT_KIND_REFUND:
      return _("Take back a refund");
    default:
      return "";
    }
}

/**
 * till_words_intent_result:
 * @intent: a command to a meter
 *
 * Returns: (transfer full): the command and how far it has come, in one sentence
 */
char *
till_words_intent_result (const TillIntent *intent)
{
  const char *kind = till_words_intent_kind (intent->kind);

  switch (intent->state)
    {
    case TILL_INTENT_STATE_PENDING:
      return g_strdup_printf (_("%s: waiting to be sent"), kind);
    case TILL_INTENT_STATE_SENDING:
      if (intent->unknown)
        return g_strdup_printf (_("%s: no answer yet, it may or may not have been done; "
                                  "the meter is being asked again"), kind);
      return g_strdup_printf (_("%s: being sent"), kind);
    case TILL_INTENT_STATE_CONFIRMED:
      return g_strdup_printf (_("%s: confirmed by the meter"), kind);
    case TILL_INTENT_STATE_REFUSED:
      return g_strdup_printf (_("%s: refused, nothing has changed on the meter"), kind);
    case TILL_INTENT_STATE_REVIEW:
      return g_strdup_printf (_("%s: needs a person’s decision"), kind);
    case TILL_INTENT_STATE_BURNT:
      return g_strdup_printf (_("%s: given up"), kind);
    default:
      return g_strdup (kind);
    }
}

/**
 * till_words_health:
 * @health: how well a meter can be reached
 *
 * Returns: its name
 */
const char *
till_words_health (TillHealth health)
{
  switch (health)
    {
    case TILL_HEALTH_FRESH:
      return _("Online");
    case TILL_HEALTH_LATE:
      return _("Late");
    case TILL_HEALTH_SILENT:
      return _("Silent");
    case TILL_HEALTH_STRANGER:
      return _("Other meter");
    case TILL_HEALTH_WAITING:
    default:
      return _("Waiting");
    }
}

/**
 * till_words_period:
 * @period: a time-of-use period
 *
 * Returns: its name
 */
const char *
till_words_period (TillPeriod period)
{
  switch (period)
    {
    case TILL_PERIOD_SHARP:
      return _("Sharp");
    case TILL_PERIOD_PEAK:
      return _("Peak");
    case TILL_PERIOD_FLAT:
      return _("Flat");
    case TILL_PERIOD_VALLEY:
      return _("Valley");
    case TILL_PERIOD_DEEP:
      return _("Deep valley");
    default:
      return "";
    }
}

/**
 * till_words_role:
 * @role: what an operator may do
 *
 * Returns: its name
 */
const char *
till_words_role (TillRole role)
{
  switch (role)
    {
    case TILL_ROLE_CLERK:
      return _("Clerk");
    case TILL_ROLE_SENIOR:
      return _("Senior clerk");
    case TILL_ROLE_ENERGY:
      return _("Energy manager");
    case TILL_ROLE_ADMIN:
      return _("Administrator");
    case TILL_ROLE_AUDITOR:
      return _("Auditor");
    case TILL_ROLE_INSTALLER:
      return _("Installer");
    default:
      return "";
    }
}

/**
 * till_words_relay:
 * @state: (nullable): the state of a meter
 *
 * Returns: whether the shop has power
 */
const char *
till_words_relay (const TillMeterState *state)
{
  if (state == NULL || (state->reading.fields & TILL_READING_STATUS) == 0)
    return _("Not known");

  return till_reading_is_closed (&state->reading) ? _("Closed: power is on")
                                                  : _("Open: power is off");
}

/**
 * till_words_force:
 * @state: (nullable): the state of a meter
 *
 * Returns: (transfer full): who decides about the relay at present
 */
char *
till_words_force (const TillMeterState *state)
{
  g_autofree char *until = NULL;

  if (state == NULL || (state->reading.fields & TILL_READING_STATUS) == 0)
    return g_strdup (_("Not known"));

  switch (till_reading_get_force (&state->reading))
    {
    case TILL_FORCE_TRIP:
      return g_strdup (_("Tripped by the office"));
    case TILL_FORCE_KEEP:
      if (state->keep_until_ms == 0)
        return g_strdup (_("Power kept by the office"));
      until = till_words_moment (state->keep_until_ms, till_clock_now_ms ());
      return g_strdup_printf (_("Power kept by the office until %s"), until);
    case TILL_FORCE_NONE:
    default:
      return g_strdup (_("Automatic: the meter decides"));
    }
}

/**
 * till_words_condition:
 * @condition: a state that stands
 *
 * Returns: (transfer full): what is wrong, in a sentence
 */
char *
till_words_condition (const TillCondition *condition)
{
  const char *subject = condition->subject != NULL ? condition->subject : "";

  switch (condition->kind)
    {
    case TILL_CONDITION_LINE_DOWN:
      return g_strdup_printf (_("The line %s cannot be reached."), subject);
    case TILL_CONDITION_METERS_SILENT:
      return g_strdup_printf (ngettext ("%u meter does not answer.",
                                        "%u meters do not answer.", condition->count),
                              condition->count);
    case TILL_CONDITION_REVIEW_OPEN:
      return g_strdup_printf (ngettext ("%u purchase waits for a decision.",
                                        "%u purchases wait for a decision.", condition->count),
                              condition->count);
    case TILL_CONDITION_BOOKS_FAULT:
      return g_strdup (_("The books cannot be written. Nothing can be sold."));
    case TILL_CONDITION_CLOCK_WENT_BACK:
      return g_strdup (_("The clock of this computer went back."));
    case TILL_CONDITION_SIMULATOR_GONE:
      return g_strdup (_("The simulated meters have stopped."));
    case TILL_CONDITION_READINGS_FAULT:
      return g_strdup (_("Readings cannot be stored."));
    case TILL_CONDITION_LISTENER_FAULT:
      return g_strdup (_("Online payments cannot be received."));
    case TILL_CONDITION_STRAY_OPEN:
      return g_strdup_printf (ngettext ("%u online payment waits for a decision.",
                                        "%u online payments wait for a decision.",
                                        condition->count), condition->count);
    case TILL_CONDITION_REFUND_STUCK:
      return g_strdup_printf (ngettext ("%u refund needs a person.",
                                        "%u refunds need a person.", condition->count),
                              condition->count);
    case TILL_CONDITION_GATEWAY_DOWN:
      return g_strdup_printf (_("%s does not answer as it should."), subject);
    default:
      return g_strdup (subject);
    }
}

/**
 * till_words_condition_advice:
 * @kind: a kind of state that stands
 *
 * Returns: what somebody should do about it
 */
const char *
till_words_condition_advice (TillConditionKind kind)
{
  switch (kind)
    {
    case TILL_CONDITION_LINE_DOWN:
      return _("Check that its device server has power and network. Sales go on and are "
               "delivered when it is back.");
    case TILL_CONDITION_METERS_SILENT:
      return _("Look at the Meters page for where they are. Sales go on and are delivered later.");
    case TILL_CONDITION_REVIEW_OPEN:
      return _("A senior clerk decides on the Review page. These meters take no sales until then.");
    case TILL_CONDITION_BOOKS_FAULT:
      return _("Free space on the disk and check its permissions, then start the program again.");
    case TILL_CONDITION_CLOCK_WENT_BACK:
      return _("Set the date and time right before you sell, so that receipts carry the true "
               "time.");
    case TILL_CONDITION_SIMULATOR_GONE:
      return _("Start the demonstration again.");
    case TILL_CONDITION_READINGS_FAULT:
      return _("Free space on the disk. Sales are not affected.");
    case TILL_CONDITION_LISTENER_FAULT:
      return _("Sales at the counter are not affected. Tell the administrator.");
    case TILL_CONDITION_STRAY_OPEN:
      return _("The money is in suspense. A senior clerk decides on the Review page.");
    case TILL_CONDITION_REFUND_STUCK:
      return _("Look at the Review page: either the meter or the gateway does not say what is "
               "expected.");
    case TILL_CONDITION_GATEWAY_DOWN:
      return _("Take cash meanwhile. Payments that were made are not lost: they are asked for "
               "again and again.");
    default:
      return "";
    }
}

static char *
review_withdrawal (const TillIntent  *intent,
                   const TillReading *now)
{
  const TillMoney fallen = intent->balance_before - now->remaining;

  if (now->purchase_count != intent->count_before)
    return g_strdup (_("The purchase count has moved: somebody may have sold to this meter by "
                       "other means."));
  if (fallen >= intent->amount)
    return g_strdup (_("The remaining amount has fallen by this much or more: the meter seems to "
                       "have given it back."));

  return g_strdup (_("The remaining amount has not fallen so far: the meter does not seem to have "
                     "given it back."));
}

/**
 * till_words_review:
 * @intent: a purchase, or an amount to be taken back, that could not be settled
 * @state: (nullable): its meter now
 *
 * Compares both sides as a person would, so that the clerk sees which story fits.
 *
 * Returns: (transfer full): what does not fit, in plain words
 */
char *
till_words_review (const TillIntent     *intent,
                   const TillMeterState *state)
{
  const guint32 needed = TILL_READING_REMAINING | TILL_READING_PURCHASE_COUNT;
  const TillReading *now = state != NULL ? &state->reading : NULL;

  if (now == NULL || (now->fields & needed) != needed)
    return g_strdup (_("The meter has not been read since. Read it before you decide."));
  if (intent->kind == TILL_INTENT_KIND_REFUND)
    return review_withdrawal (intent, now);
  if (now->purchase_count == intent->count_new && now->remaining > intent->balance_before)
    return g_strdup (_("The count has moved on by this purchase and the remaining amount has "
                       "risen: the meter seems to have it."));
  if (now->purchase_count == intent->count_new)
    return g_strdup (_("The count has moved on by this purchase, but the remaining amount has not "
                       "risen. Compare the energy used since."));
  if (now->purchase_count == intent->count_before && now->remaining <= intent->balance_before)
    return g_strdup (_("The count has not moved and the remaining amount has not risen: "
                       "the meter does not seem to have it."));
  if (now->purchase_count == intent->count_before)
    return g_strdup (_("The count has not moved, yet the remaining amount has risen. "
                       "Somebody may have changed the meter by other means."));

  return g_strdup (_("The count is neither the old one nor the new one. "
                     "Somebody may have sold to this meter by other means."));
}
