/* The loop nest of a contraction: in which order the machine visits its tiles, which operands stay
 * in their buffers meanwhile, and so what is read from DRAM before each visit (cost 5.2). */
#ifndef BT_COST_NEST_H
#define BT_COST_NEST_H

#include "cost/cycles.h"

/* An operand's bytes by the tiles that need them. */
typedef enum {
  BT_STAYS_WHOLE, /* read once */
  BT_STAYS_BLOCK, /* a block of tiles' part stays while the other operand goes by */
  BT_STREAMS      /* read anew for each visit, in chunks of half a buffer */
} bt_residence;

/* for each column block, for each row block, for each column tile in it, for each row tile */
typedef struct {
  bt_passes passes;
  uint64_t k;                       /* of an output, whatever passes it takes */
  unsigned bits[2];                 /* of A's and B's elements, packed */
  uint64_t bytes[2];                /* of A and B in DRAM, without exponents */
  bt_residence residence[2];        /* of A (input buffer), B (weight buffer) */
  bool columns_first;               /* B's column blocks stay while A goes by */
  uint64_t row_block, col_block;    /* tiles in a block */
  uint64_t row_blocks, col_blocks;
  uint64_t reloads[2];              /* how often all of A, of B, is read */
  uint64_t chunks;                  /* of a visit whose operands stream */
  uint64_t part[2], longer[2];      /* of A and B that stay: bytes a row (column) tile brings, and
                                     * how many of the first tiles bring one more */
  unsigned __int128 read[2];        /* bytes read from DRAM in all, without exponents */
} bt_nest;

/* Decides the nest: what fits stays; else the order that reads fewer bytes, rows first if equal.
 * With `fp32`, elements are those of the counterpart (cost 9). */
bt_nest bt_nest_plan(const bt_machine *machine, const bt_command *c, const bt_passes *passes,
                     bool fp32);

/* Where a walk through the visits is. Start with zeros. */
typedef struct {
  uint64_t col_block, row_block, col, row; /* tiles; the last two within their blocks */
  bool ended;
} bt_visit;

/* The tile of a visit, its outputs, and bytes of A and of B to read before it. */
typedef struct {
  uint64_t m, n;      /* outputs */
  uint64_t load[2];
} bt_visit_cost;

bt_visit_cost bt_nest_visit(const bt_nest *nest, const bt_visit *v);
void bt_nest_next(const bt_nest *nest, bt_visit *v);

#endif
