/* The loops around the tiles of windows for AVX2. */
#include <immintrin.h>

#include "fast/windows_loops.h"

void bt_widen_avx2(size_t n, const int8_t *from, void *to) { bt_loop_widen(n, from, to); }

/* Eight words of eight columns: 16 elements of each. As words of two bytes they are transposed,
 * four words of a half at a time, and widened as they are stored. */
static void pair_block(const int8_t *from, size_t step, uint8_t *to, size_t to_step) {
  __m128i m[8], pairs[8], fours[8];
  for (size_t j = 0; j < 8; j++) {
    m[j] = _mm_loadu_si128((const __m128i *)(const void *)(from + j * step));
  }
  for (size_t j = 0; j < 4; j++) {
    pairs[j] = _mm_unpacklo_epi16(m[2 * j], m[2 * j + 1]);
    pairs[j + 4] = _mm_unpackhi_epi16(m[2 * j], m[2 * j + 1]);
  }
  for (size_t half = 0; half < 8; half += 4) {
    fours[half] = _mm_unpacklo_epi32(pairs[half], pairs[half + 1]);
    fours[half + 1] = _mm_unpackhi_epi32(pairs[half], pairs[half + 1]);
    fours[half + 2] = _mm_unpacklo_epi32(pairs[half + 2], pairs[half + 3]);
    fours[half + 3] = _mm_unpackhi_epi32(pairs[half + 2], pairs[half + 3]);
  }
  for (size_t w = 0; w < 8; w++) {
    __m128i left = fours[w / 4 * 4 + w % 4 / 2], right = fours[w / 4 * 4 + w % 4 / 2 + 2];
    __m128i word = w % 2 == 0 ? _mm_unpacklo_epi64(left, right) : _mm_unpackhi_epi64(left, right);
    _mm256_storeu_si256((__m256i *)(void *)(to + w * to_step), _mm256_cvtepi8_epi16(word));
  }
}

void bt_pair_runs_avx2(size_t words, size_t columns, const int8_t *from, size_t step,
                       uint8_t *to, size_t to_step) {
  size_t blocks = columns / 8 * 8, whole = words / 8 * 8;
  for (size_t j = 0; j < blocks; j += 8) {
    for (size_t w = 0; w < whole; w += 8) {
      pair_block(from + j * step + 2 * w, step, to + w * to_step + 4 * j, to_step);
    }
  }
  bt_loop_pair_runs(words - whole, blocks, from + 2 * whole, step, to + whole * to_step, to_step);
  bt_loop_pair_runs(words, columns - blocks, from + blocks * step, step, to + 4 * blocks, to_step);
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
