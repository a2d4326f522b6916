/* The kernels of every CPU. */
#include "fast/kernels.h"

void bt_kernels_portable(bt_kernels *k) {
  *k = (bt_kernels){0};
  k->tile = bt_tile_6x16_portable;
  k->magnitudes = bt_magnitudes_portable;
  k->draw = bt_draw_portable;
  k->quantize = bt_quantize_portable;
}
