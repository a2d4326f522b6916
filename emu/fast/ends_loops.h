/* The loop for the extremes of columns, compiled once for each instruction set (reduce_portable.c,
 * reduce_avx2.c, reduce_avx512.c). */
#ifndef BT_FAST_ENDS_LOOPS_H
#define BT_FAST_ENDS_LOOPS_H

#include "fast/kernels.h"
#include "fast/quantize_vector.h"

#define BT_ENDS_BYTES 16384u /* of rows that are gone through again for each vector of columns */

typedef struct {
  bt_v32 low, high; /* bytes, or 16 bits */
} bt_ends;

BT_LOOP void bt_ends_join8(bt_ends *e, bt_v32 v) {
#if BT_VECTOR == 64
  e->low = (bt_v32)_mm512_min_epi8((__m512i)e->low, (__m512i)v);
  e->high = (bt_v32)_mm512_max_epi8((__m512i)e->high, (__m512i)v);
#elif BT_VECTOR == 32
  e->low = (bt_v32)_mm256_min_epi8((__m256i)e->low, (__m256i)v);
  e->high = (bt_v32)_mm256_max_epi8((__m256i)e->high, (__m256i)v);
#else
  bt_v32 less = (bt_v32)((bt_v8)v < (bt_v8)e->low), more = (bt_v32)((bt_v8)v > (bt_v8)e->high);
  e->low = (v & less) | (e->low & ~less);
  e->high = (v & more) | (e->high & ~more);
#endif
}

BT_LOOP void bt_ends_join16(bt_ends *e, bt_v32 v) {
#if BT_VECTOR == 64
  e->low = (bt_v32)_mm512_min_epi16((__m512i)e->low, (__m512i)v);
  e->high = (bt_v32)_mm512_max_epi16((__m512i)e->high, (__m512i)v);
#elif BT_VECTOR == 32
  e->low = (bt_v32)_mm256_min_epi16((__m256i)e->low, (__m256i)v);
  e->high = (bt_v32)_mm256_max_epi16((__m256i)e->high, (__m256i)v);
#else
  bt_v32 less = (bt_v32)((bt_v16)v < (bt_v16)e->low), more = (bt_v32)((bt_v16)v > (bt_v16)e->high);
  e->low = (v & less) | (e->low & ~less);
  e->high = (v & more) | (e->high & ~more);
#endif
}

BT_LOOP int32_t bt_ends_one(const void *x, bool wide, size_t i) {
  return wide ? ((const int16_t *)x)[i] : ((const int8_t *)x)[i];
}

BT_LOOP void bt_ends_put(int32_t v, int32_t *low, int32_t *high) {
  *low = v < *low ? v : *low;
  *high = v > *high ? v : *high;
}

/* Rows first..end-1 of a vector of columns, the first number `from`. */
BT_LOOP void bt_ends_columns(bool wide, const bt_columns *c, size_t width, size_t first,
                             size_t end, size_t from, int32_t *low, int32_t *high) {
  const size_t size = wide ? 2 : 1;
  const uint8_t *x = (const uint8_t *)c->x + from * size;
  bt_ends e;
  e.low = e.high = bt_load32(x + first * width * size);
  for (size_t i = first + 1; i < end; i++) {
    bt_v32 v = bt_load32(x + i * width * size);
    if (wide) {
      bt_ends_join16(&e, v);
    } else {
      bt_ends_join8(&e, v);
    }
  }
  int16_t least[BT_HALVES], most[BT_HALVES]; /* or twice as many bytes */
  memcpy(least, &e.low, sizeof least);
  memcpy(most, &e.high, sizeof most);
  size_t column = from % c->columns;
  for (size_t i = 0; i < (size_t)BT_VECTOR / size; i++) {
    bt_ends_put(bt_ends_one(least, wide, i), &low[column], &high[column]);
    bt_ends_put(bt_ends_one(most, wide, i), &low[column], &high[column]);
    column = column + 1 == c->columns ? 0 : column + 1;
  }
}

BT_LOOP void bt_ends_kind(bool wide, const bt_columns *c, int32_t *low, int32_t *high) {
  const size_t lanes = wide ? BT_HALVES : (size_t)BT_VECTOR;
  size_t fold = 1; /* rows that make one of a whole number of vectors */
  while (c->columns * fold % lanes != 0) {
    fold *= 2;
  }
  size_t width = fold * c->columns, rows = c->rows / fold;
  size_t some = BT_ENDS_BYTES / (width * (wide ? 2 : 1)) + 8;
  for (size_t first = 0, end; first < rows; first = end) {
    end = rows - first < some ? rows : first + some;
    for (size_t from = 0; from < width; from += lanes) {
      bt_ends_columns(wide, c, width, first, end, from, low, high);
    }
  }
  for (size_t i = rows * width; i < c->rows * c->columns; i++) {
    bt_ends_put(bt_ends_one(c->x, wide, i), &low[i % c->columns], &high[i % c->columns]);
  }
}

BT_LOOP void bt_loop_ends(const bt_columns *c, int32_t *low, int32_t *high) {
  if (c->wide_x) {
    bt_ends_kind(true, c, low, high);
  } else {
    bt_ends_kind(false, c, low, high);
  }
}

#endif
