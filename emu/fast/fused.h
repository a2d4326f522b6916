/* Groups of successive commands that run as one, so that wide tensors between them are read once
 * or never made:
 *
 *   contract, affine, quantize   the contraction's extremes give the affine's, which is monotone in
 *                                its one operand of the output's shape
 *   contract, quantize           the contraction's extremes
 *   affine, quantize             two passes over the operands: the extremes, then all of it
 *   two of each (an update)      the same; both affines read the operands before any is written
 *   pool_back, gate
 *
 * Tensors between the commands stay unwritten but for exponents and bits; they must be the
 * group's own (bt_program_private). */
#ifndef BT_FAST_FUSED_H
#define BT_FAST_FUSED_H

#include "fast/context.h"

/* Runs the group that starts at command `first`, and returns how many commands were run; *status
 * is then what the last of them gave. Fewer than the group's where later ones cannot be fused with
 * these operands. 0 where none was run: rng, counts and all mantissas are as they were. */
size_t bt_fast_run_group(bt_fast *f, const bt_program *program, size_t first, bt_lfsr *rng,
                         bt_counts *counts, bt_status *status, bt_error *error);

#endif
