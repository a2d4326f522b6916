/* bt_quantize, bt_dequantize and bt_gemm of bittrue.h: small results by hand, and every refusal. */
#include <math.h>

#include "unit/api/api.h"

static const size_t dim2[] = {2};
static const bt_format bfp8 = {.kind = BT_BFP, .wl = 8};
static const bt_round_options even = {.mode = BT_NEAREST_EVEN};
static const bt_round_options chance = {.mode = BT_STOCHASTIC, .random_bits = 16};

/* floor(log2 3) = 1: E = 1, step 2^-5: 3 is 96, -0.5 is -16. */
static void test_quantize(void **state) {
  (void)state;
  const double x[] = {3, -0.5};
  const float y[] = {3, -0.5F};
  int16_t m[2] = {0};
  int8_t e = 0;
  float back[2];
  GOOD(bt_quantize_f64(&bfp8, &even, 1, dim2, x, NULL, m, &e, NULL, &error));
  assert_true(m[0] == 96 && m[1] == -16 && e == 1);
  m[0] = m[1] = 0;
  GOOD(bt_quantize_f32(&bfp8, &even, 1, dim2, y, NULL, m, &e, NULL, &error));
  assert_true(m[0] == 96 && m[1] == -16 && e == 1);
  GOOD(bt_dequantize_f32(&bfp8, 1, dim2, m, &e, back, &error));
  assert_true(back[0] == 3 && back[1] == -0.5F);
  /* Fixed point needs no exponents: 3 * 2^4 = 48. */
  const bt_format fixed = {.kind = BT_FIXED, .wl = 8, .fl = 4};
  GOOD(bt_quantize_f64(&fixed, &even, 1, dim2, x, NULL, m, NULL, NULL, &error));
  assert_int_equal(m[0], 48);
  GOOD(bt_dequantize_f32(&fixed, 1, dim2, m, NULL, back, &error));
  assert_true(back[0] == 3);
}

/* Each refusal, of both functions; nothing is written. */
static void refuse_quantize(const bt_format *f, const bt_round_options *r, const double x[2],
                            const char *line) {
  const float y[] = {(float)x[0], (float)x[1]};
  int16_t m[2] = {11, 12};
  int8_t e[2] = {13, 14};
  bt_quantize_counts counts = {1, 2, 3};
  REFUSED(bt_quantize_f64(f, r, 1, dim2, x, NULL, m, e, &counts, &error), BT_BAD_INPUT, line);
  REFUSED(bt_quantize_f32(f, r, 1, dim2, y, NULL, m, e, &counts, &error), BT_BAD_INPUT, line);
  assert_true(m[0] == 11 && m[1] == 12 && e[0] == 13 && e[1] == 14);
  assert_true(counts.clipped == 1 && counts.overflow == 2 && counts.flushed == 3);
}

static void test_quantize_refuses(void **state) {
  (void)state;
  const double x[] = {1, 2}, nan[] = {1, NAN}, infinite[] = {-INFINITY, 2};
  refuse_quantize(&bfp8, &even, nan, "element 1 is NaN or infinite: expected finite values");
  refuse_quantize(&bfp8, &even, infinite, "element 0 is NaN or infinite: expected finite values");
  refuse_quantize(&bfp8, &chance, x, "stochastic rounding without a generator");
  bt_round_options r = chance;
  r.random_bits = 25;
  refuse_quantize(&bfp8, &r, x, "random bits 25: expected 1 to 24");
  r.mode = (bt_rounding)4;
  refuse_quantize(&bfp8, &r, x, "unknown rounding mode 4");
  bt_format f = bfp8;
  f.wl = 17;
  refuse_quantize(&f, &even, x, "format: expected bfp or fixed of 2 to 16 bits");
  f = (bt_format){.kind = BT_FIXED, .wl = 8, .fl = 61};
  refuse_quantize(&f, &even, x, "format: 61 fractional bits, expected 0 to 60");
  f = (bt_format){.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TILE, .tile_rows = 1};
  refuse_quantize(&f, &even, x, "format: unknown block or a tile without elements");
}

static void test_dequantize_refuses(void **state) {
  (void)state;
  bt_format f = {.kind = BT_BFP, .wl = 8, .asymmetric = true};
  const int16_t m[] = {1, -128};
  const int8_t e[] = {127};
  float x[2] = {5, 6};
  /* -128 * 2^(127 - 6) = -2^128; element 0, 2^121, is written. */
  REFUSED(bt_dequantize_f32(&f, 1, dim2, m, e, x, &error), BT_BAD_INPUT,
          "element 1 is -2^128: beyond the range of float32");
  assert_true(x[0] == 0x1p121F && x[1] == 6);
  f.wl = 1;
  REFUSED(bt_dequantize_f32(&f, 1, dim2, m, e, x, &error), BT_BAD_INPUT,
          "format: expected bfp or fixed of 2 to 16 bits");
}

/* numerics 8.1's example: 14 bits saturate at 8191 twice, so two additions are counted: 10000 and
 * 8191 + 10000. */
static void test_gemm(void **state) {
  (void)state;
  const int8_t a[] = {100, 100}, b[] = {100, 100};
  bt_accumulator acc = bt_accumulator_default();
  assert_true(acc.acc_bits == 32 && !acc.wrap && acc.chunk == 0 && acc.psum_bits == 32);
  acc.acc_bits = 14;
  int32_t out = 0;
  uint64_t saturations = 5;
  GOOD(bt_gemm_s8(&acc, 1, 1, 2, a, b, NULL, &out, &saturations, &error));
  assert_int_equal(out, 8191);
  assert_int_equal(saturations, 7);
}

static void refuse_gemm(bt_accumulator acc, const char *line) {
  const int8_t a[] = {1}, b[] = {1};
  int32_t out = 9;
  REFUSED(bt_gemm_s8(&acc, 1, 1, 1, a, b, NULL, &out, NULL, &error), BT_BAD_INPUT, line);
  assert_int_equal(out, 9);
}

static void test_gemm_refuses(void **state) {
  (void)state;
  bt_accumulator acc = bt_accumulator_default();
  acc.acc_bits = 7;
  refuse_gemm(acc, "acc_bits 7: expected 8 to 32");
  acc = bt_accumulator_default();
  acc.psum_bits = 33;
  refuse_gemm(acc, "psum_bits 33: expected 8 to 32");
  acc = bt_accumulator_default();
  acc.acc_shift = 15;
  refuse_gemm(acc, "acc_shift 15: expected 0 to 14");
  acc.acc_shift = 1;
  acc.acc_round.mode = BT_NEAREST_AWAY;
  refuse_gemm(acc, "acc_rounding nearest_away: expected floor, nearest_even or stochastic");
  acc.acc_round = (bt_round_options){.mode = BT_STOCHASTIC};
  refuse_gemm(acc, "random bits 0: expected 1 to 24");
  acc.acc_round.random_bits = 16;
  refuse_gemm(acc, "stochastic acc_rounding without a generator");
}

/* Sizes beyond memory end before anything is read; 2^33 * 2^32 products are beyond a size_t. */
static void test_gemm_sizes(void **state) {
  (void)state;
  const int8_t a[] = {1}, b[] = {1};
  int32_t out = 9;
  bt_accumulator acc = bt_accumulator_default();
  size_t large = (size_t)1 << 33;
  REFUSED(bt_gemm_s8(&acc, large, 1, large, a, b, NULL, &out, NULL, &error), BT_BAD_INPUT,
          "8589934592 x 1 outputs of 8589934592 products: expected below 2^64");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_quantize),           cmocka_unit_test(test_quantize_refuses),
      cmocka_unit_test(test_dequantize_refuses), cmocka_unit_test(test_gemm),
      cmocka_unit_test(test_gemm_refuses),       cmocka_unit_test(test_gemm_sizes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
