/* The scalar unit: reciprocal, 2^x, log2 and square root in fixed point (numerics 12, 5.4). */
#ifndef BT_NUM_SCALAR_H
#define BT_NUM_SCALAR_H

#include <stdint.h>

/* floor(2^62 / s) for s in [2^31, 2^32); in [2^30, 2^31]. */
uint64_t bt_recip(uint64_t s);

/* 2^(f / 2^16) in units of 2^-30, for f in 0..65535; in [2^30, 2^31). */
uint64_t bt_exp2(uint32_t f);

/* log2(x) in units of 2^-16, for x in 1..2^63-1. */
int64_t bt_log2(uint64_t x);

/* floor of the square root. */
uint64_t bt_isqrt(uint64_t x);

#endif
