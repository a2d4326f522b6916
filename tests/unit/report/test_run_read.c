/* A run's directory as JSON. Alone: ctest --preset release -R '^test_report_run_read$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "report/run_read.h"

#define RUN                                                                                     \
  "{\"name\": \"n\", \"recipe\": \"r\", \"machine\": \"m\", \"digest\": \"d\", \"seed\": 1,"       \
  " \"epochs\": 2, \"steps\": 4, \"version\": \"v\", \"engine\": \"fast\","                       \
  " \"test_error_sgd_lp\": null, \"test_error_swalp\": 9.5, \"test_error_last\": 10}"
#define HEAD "epoch,train_loss,train_error,test_error\n"

static void put(const char *directory, const char *name, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void remove_all(const char *directory) {
  static const char *const name[] = {"run.json", "baseline.json", "metrics.csv"};
  char path[256];
  for (size_t i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s/%s", directory, name[i]);
    unlink(path);
  }
  rmdir(directory);
}

/* Fields stay as they are written; an empty one is null; no newline at the end is fine. */
static void test_reads(void **state) {
  char directory[] = "/tmp/bittrue-read-XXXXXX";
  bt_page_run run;
  bt_error error = {""};
  (void)state;
  assert_non_null(mkdtemp(directory));
  put(directory, "run.json", RUN);
  put(directory, "metrics.csv", HEAD "1,0.50,12.0,\n2,0.25,6.10,9.5");
  assert_int_equal(bt_page_run_read(directory, &run, &error), BT_OK);
  assert_false(run.baseline);
  const json_t *m = json_object_get(run.json, "metrics");
  assert_int_equal(json_array_size(json_object_get(m, "epoch")), 2);
  assert_string_equal(json_string_value(json_array_get(json_object_get(m, "train_error"), 1)),
                      "6.10");
  assert_true(json_is_null(json_array_get(json_object_get(m, "test_error"), 0)));
  assert_true(bt_page_has(directory, "run.json"));
  assert_false(bt_page_has(directory, "cosim.json"));
  json_decref(run.json);
  remove_all(directory);
}

/* Each damage is told by file and place. */
static void test_refuses(void **state) {
  static const struct {
    const char *run, *metrics, *want;
  } row[] = {
      {"{", HEAD, "run.json: line 1"},
      {"{\"name\": 1}", HEAD, "run.json: key name: expected a text"},
      {RUN, "", "metrics.csv: empty"},
      {RUN, "epoch,train_loss,train_error\n", "metrics.csv:1: expected a column test_error"},
      {RUN, "epoch,epoch,train_loss,train_error,test_error\n", "metrics.csv:1: expected at most"},
      {RUN, HEAD "1,2,3\n", "metrics.csv:2: 3 fields, expected 4"},
      {RUN, HEAD "1,2,3,4\n1,2,3,4,5\n", "metrics.csv:3: 5 fields, expected 4"},
      {RUN, HEAD "1,2,3,4x\n", "metrics.csv:2: test_error: expected a number, got '4x'"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    char directory[] = "/tmp/bittrue-read-XXXXXX";
    bt_page_run run;
    bt_error error = {""};
    assert_non_null(mkdtemp(directory));
    put(directory, "run.json", row[i].run);
    put(directory, "metrics.csv", row[i].metrics);
    assert_int_equal(bt_page_run_read(directory, &run, &error), BT_BAD_INPUT);
    if (strstr(error.text, row[i].want) == NULL) {
      fail_msg("'%s' does not say '%s'", error.text, row[i].want);
    }
    json_decref(run.json);
    remove_all(directory);
  }
}

/* baseline.json counts only where run.json is not. */
static void test_baseline(void **state) {
  char directory[] = "/tmp/bittrue-read-XXXXXX";
  bt_page_run run;
  bt_error error = {""};
  (void)state;
  assert_non_null(mkdtemp(directory));
  put(directory, "baseline.json",
      "{\"name\": \"n\", \"recipe\": \"r\", \"seed\": 1, \"epochs\": 2, \"steps\": 4, "
      "\"version\": \"v\", \"test_error_sgd_fp\": 1, \"test_error_swa_fp\": 2, "
      "\"test_error_last\": null}");
  put(directory, "metrics.csv", HEAD "1,2,3,4\n");
  assert_int_equal(bt_page_run_read(directory, &run, &error), BT_OK);
  assert_true(run.baseline);
  json_decref(run.json);
  put(directory, "run.json", RUN);
  assert_int_equal(bt_page_run_read(directory, &run, &error), BT_OK);
  assert_false(run.baseline);
  json_decref(run.json);
  remove_all(directory);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_reads), cmocka_unit_test(test_refuses),
                                     cmocka_unit_test(test_baseline)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
