/* Vectors of constants and of sums, read and written as such (numerics 6). */
#ifndef BT_REF_VECTOR_H
#define BT_REF_VECTOR_H

#include "cmd/tensor.h"
#include "num/scalar_value.h"

static inline int64_t bt_vector_sum(const bt_tensor *sums, size_t i) {
  return ((const int64_t *)sums->data)[i];
}

static inline bt_constant bt_vector_constant(const bt_tensor *t, size_t i) {
  return (bt_constant){((const int32_t *)t->data)[i], t->exp[i]};
}

static inline void bt_vector_store(bt_tensor *t, size_t i, bt_constant c) {
  ((int32_t *)t->data)[i] = c.mantissa;
  t->exp[i] = (int16_t)c.exponent;
}

/* Element i of a bfp vector. */
static inline bt_scalar_value bt_vector_scalar(const bt_tensor *t, size_t i) {
  return bt_scalar_make(bt_tensor_mantissa(t, i), bt_tensor_step(t, i));
}

#endif
