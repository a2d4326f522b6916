#include "num/norm.h"

bt_scalar_value bt_norm_reciprocal(bt_scalar_value variance, bt_constant eps) {
  bt_scalar_value v = bt_scalar_add(variance, bt_scalar_of_constant(eps));
  return v.sign > 0 ? bt_scalar_rsqrt(v) : (bt_scalar_value){0, 0, 0};
}

bt_norm_channel bt_norm_of_sums(int64_t s1, int64_t s2, int64_t n, int e, bt_constant eps) {
  bt_scalar_value d = bt_scalar_make(bt_norm_product(n, s2, s1, s1), 2 * e);
  bt_scalar_value variance = bt_scalar_div(d, bt_scalar_make((__int128)n * n, 0));
  return (bt_norm_channel){bt_scalar_div(bt_scalar_make(s1, e), bt_scalar_make(n, 0)),
                           bt_norm_reciprocal(variance, eps)};
}

bt_norm_forward bt_norm_constants(bt_norm_channel c, bt_scalar_value gamma, bt_scalar_value beta) {
  bt_constant a = bt_scalar_constant(bt_scalar_mul(gamma, c.r), 16);
  bt_scalar_value product = bt_scalar_mul(c.mean, bt_scalar_of_constant(a));
  bt_scalar_value b = bt_scalar_add(beta, bt_scalar_negate(product));
  return (bt_norm_forward){a, bt_scalar_constant(b, 32)};
}

bt_norm_backward bt_norm_back_constants(bt_norm_channel c, bt_constant a, int64_t s1, int64_t n,
                                        int e, bt_norm_error error) {
  bt_scalar_value rows = bt_scalar_make(n, 0), scale = bt_scalar_of_constant(a);
  __int128 p = bt_norm_product(n, error.sex, s1, error.se);
  bt_scalar_value mean_p = bt_scalar_div(bt_scalar_make(p, error.e_d + e), rows);
  bt_scalar_value dgamma = bt_scalar_mul(c.r, mean_p);
  bt_scalar_value dbeta = bt_scalar_make(error.se, error.e_d);
  bt_scalar_value slope = bt_scalar_mul(bt_scalar_mul(scale, c.r), bt_scalar_div(dgamma, rows));
  bt_constant b = bt_scalar_constant(bt_scalar_negate(slope), 16);
  bt_scalar_value level = bt_scalar_mul(scale, bt_scalar_div(dbeta, rows));
  bt_scalar_value shift = bt_scalar_mul(c.mean, bt_scalar_of_constant(b));
  bt_scalar_value addend = bt_scalar_negate(bt_scalar_add(level, shift));
  return (bt_norm_backward){b, bt_scalar_constant(addend, 32), bt_scalar_constant(dgamma, 32),
                            bt_scalar_constant(dbeta, 32)};
}
