/*
 * till-sim-describe.c: meters and lines as JSON
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <stddef.h>

#include "till-clock.h"
#include "till-sim-describe.h"
#include "till-sim-load.h"

#define INT64 "%" G_GINT64_FORMAT

static const char *const period_names[TILL_N_PERIODS] = {
  "sharp", "peak", "flat", "valley", "deep",
};

static const struct
{
  const char *name;
  gsize       offset;
} counters[] = {
#define COUNTER(member) { #member, offsetof (TillSimLineStats, member) }
  COUNTER (connections), COUNTER (refused), COUNTER (frames), COUNTER (early), COUNTER (replies),
  COUNTER (lost_replies), COUNTER (bad_crc), COUNTER (dropped), COUNTER (unknown_unit),
  COUNTER (broadcasts), COUNTER (exceptions), COUNTER (faults), COUNTER (reads), COUNTER (controls),
  COUNTER (purchases), COUNTER (bytes_in), COUNTER (bytes_out), COUNTER (busy_us),
  COUNTER (first_us), COUNTER (last_us), COUNTER (control_us), COUNTER (purchase_us),
#undef COUNTER
};

/**
 * till_sim_json_quote:
 * @text: UTF-8
 *
 * Returns: (transfer full): the text as a JSON string, with its quotes
 */
char *
till_sim_json_quote (const char *text)
{
  GString *out = g_string_new ("\"");

  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (out, '\\');
      if ((guint8) * p < 0x20)
        g_string_append_printf (out, "\\u%04x", *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

static const char *
force_name (const TillSimMemory *memory)
{
  if (memory->force[0] == 0)
    return "none";
  return memory->force[1] != 0 ? "trip" : "keep";
}

static void
describe_purchases (const TillSimMeter *meter,
                    GString            *out)
{
  g_string_append (out, ",\"purchases\":[");
  for (guint i = 0; i < meter->purchases->len; i++)
    {
      const TillSimPurchase *purchase = &g_array_index (meter->purchases, TillSimPurchase, i);

      g_string_append_printf (out, "%s{\"fen\":" INT64 ",\"count\":%u,\"at_ms\":" INT64
                              ",\"accepted\":%s}", i == 0 ? "" : ",", purchase->fen,
                              purchase->count, purchase->at_ms,
                              purchase->accepted ? "true" : "false");
    }
  g_string_append_c (out, ']');
}

static void
describe_settings (const TillSimMeter *meter,
                   GString            *out)
{
  const TillSimMemory *memory = &meter->memory;

  g_string_append_printf (out, ",\"prices\":[" INT64 "," INT64 "," INT64 "," INT64 "]",
                          memory->price[0], memory->price[1], memory->price[2], memory->price[3]);
  g_string_append_printf (out, ",\"alarm1_fen\":" INT64 ",\"alarm2_fen\":" INT64
                          ",\"overdraft_fen\":" INT64 ",\"hoard_fen\":" INT64,
                          memory->alarm_fen[0], memory->alarm_fen[1], memory->overdraft_fen,
                          memory->hoard_fen);
  g_string_append_printf (out, ",\"ct\":" INT64 ",\"pt\":" INT64 ",\"run_word\":" INT64
                          ",\"base_ckwh\":" INT64 ",\"rollover_ckwh\":" INT64,
                          memory->ct, memory->pt, memory->run_word, memory->base_ckwh,
                          memory->rollover_ckwh);
  g_string_append_printf (out, ",\"count_rule\":\"%s\",\"silent\":%s,\"latency_ms\":" INT64
                          ",\"load_w\":" INT64 ",\"offset_ms\":" INT64 ",\"drift_ppm\":" INT64
                          ",\"max_registers\":" INT64,
                          memory->count_rule == TILL_COUNT_RULE_GUARDED ? "guarded" : "add-only",
                          memory->silent != 0 ? "true" : "false", memory->latency_ms,
                          memory->load_w, memory->offset_ms, memory->drift_ppm,
                          memory->max_registers);
}

static void
describe_live (TillSimMeter *meter,
               GString      *out)
{
  TillSimLive live;

  till_sim_meter_get_live (meter, &live);
  g_string_append_printf (out, ",\"power_w\":%d,\"voltage_dv\":[%d,%d,%d],\"current_ca\":[%d,%d,%d]"
                          ",\"period\":\"%s\"", live.power_w[3], live.voltage_dv[0],
                          live.voltage_dv[1], live.voltage_dv[2], live.current_ca[0],
                          live.current_ca[1], live.current_ca[2],
                          period_names[till_sim_meter_get_period (meter)]);
}

/**
 * till_sim_describe_meter:
 * @sim: the site
 * @meter: one of its meters, which is brought to the present
 * @whole: whether everything is told, its purchases too
 * @out: where it is appended, as the members of a JSON object without its braces
 */
void
till_sim_describe_meter (TillSim      *sim,
                         TillSimMeter *meter,
                         gboolean      whole,
                         GString      *out)
{
  const TillSimMemory *memory = &meter->memory;
  g_autofree char *meter_no = till_sim_json_quote (meter->meter_no);
  g_autofree char *shop = till_sim_json_quote (meter->shop);
  g_autofree char *key = till_sim_json_quote (meter->key != NULL ? meter->key : "");
  g_autofree char *clock = NULL;

  till_sim_meter_advance (meter, till_sim_now_ms (sim));
  clock = till_clock_format_iso (till_sim_meter_get_clock_ms (meter));
  g_string_append_printf (out, "\"meter_no\":%s,\"place\":%s,\"unit\":%u,\"profile\":\"%s\","
                          "\"shop\":%s,\"shop_kind\":\"%s\"", meter_no, key, meter->unit,
                          till_sim_model_get_name (meter->model), shop,
                          till_sim_shop_kind_get_name (meter->shop_kind));
  g_string_append_printf (out, ",\"remaining_fen\":" INT64 ",\"count\":" INT64
                          ",\"total_fen\":" INT64 ",\"prepay\":%s",
                          memory->remaining_fen, memory->count, memory->total_fen,
                          memory->prepay != 0 ? "true" : "false");
  g_string_append_printf (out, ",\"bought_fen\":" INT64 ",\"accepted_purchases\":" INT64
                          ",\"rejected_purchases\":" INT64, memory->bought_fen, memory->accepted,
                          memory->rejected);
  g_string_append_printf (out, ",\"relay\":\"%s\",\"forced\":\"%s\",\"online\":%s",
                          till_sim_meter_is_closed (meter) ? "closed" : "open",
                          force_name (memory), memory->silent == 0 ? "true" : "false");
  g_string_append_printf (out, ",\"at_ms\":" INT64 ",\"clock_ms\":" INT64 ",\"clock\":\"%s\"",
                          memory->at_ms, till_sim_meter_get_clock_ms (meter), clock);
  g_string_append_printf (out, ",\"energy_ckwh\":" INT64 ",\"period_ckwh\":{",
                          till_sim_meter_get_energy_ckwh (meter, -1));
  for (int i = 0; i < TILL_N_PERIODS; i++)
    g_string_append_printf (out, "%s\"%s\":" INT64, i == 0 ? "" : ",", period_names[i],
                            till_sim_meter_get_energy_ckwh (meter, i));
  g_string_append_c (out, '}');
  describe_live (meter, out);
  if (whole)
    {
      describe_settings (meter, out);
      describe_purchases (meter, out);
    }
}

/**
 * till_sim_describe_stats:
 * @line: a line
 * @out: where its counters are appended, as a JSON object
 */
void
till_sim_describe_stats (TillSimLine *line,
                         GString     *out)
{
  const TillSimLineStats *stats = till_sim_line_get_stats (line);
  g_autofree char *name = till_sim_json_quote (till_sim_line_get_info (line)->name);

  g_string_append_printf (out, "{\"line\":%s,\"connected\":%s", name,
                          till_sim_line_is_connected (line) ? "true" : "false");
  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    g_string_append_printf (out, ",\"%s\":" INT64, counters[i].name,
                            *(const gint64 *)((const char *)stats + counters[i].offset));
  g_string_append_printf (out, ",\"span_us\":" INT64 "}",
                          stats->last_us > stats->first_us ? stats->last_us - stats->first_us : 0);
}

/**
 * till_sim_describe_lines:
 * @sim: the site
 * @out: where its lines are appended, as a JSON array
 */
void
till_sim_describe_lines (TillSim *sim,
                         GString *out)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < sim->lines->len; i++)
    {
      TillSimLine *line = g_ptr_array_index (sim->lines, i);
      const TillSimLineInfo *info = till_sim_line_get_info (line);
      g_autofree char *name = till_sim_json_quote (info->name);
      guint n_meters = 0;

      for (int unit = 1; unit < 248; unit++)
        n_meters += info->meters[unit] != NULL;
      g_string_append_printf (out, "%s{\"line\":%s,\"port\":%u,\"kind\":\"%s\",\"baud\":%u,"
                              "\"bits\":%u,\"meters\":%u}", i == 0 ? "" : ",", name,
                              till_sim_line_get_port (line),
                              till_enum_to_nick (TILL_TYPE_LINE_KIND, (int)info->kind),
                              info->baud, info->bits, n_meters);
    }
  g_string_append_c (out, ']');
}
