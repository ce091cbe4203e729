/*
 * till-kill-shim.c: ends a process at the n-th write to the books, or the n-th frame on a line
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Preloaded into the program under test. A file that both the test and the process have mapped says
 * what is counted and when the end comes; while it is not armed, every call goes straight through.
 * The calls are made by syscall(), so that no other library stands between.
 */

#define BOOKS "books.db"

enum
{
  KIND_WRITE,  /* pwrite, ftruncate and unlink of the books */
  KIND_SYNC,   /* fdatasync and fsync of the books */
  KIND_SEND,   /* octets that go out on a line */
  KIND_RECEIVE, /* octets that came in on a line */
  N_KINDS
};

enum
{
  PHASE_BEFORE, /* the call is not made */
  PHASE_HALF,   /* half of the octets are written */
  PHASE_AFTER,  /* the call is made, its result is not seen */
};

/* Also written by tests/e2e/till_killer.py: eight 32-bit numbers. */
typedef struct
{
  atomic_int armed;
  int        kind;
  int        phase;
  int        target; /* from 1 */
  atomic_int counts[N_KINDS];
} Control;

static Control *control;

__attribute__((constructor)) static void
map_control (void)
{
  const char *path = getenv ("TILL_KILL_CONTROL");
  const int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *memory;

  if (fd < 0)
    return;

  memory = mmap (NULL, sizeof (Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (memory != MAP_FAILED)
    control = memory;
}

static int
is_armed (void)
{
  return control != NULL && atomic_load (&control->armed);
}

static int
is_books_fd (int fd)
{
  char link[64];
  char path[4096];
  ssize_t length;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path - 1);
  if (length <= 0)
    return 0;

  path[length] = '\0';
  return strstr (path, BOOKS) != NULL;
}

/* A line: TCP to a device server. The control socket of ctl is of another family. */
static int
is_line_fd (int fd)
{
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;

  return getpeername (fd, (struct sockaddr *)&peer, &length) == 0 && peer.ss_family == AF_INET;
}

static void
end_process (void)
{
  syscall (SYS_kill, getpid (), SIGKILL);
  for (;;)
    pause ();
}

/* Counts a call; the end comes here when it is to come before. Whether it is to come after it. */
static int
meet (int kind)
{
  const int number = atomic_fetch_add (&control->counts[kind], 1) + 1;

  if (kind != control->kind || number != control->target)
    return 0;

  if (control->phase == PHASE_BEFORE)
    end_process ();

  return 1;
}

static size_t
size_of (int    last,
         size_t size)
{
  return last && control->phase == PHASE_HALF ? size / 2 : size;
}

ssize_t
pwrite64 (int         fd,
          const void *buffer,
          size_t      size,
          off64_t     offset)
{
  const int last = is_armed () && is_books_fd (fd) && meet (KIND_WRITE);
  const ssize_t done = syscall (SYS_pwrite64, fd, buffer, size_of (last, size), offset);

  if (last)
    end_process ();

  return done;
}

int
ftruncate64 (int     fd,
             off64_t size)
{
  const int last = is_armed () && is_books_fd (fd) && meet (KIND_WRITE);
  const int done = (int)syscall (SYS_ftruncate, fd, size);

  if (last)
    end_process ();

  return done;
}

int
unlink (const char *path)
{
  const int last = is_armed () && strstr (path, BOOKS) != NULL && meet (KIND_WRITE);
  const int done = (int)syscall (SYS_unlink, path);

  if (last)
    end_process ();

  return done;
}

static int
sync_fd (int  fd,
         long call)
{
  const int last = is_armed () && is_books_fd (fd) && meet (KIND_SYNC);
  const int done = (int)syscall (call, fd);

  if (last)
    end_process ();

  return done;
}

int
fdatasync (int fd)
{
  return sync_fd (fd, SYS_fdatasync);
}

int
fsync (int fd)
{
  return sync_fd (fd, SYS_fsync);
}

ssize_t
write (int         fd,
       const void *buffer,
       size_t      size)
{
  const int last = is_armed () && is_line_fd (fd) && meet (KIND_SEND);
  const ssize_t done = syscall (SYS_write, fd, buffer, size_of (last, size));

  if (last)
    end_process ();

  return done;
}

ssize_t
send (int         fd,
      const void *buffer,
      size_t      size,
      int         flags)
{
  const int last = is_armed () && is_line_fd (fd) && meet (KIND_SEND);
  const ssize_t done = syscall (SYS_sendto, fd, buffer, size_of (last, size), flags, NULL, 0);

  if (last)
    end_process ();

  return done;
}

/* Looking whether there is anything is not yet receiving it. */
static ssize_t
received (int     fd,
          ssize_t size)
{
  if (size > 0 && is_armed () && is_line_fd (fd) && meet (KIND_RECEIVE))
    end_process ();

  return size;
}

ssize_t
read (int    fd,
      void  *buffer,
      size_t size)
{
  return received (fd, syscall (SYS_read, fd, buffer, size));
}

ssize_t
recv (int    fd,
      void  *buffer,
      size_t size,
      int    flags)
{
  const ssize_t done = syscall (SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);

  return flags & MSG_PEEK ? done : received (fd, done);
}
