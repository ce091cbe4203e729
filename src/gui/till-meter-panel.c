/*
 * till-meter-panel.c: one meter on the tenant's card
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-clock.h"
#include "till-command-dialog.h"
#include "till-error-text.h"
#include "till-meter-panel.h"
#include "till-words.h"

#define N_PHASES 3

/**
 * TillMeterPanel:
 *
 * All that is known of one meter, and what it can be told to do. Follows its node.
 */
struct _TillMeterPanel
{
  GtkWidget     parent_instance;

  TillDesk     *desk;
  TillNode     *node;
  GCancellable *cancellable;

  GtkWidget    *box;
  GtkLabel     *title;
  GtkLabel     *profile;
  GtkWidget    *marks;
  GtkLabel     *remaining;
  GtkGrid      *phases;
  GtkGrid      *energies;
  GtkLabel     *relay;
  GtkLabel     *force;
  GtkLabel     *contact;
  GtkLabel     *purchases;
  GtkLabel     *total;
  GtkLabel     *result;
  GtkWidget    *read_button;
  GtkWidget    *commands;
  GtkWidget    *trip_button;
  GtkWidget    *auto_button;
  GtkWidget    *keep_button;

  GtkLabel     *voltages[N_PHASES];
  GtkLabel     *currents[N_PHASES];
  GtkLabel     *powers[N_PHASES + 1];
  GtkLabel     *periods[TILL_N_PERIODS];
};

G_DEFINE_FINAL_TYPE (TillMeterPanel, till_meter_panel, GTK_TYPE_WIDGET)

static GtkLabel *
attach_value (GtkGrid *grid,
              int column,
              int row)
{
  GtkWidget *label = gtk_label_new ("—");

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_grid_attach (grid, label, column, row, 1, 1);

  return GTK_LABEL (label);
}

static void
attach_values (TillMeterPanel *self)
{
  for (int i = 0; i < N_PHASES; i++)
    {
      self->voltages[i] = attach_value (self->phases, i + 1, 1);
      self->currents[i] = attach_value (self->phases, i + 1, 2);
    }
  for (int i = 0; i <= N_PHASES; i++)
    self->powers[i] = attach_value (self->phases, i + 1, 3);

  for (int i = 0; i < TILL_N_PERIODS; i++)
    {
      GtkWidget *name = gtk_label_new (till_words_period ((TillPeriod)i));

      gtk_label_set_xalign (GTK_LABEL (name), 0);
      gtk_widget_add_css_class (name, "dim-label");
      gtk_grid_attach (self->energies, name, 0, i + 1, 1, 1);
      self->periods[i] = attach_value (self->energies, 1, i + 1);
    }
}

static void
set_value (GtkLabel *label,
           gboolean  known,
           char     *text)
{
  gtk_label_set_text (label, known ? text : "—");
  g_free (text);
}

static void
show_phases (TillMeterPanel    *self,
             const TillReading *reading)
{
  const guint32 fields = reading->fields;

  for (int i = 0; i < N_PHASES; i++)
    {
      set_value (self->voltages[i], (fields & TILL_READING_VOLTAGE) != 0,
                 till_words_voltage (reading->voltage_dv[i]));
      set_value (self->currents[i], (fields & TILL_READING_CURRENT) != 0,
                 till_words_current (reading->current_ma[i]));
    }
  for (int i = 0; i <= N_PHASES; i++)
    set_value (self->powers[i], (fields & TILL_READING_POWER) != 0,
               till_words_power (reading->power_w[i]));
}

static void
show_energies (TillMeterPanel    *self,
               const TillReading *reading)
{
  const guint32 fields = reading->fields;

  set_value (self->total, (fields & TILL_READING_ENERGY) != 0,
             till_words_energy (reading->energy_ckwh));
  for (int i = 0; i < TILL_N_PERIODS; i++)
    {
      const guint32 needed = i == TILL_PERIOD_DEEP ? TILL_READING_DEEP_ENERGY
                                                   : TILL_READING_PERIOD_ENERGY;

      set_value (self->periods[i], (fields & needed) != 0,
                 till_words_energy (reading->period_energy_ckwh[i]));
    }
}

static void
show_last_command (TillMeterPanel *self)
{
  const gint64 meter_id = till_node_get_meter (self->node)->id;
  TillIntent *intent = till_desk_get_last_command (self->desk, meter_id);
  g_autofree char *text = intent != NULL ? till_words_intent_result (intent) : NULL;

  gtk_label_set_text (self->result, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->result), text != NULL);
}

static void
show_rights (TillMeterPanel *self)
{
  const TillMeter *meter = till_node_get_meter (self->node);
  TillMeterState *state = till_node_get_state (self->node);
  const gboolean allowed = till_desk_may_command (self->desk);
  const TillForce force = state != NULL ? till_reading_get_force (&state->reading)
                                        : TILL_FORCE_NONE;
  const char *reason = allowed ? NULL : _("Your role may not command meters.");

  gtk_widget_set_visible (self->commands, meter->has_relay);
  gtk_widget_set_sensitive (self->trip_button, allowed && !meter->never_trip);
  gtk_widget_set_sensitive (self->auto_button, allowed && force != TILL_FORCE_NONE);
  gtk_widget_set_sensitive (self->keep_button, allowed);
  gtk_widget_set_tooltip_text (self->trip_button, allowed && meter->never_trip
                               ? _("This meter is marked as never to be tripped.") : reason);
  gtk_widget_set_tooltip_text (self->auto_button, allowed && force == TILL_FORCE_NONE
                               ? _("The meter decides by itself already.") : reason);
  gtk_widget_set_tooltip_text (self->keep_button, reason);
}

static void
on_read_done_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillMeterState) state = till_engine_read_meter_finish (TILL_ENGINE (source), result,
                                                                   &error);
  TillMeterPanel *self = user_data;

  if (error != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  gtk_widget_set_sensitive (self->read_button, TRUE);
  if (state == NULL)
    till_desk_say (self->desk, till_error_text (error));
}

static void
on_read_clicked_cb (TillMeterPanel *self)
{
  gtk_widget_set_sensitive (self->read_button, FALSE);
  till_engine_read_meter_async (till_desk_get_engine (self->desk),
                                till_node_get_meter (self->node)->id,
                                self->cancellable, on_read_done_cb, self);
}

static void
ask_for_command (TillMeterPanel *self,
                 TillIntentKind  kind)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *dialog = till_command_dialog_new (self->desk, self->node, kind);

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (root));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_trip_clicked_cb (TillMeterPanel *self)
{
  ask_for_command (self, TILL_INTENT_KIND_TRIP);
}

static void
on_auto_clicked_cb (TillMeterPanel *self)
{
  ask_for_command (self, TILL_INTENT_KIND_AUTO);
}

static void
on_keep_clicked_cb (TillMeterPanel *self)
{
  ask_for_command (self, TILL_INTENT_KIND_KEEP);
}

static void
till_meter_panel_dispose (GObject *object)
{
  TillMeterPanel *self = TILL_METER_PANEL (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->node);
  g_clear_object (&self->desk);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (till_meter_panel_parent_class)->dispose (object);
}

static void
till_meter_panel_class_init (TillMeterPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_meter_panel_dispose;

  g_type_ensure (TILL_TYPE_MARK_BOX);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/meter-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, box);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, title);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, profile);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, marks);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, remaining);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, phases);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, energies);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, relay);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, force);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, contact);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, purchases);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, total);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, result);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, read_button);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, commands);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, trip_button);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, auto_button);
  gtk_widget_class_bind_template_child (widget_class, TillMeterPanel, keep_button);
  gtk_widget_class_bind_template_callback (widget_class, on_read_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_trip_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_auto_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_keep_clicked_cb);
}

static void
till_meter_panel_init (TillMeterPanel *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  attach_values (self);
}

/**
 * till_meter_panel_new:
 * @desk: the desk
 * @node: a meter's node
 *
 * Returns: (transfer floating): a panel that follows @node
 */
GtkWidget *
till_meter_panel_new (TillDesk *desk,
                      TillNode *node)
{
  TillMeterPanel *self = g_object_new (TILL_TYPE_METER_PANEL, NULL);

  self->desk = g_object_ref (desk);
  self->node = g_object_ref (node);
  gtk_label_set_text (self->title, till_node_get_title (node));
  gtk_label_set_text (self->profile, till_node_get_subtitle (node));
  g_signal_connect_object (node, "notify::summary", G_CALLBACK (till_meter_panel_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (till_desk_get_engine (desk), "intent-changed",
                           G_CALLBACK (show_last_command), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  till_meter_panel_refresh (self);

  return GTK_WIDGET (self);
}

/**
 * till_meter_panel_refresh:
 * @self: a panel
 *
 * Shows the newest state; also called as time goes by, for the ages.
 */
void
till_meter_panel_refresh (TillMeterPanel *self)
{
  static const TillReading nothing;
  TillMeterState *state = till_node_get_state (self->node);
  const TillReading *reading = state != NULL ? &state->reading : &nothing;
  const gint64 last_contact_ms = state != NULL ? state->last_contact_ms : 0;
  g_autofree char *age = till_words_age (last_contact_ms, till_clock_now_ms ());
  g_autofree char *force = till_words_force (state);

  till_mark_box_set_marks (TILL_MARK_BOX (self->marks), till_node_get_marks (self->node));
  show_phases (self, reading);
  show_energies (self, reading);
  set_value (self->remaining, (reading->fields & TILL_READING_REMAINING) != 0,
             till_words_money (reading->remaining));
  gtk_label_set_text (self->relay, till_words_relay (state));
  gtk_label_set_text (self->force, force);
  gtk_label_set_text (self->contact, age);
  set_value (self->purchases, (reading->fields & TILL_READING_PURCHASE_COUNT) != 0,
             g_strdup_printf ("%u", reading->purchase_count));
  show_rights (self);
  show_last_command (self);
}
