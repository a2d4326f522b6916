/* What AVX2 overrides. */
#include "fast/kernels.h"

void bt_kernels_avx2(bt_kernels *k) {
  *k = (bt_kernels){"avx2", bt_tile_6x16_avx2, bt_magnitudes_avx2, bt_draw_avx2,
                    bt_quantize_avx2};
}
