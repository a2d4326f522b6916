/* The loops of exact sums (numerics 11.2) and of the extremes of columns, compiled once for each
 * instruction set (reduce_portable.c, reduce_avx2.c, reduce_avx512.c). Two rows are interleaved, so
 * that one instruction multiplies both and adds the products in 32 bits. */
#ifndef BT_FAST_SUMS_LOOPS_H
#define BT_FAST_SUMS_LOOPS_H

#include "fast/kernels.h"
#include "fast/quantize_vector.h"

/* Row pairs between two flushes to 64 bits: their sums fit 32 bits, and their bytes the first
 * cache. */
#define BT_SUMS_PAIRS 64u
#define BT_SUMS_LEAST_PAIRS 8u
#define BT_SUMS_BYTES 16384u

/* A sum of two products of int16 lies in -BT_SUMS_BIAS .. 2^31: with the bias added it is 32
 * unsigned bits, whose halves are summed apart. */
#define BT_SUMS_BIAS UINT32_C(0x7FFF0000)

BT_LOOP bt_v16 bt_sums_read(const void *x, bool wide) {
  bt_v16 v;
  if (wide) {
    memcpy(&v, x, sizeof v);
    return v;
  }
#if BT_VECTOR == 64 && !defined(BT_EMULATE_AVX512)
  return (bt_v16)_mm512_cvtepi8_epi16(_mm256_loadu_si256(x));
#elif BT_VECTOR == 32
  return (bt_v16)_mm256_cvtepi8_epi16(_mm_loadu_si128(x));
#else
  typedef int8_t bt_narrow __attribute__((vector_size(BT_VECTOR / 2)));
  bt_narrow n;
  memcpy(&n, x, sizeof n);
  return __builtin_convertvector(n, bt_v16);
#endif
}

/* Elements of a and b by turns, of every 16 bytes the lower or the upper half. */
BT_LOOP bt_v16 bt_sums_interleave(bool upper, bt_v16 a, bt_v16 b) {
#if BT_VECTOR == 64
  return (bt_v16)(upper ? _mm512_unpackhi_epi16((__m512i)a, (__m512i)b)
                        : _mm512_unpacklo_epi16((__m512i)a, (__m512i)b));
#elif BT_VECTOR == 32
  return (bt_v16)(upper ? _mm256_unpackhi_epi16((__m256i)a, (__m256i)b)
                        : _mm256_unpacklo_epi16((__m256i)a, (__m256i)b));
#else
  bt_v16 v;
  for (unsigned i = 0; i < BT_HALVES; i++) {
    v[i] = (i % 2 == 0 ? a : b)[i / 2 + (upper ? BT_WORDS : 0)];
  }
  return v;
#endif
}

/* a[2i] * b[2i] + a[2i+1] * b[2i+1], modulo 2^32. */
BT_LOOP bt_u32 bt_sums_multiply(bt_v16 a, bt_v16 b) {
#if BT_VECTOR == 64
  return (bt_u32)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif BT_VECTOR == 32
  return (bt_u32)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (bt_u32)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  bt_u32 v;
  for (unsigned i = 0; i < BT_WORDS; i++) {
    v[i] = (uint32_t)(a[2 * i] * b[2 * i]) + (uint32_t)(a[2 * i + 1] * b[2 * i + 1]);
  }
  return v;
#endif
}

/* Of a vector of columns, in the order of bt_sums_interleave(). */
typedef struct {
  bt_u32 first[2], second[2], top[2];
} bt_sums;

BT_LOOP void bt_sums_add(bool pair, bool wide_x, bool wide_y, bt_v16 a, bt_v16 b, bt_v16 c,
                         bt_v16 d, bt_sums *s) {
  const bt_v16 ones = (bt_v16){0} + 1;
#pragma GCC unroll 2
  for (unsigned h = 0; h < 2; h++) {
    bt_v16 x = bt_sums_interleave(h == 1, a, b), y = pair ? bt_sums_interleave(h == 1, c, d) : x;
    bt_u32 p = bt_sums_multiply(x, y);
    s->first[h] += bt_sums_multiply(x, ones);
    if (wide_x && wide_y) {
      p += BT_SUMS_BIAS;
      s->top[h] += p >> 16;
      p &= 0xFFFF;
    }
    s->second[h] += p;
  }
}

/* The columns of a vector of `pairs` row pairs, to 64 bits; column 0 of them is number `from`. */
BT_LOOP void bt_sums_flush(bool biased, size_t pairs, const bt_sums *s, size_t from,
                           size_t columns, int64_t *first, int64_t *second) {
  uint32_t part[3][BT_HALVES];
  memcpy(part[0], s->first, sizeof part[0]);
  memcpy(part[1], s->second, sizeof part[1]);
  memcpy(part[2], s->top, sizeof part[2]);
  size_t column = from % columns;
  for (unsigned i = 0; i < BT_HALVES; i++) {
    unsigned at = i / 8 * 4 + i % 4 + (i / 4 % 2) * BT_WORDS;
    int64_t more = biased ? (int64_t)part[1][at] + ((int64_t)part[2][at] << 16) -
                                (int64_t)pairs * BT_SUMS_BIAS
                          : (int32_t)part[1][at];
    first[column] += (int32_t)part[0][at];
    second[column] += more;
    column = column + 1 == columns ? 0 : column + 1;
  }
}

BT_LOOP const uint8_t *bt_sums_at(const void *x, bool wide, size_t i) {
  return (const uint8_t *)x + i * (wide ? 2 : 1);
}

/* `pairs` row pairs of c from element `at` on: a vector of columns, rows `stride` apart. */
BT_LOOP void bt_sums_columns(bool pair, bool wide_x, bool wide_y, const bt_columns *c, size_t at,
                             size_t stride, size_t pairs, bt_sums *s) {
  const bt_v16 none = {0};
  for (size_t i = 0; i < pairs; i++, at += 2 * stride) {
    bt_v16 a = bt_sums_read(bt_sums_at(c->x, wide_x, at), wide_x);
    bt_v16 b = bt_sums_read(bt_sums_at(c->x, wide_x, at + stride), wide_x);
    bt_sums_add(pair, wide_x, wide_y, a, b,
                pair ? bt_sums_read(bt_sums_at(c->y, wide_y, at), wide_y) : none,
                pair ? bt_sums_read(bt_sums_at(c->y, wide_y, at + stride), wide_y) : none, s);
  }
}

BT_LOOP int64_t bt_sums_one(const void *x, bool wide, size_t i) {
  return wide ? ((const int16_t *)x)[i] : ((const int8_t *)x)[i];
}

/* Rows that make one of a whole number of vectors. */
BT_LOOP size_t bt_sums_fold(size_t columns) {
  size_t fold = 1;
  while (columns * fold % BT_HALVES != 0) {
    fold *= 2; /* a vector is a power of two */
  }
  return fold;
}

BT_LOOP void bt_sums_kind(bool pair, bool wide_x, bool wide_y, const bt_columns *c,
                          int64_t *first, int64_t *second) {
  const bool biased = wide_x && wide_y;
  size_t fold = bt_sums_fold(c->columns), width = fold * c->columns, rows = c->rows / fold;
  size_t most = BT_SUMS_BYTES / (2 * width * (wide_x ? 2 : 1));
  most = most < BT_SUMS_LEAST_PAIRS ? BT_SUMS_LEAST_PAIRS : most;
  most = most > BT_SUMS_PAIRS ? BT_SUMS_PAIRS : most;
  for (size_t p = 0, n; p < rows / 2; p += n) {
    n = rows / 2 - p < most ? rows / 2 - p : most;
    for (size_t from = 0; from < width; from += BT_HALVES) {
      bt_sums s = {0};
      bt_sums_columns(pair, wide_x, wide_y, c, 2 * p * width + from, width, n, &s);
      bt_sums_flush(biased, n, &s, from, c->columns, first, second);
    }
  }
  for (size_t i = rows / 2 * 2 * width; i < c->rows * c->columns; i++) {
    int64_t a = bt_sums_one(c->x, wide_x, i), b = pair ? bt_sums_one(c->y, wide_y, i) : a;
    first[i % c->columns] += a;
    second[i % c->columns] += a * b;
  }
}

BT_LOOP void bt_loop_sums(const bt_columns *c, int64_t *first, int64_t *second) {
  if (c->kind == BT_MOMENTS && c->wide_x) {
    bt_sums_kind(false, true, true, c, first, second);
  } else if (c->kind == BT_MOMENTS) {
    bt_sums_kind(false, false, false, c, first, second);
  } else if (c->wide_x && c->wide_y) {
    bt_sums_kind(true, true, true, c, first, second);
  } else if (c->wide_x) {
    bt_sums_kind(true, true, false, c, first, second);
  } else if (c->wide_y) {
    bt_sums_kind(true, false, true, c, first, second);
  } else {
    bt_sums_kind(true, false, false, c, first, second);
  }
}

#endif
