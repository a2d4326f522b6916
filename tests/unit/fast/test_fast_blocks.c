/* Contractions in tiles and k32 at the ends of what 32 and 48 bits hold: the fast engine's bits,
 * exponents, width and counts are the reference's. Random cases: test_fast_equals_ref. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fast/fast.h"
#include "ref/ref.h"

typedef struct {
  size_t rows, k, columns;
  bt_format a, b;
  int16_t m_a, m_b; /* every mantissa */
  int spread;       /* exponents of a's blocks are 0 and this, in turn */
} extreme;

static void fill(bt_tensor *t, int16_t m, int spread) {
  assert_true(bt_tensor_alloc(t));
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    bt_tensor_store(t, i, m);
  }
  for (size_t e = 0; e < bt_tensor_exponents(t); e++) {
    t->exp[e] = (int16_t)(e % 2 == 0 ? 0 : spread);
  }
}

static bt_counts run(bt_engine *engine, bt_command *c, bt_tensor *out) {
  bt_lfsr rng = {.lane = {1}, .lanes = 1};
  bt_counts counts = {0};
  bt_error error = {""};
  assert_true(bt_tensor_alloc(out));
  c->out[0] = out;
  if (bt_command_check(c, &error) != BT_OK ||
      engine->run(engine, c, &rng, &counts, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  engine->destroy(engine);
  return counts;
}

/* A fully connected layer's forward part. */
static void compare(const extreme *x) {
  const size_t a_dim[] = {x->rows, x->k}, b_dim[] = {x->columns, x->k};
  const size_t out_dim[] = {x->rows, x->columns};
  bt_machine machine = bt_machine_default();
  bt_tensor a = bt_tensor_bfp("a", x->a, 2, a_dim), b = bt_tensor_bfp("b", x->b, 2, b_dim);
  fill(&a, x->m_a, x->spread);
  fill(&b, x->m_b, 0);
  bt_command c = {.op = BT_OP_CONTRACT, .label = {.text = "extreme"}, .in = {&a, &b}};
  c.u.contract.nearest = x->b.wl > 8;
  c.u.contract.geometry = (bt_geometry){x->rows, 1, 1, x->k, x->columns, 1, 1, 1, 0, 1, 1};
  for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
    if (!bt_fast_supports(*isa)) {
      continue;
    }
    bt_tensor want = bt_tensor_wide_each("out", 2, out_dim), got = want;
    bt_counts w = run(bt_ref_engine(&machine), &c, &want);
    bt_counts g = run(bt_fast_engine_on(&machine, *isa, 2), &c, &got);
    assert_memory_equal(got.data, want.data, bt_tensor_elements(&want) * sizeof(int32_t));
    assert_memory_equal(got.exp, want.exp, bt_tensor_exponents(&want) * sizeof *want.exp);
    assert_int_equal(got.bits, want.bits);
    assert_int_equal(g.dropped, w.dropped);
    assert_int_equal(g.saturations, w.saturations);
    bt_tensor_free(&want);
    bt_tensor_free(&got);
  }
  bt_tensor_free(&a);
  bt_tensor_free(&b);
}

static bt_format format(int wl, bt_block block, size_t columns) {
  return (bt_format){.kind = BT_BFP, .wl = wl, .asymmetric = true, .block = block, .tile_rows = 1,
                     .tile_cols = columns};
}

/* The second operand's lines are one; the run is all of k. */
static void test_long_runs(void **state) {
  (void)state;
  /* 131071 products of 2^14: one run, which 32 bits just hold. */
  extreme one = {2, 131071, 3, format(8, BT_BLOCK_TILE, 131071), format(8, BT_BLOCK_TENSOR, 0),
                 -128, -128, 0};
  compare(&one);
  /* 2048 of 2^21 in two passes. */
  extreme two = {2, 2048, 3, format(8, BT_BLOCK_TILE, 2048), format(15, BT_BLOCK_TENSOR, 0), -128,
                 -16384, 0};
  compare(&two);
}

/* Two passes of 16 binary orders: 2^21 * 2^16 * K reaches the aligner's 2^47 from K = 2^10 on,
 * and saturates it. */
static void test_aligner_saturates(void **state) {
  (void)state;
  for (size_t k = 512; k <= 8192; k *= 2) {
    extreme x = {2, k, 3, format(8, BT_BLOCK_TILE, k / 2), format(15, BT_BLOCK_K32, 0), -128,
                 -16384, 16};
    compare(&x);
    x.spread = 17; /* the lower half is dropped */
    compare(&x);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_long_runs),
                                     cmocka_unit_test(test_aligner_saturates)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
