/* The affine unit: y = c0 + sum of c_i * x_i (numerics 9). */
#ifndef BT_NUM_AFFINE_H
#define BT_NUM_AFFINE_H

#include "num/constant.h"

#define BT_AFFINE_GUARD 8
#define BT_AFFINE_TERMS 5u /* four products and the addend */

/* What a plan needs of a vector of constants: the exponents of those that are not zero. */
typedef struct {
  bool any;            /* one is not zero */
  int highest, lowest; /* where any */
} bt_affine_range;
bt_affine_range bt_affine_range_of(size_t n, const int32_t *mantissa, const int16_t *exponent);

/* One term: constant times operand, or the addend (is_addend, a constant alone). With is_vector
 * the constant is one per last index, `range` stands for them and c is not read. */
typedef struct {
  bt_constant c;
  int operand_step;  /* e_i */
  int operand_bits;  /* width of the operand */
  bool is_addend;
  bool is_vector;
  bt_affine_range range; /* over the last indices that the plan is for */
} bt_affine_term;

/* What is decided before the sum, from constants, widths and exponents alone. A term with a vector
 * has mantissa and shift 0 here; bt_affine_at() sets those of one last index. */
typedef struct {
  size_t terms;
  int align; /* a: terms are shifted by their exponent less this; 0 if every constant is zero */
  int32_t mantissa[BT_AFFINE_TERMS];
  int shift[BT_AFFINE_TERMS]; /* left if positive, floor right if negative */
  int t;                      /* the final floor shift */
  int exponent;               /* of the result */
  int bits;                   /* its width */
} bt_affine_plan;

bt_affine_plan bt_affine_prepare(size_t terms, const bt_affine_term *term);

/* Makes term i that of one last index, whose constant is c. step is e_i, 0 for the
 * addend. A shift left is by at most BT_AFFINE_GUARD. */
void bt_affine_at(bt_affine_plan *plan, size_t i, bt_constant c, int step);

/* The result for operand mantissas x[terms]; an addend's x is 1. */
int32_t bt_affine_apply(const bt_affine_plan *plan, const int32_t *x);

#endif
