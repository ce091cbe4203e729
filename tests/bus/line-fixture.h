/*
 * line-fixture.h: a line, a peer in a process of its own, and what the line said
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-line.h"

G_BEGIN_DECLS

typedef struct
{
  GSubprocess  *peer;
  char         *address;
  TillLine     *line;
  TillLineState state;
  guint         n_states;
  char         *message;
  TillJob      *job; /* the last one that came back */
  guint         n_jobs;
  guint         n_readings;
  guint         n_errors;
  GError       *last_error;
  TillReading   last_reading;
  guint         wrong; /* replies that were believed and are not true */
} LineFixture;

GSubprocess *line_fixture_spawn (const char *script,
                                 const char *first,
                                 const char *second,
                                 char      **port);
void         line_fixture_open (LineFixture          *self,
                                const TillLineConfig *config);
TillJob     *line_fixture_run (LineFixture *self,
                               TillJob     *job);
TillJob     *line_fixture_read (LineFixture *self,
                                guint8       unit,
                                guint16      address,
                                guint16      count);
TillJob     *line_fixture_write (LineFixture    *self,
                                 guint8          unit,
                                 TillRequestKind kind,
                                 guint16         address);
void         line_fixture_wait_state (LineFixture  *self,
                                      TillLineState state);
void         line_fixture_close (LineFixture *self);
void         line_fixture_clear (LineFixture *self);
guint16      line_fixture_free_port (void);

G_END_DECLS
