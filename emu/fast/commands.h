/* Commands of the fast engine other than contractions. Each returns false, with rng and counts
 * untouched, where it does not cover the command: the reference then runs it. */
#ifndef BT_FAST_COMMANDS_H
#define BT_FAST_COMMANDS_H

#include "fast/context.h"

bool bt_fast_quantize(bt_fast *f, const bt_command *c, bt_lfsr *rng, bt_counts *counts);
bool bt_fast_affine(bt_fast *f, const bt_command *c);
bool bt_fast_gate(bt_fast *f, const bt_command *c);
bool bt_fast_reduce(bt_fast *f, const bt_command *c);
bool bt_fast_pool(bt_fast *f, const bt_command *c);
bool bt_fast_pool_back(bt_fast *f, const bt_command *c);

#endif
