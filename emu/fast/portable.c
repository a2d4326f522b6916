/* The kernels of every CPU. */
#include "fast/kernels.h"

void bt_kernels_portable(bt_kernels *k) {
  *k = (bt_kernels){"portable", bt_tile_6x16_portable, bt_magnitudes_portable, bt_draw_portable,
                    bt_quantize_portable};
}
