/* Exact rationals from decimal text, and the datapath's constants (numerics 10). */
#ifndef BT_NUM_CONSTANT_H
#define BT_NUM_CONSTANT_H

#include "bittrue.h"

/* num / den in lowest terms, den > 0. Operations fail (BT_BAD_INPUT) beyond 63 bits. */
typedef struct {
  int64_t num, den;
} bt_rational;

bt_status bt_rational_make(int64_t num, int64_t den, bt_rational *r, bt_error *error);
/* Reads "0.05", "5e-4", "-1", ".9": exactly. */
bt_status bt_rational_parse(const char *text, bt_rational *r, bt_error *error);
bt_status bt_rational_mul(bt_rational a, bt_rational b, bt_rational *r, bt_error *error);
bt_status bt_rational_add(bt_rational a, bt_rational b, bt_rational *r, bt_error *error);
bt_status bt_rational_div(bt_rational a, bt_rational b, bt_rational *r, bt_error *error);
int bt_rational_cmp(bt_rational a, bt_rational b); /* -1, 0, 1 */

/* Rounds once, nearest even, to a mantissa of `bits` bits with sign: 16 (the affine unit's
 * coefficients, 2^14 <= |m| < 2^15) or 32 (its addend). */
bt_constant bt_constant_make(bt_rational r, int bits);

#endif
