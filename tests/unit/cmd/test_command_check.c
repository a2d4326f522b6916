/* bt_command_check: one good command of each kind, and one change for each rule that must be
 * refused with a line that names the label. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/command.h"

/* A command and tensors that its pointers may name. */
typedef struct {
  bt_command c;
  bt_tensor in[BT_MAX_INPUTS], out[BT_MAX_OUTPUTS];
  uint8_t labels[4];
  bt_loss loss;
  bt_average average;
} fixture;

static bt_tensor bfp(int wl, bt_block block, size_t ndim, const size_t *dim) {
  bt_format f = {.kind = BT_BFP, .wl = wl, .block = block, .tile_rows = 2, .tile_cols = 2};
  return bt_tensor_bfp("t", f, ndim, dim);
}

static void begin(fixture *f, bt_op op) {
  memset(f, 0, sizeof *f);
  f->c.op = op;
  f->c.label.text = "layer7 step";
}

static void point(fixture *f, size_t inputs, size_t outputs) {
  for (size_t i = 0; i < inputs; i++)
    f->c.in[i] = &f->in[i];
  for (size_t o = 0; o < outputs; o++)
    f->c.out[o] = &f->out[o];
}

/* x 2x6x5x3, w 4x3x3x3 stride 1, pad 1; y 2x6x5x4; blocks by sample and channel. */
static const size_t x_dim[] = {2, 6, 5, 3}, w_dim[] = {4, 3, 3, 3}, y_dim[] = {2, 6, 5, 4};

static void contract(fixture *f, bt_direction d) {
  begin(f, BT_OP_CONTRACT);
  const size_t *a = d == BT_FORWARD ? x_dim : y_dim, *b = d == BT_WEIGHT_GRADIENT ? x_dim : w_dim;
  const size_t *out = d == BT_FORWARD ? y_dim : d == BT_DATA_GRADIENT ? x_dim : w_dim;
  f->in[0] = bfp(8, BT_BLOCK_SAMPLE, 4, a);
  f->in[1] = bfp(8, d == BT_WEIGHT_GRADIENT ? BT_BLOCK_SAMPLE : BT_BLOCK_DIM0, 4, b);
  f->out[0] = bt_tensor_wide("out", 4, out, d != BT_WEIGHT_GRADIENT, d == BT_FORWARD);
  f->c.u.contract.direction = d;
  f->c.u.contract.geometry = (bt_geometry){2, 6, 5, 3, 4, 3, 3, 1, 1, 6, 5};
  point(f, 2, 1);
}

static void forward(fixture *f) { contract(f, BT_FORWARD); }
static void data_gradient(fixture *f) { contract(f, BT_DATA_GRADIENT); }
static void weight_gradient(fixture *f) { contract(f, BT_WEIGHT_GRADIENT); }

static void two_passes(fixture *f) {
  forward(f);
  f->in[1] = bfp(15, BT_BLOCK_DIM0, 4, w_dim);
  f->c.u.contract.nearest = true;
}

/* Tiles for activations, k32 for weights: a cell an element. */
static void tiles(fixture *f) {
  forward(f);
  f->in[0].fmt.block = BT_BLOCK_TILE;
  f->in[1].fmt.block = BT_BLOCK_K32;
  f->out[0] = bt_tensor_wide_each("out", 4, y_dim);
}

static void quantize(fixture *f) {
  begin(f, BT_OP_QUANTIZE);
  f->in[0] = bt_tensor_wide("x", 4, x_dim, true, true);
  f->out[0] = bfp(8, BT_BLOCK_TILE, 4, x_dim);
  f->c.u.quantize.round = (bt_round_options){BT_STOCHASTIC, 16, false};
  point(f, 1, 1);
}

/* Terms: wide with cells, bfp by sample, a bias, bytes. */
static void affine(fixture *f) {
  begin(f, BT_OP_AFFINE);
  f->in[0] = bt_tensor_wide("x", 4, x_dim, true, true);
  f->in[1] = bfp(16, BT_BLOCK_SAMPLE, 4, x_dim);
  f->in[2] = bfp(8, BT_BLOCK_TENSOR, 1, &x_dim[3]);
  f->in[3] = bt_tensor_byte("p", 4, x_dim);
  f->out[0] = bt_tensor_wide("y", 4, x_dim, true, true);
  f->c.u.affine.terms = 4;
  point(f, 4, 1);
}

/* Every term in blocks that do not follow dimension 0. */
static void affine_tiles(fixture *f) {
  affine(f);
  f->in[1].fmt.block = BT_BLOCK_K32;
  f->in[2].fmt.block = BT_BLOCK_TILE;
  f->out[0] = bt_tensor_wide_each("y", 4, x_dim);
}

static void affine_relu(fixture *f) {
  affine(f);
  f->out[1] = bt_tensor_byte("mask", 4, x_dim);
  f->c.u.affine.relu = true;
  point(f, 4, 2);
}

static void affine_masked(fixture *f) {
  affine(f);
  f->in[4] = bt_tensor_byte("mask", 4, x_dim);
  f->c.u.affine.masked = true;
  point(f, 5, 1);
}

static void gate(fixture *f) {
  begin(f, BT_OP_GATE);
  f->in[0] = bfp(8, BT_BLOCK_SAMPLE, 4, x_dim);
  f->in[1] = bt_tensor_byte("mask", 4, x_dim);
  f->out[0] = f->in[0];
  point(f, 2, 1);
}

static void reduce(fixture *f) {
  begin(f, BT_OP_REDUCE);
  f->in[0] = bfp(16, BT_BLOCK_TENSOR, 4, x_dim);
  f->in[1] = bfp(8, BT_BLOCK_TENSOR, 4, x_dim);
  f->out[0] = bt_tensor_wide("sum", 1, &x_dim[3], false, false);
  f->c.u.reduce.kind = BT_SUM_XY;
  point(f, 2, 1);
}

static void reduce_blocks(fixture *f) {
  reduce(f);
  f->in[0].fmt.block = BT_BLOCK_TILE;
  f->c.in[1] = NULL;
  f->out[0].nl = 3;
  f->c.u.reduce.kind = BT_SUM;
}

static const size_t small_dim[] = {2, 3, 2, 3};

static void pool(fixture *f) {
  begin(f, BT_OP_POOL);
  f->in[0] = bfp(8, BT_BLOCK_SAMPLE, 4, x_dim);
  f->out[0] = bfp(8, BT_BLOCK_SAMPLE, 4, small_dim);
  f->out[1] = bt_tensor_byte("index", 4, small_dim);
  f->c.u.pool.k = 2;
  point(f, 1, 2);
}

static void pool_back(fixture *f) {
  begin(f, BT_OP_POOL_BACK);
  f->in[0] = bfp(8, BT_BLOCK_SAMPLE, 4, small_dim);
  f->in[1] = bt_tensor_byte("index", 4, small_dim);
  f->out[0] = bfp(8, BT_BLOCK_SAMPLE, 4, x_dim);
  f->c.u.pool.k = 2;
  point(f, 2, 1);
}

static void quantize_fixed(fixture *f) {
  quantize(f);
  f->out[0].fmt = (bt_format){.kind = BT_FIXED, .wl = 8, .fl = 6, .block = BT_BLOCK_TENSOR};
}

static const size_t logit_dim[] = {4, 10};

static void softmax(fixture *f) {
  begin(f, BT_OP_SOFTMAX);
  f->in[0] = bfp(8, BT_BLOCK_SAMPLE, 2, logit_dim);
  f->in[1] = bt_tensor_byte("labels", 1, logit_dim);
  f->in[1].data = f->labels;
  f->labels[2] = 9;
  f->out[0] = bt_tensor_wide("error", 2, logit_dim, false, false);
  f->c.u.softmax.loss = &f->loss;
  point(f, 2, 1);
}

static void softmax_k32(fixture *f) {
  softmax(f);
  f->in[0].fmt.block = BT_BLOCK_K32;
  f->in[0].dim[1] = f->out[0].dim[1] = 32;
}

static void softmax_tiles(fixture *f) {
  softmax(f);
  f->in[0].fmt.block = BT_BLOCK_TILE;
  f->in[0].fmt.tile_cols = 10;
}

static void dropout(fixture *f) {
  begin(f, BT_OP_DROPOUT);
  f->out[0] = bt_tensor_byte("mask", 4, x_dim);
  f->c.u.dropout.drop = (bt_rational){1, 2};
  point(f, 0, 1);
}

static void average(fixture *f) {
  begin(f, BT_OP_AVERAGE);
  f->in[0] = bfp(8, BT_BLOCK_DIM0, 4, w_dim);
  f->c.u.average.average = &f->average;
  point(f, 1, 0);
}

static void (*const good[])(fixture *) = {
    forward, data_gradient, weight_gradient, two_passes, tiles, quantize, quantize_fixed, affine,
    affine_tiles, affine_relu, affine_masked, gate, reduce, reduce_blocks, pool, pool_back,
    softmax, softmax_k32, softmax_tiles, dropout, average
};

static void test_accepts(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    fixture f;
    bt_error error = {""};
    good[i](&f);
    if (bt_command_check(&f.c, &error) != BT_OK)
      fail_msg("good command %zu: %s", i, error.text);
  }
}

/* Declares a rule: a good command and the one statement that spoils it. */
#define RULES(X)                                                                              \
  X(forward, f->c.u.contract.geometry.stride = 0)                                             \
  X(forward, f->c.u.contract.geometry.n = 0)                                                  \
  X(forward, f->c.u.contract.geometry.oh = 7)                                                 \
  X(forward, f->c.u.contract.geometry.ow = 6)                                                 \
  X(forward, f->c.u.contract.geometry.c = 4)                                                  \
  X(forward, f->c.in[0] = NULL)                                                               \
  X(forward, f->c.in[1] = NULL)                                                               \
  X(forward, f->c.out[0] = NULL)                                                              \
  X(forward, f->in[0].fmt.wl = 9)                                                             \
  X(forward, f->in[0].fmt.block = BT_BLOCK_TILE)                                              \
  X(forward, f->in[0].fmt.block = BT_BLOCK_K32)                                               \
  X(forward, f->in[1].fmt.block = BT_BLOCK_TILE)                                              \
  X(forward, f->in[0].kind = BT_T_WIDE)                                                       \
  X(forward, f->in[1].kind = BT_T_BYTE)                                                       \
  X(forward, f->in[1] = bfp(15, BT_BLOCK_DIM0, 4, w_dim))                                     \
  X(forward, f->in[0].dim[0] = 12; f->in[0].dim[1] = 1)                                       \
  X(forward, f->in[1].dim[0] = 12; f->in[1].dim[1] = 1)                                       \
  X(forward, f->out[0].n0 = 1)                                                                \
  X(forward, f->out[0].nl = 1)                                                                \
  X(forward, f->out[0].dim[3] = 5)                                                            \
  X(forward, f->out[0].kind = BT_T_BFP16)                                                     \
  X(two_passes, f->in[1].fmt.wl = 16)                                                         \
  X(two_passes, f->c.u.contract.nearest = false)                                              \
  X(data_gradient, f->out[0].n0 = 1)                                                          \
  X(data_gradient, f->in[1] = bfp(9, BT_BLOCK_DIM0, 4, w_dim))                                \
  X(data_gradient, f->in[0].dim[3] = 3)                                                       \
  X(weight_gradient, f->in[1] = bfp(9, BT_BLOCK_SAMPLE, 4, x_dim))                            \
  X(weight_gradient, f->in[1].dim[3] = 4)                                                     \
  X(weight_gradient, f->in[1].dim[0] = 12; f->in[1].dim[1] = 1)                               \
  X(tiles, f->out[0].n0 = 2)                                                                  \
  X(tiles, f->out[0].nl = 1)                                                                  \
  X(tiles, f->in[0].fmt.block = BT_BLOCK_SAMPLE; f->out[0].n0 = 2)                            \
  X(tiles, f->in[1].fmt.block = BT_BLOCK_DIM0; f->out[0].n0 = 2)                              \
  X(tiles, f->in[0].fmt.block = BT_BLOCK_SAMPLE; f->in[1].fmt.block = BT_BLOCK_DIM0)          \
  X(quantize, f->in[0].kind = BT_T_BYTE)                                                      \
  X(quantize, f->out[0] = bt_tensor_wide("y", 4, x_dim, false, false))                        \
  X(quantize, f->out[0].fmt.kind = BT_FIXED; f->out[0].fmt.block = BT_BLOCK_DIM0)             \
  X(quantize, f->out[0].dim[1] = 7)                                                           \
  X(quantize, f->in[0].ndim = 3)                                                              \
  X(quantize, f->c.u.quantize.round.random_bits = 25)                                         \
  X(quantize, f->c.u.quantize.round.random_bits = 0)                                          \
  X(quantize, f->c.in[0] = NULL)                                                              \
  X(affine, f->c.u.affine.terms = 0)                                                          \
  X(affine, f->c.u.affine.terms = 5)                                                          \
  X(affine, f->c.in[1] = NULL)                                                                \
  X(affine, f->out[0].kind = BT_T_BFP16)                                                      \
  X(affine, f->in[0].dim[2] = 4)                                                              \
  X(affine, f->in[2].dim[0] = 4)                                                              \
  X(affine, f->out[0].n0 = 1)                                                                 \
  X(affine, f->out[0].nl = 1)                                                                 \
  X(affine, f->in[1].fmt.block = BT_BLOCK_TILE)                                               \
  X(affine, f->in[2].fmt.block = BT_BLOCK_DIM0)                                               \
  X(affine, f->in[2] = bt_tensor_wide("b", 1, &x_dim[3], true, false))                        \
  X(affine_tiles, f->out[0].n0 = 2)                                                           \
  X(affine_tiles, f->out[0].nl = 1)                                                           \
  X(affine_tiles, f->in[1].fmt.block = BT_BLOCK_TENSOR; f->in[0].nl = 1; f->out[0].nl = 1)    \
  X(affine_relu, f->c.out[1] = NULL)                                                          \
  X(affine_relu, f->out[1].dim[0] = 1)                                                        \
  X(affine_relu, f->out[1].kind = BT_T_WIDE)                                                  \
  X(affine_relu, f->c.u.affine.masked = true; f->in[4] = f->out[1]; f->c.in[4] = &f->in[4])   \
  X(affine_masked, f->c.in[4] = NULL)                                                         \
  X(affine_masked, f->in[4].dim[3] = 4)                                                       \
  X(affine_masked, f->in[4].kind = BT_T_BFP8)                                                 \
  X(gate, f->in[0].kind = BT_T_WIDE)                                                          \
  X(gate, f->in[1].kind = BT_T_BFP8)                                                          \
  X(gate, f->in[1].dim[0] = 1)                                                                \
  X(gate, f->out[0].dim[0] = 1)                                                               \
  X(gate, f->out[0].fmt.wl = 7)                                                               \
  X(gate, f->out[0].fmt.block = BT_BLOCK_DIM0)                                                \
  X(gate, f->out[0].kind = BT_T_BFP16)                                                        \
  X(reduce, f->in[0].fmt.block = BT_BLOCK_SAMPLE)                                             \
  X(reduce, f->in[1].fmt.block = BT_BLOCK_SAMPLE)                                             \
  X(reduce, f->in[0].kind = BT_T_WIDE)                                                        \
  X(reduce, f->c.in[1] = NULL)                                                                \
  X(reduce, f->in[1].dim[0] = 3)                                                              \
  X(reduce, f->out[0].dim[0] = 4)                                                             \
  X(reduce, f->out[0].nl = 3)                                                                 \
  X(reduce, f->out[0].ndim = 2; f->out[0].dim[1] = 3)                                         \
  X(reduce_blocks, f->out[0].nl = 1)                                                          \
  X(reduce_blocks, f->c.u.reduce.kind = BT_SUM_XX)                                            \
  X(reduce_blocks, f->c.u.reduce.kind = BT_MAX)                                               \
  X(pool, f->c.u.pool.k = 0)                                                                  \
  X(pool, f->c.u.pool.k = 3)                                                                  \
  X(pool, f->in[0].fmt.block = BT_BLOCK_TILE; f->out[0].fmt.block = BT_BLOCK_TILE)            \
  X(pool, f->out[0].fmt.block = BT_BLOCK_TENSOR)                                              \
  X(pool, f->out[0].fmt.wl = 7)                                                               \
  X(pool, f->out[0].dim[1] = 2)                                                               \
  X(pool, f->out[0].dim[2] = 3)                                                               \
  X(pool, f->out[0].dim[0] = 1)                                                               \
  X(pool, f->out[0].dim[3] = 2)                                                               \
  X(pool, f->out[1].dim[3] = 2)                                                               \
  X(pool, f->c.out[1] = NULL)                                                                 \
  X(pool, f->in[0].ndim = 3)                                                                  \
  X(pool_back, f->c.u.pool.k = 17)                                                            \
  X(pool_back, f->c.in[1] = NULL)                                                             \
  X(pool_back, f->in[0].dim[1] = 4)                                                           \
  X(pool_back, f->out[0].kind = BT_T_WIDE)                                                    \
  X(softmax, f->labels[3] = 10)                                                               \
  X(softmax, f->in[0].fmt.block = BT_BLOCK_DIM0)                                              \
  X(softmax_k32, f->in[0].dim[1] = f->out[0].dim[1] = 33)                                     \
  X(softmax_tiles, f->in[0].fmt.tile_cols = 9)                                                \
  X(softmax, f->in[0].ndim = 3; f->in[0].dim[2] = 1)                                          \
  X(softmax, f->in[0].dim[1] = 1)                                                             \
  X(softmax, f->in[1].dim[0] = 3)                                                             \
  X(softmax, f->in[1].kind = BT_T_WIDE)                                                       \
  X(softmax, f->out[0].dim[1] = 9)                                                            \
  X(softmax, f->out[0].n0 = 4)                                                                \
  X(softmax, f->out[0].kind = BT_T_BFP16)                                                     \
  X(dropout, f->c.out[0] = NULL)                                                              \
  X(dropout, f->out[0].kind = BT_T_WIDE)                                                      \
  X(dropout, f->c.u.dropout.drop = ((bt_rational){1, 1}))                                     \
  X(dropout, f->c.u.dropout.drop = ((bt_rational){-1, 2}))                                    \
  X(average, f->c.in[0] = NULL)                                                               \
  X(average, f->in[0].kind = BT_T_WIDE)                                                       \
  X(average, f->c.u.average.average = NULL)

#define SPOIL(make, ...) {make, #make ": " #__VA_ARGS__},

typedef struct {
  void (*make)(fixture *);
  const char *text;
} rule;

/* The statement of rule `number`. */
static void spoil(fixture *f, size_t number) {
  size_t n = 0;
#define APPLY(make, ...) \
  if (n++ == number) {   \
    __VA_ARGS__;         \
  }
  RULES(APPLY)
#undef APPLY
}

static void test_refuses(void **state) {
  (void)state;
  static const rule rules[] = {RULES(SPOIL)};
  size_t broken = 0, n = sizeof rules / sizeof *rules;
  for (size_t i = 0; i < n; i++) {
    fixture f;
    bt_error error = {""};
    rules[i].make(&f);
    spoil(&f, i);
    bt_status status = bt_command_check(&f.c, &error);
    if (status == BT_BAD_INPUT && strstr(error.text, "layer7 step") != NULL &&
        strchr(error.text, '\n') == NULL)
      continue;
    print_error("%s: status %d, '%s'\n", rules[i].text, (int)status, error.text);
    broken++;
  }
  print_message("%zu rules\n", n);
  assert_int_equal(broken, 0);
}

static void test_unknown(void **state) {
  (void)state;
  fixture f;
  bt_error error = {""};
  average(&f);
  f.c.op = (bt_op)99;
  assert_int_equal(bt_command_check(&f.c, &error), BT_BAD_INPUT);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepts),
                                     cmocka_unit_test(test_refuses),
                                     cmocka_unit_test(test_unknown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
