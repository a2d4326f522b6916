/* How many images a set has, with and without files. */
#include "data/dataset.h"
#include "support/small.h"
#include "unit/io/scratch.h"

/* The published sizes; no folder is looked at. */
static void test_known(void **state) {
  static const struct {
    const char *name;
    size_t train, test;
  } want[] = {{"mnist", 60000, 10000},
              {"fashion-mnist", 60000, 10000},
              {"cifar-10", 50000, 10000},
              {"cifar-100", 50000, 10000}};
  (void)state;
  setenv("BITTRUE_DATA", "/nowhere", 1);
  setenv("XDG_CACHE_HOME", "/nowhere", 1);
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    size_t train = 0, test = 0;
    bt_error error = {""};
    assert_int_equal(bt_dataset_count(want[i].name, "", &train, &test, &error), BT_OK);
    assert_int_equal(train, want[i].train);
    assert_int_equal(test, want[i].test);
    assert_string_equal(bt_dataset_named(want[i].name)->name, want[i].name);
  }
  for (size_t i = 0; bt_dataset_known(i) != NULL; i++) {
    assert_true(bt_dataset_known(i)->train > 0 && bt_dataset_known(i)->test > 0);
  }
}

/* A recipe's own directory has what its files have. */
static void test_directory(void **state) {
  (void)state;
  scratch s = scratch_open();
  small_set set = {.side = 8, .train = 21, .test = 13, .seed = 1};
  size_t train = 0, test = 0;
  bt_error error = {""};
  assert_true(small_set_write(s.directory, &set));
  assert_int_equal(bt_dataset_count("mnist", s.directory, &train, &test, &error), BT_OK);
  assert_int_equal(train, 21);
  assert_int_equal(test, 13);
  assert_int_equal(bt_dataset_count("mnist", "/nowhere", &train, &test, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "/nowhere"));
  scratch_close(&s);
}

static void test_unknown(void **state) {
  size_t train, test;
  bt_error error = {""};
  (void)state;
  assert_null(bt_dataset_named("imagenet"));
  assert_int_equal(bt_dataset_count("imagenet", "", &train, &test, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "fashion-mnist"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known),
      cmocka_unit_test(test_directory),
      cmocka_unit_test(test_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
