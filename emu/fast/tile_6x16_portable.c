/* The tile of a contraction in portable C. */
#include <string.h>

#include "fast/kernels.h"

#define LANES 8u

static void add_words(const bt_word_tile *t, size_t v, size_t r, uint32_t sum[LANES]) {
  for (size_t w = 0; w < t->words; w++) {
    int16_t a[2], b[2 * LANES];
    memcpy(a, t->a[r] + t->a_offset[w], sizeof a);
    memcpy(b, t->b[v] + t->b_offset[w], sizeof b);
    for (size_t j = 0; j < LANES; j++) {
      sum[j] += (uint32_t)(a[0] * b[2 * j]) + (uint32_t)(a[1] * b[2 * j + 1]);
    }
  }
}

void bt_tile_6x16_portable(const bt_word_tile *t) {
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    for (size_t v = 0; v < t->vectors; v++) {
      int32_t *out = t->out + r * t->out_step + v * LANES;
      uint32_t sum[LANES] = {0};
      if (t->start != NULL) {
        memcpy(sum, t->start + v * LANES, sizeof sum);
      }
      add_words(t, v, r, sum);
      for (size_t j = 0; j < LANES; j++) {
        uint32_t before = t->accumulate ? (uint32_t)out[j] << t->shift : 0;
        out[j] = (int32_t)(before + sum[j]);
      }
    }
  }
}
