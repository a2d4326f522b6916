/* The aligner: partial sums of blocks with different exponents (numerics 8.2). */
#ifndef BT_NUM_ALIGN_H
#define BT_NUM_ALIGN_H

#include "bittrue.h"

#define BT_ALIGN_BITS 16
#define BT_ZERO_EXPONENT (-512) /* of a wide value without a nonzero operand */

/* What is decided before a sum, from exponents and K alone. */
typedef struct {
  int gref;     /* the group exponent that sums are aligned to; lower groups are dropped */
  int t;        /* the final floor shift */
  int exponent; /* of the result */
  int bits;     /* its width */
} bt_alignment;

/* gmin <= gmax: the exponents of the groups of nonzero blocks; k products an output. */
bt_alignment bt_align_plan(int gmin, int gmax, size_t k, int acc_shift);

/* sum + partial * 2^shift in the saturating 48-bit adder; shift 0..BT_ALIGN_BITS + 7. */
int64_t bt_align_add(int64_t sum, int32_t partial, int shift);

/* The wide mantissa: floor shift by t, held in int32. */
int32_t bt_align_finish(int64_t sum, int t);

#endif
