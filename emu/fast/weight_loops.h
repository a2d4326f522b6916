/* The loops that pack a weight gradient, written so that a compiler vectorises them: compiled once
 * for each instruction set (weight_portable.c, weight_avx2.c, ...). */
#ifndef BT_FAST_WEIGHT_LOOPS_H
#define BT_FAST_WEIGHT_LOOPS_H

#include <string.h>

#include "fast/kernels.h"

#define BT_WEIGHT_LOOP static inline __attribute__((always_inline))

#define BT_LINE_WORDS 16u

BT_WEIGHT_LOOP void bt_loop_pair_line(size_t n, const int8_t *first, const int8_t *second,
                                      int16_t *restrict to) {
  for (size_t i = 0; i < n; i++) {
    to[2 * i] = first[i];
    to[2 * i + 1] = second[i];
  }
}

BT_WEIGHT_LOOP void bt_loop_pairs(size_t n, const int8_t *const *row, void *words, size_t step) {
  const int8_t *first = row[0], *second = row[1];
  uint8_t *to = words;
  size_t i = 0;
  for (; step != BT_LINE && i + BT_LINE_WORDS <= n; i += BT_LINE_WORDS, to += step) {
    bt_loop_pair_line(BT_LINE_WORDS, first + i, second + i, (void *)to);
  }
  bt_loop_pair_line(n - i, first + i, second + i, (void *)to);
}

BT_WEIGHT_LOOP void bt_loop_quad_line(size_t n, const int8_t *a, const int8_t *b, const int8_t *c,
                                      const int8_t *d, uint8_t flip, uint8_t *restrict to) {
  for (size_t i = 0; i < n; i++) {
    to[4 * i] = (uint8_t)a[i] ^ flip;
    to[4 * i + 1] = (uint8_t)b[i] ^ flip;
    to[4 * i + 2] = (uint8_t)c[i] ^ flip;
    to[4 * i + 3] = (uint8_t)d[i] ^ flip;
  }
}

BT_WEIGHT_LOOP void bt_loop_quads(size_t n, const int8_t *const *row, uint8_t flip, void *words,
                                  size_t step) {
  const int8_t *a = row[0], *b = row[1], *c = row[2], *d = row[3];
  uint8_t *to = words;
  size_t i = 0;
  for (; step != BT_LINE && i + BT_LINE_WORDS <= n; i += BT_LINE_WORDS, to += step) {
    bt_loop_quad_line(BT_LINE_WORDS, a + i, b + i, c + i, d + i, flip, to);
  }
  bt_loop_quad_line(n - i, a + i, b + i, c + i, d + i, flip, to);
}

BT_WEIGHT_LOOP void bt_loop_add_rows(size_t rows, size_t columns, const int8_t *m, int32_t *sum) {
  size_t r = 0;
  for (; r + 4 <= rows; r += 4, m += 4 * columns) {
    const int8_t *a = m, *b = m + columns, *c = b + columns, *d = c + columns;
    for (size_t j = 0; j < columns; j++) {
      sum[j] += (int16_t)(a[j] + b[j] + c[j] + d[j]);
    }
  }
  for (; r < rows; r++, m += columns) {
    for (size_t j = 0; j < columns; j++) {
      sum[j] += m[j];
    }
  }
}

#endif
