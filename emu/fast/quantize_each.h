/* Groups with any surplus for each element, from draws made before. Not inlined, so that there is
 * one of them whatever the lanes. Where vectors have no shifts by a count for each element they go
 * one by one: a compiler would take vector loops apart, at great length. */
#ifndef BT_FAST_QUANTIZE_EACH_H
#define BT_FAST_QUANTIZE_EACH_H

#include "fast/quantize_round.h"

#define BT_OUTLINE static __attribute__((noinline, unused))

#if BT_SHIFTS_EACH

/* Any s for each: as if held at -31..62. Above 31 the bits beyond are dropped first: a draw, of 25
 * bits at most, has none there, and for the nearest ones what is dropped only has to be told from
 * 0. */
BT_LOOP bt_v32 bt_round_each(bt_rounding mode, bt_v32 surplus, bt_v32 m, bt_u32 draw) {
  const bt_v32 zero = {0};
  bt_v32 s = bt_min32(bt_max32(surplus, zero - 31), zero + 62);
  bt_v32 right = bt_min32(bt_max32(s, zero), zero + 31), left = bt_max32(zero - s, zero);
  bt_v32 dropped = bt_max32(s - 31, zero), kept = m >> dropped;
  if (mode == BT_NEAREST_EVEN || mode == BT_NEAREST_AWAY) {
    bt_u32 back = (bt_u32)kept << (bt_u32)dropped;
    kept |= (back != (bt_u32)m) & 1;
  }
  bt_u32 one = (bt_u32)zero + 1, mask = (one << (bt_u32)right) - 1;
  bt_u32 rest = (bt_u32)kept & mask, add = {0};
  bt_v32 quotient = kept >> right;
  if (mode == BT_STOCHASTIC) {
    add = (draw >> 1) >> (bt_u32)(31 - right);
  } else if (mode == BT_NEAREST_EVEN) {
    add = (mask >> 1) + ((bt_u32)quotient & mask & 1);
  } else if (mode == BT_NEAREST_AWAY) {
    add = ((mask + 1) >> 1) - ((bt_u32)kept >> 31 & mask & 1);
  }
  return (bt_v32)(((bt_u32)quotient + ((rest + add) >> (bt_u32)right)) << (bt_u32)left);
}

BT_LOOP int32_t bt_each_vectors(bt_rounding mode, bool wide_out, const bt_quantizer *q,
                                const int32_t *m, int32_t base, const int16_t *e,
                                const uint32_t *draw, void *out) {
  bt_clip_counts c = {0};
  for (size_t at = 0; at < BT_GROUP; at += BT_PART) {
    bt_v32 y[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) {
      size_t from = at + i * BT_WORDS;
      y[i] = bt_round_each(mode, base - bt_load16(e + from), bt_load32(m + from),
                           (bt_u32)bt_load32(draw + from));
    }
    bt_store_part(q, wide_out, y, &c, (uint8_t *)out + at * (wide_out ? 2 : 1));
  }
  return (int32_t)bt_counts_total(&c);
}

BT_LOOP int32_t bt_each_modes(bool wide_out, const bt_quantizer *q, const int32_t *m,
                              int32_t base, const int16_t *e, const uint32_t *draw, void *out) {
  switch (q->mode) {
    case BT_STOCHASTIC:
      return bt_each_vectors(BT_STOCHASTIC, wide_out, q, m, base, e, draw, out);
    case BT_NEAREST_EVEN:
      return bt_each_vectors(BT_NEAREST_EVEN, wide_out, q, m, base, e, draw, out);
    case BT_NEAREST_AWAY:
      return bt_each_vectors(BT_NEAREST_AWAY, wide_out, q, m, base, e, draw, out);
    case BT_FLOOR:
    default:
      return bt_each_vectors(BT_FLOOR, wide_out, q, m, base, e, draw, out);
  }
}

#else

/* round(m, s) with the draw at the top of 32 bits, for |m| <= 2^31; s beyond -31..62 rounds as the
 * nearer of them. */
static inline int32_t bt_scalar_round(bt_rounding mode, int64_t m, int s, uint32_t draw) {
  s = s < -31 ? -31 : s > 62 ? 62 : s;
  if (s <= 0) {
    return (int32_t)((uint32_t)m << -s);
  }
  int64_t add = 0, half = INT64_C(1) << (s - 1);
  if (mode == BT_STOCHASTIC) {
    add = s <= 32 ? (int64_t)((uint64_t)draw >> (32 - s)) : (int64_t)((uint64_t)draw << (s - 32));
  } else if (mode == BT_NEAREST_EVEN) {
    add = half - 1 + (m >> s & 1);
  } else if (mode == BT_NEAREST_AWAY) {
    add = half + (m >> 63);
  }
  return (int32_t)((m + add) >> s);
}

/* Clips y and stores it as element i; returns whether the clip changed it. */
static inline int32_t bt_scalar_store(const bt_quantizer *q, int32_t y, size_t i, void *out) {
  int32_t over = y == q->high, under = y == q->low;
  if (q->wide_out) {
    ((int16_t *)out)[i] = (int16_t)(y - over + under);
  } else {
    ((int8_t *)out)[i] = (int8_t)(y - over + under);
  }
  return over + under;
}

/* As bt_each_group, of finite floats, with a surplus of k[i * step] less the exponent field (of 1
 * for a denormal). */
BT_OUTLINE int32_t bt_each_floats(const bt_quantizer *q, const float *x, const int32_t *k,
                                  size_t step, const uint32_t *draw, void *out) {
  int32_t clipped = 0;
  for (size_t i = 0; i < BT_GROUP; i++) {
    uint32_t bits, one = q->mode == BT_STOCHASTIC ? draw[i] : 0;
    memcpy(&bits, x + i, sizeof bits);
    int32_t field = (int32_t)(bits >> 23 & 0xFF), m = (int32_t)(bits & 0x7FFFFF);
    m = field > 0 ? m | 0x800000 : m;
    m = bits >> 31 != 0 ? -m : m;
    int32_t surplus = k[i * step] - (field > 0 ? field : 1);
    clipped += bt_scalar_store(q, bt_scalar_round(q->mode, m, surplus, one), i, out);
  }
  return clipped;
}

#endif

/* A group whose element i has a surplus of base - e[i]; returns how many the clip changed. */
BT_OUTLINE int32_t bt_each_group(const bt_quantizer *q, const int32_t *m, int32_t base,
                                 const int16_t *e, const uint32_t *draw, void *out) {
#if BT_SHIFTS_EACH
  return q->wide_out ? bt_each_modes(true, q, m, base, e, draw, out)
                     : bt_each_modes(false, q, m, base, e, draw, out);
#else
  int32_t clipped = 0;
  for (size_t i = 0; i < BT_GROUP; i++) {
    uint32_t one = q->mode == BT_STOCHASTIC ? draw[i] : 0;
    clipped += bt_scalar_store(q, bt_scalar_round(q->mode, m[i], base - e[i], one), i, out);
  }
  return clipped;
#endif
}

#endif
