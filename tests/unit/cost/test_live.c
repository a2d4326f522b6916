/* The footprint of a step. Alone: ctest --preset release -R '^test_live$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "cost/live.h"
#include "net/lower.h"

static const bt_format bfp8 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
static const bt_format bfp16 = {.kind = BT_BFP, .wl = 16, .block = BT_BLOCK_TENSOR};
static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};

static void add(bt_program *p, bt_op op, const bt_tensor *a, const bt_tensor *b, bt_tensor *out,
                bt_tensor *more) {
  bt_command c = {.op = op, .in = {a, b}, .out = {out, more}};
  assert_non_null(bt_program_add(p, &c, "command"));
}

/* x (bfp8) -> wide and a mask; wide -> a (bfp16); a -> b (bfp8); b, mask -> e: ten elements each,
 * one exponent. x stays: 10 + 1 bytes, 40 in fp32. While the commands run there are
 *   0: x, wide, mask        11 + 2 = 13      wide 40      fp32 40 + 2 = 42
 *   1: x, wide, mask, a     13 + 21 = 34     wide 40      fp32 82
 *   2: x, mask, a, b        34 + 11 = 45     wide 0       fp32 122
 *   3: x, mask, b, e        45 - 21 + 11 = 35             fp32 122 */
static void test_by_hand(void **state) {
  static const uint64_t total[] = {13, 34, 45, 35}, wide[] = {40, 40, 0, 0},
                        fp32[] = {42, 82, 122, 122}, exponents[] = {1, 2, 3, 3};
  size_t ten = 10;
  bt_error error = {""};
  bt_program *p = bt_program_new_shapes();
  bt_footprint f;
  (void)state;
  assert_non_null(p);
  bt_tensor *x =
      bt_program_tensor(p, bt_tensor_as(BT_ROLE_INPUT, bt_tensor_bfp("x", bfp8, 1, &ten)));
  bt_tensor *w = bt_program_temporary(p, bt_tensor_wide("w", 1, &ten, false, false));
  bt_tensor *mask =
      bt_program_temporary(p, bt_tensor_as(BT_ROLE_MASK, bt_tensor_byte("mask", 1, &ten)));
  bt_tensor *a = bt_program_temporary(
      p, bt_tensor_as(BT_ROLE_ACTIVATION, bt_tensor_bfp("a", bfp16, 1, &ten)));
  bt_tensor *b = bt_program_temporary(
      p, bt_tensor_as(BT_ROLE_ACTIVATION, bt_tensor_bfp("b", bfp8, 1, &ten)));
  bt_tensor *e =
      bt_program_temporary(p, bt_tensor_as(BT_ROLE_ERROR, bt_tensor_bfp("e", bfp8, 1, &ten)));
  add(p, BT_OP_AFFINE, x, x, w, mask); /* an operand named twice is there once */
  add(p, BT_OP_QUANTIZE, w, NULL, a, NULL);
  add(p, BT_OP_QUANTIZE, a, NULL, b, NULL);
  add(p, BT_OP_GATE, b, mask, e, NULL);
  assert_int_equal(bt_program_plan(p, &error), BT_OK);
  assert_int_equal(bt_footprint_new(p, &f, &error), BT_OK);
  assert_int_equal(f.commands, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(f.at[i].total, total[i]);
    assert_int_equal(f.at[i].kind[BT_ROLE_WIDE], wide[i]);
    assert_int_equal(f.at[i].fp32, fp32[i]);
    assert_int_equal(f.at[i].kind[BT_TRAFFIC_EXPONENT], exponents[i]);
    assert_int_equal(f.at[i].kind[BT_ROLE_INPUT], 10);
    assert_int_equal(f.at[i].kind[BT_ROLE_MASK], 2);
  }
  assert_int_equal(f.at[2].kind[BT_ROLE_ACTIVATION], 30);
  assert_int_equal(f.at[3].kind[BT_ROLE_ERROR], 10);
  assert_int_equal(f.peak, 2);
  assert_int_equal(f.peak_fp32, 2); /* the first of equal ones */
  assert_int_equal(f.peak_wide, 0);
  bt_footprint_free(&f);
  bt_program_free(p);
}

/* The parameters of LeNet-5 in blocks `dim0`: weights of 6, 16, 120, 84 and 10 output channels and
 * five vectors of one exponent: 236 + 5 exponents. */
#define LENET_ELEMENTS 61706u
#define LENET_EXPONENTS 241u

/* LeNet-5: what every command finds, and what the peak is made of. */
static void test_lenet5(void **state) {
  static bt_net net;
  bt_model *model;
  bt_step step;
  bt_loss loss;
  bt_program *averaging;
  bt_footprint f;
  bt_error error = {""};
  bt_lowering how = {.mean = {{1, 2}}, .std = {{1, 4}}, .rate = {1, 20}, .momentum = {9, 10},
                     .weight_decay = {1, 2000}, .a = bfp8, .g = dim0, .e = bfp8,
                     .residual = bfp16, .round = {.random_bits = 16}, .seed = 1};
  (void)state;
  assert_int_equal(bt_net_load(NETS "/lenet5.yaml", &net, &error), BT_OK);
  assert_int_equal(bt_model_shapes(&net, dim0, dim0, &model, &error), BT_OK);
  assert_int_equal(bt_lower_training(&how, model, 8, &loss, &step, &error), BT_OK);
  assert_int_equal(bt_footprint_new(step.program, &f, &error), BT_OK);
  for (size_t i = 0; i < f.commands; i++) {
    const bt_live *l = &f.at[i];
    uint64_t sum = 0;
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      sum += k == BT_ROLE_WIDE ? 0 : l->kind[k];
    }
    assert_int_equal(sum, l->total);
    assert_int_equal(l->kind[BT_ROLE_INPUT], 8 * (28 * 28 + 1)); /* pixels and labels */
    assert_int_equal(l->kind[BT_ROLE_WEIGHT], LENET_ELEMENTS);
    assert_int_equal(l->kind[BT_ROLE_MOMENTUM], LENET_ELEMENTS);
    assert_true(l->kind[BT_TRAFFIC_EXPONENT] >= 2 * LENET_EXPONENTS);
    assert_true(l->total <= f.at[f.peak].total && l->fp32 <= f.at[f.peak_fp32].fp32);
  }
  /* At the end errors, activations and masks are gone; the last parameter's gradient is used by
   * the last affine, not by the quantizations behind it. */
  const bt_live *end = &f.at[f.commands - 1];
  assert_int_equal(end->kind[BT_ROLE_ERROR] + end->kind[BT_ROLE_ACTIVATION] +
                       end->kind[BT_ROLE_MASK] + end->kind[BT_ROLE_INDEX] +
                       end->kind[BT_ROLE_GRADIENT], 0);
  assert_int_equal(bt_lower_averaging(model, &averaging, &error), BT_OK);
  assert_int_equal(bt_live_averages(averaging), 8 * LENET_ELEMENTS + 2 * LENET_EXPONENTS);
  bt_program_free(averaging);
  bt_footprint_free(&f);
  bt_step_free(&step);
  bt_model_free(model);
}

static void test_csv(void **state) {
  size_t two = 2;
  char *text = NULL;
  size_t size = 0;
  bt_error error = {""};
  bt_program *p = bt_program_new_shapes();
  bt_footprint f;
  (void)state;
  bt_tensor *x =
      bt_program_tensor(p, bt_tensor_as(BT_ROLE_WEIGHT, bt_tensor_bfp("x", bfp8, 1, &two)));
  bt_tensor *y =
      bt_program_temporary(p, bt_tensor_as(BT_ROLE_GRADIENT, bt_tensor_bfp("y", bfp8, 1, &two)));
  bt_command c = {.op = BT_OP_QUANTIZE, .label = {.phase = BT_PHASE_UPDATE}, .in = {x}, .out = {y}};
  assert_non_null(bt_program_add(p, &c, "a \"b\", c"));
  assert_int_equal(bt_program_plan(p, &error), BT_OK);
  assert_int_equal(bt_footprint_new(p, &f, &error), BT_OK);
  FILE *out = open_memstream(&text, &size);
  bt_footprint_csv(out, &f);
  fclose(out);
  assert_string_equal(text, "command,phase,label,other,input,weight,activation,error,gradient,"
                            "momentum,average,mask,index,wide,exponent,total,fp32,model\n"
                            "0,update,\"a \"\"b\"\", c\",0,0,2,0,0,2,0,0,0,0,0,2,6,16,machine\n");
  free(text);
  bt_footprint_free(&f);
  bt_program_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_hand),
      cmocka_unit_test(test_lenet5),
      cmocka_unit_test(test_csv),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
