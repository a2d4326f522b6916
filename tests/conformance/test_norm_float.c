/* Integer batch norm beside batch norm in double, on the same bfp tensors: outputs, gradients and
 * evaluation lie within what rounding a to 16 bits, b' to 16 bits and the affines' last places
 * allow; and the formula that they are compared with is the derivative, by finite differences.
 *
 *   test_norm_float [--seed S] [--cases N] [--case C]    C of a failure runs it alone */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/statistics.h"
#include "command_bench.h"

#define EPS 1e-5
static const bt_constant eps = {1407374884, -47}; /* 1e-5 to 31 bits */

/* The largest shares of their bounds that errors took. */
typedef struct {
  double y, dx, dgamma, mean, difference;
} shares;
static shares worst;

static int64_t in(bench_case *b, int64_t low, int64_t high) {
  return oracle_stream_in(&b->stream, low, high);
}

/* One layer: tensors, and its channels in double. Element (i, j) is at i * channels + j. */
typedef struct {
  size_t n, channels;
  bt_tensor x, d, s1, s2, se, sex, gamma, beta, a, b, slope, level, dgamma, dbeta, y, dx;
} layer;

static double value(const bt_tensor *t, size_t i) {
  return ldexp((double)bench_mantissa(t, i), (int)bench_step(t, i));
}

/* Roughly normal mantissas that reach the ends of the range; a column has its own mean and size. */
static bt_tensor activations(bench_case *b, const char *name, int wl, size_t n, size_t channels) {
  const size_t dim[] = {n, channels};
  bt_tensor t = bench_tensor(bt_tensor_bfp(name, (bt_format){.wl = wl}, 2, dim));
  int64_t high = (1 << (wl - 1)) - 1;
  for (size_t j = 0; j < channels; j++) {
    int64_t mean = in(b, -high / 2, high / 2), size = in(b, high / 16, high / 3);
    for (size_t i = 0; i < n; i++) {
      int64_t m = mean + (in(b, -size, size) + in(b, -size, size) + in(b, -size, size)) / 2;
      m = m > high ? high : m < -high ? -high : m;
      if (t.kind == BT_T_BFP8)
        ((int8_t *)t.data)[i * channels + j] = (int8_t)m;
      else
        ((int16_t *)t.data)[i * channels + j] = (int16_t)m;
    }
  }
  t.exp[0] = (int16_t)in(b, -12, 12);
  return t;
}

static bt_tensor parameter(bench_case *b, const char *name, size_t channels, int exponent) {
  bt_tensor t = bench_tensor(bt_tensor_bfp(name, (bt_format){.wl = 8}, 1, &channels));
  for (size_t j = 0; j < channels; j++)
    ((int8_t *)t.data)[j] = (int8_t)in(b, -127, 127);
  t.exp[0] = (int16_t)exponent;
  return t;
}

static bt_tensor sums(size_t n) { return bench_tensor(bt_tensor_sums("sums", n)); }
static bt_tensor constants(size_t n) { return bench_tensor(bt_tensor_constants("c", n)); }

static layer layer_open(bench_case *b) {
  layer l = {.n = (size_t)in(b, 4, 150), .channels = (size_t)in(b, 1, 6)};
  const size_t dim[] = {l.n, l.channels};
  l.x = activations(b, "x", in(b, 0, 1) ? 8 : 16, l.n, l.channels);
  l.d = activations(b, "d", in(b, 0, 1) ? 8 : 16, l.n, l.channels);
  l.gamma = parameter(b, "gamma", l.channels, (int)in(b, -3, 3));
  l.beta = parameter(b, "beta", l.channels, (int)in(b, -3, 3));
  bt_tensor *vector[] = {&l.a, &l.b, &l.slope, &l.level, &l.dgamma, &l.dbeta};
  bt_tensor *sum[] = {&l.s1, &l.s2, &l.se, &l.sex};
  for (size_t i = 0; i < 6; i++)
    *vector[i] = constants(l.channels);
  for (size_t i = 0; i < 4; i++)
    *sum[i] = sums(l.channels);
  l.y = bench_tensor(bt_tensor_wide("y", 2, dim, false, false));
  l.dx = bench_tensor(bt_tensor_wide("dx", 2, dim, false, false));
  snprintf(b->about, sizeof b->about, "%zu rows of %zu channels, bfp%d at 2^%d, error bfp%d", l.n,
           l.channels, l.x.fmt.wl, l.x.exp[0], l.d.fmt.wl);
  return l;
}

static void layer_close(layer *l) {
  bt_tensor *all[] = {&l->x,  &l->d,   &l->s1,    &l->s2,   &l->se, &l->sex,
                      &l->a,  &l->b,   &l->gamma, &l->beta, &l->y,  &l->dx,
                      &l->slope, &l->level, &l->dgamma, &l->dbeta};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    bt_tensor_free(all[i]);
}

static void run(const bench_case *b, const bt_command *c) {
  bt_engine *engine = bench_engine(0, &b->machine);
  bt_lfsr rng = {.lane = {1}, .lanes = 1};
  bt_counts counts = {0};
  bt_error error = {""};
  if (bt_command_check(c, &error) != BT_OK ||
      engine->run(engine, c, &rng, &counts, &error) != BT_OK)
    fail_msg("%s", error.text);
  engine->destroy(engine);
}

static void run_sums(const bench_case *b, const bt_tensor *x, const bt_tensor *y, bt_tensor *first,
                     bt_tensor *second) {
  bt_command c = {.op = BT_OP_REDUCE, .label = {.text = "sums"}, .in = {x, y},
                  .out = {first, second}};
  c.u.reduce.kind = y == NULL ? BT_MOMENTS : BT_PRODUCTS;
  run(b, &c);
}

static void run_norm(const bench_case *b, layer *l, const bt_statistics *statistics) {
  bt_command c = {.op = BT_OP_NORM, .label = {.text = "norm"},
                  .in = {&l->s1, &l->s2, &l->gamma, &l->beta}, .out = {&l->a, &l->b}};
  c.u.norm.rows = l->n;
  c.u.norm.eps = eps;
  c.u.norm.statistics = statistics;
  if (statistics != NULL)
    c.in[0] = c.in[1] = NULL;
  run(b, &c);
}

static void run_both_passes(const bench_case *b, layer *l) {
  run_sums(b, &l->x, NULL, &l->s1, &l->s2);
  run_norm(b, l, NULL);
  bt_command y = {.op = BT_OP_AFFINE, .label = {.text = "y"}, .in = {&l->x}, .out = {&l->y}};
  y.u.affine.terms = 1;
  y.in[BT_IN_CONSTANTS] = &l->a;
  y.in[BT_IN_ADDEND] = &l->b;
  run(b, &y);
  run_sums(b, &l->d, &l->x, &l->se, &l->sex);
  bt_command back = {.op = BT_OP_NORM_BACK, .label = {.text = "back"},
                     .in = {&l->s1, &l->s2, &l->gamma, &l->a, &l->se, &l->sex},
                     .out = {&l->slope, &l->level, &l->dgamma, &l->dbeta}};
  back.u.norm.rows = l->n;
  back.u.norm.eps = eps;
  run(b, &back);
  bt_command dx = {.op = BT_OP_AFFINE, .label = {.text = "dx"}, .in = {&l->d, &l->x},
                   .out = {&l->dx}};
  dx.u.affine.terms = 2;
  dx.in[BT_IN_CONSTANTS] = &l->a;
  dx.in[BT_IN_CONSTANTS + 1] = &l->slope;
  dx.in[BT_IN_ADDEND] = &l->level;
  run(b, &dx);
}

/* A channel in double. */
typedef struct {
  size_t n;
  double *x, *d;
  double gamma, beta, mean, r, dgamma, dbeta;
} channel;

static void channel_moments(channel *k) {
  double sum = 0, square = 0;
  for (size_t i = 0; i < k->n; i++)
    sum += k->x[i];
  k->mean = sum / (double)k->n;
  for (size_t i = 0; i < k->n; i++)
    square += (k->x[i] - k->mean) * (k->x[i] - k->mean);
  k->r = 1 / sqrt(square / (double)k->n + EPS);
}

static channel channel_open(const layer *l, size_t j) {
  channel k = {.n = l->n, .gamma = value(&l->gamma, j), .beta = value(&l->beta, j)};
  k.x = calloc(k.n, sizeof *k.x);
  k.d = calloc(k.n, sizeof *k.d);
  for (size_t i = 0; i < k.n; i++) {
    k.x[i] = value(&l->x, i * l->channels + j);
    k.d[i] = value(&l->d, i * l->channels + j);
  }
  channel_moments(&k);
  for (size_t i = 0; i < k.n; i++) {
    k.dgamma += k.d[i] * (k.x[i] - k.mean) * k.r;
    k.dbeta += k.d[i];
  }
  return k;
}

static void channel_close(channel *k) {
  free(k->x);
  free(k->d);
}

static double output(const channel *k, size_t i) {
  return k->gamma * (k->x[i] - k->mean) * k->r + k->beta;
}

static double gradient(const channel *k, size_t i) {
  double n = (double)k->n;
  return k->gamma * k->r *
         (k->d[i] - k->dbeta / n - (k->x[i] - k->mean) * k->r * k->dgamma / n);
}

static void within(const bench_case *b, const char *what, double error, double bound,
                   double *share) {
  *share = fmax(*share, fabs(error) / bound);
  if (!(fabs(error) <= bound))
    fail_msg("%s: off by %g, at most %g; %s; alone: %s --seed %" PRIu64 " --case %zu", what, error,
             bound, b->about, b->opt->program, b->opt->seed, b->number);
}

static void check_channel(const bench_case *b, const layer *l, size_t j) {
  channel k = channel_open(l, j);
  double a = fabs(k.gamma) * k.r, n = (double)k.n, size = 0;
  double slope = a * k.r * fabs(k.dgamma) / n;
  double y_last = ldexp(1, l->y.exp[0]), dx_last = ldexp(1, l->dx.exp[0]);
  for (size_t i = 0; i < k.n; i++) {
    size_t at = i * l->channels + j;
    double away = fabs(k.x[i] - k.mean), part = fabs(k.d[i] - k.dbeta / n);
    within(b, "y", value(&l->y, at) - output(&k, i),
           1.01 * 0x1p-15 * a * away + 0x1p-28 * (fabs(k.beta) + a * fabs(k.mean)) + 3 * y_last,
           &worst.y);
    within(b, "dx", value(&l->dx, at) - gradient(&k, i),
           1.01 * 0x1p-15 * a * part + 1.01 * 0x1p-14 * slope * away +
               0x1p-28 * (a * fabs(k.dbeta / n) + slope * fabs(k.mean)) + 4 * dx_last,
           &worst.dx);
    size += fabs(k.d[i]) * away * k.r;
  }
  within(b, "dgamma", value(&l->dgamma, j) - k.dgamma, 0x1p-28 * fabs(k.dgamma) + 1e-13 * size,
         &worst.dgamma);
  within(b, "dbeta", value(&l->dbeta, j) - k.dbeta, 0x1p-30 * fabs(k.dbeta), &worst.dgamma);
  channel_close(&k);
}

/* ---- The formula is the derivative of L = sum of d * y ---- */

static double loss(channel k) {
  double sum = 0;
  channel_moments(&k);
  for (size_t i = 0; i < k.n; i++)
    sum += k.d[i] * output(&k, i);
  return sum;
}

static void check_differences(bench_case *b, const layer *l) {
  channel k = channel_open(l, 0);
  double scale = 0;
  for (size_t i = 0; i < k.n; i++)
    scale = fmax(scale, fabs(gradient(&k, i)));
  for (int t = 0; t < 4; t++) {
    size_t i = (size_t)in(b, 0, (int64_t)k.n - 1);
    double h = 1e-4 / k.r, old = k.x[i], want = gradient(&k, i);
    k.x[i] = old + h;
    double up = loss(k);
    k.x[i] = old - h;
    double down = loss(k);
    k.x[i] = old;
    within(b, "finite difference", (up - down) / (2 * h) - want, 1e-5 * scale + 1e-300,
           &worst.difference);
  }
  channel up = k, down = k;
  up.gamma += 0.5;
  down.gamma -= 0.5;
  within(b, "difference by gamma", loss(up) - loss(down) - k.dgamma,
         1e-9 * (fabs(loss(k)) + fabs(k.dgamma) + 1), &worst.difference);
  channel_close(&k);
}

/* ---- Evaluation: statistics of several batches ---- */

static void check_evaluation(bench_case *b) {
  bt_statistics s;
  double mean[8] = {0}, variance[8] = {0}, rows = 0;
  layer e = layer_open(b);
  assert_true(bt_statistics_alloc(&s, e.channels));
  layer batch = e; /* other x, the same channels */
  for (int t = 0; t < 3; t++) {
    batch.n = (size_t)in(b, 2, 60);
    batch.x = activations(b, "x", 8, batch.n, e.channels);
    run_sums(b, &batch.x, NULL, &e.s1, &e.s2);
    bt_command c = {.op = BT_OP_STATISTICS, .label = {.text = "add"}, .in = {&e.s1, &e.s2}};
    c.u.statistics.rows = batch.n;
    c.u.statistics.statistics = &s;
    run(b, &c);
    for (size_t j = 0; j < e.channels; j++) {
      channel k = {.n = batch.n, .x = calloc(batch.n, sizeof *k.x)};
      for (size_t i = 0; i < k.n; i++)
        k.x[i] = value(&batch.x, i * e.channels + j);
      channel_moments(&k);
      double n = (double)k.n;
      mean[j] += n * k.mean;
      variance[j] += n * (n / (n - 1)) * (1 / (k.r * k.r) - EPS);
      free(k.x);
    }
    rows += (double)batch.n;
    bt_tensor_free(&batch.x);
  }
  run_norm(b, &e, &s);
  for (size_t j = 0; j < e.channels; j++) {
    double a = value(&e.gamma, j) / sqrt(variance[j] / rows + EPS), got = value(&e.a, j);
    double shift = value(&e.beta, j) - mean[j] / rows * got;
    within(b, "a of statistics", got - a, 1.01 * 0x1p-15 * fabs(a), &worst.mean);
    within(b, "b of statistics", value(&e.b, j) - shift,
           0x1p-28 * (fabs(value(&e.beta, j)) + fabs(mean[j] / rows * got)), &worst.mean);
  }
  bt_statistics_free(&s);
  layer_close(&e);
}

static void one_case(bench_case *b) {
  layer l = layer_open(b);
  run_both_passes(b, &l);
  for (size_t j = 0; j < l.channels; j++)
    check_channel(b, &l, j);
  check_differences(b, &l);
  check_evaluation(b);
  layer_close(&l);
}

/* The bounds are met, and are near what is reached. */
static void test_close_to_double(void **state) {
  size_t cases = bench_all(*state, one_case);
  print_message("largest shares of the bounds: y %.2f, dx %.2f, gradients %.2f, evaluation %.2f, "
                "differences %.2f\n", worst.y, worst.dx, worst.dgamma, worst.mean,
                worst.difference);
  if (cases >= 200)
    assert_true(worst.y > 0.5 && worst.dx > 0.3 && worst.mean > 0.5);
}

int main(int argc, char **argv) {
  bench_options opt = bench_read_options(argc, argv, 20241902, 500);
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_close_to_double, &opt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
