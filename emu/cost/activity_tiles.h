/* Toggles of a contraction, on tiles sampled from it (activity 3). */
#ifndef BT_COST_ACTIVITY_TILES_H
#define BT_COST_ACTIVITY_TILES_H

#include "cost/activity.h"
#include "cost/tile_passes.h"

/* Adds the passes of the sampled tiles of a checked and covered contraction, from a reset array on:
 * see bt_tile_passes(). BT_BAD_INPUT: what that refuses, or a count beyond 64 bits. BT_FAILED: out
 * of memory. */
bt_status bt_activity_contract(const bt_machine *machine, const bt_command *c,
                               const bt_activity_options *options, bt_activity *activity,
                               bt_error *error);

#endif
