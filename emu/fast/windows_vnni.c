/* The loops around the tiles of windows for the bytes of AVX-512 VNNI. */
#include "fast/simd512.h"
#include "fast/windows_loops.h"

#define LINE 64u

void bt_offset_vnni(size_t n, const int8_t *from, void *to) { bt_loop_offset(n, from, to); }

void bt_quad_runs_vnni(size_t words, size_t columns, const int8_t *from, size_t step, uint8_t *to,
                       size_t to_step) {
  bt_loop_quad_runs(words, columns, from, step, to, to_step);
}

void bt_quad_rows_vnni(size_t columns, const int8_t *const *row, const uint8_t *lift,
                       uint8_t *to) {
  (void)lift;
  bt_loop_quad_rows(columns, row, to);
}

/* Each byte comes from one group of 16; the others add 0 to it. */
void bt_choose_vnni(size_t n, size_t groups, const uint8_t *control, const int8_t *from,
                    uint8_t *to) {
  for (size_t first = 0; first < n; first += LINE) {
    __m512i bytes = _mm512_set1_epi8((char)0x80);
    for (size_t i = 0; i < groups; i++, control += LINE) {
      __m128i group = _mm_loadu_si128((const __m128i *)(const void *)(from + 16 * i));
      __m512i chosen = _mm512_shuffle_epi8(_mm512_broadcast_i32x4(group),
                                           _mm512_loadu_si512(control));
      bytes = _mm512_xor_si512(bytes, chosen);
    }
    if (n - first >= LINE) {
      _mm512_storeu_si512(to + first, bytes);
    } else {
      uint8_t rest[LINE];
      _mm512_storeu_si512(rest, bytes);
      memcpy(to + first, rest, n - first);
    }
  }
}
