/*
 * till-sim-line.c: a simulated line: a serial device server, an RS-485 wire, the meters on it
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-simulator"

#include "config.h"

#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <glib-unix.h>

#include "till-sim-frame.h"
#include "till-sim-line.h"
#include "till-sim-port.h"

/* A device server sends off what it has when nothing follows for so long. */
#define GAP_MS 25
#define INPUT_MAX 2048
#define QUEUE_MAX 32
#define DEFERRED_MAX 64

typedef struct
{
  guint8  frame[TILL_SIM_FRAME_MAX]; /* unit, function, … without a CRC */
  gsize   length;
  gint64  arrived_us;
  guint64 connection;
  guint16 transaction; /* Modbus TCP */
} Request;

typedef enum
{
  PHASE_IDLE,
  PHASE_REQUEST, /* the request is on the wire */
  PHASE_REPLY,   /* the meter thinks, or the reply is on the wire */
} Phase;

/**
 * TillSimLine:
 *
 * The wire carries one exchange at a time: a request that comes too early waits until the wire has
 * been quiet for 3.5 characters. The meter does what it is asked when the last byte of the request
 * has reached it, and the reply is handed over when its last byte has come through.
 */
struct _TillSimLine
{
  TillSim         *sim;
  TillSimLineInfo *info;
  TillSimPort     *port;
  TillSimLineStats stats;

  guint8           input[INPUT_MAX];
  gsize            n_input;
  guint64          input_connection; /* who said it */
  guint            gap_source;

  GQueue           queue; /* of Request */
  Phase            phase;
  Request          current;
  TillSimFault     fault; /* what strikes the current exchange */
  TillSimAnswer    answer;
  gint64           began_us;
  gint64           due_us;
  gint64           free_us; /* the wire is quiet from here on */
  int              timer;   /* GLib's timeouts are too coarse for a wire */
  guint            timer_source;

  guint8           last_reply[2 * TILL_SIM_FRAME_MAX];
  gsize            n_last_reply;
  GPtrArray       *deferred; /* of Deferred */
};

/* Bytes that reach the peer, or a request that reaches a meter, later than they should. */
typedef struct
{
  TillSimLine *line;
  guint        source;
  gboolean     execute;
  guint64      connection; /* 0: whoever is connected then */
  guint8       bytes[2 * TILL_SIM_FRAME_MAX];
  gsize        length;
} Deferred;

static gint64
wire_us (const TillSimLine *self,
         gsize              n_characters)
{
  return self->sim->timing
         ? (gint64)n_characters * self->info->bits * 1000000 / self->info->baud : 0;
}

static gint64
silence_us (const TillSimLine *self)
{
  if (!self->sim->timing)
    return 0;
  return self->info->baud > 19200 ? 1750
         : (gint64)self->info->bits * 3500000 / self->info->baud;
}

static gboolean
is_mbap (const TillSimLine *self)
{
  return self->info->kind == TILL_LINE_KIND_MODBUS_TCP;
}

static void
free_deferred (gpointer data)
{
  Deferred *deferred = data;

  g_clear_handle_id (&deferred->source, g_source_remove);
  g_free (deferred);
}

/* Lets a meter do what it is asked; what it must not forget is kept before anybody hears of it. */
static void
execute (TillSimLine   *self,
         TillSimMeter  *meter,
         const guint8  *frame,
         gsize          length,
         TillSimAnswer *answer)
{
  till_sim_meter_advance (meter, till_sim_now_ms (self->sim));
  till_sim_meter_answer (meter, frame, length, answer);
  if (answer->changed)
    till_sim_keep (self->sim, meter, answer->purchase);
  if (self->sim->failed)
    answer->length = 0;
}

static void
hand_over (TillSimLine  *self,
           guint64       connection,
           const guint8 *bytes,
           gsize         length)
{
  if ((connection != 0 && connection != till_sim_port_get_connection (self->port)) ||
      !till_sim_port_send (self->port, bytes, length))
    {
      self->stats.lost_replies++;
      return;
    }
  self->stats.replies++;
  self->stats.bytes_out += (gint64)length;
}

static gboolean
on_deferred_cb (gpointer user_data)
{
  Deferred *deferred = user_data;
  TillSimLine *self = deferred->line;
  TillSimMeter *meter = self->info->meters[deferred->bytes[0]];
  TillSimAnswer answer;

  deferred->source = 0;
  if (!deferred->execute)
    hand_over (self, deferred->connection, deferred->bytes, deferred->length);
  else if (meter != NULL)
    execute (self, meter, deferred->bytes, deferred->length, &answer);
  g_ptr_array_remove_fast (self->deferred, deferred);
  return G_SOURCE_REMOVE;
}

static void
defer (TillSimLine  *self,
       gint64        delay_ms,
       gboolean      later_execute,
       guint64       connection,
       const guint8 *bytes,
       gsize         length)
{
  Deferred *deferred;

  if (self->deferred->len >= DEFERRED_MAX)
    return;
  deferred = g_new0 (Deferred, 1);
  deferred->line = self;
  deferred->execute = later_execute;
  deferred->connection = connection;
  deferred->length = MIN (length, sizeof deferred->bytes);
  memcpy (deferred->bytes, bytes, deferred->length);
  deferred->source = g_timeout_add ((guint)delay_ms, on_deferred_cb, deferred);
  g_ptr_array_add (self->deferred, deferred);
}

static void
set_timer (TillSimLine *self)
{
  const struct itimerspec spec = { .it_value = { .tv_sec = self->due_us / 1000000,
                                                 .tv_nsec = self->due_us % 1000000 * 1000 } };

  timerfd_settime (self->timer, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* Puts a reply into the bytes that go over the network. */
static gsize
close_reply (const TillSimLine *self,
             const guint8      *answer,
             gsize              length,
             guint8            *out)
{
  if (!is_mbap (self))
    {
      memcpy (out, answer, length);
      return till_sim_frame_close (out, length);
    }
  out[0] = (guint8)(self->current.transaction >> 8);
  out[1] = (guint8)self->current.transaction;
  out[2] = 0;
  out[3] = 0;
  out[4] = (guint8)(length >> 8);
  out[5] = (guint8)length;
  memcpy (out + 6, answer, length);
  return length + 6;
}

static void
add_noise (TillSimLine *self,
           guint8      *bytes,
           gsize        length)
{
  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8)till_sim_faults_next (self->sim->faults);
}

/* Bytes of another time before the reply. Returns how many. */
static gsize
put_stale (TillSimLine *self,
           guint8      *out)
{
  if (self->fault.n_bytes > 0)
    {
      memcpy (out, self->fault.bytes, self->fault.n_bytes);
      return self->fault.n_bytes;
    }
  if (self->n_last_reply > 0)
    {
      memcpy (out, self->last_reply, self->n_last_reply);
      return self->n_last_reply;
    }
  add_noise (self, out, 3);
  return 3;
}

static void
finish_exchange (TillSimLine *self,
                 gint64       wire_end_us)
{
  self->free_us = wire_end_us + silence_us (self);
  self->stats.busy_us += self->free_us - self->began_us;
  self->stats.last_us = g_get_monotonic_time ();
  self->phase = PHASE_IDLE;
}

/* The last byte of the reply is through. */
static void
deliver_reply (TillSimLine *self)
{
  guint8 out[3 * TILL_SIM_FRAME_MAX];
  guint8 *answer = self->answer.bytes;
  const guint64 connection = self->current.connection;
  const gint64 delay_ms = self->fault.delay_ms;
  const gsize header = is_mbap (self) ? 6 : 0;
  gsize skip = 0;
  gsize length;

  if (self->fault.kind == TILL_SIM_FAULT_WRONG_UNIT)
    answer[0] = (guint8)(answer[0] % 247 + 1);
  if (self->fault.kind == TILL_SIM_FAULT_STALE)
    skip = put_stale (self, out);
  length = close_reply (self, answer, self->answer.length, out + skip);
  if (self->fault.kind != TILL_SIM_FAULT_STALE)
    {
      memcpy (self->last_reply, out, length);
      self->n_last_reply = length;
    }
  length += skip;

  switch ((int)self->fault.kind)
    {
    case TILL_SIM_FAULT_LATE:
      defer (self, delay_ms, FALSE, self->fault.cross != 0 ? 0 : connection, out, length);
      return;

    case TILL_SIM_FAULT_SPLIT:
      hand_over (self, connection, out, length / 2);
      defer (self, delay_ms, FALSE, connection, out + length / 2, length - length / 2);
      return;

    case TILL_SIM_FAULT_DUPLICATE:
      memcpy (out + length, out, length);
      length *= 2;
      break;

    case TILL_SIM_FAULT_CRC:
      out[length - 1] ^= 0x5a;
      break;

    case TILL_SIM_FAULT_GARBAGE:
      add_noise (self, out + header, length - header);
      break;

    default:
      break;
    }
  hand_over (self, connection, out, length);
}

static void
restart_line (TillSimLine *self,
              gint64       late_ms,
              gint64       down_ms)
{
  Request *request;

  while ((request = g_queue_pop_head (&self->queue)) != NULL)
    {
      if (late_ms >= 0)
        defer (self, late_ms, TRUE, 0, request->frame, request->length);
      g_free (request);
    }
  if (self->phase == PHASE_REQUEST && late_ms >= 0)
    {
      defer (self, late_ms, TRUE, 0, self->current.frame, self->current.length);
      self->fault.kind = TILL_SIM_FAULT_REQUEST_LOST;
      self->fault.execute = 0;
    }
  self->n_input = 0;
  till_sim_port_go_down (self->port, down_ms);
}

/* Faults of the connection rather than of the reply. Returns whether there will be no reply. */
static gboolean
strike_connection (TillSimLine *self)
{
  switch ((int)self->fault.kind)
    {
    case TILL_SIM_FAULT_HALF_OPEN:
      till_sim_port_freeze (self->port, self->fault.hold_ms);
      return TRUE;

    case TILL_SIM_FAULT_RESET:
    case TILL_SIM_FAULT_HANG_UP:
      till_sim_port_close (self->port, self->fault.kind == TILL_SIM_FAULT_RESET);
      return TRUE;

    case TILL_SIM_FAULT_RESTART:
      /* This one is out of the buffer: from here on only those behind it are. */
      self->phase = PHASE_REPLY;
      if (self->fault.late_ms >= 0 && !till_sim_fault_is_executed (&self->fault))
        defer (self, self->fault.late_ms, TRUE, 0, self->current.frame, self->current.length);
      restart_line (self, self->fault.late_ms, self->fault.down_ms);
      return TRUE;

    case TILL_SIM_FAULT_SILENT:
    case TILL_SIM_FAULT_REQUEST_LOST:
    case TILL_SIM_FAULT_REPLY_LOST:
      return TRUE;

    default:
      return FALSE;
    }
}

static gint64
turnaround_us (const TillSimLine  *self,
               const TillSimMeter *meter)
{
  if (meter->memory.latency_ms >= 0)
    return meter->memory.latency_ms * 1000;
  if (!self->sim->timing)
    return 0;
  if (self->sim->turnaround_ms >= 0)
    return self->sim->turnaround_ms * 1000 + self->answer.delay_ms * 1000;
  return meter->turnaround_us + self->answer.delay_ms * 1000;
}

/* The last byte of the request has reached the meters. */
static void
reach_meter (TillSimLine *self,
             gint64       at_us)
{
  const guint8 *frame = self->current.frame;
  TillSimMeter *meter = self->info->meters[frame[0]];

  self->answer.length = 0;
  if (meter == NULL)
    {
      self->stats.unknown_unit += frame[0] != 0;
      self->stats.broadcasts += frame[0] == 0;
      finish_exchange (self, at_us);
      return;
    }
  if (meter->memory.silent != 0)
    {
      finish_exchange (self, at_us);
      return;
    }

  if (self->fault.kind == TILL_SIM_FAULT_NONE &&
      till_sim_faults_take (self->sim->faults, self->info, meter, frame, self->current.length,
                            &self->fault))
    self->stats.faults++;
  if (till_sim_fault_is_executed (&self->fault))
    execute (self, meter, frame, self->current.length, &self->answer);
  if (self->fault.kind == TILL_SIM_FAULT_EXCEPTION)
    {
      self->answer.bytes[0] = frame[0];
      self->answer.bytes[1] = frame[1] | 0x80;
      self->answer.bytes[2] = (guint8)self->fault.code;
      self->answer.length = 3;
    }
  if (strike_connection (self) || self->answer.length == 0)
    {
      finish_exchange (self, at_us);
      return;
    }
  self->stats.exceptions += (self->answer.bytes[1] & 0x80) != 0;
  self->phase = PHASE_REPLY;
  self->due_us = at_us + turnaround_us (self, meter) + wire_us (self, self->answer.length + 2);
}

static gboolean
start_next (TillSimLine *self)
{
  Request *request = g_queue_pop_head (&self->queue);

  if (request == NULL)
    return FALSE;

  self->current = *request;
  g_free (request);
  memset (&self->fault, 0, sizeof self->fault);
  self->fault.execute = -1;
  self->began_us = MAX (self->current.arrived_us, self->free_us);
  self->phase = PHASE_REQUEST;
  self->due_us = self->began_us + wire_us (self, self->current.length + 2);
  return TRUE;
}

/* Does what is due by now, and sets the timer for what is not. */
static void
go_on (TillSimLine *self)
{
  while (self->phase != PHASE_IDLE || start_next (self))
    {
      const gint64 due_us = self->due_us;

      if (due_us > g_get_monotonic_time ())
        {
          set_timer (self);
          return;
        }
      if (self->phase == PHASE_REQUEST)
        reach_meter (self, due_us);
      else
        {
          deliver_reply (self);
          finish_exchange (self, due_us);
        }
    }
}

static gboolean
on_timer_cb (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  guint64 n;

  if (read (fd, &n, sizeof n) == sizeof n)
    go_on (user_data);
  return G_SOURCE_CONTINUE;
}

static void
count_request (TillSimLine   *self,
               const Request *request)
{
  switch ((int)till_sim_request_get_kind (request->frame, request->length))
    {
    case TILL_SIM_REQUEST_READ:
      self->stats.reads++;
      break;

    case TILL_SIM_REQUEST_CONTROL:
      self->stats.controls++;
      self->stats.control_us = request->arrived_us;
      break;

    case TILL_SIM_REQUEST_PURCHASE:
      self->stats.purchases++;
      self->stats.purchase_us = request->arrived_us;
      break;

    default:
      break;
    }
  self->stats.frames++;
  if (self->stats.first_us == 0)
    self->stats.first_us = request->arrived_us;
}

static void
take_request (TillSimLine  *self,
              const guint8 *frame,
              gsize         length,
              guint16       transaction)
{
  Request *request;

  if (self->queue.length >= QUEUE_MAX || length > TILL_SIM_FRAME_MAX)
    {
      self->stats.dropped += (gint64)length;
      return;
    }
  request = g_new0 (Request, 1);
  memcpy (request->frame, frame, length);
  request->length = length;
  request->arrived_us = g_get_monotonic_time ();
  request->connection = till_sim_port_get_connection (self->port);
  request->transaction = transaction;
  count_request (self, request);
  if (self->phase != PHASE_IDLE || request->arrived_us < self->free_us)
    self->stats.early++;
  g_queue_push_tail (&self->queue, request);
}

static void
take_away (TillSimLine *self,
           gsize        length)
{
  memmove (self->input, self->input + length, self->n_input - length);
  self->n_input -= length;
}

static void
drop_input (TillSimLine *self)
{
  self->stats.dropped += (gint64)self->n_input;
  self->n_input = 0;
}

/* Cuts RTU requests out of what came. A bad one takes all that follows it along, as no meter finds
 * a beginning before there is silence again. */
static void
cut_rtu (TillSimLine *self,
         gboolean     silence)
{
  while (self->n_input > 0)
    {
      gsize length = till_sim_frame_get_length (self->input, self->n_input);

      if (length == 0 && silence && self->n_input >= 4)
        length = self->n_input;
      if (length == 0 || length > self->n_input)
        break;
      if (length > TILL_SIM_FRAME_MAX || length < 4 ||
          till_sim_crc (self->input, length - 2) !=
          (self->input[length - 2] | self->input[length - 1] << 8))
        {
          self->stats.bad_crc++;
          drop_input (self);
          return;
        }
      take_request (self, self->input, length - 2, 0);
      take_away (self, length);
    }
  if (silence)
    drop_input (self);
}

static void
cut_mbap (TillSimLine *self)
{
  gssize length;

  while ((length = till_sim_mbap_get_length (self->input, self->n_input)) > 0 &&
         (gsize)length <= self->n_input)
    {
      take_request (self, self->input + 6, (gsize)length - 6,
                    (guint16)(self->input[0] << 8 | self->input[1]));
      take_away (self, (gsize)length);
    }
  if (length < 0)
    {
      drop_input (self);
      till_sim_port_close (self->port, FALSE);
    }
}

static gboolean
on_gap_cb (gpointer user_data)
{
  TillSimLine *self = user_data;

  self->gap_source = 0;
  if (!is_mbap (self))
    cut_rtu (self, TRUE);
  go_on (self);
  return G_SOURCE_REMOVE;
}

static void
on_received_cb (const guint8 *bytes,
                gsize         length,
                gpointer      user_data)
{
  TillSimLine *self = user_data;

  g_clear_handle_id (&self->gap_source, g_source_remove);
  self->stats.bytes_in += (gint64)length;
  if (length > sizeof self->input - self->n_input ||
      self->input_connection != till_sim_port_get_connection (self->port))
    drop_input (self);
  self->input_connection = till_sim_port_get_connection (self->port);
  memcpy (self->input + self->n_input, bytes, length);
  self->n_input += length;

  if (is_mbap (self))
    cut_mbap (self);
  else
    cut_rtu (self, FALSE);
  if (self->n_input > 0 && !is_mbap (self))
    self->gap_source = g_timeout_add (GAP_MS, on_gap_cb, self);
  go_on (self);
}

/**
 * till_sim_line_new:
 * @sim: the site; outlives the line
 * @info: which line of it
 *
 * Returns: (transfer full): a line that is not open yet
 */
TillSimLine *
till_sim_line_new (TillSim         *sim,
                   TillSimLineInfo *info)
{
  TillSimLine *self = g_new0 (TillSimLine, 1);

  self->sim = sim;
  self->info = info;
  self->deferred = g_ptr_array_new_with_free_func (free_deferred);
  g_queue_init (&self->queue);
  self->port = till_sim_port_new (info, sim->bind, sim->registration, on_received_cb, self);
  self->timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (self->timer < 0)
    g_error ("no timer: raise the limit of open files");
  self->timer_source = g_unix_fd_add_full (G_PRIORITY_HIGH, self->timer, G_IO_IN, on_timer_cb, self,
                                           NULL);
  return self;
}

/**
 * till_sim_line_open:
 * @self: a line
 * @error: return location for a #GError
 *
 * Returns: %TRUE, or %FALSE with %TILL_SIM_ERROR_LINE set
 */
gboolean
till_sim_line_open (TillSimLine *self,
                    GError     **error)
{
  return till_sim_port_open (self->port, error);
}

/**
 * till_sim_line_get_info:
 * @self: a line
 *
 * Returns: what it is
 */
const TillSimLineInfo *
till_sim_line_get_info (TillSimLine *self)
{
  return self->info;
}

/**
 * till_sim_line_get_port:
 * @self: a line
 *
 * Returns: the TCP port it listens on, 0 when it does not
 */
guint
till_sim_line_get_port (TillSimLine *self)
{
  return till_sim_port_get_number (self->port);
}

/**
 * till_sim_line_get_stats:
 * @self: a line
 *
 * Returns: its counters
 */
const TillSimLineStats *
till_sim_line_get_stats (TillSimLine *self)
{
  self->stats.connections = (gint64)till_sim_port_get_n_connections (self->port);
  self->stats.refused = (gint64)till_sim_port_get_n_refused (self->port);
  return &self->stats;
}

/**
 * till_sim_line_reset_stats:
 * @self: a line
 *
 * Sets its counters to 0, but those of connections.
 */
void
till_sim_line_reset_stats (TillSimLine *self)
{
  memset (&self->stats, 0, sizeof self->stats);
}

/**
 * till_sim_line_is_connected:
 * @self: a line
 *
 * Returns: whether somebody is connected
 */
gboolean
till_sim_line_is_connected (TillSimLine *self)
{
  return till_sim_port_get_connection (self->port) != 0;
}

/**
 * till_sim_line_set_displace:
 * @self: a line
 * @displace: whether a second peer takes the place of the first
 */
void
till_sim_line_set_displace (TillSimLine *self,
                            gboolean     displace)
{
  till_sim_port_set_displace (self->port, displace);
}

/**
 * till_sim_line_restart:
 * @self: a line
 * @late_ms: when what was buffered reaches the meters after all; -1: never
 * @down_ms: for how long nobody can connect
 *
 * Restarts the device server.
 */
void
till_sim_line_restart (TillSimLine *self,
                       gint64       late_ms,
                       gint64       down_ms)
{
  restart_line (self, late_ms, down_ms);
}

/**
 * till_sim_line_free:
 * @self: (nullable) (transfer full): a line
 */
void
till_sim_line_free (TillSimLine *self)
{
  if (self == NULL)
    return;

  g_clear_handle_id (&self->gap_source, g_source_remove);
  g_clear_handle_id (&self->timer_source, g_source_remove);
  close (self->timer);
  g_clear_pointer (&self->port, till_sim_port_free);
  g_clear_pointer (&self->deferred, g_ptr_array_unref);
  g_queue_clear_full (&self->queue, g_free);
  g_free (self);
}
