/*
 * till-books-kit.h: a small site with books to write in, and ways to look at them
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-books.h"
#include "till-money.h"

G_BEGIN_DECLS

#define TILL_KIT_METERS 4

typedef struct
{
  char      *dir;
  TillBooks *books;
  gint64     operator_id;
  gint64     account_ids[TILL_KIT_METERS];
  gint64     meter_ids[TILL_KIT_METERS];
} TillKit;

/* A sale, as the engine settles one. Its order is named after the number. */
typedef struct
{
  const TillKit *kit;
  guint          number;
  TillMoney      amount;
} TillKitSale;

void     till_kit_set_up (TillKit      *kit,
                          gconstpointer data);
void     till_kit_tear_down (TillKit      *kit,
                             gconstpointer data);
void     till_kit_reopen (TillKit *kit);
char    *till_kit_make_dir (void);
void     till_kit_remove_dir (const char *dir);
char    *till_kit_copy (const char *dir);

char    *till_kit_order_id (guint number);
gboolean till_kit_sell (TillBooks *books,
                        gpointer   sale,
                        GError   **error);
gboolean till_kit_deliver (TillBooks *books,
                           gpointer   sale,
                           GError   **error);

gint64   till_kit_get_int (TillBooks  *books,
                           const char *sql);
void     till_kit_run (const char *path,
                       const char *sql);
guint    till_kit_count_faults (TillBooks *books,
                                gboolean   show);
void     till_kit_assert_sound (TillBooks *books);

G_END_DECLS
