/* Cycles of the scalar unit (cost 4.1): assumed, not checked against hardware. */
#ifndef BT_COST_SCALAR_CYCLES_H
#define BT_COST_SCALAR_CYCLES_H

#include "cmd/command.h"

/* Of a softmax, norm, norm_back or statistics command; 0 for others. */
unsigned __int128 bt_cost_scalar_cycles(const bt_command *c);

/* Channels of a norm, norm_back or statistics command; 0 for others. */
size_t bt_cost_norm_channels(const bt_command *c);

#endif
