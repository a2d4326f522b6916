/* Vectors as wide as the instruction set that a file is compiled for, and their stores as bytes.
 * Where SIMDe stands in for AVX-512 they are as wide as there, and the compiler splits them. */
#ifndef BT_FAST_QUANTIZE_VECTOR_H
#define BT_FAST_QUANTIZE_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512BW__) || defined(BT_EMULATE_AVX512)
#include "fast/simd512.h"
#define BT_VECTOR 64
#elif defined(__AVX2__)
#include <immintrin.h>
#define BT_VECTOR 32
#else
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#define BT_VECTOR 16
#endif
#define BT_WORDS (BT_VECTOR / 4u) /* 32-bit words of a vector */
#define BT_HALVES (BT_VECTOR / 2u)

typedef int32_t bt_v32 __attribute__((vector_size(BT_VECTOR)));
typedef uint32_t bt_u32 __attribute__((vector_size(BT_VECTOR)));
typedef int16_t bt_v16 __attribute__((vector_size(BT_VECTOR)));
typedef int8_t bt_v8 __attribute__((vector_size(BT_VECTOR)));
typedef int16_t bt_half __attribute__((vector_size(BT_VECTOR / 2)));
typedef int8_t bt_quarter __attribute__((vector_size(BT_VECTOR / 4)));

#define BT_LOOP static inline __attribute__((always_inline))

BT_LOOP bt_v32 bt_load32(const void *p) {
  bt_v32 v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* As many int16, or int8, as words of a vector, widened; by intrinsics where there are some (SIMDe
 * lacks them), as the compiler takes wide vectors apart for it. */
BT_LOOP bt_v32 bt_load16(const int16_t *p) {
#if BT_VECTOR == 64 && !defined(BT_EMULATE_AVX512)
  return (bt_v32)_mm512_cvtepi16_epi32(_mm256_loadu_si256((const void *)p));
#elif BT_VECTOR == 32
  return (bt_v32)_mm256_cvtepi16_epi32(_mm_loadu_si128((const void *)p));
#else
  bt_half v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, bt_v32);
#endif
}

BT_LOOP bt_v32 bt_load8(const int8_t *p) {
#if BT_VECTOR == 64 && !defined(BT_EMULATE_AVX512)
  return (bt_v32)_mm512_cvtepi8_epi32(_mm_loadu_si128((const void *)p));
#elif BT_VECTOR == 32
  return (bt_v32)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const void *)p));
#else
  bt_quarter v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, bt_v32);
#endif
}

/* One count for shifts of all words: a vector where each word can have its own
 * (BT_SHIFTS_EACH), as such shifts take one step and those by one count two on many CPUs; so the
 * compiler must not see that its words are equal. */
#if BT_VECTOR == 16
#define BT_SHIFTS_EACH 0
typedef uint32_t bt_count;
BT_LOOP bt_count bt_count_of(uint32_t x) { return x; }
BT_LOOP bt_v32 bt_shift_signed(bt_v32 v, bt_count n) { return v >> (int32_t)n; }
#else
#define BT_SHIFTS_EACH 1
typedef bt_u32 bt_count;
BT_LOOP bt_count bt_count_of(uint32_t x) {
  bt_u32 v = x - (bt_u32){0};
#if defined(__AVX512BW__)
  __asm__("" : "+v"(v));
#elif BT_VECTOR == 32
  __asm__("" : "+x"(v));
#endif
  return v;
}
BT_LOOP bt_v32 bt_shift_signed(bt_v32 v, bt_count n) { return v >> (bt_v32)n; }
#endif

BT_LOOP bt_v32 bt_min32(bt_v32 a, bt_v32 b) {
  bt_v32 less = a < b;
  return (a & less) | (b & ~less);
}

BT_LOOP bt_v32 bt_max32(bt_v32 a, bt_v32 b) {
  bt_v32 less = a < b;
  return (b & less) | (a & ~less);
}

/* Two vectors as one of half the element size, elements held at the ends of its range; in the
 * order that the instruction set's packing leaves: bt_in_order16() and bt_in_order8() undo it. */
BT_LOOP bt_v16 bt_pack32(bt_v32 a, bt_v32 b) {
#if BT_VECTOR == 64
  return (bt_v16)_mm512_packs_epi32((__m512i)a, (__m512i)b);
#elif BT_VECTOR == 32
  return (bt_v16)_mm256_packs_epi32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (bt_v16)_mm_packs_epi32((__m128i)a, (__m128i)b);
#else
  bt_v16 v;
  for (unsigned i = 0; i < BT_HALVES; i++) {
    int32_t x = i < BT_WORDS ? a[i] : b[i - BT_WORDS];
    v[i] = (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
  }
  return v;
#endif
}

BT_LOOP bt_v8 bt_pack16(bt_v16 a, bt_v16 b) {
#if BT_VECTOR == 64
  return (bt_v8)_mm512_packs_epi16((__m512i)a, (__m512i)b);
#elif BT_VECTOR == 32
  return (bt_v8)_mm256_packs_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (bt_v8)_mm_packs_epi16((__m128i)a, (__m128i)b);
#else
  bt_v8 v;
  for (unsigned i = 0; i < BT_VECTOR; i++) {
    int16_t x = i < BT_HALVES ? a[i] : b[i - BT_HALVES];
    v[i] = (int8_t)(x < INT8_MIN ? INT8_MIN : x > INT8_MAX ? INT8_MAX : x);
  }
  return v;
#endif
}

/* Of two packed vectors: each 128 bits hold 64 of the first one's elements, then the second's. */
BT_LOOP bt_v16 bt_in_order16(bt_v16 v) {
#if BT_VECTOR == 64
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  return (bt_v16)_mm512_permutexvar_epi64(order, (__m512i)v);
#elif BT_VECTOR == 32
  return (bt_v16)_mm256_permute4x64_epi64((__m256i)v, 0xD8);
#else
  return v;
#endif
}

/* Of four, packed twice: each 128 bits hold 32 of each. */
BT_LOOP bt_v8 bt_in_order8(bt_v8 v) {
#if BT_VECTOR == 64
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return (bt_v8)_mm512_permutexvar_epi32(order, (__m512i)v);
#elif BT_VECTOR == 32
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  return (bt_v8)_mm256_permutevar8x32_epi32((__m256i)v, order);
#else
  return v;
#endif
}

#endif
