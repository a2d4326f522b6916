/* The scalar unit (numerics 12, 5.4): its recurrences recomputed, and against real numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "conformance/oracle_softmax.h"
#include "conformance/oracle.h"
#include "num/scalar.h"

enum { SEED = 1717 };

/* The sixteen factors are each off by at most half a unit, each product is floored: the result is
 * low by less than 32 units of 2^-30 and never 16 high. */
static void test_exp2(void **state) {
  (void)state;
  long double low = 0, high = 0;
  for (uint32_t f = 0; f < 65536; f++) {
    uint64_t y = bt_exp2(f);
    assert_int_equal(y, oracle_exp2(f));
    assert_true(y >= UINT64_C(1) << 30 && y < UINT64_C(1) << 31);
    long double error = (long double)y - 0x1p30L * exp2l((long double)f / 65536);
    low = fminl(low, error);
    high = fmaxl(high, error);
  }
  print_message("exp2: %.2Lf to %.2Lf units of 2^-30\n", low, high);
  assert_true(low > -32 && high < 16);
}

static void check_log2(uint64_t x, long double *low, long double *high) {
  int64_t y = bt_log2(x);
  assert_int_equal(y, oracle_log2_fixed(x));
  long double error = (long double)y - 65536 * log2l((long double)x);
  *low = fminl(*low, error);
  *high = fmaxl(*high, error);
}

/* The result is floored; the squarings' floors, 2^-31 each, double on the way to the 16th bit. */
static void test_log2(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  long double low = 0, high = 0;
  for (uint64_t x = 1; x <= 70000; x++)
    check_log2(x, &low, &high);
  for (int n = 1; n < 63; n++)
    for (int64_t d = -2; d <= 2; d++)
      if ((INT64_C(1) << n) + d >= 1)
        check_log2((uint64_t)((INT64_C(1) << n) + d), &low, &high);
  check_log2(INT64_MAX, &low, &high);
  for (int i = 0; i < 200000; i++)
    check_log2(1 + (oracle_stream_next(&s) >> 1 >> (oracle_stream_next(&s) % 63)) % INT64_MAX, &low,
               &high);
  print_message("log2: %.4Lf to %.4Lf units of 2^-16, seed %d\n", low, high, SEED);
  assert_true(low > -1.01L && high < 0.001L);
}

static void test_recip(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  const uint64_t first = UINT64_C(1) << 31, end = UINT64_C(1) << 32;
  for (int i = 0; i < 200000; i++) {
    uint64_t x = i < 100 ? first + (uint64_t)i : i < 200 ? end - (uint64_t)(i - 99)
                                                         : first + oracle_stream_next(&s) % first;
    unsigned __int128 r = bt_recip(x), one = (unsigned __int128)1 << 62;
    assert_true(r * x <= one && (r + 1) * x > one);
    assert_true(r >= UINT64_C(1) << 30 && r <= first);
  }
}

static void check_isqrt(uint64_t x) {
  unsigned __int128 r = bt_isqrt(x);
  assert_true(r * r <= x && (r + 1) * (r + 1) > x);
}

static void test_isqrt(void **state) {
  (void)state;
  oracle_stream s = {SEED, 0};
  for (uint64_t x = 0; x < 70000; x++)
    check_isqrt(x);
  for (uint64_t r = 1; r < UINT64_C(1) << 32; r = r * 3 / 2 + 1)
    for (uint64_t d = 0; d < 3; d++)
      check_isqrt(r * r + d - 1);
  for (uint64_t d = 0; d < 100; d++)
    check_isqrt(UINT64_MAX - d);
  check_isqrt(UINT64_C(0xFFFFFFFF) * 0xFFFFFFFF - 1);
  check_isqrt(UINT64_C(0xFFFFFFFF) * 0xFFFFFFFF);
  for (int i = 0; i < 200000; i++)
    check_isqrt(oracle_stream_next(&s) >> (oracle_stream_next(&s) % 64));
  for (uint64_t n = 1; n < 100000; n++)
    check_isqrt((UINT64_C(1) << 61) / n);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_exp2), cmocka_unit_test(test_log2),
                                     cmocka_unit_test(test_recip), cmocka_unit_test(test_isqrt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
