/*
 * till-profile-loader.c: reads a profile file and finds what is wrong with it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <string.h>

#include "till-profile-private.h"

#define NAME_MAX_LENGTH 32
#define SCALE_MAX (G_GINT64_CONSTANT (1000000000))
#define DEFAULT_MAX_BLOCK 120

/* A word of a file and the number it stands for. */
typedef struct
{
  const char *word;
  guint       value;
} Word;

static const Word feature_words[] = {
  { "relay", TILL_PROFILE_FEATURE_RELAY },
  { "prepaid", TILL_PROFILE_FEATURE_PREPAID },
  { "clock", TILL_PROFILE_FEATURE_CLOCK },
  { "identity", TILL_PROFILE_FEATURE_IDENTITY },
  { NULL },
};

static const Word rule_words[] = {
  { "unknown", TILL_COUNT_RULE_UNKNOWN },
  { "guarded", TILL_COUNT_RULE_GUARDED },
  { "add-only", TILL_COUNT_RULE_ADD_ONLY },
  { NULL },
};

static const Word type_words[] = {
  { "u16", TILL_REGISTER_TYPE_U16 },
  { "s16", TILL_REGISTER_TYPE_S16 },
  { "u32", TILL_REGISTER_TYPE_U32 },
  { "s32", TILL_REGISTER_TYPE_S32 },
  { "f32", TILL_REGISTER_TYPE_F32 },
  { "bcd", TILL_REGISTER_TYPE_BCD },
  { "clock", TILL_REGISTER_TYPE_CLOCK },
  { NULL },
};

static const Word plan_words[] = {
  { "state", TILL_PLAN_STATE },
  { "parameters", TILL_PLAN_PARAMETERS },
  { "identity", TILL_PLAN_IDENTITY },
  { NULL },
};

static const Word flag_words[] = {
  { "fault", TILL_METER_FLAG_FAULT },
  { "relay-l1", TILL_METER_FLAG_RELAY_L1 },
  { "relay-l2", TILL_METER_FLAG_RELAY_L2 },
  { "relay-l3", TILL_METER_FLAG_RELAY_L3 },
  { "forced", TILL_METER_FLAG_FORCED },
  { "forced-closed", TILL_METER_FLAG_FORCED_CLOSED },
  { "over-limit", TILL_METER_FLAG_OVER_LIMIT },
  { "arrears", TILL_METER_FLAG_ARREARS },
  { "alarm-1", TILL_METER_FLAG_ALARM_1 },
  { "alarm-2", TILL_METER_FLAG_ALARM_2 },
  { "prepayment", TILL_METER_FLAG_PREPAYMENT },
  { "load-control", TILL_METER_FLAG_LOAD_CONTROL },
  { "time-control", TILL_METER_FLAG_TIME_CONTROL },
  { NULL },
};

static const Word bool_words[] = { { "no", FALSE }, { "yes", TRUE }, { NULL } };
static const Word order_words[] = { { "high-first", FALSE }, { "low-first", TRUE }, { NULL } };

static const Word period_words[] = {
  { "sharp", TILL_PERIOD_SHARP },
  { "peak", TILL_PERIOD_PEAK },
  { "flat", TILL_PERIOD_FLAT },
  { "valley", TILL_PERIOD_VALLEY },
  { "deep", TILL_PERIOD_DEEP },
  { NULL },
};

typedef struct
{
  const char  *file;
  GKeyFile    *keys;
  TillProfile *profile;
} Loader;

static gboolean
fault (Loader     *self,
       const char *section,
       const char *key,
       GError    **error,
       const char *format,
       ...) G_GNUC_PRINTF (5, 6);

/* Every fault names file, section and key, and says what to write instead. */
static gboolean
fault (Loader     *self,
       const char *section,
       const char *key,
       GError    **error,
       const char *format,
       ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  if (key != NULL)
    g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE,
                 "profile %s, section [%s], key “%s”: %s", self->file, section, key, text);
  else
    g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE,
                 "profile %s, section [%s]: %s", self->file, section, text);

  return FALSE;
}

static char *
list_words (const Word *words)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; words[i].word != NULL; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : ", ", words[i].word);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
find_word (const Word *words,
           const char *text,
           guint      *value)
{
  for (guint i = 0; words[i].word != NULL; i++)
    if (strcmp (words[i].word, text) == 0)
      {
        *value = words[i].value;
        return TRUE;
      }

  return FALSE;
}

/* The text of a key without blanks around it; %NULL when there is none. */
static char *
get_text (Loader     *self,
          const char *section,
          const char *key)
{
  char *text = g_key_file_get_string (self->keys, section, key, NULL);

  return text != NULL ? g_strstrip (text) : NULL;
}

static gboolean
get_word (Loader     *self,
          const char *section,
          const char *key,
          const Word *words,
          guint      *value,
          GError    **error)
{
  g_autofree char *text = get_text (self, section, key);
  g_autofree char *choices = NULL;

  if (text != NULL && find_word (words, text, value))
    return TRUE;

  choices = list_words (words);

  if (text == NULL)
    return fault (self, section, key, error, "is missing; write one of %s", choices);

  return fault (self, section, key, error, "“%s” is not known; write one of %s", text, choices);
}

/* Like get_word(), but a missing key leaves @value alone. */
static gboolean
get_optional_word (Loader     *self,
                   const char *section,
                   const char *key,
                   const Word *words,
                   guint      *value,
                   GError    **error)
{
  return !g_key_file_has_key (self->keys, section, key, NULL) ||
         get_word (self, section, key, words, value, error);
}

static gboolean
parse_number (const char *text,
              guint64     least,
              guint64     most,
              guint64    *number)
{
  const gboolean hex = g_ascii_strncasecmp (text, "0x", 2) == 0;

  return g_ascii_string_to_unsigned (hex ? text + 2 : text, hex ? 16 : 10, least, most, number,
                                     NULL);
}

/* A whole number, decimal or 0x… . */
static gboolean
get_number (Loader     *self,
            const char *section,
            const char *key,
            guint64     most,
            guint64    *number,
            GError    **error)
{
  g_autofree char *text = get_text (self, section, key);

  if (text == NULL)
    return fault (self, section, key, error, "is missing; write a number such as 0x0200");

  if (parse_number (text, 0, most, number))
    return TRUE;

  return fault (self, section, key, error,
                "“%s” is no number from 0 to %" G_GUINT64_FORMAT " (0x%" G_GINT64_MODIFIER
                "x); write it as 512 or 0x0200", text, most, most);
}

static gboolean
get_address (Loader     *self,
             const char *section,
             const char *key,
             guint       count,
             guint16    *address,
             GError    **error)
{
  guint64 number = 0;

  if (!get_number (self, section, key, 0xffff, &number, error))
    return FALSE;

  if (number + count > 0x10000)
    return fault (self, section, key, error,
                  "%u registers from 0x%04x go beyond 0xFFFF; correct the address",
                  count, (guint)number);

  *address = (guint16)number;
  return TRUE;
}

/* “10” or “1/10”. */
static gboolean
get_scale (Loader              *self,
           const char          *section,
           TillProfileRegister *r,
           GError             **error)
{
  g_autofree char *text = get_text (self, section, "scale");
  g_auto(GStrv) parts = NULL;
  guint64 numbers[2] = { 1, 1 };

  r->numerator = 1;
  r->denominator = 1;

  if (text == NULL)
    return TRUE;

  parts = g_strsplit (text, "/", 3);

  for (guint i = 0; parts[i] != NULL; i++)
    if (i == 2 || !parse_number (parts[i], 1, SCALE_MAX, &numbers[i]))
      return fault (self, section, "scale", error,
                    "“%s” is no scale; write a whole number or a fraction, such as 10 or 1/10",
                    text);

  r->numerator = (gint64)numbers[0];
  r->denominator = (gint64)numbers[1];
  return TRUE;
}

static gboolean
check_keys (Loader            *self,
            const char        *section,
            const char *const *known,
            GError           **error)
{
  g_auto(GStrv) keys = g_key_file_get_keys (self->keys, section, NULL, NULL);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    if (!g_strv_contains (known, keys[i]))
      {
        g_autofree char *list = g_strjoinv (", ", (char **)known);

        return fault (self, section, keys[i], error, "is not known here; known are %s", list);
      }

  return TRUE;
}

static gboolean
load_features (Loader  *self,
               GError **error)
{
  g_auto(GStrv) words = g_key_file_get_string_list (self->keys, "profile", "features", NULL, NULL);

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      guint value = 0;

      if (!find_word (feature_words, g_strstrip (words[i]), &value))
        {
          g_autofree char *choices = list_words (feature_words);

          return fault (self, "profile", "features", error,
                        "“%s” is no feature; write some of %s, with ; between them",
                        words[i], choices);
        }

      self->profile->features |= value;
    }

  return TRUE;
}

static gboolean
load_name (Loader  *self,
           GError **error)
{
  g_autofree char *name = get_text (self, "profile", "name");
  g_autofree char *base = g_path_get_basename (self->file);
  g_autofree char *wanted = NULL;

  if (name == NULL)
    return fault (self, "profile", "name", error,
                  "is missing; write the name of the file without .ini");

  wanted = g_strdup_printf ("%s.ini", name);

  if (strlen (name) > NAME_MAX_LENGTH || strcmp (wanted, base) != 0 ||
      strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen (name) || *name == '\0')
    return fault (self, "profile", "name", error,
                  "“%s” does not fit the file; it must be the name of the file without .ini, of "
                  "small letters, digits and dashes", name);

  self->profile->name = g_steal_pointer (&name);
  self->profile->title = get_text (self, "profile", "title");
  return TRUE;
}

static gboolean
load_profile_section (Loader  *self,
                      GError **error)
{
  static const char *const known[] = {
    "name", "title", "features", "count-rule", "device-type", "max-block", "energy-modulo", NULL,
  };
  TillProfile *profile = self->profile;
  guint64 number = 0;
  guint rule = TILL_COUNT_RULE_UNKNOWN;

  if (!g_key_file_has_group (self->keys, "profile"))
    return fault (self, "profile", NULL, error, "is missing; every profile begins with it");

  if (!check_keys (self, "profile", known, error) || !load_name (self, error) ||
      !load_features (self, error) ||
      !get_optional_word (self, "profile", "count-rule", rule_words, &rule, error))
    return FALSE;

  profile->count_rule = (TillCountRule)rule;
  profile->max_block = DEFAULT_MAX_BLOCK;

  if (g_key_file_has_key (self->keys, "profile", "device-type", NULL))
    {
      if (!get_number (self, "profile", "device-type", 0xffff, &number, error))
        return FALSE;

      profile->device_type = (guint)number;
    }

  if (g_key_file_has_key (self->keys, "profile", "max-block", NULL))
    {
      if (!get_number (self, "profile", "max-block", TILL_REQUEST_REGISTERS_MAX, &number, error))
        return FALSE;

      if (number < 4)
        return fault (self, "profile", "max-block", error,
                      "must be at least 4 registers; leave the key out for %d", DEFAULT_MAX_BLOCK);

      profile->max_block = (guint)number;
    }

  if (!get_number (self, "profile", "energy-modulo", SCALE_MAX * 1000, &number, error))
    return FALSE;

  if (number < 1000)
    return fault (self, "profile", "energy-modulo", error,
                  "is where the energy counter begins again at 0, in 0.01 kWh; write 100000000 for "
                  "999,999.99 kWh");

  profile->register_modulo = (gint64)number;
  return TRUE;
}

static gboolean
check_type (Loader              *self,
            const char          *section,
            TillProfileRegister *r,
            GError             **error)
{
  const gboolean is_clock = r->member->field == TILL_READING_CLOCK;
  const gboolean is_number = r->member->field == TILL_READING_METER_NO;

  if (is_clock != (r->type == TILL_REGISTER_TYPE_CLOCK))
    return fault (self, section, "type", error,
                  "a clock and nothing else has the type “clock”; correct the type");

  if (is_number != (r->type == TILL_REGISTER_TYPE_BCD))
    return fault (self, section, "type", error,
                  "a meter number and nothing else has the type “bcd”; correct the type");

  if (g_key_file_has_key (self->keys, section, "word-order", NULL) && r->count != 2)
    return fault (self, section, "word-order", error,
                  "has a meaning for values of two registers only; leave it out");

  if (g_key_file_has_key (self->keys, section, "primary", NULL) &&
      r->member->ratio == TILL_RATIO_NONE)
    return fault (self, section, "primary", error,
                  "has a meaning for voltages, currents, powers and energies only; leave it out");

  return TRUE;
}

static gboolean
load_register (Loader     *self,
               const char *section,
               GError    **error)
{
  static const char *const known[] = {
    "read", "address", "type", "scale", "primary", "word-order", NULL,
  };
  TillProfile *profile = self->profile;
  TillProfileRegister *r = &profile->registers[profile->n_registers];
  const char *name = section + strlen ("register ");
  guint plan = 0;
  guint type = 0;
  guint primary = FALSE;
  guint low_first = FALSE;

  if (profile->n_registers == TILL_PROFILE_REGISTERS_MAX)
    return fault (self, section, NULL, error, "is one too many; %d are the most",
                  TILL_PROFILE_REGISTERS_MAX);

  r->member = till_profile_find_member (name);

  if (r->member == NULL)
    return fault (self, section, NULL, error,
                  "“%s” is no value that is known; write one such as energy, energy.peak, "
                  "voltage.a, remaining or clock (docs/profiles.md lists them)", name);

  if (!check_keys (self, section, known, error) ||
      !get_word (self, section, "read", plan_words, &plan, error) ||
      !get_word (self, section, "type", type_words, &type, error) ||
      !get_optional_word (self, section, "primary", bool_words, &primary, error) ||
      !get_optional_word (self, section, "word-order", order_words, &low_first, error))
    return FALSE;

  r->plan = (TillPlan)plan;
  r->type = (TillRegisterType)type;
  r->count = (guint16)till_register_type_get_count (r->type);
  r->primary = (gboolean)primary;
  r->low_first = (gboolean)low_first;

  if (!get_address (self, section, "address", r->count, &r->address, error) ||
      !get_scale (self, section, r, error) || !check_type (self, section, r, error))
    return FALSE;

  profile->n_registers++;
  return TRUE;
}

/* “bit0=fault” or “bit5=relay-l1;relay-l2”. */
static gboolean
load_bit (Loader            *self,
          const char        *section,
          const char        *key,
          TillProfileStatus *status,
          GError           **error)
{
  g_auto(GStrv) words = g_key_file_get_string_list (self->keys, section, key, NULL, NULL);
  guint64 bit = 0;

  if (!g_str_has_prefix (key, "bit") ||
      !g_ascii_string_to_unsigned (key + 3, 10, 0, 15, &bit, NULL))
    return fault (self, section, key, error,
                  "is not known here; write address, read, and bit0 to bit15");

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      guint flag = 0;

      if (!find_word (flag_words, g_strstrip (words[i]), &flag))
        {
          g_autofree char *choices = list_words (flag_words);

          return fault (self, section, key, error, "“%s” is no flag; write one of %s",
                        words[i], choices);
        }

      status->flags[bit] |= flag;
    }

  if (status->flags[bit] == 0)
    return fault (self, section, key, error, "is empty; name a flag, or leave the bit out");

  return TRUE;
}

static gboolean
load_status (Loader     *self,
             const char *section,
             GError    **error)
{
  TillProfile *profile = self->profile;
  TillProfileStatus *status = &profile->status[profile->n_status];
  g_auto(GStrv) keys = g_key_file_get_keys (self->keys, section, NULL, NULL);
  guint plan = 0;
  guint n_bits = 0;

  if (profile->n_status == TILL_PROFILE_STATUS_MAX)
    return fault (self, section, NULL, error, "is one too many; %d status words are the most",
                  TILL_PROFILE_STATUS_MAX);

  if (!get_word (self, section, "read", plan_words, &plan, error) ||
      !get_address (self, section, "address", 1, &status->address, error))
    return FALSE;

  status->plan = (TillPlan)plan;

  for (guint i = 0; keys[i] != NULL; i++)
    if (strcmp (keys[i], "read") != 0 && strcmp (keys[i], "address") != 0)
      {
        if (!load_bit (self, section, keys[i], status, error))
          return FALSE;

        n_bits++;
      }

  if (n_bits == 0)
    return fault (self, section, NULL, error, "has no bits; write lines such as bit0=fault");

  profile->n_status++;
  return TRUE;
}

/* “0x0200:48”, several with ; between them. */
static gboolean
load_blocks (Loader     *self,
             const char *key,
             TillPlan    plan,
             GError    **error)
{
  TillProfilePlan *fixed = &self->profile->fixed[plan];
  g_auto(GStrv) texts = g_key_file_get_string_list (self->keys, "blocks", key, NULL, NULL);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      g_auto(GStrv) parts = g_strsplit (g_strstrip (texts[i]), ":", 3);
      guint64 address = 0;
      guint64 count = 0;

      if (g_strv_length (parts) != 2 || !parse_number (parts[0], 0, 0xffff, &address) ||
          !parse_number (parts[1], 1, self->profile->max_block, &count) ||
          address + count > 0x10000)
        return fault (self, "blocks", key, error,
                      "“%s” is no block; write address:count with at most %u registers, such as "
                      "0x0200:48", texts[i], self->profile->max_block);

      if (fixed->n_blocks == TILL_JOB_REQUESTS_MAX)
        return fault (self, "blocks", key, error, "has too many blocks; %d are the most",
                      TILL_JOB_REQUESTS_MAX);

      fixed->blocks[fixed->n_blocks++] = (TillProfileBlock){ (guint16)address, (guint16)count };
    }

  return TRUE;
}

static gboolean
load_blocks_section (Loader  *self,
                     GError **error)
{
  static const char *const known[] = { "state", "parameters", "identity", NULL };

  if (!check_keys (self, "blocks", known, error))
    return FALSE;

  for (guint i = 0; known[i] != NULL; i++)
    if (!load_blocks (self, known[i], (TillPlan)plan_words[i].value, error))
      return FALSE;

  return TRUE;
}

static gboolean
load_tariffs (Loader  *self,
              GError **error)
{
  static const char *const known[] = { "sharp", "peak", "flat", "valley", "deep", NULL };
  guint8 *numbers = self->profile->tariff_numbers;

  if (!check_keys (self, "tariffs", known, error))
    return FALSE;

  for (guint i = 0; period_words[i].word != NULL; i++)
    {
      const char *key = period_words[i].word;
      guint64 number = 0;

      if (!g_key_file_has_key (self->keys, "tariffs", key, NULL))
        continue;

      if (!get_number (self, "tariffs", key, 14, &number, error))
        return FALSE;

      for (guint k = 0; k < i; k++)
        if (number == 0 || numbers[period_words[k].value] == number)
          return fault (self, "tariffs", key, error,
                        "%u is taken or no number of a tariff; give each its own, from 1",
                        (guint)number);

      numbers[period_words[i].value] = (guint8)number;
    }

  return TRUE;
}

/* A command's section has one key, the register it is written to. */
static gboolean
load_command (Loader     *self,
              const char *section,
              guint       count,
              guint16    *address,
              GError    **error)
{
  static const char *const known[] = { "register", NULL };

  return check_keys (self, section, known, error) &&
         get_address (self, section, "register", count, address, error);
}

static gboolean
load_section (Loader     *self,
              const char *section,
              GError    **error)
{
  if (g_str_has_prefix (section, "register "))
    return load_register (self, section, error);

  if (g_str_has_prefix (section, "status "))
    return load_status (self, section, error);

  if (strcmp (section, "profile") == 0)
    return TRUE;

  if (strcmp (section, "blocks") == 0)
    return load_blocks_section (self, error);

  if (strcmp (section, "tariffs") == 0)
    return load_tariffs (self, error);

  if (strcmp (section, "force") == 0)
    return load_command (self, section, 2, &self->profile->force_address, error);

  if (strcmp (section, "purchase") == 0)
    return load_command (self, section, 4, &self->profile->purchase_address, error);

  if (strcmp (section, "refund") == 0)
    return load_command (self, section, 30, &self->profile->refund_address, error);

  if (strcmp (section, "clock") == 0)
    return load_command (self, section, 5, &self->profile->clock_address, error);

  return fault (self, section, NULL, error,
                "is not known; known are [profile], [blocks], [register NAME], [status NAME], "
                "[tariffs], [force], [purchase], [refund] and [clock]");
}

static gboolean
has_member (const TillProfile *profile,
            const char        *name)
{
  for (guint i = 0; i < profile->n_registers; i++)
    if (strcmp (profile->registers[i].member->name, name) == 0)
      return TRUE;

  return FALSE;
}

/* What a feature needs to be there for. */
static gboolean
check_features (Loader  *self,
                GError **error)
{
  static const struct
  {
    guint       feature;
    const char *section;
    const char *members[3];
  } needs[] = {
    { TILL_PROFILE_FEATURE_RELAY, "force", { NULL } },
    { TILL_PROFILE_FEATURE_PREPAID, "purchase", { "remaining", "purchase-count", NULL } },
    { TILL_PROFILE_FEATURE_CLOCK, "clock", { "clock", NULL } },
    { TILL_PROFILE_FEATURE_IDENTITY, NULL, { "meter-no", NULL } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (needs); i++)
    {
      if (!(self->profile->features & needs[i].feature))
        continue;

      if (needs[i].section != NULL && !g_key_file_has_group (self->keys, needs[i].section))
        return fault (self, "profile", "features", error,
                      "needs a section [%s] with the register of the command; add it, or take the "
                      "feature out", needs[i].section);

      for (guint k = 0; needs[i].members[k] != NULL; k++)
        if (!has_member (self->profile, needs[i].members[k]))
          return fault (self, "profile", "features", error,
                        "needs a section [register %s]; add it, or take the feature out",
                        needs[i].members[k]);
    }

  if ((self->profile->features & TILL_PROFILE_FEATURE_RELAY) && self->profile->n_status == 0)
    return fault (self, "profile", "features", error,
                  "a relay needs a section [status NAME] that shows its state; add it, or take the "
                  "feature out");

  return TRUE;
}

static gboolean
check_whole (Loader  *self,
             GError **error)
{
  if (!has_member (self->profile, "energy"))
    return fault (self, "register energy", NULL, error,
                  "is missing; a meter that counts no energy is of no use here");

  if (self->profile->device_type != 0 && !has_member (self->profile, "device-type"))
    return fault (self, "profile", "device-type", error,
                  "needs a section [register device-type]; add it, or leave the key out");

  if (!check_features (self, error))
    return FALSE;

  for (guint i = 0; i < TILL_PROFILE_PLANS; i++)
    if (!till_profile_make_plan (self->profile, (TillPlan)plan_words[i].value))
      return fault (self, "blocks", plan_words[i].word, error,
                    "these registers take more than %d reads; take some out, or raise max-block",
                    TILL_JOB_REQUESTS_MAX);

  return TRUE;
}

/**
 * till_profile_parse:
 * @text: (array length=length): what stands in a profile file
 * @length: how many octets
 * @file: the name of the file, for faults
 * @error: return location for a #GError
 *
 * Returns: (transfer full): a profile, or %NULL with @error set (%TILL_BUS_ERROR_PROFILE)
 */
TillProfile *
till_profile_parse (const char *text,
                    gsize       length,
                    const char *file,
                    GError    **error)
{
  g_autoptr(GKeyFile) keys = g_key_file_new ();
  g_autoptr(TillProfile) profile = g_new0 (TillProfile, 1);
  g_autoptr(GError) local = NULL;
  g_auto(GStrv) sections = NULL;
  Loader loader = { .file = file, .keys = keys, .profile = profile };

  if (!g_key_file_load_from_data (keys, text, length, G_KEY_FILE_NONE, &local))
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_PROFILE,
                   "profile %s cannot be read: %s; write sections such as [profile] and lines "
                   "such as name=dtsy1352", file, local->message);
      return NULL;
    }

  if (!load_profile_section (&loader, error))
    return NULL;

  sections = g_key_file_get_groups (keys, NULL);

  for (guint i = 0; sections[i] != NULL; i++)
    if (!load_section (&loader, sections[i], error))
      return NULL;

  if (!check_whole (&loader, error))
    return NULL;

  return g_steal_pointer (&profile);
}
