/*
 * till-job.c: a few exchanges with one meter, and the errors of the bus
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-bus"

#include "config.h"

#include "till-line.h"

G_DEFINE_QUARK (till_bus_error, till_bus_error)

/**
 * till_job_new:
 * @unit: who is asked, 1 to 247
 * @priority: who waits for it
 *
 * Returns: (transfer full): a job without requests
 */
TillJob *
till_job_new (guint8 unit,
              TillJobPriority priority)
{
  TillJob *self = g_new0 (TillJob, 1);

  self->unit = unit;
  self->priority = priority;
  return self;
}

/**
 * till_job_add:
 * @self: a job that was not handed in yet
 * @request: the next exchange; copied
 *
 * Adds an exchange, at most %TILL_JOB_REQUESTS_MAX of them.
 */
void
till_job_add (TillJob           *self,
              const TillRequest *request)
{
  g_return_if_fail (self != NULL && request != NULL);
  g_return_if_fail (self->n_requests < TILL_JOB_REQUESTS_MAX);

  self->requests[self->n_requests++] = *request;
}

/**
 * till_job_free:
 * @self: (transfer full) (nullable): a job that no line holds
 */
void
till_job_free (TillJob *self)
{
  if (self == NULL)
    return;

  if (self->tag_destroy != NULL)
    self->tag_destroy (self->tag);

  g_clear_error (&self->error);
  g_free (self);
}
