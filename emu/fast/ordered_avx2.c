/* Ordered accumulation, for AVX2: 3 rows by 32 columns in 16-bit lanes, by 16 in 32-bit ones. */
#include <immintrin.h>
#include <stdint.h>

#define BT_VECTOR 32
#define BT_ROWS 3u
#define BT_SIDE 2u
typedef uint16_t v16 __attribute__((vector_size(BT_VECTOR)));
typedef uint32_t v32 __attribute__((vector_size(BT_VECTOR)));
#define V(x) ((__m256i)(x))

static inline v16 sra16(v16 a, int n) { return (v16)_mm256_sra_epi16(V(a), _mm_cvtsi32_si128(n)); }
static inline v32 sra32(v32 a, int n) { return (v32)_mm256_sra_epi32(V(a), _mm_cvtsi32_si128(n)); }
static inline v16 adds16(v16 a, v16 b) { return (v16)_mm256_adds_epi16(V(a), V(b)); }
static inline v16 mulhi16(v16 a, v16 b) { return (v16)_mm256_mulhi_epi16(V(a), V(b)); }
static inline v32 mul32(v32 a, v32 b) { return (v32)_mm256_madd_epi16(V(a), V(b)); }
static inline v16 min16(v16 a, v16 b) { return (v16)_mm256_min_epi16(V(a), V(b)); }
static inline v16 max16(v16 a, v16 b) { return (v16)_mm256_max_epi16(V(a), V(b)); }
static inline v32 min32(v32 a, v32 b) { return (v32)_mm256_min_epi32(V(a), V(b)); }
static inline v32 max32(v32 a, v32 b) { return (v32)_mm256_max_epi32(V(a), V(b)); }
static inline v16 equal16(v16 tally, v16 x, v16 y) { return tally + (v16)(x == y); }
static inline v32 equal32(v32 tally, v32 x, v32 y) { return tally + (v32)(x == y); }
static inline int any16(v16 x) { return !_mm256_testz_si256(V(x), V(x)); }
static inline int any32(v32 x) { return !_mm256_testz_si256(V(x), V(x)); }

static inline v16 low16(v16 a, v16 b) { return (v16)_mm256_unpacklo_epi16(V(a), V(b)); }
static inline v16 high16(v16 a, v16 b) { return (v16)_mm256_unpackhi_epi16(V(a), V(b)); }
static inline __m128i load128(const uint16_t *p) { return _mm_loadu_si128((const __m128i *)p); }
static inline v16 load_eights(const uint16_t *p, size_t step) {
  return (v16)_mm256_set_m128i(load128(p + step), load128(p));
}
static inline v32 widen(const uint16_t *p) { return (v32)_mm256_cvtepu16_epi32(load128(p)); }
static inline void store_group(uint16_t *p, const v32 *x) {
  __m256i words = _mm256_packus_epi32(V(x[0]), V(x[1]));
  _mm256_storeu_si256((__m256i *)p, _mm256_permute4x64_epi64(words, 0xD8));
}

#include "fast/ordered_loops.h"

void bt_ordered_avx2(bt_ordered_kernels *k) { *k = ordered_kernels(); }
