/* The loops of a quantization: compiled once for each instruction set (quantize_portable.c,
 * quantize_avx2.c, quantize_avx512.c). They go by groups of 64 elements, which are whole rounds of
 * draws for any number of lanes, and keep the lanes in registers: a draw is made, added, and the
 * sum rounded, clipped and packed without passing through memory (numerics 3, 4.2). */
#ifndef BT_FAST_QUANTIZE_LOOPS_H
#define BT_FAST_QUANTIZE_LOOPS_H

#include "fast/kernels.h"
#include "fast/quantize_vector.h"
#include "num/quantize.h"

#define BT_GROUP 64u
#define BT_PART (4 * BT_WORDS)  /* elements that fill one vector of bytes */
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

/* The lanes while a loop runs. */
typedef struct {
  bt_u32 x[BT_MAX_LANES / BT_WORDS];
  bt_u32 bits, rest; /* R and 32 - R, in every word */
  uint32_t half;
  unsigned skip;
} bt_drawer;

BT_LOOP bt_drawer bt_drawer_of(const bt_lane_state *s) {
  bt_drawer d = {.half = s->half, .skip = s->skip};
  memcpy(d.x, s->lane, sizeof s->lane);
  d.bits = bt_counts_of(s->bits);
  d.rest = bt_counts_of(s->width == 0 ? 0 : 32 - s->bits);
  return d;
}

/* The draw of each word of vector v of a group, at the top of 32 bits; then the steps. With the
 * draw at the top the four folds of numerics 4.2 are shifts of it. */
BT_LOOP bt_u32 bt_draw_vector(bt_drawer *d, unsigned width, bool skips, unsigned v) {
  bt_u32 *at = &d->x[v % (width / BT_WORDS)], x = *at, top = x << d->rest, draw = top | d->half;
  x = (x >> d->bits) ^ top ^ (top >> 2) ^ (top >> 6) ^ (top >> 7);
  for (unsigned i = 0; skips && i < d->skip; i++) {
    top = x << d->rest;
    x = (x >> d->bits) ^ top ^ (top >> 2) ^ (top >> 6) ^ (top >> 7);
  }
  *at = x;
  return draw;
}

/* What a loop over elements is told; constants where it is compiled. */
typedef struct {
  bt_rounding mode;
  unsigned width; /* of the lanes; 16 where nothing is drawn */
  bool skips;     /* several draws a round: fewer than 16 lanes */
  bool each;      /* a surplus for each element */
  bool wide_out;
} bt_loop_kind;

/* One surplus s in 1..30, and |m| + 2^s below 2^31. */
typedef struct {
  bt_u32 s, rest; /* s and 32 - s, in every word */
  bt_u32 half;    /* 2^(s-1) */
} bt_same;

BT_LOOP bt_v32 bt_round_same(bt_rounding mode, const bt_same *p, bt_v32 m, bt_u32 draw) {
  bt_u32 add = {0};
  if (mode == BT_STOCHASTIC) {
    add = draw >> p->rest;
  } else if (mode == BT_NEAREST_EVEN) {
    add = p->half - 1 + ((bt_u32)(m >> (bt_v32)p->s) & 1);
  } else if (mode == BT_NEAREST_AWAY) {
    add = p->half + (bt_u32)(m >> 31);
  }
  return (bt_v32)((bt_u32)m + add) >> (bt_v32)p->s;
}

/* A surplus s in -31..62 for each. Above 31 the bits beyond are dropped first: a draw, of 25 bits
 * at most, has none there, and for the nearest ones what is dropped only has to be told from 0. */
BT_LOOP bt_v32 bt_round_each(bt_rounding mode, bt_v32 s, bt_v32 m, bt_u32 draw) {
  const bt_v32 zero = {0};
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

/* Counts of what the clip changed, each negative. */
typedef struct {
  bt_v16 in16;
  bt_v32 in32;
} bt_clip_counts;

BT_LOOP uint64_t bt_counts_total(const bt_clip_counts *c) {
  int64_t total = 0;
  for (unsigned i = 0; i < BT_WORDS; i++) {
    total -= c->in32[i];
  }
  for (unsigned i = 0; i < BT_HALVES; i++) {
    total -= c->in16[i];
  }
  return (uint64_t)total;
}

BT_LOOP bt_v32 bt_clip32(const bt_quantizer *q, bt_v32 y, bt_clip_counts *c) {
  bt_v32 over = y == q->high, under = y == q->low;
  c->in32 += over + under;
  return y + over - under;
}

BT_LOOP bt_v16 bt_clip16(const bt_quantizer *q, bt_v16 y, bt_clip_counts *c) {
  bt_v16 over = y == (int16_t)q->high, under = y == (int16_t)q->low;
  c->in16 += over + under;
  return y + over - under;
}

/* Clips and stores BT_PART elements, element 0 of them at out. */
BT_LOOP void bt_store_part(const bt_quantizer *q, bool wide_out, const bt_v32 *y,
                           bt_clip_counts *c, void *out) {
  if (wide_out) {
    for (unsigned i = 0; i < 2; i++) {
      bt_v32 a = bt_clip32(q, y[2 * i], c), b = bt_clip32(q, y[2 * i + 1], c);
      bt_v16 v = bt_in_order16(bt_pack32(a, b));
      memcpy((int16_t *)out + i * BT_HALVES, &v, sizeof v);
    }
    return;
  }
  bt_v16 a = bt_clip16(q, bt_pack32(y[0], y[1]), c), b = bt_clip16(q, bt_pack32(y[2], y[3]), c);
  bt_v8 v = bt_in_order8(bt_pack16(a, b));
  memcpy(out, &v, sizeof v);
}

/* One group. */
BT_LOOP void bt_loop_group(bt_loop_kind k, const bt_quantizer *q, bt_drawer *d,
                           const bt_same *same, const int32_t *m, const int32_t *s,
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
      y[i] = k.each ? bt_round_each(k.mode, bt_load32(s + v * BT_WORDS), x, draw)
                    : bt_round_same(k.mode, same, x, draw);
    }
    bt_store_part(q, k.wide_out, y, c, (uint8_t *)out + part * BT_PART * (k.wide_out ? 2 : 1));
  }
}

/* The last n < 64 elements, in a group filled up with zeros. */
BT_LOOP uint64_t bt_loop_tail(bt_loop_kind k, const bt_quantizer *q, bt_drawer *d,
                              const bt_same *same, size_t n, const int32_t *m, const int32_t *s,
                              void *out) {
  int32_t mantissa[BT_GROUP] = {0}, surplus[BT_GROUP] = {0};
  int16_t result[BT_GROUP];
  bt_clip_counts c = {0};
  memcpy(mantissa, m, n * sizeof *m);
  if (k.each) {
    memcpy(surplus, s, n * sizeof *s);
  }
  bt_loop_group(k, q, d, same, mantissa, surplus, &c, result);
  memcpy(out, result, n * (k.wide_out ? 2 : 1));
  return bt_counts_total(&c);
}

BT_LOOP uint64_t bt_loop_elements(bt_loop_kind k, const bt_quantizer *q, bt_lane_state *lanes,
                                  const bt_same *same, size_t n, const int32_t *m,
                                  const int32_t *s, void *out) {
  size_t size = k.wide_out ? 2 : 1, i = 0;
  uint64_t clipped = 0;
  bt_quantizer own = *q; /* which the output cannot change */
  bt_drawer d = bt_drawer_of(lanes);
  while (n - i >= BT_GROUP) {
    bt_clip_counts c = {0};
    size_t end = (n - i < BT_COUNTED ? n - i : BT_COUNTED) / BT_GROUP * BT_GROUP + i;
    for (; i < end; i += BT_GROUP) {
      bt_loop_group(k, &own, &d, same, m + i, k.each ? s + i : NULL, &c, (uint8_t *)out + i * size);
    }
    clipped += bt_counts_total(&c);
  }
  if (i < n) {
    clipped += bt_loop_tail(k, &own, &d, same, n - i, m + i, k.each ? s + i : NULL,
                            (uint8_t *)out + i * size);
  }
  if (k.mode == BT_STOCHASTIC) {
    memcpy(lanes->lane, d.x, sizeof lanes->lane);
  }
  lanes->at += (n + BT_GROUP - 1) / BT_GROUP * BT_GROUP;
  return clipped;
}

/* A loop for each kind: its fields are constants in each of them. */
BT_LOOP uint64_t bt_loop_modes(bool each, bool wide_out, const bt_quantizer *q, bt_lane_state *l,
                               const bt_same *same, size_t n, const int32_t *m, const int32_t *s,
                               void *out) {
  bt_loop_kind k = {q->mode, 16, false, each, wide_out};
  switch (q->mode) {
    case BT_STOCHASTIC:
      k.mode = BT_STOCHASTIC;
      if (l->width == 16 && l->skip == 0) {
        return bt_loop_elements(k, q, l, same, n, m, s, out);
      }
      if (l->width == 16) {
        k.skips = true;
        return bt_loop_elements(k, q, l, same, n, m, s, out);
      }
      k.width = 32;
      if (l->width == 32) {
        return bt_loop_elements(k, q, l, same, n, m, s, out);
      }
      k.width = 64;
      return bt_loop_elements(k, q, l, same, n, m, s, out);
    case BT_NEAREST_EVEN:
      k.mode = BT_NEAREST_EVEN;
      return bt_loop_elements(k, q, l, same, n, m, s, out);
    case BT_NEAREST_AWAY:
      k.mode = BT_NEAREST_AWAY;
      return bt_loop_elements(k, q, l, same, n, m, s, out);
    case BT_FLOOR:
    default:
      k.mode = BT_FLOOR;
      return bt_loop_elements(k, q, l, same, n, m, s, out);
  }
}

BT_LOOP uint64_t bt_loop_quantize(bool each, const bt_quantizer *q, bt_lane_state *l,
                                  const bt_same *same, size_t n, const int32_t *m,
                                  const int32_t *s, void *out) {
  return q->wide_out ? bt_loop_modes(each, true, q, l, same, n, m, s, out)
                     : bt_loop_modes(each, false, q, l, same, n, m, s, out);
}

BT_LOOP uint64_t bt_loop_same(const bt_quantizer *q, bt_lane_state *l, size_t n, const int32_t *m,
                              int s, void *out) {
  bt_same same = {.s = bt_counts_of((uint32_t)s), .rest = bt_counts_of(32 - (uint32_t)s),
                  .half = bt_counts_of(UINT32_C(1) << (s - 1))};
  return bt_loop_quantize(false, q, l, &same, n, m, NULL, out);
}

BT_LOOP uint64_t bt_loop_each(const bt_quantizer *q, bt_lane_state *l, size_t n, const int32_t *m,
                              const int32_t *s, void *out) {
  return bt_loop_quantize(true, q, l, NULL, n, m, s, out);
}

#endif
