/* Formats, blocks, generators, roundings and constants of bittrue.h: what they give and refuse. */
#include "unit/api/api.h"

static void test_versions(void **state) {
  (void)state;
  assert_string_equal(bt_version(), BT_VERSION);
  assert_int_equal(bt_api_version(), BT_API_VERSION);
}

static void test_format_parse(void **state) {
  (void)state;
  bt_format f = {.kind = BT_FIXED, .wl = 3};
  static const char *const bad[] = {"bfp", "bfp1", "bfp17", "bfp8x", "fixed8", "fixed8.61", "int8"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char line[128];
    snprintf(line, sizeof line,
             "format '%s': expected bfpW (W 2 to 16) or fixedW.F (W 2 to 16, F 0 to 60)", bad[i]);
    REFUSED(bt_format_parse(bad[i], &f, &error), BT_BAD_INPUT, line);
    assert_int_equal(f.wl, 3); /* untouched */
  }
  assert_int_equal(bt_format_parse("int8", &f, NULL), BT_BAD_INPUT);
  GOOD(bt_format_parse("bfp16", &f, &error));
  assert_true(f.kind == BT_BFP && f.wl == 16 && !f.asymmetric && f.block == BT_BLOCK_TENSOR);
  GOOD(bt_format_parse("fixed2.60", &f, &error));
  assert_true(f.kind == BT_FIXED && f.wl == 2 && f.fl == 60 && f.asymmetric);
}

static void test_block_parse(void **state) {
  (void)state;
  bt_format f = {.kind = BT_BFP, .wl = 8, .asymmetric = true, .block = BT_BLOCK_K32};
  static const char *const bad[] = {"", "row", "tile:", "tile:0x2", "tile:2x0", "tile:2x2x",
                                    "tile:2147483648x1"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char line[128];
    snprintf(line, sizeof line, "block '%s': expected tensor, dim0, sample, k32 or tile:RxC (R, C "
             "at least 1)", bad[i]);
    REFUSED(bt_block_parse(bad[i], &f, &error), BT_BAD_INPUT, line);
    assert_int_equal(f.block, BT_BLOCK_K32);
  }
  GOOD(bt_block_parse("tile:2147483647x3", &f, &error));
  assert_true(f.block == BT_BLOCK_TILE && f.tile_rows == 2147483647 && f.tile_cols == 3);
  assert_true(f.wl == 8 && f.asymmetric);
}

/* numerics 2.3's example: 3 x 5 in tile:2x2 has 2 * 3 = 6 blocks, element 14 lies in 1*3 + 2. */
static void test_blocks(void **state) {
  (void)state;
  const size_t dim[] = {3, 5}, empty[] = {3, 0};
  bt_format f = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TILE, .tile_rows = 2, .tile_cols = 2};
  assert_int_equal(bt_elements(2, dim), 15);
  assert_int_equal(bt_elements(0, NULL), 1);
  assert_int_equal(bt_block_count(&f, 2, dim), 6);
  assert_int_equal(bt_block_of(&f, 2, dim, 14), 5);
  assert_int_equal(bt_block_count(&f, 2, empty), 0);
}

static void test_lfsr(void **state) {
  (void)state;
  bt_lfsr rng = {.lanes = 5, .steps = 7};
  static const unsigned bad[] = {0, 3, 65, 128};
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_int_equal(bt_lfsr_start(&rng, 1, bad[i]), BT_BAD_INPUT);
    assert_true(rng.lanes == 5 && rng.steps == 7);
  }
  assert_int_equal(bt_lfsr_start(&rng, 1, 16), BT_OK);
  assert_int_equal(rng.lane[0], 0x89025CC1); /* numerics 4.3's example */
  uint32_t x = 1;
  assert_int_equal(bt_lfsr_draw(&x, 16), 1); /* 4.2's */
  assert_int_equal(x, 0x00014600);
  assert_int_equal(bt_lfsr_jump(1, 2), 0x51800000); /* 4.1's */
  /* Ten draws of 16 bits are 160 steps of each lane. */
  bt_lfsr moved = rng;
  bt_lfsr_advance(&moved, 10, 16);
  assert_int_equal(moved.steps, 160);
  assert_int_equal(moved.lane[3], bt_lfsr_jump(rng.lane[3], 160));
}

static void test_rounding(void **state) {
  (void)state;
  bt_rounding mode = BT_FLOOR;
  REFUSED(bt_rounding_parse("up", &mode, &error), BT_BAD_INPUT,
          "rounding 'up': expected stochastic, nearest_even, nearest_away or floor");
  assert_int_equal(mode, BT_FLOOR);
  GOOD(bt_rounding_parse("nearest_away", &mode, &error));
  assert_int_equal(mode, BT_NEAREST_AWAY);
  /* numerics 3's examples. */
  bt_round_options o = {.mode = BT_STOCHASTIC, .random_bits = 16};
  assert_int_equal(bt_round(37, 4, &o, 0xC000), 3);
  assert_int_equal(bt_round(37, 4, &o, 0xA000), 2);
  o.mode = BT_NEAREST_EVEN;
  assert_int_equal(bt_round(-40, 4, &o, 0), -2);
  o.mode = mode;
  assert_int_equal(bt_round(-40, 4, &o, 0), -3);
  assert_int_equal(bt_round(5, -3, &o, 0), 40);
  assert_int_equal(bt_round(-5, -61, &o, 0), -(INT64_C(1) << 62)); /* held */
  o.mode = (bt_rounding)9;
  assert_int_equal(bt_round(-33, 4, &o, 0), -3); /* as floor */
}

static void test_constant(void **state) {
  (void)state;
  bt_constant c = {7, 7};
  REFUSED(bt_constant_parse("1", 15, &c, &error), BT_BAD_INPUT,
          "a constant of 15 bits: expected 16 or 32");
  REFUSED(bt_constant_parse("one", 16, &c, &error), BT_BAD_INPUT,
          "'one': expected a decimal number such as 0.05 or 5e-4");
  REFUSED(bt_constant_parse("10e18", 16, &c, &error), BT_BAD_INPUT,
          "a number with more than 63 bits in its exact fraction");
  assert_true(c.mantissa == 7 && c.exponent == 7);
  GOOD(bt_constant_parse("0.05", 16, &c, &error)); /* numerics 10's example */
  assert_true(c.mantissa == 26214 && c.exponent == -19);
  GOOD(bt_constant_parse("-1", 32, &c, &error)); /* -2^30 * 2^-30 */
  assert_true(c.mantissa == -1073741824 && c.exponent == -30);
  GOOD(bt_constant_parse("0", 32, &c, &error));
  assert_true(c.mantissa == 0 && c.exponent == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_versions), cmocka_unit_test(test_format_parse),
      cmocka_unit_test(test_block_parse), cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_lfsr), cmocka_unit_test(test_rounding),
      cmocka_unit_test(test_constant)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
