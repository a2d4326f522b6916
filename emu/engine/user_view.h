/* A command as bittrue_engine.h shows it. */
#ifndef BT_ENGINE_USER_VIEW_H
#define BT_ENGINE_USER_VIEW_H

#include "bittrue_engine.h"
#include "cmd/command.h"

/* The view, and what it points to. */
typedef struct {
  bt_user_command command;
  bt_user_input in[BT_USER_MAX_INPUTS];
  bt_user_output out[BT_USER_MAX_OUTPUTS];
  bt_user_loss loss;
  bt_user_average average;
  bt_user_statistics statistics;
} bt_user_view;

/* Fills the view of c. false when out of memory. Free it then too. */
bool bt_user_view_make(bt_user_view *v, const bt_command *c, const bt_accumulator *acc);

/* Carries what the object wrote into the view over to the command: widths of wide outputs, and the
 * sums that it added to. */
void bt_user_view_return(const bt_user_view *v, const bt_command *c);

void bt_user_view_free(bt_user_view *v);

/* What numerics 4.3 says the command leaves. */
void bt_user_view_advance(const bt_user_command *c, bt_lfsr *generator);

#endif
