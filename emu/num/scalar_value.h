/* Scalars: signed numbers of 32 significant bits, for what is computed once a channel
 * (numerics 12.4). Every result is cut toward zero.
 *
 * Exponents are ints; with those of tensors (int16) no chain of a few operations overflows. */
#ifndef BT_NUM_SCALAR_VALUE_H
#define BT_NUM_SCALAR_VALUE_H

#include "num/constant.h"

/* sign * mantissa * 2^exponent: sign -1 or 1 with the mantissa's top bit set, or all zero. */
typedef struct {
  int sign;
  uint32_t mantissa;
  int exponent;
} bt_scalar_value;

/* z * 2^e, |z| < 2^127. */
bt_scalar_value bt_scalar_make(__int128 z, int e);
bt_scalar_value bt_scalar_of_constant(bt_constant c);

bt_scalar_value bt_scalar_negate(bt_scalar_value a);
bt_scalar_value bt_scalar_mul(bt_scalar_value a, bt_scalar_value b);
/* b is not 0. */
bt_scalar_value bt_scalar_div(bt_scalar_value a, bt_scalar_value b);
bt_scalar_value bt_scalar_add(bt_scalar_value a, bt_scalar_value b);
/* 1 / sqrt(a), a > 0. */
bt_scalar_value bt_scalar_rsqrt(bt_scalar_value a);

/* Rounds once, nearest even, to a constant of `bits` bits with sign, 16 or 32 (numerics 10). */
bt_constant bt_scalar_constant(bt_scalar_value a, int bits);

#endif
