/* What AVX2 overrides. */
#include "fast/tiles.h"

void bt_kernels_avx2(bt_kernels *k) {
  k->isa = "avx2";
  k->tile = bt_tile_6x16_avx2;
}
