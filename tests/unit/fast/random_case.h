/* Random commands with operands, for comparing engines. A case is a function of its seed and
 * number alone. */
#ifndef BT_TEST_RANDOM_CASE_H
#define BT_TEST_RANDOM_CASE_H

#include "machine/machine.h"
#include "cmd/command.h"

typedef struct {
  uint64_t state;
  size_t scale; /* what sizes are multiplied by: 1, or more for work that threads divide */
} chance;
uint64_t below(chance *r, uint64_t n); /* 0..n-1 */

typedef struct {
  bt_machine machine;
  bt_lfsr rng;
  bt_command c;      /* in[] are the case's; out[] and sums are set for each run */
  bt_tensor in[BT_MAX_INPUTS];
  bt_tensor out[BT_MAX_OUTPUTS]; /* shapes, without storage; outs of them are used */
  size_t outs;
} random_case;

void random_case_make(random_case *k, uint64_t seed, uint64_t number);
void random_case_free(random_case *k);

#endif
