/* The tile of a contraction in portable C. */
#include <string.h>

#include "fast/kernels.h"

void bt_tile_6x16_portable(const bt_tile *t, int32_t *out) {
  int32_t sum[BT_TILE_ROWS][BT_TILE_COLUMNS] = {{0}};
  for (size_t p = 0; p < t->pairs; p++) {
    for (size_t v = 0; v < t->vectors; v++) {
      const int16_t *b = t->b[v] + t->b_offset[p];
      for (size_t r = 0; r < BT_TILE_ROWS; r++) {
        const int16_t *a = t->a[r] + t->a_offset[p];
        for (size_t j = 0; j < 8; j++) {
          sum[r][v * 8 + j] += a[0] * b[2 * j] + a[1] * b[2 * j + 1];
        }
      }
    }
  }
  memcpy(out, sum, sizeof sum);
}
