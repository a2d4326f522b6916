/* Tables by name and activities by text (docs/energy.md 1, 6).
 * Alone: ctest -R test_cost_energy_find */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cost/energy_find.h"

static void test_tables(void **state) {
  (void)state;
  bt_energy_table t;
  bt_error error = {""};
  size_t n = 0;
  for (; bt_energy_shipped[n] != NULL; n++) {
    assert_int_equal(bt_energy_find(bt_energy_shipped[n], "dram-hbm2", &t, &error), BT_OK);
    assert_string_equal(t.name, bt_energy_shipped[n]);
    assert_string_equal(t.dram.table, "dram-hbm2");
  }
  assert_int_equal(n, 3);
  assert_int_equal(bt_energy_find("horowitz-45nm", NULL, &t, &error), BT_OK);
  assert_string_equal(t.dram.table, "horowitz-45nm");
  assert_int_equal(bt_energy_find("horowitz-45nm", "aladdin-40nm", &t, &error), BT_BAD_INPUT);
  assert_int_equal(bt_energy_find("horowitz-45nm", "none", &t, &error), BT_BAD_INPUT);
  assert_int_equal(bt_energy_find("none", NULL, &t, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "no energy table none"));
}

static void refused(const char *text) {
  bt_energy_options o = {{0}};
  bt_error error = {""};
  if (bt_energy_activity(text, &o, &error) != BT_BAD_INPUT ||
      strstr(error.text, "expected PART=FACTOR once") == NULL) {
    fail_msg("'%s' is not refused: %s", text, error.text);
  }
}

static void test_activity(void **state) {
  (void)state;
  bt_energy_options o = {{0}};
  bt_error error = {""};
  assert_int_equal(bt_energy_activity("array=0.41,registers=1.5", &o, &error), BT_OK);
  assert_int_equal(o.activity[BT_PART_ARRAY], 410000);
  assert_int_equal(o.activity[BT_PART_REGISTERS], 1500000);
  assert_int_equal(o.activity[BT_PART_ALIGNER], 0);
  assert_int_equal(bt_energy_activity("lfsr=100", &o, &error), BT_OK);
  assert_int_equal(o.activity[BT_PART_LFSR], 100000000);
  const char *const bad[] = {"", "array", "array=", "array=0", "array=-1", "array=0.1234567",
                             "array=100.1", "arr=1", "sram input=1", "array=1,", "array=1,array=1",
                             "array=0.5x", "leakage=1"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    refused(bad[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tables),
      cmocka_unit_test(test_activity),
  };
  return cmocka_run_group_tests_name("cost energy find (alone: ctest -R test_cost_energy_find)",
                                     tests, NULL, NULL);
}
