/* Operands like those of training: distributions as measured in LeNet-5 on Fashion-MNIST
 * (models/recipes/lenet5-fashion.yaml after 1,500 steps; docs/performance.md shows them). */
#ifndef BT_CLI_BENCH_OPERANDS_H
#define BT_CLI_BENCH_OPERANDS_H

#include "cmd/command.h"

typedef enum {
  BT_LIKE_WEIGHTS,     /* normal, sigma 32; in dim0 exponents -3, -2, -1 in 4, 7, 5 of 16 blocks */
  BT_LIKE_ACTIVATIONS, /* after a ReLU: 45 % zeros, else normal magnitudes, sigma 22; E = 2 */
  BT_LIKE_ERRORS,      /* 90 % zeros, else normal, sigma 15; E = -9 */
  BT_LIKE_GRADIENTS,   /* normal, sigma 25; E = -6 */
  BT_LIKE_SUMS         /* wide: normal, sigma 10,000, as sums of a contraction; bits 21 */
} bt_likeness;

/* Fills mantissas and exponents; each bfp block has an element of the largest magnitude. The
 * values repeat for the same shape. */
void bt_operand_fill(bt_tensor *t, bt_likeness like);

#endif
