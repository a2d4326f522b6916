/* Rationals and constants (numerics 10) against GMP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/oracle.h"
#include "num/constant.h"

enum { SEED = 1010 };

static void set(mpq_t q, bt_rational r) {
  mpq_set_si(q, r.num, (unsigned long)r.den);
  mpq_canonicalize(q);
}

/* q = the decimal `text`: sign, digits, point, power of ten. */
static void set_decimal(mpq_t q, const char *text) {
  char digits[80];
  long power = 0;
  size_t used = 0;
  bool point = false;
  const char *p = text;
  for (; *p != '\0' && *p != 'e' && *p != 'E'; p++) {
    if (*p == '.') {
      point = true;
    } else if (*p != '+') {
      digits[used++] = *p;
      power -= point;
    }
  }
  digits[used] = '\0';
  if (*p != '\0')
    power += strtol(p + 1, NULL, 10);
  mpz_t ten;
  mpz_init(ten);
  mpq_set_ui(q, 0, 1);
  mpz_set_str(mpq_numref(q), digits, 10);
  mpz_ui_pow_ui(ten, 10, (unsigned long)labs(power));
  if (power < 0)
    mpz_set(mpq_denref(q), ten);
  else
    mpz_mul(mpq_numref(q), mpq_numref(q), ten);
  mpq_canonicalize(q);
  mpz_clear(ten);
}

static bool equal(bt_rational r, const mpq_t want) {
  return mpz_cmp_si(mpq_numref(want), r.num) == 0 && mpz_cmp_si(mpq_denref(want), r.den) == 0;
}

static void test_parse(void **state) {
  (void)state;
  static const char *const fixed[] = {"0.05", "5e-4", "-1", ".9", "0", "-0", "0.0", "1e3", "2.5E2",
                                      "1.", "0.125", "-.5e1", "100000000000000000", "1e-18",
                                      "0.000000000000000001", "1e18", "00012.50", "+3"};
  mpq_t want;
  mpq_init(want);
  bt_rational r;
  bt_error error = {""};
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
    set_decimal(want, fixed[i]);
    if (bt_rational_parse(fixed[i], &r, &error) != BT_OK || !equal(r, want))
      fail_msg("'%s': %ld/%ld %s", fixed[i], (long)r.num, (long)r.den, error.text);
  }
  oracle_stream s = {SEED, 0};
  for (int i = 0; i < 20000; i++) {
    char text[60];
    snprintf(text, sizeof text, "%s%d.%0*de%d", oracle_stream_in(&s, 0, 1) ? "-" : "",
             (int)oracle_stream_in(&s, 0, 99999), (int)oracle_stream_in(&s, 1, 6),
             (int)oracle_stream_in(&s, 0, 9), (int)oracle_stream_in(&s, -6, 6));
    set_decimal(want, text);
    if (bt_rational_parse(text, &r, &error) != BT_OK || !equal(r, want))
      fail_msg("'%s': %ld/%ld %s", text, (long)r.num, (long)r.den, error.text);
  }
  mpq_clear(want);
}

static void test_parse_refuses(void **state) {
  (void)state;
  static const char *const bad[] = {"", " ", "-", "+", ".", "e5", "1e", "1e+", "0x10", "1,5", "nan",
                                    "inf", "1.2.3", "--1", "1 2", "1e5x", "1e30", "1e-30",
                                    "9223372036854775808", "99999999999999999999999",
                                    "0.1234567890123456789012345", "1e99999999999999999999", "1/2"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    bt_rational r = {77, 88};
    bt_error error = {""};
    if (bt_rational_parse(bad[i], &r, &error) != BT_BAD_INPUT || error.text[0] == '\0')
      fail_msg("'%s' was read as %ld/%ld, or without an error", bad[i], (long)r.num, (long)r.den);
  }
}

typedef bt_status (*operation)(bt_rational, bt_rational, bt_rational *, bt_error *);

static bt_rational pick(oracle_stream *s) {
  int wide = (int)oracle_stream_in(s, 1, 61);
  int64_t limit = INT64_C(1) << wide;
  bt_rational r;
  bt_error error;
  assert_int_equal(bt_rational_make(oracle_stream_in(s, -limit, limit),
                                    oracle_stream_in(s, 1, INT64_C(1)
                                                               << oracle_stream_in(s, 0, 61)),
                                    &r, &error), BT_OK);
  return r;
}

/* Exact where numerator and denominator fit 63 bits, refused elsewhere. */
static void test_operations(void **state) {
  (void)state;
  static const operation op[] = {bt_rational_mul, bt_rational_add, bt_rational_div};
  static void (*const exact[])(mpq_t, const mpq_t, const mpq_t) = {mpq_mul, mpq_add, mpq_div};
  oracle_stream s = {SEED, 0};
  mpq_t a, b, c;
  mpq_inits(a, b, c, NULL);
  int good = 0, refused = 0;
  for (int i = 0; i < 60000; i++) {
    bt_rational x = pick(&s), y = pick(&s), r;
    bt_error error = {""};
    set(a, x);
    set(b, y);
    assert_int_equal(bt_rational_cmp(x, y), (mpq_cmp(a, b) > 0) - (mpq_cmp(a, b) < 0));
    bt_status status = op[i % 3](x, y, &r, &error);
    if (i % 3 == 2 && y.num == 0) {
      assert_int_equal(status, BT_BAD_INPUT);
      continue;
    }
    exact[i % 3](c, a, b);
    bool fits = mpz_sizeinbase(mpq_numref(c), 2) <= 63 && mpz_sizeinbase(mpq_denref(c), 2) <= 63;
    good += fits;
    refused += !fits;
    if (fits != (status == BT_OK) || (fits && !equal(r, c)))
      fail_msg("seed %d, case %d: %ld/%ld and %ld/%ld give %ld/%ld, status %d", SEED, i,
               (long)x.num, (long)x.den, (long)y.num, (long)y.den, (long)r.num, (long)r.den,
               (int)status);
  }
  assert_true(good > 1000 && refused > 1000);
  mpq_clears(a, b, c, NULL);
}

/* The contract's rounding: |q| = m * 2^e, 2^(bits-2) <= m < 2^(bits-1). */
static bt_constant constant(const mpq_t q, int bits) {
  const bt_round_options even = {BT_NEAREST_EVEN, 16, false};
  if (mpq_sgn(q) == 0)
    return (bt_constant){0, 0};
  long e = oracle_log2(q) - (bits - 2);
  mpq_t x;
  mpz_t m;
  mpq_init(x);
  mpz_init(m);
  if (e >= 0)
    mpq_div_2exp(x, q, (mp_bitcnt_t)e);
  else
    mpq_mul_2exp(x, q, (mp_bitcnt_t)-e);
  oracle_round(m, x, &even, 0);
  long mantissa = mpz_get_si(m);
  if (labs(mantissa) == 1L << (bits - 1)) {
    mantissa /= 2;
    e++;
  }
  mpq_clear(x);
  mpz_clear(m);
  return (bt_constant){(int32_t)mantissa, (int)e};
}

static void check_constant(bt_rational r) {
  mpq_t q;
  mpq_init(q);
  set(q, r);
  for (int bits = 16; bits <= 32; bits += 16) {
    bt_constant got = bt_constant_make(r, bits), want = constant(q, bits);
    if (got.mantissa != want.mantissa || got.exponent != want.exponent)
      fail_msg("%ld/%ld in %d bits: %d * 2^%d, not %d * 2^%d", (long)r.num, (long)r.den, bits,
               got.mantissa, got.exponent, want.mantissa, want.exponent);
  }
  mpq_clear(q);
}

static void test_constant(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  bt_rational r;
  bt_error error;
  for (int i = 0; i < 100000; i++)
    check_constant(pick(&s));
  for (int bits = 16; bits <= 32; bits += 16) { /* ties, and what rounds up to a power of two */
    for (int64_t m = INT64_C(1) << (bits - 2); m < INT64_C(1) << (bits - 1);
         m += 1 + m % 3 + (bits == 32) * 99999)
      for (int64_t d = -1; d <= 1; d++)
        for (int64_t sign = -1; sign <= 1; sign += 2) {
          assert_int_equal(bt_rational_make(sign * (m * 1024 + 512 + d), 3 - (d + sign > 0), &r,
                                            &error), BT_OK);
          check_constant(r);
          assert_int_equal(bt_rational_make(sign * (m * 2 + 1), 2, &r, &error), BT_OK);
          check_constant(r);
        }
    const int64_t top = INT64_C(1) << (bits - 1);
    for (int64_t d = -4; d <= 4; d++) {
      assert_int_equal(bt_rational_make(top * 4 + d, 4, &r, &error), BT_OK);
      check_constant(r);
    }
  }
  const int64_t edge[] = {0, 1, -1, INT64_MAX, -INT64_MAX, INT64_MAX - 1};
  for (size_t i = 0; i < 6; i++)
    for (size_t j = 0; j < 6; j++)
      if (edge[j] > 0 && bt_rational_make(edge[i], edge[j], &r, &error) == BT_OK)
        check_constant(r);
}

static void test_make(void **state) {
  (void)state;
  bt_rational r;
  bt_error error = {""};
  assert_int_equal(bt_rational_make(6, -4, &r, &error), BT_OK);
  assert_true(r.num == -3 && r.den == 2);
  assert_int_equal(bt_rational_make(0, -4, &r, &error), BT_OK);
  assert_true(r.num == 0 && r.den == 1);
  assert_int_equal(bt_rational_make(1, 0, &r, &error), BT_BAD_INPUT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse),      cmocka_unit_test(test_parse_refuses),
      cmocka_unit_test(test_operations), cmocka_unit_test(test_constant),
      cmocka_unit_test(test_make)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
