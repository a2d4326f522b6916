/* The loops of a quantization: compiled once for each instruction set (quantize_portable.c,
 * quantize_avx2.c, quantize_avx512.c). They go by groups of 64 elements, which are whole rounds of
 * draws for any number of lanes, and keep the lanes in registers: a draw is made, added, and the
 * sum rounded, clipped and packed without passing through memory; but for the most general rounding
 * (quantize_each.h). */
#ifndef BT_FAST_QUANTIZE_LOOPS_H
#define BT_FAST_QUANTIZE_LOOPS_H

#include "fast/quantize_round.h"
#include "fast/quantize_each.h"
#include "num/quantize.h"

#define BT_COUNTED (64u * 1024) /* elements after which counts of 16 bits are emptied */

BT_LOOP uint32_t bt_loop_absolute(int32_t m) {
  uint32_t sign = 0 - ((uint32_t)m >> 31);
  return ((uint32_t)m ^ sign) - sign;
}

BT_LOOP uint32_t bt_loop_magnitude(size_t n, const int32_t *m) {
  uint32_t all = 0;
  for (size_t i = 0; i < n; i++) {
    all |= bt_loop_absolute(m[i]);
  }
  return all;
}

/* floor(log2) is the exponent of the float of |m|, once the bit below the leading one is cleared
 * so that nothing rounds up to the next power. */
BT_LOOP int bt_loop_log2_largest(size_t n, const int32_t *m, const int16_t *e) {
  int32_t largest = BT_ALL_ZERO;
  for (size_t i = 0; i < n; i++) {
    uint32_t u = bt_loop_absolute(m[i]);
    union {
      float value;
      uint32_t bits;
    } f = {(float)(int32_t)(u & ~(u >> 1))};
    int32_t top = (int32_t)(f.bits >> 23 & 0xFF) - 127 + e[i];
    top = u == 0 ? BT_ALL_ZERO : top;
    largest = top > largest ? top : largest;
  }
  return largest;
}

/* One surplus for all in 1..30, mantissas below 2^30 in magnitude; one each in 1..30; one each. */
typedef enum { BT_ONE, BT_NEAR, BT_EACH } bt_surplus_kind;

/* What a loop over elements is told; constants where it is compiled. */
typedef struct {
  bt_rounding mode;
  unsigned width; /* of the lanes; 16 where nothing is drawn */
  bool skips;     /* several draws a round: fewer than 16 lanes */
  bt_surplus_kind surplus;
  bool wide_out;
} bt_loop_kind;

/* Where surpluses come from: `same`, or base - e[i]. */
typedef struct {
  bt_same same;
  int32_t base;
  const int16_t *e;
} bt_loop_surplus;

/* One group of vectors. */
BT_LOOP void bt_loop_vectors(bt_loop_kind k, const bt_quantizer *q, bt_drawer *d,
                             const bt_loop_surplus *s, const int32_t *m, const int16_t *e,
                             bt_clip_counts *c, void *out) {
#pragma GCC unroll 4
  for (unsigned part = 0; part < BT_GROUP / BT_PART; part++) {
    bt_v32 y[4];
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
      unsigned v = part * 4 + i;
      bt_u32 draw = {0};
      if (k.mode == BT_STOCHASTIC) {
        draw = bt_draw_vector(d, k.width, k.skips, v);
      }
      bt_v32 x = bt_load32(m + v * BT_WORDS);
      y[i] = k.surplus == BT_ONE
                 ? bt_round_same(k.mode, &s->same, x, draw)
                 : bt_round_near(k.mode, s->base - bt_load16(e + v * BT_WORDS), x, draw);
    }
    bt_store_part(q, k.wide_out, y, c, (uint8_t *)out + part * BT_PART * (k.wide_out ? 2 : 1));
  }
}

BT_LOOP void bt_loop_draws(bt_loop_kind k, bt_drawer *d, uint32_t *draw) {
  for (unsigned v = 0; v < BT_GROUP / BT_WORDS; v++) {
    bt_u32 one = {0};
    if (k.mode == BT_STOCHASTIC) {
      one = bt_draw_vector(d, k.width, k.skips, v);
    }
    memcpy(draw + v * BT_WORDS, &one, sizeof one);
  }
}

/* One group. */
BT_LOOP void bt_loop_group(bt_loop_kind k, const bt_quantizer *q, bt_drawer *d,
                           const bt_loop_surplus *s, const int32_t *m, const int16_t *e,
                           bt_clip_counts *c, void *out) {
  if (k.surplus != BT_EACH) {
    bt_loop_vectors(k, q, d, s, m, e, c, out);
    return;
  }
  uint32_t draw[BT_GROUP];
  bt_loop_draws(k, d, draw);
  c->in32[0] -= bt_each_group(q, m, s->base, e, draw, out);
}

/* Whole groups. */
BT_LOOP uint64_t bt_loop_elements(bt_loop_kind k, const bt_quantizer *q, bt_lane_state *lanes,
                                  const bt_loop_surplus *s, size_t n, const int32_t *m,
                                  void *out) {
  size_t size = k.wide_out ? 2 : 1, i = 0;
  uint64_t clipped = 0;
  bt_quantizer own = *q; /* which the output cannot change */
  bt_drawer d = bt_drawer_of(lanes);
  while (i < n) {
    bt_clip_counts c = {0};
    size_t end = n - i < BT_COUNTED ? n : i + BT_COUNTED;
    for (; i < end; i += BT_GROUP) {
      const int16_t *e = k.surplus == BT_ONE ? NULL : s->e + i;
      bt_loop_group(k, &own, &d, s, m + i, e, &c, (uint8_t *)out + i * size);
    }
    clipped += bt_counts_total(&c);
  }
  if (k.mode == BT_STOCHASTIC) {
    memcpy(lanes->lane, d.x, sizeof lanes->lane);
  }
  lanes->at += n;
  return clipped;
}

/* A loop for each kind: its fields are constants in each of them. */
BT_LOOP uint64_t bt_loop_modes(bt_loop_kind k, const bt_quantizer *q, bt_lane_state *l,
                               const bt_loop_surplus *s, size_t n, const int32_t *m, void *out) {
  switch (q->mode) {
    case BT_STOCHASTIC:
      k.mode = BT_STOCHASTIC;
      if (l->width == 16 && l->skip == 0) {
        return bt_loop_elements(k, q, l, s, n, m, out);
      }
      if (l->width == 16) {
        k.skips = true;
        return bt_loop_elements(k, q, l, s, n, m, out);
      }
      k.width = 32;
      if (l->width == 32) {
        return bt_loop_elements(k, q, l, s, n, m, out);
      }
      k.width = 64;
      return bt_loop_elements(k, q, l, s, n, m, out);
    case BT_NEAREST_EVEN:
      k.mode = BT_NEAREST_EVEN;
      return bt_loop_elements(k, q, l, s, n, m, out);
    case BT_NEAREST_AWAY:
      k.mode = BT_NEAREST_AWAY;
      return bt_loop_elements(k, q, l, s, n, m, out);
    case BT_FLOOR:
    default:
      k.mode = BT_FLOOR;
      return bt_loop_elements(k, q, l, s, n, m, out);
  }
}

typedef uint64_t bt_loop_groups(const bt_quantizer *q, bt_lane_state *l, const bt_loop_surplus *s,
                                size_t n, const int32_t *m, void *out);

BT_LOOP uint64_t bt_loop_kinds(bt_surplus_kind surplus, const bt_quantizer *q, bt_lane_state *l,
                               const bt_loop_surplus *s, size_t n, const int32_t *m, void *out) {
  bt_loop_kind k = {BT_FLOOR, 16, false, surplus, false}, wide = k;
  wide.wide_out = true;
  return q->wide_out ? bt_loop_modes(wide, q, l, s, n, m, out)
                     : bt_loop_modes(k, q, l, s, n, m, out);
}

BT_OUTLINE uint64_t bt_groups_one(const bt_quantizer *q, bt_lane_state *l,
                                  const bt_loop_surplus *s, size_t n, const int32_t *m,
                                  void *out) {
  return bt_loop_kinds(BT_ONE, q, l, s, n, m, out);
}

BT_OUTLINE uint64_t bt_groups_near(const bt_quantizer *q, bt_lane_state *l,
                                   const bt_loop_surplus *s, size_t n, const int32_t *m,
                                   void *out) {
  return bt_loop_kinds(BT_NEAR, q, l, s, n, m, out);
}

BT_OUTLINE uint64_t bt_groups_each(const bt_quantizer *q, bt_lane_state *l,
                                   const bt_loop_surplus *s, size_t n, const int32_t *m,
                                   void *out) {
  return bt_loop_kinds(BT_EACH, q, l, s, n, m, out);
}

/* Whole groups, and the last n < 64 elements in a group filled up with zeros. */
BT_LOOP uint64_t bt_loop_quantize(bt_loop_groups *run, const bt_quantizer *q, bt_lane_state *l,
                                  const bt_loop_surplus *s, size_t n, const int32_t *m,
                                  void *out) {
  size_t whole = n / BT_GROUP * BT_GROUP, rest = n - whole, size = q->wide_out ? 2 : 1;
  uint64_t clipped = whole == 0 ? 0 : run(q, l, s, whole, m, out);
  if (rest == 0) {
    return clipped;
  }
  int32_t mantissa[BT_GROUP] = {0};
  int16_t exponent[BT_GROUP], result[BT_GROUP];
  bt_loop_surplus last = *s;
  last.e = exponent;
  memcpy(mantissa, m + whole, rest * sizeof *m);
  for (size_t i = 0; i < BT_GROUP; i++) {
    exponent[i] = s->e == NULL ? 0 : s->e[whole + (i < rest ? i : 0)];
  }
  clipped += run(q, l, &last, BT_GROUP, mantissa, result);
  memcpy((uint8_t *)out + whole * size, result, rest * size);
  return clipped;
}

BT_LOOP uint64_t bt_loop_same(const bt_quantizer *q, bt_lane_state *l, size_t n, const int32_t *m,
                              int surplus, void *out) {
  bt_loop_surplus s = {.e = NULL};
  s.same = (bt_same){.s = bt_count_of((uint32_t)surplus),
                     .rest = bt_count_of(32 - (uint32_t)surplus),
                     .half = UINT32_C(1) << (surplus - 1)};
  return bt_loop_quantize(bt_groups_one, q, l, &s, n, m, out);
}

BT_LOOP uint64_t bt_loop_each(const bt_quantizer *q, bt_lane_state *l, size_t n, const int32_t *m,
                              const bt_surpluses *surplus, void *out) {
  bt_loop_surplus s = {.base = surplus->base, .e = surplus->e};
  return BT_SHIFTS_EACH && surplus->near ? bt_loop_quantize(bt_groups_near, q, l, &s, n, m, out)
                                         : bt_loop_quantize(bt_groups_each, q, l, &s, n, m, out);
}

#endif
