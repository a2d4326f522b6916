/* The loops of a quantization, written so that a compiler vectorises them: compiled once for each
 * instruction set (quantize_portable.c, quantize_avx2.c). */
#ifndef BT_FAST_QUANTIZE_LOOPS_H
#define BT_FAST_QUANTIZE_LOOPS_H

#include "fast/kernels.h"

#define BT_LOOP static inline __attribute__((always_inline))

BT_LOOP uint32_t bt_loop_magnitude(int32_t m) {
  uint32_t sign = 0 - ((uint32_t)m >> 31);
  return ((uint32_t)m ^ sign) - sign;
}

BT_LOOP void bt_loop_magnitudes(size_t n, size_t columns, const int32_t *m, uint32_t *magnitude) {
  if (columns == 1) {
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++) {
      all |= bt_loop_magnitude(m[i]);
    }
    magnitude[0] |= all;
    return;
  }
  for (size_t i = 0; i < n; i++, m += columns) {
    for (size_t j = 0; j < columns; j++) {
      magnitude[j] |= bt_loop_magnitude(m[j]);
    }
  }
}

/* One draw of each lane, as bt_lfsr_draw(). */
BT_LOOP void bt_loop_round(uint32_t *restrict lane, size_t lanes, unsigned bits,
                           uint32_t *restrict draws) {
  uint32_t mask = (UINT32_C(1) << bits) - 1;
  for (size_t l = 0; l < lanes; l++) {
    uint32_t x = lane[l], r = x & mask;
    lane[l] = (x >> bits) ^ (r << (32 - bits)) ^ (r << (30 - bits)) ^ (r << (26 - bits)) ^
              (r << (25 - bits));
    draws[l] = r;
  }
}

BT_LOOP void bt_loop_draw(uint32_t *lane, size_t lanes, size_t rounds, unsigned bits,
                          uint32_t *draws) {
  for (size_t i = 0; i < rounds; i++, draws += lanes) {
    if (lanes == 16) {
      bt_loop_round(lane, 16, bits, draws);
    } else {
      bt_loop_round(lane, lanes, bits, draws);
    }
  }
}

/* Element i by the entries e of its step (0 where uniform). */
BT_LOOP int32_t bt_loop_rounded(bt_rounding mode, const bt_round_steps *s, size_t e, int32_t m,
                                uint32_t draw) {
  int32_t quotient = m >> s->shift[e];
  uint32_t rest = (uint32_t)m & ((UINT32_C(1) << s->shift[e]) - 1), add = 0;
  if (mode == BT_STOCHASTIC) {
    add = (draw >> s->right[e]) << s->up[e];
  } else if (mode == BT_NEAREST_EVEN) {
    add = s->half[e] - s->tie[e] + ((uint32_t)quotient & s->tie[e]);
  } else if (mode == BT_NEAREST_AWAY) {
    add = s->half[e] - (((uint32_t)m >> 31) & s->tie[e]);
  }
  return (int32_t)(((uint32_t)quotient + ((rest + add) >> s->shift[e])) << s->left[e]);
}

BT_LOOP uint64_t bt_loop_elements(bt_rounding mode, bool uniform, bool wide_out,
                                  const bt_quantizer *q, size_t n, const int32_t *restrict m,
                                  const uint32_t *restrict draws, void *restrict out) {
  bt_round_steps s = q->step;
  uint32_t only[6] = {s.shift[0], s.left[0], s.right[0], s.up[0], s.half[0], s.tie[0]};
  if (uniform) { /* local copies: the outputs cannot change them */
    s = (bt_round_steps){&only[0], &only[1], &only[2], &only[3], &only[4], &only[5]};
  }
  int32_t low = q->low, high = q->high;
  uint32_t clipped = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t draw = mode == BT_STOCHASTIC ? draws[i] : 0;
    int32_t x = bt_loop_rounded(mode, &s, uniform ? 0 : i, m[i], draw);
    int32_t y = x < low ? low : x > high ? high : x;
    clipped += x != y;
    if (wide_out) {
      ((int16_t *)out)[i] = (int16_t)y;
    } else {
      ((int8_t *)out)[i] = (int8_t)y;
    }
  }
  return clipped;
}

BT_LOOP uint64_t bt_loop_mode(bt_rounding mode, const bt_quantizer *q, size_t n, const int32_t *m,
                              const uint32_t *draws, void *out) {
  if (q->wide_out) {
    return q->uniform ? bt_loop_elements(mode, true, true, q, n, m, draws, out)
                      : bt_loop_elements(mode, false, true, q, n, m, draws, out);
  }
  return q->uniform ? bt_loop_elements(mode, true, false, q, n, m, draws, out)
                    : bt_loop_elements(mode, false, false, q, n, m, draws, out);
}

BT_LOOP uint64_t bt_loop_quantize(const bt_quantizer *q, size_t n, const int32_t *m,
                                  const uint32_t *draws, void *out) {
  switch (q->mode) {
    case BT_STOCHASTIC:
      return bt_loop_mode(BT_STOCHASTIC, q, n, m, draws, out);
    case BT_NEAREST_EVEN:
      return bt_loop_mode(BT_NEAREST_EVEN, q, n, m, draws, out);
    case BT_NEAREST_AWAY:
      return bt_loop_mode(BT_NEAREST_AWAY, q, n, m, draws, out);
    case BT_FLOOR:
    default:
      return bt_loop_mode(BT_FLOOR, q, n, m, draws, out);
  }
}

#endif
