/*
 * till-demo-site.c: the table of a mall that is not there
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-csv.h"
#include "till-demo-private.h"

#define SEED G_GUINT64_CONSTANT (0x300000022)
#define SHOPS_A_FLOOR 10
#define LINES_A_BUILDING 3
#define TARIFF "一般工商业"

/* The mall's buildings, with as many floors as shops need. */
static const struct
{
  const char *name;
  char        letter;
  guint       n_floors;
} buildings[] = {
  { "A座", 'A', 4 },
  { "B座", 'B', 3 },
  { "C座", 'C', 2 },
};

static const char *const owners[] = {
  "津门", "海河", "意风", "鼓楼", "和平", "滨江", "南市", "河畔", "天后", "解放",
  "老城里", "小白楼", "五大道", "水晶宫", "银河",
};

/* What is sold, and the current transformers' ratio where the meter cannot take the current. */
static const struct
{
  const char *trade;
  guint       ct;
} trades[] = {
  { "咖啡", 1 }, { "女装", 1 }, { "烘焙", 20 }, { "眼镜", 1 }, { "珠宝", 1 }, { "火锅城", 40 },
  { "书店", 1 }, { "美甲", 1 }, { "数码", 1 }, { "茶楼", 1 }, { "童装", 1 }, { "烤肉", 20 },
  { "花坊", 1 }, { "钟表", 1 }, { "药房", 1 }, { "影城", 40 }, { "鞋业", 1 }, { "理发", 1 },
  { "玩具", 1 }, { "包子铺", 1 }, { "健身", 20 }, { "家居", 1 },
};

/* Kiosks have one phase and little to sell from. */
static const char *const kiosks[] = { "手机贴膜", "奶茶", "配钥匙", "报亭", "冰淇淋", "炒栗子" };

typedef struct
{
  GString *out;
  guint64  random;
  guint16  first_port;
  guint    n_shops;              /* so far, in the whole mall */
  guint    n_kiosks;
  guint    n_meters;
  guint    units[TILL_DEMO_N_LINES]; /* the last address given on each line */
} Maker;

/* Splitmix64: the same mall on every machine. */
static guint
pick (Maker *maker,
      guint  n)
{
  guint64 z = maker->random += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (guint)((z ^ (z >> 31)) % n);
}

static char *
next_meter_no (Maker *maker,
               guint  building)
{
  return g_strdup_printf ("2403%02u%06u", building + 11, ++maker->n_meters * 37);
}

/* Columns from line to parent_meter, which main meters and shops share. */
static void
add_meter (Maker      *maker,
           guint       line,
           const char *profile,
           const char *meter_no,
           guint       ct,
           const char *balance_mode,
           const char *parent_meter)
{
  const gboolean prepaid = g_str_equal (balance_mode, "meter");

  g_string_append_printf (maker->out, "127.0.0.1:%u,rtu-tcp,%u,%s,%s,%u,%s,%s,%s,%s,9600,N\n",
                          maker->first_port + line, ++maker->units[line], profile, meter_no, ct,
                          TARIFF, balance_mode, parent_meter, prepaid ? "guarded" : "");
}

static void
add_shop (Maker      *maker,
          guint       building,
          guint       floor,
          guint       number,
          const char *parent_meter)
{
  const gboolean kiosk = floor == 1 && number > SHOPS_A_FLOOR - 2;
  const guint trade = maker->n_shops % G_N_ELEMENTS (trades);
  const guint half_m2 = kiosk ? 8 + pick (maker, 16) : 50 + pick (maker, 500);
  const guint line = building * LINES_A_BUILDING + (number - 1) % LINES_A_BUILDING;
  const char *owner = owners[maker->n_shops % G_N_ELEMENTS (owners)];
  g_autofree char *meter_no = next_meter_no (maker, building);
  /* 15 owners and 22 trades have no common divisor, so no name comes twice among 330 shops. */
  g_autofree char *tenant = g_strconcat (owner, kiosk ? kiosks[maker->n_kiosks++]
                                                      : trades[trade].trade, NULL);
  g_autofree char *quoted = till_csv_quote (tenant);

  g_string_append_printf (maker->out, "%s,%uF,%c%u%02u,%u.%u,%s,138%04u%04u,",
                          buildings[building].name, floor, buildings[building].letter, floor,
                          number, half_m2 / 2, half_m2 % 2 * 5, quoted, pick (maker, 10000),
                          pick (maker, 10000));
  add_meter (maker, line, kiosk ? "ddsy1352" : "dtsy1352", meter_no, kiosk ? 1 : trades[trade].ct,
             "meter", parent_meter);
  maker->n_shops++;
}

static void
add_building (Maker *maker,
              guint  building)
{
  g_autofree char *main_no = next_meter_no (maker, building);

  /* The incoming feed: a main meter of the building, on its first line. */
  g_string_append_printf (maker->out, "%s,,,,,,", buildings[building].name);
  add_meter (maker, building * LINES_A_BUILDING, building == 1 ? "dtsd1352" : "adl400", main_no,
             200, "server", "");

  for (guint floor = 1; floor <= buildings[building].n_floors; floor++)
    for (guint number = 1; number <= SHOPS_A_FLOOR; number++)
      add_shop (maker, building, floor, number, main_no);
}

/**
 * till_demo_make_csv:
 * @first_port: the first of %TILL_DEMO_N_LINES ports on loopback, one a line
 *
 * Makes the import table of the demo: three buildings in Tianjin with 90 shops; each building has a
 * main meter and three lines. The same for the same port, always.
 *
 * Returns: (transfer full): the table, UTF-8
 */
char *
till_demo_make_csv (guint16 first_port)
{
  Maker maker = { .random = SEED, .first_port = first_port };

  g_return_val_if_fail (first_port > 0 && first_port <= G_MAXUINT16 - TILL_DEMO_N_LINES, NULL);

  maker.out = g_string_new ("building,floor,shop,area_m2,tenant,phone,line,line_kind,address,"
                            "profile,meter_no,ct,tariff,balance_mode,parent_meter,count_rule,"
                            "baud,parity\n");

  for (guint b = 0; b < G_N_ELEMENTS (buildings); b++)
    add_building (&maker, b);

  return g_string_free (maker.out, FALSE);
}
