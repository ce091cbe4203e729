/*
 * till-jobs.c: asking the line on behalf of a meter
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-engine"

#include "config.h"

#include "till-jobs-private.h"

typedef struct
{
  gint64         meter_id; /* not the meter itself: an import may replace it meanwhile */
  TillJobDone    done;
  gpointer       data;
  GDestroyNotify destroy;
} Tag;

static void
tag_free (Tag *tag)
{
  if (tag->destroy != NULL)
    tag->destroy (tag->data);

  g_free (tag);
}

/**
 * till_jobs_add_look:
 * @meter: a meter with a profile
 * @job: a job
 * @parameters: also prices and limits, which are slow
 *
 * Adds the reads that tell the whole state and the identity of the meter.
 */
void
till_jobs_add_look (TillCoreMeter *meter,
                    TillJob       *job,
                    gboolean       parameters)
{
  TillRequest requests[TILL_JOB_REQUESTS_MAX];
  guint n = till_profile_plan_state (meter->profile, requests);

  for (guint i = 0; i < n; i++)
    till_job_add (job, &requests[i]);

  n = till_profile_plan_identity (meter->profile, requests);
  for (guint i = 0; i < n && job->n_requests < TILL_JOB_REQUESTS_MAX; i++)
    till_job_add (job, &requests[i]);

  n = parameters ? till_profile_plan_parameters (meter->profile, requests) : 0;
  for (guint i = 0; i < n && job->n_requests < TILL_JOB_REQUESTS_MAX; i++)
    till_job_add (job, &requests[i]);
}

/**
 * till_jobs_new_look:
 * @meter: a meter with a profile
 * @priority: how urgent it is
 * @parameters: also prices and limits
 *
 * Returns: (transfer full): a job that reads the meter and decodes what it says
 */
TillJob *
till_jobs_new_look (TillCoreMeter  *meter,
                    TillJobPriority priority,
                    gboolean        parameters)
{
  TillJob *job = till_job_new (meter->setup->unit, priority);

  job->profile = meter->profile;
  job->meter_id = meter->setup->id;
  till_jobs_add_look (meter, job, parameters);

  return job;
}

/**
 * till_jobs_submit:
 * @core: the core
 * @meter: a meter
 * @job: (transfer full): what to ask
 * @done: called when the line is through with it
 * @data: handed to @done
 * @destroy: (nullable): frees @data
 * @error: return location for a #GError
 *
 * Hands a job to the line of a meter.
 *
 * Returns: %TRUE when @done will be called, %FALSE with @error set when the line takes nothing
 */
gboolean
till_jobs_submit (TillCore      *core,
                  TillCoreMeter *meter,
                  TillJob       *job,
                  TillJobDone    done,
                  gpointer       data,
                  GDestroyNotify destroy,
                  GError       **error)
{
  Tag *tag = g_new0 (Tag, 1);

  tag->meter_id = meter->setup->id;
  tag->done = done;
  tag->data = data;
  tag->destroy = destroy;
  job->tag = tag;
  job->tag_destroy = (GDestroyNotify)tag_free;

  if (meter->line != NULL && till_line_submit (meter->line, job, error))
    return TRUE;

  if (meter->line == NULL)
    g_set_error (error, TILL_BUS_ERROR, TILL_BUS_ERROR_DISCONNECTED,
                 "meter %s has no line here", meter->setup->meter_no);

  till_job_free (job);
  return FALSE;
}

/**
 * till_jobs_finish:
 * @core: the core
 * @job: (transfer full): a job that a line is through with
 *
 * Hands it to whom it concerns.
 */
void
till_jobs_finish (TillCore *core,
                  TillJob  *job)
{
  const Tag *tag = job->tag;
  TillCoreMeter *meter = till_core_get_meter (core, tag->meter_id, NULL);

  if (meter != NULL)
    tag->done (core, meter, job, tag->data);

  till_job_free (job);
}
