/* What the word tiles of AVX-512 share: 6 rows by `vectors` vectors of 16 columns. */
#ifndef BT_FAST_TILE_512_H
#define BT_FAST_TILE_512_H

#include <string.h>

#include "fast/kernels.h"
#include "fast/simd512.h"

#define BT_INLINE static inline __attribute__((always_inline))

typedef struct {
  __m512i at[BT_TILE_ROWS][BT_TILE_VECTORS];
} bt_sums;

BT_INLINE __m512i bt_load_512(const void *from) { return _mm512_loadu_si512(from); }

BT_INLINE __m512i bt_broadcast_512(const uint8_t *a) {
  int32_t word;
  memcpy(&word, a, sizeof word);
  return _mm512_set1_epi32(word);
}

BT_INLINE void bt_start_512(const bt_word_tile *t, size_t vectors, bt_sums *s) {
#pragma GCC unroll 4
  for (size_t v = 0; v < vectors; v++) {
    __m512i first = t->start == NULL ? _mm512_setzero_si512()
                                     : bt_load_512(t->start + v * BT_TILE_LANES);
#pragma GCC unroll 6
    for (size_t r = 0; r < BT_TILE_ROWS; r++) {
      s->at[r][v] = first;
    }
  }
}

BT_INLINE void bt_finish_512(const bt_word_tile *t, size_t vectors, const bt_sums *s) {
  __m128i shift = _mm_cvtsi32_si128((int)t->shift);
  bool accumulate = t->accumulate;
  int32_t *row = t->out;
  size_t step = t->out_step;
#pragma GCC unroll 6
  for (size_t r = 0; r < BT_TILE_ROWS; r++, row += step) {
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; v++) {
      int32_t *out = row + v * BT_TILE_LANES;
      __m512i sum = s->at[r][v];
      if (accumulate) {
        sum = _mm512_add_epi32(_mm512_sll_epi32(bt_load_512(out), shift), sum);
      }
      _mm512_storeu_si512(out, sum);
    }
  }
}

#endif
