/* Chains of commands: what waits, what is spilled or made again, elapsed cycles, invariants (cost
 * 5.3, 8, 10), worked by hand. Alone: ctest -R test_cost_watch */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/verify.h"
#include "cost/watch.h"

static bt_tensor *add_tensor(bt_program *p, bt_tensor t, bt_tensor_role role) {
  t.role = t.kind == BT_T_WIDE ? t.role : role;
  bt_tensor *added = bt_program_tensor(p, t);
  assert_non_null(added);
  return added;
}

/* What a test changes in the program below. */
typedef struct {
  bt_tensor_role x, mask;
  bool read_mask;
} variant;

/* y = x * w, 20 x 17 outputs, k 9; z = relu(y); q = quantized z, a weight for the test's sake; g =
 * w where the mask is set. */
static bt_program *chain(variant v) {
  bt_program *p = bt_program_new();
  bt_format f = bfp(8, BT_BLOCK_TENSOR);
  size_t xs[4] = {20, 1, 1, 9}, ws[4] = {17, 1, 1, 9}, ys[4] = {20, 1, 1, 17};
  bt_tensor *x = add_tensor(p, bt_tensor_bfp("x", f, 4, xs), v.x);
  bt_tensor *w = add_tensor(p, bt_tensor_bfp("w", f, 4, ws), BT_ROLE_WEIGHT);
  bt_tensor *y = add_tensor(p, bt_tensor_wide("y", 4, ys, false, false), BT_ROLE_WIDE);
  bt_tensor *z = add_tensor(p, bt_tensor_wide("z", 4, ys, false, false), BT_ROLE_WIDE);
  bt_tensor *mask = add_tensor(p, bt_tensor_byte("mask", 4, ys), v.mask);
  bt_tensor *q = add_tensor(p, bt_tensor_bfp("q", f, 4, ys), BT_ROLE_WEIGHT);
  bt_tensor *g = add_tensor(p, bt_tensor_bfp("g", f, 4, ys), BT_ROLE_WEIGHT);
  bt_command c = {.op = BT_OP_CONTRACT, .in = {x, w}, .out = {y}};
  c.u.contract.geometry = (bt_geometry){20, 1, 1, 9, 17, 1, 1, 1, 0, 1, 1};
  bt_program_add(p, &c, "contract");
  bt_command a = {.op = BT_OP_AFFINE, .in = {y}, .out = {z, mask}};
  a.u.affine.terms = 1;
  a.u.affine.relu = true;
  bt_program_add(p, &a, "affine");
  bt_command r = quantize_of(z, q, BT_NEAREST_EVEN);
  bt_program_add(p, &r, "quantize");
  bt_command gate = {.op = BT_OP_GATE, .in = {q, mask}, .out = {g}};
  if (v.read_mask) {
    bt_program_add(p, &gate, "gate");
  }
  return p;
}

static const variant plain = {BT_ROLE_INPUT, BT_ROLE_MASK, true};

static bt_cost cost_of(const bt_machine *m, bool fp32) {
  bt_program *p = chain(plain);
  bt_cost cost = {.fp32 = fp32};
  bt_error error = {""};
  if (bt_cost_program(&cost, m, p, NULL, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  bt_program_free(p);
  return cost;
}

/* 4 visits of 55; the affine's 22 cycles are 6, 6, 5, 5, and so is half of the quantizer's 46, 23:
 * 6, 6, 6, 5. DRAM takes 16 bytes a cycle. */
static void test_waiting_in_the_buffer(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  bt_cost cost = cost_of(&m, false);
  const bt_cost_counts *n = &cost.phase[0];
  assert_int_equal(n->n[BT_COUNT_ARRAY_CYCLES], 220);
  assert_int_equal(n->n[BT_COUNT_SPILL_WRITE], 0);
  /* First: A's two row tiles have 90 bytes each (6 cycles), B's columns 77 and 76 (5); columns go
   * by in the inner loop. Visit 0: A, B and an exponent's byte, of two: 6 + 5 + 1 = 12. All the
   * rest is loaded in time: the array ends at 12 + 220 = 232, then affine 5, quantizer 5: 242. The
   * mask's 43 bytes go in parts of 11, 11, 11, 10: the last at 237 of the affine? No: at the end of
   * the step, 242: 243. Then rounding: 23 and a store of 341 bytes, 22: 45. The gate: loads 341 +
   * 43 = 384, 24 cycles; 22; stores 22: 68. */
  assert_int_equal(n->n[BT_COUNT_CYCLES], 243 + 45 + 68);
  assert_int_equal(n->n[BT_COUNT_STALL_CYCLES], 243 + 45 + 68 - 220 - 22);
  /* Rows of 2 KiB: A twice, B twice, exponents twice in steps 0 and 1, the mask in four steps, q;
   * the gate's load and store. */
  assert_int_equal(n->n[BT_COUNT_DRAM_ACTIVATIONS], 2 + 2 + 2 + 4 + 1 + 2);
}

static void test_spill_and_recompute(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.sram_output_bytes = 1359; /* z has 1360 bytes */
  bt_cost spill = cost_of(&m, false);
  const bt_cost_counts *n = &spill.phase[0];
  assert_int_equal(n->n[BT_COUNT_ARRAY_CYCLES], 220);
  assert_int_equal(n->n[BT_COUNT_SPILL_WRITE], 1360);
  assert_int_equal(n->n[BT_COUNT_SPILL_READ], 1360);
  assert_int_equal(spill.dram[0][BT_ROLE_WIDE].read, 1360);
  assert_int_equal(spill.dram[0][BT_ROLE_MASK].written, 43);
  assert_int_equal(spill.dram[0][BT_TRAFFIC_EXPONENT].written, 2);
  m.exponent = BT_EXPONENT_RECOMPUTE;
  bt_cost again = cost_of(&m, false);
  n = &again.phase[0];
  assert_int_equal(n->n[BT_COUNT_COMMANDS], 4);
  assert_int_equal(n->n[BT_COUNT_ARRAY_CYCLES], 440);
  assert_int_equal(n->n[BT_COUNT_MACS], 6120);
  assert_int_equal(n->n[BT_COUNT_MULTIPLY_16X32], 680);
  assert_int_equal(n->n[BT_COUNT_COMPARE_32], 340);
  assert_int_equal(n->n[BT_COUNT_SPILL_WRITE], 0);
  /* The mask (340 bits) is stored once; q and g have 341 bytes. */
  assert_int_equal(n->n[BT_COUNT_DRAM_WRITE], 43 + 2 * 341);
  assert_true(n->n[BT_COUNT_CYCLES] > spill.phase[0].n[BT_COUNT_CYCLES]);
}

static void test_fp32(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.sram_output_bytes = 1359;
  bt_cost cost = cost_of(&m, true);
  const bt_cost_counts *n = &cost.phase[0];
  assert_int_equal(n->n[BT_COUNT_SPILL_WRITE], 0);
  assert_int_equal(n->n[BT_COUNT_QUANTIZER_CYCLES], 0);
  assert_int_equal(n->n[BT_COUNT_MULTIPLY_FP32], 3060 + 340);
  assert_int_equal(n->n[BT_COUNT_DRAM_READ], 4 * (180 + 153 + 340) + 43);
  assert_int_equal(n->n[BT_COUNT_DRAM_WRITE], 4 * (340 + 340) + 43);
  assert_int_equal(cost.dram[0][BT_TRAFFIC_EXPONENT].read, 0);
}

/* y1 and y2 are made, then y1 + y2 is quantized: y2 passes, y1 is parked. */
static void test_parked(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  contraction t1 = contraction_of(BT_FORWARD, 20, 9, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_TENSOR, 8);
  contraction t2 = t1;
  const bt_command *c1 = command_of(&t1), *c2 = command_of(&t2);
  bt_tensor z = t1.out, q = bt_tensor_bfp("q", bfp(8, BT_BLOCK_TENSOR), 4, t1.out.dim);
  bt_command sum = {.op = BT_OP_AFFINE, .label = {.text = "sum"}, .in = {&t1.out, &t2.out},
                    .out = {&z}};
  sum.u.affine.terms = 2;
  bt_command r = quantize_of(&z, &q, BT_FLOOR);
  for (int small = 0; small < 2; small++) {
    bt_cost cost = {.plan = true};
    bt_error error = {""};
    m.sram_output_bytes = small ? 2719 : 2720; /* y1 has 1360 bytes: half of it, or more */
    bt_cost_watch w = {.cost = &cost, .machine = &m};
    assert_int_equal(bt_cost_after(&w, c1, &error), BT_OK);
    assert_int_equal(bt_cost_after(&w, c2, &error), BT_OK);
    assert_int_equal(w.chained, 0);
    assert_int_equal(bt_cost_after(&w, &sum, &error), BT_OK);
    assert_int_equal(bt_cost_after(&w, &r, &error), BT_OK);
    assert_int_equal(w.chained, 4);
    assert_int_equal(cost.phase[0].n[BT_COUNT_SPILL_WRITE], small ? 1360 : 0);
    assert_int_equal(cost.phase[0].n[BT_COUNT_SPILL_READ], small ? 1360 : 0);
    assert_true(cost.phase[0].n[BT_COUNT_CYCLES] > 440);
  }
}

/* A second reader of a wide value gets it from DRAM. */
static void test_two_readers(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.sram_output_bytes = 2000;
  contraction t = contraction_of(BT_FORWARD, 20, 9, 17, 1, BT_BLOCK_TENSOR, BT_BLOCK_TENSOR, 8);
  bt_tensor q = bt_tensor_bfp("q", bfp(8, BT_BLOCK_TENSOR), 4, t.out.dim), q2 = q;
  bt_command first = quantize_of(&t.out, &q, BT_FLOOR), second = quantize_of(&t.out, &q2, BT_FLOOR);
  bt_cost cost = {.plan = true};
  bt_cost_watch w = {.cost = &cost, .machine = &m};
  bt_error error = {""};
  assert_int_equal(bt_cost_after(&w, command_of(&t), &error), BT_OK);
  assert_int_equal(bt_cost_after(&w, &first, &error), BT_OK);
  assert_int_equal(cost.phase[0].n[BT_COUNT_SPILL_WRITE], 0);
  assert_int_equal(bt_cost_after(&w, &second, &error), BT_OK);
  assert_int_equal(cost.phase[0].n[BT_COUNT_SPILL_WRITE], 1360);
  assert_int_equal(cost.phase[0].n[BT_COUNT_SPILL_READ], 1360);
  assert_int_equal(cost.phase[0].n[BT_COUNT_ARRAY_CYCLES], 220);
}

static void expect_broken(variant v, const char *text) {
  bt_machine m = bt_machine_default();
  bt_program *p = chain(v);
  bt_cost cost = {0};
  bt_error error = {""};
  assert_int_equal(bt_cost_program(&cost, &m, p, NULL, &error), BT_MISMATCH);
  assert_string_equal(error.text, text);
  bt_program_free(p);
}

static void test_invariants(void **state) {
  (void)state;
  expect_broken((variant){BT_ROLE_ACTIVATION, BT_ROLE_MASK, true},
                "cost: contract reads x (activation), which none wrote before");
  expect_broken((variant){BT_ROLE_INPUT, BT_ROLE_MASK, false},
                "cost: affine writes mask (mask), which none reads");
  /* A wide value that none takes is in no chain. */
  bt_machine m = bt_machine_default();
  bt_program *p = bt_program_new();
  bt_tensor *w = add_tensor(p, bt_tensor_bfp("w", bfp(8, BT_BLOCK_TENSOR), 2, (size_t[]){3, 4}),
                            BT_ROLE_WEIGHT);
  bt_tensor *y = add_tensor(p, bt_tensor_wide("y", 2, w->dim, false, false), BT_ROLE_WIDE);
  bt_command a = {.op = BT_OP_AFFINE, .in = {w}, .out = {y}};
  a.u.affine.terms = 1;
  bt_program_add(p, &a, "lost");
  bt_cost cost = {0};
  bt_error error = {""};
  assert_int_equal(bt_cost_program(&cost, &m, p, NULL, &error), BT_MISMATCH);
  assert_string_equal(error.text, "cost: 1 commands, 0 of them in chains");
  bt_program_free(p);
}

/* q is written twice before g reads it. */
static void test_written_twice(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  bt_program *p = chain((variant){BT_ROLE_INPUT, BT_ROLE_MASK, false});
  const bt_command *r = bt_program_at(p, 2);
  bt_command again = {.op = BT_OP_QUANTIZE, .in = {bt_program_at(p, 0)->in[0]}, .out = {r->out[0]}};
  bt_command gate = {.op = BT_OP_GATE, .in = {r->out[0], bt_program_at(p, 1)->out[1]}};
  gate.out[0] = add_tensor(p, *r->out[0], BT_ROLE_WEIGHT);
  bt_program_add(p, &again, "again");
  bt_program_add(p, &gate, "gate");
  bt_cost cost = {0};
  bt_error error = {""};
  assert_int_equal(bt_cost_program(&cost, &m, p, NULL, &error), BT_MISMATCH);
  assert_string_equal(error.text, "cost: quantize writes q (weight), which none reads");
  bt_program_free(p);
}

/* One count of a cost that holds is changed; what the check then says. */
static void expect_caught(uint64_t *count, uint64_t value, bt_cost_watch *w, const bt_program *p,
                          const char *text) {
  uint64_t right = *count;
  bt_error error = {""};
  *count = value;
  assert_int_equal(bt_cost_verify(w, p, &error), BT_MISMATCH);
  if (strncmp(error.text, text, strlen(text)) != 0) {
    fail_msg("expected %s, got %s", text, error.text);
  }
  *count = right;
  assert_int_equal(bt_cost_verify(w, p, &error), BT_OK);
}

/* 20 x 17 outputs of 9 products: 3060 MACs on 16 x 16 places take 12 cycles and more. */
static void test_wrong_counts(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  m.sram_output_bytes = 1359; /* z, of 1360 bytes, is spilled */
  bt_program *p = chain(plain);
  bt_cost cost = {0};
  bt_cost_watch w = {.cost = &cost, .machine = &m};
  bt_error error;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    assert_int_equal(bt_cost_after(&w, bt_program_at(p, i), &error), BT_OK);
  }
  uint64_t *n = cost.phase[0].n;
  assert_int_equal(n[BT_COUNT_MACS], 3060);
  expect_caught(&n[BT_COUNT_MACS], 3059, &w, p, "cost: 3059 MACs, the layers have 3060");
  expect_caught(&n[BT_COUNT_MACS], 3061, &w, p, "cost: 3061 MACs, the layers have 3060");
  expect_caught(&n[BT_COUNT_CYCLES], 11, &w, p, "cost: 11 cycles for 3060 products of 256");
  expect_caught(&n[BT_COUNT_ARRAY_CYCLES], 11, &w, p, "cost: ");
  expect_caught(&n[BT_COUNT_DRAM_READ], 1, &w, p, "cost: traffic by kind is not");
  expect_caught(&n[BT_COUNT_DRAM_WRITE], 1, &w, p, "cost: traffic by kind is not");
  expect_caught(&cost.dram[0][BT_ROLE_MASK].read, 1, &w, p, "cost: traffic by kind is not");
  expect_caught(&w.chained, 3, &w, p, "cost: 4 commands, 3 of them in chains");
  /* A byte of the spill does not come back, and is missed in no other sum. */
  n[BT_COUNT_SPILL_READ]--;
  cost.dram[0][BT_ROLE_WIDE].read--;
  assert_int_equal(bt_cost_verify(&w, p, &error), BT_MISMATCH);
  assert_string_equal(error.text, "cost: 1360 bytes spilled, 1359 came back");
  bt_program_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_waiting_in_the_buffer), cmocka_unit_test(test_spill_and_recompute),
      cmocka_unit_test(test_fp32),                  cmocka_unit_test(test_parked),
      cmocka_unit_test(test_two_readers),           cmocka_unit_test(test_invariants),
      cmocka_unit_test(test_written_twice),         cmocka_unit_test(test_wrong_counts),
  };
  return cmocka_run_group_tests_name("cost watch (alone: ctest -R test_cost_watch)", tests, NULL,
                                     NULL);
}
