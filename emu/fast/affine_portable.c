/* The loops of an affine command, for every CPU. */
#include "fast/affine_loops.h"

void bt_affine_portable(const bt_affine_run *a) { bt_loop_affine(a); }

void bt_affine_relu_portable(size_t n, int32_t *y, uint8_t *mask) { bt_loop_relu(n, y, mask); }

void bt_affine_mask_portable(size_t n, const uint8_t *mask, int32_t *y) {
  bt_loop_mask(n, mask, y);
}

void bt_range_portable(size_t n, const int32_t *m, int32_t *low, int32_t *high) {
  bt_loop_range(n, m, low, high);
}
