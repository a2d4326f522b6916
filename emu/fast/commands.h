/* Commands of the fast engine other than contractions. Each returns false, with rng and counts
 * untouched, where it does not cover the command: the reference then runs it. */
#ifndef BT_FAST_COMMANDS_H
#define BT_FAST_COMMANDS_H

#include "engine/engine.h"
#include "fast/dispatch.h"

bool bt_fast_quantize(const bt_command *c, const bt_kernels *kernels, bt_lfsr *rng,
                      bt_counts *counts);
bool bt_fast_affine(const bt_command *c);
bool bt_fast_gate(const bt_command *c);
bool bt_fast_reduce(const bt_command *c);
bool bt_fast_pool(const bt_command *c);
bool bt_fast_pool_back(const bt_command *c);

#endif
