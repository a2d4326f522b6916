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
#include "cost/traffic.h"

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
         {BT_COUNT_WEIGHT_READ, 306}, {BT_COUNT_OUTPUT_WRITE, 1360},
         /* 4 visits: 39 cycles move 256 places of 8 + 8 + 32 bits and 240 delays of 8, 16 drain
          * 256 sums of 32: 4 * (39 * 14208 + 16 * 8192). */
         {BT_COUNT_REGISTER_BITS, 2740736});
}

static void test_weight_stationary(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.dataflow = BT_DATAFLOW_WS;
  m.sram_output_bytes = 2048;
  contraction t = contraction_of(BT_FORWARD, 20, 40, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  bt_cost_counts n = count_one(&m, command_of(&t));
  /* Sums of 1024 / 64 = 16 rows fit: tiles of 16 and 4 rows, 16 and 1 columns; k 40 is 3 folds:
   * 2 column tiles * 3 * ((46 + 16) + (46 + 4)). */
  assert_int_equal(n.n[BT_COUNT_ARRAY_CYCLES], 672);
  assert_int_equal(n.n[BT_COUNT_INPUT_READ], 20 * 40 * 2);
  assert_int_equal(n.n[BT_COUNT_WEIGHT_READ], 17 * 40 * 2);
  /* Partial sums leave 3 times and come back twice. */
  assert_int_equal(n.n[BT_COUNT_OUTPUT_WRITE], 3 * 1360);
  assert_int_equal(n.n[BT_COUNT_OUTPUT_READ], 2 * 1360);
  /* 12 folds: 672 - 12 * 16 = 480 cycles move 256 * (8 + 32) bits and 120 delays of 8, 192 load
   * 256 * 8. */
  assert_int_equal(n.n[BT_COUNT_REGISTER_BITS], 480 * (10240 + 960) + 192 * 2048);
}

/* The same in fp32: words of 4 bytes, no exponents. */
static void test_fp32(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  contraction t = contraction_of(BT_FORWARD, 20, 9, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  bt_cost cost = {.plan = true, .fp32 = true};
  assert_int_equal(bt_cost_add(&cost, &m, command_of(&t), NULL), BT_OK);
  /* 39 cycles of 256 * 96 + 240 * 32 bits, 16 of 8192, four times. */
  EXPECT(&cost.phase[0], {BT_COUNT_COMMANDS, 1}, {BT_COUNT_MACS, 3060},
         {BT_COUNT_ARRAY_CYCLES, 220}, {BT_COUNT_MULTIPLY_FP32, 3060}, {BT_COUNT_ADD_FP32, 3060},
         {BT_COUNT_DRAM_READ, 4 * 333}, {BT_COUNT_INPUT_WRITE, 720}, {BT_COUNT_WEIGHT_WRITE, 612},
         {BT_COUNT_INPUT_READ, 1440}, {BT_COUNT_WEIGHT_READ, 1224}, {BT_COUNT_OUTPUT_WRITE, 1360},
         {BT_COUNT_REGISTER_BITS, 4 * (39 * 32256 + 16 * 8192)});
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
  assert_true(bt_traffic_fits(&m, &c));
  m.sram_output_bytes = 139; /* one byte too little room for the block */
  assert_false(bt_traffic_fits(&m, &c));
  /* With an exponent a row, 4 rows of 7 are open at a time on an array of 4 rows: 112 bytes. */
  out.fmt.block = BT_BLOCK_DIM0;
  m.rows = 4;
  assert_true(bt_traffic_fits(&m, &c));
  m.rows = 5;
  assert_false(bt_traffic_fits(&m, &c));
}

/* A narrow tensor is read again for rounding if it cannot wait. */
static void test_quantize_narrow(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  bt_tensor in = bt_tensor_bfp("in", bfp(16, BT_BLOCK_TENSOR), 2, (size_t[]){5, 7});
  bt_tensor out = bt_tensor_bfp("out", bfp(8, BT_BLOCK_TENSOR), 2, (size_t[]){5, 7});
  bt_command c = quantize_of(&in, &out, BT_FLOOR);
  bt_cost_counts n = count_one(&m, &c);
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_QUANTIZER_CYCLES, 8}, {BT_COUNT_SHIFT_32, 35},
         {BT_COUNT_COMPARE_32, 35}, {BT_COUNT_DRAM_READ, 71}, {BT_COUNT_INPUT_WRITE, 71},
         {BT_COUNT_INPUT_READ, 142}, {BT_COUNT_OUTPUT_READ, 36}, {BT_COUNT_OUTPUT_WRITE, 36},
         {BT_COUNT_DRAM_WRITE, 36});
  m.sram_output_bytes = 139;
  n = count_one(&m, &c);
  assert_int_equal(n.n[BT_COUNT_DRAM_READ], 142);
  assert_int_equal(n.n[BT_COUNT_INPUT_WRITE], 142);
  assert_int_equal(n.n[BT_COUNT_INPUT_READ], 142);
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
         {BT_COUNT_ADD_64, 35}, {BT_COUNT_SHIFT_64, 70}, {BT_COUNT_DRAM_READ, 8},
         {BT_COUNT_INPUT_WRITE, 8}, {BT_COUNT_INPUT_READ, 8}, {BT_COUNT_OUTPUT_READ, 140 + 5},
         {BT_COUNT_OUTPUT_WRITE, 140 + 5}, {BT_COUNT_DRAM_WRITE, 5});
  bt_tensor x = bt_tensor_bfp("x", bfp(8, BT_BLOCK_TENSOR), 2, dim);
  bt_tensor sum = bt_tensor_wide("sum", 1, &dim[1], false, false);
  bt_command r = {.op = BT_OP_REDUCE, .in = {&x}, .out = {&sum}};
  n = count_one(&m, &r);
  /* 35 elements, and 7 merges. */
  EXPECT(&n, {BT_COUNT_COMMANDS, 1}, {BT_COUNT_VECTOR_CYCLES, 3 + 7}, {BT_COUNT_ADD_64, 35},
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
      cmocka_unit_test(test_weight_stationary),
      cmocka_unit_test(test_fp32),
      cmocka_unit_test(test_accumulator_with_chunks),
      cmocka_unit_test(test_quantize),
      cmocka_unit_test(test_quantize_narrow),
      cmocka_unit_test(test_vector_units),
      cmocka_unit_test(test_scale),
  };
  return cmocka_run_group_tests_name("cost count (alone: ctest -R test_cost_count)", tests, NULL,
                                     NULL);
}
