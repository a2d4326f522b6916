/* The affine unit: y = c0 + sum of c_i * x_i (numerics 9). */
#ifndef BT_NUM_AFFINE_H
#define BT_NUM_AFFINE_H

#include "num/constant.h"

#define BT_AFFINE_GUARD 8
#define BT_AFFINE_TERMS 5u /* four products and the addend */

/* One term: constant times operand, or the addend (is_addend, a constant alone). */
typedef struct {
  bt_constant c;
  int operand_step;  /* e_i */
  int operand_bits;  /* width of the operand */
  bool is_addend;
} bt_affine_term;

/* What is decided before the sum, from constants, widths and exponents alone. */
typedef struct {
  size_t terms;
  int32_t mantissa[BT_AFFINE_TERMS];
  int shift[BT_AFFINE_TERMS]; /* left if positive, floor right if negative */
  int t;                      /* the final floor shift */
  int exponent;               /* of the result */
  int bits;                   /* its width */
} bt_affine_plan;

bt_affine_plan bt_affine_prepare(size_t terms, const bt_affine_term *term);

/* The result for operand mantissas x[terms]; an addend's x is 1. */
int32_t bt_affine_apply(const bt_affine_plan *plan, const int32_t *x);

#endif
