/*
 * till-books.c: the file of the books
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-store"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "till-books.h"
#include "till-clock.h"

#define GROUP_MAX 256
#define FAULTS_MAX 3
#define BOOKS_FILE "books.db"
#define KEY_FILE "site.key"

static const TillDbSchema schema = {
  "/org/tillwatt/Till/sql/books", TILL_BOOKS_VERSION, 0x54696c6c, TRUE,
};

/**
 * TillBooks:
 *
 * The one writer of the books. Facts handed to till_books_write() while others wait are committed
 * together: one flush of the disk for all of them. Every group moves a serial number in the file.
 * So after a COMMIT that returned an error the question “is it in?” has an answer: open the file
 * again and look at the number.
 *
 * Lives in the thread that opened it; its group is committed from that thread's main context.
 */
struct _TillBooks
{
  TillDb       *db;
  char         *path;
  guint8        key[TILL_BOOKS_KEY_SIZE];
  gint64        serial; /* of the last group known to be durable */
  guint         n_faults;
  gboolean      broken; /* no more writing until the program starts again */
  GQueue        queue;  /* of Fact */
  GSource      *source;
  GMainContext *context;
};

typedef struct
{
  TillBooksFunc  func;
  TillBooksDone  done;
  gpointer       data;
  GDestroyNotify destroy;
  GError        *error;
} Fact;

static void
fact_free (Fact *fact)
{
  if (fact->destroy != NULL)
    fact->destroy (fact->data);

  g_clear_error (&fact->error);
  g_free (fact);
}

static gboolean
make_key (const char *path,
          GError    **error)
{
  guint8 key[TILL_BOOKS_KEY_SIZE];

  if (getrandom (key, sizeof key, 0) != sizeof key)
    {
      g_set_error_literal (error, TILL_DB_ERROR, TILL_DB_ERROR_FAILED,
                           "the system gives no random numbers");
      return FALSE;
    }

  /* Whole or not at all: half a key would stand in the way of the next attempt. */
  return g_file_set_contents_full (path, (const char *)key, sizeof key,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}

static gboolean
load_key (TillBooks  *self,
          const char *data_dir,
          gboolean    create,
          GError    **error)
{
  g_autofree char *path = g_build_filename (data_dir, KEY_FILE, NULL);
  g_autofree char *octets = NULL;
  gsize size;

  /* Books that are there were signed with a key that is lost; no new one would fit their rows. */
  if (create && !g_file_test (self->path, G_FILE_TEST_EXISTS) &&
      !g_file_test (path, G_FILE_TEST_EXISTS) && !make_key (path, error))
    return FALSE;

  if (!g_file_get_contents (path, &octets, &size, error))
    {
      g_prefix_error (error, "the key of the books is missing; bring it back from the backup: ");
      return FALSE;
    }

  if (size != TILL_BOOKS_KEY_SIZE)
    {
      g_set_error (error, TILL_DB_ERROR, TILL_DB_ERROR_CORRUPT,
                   "%s is not a key of %d octets; bring it back from the backup", path,
                   TILL_BOOKS_KEY_SIZE);
      return FALSE;
    }

  memcpy (self->key, octets, TILL_BOOKS_KEY_SIZE);
  return TRUE;
}

static gboolean
make_private (const char *path,
              GError    **error)
{
  const int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd >= 0 && fchmod (fd, 0600) == 0)
    return g_close (fd, error);

  g_set_error (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK, "%s: %s", path, g_strerror (errno));
  if (fd >= 0)
    g_close (fd, NULL);
  return FALSE;
}

static gboolean
load_serial (TillBooks *self,
             gint64    *serial,
             GError   **error)
{
  *serial = -1;

  if (!till_db_get_int (self->db, serial, error,
                        "SELECT commit_serial FROM meta WHERE site = 1", ""))
    return FALSE;

  if (*serial >= 0)
    return TRUE;

  *serial = 0;
  return till_db_run (self->db, error,
                      "INSERT INTO meta (site, commit_serial, created_ms) VALUES (1, 0, $1)", "i",
                      till_clock_now_ms ());
}

/**
 * till_books_open:
 * @data_dir: the folder of the site
 * @create: whether to make the books when they are not there
 * @error: return location for a #GError
 *
 * Opens the books for the calling thread, whose thread-default context will commit the groups.
 *
 * Returns: (transfer full): the books, or %NULL with @error set
 */
TillBooks *
till_books_open (const char *data_dir,
                 gboolean    create,
                 GError    **error)
{
  g_autoptr(TillBooks) self = g_new0 (TillBooks, 1);

  g_return_val_if_fail (data_dir != NULL, NULL);

  g_queue_init (&self->queue);
  self->path = g_build_filename (data_dir, BOOKS_FILE, NULL);
  self->context = g_main_context_ref_thread_default ();

  if (!create && !g_file_test (self->path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, TILL_DB_ERROR, TILL_DB_ERROR_FAILED,
                   "there are no books in %s; make them with “tillwatt ctl init”", data_dir);
      return NULL;
    }

  if (!load_key (self, data_dir, create, error))
    return NULL;

  /* SQLite gives its log the mode of the file, so that has to be private from the first moment. */
  if (!make_private (self->path, error))
    return NULL;

  self->db = till_db_open (self->path, &schema, error);
  if (self->db == NULL || !load_serial (self, &self->serial, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * till_books_close:
 * @self: (transfer full) (nullable): the books
 *
 * Commits what waits, then closes the file.
 */
void
till_books_close (TillBooks *self)
{
  if (self == NULL)
    return;

  till_books_flush (self);

  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }

  g_clear_pointer (&self->db, till_db_close);
  g_clear_pointer (&self->context, g_main_context_unref);
  memset (self->key, 0, sizeof self->key);
  g_free (self->path);
  g_free (self);
}

TillDb *
till_books_get_db (TillBooks *self)
{
  return self->db;
}

const guint8 *
till_books_get_key (TillBooks *self)
{
  return self->key;
}

/**
 * till_books_has_fault:
 * @self: the books
 *
 * Returns: whether the disk failed so often that nothing is written any more until the next start
 */
gboolean
till_books_has_fault (TillBooks *self)
{
  return self->broken;
}

/*
 * After a COMMIT of unknown outcome: opens the file anew and reads whether the group is in it. Then
 * makes that the last word. A group that is in was perhaps never flushed, so it is brought into the
 * file and flushed. A group that is not in may still lie whole in the log, beyond its end, while a
 * reader holds the log; a crash would bring it back to life, so something is written over it.
 */
static gboolean
find_outcome (TillBooks *self,
              gboolean  *durable,
              GError   **error)
{
  gint64 serial;

  g_clear_pointer (&self->db, till_db_close);
  self->db = till_db_open (self->path, &schema, error);

  if (self->db == NULL || !load_serial (self, &serial, error))
    return FALSE;

  *durable = serial == self->serial + 1;
  self->serial = serial;

  if (*durable)
    return till_db_checkpoint (self->db, error);

  /* It has to change something: SQLite writes nothing for a row that stays as it is. */
  self->serial++;
  return till_db_run (self->db, error,
                      "UPDATE meta SET commit_serial = commit_serial + 1 WHERE site = 1", "");
}

static gboolean
commit_group (TillBooks *self,
              GError   **error)
{
  g_autoptr(GError) local_error = NULL;
  g_autoptr(GError) doubt = NULL;
  gboolean durable = FALSE;

  if (till_db_run (self->db, &local_error,
                   "UPDATE meta SET commit_serial = commit_serial + 1 WHERE site = 1", "") &&
      till_db_commit (self->db, &local_error))
    {
      self->serial++;
      return TRUE;
    }

  g_warning ("commit of the books: %s", local_error->message);
  self->broken = ++self->n_faults >= FAULTS_MAX;

  if (!g_error_matches (local_error, TILL_DB_ERROR, TILL_DB_ERROR_UNKNOWN_OUTCOME))
    {
      till_db_rollback (self->db);
      g_propagate_error (error, g_steal_pointer (&local_error));
    }
  else if (!find_outcome (self, &durable, &doubt))
    {
      g_warning ("after a commit of unknown outcome: %s", doubt->message);
      self->broken = TRUE;
      g_set_error_literal (error, TILL_DB_ERROR, TILL_DB_ERROR_UNKNOWN_OUTCOME,
                           "the disk failed, and whether this was written is not known; start the "
                           "program again on a sound disk, and look before doing it once more");
    }
  else if (!durable)
    {
      g_set_error_literal (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK,
                           "the disk is full or failed, and nothing was changed; make room or mend "
                           "it, then do it once more");
    }

  return durable && doubt == NULL;
}

/* Returns whether the group can go on; what the fact itself came to is in its error. */
static gboolean
run_fact (TillBooks *self,
          Fact      *fact)
{
  if (!till_db_savepoint (self->db, &fact->error))
    return FALSE;

  if (fact->func (self, fact->data, &fact->error))
    return till_db_release (self->db, &fact->error);

  g_assert (fact->error != NULL);
  return till_db_rollback_to (self->db);
}

static void
refuse_all (GQueue       *facts,
            const GError *error)
{
  for (GList *l = facts->head; l != NULL; l = l->next)
    {
      Fact *fact = l->data;

      if (fact->error == NULL)
        fact->error = g_error_copy (error);
    }
}

static gboolean
begin_group (TillBooks *self,
             GError   **error)
{
  if (self->broken)
    {
      g_set_error_literal (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK,
                           "the disk failed several times; nothing is written until the program is "
                           "started again on a sound disk");
      return FALSE;
    }

  return till_db_begin (self->db, error);
}

static void
write_group (TillBooks *self)
{
  g_autoptr(GError) error = NULL;
  GQueue group = G_QUEUE_INIT;
  Fact *fact;

  while (group.length < GROUP_MAX && (fact = g_queue_pop_head (&self->queue)) != NULL)
    g_queue_push_tail (&group, fact);

  if (!begin_group (self, &error))
    {
      refuse_all (&group, error);
    }
  else
    {
      gboolean sound = TRUE;

      for (GList *l = group.head; l != NULL && sound; l = l->next)
        sound = run_fact (self, l->data);

      if (!sound)
        {
          till_db_rollback (self->db);
          g_set_error_literal (&error, TILL_DB_ERROR, TILL_DB_ERROR_DISK,
                               "the books could not be written, and nothing was changed; make "
                               "room on the disk, or mend it, then do it once more");
          refuse_all (&group, error);
        }
      else if (!commit_group (self, &error))
        {
          refuse_all (&group, error);
        }
    }

  while ((fact = g_queue_pop_head (&group)) != NULL)
    {
      if (fact->done != NULL)
        fact->done (self, fact->data, fact->error);
      fact_free (fact);
    }
}

static gboolean
on_group_due_cb (gpointer user_data)
{
  TillBooks *self = user_data;

  g_clear_pointer (&self->source, g_source_unref);
  till_books_flush (self);

  return G_SOURCE_REMOVE;
}

/**
 * till_books_write:
 * @self: the books
 * @func: writes the fact
 * @done: (nullable): called when it is durable, or when it failed
 * @data: handed to both
 * @destroy: (nullable): frees @data after @done
 *
 * Queues a fact for the next group. Facts are written in the order they were handed in.
 */
void
till_books_write (TillBooks     *self,
                  TillBooksFunc  func,
                  TillBooksDone  done,
                  gpointer       data,
                  GDestroyNotify destroy)
{
  Fact *fact = g_new0 (Fact, 1);

  fact->func = func;
  fact->done = done;
  fact->data = data;
  fact->destroy = destroy;
  g_queue_push_tail (&self->queue, fact);

  if (self->source != NULL)
    return;

  /* Below the default priority: what arrived in the meantime joins the group. */
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT + 10);
  g_source_set_callback (self->source, on_group_due_cb, self, NULL);
  g_source_attach (self->source, self->context);
}

/**
 * till_books_flush:
 * @self: the books
 *
 * Writes everything that waits, now.
 */
void
till_books_flush (TillBooks *self)
{
  while (self->queue.length > 0)
    write_group (self);
}

typedef struct
{
  TillBooksFunc func;
  gpointer      data;
  GError       *error;
} Now;

static gboolean
write_now (TillBooks *self,
           gpointer   data,
           GError   **error)
{
  Now *now = data;

  return now->func (self, now->data, error);
}

static void
on_now_done (TillBooks    *self,
             gpointer      data,
             const GError *error)
{
  Now *now = data;

  if (error != NULL)
    now->error = g_error_copy (error);
}

/**
 * till_books_write_now:
 * @self: the books
 * @func: writes the fact
 * @data: handed to @func
 * @error: return location for a #GError
 *
 * Writes a fact, and everything that waits before it, and returns when it is durable.
 *
 * Returns: %TRUE when it is durable, %FALSE with @error set otherwise
 */
gboolean
till_books_write_now (TillBooks    *self,
                      TillBooksFunc func,
                      gpointer      data,
                      GError      **error)
{
  Now now = { func, data, NULL };

  till_books_write (self, write_now, on_now_done, &now, NULL);
  till_books_flush (self);

  if (now.error == NULL)
    return TRUE;

  g_propagate_error (error, now.error);
  return FALSE;
}

const char *
till_books_get_path (TillBooks *self)
{
  return self->path;
}

/**
 * till_books_backup:
 * @books_path: the file of the books, till_books_get_path()
 * @key: their key, till_books_get_key(): %TILL_BOOKS_KEY_SIZE octets
 * @part: a name beside @path for the copy while it is being made
 * @path: where the copy goes
 * @error: return location for a #GError
 *
 * Writes a whole copy of the books as they are durable now, opens it, has it checked, and only then
 * gives it its name. The key of the site is copied beside it as `<path>.key`, for without it the
 * chain cannot be verified. May be called in any thread: it has a connection of its own, which only
 * reads, and sales go on meanwhile.
 *
 * Returns: %TRUE when a sound copy is there, %FALSE with @error set otherwise
 */
gboolean
till_books_backup (const char   *books_path,
                   const guint8 *key,
                   const char   *part,
                   const char   *path,
                   GError      **error)
{
  g_autofree char *key_path = g_strconcat (path, ".key", NULL);
  g_autoptr(TillDb) source = till_db_open_reader (books_path, &schema, error);
  g_autoptr(TillDb) copy = NULL;

  g_unlink (part);
  if (source == NULL || !till_db_backup (source, part, error))
    return FALSE;

  g_chmod (part, 0600);
  copy = till_db_open_reader (part, &schema, error);
  if (copy == NULL || !till_db_check (copy, error))
    return FALSE;

  if (!g_file_set_contents_full (key_path, (const char *)key, TILL_BOOKS_KEY_SIZE,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                 0600, error))
    return FALSE;

  if (g_rename (part, path) == 0)
    return TRUE;

  g_set_error (error, TILL_DB_ERROR, TILL_DB_ERROR_DISK, "cannot name the copy %s: %s", path,
               g_strerror (errno));
  return FALSE;
}

/**
 * till_books_append_text:
 * @row: the words of a row that will be signed
 * @text: (nullable): one field of it
 *
 * Appends a field with its length before it, so that nothing can be moved from one field to the
 * next, and %NULL is not the empty text.
 */
void
till_books_append_text (GString    *row,
                        const char *text)
{
  if (text == NULL)
    g_string_append (row, "-;");
  else
    g_string_append_printf (row, "%" G_GSIZE_FORMAT ":%s;", strlen (text), text);
}

void
till_books_append_int (GString *row,
                       gint64   value)
{
  g_string_append_printf (row, "%" G_GINT64_FORMAT ";", value);
}

/**
 * till_books_sign:
 * @self: the books
 * @previous: the digest of the row before, "" for the first
 * @text: all of this row
 *
 * One link of a chain: HMAC-SHA-256 under the key of the site over the row before and this one.
 *
 * Returns: (transfer full): the digest, 64 hexadecimal digits
 */
char *
till_books_sign (TillBooks  *self,
                 const char *previous,
                 const char *text)
{
  g_autoptr(GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, self->key, sizeof self->key);

  g_hmac_update (hmac, (const guchar *)previous, (gssize)strlen (previous));
  g_hmac_update (hmac, (const guchar *)"\n", 1);
  g_hmac_update (hmac, (const guchar *)text, (gssize)strlen (text));

  return g_strdup (g_hmac_get_string (hmac));
}
