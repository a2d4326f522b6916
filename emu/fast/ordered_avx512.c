/* Ordered accumulation, for AVX-512: 6 rows by 64 columns in 16-bit lanes, by 32 in 32-bit ones. */
#include <stdint.h>
#include <string.h>

#include "fast/simd512.h"

#define BT_VECTOR 64
#define BT_ROWS 6u
#define BT_SIDE 2u
typedef uint16_t v16 __attribute__((vector_size(BT_VECTOR)));
typedef uint32_t v32 __attribute__((vector_size(BT_VECTOR)));
typedef int32_t signed32 __attribute__((vector_size(BT_VECTOR)));

/* Between vectors of the compiler and of the intrinsics, which are of another type in SIMDe. */
static inline __m512i to(const void *v) { return _mm512_loadu_si512(v); }
static inline v16 from16(__m512i x) {
  v16 v;
  _mm512_storeu_si512(&v, x);
  return v;
}
static inline v32 from32(__m512i x) {
  v32 v;
  _mm512_storeu_si512(&v, x);
  return v;
}

static inline v16 sra16(v16 a, int n) {
  return from16(_mm512_srav_epi16(to(&a), _mm512_set1_epi16((short)n)));
}
static inline v32 sra32(v32 a, int n) { return (v32)((signed32)a >> n); }
static inline v16 adds16(v16 a, v16 b) { return from16(_mm512_adds_epi16(to(&a), to(&b))); }
static inline v16 mulhi16(v16 a, v16 b) { return from16(_mm512_mulhi_epi16(to(&a), to(&b))); }
static inline v32 mul32(v32 a, v32 b) { return from32(_mm512_madd_epi16(to(&a), to(&b))); }
static inline v16 min16(v16 a, v16 b) { return from16(_mm512_min_epi16(to(&a), to(&b))); }
static inline v16 max16(v16 a, v16 b) { return from16(_mm512_max_epi16(to(&a), to(&b))); }
static inline v32 min32(v32 a, v32 b) { return from32(_mm512_min_epi32(to(&a), to(&b))); }
static inline v32 max32(v32 a, v32 b) { return from32(_mm512_max_epi32(to(&a), to(&b))); }
/* SIMDe 0.7.4 has no comparison of words. */
static inline v16 equal16(v16 tally, v16 x, v16 y) {
#ifdef BT_EMULATE_AVX512
  return tally + (v16)(x == y);
#else
  __m512i t = to(&tally);
  return from16(_mm512_mask_sub_epi16(t, _mm512_cmpeq_epi16_mask(to(&x), to(&y)), t,
                                      _mm512_set1_epi16(1)));
#endif
}
static inline v32 equal32(v32 tally, v32 x, v32 y) {
#ifdef BT_EMULATE_AVX512
  return tally + (v32)(x == y);
#else
  __m512i t = to(&tally);
  return from32(_mm512_mask_sub_epi32(t, _mm512_cmpeq_epi32_mask(to(&x), to(&y)), t,
                                      _mm512_set1_epi32(1)));
#endif
}
static inline int any32(v32 x) { return _mm512_test_epi32_mask(to(&x), to(&x)) != 0; }
static inline int any16(v16 x) { return any32((v32)x); }

static inline v16 low16(v16 a, v16 b) { return from16(_mm512_unpacklo_epi16(to(&a), to(&b))); }
static inline v16 high16(v16 a, v16 b) { return from16(_mm512_unpackhi_epi16(to(&a), to(&b))); }
static inline v16 load_eights(const uint16_t *p, size_t step) {
  uint16_t eights[32];
  for (size_t i = 0; i < 4; i++) {
    memcpy(eights + 8 * i, p + i * step, 16);
  }
  return from16(to(eights));
}
typedef uint16_t half16 __attribute__((vector_size(BT_VECTOR / 2)));
static inline v32 widen(const uint16_t *p) {
  half16 h;
  memcpy(&h, p, sizeof h);
  return __builtin_convertvector(h, v32);
}
static inline void store_group(uint16_t *p, const v32 *x) {
  half16 h = __builtin_convertvector(*x, half16);
  memcpy(p, &h, sizeof h);
}

#include "fast/ordered_loops.h"

void bt_ordered_avx512(bt_ordered_kernels *k) { *k = ordered_kernels(); }
