/* Programs and machines drawn from a seed, for checks against the cost model. */
#ifndef BT_TESTS_RANDOM_PROGRAM_H
#define BT_TESTS_RANDOM_PROGRAM_H

#include "cmd/program.h"
#include "machine/machine.h"

typedef struct {
  bt_machine machine;
  bt_program *program;
  bool plan; /* shapes only: else operands have exponents, drawn too */
  bool fp32;
  bt_average average;
  bt_statistics statistics;
  const bt_tensor *narrow[256]; /* results, which must be read or go out */
  size_t narrows;
  uint64_t state;
} random_case;

/* Draws a case: small arrays and buffers, odd bandwidths, one to four parts of a training step
 * (convolutions in three directions and their sums, affines, quantizations in all blocks, pools,
 * softmax, reductions, batch norm, averages). Every command passes bt_command_check. */
void random_case_draw(random_case *r, uint64_t seed);
void random_case_free(random_case *r);

/* The next number of the case's stream, 0..below-1. */
size_t random_below(random_case *r, size_t below);

#endif
