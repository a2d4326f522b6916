/* The file of activity factors: written, read back, and refused with file and line.
 * Alone: ctest -R test_cost_activity_file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cost/activity_file.h"
#include "io/file.h"

static char path[64];

/* Real over random: a 1 / 4, acc 2 / 3; b toggles with neither, and has no factor; all 3 / 7 =
 * 0.4285714. */
static void test_round_trip(void **state) {
  (void)state;
  bt_error error = {""};
  bt_activity real = {.toggles = {[BT_REG_A] = 1, [BT_REG_ACC] = 2}};
  bt_activity random = {.toggles = {[BT_REG_A] = 4, [BT_REG_ACC] = 3}};
  bt_activity_file f = {.name = "say \"x\\y\"", .source = "s", .machine = "m", .tiles = 8,
                        .seed = 5};
  f.row[BT_FACTOR_TOTAL] = f.row[BT_FORWARD] = bt_activity_factors_of(&real, &random);
  assert_int_equal(bt_activity_file_write(path, &f, &error), BT_OK);
  bt_activity_file back;
  if (bt_activity_file_load(path, &back, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  assert_string_equal(back.name, f.name);
  assert_int_equal(back.tiles, 8);
  assert_int_equal(back.seed, 5);
  for (size_t row = 0; row < BT_FACTOR_ROWS; row++) {
    bool there = row == BT_FORWARD || row == BT_FACTOR_TOTAL;
    assert_int_equal(back.row[row].known[BT_REG_A], there);
    assert_int_equal(back.row[row].ppm[BT_REG_A], there ? 250000 : 0);
    assert_int_equal(back.row[row].ppm[BT_REG_ACC], there ? 666667 : 0);
    assert_false(back.row[row].known[BT_REG_B]);
    assert_int_equal(back.row[row].ppm[BT_FACTOR_ALL], there ? 428571 : 0);
  }
}

static void refuses(const char *rows, const char *want) {
  char text[512];
  bt_error error = {""};
  bt_activity_file f;
  snprintf(text, sizeof text,
           "name: n\nsource: s\nmachine: m\ntiles: 0\nseed: 1\nfactors_ppm:\n%s", rows);
  assert_int_equal(bt_file_write_text(path, text, &error), BT_OK);
  assert_int_equal(bt_activity_file_load(path, &f, &error), BT_BAD_INPUT);
  if (strstr(error.text, want) == NULL || strncmp(error.text, path, strlen(path)) != 0) {
    fail_msg("'%s' does not name the file and say '%s'", error.text, want);
  }
}

static void test_refusals(void **state) {
  (void)state;
  refuses("  forward: {a: 1}\n", "total");
  refuses("  total: {}\n", ":7: total has no factor");
  refuses("  total: {a: -1}\n", ":7:");
  refuses("  total: {a: 0.5}\n", ":7:");
  refuses("  total: {a: 1000000001}\n", ":7:");
  refuses("  total: {a: 1, weights: 1}\n", ":7: unknown key 'weights'");
  refuses("  total: {a: 1}\n  update: {a: 1}\n", ":8: unknown key 'update'");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_refusals),
  };
  snprintf(path, sizeof path, "activity-factors-%d.yaml", (int)getpid());
  int failed = cmocka_run_group_tests_name(
      "cost activity file (alone: ctest -R test_cost_activity_file)", tests, NULL, NULL);
  unlink(path);
  return failed;
}
