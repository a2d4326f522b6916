/* The loops around the tiles of windows: compiled once for each instruction set
 * (windows_portable.c, windows_avx2.c, windows_vnni.c). fast/dispatch.h says what they compute. */
#ifndef BT_FAST_WINDOWS_LOOPS_H
#define BT_FAST_WINDOWS_LOOPS_H

#include <string.h>

#include "fast/kernels.h"

#define BT_WINDOW_LOOP static inline __attribute__((always_inline))

BT_WINDOW_LOOP void bt_loop_widen(size_t n, const int8_t *from, int16_t *to) {
  for (size_t i = 0; i < n; i++) {
    to[i] = from[i];
  }
}

/* + 128 as unsigned bytes. */
BT_WINDOW_LOOP void bt_loop_offset(size_t n, const int8_t *from, uint8_t *to) {
  for (size_t i = 0; i < n; i++) {
    to[i] = (uint8_t)((uint8_t)from[i] ^ 0x80u);
  }
}

BT_WINDOW_LOOP void bt_loop_pair_runs(size_t words, size_t columns, const int8_t *from, size_t step,
                                      uint8_t *to, size_t to_step) {
  for (size_t j = 0; j < columns; j++) {
    const int8_t *m = from + j * step;
    for (size_t w = 0; w < words; w++) {
      int16_t pair[2] = {m[2 * w], m[2 * w + 1]};
      memcpy(to + w * to_step + 4 * j, pair, sizeof pair);
    }
  }
}

BT_WINDOW_LOOP void bt_loop_quad_runs(size_t words, size_t columns, const int8_t *from, size_t step,
                                      uint8_t *to, size_t to_step) {
  for (size_t j = 0; j < columns; j++) {
    for (size_t w = 0; w < words; w++) {
      memcpy(to + w * to_step + 4 * j, from + j * step + 4 * w, 4);
    }
  }
}

BT_WINDOW_LOOP void bt_loop_pair_rows(size_t columns, const int8_t *const *row, const uint8_t *lift,
                                      uint8_t *to) {
  const int8_t *even = row[0], *odd = row[1];
  int16_t by_even = (int16_t)(1 << lift[0]), by_odd = (int16_t)(1 << lift[1]);
  for (size_t j = 0; j < columns; j++) {
    int16_t pair[2] = {(int16_t)(even[j] * by_even), (int16_t)(odd[j] * by_odd)};
    memcpy(to + 4 * j, pair, sizeof pair);
  }
}

BT_WINDOW_LOOP void bt_loop_quad_rows(size_t columns, const int8_t *const *row, uint8_t *to) {
  const int8_t *a = row[0], *b = row[1], *c = row[2], *d = row[3];
  for (size_t j = 0; j < columns; j++) {
    uint32_t word = (uint32_t)(uint8_t)a[j] | (uint32_t)(uint8_t)b[j] << 8 |
                    (uint32_t)(uint8_t)c[j] << 16 | (uint32_t)(uint8_t)d[j] << 24;
    memcpy(to + 4 * j, &word, sizeof word);
  }
}

BT_WINDOW_LOOP void bt_loop_align(size_t n, int32_t *m, unsigned left, unsigned right) {
  for (size_t j = 0; j < n; j++) {
    m[j] = (int32_t)((uint32_t)m[j] << left) >> right;
  }
}

BT_WINDOW_LOOP void bt_loop_extremes(size_t n, const int32_t *m, int32_t *low, int32_t *high) {
  for (size_t j = 0; j < n; j++) {
    low[j] = m[j] < low[j] ? m[j] : low[j];
    high[j] = m[j] > high[j] ? m[j] : high[j];
  }
}

#endif
