/* The kernels of every CPU. */
#include "fast/kernels.h"
#include "fast/peak.h"

void bt_kernels_portable(bt_kernels *k) {
  *k = (bt_kernels){0};
  k->word = BT_PAIR;
  k->lanes = 8;
  k->vectors = 2;
  k->tile_a = k->tile_b = bt_tile_6x16_portable;
  k->pack = bt_widen_portable;
  k->pack_runs = bt_pair_runs_portable;
  k->pack_rows = bt_pair_rows_portable;
  k->align = bt_align_portable;
  k->extremes = bt_extremes_portable;
  k->stream = bt_stream_portable;
  k->fence = bt_fence_portable;
  k->magnitude = bt_magnitude_portable;
  k->log2_largest = bt_log2_largest_portable;
  k->quantize_same = bt_quantize_same_portable;
  k->quantize_each = bt_quantize_each_portable;
  k->float_magnitude = bt_float_magnitude_portable;
  k->quantize_float = bt_quantize_float_portable;
  k->gate = bt_gate_portable;
  k->pool = bt_pool_portable;
  k->pool_back = bt_pool_back_portable;
  k->reduce = bt_reduce_portable;
  k->sums = bt_sums_portable;
  k->ends = bt_ends_portable;
  k->peak = bt_peak_portable;
  k->interleave = bt_pairs_portable;
  k->add_rows = bt_add_rows_portable;
  k->affine = bt_affine_portable;
  k->affine_relu = bt_affine_relu_portable;
  k->affine_mask = bt_affine_mask_portable;
  k->range = bt_range_portable;
  bt_ordered_portable(&k->ordered);
}
