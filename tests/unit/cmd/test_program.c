/* Programs own their commands, labels and tensors (the leak checker sees what they forget). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/program.h"

static void test_grows(void **state) {
  (void)state;
  enum { N = 1000 };
  bt_program *p = bt_program_new();
  assert_non_null(p);
  assert_int_equal(bt_program_size(p), 0);
  bt_command *kept[N];
  bt_tensor *tensor[N];
  for (size_t i = 0; i < N; i++) {
    const size_t dim[] = {i % 7 + 1, 3};
    bt_command c = {.op = BT_OP_GATE, .label = {BT_PHASE_UPDATE, 5, (uint32_t)i, NULL}};
    tensor[i] = bt_program_tensor(p, bt_tensor_wide("t", 2, dim, true, true));
    assert_non_null(tensor[i]);
    c.out[0] = tensor[i];
    char name[20] = "conv";
    kept[i] = bt_program_add(p, &c, "%s%zu forward", name, i);
    memset(name, '#', sizeof name); /* the label is a copy */
    assert_non_null(kept[i]);
  }
  assert_int_equal(bt_program_size(p), N);
  for (size_t i = 0; i < N; i++) {
    char text[40];
    snprintf(text, sizeof text, "conv%zu forward", i);
    const bt_command *c = bt_program_at(p, i);
    assert_ptr_equal(c, kept[i]);
    assert_string_equal(c->label.text, text);
    assert_int_equal(c->label.layer, i);
    assert_int_equal(c->label.phase, BT_PHASE_UPDATE);
    assert_ptr_equal(c->out[0], tensor[i]);
    size_t elements = (i % 7 + 1) * 3;
    for (size_t k = 0; k < elements; k++) {
      assert_int_equal(((int32_t *)tensor[i]->data)[k], 0);
      assert_int_equal(tensor[i]->exp[k], -512);
    }
    memset(tensor[i]->data, 1, elements * sizeof(int32_t));
  }
  bt_program_free(p);
  bt_program_free(NULL);
}

/* Fresh storage: zero blocks, zero mantissas, bytes. */
static void test_fresh(void **state) {
  (void)state;
  bt_program *p = bt_program_new();
  const size_t dim[] = {3, 5};
  bt_tensor *b = bt_program_tensor(p, bt_tensor_bfp("b", (bt_format){.wl = 9,
                                   .block = BT_BLOCK_DIM0}, 2, dim));
  bt_tensor *y = bt_program_tensor(p, bt_tensor_byte("y", 2, dim));
  assert_int_equal(b->kind, BT_T_BFP16);
  assert_int_equal(bt_tensor_exponents(b), 3);
  assert_int_equal(bt_tensor_exponents(y), 0);
  for (size_t e = 0; e < 3; e++) {
    assert_int_equal(b->exp[e], -128);
    assert_true(bt_tensor_zero_block(b, e));
  }
  bt_tensor_store(b, 7, -255);
  assert_false(bt_tensor_zero_block(b, 1));
  assert_true(bt_tensor_zero_block(b, 2));
  b->exp[2] = -127;
  assert_false(bt_tensor_zero_block(b, 2));
  assert_int_equal(bt_tensor_mantissa(b, 7), -255);
  assert_int_equal(bt_tensor_step(b, 7), -128 - 7);
  assert_int_equal(bt_tensor_step(b, 14), -127 - 7);
  assert_int_equal(bt_tensor_width(b), 8);
  assert_int_equal(bt_tensor_width(y), 8);
  assert_int_equal(bt_tensor_step(y, 14), 0);
  bt_program_free(p);
}

/* Cells of a wide tensor (numerics 6). */
static void test_cells(void **state) {
  (void)state;
  const size_t dim[] = {2, 3, 4};
  for (int kind = 0; kind < 4; kind++) {
    bt_tensor t = bt_tensor_wide("t", 3, dim, kind & 1, kind & 2);
    assert_true(bt_tensor_alloc(&t));
    assert_int_equal(bt_tensor_exponents(&t), (kind & 1 ? 2 : 1) * (kind & 2 ? 4 : 1));
    for (size_t i = 0; i < 24; i++)
      assert_int_equal(bt_tensor_exponent_of(&t, i),
                       (kind & 1 ? i / 12 : 0) * (kind & 2 ? 4 : 1) + (kind & 2 ? i % 4 : 0));
    bt_tensor_free(&t);
    bt_tensor_free(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_grows), cmocka_unit_test(test_fresh),
                                     cmocka_unit_test(test_cells)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
