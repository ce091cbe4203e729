/*
 * till-verb-private.h: what the verbs share: arguments, output, the end
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "till-verbs-private.h"

G_BEGIN_DECLS

#define TILL_VERB_WORDS_MAX 4

/**
 * TillVerb:
 *
 * One call of ctl on its way through the engine.
 */
typedef struct
{
  TillCore     *core;
  GTask        *task;
  char        **arguments;
  const char   *words[TILL_VERB_WORDS_MAX + 1]; /* what stands without --, the verb first */
  guint         n_words;
  GHashTable   *options; /* name without -- → value */
  char         *directory;
  char         *operator_name;
  char         *password;
  char         *new_password; /* (nullable) of an operator that is added */
  TillOperator *person; /* who was signed in */
  GString      *output;
  char         *subject; /* an order or command that is waited for */
  gint64        subject_id;
  gint64        wait_until_us;
  gint64        code_until_us; /* how long the code of an online payment is waited for */
} TillVerb;

void        till_verb_free (TillVerb *self);
const char *till_verb_option (TillVerb   *self,
                              const char *name);
char       *till_verb_path (TillVerb   *self,
                            const char *path);
void        till_verb_print (TillVerb    *self,
                             JsonBuilder *builder);
void        till_verb_end (TillVerb *self,
                           int       exit_code);
void        till_verb_fail (TillVerb     *self,
                            const GError *error);
void        till_verb_usage (TillVerb   *self,
                             const char *sentence);

void        till_verb_put_text (JsonBuilder *builder,
                                const char  *name,
                                const char  *value);
void        till_verb_put_int (JsonBuilder *builder,
                               const char  *name,
                               gint64       value);
void        till_verb_put_bool (JsonBuilder *builder,
                                const char  *name,
                                gboolean     value);
void        till_verb_put_yuan (JsonBuilder *builder,
                                const char  *name,
                                TillMoney    value);
void        till_verb_put_time (JsonBuilder *builder,
                                const char  *name,
                                gint64       at_ms);

/* till-verbs-online.c */
void        till_verb_online_order (TillVerb *self);
void        till_verb_refund (TillVerb *self);
void        till_verb_stray (TillVerb *self);
void        till_verb_gateway (TillVerb *self);
void        till_verb_reconcile (TillVerb *self);

/* till-verbs-show.c */
void        till_verb_tenant (TillVerb *self);
void        till_verb_meter (TillVerb *self);
void        till_verb_order (TillVerb *self);
void        till_verb_status (TillVerb *self);
void        till_verb_verify (TillVerb *self);

/* till-verbs-do.c */
gboolean    till_verb_parse_wait (TillVerb *self,
                                  GError  **error);
void        till_verb_wait_for (TillVerb   *self,
                                GSourceFunc check);
gboolean    till_verb_must_wait (const TillVerb *self);
void        till_verb_recharge (TillVerb *self);
void        till_verb_command (TillVerb *self);
void        till_verb_review (TillVerb *self);
void        till_verb_operator (TillVerb *self);
void        till_verb_config (TillVerb *self);
void        till_verb_import (TillVerb *self);
void        till_verb_backup (TillVerb *self);
void        till_verb_put_order (JsonBuilder     *builder,
                                 TillCore        *core,
                                 const TillOrder *order);

G_END_DECLS
