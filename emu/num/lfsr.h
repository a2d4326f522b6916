/* The draws of a stochastic command's elements, in order (numerics 4.3). */
#ifndef BT_NUM_LFSR_H
#define BT_NUM_LFSR_H

#include "bittrue.h"

/* The draw of element i. Call for i = 0, 1, 2, ... of the command. */
static inline uint32_t bt_lfsr_element(bt_lfsr *rng, size_t i, unsigned bits) {
  return bt_lfsr_draw(&rng->lane[i & (rng->lanes - 1)], bits);
}

/* The draws of elements first .. first+count-1, which follow the last ones made. */
void bt_lfsr_fill(bt_lfsr *rng, size_t first, size_t count, unsigned bits, uint32_t *draws);

/* After the last of n elements: the draws of the lanes that the last round left out, and the
 * position. */
void bt_lfsr_finish(bt_lfsr *rng, size_t n, unsigned bits);

#endif
