/* Counts of batch norm's commands, average pool and vectors of constants, worked by hand (cost 4,
 * 4.1, 5). Alone: ctest -R test_cost_count_norm */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cmd/statistics.h"
#include "cost/count.h"
#include "cost/watch.h"

static bt_cost_counts count_one(const bt_machine *m, const bt_command *c) {
  bt_cost cost = {.plan = true};
  bt_error error = {""};
  if (bt_cost_add(&cost, m, c, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return cost.phase[c->label.phase];
}

/* All counts but those named are zero; bytes are given by kind, cycles and operations by name. */
typedef struct {
  uint64_t vector, scalar, multiply16, multiply32, add, norm;
  uint64_t dram_read, dram_write, wide_read, wide_write;
} counts;

static void expect(const bt_machine *m, const bt_command *c, counts w) {
  bt_cost_counts got = count_one(m, c);
  const uint64_t want[BT_COUNT_KINDS] = {
      [BT_COUNT_COMMANDS] = 1,
      [BT_COUNT_VECTOR_CYCLES] = w.vector,
      [BT_COUNT_SCALAR_CYCLES] = w.scalar,
      [BT_COUNT_MULTIPLY_16X16] = w.multiply16,
      [BT_COUNT_MULTIPLY_16X32] = w.multiply32,
      [BT_COUNT_SHIFT_64] = w.multiply32,
      [BT_COUNT_ADD_64] = w.add,
      [BT_COUNT_NORM] = w.norm,
      [BT_COUNT_DRAM_READ] = w.dram_read,
      [BT_COUNT_INPUT_WRITE] = w.dram_read,
      [BT_COUNT_INPUT_READ] = w.dram_read,
      [BT_COUNT_DRAM_WRITE] = w.dram_write,
      [BT_COUNT_OUTPUT_READ] = w.wide_read + w.dram_write,
      [BT_COUNT_OUTPUT_WRITE] = w.wide_write + w.dram_write,
  };
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    if (got.n[k] != want[k]) {
      fail_msg("%s, %s: %llu, expected %llu", bt_op_name(c->op), bt_count_name((bt_count_kind)k),
               (unsigned long long)got.n[k], (unsigned long long)want[k]);
    }
  }
}

typedef struct {
  bt_machine m;
  bt_tensor x, d, sum[4], gamma, beta, constant[4], y;
} fixture;

static fixture start(void) {
  fixture f = {.m = bt_machine_default()};
  size_t dim[2] = {5, 7};
  f.x = bt_tensor_bfp("x", bfp(8, BT_BLOCK_TENSOR), 2, dim);
  f.d = bt_tensor_bfp("d", bfp(16, BT_BLOCK_TENSOR), 2, dim);
  f.y = bt_tensor_wide("y", 2, dim, false, false);
  f.gamma = bt_tensor_bfp("gamma", bfp(8, BT_BLOCK_TENSOR), 1, &dim[1]);
  f.beta = f.gamma;
  for (size_t i = 0; i < 4; i++) {
    f.sum[i] = bt_tensor_sums("sums", 7);
    f.constant[i] = bt_tensor_constants("constants", 7);
  }
  return f;
}

/* x is 36 bytes, d 71; two vectors of 7 sums of 8 bytes with an exponent of 2 are 116. */
static void test_sums(void **state) {
  (void)state;
  fixture f = start();
  bt_command c = {.op = BT_OP_REDUCE, .in = {&f.x}, .out = {&f.sum[0], &f.sum[1]}};
  c.u.reduce.kind = BT_MOMENTS;
  expect(&f.m, &c, (counts){.vector = 3 + 7, .multiply16 = 35, .add = 70, .dram_read = 36,
                            .dram_write = 116});
  c.u.reduce.kind = BT_PRODUCTS;
  c.in[0] = &f.d;
  c.in[1] = &f.x;
  expect(&f.m, &c, (counts){.vector = 3 + 7, .multiply16 = 35, .add = 70, .dram_read = 107,
                            .dram_write = 116});
}

/* Vectors of 7 constants are 28 bytes. */
static void test_affine(void **state) {
  (void)state;
  fixture f = start();
  bt_command c = {.op = BT_OP_AFFINE, .in = {&f.d, &f.x}, .out = {&f.y}};
  c.in[BT_IN_CONSTANTS] = &f.constant[0];
  c.in[BT_IN_CONSTANTS + 1] = &f.constant[1];
  c.in[BT_IN_ADDEND] = &f.constant[2];
  c.u.affine.terms = 2;
  expect(&f.m, &c, (counts){.vector = 3, .multiply32 = 70, .add = 70, .dram_read = 107,
                            .wide_read = 84, .wide_write = 140});
}

static void test_norm(void **state) {
  (void)state;
  fixture f = start();
  bt_statistics s = {.channels = 7};
  bt_command c = {.op = BT_OP_NORM, .in = {&f.sum[0], &f.sum[1], &f.gamma, &f.beta},
                  .out = {&f.constant[0], &f.constant[1]}};
  c.u.norm.rows = 5;
  /* gamma and beta are 8 bytes each */
  expect(&f.m, &c, (counts){.scalar = 7 * 143, .norm = 7, .dram_read = 116 + 16,
                            .wide_write = 56});
  c.in[0] = c.in[1] = NULL;
  c.u.norm.statistics = &s;
  expect(&f.m, &c, (counts){.scalar = 7 * 134, .norm = 7, .dram_read = 7 * 32 + 12 + 16,
                            .wide_write = 56});
  bt_command back = {.op = BT_OP_NORM_BACK,
                     .in = {&f.sum[0], &f.sum[1], &f.gamma, &f.constant[0], &f.sum[2], &f.sum[3]},
                     .out = {&f.constant[0], &f.constant[1], &f.constant[2], &f.constant[3]}};
  back.u.norm.rows = 5;
  expect(&f.m, &back, (counts){.scalar = 7 * 254, .norm = 7, .dram_read = 2 * 116 + 8,
                               .wide_read = 28, .wide_write = 112});
  bt_command add = {.op = BT_OP_STATISTICS, .label = {.phase = BT_PHASE_STATISTICS},
                    .in = {&f.sum[0], &f.sum[1]}};
  add.u.statistics.statistics = &s;
  expect(&f.m, &add, (counts){.scalar = 7 * 139, .norm = 7, .dram_read = 116 + 236,
                              .dram_write = 236});
}

static void test_average_pool(void **state) {
  (void)state;
  fixture f = start();
  size_t big[4] = {2, 5, 5, 3}, small[4] = {2, 2, 2, 3};
  bt_tensor x = bt_tensor_bfp("x", bfp(8, BT_BLOCK_SAMPLE), 4, big);
  bt_tensor y = bt_tensor_wide("y", 4, small, true, false);
  bt_tensor e = bt_tensor_bfp("e", bfp(8, BT_BLOCK_SAMPLE), 4, small);
  bt_command c = {.op = BT_OP_POOL_SUM, .in = {&x}, .out = {&y}};
  c.u.pool.k = 2;
  /* 24 windows of 4 places in 16 lanes; backward 150 elements */
  expect(&f.m, &c, (counts){.vector = 8, .add = 72, .dram_read = 152, .wide_write = 96});
  bt_command back = {.op = BT_OP_SPREAD, .in = {&e}, .out = {&x}};
  back.u.pool.k = 2;
  expect(&f.m, &back, (counts){.vector = 10, .dram_read = 26, .dram_write = 152});
}

/* norm; q = quantized a*x + b: the affine runs again, norm does not. */
static void test_recompute(void **state) {
  (void)state;
  fixture f = start();
  bt_tensor q = f.x;
  bt_command norm = {.op = BT_OP_NORM, .in = {&f.sum[0], &f.sum[1], &f.gamma, &f.beta},
                     .out = {&f.constant[0], &f.constant[1]}};
  norm.u.norm.rows = 5;
  bt_command affine = {.op = BT_OP_AFFINE, .in = {&f.x}, .out = {&f.y}};
  affine.in[BT_IN_CONSTANTS] = &f.constant[0];
  affine.in[BT_IN_ADDEND] = &f.constant[1];
  affine.u.affine.terms = 1;
  bt_command quantize = quantize_of(&f.y, &q, BT_NEAREST_EVEN);
  bt_cost cost = {.plan = true};
  bt_error error = {""};
  f.m.exponent = BT_EXPONENT_RECOMPUTE;
  f.m.sram_output_bytes = 100;
  bt_cost_watch w = {.cost = &cost, .machine = &f.m};
  assert_int_equal(bt_cost_after(&w, &norm, &error), BT_OK);
  assert_int_equal(bt_cost_after(&w, &affine, &error), BT_OK);
  assert_int_equal(bt_cost_after(&w, &quantize, &error), BT_OK);
  const bt_cost_counts *n = &cost.phase[quantize.label.phase];
  assert_int_equal(n->n[BT_COUNT_MULTIPLY_16X32], 70);
  assert_int_equal(n->n[BT_COUNT_NORM], 7);
  /* A vector waits on the chip, however small the buffer. */
  bt_tensor b = bt_tensor_bfp("b", bfp(8, BT_BLOCK_TENSOR), 1, f.gamma.dim);
  bt_command vector = quantize_of(&f.constant[1], &b, BT_NEAREST_EVEN);
  f.m.sram_output_bytes = 27;
  assert_int_equal(bt_cost_after(&w, &vector, &error), BT_OK);
  assert_int_equal(n->n[BT_COUNT_NORM], 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sums),         cmocka_unit_test(test_affine),
      cmocka_unit_test(test_norm),         cmocka_unit_test(test_average_pool),
      cmocka_unit_test(test_recompute),
  };
  return cmocka_run_group_tests_name("cost count (alone: ctest -R test_cost_count_norm)", tests,
                                     NULL, NULL);
}
