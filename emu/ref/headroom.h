/* How wide an accumulator would have to be: the range of a contraction's running sums. */
#ifndef BT_REF_HEADROOM_H
#define BT_REF_HEADROOM_H

#include "engine/engine.h"

typedef struct {
  int64_t least, greatest;
} bt_headroom;

/* Follows every running sum of the command's accumulators (numerics 8.1, each group of 8.2 by
 * itself) in one that never overflows; entries are rounded as acc says, chunks summed without
 * overflow. The range includes 0, where accumulators start. rng is where the command would draw
 * from and stays as it is; outputs are not written. BT_BAD_INPUT for operands in blocks tile and
 * k32 (bt_contract_by_element()). */
bt_status bt_ref_headroom(const bt_command *c, const bt_accumulator *acc, const bt_lfsr *rng,
                          bt_headroom *range, bt_error *error);

#endif
