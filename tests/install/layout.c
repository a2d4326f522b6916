/* Prints the size of each public struct and where its last member lies: the part of the ABI that no
 * symbol shows. layout.sh compares it with docs/abi.md. */
#include <stdio.h>

#include "bittrue_run.h"

#define SHOW(type, last) \
  printf("%-20s %5zu  %s at %zu\n", #type, sizeof(type), #last, offsetof(type, last))

int main(void) {
  SHOW(bt_error, text);
  SHOW(bt_format, tile_cols);
  SHOW(bt_lfsr, steps);
  SHOW(bt_round_options, sr_half);
  SHOW(bt_quantize_counts, flushed);
  SHOW(bt_accumulator, psum_bits);
  SHOW(bt_geometry, ow);
  SHOW(bt_constant, exponent);
  SHOW(bt_blocks, exponent);
  SHOW(bt_wide, step);
  SHOW(bt_contract_counts, dropped);
  SHOW(bt_wide_term, each);
  SHOW(bt_affine, mask);
  SHOW(bt_run_options, seed);
  SHOW(bt_run_loss, loss_bits);
  SHOW(bt_run_progress, average);
  return 0;
}
