/* Coverage: small commands whose cases are known by hand; promised bins that stay empty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/coverage.h"
#include "ref/ref.h"

typedef struct {
  bt_machine machine;
  bt_engine *ref;
  bt_lfsr rng;
  bt_coverage coverage;
  bt_tensor t[4];
} fixture;

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  f->machine = bt_machine_default();
  f->ref = bt_ref_engine(&f->machine);
  assert_int_equal(bt_lfsr_start(&f->rng, 1, f->machine.lanes), BT_OK);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  for (size_t i = 0; i < 4; i++) {
    bt_tensor_free(&f->t[i]);
  }
  f->ref->destroy(f->ref);
  free(f);
  return 0;
}

static bt_tensor *make(fixture *f, size_t i, bt_tensor shape) {
  f->t[i] = shape;
  assert_true(bt_tensor_alloc(&f->t[i]));
  return &f->t[i];
}

static bt_tensor *bfp(fixture *f, size_t i, bt_block block, size_t rows, size_t columns,
                      const int8_t *mantissas, const int16_t *exponents) {
  bt_format format = {.wl = 8, .block = block};
  bt_tensor *t = make(f, i, bt_tensor_bfp("t", format, 2, (const size_t[]){rows, columns}));
  memcpy(t->data, mantissas, rows * columns);
  memcpy(t->exp, exponents, bt_tensor_exponents(t) * sizeof *exponents);
  return t;
}

static void run(fixture *f, bt_command *c) {
  bt_error error = {""};
  bt_counts counts = {0};
  bt_lfsr before = f->rng;
  c->label.text = "command";
  assert_int_equal(bt_command_check(c, &error), BT_OK);
  assert_int_equal(f->ref->run(f->ref, c, &f->rng, &counts, &error), BT_OK);
  bt_cover_command(&f->coverage, &f->machine, c, &before, &f->rng, &counts);
}

#define COUNTED(bin, expected) assert_int_equal(f->coverage.n[BT_COVER_##bin], expected)

/* A fully connected layer's contraction. */
static void contract(fixture *f, bt_direction d, const bt_tensor *a, const bt_tensor *b,
                     bt_tensor *out, bt_geometry g) {
  bt_command c = {.op = BT_OP_CONTRACT, .in = {a, b}, .out = {out}};
  c.u.contract.direction = d;
  c.u.contract.geometry = g;
  run(f, &c);
}

/* Two images, one output: dim0 weights make groups in the data gradient, not forward. */
static void contractions(void **state) {
  fixture *f = *state;
  const bt_geometry g = {.n = 2, .h = 1, .w = 1, .c = 2, .o = 3, .kh = 1, .kw = 1, .stride = 1,
                         .oh = 1, .ow = 1};
  const int8_t x[] = {1, 2, 3, 4}, e[] = {64, 2, 3, 4, 5, 6}, w[] = {64, 2, 3, 100, 0, 0};
  bt_tensor *tx = bfp(f, 0, BT_BLOCK_TENSOR, 2, 2, x, (const int16_t[]){0});
  bt_tensor *tw = bfp(f, 1, BT_BLOCK_DIM0, 3, 2, w, (const int16_t[]){0, 40, -128});
  bt_tensor *y = make(f, 2, bt_tensor_wide("y", 2, (const size_t[]){2, 3}, false, true));
  contract(f, BT_FORWARD, tx, tw, y, g);
  COUNTED(CONTRACT_FORWARD, 1);
  COUNTED(CONTRACT_ZERO_BLOCK, 1); /* the third output's weights */
  COUNTED(CONTRACT_GROUPS, 0);
  COUNTED(CONTRACT_DROPPED, 0);
  COUNTED(CONTRACT_SHORT_ROWS, 1); /* 2 rows, 3 columns on 16 x 16 */
  COUNTED(CONTRACT_SHORT_COLUMNS, 1);
  COUNTED(CONTRACT_PAD, 0);
  bt_tensor_free(tx);
  bt_tensor_free(y);
  bt_tensor *te = bfp(f, 0, BT_BLOCK_TENSOR, 2, 3, e, (const int16_t[]){0});
  bt_tensor *dx = make(f, 2, bt_tensor_wide("dx", 2, (const size_t[]){2, 2}, false, false));
  contract(f, BT_DATA_GRADIENT, te, tw, dx, g);
  COUNTED(CONTRACT_DATA, 1);
  COUNTED(CONTRACT_GROUPS, 1); /* exponents 0 and 40 ... */
  COUNTED(CONTRACT_DROPPED, 1); /* ... are more than 16 apart */
  COUNTED(CONTRACT_WEIGHT, 0);
}

/* bfp4 of these, E = 5 and step 2^3: 40 is 5; 20 and -12 lie between two; 4 is half a step; 1 is
 * not. In the second row all is zero; in the third, of steps 2^-8, shifts are to the left. */
static void quantizations(void **state) {
  fixture *f = *state;
  const int32_t m[] = {40, 20, -12, 4, 1, 0, 0, 0, 0, 0, 1, -1, 0, 0, 0};
  bt_format format = {.wl = 4, .block = BT_BLOCK_DIM0};
  const size_t dim[] = {3, 5};
  bt_tensor *x = make(f, 0, bt_tensor_wide("x", 2, dim, true, false));
  memcpy(x->data, m, sizeof m);
  memcpy(x->exp, (const int16_t[]){0, 0, -8}, 3 * sizeof *x->exp);
  x->bits = 6;
  bt_tensor *y = make(f, 1, bt_tensor_bfp("y", format, 2, dim));
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {x}, .out = {y}};
  c.u.quantize.round = (bt_round_options){.mode = BT_NEAREST_EVEN, .random_bits = 16};
  run(f, &c);
  COUNTED(QUANTIZE_DIM0, 1);
  COUNTED(QUANTIZE_EVEN, 1);
  COUNTED(QUANTIZE_TIE, 3); /* 20 = 2.5 steps, -12 = -1.5, 4 = 0.5 */
  COUNTED(QUANTIZE_ZERO_BLOCK, 1);
  COUNTED(QUANTIZE_LEFT, 2);
  COUNTED(QUANTIZE_SHORT_BEAT, 1); /* 15 elements in 16 lanes */
  COUNTED(QUANTIZE_BEYOND, 0);
  COUNTED(QUANTIZE_CLIPPED, 0);
  x->exp[0] = 300; /* above every exponent: all of the block clips */
  x->exp[1] = 7;
  ((int32_t *)x->data)[9] = 1;
  x->exp[2] = -300;
  c.u.quantize.round.mode = BT_STOCHASTIC;
  run(f, &c);
  COUNTED(QUANTIZE_OVERFLOW, 5);
  COUNTED(QUANTIZE_FLUSHED, 2);
  COUNTED(QUANTIZE_STOCHASTIC, 1);
  COUNTED(LFSR_WRAP, 0);
  f->rng.steps = UINT32_MAX - 1; /* one draw of 16 steps passes the end */
  run(f, &c);
  COUNTED(LFSR_WRAP, 1);
}

static void affines(void **state) {
  fixture *f = *state;
  const size_t dim[] = {1, 3};
  const int8_t m[] = {64, -64, 0};
  bt_tensor *x = bfp(f, 0, BT_BLOCK_TENSOR, 1, 3, m, (const int16_t[]){0});
  bt_tensor *z = bfp(f, 1, BT_BLOCK_TENSOR, 1, 3, m, (const int16_t[]){-60});
  bt_tensor *y = make(f, 2, bt_tensor_wide("y", 2, dim, false, false));
  bt_tensor *mask = make(f, 3, bt_tensor_byte("mask", 2, dim));
  bt_command c = {.op = BT_OP_AFFINE, .in = {x, z}, .out = {y, mask}};
  c.u.affine.terms = 2;
  c.u.affine.c[0] = c.u.affine.c[1] = (bt_constant){16384, -14};
  c.u.affine.relu = true;
  run(f, &c);
  COUNTED(AFFINE_TERMS_2, 1);
  COUNTED(AFFINE_TERMS_1, 0);
  COUNTED(AFFINE_BEYOND, 1);    /* 60 apart */
  COUNTED(AFFINE_RELU_ZERO, 2); /* -64 and 0 */
  COUNTED(AFFINE_ZERO, 0);
  c.u.affine.c[0] = c.u.affine.c[1] = (bt_constant){0, 0};
  run(f, &c);
  COUNTED(AFFINE_ZERO, 1);
  COUNTED(AFFINE_BEYOND, 1);
}

static void pools_and_losses(void **state) {
  fixture *f = *state;
  const size_t large[] = {1, 2, 5, 1}, small[] = {1, 1, 2, 1};
  const int8_t m[] = {3, 3, -1, -2, 9, 1, 0, -3, -4, 9}; /* windows 3 3 1 0 and -1 -2 -3 -4 */
  bt_format format = {.wl = 8};
  bt_tensor *x = make(f, 0, bt_tensor_bfp("x", format, 4, large));
  memcpy(x->data, m, sizeof m);
  x->exp[0] = 0;
  bt_command c = {.op = BT_OP_POOL, .in = {x},
                  .out = {make(f, 1, bt_tensor_bfp("y", format, 4, small)),
                          make(f, 2, bt_tensor_byte("index", 4, small))}};
  c.u.pool.k = 2;
  run(f, &c);
  COUNTED(POOL_TIE, 1);
  COUNTED(POOL_NEGATIVE, 1);
  COUNTED(POOL_LEFT_OVER, 1);
  for (size_t i = 0; i < 3; i++) {
    bt_tensor_free(&f->t[i]);
  }
  /* Logits of 100, 100 and -100 at step 2^0: the last probability is 0. */
  bt_tensor *logits = bfp(f, 0, BT_BLOCK_TENSOR, 1, 3, (const int8_t[]){100, 100, -100},
                          (const int16_t[]){6});
  bt_tensor *label = make(f, 1, bt_tensor_byte("label", 1, (const size_t[]){1}));
  bt_loss loss = {0};
  bt_command s = {.op = BT_OP_SOFTMAX, .in = {logits, label},
                  .out = {make(f, 2, bt_tensor_wide("error", 2, (const size_t[]){1, 3}, false,
                                                    false))}};
  s.u.softmax.loss = &loss;
  run(f, &s);
  COUNTED(SOFTMAX_TIE, 1);
  COUNTED(SOFTMAX_ZERO, 1);
  COUNTED(SOFTMAX_RIGHT, 1);
}

static void promises(void **state) {
  fixture *f = *state;
  bt_error error = {""};
  assert_int_equal(bt_cover_missing(&f->coverage, "pool.tie", (bt_cover)0), BT_COVER_POOL_TIE);
  f->coverage.n[BT_COVER_POOL_TIE] = 1;
  assert_int_equal(bt_cover_missing(&f->coverage, "pool.tie", (bt_cover)0), BT_COVER_COUNT);
  assert_int_equal(bt_cover_missing(&f->coverage, "gate,pool", BT_COVER_POOL_TIE),
                   BT_COVER_POOL_NEGATIVE);
  assert_int_equal(bt_cover_missing(&f->coverage, "all", (bt_cover)0), (bt_cover)0);
  assert_int_equal(bt_cover_missing(&f->coverage, "", (bt_cover)0), BT_COVER_COUNT);
  assert_int_equal(bt_cover_check("all,pool,gate,lfsr.wrap", &error), BT_OK);
  assert_int_equal(bt_cover_check("pool,po", &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "'po' is no bin"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(contractions, setup, teardown),
      cmocka_unit_test_setup_teardown(quantizations, setup, teardown),
      cmocka_unit_test_setup_teardown(affines, setup, teardown),
      cmocka_unit_test_setup_teardown(pools_and_losses, setup, teardown),
      cmocka_unit_test_setup_teardown(promises, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
