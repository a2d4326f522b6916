/* The passes of a contraction through the output-stationary array, with the operands that they
 * take, tile by tile (activity 3; numerics 8.2). */
#ifndef BT_COST_TILE_PASSES_H
#define BT_COST_TILE_PASSES_H

#include "cmd/command.h"
#include "machine/machine.h"

typedef struct {
  size_t tiles;  /* 0: every tile. Else about so many, see bt_activity_samples() */
  bool random;   /* operands: uniform random bytes in place of the tensors' */
  uint64_t seed; /* of these */
} bt_activity_options;

/* Whether the array's registers are defined for this contraction: dataflow os, int8 operands in
 * blocks tensor, dim0 or sample, an accumulator without shift and chunks. */
bool bt_activity_covers(const bt_machine *machine, const bt_command *c);

/* Whether tile `tile` of `total` is among the sampled ones: with `wanted` M > 0 and M < total the M
 * tiles spread evenly, first and last included (tile floor(s * (total - 1) / (M - 1)) for s below
 * M; the first for M = 1), and the last tile of the first row of tiles and both ends of the last
 * row; so that partial tiles are among them. All tiles otherwise. Tiles are numbered row by row,
 * `tile_cols` to a row. */
bool bt_activity_samples(size_t wanted, size_t total, size_t tile_cols, size_t tile);

/* Tiles of a checked contraction on the machine's array. */
size_t bt_tile_count(const bt_machine *machine, const bt_command *c);

typedef struct {
  size_t tile;         /* its number */
  size_t group;        /* of the tile's, from 0 */
  size_t len;          /* products an output, at least 1 */
  const int8_t *a, *b; /* [len][rows], [len][cols]; zeros where a tile holds no output */
} bt_tile_pass;

typedef struct {
  void (*tile)(void *context, size_t number); /* before its passes; a tile may have none */
  void (*pass)(void *context, const bt_tile_pass *pass);
  void *context;
} bt_tile_visitor;

/* Shows the passes of the sampled tiles of a checked and covered contraction, tiles ascending, in
 * each a pass for each group of exponents. `only`: of that tile alone, NULL: see options.
 *
 * The operands must be in place (random ones too need exponents, which say the groups). Random
 * operands are bytes -128..127, a function of seed, layer, direction, operand, row or column, and
 * k, so that tiles share them as they share real ones; they stand at places outside of an image
 * too.
 * BT_BAD_INPUT: a command that is not covered, an operand without storage, or no such tile.
 * BT_FAILED: out of memory. */
bt_status bt_tile_passes(const bt_machine *machine, const bt_command *c,
                         const bt_activity_options *options, const size_t *only,
                         const bt_tile_visitor *visitor, bt_error *error);

#endif
