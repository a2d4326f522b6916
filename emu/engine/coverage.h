/* Functional coverage: which of the contract's cases commands have met, counted from commands,
 * operands and results, whatever engine ran them. A comparison of engines is worth what its
 * commands made them do; a bin that stays empty says what they never did. */
#ifndef BT_ENGINE_COVERAGE_H
#define BT_ENGINE_COVERAGE_H

#include "engine/engine.h"

/* The bins: X(name, unit, what it counts). Units: commands, unless the text says otherwise. */
#define BT_COVERAGE_BINS(X)                                                                        \
  X(CONTRACT_FORWARD, "contract.forward", "forward contractions")                                  \
  X(CONTRACT_DATA, "contract.data_gradient", "data gradients")                                     \
  X(CONTRACT_WEIGHT, "contract.weight_gradient", "weight gradients")                               \
  X(CONTRACT_SHORT_ROWS, "contract.short_rows", "the last tiles are short of rows")                \
  X(CONTRACT_SHORT_COLUMNS, "contract.short_columns", "the last tiles are short of columns")       \
  X(CONTRACT_PAD, "contract.pad", "windows leave the image")                                       \
  X(CONTRACT_STRIDE, "contract.stride", "a stride above 1")                                        \
  X(CONTRACT_GROUPS, "contract.groups", "exponents differ along k (numerics 8.2)")                 \
  X(CONTRACT_DROPPED, "contract.dropped", "groups beyond the aligner's width are left out")        \
  X(CONTRACT_ZERO_BLOCK, "contract.zero_block", "an operand has a zero block")                     \
  X(CONTRACT_SATURATED, "contract.saturated", "additions saturate or wrap (numerics 8.1)")         \
  X(CONTRACT_SHIFTED, "contract.shifted", "the sum needs the final floor to 32 bits")              \
  X(QUANTIZE_TENSOR, "quantize.tensor", "blocks tensor")                                           \
  X(QUANTIZE_DIM0, "quantize.dim0", "blocks dim0 or sample")                                       \
  X(QUANTIZE_TILE, "quantize.tile", "blocks tile")                                                 \
  X(QUANTIZE_K32, "quantize.k32", "blocks k32")                                                    \
  X(QUANTIZE_FIXED, "quantize.fixed", "fixed point")                                               \
  X(QUANTIZE_STOCHASTIC, "quantize.stochastic", "stochastic rounding")                             \
  X(QUANTIZE_EVEN, "quantize.nearest_even", "nearest, ties to even")                               \
  X(QUANTIZE_AWAY, "quantize.nearest_away", "nearest, ties away from zero")                        \
  X(QUANTIZE_FLOOR, "quantize.floor", "floor")                                                     \
  X(QUANTIZE_TIE, "quantize.tie", "elements exactly between two, in the nearest modes")            \
  X(QUANTIZE_CLIPPED, "quantize.clipped", "elements that the clip changed")                        \
  X(QUANTIZE_OVERFLOW, "quantize.overflow", "elements of blocks above exponent 127")               \
  X(QUANTIZE_FLUSHED, "quantize.flushed", "nonzero elements of blocks below exponent -128")        \
  X(QUANTIZE_ZERO_BLOCK, "quantize.zero_block", "zero blocks written")                             \
  X(QUANTIZE_LEFT, "quantize.left", "nonzero elements whose shift is to the left")                 \
  X(QUANTIZE_BEYOND, "quantize.beyond", "nonzero elements with all bits below the draw's range")   \
  X(QUANTIZE_SHORT_BEAT, "quantize.short_beat", "the last beat is short of elements")              \
  X(AFFINE_TERMS_1, "affine.terms_1", "one term")                                                  \
  X(AFFINE_TERMS_2, "affine.terms_2", "two terms")                                                 \
  X(AFFINE_TERMS_3, "affine.terms_3", "three terms")                                               \
  X(AFFINE_TERMS_4, "affine.terms_4", "four terms")                                                \
  X(AFFINE_ADDEND, "affine.addend", "an addend, or a vector of them")                              \
  X(AFFINE_VECTOR, "affine.vector", "constants by last index")                                     \
  X(AFFINE_COLUMNS, "affine.columns", "cells split along the last dimension")                      \
  X(AFFINE_ROWS, "affine.rows", "cells split along dimension 0")                                   \
  X(AFFINE_BEYOND, "affine.beyond", "a term shifted right beyond its width")                       \
  X(AFFINE_MASKED, "affine.masked", "a given mask")                                                \
  X(AFFINE_RELU_ZERO, "affine.relu_zero", "elements that the ReLU sets to 0")                      \
  X(AFFINE_ZERO, "affine.zero", "all constants are zero")                                          \
  X(GATE, "gate", "gates")                                                                         \
  X(REDUCE_SUM, "reduce.sum", "sums")                                                              \
  X(REDUCE_BLOCKS, "reduce.blocks", "sums over blocks of differing exponents (numerics 11.1)")     \
  X(REDUCE_PRODUCTS, "reduce.products", "sums of products, moments, products")                     \
  X(REDUCE_EXTREMES, "reduce.extremes", "min and max")                                             \
  X(POOL_TIE, "pool.tie", "windows whose largest value stands in several places")                  \
  X(POOL_NEGATIVE, "pool.negative", "windows without a value above -1")                            \
  X(POOL_LEFT_OVER, "pool.left_over", "rows or columns fill no window")                            \
  X(POOL_BACK, "pool.back", "max-pools backward")                                                  \
  X(POOL_SUM, "pool.sum", "average pools")                                                         \
  X(POOL_SPREAD, "pool.spread", "average pools backward")                                          \
  X(SOFTMAX_TIE, "softmax.tie", "rows whose largest logit stands in several places")               \
  X(SOFTMAX_ZERO, "softmax.zero", "probabilities of 0")                                            \
  X(SOFTMAX_RIGHT, "softmax.right", "rows whose label has the largest logit")                      \
  X(DROPOUT_KEPT, "dropout.kept", "elements kept")                                                 \
  X(DROPOUT_DROPPED, "dropout.dropped", "elements dropped")                                        \
  X(AVERAGE, "average", "snapshots added")                                                         \
  X(NORM_FORWARD, "norm.forward", "batch norms from a batch's sums")                               \
  X(NORM_EVALUATION, "norm.evaluation", "batch norms from statistics")                             \
  X(NORM_BACK, "norm.back", "batch norms backward")                                                \
  X(NORM_STATISTICS, "norm.statistics", "batches added to statistics")                             \
  X(LFSR_WRAP, "lfsr.wrap", "draws that pass the end of the generator's period")

typedef enum {
#define BT_COVERAGE_ENUM(name, text, what) BT_COVER_##name,
  BT_COVERAGE_BINS(BT_COVERAGE_ENUM)
#undef BT_COVERAGE_ENUM
      BT_COVER_COUNT
} bt_cover;

/* "contract.groups", and what is counted. */
const char *bt_cover_name(bt_cover bin);
const char *bt_cover_text(bt_cover bin);

typedef struct {
  uint64_t n[BT_COVER_COUNT];
} bt_coverage;

/* Adds a command that was run on `machine`: its results are in place, `before` and `after` are the
 * generator around it, `did` what it counted. Looks at every element. */
void bt_cover_command(bt_coverage *coverage, const bt_machine *machine, const bt_command *c,
                      const bt_lfsr *before, const bt_lfsr *after, const bt_counts *did);

/* The first bin from `from` on that is empty although its name, or what stands before its dot, is
 * in the comma-separated list `promised` ("all" for every bin); BT_COVER_COUNT if none is. */
bt_cover bt_cover_missing(const bt_coverage *coverage, const char *promised, bt_cover from);

/* BT_BAD_INPUT for an entry of the list that names no bin. */
bt_status bt_cover_check(const char *promised, bt_error *error);

#endif
