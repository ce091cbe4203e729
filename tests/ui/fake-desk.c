/*
 * fake-desk.c: the window on the double of the engine, to be looked at
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>

#include "fake-engine.h"
#include "till-application.h"

/* Usage: fake-desk [SHOPS [LOCALEDIR]]. With EXIT_AFTER_STARTUP set it leaves after the first frame. */
int
main (int   argc,
      char *argv[])
{
  g_autoptr(TillEngine) engine = NULL;
  g_autofree char *data_dir = g_dir_make_tmp ("fake-desk-XXXXXX", NULL);

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, argc > 2 ? argv[2] : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc > 1)
    fake_engine_script.n_shops = (guint)atoi (argv[1]);
  engine = till_engine_new (data_dir, TILL_ENGINE_FLAGS_DEMO);
  fake_engine_set_conditions (engine, g_getenv ("FAKE_CONDITIONS") != NULL);
  fake_engine_start_life (engine);

  return till_application_run (engine, data_dir, TRUE, g_getenv ("EXIT_AFTER_STARTUP") != NULL);
}
