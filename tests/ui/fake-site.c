/*
 * fake-site.c: the made-up site of the engine's double
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-site.h"
#include "till-clock.h"

/*
 * Three buildings, A101 the first shop. Every shop has one meter, one in twenty has two, one in
 * twenty is vacant; and every state a meter can be in comes again after twenty shops.
 */

static const char *const trades[] = {
  "顺心餐饮", "瑞幸咖啡", "屈臣氏", "老北京布鞋", "周大福珠宝", "优衣库", "海底捞火锅", "名创优品",
  "华为体验店", "星空影院", "晨光文具", "天津狗不理包子", "乐高玩具", "小米之家", "喜茶",
  "宝岛眼镜", "李宁运动", "九毛九", "西西弗书店", "新东方教育"
};
static const char *const initials[] = {
  "SXCY", "RXKF", "QCS", "LBJBX", "ZDFZB", "YYK", "HDLHG", "MCYP", "HWTYD", "XKYY", "CGWJ",
  "TJGBLBZ", "LGWJ", "XMZJ", "XC", "BDYJ", "LNYD", "JMJ", "XXFSD", "XDFJY"
};

static void
add_place (FakeSite     *self,
           gint64        id,
           gint64        parent_id,
           TillPlaceKind kind,
           char         *name)
{
  TillPlace *place = g_new0 (TillPlace, 1);

  place->id = id;
  place->parent_id = parent_id;
  place->kind = kind;
  place->name = name;
  till_site_take_place (self->site, place);
}

static void
set_flags_of_case (TillMeterState *state,
                   guint           n)
{
  TillReading *reading = &state->reading;

  switch (n % 20)
    {
    case 3:
      reading->remaining = 4250;
      reading->flags |= TILL_METER_FLAG_ALARM_1;
      break;
    case 5:
      reading->remaining = -1350;
      reading->flags = (reading->flags | TILL_METER_FLAG_ARREARS) & ~TILL_METER_FLAG_RELAY;
      break;
    case 7:
      state->health = TILL_HEALTH_SILENT;
      state->last_contact_ms -= 47 * 60000;
      break;
    case 9:
      reading->flags |= TILL_METER_FLAG_FORCED | TILL_METER_FLAG_FORCED_CLOSED;
      state->wanted_force = TILL_FORCE_KEEP;
      state->keep_until_ms = till_clock_now_ms () + 20 * 3600000;
      state->keep_reason = g_strdup ("夜间施工");
      break;
    case 11:
      reading->flags = (reading->flags | TILL_METER_FLAG_FORCED) & ~TILL_METER_FLAG_RELAY;
      state->wanted_force = TILL_FORCE_TRIP;
      break;
    case 13:
      state->health = TILL_HEALTH_LATE;
      state->last_contact_ms -= 95000;
      break;
    case 15:
      state->on_its_way = 20000;
      break;
    case 17:
      state->blocked = TRUE;
      break;
    case 19:
      state->health = TILL_HEALTH_WAITING;
      state->last_contact_ms = 0;
      reading->fields = 0;
      state->today_ckwh = -1;
      state->today_cost = -1;
      break;
    default:
      break;
    }
}

static void
add_state (FakeSite *self,
           gint64    meter_id,
           guint     n)
{
  TillMeterState *state = till_meter_state_new ();
  TillReading *reading = &state->reading;

  state->meter_id = meter_id;
  state->health = TILL_HEALTH_FRESH;
  state->last_contact_ms = till_clock_now_ms () - 4000 - n % 30 * 1000;
  state->adopted = TRUE;
  state->today_ckwh = 1234 + n * 37;
  state->today_cost = 1111 + n * 31;
  reading->meter_id = meter_id;
  reading->at_ms = state->last_contact_ms;
  reading->fields = TILL_READING_VOLTAGE | TILL_READING_CURRENT | TILL_READING_POWER
                    | TILL_READING_ENERGY | TILL_READING_PERIOD_ENERGY | TILL_READING_REMAINING
                    | TILL_READING_PURCHASE_COUNT | TILL_READING_STATUS | TILL_READING_DEEP_ENERGY;
  for (int i = 0; i < 3; i++)
    {
      reading->voltage_dv[i] = 2298 + i * 9 - (int)(n % 7);
      reading->current_ma[i] = 5210 + i * 1730 + (int)n * 13;
      reading->power_w[i] = reading->voltage_dv[i] * reading->current_ma[i] / 10000;
      reading->power_w[3] += reading->power_w[i];
    }
  reading->energy_ckwh = 1234567 + n * 997;
  for (int i = 0; i < TILL_N_PERIODS; i++)
    reading->period_energy_ckwh[i] = reading->energy_ckwh / (i + 3);
  reading->remaining = 38640 + (n * 7919) % 200000;
  reading->purchase_count = 12 + n % 9;
  reading->flags = TILL_METER_FLAG_RELAY | TILL_METER_FLAG_PREPAYMENT;
  set_flags_of_case (state, n);
  g_hash_table_replace (self->states, &state->meter_id, state);
}

static void
add_meter (FakeSite *self,
           gint64    id,
           gint64    account_id,
           gint64    place_id,
           guint     n)
{
  TillMeter *meter = g_new0 (TillMeter, 1);

  meter->id = id;
  meter->account_id = account_id;
  meter->place_id = place_id;
  meter->line_id = 1;
  meter->meter_no = g_strdup_printf ("2401%08" G_GINT64_FORMAT, id);
  meter->profile = g_strdup (n % 4 == 1 ? "ddsy1352" : "dtsy1352");
  meter->tariff = g_strdup ("commercial");
  meter->unit = (guint8)(1 + n % 30);
  meter->prepaid = TRUE;
  meter->has_relay = TRUE;
  meter->never_trip = n % 20 == 9;
  till_site_take_meter (self->site, meter);
  add_state (self, id, n);
}

static void
add_shop (FakeSite *self,
          guint     n,
          gint64    floor_id,
          char      building,
          guint     floor,
          guint     number)
{
  TillAccount *account = g_new0 (TillAccount, 1);
  const gint64 shop_id = 10000 + n;

  add_place (self, shop_id, floor_id, TILL_PLACE_KIND_SHOP,
             g_strdup_printf ("%c%u%02u", building, floor, number));
  if (n % 20 == 18)
    {
      g_free (account);
      return;
    }

  account->id = 100000 + n;
  account->shop_id = shop_id;
  account->tenant_id = account->id;
  account->tenant_name = g_strdup_printf ("%s%s", trades[n % 20], n < 20 ? "" : "分店");
  account->phone = g_strdup_printf ("138%08u", (n * 7654321) % 100000000);
  account->balance_mode = TILL_BALANCE_MODE_METER;
  account->path = g_strdup_printf ("%c/%c%u%02u", building, building, floor, number);
  account->search_key = g_strdup_printf ("%c%u%02u %s %s%s", building, floor, number, account->phone,
                                         initials[n % 20], n < 20 ? "" : "FD");
  till_site_take_account (self->site, account);

  add_meter (self, 200000 + n, account->id, shop_id, n);
  if (n % 20 == 6)
    add_meter (self, 300000 + n, account->id, shop_id, n + 3);
}

/* Three buildings of two floors or more, shops shared out evenly. */
void
fake_site_build (FakeSite *self,
                 guint     n_shops)
{
  const guint a_floor = CLAMP (n_shops / 6, 1, 99);
  guint n = 0;
  TillLineInfo *line = g_new0 (TillLineInfo, 1);

  self->site = till_site_new ("顺心城市广场", TRUE);
  line->id = 1;
  line->kind = TILL_LINE_KIND_RTU_TCP;
  line->address = g_strdup ("127.0.0.1:5020");
  till_site_take_line (self->site, line);

  for (guint building = 0; building < 3; building++)
    add_place (self, 1 + building, 0, TILL_PLACE_KIND_BUILDING,
               g_strdup_printf ("%c 座", (char)('A' + building)));

  for (guint floor = 1; n < n_shops; floor++)
    {
      for (guint building = 0; building < 3 && n < n_shops; building++)
        {
          const gint64 floor_id = 100 + floor * 3 + building;

          add_place (self, floor_id, 1 + building, TILL_PLACE_KIND_FLOOR,
                     g_strdup_printf ("%u 层", floor));
          for (guint number = 1; number <= a_floor && n < n_shops; number++)
            add_shop (self, n++, floor_id, (char)('A' + building), floor, number);
        }
    }
}
