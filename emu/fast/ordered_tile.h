/* The kernels of contractions whose additions keep their order (numerics 8.1): a tile of
 * accumulators, one a SIMD lane, lanes being columns, that take their entries one by one. */
#ifndef BT_FAST_ORDERED_TILE_H
#define BT_FAST_ORDERED_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fast/draw.h"

/* How a product becomes an entry. Operands come scaled: with p the product of the words as they
 * are, modulo 2^16 in narrow lanes,
 *   EXACT    p
 *   FLOOR    narrow: floor(p / 2^16) of the whole 32-bit product, and-ed with mask;
 *            wide: p >> right
 *   NEAREST  (p + half - 1 + (bit `shift` of p)) >> right, and-ed with mask
 *   DRAWN    (p + draw) >> right, and-ed with mask */
typedef enum { BT_ENTRY_EXACT, BT_ENTRY_FLOOR, BT_ENTRY_NEAREST, BT_ENTRY_DRAWN } bt_entry;

/* What an addition does outside low..high. In the LANE kinds these are the lane's own ends and an
 * entry never exceeds them; otherwise accumulator plus entry always fits the lane. */
typedef enum {
  BT_OVER_LANE_SATURATE,
  BT_OVER_LANE_WRAP,
  BT_OVER_SATURATE,
  BT_OVER_WRAP
} bt_over;

/* One kind of accumulator. A narrow lane of a LANE kind holds the accumulator times 2^scale, plus
 * anything in the low `scale` bits. */
typedef struct {
  bool wide; /* 32-bit lanes; otherwise 16 */
  bt_entry entry;
  bt_over over;
  int bits;      /* of the accumulator */
  int shift;     /* S of the entry's rounding */
  int right, scale;
  int32_t mask, low, high;
  int a_shift, b_shift; /* operands are multiplied by these powers of two before */
  /* With s the sum of |a| over a stretch, entries move a lane by at most reach(s) of
   * bt_ordered_reach(). In narrow LANE kinds, stretches with s <= quiet move it so little that it
   * can meet one end of the lane only, and not pass it by a whole turn. */
  int32_t quiet;
  int32_t b_max; /* largest |b| before scaling */
} bt_ordered_way;

/* Terms looked at together when saturations are searched for. */
#define BT_ORDERED_STRETCH 16u

/* terms more for the accumulators of `rows` x `columns` of the kernels (half the columns in wide
 * lanes; one row of BT_ENTRY_DRAWN, whose draws are no other row's). Words of A are int32: in
 * narrow lanes the scaled operand in both halves, in wide ones in the low half, above it zeros. */
typedef struct {
  const bt_ordered_way *way;
  size_t terms;
  const int32_t *a; /* row r's at a + r * a_step */
  size_t a_step;
  const void *b;     /* [terms][columns] int16 or int32, as the lanes */
  const uint16_t *draws; /* [terms][columns] for BT_ENTRY_DRAWN: below 2^shift */
  void *acc;         /* [rows][columns] of the lane's type */
  const uint16_t *sums; /* largest sum of |a| over each stretch of terms, of any row */
} bt_ordered_tile;

/* Partial sums of chunks entering the accumulators proper. */
typedef struct {
  bt_entry entry; /* EXACT, or how to round by shift */
  int shift, bits;
  bool wrap;
  bool wide; /* the partial sums' lanes */
  int scale; /* of the partial sums */
  size_t rows, columns;
  void *partial;     /* [rows][columns]; becomes 0 */
  const uint16_t *draws; /* [columns] below 2^shift for BT_ENTRY_DRAWN */
  int32_t *acc;      /* [rows][columns] */
} bt_ordered_chunk;

/* Draws of half as many columns as a tile has in narrow lanes, from one column after the other to
 * one term after the other: to[place[k] * width + j] = from[j * step + k], k = 0..terms-1. Of each
 * column up to 7 more are read. */
typedef struct {
  size_t terms, step, width;
  const uint16_t *from;
  const uint32_t *place; /* [terms] */
  uint16_t *to;
} bt_ordered_turn;

typedef struct {
  size_t rows, columns; /* of a tile in narrow lanes */
  /* Both return how many additions saturated or wrapped. */
  uint64_t (*add)(const bt_ordered_tile *t);
  uint64_t (*enter)(const bt_ordered_chunk *c);
  /* The next rounds * s->width elements' draws as what is added below the binary point of a
   * product shifted by `shift`, 1..14 (numerics 3). Leaves s->at as it is. */
  void (*draw)(bt_lane_state *s, size_t rounds, unsigned shift, uint16_t *addends);
  void (*turn)(const bt_ordered_turn *t);
} bt_ordered_kernels;

void bt_ordered_portable(bt_ordered_kernels *k);
void bt_ordered_avx2(bt_ordered_kernels *k);
void bt_ordered_avx512(bt_ordered_kernels *k);

/* How far entries of a sum s of |a| over at most a stretch's terms move a lane. */
static inline int64_t bt_ordered_reach(const bt_ordered_way *way, int64_t s) {
  int64_t entries = (s * way->b_max >> way->shift) + (way->shift > 0 ? BT_ORDERED_STRETCH : 0);
  return entries * ((int64_t)1 << way->scale);
}

#endif
