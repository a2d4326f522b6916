/* baseline.json, and the reading of an 8-bit run's run.json. Alone: ctest -R test_float_report */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <jansson.h>

#include "float/report.h"

/* Writes DIRECTORY/run.json and reads it; the error's line into *error. */
static bt_status read_text(const char *text, bt_low_precision *run, bt_error *error) {
  static const char place[] = "/tmp/bittrue-report-XXXXXX";
  char directory[sizeof place], path[sizeof place + 16];
  memcpy(directory, place, sizeof place);
  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof path, "%s/run.json", directory);
  if (text != NULL) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
  }
  const bt_status status = bt_low_precision_read(directory, run, error);
  run->directory = "runs/x"; /* what it pointed to ends here */
  unlink(path);
  rmdir(directory);
  return status;
}

static void test_read_run(void **state) {
  (void)state;
  bt_low_precision run;
  bt_error error;
  const char *text = "{\"seed\": 5, \"test_error_sgd_lp\": 9.28, \"test_error_swalp\": null, "
                     "\"test_error_last\": 10, \"digest\": \"x\"}";
  assert_int_equal(read_text(text, &run, &error), BT_OK);
  assert_true(run.sgd == 9.28 && run.swa == BT_NOT_REACHED && run.last == 10);
  assert_true(run.has_seed && run.seed == 5);
}

static void test_refuse_run(void **state) {
  (void)state;
  static const struct {
    const char *text, *expected;
  } bad[] = {
      {NULL, "run.json"},
      {"{\"seed\": 5,", "run.json:1"},
      {"[1, 2]", "test_error_sgd_lp"},
      {"{\"test_error_sgd_lp\": \"9\", \"test_error_swalp\": 1, \"test_error_last\": 1}",
       "test_error_sgd_lp"},
      {"{\"test_error_sgd_lp\": 9, \"test_error_swalp\": 101, \"test_error_last\": 1}",
       "test_error_swalp"},
      {"{\"test_error_sgd_lp\": 9, \"test_error_swalp\": 10}", "test_error_last"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    bt_low_precision run;
    bt_error error = {""};
    assert_int_equal(read_text(bad[i].text, &run, &error), BT_BAD_INPUT);
    if (strstr(error.text, bad[i].expected) == NULL) {
      fail_msg("case %zu: \"%s\" does not name %s", i, error.text, bad[i].expected);
    }
  }
}

static void expect_number(const json_t *map, const char *key, const char *text) {
  char got[32];
  snprintf(got, sizeof got, "%.10g", json_number_value(json_object_get(map, key)));
  assert_string_equal(got, text);
}

static void test_json(void **state) {
  (void)state;
  const bt_recipe recipe = {
      .name = "small", .path = "small.yaml", .epochs = 6, .swa_start = 4, .seed = 3};
  const bt_baseline_result result = {.sgd = 9.27, .swa = 9.15, .last = BT_NOT_REACHED, .steps = 8,
                                     .images = 1000, .snapshots = 3, .train_seconds = 0.5};
  const bt_low_precision run = {.directory = "runs/x", .sgd = 9.28, .swa = 9.1, .last = 9.87};
  char *text = bt_baseline_json(&recipe, &result, 1, "2026-01-02T03:04:05Z", &run);
  assert_non_null(text);
  assert_non_null(strstr(text, "\"test_error_sgd_fp\": 9.27,")); /* not 9.2699999999999996 */
  json_t *root = json_loads(text, 0, NULL);
  assert_non_null(root);
  expect_number(root, "test_error_swa_fp", "9.15");
  expect_number(root, "images_per_second", "2000");
  expect_number(root, "seed", "3");
  assert_true(json_is_null(json_object_get(root, "test_error_last")));
  const json_t *compare = json_object_get(root, "compare");
  expect_number(compare, "difference_sgd", "0.01");
  expect_number(compare, "difference_swa", "-0.05");
  assert_true(json_is_null(json_object_get(compare, "difference_last")));
  json_decref(root);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_read_run),
                                     cmocka_unit_test(test_refuse_run),
                                     cmocka_unit_test(test_json)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
