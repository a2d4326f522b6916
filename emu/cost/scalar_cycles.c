#include "cost/scalar_cycles.h"

typedef unsigned __int128 wide_count;

/* Softmax: a row ends in one reciprocal and one logarithm (numerics 12.1, 12.3). */
#define RECIPROCAL_CYCLES 32u
#define LOG2_CYCLES 16u
#define SOFTMAX_PASSES 3u /* largest logit; powers and their sum; products */

/* Scalars (numerics 12.4): what is beside multiplications and additions, which take a cycle. */
#define WIDE_MULTIPLY_CYCLES 4u  /* of 64-bit integers, by a 32-bit multiplier */
#define DIVIDE_CYCLES 33u        /* one a bit of the quotient */
#define RSQRT_CYCLES 64u
#define WIDE_DIVIDE_CYCLES 128u  /* the variance of numerics 19.1 */

/* n * b - a * c */
#define PRODUCT_CYCLES (2 * WIDE_MULTIPLY_CYCLES + 1)
/* mean, variance + eps and r, from sums whose product is formed */
#define MOMENT_CYCLES (2 * DIVIDE_CYCLES + 1 + RSQRT_CYCLES)
/* a and b */
#define FORWARD_CYCLES 3u
/* dgamma; b'; c' */
#define BACKWARD_CYCLES ((DIVIDE_CYCLES + 1) + (DIVIDE_CYCLES + 2) + (DIVIDE_CYCLES + 3))

size_t bt_cost_norm_channels(const bt_command *c) {
  switch (c->op) {
    case BT_OP_NORM:
    case BT_OP_NORM_BACK:
      return bt_tensor_elements(c->in[2]);
    case BT_OP_STATISTICS:
      return bt_tensor_elements(c->in[0]);
    default:
      return 0;
  }
}

static unsigned channel_cycles(const bt_command *c) {
  switch (c->op) {
    case BT_OP_NORM:
      return (c->u.norm.statistics == NULL ? PRODUCT_CYCLES : 0) + MOMENT_CYCLES + FORWARD_CYCLES;
    case BT_OP_NORM_BACK:
      return PRODUCT_CYCLES + MOMENT_CYCLES + PRODUCT_CYCLES + BACKWARD_CYCLES;
    case BT_OP_STATISTICS:
    default:
      return PRODUCT_CYCLES + WIDE_DIVIDE_CYCLES + 2;
  }
}

wide_count bt_cost_scalar_cycles(const bt_command *c) {
  if (c->op == BT_OP_SOFTMAX) {
    wide_count elements = bt_tensor_elements(c->in[0]), rows = c->in[0]->dim[0];
    return SOFTMAX_PASSES * elements + rows * (RECIPROCAL_CYCLES + LOG2_CYCLES);
  }
  return (wide_count)bt_cost_norm_channels(c) * channel_cycles(c);
}
