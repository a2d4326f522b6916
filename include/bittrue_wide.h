/* bittrue: the commands between the array and the quantizer, on the caller's arrays.
 *
 * What the reference engine computes for a command of a training step, one command a call: a
 * contraction of quantized tensors gives a wide one, the affine unit works on wide ones, the
 * quantizer makes a quantized tensor of it. Plain loops that follow docs/numerics.md ("numerics
 * N"), made to compare with, not to be fast. bittrue.h says what holds for all functions.
 */
#ifndef BITTRUE_WIDE_H
#define BITTRUE_WIDE_H

#include "bittrue.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BT_WIDE_DIMS 4u
#define BT_WIDE_TERMS 4u

/* A quantized tensor (numerics 2), as bt_quantize_f32() leaves one. */
typedef struct {
  bt_format format;
  size_t ndim;              /* 0..BT_WIDE_DIMS */
  size_t dim[BT_WIDE_DIMS];
  const int16_t *mantissa;  /* elements, each within the format's clip range */
  const int8_t *exponent;   /* bt_block_count(): E of each block; not read for BT_FIXED */
} bt_blocks;

/* A wide tensor (numerics 6): the value of element i is mantissa[i] * 2^step[bt_wide_cell(i)].
 * As an input its arrays are the caller's. As an output the function sets every field and makes the
 * arrays; give them back with bt_wide_free(). */
typedef struct {
  size_t ndim;              /* 0..BT_WIDE_DIMS */
  size_t dim[BT_WIDE_DIMS];
  size_t n0, nl;            /* cells: n0 is 1, dim[0] or elements / dim[ndim - 1]; nl is 1 or
                             * dim[ndim - 1] */
  int bits;                 /* every |mantissa| <= 2^bits, 0..31 */
  int32_t *mantissa;        /* elements */
  int16_t *step;            /* n0 * nl step exponents, in -8192..8191 */
} bt_wide;

/* The cell of element i, 0 <= i < elements (numerics 6): the number of its step exponent. */
BT_API size_t bt_wide_cell(const bt_wide *x, size_t i);

/* Frees the arrays of an output and makes them NULL; nothing for arrays that are NULL. */
BT_API void bt_wide_free(bt_wide *x);

/* A quantized tensor read as a wide one (numerics 6): the same mantissas, bits = wl - 1, and a step
 * exponent E - (wl - 2) for each block, or for each element where blocks are tiles or k32.
 * BT_BAD_INPUT: a format out of range, more than BT_WIDE_DIMS dimensions, no elements, a mantissa
 * outside the clip range (the error names the element). BT_FAILED: no memory. */
BT_API bt_status bt_wide_from_blocks(const bt_blocks *x, bt_wide *y, bt_error *error);

/* What a contraction did. Callers zero it; the function adds to it. */
typedef struct {
  uint64_t saturations; /* additions that saturated or wrapped (numerics 8.1) */
  uint64_t dropped;     /* products of groups below gref (numerics 8.2) */
} bt_contract_counts;

/* A convolution, or one of its gradients, in the array and the aligner (numerics 8). A and B are
 * those of numerics 8's table: forward x, w; data gradient e, w; weight gradient e, x. a and b hold
 * the geometry's numbers of elements, mantissas of at most 8 bits (weights in the forward direction
 * up to 15, in two passes that draw nothing: numerics 8.3), in any blocks; in `dim0` and `sample`
 * dim[0] is the number of samples (of x and e) or of outputs o (of w).
 * y is y-, x- or w-shaped in these directions, of 4 dimensions. The matrix product of a[m][k] and
 * b[n][k] is a forward one of n = m, c = k, o = n, all other sizes 1 and pad 0.
 * rng is needed (else may be NULL) where acc_shift is above 0 and rounds stochastically, in one
 * pass; it is then advanced by ceil(outputs * K / lanes) draws. counts may be NULL.
 * BT_BAD_INPUT: as bt_wide_from_blocks(), of a or b; an accumulator out of range; a geometry whose
 * windows leave the padded image, or of other sizes than the operands; rounding without rng.
 * BT_FAILED: no memory. */
BT_API bt_status bt_wide_contract(const bt_accumulator *acc, bt_direction direction,
                                  const bt_geometry *geometry, const bt_blocks *a,
                                  const bt_blocks *b, bt_lfsr *rng, bt_wide *y,
                                  bt_contract_counts *counts, bt_error *error);

/* A term c * x of an affine command. */
typedef struct {
  const bt_wide *x;        /* of y's shape, or a vector of its last dimension, used in every row */
  bt_constant c;           /* 0, or 2^14 <= |mantissa| < 2^15, exponent in -4096..4095 */
  const bt_constant *each; /* NULL, or a constant for each last index in place of c */
} bt_wide_term;

/* y = c0 + sum of c * x, then ReLU or a mask (numerics 9). */
typedef struct {
  size_t terms; /* 1..BT_WIDE_TERMS; y has the shape of the first one's x */
  bt_wide_term term[BT_WIDE_TERMS];
  bt_constant c0;             /* 0 for none, or 2^30 <= |mantissa| < 2^31; exponent as above */
  const bt_constant *c0_each; /* NULL, or an addend for each last index in place of c0 */
  bool relu;                  /* y = max(y, 0) */
  const uint8_t *mask;        /* NULL, or [elements]: y = 0 where it is 0; not with relu */
} bt_affine;

/* Computes it into *y, whose cells are as fine as the finest of the terms. positive is NULL or,
 * with relu, [elements]: 1 where y > 0 before the ReLU, else 0.
 * BT_BAD_INPUT: terms, shapes, constants or a step exponent out of range; a mantissa beyond its
 * tensor's bits (the error names them); relu and a mask. BT_FAILED: no memory. */
BT_API bt_status bt_wide_affine(const bt_affine *affine, bt_wide *y, uint8_t *positive,
                                bt_error *error);

/* Quantizes a wide tensor (numerics 7). format, round, mantissa, exponent, rng and counts are as in
 * bt_quantize_f64(). BT_BAD_INPUT: as there, and for x as in bt_wide_affine(). BT_FAILED: no
 * memory. */
BT_API bt_status bt_wide_quantize(const bt_wide *x, const bt_format *format,
                                  const bt_round_options *round, bt_lfsr *rng, int16_t *mantissa,
                                  int8_t *exponent, bt_quantize_counts *counts, bt_error *error);

#ifdef __cplusplus
}
#endif
#endif
