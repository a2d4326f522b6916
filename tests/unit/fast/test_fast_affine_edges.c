/* Affines at the ends of the range of the form that keeps their sum in 32 bits: what is shifted
 * right before the sum counts, too. Random operands do not come there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fast/fast.h"
#include "machine/machine.h"
#include "ref/ref.h"

#define N 203u

static const bt_format bits8 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
static const bt_format bits16 = {.kind = BT_BFP, .wl = 16, .block = BT_BLOCK_TENSOR};

/* All mantissas at the format's end, the sign by `sign` and the element. */
static bt_tensor full(bt_format f, int step, int sign) {
  const size_t dim[2] = {7, N / 7};
  bt_tensor t = bt_tensor_bfp("x", f, 2, dim);
  assert_true(bt_tensor_alloc(&t));
  t.exp[0] = (int16_t)(step + f.wl - 2);
  for (size_t i = 0; i < N; i++) {
    int32_t m = (1 << (f.wl - 1)) - 1 - (int32_t)(i % 3);
    bt_tensor_store(&t, i, sign < 0 ? -m : m);
  }
  return t;
}

static void run(bt_engine *engine, const bt_command *c, bt_tensor *y) {
  bt_lfsr rng = {.lanes = 1};
  bt_counts counts = {0};
  bt_error error = {""};
  bt_command own = *c;
  const size_t dim[2] = {7, N / 7};
  *y = bt_tensor_wide("y", 2, dim, false, false);
  assert_true(bt_tensor_alloc(y));
  own.out[0] = y;
  if (bt_command_check(&own, &error) != BT_OK ||
      engine->run(engine, &own, &rng, &counts, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  engine->destroy(engine);
}

/* Two 8-bit terms at the top and a 16-bit one `below` binary places down, all of one sign. */
static void compare(int below, int sign) {
  bt_machine machine = bt_machine_default();
  bt_tensor x[3] = {full(bits8, 0, sign), full(bits8, 0, sign), full(bits16, -below, sign)}, want;
  bt_command c = {.op = BT_OP_AFFINE, .label.text = "edge", .in = {&x[0], &x[1], &x[2]}};
  c.u.affine.terms = 3;
  for (size_t k = 0; k < 3; k++) {
    c.u.affine.c[k] = (bt_constant){32767, -15};
  }
  run(bt_ref_engine(&machine), &c, &want);
  for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
    bt_tensor got;
    if (!bt_fast_supports(*isa)) {
      continue;
    }
    run(bt_fast_engine_on(&machine, *isa, 1), &c, &got);
    assert_int_equal(got.exp[0], want.exp[0]);
    for (size_t i = 0; i < N; i++) {
      if (bt_tensor_mantissa(&got, i) != bt_tensor_mantissa(&want, i)) {
        fail_msg("%s, %d places down, sign %d: element %zu is %d, expected %d", *isa, below, sign,
                 i, bt_tensor_mantissa(&got, i), bt_tensor_mantissa(&want, i));
      }
    }
    bt_tensor_free(&got);
  }
  bt_tensor_free(&want);
  for (size_t k = 0; k < 3; k++) {
    bt_tensor_free(&x[k]);
  }
}

static void test_sums_at_the_end(void **state) {
  (void)state;
  for (int below = 0; below <= 40; below++) {
    compare(below, 1);
    compare(below, -1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums_at_the_end)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (failed != 0) {
    fprintf(stderr, "run it alone with: ctest --preset release -R '^test_fast_affine_edges$'\n");
  }
  return failed;
}
