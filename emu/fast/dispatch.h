/* The kernels of the fast engine, and which instruction set each comes from. */
#ifndef BT_FAST_DISPATCH_H
#define BT_FAST_DISPATCH_H

#include "bittrue.h"

/* A register tile of a contraction: 6 rows of A by two vectors of 8 columns of B. Operands are
 * int16; k goes in pairs, so that a pair is 32 bits: of A broadcast, of B one a column.
 * For pair p and row r, A is at a[r] + a_offset[p]; for the columns of vector v, B is at
 * b[v] + b_offset[p], 8 successive pairs. Offsets count int16.
 * out[r * 16 + v * 8 + column] is the sum over pairs. Every sum of magnitudes is below 2^31.
 * The second vector is not read where `vectors` is 1; out holds no sum for it then. */
#define BT_TILE_ROWS 6u
#define BT_TILE_COLUMNS 16u
typedef struct {
  size_t pairs, vectors;
  const int32_t *a_offset, *b_offset;
  const int16_t *a[BT_TILE_ROWS];
  const int16_t *b[2];
} bt_tile;

/* How one wide mantissa m becomes a mantissa (numerics 3): with s = `shift` in 0..31,
 * floor(m / 2^s) plus the carry of m's low s bits and an addend d below 2^s. For a stochastic
 * rounding d is the draw, `draw_right` bits dropped or `draw_left` zeros appended.
 * A negative surplus is `left`: m * 2^left. One of shift and left is 0. */
typedef struct {
  uint32_t shift, left, draw_right, draw_left;
} bt_round_step;

/* Quantizes n elements, m to out (int8 or int16 by `wide_out`), element i by step[i % period].
 * draws: one per element, the sr_half bit appended; for BT_STOCHASTIC only.
 * Returns how many the clip changed. */
typedef struct {
  bt_rounding mode;
  const bt_round_step *step;
  size_t period;
  int32_t low, high;
  bool wide_out;
} bt_quantizer;

typedef struct {
  const char *isa;
  void (*tile)(const bt_tile *t, int32_t *out);
  /* out |= |m[i]|, column by column: magnitude[i % period] for n elements, n a multiple of it. */
  void (*magnitudes)(size_t n, size_t period, const int32_t *m, uint32_t *magnitude);
  /* `count` draws of each of `lanes` lanes: draws[round * lanes + lane] (numerics 4.2). */
  void (*draw)(uint32_t *lane, size_t lanes, size_t count, unsigned bits, uint32_t *draws);
  uint64_t (*quantize)(const bt_quantizer *q, size_t n, const int32_t *m, const uint32_t *draws,
                       void *out);
} bt_kernels;

/* Fills every pointer for an instruction set that bt_fast_supports(). */
void bt_kernels_fill(bt_kernels *k, const char *isa);

/* What each instruction set overrides. */
void bt_kernels_portable(bt_kernels *k);
void bt_kernels_avx2(bt_kernels *k);

#endif
