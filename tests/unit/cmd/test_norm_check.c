/* bt_command_check of batch norm, exact sums, average pool and vectors of constants: good commands,
 * and one change for each rule that must be refused with a line that names the label. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/statistics.h"

/* A command and tensors that its pointers may name. */
typedef struct {
  bt_command c;
  bt_tensor in[BT_MAX_INPUTS], out[BT_MAX_OUTPUTS];
  bt_statistics statistics;
} fixture;

enum { CHANNELS = 3 };
static const size_t x_dim[] = {2, 6, 5, CHANNELS}, small_dim[] = {2, 3, 2, CHANNELS};

static bt_tensor bfp(int wl, bt_block block, size_t ndim, const size_t *dim) {
  bt_format f = {.kind = BT_BFP, .wl = wl, .block = block, .tile_rows = 2, .tile_cols = 2};
  return bt_tensor_bfp("t", f, ndim, dim);
}

static bt_tensor parameter(void) { return bfp(8, BT_BLOCK_TENSOR, 1, &x_dim[3]); }
static bt_tensor sums(void) { return bt_tensor_sums("sums", CHANNELS); }
static bt_tensor constants(void) { return bt_tensor_constants("constants", CHANNELS); }

static void begin(fixture *f, bt_op op) {
  memset(f, 0, sizeof *f);
  f->c.op = op;
  f->c.label.text = "layer7 step";
  f->statistics.channels = CHANNELS;
}

static void point(fixture *f, size_t inputs, size_t outputs) {
  for (size_t i = 0; i < inputs; i++)
    f->c.in[i] = &f->in[i];
  for (size_t o = 0; o < outputs; o++)
    f->c.out[o] = &f->out[o];
}

static void moments(fixture *f) {
  begin(f, BT_OP_REDUCE);
  f->in[0] = bfp(16, BT_BLOCK_TENSOR, 4, x_dim);
  f->out[0] = f->out[1] = sums();
  f->c.u.reduce.kind = BT_MOMENTS;
  point(f, 1, 2);
}

static void products(fixture *f) {
  moments(f);
  f->in[1] = bfp(8, BT_BLOCK_TENSOR, 4, x_dim);
  f->c.u.reduce.kind = BT_PRODUCTS;
  point(f, 2, 2);
}

/* Two terms, each with a vector, and the addend's. */
static void affine(fixture *f) {
  begin(f, BT_OP_AFFINE);
  f->in[0] = bfp(8, BT_BLOCK_TENSOR, 4, x_dim);
  f->in[1] = bt_tensor_wide("w", 4, x_dim, false, false);
  f->out[0] = bt_tensor_wide("y", 4, x_dim, false, false);
  f->c.u.affine.terms = 2;
  point(f, 2, 1);
  for (size_t i = BT_IN_CONSTANTS; i < BT_MAX_INPUTS; i++)
    f->in[i] = constants();
  f->c.in[BT_IN_CONSTANTS] = &f->in[BT_IN_CONSTANTS];
  f->c.in[BT_IN_CONSTANTS + 1] = &f->in[BT_IN_CONSTANTS + 1];
  f->c.in[BT_IN_ADDEND] = &f->in[BT_IN_ADDEND];
}

static void pool_sum(fixture *f) {
  begin(f, BT_OP_POOL_SUM);
  f->in[0] = bfp(8, BT_BLOCK_SAMPLE, 4, x_dim);
  f->out[0] = bt_tensor_wide("y", 4, small_dim, true, false);
  f->c.u.pool.k = 2;
  point(f, 1, 1);
}

static void pool_sum_tensor(fixture *f) {
  pool_sum(f);
  f->in[0].fmt.block = BT_BLOCK_TENSOR;
  f->out[0].n0 = 1;
}

static void spread(fixture *f) {
  begin(f, BT_OP_SPREAD);
  f->in[0] = bfp(8, BT_BLOCK_SAMPLE, 4, small_dim);
  f->out[0] = bfp(8, BT_BLOCK_SAMPLE, 4, x_dim);
  f->c.u.pool.k = 2;
  point(f, 1, 1);
}

static void norm(fixture *f) {
  begin(f, BT_OP_NORM);
  f->in[0] = f->in[1] = sums();
  f->in[2] = f->in[3] = parameter();
  f->out[0] = f->out[1] = constants();
  f->c.u.norm.rows = 60;
  f->c.u.norm.eps = (bt_constant){1 << 30, -40};
  point(f, 4, 2);
}

static void norm_evaluation(fixture *f) {
  norm(f);
  f->c.in[0] = f->c.in[1] = NULL;
  f->c.u.norm.rows = 0;
  f->c.u.norm.statistics = &f->statistics;
}

static void norm_back(fixture *f) {
  norm(f);
  f->c.op = BT_OP_NORM_BACK;
  f->in[3] = constants();
  f->in[4] = f->in[5] = sums();
  f->out[2] = f->out[3] = constants();
  point(f, 6, 4);
}

static void statistics(fixture *f) {
  begin(f, BT_OP_STATISTICS);
  f->in[0] = f->in[1] = sums();
  f->c.u.statistics.rows = 60;
  f->c.u.statistics.statistics = &f->statistics;
  point(f, 2, 0);
}

static void (*const good[])(fixture *) = {moments, products, affine, pool_sum, pool_sum_tensor,
                                          spread, norm, norm_evaluation, norm_back, statistics};

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

/* Declares a rule: a good command and the statements that spoil it. */
#define RULES(X)                                                                              \
  X(moments, f->in[0].fmt.block = BT_BLOCK_SAMPLE)                                            \
  X(moments, f->in[0].kind = BT_T_WIDE)                                                       \
  X(moments, f->c.in[0] = NULL)                                                               \
  X(moments, f->in[1] = f->in[0]; f->c.in[1] = &f->in[1])                                     \
  X(moments, f->out[0].dim[0] = 4)                                                            \
  X(moments, f->out[1].dim[0] = 4)                                                            \
  X(moments, f->out[1] = constants())                                                         \
  X(moments, f->c.out[1] = NULL)                                                              \
  X(moments, f->in[0].dim[0] = (size_t)1 << 28)                                               \
  X(products, f->c.in[1] = NULL)                                                              \
  X(products, f->in[1].fmt.block = BT_BLOCK_DIM0)                                             \
  X(products, f->in[1].dim[0] = 1)                                                            \
  X(products, f->out[0] = constants())                                                        \
  X(affine, f->c.u.affine.terms = 1)                                                          \
  X(affine, f->in[BT_IN_CONSTANTS].dim[0] = 4; f->in[BT_IN_CONSTANTS].nl = 4)                 \
  X(affine, f->in[BT_IN_CONSTANTS].nl = 1)                                                    \
  X(affine, f->in[BT_IN_CONSTANTS + 1] = parameter())                                         \
  X(affine, f->in[BT_IN_CONSTANTS + 1] = sums())                                              \
  X(affine, f->in[BT_IN_ADDEND].dim[0] = f->in[BT_IN_ADDEND].nl = 2)                          \
  X(affine, f->in[BT_IN_ADDEND] = sums())                                                     \
  X(affine, f->c.u.affine.has_c0 = true)                                                      \
  X(affine, f->c.in[BT_IN_CONSTANTS + 3] = &f->in[BT_IN_CONSTANTS + 3])                       \
  X(affine, f->in[0] = sums())                                                                \
  X(pool_sum, f->c.u.pool.k = 0)                                                              \
  X(pool_sum, f->c.u.pool.k = 3)                                                              \
  X(pool_sum, f->c.u.pool.k = 65)                                                             \
  X(pool_sum, f->in[0].kind = BT_T_WIDE)                                                      \
  X(pool_sum, f->in[0].fmt.block = BT_BLOCK_DIM0)                                             \
  X(pool_sum, f->in[0].fmt.block = BT_BLOCK_TENSOR)                                           \
  X(pool_sum, f->out[0].n0 = 1)                                                               \
  X(pool_sum, f->out[0].nl = 3)                                                               \
  X(pool_sum, f->out[0].kind = BT_T_BFP16)                                                    \
  X(pool_sum, f->out[0].dim[3] = 2)                                                           \
  X(pool_sum, f->out[0].dim[0] = 1)                                                           \
  X(pool_sum, f->in[0].ndim = 3)                                                              \
  X(pool_sum, f->c.out[0] = NULL)                                                             \
  X(pool_sum_tensor, f->out[0].n0 = 2)                                                        \
  X(spread, f->c.u.pool.k = 1)                                                                \
  X(spread, f->in[0].fmt.wl = 7)                                                              \
  X(spread, f->out[0].fmt.block = BT_BLOCK_TENSOR)                                            \
  X(spread, f->in[0].fmt.block = BT_BLOCK_TILE; f->out[0].fmt.block = BT_BLOCK_TILE)          \
  X(spread, f->out[0].dim[1] = 8)                                                             \
  X(spread, f->c.in[0] = NULL)                                                                \
  X(norm, f->c.in[0] = NULL)                                                                  \
  X(norm, f->c.in[2] = NULL)                                                                  \
  X(norm, f->c.in[3] = NULL)                                                                  \
  X(norm, f->in[0].dim[0] = 2)                                                                \
  X(norm, f->in[1] = constants())                                                             \
  X(norm, f->in[2].dim[0] = 4)                                                                \
  X(norm, f->in[2].fmt.block = BT_BLOCK_DIM0)                                                 \
  X(norm, f->in[3].dim[0] = 4)                                                                \
  X(norm, f->in[3] = constants())                                                             \
  X(norm, f->c.u.norm.rows = 0)                                                               \
  X(norm, f->c.u.norm.rows = (size_t)1 << 31)                                                 \
  X(norm, f->c.u.norm.eps.mantissa = -f->c.u.norm.eps.mantissa)                               \
  X(norm, f->c.u.norm.statistics = &f->statistics)                                            \
  X(norm, f->c.out[1] = NULL)                                                                 \
  X(norm, f->out[0].nl = 1)                                                                   \
  X(norm_evaluation, f->statistics.channels = 4)                                              \
  X(norm_evaluation, f->c.in[0] = &f->in[0])                                                  \
  X(norm_evaluation, f->c.in[1] = &f->in[1])                                                  \
  X(norm_evaluation, f->c.u.norm.statistics = NULL)                                           \
  X(norm_back, f->c.in[4] = NULL)                                                             \
  X(norm_back, f->in[5].dim[0] = 4)                                                           \
  X(norm_back, f->in[3] = parameter())                                                        \
  X(norm_back, f->c.u.norm.statistics = &f->statistics)                                       \
  X(norm_back, f->c.out[2] = NULL)                                                            \
  X(norm_back, f->out[3] = sums())                                                            \
  X(norm_back, f->c.u.norm.rows = 0)                                                          \
  X(statistics, f->c.u.statistics.statistics = NULL)                                          \
  X(statistics, f->statistics.channels = 4)                                                   \
  X(statistics, f->c.u.statistics.rows = 0)                                                   \
  X(statistics, f->c.u.statistics.rows = (size_t)1 << 31)                                     \
  X(statistics, f->c.in[1] = NULL)                                                            \
  X(statistics, f->in[0] = constants())

#define SPOIL(make, ...) {make, #make ": " #__VA_ARGS__},

typedef struct {
  void (*make)(fixture *);
  const char *text;
} rule;

/* The statements of rule `number`. */
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

static void test_statistics_storage(void **state) {
  (void)state;
  bt_statistics a, b;
  assert_true(bt_statistics_alloc(&a, 2) && bt_statistics_alloc(&b, 2));
  assert_true(bt_statistics_equal(&a, &b));
  assert_int_equal(a.first_step, BT_EMIN_NONE);
  a.second[1] = -7;
  assert_false(bt_statistics_equal(&a, &b));
  bt_statistics_copy(&b, &a);
  assert_true(bt_statistics_equal(&a, &b) && b.second[1] == -7);
  a.rows = 4;
  assert_false(bt_statistics_equal(&a, &b));
  bt_statistics_reset(&a);
  bt_statistics_reset(&b);
  assert_true(bt_statistics_equal(&a, &b) && a.second[1] == 0 && a.rows == 0);
  bt_statistics_free(&a);
  bt_statistics_free(&a);
  bt_statistics_free(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepts),
                                     cmocka_unit_test(test_refuses),
                                     cmocka_unit_test(test_statistics_storage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
