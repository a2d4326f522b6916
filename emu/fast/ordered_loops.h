/* The loops of ordered accumulation: compiled once for each instruction set. The including file
 * defines, before it includes this one, BT_VECTOR (bytes), BT_ROWS and BT_SIDE (vectors of a tile's
 * row), the types v16 and v32 (vectors of uint16_t and uint32_t), and what C has no operator for:
 *   adds16    sum, saturated to int16             mulhi16  high half of a signed product
 *   mul32     signed product of the low halves; a's high halves are 0
 *   min16, max16, min32, max32, sra16, sra32      signed
 *   equal16, equal32 (tally, x, y)                tally - 1 where x == y, else tally
 *   low16, high16                                 of each 16 bytes' place: the low (high) 4 words
 *                                                 of two vectors, in turn
 *   load_eights(p, step)                          16 bytes from p on, from p + step on, ...
 *   widen(p)                                      words as v32
 *   store_group(p, x)                             16 words of v32, all below 2^14
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

LOOP size_t stretch_end(const bt_ordered_tile *t, size_t stretch) {
  size_t end = (stretch + 1) * BT_ORDERED_STRETCH;
  return end < t->terms ? end : t->terms;
}

/* Rows of a tile: with draws, which are each row's own, one. */
#define ROWS_OF(kind) ((kind) == BT_ENTRY_DRAWN ? 1u : BT_ROWS)

#include "fast/ordered_chunk.h"
#include "fast/ordered_draw_loops.h"
#include "fast/ordered_narrow.h"
#include "fast/ordered_wide.h"

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

static uint64_t add(const bt_ordered_tile *t) { return add_terms(t); }
static uint64_t enter(const bt_ordered_chunk *c) { return enter_chunk(c); }
static void draw_all(bt_lane_state *s, size_t rounds, unsigned shift, uint16_t *addends) {
  draw_rounds(s, rounds, shift, addends);
}
static void turn(const bt_ordered_turn *t) { turn_columns(*t); }

LOOP bt_ordered_kernels ordered_kernels(void) {
  return (bt_ordered_kernels){BT_ROWS, WIDTH16, add, enter, draw_all, turn};
}
