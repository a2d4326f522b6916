/* The aligner (numerics 8.2): plans from the text's formulas, the 48-bit adder at its ends, the
 * final shift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "conformance/oracle.h"
#include "num/align.h"

enum { SEED = 82 };

static void check_plan(int gmin, int gmax, size_t k, int shift) {
  bt_alignment got = bt_align_plan(gmin, gmax, k, shift);
  int gref = gmin > gmax - 16 ? gmin : gmax - 16, clog2 = 0;
  while ((UINT64_C(1) << clog2) < k)
    clog2++;
  int width = 2 * 7 - shift + clog2 + gmax - gref, t = width > 31 ? width - 31 : 0;
  if (got.gref != gref || got.t != t || got.exponent != gref + shift + t ||
      got.bits != (width > 31 ? 31 : width))
    fail_msg("g %d..%d, K %zu, S %d: gref %d t %d exponent %d bits %d", gmin, gmax, k, shift,
             got.gref, got.t, got.exponent, got.bits);
}

static void test_plan(void **state) {
  (void)state;
  for (int spread = 0; spread < 40; spread++)
    for (int shift = 0; shift <= 14; shift++)
      for (size_t k = 1; k < 1u << 21; k = k * 2 + (k % 3 == 1))
        for (size_t d = 0; d < 3; d++)
          check_plan(-100 + spread * 3, -100 + spread * 4, k + d, shift);
}

static int64_t saturated(__int128 x, int bits) {
  __int128 high = ((__int128)1 << (bits - 1)) - 1;
  return (int64_t)(x > high ? high : x < -high - 1 ? -high - 1 : x);
}

static void check_add(int64_t sum, int32_t partial, int shift) {
  __int128 want = (__int128)sum + (__int128)partial * (1 << shift);
  int64_t got = bt_align_add(sum, partial, shift);
  if (got != saturated(want, 48))
    fail_msg("%lld + %d * 2^%d: %lld", (long long)sum, partial, shift, (long long)got);
}

static void test_add(void **state) {
  (void)state;
  const int64_t high = (INT64_C(1) << 47) - 1;
  const int64_t sums[] = {0, 1, -1, high, high - 1, -high, -high - 1, high / 2, -high / 2};
  const int32_t partials[] = {0, 1, -1, INT32_MAX, INT32_MIN, INT32_MAX - 1, INT32_MIN + 1};
  for (int shift = 0; shift <= 16; shift++)
    for (size_t i = 0; i < 9; i++)
      for (size_t j = 0; j < 7; j++)
        check_add(sums[i], partials[j], shift);
  oracle_stream s = {SEED, 0};
  for (int i = 0; i < 200000; i++)
    check_add(oracle_stream_in(&s, -high - 1, high), (int32_t)oracle_stream_in(&s, INT32_MIN,
              INT32_MAX), (int)oracle_stream_in(&s, 0, 16));
}

static void check_finish(int64_t sum, int t) {
  __int128 unit = (__int128)1 << t, want = sum / unit - (sum % unit < 0);
  if (bt_align_finish(sum, t) != saturated(want, 32))
    fail_msg("%lld >> %d: %d", (long long)sum, t, bt_align_finish(sum, t));
}

static void test_finish(void **state) {
  (void)state;
  const int64_t high = (INT64_C(1) << 47) - 1;
  oracle_stream s = {SEED, 1};
  for (int t = 0; t <= 30; t++) {
    for (int64_t d = -3; d <= 3; d++)
      for (int64_t sign = -1; sign <= 1; sign += 2) {
        check_finish(d, t);
        check_finish(sign * (INT64_C(1) << 31) * (INT64_C(1) << (t < 16 ? t : 15)) + d, t);
      }
    check_finish(high, t);
    check_finish(-high - 1, t);
    for (int i = 0; i < 2000; i++)
      check_finish(oracle_stream_in(&s, -high - 1, high), t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_plan), cmocka_unit_test(test_add),
                                     cmocka_unit_test(test_finish)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
