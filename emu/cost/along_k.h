/* How exponents differ along the k of a contraction (numerics 8.2), for blocks that do not vary
 * within a row of the operand: tensor, dim0, sample; fixed point. */
#ifndef BT_COST_ALONG_K_H
#define BT_COST_ALONG_K_H

#include "cmd/command.h"

/* k falls into steps of equal length, each with a block of its own in those operands whose blocks
 * follow the dimension that k begins with: the weights' output channels in the data gradient, both
 * operands' samples in the weight gradient. Forward nothing varies: one step. */
typedef struct {
  const bt_tensor *operand[2]; /* those with a block for each step; NULL otherwise */
  size_t steps;
  size_t length; /* places of k in one step */
} bt_along_k;

bt_along_k bt_along_k_of(const bt_command *c);

/* The sum of the step's exponents that vary; false if one of their blocks is a zero block. */
bool bt_along_k_exponent(const bt_along_k *v, size_t step, int *exponent);

#endif
