/* Prints the size of each public struct and where its members lie: the part of the ABI that no
 * symbol shows. layout.sh compares it with docs/abi.md. */
#include <stdio.h>

#include "bittrue_run.h"

#define SIZE(type) printf("%s %zu\n", #type, sizeof(type))
#define AT(type, member) printf("  %s %zu\n", #member, offsetof(type, member))

static void show_arrays(void) {
  SIZE(bt_error);
  AT(bt_error, text);
  SIZE(bt_format);
  AT(bt_format, kind);
  AT(bt_format, wl);
  AT(bt_format, fl);
  AT(bt_format, asymmetric);
  AT(bt_format, block);
  AT(bt_format, tile_rows);
  AT(bt_format, tile_cols);
  SIZE(bt_lfsr);
  AT(bt_lfsr, lane);
  AT(bt_lfsr, lanes);
  AT(bt_lfsr, steps);
  SIZE(bt_round_options);
  AT(bt_round_options, mode);
  AT(bt_round_options, random_bits);
  AT(bt_round_options, sr_half);
  SIZE(bt_quantize_counts);
  AT(bt_quantize_counts, clipped);
  AT(bt_quantize_counts, overflow);
  AT(bt_quantize_counts, flushed);
  SIZE(bt_accumulator);
  AT(bt_accumulator, acc_bits);
  AT(bt_accumulator, wrap);
  AT(bt_accumulator, acc_shift);
  AT(bt_accumulator, acc_round);
  AT(bt_accumulator, chunk);
  AT(bt_accumulator, psum_bits);
  SIZE(bt_geometry);
  AT(bt_geometry, n);
  AT(bt_geometry, h);
  AT(bt_geometry, w);
  AT(bt_geometry, c);
  AT(bt_geometry, o);
  AT(bt_geometry, kh);
  AT(bt_geometry, kw);
  AT(bt_geometry, stride);
  AT(bt_geometry, pad);
  AT(bt_geometry, oh);
  AT(bt_geometry, ow);
  SIZE(bt_constant);
  AT(bt_constant, mantissa);
  AT(bt_constant, exponent);
}

static void show_wide(void) {
  SIZE(bt_blocks);
  AT(bt_blocks, format);
  AT(bt_blocks, ndim);
  AT(bt_blocks, dim);
  AT(bt_blocks, mantissa);
  AT(bt_blocks, exponent);
  SIZE(bt_wide);
  AT(bt_wide, ndim);
  AT(bt_wide, dim);
  AT(bt_wide, n0);
  AT(bt_wide, nl);
  AT(bt_wide, bits);
  AT(bt_wide, mantissa);
  AT(bt_wide, step);
  SIZE(bt_contract_counts);
  AT(bt_contract_counts, saturations);
  AT(bt_contract_counts, dropped);
  SIZE(bt_wide_term);
  AT(bt_wide_term, x);
  AT(bt_wide_term, c);
  AT(bt_wide_term, each);
  SIZE(bt_affine);
  AT(bt_affine, terms);
  AT(bt_affine, term);
  AT(bt_affine, c0);
  AT(bt_affine, c0_each);
  AT(bt_affine, relu);
  AT(bt_affine, mask);
}

static void show_run(void) {
  SIZE(bt_run_options);
  AT(bt_run_options, machine);
  AT(bt_run_options, engine);
  AT(bt_run_options, threads);
  AT(bt_run_options, has_seed);
  AT(bt_run_options, seed);
  SIZE(bt_run_loss);
  AT(bt_run_loss, images);
  AT(bt_run_loss, correct);
  AT(bt_run_loss, loss_bits);
  SIZE(bt_run_progress);
  AT(bt_run_progress, steps);
  AT(bt_run_progress, total_steps);
  AT(bt_run_progress, epoch);
  AT(bt_run_progress, now);
  AT(bt_run_progress, clipped);
  AT(bt_run_progress, saturations);
  AT(bt_run_progress, train);
  AT(bt_run_progress, test);
  AT(bt_run_progress, average);
}

int main(void) {
  show_arrays();
  show_wide();
  show_run();
  return 0;
}
