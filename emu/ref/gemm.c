/* bt_gemm_s8: the matrix-multiply filter (numerics 8.1). */
#include <stdlib.h>

#include "num/accumulate.h"
#include "num/error.h"
#include "num/lfsr.h"

/* Whether m * n * k, and the bytes that are allocated, are numbers of a size_t. */
static bool sizes_fit(size_t m, size_t n, size_t k) {
  size_t outputs, products, b;
  return !__builtin_mul_overflow(m, n, &outputs) &&
         !__builtin_mul_overflow(outputs, k, &products) && !__builtin_mul_overflow(k, n, &b) &&
         b < SIZE_MAX && k < SIZE_MAX / sizeof(uint32_t) - 1;
}

bt_status bt_gemm_s8(const bt_accumulator *acc, size_t m, size_t n, size_t k, const int8_t *a,
                     const int8_t *b, bt_lfsr *rng, int32_t *out, uint64_t *saturations,
                     bt_error *error) {
  bool stochastic = acc->acc_shift > 0 && acc->acc_round.mode == BT_STOCHASTIC;
  uint64_t unused = 0;
  bt_status status = bt_accumulator_check(acc, error);
  if (status != BT_OK) {
    return status;
  }
  if (stochastic && rng == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "stochastic acc_rounding without a generator");
  }
  if (!sizes_fit(m, n, k)) {
    return bt_fail(error, BT_BAD_INPUT, "%zu x %zu outputs of %zu products: expected below 2^64", m,
                   n, k);
  }
  int8_t *bt = malloc(n * k + 1); /* b transposed: each output reads two contiguous rows */
  uint32_t *draws = malloc((k + 1) * sizeof *draws);
  if (bt == NULL || draws == NULL) {
    status = bt_fail(error, BT_FAILED, "out of memory for a %zu x %zu operand", k, n);
  }
  for (size_t i = 0; status == BT_OK && i < k * n; i++) {
    bt[i % n * k + i / n] = b[i];
  }
  for (size_t q = 0; status == BT_OK && q < m * n; q++) {
    if (stochastic) {
      bt_lfsr_fill(rng, q * k, k, acc->acc_round.random_bits, draws);
    }
    out[q] = bt_accumulate_ordered(acc, k, a + q / n * k, bt + q % n * k,
                                   stochastic ? draws : NULL,
                                   saturations == NULL ? &unused : saturations);
  }
  if (status == BT_OK && stochastic) {
    bt_lfsr_finish(rng, m * n * k, acc->acc_round.random_bits);
  }
  free(draws);
  free(bt);
  return status;
}
