/* The tile of a contraction in AVX2: vpmaddwd on pairs of k. */
#include <immintrin.h>
#include <string.h>

#include "fast/kernels.h"

#define LANES 8u

static inline __m256i load(const void *from) { return _mm256_loadu_si256(from); }

static inline __m256i broadcast_pair(const void *a) {
  int32_t pair;
  memcpy(&pair, a, sizeof pair);
  return _mm256_set1_epi32(pair);
}

static inline __attribute__((always_inline)) void start_words(const bt_word_tile *t,
                                                              size_t vectors,
                                                              __m256i sum[BT_TILE_ROWS][2]) {
#pragma GCC unroll 2
  for (size_t v = 0; v < vectors; v++) {
    __m256i first = t->start == NULL ? _mm256_setzero_si256() : load(t->start + v * LANES);
#pragma GCC unroll 6
    for (size_t r = 0; r < BT_TILE_ROWS; r++) {
      sum[r][v] = first;
    }
  }
}

static inline __attribute__((always_inline)) void finish_words(const bt_word_tile *t,
                                                               size_t vectors,
                                                               __m256i sum[BT_TILE_ROWS][2]) {
  __m128i shift = _mm_cvtsi32_si128((int)t->shift);
  bool accumulate = t->accumulate;
  int32_t *row = t->out;
  size_t step = t->out_step;
#pragma GCC unroll 6
  for (size_t r = 0; r < BT_TILE_ROWS; r++, row += step) {
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; v++) {
      int32_t *out = row + v * LANES;
      __m256i s = sum[r][v];
      if (accumulate) {
        s = _mm256_add_epi32(_mm256_sll_epi32(load(out), shift), s);
      }
      _mm256_storeu_si256((__m256i *)(void *)out, s);
    }
  }
}

static inline __attribute__((always_inline)) void words(const bt_word_tile *t, size_t vectors) {
  __m256i sum[BT_TILE_ROWS][2];
  start_words(t, vectors, sum);
  const int32_t *a_end = t->a_offset + t->words, *b_end = t->b_offset + t->words;
  for (ptrdiff_t w = -(ptrdiff_t)t->words; w != 0; w++) {
    ptrdiff_t at_a = a_end[w], at_b = b_end[w];
    __m256i b[2];
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; v++) {
      b[v] = load(t->b[v] + at_b);
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < BT_TILE_ROWS; r++) {
      __m256i a = broadcast_pair(t->a[r] + at_a);
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; v++) {
        sum[r][v] = _mm256_add_epi32(sum[r][v], _mm256_madd_epi16(a, b[v]));
      }
    }
  }
  finish_words(t, vectors, sum);
}

void bt_tile_6x16_avx2(const bt_word_tile *t) {
  if (t->vectors == 2) {
    words(t, 2);
  } else {
    words(t, 1);
  }
}
