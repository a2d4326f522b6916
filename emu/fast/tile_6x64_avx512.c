/* The word tile in AVX-512: vpmaddwd on pairs of k. */
#include "fast/tile_512.h"

BT_INLINE void tile(const bt_word_tile *t, size_t vectors) {
  bt_sums s;
  bt_start_512(t, vectors, &s);
  /* Counted up to 0 from the offsets' ends: one register less. */
  const int32_t *a_end = t->a_offset + t->words, *b_end = t->b_offset + t->words;
  const uint8_t *volatile last = t->a[BT_TILE_ROWS - 1]; /* from memory each time: one less */
  for (ptrdiff_t w = -(ptrdiff_t)t->words; w != 0; w++) {
    ptrdiff_t at_a = a_end[w], at_b = b_end[w];
    __m512i b[BT_TILE_VECTORS];
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; v++) {
      b[v] = bt_load_512(t->b[v] + at_b);
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < BT_TILE_ROWS; r++) {
      __m512i a = bt_broadcast_512((r == BT_TILE_ROWS - 1 ? last : t->a[r]) + at_a);
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; v++) {
        s.at[r][v] = _mm512_add_epi32(s.at[r][v], _mm512_madd_epi16(a, b[v]));
      }
    }
  }
  bt_finish_512(t, vectors, &s);
}

void bt_tile_6x64_avx512(const bt_word_tile *t) {
  switch (t->vectors) {
    case 1:
      tile(t, 1);
      break;
    case 2:
      tile(t, 2);
      break;
    case 3:
      tile(t, 3);
      break;
    default:
      tile(t, 4);
      break;
  }
}
