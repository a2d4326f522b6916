/* One or two affines with their quantizations in one pass: each chunk of wide values is made and
 * quantized before the next. */
#ifndef BT_FAST_FUSED_QUANTIZE_H
#define BT_FAST_FUSED_QUANTIZE_H

#include "fast/affine.h"
#include "fast/quantize.h"

#define BT_FUSED_STREAMS 2u

typedef struct {
  bt_fast *f;
  size_t streams; /* 1 or 2, of as many elements each */
  bt_affine_job affine[BT_FUSED_STREAMS];
  bt_extremes range[BT_FUSED_STREAMS]; /* of what the affines give; columns may be 1 */
  bt_quantize_plan plan[BT_FUSED_STREAMS];
  uint64_t *clipped; /* [threads] */
} bt_fused;

/* Decides affine number s and finds its range: from the extremes of its only operand of the
 * output's shape, or by a pass over its operands where `known` is NULL or does not tell. False,
 * with nothing written but exponents, bits and relu's mask, where the engine does not cover it or
 * cannot know the range cheaply (exponents per last index of so few rows that the columns of a few
 * are all of them, without known extremes). */
bool bt_fused_affine(bt_fused *u, size_t s, const bt_command *affine, const bt_extremes *known);

/* Quantizes all by quantize[streams]. No mantissa of an output is written before all of the
 * affines' operands at its place are read. False, with nothing changed but what
 * bt_fused_affine() wrote, where it cannot be planned (bt_fast_quantize_plan). */
bool bt_fused_run(bt_fused *u, const bt_command *const *quantize, bt_lfsr *rng,
                  bt_counts *counts);

#endif
