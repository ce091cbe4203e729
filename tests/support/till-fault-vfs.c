/*
 * till-fault-vfs.c: a disk for SQLite that fails, and loses its power, when a test says so
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "till-fault-vfs.h"

/*
 * A layer between SQLite and the real files. It fails the n-th write or flush, once or for good. Beside
 * the real files it keeps what a disk would certainly hold, that is, what was flushed, and what was
 * written after that. A power cut makes files of the first and of any part of the second, torn at
 * sectors. Deleting and truncating count as done at once; the shared memory is no part of the disk.
 * One thread only.
 */

#define SECTOR 512

typedef struct
{
  gint64  offset;
  GBytes *octets; /* %NULL: the file was cut off at the offset */
} Change;

typedef struct
{
  GByteArray *durable;
  GPtrArray  *pending; /* of Change */
} Shadow;

typedef struct
{
  sqlite3_file  base;
  Shadow       *shadow; /* (nullable): of a file that is not looked at */
  sqlite3_file *real;
} FaultFile;

static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;
static sqlite3_io_methods fault_methods;
static GHashTable *shadows; /* path → Shadow */

static struct
{
  guint    ops;
  int      after;
  int      rc;
  gboolean lasting;
  int      hits;
  guint    syncs;
} fault;

static void
change_free (Change *change)
{
  g_clear_pointer (&change->octets, g_bytes_unref);
  g_free (change);
}

static void
shadow_free (Shadow *shadow)
{
  g_byte_array_unref (shadow->durable);
  g_ptr_array_unref (shadow->pending);
  g_free (shadow);
}

static Shadow *
shadow_new (const char *path)
{
  Shadow *shadow = g_new0 (Shadow, 1);
  char *octets = NULL;
  gsize size = 0;

  g_file_get_contents (path, &octets, &size, NULL);
  shadow->durable = octets != NULL ? g_byte_array_new_take ((guint8 *)octets, size)
                                   : g_byte_array_new ();
  shadow->pending = g_ptr_array_new_with_free_func ((GDestroyNotify)change_free);

  return shadow;
}

static void
add_change (Shadow       *shadow,
            gint64        offset,
            gconstpointer octets,
            gsize         size)
{
  Change *change;

  if (shadow == NULL)
    return;

  change = g_new0 (Change, 1);
  change->offset = offset;
  change->octets = octets != NULL ? g_bytes_new (octets, size) : NULL;
  g_ptr_array_add (shadow->pending, change);
}

/* Does a change to an image; with a @random, only some of its sectors. */
static void
apply_change (GByteArray   *image,
              const Change *change,
              GRand        *random)
{
  const guint8 *octets;
  gsize size;

  if (change->octets == NULL)
    {
      g_byte_array_set_size (image, (guint)MIN (change->offset, image->len));
      return;
    }

  octets = g_bytes_get_data (change->octets, &size);

  for (gsize at = 0; at < size;)
    {
      const gsize into = (gsize)(change->offset + (gint64)at);
      const gsize part = MIN (size - at, SECTOR - into % SECTOR);
      const guint old_size = image->len;

      if (random == NULL || g_rand_boolean (random))
        {
          if (into + part > old_size)
            {
              g_byte_array_set_size (image, (guint)(into + part));
              memset (image->data + old_size, 0, image->len - old_size);
            }
          memcpy (image->data + into, octets + at, part);
        }
      at += part;
    }
}

static gboolean
is_due (TillFaultOp op)
{
  if (!(fault.ops & op))
    return FALSE;

  if (fault.after > 1)
    {
      fault.after--;
      return FALSE;
    }

  if (!fault.lasting)
    fault.ops = 0;

  fault.hits++;
  return TRUE;
}

static sqlite3_file *
real_of (sqlite3_file *file)
{
  return ((FaultFile *)file)->real;
}

static int
fault_close (sqlite3_file *file)
{
  sqlite3_file *real = real_of (file);
  const int rc = real->pMethods->xClose (real);

  g_free (real);
  return rc;
}

static int
fault_read (sqlite3_file *file,
            void         *octets,
            int           size,
            sqlite3_int64 offset)
{
  return real_of (file)->pMethods->xRead (real_of (file), octets, size, offset);
}

static int
fault_write (sqlite3_file *file,
             const void   *octets,
             int           size,
             sqlite3_int64 offset)
{
  if (is_due (TILL_FAULT_WRITE))
    return fault.rc;

  add_change (((FaultFile *)file)->shadow, offset, octets, (gsize)size);
  return real_of (file)->pMethods->xWrite (real_of (file), octets, size, offset);
}

static int
fault_truncate (sqlite3_file *file,
                sqlite3_int64 size)
{
  add_change (((FaultFile *)file)->shadow, size, NULL, 0);
  return real_of (file)->pMethods->xTruncate (real_of (file), size);
}

/* The real flush is left out: the real disk never loses its power here, and it would only be slow. */
static int
fault_sync (sqlite3_file *file,
            int           flags)
{
  Shadow *shadow = ((FaultFile *)file)->shadow;

  if (is_due (TILL_FAULT_SYNC))
    return fault.rc;

  fault.syncs++;
  if (shadow != NULL)
    {
      for (guint i = 0; i < shadow->pending->len; i++)
        apply_change (shadow->durable, g_ptr_array_index (shadow->pending, i), NULL);
      g_ptr_array_set_size (shadow->pending, 0);
    }

  return SQLITE_OK;
}

static int
fault_file_size (sqlite3_file  *file,
                 sqlite3_int64 *size)
{
  return real_of (file)->pMethods->xFileSize (real_of (file), size);
}

static int
fault_lock (sqlite3_file *file,
            int           level)
{
  return real_of (file)->pMethods->xLock (real_of (file), level);
}

static int
fault_unlock (sqlite3_file *file,
              int           level)
{
  return real_of (file)->pMethods->xUnlock (real_of (file), level);
}

static int
fault_check_lock (sqlite3_file *file,
                  int          *result)
{
  return real_of (file)->pMethods->xCheckReservedLock (real_of (file), result);
}

static int
fault_control (sqlite3_file *file,
               int           op,
               void         *argument)
{
  return real_of (file)->pMethods->xFileControl (real_of (file), op, argument);
}

static int
fault_sector_size (sqlite3_file *file)
{
  return SECTOR;
}

static int
fault_characteristics (sqlite3_file *file)
{
  return 0;
}

static int
fault_shm_map (sqlite3_file   *file,
               int             page,
               int             size,
               int             extend,
               void volatile **map)
{
  return real_of (file)->pMethods->xShmMap (real_of (file), page, size, extend, map);
}

static int
fault_shm_lock (sqlite3_file *file,
                int           offset,
                int           n,
                int           flags)
{
  return real_of (file)->pMethods->xShmLock (real_of (file), offset, n, flags);
}

static void
fault_shm_barrier (sqlite3_file *file)
{
  real_of (file)->pMethods->xShmBarrier (real_of (file));
}

static int
fault_shm_unmap (sqlite3_file *file,
                 int           remove)
{
  return real_of (file)->pMethods->xShmUnmap (real_of (file), remove);
}

static int
fault_open (sqlite3_vfs     *vfs,
            sqlite3_filename path,
            sqlite3_file    *file,
            int              flags,
            int             *out_flags)
{
  FaultFile *self = (FaultFile *)file;
  int rc;

  self->base.pMethods = NULL;
  self->shadow = NULL;
  self->real = g_malloc0 ((gsize)real_vfs->szOsFile);

  if (path != NULL && flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))
    {
      self->shadow = g_hash_table_lookup (shadows, path);
      if (self->shadow == NULL)
        {
          self->shadow = shadow_new (path);
          g_hash_table_insert (shadows, g_strdup (path), self->shadow);
        }
    }

  rc = real_vfs->xOpen (real_vfs, path, self->real, flags, out_flags);
  if (rc == SQLITE_OK)
    self->base.pMethods = &fault_methods;
  else
    g_clear_pointer (&self->real, g_free);

  return rc;
}

static int
fault_delete (sqlite3_vfs *vfs,
              const char  *path,
              int          sync_dir)
{
  const int rc = real_vfs->xDelete (real_vfs, path, 0);
  Shadow *shadow = g_hash_table_lookup (shadows, path);

  /* Emptied, not removed: somebody may have it open. */
  if (rc == SQLITE_OK && shadow != NULL)
    {
      g_byte_array_set_size (shadow->durable, 0);
      g_ptr_array_set_size (shadow->pending, 0);
    }

  return rc;
}

/**
 * till_fault_install:
 *
 * Puts the layer under every database that is opened from now on.
 */
void
till_fault_install (void)
{
  if (real_vfs != NULL)
    return;

  real_vfs = sqlite3_vfs_find (NULL);
  shadows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)shadow_free);

  fault_methods = (sqlite3_io_methods) {
    .iVersion = 2, .xClose = fault_close, .xRead = fault_read, .xWrite = fault_write,
    .xTruncate = fault_truncate, .xSync = fault_sync, .xFileSize = fault_file_size,
    .xLock = fault_lock, .xUnlock = fault_unlock, .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control, .xSectorSize = fault_sector_size,
    .xDeviceCharacteristics = fault_characteristics, .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock, .xShmBarrier = fault_shm_barrier, .xShmUnmap = fault_shm_unmap,
  };

  fault_vfs = *real_vfs;
  fault_vfs.pNext = NULL;
  fault_vfs.zName = "till-fault";
  fault_vfs.szOsFile = sizeof (FaultFile);
  fault_vfs.xOpen = fault_open;
  fault_vfs.xDelete = fault_delete;
  g_assert_cmpint (sqlite3_vfs_register (&fault_vfs, 1), ==, SQLITE_OK);
}

/**
 * till_fault_arm:
 * @ops: which operations fail, of #TillFaultOp
 * @after: 1 for the next one, 2 for the one after it …
 * @rc: what SQLite is told, such as %SQLITE_IOERR_FSYNC
 * @lasting: whether all after that fail too, until it is disarmed
 */
void
till_fault_arm (guint    ops,
                int      after,
                int      rc,
                gboolean lasting)
{
  fault.ops = ops;
  fault.after = after;
  fault.rc = rc;
  fault.lasting = lasting;
  fault.hits = 0;
}

void
till_fault_disarm (void)
{
  fault.ops = 0;
}

/**
 * till_fault_get_hits:
 *
 * Returns: how often something failed since it was armed
 */
int
till_fault_get_hits (void)
{
  return fault.hits;
}

/**
 * till_fault_get_syncs:
 *
 * Returns: how many flushes there were since the start
 */
guint
till_fault_get_syncs (void)
{
  return fault.syncs;
}

/**
 * till_fault_forget:
 *
 * Forgets all files. None may be open.
 */
void
till_fault_forget (void)
{
  g_hash_table_remove_all (shadows);
}

/**
 * till_fault_cut_power:
 * @random: which sectors reached the disk
 * @from_dir: a folder whose databases are open
 * @to_dir: another folder
 *
 * Writes into @to_dir what a disk might hold if the power failed now.
 */
void
till_fault_cut_power (GRand      *random,
                      const char *from_dir,
                      const char *to_dir)
{
  GHashTableIter iter;
  gpointer path, value;

  g_hash_table_iter_init (&iter, shadows);
  while (g_hash_table_iter_next (&iter, &path, &value))
    {
      const Shadow *shadow = value;
      g_autofree char *name = g_path_get_basename (path);
      g_autofree char *to = g_build_filename (to_dir, name, NULL);
      g_autoptr(GByteArray) image = NULL;

      if (!g_str_has_prefix (path, from_dir))
        continue;

      image = g_byte_array_new ();
      g_byte_array_append (image, shadow->durable->data, shadow->durable->len);
      for (guint i = 0; i < shadow->pending->len; i++)
        apply_change (image, g_ptr_array_index (shadow->pending, i), random);

      g_assert_true (g_file_set_contents_full (to, (const char *)image->data, image->len,
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}
