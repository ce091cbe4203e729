/*
 * till-exchange.c: one safe transaction on a line
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "till-exchange.h"
#include "till-frame.h"

/*
 * RTU has no transaction number: whoever takes the next reply for the answer to the last question
 * will, after one late reply, be one behind for ever. So before each question the line is emptied;
 * a unit that owes a reply is not asked before the reply can no longer come; a line that carried
 * bytes nobody understands is left in peace altogether; and a reply is believed only when unit,
 * function, length and echo fit and nothing follows it.
 */

/* Replies of other units that come late while one waits for an answer; more is a line gone mad. */
#define LATE_FRAMES_MAX 4
/* Bytes that nobody asked for: wait until they stop, but not for ever. */
#define STRAY_SILENCE_US 10000
#define STRAY_LIMIT_US 300000
/* The end of a reply of unknown length is a silence; device servers send on in pieces. */
#define VENDOR_SILENCE_US 40000
/* A clock command answers up to two seconds later. */
#define VENDOR_PATIENCE_US (2500 * G_GINT64_CONSTANT (1000))
#define BUFFER_SIZE 512

/* What is in the hands of one transaction. */
typedef struct
{
  guint8       unit;
  TillRequest *request;
  gint64       deadline_us;
  guint8       bytes[BUFFER_SIZE];
  gsize        length;
} Attempt;

/**
 * till_exchange_init:
 * @self: (out): what to fill
 * @link: the link it works on, which must outlive it
 * @config: the settings of the line, with defaults filled in
 */
void
till_exchange_init (TillExchange         *self,
                    TillLink             *link,
                    const TillLineConfig *config)
{
  memset (self, 0, sizeof *self);
  self->link = link;
  self->kind = config->kind;
  self->late_us = config->late_ms * G_GINT64_CONSTANT (1000);
  till_pace_init (&self->pace, config);
}

/* Marks are about one connection; quarantines outlive it, for a device server may hold back the
 * reply of a slow meter and hand it to whoever is connected then. */
static void
sync_connection (TillExchange *self)
{
  const guint64 connection = till_link_get_connection (self->link);

  if (connection == self->connection)
    return;

  self->connection = connection;
  self->soiled = FALSE;
  self->n_mute = 0;
  self->quiet_until_us = 0;
  memset (self->silent, 0, sizeof self->silent);
}

/**
 * till_exchange_ready_us:
 * @self: an exchange
 * @unit: who is to be asked
 *
 * Returns: the monotonic time before which @unit must not be asked; in the past when it may be
 */
gint64
till_exchange_ready_us (TillExchange *self,
                        guint8        unit)
{
  return MAX (self->dirty_until_us, self->late_until_us[unit]);
}

/**
 * till_exchange_is_suspect:
 * @self: an exchange
 * @unit: who is to be commanded
 *
 * Returns: whether a command should begin on a new connection: bad bytes came over this one, or
 *   @unit did not answer on it, or somebody's late reply may still come
 */
gboolean
till_exchange_is_suspect (TillExchange *self,
                          guint8        unit)
{
  const gint64 now = g_get_monotonic_time ();

  sync_connection (self);

  if (self->soiled || self->silent[unit] || self->dirty_until_us > now)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (self->late_until_us); i++)
    if (self->late_until_us[i] > now)
      return TRUE;

  return FALSE;
}

static void
soil (TillExchange *self,
      gint64        asked_us)
{
  self->soiled = TRUE;
  self->dirty_until_us = MAX (self->dirty_until_us, asked_us + self->late_us);
}

/* A frame of a unit that owes one is its late reply: it is no harm, and it tells how slow it is. */
static gboolean
take_late_frame (TillExchange *self,
                 const guint8 *bytes,
                 gsize         length)
{
  const gint64 now = g_get_monotonic_time ();
  const gsize expected = till_frame_expect (bytes, length);

  if (self->kind == TILL_LINE_KIND_MODBUS_TCP || expected == 0 || expected > length ||
      !till_frame_has_good_crc (bytes, expected) || self->late_until_us[bytes[0]] <= now)
    return FALSE;

  till_pace_learn_late (&self->pace, bytes[0],
                        now - self->asked_us[bytes[0]] -
                        till_pace_wire_us (&self->pace, expected + 8));
  self->late_until_us[bytes[0]] = 0;
  self->counts.stray_bytes += expected;
  return TRUE;
}

/* Reads what is there without waiting. Returns -1 when the connection is gone. */
static gssize
read_now (TillExchange *self,
          guint8       *bytes,
          gsize         size)
{
  const int fd = till_link_get_fd (self->link);
  gssize n;

  if (self->kind == TILL_LINE_KIND_TTY)
    {
      n = read (fd, bytes, size);
      return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
    }

  n = recv (fd, bytes, size, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;

  if (n == 0)
    errno = ECONNRESET;

  return n > 0 ? n : -1;
}

/* Empties the line. Stray bytes may be the middle of something: wait until it is over. */
static gboolean
empty_line (TillExchange *self,
            guint         seen,
            GError      **error)
{
  const gint64 limit_us = g_get_monotonic_time () + STRAY_LIMIT_US;
  guint8 bytes[BUFFER_SIZE];
  gssize n;

  while ((n = read_now (self, bytes, sizeof bytes)) != 0 || seen & TILL_LINK_EVENT_INPUT)
    {
      const gint64 now = g_get_monotonic_time ();

      /* A tty that is readable and has nothing was unplugged. */
      if (n == 0)
        {
          errno = ENODEV;
          n = -1;
        }

      if (n < 0)
        {
          g_propagate_error (error, till_link_error_from_errno (self->link, "reading", errno));
          return FALSE;
        }

      if (!take_late_frame (self, bytes, (gsize)n))
        {
          self->counts.stray_bytes += (guint64)n;
          self->soiled = TRUE;
        }

      if (now > limit_us)
        {
          soil (self, now);
          g_set_error_literal (error, TILL_BUS_ERROR, TILL_BUS_ERROR_GARBLED,
                               "bytes that nobody asked for keep coming; is another program on "
                               "this line, or does the device server send heartbeats?");
          return FALSE;
        }

      seen = till_link_wait (self->link, TILL_LINK_EVENT_INPUT,
                             now + self->pace.silence_us + STRAY_SILENCE_US);
    }

  return TRUE;
}

/* Waits out quarantine and silence, then empties the line. */
static gboolean
prepare (TillExchange *self,
         guint8        unit,
         GError      **error)
{
  for (;;)
    {
      const gint64 ready_us = MAX (till_exchange_ready_us (self, unit), self->quiet_until_us);
      const gboolean waits = ready_us > g_get_monotonic_time ();
      guint seen = 0;

      if (waits)
        seen = till_link_wait (self->link, TILL_LINK_EVENT_INPUT, ready_us);
      else if (till_link_is_cancelled (self->link))
        seen = TILL_LINK_EVENT_CANCEL;

      if (seen & TILL_LINK_EVENT_CANCEL)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the line is stopping");
          return FALSE;
        }

      /* Who has waited for input until just now, in vain, knows that there is nothing. */
      if (!(waits && seen == TILL_LINK_EVENT_TIME) && !empty_line (self, seen, error))
        return FALSE;

      if (MAX (till_exchange_ready_us (self, unit), self->quiet_until_us) <=
          g_get_monotonic_time ())
        return TRUE;
    }
}

/* Sends. @report->sent is FALSE only when the system says that it took nothing. */
static gboolean
send_request (TillExchange       *self,
              Attempt            *attempt,
              TillExchangeReport *report,
              GError            **error)
{
  modbus_t *modbus = till_link_get_modbus (self->link);
  guint8 bytes[TILL_FRAME_MAX + TILL_FRAME_MBAP];
  gboolean good;

  report->began_us = g_get_monotonic_time ();
  report->sent = TRUE;

  if (self->kind == TILL_LINE_KIND_MODBUS_TCP)
    {
      const gsize n = till_frame_build_tcp (++self->transaction, attempt->unit,
                                            attempt->request, bytes);
      const gssize taken = send (till_link_get_fd (self->link), bytes, n, MSG_NOSIGNAL);

      good = taken == (gssize)n;

      if (taken >= 0 && !good)
        errno = EMBBADDATA;
    }
  else
    {
      const gsize n = till_frame_build (attempt->unit, attempt->request, bytes);

      good = modbus_set_slave (modbus, attempt->unit) == 0 &&
             modbus_send_raw_request (modbus, bytes, (int)n) > 0;
    }

  if (good)
    return TRUE;

  const int number = errno;

  /* EMBBADDATA is how libmodbus says that part of the frame was taken. */
  if (number != EMBBADDATA)
    {
      report->sent = FALSE;
      report->began_us = 0;
    }

  g_propagate_error (error, till_link_error_from_errno (self->link, "sending",
                                                        number == EMBBADDATA ? EIO : number));
  return FALSE;
}

static gboolean
fail_garbled (TillExchange *self,
              Attempt      *attempt,
              const char   *how,
              GError      **error)
{
  g_autofree char *hex = till_frame_to_hex (attempt->bytes, attempt->length);

  g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_GARBLED,
               "meter %u: %s%s%s; check the wiring, the baud rate and that each address is used "
               "once",
               attempt->unit, how, attempt->length > 0 ? ": " : "", hex);
  return FALSE;
}

/* Waits for the first octet, or for more. */
static gboolean
await_bytes (TillExchange *self,
             Attempt      *attempt,
             gint64        until_us,
             GError      **error)
{
  const guint seen = till_link_wait (self->link, TILL_LINK_EVENT_INPUT, until_us);

  if (seen & TILL_LINK_EVENT_CANCEL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the line is stopping");
      return FALSE;
    }

  if (seen == TILL_LINK_EVENT_TIME)
    {
      g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_TIMEOUT,
                   "meter %u did not answer (register 0x%04x); check its power, its address and "
                   "the wiring", attempt->unit, attempt->request->address);
      return FALSE;
    }

  return TRUE;
}

/* How long the frame at the beginning of the buffer will be; 0 when that cannot be told yet. A
 * Modbus TCP frame is measured by its function like any other, and its header is checked later. */
static gsize
expected_length (TillExchange *self,
                 Attempt      *attempt)
{
  const guint8 *bytes = attempt->bytes;
  gsize length;

  if (self->kind != TILL_LINE_KIND_MODBUS_TCP)
    return till_frame_expect (bytes, attempt->length);

  if (attempt->length < TILL_FRAME_MBAP + 3)
    return 0;

  if (bytes[TILL_FRAME_MBAP + 1] == TILL_FRAME_VENDOR)
    return TILL_FRAME_MBAP + (gsize)(bytes[4] << 8 | bytes[5]);

  length = till_frame_expect (bytes + TILL_FRAME_MBAP, attempt->length - TILL_FRAME_MBAP);
  return length > 0 ? TILL_FRAME_MBAP + length - 2 : 0;
}

/* Reads what has come, waiting for it until @until_us. */
static gboolean
read_more (TillExchange *self,
           Attempt      *attempt,
           gint64        until_us,
           GError      **error)
{
  gssize n;

  if (!await_bytes (self, attempt, until_us, error))
    return FALSE;

  n = read_now (self, attempt->bytes + attempt->length, BUFFER_SIZE - attempt->length);

  if (n > 0)
    {
      attempt->length += (gsize)n;
      return TRUE;
    }

  g_propagate_error (error, till_link_error_from_errno (self->link, "reading",
                                                        n == 0 ? ECONNRESET : errno));
  return FALSE;
}

/* The reply to function 0x20 may be longer or shorter with other firmware: then a silence ends
 * it. */
static gboolean
is_ended_by_silence (TillExchange *self,
                     Attempt      *attempt)
{
  return attempt->request->kind == TILL_REQUEST_KIND_VENDOR &&
         self->kind != TILL_LINE_KIND_MODBUS_TCP && attempt->length > 2 &&
         attempt->bytes[1] == TILL_FRAME_VENDOR;
}

/* Waits for the rest of a frame, or for the first octet. */
static gboolean
complete (TillExchange *self,
          Attempt      *attempt,
          GError      **error)
{
  const gboolean silence = is_ended_by_silence (self, attempt);
  const gint64 until_us = silence ? g_get_monotonic_time () + VENDOR_SILENCE_US
                                  : attempt->deadline_us;
  g_autoptr(GError) local = NULL;

  if (read_more (self, attempt, until_us, &local))
    return TRUE;

  if (attempt->length > 0 && g_error_matches (local, TILL_BUS_ERROR, TILL_BUS_ERROR_TIMEOUT))
    return fail_garbled (self, attempt, "its reply broke off", error);

  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Takes a frame of a unit that owed one off the beginning of the buffer. */
static gboolean
put_late_frame_aside (TillExchange *self,
                      Attempt      *attempt,
                      gsize         expected)
{
  if (attempt->bytes[0] == attempt->unit ||
      !take_late_frame (self, attempt->bytes, attempt->length))
    return FALSE;

  attempt->length -= expected;
  memmove (attempt->bytes, attempt->bytes + expected, attempt->length);
  return TRUE;
}

/* Collects one frame. libmodbus could do it, but not be cancelled in the middle, nor say whose late
 * reply it threw away, nor take function 0x20; and it needs six system calls for it. */
static gboolean
receive_frame (TillExchange *self,
               Attempt      *attempt,
               GError      **error)
{
  guint n_late = 0;

  for (;;)
    {
      const gsize expected = expected_length (self, attempt);
      const gboolean whole = expected > 0 && attempt->length >= expected;

      if (self->kind == TILL_LINE_KIND_MODBUS_TCP ? whole
          : whole && till_frame_has_good_crc (attempt->bytes, expected))
        {
          if (n_late < LATE_FRAMES_MAX && put_late_frame_aside (self, attempt, expected))
            {
              n_late++;
              continue;
            }

          if (attempt->length == expected)
            return TRUE;

          return fail_garbled (self, attempt, "more bytes followed its reply", error);
        }

      if (attempt->length == BUFFER_SIZE ||
          (expected == 0 && attempt->length > 3 + TILL_FRAME_MBAP))
        return fail_garbled (self, attempt, "its reply is no frame", error);

      if (whole && !is_ended_by_silence (self, attempt))
        return fail_garbled (self, attempt, "the CRC of its reply is wrong", error);

      if (!complete (self, attempt, error))
        {
          /* A reply of unusual length that ended in silence, and is good as it stands. */
          if (!is_ended_by_silence (self, attempt) ||
              !till_frame_has_good_crc (attempt->bytes, attempt->length))
            return FALSE;

          g_clear_error (error);
          return TRUE;
        }
    }
}

static gboolean
receive_and_check (TillExchange *self,
                   Attempt      *attempt,
                   GError      **error)
{
  const guint8 *pdu = attempt->bytes;
  gsize length;

  if (!receive_frame (self, attempt, error))
    return FALSE;

  if (self->kind == TILL_LINE_KIND_MODBUS_TCP)
    {
      if (!till_frame_check_mbap (self->transaction, attempt->bytes, attempt->length, error))
        return FALSE;

      pdu += TILL_FRAME_MBAP;
      length = attempt->length - TILL_FRAME_MBAP;
    }
  else
    length = attempt->length - 2;

  if (!till_frame_check (attempt->unit, attempt->request, pdu, length, error))
    return FALSE;

  if (attempt->request->kind == TILL_REQUEST_KIND_READ)
    till_frame_take_values (attempt->request, pdu);

  return TRUE;
}

static void
note_success (TillExchange       *self,
              Attempt            *attempt,
              TillExchangeReport *report)
{
  const gint64 wire_us = till_pace_wire_us (&self->pace,
                                            till_frame_request_length (attempt->request) +
                                            till_frame_reply_length (attempt->request));

  self->n_mute = 0;
  self->counts.wire_us += wire_us + self->pace.silence_us;

  /* Only reads are alike enough to learn from. */
  if (attempt->request->kind == TILL_REQUEST_KIND_READ)
    till_pace_learn (&self->pace, attempt->unit, report->ended_us - report->began_us - wire_us);
}

/* Sorts a fault by what it means for the next question. */
static void
note_fault (TillExchange       *self,
            Attempt            *attempt,
            TillExchangeReport *report,
            const GError       *error)
{
  const gboolean timeout = g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_TIMEOUT);

  if (g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_EXCEPTION))
    {
      self->counts.exceptions++;
      self->n_mute = 0;
      return;
    }

  self->silent[attempt->unit] = TRUE;
  self->asked_us[attempt->unit] = report->began_us;
  self->late_until_us[attempt->unit] = report->began_us + self->late_us;

  if (timeout)
    {
      self->counts.timeouts++;
      self->n_mute++;
      till_pace_miss (&self->pace, attempt->unit);
      return;
    }

  self->n_mute = 0;

  if (g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_MISMATCH))
    self->counts.mismatches++;
  else if (g_error_matches (error, TILL_BUS_ERROR, TILL_BUS_ERROR_GARBLED))
    self->counts.garbled++;
  else
    return;

  till_pace_miss (&self->pace, attempt->unit);
  soil (self, report->began_us);
}

static gint64
patience_us (TillExchange      *self,
             guint8             unit,
             TillPaceWait       wait,
             const TillRequest *request)
{
  const gint64 wire_us = till_pace_wire_us (&self->pace, till_frame_request_length (request) +
                                            till_frame_reply_length (request));

  if (request->kind == TILL_REQUEST_KIND_READ)
    return wire_us + till_pace_allowance_us (&self->pace, unit, wait);

  return wire_us + (request->kind == TILL_REQUEST_KIND_VENDOR
                    ? MAX (self->pace.cap_us, VENDOR_PATIENCE_US) : self->pace.cap_us);
}

/**
 * till_exchange_run:
 * @self: an exchange on an open link
 * @unit: who is asked, 1 to 247
 * @wait: how patient to be with a read; commands are always waited for as long as can be
 * @request: (inout): what is asked; a read that succeeds has its registers filled in
 * @report: (out): what became of it, also after a fault
 * @error: return location for a #GError
 *
 * Waits until @unit may be asked, asks, and believes the answer only when all of it fits. Never
 * repeats anything and never reconnects; after %TILL_BUS_ERROR_DISCONNECTED the link must be
 * closed.
 *
 * Returns: %TRUE when the meter answered; %FALSE with @error set (#TillBusError, or
 *   %G_IO_ERROR_CANCELLED)
 */
gboolean
till_exchange_run (TillExchange       *self,
                   guint8              unit,
                   TillPaceWait        wait,
                   TillRequest        *request,
                   TillExchangeReport *report,
                   GError            **error)
{
  g_autoptr(GError) local = NULL;
  Attempt attempt;

  g_assert (till_link_is_open (self->link));

  attempt.unit = unit;
  attempt.request = request;
  attempt.length = 0;
  sync_connection (self);
  *report = (TillExchangeReport){ .connection = self->connection };

  if (prepare (self, unit, &local) && send_request (self, &attempt, report, &local))
    {
      self->counts.exchanges++;
      attempt.deadline_us = report->began_us + patience_us (self, unit, wait, request);
      receive_and_check (self, &attempt, &local);
    }

  report->ended_us = g_get_monotonic_time ();

  if (local == NULL)
    note_success (self, &attempt, report);
  else if (report->sent)
    note_fault (self, &attempt, report, local);

  self->quiet_until_us = report->ended_us + self->pace.silence_us + self->pace.gap_us;

  if (local == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
