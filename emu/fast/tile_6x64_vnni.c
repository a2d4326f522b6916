/* The word tiles in AVX-512 VNNI: vpdpbusd on four k at a time. */
#include "fast/tile_512.h"

/* sum + the products of a word of A and words of B, one of which is unsigned. */
BT_INLINE __m512i multiply(__m512i sum, __m512i a, __m512i b, bool a_unsigned) {
  return a_unsigned ? _mm512_dpbusd_epi32(sum, a, b) : _mm512_dpbusd_epi32(sum, b, a);
}

BT_INLINE void add_word(const bt_word_tile *t, const uint8_t *last, ptrdiff_t at_a, ptrdiff_t at_b,
                        size_t vectors, bool a_unsigned, bt_sums *s) {
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
      s->at[r][v] = multiply(s->at[r][v], a, b[v], a_unsigned);
    }
  }
}

BT_INLINE void tile(const bt_word_tile *t, size_t vectors, bool a_unsigned) {
  bt_sums s;
  bt_start_512(t, vectors, &s);
  /* Counted up to 0 from the offsets' ends: one register less. */
  const int32_t *a_end = t->a_offset + t->words, *b_end = t->b_offset + t->words;
  const uint8_t *volatile last = t->a[BT_TILE_ROWS - 1]; /* from memory each time: one less */
  for (ptrdiff_t w = -(ptrdiff_t)t->words; w != 0; w++) {
    add_word(t, last, a_end[w], b_end[w], vectors, a_unsigned, &s);
  }
  bt_finish_512(t, vectors, &s);
}

/* One vector: six sums are fewer than the instruction's latency needs, so two words in turn go
 * to sums of their own. */
BT_INLINE void narrow_tile(const bt_word_tile *t, bool a_unsigned) {
  bt_sums s, odd;
  const uint8_t *last = t->a[BT_TILE_ROWS - 1];
  size_t w = 0;
  bt_start_512(t, 1, &s);
#pragma GCC unroll 6
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    odd.at[r][0] = _mm512_setzero_si512();
  }
  for (; w + 2 <= t->words; w += 2) {
    add_word(t, last, t->a_offset[w], t->b_offset[w], 1, a_unsigned, &s);
    add_word(t, last, t->a_offset[w + 1], t->b_offset[w + 1], 1, a_unsigned, &odd);
  }
  if (w < t->words) {
    add_word(t, last, t->a_offset[w], t->b_offset[w], 1, a_unsigned, &s);
  }
#pragma GCC unroll 6
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    s.at[r][0] = _mm512_add_epi32(s.at[r][0], odd.at[r][0]);
  }
  bt_finish_512(t, 1, &s);
}

BT_INLINE void by_vectors(const bt_word_tile *t, bool a_unsigned) {
  switch (t->vectors) {
    case 1:
      narrow_tile(t, a_unsigned);
      break;
    case 2:
      tile(t, 2, a_unsigned);
      break;
    case 3:
      tile(t, 3, a_unsigned);
      break;
    default:
      tile(t, 4, a_unsigned);
      break;
  }
}

void bt_tile_6x64_vnni_a(const bt_word_tile *t) { by_vectors(t, true); }
void bt_tile_6x64_vnni_b(const bt_word_tile *t) { by_vectors(t, false); }
