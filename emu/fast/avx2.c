/* What AVX2 overrides. */
#include "fast/kernels.h"
#include "fast/peak.h"

void bt_kernels_avx2(bt_kernels *k) {
  k->tile = bt_tile_6x16_avx2;
  k->tile_a = k->tile_b = bt_word_tile_6x16_avx2;
  k->magnitudes = bt_magnitudes_avx2;
  k->draw = bt_draw_avx2;
  k->quantize = bt_quantize_avx2;
  k->gate = bt_gate_avx2;
  k->pool = bt_pool_avx2;
  k->pool_back = bt_pool_back_avx2;
  k->reduce = bt_reduce_avx2;
  k->peak = bt_peak_avx2;
  k->interleave = bt_pairs_avx2;
  k->add_rows = bt_add_rows_avx2;
}
