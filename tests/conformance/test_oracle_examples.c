/* The oracle itself against the worked examples of docs/numerics.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "oracle.h"

/* round(m, s) with the draw r. */
static long rounded(long m, unsigned s, bt_rounding mode, unsigned random_bits, uint32_t r) {
  bt_round_options round = {mode, random_bits, false};
  mpq_t x;
  mpz_t out;
  mpq_init(x);
  mpz_init(out);
  mpq_set_si(x, m, 1);
  mpq_div_2exp(x, x, s);
  oracle_round(out, x, &round, r);
  long result = mpz_get_si(out);
  mpq_clear(x);
  mpz_clear(out);
  return result;
}

/* Numerics 3. */
static void test_rounding(void **state) {
  (void)state;
  assert_int_equal(rounded(37, 4, BT_STOCHASTIC, 16, 0xC000), 3);
  assert_int_equal(rounded(37, 4, BT_STOCHASTIC, 16, 0xA000), 2);
  assert_int_equal(rounded(37, 4, BT_NEAREST_EVEN, 16, 0), 2);
  assert_int_equal(rounded(-40, 4, BT_NEAREST_EVEN, 16, 0), -2);
  assert_int_equal(rounded(-40, 4, BT_NEAREST_AWAY, 16, 0), -3);
  assert_int_equal(rounded(-40, 4, BT_FLOOR, 16, 0), -3);
}

/* Numerics 4: single steps, one draw of 16, the lane starts of seed 1. */
static void test_generator(void **state) {
  (void)state;
  assert_int_equal(oracle_lfsr_step(1), 0xA3000000);
  assert_int_equal(oracle_lfsr_step(0xA3000000), 0x51800000);
  bt_lfsr rng = {.lane = {1}, .lanes = 1};
  uint32_t r;
  oracle_lfsr_draws(&rng, 1, 16, &r);
  assert_int_equal(r, 1);
  assert_int_equal(rng.lane[0], 0x00014600);
  assert_int_equal(rng.steps, 16);
  assert_true(oracle_splitmix64(1, 1) == 0x910A2DEC89025CC1u);
  oracle_lfsr_start(&rng, 1, 16);
  assert_int_equal(rng.lane[0], 0x89025CC1);
  uint32_t x = rng.lane[0];
  for (uint32_t i = 0; i < 0xFFFFFFFFu / 16; i++)
    x = oracle_lfsr_step(x);
  assert_int_equal(rng.lane[1], x);
}

/* Numerics 2.3. */
static void test_blocks(void **state) {
  (void)state;
  const size_t dim[] = {3, 5};
  bt_format tile = {.wl = 8, .block = BT_BLOCK_TILE, .tile_rows = 2, .tile_cols = 2};
  assert_int_equal(oracle_block_count(&tile, 2, dim), 6);
  assert_int_equal(oracle_block_of(&tile, 2, dim, 14), 5);
}

static void check_vector(const bt_format *format, bt_rounding mode, size_t n, const double *x,
                         int exponent, const int16_t *want) {
  bt_round_options round = {mode, 16, false};
  int16_t mantissa[8];
  int8_t e = 0;
  bt_quantize_counts counts = {0};
  oracle_seen seen = {0};
  oracle_quantize(format, &round, 1, &n, x, NULL, mantissa, &e, &counts, &seen);
  if (format->kind == BT_BFP)
    assert_int_equal(e, exponent);
  for (size_t i = 0; i < n; i++)
    assert_int_equal(mantissa[i], want[i]);
}

/* Numerics 7, 2.1 and 2.2. */
static void test_quantize(void **state) {
  (void)state;
  bt_format bfp3 = {.wl = 3}, bfp4 = {.wl = 4}, bfp8 = {.wl = 8};
  bt_format fixed = {.kind = BT_FIXED, .wl = 8, .fl = 6, .asymmetric = true};
  const double x[] = {5, -3, 1}, y[] = {15, 1}, z[] = {3.125, -3.96875};
  check_vector(&bfp4, BT_NEAREST_EVEN, 3, x, 2, (int16_t[]){5, -3, 1});
  check_vector(&bfp3, BT_FLOOR, 3, x, 2, (int16_t[]){2, -2, 0});
  check_vector(&bfp4, BT_NEAREST_EVEN, 2, y, 3, (int16_t[]){7, 0});
  check_vector(&bfp8, BT_NEAREST_EVEN, 2, z, 1, (int16_t[]){100, -127});
  check_vector(&fixed, BT_NEAREST_EVEN, 3, (double[]){0.7, 2, -3}, 0, (int16_t[]){45, 127, -128});
}

static int32_t dot(int bits, bool wrap, int shift) {
  const int8_t v[] = {100, 100};
  bt_accumulator acc = {bits, wrap, shift, {BT_FLOOR, 16, false}, 0, 32};
  oracle_overflows overflows = {0};
  int32_t out;
  oracle_gemm(&acc, 1, 1, 2, v, v, NULL, &out, &overflows);
  return out;
}

/* Numerics 8.1. */
static void test_accumulator(void **state) {
  (void)state;
  assert_int_equal(dot(14, false, 0), 8191);
  assert_int_equal(dot(14, true, 0), 3616);
  assert_int_equal(dot(12, false, 4), 1250);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rounding), cmocka_unit_test(test_generator),
      cmocka_unit_test(test_blocks),   cmocka_unit_test(test_quantize),
      cmocka_unit_test(test_accumulator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
