/* Cycles of the array and the quantizer, worked by hand (docs/cost.md 2 and 3).
 * Alone: ctest -R test_cost_cycles */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/cycles.h"

static void expect_cycles(contraction *t, const bt_machine *m, bool plan, uint64_t groups,
                          uint64_t k, uint64_t cycles) {
  bt_passes p;
  bt_error error;
  assert_int_equal(bt_cost_passes(m, command_of(t), plan, &p, &error), BT_OK);
  assert_int_equal(p.groups, groups);
  assert_int_equal(p.k, k);
  assert_int_equal((uint64_t)bt_cost_array_cycles(m, &p), cycles);
}

static void test_partial_tiles(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  /* out 20 x 17, k 9: 2 x 2 tiles of 9 + 2*16 + 16 - 2 = 55. */
  contraction t = contraction_of(BT_FORWARD, 20, 9, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  expect_cycles(&t, &m, false, 1, 9, 220);
  /* 4 x 2: 5 x 9 tiles of 9 + 8 + 2 - 2 = 17. */
  m.rows = 4;
  m.cols = 2;
  expect_cycles(&t, &m, false, 1, 9, 765);
}

static void test_two_passes_of_wide_weights(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  /* One tile, twice 9 + 46 (numerics 8.3). */
  contraction t = contraction_of(BT_FORWARD, 16, 9, 16, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 15);
  expect_cycles(&t, &m, false, 2, 18, 110);
}

static void set_exponents(bt_tensor *t, const int *e) {
  assert_true(bt_tensor_alloc(t));
  for (size_t i = 0; i < bt_tensor_exponents(t); i++) {
    t->exp[i] = (int16_t)e[i];
  }
}

static void test_groups_of_the_data_gradient(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  /* Channels at 3, 3, 1, zero, -14, -13: gref = max(-14, 3 - 16) = -13 drops one, the zero block
   * is in no group. Groups of 2, 1 and 1 channels of 2 x 2 places: k 8 + 4 + 4. out is 12 x 5,
   * one tile: 16 + 3 * 46. */
  contraction t = contraction_of(BT_DATA_GRADIENT, 3, 5, 6, 2, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  expect_cycles(&t, &m, true, 1, 24, 70); /* planned: 6 * 4 + 46 */
  set_exponents(&t.b, (int[]){3, 3, 1, -128, -14, -13});
  set_exponents(&t.a, (int[]){0});
  expect_cycles(&t, &m, false, 3, 16, 154);
  expect_cycles(&t, &m, true, 3, 16, 154); /* planned, but known */
  /* Chunks of 3: ceil(8/3) + ceil(4/3) + ceil(4/3). */
  bt_passes p;
  m.acc.chunk = 3;
  assert_int_equal(bt_cost_passes(&m, command_of(&t), false, &p, NULL), BT_OK);
  assert_int_equal(p.chunks, 7);
  bt_tensor_free(&t.a);
  bt_tensor_free(&t.b);
}

static void test_zero_blocks(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  contraction t = contraction_of(BT_DATA_GRADIENT, 3, 5, 2, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  set_exponents(&t.b, (int[]){-128, -128});
  /* All blocks zero: the array does not run. */
  expect_cycles(&t, &m, false, 0, 0, 0);
  expect_cycles(&t, &m, true, 1, 2, 48);
  /* E = -128 with a nonzero mantissa is no zero block (numerics 2.1): one channel, 1 + 46. */
  ((int8_t *)t.b.data)[5] = 1;
  expect_cycles(&t, &m, false, 1, 1, 47);
  bt_tensor_free(&t.b);
}

static void test_groups_of_the_weight_gradient(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  /* Samples' sums of exponents: 0+1, 1+0, 0+2: groups of 2 and 1 samples of one place each.
   * out is 6 x 20, 2 tiles: 2 * (3 + 2 * 46). */
  contraction t =
      contraction_of(BT_WEIGHT_GRADIENT, 3, 5, 6, 2, BT_BLOCK_SAMPLE, BT_BLOCK_SAMPLE, 8);
  set_exponents(&t.a, (int[]){0, 1, 0});
  set_exponents(&t.b, (int[]){1, 0, 2});
  expect_cycles(&t, &m, false, 2, 3, 190);
  /* One exponent for all of b: a's alone decide, in groups of 2 and 1 samples again. */
  bt_tensor_free(&t.b);
  t.b.fmt.block = BT_BLOCK_TENSOR;
  expect_cycles(&t, &m, false, 2, 3, 190);
  bt_tensor_free(&t.a);
}

/* A row of 70 in k32 against weights in one block: runs of 32, 32 and 6. */
static void test_runs_of_k32(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  bt_passes p;
  contraction t = contraction_of(BT_FORWARD, 20, 70, 17, 1, BT_BLOCK_K32, BT_BLOCK_TENSOR, 8);
  expect_cycles(&t, &m, false, 3, 70, 4 * (70 + 3 * 46));
  expect_cycles(&t, &m, true, 3, 70, 4 * (70 + 3 * 46));
  m.acc.chunk = 10;
  assert_int_equal(bt_cost_passes(&m, command_of(&t), false, &p, NULL), BT_OK);
  assert_int_equal(p.chunks, 4 + 4 + 1);
  t.b.fmt.wl = 15;
  t.b.kind = BT_T_BFP16;
  expect_cycles(&t, &m, false, 6, 140, 4 * (140 + 6 * 46));
}

/* A 3 x 3 window of 5 channels over an image of 3 x 3 with a pad of 1. */
static void test_runs_of_tiles(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  contraction t = contraction_of(BT_FORWARD, 1, 5, 2, 3, BT_BLOCK_K32, BT_BLOCK_TENSOR, 8);
  t.c.u.contract.geometry = (bt_geometry){1, 3, 3, 5, 2, 3, 3, 1, 1, 3, 3};
  t.out.dim[1] = t.out.dim[2] = 3;
  /* Each place of the image is a block of k32. */
  expect_cycles(&t, &m, false, 9, 45, 45 + 9 * 46);
  /* Tiles of 20 of the image's 45, of 15 of the weights' 45: at 15, 20, 30, 40. */
  t.a.fmt.block = t.b.fmt.block = BT_BLOCK_TILE;
  t.a.fmt.tile_rows = t.b.fmt.tile_rows = 1;
  t.a.fmt.tile_cols = 20;
  t.b.fmt.tile_cols = 15;
  expect_cycles(&t, &m, false, 5, 45, 45 + 5 * 46);
}

/* Folds of the groups of the data gradient above: k 8, 4 and 4 on 4 rows are 2 + 1 + 1. */
static void test_folds_of_groups(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  bt_passes p;
  m.dataflow = BT_DATAFLOW_IS;
  m.rows = 4;
  m.cols = 2;
  m.sram_output_bytes = 48; /* partial sums of 24 / 8 = 3 columns */
  contraction t = contraction_of(BT_DATA_GRADIENT, 3, 5, 6, 2, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  set_exponents(&t.b, (int[]){3, 3, 1, -128, -14, -13});
  set_exponents(&t.a, (int[]){0});
  assert_int_equal(bt_cost_passes(&m, command_of(&t), false, &p, NULL), BT_OK);
  assert_int_equal(p.folds, 4);
  /* 12 rows in tiles of 2, 5 columns in 3 and 2; skew 2 * 4 + 2 - 2 = 8: 6 * 4 * (11 + 10). */
  assert_int_equal(p.row_tiles, 6);
  assert_int_equal(p.col_tiles, 2);
  assert_int_equal((uint64_t)bt_cost_tile_cycles(&m, &p, 2, 3), 44);
  assert_int_equal((uint64_t)bt_cost_array_cycles(&m, &p), 504);
  bt_tensor_free(&t.a);
  bt_tensor_free(&t.b);
}

static void expect_quantizer(bt_format fmt, size_t rows, size_t cols, unsigned lanes,
                             uint64_t expected) {
  bt_machine m = bt_machine_default();
  m.lanes = lanes;
  bt_tensor in = bt_tensor_wide("in", 2, (size_t[]){rows, cols}, false, false);
  bt_tensor out = bt_tensor_bfp("out", fmt, 2, (size_t[]){rows, cols});
  bt_command c = quantize_of(&in, &out, BT_NEAREST_EVEN);
  assert_int_equal((uint64_t)bt_cost_quantizer_cycles(&m, &c), expected);
}

static void test_quantizer(void **state) {
  (void)state;
  /* One block of 35 in 16 lanes: 3 beats, 2*3 + 2. Of 32: 2 beats. */
  expect_quantizer(bfp(8, BT_BLOCK_TENSOR), 5, 7, 16, 8);
  expect_quantizer(bfp(8, BT_BLOCK_TENSOR), 4, 8, 16, 6);
  /* Rows of 10 in 16 lanes: [10, 20) straddles a beat: 1 + 2 + 1 beats, 2*4 + 3*2. */
  expect_quantizer(bfp(8, BT_BLOCK_DIM0), 3, 10, 16, 14);
  /* In 4 lanes 0-9, 10-19, 20-29 touch beats 0-2, 2-4, 5-7: 2*9 + 3*2. */
  expect_quantizer(bfp(8, BT_BLOCK_SAMPLE), 3, 10, 4, 24);
  /* Rows of 40, two blocks each: beats 0-2, 2-4: 2*6 + 2*3. */
  expect_quantizer(bfp(8, BT_BLOCK_K32), 2, 40, 16, 18);
}

/* Fixed point has no exponent to look for: 35 in 16 lanes, 3 beats and 1. */
static void test_quantizer_of_fixed_point(void **state) {
  (void)state;
  expect_quantizer((bt_format){.kind = BT_FIXED, .wl = 8, .fl = 6}, 5, 7, 16, 4);
}

static void test_quantizer_of_tiles(void **state) {
  (void)state;
  bt_format fmt = bfp(8, BT_BLOCK_TILE);
  fmt.tile_rows = 2;
  fmt.tile_cols = 3;
  /* Rows of 4 in 4 lanes, two tiles beside each other: bands of 2 rows and 1: 2*2 + 3, 2*1 + 3. */
  expect_quantizer(fmt, 3, 4, 4, 12);
  /* Rows of 5: bands [0, 10), [10, 15), beats 0-2, 2-3: 2*3 + 3, 2*2 + 3. */
  expect_quantizer(fmt, 3, 5, 4, 16);
  /* More rows in a tile than there are: one band of 15 elements. */
  fmt.tile_rows = 100;
  expect_quantizer(fmt, 3, 5, 4, 2 * 4 + 3);
  /* The document's example. */
  fmt.tile_rows = 2;
  fmt.tile_cols = 4;
  expect_quantizer(fmt, 3, 10, 16, 14);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_partial_tiles),
      cmocka_unit_test(test_two_passes_of_wide_weights),
      cmocka_unit_test(test_groups_of_the_data_gradient),
      cmocka_unit_test(test_zero_blocks),
      cmocka_unit_test(test_groups_of_the_weight_gradient),
      cmocka_unit_test(test_runs_of_k32),
      cmocka_unit_test(test_runs_of_tiles),
      cmocka_unit_test(test_folds_of_groups),
      cmocka_unit_test(test_quantizer),
      cmocka_unit_test(test_quantizer_of_fixed_point),
      cmocka_unit_test(test_quantizer_of_tiles),
  };
  return cmocka_run_group_tests_name("cost cycles (alone: ctest -R test_cost_cycles)", tests, NULL,
                                     NULL);
}
