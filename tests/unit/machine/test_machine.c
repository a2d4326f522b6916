/* Machine files: the default equals its file, and each wrong value is refused with its line. */
#include "machine/machine.h"
#include "unit/io/scratch.h"

static void expect_equal(const bt_machine *a, const bt_machine *b) {
  assert_string_equal(a->name, b->name);
  assert_int_equal(a->rows, b->rows);
  assert_int_equal(a->cols, b->cols);
  assert_int_equal(a->dataflow, b->dataflow);
  assert_int_equal(a->acc.acc_bits, b->acc.acc_bits);
  assert_int_equal(a->acc.wrap, b->acc.wrap);
  assert_int_equal(a->acc.acc_shift, b->acc.acc_shift);
  assert_int_equal(a->acc.acc_round.mode, b->acc.acc_round.mode);
  assert_int_equal(a->acc.acc_round.random_bits, b->acc.acc_round.random_bits);
  assert_int_equal(a->acc.chunk, b->acc.chunk);
  assert_int_equal(a->acc.psum_bits, b->acc.psum_bits);
  assert_int_equal(a->lanes, b->lanes);
  assert_int_equal(a->exponent, b->exponent);
  assert_int_equal(a->sram_input_bytes, b->sram_input_bytes);
  assert_int_equal(a->sram_weight_bytes, b->sram_weight_bytes);
  assert_int_equal(a->sram_output_bytes, b->sram_output_bytes);
  assert_int_equal(a->sram_word_bytes, b->sram_word_bytes);
  assert_int_equal(a->dram_bytes_per_cycle, b->dram_bytes_per_cycle);
  assert_int_equal(a->clock_hz, b->clock_hz);
}

static void test_default(void **state) {
  (void)state;
  bt_machine file, standard = bt_machine_default();
  bt_error error;
  memset(&file, 0xff, sizeof file);
  if (bt_machine_load(MACHINES "/systolic-16x16.yaml", &file, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  expect_equal(&file, &standard);
}

static void test_absent_is_default(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_machine m, standard = bt_machine_default();
  bt_error error;
  assert_int_equal(bt_machine_load(scratch_text(&s, "m", "name: systolic-16x16\n"), &m, &error),
                   BT_OK);
  expect_equal(&m, &standard);
  scratch_close(&s);
}

static void test_values(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_machine m;
  bt_error error;
  const char *path = scratch_text(&s, "m",
                                  "name: other\n"
                                  "array: {rows: 4, cols: 1024, dataflow: is}\n"
                                  "accumulator: {acc_bits: 12, overflow: wrap, acc_shift: 14,\n"
                                  "  acc_rounding: stochastic, random_bits: 24, chunk: 64, "
                                  "psum_bits: 8}\nquantizer: {lanes: 64, exponent: recompute}\n"
                                  "memory: {sram_input_bytes: 1, sram_weight_bytes: 2,\n"
                                  "  sram_output_bytes: 4294967296, sram_word_bytes: 32,\n"
                                  "  dram_bytes_per_cycle: 3}\n"
                                  "clock_hz: 2500000000\n");
  if (bt_machine_load(path, &m, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  const bt_machine want = {.name = "other",
                           .rows = 4,
                           .cols = 1024,
                           .dataflow = BT_DATAFLOW_IS,
                           .acc = {12, true, 14, {BT_STOCHASTIC, 24, false}, 64, 8},
                           .lanes = 64,
                           .exponent = BT_EXPONENT_RECOMPUTE,
                           .sram_input_bytes = 1,
                           .sram_weight_bytes = 2,
                           .sram_output_bytes = 4294967296,
                           .sram_word_bytes = 32,
                           .dram_bytes_per_cycle = 3,
                           .clock_hz = 2500000000};
  expect_equal(&m, &want);
  scratch_close(&s);
}

static void test_refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *want;
  } bad[] = {
      {"rows: 4\n", "m.yaml:1: missing key 'name'"},
      {"name: a\nrows: 4\n",
       "m.yaml:2: unknown key 'rows', expected one of: name, array, accumulator,"},
      {"name: a\narray: {rows: 4, columns: 4}\n",
       "m.yaml:2: unknown key 'columns', expected one of: rows, cols"},
      {"name: a\narray: 16\n", "m.yaml:2: array: expected a map"},
      {"name: [a]\n", "m.yaml:1: name: expected a text"},
      {"name: ''\n", "m.yaml:1: name: expected 1..63 bytes"},
      {"name: a\narray: {rows: 0}\n", "m.yaml:2: rows: expected an integer in 1..1024, got '0'"},
      {"name: a\narray: {cols: 1025}\n", "cols: expected"},
      {"name: a\narray: {rows: many}\n", "rows: expected"},
      {"name: a\narray: {dataflow: xs}\n", "m.yaml:2: dataflow: expected os, ws or is, got 'xs'"},
      {"name: a\naccumulator: {acc_bits: 7}\n", "acc_bits: expected an integer in 8..32"},
      {"name: a\naccumulator: {acc_bits: 33}\n", "acc_bits: expected an integer in 8..32"},
      {"name: a\naccumulator: {overflow: clip}\n", "overflow: expected saturate or wrap"},
      {"name: a\naccumulator: {acc_shift: 15}\n", "acc_shift: expected an integer in 0..14"},
      {"name: a\naccumulator: {acc_rounding: nearest_away}\n", "acc_rounding: expected floor"},
      {"name: a\naccumulator: {random_bits: 25}\n", "random_bits: expected an integer in 1..24"},
      {"name: a\naccumulator: {chunk: -1}\n", "chunk: expected"},
      {"name: a\naccumulator: {psum_bits: 40}\n", "psum_bits: expected an integer in 8..32"},
      {"name: a\nquantizer: {lanes: 12}\n", "m.yaml:2: lanes: expected a power of two, got 12"},
      {"name: a\nquantizer: {lanes: 128}\n", "lanes: expected an integer in 1..64"},
      {"name: a\nquantizer: {exponent: guess}\n", "exponent: expected spill or recompute"},
      {"name: a\nmemory:\n  sram_word_bytes: 3\n",
       "m.yaml:3: sram_word_bytes: expected a power of two"},
      {"name: a\nmemory: {sram_input_bytes: 0}\n", "sram_input_bytes: expected"},
      {"name: a\nmemory: {sram_weight_bytes: 4294967297}\n", "sram_weight_bytes: expected"},
      {"name: a\nmemory: {dram_bytes_per_cycle: 0}\n", "dram_bytes_per_cycle: expected"},
      {"name: a\nclock_hz: 1e9\n", "m.yaml:2: clock_hz: expected an integer"},
      {"name: a\nclock_hz: 0\n", "clock_hz: expected"},
  };
  scratch s = scratch_open();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    bt_machine m = {.rows = 77};
    bt_error error;
    const char *path = scratch_text(&s, "m.yaml", bad[i].text);
    assert_refused(bt_machine_load(path, &m, &error), BT_BAD_INPUT, &error, bad[i].want, NULL);
    assert_int_equal(m.rows, 77);
  }
  scratch_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_default),
      cmocka_unit_test(test_absent_is_default),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_refused),
  };
  return scratch_report("test_machine", cmocka_run_group_tests(tests, NULL, NULL));
}
