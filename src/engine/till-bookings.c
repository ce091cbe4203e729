/*
 * till-bookings.c: what a reading makes the books say
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-audit.h"
#include "till-bookings-private.h"
#include "till-clock.h"
#include "till-delivery-private.h"

/*
 * A meter that holds the money enters the books at its first good reading: what it holds is the
 * opening entry. From then on, once a day, what was used is booked: what the books think it holds,
 * less what it holds.
 */

#define NEEDED \
  (TILL_READING_REMAINING | TILL_READING_PURCHASE_COUNT | TILL_READING_ENERGY)

typedef struct
{
  TillCore   *core;
  gint64      meter_id;
  TillReading reading;
  int         day;
} Booking;

static Booking *
booking_new (TillCore      *core,
             TillCoreMeter *meter)
{
  Booking *self = g_new0 (Booking, 1);

  self->core = core;
  self->meter_id = meter->setup->id;
  self->reading = meter->reading;
  self->day = till_clock_day_of (meter->reading.at_ms);

  return self;
}

static gboolean
post_opening (Booking       *self,
              TillCoreMeter *meter,
              gint64        *entry_id,
              GError       **error)
{
  g_autofree char *ref = g_strdup_printf ("adopt/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                                          self->meter_id, meter->setup->epoch);
  const TillEntry entry = {
    ref, "adopt", self->reading.at_ms, self->core->system_operator_id, NULL, NULL,
    meter->setup->meter_no,
  };
  const TillLeg legs[] = {
    { TILL_LEDGER_TAKE_ON, 0, 0, self->reading.remaining },
    { TILL_LEDGER_METER, meter->setup->account_id, self->meter_id, -self->reading.remaining },
  };

  return self->reading.remaining == 0 ||
         till_ledger_post (self->core->books, &entry, legs, G_N_ELEMENTS (legs), entry_id, error);
}

static gboolean
write_adoption (TillBooks *books,
                gpointer   data,
                GError   **error)
{
  Booking *self = data;
  TillCoreMeter *meter = till_core_get_meter (self->core, self->meter_id, error);
  g_autofree char *amount = till_money_format (self->reading.remaining);
  g_autofree char *detail = NULL;
  gint64 entry_id = 0;

  if (meter == NULL)
    return FALSE;

  detail = g_strdup_printf ("%s yuan, purchase count %u", amount, self->reading.purchase_count);

  return post_opening (self, meter, &entry_id, error) &&
         till_ledger_add_mark (books, self->meter_id, "adopt", entry_id, &self->reading, error) &&
         till_store_set_adopted (books, self->meter_id, self->reading.at_ms, error) &&
         till_audit_add (books, TILL_CORE_SYSTEM_OPERATOR, "adopt", meter->setup->meter_no, detail,
                         error);
}

static void
on_adoption_written (TillBooks    *books,
                     gpointer      data,
                     const GError *error)
{
  Booking *self = data;
  TillCoreMeter *meter = till_core_get_meter (self->core, self->meter_id, NULL);

  if (meter == NULL)
    return;

  meter->adopting = FALSE;
  if (error != NULL)
    {
      g_warning ("meter %s was not taken into the books: %s", meter->setup->meter_no,
                 error->message);
      return;
    }

  meter->dirty = TRUE;
  till_ledger_get_mark (books, self->meter_id, &meter->mark, &meter->adopted, NULL);
  till_delivery_step (self->core, meter);
}

/* What the books think the meter holds. */
static gboolean
get_booked (TillCore            *core,
            const TillCoreMeter *meter,
            TillMoney           *fen,
            GError             **error)
{
  if (!till_ledger_get_balance (core->books, TILL_LEDGER_METER, meter->setup->account_id,
                                meter->setup->id, fen, error))
    return FALSE;

  *fen = -*fen;
  return TRUE;
}

static gboolean
post_use (Booking       *self,
          TillCoreMeter *meter,
          TillMoney      used,
          GError       **error)
{
  g_autofree char *ref = g_strdup_printf ("use/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%d",
                                          self->meter_id, meter->setup->epoch, self->day);
  const TillEntry entry = {
    ref, "use", self->reading.at_ms, self->core->system_operator_id, NULL, NULL,
    meter->setup->meter_no,
  };
  const TillLeg legs[] = {
    { TILL_LEDGER_METER, meter->setup->account_id, self->meter_id, used },
    { TILL_LEDGER_SALES, 0, 0, -used },
  };
  gint64 entry_id = 0;

  return (used == 0 ||
          till_ledger_post (self->core->books, &entry, legs, G_N_ELEMENTS (legs), &entry_id,
                            error)) &&
         till_ledger_add_mark (self->core->books, self->meter_id, "use", entry_id, &self->reading,
                               error);
}

/* Since the last mark that agreed to the fen (an opening or a use), what may have been used. */
static gboolean
get_possible_use (TillCore            *core,
                  const TillCoreMeter *meter,
                  gint64               energy_ckwh,
                  TillMoney           *possible,
                  GError             **error)
{
  gint64 energy_then = meter->mark.energy_ckwh;

  if (!till_db_get_int (till_books_get_db (core->books), &energy_then, error,
                        "SELECT k.energy FROM mark k JOIN meter m ON m.id = k.meter_id "
                        "AND m.epoch = k.epoch WHERE k.meter_id = $1 "
                        "AND k.kind IN ('adopt', 'use', 'open') ORDER BY k.id DESC LIMIT 1", "i",
                        meter->setup->id))
    return FALSE;

  *possible = energy_ckwh >= energy_then
    ? till_core_possible_use (meter, energy_ckwh - energy_then) : -1;
  return TRUE;
}

static gboolean
write_day (TillBooks *books,
           gpointer   data,
           GError   **error)
{
  Booking *self = data;
  TillCoreMeter *meter = till_core_get_meter (self->core, self->meter_id, error);
  TillMoney booked = 0;
  TillMoney possible = 0;

  if (meter == NULL)
    return FALSE;

  if (meter->adopted && meter->purchases.length == 0 &&
      self->reading.purchase_count == meter->mark.purchase_count)
    {
      if (!get_booked (self->core, meter, &booked, error) ||
          !get_possible_use (self->core, meter, self->reading.energy_ckwh, &possible, error))
        return FALSE;

      const TillMoney used = booked - self->reading.remaining;

      /* What cannot be use is not booked as use: verify names the meter until a person has looked.
         */
      if (used >= 0 && used <= possible && !post_use (self, meter, used, error))
        return FALSE;
    }

  return till_db_run (till_books_get_db (books), error,
                      "INSERT INTO day_start (meter_id, site, day, remaining, delivered, energy) "
                      "VALUES ($1, 1, $2, $3, $4, $5) ON CONFLICT (meter_id) DO UPDATE SET "
                      "day = excluded.day, remaining = excluded.remaining, "
                      "delivered = excluded.delivered, energy = excluded.energy", "idiii",
                      self->meter_id, self->day, self->reading.remaining, meter->delivered,
                      self->reading.energy_ckwh);
}

static void
on_day_written (TillBooks    *books,
                gpointer      data,
                const GError *error)
{
  Booking *self = data;
  TillCoreMeter *meter = till_core_get_meter (self->core, self->meter_id, NULL);
  gboolean found;

  if (meter == NULL)
    return;

  meter->rolling = FALSE;
  if (error != NULL)
    {
      g_warning ("meter %s: the day was not begun: %s", meter->setup->meter_no, error->message);
      return;
    }

  meter->day = self->day;
  meter->day_remaining = self->reading.remaining;
  meter->day_delivered = meter->delivered;
  meter->day_energy_ckwh = self->reading.energy_ckwh;
  if (meter->adopted)
    till_ledger_get_mark (books, self->meter_id, &meter->mark, &found, NULL);
  meter->dirty = TRUE;
}

/**
 * till_bookings_take:
 * @core: the core
 * @meter: a meter whose reading is news
 *
 * Takes a meter into the books at its first good reading, and begins the day at the first reading
 * of a civil day. Prepaid meters of an account only.
 */
void
till_bookings_take (TillCore      *core,
                    TillCoreMeter *meter)
{
  const gboolean prepaid = (meter->reading.fields & NEEDED) == NEEDED;
  const int day = till_clock_day_of (meter->reading.at_ms);

  if (prepaid && meter->setup->account_id != 0 && !meter->adopted && !meter->adopting)
    {
      /* Only a meter whose number was read and is right is taken in. */
      if (till_profile_get_features (meter->profile) & TILL_PROFILE_FEATURE_IDENTITY &&
          !(meter->reading.fields & TILL_READING_METER_NO))
        return;

      meter->adopting = TRUE;
      till_books_write (core->books, write_adoption, on_adoption_written,
                        booking_new (core, meter), g_free);
      return;
    }

  if (meter->day != day && !meter->rolling && !meter->busy &&
      meter->reading.fields & TILL_READING_ENERGY)
    {
      meter->rolling = TRUE;
      till_books_write (core->books, write_day, on_day_written, booking_new (core, meter), g_free);
    }
}

/**
 * till_bookings_differ:
 * @core: the core
 * @meter: a meter
 * @error: return location for a #GError
 *
 * Compares what the books think a meter holds with what it said last. The books may be ahead by
 * what can have been used since; a purchase under way or in REVIEW is a known reason for anything.
 *
 * Returns: (transfer full) (nullable): a sentence when they differ without a known reason, %NULL
 *   when they agree, or when @error is set
 */
char *
till_bookings_differ (TillCore      *core,
                      TillCoreMeter *meter,
                      GError       **error)
{
  TillMoney booked = 0;
  TillMoney possible = 0;

  if (!meter->adopted || (meter->reading.fields & NEEDED) != NEEDED ||
      meter->purchases.length > 0)
    return NULL;

  if (!get_booked (core, meter, &booked, error) ||
      !get_possible_use (core, meter, meter->reading.energy_ckwh, &possible, error))
    return NULL;

  /* A look that is older than the last booking says nothing about it. */
  if (meter->reading.at_ms < meter->mark.at_ms)
    return NULL;

  const TillMoney used = booked - meter->reading.remaining;
  g_autofree char *books_say = till_money_format (booked);
  g_autofree char *meter_says = till_money_format (meter->reading.remaining);

  if (meter->reading.purchase_count != meter->mark.purchase_count)
    return g_strdup_printf ("meter %s counts %u purchases, the books %u", meter->setup->meter_no,
                            meter->reading.purchase_count, meter->mark.purchase_count);
  if (used < -1)
    return g_strdup_printf ("meter %s holds %s yuan, more than the %s of the books",
                            meter->setup->meter_no, meter_says, books_say);
  if (used > possible)
    return g_strdup_printf ("meter %s holds %s yuan; the books say %s, and so much cannot have "
                            "been used since", meter->setup->meter_no, meter_says, books_say);

  return NULL;
}
