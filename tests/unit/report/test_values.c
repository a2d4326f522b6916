/* What is said of a quantized tensor. Alone: ctest --preset release -R '^test_report_values$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "report/values.h"

static long long whole(const json_t *values, const char *key) {
  const json_t *v = json_array_get(json_object_get(values, key), 0);
  assert_true(json_is_integer(v));
  return json_integer_value(v);
}

static json_t *described(const bt_format *fmt, const int *m, const int *e, size_t rows,
                         size_t columns) {
  size_t dim[2] = {rows, columns};
  bt_tensor t = bt_tensor_as(BT_ROLE_GRADIENT, bt_tensor_bfp("g", *fmt, 2, dim));
  bt_command c = {.op = BT_OP_QUANTIZE, .out = {&t}, .label = {.text = "fc quantize"}};
  const bt_quantize_counts counted = {.clipped = 3, .overflow = 4, .flushed = 5};
  json_t *values = bt_page_values_new();
  assert_true(bt_tensor_alloc(&t));
  for (size_t i = 0; i < rows * columns; i++) {
    bt_tensor_store(&t, i, m[i]);
  }
  for (size_t i = 0; i < bt_tensor_exponents(&t); i++) {
    t.exp[i] = (int16_t)e[i];
  }
  bt_page_values_add(values, &c, &counted);
  bt_tensor_free(&t);
  return values;
}

/* Four rows of two with an exponent each. Of 8 bits +-127 is the limit: three. The third row is a
 * zero block, the fourth has E = -128 and a value: E goes from -128 to 5. Zeros: three. */
static void test_blocks(void **state) {
  static const int m[] = {127, -126, -127, 0, 0, 0, 1, 127}, e[] = {5, -3, -128, -128};
  const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};
  json_t *v = described(&dim0, m, e, 4, 2);
  (void)state;
  assert_string_equal(json_string_value(json_array_get(json_object_get(v, "label"), 0)),
                      "fc quantize");
  assert_string_equal(json_string_value(json_array_get(json_object_get(v, "role"), 0)),
                      "gradient");
  assert_int_equal(whole(v, "wl"), 8);
  assert_int_equal(whole(v, "elements"), 8);
  assert_int_equal(whole(v, "blocks"), 4);
  assert_int_equal(whole(v, "zero_blocks"), 1);
  assert_int_equal(whole(v, "min"), -128);
  assert_int_equal(whole(v, "max"), 5);
  assert_int_equal(whole(v, "limit"), 3);
  assert_int_equal(whole(v, "zero"), 3);
  assert_int_equal(whole(v, "clipped"), 3);
  assert_int_equal(whole(v, "overflow"), 4);
  assert_int_equal(whole(v, "flushed"), 5);
  json_decref(v);
}

/* All zero: no exponents to tell. Asymmetric 4 bits: -8 and -7 are at the limit, as 7 is. */
static void test_ends(void **state) {
  static const int zero[] = {0, 0}, none[] = {-128}, m[] = {-8, -7, 6, 7}, e[] = {0};
  const bt_format tensor = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
  const bt_format four = {.kind = BT_BFP, .wl = 4, .asymmetric = true, .block = BT_BLOCK_TENSOR};
  json_t *v = described(&tensor, zero, none, 1, 2);
  (void)state;
  assert_true(json_is_null(json_array_get(json_object_get(v, "min"), 0)));
  assert_true(json_is_null(json_array_get(json_object_get(v, "max"), 0)));
  assert_int_equal(whole(v, "zero_blocks"), 1);
  json_decref(v);
  v = described(&four, m, e, 2, 2);
  assert_int_equal(whole(v, "limit"), 3);
  assert_int_equal(whole(v, "min"), 0);
  json_decref(v);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_blocks), cmocka_unit_test(test_ends)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
