/* The loops of ordered accumulation: compiled once for each instruction set. The including file
 * defines, before it includes this one, BT_VECTOR (bytes), BT_ROWS and BT_SIDE (vectors of a tile's
 * row), the types v16 and v32 (vectors of uint16_t and uint32_t), and what C has no operator for:
 *   adds16    sum, saturated to int16             mulhi16  high half of a signed product
 *   mul32     signed product of the low halves; a's high halves are 0
 *   min16, max16, min32, max32, sra16, sra32      signed
 *   equal16, equal32 (tally, x, y)                tally - 1 where x == y, else tally
 *   any16, any32                                  whether a bit is set */
#include <string.h>

#include "fast/ordered_tile.h"

#define LOOP static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8") /* so that a tile stays in registers */
#define LANES16 (BT_VECTOR / 2u)
#define LANES32 (BT_VECTOR / 4u)
#define WIDTH16 (BT_SIDE * LANES16)
#define WIDTH32 (BT_SIDE * LANES32)

LOOP v16 load16(const uint16_t *p) {
  v16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

LOOP v32 load32(const uint32_t *p) {
  v32 v;
  memcpy(&v, p, sizeof v);
  return v;
}

LOOP v16 all16(int32_t x) { return (v16){0} + (uint16_t)x; }
LOOP v32 all32(int32_t x) { return (v32){0} + (uint32_t)x; }

/* What an entry needs beside the operands. */
typedef struct {
  v16 mask, less; /* less: half - 1 */
  int shift, right;
} constants16;

LOOP constants16 constants_of16(const bt_ordered_way *w) {
  int32_t half = w->shift > 0 ? 1 << (w->shift - 1) : 1;
  return (constants16){all16(w->mask), all16(half - 1), w->shift, w->right};
}

LOOP v16 entry16(bt_entry kind, constants16 c, v16 a, v16 b, v16 draw) {
  switch (kind) {
    case BT_ENTRY_FLOOR:
      return mulhi16(a, b) & c.mask;
    case BT_ENTRY_NEAREST: {
      v16 p = a * b;
      return sra16(p + c.less + (sra16(p, c.shift) & 1), c.right) & c.mask;
    }
    case BT_ENTRY_DRAWN:
      return sra16(a * b + draw, c.right) & c.mask;
    case BT_ENTRY_EXACT:
    default:
      return a * b;
  }
}

LOOP void load_state16(const bt_ordered_tile *t, v16 s[BT_ROWS][BT_SIDE]) {
  UNROLL
  for (size_t r = 0; r < BT_ROWS; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      s[r][v] = load16((const uint16_t *)t->acc + r * WIDTH16 + v * LANES16);
    }
  }
}

LOOP void store_state16(const bt_ordered_tile *t, v16 s[BT_ROWS][BT_SIDE]) {
  UNROLL
  for (size_t r = 0; r < BT_ROWS; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      memcpy((uint16_t *)t->acc + r * WIDTH16 + v * LANES16, &s[r][v], sizeof s[r][v]);
    }
  }
}

LOOP size_t stretch_end(const bt_ordered_tile *t, size_t stretch) {
  size_t end = (stretch + 1) * BT_ORDERED_STRETCH;
  return end < t->terms ? end : t->terms;
}

/* Goes on from `stretch` until one may saturate or wrap, and leaves that one to be counted. A
 * saturating sum and a wrapping one run side by side: in a quiet stretch they part for good. */
LOOP size_t go16(bt_entry kind, const bt_ordered_tile *t, size_t stretch) {
  constants16 c = constants_of16(t->way);
  const uint16_t *b = t->b, *draws = t->draws;
  v16 s[BT_ROWS][BT_SIDE], w[BT_ROWS][BT_SIDE];
  load_state16(t, s);
  for (; stretch * BT_ORDERED_STRETCH < t->terms; stretch++) {
    if (t->sums[stretch] > t->way->quiet) {
      return stretch;
    }
    memcpy(w, s, sizeof w);
    for (size_t k = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch); k < end; k++) {
      UNROLL
      for (size_t v = 0; v < BT_SIDE; v++) {
        v16 y = load16(b + k * WIDTH16 + v * LANES16);
        v16 d = kind == BT_ENTRY_DRAWN ? load16(draws + k * WIDTH16 + v * LANES16) : (v16){0};
        UNROLL
        for (size_t r = 0; r < BT_ROWS; r++) {
          v16 p = entry16(kind, c, (v16)all32(t->a[r * t->a_step + k]), y, d);
          s[r][v] = adds16(s[r][v], p);
          w[r][v] = w[r][v] + p;
        }
      }
    }
    v16 parted = {0};
    UNROLL
    for (size_t r = 0; r < BT_ROWS; r++) {
      UNROLL
      for (size_t v = 0; v < BT_SIDE; v++) {
        parted |= s[r][v] ^ w[r][v];
      }
    }
    if (any16(parted)) {
      return stretch;
    }
    store_state16(t, s);
  }
  return stretch;
}

/* acc + p; *tally loses 1 in the lanes that neither saturated nor wrapped. */
LOOP v16 add16(bt_over over, const bt_ordered_way *w, v16 acc, v16 p, v16 *tally) {
  v16 exact = acc + p, sum;
  switch (over) {
    case BT_OVER_LANE_SATURATE:
    case BT_OVER_LANE_WRAP:
      sum = adds16(acc, p);
      *tally = equal16(*tally, exact, sum);
      return over == BT_OVER_LANE_WRAP ? exact : sum;
    case BT_OVER_SATURATE:
      sum = min16(max16(exact, all16(w->low)), all16(w->high));
      break;
    case BT_OVER_WRAP:
    default:
      sum = sra16(exact << (16 - w->bits), 16 - w->bits);
  }
  *tally = equal16(*tally, exact, sum);
  return sum;
}

LOOP uint64_t count16(bt_entry kind, bt_over over, const bt_ordered_tile *t, size_t stretch) {
  constants16 c = constants_of16(t->way);
  const uint16_t *b = t->b, *draws = t->draws;
  v16 s[BT_ROWS][BT_SIDE], tally = {0};
  size_t begin = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch);
  load_state16(t, s);
  for (size_t k = begin; k < end; k++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      v16 y = load16(b + k * WIDTH16 + v * LANES16);
      v16 d = kind == BT_ENTRY_DRAWN ? load16(draws + k * WIDTH16 + v * LANES16) : (v16){0};
      UNROLL
      for (size_t r = 0; r < BT_ROWS; r++) {
        v16 p = entry16(kind, c, (v16)all32(t->a[r * t->a_step + k]), y, d);
        s[r][v] = add16(over, t->way, s[r][v], p, &tally);
      }
    }
  }
  store_state16(t, s);
  uint32_t additions = (uint32_t)((end - begin) * BT_ROWS * BT_SIDE), sum = 0;
  v16 missing = tally + (uint16_t)additions;
  if (!any16(missing)) {
    return 0;
  }
  for (size_t l = 0; l < LANES16; l++) {
    sum += missing[l];
  }
  return sum;
}

typedef struct {
  v32 less;
  int shift;
} constants32;

LOOP v32 entry32(bt_entry kind, constants32 c, v32 a, v32 b, v32 draw) {
  v32 p = mul32(a, b);
  switch (kind) {
    case BT_ENTRY_FLOOR:
      return sra32(p, c.shift);
    case BT_ENTRY_NEAREST:
      return sra32(p + c.less + (sra32(p, c.shift) & 1), c.shift);
    case BT_ENTRY_DRAWN:
      return sra32(p + draw, c.shift);
    case BT_ENTRY_EXACT:
    default:
      return p;
  }
}

LOOP void load_state32(const bt_ordered_tile *t, v32 s[BT_ROWS][BT_SIDE]) {
  UNROLL
  for (size_t r = 0; r < BT_ROWS; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      s[r][v] = load32((const uint32_t *)t->acc + r * WIDTH32 + v * LANES32);
    }
  }
}

LOOP void store_state32(const bt_ordered_tile *t, v32 s[BT_ROWS][BT_SIDE]) {
  UNROLL
  for (size_t r = 0; r < BT_ROWS; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      memcpy((uint32_t *)t->acc + r * WIDTH32 + v * LANES32, &s[r][v], sizeof s[r][v]);
    }
  }
}

/* Whether no accumulator can leave its range in the stretch. */
LOOP bool far_from_ends(const bt_ordered_tile *t, v32 s[BT_ROWS][BT_SIDE], size_t stretch) {
  int64_t room = t->way->high - bt_ordered_reach(t->way, t->sums[stretch]);
  if (room < 0) {
    return false;
  }
  v32 most = s[0][0], least = s[0][0], high = all32((int32_t)room), low = all32((int32_t)-room);
  UNROLL
  for (size_t r = 0; r < BT_ROWS; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      most = max32(most, s[r][v]);
      least = min32(least, s[r][v]);
    }
  }
  return !any32((max32(most, high) ^ high) | (min32(least, low) ^ low));
}

LOOP constants32 constants_of32(const bt_ordered_way *w) {
  return (constants32){all32(w->shift > 0 ? (1 << (w->shift - 1)) - 1 : 0), w->shift};
}

/* Goes on from `stretch` until one may saturate or wrap, and leaves that one to be counted. */
LOOP size_t go32(bt_entry kind, const bt_ordered_tile *t, size_t stretch) {
  constants32 c = constants_of32(t->way);
  const uint32_t *b = t->b, *draws = t->draws;
  v32 s[BT_ROWS][BT_SIDE];
  load_state32(t, s);
  for (; stretch * BT_ORDERED_STRETCH < t->terms; stretch++) {
    if (!far_from_ends(t, s, stretch)) {
      break;
    }
    for (size_t k = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch); k < end; k++) {
      UNROLL
      for (size_t v = 0; v < BT_SIDE; v++) {
        v32 y = load32(b + k * WIDTH32 + v * LANES32);
        v32 d = kind == BT_ENTRY_DRAWN ? load32(draws + k * WIDTH32 + v * LANES32) : (v32){0};
        UNROLL
        for (size_t r = 0; r < BT_ROWS; r++) {
          s[r][v] += entry32(kind, c, all32(t->a[r * t->a_step + k]), y, d);
        }
      }
    }
  }
  store_state32(t, s);
  return stretch;
}

LOOP v32 add32(bt_over over, const bt_ordered_way *w, v32 acc, v32 p, v32 *tally) {
  v32 exact = acc + p, sum;
  switch (over) {
    case BT_OVER_LANE_SATURATE:
    case BT_OVER_LANE_WRAP: {
      v32 left = sra32((acc ^ exact) & (p ^ exact), 31);
      *tally = equal32(*tally, left, (v32){0});
      sum = exact ^ ((exact ^ sra32(acc, 31) ^ 0x7FFFFFFFu) & left);
      return over == BT_OVER_LANE_WRAP ? exact : sum;
    }
    case BT_OVER_SATURATE:
      sum = min32(max32(exact, all32(w->low)), all32(w->high));
      break;
    case BT_OVER_WRAP:
    default:
      sum = sra32(exact << (32 - w->bits), 32 - w->bits);
  }
  *tally = equal32(*tally, exact, sum);
  return sum;
}

LOOP uint64_t count32(bt_entry kind, bt_over over, const bt_ordered_tile *t, size_t stretch) {
  constants32 c = constants_of32(t->way);
  const uint32_t *b = t->b, *draws = t->draws;
  v32 s[BT_ROWS][BT_SIDE], tally = {0};
  size_t begin = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch);
  load_state32(t, s);
  for (size_t k = begin; k < end; k++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      v32 y = load32(b + k * WIDTH32 + v * LANES32);
      v32 d = kind == BT_ENTRY_DRAWN ? load32(draws + k * WIDTH32 + v * LANES32) : (v32){0};
      UNROLL
      for (size_t r = 0; r < BT_ROWS; r++) {
        v32 p = entry32(kind, c, all32(t->a[r * t->a_step + k]), y, d);
        s[r][v] = add32(over, t->way, s[r][v], p, &tally);
      }
    }
  }
  store_state32(t, s);
  uint32_t additions = (uint32_t)((end - begin) * BT_ROWS * BT_SIDE), sum = 0;
  v32 missing = tally + additions;
  if (!any32(missing)) {
    return 0;
  }
  for (size_t l = 0; l < LANES32; l++) {
    sum += missing[l];
  }
  return sum;
}

static __attribute__((noinline)) size_t go(const bt_ordered_tile *t, size_t stretch) {
  bool wide = t->way->wide;
  switch (t->way->entry) {
    case BT_ENTRY_FLOOR:
      return wide ? go32(BT_ENTRY_FLOOR, t, stretch) : go16(BT_ENTRY_FLOOR, t, stretch);
    case BT_ENTRY_NEAREST:
      return wide ? go32(BT_ENTRY_NEAREST, t, stretch) : go16(BT_ENTRY_NEAREST, t, stretch);
    case BT_ENTRY_DRAWN:
      return wide ? go32(BT_ENTRY_DRAWN, t, stretch) : go16(BT_ENTRY_DRAWN, t, stretch);
    case BT_ENTRY_EXACT:
    default:
      return wide ? go32(BT_ENTRY_EXACT, t, stretch) : go16(BT_ENTRY_EXACT, t, stretch);
  }
}

LOOP uint64_t count_over(bool wide, bt_entry kind, const bt_ordered_tile *t, size_t stretch) {
  switch (t->way->over) {
    case BT_OVER_LANE_SATURATE:
      return wide ? count32(kind, BT_OVER_LANE_SATURATE, t, stretch)
                  : count16(kind, BT_OVER_LANE_SATURATE, t, stretch);
    case BT_OVER_LANE_WRAP:
      return wide ? count32(kind, BT_OVER_LANE_WRAP, t, stretch)
                  : count16(kind, BT_OVER_LANE_WRAP, t, stretch);
    case BT_OVER_SATURATE:
      return wide ? count32(kind, BT_OVER_SATURATE, t, stretch)
                  : count16(kind, BT_OVER_SATURATE, t, stretch);
    case BT_OVER_WRAP:
    default:
      return wide ? count32(kind, BT_OVER_WRAP, t, stretch)
                  : count16(kind, BT_OVER_WRAP, t, stretch);
  }
}

LOOP uint64_t count_entry(bool wide, const bt_ordered_tile *t, size_t stretch) {
  switch (t->way->entry) {
    case BT_ENTRY_FLOOR:
      return count_over(wide, BT_ENTRY_FLOOR, t, stretch);
    case BT_ENTRY_NEAREST:
      return count_over(wide, BT_ENTRY_NEAREST, t, stretch);
    case BT_ENTRY_DRAWN:
      return count_over(wide, BT_ENTRY_DRAWN, t, stretch);
    case BT_ENTRY_EXACT:
    default:
      return count_over(wide, BT_ENTRY_EXACT, t, stretch);
  }
}

static __attribute__((noinline)) uint64_t count(const bt_ordered_tile *t, size_t stretch) {
  return t->way->wide ? count_entry(true, t, stretch) : count_entry(false, t, stretch);
}

/* A stretch is counted only where it has to be; where one saturated the next ones are counted at
 * once, until one did not. */
LOOP uint64_t add_terms(const bt_ordered_tile *t) {
  size_t stretches = (t->terms + BT_ORDERED_STRETCH - 1) / BT_ORDERED_STRETCH;
  bool searched = t->way->wide || t->way->over <= BT_OVER_LANE_WRAP, counting = false;
  uint64_t saturations = 0;
  for (size_t i = 0; i < stretches;) {
    i = searched && !counting ? go(t, i) : i;
    if (i < stretches) {
      uint64_t more = count(t, i++);
      counting = more > 0;
      saturations += more;
    }
  }
  return saturations;
}

/* x rounded by `shift`, any x of 32 bits. */
LOOP int32_t rounded(bt_entry kind, int32_t x, int shift, int32_t draw) {
  uint32_t unit = UINT32_C(1) << shift, rest = (uint32_t)x & (unit - 1);
  int32_t quotient = x >> shift;
  switch (kind) {
    case BT_ENTRY_NEAREST:
      return quotient + (int32_t)((rest + (unit >> 1) - 1 + ((uint32_t)quotient & 1)) >> shift);
    case BT_ENTRY_DRAWN:
      return quotient + (int32_t)((rest + (uint32_t)draw) >> shift);
    case BT_ENTRY_EXACT:
    case BT_ENTRY_FLOOR:
    default:
      return quotient;
  }
}

/* The state of one output: the chunk's sum x enters *acc. Returns 1 if that left the range. */
LOOP uint32_t enter_one(bt_entry kind, bool wrap, const bt_ordered_chunk *c, int32_t x,
                        int32_t draw, int32_t *acc) {
  uint32_t a = (uint32_t)*acc, e = (uint32_t)rounded(kind, x, c->shift, draw);
  uint32_t t = a + e, left = ((a ^ t) & (e ^ t)) >> 31;
  int32_t high = (int32_t)((UINT32_C(1) << (c->bits - 1)) - 1), sum;
  if (wrap) {
    sum = (int32_t)(t << (32 - c->bits)) >> (32 - c->bits);
  } else {
    int32_t held = left != 0 ? (int32_t)((a >> 31) + 0x7FFFFFFFu) : (int32_t)t;
    sum = held > high ? high : held < -high - 1 ? -high - 1 : held;
  }
  *acc = sum;
  return left | (sum != (int32_t)t);
}

LOOP uint64_t enter_kind(bt_entry kind, bool wrap, bool wide, const bt_ordered_chunk *c) {
  uint32_t saturations = 0;
  for (size_t r = 0; r < c->rows; r++) {
    int16_t *narrow = (int16_t *)c->partial + r * c->columns;
    int32_t *full = (int32_t *)c->partial + r * c->columns;
    int32_t *restrict acc = c->acc + r * c->columns;
    for (size_t j = 0; j < c->columns; j++) {
      int32_t x = wide ? full[j] : narrow[j] >> c->scale;
      int32_t draw = kind != BT_ENTRY_DRAWN ? 0
                     : wide                 ? ((const int32_t *)c->draws)[j]
                                            : ((const int16_t *)c->draws)[j];
      saturations += enter_one(kind, wrap, c, x, draw, &acc[j]);
    }
  }
  memset(c->partial, 0, c->rows * c->columns * (wide ? sizeof(int32_t) : sizeof(int16_t)));
  return saturations;
}

LOOP uint64_t enter_over(bt_entry kind, const bt_ordered_chunk *c) {
  return c->wrap ? c->wide ? enter_kind(kind, true, true, c) : enter_kind(kind, true, false, c)
         : c->wide ? enter_kind(kind, false, true, c)
                   : enter_kind(kind, false, false, c);
}

LOOP uint64_t enter_chunk(const bt_ordered_chunk *c) {
  switch (c->entry) {
    case BT_ENTRY_NEAREST:
      return enter_over(BT_ENTRY_NEAREST, c);
    case BT_ENTRY_DRAWN:
      return enter_over(BT_ENTRY_DRAWN, c);
    case BT_ENTRY_EXACT:
    case BT_ENTRY_FLOOR:
    default:
      return enter_over(BT_ENTRY_FLOOR, c);
  }
}

LOOP void draw_round(uint32_t *restrict lane, size_t lanes, unsigned bits,
                     uint32_t *restrict draws) {
  uint32_t mask = (UINT32_C(1) << bits) - 1;
  for (size_t l = 0; l < lanes; l++) {
    uint32_t x = lane[l], r = x & mask;
    lane[l] = (x >> bits) ^ (r << (32 - bits)) ^ (r << (30 - bits)) ^ (r << (26 - bits)) ^
              (r << (25 - bits));
    draws[l] = r;
  }
}

LOOP void draw_rounds(uint32_t *lane, size_t lanes, size_t rounds, unsigned bits,
                      uint32_t *draws) {
  for (size_t i = 0; i < rounds; i++, draws += lanes) {
    if (lanes == 16) {
      draw_round(lane, 16, bits, draws);
    } else {
      draw_round(lane, lanes, bits, draws);
    }
  }
}

static uint64_t add(const bt_ordered_tile *t) { return add_terms(t); }
static uint64_t enter(const bt_ordered_chunk *c) { return enter_chunk(c); }
static void draw_all(uint32_t *lane, size_t lanes, size_t rounds, unsigned bits, uint32_t *draws) {
  draw_rounds(lane, lanes, rounds, bits, draws);
}

LOOP bt_ordered_kernels ordered_kernels(void) {
  return (bt_ordered_kernels){BT_ROWS, WIDTH16, add, enter, draw_all};
}
