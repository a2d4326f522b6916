/* The accumulator of numerics 8.1, one addition at a time. */
#include <stdlib.h>

#include "oracle.h"

/* over(x) of numerics 8.1 in `bits` bits; counts when x is outside. */
static int64_t over(int64_t x, int bits, bool wrap, uint64_t *overflows) {
  int64_t span = (int64_t)1 << bits, high = span / 2 - 1, low = -span / 2;
  if (x >= low && x <= high)
    return x;
  ++*overflows;
  if (!wrap)
    return x > high ? high : low;
  return ((x - low) % span + span) % span + low;
}

/* round(x, S) of numerics 3. */
static int64_t shifted(int64_t x, const bt_accumulator *acc, uint32_t r) {
  mpq_t q;
  mpz_t m;
  mpq_init(q);
  mpz_init(m);
  mpq_set_si(q, x, 1);
  mpq_div_2exp(q, q, (mp_bitcnt_t)acc->acc_shift);
  oracle_round(m, q, &acc->acc_round, r);
  int64_t result = mpz_get_si(m);
  mpq_clear(q);
  mpz_clear(m);
  return result;
}

void oracle_gemm(const bt_accumulator *acc, size_t m, size_t n, size_t k, const int8_t *a,
                 const int8_t *b, bt_lfsr *rng, int32_t *out, oracle_overflows *overflows) {
  uint32_t *draws = calloc(m * n * k + 1, sizeof *draws);
  if (acc->acc_round.mode == BT_STOCHASTIC && acc->acc_shift > 0)
    oracle_lfsr_draws(rng, m * n * k, acc->acc_round.random_bits, draws);
  for (size_t q = 0; q < m * n; q++) {
    int64_t total = 0, sum = 0;
    size_t first = 0; /* k of the entry's first product */
    for (size_t i = 0; i < k; i++) {
      int64_t p = (int64_t)a[q / n * k + i] * b[i * n + q % n];
      if (acc->chunk == 0) {
        sum = p;
        first = i;
      } else {
        if (i % acc->chunk == 0) {
          sum = 0;
          first = i;
        }
        sum = over(sum + p, acc->psum_bits, acc->wrap, &overflows->psum);
        if ((i + 1) % acc->chunk != 0 && i + 1 != k)
          continue;
      }
      int64_t x = shifted(sum, acc, draws[q * k + first]);
      total = over(total + x, acc->acc_bits, acc->wrap, &overflows->acc);
    }
    out[q] = (int32_t)total;
  }
  free(draws);
}
