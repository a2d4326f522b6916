/* Quantizing a wide tensor chunk by chunk (numerics 7): what is decided once a command, then any
 * stretch of elements from wherever its mantissas lie. A producer that knows the extremes of what
 * it will write can so quantize each stretch as it makes it, and the wide tensor never exists.
 *
 *   bt_quantize_plan plan;
 *   if (bt_fast_quantize_plan(f, c, known, rng, &plan)) {
 *     in each task:
 *       bt_lane_state lanes = {0};
 *       bt_lanes_seek(&lanes, &plan.start, plan.jump, first);      once a stretch
 *       clipped += bt_fast_quantize_chunk(&plan, &lanes, first, n, m);   in order
 *     at the end, by the thread that runs commands:
 *     bt_fast_quantize_finish(&plan, rng);
 *   } */
#ifndef BT_FAST_QUANTIZE_H
#define BT_FAST_QUANTIZE_H

#include "fast/context.h"
#include "fast/draw.h"

/* Blocks of every shape as tiles of a matrix of n / width rows: `rows` x `columns` elements each,
 * `across` side by side. One row of n columns for block tensor, single rows for dim0. */
typedef struct {
  size_t width, rows, columns, across;
} bt_tiling;

typedef struct {
  const bt_command *c;
  const bt_tensor *in; /* kind, shape and exponents; its data are read by bt_fast_quantize alone */
  bt_tensor *out;
  const bt_kernels *kernels;
  const bt_jump *jump;
  size_t n, last, row;      /* elements; the last dimension; a row of cells: n / in->n0 */
  const int16_t *exponents; /* a row's start at multiples of exponent_row; each row runs on, */
  size_t exponent_row;      /* column by column, for BT_QUANTIZE_SLACK beyond the last dimension,
                             if it has that many elements */
  bool each;                /* exponents has one entry for each element instead */
  int16_t least, most;      /* of exponents */
  bool narrow;              /* every |mantissa| is below 2^30 */
  bt_tiling tiling;
  bt_quantizer q;
  bt_lane_state start; /* the draws of element 0 */
} bt_quantize_plan;
#define BT_QUANTIZE_SLACK 1024u

/* Decides a quantize command whose input's exponents (in->exp) are set, from the extremes of the
 * mantissas that will come, and writes the output's exponents. rng is not moved, and may be NULL
 * where nothing is drawn. False, with nothing written but exponents, where the fast engine does
 * not cover the command, `known` cannot tell its blocks apart (tiles, k32, or blocks by dimension
 * 0 within one row of extremes), or a block's exponent is beyond its range: the wide tensor must
 * then be written and the command run as usual. Takes scratch. */
bool bt_fast_quantize_plan(bt_fast *f, const bt_command *c, const bt_extremes *known,
                           const bt_lfsr *rng, bt_quantize_plan *plan);

/* Elements first .. first+n-1 of mantissas m[n], to their places in the output. first and the
 * place of lanes are the same multiple of 64; n is one too, or the elements end there. lanes then
 * stands at first + n. Any thread, any order. Returns how many elements the clip changed. */
uint64_t bt_fast_quantize_chunk(const bt_quantize_plan *plan, bt_lane_state *lanes, size_t first,
                                size_t n, const int32_t *m);

/* Moves rng past the command's draws. Once, when all elements are written. */
void bt_fast_quantize_finish(const bt_quantize_plan *plan, bt_lfsr *rng);

#endif
