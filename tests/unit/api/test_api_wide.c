/* bittrue_wide.h: results worked by hand from the contract's examples. */
#include "bittrue_wide.h"
#include "unit/api/api.h"

static const bt_format bfp8 = {.kind = BT_BFP, .wl = 8};
static const bt_constant one = {16384, -14}, one32 = {1 << 30, -30};

static bt_format blocks(bt_block block) {
  return (bt_format){.kind = BT_BFP, .wl = 8, .block = block, .tile_rows = 1, .tile_cols = 1};
}

static void expect(const bt_wide *y, size_t n, const int32_t *mantissa, const int *step, int bits) {
  assert_int_equal(bt_elements(y->ndim, y->dim), n);
  assert_int_equal(y->bits, bits);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(y->mantissa[i], mantissa[i]);
    assert_int_equal(y->step[bt_wide_cell(y, i)], step[i]);
  }
}

/* E of 1 and -3: step exponents -5 and -9. */
static void test_from_blocks(void **state) {
  (void)state;
  const int16_t m[] = {1, -2, 127, -127};
  const int8_t e[] = {1, -3, 0, 2};
  bt_blocks x = {blocks(BT_BLOCK_DIM0), 2, {2, 2}, m, e};
  bt_wide y;
  GOOD(bt_wide_from_blocks(&x, &y, &error));
  expect(&y, 4, (int32_t[]){1, -2, 127, -127}, (int[]){-5, -5, -9, -9}, 7);
  assert_true(y.n0 == 2 && y.nl == 1);
  bt_wide_free(&y);
  assert_true(y.mantissa == NULL && y.step == NULL);
  bt_wide_free(&y);
  x.format = blocks(BT_BLOCK_TILE); /* of one element */
  GOOD(bt_wide_from_blocks(&x, &y, &error));
  expect(&y, 4, (int32_t[]){1, -2, 127, -127}, (int[]){-5, -9, -6, -4}, 7);
  bt_wide_free(&y);
  /* Fixed point has no exponents to read, and no blocks: step 2^-3. */
  x = (bt_blocks){{.kind = BT_FIXED, .wl = 8, .fl = 3, .block = BT_BLOCK_K32}, 1, {4}, m, NULL};
  GOOD(bt_wide_from_blocks(&x, &y, &error));
  expect(&y, 4, (int32_t[]){1, -2, 127, -127}, (int[]){-3, -3, -3, -3}, 7);
  assert_int_equal(y.n0 * y.nl, 1);
  bt_wide_free(&y);
}

static bt_geometry product(size_t m, size_t k, size_t n) {
  return (bt_geometry){.n = m, .h = 1, .w = 1, .c = k, .o = n, .kh = 1, .kw = 1, .stride = 1,
                       .oh = 1, .ow = 1};
}

/* (1 2; 3 4) by rows (5 6) and (7 8): 17 23; 39 53. a has step -5, b's rows -6 and -4; K = 2:
 * bits = 14 + 1. */
static void test_product(void **state) {
  (void)state;
  const int16_t am[] = {1, 2, 3, 4}, bm[] = {5, 6, 7, 8};
  const int8_t ae[] = {1}, be[] = {0, 2};
  bt_blocks a = {bfp8, 2, {2, 2}, am, ae}, b = {blocks(BT_BLOCK_DIM0), 2, {2, 2}, bm, be};
  bt_geometry g = product(2, 2, 2);
  bt_accumulator acc = bt_accumulator_default();
  bt_wide y;
  GOOD(bt_wide_contract(&acc, BT_FORWARD, &g, &a, &b, NULL, &y, NULL, &error));
  expect(&y, 4, (int32_t[]){17, 23, 39, 53}, (int[]){-11, -9, -11, -9}, 15);
  assert_true(y.ndim == 4 && y.dim[0] == 2 && y.dim[3] == 2);
  bt_wide_free(&y);
}

/* numerics 8.2's second example: g = -16, -18 and -36, the last is dropped. With b of E = 0
 * (step -6), a's E is g + 12. */
static void test_aligned(void **state) {
  (void)state;
  const int16_t am[] = {100, -21, 9}, bm[] = {10, 1, 1};
  const int8_t ae[] = {-4, -6, -24}, be[] = {0};
  bt_blocks a = {blocks(BT_BLOCK_TILE), 2, {1, 3}, am, ae}, b = {bfp8, 2, {1, 3}, bm, be};
  bt_geometry g = product(1, 3, 1);
  bt_accumulator acc = bt_accumulator_default();
  bt_contract_counts counts = {3, 4};
  bt_wide y;
  GOOD(bt_wide_contract(&acc, BT_FORWARD, &g, &a, &b, NULL, &y, &counts, &error));
  expect(&y, 1, (int32_t[]){32595968}, (int[]){-31}, 31);
  assert_true(counts.saturations == 3 && counts.dropped == 5);
  bt_wide_free(&y);
}

/* Data gradient: products 100 * 10 and 3 * -1 at g = -12 and -9: 1000 - 3 * 8; bits 14 + 1 + 3.
 * Weight gradient of two samples: 3 * 2 + 5 * 7. */
static void test_gradients(void **state) {
  (void)state;
  const int16_t em[] = {100, 3}, wm[] = {10, -1}, gm[] = {3, 5}, xm[] = {2, 7};
  const int8_t zero[] = {0}, we[] = {0, 3};
  bt_blocks e = {bfp8, 2, {1, 2}, em, zero}, w = {blocks(BT_BLOCK_DIM0), 2, {2, 1}, wm, we};
  bt_geometry g = product(1, 1, 2);
  bt_accumulator acc = bt_accumulator_default();
  bt_wide y;
  GOOD(bt_wide_contract(&acc, BT_DATA_GRADIENT, &g, &e, &w, NULL, &y, NULL, &error));
  expect(&y, 1, (int32_t[]){976}, (int[]){-12}, 18);
  bt_wide_free(&y);
  bt_blocks d = {bfp8, 2, {2, 1}, gm, zero}, x = {bfp8, 2, {2, 1}, xm, zero};
  g = product(2, 1, 1);
  GOOD(bt_wide_contract(&acc, BT_WEIGHT_GRADIENT, &g, &d, &x, NULL, &y, NULL, &error));
  expect(&y, 1, (int32_t[]){41}, (int[]){-12}, 15);
  bt_wide_free(&y);
}

/* A window of 2 by 2 on a 2 by 2 image, all in; with pad 1 and stride 2 each corner alone. */
static void test_convolution(void **state) {
  (void)state;
  const int16_t xm[] = {1, 2, 3, 4}, wm[] = {10, 20, 30, 40};
  const int8_t zero[] = {0};
  bt_blocks x = {bfp8, 4, {1, 2, 2, 1}, xm, zero}, w = {bfp8, 4, {1, 2, 2, 1}, wm, zero};
  bt_geometry g = {.n = 1, .h = 2, .w = 2, .c = 1, .o = 1, .kh = 2, .kw = 2, .stride = 1, .pad = 0,
                   .oh = 1, .ow = 1};
  bt_accumulator acc = bt_accumulator_default();
  bt_wide y;
  GOOD(bt_wide_contract(&acc, BT_FORWARD, &g, &x, &w, NULL, &y, NULL, &error));
  expect(&y, 1, (int32_t[]){10 + 40 + 90 + 160}, (int[]){-12}, 16); /* 14 + clog2(4) */
  bt_wide_free(&y);
  g.stride = 2;
  g.pad = 1;
  g.oh = g.ow = 2;
  GOOD(bt_wide_contract(&acc, BT_FORWARD, &g, &x, &w, NULL, &y, NULL, &error));
  expect(&y, 4, (int32_t[]){40, 60, 60, 40}, (int[]){-12, -12, -12, -12}, 16);
  bt_wide_free(&y);
}

/* 3 >> 1 with a draw whose top bit is 0 (0x5CC1: lane 0 of seed 1 is 0x89025CC1): 1, in units of
 * 2^1; one product, one draw. Weights of 15 bits: 3 * -1000 in two passes, which draw nothing. */
static void test_draws(void **state) {
  (void)state;
  const int16_t am[] = {3}, bm[] = {1}, wide[] = {-1000};
  const int8_t zero[] = {0};
  bt_format bfp15 = {.kind = BT_BFP, .wl = 15};
  bt_blocks a = {bfp8, 1, {1}, am, zero}, b = {bfp8, 1, {1}, bm, zero};
  bt_geometry g = product(1, 1, 1);
  bt_accumulator acc = bt_accumulator_default();
  bt_lfsr rng;
  bt_wide y;
  assert_int_equal(bt_lfsr_start(&rng, 1, 16), BT_OK);
  acc.acc_shift = 1;
  acc.acc_round.mode = BT_STOCHASTIC;
  GOOD(bt_wide_contract(&acc, BT_FORWARD, &g, &a, &b, &rng, &y, NULL, &error));
  expect(&y, 1, (int32_t[]){1}, (int[]){-11}, 13);
  assert_int_equal(rng.steps, 16);
  bt_wide_free(&y);
  b = (bt_blocks){bfp15, 1, {1}, wide, zero};
  acc.acc_shift = 0;
  GOOD(bt_wide_contract(&acc, BT_FORWARD, &g, &a, &b, NULL, &y, NULL, &error));
  expect(&y, 1, (int32_t[]){-3000}, (int[]){-19}, 21); /* 14 + 7 */
  bt_wide_free(&y);
}

/* numerics 8.1's example: 8191 twice. */
static void test_saturations(void **state) {
  (void)state;
  const int16_t m[] = {100, 100};
  const int8_t zero[] = {0};
  bt_blocks a = {bfp8, 2, {1, 2}, m, zero};
  bt_geometry g = product(1, 2, 1);
  bt_accumulator acc = bt_accumulator_default();
  bt_contract_counts counts = {0, 0};
  bt_wide y;
  acc.acc_bits = 14;
  GOOD(bt_wide_contract(&acc, BT_FORWARD, &g, &a, &a, NULL, &y, &counts, &error));
  expect(&y, 1, (int32_t[]){8191}, (int[]){-12}, 15);
  assert_true(counts.saturations == 2 && counts.dropped == 0);
  bt_wide_free(&y);
}

/* numerics 9's examples: 5 * 3/4, and a vector of constants for two columns. */
static void test_affine(void **state) {
  (void)state;
  int32_t xm[] = {5, 5};
  int16_t step[] = {0};
  const bt_constant each[] = {{24576, -15}, {16384, -20}};
  bt_wide x = {2, {1, 2}, 1, 1, 7, xm, step}, y;
  bt_affine f = {.terms = 1, .term = {{.x = &x, .c = {24576, -15}}}};
  GOOD(bt_wide_affine(&f, &y, NULL, &error));
  expect(&y, 2, (int32_t[]){31457280, 31457280}, (int[]){-23, -23}, 30);
  bt_wide_free(&y);
  f.term[0].each = each;
  GOOD(bt_wide_affine(&f, &y, NULL, &error));
  expect(&y, 2, (int32_t[]){31457280, 655360}, (int[]){-23, -23}, 31);
  bt_wide_free(&y);
}

/* c = 1: a = -14 - 8, terms m * 2^14 * 2^8; M = 2^14 * 2^7 * 2^8. c0 = 1 adds 2^30 >> 8. */
static void test_affine_ends(void **state) {
  (void)state;
  int32_t xm[] = {5, -5};
  int16_t step[] = {0};
  const uint8_t mask[] = {0, 1};
  uint8_t positive[] = {7, 7};
  const bt_constant each[] = {one32, {0, 0}};
  bt_wide x = {2, {1, 2}, 1, 1, 7, xm, step}, y;
  bt_affine f = {.terms = 1, .term = {{.x = &x, .c = one}}, .relu = true};
  GOOD(bt_wide_affine(&f, &y, positive, &error));
  expect(&y, 2, (int32_t[]){20971520, 0}, (int[]){-22, -22}, 30);
  assert_true(positive[0] == 1 && positive[1] == 0);
  bt_wide_free(&y);
  f.relu = false;
  f.mask = mask;
  GOOD(bt_wide_affine(&f, &y, NULL, &error));
  expect(&y, 2, (int32_t[]){0, -20971520}, (int[]){-22, -22}, 30);
  bt_wide_free(&y);
  f.mask = NULL;
  f.c0 = one32;
  GOOD(bt_wide_affine(&f, &y, NULL, &error));
  expect(&y, 2, (int32_t[]){25165824, -16777216}, (int[]){-22, -22}, 30);
  bt_wide_free(&y);
  f.c0_each = each; /* in place of c0 */
  GOOD(bt_wide_affine(&f, &y, NULL, &error));
  expect(&y, 2, (int32_t[]){25165824, -20971520}, (int[]){-22, -22}, 30);
  bt_wide_free(&y);
}

/* (1 2; 3 4) + (1, 2) in each row, the 2 being 1 * 2^1: its column has a = -13 - 8, so x's own
 * mantissas are shifted by 7 there. M = 2^29 + 2^29, and 2^28 + 2^29. */
static void test_affine_rows(void **state) {
  (void)state;
  int32_t xm[] = {1, 2, 3, 4}, vm[] = {1, 1};
  int16_t step[] = {0}, vstep[] = {0, 1};
  bt_wide x = {2, {2, 2}, 1, 1, 7, xm, step}, v = {1, {2}, 1, 2, 7, vm, vstep}, y;
  bt_affine f = {.terms = 2, .term = {{.x = &x, .c = one}, {.x = &v, .c = one}}};
  for (int turn = 0; turn < 2; turn++) {
    GOOD(bt_wide_affine(&f, &y, NULL, &error));
    expect(&y, 4, (int32_t[]){2 << 22, 4 << 21, 4 << 22, 6 << 21}, (int[]){-22, -21, -22, -21}, 31);
    bt_wide_free(&y);
    v.n0 = 2; /* a vector's cells may be given along its first dimension too */
    v.nl = 1;
  }
}

/* numerics 7's examples. */
static void test_quantize(void **state) {
  (void)state;
  int32_t xm[] = {5, -3, 1};
  int16_t step[] = {0}, m[3];
  int8_t e = 0;
  bt_wide x = {1, {3}, 1, 1, 31, xm, step};
  bt_format f = {.kind = BT_BFP, .wl = 4};
  bt_round_options round = {.mode = BT_NEAREST_EVEN};
  bt_quantize_counts counts = {0, 0, 0};
  GOOD(bt_wide_quantize(&x, &f, &round, NULL, m, &e, &counts, &error));
  assert_true(e == 2 && m[0] == 5 && m[1] == -3 && m[2] == 1);
  f.wl = 3;
  round.mode = BT_FLOOR;
  GOOD(bt_wide_quantize(&x, &f, &round, NULL, m, &e, &counts, &error));
  assert_true(e == 2 && m[0] == 2 && m[1] == -2 && m[2] == 0);
  f = (bt_format){.kind = BT_FIXED, .wl = 8, .fl = 2};
  GOOD(bt_wide_quantize(&x, &f, &round, NULL, m, NULL, &counts, &error));
  assert_true(m[0] == 20 && m[1] == -12 && m[2] == 4);
  assert_true(counts.clipped == 0 && counts.overflow == 0 && counts.flushed == 0);
}

/* A cell each: 15 clips at 7; 2^200 overflows, E = 127; 2^-200 is flushed. A draw of the last: one
 * of 16 bits in each lane. */
static void test_quantize_edges(void **state) {
  (void)state;
  int32_t xm[] = {15, 1, 1};
  int16_t step[] = {0, 200, -200}, m[3];
  int8_t e[3];
  bt_wide x = {2, {3, 1}, 3, 1, 31, xm, step};
  bt_format f = {.kind = BT_BFP, .wl = 4, .block = BT_BLOCK_DIM0};
  bt_round_options round = {.mode = BT_NEAREST_EVEN, .random_bits = 16};
  bt_quantize_counts counts = {10, 10, 10};
  GOOD(bt_wide_quantize(&x, &f, &round, NULL, m, e, &counts, &error));
  assert_true(m[0] == 7 && e[0] == 3 && m[1] == 7 && e[1] == 127 && m[2] == 0 && e[2] == -128);
  assert_true(counts.clipped == 12 && counts.overflow == 11 && counts.flushed == 11);
  bt_lfsr rng;
  assert_int_equal(bt_lfsr_start(&rng, 1, 16), BT_OK);
  round.mode = BT_STOCHASTIC;
  GOOD(bt_wide_quantize(&x, &f, &round, &rng, m, e, NULL, &error));
  assert_int_equal(rng.steps, 16);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_from_blocks), cmocka_unit_test(test_product),
      cmocka_unit_test(test_aligned),     cmocka_unit_test(test_gradients),
      cmocka_unit_test(test_convolution), cmocka_unit_test(test_draws),
      cmocka_unit_test(test_saturations), cmocka_unit_test(test_affine),
      cmocka_unit_test(test_affine_ends), cmocka_unit_test(test_affine_rows),
      cmocka_unit_test(test_quantize),    cmocka_unit_test(test_quantize_edges)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
