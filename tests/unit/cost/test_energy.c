/* Energy tables, prices and reports, worked by hand (docs/cost.md 7).
 * Alone: ctest -R test_cost_energy */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cost/report.h"
#include "io/find.h"

static bt_energy_table load(const char *name) {
  char path[1024];
  bt_error error = {""};
  bt_energy_table table;
  if (bt_find_file(BT_FIND_ENERGY, name, path, sizeof path, &error) != BT_OK ||
      bt_energy_load(path, &table, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  return table;
}

static void test_horowitz(void **state) {
  (void)state;
  bt_energy_table t = load("horowitz-45nm");
  uint64_t e = 0;
  assert_string_equal(t.name, "horowitz-45nm");
  assert_non_null(strstr(t.source, "ISSCC 2014"));
  /* 0.2 pJ + 0.1 pJ: a MAC of 0.30 pJ. */
  assert_true(bt_energy_action(&t, "multiply_8x8", &e));
  assert_int_equal(e, 200000);
  assert_true(bt_energy_action(&t, "add_32", &e));
  assert_int_equal(e, 100000);
  assert_false(bt_energy_action(&t, "add_64", &e));
  t = load("jouppi-7nm");
  assert_true(bt_energy_action(&t, "multiply_8x8", &e));
  assert_int_equal(e, 70000);
}

static void test_sram_between_points(void **state) {
  (void)state;
  bt_energy_table t = load("horowitz-45nm");
  /* 2^13: 10 pJ, 2^15: 20 pJ, 2^20: 100 pJ; 2^14 lies half way, 2^16 a fifth. log2(1.5) is
   * 38336 / 2^16: 10^7 * 38336 / 131072 = 2924804.7. */
  const struct {
    uint64_t bytes, energy;
  } at[] = {{8192, 10000000},  {16384, 15000000},    {32768, 20000000},
            {65536, 36000000}, {1048576, 100000000}, {12288, 12924804}};
  for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
    uint64_t e = 0;
    assert_true(bt_energy_sram(&t, at[i].bytes, &e));
    assert_int_equal(e, at[i].energy);
  }
  uint64_t e = 0;
  assert_false(bt_energy_sram(&t, 8191, &e)); /* nothing is extrapolated */
  assert_false(bt_energy_sram(&t, 1048577, &e));
}

static void expect_text(bt_attojoules energy, uint64_t divisor, const char *want) {
  char text[BT_MICROJOULES_SIZE];
  assert_string_equal(bt_energy_text(energy, divisor, text), want);
}

static void test_products_of_128_bits(void **state) {
  (void)state;
  bt_energy_table t = load("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost_counts n = {{0}};
  /* 2^63 * 200000 aJ = 1844674407370955161600000 aJ, beyond 64 bits. */
  n.n[BT_COUNT_MULTIPLY_8X8] = UINT64_C(1) << 63;
  bt_energy e = bt_energy_price(&t, &m, &n);
  assert_true(e.low == e.high);
  expect_text(e.low, 1, "1844674407370.955162");
  expect_text(e.low, 1000, "1844674407.370955");
  expect_text(0, 1, "0.000000");
  expect_text(1499999, 1, "0.000001");
  expect_text(1500000, 1, "0.000002");
  expect_text(3, 2000000, "0.000000");
  /* 2^127 aJ = 170141183460469231731687303.715884... uJ. */
  expect_text((bt_attojoules)1 << 127, 1, "170141183460469231731687303.715884");
}

static void test_memory(void **state) {
  (void)state;
  bt_energy_table t = load("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost_counts n = {{0}};
  /* 9 bytes are two words of 8 in a buffer of 64 KB, 36 pJ each. */
  n.n[BT_COUNT_WEIGHT_READ] = 9;
  bt_energy e = bt_energy_price(&t, &m, &n);
  assert_true(e.low == 72000000 && e.high == 72000000);
  /* 16 bytes of DRAM: twice 1.3 to 2.6 nJ; spilled bytes cost the same. */
  n = (bt_cost_counts){{0}};
  n.n[BT_COUNT_DRAM_READ] = 8;
  n.n[BT_COUNT_SPILL_WRITE] = 8;
  e = bt_energy_price(&t, &m, &n);
  assert_true(e.low == UINT64_C(2600000000) && e.high == UINT64_C(5200000000));
}

static void unpriced_text(const bt_cost_report *r, const bt_cost_counts *n, char *text,
                          size_t size) {
  FILE *f = fmemopen(text, size, "w");
  assert_non_null(f);
  bt_report_unpriced(f, r, n, ", ");
  fclose(f);
}

static void test_unpriced(void **state) {
  (void)state;
  bt_energy_table t = load("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  bt_cost_report r = {&cost, &m, &t, 0, 0};
  bt_cost_counts n = {{0}};
  char text[256];
  n.n[BT_COUNT_ADD_ACC] = 5;
  n.n[BT_COUNT_ARRAY_CYCLES] = 5;
  unpriced_text(&r, &n, text, sizeof text);
  assert_string_equal(text, "none");
  n.n[BT_COUNT_ADD_64] = 340;
  n.n[BT_COUNT_LFSR_STEPS] = 768;
  unpriced_text(&r, &n, text, sizeof text);
  assert_string_equal(text, "add_64 340, lfsr_step 768");
  /* 14-bit accumulators and partial sums: one action that the table lacks. */
  m.acc.acc_bits = m.acc.psum_bits = 14;
  n.n[BT_COUNT_ADD_PSUM] = 7;
  unpriced_text(&r, &n, text, sizeof text);
  assert_string_equal(text, "add_14 12, add_64 340, lfsr_step 768");
  bt_energy e = bt_energy_price(&t, &m, &n);
  assert_true(e.low == 0 && !e.kind[BT_COUNT_ADD_ACC].priced);
  /* A buffer outside the table's sizes. */
  m = bt_machine_default();
  m.sram_input_bytes = 4096;
  n = (bt_cost_counts){{0}};
  n.n[BT_COUNT_INPUT_READ] = 100;
  unpriced_text(&r, &n, text, sizeof text);
  assert_string_equal(text, "sram_input_read 100");
}

/* Loads a table of this text; its error must contain `want`. */
static void expect_error(const char *text, const char *want) {
  char path[] = "/tmp/bittrue-energy-XXXXXX";
  bt_error error = {""};
  bt_energy_table table;
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  bt_status status = bt_energy_load(path, &table, &error);
  unlink(path);
  assert_int_equal(status, BT_BAD_INPUT);
  if (!strstr(error.text, want) || strchr(error.text, '\n')) {
    fail_msg("error is: %s\nexpected one line with: %s", error.text, want);
  }
}

#define HEAD "name: t\nsource: s\nunit: attojoule\n"

static void test_bad_tables(void **state) {
  (void)state;
  expect_error(HEAD "actions: []\nsrma: 3\n", ":5: ");
  expect_error(HEAD "actions: []\nsrma: 3\n", "srma");
  expect_error(HEAD "actions:\n  - {action: add_65, energy: 1}\n", ":5: action add_65");
  expect_error(HEAD "actions:\n  - {action: add_8, energy: 0}\n", ":5: ");
  expect_error(HEAD "actions:\n  - {action: add_8, energy: 0.1}\n", ":5: ");
  expect_error(HEAD "actions:\n  - {action: add_8, energy: 1}\n  - {action: add_8, energy: 2}\n",
               ":6: action add_8 is priced twice");
  expect_error("name: t\nunit: attojoule\nactions: []\n", "source");
  expect_error("name: t\nsource: s\nunit: pJ\nactions: []\n", ":3: ");
  expect_error(HEAD
               "actions: []\nsram:\n  access_bits: 64\n  points:\n"
               "    - {bytes: 64, energy: 1}\n    - {bytes: 64, energy: 2}\n",
               ":9: expected at most 16 points of ascending bytes");
  expect_error(HEAD "actions: []\ndram: {access_bits: 64, low: 2, high: 1}\n",
               "dram: expected low <= high");
}

static size_t columns(const char *line) {
  size_t n = 1;
  bool quoted = false;
  for (; *line && *line != '\n'; line++) {
    quoted = quoted != (*line == '"');
    n += *line == ',' && !quoted;
  }
  return n;
}

static void test_csv(void **state) {
  (void)state;
  bt_energy_table t = load("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_ADD_ACC] = 12;
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_ADD_64] = 3;
  bt_cost_report r = {&cost, &m, &t, 1, 1};
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  assert_non_null(f);
  bt_report_csv(f, &r);
  fclose(f);
  size_t lines = 0;
  for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
    assert_int_equal(columns(line), 1 + BT_COUNT_KINDS + 5);
    lines++;
  }
  assert_int_equal(lines, 1 + BT_PHASE_COUNT);
  /* 12 * 0.1 pJ. */
  assert_non_null(
      strstr(text, ",0.000001,0.000001,add_64 3,\"systolic-16x16\",\"horowitz-45nm\"\n"));
  free(text);
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
      cmocka_unit_test(test_horowitz),
      cmocka_unit_test(test_sram_between_points),
      cmocka_unit_test(test_products_of_128_bits),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_unpriced),
      cmocka_unit_test(test_bad_tables),
      cmocka_unit_test(test_csv),
      cmocka_unit_test(test_find),
  };
  return cmocka_run_group_tests_name("cost energy (alone: ctest -R test_cost_energy)", tests, NULL,
                                     NULL);
}
