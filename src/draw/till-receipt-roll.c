/*
 * till-receipt-roll.c: a receipt on a roll of thermal paper
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-draw"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "till-clock.h"
#include "till-page.h"
#include "till-qr.h"
#include "till-receipt-private.h"

/* Print heads reach 72 of the 80 mm. */
#define MARGIN TILL_PAGE_MM (4)
#define LABEL_WIDTH TILL_PAGE_MM (19)
#define QR_SIZE TILL_PAGE_MM (22)
#define GAP 5.0

static const TillPageStyle site_style = { 12, PANGO_ALIGN_CENTER, TRUE };
static const TillPageStyle title_style = { 16, PANGO_ALIGN_CENTER, TRUE };
static const TillPageStyle label_style = { 9, PANGO_ALIGN_LEFT, FALSE };
static const TillPageStyle value_style = { 9.5, PANGO_ALIGN_RIGHT, FALSE };
static const TillPageStyle strong_style = { 9.5, PANGO_ALIGN_RIGHT, TRUE };
static const TillPageStyle amount_style = { 25, PANGO_ALIGN_CENTER, TRUE };
static const TillPageStyle words_style = { 9.5, PANGO_ALIGN_CENTER, FALSE };
static const TillPageStyle note_style = { 8, PANGO_ALIGN_CENTER, FALSE };

/* Where the next line goes, as the roll grows downwards. */
typedef struct
{
  cairo_t *cr;
  double   y;
  double   width; /* between the margins */
} Roll;

static void
add_text (Roll                *roll,
          const char          *text,
          const TillPageStyle *style)
{
  roll->y += till_page_draw_text (roll->cr, text, MARGIN, roll->y, roll->width, style);
}

static void
add_rule (Roll *roll)
{
  roll->y += GAP;
  till_page_draw_rule (roll->cr, MARGIN, roll->y, roll->width, TRUE);
  roll->y += GAP;
}

/* A label at the left, its value at the right; a value of several lines keeps to its column. */
static void
add_pair (Roll                *roll,
          const char          *label,
          const char          *value,
          const TillPageStyle *style)
{
  if (value == NULL || *value == '\0')
    return;

  const double tall = till_page_draw_text (roll->cr, label, MARGIN, roll->y, LABEL_WIDTH,
                                           &label_style);
  const double taller = till_page_draw_text (roll->cr, value, MARGIN + LABEL_WIDTH, roll->y,
                                             roll->width - LABEL_WIDTH, style);

  roll->y += MAX (tall, taller) + 1.5;
}

static void
add_head (Roll              *roll,
          const TillReceipt *self)
{
  g_autoptr(GPtrArray) banners = till_receipt_list_banners (self);

  for (guint i = 0; i < banners->len; i++)
    roll->y += till_receipt_draw_banner (roll->cr, g_ptr_array_index (banners, i), MARGIN, roll->y,
                                         roll->width, 14) + GAP;

  add_text (roll, self->site_name, &site_style);
  add_text (roll, till_receipt_get_title (), &title_style);
  add_rule (roll);
}

static void
add_particulars (Roll              *roll,
                 const TillReceipt *self)
{
  g_autofree char *when = till_clock_format (self->paid_ms);

  add_pair (roll, C_("receipt", "No."), self->number, &strong_style);
  add_pair (roll, C_("receipt", "Time"), when, &value_style);
  add_pair (roll, C_("receipt", "Shop"), self->shop, &strong_style);
  add_pair (roll, C_("receipt", "Tenant"), self->tenant, &value_style);
  add_pair (roll, C_("receipt", "Phone"), self->phone_masked, &value_style);
  add_pair (roll, C_("receipt", "Meter no."), self->meter_no, &value_style);
  add_pair (roll, C_("receipt", "Paid by"), till_receipt_get_method_label (self), &value_style);
}

static void
add_amount (Roll              *roll,
            const TillReceipt *self)
{
  g_autofree char *amount = till_receipt_format_amount (self->amount);
  g_autofree char *words = till_receipt_format_words (self->amount);

  add_text (roll, amount, &amount_style);
  add_text (roll, words, &words_style);
}

static void
add_balance (Roll              *roll,
             const TillReceipt *self)
{
  if (!self->has_balances)
    {
      const TillPageStyle style = { 10, PANGO_ALIGN_CENTER, TRUE };

      add_text (roll, till_receipt_get_delivery_label (self), &style);
      return;
    }

  g_autofree char *before = till_receipt_format_amount (self->balance_before);
  g_autofree char *after = till_receipt_format_amount (self->balance_after);

  add_pair (roll, C_("receipt", "Balance before"), before, &value_style);
  add_pair (roll, C_("receipt", "Balance after"), after, &strong_style);
}

/**
 * till_receipt_draw_roll:
 * @self: a receipt
 * @cr: what to draw on, or something that keeps nothing, to measure
 *
 * Returns: the length of paper it takes, in points
 */
double
till_receipt_draw_roll (const TillReceipt *self,
                        cairo_t           *cr)
{
  Roll roll = { cr, MARGIN, TILL_RECEIPT_ROLL_WIDTH - 2 * MARGIN };

  add_head (&roll, self);
  add_particulars (&roll, self);
  add_rule (&roll);
  add_amount (&roll, self);
  add_rule (&roll);
  add_balance (&roll, self);
  add_rule (&roll);
  add_pair (&roll, C_("receipt", "Clerk"), self->operator_name, &value_style);
  roll.y += GAP;

  if (self->order_id != NULL &&
      till_qr_draw (cr, self->order_id, (TILL_RECEIPT_ROLL_WIDTH - QR_SIZE) / 2, roll.y, QR_SIZE))
    roll.y += QR_SIZE;

  add_text (&roll, self->order_id, &note_style);
  roll.y += GAP;
  add_text (&roll, C_("receipt", "Please keep this receipt"), &note_style);
  return roll.y + 2 * MARGIN;
}
