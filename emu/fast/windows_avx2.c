/* The loops around the tiles of windows for AVX2. */
#include <immintrin.h>

#include "fast/windows_loops.h"

void bt_widen_avx2(size_t n, const int8_t *from, void *to) { bt_loop_widen(n, from, to); }

void bt_pair_runs_avx2(size_t words, size_t columns, const int8_t *from, size_t step,
                           uint8_t *to, size_t to_step) {
  bt_loop_pair_runs(words, columns, from, step, to, to_step);
}

void bt_pair_rows_avx2(size_t columns, const int8_t *const *row, const uint8_t *lift,
                           uint8_t *to) {
  bt_loop_pair_rows(columns, row, lift, to);
}

void bt_align_avx2(size_t n, int32_t *m, unsigned left, unsigned right) {
  bt_loop_align(n, m, left, right);
}

void bt_extremes_avx2(size_t n, const int32_t *m, int32_t *low, int32_t *high) {
  bt_loop_extremes(n, m, low, high);
}

void bt_stream_avx2(size_t n, const int32_t *from, int32_t *to) {
  size_t ahead = (size_t)(-(uintptr_t)to % 32) / sizeof *to, j = ahead < n ? ahead : n;
  memcpy(to, from, j * sizeof *to);
  for (; j + 8 <= n; j += 8) {
    __m256i m = _mm256_loadu_si256((const __m256i *)(const void *)(from + j));
    _mm256_stream_si256((__m256i *)(void *)(to + j), m);
  }
  memcpy(to + j, from + j, (n - j) * sizeof *to);
}

void bt_fence_avx2(void) { _mm_sfence(); }
