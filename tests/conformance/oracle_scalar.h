/* Scalars of numerics 12.4 as exact rationals (GMP), cut and rounded as the text says. Arguments
 * may be the same variable. */
#ifndef BT_TESTS_ORACLE_SCALAR_H
#define BT_TESTS_ORACLE_SCALAR_H

#include <gmp.h>
#include <stdint.h>

/* x * 2^e */
void oracle_scale(mpq_t x, long e);

/* The top 32 bits of |x|, with its sign: make() of an exact value. */
void oracle_scalar_cut(mpq_t x);

void oracle_scalar_mul(mpq_t out, const mpq_t a, const mpq_t b);
void oracle_scalar_div(mpq_t out, const mpq_t a, const mpq_t b);
void oracle_scalar_add(mpq_t out, const mpq_t a, const mpq_t b);
void oracle_scalar_rsqrt(mpq_t out, const mpq_t a);

/* Rounds x to a constant of `bits` bits with sign (16, 32): mantissa and exponent, 0 * 2^0 for 0.
 * x becomes the constant's value. */
void oracle_scalar_constant(mpq_t x, int bits, int32_t *mantissa, long *exponent);

#endif
