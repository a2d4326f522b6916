/* Batch norm's commands against numerics 11.2 and 19 in GMP: moments, norm, products, norm_back on
 * columns of every kind (constant, zero, one row, 16 bits); norm and norm_back on sums that no
 * tensor has, and on such that b' lies at a tie of its rounding, where the order of the products
 * shows.
 *
 *   test_command_norm [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command_bench.h"
#include "oracle_norm.h"

static oracle_norm_seen seen;
static uint64_t long_columns;

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

static const bench_effects nothing = {.before = {.lane = {12345}, .lanes = 1},
                                      .after = {.lane = {12345}, .lanes = 1}};

/* A layer of `channels` channels on `rows` rows, and what its commands make. */
typedef struct {
  size_t rows, channels;
  bt_tensor x, d, s1, s2, se, sex, gamma, beta, a, b, back[4];
  bt_constant eps;
} layer;

static bt_tensor sums(size_t count) { return bench_tensor(bt_tensor_sums("sums", count)); }
static bt_tensor constants(size_t count) {
  return bench_tensor(bt_tensor_constants("constants", count));
}

static bt_constant pick_eps(bench_case *b) {
  switch (in(b, 0, 3)) {
  case 0:
    return (bt_constant){0, 0};
  case 1:
    return (bt_constant){(int32_t)in(b, 1 << 30, INT32_MAX), (int)in(b, -200, 100)};
  default:
    return (bt_constant){1407374884, -47}; /* 1e-5 */
  }
}

static bt_tensor parameter(bench_case *b, const char *name, size_t channels) {
  return bench_bfp(b, name, bench_format(b, 2, 16, BT_BLOCK_TENSOR), 1, &channels, 4);
}

static layer open_layer(bench_case *b) {
  layer l = {.rows = (size_t)(in(b, 0, 4) == 0 ? 1 : in(b, 1, 40)),
             .channels = (size_t)in(b, 1, 9)};
  if (in(b, 0, 199) == 0) {
    l.rows = 1 << 17;
    l.channels = (size_t)in(b, 1, 2);
    long_columns++;
  }
  const size_t dim[] = {l.rows, l.channels};
  l.x = bench_bfp(b, "x", bench_format(b, 2, 16, BT_BLOCK_TENSOR), 2, dim, (int)in(b, 0, 4));
  l.d = bench_bfp(b, "d", bench_format(b, 2, 16, BT_BLOCK_TENSOR), 2, dim, (int)in(b, 0, 4));
  l.gamma = parameter(b, "gamma", l.channels);
  l.beta = parameter(b, "beta", l.channels);
  l.s1 = sums(l.channels);
  l.s2 = sums(l.channels);
  l.se = sums(l.channels);
  l.sex = sums(l.channels);
  l.a = constants(l.channels);
  l.b = constants(l.channels);
  for (size_t i = 0; i < 4; i++)
    l.back[i] = constants(l.channels);
  l.eps = pick_eps(b);
  return l;
}

static void close_layer(layer *l) {
  bt_tensor *all[] = {&l->x, &l->d,     &l->s1,   &l->s2, &l->se, &l->sex,
                      &l->gamma, &l->beta, &l->a, &l->b};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    bt_tensor_free(all[i]);
  for (size_t i = 0; i < 4; i++)
    bt_tensor_free(&l->back[i]);
}

static void put(bt_tensor *t, size_t i, int64_t m) {
  if (t->kind == BT_T_BFP8)
    ((int8_t *)t->data)[i] = (int8_t)m;
  else
    ((int16_t *)t->data)[i] = (int16_t)m;
}

/* Some columns become constant, the largest there is, or constant but for one element. */
static void shape_columns(bench_case *b, layer *l) {
  int64_t high = (1 << (l->x.fmt.wl - 1)) - 1;
  for (size_t j = 0; j < l->channels; j++) {
    int64_t kind = in(b, 0, 7), m = kind == 0 ? high : bench_mantissa(&l->x, j);
    for (size_t i = 0; kind < 3 && i < l->rows; i++)
      put(&l->x, i * l->channels + j, m);
    if (kind == 2)
      put(&l->x, (l->rows - 1) * l->channels + j, m > 0 ? m - 1 : m + 1);
  }
}

/* numerics 11.2 */
static void expect_sums(const bt_tensor *x, const bt_tensor *y, bt_tensor *first,
                        bt_tensor *second) {
  for (size_t j = 0; j < x->dim[1]; j++) {
    int64_t s = 0, t = 0;
    for (size_t i = 0; i < x->dim[0]; i++) {
      int64_t m = bench_mantissa(x, i * x->dim[1] + j);
      s += m;
      t += m * bench_mantissa(y, i * x->dim[1] + j);
    }
    ((int64_t *)first->data)[j] = s;
    ((int64_t *)second->data)[j] = t;
  }
  first->exp[0] = (int16_t)bench_step(x, 0);
  second->exp[0] = (int16_t)(bench_step(x, 0) + bench_step(y, 0));
}

static void check_sums(bench_case *b, layer *l) {
  bt_command c = {.op = BT_OP_REDUCE, .label = {.text = "moments"}, .in = {&l->x},
                  .out = {&l->s1, &l->s2}};
  c.u.reduce.kind = BT_MOMENTS;
  expect_sums(&l->x, &l->x, &l->s1, &l->s2);
  bench_check(b, &c, &nothing);
  bt_command p = {.op = BT_OP_REDUCE, .label = {.text = "products"}, .in = {&l->d, &l->x},
                  .out = {&l->se, &l->sex}};
  p.u.reduce.kind = BT_PRODUCTS;
  expect_sums(&l->d, &l->x, &l->se, &l->sex);
  bench_check(b, &p, &nothing);
}

static void check_norm(bench_case *b, layer *l) {
  bt_command c = {.op = BT_OP_NORM, .label = {.text = "norm"},
                  .in = {&l->s1, &l->s2, &l->gamma, &l->beta}, .out = {&l->a, &l->b}};
  c.u.norm.rows = l->rows;
  c.u.norm.eps = l->eps;
  oracle_norm(&c, &seen);
  bench_check(b, &c, &nothing);
  bt_command back = {.op = BT_OP_NORM_BACK, .label = {.text = "norm back"},
                     .in = {&l->s1, &l->s2, &l->gamma, &l->a, &l->se, &l->sex},
                     .out = {&l->back[0], &l->back[1], &l->back[2], &l->back[3]}};
  back.u.norm = c.u.norm;
  oracle_norm_back(&back, &seen);
  bench_check(b, &back, &nothing);
}

static void one_layer(bench_case *b) {
  layer l = open_layer(b);
  shape_columns(b, &l);
  snprintf(b->about, sizeof b->about, "%zu rows of %zu channels, bfp%d at 2^%ld, eps %d * 2^%d",
           l.rows, l.channels, l.x.fmt.wl, bench_step(&l.x, 0), (int)l.eps.mantissa,
           l.eps.exponent);
  check_sums(b, &l);
  check_norm(b, &l);
  close_layer(&l);
}

/* Any 64-bit sums, rows up to 2^31 - 1: D of both signs. */
static void one_strange(bench_case *b) {
  layer l = open_layer(b);
  bt_tensor *all[] = {&l.s1, &l.s2, &l.se, &l.sex};
  l.rows = (size_t)(in(b, 0, 3) == 0 ? INT32_MAX : in(b, 1, INT32_MAX));
  for (size_t t = 0; t < 4; t++) {
    all[t]->exp[0] = (int16_t)(in(b, 0, 7) == 0 ? in(b, -2000, 2000) : in(b, -300, 300));
    for (size_t i = 0; i < l.channels; i++) {
      int64_t kind = in(b, 0, 9);
      uint64_t any = oracle_stream_next(&b->stream) >> in(b, 0, 63);
      ((int64_t *)all[t]->data)[i] = kind == 0   ? INT64_MAX
                                     : kind == 1 ? INT64_MIN
                                     : kind == 2 ? 0
                                                 : (int64_t)(kind < 6 ? 0 - any : any);
    }
  }
  snprintf(b->about, sizeof b->about, "%zu rows of %zu channels, sums at 2^%d", l.rows, l.channels,
           l.s1.exp[0]);
  check_norm(b, &l);
  close_layer(&l);
}

/* The 50 top bits of x, as an integer. */
static int64_t mantissa_of(double x) {
  int exponent;
  return (int64_t)ldexp(frexp(x, &exponent), 50);
}

/* One row, S1 = Se = 0: b' = -(a * r) * (r * Sex), with Sex chosen for 16.5 bits of b'. */
static void one_tie(bench_case *b) {
  layer l = open_layer(b);
  l.rows = 1;
  l.eps = (bt_constant){0, 0};
  bt_tensor *all[] = {&l.s1, &l.s2, &l.se, &l.sex};
  for (size_t t = 0; t < 4; t++) {
    all[t]->exp[0] = 0;
    memset(all[t]->data, 0, l.channels * sizeof(int64_t));
  }
  for (size_t i = 0; i < l.channels; i++) {
    int64_t s2 = in(b, 1, INT64_C(1) << in(b, 1, 60)), a = in(b, 1 << 14, (1 << 15) - 1);
    double tie = (double)in(b, 1 << 14, (1 << 15) - 1) + 0.5;
    ((int32_t *)l.a.data)[i] = (int32_t)a;
    l.a.exp[i] = (int16_t)in(b, -20, 0);
    ((int64_t *)l.s2.data)[i] = s2;
    ((int64_t *)l.sex.data)[i] = mantissa_of(tie * (double)s2 / (double)a);
  }
  bt_command back = {.op = BT_OP_NORM_BACK, .label = {.text = "norm back"},
                     .in = {&l.s1, &l.s2, &l.gamma, &l.a, &l.se, &l.sex},
                     .out = {&l.back[0], &l.back[1], &l.back[2], &l.back[3]}};
  back.u.norm.rows = 1;
  snprintf(b->about, sizeof b->about, "%zu channels at ties", l.channels);
  oracle_norm_back(&back, &seen);
  bench_check(b, &back, &nothing);
  close_layer(&l);
}

static void test_ties(void **state) { bench_all(*state, one_tie); }

static void test_layers(void **state) {
  seen = (oracle_norm_seen){0};
  size_t cases = bench_all(*state, one_layer);
  print_message("%" PRIu64 " channels of zero variance, %" PRIu64 " of r = 0, %" PRIu64
                " of a = 0, %" PRIu64 " of one row, %" PRIu64 " cases of 2^17 rows\n",
                seen.zero_variance, seen.zero_r, seen.zero_a, seen.one_row, long_columns);
  if (cases >= 2000)
    assert_true(seen.zero_variance > 1000 && seen.zero_r > 300 && seen.zero_a > 500 &&
                seen.one_row > 1000 && long_columns > 3);
}

static void test_strange_sums(void **state) {
  seen = (oracle_norm_seen){0};
  bench_all(*state, one_strange);
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20241901, 3000);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_layers, &opt),
                                     cmocka_unit_test_prestate(test_strange_sums, &opt),
                                     cmocka_unit_test_prestate(test_ties, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
