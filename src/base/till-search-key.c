/*
 * till-search-key.c: what a tenant answers to in the search box
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-base"

#include "config.h"

#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "till-search-key.h"

/* A name of this many characters is taken; what comes after does not help to find a shop. */
#define NAME_CHARS_MAX 64

/* So many digits at the end of a phone or meter number are a tail that a clerk asks for. */
#define TAIL_DIGITS_MIN 3

#define COMBINING_DIAERESIS 0x308

/* The readings a name is found by: as a person's name (单 is Shan) and as plain words (乐高 is Le
 * Gao). */
enum
{
  READING_NAMES,
  READING_WORDS,
  READING_PLAIN_LETTERS,
  N_TRANSLITERATORS
};

static const char *const transliterator_ids[] = {
  "Han-Latin/Names", "Han-Latin", "Latin-ASCII; Upper"
};

/* ICU reads character by character. These words are common on shop signs and read otherwise; each
 * is replaced by characters that have only the right reading. */
static const struct
{
  const char *word;
  const char *reads_like;
} corrections[] = {
  { "银行", "银航" },
  { "厦门", "下门" },
  { "都市", "督市" },
  { "都会", "督会" },
  { "音乐", "音月" },
  { "便宜", "骈宜" },
  { "西藏", "西葬" },
  { "会计", "快计" },
  { "解放", "姐放" },
};

static GMutex lock; /* a transliterator serves one thread at a time */
static UTransliterator *transliterators[N_TRANSLITERATORS];

/* Called with the lock held. */
static UTransliterator *
get_transliterator (int which)
{
  UErrorCode status = U_ZERO_ERROR;
  UChar id[64];

  if (transliterators[which] == NULL)
    {
      u_uastrcpy (id, transliterator_ids[which]);
      transliterators[which] = utrans_openU (id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);

      if (U_FAILURE (status))
        g_error ("ICU has no “%s”: %s", transliterator_ids[which], u_errorName (status));
    }

  return transliterators[which];
}

/* Turns a text of at most some hundred characters; what ICU cannot turn stays as it is. */
static char *
transliterate (int         which,
               const char *text)
{
  UErrorCode status = U_ZERO_ERROR;
  UChar buffer[16 * NAME_CHARS_MAX];
  char turned[3 * G_N_ELEMENTS (buffer) + 1];
  int32_t length = 0;

  u_strFromUTF8 (buffer, G_N_ELEMENTS (buffer), &length, text, -1, &status);

  if (U_SUCCESS (status))
    {
      g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&lock);
      int32_t limit = length;

      utrans_transUChars (get_transliterator (which), buffer, &length, G_N_ELEMENTS (buffer), 0,
                          &limit, &status);
    }

  if (U_SUCCESS (status))
    u_strToUTF8 (turned, sizeof (turned), NULL, buffer, length, &status);

  return g_strdup (U_SUCCESS (status) ? turned : text);
}

static gboolean
is_han (gunichar c)
{
  return g_unichar_get_script (c) == G_UNICODE_SCRIPT_HAN;
}

/* Half-width forms, upper case, single blanks, no control characters. */
static char *
fold (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_NFKC);
  g_autofree char *upper = g_utf8_strup (normal, -1);
  GString *folded = g_string_new (NULL);
  gboolean blank_owed = FALSE;

  for (const char *p = upper; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (g_unichar_isspace (c) || g_unichar_iscntrl (c))
        {
          blank_owed = folded->len > 0;
          continue;
        }

      if (blank_owed)
        g_string_append_c (folded, ' ');

      g_string_append_unichar (folded, c);
      blank_owed = FALSE;
    }

  return g_string_free (folded, FALSE);
}

static char *
keep_digits (const char *text)
{
  GString *digits = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isdigit (*p))
      g_string_append_c (digits, *p);

  return g_string_free (digits, FALSE);
}

static void
add_word (GPtrArray  *words,
          const char *word)
{
  if (*word != '\0' && !g_ptr_array_find_with_equal_func (words, word, g_str_equal, NULL))
    g_ptr_array_add (words, g_strdup (word));
}

static void
append_alphanumeric (GString    *to,
                     const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (to, *p);
}

/* Adds the letters and digits of @latin to both, where each of its syllables begins with a letter
 * that counts as an initial. */
static void
append_syllables (const char *latin,
                  GString    *initials,
                  GString    *whole)
{
  gboolean begins = TRUE;

  for (const char *p = latin; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p))
        {
          begins = begins || *p == ' ';
          continue;
        }

      if (begins)
        g_string_append_c (initials, *p);

      g_string_append_c (whole, *p);
      begins = FALSE;
    }
}

/* Takes the accents off Latin letters, which ICU would do ten times slower. Keyboards have no ü:
 * people type 吕 as LV or LU, so it becomes one or the other. Says whether there was one. */
static gboolean
append_without_accents (GString    *plain,
                        const char *text,
                        gboolean    u_as_v)
{
  g_autofree char *apart = g_utf8_normalize (text, -1, G_NORMALIZE_NFD);
  gboolean has_u = FALSE;

  for (const char *p = apart; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (c == COMBINING_DIAERESIS && plain->len > 0 && strchr ("uU", plain->str[plain->len - 1]))
        {
          has_u = TRUE;
          if (u_as_v)
            plain->str[plain->len - 1] = 'v';
        }
      else if (!g_unichar_ismark (c))
        g_string_append_unichar (plain, c);
    }

  return has_u;
}

/* Adds one run of Han characters, or one of others, which stand for themselves. */
static gboolean
append_run (int         which,
            const char *run,
            gboolean    han,
            gboolean    u_as_v,
            GString    *initials,
            GString    *whole)
{
  g_autoptr(GString) plain = g_string_new (NULL);
  g_autofree char *latin = NULL;

  if (!han)
    {
      /* Letters such as ß or ø have no accent to take off. */
      latin = g_str_is_ascii (run) ? g_strdup (run) : transliterate (READING_PLAIN_LETTERS, run);
      append_alphanumeric (initials, latin);
      append_alphanumeric (whole, latin);
      return FALSE;
    }

  latin = transliterate (which, run);

  const gboolean has_u = append_without_accents (plain, latin, u_as_v);

  g_string_ascii_up (plain);
  append_syllables (plain->str, initials, whole);
  return has_u;
}

/* Adds the initials and the whole of one reading of a name. Says whether there was a ü in it. */
static gboolean
add_reading (GPtrArray  *words,
             const char *name,
             int         which,
             gboolean    u_as_v)
{
  g_autoptr(GString) initials = g_string_new (NULL);
  g_autoptr(GString) whole = g_string_new (NULL);
  gboolean has_u = FALSE;

  for (const char *p = name; *p != '\0';)
    {
      const gboolean han = is_han (g_utf8_get_char (p));
      const char *end = p;

      while (*end != '\0' && is_han (g_utf8_get_char (end)) == han)
        end = g_utf8_next_char (end);

      g_autofree char *run = g_strndup (p, (gsize)(end - p));

      has_u = append_run (which, run, han, u_as_v, initials, whole) || has_u;
      p = end;
    }

  add_word (words, initials->str);
  add_word (words, whole->str);
  return has_u;
}

static void
add_tenant (GPtrArray  *words,
            const char *tenant)
{
  g_autofree char *folded = fold (tenant);
  const glong length = MIN (NAME_CHARS_MAX, g_utf8_strlen (folded, -1));
  g_autofree char *name = g_utf8_substring (folded, 0, length);
  g_autoptr(GString) corrected = g_string_new (name);

  for (gsize i = 0; i < G_N_ELEMENTS (corrections); i++)
    g_string_replace (corrected, corrections[i].word, corrections[i].reads_like, 0);

  add_word (words, name);
  if (add_reading (words, corrected->str, READING_WORDS, FALSE))
    add_reading (words, corrected->str, READING_WORDS, TRUE);

  add_reading (words, corrected->str, READING_NAMES, FALSE);
}

/**
 * till_search_key_make:
 * @shop: (nullable): the shop's number, or “building/shop”
 * @phone: (nullable): the tenant's phone number
 * @tenant: (nullable): the tenant's name
 * @meter_nos: (nullable) (array zero-terminated=1): the numbers of the meters
 *
 * Makes the text a tenant is found by: words in upper case, separated by blanks: the shop's number
 * alone and with its building, the phone number, the name, its pinyin initials and whole pinyin
 * (several readings where ICU and people differ), the meters' numbers. Made when a tenant is
 * saved; any thread may call it.
 *
 * Returns: (transfer full): the key
 */
char *
till_search_key_make (const char        *shop,
                      const char        *phone,
                      const char        *tenant,
                      const char *const *meter_nos)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  if (shop != NULL)
    {
      g_autofree char *folded = fold (shop);
      const char *slash = strrchr (folded, '/');

      add_word (words, slash != NULL ? slash + 1 : folded);
      add_word (words, folded);
    }

  if (phone != NULL)
    {
      g_autofree char *digits = keep_digits (phone);

      add_word (words, digits);
    }

  if (tenant != NULL)
    add_tenant (words, tenant);

  for (gsize i = 0; meter_nos != NULL && meter_nos[i] != NULL; i++)
    {
      g_autofree char *folded = fold (meter_nos[i]);

      add_word (words, folded);
    }

  g_ptr_array_add (words, NULL);
  return g_strjoinv (" ", (char **)words->pdata);
}

/**
 * till_search_key_fold:
 * @query: what was typed in the search box
 *
 * Brings a query into the form of the keys: half-width, upper case, single blanks; a phone number
 * written in groups loses its blanks and dashes.
 *
 * Returns: (transfer full): the folded query, for till_search_key_rank()
 */
char *
till_search_key_fold (const char *query)
{
  g_autofree char *folded = NULL;

  g_return_val_if_fail (query != NULL, NULL);

  folded = fold (query);

  if (strspn (folded, "0123456789 -") == strlen (folded))
    {
      char *digits = keep_digits (folded);

      if (strlen (digits) >= 7)
        return digits;

      g_free (digits);
    }

  return g_steal_pointer (&folded);
}

static int
rank_at (const char *key,
         const char *at,
         gsize       length,
         gboolean    is_tail)
{
  const gboolean begins = at == key || at[-1] == ' ';
  const gboolean ends = at[length] == '\0' || at[length] == ' ';

  if (begins)
    return ends ? 3 : 2;

  return ends && is_tail && g_ascii_isdigit (at[-1]) ? 2 : 1;
}

/**
 * till_search_key_rank:
 * @key: from till_search_key_make()
 * @folded_query: from till_search_key_fold()
 *
 * Says how well a tenant answers a query. The tail of a phone or meter number counts as much as its
 * beginning, for that is what people say.
 *
 * Returns: 3 for a whole word, 2 for the beginning of a word or the tail of a number, 1 for
 *   something inside a word, 0 for nothing or an empty query
 */
int
till_search_key_rank (const char *key,
                      const char *folded_query)
{
  const gsize length = strlen (folded_query);
  const gboolean is_tail = length >= TAIL_DIGITS_MIN &&
                           strspn (folded_query, "0123456789") == length;
  int best = 0;

  if (length == 0)
    return 0;

  for (const char *at = strstr (key, folded_query); at != NULL && best < 3;
       at = strstr (at + 1, folded_query))
    best = MAX (best, rank_at (key, at, length, is_tail));

  return best;
}
