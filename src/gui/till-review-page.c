/*
 * till-review-page.c: what a person has to decide about
 *
 * Copyright 2026 The Tillwatt authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "till-gui"

#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "till-error-text.h"
#include "till-refund-card.h"
#include "till-review-card.h"
#include "till-review-page.h"
#include "till-stray-card.h"

/* With more than this the fault lies elsewhere; the rest come up as these are decided. */
#define N_CARDS_MAX 50

/**
 * TillReviewPage:
 *
 * One card for each purchase in REVIEW, each payment in suspense and each refund that is stuck.
 * Loaded when the page is seen and whenever one of them changes.
 */
struct _TillReviewPage
{
  GtkWidget  parent_instance;

  TillDesk  *desk;
  guint      n_reviews;
  guint      n_strays;
  guint      n_refunds;
  guint      n_loading; /* lists that are asked for */
  gboolean   again;     /* something changed while it was loading */

  GtkStack  *stack;
  GtkWidget *decided_check;
  GtkWidget *not_allowed;
  GtkWidget *strays_box;
  GtkBox    *strays;
  GtkWidget *refunds_box;
  GtkBox    *refunds;
  GtkWidget *cards_box;
  GtkBox    *cards;
};

G_DEFINE_FINAL_TYPE (TillReviewPage, till_review_page, GTK_TYPE_WIDGET)

static void load (TillReviewPage *self);

static void
clear_box (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

/* One of the three lists has come; with the last of them the page is shown. */
static gboolean
take_list (TillReviewPage *self,
           GPtrArray      *list,
           const GError   *error)
{
  self->n_loading--;
  if (self->desk == NULL)
    return FALSE;
  if (list == NULL)
    till_desk_say (self->desk, till_error_text (error));

  return list != NULL;
}

static void
finish_loading (TillReviewPage *self)
{
  const guint n = self->n_reviews + self->n_strays + self->n_refunds;
  const gboolean all = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->decided_check));

  if (self->desk == NULL || self->n_loading > 0)
    return;

  gtk_widget_set_visible (self->strays_box, self->n_strays > 0);
  gtk_widget_set_visible (self->refunds_box, self->n_refunds > 0);
  gtk_widget_set_visible (self->cards_box, self->n_reviews > 0);
  gtk_stack_set_visible_child_name (self->stack, n > 0 || all ? "cards" : "empty");
  if (self->again)
    load (self);
}

static void
on_reviews_listed_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr(TillReviewPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_engine_list_reviews_finish (TILL_ENGINE (source), result,
                                                               &error);

  if (take_list (self, list, error))
    {
      clear_box (self->cards);
      self->n_reviews = list->len;
      for (guint i = 0; i < MIN (list->len, N_CARDS_MAX); i++)
        gtk_box_append (self->cards, till_review_card_new (self->desk, list->pdata[i]));
    }

  finish_loading (self);
}

static void
on_strays_listed_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(TillReviewPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_engine_list_strays_finish (TILL_ENGINE (source), result,
                                                              &error);

  if (take_list (self, list, error))
    {
      clear_box (self->strays);
      self->n_strays = list->len;
      for (guint i = 0; i < MIN (list->len, N_CARDS_MAX); i++)
        gtk_box_append (self->strays, till_stray_card_new (self->desk, list->pdata[i]));
    }

  finish_loading (self);
}

static void
on_refunds_listed_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr(TillReviewPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = till_engine_list_refunds_finish (TILL_ENGINE (source), result,
                                                               &error);

  if (take_list (self, list, error))
    {
      clear_box (self->refunds);
      self->n_refunds = 0;
      for (guint i = 0; i < list->len; i++)
        {
          TillRefund *refund = list->pdata[i];

          if (refund->step == TILL_REFUND_STEP_REVIEW && self->n_refunds++ < N_CARDS_MAX)
            gtk_box_append (self->refunds, till_refund_card_new (self->desk, refund));
        }
    }

  finish_loading (self);
}

static void
load (TillReviewPage *self)
{
  TillEngine *engine = till_desk_get_engine (self->desk);
  const gboolean all = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->decided_check));

  self->again = self->n_loading > 0;
  if (self->again)
    return;

  self->n_loading = 3;
  gtk_widget_set_visible (self->not_allowed, !till_desk_may_decide (self->desk));
  till_engine_list_strays_async (engine, all, NULL, on_strays_listed_cb, g_object_ref (self));
  till_engine_list_refunds_async (engine, NULL, NULL, on_refunds_listed_cb, g_object_ref (self));
  till_engine_list_reviews_async (engine, NULL, on_reviews_listed_cb, g_object_ref (self));
}

static void
on_map_cb (TillReviewPage *self)
{
  if (self->desk != NULL && till_desk_get_operator (self->desk) != NULL)
    load (self);
}

static void
on_decided_toggled_cb (TillReviewPage *self)
{
  if (self->desk != NULL)
    load (self);
}

static void
on_intent_changed_cb (TillReviewPage *self,
                      TillIntent     *intent)
{
  if ((intent->kind == TILL_INTENT_KIND_PURCHASE || intent->kind == TILL_INTENT_KIND_REFUND)
      && gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

static void
on_money_changed_cb (TillReviewPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

static void
till_review_page_dispose (GObject *object)
{
  TillReviewPage *self = TILL_REVIEW_PAGE (object);

  if (self->stack != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->stack));
  self->stack = NULL;
  g_clear_object (&self->desk);

  G_OBJECT_CLASS (till_review_page_parent_class)->dispose (object);
}

static void
till_review_page_class_init (TillReviewPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_review_page_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/tillwatt/Till/ui/review-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, not_allowed);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, decided_check);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, strays_box);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, strays);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, refunds_box);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, refunds);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, cards_box);
  gtk_widget_class_bind_template_child (widget_class, TillReviewPage, cards);
  gtk_widget_class_bind_template_callback (widget_class, on_map_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_decided_toggled_cb);
}

static void
till_review_page_init (TillReviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * till_review_page_set_desk:
 * @self: the page
 * @desk: the desk, once
 */
void
till_review_page_set_desk (TillReviewPage *self,
                           TillDesk       *desk)
{
  g_return_if_fail (TILL_IS_REVIEW_PAGE (self));
  g_return_if_fail (self->desk == NULL);

  self->desk = g_object_ref (desk);
  g_signal_connect_object (till_desk_get_engine (desk), "intent-changed",
                           G_CALLBACK (on_intent_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till_desk_get_engine (desk), "stray-changed",
                           G_CALLBACK (on_money_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till_desk_get_engine (desk), "refund-changed",
                           G_CALLBACK (on_money_changed_cb), self, G_CONNECT_SWAPPED);
}

/**
 * till_review_page_get_n_reviews:
 * @self: the page
 *
 * Returns: how many purchases waited for a decision when the page last looked
 */
guint
till_review_page_get_n_reviews (TillReviewPage *self)
{
  g_return_val_if_fail (TILL_IS_REVIEW_PAGE (self), 0);

  return self->n_reviews;
}
