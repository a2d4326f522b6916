/* The steps of the vector loops of a quantization: draws (numerics 4.2), rounding (numerics 3), and
 * clipping with the stores. */
#ifndef BT_FAST_QUANTIZE_ROUND_H
#define BT_FAST_QUANTIZE_ROUND_H

#include "fast/kernels.h"
#include "fast/quantize_vector.h"

#define BT_GROUP 64u
#define BT_PART (4 * BT_WORDS) /* elements that fill one vector of bytes */

/* The lanes while a loop runs. */
typedef struct {
  bt_u32 x[BT_MAX_LANES / BT_WORDS];
  bt_count bits, rest; /* R and 32 - R */
  uint32_t half;
  unsigned skip;
} bt_drawer;

BT_LOOP bt_drawer bt_drawer_of(const bt_lane_state *s) {
  bt_drawer d = {.half = s->half, .skip = s->skip};
  memcpy(d.x, s->lane, sizeof s->lane);
  d.bits = bt_count_of(s->bits);
  d.rest = bt_count_of(s->width == 0 ? 0 : 32 - s->bits);
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

/* One surplus s in 1..30, and |m| + 2^s below 2^31. */
typedef struct {
  bt_count s, rest; /* s and 32 - s */
  uint32_t half;    /* 2^(s-1) */
} bt_same;

BT_LOOP bt_v32 bt_round_same(bt_rounding mode, const bt_same *p, bt_v32 m, bt_u32 draw) {
  bt_u32 add = {0};
  if (mode == BT_STOCHASTIC) {
    add = draw >> p->rest;
  } else if (mode == BT_NEAREST_EVEN) {
    add = ((bt_u32)bt_shift_signed(m, p->s) & 1) + (p->half - 1);
  } else if (mode == BT_NEAREST_AWAY) {
    add = (bt_u32)(m >> 31) + p->half;
  }
  return bt_shift_signed((bt_v32)((bt_u32)m + add), p->s);
}

/* An s in 1..30 for each, and any m: what is added goes to the bits below s alone, which cannot
 * overflow. */
BT_LOOP bt_v32 bt_round_near(bt_rounding mode, bt_v32 s, bt_v32 m, bt_u32 draw) {
  const bt_u32 zero = {0};
  bt_u32 mask = ~((zero - 1) << (bt_u32)s), rest = (bt_u32)m & mask, add = zero;
  bt_v32 quotient = m >> s;
  if (mode == BT_STOCHASTIC) {
    add = draw >> (bt_u32)(32 - s);
  } else if (mode == BT_NEAREST_EVEN) {
    add = (mask >> 1) + ((bt_u32)quotient & 1);
  } else if (mode == BT_NEAREST_AWAY) {
    add = (mask >> 1) + 1 + (bt_u32)(m >> 31);
  }
  return quotient + (bt_v32)((rest + add) >> (bt_u32)s);
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

#endif
