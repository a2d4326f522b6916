/* The loops of a reduction: compiled once for each instruction set (reduce_portable.c,
 * reduce_avx2.c, reduce_avx512.c). Columns are taken in strips; of few columns several rows make
 * one of a strip. A strip's partial results are 32 bits wide for as many rows as those hold. */
#ifndef BT_FAST_REDUCE_LOOPS_H
#define BT_FAST_REDUCE_LOOPS_H

#include "fast/kernels.h"

#define BT_REDUCE_LOOP static inline __attribute__((always_inline))
#define BT_STRIP 1024u
#define BT_STRIP_LEAST 64u
#define BT_STRIP_UNIT 16u

BT_REDUCE_LOOP int32_t bt_reduce_read(const void *x, bool wide, size_t i) {
  return wide ? ((const int16_t *)x)[i] : ((const int8_t *)x)[i];
}

BT_REDUCE_LOOP int64_t bt_reduce_join(bt_reduction kind, int64_t a, int64_t b) {
  return kind == BT_MIN ? (a < b ? a : b) : kind == BT_MAX ? (a > b ? a : b) : a + b;
}

/* Rows whose sums of products below 2^bits 32 bits hold; extremes need no limit. */
BT_REDUCE_LOOP size_t bt_reduce_rows(bt_reduction kind, bool wide_x, bool wide_y) {
  unsigned x = wide_x ? 15 : 7, y = wide_y ? 15 : 7;
  unsigned bits = kind == BT_SUM_XX ? 2 * x : kind == BT_SUM_XY ? x + y : x;
  return ((size_t)1 << (31 - bits)) - 1;
}

/* `rows` rows of `width` columns, `stride` apart, into 32-bit partial results. */
BT_REDUCE_LOOP void bt_reduce_partial(bt_reduction kind, bool wide_x, bool wide_y, size_t rows,
                                      size_t width, size_t stride, const void *x, const void *y,
                                      int32_t *restrict part) {
  for (size_t i = 0; i < rows; i++) {
    size_t at = i * stride;
    for (size_t j = 0; j < width; j++) {
      int32_t a = bt_reduce_read(x, wide_x, at + j);
      int32_t b = kind == BT_SUM_XX ? a : kind == BT_SUM_XY ? bt_reduce_read(y, wide_y, at + j) : 1;
      int32_t p = part[j];
      part[j] = kind == BT_MIN ? (a < p ? a : p) : kind == BT_MAX ? (a > p ? a : p) : p + a * b;
    }
  }
}

/* The sums of bytes: 16 bits hold those of 255 rows. */
BT_REDUCE_LOOP void bt_reduce_bytes(size_t rows, size_t width, size_t stride, const int8_t *x,
                                    int64_t *restrict result) {
  int16_t part[BT_STRIP];
  for (size_t first = 0; first < rows; first += 255) {
    size_t end = rows - first < 255 ? rows : first + 255;
    for (size_t j = 0; j < width; j++) {
      part[j] = 0;
    }
    for (size_t i = first; i < end; i++) {
      const int8_t *restrict row = x + i * stride;
      for (size_t j = 0; j < width; j++) {
        part[j] = (int16_t)(part[j] + row[j]);
      }
    }
    for (size_t j = 0; j < width; j++) {
      result[j] += part[j];
    }
  }
}

BT_REDUCE_LOOP const void *bt_reduce_at(const void *x, bool wide, size_t i) {
  return x == NULL ? NULL : (const uint8_t *)x + i * (wide ? 2 : 1);
}

BT_REDUCE_LOOP void bt_reduce_strip(bt_reduction kind, bool wide_x, bool wide_y, size_t rows,
                                    size_t width, size_t stride, const void *x, const void *y,
                                    int64_t *restrict result) {
  if (kind == BT_SUM && !wide_x) {
    bt_reduce_bytes(rows, width, stride, x, result);
    return;
  }
  int32_t part[BT_STRIP], start = kind == BT_MIN ? INT32_MAX : kind == BT_MAX ? INT32_MIN : 0;
  size_t limit = bt_reduce_rows(kind, wide_x, wide_y);
  for (size_t first = 0, end; first < rows; first = end) {
    end = rows - first < limit ? rows : first + limit;
    for (size_t j = 0; j < width; j++) {
      part[j] = start;
    }
    bt_reduce_partial(kind, wide_x, wide_y, end - first, width, stride,
                      bt_reduce_at(x, wide_x, first * stride),
                      bt_reduce_at(y, wide_y, first * stride), part);
    for (size_t j = 0; j < width; j++) {
      result[j] = bt_reduce_join(kind, result[j], part[j]);
    }
  }
}

/* How many rows make one of a strip. */
BT_REDUCE_LOOP size_t bt_reduce_fold(size_t columns) {
  size_t fold = 1;
  if (columns < BT_STRIP_LEAST) {
    while (columns * fold % BT_STRIP_UNIT != 0 || columns * fold < BT_STRIP_LEAST) {
      fold++;
    }
  }
  return fold;
}

BT_REDUCE_LOOP void bt_reduce_all(bt_reduction kind, bool wide_x, bool wide_y, const bt_columns *c,
                                  int64_t *result) {
  size_t fold = bt_reduce_fold(c->columns), width = fold * c->columns, rows = c->rows / fold;
  int64_t start = kind == BT_MIN ? INT64_MAX : kind == BT_MAX ? INT64_MIN : 0, strip[BT_STRIP];
  for (size_t from = 0; from < width; from += BT_STRIP) {
    size_t n = width - from < BT_STRIP ? width - from : BT_STRIP;
    for (size_t j = 0; j < n; j++) {
      strip[j] = start;
    }
    bt_reduce_strip(kind, wide_x, wide_y, rows, n, width, bt_reduce_at(c->x, wide_x, from),
                    bt_reduce_at(c->y, wide_y, from), strip);
    for (size_t j = 0; j < n; j++) {
      int64_t *r = &result[(from + j) % c->columns];
      *r = bt_reduce_join(kind, *r, strip[j]);
    }
  }
  for (size_t i = rows * width; i < c->rows * c->columns; i++) { /* rows short of a strip's */
    int64_t a = bt_reduce_read(c->x, wide_x, i), *r = &result[i % c->columns];
    int64_t b = kind == BT_SUM_XX   ? a
                : kind == BT_SUM_XY ? bt_reduce_read(c->y, wide_y, i)
                                    : 1;
    *r = bt_reduce_join(kind, *r, a * b);
  }
}

BT_REDUCE_LOOP void bt_reduce_wide(bt_reduction kind, const bt_columns *c, int64_t *result) {
  if (c->wide_x) {
    bt_reduce_all(kind, true, true, c, result);
  } else {
    bt_reduce_all(kind, false, false, c, result);
  }
}

BT_REDUCE_LOOP void bt_loop_reduce(const bt_columns *c, int64_t *result) {
  switch (c->kind) {
    case BT_SUM_XX:
      bt_reduce_wide(BT_SUM_XX, c, result);
      break;
    case BT_SUM_XY:
      if (c->wide_x != c->wide_y) {
        bt_reduce_all(BT_SUM_XY, c->wide_x, c->wide_y, c, result);
      } else {
        bt_reduce_wide(BT_SUM_XY, c, result);
      }
      break;
    case BT_MIN:
      bt_reduce_wide(BT_MIN, c, result);
      break;
    case BT_MAX:
      bt_reduce_wide(BT_MAX, c, result);
      break;
    case BT_SUM:
    default:
      bt_reduce_wide(BT_SUM, c, result);
  }
}

#endif
