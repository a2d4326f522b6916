/* Batch norm of one channel, in scalars (numerics 19). */
#ifndef BT_NUM_NORM_H
#define BT_NUM_NORM_H

#include "num/scalar_value.h"

/* n * b - a * c, exactly: D of S1, S2, S1 and P of S1, Sex, Se. n < 2^31. */
static inline __int128 bt_norm_product(int64_t n, int64_t b, int64_t a, int64_t c) {
  return (__int128)n * b - (__int128)a * c;
}

/* A channel's mean, and r, the reciprocal of its deviation. */
typedef struct {
  bt_scalar_value mean, r;
} bt_norm_channel;

/* r of a variance: 1 / sqrt(variance + eps), or 0 where that sum is not positive. */
bt_scalar_value bt_norm_reciprocal(bt_scalar_value variance, bt_constant eps);

/* From the sums S1 at exponent e and S2 at 2e of n rows, 1 <= n < 2^31. */
bt_norm_channel bt_norm_of_sums(int64_t s1, int64_t s2, int64_t n, int e, bt_constant eps);

/* a of 16 bits and b of 32: the outputs are a*x + b. */
typedef struct {
  bt_constant a, b;
} bt_norm_forward;
bt_norm_forward bt_norm_constants(bt_norm_channel c, bt_scalar_value gamma, bt_scalar_value beta);

/* The error's sums: Se at exponent e_d, Sex at e_d + e. */
typedef struct {
  int64_t se, sex;
  int e_d;
} bt_norm_error;

/* b' of 16 bits, c' of 32: the error of x is a*d + b'*x + c'. The gradients have 32 bits. */
typedef struct {
  bt_constant b, c, dgamma, dbeta;
} bt_norm_backward;
bt_norm_backward bt_norm_back_constants(bt_norm_channel c, bt_constant a, int64_t s1, int64_t n,
                                        int e, bt_norm_error error);

#endif
