/* Scalars (numerics 12.4) against exact rationals: mantissas at the ends of their range, exponents
 * from equal to thousands apart, cancellation, halves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "conformance/oracle.h"
#include "conformance/oracle_norm.h"
#include "num/scalar_value.h"

enum { SEED = 1204, CASES = 200000 };

static bt_scalar_value pick(oracle_stream *s) {
  static const int spans[] = {0, 1, 34, 70, 3000};
  int span = spans[oracle_stream_in(s, 0, 4)];
  int64_t low = INT64_C(1) << 31, kind = oracle_stream_in(s, 0, 9), m;
  if (kind == 0)
    return (bt_scalar_value){0, 0, 0};
  m = kind == 1 ? low : kind == 2 ? 2 * low - 1 : kind == 3 ? low + 1
      : kind == 4 ? low + oracle_stream_in(s, 0, 31) * (low >> 5) /* few bits set */
                  : oracle_stream_in(s, low, 2 * low - 1);
  return (bt_scalar_value){oracle_stream_in(s, 0, 1) ? 1 : -1, (uint32_t)m,
                           (int)oracle_stream_in(s, -span, span)};
}

static void value(mpq_t out, bt_scalar_value v) {
  mpq_set_si(out, v.sign * (long)v.mantissa, 1);
  oracle_scale(out, v.exponent);
}

static void check(const char *what, int number, bt_scalar_value got, const mpq_t want) {
  mpq_t v;
  mpq_init(v);
  value(v, got);
  bool normal = got.sign == 0 ? got.mantissa == 0 && got.exponent == 0
                              : (got.sign == 1 || got.sign == -1) && got.mantissa >> 31 == 1;
  if (!mpq_equal(v, want) || !normal)
    fail_msg("%s, seed %d, case %d: %d * %u * 2^%d is not the oracle's", what, SEED, number,
             got.sign, (unsigned)got.mantissa, got.exponent);
  mpq_clear(v);
}

/* got is within 2^-bits of exact, relative to it. */
static void check_near(const char *what, int number, const mpq_t got, const mpq_t exact, int bits) {
  mpq_t difference;
  if (mpq_sgn(exact) == 0)
    return;
  mpq_init(difference);
  mpq_sub(difference, exact, got);
  mpq_div(difference, difference, exact);
  oracle_scale(difference, bits);
  if (mpz_cmpabs(mpq_numref(difference), mpq_denref(difference)) >= 0)
    fail_msg("%s, seed %d, case %d: not within 2^-%d", what, SEED, number, bits);
  mpq_clear(difference);
}

static void test_operations(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  mpq_t a, b, want, exact;
  mpq_inits(a, b, want, exact, NULL);
  for (int i = 0; i < CASES; i++) {
    bt_scalar_value x = pick(&s), y = pick(&s);
    if (i % 16 == 0) /* neighbours of opposite sign */
      y = (bt_scalar_value){-x.sign, x.sign == 0 ? 0 : x.mantissa ^ (i % 32 == 0 ? 1u : 0u),
                            x.exponent};
    value(a, x);
    value(b, y);
    oracle_scalar_mul(want, a, b);
    check("mul", i, bt_scalar_mul(x, y), want);
    oracle_scalar_add(want, a, b);
    check("add", i, bt_scalar_add(x, y), want);
    check("add, swapped", i, bt_scalar_add(y, x), want);
    mpq_add(exact, a, b);
    if (x.sign == y.sign)
      check_near("add", i, want, exact, 30);
    if (y.sign != 0) {
      oracle_scalar_div(want, a, b);
      check("div", i, bt_scalar_div(x, y), want);
    }
    mpq_neg(want, a);
    check("negate", i, bt_scalar_negate(x), want);
  }
  mpq_clears(a, b, want, exact, NULL);
}

static void test_rsqrt(void **state) {
  (void)state;
  oracle_stream s = {SEED + 1, 0};
  mpq_t a, want, square;
  mpq_inits(a, want, square, NULL);
  for (int i = 0; i < CASES; i++) {
    bt_scalar_value x = pick(&s);
    if (x.sign == 0)
      continue;
    x.sign = 1;
    value(a, x);
    oracle_scalar_rsqrt(want, a);
    check("rsqrt", i, bt_scalar_rsqrt(x), want);
    mpq_mul(square, want, want);
    mpq_mul(square, square, a);
    mpq_set_ui(want, 1, 1);
    check_near("rsqrt", i, square, want, 29);
    assert_true(mpq_cmp(square, want) <= 0);
  }
  mpq_clears(a, want, square, NULL);
}

/* Integers of every length up to 127 bits; constants of both sizes, ties among them. */
static void test_make_and_constant(void **state) {
  (void)state;
  oracle_stream s = {SEED + 2, 0};
  mpq_t want;
  mpz_t z;
  mpq_init(want);
  mpz_init(z);
  for (int i = 0; i < CASES; i++) {
    unsigned __int128 u = (unsigned __int128)oracle_stream_next(&s) << 64 | oracle_stream_next(&s);
    __int128 v = (__int128)(u >> 1) >> oracle_stream_in(&s, 0, 127);
    v = oracle_stream_in(&s, 0, 1) ? -v : v;
    int e = (int)oracle_stream_in(&s, -700, 700), bits = oracle_stream_in(&s, 0, 1) ? 16 : 32;
    oracle_set_wide(z, v);
    mpq_set_z(want, z);
    oracle_scale(want, e);
    oracle_scalar_cut(want);
    check("make", i, bt_scalar_make(v, e), want);
    bt_scalar_value x = oracle_stream_in(&s, 0, 1) ? bt_scalar_make(v, e) : pick(&s);
    if (oracle_stream_in(&s, 0, 3) == 0 && x.sign != 0) /* a tie, or all ones above it */
      x.mantissa = bits == 16 ? (x.mantissa & 0xFFFE0000u) | 0x10000u : x.mantissa | 1u;
    if (oracle_stream_in(&s, 0, 7) == 0 && x.sign != 0)
      x.mantissa |= 0xFFFF0000u;
    int32_t mantissa;
    long exponent;
    value(want, x);
    oracle_scalar_constant(want, bits, &mantissa, &exponent);
    bt_constant c = bt_scalar_constant(x, bits);
    if (c.mantissa != mantissa || c.exponent != exponent)
      fail_msg("constant of %d bits, seed %d, case %d: %d * 2^%d, not %d * 2^%ld", bits, SEED, i,
               (int)c.mantissa, c.exponent, (int)mantissa, exponent);
    check("of_constant", i, bt_scalar_of_constant(c), want);
  }
  mpq_clear(want);
  mpz_clear(z);
}

/* What mutations of a boundary would change, by hand. */
static void test_edges(void **state) {
  (void)state;
  bt_scalar_value one = bt_scalar_make(1, 0), huge = bt_scalar_make(1, 3000);
  bt_scalar_value ones = {1, UINT32_MAX, 0};
  assert_true(bt_scalar_add(huge, one).mantissa == 1u << 31);
  /* -1 at 63 places below still borrows nothing, at 31 it does */
  assert_true(bt_scalar_add(bt_scalar_make(1, 62), bt_scalar_negate(one)).mantissa == UINT32_MAX);
  assert_true(bt_scalar_add(bt_scalar_make(1, 63), bt_scalar_negate(one)).mantissa == 1u << 31);
  assert_true(bt_scalar_add(one, bt_scalar_negate(one)).sign == 0);
  assert_true(bt_scalar_constant(ones, 16).mantissa == 1 << 14);
  assert_true(bt_scalar_constant(ones, 16).exponent == 18);
  assert_true(bt_scalar_constant(ones, 32).mantissa == 1 << 30);
  __int128 most = (__int128)(((unsigned __int128)1 << 127) - 1);
  assert_true(bt_scalar_make(-most, -5).sign == -1 && bt_scalar_make(-most, -5).exponent == 90);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_operations), cmocka_unit_test(test_rsqrt),
      cmocka_unit_test(test_make_and_constant), cmocka_unit_test(test_edges)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
