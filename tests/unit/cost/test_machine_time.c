/* The machine's elapsed cycles for small commands, worked by hand from docs/rtl.md and the states
 * of the sequencers (cost 11); the Verilog itself is compared by test_rtl_machine_time.
 * Alone: ctest -R test_cost_machine_time */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cost/machine_time.h"

static bt_machine machine_of(size_t size) {
  bt_machine m = bt_machine_default();
  m.rows = m.cols = size;
  m.lanes = (unsigned)size;
  return m;
}

static const bt_machine_memory prompt = {0};

static bt_machine_time time_of(const bt_machine *m, bt_machine_memory memory,
                               const bt_command *c) {
  bt_machine_time t;
  bt_error error = {""};
  if (bt_machine_time_of(m, &memory, c, true, &t, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return t;
}

static void expect(const bt_machine *m, const bt_command *c, bt_machine_time want) {
  bt_machine_time got = time_of(m, prompt, c);
  assert_int_equal(got.fetch, want.fetch);
  assert_int_equal(got.prepare, want.prepare);
  assert_int_equal(got.work, want.work);
  assert_int_equal(got.wait, want.wait);
  assert_int_equal(got.elapsed, want.fetch + want.prepare + want.work + want.wait);
  assert_int_equal(got.reads, want.reads);
  assert_int_equal(got.writes, want.writes);
}

/* fetch: NEXT, 8 words and 2 (the last answer, the cycle that shows it), CHECK: 12. Check: head 1,
 * 11 empty slots, a slot of 4 with two trivial divisions of 2, a rule of 4, one place against
 * itself, done: 1 + 11 + 8 + 4 + 1 + 1 = 26.
 * prepare: START, 64 + 12 for the keys. wait: 2 more in the mixer, the beat, RUN and FLUSH and the
 * word's leaving and its absence, ... : 3 + 1 + 2 + DONE, LAND, END = 9. */
static void dropout(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor out = bt_tensor_byte("mask", 1, (size_t[]){16});
  bt_command c = {.op = BT_OP_DROPOUT, .out = {&out}};
  c.u.dropout.drop = (bt_rational){1, 2};
  expect(&m, &c, (bt_machine_time){.fetch = 38, .prepare = 77, .work = 1, .wait = 9, .reads = 8,
                                   .writes = 1});
}

static bt_tensor bfp(size_t ndim, const size_t *dim, bt_block block) {
  return bt_tensor_bfp("t", (bt_format){.kind = BT_BFP, .wl = 8, .block = block}, ndim, dim);
}

static bt_command quantize_of(const bt_tensor *in, bt_tensor *out) {
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {in}, .out = {out}};
  c.u.quantize.round = (bt_round_options){.mode = BT_STOCHASTIC, .random_bits = 16};
  return c;
}

/* Check: 1 + 10 empty + 2 slots of 8 + 3 rules of 4 + 2 outputs' places against 4, 2 inputs' + 1
 * = 50; fetch 62. prepare: START, PLAN 2, OPEN, 17 for the lanes' places, a cycle to the register
 * and one to the quantizer: 23. work: 2 beats, 1 tile, 1. wait: CLOSE: data, entry, header, and
 * the cycle that shows it; DONE, LAND, END. Words read: descriptor 8, data twice, header, entry. */
static void quantize(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor in = bt_tensor_wide("x", 1, (size_t[]){10}, false, false);
  bt_tensor out = bfp(1, (size_t[]){10}, BT_BLOCK_TENSOR);
  bt_command c = quantize_of(&in, &out);
  expect(&m, &c, (bt_machine_time){.fetch = 62, .prepare = 23, .work = 4, .wait = 7, .reads = 12,
                                   .writes = 3});
}

/* [3][10]: of each slot 30 is divided by the last dimension, 10, in 34 cycles; the elements of
 * dimension 0 are as many, and not divided by again: 2 * (34 - 2 - 2) more than above. */
static void division(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor in = bt_tensor_wide("x", 2, (size_t[]){3, 10}, false, false);
  bt_tensor out = bfp(2, (size_t[]){3, 10}, BT_BLOCK_TENSOR);
  bt_command c = quantize_of(&in, &out);
  assert_int_equal(time_of(&m, prompt, &c).fetch, 62 + 2 * (34 - 2 - 2));
}

/* 1,600 wide elements in a block: 100 beats, each a word. The second pass reads 100 words and
 * writes 25 of the results, through one port: 25 cycles more than the 2 * 100 + 2 of work, of
 * which the last one, and a few, come behind the work. */
static void port_is_shared(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor in = bt_tensor_wide("x", 1, (size_t[]){1600}, false, false);
  bt_tensor out = bfp(1, (size_t[]){1600}, BT_BLOCK_TENSOR);
  bt_command c = quantize_of(&in, &out);
  bt_machine_time t = time_of(&m, prompt, &c);
  assert_int_equal(t.work, 202);
  assert_int_equal(t.reads, 8 + 200 + 2);
  assert_int_equal(t.writes, 25 + 2);
  assert_in_range(t.wait, 24 + 7 - 16, 25 + 7); /* 16 words are read ahead */
}

/* A cycle later at each of: the descriptor; the first words of the operand. 16 words ahead keep up
 * with 5 cycles of latency. */
static void latency(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor in = bfp(1, (size_t[]){10}, BT_BLOCK_TENSOR), out = in;
  bt_command c = quantize_of(&in, &out);
  bt_machine_time now = time_of(&m, prompt, &c), later = time_of(&m, (bt_machine_memory){5}, &c);
  assert_int_equal(later.fetch, now.fetch + 5);
  assert_int_equal(later.prepare, now.prepare); /* the lanes' places take longer than the words */
  assert_int_equal(later.elapsed, now.elapsed + 5);
  later = time_of(&m, (bt_machine_memory){40}, &c);
  assert_int_equal(later.fetch, now.fetch + 40);
  assert_true(later.prepare > now.prepare);
}

/* Check: 1 + 10 + 2 slots of 8 + 20 rules of 4 + 10 + 1 = 118; fetch 130. prepare: START, DECODE,
 * LOAD: GROUP 1, 5 NEXT, 5 LANES, 4 CELLS, 17 for the walk, and one; BEGIN; 4 in RUN for the plan:
 * 1 + 1 + 33 + 1 + 4. wait: 4 in the unit, the queue, the word, and that it has left: 7; DONE,
 * LAND, END. Read: descriptor 8, exponent 1 (no header), data 1; written: data, entry, header. */
static void affine(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor in = bfp(1, (size_t[]){16}, BT_BLOCK_TENSOR);
  bt_tensor out = bt_tensor_wide("y", 1, (size_t[]){16}, false, false);
  bt_command c = {.op = BT_OP_AFFINE, .in = {&in}, .out = {&out}};
  c.u.affine.terms = 1;
  c.u.affine.c[0] = (bt_constant){16384, -14};
  expect(&m, &c, (bt_machine_time){.fetch = 130, .prepare = 40, .work = 1, .wait = 10, .reads = 10,
                                   .writes = 3});
}

static bt_command contract_of(const bt_tensor *a, const bt_tensor *b, bt_tensor *out,
                              bt_geometry g, bt_direction d) {
  bt_command c = {.op = BT_OP_CONTRACT, .in = {a, b}, .out = {out}};
  c.u.contract.geometry = g;
  c.u.contract.direction = d;
  return c;
}

/* 1 x 1 x 1 on 4 x 4. Fetch: 1 + 32 + 2 + 1. Check: 1 + 9 empty + 3 slots of 6 (rest and last are
 * both 1: one division) + 9 rules of 4 and 2 of 1 + 2 places against 6, and 4 + 1 = 83.
 * prepare: START, CHECK, PREPARE, 77 for the set-up, PLAN, PLANNED, RUN: 83. Then the loads begin
 * (1), BEGIN, a piece, the request of A (cycle 3) and B (4), its word, its place in the buffer (6),
 * the k (7): the array works from cycle 8 on. work: 1 + 2 * 4 + 4 - 2. wait: a row to the queue
 * and three out of it, 3; CELLS; entry, finish, two words, the end: 5; LAST, LAND, END. */
static void contract(void **state) {
  (void)state;
  bt_machine m = machine_of(4);
  const size_t one[4] = {1, 1, 1, 1};
  bt_geometry g = {1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1};
  bt_tensor a = bfp(4, one, BT_BLOCK_TENSOR), b = a;
  bt_tensor out = bt_tensor_wide("y", 4, one, false, false);
  bt_command c = contract_of(&a, &b, &out, g, BT_FORWARD);
  expect(&m, &c, (bt_machine_time){.fetch = 119, .prepare = 91, .work = 11, .wait = 12,
                                   .reads = 32 + 4 + 2, .writes = 3});
}

/* 4 output channels whose exponents differ in two values: two groups of 2 k. Each takes a pass of
 * 2 + 10 in place of one of 4 + 10; contract_plan walks the 4 exponents three times, and 19
 * cycles. With `plan` and exponents that are not computed yet it is one group. */
static void groups(void **state) {
  (void)state;
  bt_machine m = machine_of(4);
  const size_t x[4] = {1, 1, 1, 1}, y[4] = {1, 1, 1, 4}, w[4] = {4, 1, 1, 1};
  bt_geometry g = {1, 1, 1, 1, 4, 1, 1, 1, 0, 1, 1};
  bt_tensor e = bfp(4, y, BT_BLOCK_TENSOR), weights = bfp(4, w, BT_BLOCK_DIM0);
  bt_tensor out = bt_tensor_wide("d", 4, x, false, false);
  int8_t mantissas[4] = {1, 1, 1, 1};
  int16_t exponents[4] = {2, 0, 2, 0};
  bt_command c = contract_of(&e, &weights, &out, g, BT_DATA_GRADIENT);
  bt_machine_time one = time_of(&m, prompt, &c);
  assert_int_equal(one.work, 4 + 10);
  weights.data = mantissas;
  weights.exp = exponents;
  bt_machine_time two = time_of(&m, prompt, &c);
  assert_int_equal(two.work, 2 * (2 + 10));
  assert_int_equal(two.reads, one.reads);
  /* In blocks tensor PLANNED takes one cycle. */
  weights = bfp(4, w, BT_BLOCK_TENSOR);
  bt_machine_time flat = time_of(&m, prompt, &c);
  assert_int_equal(one.prepare - flat.prepare, 3 * 4 + 19 - 1);
}

/* The first reduce behind a reset waits until 1,024 sums are cleared, one a cycle, of which the
 * first in the cycle that starts it. */
static void first_reduce(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor x = bfp(2, (size_t[]){4, 16}, BT_BLOCK_TENSOR);
  bt_tensor out = bt_tensor_wide("s", 1, (size_t[]){16}, false, false);
  bt_command c = {.op = BT_OP_REDUCE, .in = {&x}, .out = {&out}};
  bt_machine_history history = {{false}};
  bt_machine_time first, second, any = time_of(&m, prompt, &c);
  bt_error error = {""};
  assert_int_equal(bt_machine_time_next(&m, &prompt, &history, &c, true, &first, &error), BT_OK);
  assert_int_equal(bt_machine_time_next(&m, &prompt, &history, &c, true, &second, &error), BT_OK);
  assert_int_equal(any.work, 4 + 16);
  assert_int_equal(second.elapsed, any.elapsed);
  assert_in_range(first.elapsed, second.elapsed + 1022, second.elapsed + 1024);
}

static void refuses(void **state) {
  (void)state;
  bt_machine m = machine_of(16);
  bt_tensor in = bfp(1, (size_t[]){10}, BT_BLOCK_TENSOR), out = in;
  bt_command c = quantize_of(&in, &out);
  bt_machine_time t;
  bt_error error = {""};
  bt_machine_memory far = {BT_MACHINE_LATENCY_MAX + 1};
  assert_int_equal(bt_machine_time_of(&m, &far, &c, true, &t, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "latency"));
  m.dataflow = BT_DATAFLOW_WS;
  assert_int_equal(bt_machine_time_of(&m, &prompt, &c, true, &t, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "dataflow"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dropout),        cmocka_unit_test(quantize),
      cmocka_unit_test(division),       cmocka_unit_test(port_is_shared),
      cmocka_unit_test(latency),
      cmocka_unit_test(affine),         cmocka_unit_test(contract),
      cmocka_unit_test(groups),         cmocka_unit_test(first_reduce),
      cmocka_unit_test(refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
