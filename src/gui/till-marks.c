/*
 * till-marks.c: the state of a meter as marks, each an icon and a word
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <glib/gi18n.h>

#include "till-marks.h"

typedef struct
{
  const char *word;
  const char *icon;
  const char *style;
} MarkLook;

/* In the order of the bits of TillMark. */
static const MarkLook looks[TILL_N_MARKS] = {
  { NC_ ("mark", "Review"), "dialog-warning-symbolic", "warning" },
  { NC_ ("mark", "Other meter"), "dialog-question-symbolic", "error" },
  { NC_ ("mark", "Silent"), "network-offline-symbolic", "error" },
  { NC_ ("mark", "Tripped by office"), "changes-prevent-symbolic", "error" },
  { NC_ ("mark", "Tripped"), "system-shutdown-symbolic", "error" },
  { NC_ ("mark", "Arrears"), "battery-level-0-symbolic", "error" },
  { NC_ ("mark", "Low"), "battery-level-20-symbolic", "warning" },
  { NC_ ("mark", "Power kept"), "security-high-symbolic", "accent" },
  { NC_ ("mark", "Command sent"), "emblem-synchronizing-symbolic", "accent" },
  { NC_ ("mark", "On its way"), "till-on-its-way-symbolic", "accent" },
  { NC_ ("mark", "Late"), "alarm-symbolic", "warning" },
  { NC_ ("mark", "Waiting"), "content-loading-symbolic", "dim-label" },
  { NC_ ("mark", "Online"), "emblem-ok-symbolic", "success" },
};

/**
 * TillMarkBox:
 *
 * A line of marks, the gravest first and no more than there is room for. It keeps its children, for
 * a list shows hundreds of these and the states change every second.
 */
struct _TillMarkBox
{
  GtkWidget parent_instance;

  guint     marks;
  guint     n_max;
};

enum
{
  PROP_0,
  PROP_MAX_MARKS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TillMarkBox, till_mark_box, GTK_TYPE_WIDGET)

static guint
index_of (TillMark mark)
{
  return (guint)g_bit_nth_lsf (mark, -1);
}

static guint
marks_of_health (TillHealth health)
{
  switch (health)
    {
    case TILL_HEALTH_FRESH:
      return TILL_MARK_FRESH;
    case TILL_HEALTH_LATE:
      return TILL_MARK_LATE;
    case TILL_HEALTH_SILENT:
      return TILL_MARK_SILENT;
    case TILL_HEALTH_STRANGER:
      return TILL_MARK_STRANGER;
    case TILL_HEALTH_WAITING:
    default:
      return TILL_MARK_WAITING;
    }
}

static guint
marks_of_reading (const TillReading *reading)
{
  guint marks = 0;

  if ((reading->fields & TILL_READING_STATUS) != 0)
    {
      const TillForce force = till_reading_get_force (reading);

      if (force == TILL_FORCE_TRIP)
        marks |= TILL_MARK_FORCED_OFF;
      else if (force == TILL_FORCE_KEEP)
        marks |= TILL_MARK_KEPT;

      if (force != TILL_FORCE_TRIP && !till_reading_is_closed (reading))
        marks |= TILL_MARK_TRIPPED;
      if ((reading->flags & TILL_METER_FLAG_ARREARS) != 0)
        marks |= TILL_MARK_ARREARS;
      else if ((reading->flags & (TILL_METER_FLAG_ALARM_1 | TILL_METER_FLAG_ALARM_2)) != 0)
        marks |= TILL_MARK_LOW;
    }

  if ((reading->fields & TILL_READING_REMAINING) != 0 && reading->remaining < 0)
    marks = (marks | TILL_MARK_ARREARS) & ~(guint)TILL_MARK_LOW;

  return marks;
}

/* One child of the box: an icon and a word. */
static GtkWidget *
add_badge (TillMarkBox *self)
{
  GtkWidget *badge = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  gtk_widget_add_css_class (badge, "mark");
  gtk_box_append (GTK_BOX (badge), gtk_image_new ());
  gtk_box_append (GTK_BOX (badge), gtk_label_new (NULL));
  gtk_widget_set_parent (badge, GTK_WIDGET (self));

  return badge;
}

static void
set_badge (GtkWidget *badge,
           TillMark   mark)
{
  const char *classes[] = { "mark", till_mark_get_class (mark), NULL };
  GtkWidget *icon = gtk_widget_get_first_child (badge);

  gtk_image_set_from_icon_name (GTK_IMAGE (icon), till_mark_get_icon (mark));
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_next_sibling (icon)), till_mark_get_word (mark));
  gtk_widget_set_css_classes (badge, classes);
  gtk_widget_set_visible (badge, TRUE);
}

static void
till_mark_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (till_mark_box_parent_class)->dispose (object);
}

static void
till_mark_box_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_MAX_MARKS:
      g_value_set_uint (value, TILL_MARK_BOX (object)->n_max);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_mark_box_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  switch (prop_id)
    {
    case PROP_MAX_MARKS:
      TILL_MARK_BOX (object)->n_max = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
till_mark_box_class_init (TillMarkBoxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_mark_box_dispose;
  object_class->get_property = till_mark_box_get_property;
  object_class->set_property = till_mark_box_set_property;

  /**
   * TillMarkBox:max-marks:
   *
   * How many marks there is room for.
   */
  properties[PROP_MAX_MARKS] =
    g_param_spec_uint ("max-marks", NULL, NULL,
                       1, TILL_N_MARKS, TILL_N_MARKS,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "marks");
}

static void
till_mark_box_init (TillMarkBox *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
}

/**
 * till_marks_of_state:
 * @state: (nullable): the state of a meter
 *
 * Returns: the marks for it, bits of #TillMark
 */
guint
till_marks_of_state (const TillMeterState *state)
{
  guint marks;

  if (state == NULL)
    return TILL_MARK_WAITING;

  marks = marks_of_health (state->health) | marks_of_reading (&state->reading);

  if (state->blocked)
    marks |= TILL_MARK_REVIEW;
  if (state->on_its_way > 0)
    marks |= TILL_MARK_ON_ITS_WAY;
  if (state->n_open_commands > 0)
    marks |= TILL_MARK_COMMAND;

  return marks;
}

/**
 * till_marks_merge:
 * @a: the marks of a meter
 * @b: the marks of another meter of the same tenant
 *
 * Returns: the marks of both, with no more than one about how they are reached
 */
guint
till_marks_merge (guint a,
                  guint b)
{
  const guint reach = TILL_MARK_STRANGER | TILL_MARK_SILENT | TILL_MARK_LATE | TILL_MARK_WAITING
                      | TILL_MARK_FRESH;
  const guint both = a | b;
  const int worst = g_bit_nth_lsf (both & reach, -1);

  return (both & ~reach) | (worst >= 0 ? 1u << worst : 0u);
}

/**
 * till_mark_get_word:
 * @mark: one mark
 *
 * Returns: what it is called
 */
const char *
till_mark_get_word (TillMark mark)
{
  return g_dpgettext2 (NULL, "mark", looks[index_of (mark)].word);
}

/**
 * till_mark_get_icon:
 * @mark: one mark
 *
 * Returns: the name of its icon
 */
const char *
till_mark_get_icon (TillMark mark)
{
  return looks[index_of (mark)].icon;
}

/**
 * till_mark_get_class:
 * @mark: one mark
 *
 * Returns: its style class
 */
const char *
till_mark_get_class (TillMark mark)
{
  return looks[index_of (mark)].style;
}

/**
 * till_mark_box_new:
 * @n_max: how many marks to show at most
 *
 * Returns: (transfer floating): an empty line of marks
 */
GtkWidget *
till_mark_box_new (guint n_max)
{
  return g_object_new (TILL_TYPE_MARK_BOX, "max-marks", n_max, NULL);
}

/**
 * till_mark_box_set_marks:
 * @self: a line of marks
 * @marks: bits of #TillMark
 *
 * Shows the gravest of @marks. “Online” is shown only when there is nothing else to say.
 */
void
till_mark_box_set_marks (TillMarkBox *self,
                         guint        marks)
{
  GtkWidget *badge = gtk_widget_get_first_child (GTK_WIDGET (self));
  guint shown = marks;
  guint n = 0;

  g_return_if_fail (TILL_IS_MARK_BOX (self));

  if (self->marks == marks)
    return;

  self->marks = marks;
  if ((shown & ~(guint)TILL_MARK_FRESH) != 0)
    shown &= ~(guint)TILL_MARK_FRESH;

  for (guint i = 0; i < TILL_N_MARKS && n < self->n_max; i++)
    {
      if ((shown & (1u << i)) == 0)
        continue;

      if (badge == NULL)
        badge = add_badge (self);
      set_badge (badge, (TillMark)(1u << i));
      badge = gtk_widget_get_next_sibling (badge);
      n++;
    }

  for (; badge != NULL; badge = gtk_widget_get_next_sibling (badge))
    gtk_widget_set_visible (badge, FALSE);
}

/**
 * till_mark_box_get_marks:
 * @self: a line of marks
 *
 * Returns: what was last set
 */
guint
till_mark_box_get_marks (TillMarkBox *self)
{
  g_return_val_if_fail (TILL_IS_MARK_BOX (self), 0);

  return self->marks;
}
