/* Energy tables that are refused, each with its line and reason (docs/energy.md 3).
 * Alone: ctest -R test_cost_energy_refuse */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "unit/cost/tables.h"

#define ADD8 "actions:\n  - {action: add_8, energy: "

static void test_units(void **state) {
  (void)state;
  expect_refused(HEAD4 "actions: []\n", ":1: no unit: expected 'unit: attojoule'");
  expect_refused(HEAD4 "unit: mA\nactions: []\n", ":5: unit 'mA' is one of current: expected");
  expect_refused(HEAD4 "unit: A\nactions: []\n", ":5: unit 'A' is one of current: expected");
  expect_refused(HEAD4 "unit: milliwatt\nactions: []\n", ":5: unit 'milliwatt' is one of power");
  expect_refused(HEAD4 "unit: W\nactions: []\n", ":5: unit 'W' is one of power");
  expect_refused(HEAD4 "unit: joule\nactions: []\n", ":5: unit 'joule' is one of energy: expected");
  expect_refused(HEAD4 "unit: bananas\nactions: []\n", ":5: unit 'bananas': expected");
  expect_refused("name: t\nsource: s\ntechnology: x\nvoltage: 0.9\nunit: picojoule\n",
                 ":4: voltage: expected a voltage in V or mV");
  expect_refused("name: t\nsource: s\ntechnology: x\nvoltage: 900 mA\nunit: picojoule\n",
                 ":4: voltage: '900 mA' is one of current");
}

static void test_energies(void **state) {
  (void)state;
  expect_refused(HEAD ADD8 "-0.1}\n", ":7: energy: a negative energy");
  expect_refused(HEAD ADD8 "0}\n", ":7: energy: an energy of zero");
  expect_refused(HEAD ADD8 "0.0000001}\n", ":7: energy: not a whole number of attojoules");
  expect_refused(HEAD ADD8 "1000000001}\n", ":7: energy: more than 1 mJ");
  expect_refused(HEAD ADD8 "3 mA}\n", ":7: energy: expected a decimal number");
}

static void test_actions(void **state) {
  (void)state;
  expect_refused(HEAD "actions: []\nsrma: 3\n", ":7: unknown key 'srma'");
  expect_refused(HEAD "actions:\n  - {action: add_65, energy: 1}\n", ":7: action add_65 is not");
  expect_refused(HEAD "actions:\n  - {action: multiply_16x8, energy: 1}\n", ":7: action multiply");
  expect_refused(HEAD "actions:\n  - {action: add_08, energy: 1}\n", ":7: action add_08 is not");
  expect_refused(HEAD "actions:\n  - {action: add_8, energy: 1, pJ: 2}\n", ":7: unknown key 'pJ'");
  expect_refused(HEAD "actions:\n  - {action: add_8, energy: 1}\n  - {action: add_8, energy: 2}\n",
                 ":8: action add_8 is priced twice");
  expect_refused("name: t\ntechnology: x\nvoltage: 1 V\nunit: picojoule\n", "source");
  expect_refused("name: t\nsource: s\nvoltage: 1 V\nunit: picojoule\n", "technology");
  expect_refused("name: t\nsource: s\ntechnology: x\nunit: picojoule\n", "voltage");
}

static void test_impossible(void **state) {
  (void)state;
  expect_refused(HEAD "actions: []\n", ":1: nothing is priced");
  expect_refused(HEAD "actions:\n  - {action: multiply_8x8, energy: 1}\n"
                      "  - {action: add_8, energy: 1}\n  - {action: add_32, energy: 1}\n",
                 ":7: every action costs the same, 1000000 aJ: a placeholder");
  expect_refused(HEAD "actions:\n  - {action: add_8, energy: 0.03}\n"
                      "  - {action: multiply_8x8, energy: 0.02}\n",
                 ":8: multiply_8x8 costs 20000 aJ, less than add_8 at 30000");
  expect_refused(HEAD "actions:\n  - {action: add_32, energy: 0.1}\n"
                      "  - {action: add_8, energy: 0.03}\n"
                      "  - {action: multiply_8x8, energy: 0.1}\n",
                 ":9: multiply_8x8 costs 100000 aJ, what add_32 does");
  /* The laws count: 16 / 16 = 1 pJ for 8 x 8, and add_32 of 1 pJ. */
  expect_refused(HEAD "actions:\n  - {action: multiply_32x32, energy: 16}\n"
                      "  - {action: add_32, energy: 1}\n"
                      "scaling: {multiply: {width: 32, law: quadratic}}\n",
                 ":7: multiply_8x8 costs 1000000 aJ, what add_32 does");
}

static void test_scaling(void **state) {
  (void)state;
  expect_refused(HEAD "actions:\n  - {action: add_32, energy: 1}\n"
                      "scaling:\n  add: {width: 16, law: linear}\n",
                 ":9: add: the table has no action add_16 to scale");
  expect_refused(HEAD "actions:\n  - {action: add_32, energy: 1}\n"
                      "scaling:\n  add: {width: 32, law: cubic}\n",
                 ":9: law: expected linear or quadratic");
  expect_refused(HEAD "actions:\n  - {action: add_32, energy: 1}\n"
                      "scaling:\n  divide: {width: 32, law: linear}\n",
                 ":9: unknown key 'divide'");
}

#define SRAM "sram:\n  access_bits: 64\n  points:\n    - {bytes: 64, read: 2, write: 3}\n"
#define DRAM "dram:\n  kind: x\n  access_bits: 64\n  read: {low: 1, high: 2}\n"

static void test_memories(void **state) {
  (void)state;
  expect_refused(HEAD SRAM "    - {bytes: 64, energy: 4}\n", ":10: expected at most 16 points");
  expect_refused(HEAD SRAM "    - {bytes: 32, energy: 4}\n", ":10: expected at most 16 points");
  expect_refused(HEAD SRAM "    - {bytes: 128, read: 1, write: 3}\n",
                 ":10: a larger buffer of low");
  expect_refused(HEAD SRAM "    - {bytes: 128, read: 2, write: 2}\n",
                 ":10: a larger buffer of low");
  expect_refused(HEAD SRAM "    - {bytes: 128, read: 2}\n", ":10: missing key 'write'");
  expect_refused(HEAD DRAM "  write: {low: 3, high: 2}\n", ":10: write: low is above high");
  expect_refused(HEAD DRAM, "missing key 'write'");
  expect_refused(HEAD DRAM "  write: 2\n  background: 35 mA\n",
                 ":11: background: '35 mA' is one of current: expected a power");
  expect_refused(HEAD DRAM "  write: 2\n  background: 35 pJ\n",
                 ":11: background: '35 pJ' is one of energy");
  expect_refused(HEAD DRAM "  write: 2\n  background: -1 mW\n",
                 ":11: background: expected a power");
  expect_refused(HEAD DRAM "  write: 2\n  background: 2000 W\n",
                 ":11: background: expected a power");
  expect_refused(HEAD DRAM "  write: 2\n  refresh: {energy: 5}\n", ":11: missing key 'interval'");
  expect_refused(HEAD DRAM "  write: 2\n  refresh: {energy: 5, interval: 8 mV}\n",
                 ":11: interval: '8 mV' is one of voltage: expected a time");
  expect_refused(HEAD DRAM "  write: 2\n  refresh: {energy: 5, interval: 2000 s}\n",
                 ":11: interval: expected a time");
  expect_refused(HEAD DRAM "  write: 2\n  refresh: {energy: 1000000, interval: 1 ps}\n",
                 ":11: refresh: expected an average power up to 1000 W");
  expect_refused(HEAD DRAM "  write: 2\n  activate: {energy: 1, row_bytes: 4}\n",
                 ":11: row_bytes: expected an integer in 64..65536");
  expect_refused(HEAD DRAM "  write: 2\n  activate: {energy: 1000001, row_bytes: 64}\n",
                 ":11: activate: more than 1 uJ");
  expect_refused(HEAD DRAM "  write: 2\nleakage: {logic: 1 mW}\n", ":11: unknown key 'logic'");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_units),      cmocka_unit_test(test_energies),
      cmocka_unit_test(test_actions),    cmocka_unit_test(test_impossible),
      cmocka_unit_test(test_scaling),    cmocka_unit_test(test_memories),
  };
  return cmocka_run_group_tests_name(
      "cost energy refuse (alone: ctest -R test_cost_energy_refuse)", tests, NULL, NULL);
}
