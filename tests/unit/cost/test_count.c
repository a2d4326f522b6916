/* Counts of single commands and of programs, worked by hand (docs/cost.md).
 * Alone: ctest -R test_cost_count */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/count.h"

typedef struct {
  bt_count_kind kind;
  uint64_t n;
} expected;

/* The counts are these, and all others are zero. */
static void expect_counts(const bt_cost_counts *got, const expected *want, size_t count) {
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    uint64_t n = 0;
    for (size_t i = 0; i < count; i++) {
      n = want[i].kind == (bt_count_kind)k ? want[i].n : n;
    }
    if (got->n[k] != n) {
      fail_msg("%s: %llu, expected %llu", bt_count_name((bt_count_kind)k),
               (unsigned long long)got->n[k], (unsigned long long)n);
    }
  }
}
#define EXPECT(counts, ...)                                     \
  do {                                                          \
    const expected want_[] = {__VA_ARGS__};                     \
    expect_counts(counts, want_, sizeof want_ / sizeof *want_); \
  } while (0)

static bt_cost_counts count_one(const bt_machine *m, const bt_command *c) {
  bt_cost cost = {.plan = true};
  bt_error error = {""};
  if (bt_cost_add(&cost, m, c, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return cost.phase[c->label.phase];
}

static void test_contraction(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  contraction t = contraction_of(BT_FORWARD, 20, 9, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  bt_cost_counts n = count_one(&m, command_of(&t));
  /* 20 x 17 outputs of 9 products. Stored: 180 mantissas and 1 exponent, 153 and 17. Each of the
   * 2 column tiles reads 20 * 9, each of the 2 row tiles 17 * 9. Results of 4 bytes. */
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_MACS, 3060}, {BT_COUNT_ARRAY_CYCLES, 220},
         {BT_COUNT_MULTIPLY_8X8, 3060}, {BT_COUNT_ADD_ACC, 3060}, {BT_COUNT_DRAM_READ, 351},
         {BT_COUNT_INPUT_WRITE, 181}, {BT_COUNT_WEIGHT_WRITE, 170}, {BT_COUNT_INPUT_READ, 360},
         {BT_COUNT_WEIGHT_READ, 306}, {BT_COUNT_OUTPUT_WRITE, 1360});
}

static void test_contraction_that_does_not_fit(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  contraction t = contraction_of(BT_FORWARD, 20, 9, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  /* A strip of 16 rows is 144 bytes. It fits, so A is read once; B, 170 bytes, does not: each of
   * the 2 row tiles reads panels of 16 * 9 and 1 * 9. */
  m.sram_input_bytes = 150;
  m.sram_weight_bytes = 150;
  bt_cost_counts n = count_one(&m, command_of(&t));
  assert_int_equal(n.n[BT_COUNT_INPUT_WRITE], 181);
  assert_int_equal(n.n[BT_COUNT_WEIGHT_WRITE], 306);
  assert_int_equal(n.n[BT_COUNT_DRAM_READ], 487);
  /* Without room for the strip, A is read for each of the 2 column tiles. */
  m.sram_input_bytes = 143;
  n = count_one(&m, command_of(&t));
  assert_int_equal(n.n[BT_COUNT_INPUT_WRITE], 362);
  assert_int_equal(n.n[BT_COUNT_DRAM_READ], 668);
}

static void test_panels_are_never_more_than_the_tensor(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  /* A 3 x 3 convolution over 4 x 4 with pad 1, one channel: the weight gradient's columns are 9,
   * k is 2 * 16; x has 32 bytes and an exponent. On 2 columns, a panel of 2 * 32 is more than x,
   * that of the last column, 1 * 32, is not: 4 * 33 + 32. */
  bt_tensor e = bt_tensor_bfp("e", bfp(8, BT_BLOCK_TENSOR), 4, (size_t[]){2, 4, 4, 1});
  bt_tensor x = bt_tensor_bfp("x", bfp(8, BT_BLOCK_TENSOR), 4, (size_t[]){2, 4, 4, 1});
  bt_tensor g = bt_tensor_wide("g", 4, (size_t[]){1, 3, 3, 1}, false, false);
  bt_command c = {.op = BT_OP_CONTRACT, .label = {.text = "case"}, .in = {&e, &x}, .out = {&g}};
  c.u.contract.direction = BT_WEIGHT_GRADIENT;
  c.u.contract.geometry = (bt_geometry){2, 4, 4, 1, 1, 3, 3, 1, 1, 4, 4};
  m.cols = 2;
  m.sram_weight_bytes = 32;
  bt_cost_counts n = count_one(&m, &c);
  assert_int_equal(n.n[BT_COUNT_WEIGHT_WRITE], 164);
}

static void test_accumulator_with_chunks(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.acc.chunk = 4;
  m.acc.acc_shift = 2;
  m.acc.acc_round.mode = BT_STOCHASTIC;
  contraction t = contraction_of(BT_FORWARD, 20, 9, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  bt_cost_counts n = count_one(&m, command_of(&t));
  assert_int_equal(n.n[BT_COUNT_ADD_PSUM], 3060);
  assert_int_equal(n.n[BT_COUNT_ADD_ACC], 340 * 3); /* chunks of 4, 4, 1 */
  /* numerics 8.1: outputs * K = 3060 draws, 192 a lane, 16 bits, 16 lanes. */
  assert_int_equal(n.n[BT_COUNT_LFSR_STEPS], 192 * 16 * 16);
}

static void test_quantize(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  bt_tensor in = bt_tensor_wide("in", 2, (size_t[]){5, 7}, false, false);
  bt_tensor out = bt_tensor_bfp("out", bfp(8, BT_BLOCK_TENSOR), 2, (size_t[]){5, 7});
  bt_command c = quantize_of(&in, &out, BT_STOCHASTIC);
  bt_cost_counts n = count_one(&m, &c);
  /* 35 elements: 3 draws of 16 bits in each of 16 lanes; 140 bytes read twice; 36 stored. */
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_QUANTIZER_CYCLES, 8},
         {BT_COUNT_SHIFT_32, 35}, {BT_COUNT_COMPARE_32, 35}, {BT_COUNT_ADD_32, 35},
         {BT_COUNT_LFSR_STEPS, 768}, {BT_COUNT_OUTPUT_READ, 280 + 36}, {BT_COUNT_OUTPUT_WRITE, 36},
         {BT_COUNT_DRAM_WRITE, 36});
  c.u.quantize.round.mode = BT_NEAREST_EVEN;
  assert_int_equal(count_one(&m, &c).n[BT_COUNT_LFSR_STEPS], 0);
  /* One byte too little room for the block: 140 bytes out and back. */
  m.sram_output_bytes = 139;
  n = count_one(&m, &c);
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_QUANTIZER_CYCLES, 8},
         {BT_COUNT_SHIFT_32, 35}, {BT_COUNT_COMPARE_32, 35}, {BT_COUNT_ADD_32, 35},
         {BT_COUNT_OUTPUT_READ, 280 + 140 + 36}, {BT_COUNT_OUTPUT_WRITE, 140 + 36},
         {BT_COUNT_SPILL_WRITE, 140}, {BT_COUNT_SPILL_READ, 140}, {BT_COUNT_DRAM_WRITE, 36});
  /* With an exponent a row, 4 rows of 7 are open at a time on an array of 4 rows: 112 bytes. */
  out.fmt.block = BT_BLOCK_DIM0;
  m.rows = 4;
  assert_int_equal(count_one(&m, &c).n[BT_COUNT_SPILL_WRITE], 0);
  m.rows = 5;
  assert_int_equal(count_one(&m, &c).n[BT_COUNT_SPILL_WRITE], 140);
}

static void test_vector_units(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  size_t dim[2] = {5, 7};
  bt_tensor y = bt_tensor_wide("y", 2, dim, false, false);
  bt_tensor bias = bt_tensor_bfp("bias", bfp(8, BT_BLOCK_TENSOR), 1, &dim[1]);
  bt_tensor z = bt_tensor_wide("z", 2, dim, false, false);
  bt_tensor mask = bt_tensor_byte("mask", 2, dim);
  bt_command c = {.op = BT_OP_AFFINE, .in = {&y, &bias}, .out = {&z, &mask}};
  c.u.affine.terms = 2;
  c.u.affine.relu = true;
  bt_cost_counts n = count_one(&m, &c);
  /* 35 elements in 16 lanes; the bias is 8 bytes, the mask 35 bits. */
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_VECTOR_CYCLES, 3}, {BT_COUNT_MULTIPLY_16X32, 70},
         {BT_COUNT_ADD_64, 35}, {BT_COUNT_SHIFT_64, 70}, {BT_COUNT_DRAM_READ, 8}, {BT_COUNT_INPUT_WRITE, 8},
         {BT_COUNT_INPUT_READ, 8}, {BT_COUNT_OUTPUT_READ, 140 + 5},
         {BT_COUNT_OUTPUT_WRITE, 140 + 5}, {BT_COUNT_DRAM_WRITE, 5});
  bt_tensor x = bt_tensor_bfp("x", bfp(8, BT_BLOCK_TENSOR), 2, dim);
  bt_tensor sum = bt_tensor_wide("sum", 1, &dim[1], false, false);
  bt_command r = {.op = BT_OP_REDUCE, .in = {&x}, .out = {&sum}};
  n = count_one(&m, &r);
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_VECTOR_CYCLES, 3}, {BT_COUNT_ADD_64, 35},
         {BT_COUNT_DRAM_READ, 36}, {BT_COUNT_INPUT_WRITE, 36}, {BT_COUNT_INPUT_READ, 36},
         {BT_COUNT_OUTPUT_WRITE, 28});
  bt_tensor label = bt_tensor_byte("label", 1, dim);
  bt_command s = {.op = BT_OP_SOFTMAX, .in = {&x, &label}};
  n = count_one(&m, &s);
  /* 3 passes over 35 logits, and 48 cycles for each of 5 rows. */
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_SCALAR_CYCLES, 105 + 240}, {BT_COUNT_SOFTMAX, 35},
         {BT_COUNT_DRAM_READ, 41}, {BT_COUNT_INPUT_WRITE, 41}, {BT_COUNT_INPUT_READ, 41});
  bt_command v = {.op = BT_OP_AVERAGE, .label = {.phase = BT_PHASE_AVERAGE}, .in = {&x}};
  n = count_one(&m, &v);
  /* 36 bytes of weights; 35 sums of 8 bytes and one Emin of 2, there and back. */
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_VECTOR_CYCLES, 3}, {BT_COUNT_ADD_64, 35},
         {BT_COUNT_DRAM_READ, 36 + 282}, {BT_COUNT_INPUT_WRITE, 36 + 282},
         {BT_COUNT_INPUT_READ, 36 + 282}, {BT_COUNT_OUTPUT_WRITE, 282}, {BT_COUNT_OUTPUT_READ, 282},
         {BT_COUNT_DRAM_WRITE, 282});
}

/* y = contraction; z = relu(y); q = quantized z. */
static bt_program *chain(void) {
  bt_program *p = bt_program_new();
  assert_non_null(p);
  bt_format f = bfp(8, BT_BLOCK_TENSOR);
  size_t xs[4] = {20, 1, 1, 9}, ws[4] = {17, 1, 1, 9}, ys[4] = {20, 1, 1, 17};
  bt_tensor *x = bt_program_tensor(p, bt_tensor_bfp("x", f, 4, xs));
  bt_tensor *w = bt_program_tensor(p, bt_tensor_bfp("w", f, 4, ws));
  bt_tensor *y = bt_program_tensor(p, bt_tensor_wide("y", 4, ys, false, false));
  bt_tensor *z = bt_program_tensor(p, bt_tensor_wide("z", 4, ys, false, false));
  bt_tensor *mask = bt_program_tensor(p, bt_tensor_byte("mask", 4, ys));
  bt_tensor *q = bt_program_tensor(p, bt_tensor_bfp("q", f, 4, ys));
  bt_command c = {.op = BT_OP_CONTRACT, .in = {x, w}, .out = {y}};
  c.u.contract.geometry = (bt_geometry){20, 1, 1, 9, 17, 1, 1, 1, 0, 1, 1};
  assert_non_null(bt_program_add(p, &c, "contract"));
  bt_command a = {.op = BT_OP_AFFINE, .in = {y}, .out = {z, mask}};
  a.u.affine.terms = 1;
  a.u.affine.relu = true;
  assert_non_null(bt_program_add(p, &a, "affine"));
  bt_command r = quantize_of(z, q, BT_NEAREST_EVEN);
  assert_non_null(bt_program_add(p, &r, "quantize"));
  return p;
}

static void test_spill_and_recompute(void **state) {
  (void)state;
  bt_program *p = chain();
  bt_machine m = bt_machine_default();
  bt_cost fits = {0}, spill = {0}, again = {0};
  assert_int_equal(bt_cost_program(&fits, &m, p, NULL), BT_OK);
  assert_int_equal(fits.phase[0].n[BT_COUNT_ARRAY_CYCLES], 220);
  m.sram_output_bytes = 1359; /* z has 1360 bytes */
  assert_int_equal(bt_cost_program(&spill, &m, p, NULL), BT_OK);
  assert_int_equal(spill.phase[0].n[BT_COUNT_ARRAY_CYCLES], 220);
  assert_int_equal(spill.phase[0].n[BT_COUNT_SPILL_WRITE], 1360);
  m.exponent = BT_EXPONENT_RECOMPUTE;
  assert_int_equal(bt_cost_program(&again, &m, p, NULL), BT_OK);
  const bt_cost_counts *n = &again.phase[0];
  assert_int_equal(n->n[BT_COUNT_COMMANDS], 3);
  assert_int_equal(n->n[BT_COUNT_ARRAY_CYCLES], 440);
  assert_int_equal(n->n[BT_COUNT_MACS], 6120);
  assert_int_equal(n->n[BT_COUNT_MULTIPLY_16X32], 680);
  assert_int_equal(n->n[BT_COUNT_COMPARE_32], 340);
  assert_int_equal(n->n[BT_COUNT_SPILL_WRITE], 0);
  /* The mask (340 bits) is stored once; q has 341 bytes. */
  assert_int_equal(n->n[BT_COUNT_DRAM_WRITE], 43 + 341);
  bt_program_free(p);
}

static void test_scale(void **state) {
  (void)state;
  bt_error error;
  bt_cost step = {0}, epoch = {0};
  step.phase[BT_PHASE_UPDATE].n[BT_COUNT_MACS] = 1000;
  step.phase[BT_PHASE_FORWARD].n[BT_COUNT_MACS] = 7;
  assert_int_equal(bt_cost_scale(&epoch, &step, 468, &error), BT_OK);
  assert_int_equal(bt_cost_scale(&epoch, &step, 1, &error), BT_OK);
  bt_cost_counts total;
  assert_int_equal(bt_cost_total(&epoch, &total, &error), BT_OK);
  assert_int_equal(total.n[BT_COUNT_MACS], 469 * 1007);
  assert_int_equal(bt_cost_scale(&epoch, &step, UINT64_MAX / 1000, &error), BT_BAD_INPUT);
  assert_string_equal(error.text, "update: its count macs is beyond 64 bits");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contraction),
      cmocka_unit_test(test_contraction_that_does_not_fit),
      cmocka_unit_test(test_panels_are_never_more_than_the_tensor),
      cmocka_unit_test(test_accumulator_with_chunks),
      cmocka_unit_test(test_quantize),
      cmocka_unit_test(test_vector_units),
      cmocka_unit_test(test_spill_and_recompute),
      cmocka_unit_test(test_scale),
  };
  return cmocka_run_group_tests_name("cost count (alone: ctest -R test_cost_count)", tests, NULL,
                                     NULL);
}
