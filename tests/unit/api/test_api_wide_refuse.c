/* bittrue_wide.h: every documented refusal with its line; outputs are then untouched. */
#include "bittrue_wide.h"
#include "unit/api/api.h"

static const int16_t eight[] = {1, 2, 3, 4, 5, 6, 7, 8};
static const int8_t zero[8] = {0};
static const bt_blocks matrix = {{.kind = BT_BFP, .wl = 8}, 2, {2, 2}, eight, zero};
static const bt_geometry two = {.n = 2, .h = 1, .w = 1, .c = 2, .o = 2, .kh = 1, .kw = 1,
                                .stride = 1, .oh = 1, .ow = 1};

static void refuse_blocks(const bt_blocks *x, const char *what) {
  char line[256];
  bt_wide y = {.bits = 99};
  snprintf(line, sizeof line, "x: %s", what);
  REFUSED(bt_wide_from_blocks(x, &y, &error), BT_BAD_INPUT, line);
  assert_int_equal(y.bits, 99);
  bt_accumulator acc = bt_accumulator_default();
  snprintf(line, sizeof line, "a: %s", what);
  REFUSED(bt_wide_contract(&acc, BT_FORWARD, &two, x, &matrix, NULL, &y, NULL, &error),
          BT_BAD_INPUT, line);
  snprintf(line, sizeof line, "b: %s", what);
  REFUSED(bt_wide_contract(&acc, BT_FORWARD, &two, &matrix, x, NULL, &y, NULL, &error),
          BT_BAD_INPUT, line);
  assert_int_equal(y.bits, 99);
}

static void test_blocks(void **state) {
  (void)state;
  static const int16_t large[] = {1, 128, 3, -128};
  bt_blocks x = matrix;
  x.format.wl = 1;
  refuse_blocks(&x, "format: expected bfp or fixed of 2 to 16 bits");
  x = matrix;
  x.ndim = 5;
  refuse_blocks(&x, "5 dimensions, expected at most 4");
  x = matrix;
  x.dim[1] = 0;
  refuse_blocks(&x, "dimension 1 is 0: expected at least one element and no more than memory "
                    "holds");
  x.dim[0] = x.dim[1] = (size_t)1 << 40;
  refuse_blocks(&x, "dimension 1 is 1099511627776: expected at least one element and no more than "
                    "memory holds");
  x = matrix;
  x.mantissa = large;
  refuse_blocks(&x, "mantissa 128 of element 1: expected -127 to 127");
  x.format.asymmetric = true;
  x.dim[0] = 1;
  x.mantissa = large + 2; /* -128 is allowed, 129 never */
  bt_wide y;
  GOOD(bt_wide_from_blocks(&x, &y, &error));
  bt_wide_free(&y);
  x = matrix;
  x.format = (bt_format){.kind = BT_FIXED, .wl = 4, .asymmetric = true};
  refuse_blocks(&(bt_blocks){x.format, 1, {1}, (int16_t[]){8}, NULL},
                "mantissa 8 of element 0: expected -8 to 7");
}

static void refuse_contract(bt_accumulator acc, bt_direction d, bt_geometry g, const bt_blocks *b,
                            const char *line) {
  bt_wide y = {.bits = 99};
  bt_contract_counts counts = {1, 1};
  REFUSED(bt_wide_contract(&acc, d, &g, &matrix, b, NULL, &y, &counts, &error), BT_BAD_INPUT, line);
  assert_true(y.bits == 99 && y.mantissa == NULL && counts.saturations == 1);
}

static void test_contract(void **state) {
  (void)state;
  const char *const sizes = "geometry: expected sizes and a stride of at least 1, each tensor of "
                            "at most 2^31 - 1 elements";
  bt_accumulator acc = bt_accumulator_default(), bad = acc;
  bt_geometry g = two;
  bt_blocks b = matrix;
  bad.acc_bits = 33;
  refuse_contract(bad, BT_FORWARD, two, &matrix, "acc_bits 33: expected 8 to 32");
  bad = acc;
  bad.acc_shift = 1;
  bad.acc_round.mode = BT_STOCHASTIC;
  refuse_contract(bad, BT_FORWARD, two, &matrix, "stochastic acc_rounding without a generator");
  refuse_contract(acc, (bt_direction)3, two, &matrix, "unknown direction 3");
  g.stride = 0;
  refuse_contract(acc, BT_FORWARD, g, &matrix, sizes);
  g = two;
  g.n = (size_t)1 << 31;
  refuse_contract(acc, BT_FORWARD, g, &matrix, sizes);
  g = two;
  g.kh = 2;
  refuse_contract(acc, BT_FORWARD, g, &matrix,
                  "command bt_wide_contract (contract): expected a geometry whose windows lie "
                  "inside the padded image; input is 2x2, output 2x1x1x2");
  g = two;
  g.c = 3;
  const char *const operands =
      "command bt_wide_contract (contract): expected bfp8 operands of the geometry's sizes, with "
      "its samples or channels; input is 2x2, output 2x1x1x2";
  refuse_contract(acc, BT_FORWARD, g, &matrix, operands);
  b.format.wl = 16;
  refuse_contract(acc, BT_FORWARD, two, &b, operands);
  b.format.wl = 15;
  refuse_contract(acc, BT_DATA_GRADIENT, two, &b, operands); /* two passes are forward only */
  b = matrix; /* blocks by dimension 0, which is not the outputs' */
  b.format.block = BT_BLOCK_DIM0;
  b.ndim = 1;
  b.dim[0] = 4;
  refuse_contract(acc, BT_FORWARD, two, &b, operands);
}

static int32_t wide_mantissa[] = {5, -200, 3, 4};
static int16_t wide_step[] = {0, 1, 2, 3};
static const bt_wide wide = {2, {2, 2}, 2, 2, 8, wide_mantissa, wide_step};

static void refuse_wide(const bt_wide *x, const char *what) {
  char line[256];
  bt_wide y = {.bits = 99};
  int16_t m[4] = {9, 9, 9, 9};
  int8_t e[4] = {9, 9, 9, 9};
  bt_affine f = {.terms = 2, .term = {{.x = &wide}, {.x = x}}};
  snprintf(line, sizeof line, "term 1: %s", what);
  REFUSED(bt_wide_affine(&f, &y, NULL, &error), BT_BAD_INPUT, line);
  assert_int_equal(y.bits, 99);
  bt_format bfp8 = {.kind = BT_BFP, .wl = 8};
  bt_round_options even = {.mode = BT_NEAREST_EVEN};
  snprintf(line, sizeof line, "x: %s", what);
  REFUSED(bt_wide_quantize(x, &bfp8, &even, NULL, m, e, NULL, &error), BT_BAD_INPUT, line);
  assert_true(m[0] == 9 && m[3] == 9 && e[0] == 9);
}

static void test_wide(void **state) {
  (void)state;
  bt_wide x = wide;
  x.bits = 7; /* 200 > 2^7 */
  refuse_wide(&x, "mantissa -200 of element 1: expected at most 2^7");
  x.bits = 32;
  refuse_wide(&x, "32 bits, expected 0 to 31");
  x = wide;
  x.n0 = 3;
  refuse_wide(&x, "3 x 2 cells: expected 1, 2 or 2 by 1 or 2, no more than elements");
  x = wide;
  x.nl = 0;
  refuse_wide(&x, "2 x 0 cells: expected 1, 2 or 2 by 1 or 2, no more than elements");
  x = wide;
  x.ndim = 1;
  refuse_wide(&x, "2 x 2 cells: expected 1, 2 or 1 by 1 or 2, no more than elements");
  x.ndim = 5;
  refuse_wide(&x, "5 dimensions, expected at most 4");
  x = wide;
  x.dim[0] = 0;
  refuse_wide(&x, "dimension 0 is 0: expected at least one element and no more than memory holds");
  int16_t far[] = {0, 8191, 0, 8192};
  x = wide;
  x.step = far;
  refuse_wide(&x, "step exponent 8192 of cell 3: expected -8192 to 8191");
}

static void refuse_affine(const bt_affine *f, uint8_t *positive, const char *line) {
  bt_wide y = {.bits = 99};
  REFUSED(bt_wide_affine(f, &y, positive, &error), BT_BAD_INPUT, line);
  assert_int_equal(y.bits, 99);
}

static void test_affine(void **state) {
  (void)state;
  const uint8_t mask[4] = {0};
  uint8_t positive[4] = {0};
  bt_affine f = {.terms = 0, .term = {{.x = &wide}}};
  refuse_affine(&f, NULL, "0 terms, expected 1 to 4");
  f.terms = 5;
  refuse_affine(&f, NULL, "5 terms, expected 1 to 4");
  f.terms = 1;
  refuse_affine(&f, positive, "a place for the signs before a ReLU, without relu");
  f.relu = true;
  f.mask = mask;
  refuse_affine(&f, NULL, "command bt_wide_affine (affine): expected relu or a mask, not both; "
                          "input is 2x2, output 2x2");
  f.relu = false;
  int32_t three[] = {1, 2, 3};
  int16_t step[] = {0};
  bt_wide other = {1, {3}, 1, 1, 8, three, step};
  f.terms = 2;
  f.term[1].x = &other;
  refuse_affine(&f, NULL, "command bt_wide_affine (affine): expected terms of the output's shape "
                          "or of its last dimension; input is 2x2, output 2x2");
}

static void test_constants(void **state) {
  (void)state;
  const bt_constant each[] = {{16384, 0}, {16384, 5000}}, sums[] = {{1 << 30, 0}, {16384, 0}};
  bt_affine f = {.terms = 1, .term = {{.x = &wide, .c = {16383, 0}}}};
  refuse_affine(&f, NULL, "term 0: 16383 * 2^0: expected 0, or a mantissa of 16 bits and an "
                          "exponent of -4096 to 4095");
  f.term[0].c = (bt_constant){-32768, 0};
  refuse_affine(&f, NULL, "term 0: -32768 * 2^0: expected 0, or a mantissa of 16 bits and an "
                          "exponent of -4096 to 4095");
  f.term[0].each = each; /* c is then not read */
  refuse_affine(&f, NULL, "term 0: 16384 * 2^5000: expected 0, or a mantissa of 16 bits and an "
                          "exponent of -4096 to 4095");
  f.term[0] = (bt_wide_term){.x = &wide, .c = {16384, 0}};
  f.c0 = (bt_constant){1 << 29, 0};
  refuse_affine(&f, NULL, "c0: 536870912 * 2^0: expected 0, or a mantissa of 32 bits and an "
                          "exponent of -4096 to 4095");
  f.c0_each = sums;
  refuse_affine(&f, NULL, "c0: 16384 * 2^0: expected 0, or a mantissa of 32 bits and an exponent "
                          "of -4096 to 4095");
}

static void refuse_quantize(const bt_format *format, const bt_round_options *round,
                            const char *line) {
  int16_t m[4] = {9, 9, 9, 9};
  int8_t e[4] = {9, 9, 9, 9};
  bt_quantize_counts counts = {1, 1, 1};
  REFUSED(bt_wide_quantize(&wide, format, round, NULL, m, e, &counts, &error), BT_BAD_INPUT, line);
  assert_true(m[0] == 9 && e[0] == 9 && counts.clipped == 1);
}

static void test_quantize(void **state) {
  (void)state;
  bt_format f = {.kind = BT_BFP, .wl = 8};
  bt_round_options round = {.mode = BT_STOCHASTIC, .random_bits = 16};
  refuse_quantize(&f, &round, "stochastic rounding without a generator");
  round.random_bits = 0;
  refuse_quantize(&f, &round, "random bits 0: expected 1 to 24");
  round.mode = BT_FLOOR;
  f.wl = 17;
  refuse_quantize(&f, &round, "format: expected bfp or fixed of 2 to 16 bits");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_blocks),    cmocka_unit_test(test_contract),
      cmocka_unit_test(test_wide),      cmocka_unit_test(test_affine),
      cmocka_unit_test(test_constants), cmocka_unit_test(test_quantize)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
