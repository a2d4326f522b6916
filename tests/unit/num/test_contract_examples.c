/* Every worked example of docs/numerics.md, named by its section. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "data/dataset.h"
#include "net/model.h"
#include "num/affine.h"
#include "num/align.h"
#include "num/average.h"
#include "num/constant.h"
#include "num/format.h"
#include "num/round.h"
#include "num/scalar.h"
#include "num/stream.h"
#include "ref/ref.h"

static void example_2_1(void **state) {
  (void)state;
  bt_format f;
  bt_error error;
  assert_int_equal(bt_format_parse("bfp8", &f, &error), BT_OK);
  const size_t n = 2;
  const int16_t m[] = {100, -127};
  const int8_t e = 1;
  float x[2];
  assert_int_equal(bt_dequantize_f32(&f, 1, &n, m, &e, x, &error), BT_OK);
  assert_true(x[0] == 3.125f && x[1] == -3.96875f);
}

static void example_2_2(void **state) {
  (void)state;
  bt_format f;
  bt_error error;
  const size_t n = 3;
  const double x[] = {0.7, 100, -100};
  const bt_round_options nearest = {BT_NEAREST_EVEN, 16, false};
  int16_t m[3];
  float y[3];
  assert_int_equal(bt_format_parse("fixed8.6", &f, &error), BT_OK);
  assert_int_equal(bt_quantize_f64(&f, &nearest, 1, &n, x, NULL, m, NULL, NULL, &error), BT_OK);
  assert_int_equal(bt_dequantize_f32(&f, 1, &n, m, NULL, y, &error), BT_OK);
  assert_int_equal(m[0], 45);
  assert_true(y[0] == 0.703125f && y[1] == 2 - 0x1p-6f && y[2] == -2);
}

static void example_2_3(void **state) {
  (void)state;
  const size_t dim[] = {3, 5};
  bt_format f = {.wl = 8};
  bt_error error;
  assert_int_equal(bt_block_parse("tile:2x2", &f, &error), BT_OK);
  assert_int_equal(bt_block_count(&f, 2, dim), 6);
  assert_int_equal(bt_block_of(&f, 2, dim, 14), 5);
}

static void example_3(void **state) {
  (void)state;
  const bt_round_options stochastic = {BT_STOCHASTIC, 16, false};
  const bt_round_options even = {BT_NEAREST_EVEN, 16, false};
  const bt_round_options away = {BT_NEAREST_AWAY, 16, false};
  const bt_round_options down = {BT_FLOOR, 16, false};
  assert_int_equal(bt_round(37, 4, &stochastic, 0xC000), 3);
  assert_int_equal(bt_round(37, 4, &stochastic, 0xA000), 2);
  assert_int_equal(bt_round(37, 4, &even, 0), 2);
  assert_int_equal(bt_round(-40, 4, &even, 0), -2);
  assert_int_equal(bt_round(-40, 4, &away, 0), -3);
  assert_int_equal(bt_round(-40, 4, &down, 0), -3);
}

static void example_4(void **state) {
  (void)state;
  assert_int_equal(bt_lfsr_jump(1, 1), 0xA3000000u);
  assert_int_equal(bt_lfsr_jump(0xA3000000u, 1), 0x51800000u);
  uint32_t lane = 1;
  assert_int_equal(bt_lfsr_draw(&lane, 16), 1);
  assert_int_equal(lane, 0x00014600);
  bt_lfsr rng;
  assert_int_equal(bt_lfsr_start(&rng, 1, 16), BT_OK);
  assert_int_equal(rng.lane[0], 0x89025CC1u);
  assert_true(bt_splitmix64(1 + BT_SPLITMIX_GAMMA) == 0x910A2DEC89025CC1u);
}

static void example_5_4(void **state) {
  (void)state;
  assert_true((UINT64_C(1) << 61) / 25 == 92233720368547758u);
  assert_int_equal(bt_isqrt(92233720368547758u), 303700049);
  assert_true(fabs(303700049 / 0x1p30 - 0.28284) < 5e-6);
}

static void check_quantize(int wl, bt_rounding mode, size_t n, const double *x, int e,
                           const int16_t *want) {
  const bt_format f = {.wl = wl};
  const bt_round_options round = {mode, 16, false};
  int16_t m[3];
  int8_t exponent;
  bt_error error;
  assert_int_equal(bt_quantize_f64(&f, &round, 1, &n, x, NULL, m, &exponent, NULL, &error), BT_OK);
  assert_int_equal(exponent, e);
  assert_memory_equal(m, want, n * sizeof *m);
}

static void example_5_6(void **state) {
  (void)state;
  static const uint8_t want[2][9] = {{5, 4, 0, 8, 7, 0, 0, 0, 0}, {2, 3, 0, 5, 6, 0, 8, 9, 0}};
  uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9}, got[9];
  const bt_images images = {2, 3, 3, 1, 10, pixels, NULL};
  const bt_augmentation how = {.crop_pad = 1, .flip = true};
  for (size_t sample = 0; sample < 2; sample++) {
    bt_augment(&how, 1, 1, &images, sample, got);
    assert_memory_equal(got, want[sample], 9);
  }
}

static void example_7(void **state) {
  (void)state;
  check_quantize(4, BT_NEAREST_EVEN, 3, (double[]){5, -3, 1}, 2, (int16_t[]){5, -3, 1});
  check_quantize(3, BT_FLOOR, 3, (double[]){5, -3, 1}, 2, (int16_t[]){2, -2, 0});
  check_quantize(4, BT_NEAREST_EVEN, 2, (double[]){15, 1}, 3, (int16_t[]){7, 0});
}

static int32_t dot(int bits, bool wrap, int shift, size_t k) {
  const int8_t v[] = {100, 100};
  bt_accumulator acc = bt_accumulator_default();
  bt_error error;
  int32_t out;
  acc.acc_bits = bits;
  acc.wrap = wrap;
  acc.acc_shift = shift;
  assert_int_equal(bt_gemm_s8(&acc, 1, 1, k, v, v, NULL, &out, NULL, &error), BT_OK);
  return out;
}

static void example_8_1(void **state) {
  (void)state;
  assert_int_equal(dot(14, false, 0, 1), 8191);
  assert_int_equal(dot(14, false, 0, 2), 8191);
  assert_int_equal(dot(14, true, 0, 1), -6384);
  assert_int_equal(dot(14, true, 0, 2), 3616);
  assert_int_equal(dot(12, false, 4, 1), 625);
  assert_int_equal(dot(12, false, 4, 2), 1250);
}

static bt_counts run(const bt_command *c, const bt_machine *machine) {
  bt_engine *engine = bt_ref_engine(machine);
  bt_lfsr rng = {.lane = {1}, .lanes = 1};
  bt_counts counts = {0};
  bt_error error = {""};
  assert_int_equal(bt_command_check(c, &error), BT_OK);
  assert_int_equal(engine->run(engine, c, &rng, &counts, &error), BT_OK);
  engine->destroy(engine);
  return counts;
}

/* The two k are two output channels of a data gradient: products 1000 and -3. */
static void example_8_2(void **state) {
  (void)state;
  bt_alignment plan = bt_align_plan(-20, -17, 2, 0);
  int64_t sum = bt_align_add(bt_align_add(0, 1000, 0), -3, -17 - plan.gref);
  assert_int_equal(plan.gref, -20);
  assert_int_equal(plan.t, 0);
  assert_int_equal(plan.exponent, -20);
  assert_int_equal(bt_align_finish(sum, plan.t), 976);
  const size_t e_dim[] = {1, 2}, w_dim[] = {2, 1}, x_dim[] = {1, 1};
  bt_tensor e = bt_tensor_bfp("e", (bt_format){.wl = 8}, 2, e_dim);
  bt_tensor w = bt_tensor_bfp("w", (bt_format){.wl = 8, .block = BT_BLOCK_DIM0}, 2, w_dim);
  bt_tensor x = bt_tensor_wide("x", 2, x_dim, false, false);
  assert_true(bt_tensor_alloc(&e) && bt_tensor_alloc(&w) && bt_tensor_alloc(&x));
  memcpy(e.data, (const int8_t[]){100, 1}, 2);
  memcpy(w.data, (const int8_t[]){10, -3}, 2);
  e.exp[0] = 0; /* step -6 */
  w.exp[0] = -8;
  w.exp[1] = -5;
  bt_command c = {.op = BT_OP_CONTRACT, .in = {&e, &w}, .out = {&x}};
  c.u.contract.direction = BT_DATA_GRADIENT;
  c.u.contract.geometry = (bt_geometry){1, 1, 1, 1, 2, 1, 1, 1, 0, 1, 1};
  bt_machine machine = bt_machine_default();
  run(&c, &machine);
  assert_int_equal(*(int32_t *)x.data, 976);
  assert_int_equal(x.exp[0], -20);
  bt_tensor_free(&e);
  bt_tensor_free(&w);
  bt_tensor_free(&x);
}

/* tile:1x1: groups at -16, -18 and -36, whose product is dropped. */
static void example_8_2_tiles(void **state) {
  (void)state;
  const bt_format tile = {.wl = 8, .block = BT_BLOCK_TILE, .tile_rows = 1, .tile_cols = 1};
  const size_t x_dim[] = {1, 3}, y_dim[] = {1, 1};
  bt_tensor x = bt_tensor_bfp("x", tile, 2, x_dim);
  bt_tensor w = bt_tensor_bfp("w", (bt_format){.wl = 8}, 2, x_dim);
  bt_tensor y = bt_tensor_wide_each("y", 2, y_dim);
  assert_true(bt_tensor_alloc(&x) && bt_tensor_alloc(&w) && bt_tensor_alloc(&y));
  memcpy(x.data, (const int8_t[]){100, 7, 9}, 3);
  memcpy(w.data, (const int8_t[]){10, -3, 1}, 3);
  const int step[] = {-10, -12, -30};
  for (size_t i = 0; i < 3; i++) {
    x.exp[i] = (int16_t)(step[i] + 6);
  }
  w.exp[0] = 0; /* step -6 */
  bt_command c = {.op = BT_OP_CONTRACT, .in = {&x, &w}, .out = {&y}};
  c.u.contract.geometry = (bt_geometry){1, 1, 1, 3, 1, 1, 1, 1, 0, 1, 1};
  bt_machine machine = bt_machine_default();
  assert_int_equal(run(&c, &machine).dropped, 1);
  assert_int_equal(1000 * 65536 - 21 * 16384, 65191936);
  assert_int_equal(*(int32_t *)y.data, 32595968);
  assert_int_equal(y.exp[0], -31);
  assert_int_equal(y.bits, 31);
  bt_tensor_free(&x);
  bt_tensor_free(&w);
  bt_tensor_free(&y);
}

/* w = -1000 in two passes is -1000: forward with x = 3, whose spread of 7 shifts nothing out. */
static void example_8_3(void **state) {
  (void)state;
  assert_int_equal(128 * (-8) + 24, -1000);
  const size_t dim[] = {1, 1};
  bt_tensor x = bt_tensor_bfp("x", (bt_format){.wl = 8}, 2, dim);
  bt_tensor w = bt_tensor_bfp("w", (bt_format){.wl = 15}, 2, dim);
  bt_tensor y = bt_tensor_wide("y", 2, dim, false, false);
  assert_true(bt_tensor_alloc(&x) && bt_tensor_alloc(&w) && bt_tensor_alloc(&y));
  *(int8_t *)x.data = 3;
  *(int16_t *)w.data = -1000;
  x.exp[0] = 6;  /* step 0 */
  w.exp[0] = 13; /* step 0 */
  bt_command c = {.op = BT_OP_CONTRACT, .in = {&x, &w}, .out = {&y}};
  c.u.contract.nearest = true;
  c.u.contract.geometry = (bt_geometry){1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1};
  bt_machine machine = bt_machine_default();
  run(&c, &machine);
  assert_int_equal(*(int32_t *)y.data, -3000);
  assert_int_equal(y.exp[0], 0);
  assert_int_equal(y.bits, 21);
  bt_tensor_free(&x);
  bt_tensor_free(&w);
  bt_tensor_free(&y);
}

static void example_9(void **state) {
  (void)state;
  bt_rational r;
  bt_error error;
  assert_int_equal(bt_rational_parse("0.75", &r, &error), BT_OK);
  const bt_affine_term term = {.c = bt_constant_make(r, 16), .operand_step = 0, .operand_bits = 7};
  assert_int_equal(term.c.mantissa, 24576);
  assert_int_equal(term.c.exponent, -15);
  bt_affine_plan plan = bt_affine_prepare(1, &term);
  const int32_t x = 5;
  assert_int_equal(plan.t, 0);
  assert_int_equal(plan.exponent, -23);
  assert_int_equal(plan.bits, 30);
  assert_int_equal(bt_affine_apply(&plan, &x), 31457280);
}

static void example_10(void **state) {
  (void)state;
  bt_rational r;
  bt_error error;
  assert_int_equal(bt_rational_parse("0.05", &r, &error), BT_OK);
  bt_constant c = bt_constant_make(r, 16);
  assert_int_equal(c.mantissa, 26214);
  assert_int_equal(c.exponent, -19);
  assert_int_equal(bt_rational_parse("1", &r, &error), BT_OK);
  c = bt_constant_make(r, 16);
  assert_int_equal(c.mantissa, 16384);
  assert_int_equal(c.exponent, -14);
}

static void example_11(void **state) {
  (void)state;
  const size_t dim[] = {100352, 1};
  bt_tensor x = bt_tensor_bfp("x", (bt_format){.wl = 8}, 2, dim);
  bt_tensor sum = bt_tensor_wide("sum", 1, &dim[1], false, false);
  assert_true(bt_tensor_alloc(&x) && bt_tensor_alloc(&sum));
  memset(x.data, 127, dim[0]);
  x.exp[0] = 6;
  bt_command c = {.op = BT_OP_REDUCE, .in = {&x}, .out = {&sum}};
  c.u.reduce.kind = BT_SUM;
  bt_machine machine = bt_machine_default();
  run(&c, &machine);
  assert_int_equal(sum.bits, 24);
  assert_int_equal(sum.exp[0], 0);
  assert_int_equal(*(int32_t *)sum.data, 127 * 100352);
  bt_tensor_free(&x);
  bt_tensor_free(&sum);
}

static void example_11_squares(void **state) {
  (void)state;
  const size_t dim[] = {4, 1};
  bt_tensor x = bt_tensor_bfp("x", (bt_format){.wl = 16, .asymmetric = true}, 2, dim);
  bt_tensor sum = bt_tensor_wide("sum", 1, &dim[1], false, false);
  assert_true(bt_tensor_alloc(&x) && bt_tensor_alloc(&sum));
  memcpy(x.data, (const int16_t[]){-32768, -32768, -32768, -32768}, sizeof(int16_t) * 4);
  x.exp[0] = 14;
  bt_command c = {.op = BT_OP_REDUCE, .in = {&x}, .out = {&sum}};
  c.u.reduce.kind = BT_SUM_XX;
  bt_machine machine = bt_machine_default();
  run(&c, &machine);
  assert_int_equal(sum.bits, 31);
  assert_int_equal(sum.exp[0], 1);
  assert_int_equal(*(int32_t *)sum.data, 2147483647);
  bt_tensor_free(&x);
  bt_tensor_free(&sum);
}

static void example_11_1(void **state) {
  (void)state;
  const size_t dim[] = {2, 1};
  bt_tensor x = bt_tensor_bfp("x", (bt_format){.wl = 8, .block = BT_BLOCK_K32}, 2, dim);
  bt_tensor sum = bt_tensor_wide("sum", 1, &dim[1], false, true);
  assert_true(bt_tensor_alloc(&x) && bt_tensor_alloc(&sum));
  memcpy(x.data, (const int8_t[]){5, 3}, 2);
  x.exp[0] = 0; /* step -6 */
  x.exp[1] = 2;
  bt_command c = {.op = BT_OP_REDUCE, .in = {&x}, .out = {&sum}};
  c.u.reduce.kind = BT_SUM;
  bt_machine machine = bt_machine_default();
  run(&c, &machine);
  assert_int_equal(*(int32_t *)sum.data, 17);
  assert_int_equal(sum.exp[0], -6);
  assert_int_equal(sum.bits, 10);
  bt_tensor_free(&x);
  bt_tensor_free(&sum);
}

static void example_12(void **state) {
  (void)state;
  assert_int_equal(bt_exp2(32768), 1518500250);
  assert_int_equal(bt_log2(3), 103872);
}

static void example_14(void **state) {
  (void)state;
  const size_t dim[] = {1, 2};
  bt_tensor x = bt_tensor_bfp("x", (bt_format){.wl = 8}, 2, dim);
  bt_tensor label = bt_tensor_byte("label", 1, dim);
  bt_tensor e = bt_tensor_wide("e", 2, dim, false, false);
  assert_true(bt_tensor_alloc(&x) && bt_tensor_alloc(&label) && bt_tensor_alloc(&e));
  memset(x.data, 77, 2);
  x.exp[0] = 0;
  bt_loss loss = {0};
  bt_command c = {.op = BT_OP_SOFTMAX, .in = {&x, &label}, .out = {&e}};
  c.u.softmax.loss = &loss;
  bt_machine machine = bt_machine_default();
  run(&c, &machine);
  const int32_t want[] = {-(1 << 29), 1 << 29};
  assert_memory_equal(e.data, want, sizeof want);
  assert_int_equal(e.exp[0], -30);
  assert_int_equal(e.bits, 30);
  assert_int_equal(loss.loss_bits, 65536);
  assert_int_equal(loss.loss_bits * 45426 >> 16, 45426);
  assert_true(fabs(45426 / 65536.0 - 0.6931) < 5e-5);
  bt_tensor_free(&x);
  bt_tensor_free(&label);
  bt_tensor_free(&e);
}

/* sum 7, m = 2, step 1: E = 1, at b = 4 step 2^-1: mantissa 7. */
static void example_16(void **state) {
  (void)state;
  const int e = 6 - (8 - 2);
  const int exponent = bt_quotient_log2(7, 2) + e;
  assert_int_equal(exponent, 1);
  assert_int_equal(bt_quotient_round(7, 2, exponent - (4 - 2) - e), 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(example_2_1), cmocka_unit_test(example_2_2), cmocka_unit_test(example_2_3),
      cmocka_unit_test(example_3),   cmocka_unit_test(example_4),   cmocka_unit_test(example_5_4),
      cmocka_unit_test(example_5_6),
      cmocka_unit_test(example_7),   cmocka_unit_test(example_8_1), cmocka_unit_test(example_8_2),
      cmocka_unit_test(example_8_3), cmocka_unit_test(example_9),   cmocka_unit_test(example_10),
      cmocka_unit_test(example_11),  cmocka_unit_test(example_12),  cmocka_unit_test(example_14),
      cmocka_unit_test(example_16),  cmocka_unit_test(example_8_2_tiles),
      cmocka_unit_test(example_11_1), cmocka_unit_test(example_11_squares),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
