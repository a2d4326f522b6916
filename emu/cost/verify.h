/* Invariants that every costed program is held to (cost 10). */
#ifndef BT_COST_VERIFY_H
#define BT_COST_VERIFY_H

#include "cost/watch.h"

/* Of a watch that has seen just this program, from zero. BT_MISMATCH with the first invariant that
 * does not hold, and where. */
bt_status bt_cost_verify(const bt_cost_watch *watch, const bt_program *program, bt_error *error);

#endif
