/* The energy ledger: rows worked by hand, and the sum of the parts (docs/energy.md 4).
 * Alone: ctest -R test_cost_ledger; BITTRUE_SEED=N repeats the random counts of a seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "cost/ledger.h"
#include "unit/cost/tables.h"

/* A picojoule an 8-bit addition, ten for a product; memory and every power. */
#define FULL                                                                         \
  HEAD "actions: [{action: multiply_8x8, energy: 10}, {action: add_32, energy: 2},\n" \
       "          {action: register_bit, energy: 0.01}]\n"                           \
       "sram: {access_bits: 64, points: [{bytes: 65536, read: 16, write: 24}]}\n"    \
       "dram:\n  kind: x\n  access_bits: 1\n  read: {low: 1, high: 3}\n  write: 2\n" \
       "  activate: {energy: 1000, row_bytes: 1024}\n  background: 100 mW\n"         \
       "  refresh: {energy: 7800, interval: 7.8 us}\n"                               \
       "leakage: {array_unit: 10 uW, sram_kib: 1 uW}\n"

static const bt_ledger_row *find(const bt_ledger *ledger, bt_phase phase, const char *action) {
  for (size_t i = 0; i < ledger->rows; i++) {
    if (ledger->row[i].phase == phase && strcmp(ledger->row[i].action, action) == 0) {
      return &ledger->row[i];
    }
  }
  fail_msg("no row %s in phase %s", action, bt_phase_name(phase));
  return NULL;
}

static bt_ledger make(const bt_cost *cost, const bt_machine *m, const bt_energy_table *t,
                      const bt_energy_options *o) {
  bt_ledger ledger;
  bt_error error = {""};
  if (bt_ledger_make(cost, m, t, o, &ledger, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return ledger;
}

static void expect_row(const bt_ledger *ledger, const char *action, bt_part part, uint64_t each_low,
                       uint64_t low, uint64_t high) {
  const bt_ledger_row *r = find(ledger, BT_PHASE_FORWARD, action);
  if (r->state != BT_PRICED || r->part != part || r->each_low != each_low || r->low != low ||
      r->high != high) {
    char is_low[BT_ATTOJOULES_SIZE], is_high[BT_ATTOJOULES_SIZE];
    fail_msg("%s: %s, %s, each %llu, low %s, high %s", action, bt_price_state_name(r->state),
             bt_part_name(r->part), (unsigned long long)r->each_low,
             bt_attojoules_text(r->low, is_low), bt_attojoules_text(r->high, is_high));
  }
}

/* 7 products, 5 additions, 100 register bits, 8 bytes read from the weight buffer (2 pJ each) and
 * 8 written (3 pJ), 4 bytes of DRAM each way (8..24 and 16 pJ), 3 rows. */
static void test_rows_by_hand(void **state) {
  (void)state;
  bt_energy_table t = table_of(FULL);
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  uint64_t *n = cost.phase[BT_PHASE_FORWARD].n;
  n[BT_COUNT_MULTIPLY_8X8] = 7;
  n[BT_COUNT_ADD_ACC] = 5;
  n[BT_COUNT_REGISTER_BITS] = 100;
  n[BT_COUNT_WEIGHT_READ] = n[BT_COUNT_WEIGHT_WRITE] = 8;
  n[BT_COUNT_DRAM_READ] = n[BT_COUNT_SPILL_WRITE] = 4;
  n[BT_COUNT_DRAM_ACTIVATIONS] = 3;
  n[BT_COUNT_MACS] = 1000; /* priced as products */
  m.dram_row_bytes = 1024;
  bt_ledger l = make(&cost, &m, &t, NULL);
  assert_int_equal(l.rows, 8);
  expect_row(&l, "multiply_8x8", BT_PART_ARRAY, 10000000, 70000000, 70000000);
  expect_row(&l, "add_32", BT_PART_ARRAY, 2000000, 10000000, 10000000);
  expect_row(&l, "register_bit", BT_PART_REGISTERS, 10000, 1000000, 1000000);
  expect_row(&l, "sram_weight_read", BT_PART_SRAM_WEIGHT, 2000000, 16000000, 16000000);
  expect_row(&l, "sram_weight_write", BT_PART_SRAM_WEIGHT, 3000000, 24000000, 24000000);
  expect_row(&l, "dram_read", BT_PART_DRAM_READ, 8000000, 32000000, 96000000);
  expect_row(&l, "spill_write", BT_PART_DRAM_SPILL, 16000000, 64000000, 64000000);
  expect_row(&l, "dram_activate", BT_PART_DRAM_ACTIVATE, UINT64_C(1000000000), UINT64_C(3000000000),
             UINT64_C(3000000000));
  /* 70 + 10 + 1 + 16 + 24 + 32 + 64 + 3000 pJ, and 64 more. */
  assert_true(l.low == UINT64_C(3217000000) && l.high == UINT64_C(3281000000));
}

/* At 1 GHz 1 mW is 1 pJ a cycle: 256 units of 10 uW 2.56 pJ, 192 KiB of 1 uW 0.192, 100 mW 100,
 * 7800 pJ each 7.8 us 1. At 300 MHz the 0.192 mW are 640000 aJ, the rest not whole: 2560 uW are
 * 8533333.3, 100 mW 333333333.3, 1 mW 3333333.3. */
static void test_time_based(void **state) {
  (void)state;
  bt_energy_table t = table_of(FULL);
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_CYCLES] = 10;
  m.clock_hz = 1000000000;
  bt_ledger l = make(&cost, &m, &t, NULL);
  assert_int_equal(l.rows, 4);
  expect_row(&l, "leakage_logic", BT_PART_LEAKAGE, 2560000, 25600000, 25600000);
  expect_row(&l, "leakage_sram", BT_PART_LEAKAGE, 192000, 1920000, 1920000);
  expect_row(&l, "dram_background", BT_PART_DRAM_BACKGROUND, 100000000, 1000000000, 1000000000);
  expect_row(&l, "dram_refresh", BT_PART_DRAM_REFRESH, 1000000, 10000000, 10000000);
  assert_true(l.low == UINT64_C(1037520000));
  m.clock_hz = 300000000;
  l = make(&cost, &m, &t, NULL);
  expect_row(&l, "leakage_logic", BT_PART_LEAKAGE, 8533333, 85333330, 85333330);
  expect_row(&l, "leakage_sram", BT_PART_LEAKAGE, 640000, 6400000, 6400000);
  t = shipped("horowitz-45nm");
  l = make(&cost, &m, &t, NULL);
  assert_int_equal(l.rows, 4);
  for (size_t i = 0; i < l.rows; i++) {
    assert_int_equal(l.row[i].state, BT_NOT_IN_TABLE);
  }
  assert_true(l.low == 0 && l.high == 0);
}

/* What the table lacks is a row without energy; adders of one width are one missing action. */
static void test_not_in_table(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  bt_ledger_row missing[BT_COUNT_KINDS + BT_TIME_ROWS];
  m.acc.acc_bits = m.acc.psum_bits = 14;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_ADD_ACC] = 5;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_ADD_PSUM] = 7;
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_ADD_64] = 340;
  bt_ledger l = make(&cost, &m, &t, NULL);
  assert_int_equal(l.rows, 3);
  assert_int_equal(find(&l, BT_PHASE_UPDATE, "add_64")->state, BT_NOT_IN_TABLE);
  assert_int_equal(find(&l, BT_PHASE_UPDATE, "add_64")->count, 340);
  assert_int_equal(bt_ledger_missing(&l, BT_PHASE_COUNT, missing), 2);
  assert_string_equal(missing[0].action, "add_14");
  assert_int_equal(missing[0].count, 12);
  assert_string_equal(missing[1].action, "add_64");
  assert_int_equal(bt_ledger_missing(&l, BT_PHASE_UPDATE, missing), 1);
  assert_int_equal(bt_ledger_missing(&l, BT_PHASE_AVERAGE, missing), 0);
}

/* 0.25 and 1.5 of the table's; an activity of a millionth still costs an attojoule. */
static void test_activity(void **state) {
  (void)state;
  bt_energy_table t = table_of(FULL);
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  bt_error error = {""};
  bt_ledger l;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_MULTIPLY_8X8] = 4;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_REGISTER_BITS] = 4;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_ADD_32] = 4;
  bt_energy_options o = {.activity = {[BT_PART_ARRAY] = 250000, [BT_PART_REGISTERS] = 1500000}};
  l = make(&cost, &m, &t, &o);
  expect_row(&l, "multiply_8x8", BT_PART_ARRAY, 2500000, 10000000, 10000000);
  expect_row(&l, "register_bit", BT_PART_REGISTERS, 15000, 60000, 60000);
  expect_row(&l, "add_32", BT_PART_QUANTIZER, 2000000, 8000000, 8000000);
  o = (bt_energy_options){.activity = {[BT_PART_REGISTERS] = 1}};
  l = make(&cost, &m, &t, &o);
  expect_row(&l, "register_bit", BT_PART_REGISTERS, 1, 4, 4);
  o = (bt_energy_options){.activity = {[BT_PART_DRAM_READ] = 500000}};
  assert_int_equal(bt_ledger_make(&cost, &m, &t, &o, &l, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "dram read takes no activity"));
}

/* The counterpart in fp32: 3.7 pJ a product, 0.9 an addition, in a part of their own. */
static void test_fp32(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_MULTIPLY_FP32] = 10;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_ADD_FP32] = 10;
  bt_ledger l = make(&cost, &m, &t, NULL);
  expect_row(&l, "multiply_fp32", BT_PART_FP32, 3700000, 37000000, 37000000);
  expect_row(&l, "add_fp32", BT_PART_FP32, 900000, 9000000, 9000000);
}

/* A mac's price holds the addition: its row has no energy, and nothing is missing. */
static void test_in_product(void **state) {
  (void)state;
  bt_energy_table t = table_of("ERT:\n  version: 0.3\n  tables:\n  - name: pe.mac\n"
                               "    actions: [{name: compute, arguments: null, energy: 0.5}]\n");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  bt_ledger_row missing[BT_COUNT_KINDS + BT_TIME_ROWS];
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_MULTIPLY_8X8] = 4;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_ADD_ACC] = 4;
  bt_ledger l = make(&cost, &m, &t, NULL);
  expect_row(&l, "multiply_8x8", BT_PART_ARRAY, 500000, 2000000, 2000000);
  assert_int_equal(find(&l, BT_PHASE_FORWARD, "add_32")->state, BT_IN_PRODUCT);
  assert_true(l.low == 2000000);
  assert_int_equal(bt_ledger_missing(&l, BT_PHASE_COUNT, missing), 0);
}

static uint64_t next(uint64_t *x) { /* xorshift64 */
  *x ^= *x << 13;
  *x ^= *x >> 7;
  *x ^= *x << 17;
  return *x;
}

static void sum_rows(const bt_ledger *l, bt_attojoules sum[2]) {
  sum[0] = sum[1] = 0;
  for (size_t i = 0; i < l->rows; i++) {
    sum[0] += (bt_attojoules)l->row[i].count * l->row[i].each_low;
    sum[1] += (bt_attojoules)l->row[i].count * l->row[i].each_high;
  }
}

/* Rows, phases and parts each sum to the whole; `times` such costs cost `times` the whole. */
static void expect_exact(const bt_cost *cost, const bt_machine *m, const bt_energy_table *t,
                         const bt_energy_options *o, uint64_t times) {
  bt_ledger l = make(cost, m, t, o);
  bt_attojoules rows[2], phases[2] = {0, 0}, parts[2] = {0, 0}, sum[2];
  sum_rows(&l, rows);
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    bt_ledger_phase(&l, (bt_phase)p, sum);
    phases[0] += sum[0];
    phases[1] += sum[1];
  }
  for (int p = 0; p < BT_PARTS; p++) {
    bt_ledger_part(&l, (bt_part)p, sum);
    parts[0] += sum[0];
    parts[1] += sum[1];
  }
  for (int i = 0; i < 2; i++) {
    bt_attojoules whole = i == 0 ? l.low : l.high;
    assert_true(whole > 0 && rows[i] == whole && phases[i] == whole && parts[i] == whole);
  }
  bt_cost scaled = {0};
  bt_error error;
  assert_int_equal(bt_cost_scale(&scaled, cost, times, &error), BT_OK);
  bt_ledger many = make(&scaled, m, t, o);
  assert_true(many.low == l.low * times && many.high == l.high * times);
}

static void test_sums_are_exact(void **state) {
  (void)state;
  const char *given = getenv("BITTRUE_SEED");
  uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL), x = seed | 1;
  print_message("BITTRUE_SEED=%llu\n", (unsigned long long)seed);
  static const char *const names[] = {"horowitz-45nm", "jouppi-7nm", "aladdin-40nm", "dram-ddr3"};
  bt_energy_table tables[5] = {table_of(FULL)};
  for (size_t i = 0; i < 4; i++) {
    tables[i + 1] = shipped(names[i]);
  }
  for (int round = 0; round < 200; round++) {
    bt_machine m = bt_machine_default();
    bt_cost cost = {0};
    bt_energy_options o = {.activity = {[BT_PART_ARRAY] = (uint32_t)(next(&x) % 2000000)}};
    m.dram_row_bytes = (size_t)64 << next(&x) % 8;
    m.clock_hz = 1 + next(&x) % 3000000000u;
    m.sram_input_bytes = 8192 + next(&x) % 500000;
    for (int p = 0; p < BT_PHASE_COUNT; p++) {
      for (int k = 0; k < BT_COUNT_KINDS; k++) {
        cost.phase[p].n[k] = next(&x) % 3 == 0 ? 0 : next(&x) >> 16 >> next(&x) % 40;
      }
    }
    expect_exact(&cost, &m, &tables[round % 5], &o, 1 + next(&x) % 4000);
  }
}

/* 2^63 * 200000 aJ = 1844674407370955161600000 aJ, beyond 64 bits; counts beyond 64 are refused. */
static void test_128_bits(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  bt_ledger l;
  bt_error error = {""};
  char text[BT_ATTOJOULES_SIZE];
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_MULTIPLY_8X8] = UINT64_C(1) << 63;
  l = make(&cost, &m, &t, NULL);
  assert_string_equal(bt_attojoules_text(l.low, text), "1844674407370955161600000");
  assert_string_equal(bt_attojoules_text(0, text), "0");
  assert_string_equal(bt_attojoules_text(~(bt_attojoules)0, text),
                      "340282366920938463463374607431768211455");
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_MULTIPLY_8X8] = UINT64_C(1) << 63;
  assert_int_equal(bt_ledger_make(&cost, &m, &t, NULL, &l, &error), BT_BAD_INPUT);
}

static void test_csv(void **state) {
  (void)state;
  bt_energy_table t = table_of(FULL);
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_DRAM_READ] = 2;
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_SOFTMAX] = 6;
  bt_ledger l = make(&cost, &m, &t, NULL);
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  assert_non_null(f);
  bt_ledger_csv(f, &l);
  fclose(f);
  assert_string_equal(
      text, "phase,component,action,count,each_low_aj,each_high_aj,low_aj,high_aj,price,model\n"
            "update,scalar,softmax_element,6,,,,,not in table,machine\n"
            "update,dram read,dram_read,2,8000000,24000000,16000000,48000000,priced,machine\n");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows_by_hand), cmocka_unit_test(test_time_based),
      cmocka_unit_test(test_not_in_table), cmocka_unit_test(test_activity),
      cmocka_unit_test(test_sums_are_exact), cmocka_unit_test(test_128_bits),
      cmocka_unit_test(test_csv), cmocka_unit_test(test_fp32), cmocka_unit_test(test_in_product),
  };
  return cmocka_run_group_tests_name("cost ledger (alone: ctest -R test_cost_ledger)", tests, NULL,
                                     NULL);
}
