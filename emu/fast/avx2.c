/* What AVX2 overrides. */
#include "fast/kernels.h"
#include "fast/peak.h"

void bt_kernels_avx2(bt_kernels *k) {
  k->tile_a = k->tile_b = bt_tile_6x16_avx2;
  k->pack = bt_widen_avx2;
  k->pack_runs = bt_pair_runs_avx2;
  k->pack_rows = bt_pair_rows_avx2;
  k->align = bt_align_avx2;
  k->extremes = bt_extremes_avx2;
  k->stream = bt_stream_avx2;
  k->fence = bt_fence_avx2;
  k->magnitude = bt_magnitude_avx2;
  k->log2_largest = bt_log2_largest_avx2;
  k->quantize_same = bt_quantize_same_avx2;
  k->quantize_each = bt_quantize_each_avx2;
  k->float_magnitude = bt_float_magnitude_avx2;
  k->quantize_float = bt_quantize_float_avx2;
  k->gate = bt_gate_avx2;
  k->pool = bt_pool_avx2;
  k->pool_back = bt_pool_back_avx2;
  k->reduce = bt_reduce_avx2;
  k->sums = bt_sums_avx2;
  k->ends = bt_ends_avx2;
  k->peak = bt_peak_avx2;
  k->interleave = bt_pairs_avx2;
  k->add_rows = bt_add_rows_avx2;
  k->affine = bt_affine_avx2;
  k->affine_relu = bt_affine_relu_avx2;
  k->affine_mask = bt_affine_mask_avx2;
  k->range = bt_range_avx2;
  bt_ordered_avx2(&k->ordered);
}
