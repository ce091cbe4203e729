/*
 * till-error-text.c: an error, in a sentence for the clerk
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-money.h"
#include "till-types.h"

/*
 * The layers below the engine are not seen from here, but their errors pass through. They are known
 * by the names of their domains, and by the numbers of their codes as style.md 3.4 settles them.
 */
typedef struct
{
  const char *domain;
  int         code; /* -1: any other code of the domain */
  const char *text;
} Sentence;

static const Sentence sentences[] = {
  { "till_money_error", TILL_MONEY_ERROR_SYNTAX,
    N_("This is not an amount. Type yuan, such as 100 or 12.50.") },
  { "till_money_error", TILL_MONEY_ERROR_RANGE,
    N_("This amount is too large.") },
  { "till_rule_error", TILL_RULE_ERROR_DUPLICATE,
    N_("This sale has been made already, with another amount or for another shop. "
       "Look at the Orders page before you try again.") },
  { "till_rule_error", TILL_RULE_ERROR_NOT_ALLOWED,
    N_("You are not allowed to do this. Ask a senior clerk or the administrator.") },
  { "till_rule_error", TILL_RULE_ERROR_LIMIT,
    N_("This would be beyond the limit for this meter. Choose a smaller amount.") },
  { "till_rule_error", TILL_RULE_ERROR_CLOSED,
    N_("This meter is blocked at present. A purchase under review has to be decided first.") },
  { "till_rule_error", TILL_RULE_ERROR_STALE,
    N_("The last reading is too old to decide on. Read the meter and try again.") },
  { "till_rule_error", TILL_RULE_ERROR_UNKNOWN,
    N_("It is no longer there. Find it again.") },
  { "till_rule_error", TILL_RULE_ERROR_AMBIGUOUS,
    N_("Several tenants answer to that. Choose one from the list.") },
  { "till_rule_error", TILL_RULE_ERROR_INVALID,
    N_("Something in the form is missing or wrong. Check it and try again.") },
  { "till_db_error", -1,
    N_("The books could not be written. Nothing was sold. Try again, and tell the "
       "administrator if it stays so.") },
  { "till_bus_error", -1,
    N_("The meter does not answer. Try again in a minute.") },
  { "till_net_error", -1,
    N_("The other side could not be reached. Try again in a minute.") },
  { "g-io-error-quark", G_IO_ERROR_NO_SPACE,
    N_("The disk is full. Free some space and try again.") },
  { "g-io-error-quark", G_IO_ERROR_PERMISSION_DENIED,
    N_("The folder may not be written. Check its permissions.") },
  { "g-io-error-quark", G_IO_ERROR_CANCELLED,
    N_("It was called off.") },
  { "g-io-error-quark", G_IO_ERROR_TIMED_OUT,
    N_("There was no answer in time. Try again in a minute.") },
};

static const char *
find_sentence (const char *domain,
               int         code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sentences); i++)
    {
      if (g_str_equal (sentences[i].domain, domain)
          && (sentences[i].code == code || sentences[i].code == -1))
        return _(sentences[i].text);
    }

  return _("It did not work. Try again, and tell the administrator if it stays so.");
}

/**
 * till_error_text:
 * @error: an error of any layer
 *
 * The only place that turns an error into a sentence for the clerk. The error's own message is
 * English and goes to the log.
 *
 * Returns: what happened and what to do, translated
 */
const char *
till_error_text (const GError *error)
{
  g_return_val_if_fail (error != NULL, "");

  return find_sentence (g_quark_to_string (error->domain), error->code);
}

/**
 * till_error_text_for_rule:
 * @code: a #TillRuleError
 *
 * Returns: the sentence for it, translated
 */
const char *
till_error_text_for_rule (int code)
{
  return find_sentence ("till_rule_error", code);
}
