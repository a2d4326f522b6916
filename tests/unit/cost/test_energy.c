/* Energy tables and prices, worked by hand (docs/energy.md 1, 2).
 * Alone: ctest -R 'test_cost_energy$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "cost/energy.h"
#include "unit/cost/tables.h"

static void expect_action(const bt_energy_table *t, const char *action, uint64_t want) {
  uint64_t e = 0;
  if (!bt_energy_action(t, action, &e) || e != want) {
    fail_msg("%s: %s costs %llu aJ, expected %llu", t->name, action, (unsigned long long)e,
             (unsigned long long)want);
  }
}

static void expect_none(const bt_energy_table *t, const char *action) {
  uint64_t e = 0;
  if (bt_energy_action(t, action, &e)) {
    fail_msg("%s: %s is priced, expected not in table", t->name, action);
  }
}

static void test_sourced_tables(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  assert_string_equal(t.name, "horowitz-45nm");
  assert_non_null(strstr(t.source, "ISSCC 2014"));
  assert_string_equal(t.technology, "45 nm");
  assert_string_equal(t.voltage, "0.9 V");
  expect_action(&t, "multiply_8x8", 200000); /* 0.2 + 0.1: a MAC of 0.30 pJ */
  expect_action(&t, "add_32", 100000);
  expect_action(&t, "multiply_fp32", 3700000);
  expect_action(&t, "add_fp32", 900000);
  expect_none(&t, "add_64"); /* Horowitz states no law of width */
  expect_none(&t, "multiply_16x16");
  t = shipped("jouppi-7nm");
  assert_string_equal(t.voltage, "not stated");
  expect_action(&t, "multiply_8x8", 70000); /* 0.07 + 0.03: 0.10 pJ */
  expect_action(&t, "add_32", 30000);
  expect_action(&t, "multiply_fp32", 1310000);
  expect_action(&t, "add_fp32", 380000);
}

/* 12.68 pJ at 32 x 32: 8 x 8 is a 16th, 792500 aJ; 16 x 32 a half; an adder of 48 bits one and a
 * half of 0.21 pJ, of 7 bits 210000 * 7 / 32 = 45937.5; a comparator of 8 bits 29500 / 4. */
static void test_laws_of_width(void **state) {
  (void)state;
  bt_energy_table t = shipped("aladdin-40nm");
  expect_action(&t, "multiply_8x8", 792500);
  expect_action(&t, "multiply_16x32", 6340000);
  expect_action(&t, "multiply_32x32", 12680000);
  expect_action(&t, "add_48", 315000);
  expect_action(&t, "add_64", 420000);
  expect_action(&t, "add_7", 45937);
  expect_action(&t, "compare_8", 7375);
  expect_action(&t, "register_bit", 9000);
  expect_none(&t, "shift_32");
  expect_none(&t, "lfsr_step");
  expect_none(&t, "add_65");
}

static void expect_dram(const char *name, bt_energy_range read, bt_energy_range write,
                        uint64_t activate, uint64_t row_bytes) {
  bt_energy_table t = shipped(name);
  assert_string_equal(t.dram.table, name);
  assert_int_equal(t.dram.access_bits, 1);
  assert_int_equal(t.dram.read.low, read.low);
  assert_int_equal(t.dram.read.high, read.high);
  assert_int_equal(t.dram.write.low, write.low);
  assert_int_equal(t.dram.write.high, write.high);
  assert_int_equal(t.dram.activate, activate);
  assert_int_equal(t.dram.row_bytes, row_bytes);
  assert_true(t.dram.background == 0 && t.dram.refresh == 0);
}

/* Attojoules a bit and a row. DDR4: 1.01 + 0.46 nJ. LPDDR4: 5.3 + 3.2 and 3.9 + 1.2. */
static void test_dram_tables(void **state) {
  (void)state;
  expect_dram("dram-ddr3", (bt_energy_range){11100000, 70000000},
              (bt_energy_range){11700000, 70000000}, 1780000000, 1024);
  expect_dram("dram-ddr4", (bt_energy_range){8800000, 8800000},
              (bt_energy_range){7800000, 7800000}, 1470000000, 1024);
  expect_dram("dram-lpddr4", (bt_energy_range){5300000, 8500000},
              (bt_energy_range){3900000, 5100000}, 1210000000, 2048);
  expect_dram("dram-hbm2", (bt_energy_range){1600000, 3900000},
              (bt_energy_range){2100000, 3900000}, 830000000, 1024);
}

static void test_dram_replaces(void **state) {
  (void)state;
  char path[1024];
  bt_error error = {""};
  bt_energy_table t = shipped("horowitz-45nm");
  assert_int_equal(bt_find_file(BT_FIND_ENERGY, "dram-hbm2", path, sizeof path, &error), BT_OK);
  assert_int_equal(bt_energy_load_dram(path, &t, &error), BT_OK);
  assert_string_equal(t.name, "horowitz-45nm");
  assert_string_equal(t.dram.table, "dram-hbm2");
  assert_string_equal(t.dram.kind, "HBM2");
  expect_action(&t, "add_32", 100000);
  bt_energy_table before = t;
  assert_int_equal(bt_find_file(BT_FIND_ENERGY, "aladdin-40nm", path, sizeof path, &error), BT_OK);
  assert_int_equal(bt_energy_load_dram(path, &t, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "table aladdin-40nm has no dram section"));
  assert_memory_equal(&t, &before, sizeof t);
}

static void test_sram_between_points(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  /* 2^13: 10 pJ, 2^15: 20 pJ, 2^20: 100 pJ; 2^14 lies half way, 2^16 a fifth. log2(1.5) is
   * 38336 / 2^16: 10^7 * 38336 / 131072 = 2924804.7. */
  const struct {
    uint64_t bytes, energy;
  } at[] = {{8192, 10000000},  {16384, 15000000},    {32768, 20000000},
            {65536, 36000000}, {1048576, 100000000}, {12288, 12924804}};
  for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
    uint64_t e = 0;
    assert_true(bt_energy_sram(&t, at[i].bytes, false, &e));
    assert_int_equal(e, at[i].energy);
    assert_true(bt_energy_sram(&t, at[i].bytes, true, &e));
    assert_int_equal(e, at[i].energy);
  }
  uint64_t e = 0;
  assert_false(bt_energy_sram(&t, 8191, false, &e)); /* nothing is extrapolated */
  assert_false(bt_energy_sram(&t, 1048577, false, &e));
  t = shipped("aladdin-40nm");
  assert_true(bt_energy_sram(&t, 131072, false, &e));
  assert_int_equal(e, 32400000);
  assert_true(bt_energy_sram(&t, 131072, true, &e));
  assert_int_equal(e, 26200000);
  assert_false(bt_energy_sram(&t, 65536, false, &e));
}

/* A decimal is exact: 0.0181 pJ and 18.1 fJ are 18100 aJ. */
static void test_units(void **state) {
  (void)state;
  bt_energy_table t = table_of(HEAD "actions: [{action: add_8, energy: 0.0181}]\n");
  expect_action(&t, "add_8", 18100);
  t = table_of(HEAD4 "unit: femtojoule\nactions: [{action: add_8, energy: 18.1}]\n");
  expect_action(&t, "add_8", 18100);
  t = table_of(HEAD4 "unit: attojoule\nactions: [{action: add_8, energy: 18100}]\n");
  expect_action(&t, "add_8", 18100);
}

/* A byte is an eighth of 64 bits: 36 pJ at 64 KB make 4.5 pJ, 1300..2600 pJ of DRAM 162.5..325. */
static void test_memory(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_unit_price p = bt_energy_each(&t, &m, BT_COUNT_WEIGHT_READ);
  assert_int_equal(p.state, BT_PRICED);
  assert_true(p.low == 4500000 && p.high == 4500000);
  p = bt_energy_each(&t, &m, BT_COUNT_SPILL_WRITE);
  assert_true(p.state == BT_PRICED && p.low == 162500000 && p.high == 325000000);
  /* 12924804 aJ at 12 KB: an eighth is 1615600.5, rounded up. */
  m.sram_input_bytes = 12288;
  assert_int_equal(bt_energy_each(&t, &m, BT_COUNT_INPUT_WRITE).low, 1615601);
  m.sram_input_bytes = 4096;
  assert_int_equal(bt_energy_each(&t, &m, BT_COUNT_INPUT_READ).state, BT_NOT_IN_TABLE);
  assert_int_equal(bt_energy_each(&t, &m, BT_COUNT_DRAM_ACTIVATIONS).state, BT_NOT_IN_TABLE);
  assert_int_equal(bt_energy_each(&t, &m, BT_COUNT_CYCLES).state, BT_NOT_IN_TABLE);
}

/* 1.78 nJ open 1 KB; rows of 8 KB over eight such devices cost 14.24 nJ. */
static void test_activation(void **state) {
  (void)state;
  bt_energy_table t = shipped("dram-ddr3");
  bt_machine m = bt_machine_default();
  m.dram_row_bytes = 1024;
  assert_int_equal(bt_energy_each(&t, &m, BT_COUNT_DRAM_ACTIVATIONS).low, 1780000000);
  m.dram_row_bytes = 8192;
  assert_int_equal(bt_energy_each(&t, &m, BT_COUNT_DRAM_ACTIVATIONS).low, UINT64_C(14240000000));
  assert_int_equal(bt_energy_each(&t, &m, BT_COUNT_ADD_32).state, BT_NOT_IN_TABLE);
}

static void test_find(void **state) {
  (void)state;
  char path[1024];
  bt_error error;
  assert_int_equal(bt_find_file(BT_FIND_MACHINE, "systolic-16x16", path, sizeof path, &error),
                   BT_OK);
  assert_int_equal(access(path, R_OK), 0);
  assert_int_equal(bt_find_file(BT_FIND_MACHINE, "./x", path, sizeof path, &error), BT_OK);
  assert_string_equal(path, "./x");
  assert_int_equal(bt_find_file(BT_FIND_ENERGY, "x.yaml", path, sizeof path, &error), BT_OK);
  assert_string_equal(path, "x.yaml");
  assert_int_equal(bt_find_file(BT_FIND_ENERGY, "none", path, sizeof path, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "no energy table none: "));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sourced_tables), cmocka_unit_test(test_laws_of_width),
      cmocka_unit_test(test_dram_tables),    cmocka_unit_test(test_dram_replaces),
      cmocka_unit_test(test_units),          cmocka_unit_test(test_sram_between_points),
      cmocka_unit_test(test_memory),         cmocka_unit_test(test_activation),
      cmocka_unit_test(test_find),
  };
  return cmocka_run_group_tests_name("cost energy (alone: ctest -R 'test_cost_energy$')", tests,
                                     NULL, NULL);
}
