#include "oracle_scalar.h"

#include "oracle.h"

void oracle_scale(mpq_t x, long e) {
  if (e >= 0)
    mpq_mul_2exp(x, x, (mp_bitcnt_t)e);
  else
    mpq_div_2exp(x, x, (mp_bitcnt_t)-e);
}

/* x becomes a multiple of 2^e, toward zero. */
static void truncate_at(mpq_t x, long e) {
  mpz_t m;
  mpz_init(m);
  oracle_scale(x, -e);
  mpz_tdiv_q(m, mpq_numref(x), mpq_denref(x));
  mpq_set_z(x, m);
  oracle_scale(x, e);
  mpz_clear(m);
}

void oracle_scalar_cut(mpq_t x) {
  if (mpq_sgn(x) != 0)
    truncate_at(x, oracle_log2(x) - 31);
}

void oracle_scalar_mul(mpq_t out, const mpq_t a, const mpq_t b) {
  mpq_mul(out, a, b);
  oracle_scalar_cut(out);
}

void oracle_scalar_div(mpq_t out, const mpq_t a, const mpq_t b) {
  mpq_div(out, a, b);
  oracle_scalar_cut(out);
}

/* The one of the smaller exponent loses what lies 31 bits below the other's last place. */
void oracle_scalar_add(mpq_t out, const mpq_t a, const mpq_t b) {
  mpq_t large, small;
  mpq_inits(large, small, NULL);
  mpq_set(large, a);
  mpq_set(small, b);
  if (mpq_sgn(a) == 0 || (mpq_sgn(b) != 0 && oracle_log2(b) > oracle_log2(a)))
    mpq_swap(large, small);
  if (mpq_sgn(small) != 0)
    truncate_at(small, oracle_log2(large) - 31 - 31);
  mpq_add(out, large, small);
  oracle_scalar_cut(out);
  mpq_clears(large, small, NULL);
}

void oracle_scalar_rsqrt(mpq_t out, const mpq_t a) {
  long x = oracle_log2(a) - 31, k = (x - 31) % 2 == 0 ? 31 : 32;
  mpz_t s, top;
  mpq_t m;
  mpz_inits(s, top, NULL);
  mpq_init(m);
  mpq_set(m, a);
  oracle_scale(m, k - x); /* an integer now */
  mpz_set(s, mpq_numref(m));
  mpz_setbit(top, 126);
  mpz_sub_ui(top, top, 1);
  mpz_fdiv_q(top, top, s);
  mpz_sqrt(top, top);
  mpq_set_z(out, top);
  oracle_scale(out, -63 - (x - k) / 2);
  mpz_clears(s, top, NULL);
  mpq_clear(m);
}

void oracle_scalar_constant(mpq_t x, int bits, int32_t *mantissa, long *exponent) {
  const bt_round_options nearest = {BT_NEAREST_EVEN, 16, false};
  mpz_t m;
  *mantissa = 0;
  *exponent = 0;
  if (mpq_sgn(x) == 0)
    return;
  mpz_init(m);
  *exponent = oracle_log2(x) - (bits - 2);
  oracle_scale(x, -*exponent);
  oracle_round(m, x, &nearest, 0);
  if (mpz_sizeinbase(m, 2) == (size_t)bits) { /* rounded up to a power of two */
    mpz_tdiv_q_2exp(m, m, 1);
    ++*exponent;
  }
  *mantissa = (int32_t)mpz_get_si(m);
  mpq_set_z(x, m);
  oracle_scale(x, *exponent);
  mpz_clear(m);
}
