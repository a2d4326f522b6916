/* Commands of the fast engine other than contractions. Each returns false, with rng and counts
 * untouched, where it does not cover the command: the reference then runs it. */
#ifndef BT_FAST_COMMANDS_H
#define BT_FAST_COMMANDS_H

#include "fast/context.h"

/* A bfp input in one block, or one an index of dimension 0. */
bool bt_fast_quantize_bfp(bt_fast *f, const bt_command *c, bt_lfsr *rng, bt_counts *counts);

/* known: the extremes of the input's mantissas, or NULL. */
bool bt_fast_quantize(bt_fast *f, const bt_command *c, const bt_extremes *known, bt_lfsr *rng,
                      bt_counts *counts);
bool bt_fast_affine(bt_fast *f, const bt_command *c);
bool bt_fast_gate(bt_fast *f, const bt_command *c);
bool bt_fast_reduce(bt_fast *f, const bt_command *c);
bool bt_fast_sums(bt_fast *f, const bt_command *c);
bool bt_fast_pool(bt_fast *f, const bt_command *c);
bool bt_fast_pool_back(bt_fast *f, const bt_command *c);
bool bt_fast_pool_sum(bt_fast *f, const bt_command *c);
bool bt_fast_spread(bt_fast *f, const bt_command *c);
bool bt_fast_softmax(bt_fast *f, const bt_command *c);
bool bt_fast_dropout(bt_fast *f, const bt_command *c);
bool bt_fast_average(bt_fast *f, const bt_command *c);

/* pool_back into `out` instead, a tensor of its output's shape and format, with zeros where the
 * mask is 0 (NULL: no mask): what a gate after it would give. */
bool bt_fast_pool_back_gate(bt_fast *f, const bt_command *c, const bt_tensor *mask,
                            bt_tensor *out);

#endif
