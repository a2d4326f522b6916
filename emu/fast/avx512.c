/* What AVX-512 (F, BW, VL, DQ) overrides. */
#include "fast/kernels.h"
#include "fast/peak.h"

void bt_kernels_avx512(bt_kernels *k) {
  k->lanes = 16;
  k->vectors = 4;
  k->tile_a = k->tile_b = bt_tile_6x64_avx512;
  k->gate = bt_gate_avx512;
  k->pool = bt_pool_avx512;
  k->pool_back = bt_pool_back_avx512;
  k->reduce = bt_reduce_avx512;
  k->sums = bt_sums_avx512;
  k->ends = bt_ends_avx512;
  k->peak = bt_peak_avx512;
  k->magnitude = bt_magnitude_avx512;
  k->log2_largest = bt_log2_largest_avx512;
  k->quantize_same = bt_quantize_same_avx512;
  k->quantize_each = bt_quantize_each_avx512;
  k->float_magnitude = bt_float_magnitude_avx512;
  k->quantize_float = bt_quantize_float_avx512;
  k->affine = bt_affine_avx512;
  k->affine_relu = bt_affine_relu_avx512;
  k->affine_mask = bt_affine_mask_avx512;
  k->range = bt_range_avx512;
  bt_ordered_avx512(&k->ordered);
}
