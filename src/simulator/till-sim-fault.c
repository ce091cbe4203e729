/*
 * till-sim-fault.c: what is to go wrong, where, and how often
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "till-sim-fault.h"
#include "till-sim-load.h"

struct _TillSimFaults
{
  GArray *rules; /* of TillSimFault; the first that matches strikes */
  guint64 seed;
  guint64 drawn;
};

static const struct
{
  const char *name;
  gboolean    executed; /* the meter does what it is asked, unless the rule says otherwise */
  gint64      count;
} kinds[] = {
  [TILL_SIM_FAULT_NONE] = { "none", TRUE, 0 },
  [TILL_SIM_FAULT_SILENT] = { "silent", FALSE, -1 },
  [TILL_SIM_FAULT_REQUEST_LOST] = { "request-lost", FALSE, 1 },
  [TILL_SIM_FAULT_REPLY_LOST] = { "reply-lost", TRUE, 1 },
  [TILL_SIM_FAULT_LATE] = { "late", TRUE, 1 },
  [TILL_SIM_FAULT_DUPLICATE] = { "duplicate", TRUE, 1 },
  [TILL_SIM_FAULT_WRONG_UNIT] = { "wrong-unit", TRUE, 1 },
  [TILL_SIM_FAULT_CRC] = { "crc", TRUE, 1 },
  [TILL_SIM_FAULT_GARBAGE] = { "garbage", TRUE, 1 },
  [TILL_SIM_FAULT_SPLIT] = { "split", TRUE, 1 },
  [TILL_SIM_FAULT_STALE] = { "stale", TRUE, 1 },
  [TILL_SIM_FAULT_HALF_OPEN] = { "half-open", FALSE, 1 },
  [TILL_SIM_FAULT_RESET] = { "reset", FALSE, 1 },
  [TILL_SIM_FAULT_HANG_UP] = { "hang-up", FALSE, 1 },
  [TILL_SIM_FAULT_EXCEPTION] = { "exception", FALSE, 1 },
  [TILL_SIM_FAULT_RESTART] = { "restart", FALSE, 1 },
};

static const char *const request_names[] = {
  [TILL_SIM_REQUEST_READ] = "read",
  [TILL_SIM_REQUEST_CONTROL] = "control",
  [TILL_SIM_REQUEST_PURCHASE] = "purchase",
  [TILL_SIM_REQUEST_PARAMETER] = "parameter",
  [TILL_SIM_REQUEST_CLOCK] = "clock",
  [TILL_SIM_REQUEST_OTHER] = "other",
};

/* The keys of a rule that are numbers. */
static const struct
{
  const char *name;
  gsize       offset;
  gint64      least;
  gint64      most;
} number_keys[] = {
  { "count", offsetof (TillSimFault, count), -1, 1000000000 },
  { "after", offsetof (TillSimFault, after), 0, 1000000000 },
  { "fc", offsetof (TillSimFault, function), 1, 127 },
  { "p", offsetof (TillSimFault, permille), 1, 1000 },
  { "delay_ms", offsetof (TillSimFault, delay_ms), 0, 600000 },
  { "late_ms", offsetof (TillSimFault, late_ms), -1, 600000 },
  { "down_ms", offsetof (TillSimFault, down_ms), 0, 600000 },
  { "hold_ms", offsetof (TillSimFault, hold_ms), 0, 3600000 },
  { "code", offsetof (TillSimFault, code), 1, 255 },
  { "execute", offsetof (TillSimFault, execute), 0, 1 },
  { "cross", offsetof (TillSimFault, cross), 0, 1 },
};

static gboolean
parse_bytes (const char   *text,
             TillSimFault *fault)
{
  const gsize length = strlen (text);

  if (length == 0 || length % 2 != 0 || length / 2 > TILL_SIM_FAULT_BYTES_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i += 2)
    {
      if (!g_ascii_isxdigit (text[i]) || !g_ascii_isxdigit (text[i + 1]))
        return FALSE;
      fault->bytes[i / 2] = (guint8)(g_ascii_xdigit_value (text[i]) << 4 |
                                     g_ascii_xdigit_value (text[i + 1]));
    }
  fault->n_bytes = length / 2;
  return TRUE;
}

static gboolean
parse_request_kind (const char   *text,
                    TillSimFault *fault)
{
  for (gsize i = 0; i < G_N_ELEMENTS (request_names); i++)
    if (g_str_equal (text, request_names[i]))
      {
        fault->on = (int)i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_pair (const char   *word,
            TillSimFault *fault,
            GError      **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *key = g_strndup (word, strcspn (word, "="));
  const char *text = equals != NULL ? equals + 1 : "";

  for (gsize i = 0; i < G_N_ELEMENTS (number_keys); i++)
    if (g_str_equal (key, number_keys[i].name))
      {
        gint64 *value = (gint64 *)((char *)fault + number_keys[i].offset);

        if (g_ascii_string_to_signed (text, 10, number_keys[i].least, number_keys[i].most, value,
                                      NULL))
          return TRUE;
        g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                     "%s “%s” is not a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                     key, text, number_keys[i].least, number_keys[i].most);
        return FALSE;
      }
  if ((g_str_equal (key, "on") && parse_request_kind (text, fault)) ||
      (g_str_equal (key, "bytes") && parse_bytes (text, fault)))
    return TRUE;

  g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
               "“%s” is not understood; keys are count, after, fc, on (purchase, control, read, "
               "parameter, clock), p, delay_ms, late_ms, down_ms, hold_ms, code, execute, cross, "
               "bytes (hexadecimal)", word);
  return FALSE;
}

/**
 * till_sim_faults_new:
 * @seed: where chance comes from
 *
 * Returns: (transfer full): no faults
 */
TillSimFaults *
till_sim_faults_new (guint64 seed)
{
  TillSimFaults *self = g_new0 (TillSimFaults, 1);

  self->rules = g_array_new (FALSE, TRUE, sizeof (TillSimFault));
  self->seed = seed;
  return self;
}

/**
 * till_sim_fault_kind_from_name:
 * @name: a name
 * @kind: (out): the kind; left alone when there is none
 *
 * Returns: %TRUE when there is such a kind
 */
gboolean
till_sim_fault_kind_from_name (const char       *name,
                               TillSimFaultKind *kind)
{
  for (gsize i = 1; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (name, kinds[i].name))
      {
        *kind = (TillSimFaultKind)i;
        return TRUE;
      }
  return FALSE;
}

/**
 * till_sim_fault_kind_get_name:
 * @kind: a kind
 *
 * Returns: its name
 */
const char *
till_sim_fault_kind_get_name (TillSimFaultKind kind)
{
  return kinds[kind].name;
}

/**
 * till_sim_fault_parse:
 * @words: (array zero-terminated=1): KIND and key=value pairs
 * @fault: (out): the rule; its line and meter are not set
 * @error: return location for a #GError
 *
 * Returns: %TRUE when @fault was set, %FALSE with %TILL_SIM_ERROR_COMMAND otherwise
 */
gboolean
till_sim_fault_parse (char        **words,
                      TillSimFault *fault,
                      GError      **error)
{
  TillSimFault result = { .on = -1, .permille = 1000, .late_ms = -1, .code = 4, .execute = -1 };

  if (words[0] == NULL || !till_sim_fault_kind_from_name (words[0], &result.kind))
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                   "“%s” is no fault; they are silent, request-lost, reply-lost, late, duplicate, "
                   "wrong-unit, crc, garbage, split, stale, half-open, reset, hang-up, exception, "
                   "restart", words[0] != NULL ? words[0] : "");
      return FALSE;
    }

  result.count = kinds[result.kind].count;
  result.delay_ms = result.kind == TILL_SIM_FAULT_SPLIT ? 60 : 1500;
  for (int i = 1; words[i] != NULL; i++)
    if (!parse_pair (words[i], &result, error))
      return FALSE;
  *fault = result;
  return TRUE;
}

/**
 * till_sim_fault_is_executed:
 * @self: a fault
 *
 * Returns: whether the meter does what it is asked all the same
 */
gboolean
till_sim_fault_is_executed (const TillSimFault *self)
{
  return self->execute >= 0 ? self->execute != 0 : kinds[self->kind].executed;
}

/**
 * till_sim_faults_add:
 * @self: faults
 * @fault: a rule
 * @error: return location for a #GError
 *
 * Adds a rule behind the others.
 *
 * Returns: %TRUE, or %FALSE with @error set when there are too many
 */
gboolean
till_sim_faults_add (TillSimFaults      *self,
                     const TillSimFault *fault,
                     GError            **error)
{
  if (self->rules->len >= TILL_SIM_FAULTS_MAX)
    {
      g_set_error (error, TILL_SIM_ERROR, TILL_SIM_ERROR_COMMAND,
                   "there are %d faults already; clear some", TILL_SIM_FAULTS_MAX);
      return FALSE;
    }
  g_array_append_val (self->rules, *fault);
  return TRUE;
}

/**
 * till_sim_faults_clear:
 * @self: faults
 * @line: (nullable): only the rules of this line
 * @meter: (nullable): only the rules of this meter
 *
 * Takes rules away, all of them when neither is given.
 *
 * Returns: how many
 */
guint
till_sim_faults_clear (TillSimFaults         *self,
                       const TillSimLineInfo *line,
                       const TillSimMeter    *meter)
{
  const guint before = self->rules->len;

  for (guint i = before; i > 0; i--)
    {
      const TillSimFault *rule = &g_array_index (self->rules, TillSimFault, i - 1);

      if ((line == NULL && meter == NULL) || (line != NULL && rule->line == line) ||
          (meter != NULL && rule->meter == meter))
        g_array_remove_index (self->rules, i - 1);
    }
  return before - self->rules->len;
}

/**
 * till_sim_faults_get_n:
 * @self: faults
 *
 * Returns: how many rules there are
 */
guint
till_sim_faults_get_n (TillSimFaults *self)
{
  return self->rules->len;
}

/**
 * till_sim_faults_next:
 * @self: faults
 *
 * Returns: the next number by chance, from the seed
 */
guint64
till_sim_faults_next (TillSimFaults *self)
{
  return till_sim_mix (self->seed, self->drawn++);
}

static gboolean
is_match (const TillSimFault    *rule,
          const TillSimLineInfo *line,
          const TillSimMeter    *meter,
          const guint8          *frame,
          gsize                  length)
{
  return (rule->line == NULL || rule->line == line) &&
         (rule->meter == NULL || rule->meter == meter) &&
         (rule->function == 0 || rule->function == frame[1]) &&
         (rule->on < 0 || rule->on == (int)till_sim_request_get_kind (frame, length));
}

/**
 * till_sim_faults_take:
 * @self: faults
 * @line: the line a request came on
 * @meter: the meter it is for
 * @frame: the request, without its CRC
 * @length: how long it is
 * @fault: (out): the fault that strikes; left alone when none does
 *
 * Finds the fault that strikes a request and counts it.
 *
 * Returns: whether one strikes
 */
gboolean
till_sim_faults_take (TillSimFaults         *self,
                      const TillSimLineInfo *line,
                      const TillSimMeter    *meter,
                      const guint8          *frame,
                      gsize                  length,
                      TillSimFault          *fault)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      TillSimFault *rule = &g_array_index (self->rules, TillSimFault, i);

      if (!is_match (rule, line, meter, frame, length))
        continue;
      if (rule->permille < 1000 && (gint64)(till_sim_faults_next (self) % 1000) >= rule->permille)
        continue;
      if (rule->after > 0)
        {
          rule->after--;
          continue;
        }
      *fault = *rule;
      if (rule->count > 0 && --rule->count == 0)
        g_array_remove_index (self->rules, i);
      return TRUE;
    }
  return FALSE;
}

/**
 * till_sim_faults_free:
 * @self: (nullable) (transfer full): faults
 */
void
till_sim_faults_free (TillSimFaults *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->rules);
  g_free (self);
}
