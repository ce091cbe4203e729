/*
 * till-folder.c: the data folder: whose it is, and how ctl reaches its owner
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>

#include "till-folder.h"
#include "till-types.h"

#define LOCK_FILE "lock"
#define SOCKET_FILE "control.sock"
#define SOCKET_PATH_MAX 100

struct _TillFolder
{
  int lock_fd;
};

/**
 * till_folder_default:
 * @demo: for the demo
 *
 * Returns: (transfer full): the folder that is used when none is named
 */
char *
till_folder_default (gboolean demo)
{
  return g_build_filename (g_get_user_data_dir (), demo ? "tillwatt-demo" : "tillwatt", NULL);
}

/**
 * till_folder_take:
 * @data_dir: the folder; made when it is not there, for its owner only
 * @error: return location for a #GError
 *
 * Takes the folder for this process. The lock goes with the process, however it ends.
 *
 * Returns: (transfer full): the folder, or %NULL with @error set (%TILL_RULE_ERROR_CLOSED when
 *   another process has it)
 */
TillFolder *
till_folder_take (const char *data_dir,
                  GError    **error)
{
  g_autofree char *path = g_build_filename (data_dir, LOCK_FILE, NULL);
  TillFolder *self;
  int fd;

  if (g_mkdir_with_parents (data_dir, 0700) != 0)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                   "cannot make the folder %s: %s", data_dir, g_strerror (errno));
      return NULL;
    }

  fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_CLOSED,
                   fd < 0 ? "cannot write in %s; is it yours?"
                          : "%s is in use by another Tillwatt", data_dir);
      if (fd >= 0)
        g_close (fd, NULL);
      return NULL;
    }

  self = g_new0 (TillFolder, 1);
  self->lock_fd = fd;
  return self;
}

/**
 * till_folder_release:
 * @self: (transfer full) (nullable): the folder
 */
void
till_folder_release (TillFolder *self)
{
  if (self == NULL)
    return;

  g_close (self->lock_fd, NULL);
  g_free (self);
}

/**
 * till_folder_control_path:
 * @data_dir: the folder
 *
 * Returns: (transfer full): where the socket of the running instance is
 */
char *
till_folder_control_path (const char *data_dir)
{
  return g_build_filename (data_dir, SOCKET_FILE, NULL);
}

/**
 * till_folder_control_address:
 * @data_dir: the folder
 * @error: return location for a #GError
 *
 * A socket's path has 107 octets at most; a longer one is reached by way of an open folder, which
 * stays open as long as the process.
 *
 * Returns: (transfer full): the address of the socket, or %NULL with @error set
 */
GSocketAddress *
till_folder_control_address (const char *data_dir,
                             GError    **error)
{
  g_autofree char *path = till_folder_control_path (data_dir);
  g_autofree char *shorter = NULL;
  int fd;

  if (strlen (path) <= SOCKET_PATH_MAX)
    return g_unix_socket_address_new (path);

  fd = g_open (data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0)
    {
      g_set_error (error, TILL_RULE_ERROR, TILL_RULE_ERROR_UNKNOWN, "there is no folder %s",
                   data_dir);
      return NULL;
    }

  shorter = g_strdup_printf ("/proc/self/fd/%d/%s", fd, SOCKET_FILE);
  return g_unix_socket_address_new (shorter);
}
