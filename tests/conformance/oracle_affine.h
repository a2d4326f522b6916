/* The affine command in GMP integers and rationals (numerics 9). */
#ifndef BT_TESTS_ORACLE_AFFINE_H
#define BT_TESTS_ORACLE_AFFINE_H

#include "cmd/command.h"

typedef struct {
  uint64_t shifted_right, shifted_63, final_shifts, zero_constants, all_zero;
  uint64_t partly_right; /* terms with a vector that is shifted right at some last indices only */
} oracle_affine_seen;

/* Fills c->out[0] and, with relu, c->out[1] (allocated). Checks on the way that every bound that
 * the text states holds: false if one does not. */
bool oracle_affine(const bt_command *c, oracle_affine_seen *seen);

#endif
