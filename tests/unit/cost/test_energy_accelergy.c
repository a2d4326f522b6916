/* Accelergy's files: an ERT read, action counts written (docs/energy.md 7).
 * Alone: ctest -R test_cost_energy_accelergy */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "cost/accelergy.h"
#include "cost/ledger.h"
#include "unit/cost/tables.h"

#define TABLES "ERT:\n  version: '0.4'\n  tables:\n"
#define COMPONENT(name) "  - name: " name "\n    actions:\n"
#define ACTION(name, energy) "    - {name: " name ", arguments: {}, energy: " energy "}\n"

/* The forms of version 0.4 and 0.3: ranges in names, arguments as null or a map. */
static const char ert[] =
    TABLES COMPONENT("top.pe[0..255].mac[1..1]") ACTION("compute", "0.315") ACTION("leak", "0.0036")
    COMPONENT("top.shared_glb[1..1]") ACTION("write", "26.156875") ACTION("read", "32.377775")
    "    - name: read\n      arguments:\n        address_delta: 0\n        data_delta: 0\n"
    "      energy: 1.5\n"
    "    - {name: idle, arguments: null, energy: 0}\n"
    COMPONENT("top.DRAM[1..1]") ACTION("read", "512.0") ACTION("write", "512.0")
    COMPONENT("top.shift_48") ACTION("process", "0.0123456789")
    COMPONENT("top.noc") ACTION("transfer", "3.5");

static bt_unit_price each(const bt_energy_table *t, bt_count_kind kind) {
  bt_machine m = bt_machine_default();
  return bt_energy_each(t, &m, kind);
}

/* A word is 8 bytes: 32.377775 pJ / 8 = 4047221.9 aJ a byte; DRAM 512 / 8 = 64 pJ. The dearest of
 * the reads counts. 0.0123456789 pJ are 12345.7 aJ. */
static void test_ert(void **state) {
  (void)state;
  bt_energy_table t = table_of(ert);
  bt_unit_price p = each(&t, BT_COUNT_MULTIPLY_8X8);
  assert_true(p.state == BT_PRICED && p.low == 315000);
  assert_int_equal(each(&t, BT_COUNT_ADD_ACC).state, BT_IN_PRODUCT);
  assert_int_equal(each(&t, BT_COUNT_ADD_PSUM).state, BT_IN_PRODUCT);
  assert_int_equal(each(&t, BT_COUNT_ADD_32).state, BT_NOT_IN_TABLE);
  assert_int_equal(each(&t, BT_COUNT_INPUT_READ).low, 4047222);
  assert_int_equal(each(&t, BT_COUNT_WEIGHT_READ).low, 4047222);
  assert_int_equal(each(&t, BT_COUNT_OUTPUT_WRITE).low, 3269609); /* 26156875 / 8 = 3269609.4 */
  assert_int_equal(each(&t, BT_COUNT_DRAM_READ).low, 64000000);
  assert_int_equal(each(&t, BT_COUNT_SHIFT_48).low, 12346);
  assert_string_equal(t.warning, "not read from the ERT: mac.leak, noc.transfer");
  assert_string_equal(t.source, "Accelergy ERT, version 0.4; a DRAM access taken as 64 bits");
}

/* With a multiplier of its own the mac is not needed, and additions are on their own. */
static void test_own_multiplier(void **state) {
  (void)state;
  bt_energy_table t = table_of(TABLES COMPONENT("a.mac") ACTION("mac_random", "9")
                               COMPONENT("a.multiply_8x8") ACTION("mult_random", "0.5")
                               COMPONENT("a.add_32") ACTION("add", "0.1")
                               COMPONENT("a.weights_glb") ACTION("read", "4"));
  assert_int_equal(each(&t, BT_COUNT_MULTIPLY_8X8).low, 500000);
  assert_int_equal(each(&t, BT_COUNT_ADD_ACC).low, 100000);
  assert_int_equal(each(&t, BT_COUNT_WEIGHT_READ).low, 500000);
  assert_int_equal(each(&t, BT_COUNT_INPUT_READ).state, BT_NOT_IN_TABLE);
  assert_string_equal(t.warning, "not read from the ERT: mac.compute");
}

static void test_refused(void **state) {
  (void)state;
  expect_refused(TABLES COMPONENT("a.mac") ACTION("compute", "-1"), ":6: energy: a negative");
  expect_refused(TABLES COMPONENT("a.mac") ACTION("compute", "0") ACTION("idle", "0"),
                 ":2: every energy of the ERT is zero");
  expect_refused(TABLES COMPONENT("a.mac") ACTION("compute", "1") COMPONENT("a.glb")
                     ACTION("read", "1") ACTION("write", "1"),
                 ":2: every action costs the same, 1000000 aJ: a placeholder");
  expect_refused(TABLES COMPONENT("a.noc") ACTION("transfer", "1"), "nothing is priced");
  expect_refused(TABLES COMPONENT("a.mac") "    - {name: compute, arguments: {}}\n",
                 ":6: missing key 'energy'");
  expect_refused(TABLES COMPONENT("a.dram") ACTION("read", "1"), "only one of read and write");
  expect_refused("ERT:\n  version: 0.2\n  tables:\n    a.glb: {}\n", ":4: tables: expected a list");
  expect_refused(TABLES COMPONENT("a.mac") "    - {name: compute, energy: 1, unit: mA}\n",
                 ":6: unknown key 'unit'");
}

static char *written(const bt_cost *cost, const bt_machine *m) {
  char path[] = "/tmp/bittrue-counts-XXXXXX";
  static char text[4096];
  bt_error error = {""};
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  if (bt_accelergy_counts_write(path, cost, m, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  text[fread(text, 1, sizeof text - 1, f)] = '\0';
  fclose(f);
  unlink(path);
  return text;
}

/* Both adders of 32 bits are one action; 17 bytes are 3 words of 8; spills are DRAM's. */
static void test_counts(void **state) {
  (void)state;
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  uint64_t *n = cost.phase[BT_PHASE_FORWARD].n;
  n[BT_COUNT_MACS] = 99;
  n[BT_COUNT_MULTIPLY_8X8] = 40;
  n[BT_COUNT_ADD_ACC] = 41;
  n[BT_COUNT_INPUT_READ] = 17;
  n[BT_COUNT_DRAM_READ] = 8;
  n[BT_COUNT_SPILL_READ] = 9;
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_ADD_32] = 2;
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_MULTIPLY_8X8] = 2;
  assert_string_equal(written(&cost, &m),
                      "# bittrue cost, model: machine\n"
                      "action_counts:\n"
                      "  version: 0.2\n"
                      "  subtree:\n"
                      "    - name: bittrue\n"
                      "      local:\n"
                      "        - name: multiply_8x8\n"
                      "          action_counts:\n"
                      "            - name: compute\n"
                      "              counts: 42\n"
                      "        - name: add_32\n"
                      "          action_counts:\n"
                      "            - name: compute\n"
                      "              counts: 43\n"
                      "        - name: input_buffer\n"
                      "          action_counts:\n"
                      "            - name: read\n"
                      "              counts: 3\n"
                      "            - name: write\n"
                      "              counts: 0\n"
                      "        - name: dram\n"
                      "          action_counts:\n"
                      "            - name: read\n"
                      "              counts: 3\n"
                      "            - name: write\n"
                      "              counts: 0\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ert), cmocka_unit_test(test_own_multiplier),
      cmocka_unit_test(test_refused), cmocka_unit_test(test_counts),
  };
  return cmocka_run_group_tests_name(
      "cost accelergy (alone: ctest -R test_cost_energy_accelergy)", tests, NULL, NULL);
}
