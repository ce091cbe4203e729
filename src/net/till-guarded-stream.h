/*
 * till-guarded-stream.h: a stream whose head was read before anybody else sees it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "till-acceptor.h"

G_BEGIN_DECLS

GIOStream *till_guarded_stream_new (GIOStream      *base,
                                    TillConnection *connection) G_GNUC_WARN_UNUSED_RESULT;
void       till_guarded_stream_refuse (TillConnection *connection,
                                       guint           status,
                                       const char     *text);

G_END_DECLS
