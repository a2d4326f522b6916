/* The loops of a quantization of floats: compiled once for each instruction set. Floats are read
 * as the integers they are made of, so that no state of the floating-point unit matters. */
#ifndef BT_FAST_FLOAT32_LOOPS_H
#define BT_FAST_FLOAT32_LOOPS_H

#include "fast/quantize_loops.h"

/* The largest of the bits below the sign. */
BT_LOOP uint32_t bt_loop_float_magnitude(size_t n, const float *x) {
  int32_t largest = 0;
  for (size_t i = 0; i < n; i++) {
    union {
      float value;
      int32_t bits;
    } u = {x[i]};
    int32_t magnitude = u.bits & INT32_MAX;
    largest = magnitude > largest ? magnitude : largest;
  }
  return (uint32_t)largest;
}

#if BT_SHIFTS_EACH

/* round() of floats whose exponent field f, 1 for a denormal, stands for a surplus of k - f, 17 or
 * more: mantissas have 24 bits. Surpluses above 30 round as 30 does once the bits beyond are
 * dropped; the nearest ones and floor need not even drop them, as all is far below a half. */
BT_LOOP bt_v32 bt_round_float(bt_rounding mode, bt_u32 x, bt_v32 k, bt_u32 draw) {
  const bt_v32 zero = {0};
  bt_v32 field = (bt_v32)((x >> 23) & 0xFF), normal = field > zero, sign = (bt_v32)x >> 31;
  bt_v32 magnitude = (bt_v32)(x & 0x7FFFFF) | (normal & 0x800000);
  bt_v32 m = (magnitude ^ sign) - sign, s = k - field - normal - 1, shift = bt_min32(s, zero + 30);
  bt_u32 add = {0};
  if (mode == BT_STOCHASTIC) {
    m >>= bt_min32(s - shift, zero + 31);
    add = draw >> (bt_u32)(32 - shift);
  } else if (mode != BT_FLOOR) {
    bt_u32 half = ((bt_u32)zero + 1) << (bt_u32)(shift - 1);
    add = mode == BT_NEAREST_AWAY ? half + (bt_u32)sign : half - 1 + ((bt_u32)(m >> shift) & 1);
  }
  return (bt_v32)((bt_u32)m + add) >> shift;
}

/* One group; k has one entry for each element, or one for all where not `each`. */
BT_LOOP void bt_float_group(bt_loop_kind kind, const bt_quantizer *q, bt_drawer *d, const float *x,
                            const int32_t *k, bt_clip_counts *c, int8_t *out) {
#pragma GCC unroll 4
  for (unsigned part = 0; part < BT_GROUP / BT_PART; part++) {
    bt_v32 y[4];
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
      unsigned v = part * 4 + i;
      bt_u32 draw = {0};
      if (kind.mode == BT_STOCHASTIC) {
        draw = bt_draw_vector(d, kind.width, kind.skips, v);
      }
      bt_v32 all = *k - (bt_v32){0};
      y[i] = bt_round_float(kind.mode, (bt_u32)bt_load32(x + v * BT_WORDS),
                            kind.surplus == BT_EACH ? bt_load32(k + v * BT_WORDS) : all, draw);
    }
    bt_store_part(q, false, y, c, out + part * BT_PART);
  }
}

#else

BT_LOOP void bt_float_group(bt_loop_kind kind, const bt_quantizer *q, bt_drawer *d, const float *x,
                            const int32_t *k, bt_clip_counts *c, int8_t *out) {
  uint32_t draw[BT_GROUP];
  bt_loop_draws(kind, d, draw);
  c->in32[0] -= bt_each_floats(q, x, k, kind.surplus == BT_EACH, draw, out);
}

#endif

/* Whole groups. */
BT_LOOP uint64_t bt_float_elements(bt_loop_kind kind, const bt_quantizer *q, bt_lane_state *lanes,
                                   size_t n, const float *x, const int32_t *k, int8_t *out) {
  size_t step = kind.surplus == BT_EACH ? 1 : 0, i = 0;
  uint64_t clipped = 0;
  bt_quantizer own = *q;
  bt_drawer d = bt_drawer_of(lanes);
  int32_t all = *k; /* which the output cannot change */
  const int32_t *from = step == 0 ? &all : k;
  while (i < n) {
    bt_clip_counts c = {0};
    size_t end = n - i < BT_COUNTED ? n : i + BT_COUNTED;
    for (; i < end; i += BT_GROUP) {
      bt_float_group(kind, &own, &d, x + i, from + i * step, &c, out + i);
    }
    clipped += bt_counts_total(&c);
  }
  if (kind.mode == BT_STOCHASTIC) {
    memcpy(lanes->lane, d.x, sizeof lanes->lane);
  }
  lanes->at += n;
  return clipped;
}

BT_LOOP uint64_t bt_float_modes(bt_surplus_kind surplus, const bt_quantizer *q, bt_lane_state *l,
                                size_t n, const float *x, const int32_t *k, int8_t *out) {
  bt_loop_kind kind = {BT_STOCHASTIC, 16, false, surplus, false};
  switch (q->mode) {
    case BT_STOCHASTIC:
      if (l->width == 16 && l->skip == 0) {
        return bt_float_elements(kind, q, l, n, x, k, out);
      }
      kind.skips = true;
      if (l->width == 16) {
        return bt_float_elements(kind, q, l, n, x, k, out);
      }
      kind.skips = false;
      kind.width = 32;
      if (l->width == 32) {
        return bt_float_elements(kind, q, l, n, x, k, out);
      }
      kind.width = 64;
      return bt_float_elements(kind, q, l, n, x, k, out);
    case BT_NEAREST_EVEN:
      kind.mode = BT_NEAREST_EVEN;
      return bt_float_elements(kind, q, l, n, x, k, out);
    case BT_NEAREST_AWAY:
      kind.mode = BT_NEAREST_AWAY;
      return bt_float_elements(kind, q, l, n, x, k, out);
    case BT_FLOOR:
    default:
      kind.mode = BT_FLOOR;
      return bt_float_elements(kind, q, l, n, x, k, out);
  }
}

BT_OUTLINE uint64_t bt_float_groups(const bt_quantizer *q, bt_lane_state *l, size_t n,
                                    const float *x, bool each, const int32_t *k, int8_t *out) {
  return each ? bt_float_modes(BT_EACH, q, l, n, x, k, out)
              : bt_float_modes(BT_ONE, q, l, n, x, k, out);
}

/* Whole groups, and the last n < 64 elements in a group filled up with zeros. */
BT_LOOP uint64_t bt_loop_float(const bt_quantizer *q, bt_lane_state *l, size_t n, const float *x,
                               bool each, const int32_t *k, int8_t *out) {
  size_t whole = n / BT_GROUP * BT_GROUP, rest = n - whole;
  uint64_t clipped = whole == 0 ? 0 : bt_float_groups(q, l, whole, x, each, k, out);
  if (rest == 0) {
    return clipped;
  }
  float value[BT_GROUP] = {0};
  int32_t own[BT_GROUP];
  int8_t result[BT_GROUP];
  memcpy(value, x + whole, rest * sizeof *x);
  for (size_t i = 0; i < BT_GROUP; i++) {
    own[i] = k[each ? whole + (i < rest ? i : 0) : 0];
  }
  clipped += bt_float_groups(q, l, BT_GROUP, value, each, own, result);
  memcpy(out + whole, result, rest);
  return clipped;
}

#endif
