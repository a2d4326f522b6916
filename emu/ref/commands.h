/* The reference engine's functions, one a command. Each takes a checked command. */
#ifndef BT_REF_COMMANDS_H
#define BT_REF_COMMANDS_H

#include "engine/engine.h"

bt_status bt_ref_contract(const bt_command *c, const bt_accumulator *acc, bt_lfsr *rng,
                          bt_counts *counts, bt_error *error);
/* The part of it with operands in blocks tile or k32; acc's rounding is what the command uses. */
bt_status bt_ref_contract_blocks(const bt_command *c, const bt_accumulator *acc, bt_lfsr *rng,
                                 bt_counts *counts, bt_error *error);
bt_status bt_ref_quantize(const bt_command *c, bt_lfsr *rng, bt_counts *counts);
bt_status bt_ref_affine(const bt_command *c);
bt_status bt_ref_gate(const bt_command *c);
bt_status bt_ref_reduce(const bt_command *c, bt_error *error);
bt_status bt_ref_sums(const bt_command *c); /* the part of it with sums as outputs */
bt_status bt_ref_pool(const bt_command *c);
bt_status bt_ref_pool_back(const bt_command *c);
bt_status bt_ref_pool_sum(const bt_command *c);
bt_status bt_ref_spread(const bt_command *c);
/* BT_FAILED without any batch in the statistics. */
bt_status bt_ref_norm(const bt_command *c, bt_error *error);
bt_status bt_ref_norm_back(const bt_command *c);
/* BT_FAILED where a sum would reach 2^126; the statistics are then of no use. */
bt_status bt_ref_statistics(const bt_command *c, bt_error *error);
bt_status bt_ref_softmax(const bt_command *c);
bt_status bt_ref_dropout(const bt_command *c);
bt_status bt_ref_average(const bt_command *c, bt_error *error);

#endif
