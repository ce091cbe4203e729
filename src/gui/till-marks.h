/*
 * till-marks.h: the state of a meter as marks, each an icon and a word
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "till-records.h"

G_BEGIN_DECLS

/**
 * TillMark:
 *
 * What is worth saying about a meter, the gravest first. A state is never told by colour alone.
 */
typedef enum
{
  TILL_MARK_REVIEW = 1 << 0,     /* a purchase is under review: no sales */
  TILL_MARK_STRANGER = 1 << 1,   /* something answers, but not this meter */
  TILL_MARK_SILENT = 1 << 2,     /* does not answer */
  TILL_MARK_FORCED_OFF = 1 << 3, /* tripped by the office */
  TILL_MARK_TRIPPED = 1 << 4,    /* the relay is open by the meter's own decision */
  TILL_MARK_ARREARS = 1 << 5,    /* nothing remains */
  TILL_MARK_LOW = 1 << 6,        /* little remains */
  TILL_MARK_KEPT = 1 << 7,       /* power is kept by the office */
  TILL_MARK_COMMAND = 1 << 8,    /* a command is on its way */
  TILL_MARK_ON_ITS_WAY = 1 << 9, /* money is on its way */
  TILL_MARK_LATE = 1 << 10,      /* not read for a minute */
  TILL_MARK_WAITING = 1 << 11,   /* never read since the start */
  TILL_MARK_FRESH = 1 << 12,     /* read within the last minute */
} TillMark;

#define TILL_N_MARKS 13

/* Marks for which somebody should have a look. */
#define TILL_MARKS_ATTENTION \
  (TILL_MARK_REVIEW | TILL_MARK_STRANGER | TILL_MARK_SILENT | TILL_MARK_FORCED_OFF \
   | TILL_MARK_TRIPPED | TILL_MARK_ARREARS | TILL_MARK_LOW)

guint       till_marks_of_state (const TillMeterState *state);
guint       till_marks_merge (guint a,
                              guint b);
const char *till_mark_get_word (TillMark mark);
const char *till_mark_get_icon (TillMark mark);
const char *till_mark_get_class (TillMark mark);

#define TILL_TYPE_MARK_BOX (till_mark_box_get_type ())
G_DECLARE_FINAL_TYPE (TillMarkBox, till_mark_box, TILL, MARK_BOX, GtkWidget)

GtkWidget *till_mark_box_new (guint n_max);
void        till_mark_box_set_marks (TillMarkBox *self,
                                     guint        marks);
guint       till_mark_box_get_marks (TillMarkBox *self);

G_END_DECLS
