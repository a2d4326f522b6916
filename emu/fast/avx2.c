/* What AVX2 overrides. */
#include "fast/kernels.h"

void bt_kernels_avx2(bt_kernels *k) {
  k->tile = bt_tile_6x16_avx2;
  k->magnitudes = bt_magnitudes_avx2;
  k->draw = bt_draw_avx2;
  k->quantize = bt_quantize_avx2;
}
