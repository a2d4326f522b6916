/* The kernels of every CPU. */
#include "fast/tiles.h"

void bt_kernels_portable(bt_kernels *k) {
  *k = (bt_kernels){.isa = "portable", .tile = bt_tile_6x16_portable};
}
