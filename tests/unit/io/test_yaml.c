/* YAML files: typed reads, and errors that name file and line. */
#include "io/yaml.h"
#include "unit/io/scratch.h"

static const char sample[] =
    "name: lenet\n"
    "batch: 128\n"
    "rate: 5e-4\n"
    "on: true\n"
    "rule: wrap\n"
    "layers:\n"
    "  - {conv: c1}\n"
    "  - fc: f1\n"
    "data:\n"
    "  set: mnist\n";

typedef struct {
  scratch files;
  bt_yaml *doc;
  const bt_yaml_node *root;
  bt_error error;
} fixture;

static fixture open_text(const char *text) {
  fixture f = {.files = scratch_open()};
  assert_int_equal(bt_yaml_load(scratch_text(&f.files, "a.yaml", text), &f.doc, &f.error), BT_OK);
  f.root = bt_yaml_root(f.doc);
  return f;
}

static void close_fixture(fixture *f) {
  bt_yaml_free(f->doc);
  scratch_close(&f->files);
}

static void test_values(void **state) {
  (void)state;
  fixture f = open_text(sample);
  const char *text = NULL;
  int64_t batch = 0;
  bt_rational rate;
  bool on = false;
  int rule = -1;
  static const char *const rules[] = {"saturate", "wrap", NULL};
  assert_int_equal(bt_yaml_string(f.doc, f.root, "name", false, &text, &f.error), BT_OK);
  assert_string_equal(text, "lenet");
  assert_int_equal(bt_yaml_integer(f.doc, f.root, "batch", false, 1, 128, &batch, &f.error), BT_OK);
  assert_int_equal(batch, 128);
  assert_int_equal(bt_yaml_rational(f.doc, f.root, "rate", false, &rate, &f.error), BT_OK);
  assert_int_equal(rate.num, 1);
  assert_int_equal(rate.den, 2000);
  assert_int_equal(bt_yaml_bool(f.doc, f.root, "on", false, &on, &f.error), BT_OK);
  assert_true(on);
  assert_int_equal(bt_yaml_word(f.doc, f.root, "rule", false, rules, &rule, &f.error), BT_OK);
  assert_int_equal(rule, 1);
  close_fixture(&f);
}

static void test_nested(void **state) {
  (void)state;
  fixture f = open_text(sample);
  size_t count = 0;
  const bt_yaml_node *const *items;
  const bt_yaml_node *data;
  const char *text = NULL;
  assert_int_equal(bt_yaml_list(f.doc, f.root, "layers", false, &count, &items, &f.error), BT_OK);
  assert_int_equal(count, 2);
  assert_int_equal(bt_yaml_is_map(f.doc, items[1], &f.error), BT_OK);
  assert_int_equal(bt_yaml_line(items[1]), 8);
  assert_int_equal(bt_yaml_string(f.doc, items[1], "fc", false, &text, &f.error), BT_OK);
  assert_int_equal(bt_yaml_done(f.doc, items[1], &f.error), BT_OK);
  assert_int_equal(bt_yaml_map(f.doc, f.root, "data", false, &data, &f.error), BT_OK);
  assert_int_equal(bt_yaml_string(f.doc, data, "set", false, &text, &f.error), BT_OK);
  assert_string_equal(text, "mnist");
  close_fixture(&f);
}

static void test_optional_keeps(void **state) {
  (void)state;
  fixture f = open_text("a: 1\n");
  int64_t value = 42;
  size_t count = 9;
  const bt_yaml_node *const *items = NULL;
  const bt_yaml_node *map = f.root;
  assert_int_equal(bt_yaml_integer(f.doc, f.root, "b", true, 0, 9, &value, &f.error), BT_OK);
  assert_int_equal(value, 42);
  assert_int_equal(bt_yaml_list(f.doc, f.root, "c", true, &count, &items, &f.error), BT_OK);
  assert_int_equal(count, 0);
  assert_int_equal(bt_yaml_map(f.doc, f.root, "d", true, &map, &f.error), BT_OK);
  assert_null(map);
  assert_refused(bt_yaml_integer(f.doc, f.root, "b", false, 0, 9, &value, &f.error), BT_BAD_INPUT,
                 &f.error, "a.yaml:1: missing key 'b'", NULL);
  close_fixture(&f);
}

static void test_unknown_key(void **state) {
  (void)state;
  fixture f = open_text("batch: 1\nepochs: 2\nbatchsize: 3\n");
  int64_t v;
  assert_int_equal(bt_yaml_integer(f.doc, f.root, "batch", false, 0, 9, &v, &f.error), BT_OK);
  assert_int_equal(bt_yaml_integer(f.doc, f.root, "epochs", false, 0, 9, &v, &f.error), BT_OK);
  assert_int_equal(bt_yaml_integer(f.doc, f.root, "epochs", false, 0, 9, &v, &f.error), BT_OK);
  assert_null(bt_yaml_get(f.root, "seed"));
  assert_refused(bt_yaml_done(f.doc, f.root, &f.error), BT_BAD_INPUT, &f.error,
                 "a.yaml:3: unknown key 'batchsize'", "one of: batch, epochs, seed", NULL);
  assert_null(strstr(f.error.text, "epochs, epochs"));
  close_fixture(&f);
}

static void refuse_integer(const char *value) {
  char text[128];
  snprintf(text, sizeof text, "# first\nbatch: %s\n", value);
  fixture f = open_text(text);
  int64_t v = 7;
  assert_refused(bt_yaml_integer(f.doc, f.root, "batch", false, 1, 100, &v, &f.error), BT_BAD_INPUT,
                 &f.error, "a.yaml:2: batch: expected an integer in 1..100, got", NULL);
  assert_int_equal(v, 7);
  close_fixture(&f);
}

static void test_wrong_integers(void **state) {
  (void)state;
  static const char *const wrong[] = {"many", "1.5", "0", "101", "'5'", "[5]", "{a: 5}", "", "~",
                                      "+5", "0x10", "5 6", "99999999999999999999", "--", "true"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    refuse_integer(wrong[i]);
  }
}

static void test_wrong_types(void **state) {
  (void)state;
  fixture f = open_text("a: [1]\nb: yes\nc: fast\nd: 1e\ne: 5\nf: {x: 1}\ng:\n");
  const char *text;
  bool b;
  int w;
  bt_rational r;
  size_t n;
  const bt_yaml_node *const *items;
  const bt_yaml_node *map;
  static const char *const words[] = {"floor", "nearest", "other", NULL};
  assert_refused(bt_yaml_string(f.doc, f.root, "a", false, &text, &f.error), BT_BAD_INPUT, &f.error,
                 ":1: a: expected a text, got a list", NULL);
  assert_refused(bt_yaml_string(f.doc, f.root, "g", false, &text, &f.error), BT_BAD_INPUT, &f.error,
                 ":7: g: expected a text", NULL);
  assert_refused(bt_yaml_bool(f.doc, f.root, "b", false, &b, &f.error), BT_BAD_INPUT, &f.error,
                 ":2: b: expected true or false, got 'yes'", NULL);
  assert_refused(bt_yaml_word(f.doc, f.root, "c", false, words, &w, &f.error), BT_BAD_INPUT,
                 &f.error, ":3: c: expected floor, nearest or other, got 'fast'", NULL);
  assert_refused(bt_yaml_rational(f.doc, f.root, "d", false, &r, &f.error), BT_BAD_INPUT, &f.error,
                 ":4: d: expected a decimal number", NULL);
  assert_refused(bt_yaml_list(f.doc, f.root, "e", false, &n, &items, &f.error), BT_BAD_INPUT,
                 &f.error, ":5: e: expected a list, got '5'", NULL);
  assert_refused(bt_yaml_list(f.doc, f.root, "f", false, &n, &items, &f.error), BT_BAD_INPUT,
                 &f.error, ":6: f: expected a list, got a map", NULL);
  assert_refused(bt_yaml_map(f.doc, f.root, "e", false, &map, &f.error), BT_BAD_INPUT, &f.error,
                 ":5: e: expected a map", NULL);
  close_fixture(&f);
}

static void test_broken_files(void **state) {
  (void)state;
  static const struct {
    const char *text, *want;
  } broken[] = {
      {"a: [1, 2\nb: 3\n", "a.yaml:2: not YAML"},
      {"a: 1\nb: 2\na: 3\n", "a.yaml:3: key 'a' stands twice, first in line 1"},
      {"a: &x 1\nb: *x\n", "a.yaml:2: alias '*x'"},
      {"a: !!int 1\n", "a.yaml:1: tag"},
      {"a: 1\n---\nb: 1\n", "a.yaml:2: a second document"},
      {"? [a]\n: 1\n", "a.yaml:1: expected a key"},
      {"", "a.yaml:1: empty"},
      {"a: \"b\\0c\"\n", "a.yaml:1: zero byte"},
      {"a: \xff\n", "a.yaml: offset 3: not YAML"},
      {"{a: {b: {c", "not YAML"},
      {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "a.yaml:1: nested deeper"},
  };
  scratch s = scratch_open();
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    bt_yaml *doc = NULL;
    bt_error error;
    const char *path = scratch_text(&s, "a.yaml", broken[i].text);
    assert_refused(bt_yaml_load(path, &doc, &error), BT_BAD_INPUT, &error, broken[i].want, NULL);
    assert_null(doc);
  }
  bt_yaml *doc = NULL;
  bt_error error;
  assert_refused(bt_yaml_load(scratch_path(&s, "none.yaml"), &doc, &error), BT_BAD_INPUT, &error,
                 "none.yaml: cannot be read: No such file", NULL);
  scratch_close(&s);
}

static void test_root_is_no_map(void **state) {
  (void)state;
  fixture f = open_text("- 1\n- 2\n");
  int64_t v;
  assert_refused(bt_yaml_integer(f.doc, f.root, "a", true, 0, 9, &v, &f.error), BT_BAD_INPUT,
                 &f.error, "a.yaml:1: expected a map of keys, got a list", NULL);
  assert_null(bt_yaml_get(f.root, "a"));
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),         cmocka_unit_test(test_nested),
      cmocka_unit_test(test_optional_keeps), cmocka_unit_test(test_unknown_key),
      cmocka_unit_test(test_wrong_integers), cmocka_unit_test(test_wrong_types),
      cmocka_unit_test(test_broken_files),   cmocka_unit_test(test_root_is_no_map),
  };
  return scratch_report("test_yaml", cmocka_run_group_tests(tests, NULL, NULL));
}
